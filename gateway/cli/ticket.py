"""`helpdesk ticket list|show`."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from helpdesk.config.policy import Policy
from helpdesk.gateway.cli.options import config_option, load_or_exit
from helpdesk.gateway.cli.store import as_json, moment, opened, shown
from helpdesk.gateway.terminal import echo
from helpdesk.store.history import TicketHistory, ticket_history
from helpdesk.store.outbox import OutboxLetter
from helpdesk.store.tickets import list_tickets
from helpdesk.store.timers import TicketTimer
from helpdesk.threading.model.message import Message
from helpdesk.threading.model.promise import Target
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.model.timer import TimerKind
from helpdesk.threading.promises.targets import targets_of
from helpdesk.threading.reporting.facts import MeasuredFacts
from helpdesk.threading.trust.addresses import canonical

COLUMNS = ("ticket", "status", "waiting_on", "requester", "plan", "category", "assignee", "messages", "subject")


@click.group("ticket")
def ticket_group() -> None:
    """Look at tickets."""


@ticket_group.command("list")
@click.option("--status", type=click.Choice([status.value for status in Status]), help="Only these.")
@click.option("--assignee", metavar="ADDRESS", help="Only those in the hands of this staff member.")
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1))
@click.option("json_lines", "--json", is_flag=True, help="One JSON object a line.")
@config_option
def list_command(status: str | None, assignee: str | None, limit: int, json_lines: bool, config: Path) -> None:
    """The newest tickets, newest first."""
    with opened(config) as database, database.reading() as connection:
        found = list_tickets(connection, Status(status) if status else None, canonical(assignee) if assignee else None, limit)
    rows = [{**ticket_row(one.ticket), "messages": one.messages} for one in found]
    shown(rows, COLUMNS, json_lines=json_lines)


@ticket_group.command("show")
@click.argument("reference")
@click.option("as_object", "--json", is_flag=True, help="One JSON object.")
@config_option
def show_command(reference: str, as_object: bool, config: Path) -> None:
    """One ticket with all that happened on it, internal notes included."""
    with opened(config) as database, database.reading() as connection:
        history = ticket_history(connection, reference)
    if history is None:
        raise click.ClickException(f"{reference}: there is no ticket of this reference; `helpdesk ticket list` shows them")
    echo(as_json(history_object(history, load_or_exit(config).policy)) if as_object else _page(history))


def ticket_row(one: Ticket) -> dict[str, object]:
    """A ticket under the names that programs rely on."""
    requester = one.participant(one.requester)
    return {
        "ticket": one.reference,
        "status": one.status,
        "waiting_on": one.waiting_on,
        "subject": one.subject,
        "requester": requester.address if requester else "",
        "account": one.account,
        "plan": one.plan,
        "category": one.category,
        "severity": one.severity,
        "priority": one.priority,
        "queue": one.queue,
        "assignee": one.assignee,
        "escalation_level": one.escalation_level,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
        "rating": one.rating.word if one.rating else None,
        "rated_at": one.rating.at if one.rating else None,
    }


def _targets(history: TicketHistory, policy: Policy) -> Iterator[Target | TicketTimer]:
    """Promised times, and the silence after which it closes."""
    yield from targets_of(history.ticket, policy)
    yield from (one for one in history.timers if one.kind is TimerKind.CLOSE)


def history_object(history: TicketHistory, policy: Policy) -> dict[str, object]:
    return {
        **ticket_row(history.ticket),
        "thread_key": history.ticket.thread_key,
        "messages": history.messages,
        "notes": history.notes,
        "events": [
            {
                "number": one.number,
                "kind": one.kind,
                "actor": one.actor,
                "at": one.at,
                "from": one.from_status,
                "to": one.to_status,
                "detail": one.detail,
            }
            for one in history.events
        ],
        "participants": [
            {"number": one.number, "address": one.address, "name": one.name, "role": one.role, "state": one.state}
            for one in history.ticket.participants
        ],
        "letters": [letter_row(one) for one in history.letters],
        "targets": [{"kind": one.kind, "due_at": one.due_at, "state": one.state} for one in _targets(history, policy)],
        "related": history.related,
        "measured": _measured(history.measured),
    }


def _measured(one: MeasuredFacts | None) -> dict[str, object] | None:
    """Within what time half and nine of ten of the requests that came then were to be answered; `kept` None while nobody knows."""
    if one is None or one.ninetieth_at is None:
        return None
    return {
        "at": one.at,
        "median_at": one.median_at,
        "ninetieth_at": one.ninetieth_at,
        "busy": one.busy,
        "told": one.told,
        "answered_at": one.answered_at,
        "kept": one.held(datetime.now(UTC)),
    }


def _measured_line(one: MeasuredFacts) -> str:
    held = {True: "which held", False: "which did not hold", None: "which is open"}[one.held(datetime.now(UTC))]
    told = " (told)" if one.told else ""
    return f"  measured: half answered by {_value(one.median_at)}, nine of ten by {_value(one.ninetieth_at)}{told}, {held}"


def letter_row(one: OutboxLetter) -> dict[str, object]:
    """A letter under the names that programs rely on."""
    return {
        "id": one.id,
        "ticket": one.ticket,
        "notice": one.notice,
        "audience": one.audience,
        "to": one.to,
        "state": one.state,
        "attempts": one.attempts,
        "uncertain": one.uncertain,
        "next_attempt_at": one.next_attempt_at,
        "last_reply": one.last_reply,
        "message_id": one.message_id,
        "subject": one.subject,
        "at": one.at,
    }


def _page(history: TicketHistory) -> str:
    """For people: what it is, then what happened in the order of time."""
    row: Mapping[str, object] = ticket_row(history.ticket)
    head = [f"{history.ticket.reference}  {history.ticket.subject}"]
    head += [f"  {name.replace('_', ' ')}: {_value(value)}" for name, value in row.items() if name not in ("ticket", "subject")]
    head += [_measured_line(history.measured)] if history.measured and history.measured.ninetieth_at else []
    entries = [
        (one.at, f"{one.direction} message from {one.author or 'the platform'} ({one.assurance})", _words(one))
        for one in history.messages
    ]
    entries += [(one.at, f"internal note by {one.author}", one.text) for one in history.notes]
    entries += [(one.at, f"event {one.kind} by {one.actor}", one.detail) for one in history.events]
    entries += [(one.at, f"letter {one.notice} to {one.to}: {one.state}", f"outbox {one.id}") for one in history.letters]
    lines = []
    for at, title, text in sorted(entries, key=lambda entry: entry[0]):
        lines += ["", f"{moment(at)}  {title}", *(f"    {line}" for line in text.splitlines())]
    return "\n".join([*head, *lines])


def _words(one: Message) -> str:
    """Its text, and below it what was attached."""
    return "\n".join([one.text, *(_attachment(listed) for listed in one.attachments)])


def _attachment(listed: Mapping[str, object]) -> str:
    kind = "signature image, sent before" if listed.get("recurring") else listed.get("content_type")
    return f"[{listed.get('filename')}: {kind}, {listed.get('size')} octets]"


def _value(value: object) -> str:
    if isinstance(value, datetime):
        return moment(value)
    return "-" if value in (None, "") else str(value)
