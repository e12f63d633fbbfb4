"""A month at a desk of seven with retention, by machine: the store stops growing, and nothing is taken that somebody needs.

    .venv/bin/python tests/campaign.py --only month --seed 7 --count 60

`count` is the number of requests of each week. The spans are days, so that four weeks show what two years do. `--only month_growth` says what
a request adds to a store without retention; it plays two weeks with a twentieth of its count.
"""

import tempfile
from pathlib import Path
from random import Random

from sqlalchemy import Table, func, select
from support.desk.story import configured, direct_desk
from support.week.cast import configuration
from support.week.month import SPANS, Month, StoreSize

from helpdesk.gateway.reader import Reader
from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.database import Database
from helpdesk.store.retention import totals
from helpdesk.store.schema import inbound, outbox

SETTLED = 2  # weeks, after which as much goes as comes
MOST_GROWTH = 1.15  # of the last week, relative to the largest of those before it since then
SHOWN = 10
REQUESTS_SHARE = 20  # one request for so many of the count: each is a whole conversation
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
    """Play two weeks apart without retention, each with a twentieth of `count` requests: without files, and with a scan at every third."""
    with Reader() as reader:
        weeks = {share: growth(seed, max(1, count // REQUESTS_SHARE), reader, files=share) for share in (0, 1 / 3)}
    return "; ".join(f"{'with scans' if share else 'without files'}: {told}" for share, told in weeks.items())


def growth(seed: int, requests: int, reader: MailReader, *, files: float) -> str:
    """What each request of a week adds to the store, on SQLite, where so large a share of them has a scan of 90 kB."""
    with tempfile.TemporaryDirectory(prefix="desk-growth-") as folder:
        config = configured(Path(folder) / "desk")
        config.write_text(configuration())
        with direct_desk(config, reader) as desk:
            empty = octets_by_table(desk.database)
            month = Month(desk, Random(seed), requests, weeks=1, keeps=False, scans=files)
            month.plays()
            full = octets_by_table(desk.database)
            letters, mails = (octets_in(desk.database, table) for table in (outbox, inbound))
            contents = month.size().contents
    measured = month.measured
    grown_by = {name: octets - empty.get(name, 0) for name, octets in full.items()}
    largest = list(grown_by.items())[:MOST_TABLES]
    shares = ", ".join(f"{name} {octets / measured.requests / 1000:.1f}" for name, octets in largest)
    return (
        f"{measured.requests} requests, {measured.mails / measured.requests:.1f} mails and "
        f"{measured.letters / measured.requests:.1f} letters each; "
        f"kB a request: database {sum(grown_by.values()) / measured.requests / 1000:.1f} ({shares}), "
        f"of which octets of letters {letters / measured.requests / 1000:.1f} and of mails {mails / measured.requests / 1000:.1f}; "
        f"contents in the blob store {contents / measured.requests / 1000:.1f}"
    )


def octets_in(database: Database, table: Table) -> int:
    """The octets of mails or letters that stand in a table, which retention takes first."""
    with database.reading() as connection:
        return int(connection.execute(select(func.coalesce(func.sum(func.length(table.c.content)), 0))).scalar_one())


def run(seed: int, count: int) -> str:
    """Play a month with `count` requests a week; its figures."""
    with Reader() as reader:
        month = play_month(seed, count, reader)
    check_month(month)
    sizes = "; ".join(f"{size.total} rows, {size.octets // 1000} kB, contents {size.contents // 1000} kB" for size in month.sizes)
    return f"{month.measured}; after each week: {sizes}; purged: {month.purged}"
