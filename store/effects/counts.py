"""Changes of counters by outcomes. They are written at the end of the transaction, because many transactions change the same counters."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Connection, select

from helpdesk.store.cause import Outcome
from helpdesk.store.counts import DESK, CounterKind, counters_of, slot_of
from helpdesk.store.database import AnyRow
from helpdesk.store.effects.statements import DIALECTS, Statements
from helpdesk.store.effects.tickets import changes_ticket
from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import counter, letter_count, measurement, ticket
from helpdesk.threading.model.ticket import Ticket

# PostgreSQL locks the rows in the order of their keys, as for every change of tickets. So what is read here is what the update replaces.
BEFORE = (
    select(ticket.c.id, ticket.c.status, ticket.c.waiting_on, ticket.c.assignee, ticket.c.queue, ticket.c.first_response_at)
    .where(among(ticket.c.id))
    .order_by(ticket.c.id)
    .with_for_update()
)
QUEUES_OF_ANSWERS = select(measurement.c.queue).where(among(measurement.c.ticket_id))


class CounterChanges:
    """By how much outcomes change each counter."""

    def __init__(self) -> None:
        self._tickets: Counter[tuple[CounterKind, str]] = Counter()
        self._letters: Counter[tuple[str, bool, int]] = Counter()
        self._answered: list[int] = []
        self._at: datetime | None = None  # when the last of the outcomes was decided

    def add(self, connection: Connection, outcomes: Sequence[Outcome]) -> None:
        """Add the changes of outcomes whose tickets have not been written yet."""
        changed = sorted(_changed_tickets(outcomes), key=lambda ticket: (ticket.id, ticket.version))
        known = [change.decision.ticket.id for change in outcomes if _is_update(change) and change.decision.ticket]
        before: dict[int, Ticket | AnyRow] = {row.id: row for row in rows_among(connection, BEFORE, known)}
        for new in changed:
            old = before.get(new.id)
            self._tickets.subtract(counters_of(old) if old is not None else ())
            self._tickets.update(counters_of(new))
            before[new.id] = new
        self._at = max((outcome.now for outcome in outcomes), default=self._at)
        for outcome in outcomes:
            self._letters.update(_counted_letters(outcome))
            self._answered += [outcome.decision.answered.ticket_id] if outcome.decision.answered else []

    def merge(self, other: Self) -> None:
        """Add the changes of further outcomes of the same transaction."""
        self._tickets.update(other._tickets)
        self._letters.update(other._letters)
        self._answered += other._answered
        self._at = other._at or self._at

    def write(self, connection: Connection) -> None:
        """Change the counters. Rows are locked in the order of their keys, so that two nodes cannot deadlock."""
        self._tickets.update(
            (CounterKind.ANSWERS, row.queue) for row in rows_among(connection, QUEUES_OF_ANSWERS, self._answered)
        )
        tickets = [
            {"kind": kind, "name": name, "value": change, "changed_at": self._at}
            for (kind, name), change in sorted(self._tickets.items())
            if change
        ]
        letters = [
            {"domain": domain, "unproved": unproved, "slot": slot, "letters": count}
            for (domain, unproved, slot), count in sorted(self._letters.items())
        ]
        for statements, rows in ((ADD_TO_COUNTER, tickets), (ADD_LETTERS, letters)):
            if rows:
                connection.execute(statements[connection.dialect.name], rows)


def _changed_tickets(outcomes: Sequence[Outcome]) -> Iterator[Ticket]:
    for outcome in outcomes:
        if outcome.decision.ticket and changes_ticket(outcome.decision):
            yield outcome.decision.ticket


def _is_update(outcome: Outcome) -> bool:
    return changes_ticket(outcome.decision) and outcome.decision.expected_version is not None


def _counted_letters(outcome: Outcome) -> Iterator[tuple[str, bool, int]]:
    slot = slot_of(outcome.now)
    for letter in outcome.letters:
        limits = letter.limits
        if letter.to and limits.counted_domain and not limits.suppressed:
            yield limits.counted_domain, limits.unproved, slot
            yield DESK, limits.unproved, slot


def _adding(table: Any, key: Sequence[str], column: str, *replaced: str) -> Statements:
    statements = {}
    for name, dialect in DIALECTS.items():
        inserted = dialect.insert(table)
        total = table.c[column] + inserted.excluded[column]
        values = {column: total, **{other: inserted.excluded[other] for other in replaced}}
        statements[name] = inserted.on_conflict_do_update(index_elements=key, set_=values)
    return statements


ADD_TO_COUNTER = _adding(counter, ("kind", "name"), "value", "changed_at")
ADD_LETTERS = _adding(letter_count, ("domain", "unproved", "slot"), "letters")
