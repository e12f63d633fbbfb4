"""Desks with many accounts, tickets and letters: what a mail costs on them, relative to an empty desk.

Tickets are copies of those that a node has made, written in bulk: identifiers are moved back in time, so that all copies are older than the
tickets they come from, and customers get addresses of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from helpdesk.gateway.bench.folder import Folder
from helpdesk.gateway.bench.occasion import Occasion
from helpdesk.gateway.bench.parts import measure_end_to_end
from helpdesk.gateway.bench.report import Extra
from helpdesk.gateway.bench.server import node
from helpdesk.store.schema import event, inbound, message, outbox, ticket, ticket_words
from helpdesk.threading.model.mail import Disposition

FEWEST = 1000
RUNS = 3  # on each desk; the median counts
OPEN = 20_000  # tickets that are open on the largest desks
LETTERS = 100_000  # letters of the last hour on the largest desks
OLD = timedelta(days=30)
COPIES = "WITH RECURSIVE copies(k) AS (SELECT {first} UNION ALL SELECT k + 1 FROM copies WHERE k < {last})"
OTHER_PERSON = "CASE WHEN substr({0}, 1, 4) = 'cust' THEN 'k' || k || '.' || {0} ELSE {0} END"
OTHER_NAME = "k || '.' || {0}"
SHIFTED = "{0} - k * {span}"
# For each table, the columns of a copy that differ from the row it is made from. `{0}` is the column.
CHANGES = {
    "ticket": {
        "id": SHIFTED,
        "reference": "reference || '-' || k",
        "thread_key": "substr(thread_key, 1, 20) || '-' || k",
        "status": "CASE WHEN k <= {open} THEN status ELSE 'closed' END",
        "waiting_on": "CASE WHEN k <= {open} THEN waiting_on ELSE 'nobody' END",
    },
    "participant": {"ticket_id": SHIFTED, "address": OTHER_PERSON},
    "message": {
        "id": SHIFTED,
        "ticket_id": SHIFTED,
        "author": OTHER_PERSON,
        "message_id": OTHER_NAME,
        "text": "substr(text, 1, 200)",
        "elided_text": "substr(elided_text, 1, 20)",
    },
    "search_words": {"id": SHIFTED},
    "ticket_words": {"ticket_id": SHIFTED, "customer": OTHER_PERSON},
    "known_id": {"ticket_id": SHIFTED, "message_id": OTHER_NAME},
    "event": {"ticket_id": SHIFTED},
    "outbox": {
        "id": SHIFTED,
        "ticket_id": SHIFTED,
        "recipient": OTHER_PERSON,
        "counted_as": OTHER_PERSON,
        "message_id": OTHER_NAME,
        "words": "substr(words, 1, 0)",
        "content": "substr(content, 1, 1)",
        "files": "NULL",
        "files_of": "NULL",
    },
    "inbound": {
        "id": SHIFTED,
        "ticket_id": SHIFTED,
        "content": "substr(content, 1, 1)",
        "message_id": OTHER_NAME,
        "fingerprint": "substr(fingerprint, 1, 40) || '-' || k",
        "signed_content": "NULL",
    },
}


@dataclass(frozen=True, slots=True)
class Size:
    """How many accounts and tickets a desk has."""

    accounts: int
    tickets: int

    def __str__(self) -> str:
        return f"{self.accounts:,} accounts, {self.tickets:,} tickets"


def measure_growth(occasion: Occasion) -> Extra:
    """Measure the CPU time of a mail, from the door to the sent letter, on desks of several sizes."""
    largest = occasion.growth_to
    sizes = [Size(0, 0), Size(FEWEST, 0), Size(0, FEWEST), *(Size(0, tickets) for tickets in _steps_to(largest))]
    sizes += [Size(min(largest, 100_000), 0), Size(min(largest, 100_000), largest)]
    costs = {size: _measured(occasion, size) for size in dict.fromkeys(sizes)}
    empty = costs[sizes[0]]
    values = {
        str(size): {"cpu_ms_a_mail": round(cost, 2), "relative": round(cost / empty, 3) if empty else 0.0}
        for size, cost in costs.items()
    }
    lines = [f"{size!s:44}{cost:>8.2f} ms{cost / empty if empty else 0:>8.2f}" for size, cost in costs.items()]
    return Extra("growth", tuple(lines), values)


def _steps_to(largest: int) -> list[int]:
    """Powers of ten above the smallest size."""
    sizes, size = [], FEWEST
    while size < largest:
        size = min(10 * size, largest)
        sizes.append(size)
    return sizes


def _measured(occasion: Occasion, size: Size) -> float:
    count = occasion.plan.mails
    with occasion.desk(accounts_text(size.accounts)) as desk:
        if size.tickets:
            occasion.tell(f"growth: loading {size}")
            fill(desk.folder, size.tickets, datetime.now(UTC))
        occasion.tell(f"growth: {size}")
        with node(desk.folder.config) as server:
            desk.warm_up(server, count // 4)
            runs = [measure_end_to_end(desk.folder, [server], desk.mails(count)) for _ in range(RUNS)]
        return median(run.sent.cpu_milliseconds for run in runs)


def accounts_text(count: int) -> str:
    """The lines of a configuration for so many accounts, each with a domain and a person."""
    return "".join(
        f'[[account]]\nid = "customer-{number}"\nplan = "business"\ndomains = ["company{number}.example.org"]\n'
        f'people = {{ "Person {number}" = ["person{number}@mail{number}.example.org"] }}\n'
        for number in range(count)
    )


def fill(folder: Folder, tickets: int, now: datetime) -> None:
    """Copy the tickets of a desk until there are `tickets`: the newest stay open and have letters of the last hour, the others are closed
    and old.
    """
    made = folder.tickets()
    letters = folder.letters()
    if not made or not letters:
        raise ValueError("there are no tickets to copy")
    copies = max(1, -(-tickets // made) - 1)
    first, last = _ids(folder)
    span = last - first + 1
    is_open, is_recent = min(copies, -(-OPEN // made)), min(copies, -(-LETTERS // letters))
    known = {"span": span, "open": is_open}
    with folder.database.writing() as connection:
        for table in (ticket.metadata.tables[name] for name in CHANGES):
            changes = CHANGES[table.name]
            chosen = [changes.get(column.name, column.name).format(column.name, **known) for column in table.columns]
            origin, where = f"FROM {table.name} CROSS JOIN copies", ""
            if table is inbound:
                where = f" WHERE ticket_id IS NOT NULL AND state = '{Disposition.OPENED}'"
            names = ", ".join(column.name for column in table.columns)
            numbers = COPIES.format(first=1, last=copies)
            connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) {numbers} SELECT {', '.join(chosen)} {origin}{where}")
        old = now - OLD
        closed, past = first - is_open * span, first - is_recent * span
        connection.execute(ticket.update().where(ticket.c.id < closed).values(created_at=old, updated_at=old, closed_at=old))
        connection.execute(outbox.update().where(outbox.c.id < past).values(created_at=old))
        connection.execute(message.update().where(message.c.id < past).values(at=old))
        connection.execute(event.update().where(event.c.ticket_id < past).values(at=old))
        connection.execute(ticket_words.update().where(ticket_words.c.ticket_id < past).values(at=old, looked_at=old))
        connection.exec_driver_sql("ANALYZE")


def _ids(folder: Folder) -> Sequence[int]:
    """The smallest and the largest id of anything that is copied."""
    tables = ("ticket", "message", "outbox", "inbound")
    parts = " UNION ALL ".join(f"SELECT min(id) AS low, max(id) AS high FROM {table}" for table in tables)
    with folder.database.reading() as connection:
        low, high = connection.exec_driver_sql(f"SELECT min(low), max(high) FROM ({parts}) AS ids").one()
    return int(low), int(high)
