"""A month at the desk of the week, with retention each night: what it may take, what it must leave, and how large the store is."""

import os
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, literal, select
from support.week.play import FIRST_DAY, Week, at, inbox_rows

from helpdesk.gateway.node.housekeeping import keep_retention
from helpdesk.store.database import Database
from helpdesk.store.schema import attempt, inbound, metadata, outbox, ticket
from helpdesk.threading.model.letter_state import UNSENT_STATES
from helpdesk.threading.model.status import Status

SPANS = '[retention]\nraw_mail = "2d"\nletters = "2d"\nfiles = "3d"\nclosed_tickets = "3d"\n'
NIGHT = 3  # o'clock at which retention is looked at
Needed = dict[tuple[str, int], int]  # octets of each row of a table, by its id


@dataclass(frozen=True, slots=True)
class StoreSize:
    """How large the store is after a week: rows by table, the octets of the contents, and those of the database in use."""

    rows: dict[str, int]
    contents: int
    octets: int

    @property
    def total(self) -> int:
        return sum(self.rows.values())


@dataclass
class Month(Week):
    """Weeks with retention: each night at `NIGHT` everything is taken whose span is over."""

    weeks: int = 4
    sizes: list[StoreSize] = field(default_factory=list)  # after each week
    lost: list[str] = field(default_factory=list)  # what was taken though somebody needs it
    shown: dict[int, tuple[str, str, str, str]] = field(default_factory=dict)  # every row of the inbox that there was
    keeps: bool = True  # whether retention is looked at
    scans: float = 1 / 3  # share of the customers' first mails with a scan, larger than what the database holds
    purged: dict[str, int] = field(default_factory=dict)  # what retention has taken, by its kind

    def _plan(self) -> None:
        super()._plan()
        for day in range(7 * self.weeks + 1):
            self.later(at(FIRST_DAY + timedelta(days=day), NIGHT), lambda day=day: self._night(day))  # type: ignore[misc]

    def _files(self) -> dict[str, bytes]:
        return {"scan.pdf": b"%PDF-1.4 " + self.dice.randbytes(90_000)} if self.dice.random() < self.scans else {}

    def _inbox(self) -> dict[int, tuple[str, str, str, str]]:
        return self.shown | inbox_rows(self.desk.database)

    def _night(self, day: int) -> None:
        database = self.desk.database
        self.shown |= inbox_rows(database)
        for path in self._contents():
            os.utime(path, (0, 0))  # they have the time of the machine, which is no time of the month
        before = needs_of(database)
        if self.keeps:
            keep_retention(self.desk.node, lambda: False)
        after = needs_of(database)
        self.lost += [
            f"{table} {key} on day {day}" for (table, key), octets in before.items() if after.get((table, key)) != octets
        ]
        if day and day % 7 == 0:
            self.sizes.append(self.size())

    def _contents(self) -> list[Path]:
        return list(Path(self.desk.node.configuration.settings.database.blobs).glob("[0-9a-f][0-9a-f]/*"))

    def size(self) -> StoreSize:
        database = self.desk.database
        with database.reading() as connection:
            rows = {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in metadata.sorted_tables
            }
            pages, free, size = (
                connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("page_count", "freelist_count", "page_size")
            )
        return StoreSize(rows, sum(path.stat().st_size for path in self._contents()), (pages - free) * size)


def needs_of(database: Database) -> Needed:
    """Every row of requests that are not closed, of mail that waits for somebody, and of letters that are not sent, with its octets."""
    found: Needed = {}
    with database.reading() as connection:
        is_open = select(ticket.c.id).where(ticket.c.status != Status.CLOSED)
        for table in metadata.sorted_tables:
            if "ticket_id" not in table.c or "id" not in table.c:
                continue
            octets = func.coalesce(func.length(table.c.content), -1) if "content" in table.c else literal(0)
            conditions = [table.c.ticket_id.in_(is_open)]
            if table is inbound:
                conditions.append(inbound.c.state.in_(("pending", "held", "quarantined")))
            if table is outbox:
                conditions.append(outbox.c.state.in_(UNSENT_STATES))
            for condition in conditions:
                rows = connection.execute(select(table.c.id, octets).where(condition))
                found |= {(table.name, row[0]): row[1] or 0 for row in rows}
        last = connection.execute(select(func.max(attempt.c.id))).scalar_one()
        found |= {("attempt", last): 0} if last is not None else {}
    return found
