"""Rows of tickets, participants, events, links between tickets, and undo steps."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Update, bindparam, insert, or_, update

from helpdesk.store.cause import Outcome
from helpdesk.store.database import StaleTicket, Unstorable
from helpdesk.store.effects.statements import DIALECTS, Statements, Values
from helpdesk.store.schema import POLICY_PREFIX, participant, ticket
from helpdesk.store.tickets import ticket_row
from helpdesk.store.undo import change_of, lifted_as_json
from helpdesk.threading.lifecycle.decision import NO_TIMERS, Decision
from helpdesk.threading.lifecycle.draft import GATE
from helpdesk.threading.model.sentence import packed
from helpdesk.threading.model.ticket import Ticket


def check_numbers(decision: Decision) -> None:
    """Check that events continue the ticket's numbers without a gap and that a changed ticket has the next version. Raises Unstorable."""
    one, numbers = decision.ticket, [line.number for line in decision.events]
    if one is None:
        if numbers or decision.adds.message or decision.adds.note or decision.timers != NO_TIMERS:
            raise Unstorable("events, messages, notes and timers need a ticket")
        return
    if numbers != list(range(one.event_count - len(numbers) + 1, one.event_count + 1)):
        raise Unstorable(f"events {numbers} do not end with the ticket's count {one.event_count}")
    if decision.expected_version is None and len(numbers) != one.event_count:
        raise Unstorable(f"a new ticket with {one.event_count} events brings {len(numbers)} of them")
    if changes_ticket(decision) and decision.expected_version is not None and one.version != decision.expected_version + 1:
        raise Unstorable(f"version {one.version} does not follow version {decision.expected_version}")


def write_tickets(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    """Insert new tickets and update changed ones. Raises StaleTicket if a ticket no longer has the expected version."""
    changed = [outcome.decision for outcome in outcomes if changes_ticket(outcome.decision)]
    new = [ticket_row(change.ticket) for change in changed if change.ticket and change.expected_version is None]
    if new:
        connection.execute(insert(ticket), new)
    old = [_update_values(change, change.ticket) for change in changed if change.ticket and change.expected_version is not None]
    # Rows are locked in the order of their keys, so that two nodes cannot deadlock; the versions of one ticket stay in order.
    old.sort(key=lambda row: (row["key"], row["expected_version"]))
    if old and connection.execute(UPDATE_TICKET, old).rowcount != len(old):
        raise StaleTicket("a ticket has been changed by somebody else")


def participant_rows(outcome: Outcome) -> Iterator[Values]:
    one = outcome.decision.ticket
    for person in one.participants if one and changes_ticket(outcome.decision) else ():
        yield {
            "ticket_id": one.id if one else None,
            "number": person.number,
            "role": person.role,
            "address": person.address,
            "name": person.name,
            "state": person.state,
        }


def event_rows(outcome: Outcome) -> Iterator[Values]:
    for line in outcome.decision.events:
        yield {
            "ticket_id": outcome.decision.ticket.id if outcome.decision.ticket else None,
            "number": line.number,
            "kind": line.kind,
            "actor": line.actor,
            "at": line.at,
            "from_status": line.from_status,
            "to_status": line.to_status,
            "detail": packed(line.detail),
            "cause": str(outcome.cause),
            "policy": outcome.policy[:POLICY_PREFIX],
        }


def related_rows(outcome: Outcome) -> Iterator[Values]:
    if outcome.decision.ticket:
        for other in outcome.decision.adds.related:
            yield {"ticket_id": outcome.decision.ticket.id, "other_id": other}


def undo_rows(outcome: Outcome) -> Iterator[Values]:
    decision, one = outcome.decision, outcome.decision.ticket
    if one and decision.past.before:
        letters = [letter.id for letter in outcome.letters if not letter.for_staff]
        yield {
            "ticket_id": one.id,
            "version": one.version,
            "cause": str(outcome.cause),
            "actor": _whose(decision),
            "at": outcome.now,
            "summary": packed(decision.reason),
            "change": change_of(decision.past.before, one, decision.past.moved, letters)
            | {"lifted": lifted_as_json(decision.reach.lifted), "listed": [entry.entry for entry in decision.reach.listed]},
        }


def changes_ticket(decision: Decision) -> bool:
    """Return whether the ticket is new or changed. A decision may also refer to a ticket without changing it."""
    if decision.ticket is None:
        return False
    same = decision.ticket.version == decision.expected_version
    return not same or bool(decision.events or decision.adds.message or decision.adds.note)


def _update_values(decision: Decision, one: Ticket) -> Values:
    row = {f"new_{name}": value for name, value in ticket_row(one).items() if name in CHANGING_COLUMNS}
    expected = {"expected_version": decision.expected_version, "expected_events": one.event_count - len(decision.events)}
    return {"key": one.id, **expected, **row}


CHANGING_COLUMNS = tuple(column.name for column in ticket.c if column.name not in ("id", "reference", "thread_key", "created_at"))
UPDATE_TICKET: Update = (
    update(ticket)
    .where(
        ticket.c.id == bindparam("key"),
        ticket.c.version == bindparam("expected_version"),
        ticket.c.event_count == bindparam("expected_events"),
    )
    .values({name: bindparam(f"new_{name}") for name in CHANGING_COLUMNS})
)


def _update_people() -> Statements:
    """Build the statement that inserts participants. For existing ones it updates the name and the state, but not the address."""
    statements = {}
    for name, dialect in DIALECTS.items():
        adding = dialect.insert(participant)
        new = {"name": adding.excluded.name, "state": adding.excluded.state}
        differs = or_(*(participant.c[column] != value for column, value in new.items()))
        statements[name] = adding.on_conflict_do_update(index_elements=["ticket_id", "number"], set_=new, where=differs)
    return statements


PARTICIPANTS = _update_people()


def _whose(decision: Decision) -> str:
    """Whose change it is: that of the last event, whatever the gate for automatic letters has noted below it."""
    return next((line.actor for line in reversed(decision.events) if line.actor != GATE), "")
