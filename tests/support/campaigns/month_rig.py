"""A month at a desk of seven with retention, by machine: the store stops growing, and nothing is taken that somebody needs.

    .venv/bin/python tests/campaign.py --only month --seed 7 --count 60

`count` is the number of requests of each week. The spans are days, so that four weeks show what two years do.
"""

import tempfile
from pathlib import Path
from random import Random

from support.desk.story import configured, direct_desk
from support.week.cast import configuration
from support.week.month import SPANS, Month, StoreSize

from helpdesk.gateway.reader import Reader
from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.retention import totals

SETTLED = 2  # weeks, after which as much goes as comes
MOST_GROWTH = 1.15  # of the last week, relative to the largest of those before it since then
SHOWN = 10


def play_month(seed: int, count: int, reader: MailReader, *, keeps: bool = True) -> Month:
    """Four weeks with so many requests each; without retention unless it `keeps`."""
    with tempfile.TemporaryDirectory(prefix="desk-month-") as folder:
        config = configured(Path(folder) / "desk")
        config.write_text(configuration(SPANS))
        with direct_desk(config, reader) as desk:
            month = Month(desk, Random(seed), count, keeps=keeps)
            month.plays()
            with desk.database.reading() as connection:
                month.purged = {kind: rows for kind, (rows, _) in totals(connection).items()}
            return month


def check_month(month: Month) -> None:
    """Raises AssertionError if something was taken that is needed, if somebody was not told, or if the store grows."""
    assert not month.lost, f"{len(month.lost)} rows were taken that are needed: {month.lost[:SHOWN]}"
    breaches = month.ledger.breaches
    assert not breaches, f"{len(breaches)} promises were broken\n" + "\n".join(map(str, breaches[:SHOWN]))
    *before, last = month.sizes[SETTLED - 1 :]
    for what, largest, now in (
        ("rows", max(size.total for size in before), last.total),
        ("octets of contents", max(size.contents for size in before), last.contents),
        ("octets of the database", max(size.octets for size in before), last.octets),
    ):
        assert now <= largest * MOST_GROWTH, f"{what} grow from {largest} to {now}; {grown(before[-1], last)}"


def grown(before: StoreSize, after: StoreSize) -> str:
    """The tables that have more rows than before."""
    more = {name: count - before.rows[name] for name, count in after.rows.items() if count > before.rows[name]}
    return ", ".join(f"{name} +{count}" for name, count in sorted(more.items(), key=lambda entry: -entry[1]))


def run(seed: int, count: int) -> str:
    """Play a month with `count` requests a week; its figures."""
    with Reader() as reader:
        month = play_month(seed, count, reader)
    check_month(month)
    sizes = "; ".join(f"{size.total} rows, {size.octets // 1000} kB, contents {size.contents // 1000} kB" for size in month.sizes)
    return f"{month.measured}; after each week: {sizes}; purged: {month.purged}"
