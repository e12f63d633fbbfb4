"""A month at a desk of seven with retention, by machine: the store stops growing, and nothing is taken that somebody needs.

    .venv/bin/python tests/campaign.py --only month --seed 7 --count 60

`count` is the number of requests of each week. The spans are days, so that four weeks show what two years do. `--only month_growth` says what
a request adds to a store without retention.
"""

import tempfile
from pathlib import Path
from random import Random

from support.desk.story import configured, direct_desk
from support.week.cast import configuration
from support.week.month import SPANS, Month, StoreSize
from support.week.play import Week

from helpdesk.gateway.reader import Reader
from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.database import Database
from helpdesk.store.retention import totals

SETTLED = 2  # weeks, after which as much goes as comes
MOST_GROWTH = 1.15  # of the last week, relative to the largest of those before it since then
SHOWN = 10
MOST_TABLES = 8  # that are named with what they grow by


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
        assert now <= largest * MOST_GROWTH, f"{what} grow from {largest} to {now}; {growth_between(before[-1], last)}"


def growth_between(before: StoreSize, after: StoreSize) -> str:
    """The tables that have more rows than before."""
    more = {name: count - before.rows[name] for name, count in after.rows.items() if count > before.rows[name]}
    return ", ".join(f"{name} +{count}" for name, count in sorted(more.items(), key=lambda entry: -entry[1]))


def octets_by_table(database: Database) -> dict[str, int]:
    """The octets of the pages of each table and its indexes, the largest first."""
    statement = "SELECT s.tbl_name, SUM(d.pgsize) FROM dbstat d JOIN sqlite_master s ON s.name = d.name GROUP BY s.tbl_name ORDER BY 2 DESC"
    with database.reading() as connection:
        return {row.tbl_name: row[1] for row in connection.exec_driver_sql(statement)}


def run_growth(seed: int, count: int) -> str:
    """Play a week with `count` requests and without retention; what each of them adds to the store, on SQLite."""
    with Reader() as reader, tempfile.TemporaryDirectory(prefix="desk-growth-") as folder:
        config = configured(Path(folder) / "desk")
        config.write_text(configuration())
        with direct_desk(config, reader) as desk:
            empty = octets_by_table(desk.database)
            week = Week(desk, Random(seed), count)
            week.plays()
            full = octets_by_table(desk.database)
    requests, mails, letters = week.measured.requests, week.measured.mails, week.measured.letters
    grown_by = {name: (octets - empty.get(name, 0)) / requests / 1000 for name, octets in full.items()}
    rest = sum(grown_by.values()) - sum(list(grown_by.values())[:MOST_TABLES])
    shares = ", ".join(f"{name} {octets:.1f}" for name, octets in list(grown_by.items())[:MOST_TABLES])
    return (
        f"{requests} requests, {mails / requests:.1f} mails and {letters / requests:.1f} letters each; "
        f"kB of the database a request: {sum(grown_by.values()):.1f} ({shares}, the rest {rest:.1f})"
    )


def run(seed: int, count: int) -> str:
    """Play a month with `count` requests a week; its figures."""
    with Reader() as reader:
        month = play_month(seed, count, reader)
    check_month(month)
    sizes = "; ".join(f"{size.total} rows, {size.octets // 1000} kB, contents {size.contents // 1000} kB" for size in month.sizes)
    return f"{month.measured}; after each week: {sizes}; purged: {month.purged}"
