"""`helpdesk ticket list|show`: tickets and their history."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import click

from helpdesk.config.policy import Policy
from helpdesk.gateway.blobs import blobs_of
from helpdesk.gateway.cli.options import config_option, load_or_exit
from helpdesk.gateway.cli.store import as_json, open_store, print_rows
from helpdesk.gateway.terminal import echo, time_text
from helpdesk.store.history import TicketHistory, ticket_history
from helpdesk.store.outbox import OutboxLetter
from helpdesk.store.permissions import check_permissions
from helpdesk.store.tickets import find_ticket, list_tickets
from helpdesk.store.timers import TicketTimer
from helpdesk.threading.lifecycle.permissions import line_about
from helpdesk.threading.model.message import InternalNote, Message
from helpdesk.threading.model.permission import Permission
from helpdesk.threading.model.promise import Target
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.model.timer import TimerKind
from helpdesk.threading.promises.targets import targets_of
from helpdesk.threading.reading.subjects import new_subject
from helpdesk.threading.reporting.facts import MeasuredFacts
from helpdesk.threading.trust.addresses import canonical

COLUMNS = ("ticket", "status", "waiting_on", "requester", "plan", "category", "assignee", "messages", "subject")


@click.group("ticket")
def ticket_group() -> None:
    """Tickets and their history."""


@ticket_group.command("list")
@click.option("--status", type=click.Choice([status.value for status in Status]), help="List only tickets in this status.")
@click.option("--assignee", metavar="ADDRESS", help="List only tickets assigned to this staff member.")
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1), help="Print at most so many.")
@click.option("json_lines", "--json", is_flag=True, help="Print one JSON object a line.")
@config_option
def list_command(status: str | None, assignee: str | None, limit: int, json_lines: bool, config: Path) -> None:
    """List the newest tickets, newest first."""
    with open_store(config) as database, database.reading() as connection:
        found = list_tickets(connection, Status(status) if status else None, canonical(assignee) if assignee else None, limit)
    rows = [{**ticket_row(listed.ticket), "messages": listed.messages} for listed in found]
    print_rows(rows, COLUMNS, json_lines=json_lines)


@ticket_group.command("show")
@click.argument("reference")
@click.option("as_object", "--json", is_flag=True, help="Print one JSON object.")
@config_option
def show_command(reference: str, as_object: bool, config: Path) -> None:
    """Show one ticket with everything that happened on it, including internal notes."""
    with open_store(config) as database, database.reading() as connection:
        history = ticket_history(connection, reference)
    if history is None:
        raise click.ClickException(f"{reference}: no ticket has this reference; `helpdesk ticket list` shows the references")
    echo(as_json(history_object(history, load_or_exit(config).policy)) if as_object else _page(history))


@ticket_group.command("verify")
@click.argument("reference")
@click.option("json_lines", "--json", is_flag=True, help="Print one JSON object a line.")
@config_option
def verify_command(reference: str, json_lines: bool, config: Path) -> None:
    """Check the recorded answers to questions for permission against the history and the mails that brought them."""
    blobs = blobs_of(load_or_exit(config).settings.database)
    with open_store(config) as database, database.reading() as connection:
        found = find_ticket(connection, reference)
        checks = check_permissions(connection, blobs, found) if found else []
    if found is None:
        raise click.ClickException(f"{reference}: no ticket has this reference; `helpdesk ticket list` shows the references")
    if not checks and not json_lines:
        echo(f"{found.reference} has no question for permission")
    for check in checks:
        asked = check.permission
        if json_lines:
            row = {"ticket": found.reference, "number": asked.number, "text": asked.text, "asked_of": asked.asked_of}
            echo(as_json({**row, "answer": asked.answer, "faults": list(check.faults)}))
            continue
        echo("\n  ".join((f"{'problem' if check.faults else 'ok'}: {line_about(asked)}", *check.faults)))
    if any(check.faults for check in checks):
        raise click.exceptions.Exit(os.EX_DATAERR)


def ticket_row(ticket: Ticket) -> dict[str, object]:
    """A ticket under the names of the JSON contract."""
    requester = ticket.participant(ticket.requester)
    return {
        "ticket": ticket.reference,
        "status": ticket.status,
        "waiting_on": ticket.waiting_on,
        "subject": ticket.subject,
        "requester": requester.address if requester else "",
        "account": ticket.account,
        "plan": ticket.plan,
        "category": ticket.category,
        "severity": ticket.severity,
        "priority": ticket.priority,
        "queue": ticket.queue,
        "tags": ticket.labels.tags,
        "fields": ticket.labels.fields,
        "assignee": ticket.assignee,
        "escalation_level": ticket.escalation_level,
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
        "rating": ticket.rating.word if ticket.rating else None,
        "rated_at": ticket.rating.at if ticket.rating else None,
    }


def _targets(history: TicketHistory, policy: Policy) -> Iterator[Target | TicketTimer]:
    """The promised times of a ticket, and the timer that will close it."""
    yield from targets_of(history.ticket, policy)
    yield from (timer for timer in history.timers if timer.kind is TimerKind.CLOSE)


def history_object(history: TicketHistory, policy: Policy) -> dict[str, object]:
    """A ticket with its history under the names of the JSON contract."""
    return {
        **ticket_row(history.ticket),
        "thread_key": history.ticket.thread_key,
        "messages": [_said_row(message, history) for message in history.messages],
        "notes": [_said_row(note, history) for note in history.notes],
        "events": [
            {
                "number": event.number,
                "kind": event.kind,
                "actor": event.actor,
                "at": event.at,
                "from": event.from_status,
                "to": event.to_status,
                "detail": event.detail,
                "policy": event.policy,
            }
            for event in history.events
        ],
        "participants": [
            {"number": person.number, "address": person.address, "name": person.name, "role": person.role, "state": person.state}
            for person in history.ticket.participants
        ],
        "letters": [letter_row(letter) for letter in history.letters],
        "targets": [
            {"kind": target.kind, "due_at": target.due_at, "state": target.state} for target in _targets(history, policy)
        ],
        "permissions": [_permission_row(asked) for asked in history.ticket.permissions],
        "consultations": [
            {"number": row.number, "address": row.address, "asked_by": row.asked_by, "at": row.asked_at}
            for row in history.ticket.consultations
        ],
        "watchers": history.ticket.watchers,
        "related": history.related,
        "measured": _measurement_as_json(history.measured),
    }


def _said_row(said: Message | InternalNote, history: TicketHistory) -> dict[str, object]:
    """A message or note under the names of the JSON contract, with the reference of the request on which it was said."""
    named = {field.name: getattr(said, field.name) for field in fields(said)}
    return {**named, "ticket": history.origins.get(said.id, history.ticket.reference)}


def _permission_row(asked: Permission) -> dict[str, object]:
    """A question for permission under the names of the JSON contract."""
    return {
        "number": asked.number,
        "text": asked.text,
        "asked_by": asked.asked_by,
        "asked_of": asked.asked_of,
        "asked_at": asked.asked_at,
        "until": asked.until,
        "answer": asked.answer,
        "answered_at": asked.answered_at,
        "contradicted_at": asked.contradicted_at,
        "proof": asked.proof,
        "record": asked.record,
    }


def _measurement_as_json(facts: MeasuredFacts | None) -> dict[str, object] | None:
    """The times within which half, and nine of ten, of the requests of that moment were to be answered; `kept` is None while
    it is open.
    """
    if facts is None or facts.ninetieth_at is None:
        return None
    return {
        "at": facts.at,
        "median_at": facts.median_at,
        "ninetieth_at": facts.ninetieth_at,
        "busy": facts.busy,
        "told": facts.told,
        "answered_at": facts.answered_at,
        "kept": facts.figure_held(datetime.now(UTC)),
    }


def _measured_line(facts: MeasuredFacts) -> str:
    outcome = {True: "kept", False: "missed", None: "still open"}[facts.figure_held(datetime.now(UTC))]
    told = " (told to the customer)" if facts.told else ""
    return f"  measured: half answered by {_value(facts.median_at)}, nine of ten by {_value(facts.ninetieth_at)}{told}: {outcome}"


def letter_row(letter: OutboxLetter) -> dict[str, object]:
    """A letter under the names of the JSON contract."""
    return {
        "id": letter.id,
        "ticket": letter.ticket,
        "notice": letter.notice,
        "audience": letter.audience,
        "to": letter.to,
        "state": letter.state,
        "attempts": letter.attempts,
        "uncertain": letter.uncertain,
        "next_attempt_at": letter.next_attempt_at,
        "last_reply": letter.last_reply,
        "message_id": letter.message_id,
        "subject": letter.subject,
        "at": letter.at,
    }


def _page(history: TicketHistory) -> str:
    """A ticket for people: first its fields, then its history in the order of time."""
    row: Mapping[str, object] = ticket_row(history.ticket)
    head = [f"{history.ticket.reference}  {history.ticket.subject}"]
    head += [f"  {name.replace('_', ' ')}: {_value(value)}" for name, value in row.items() if name not in ("ticket", "subject")]
    head += [f"  related: {', '.join(history.related)}"] if history.related else []
    head += [f"  {line_about(asked)}" for asked in history.ticket.permissions]
    head += [_measured_line(history.measured)] if history.measured and history.measured.ninetieth_at else []
    entries = [
        (
            message.at,
            f"{message.direction} message from {message.author or 'the platform'} ({message.assurance}){_origin(message, history)}",
            _words(message, history.ticket),
        )
        for message in history.messages
    ]
    entries += [(note.at, f"internal note by {note.author}{_origin(note, history)}", note.text) for note in history.notes]
    entries += [(event.at, f"event {event.kind} by {event.actor}", event.detail) for event in history.events]
    entries += [
        (letter.at, f"letter {letter.notice} to {letter.to}: {letter.state}", f"outbox {letter.id}") for letter in history.letters
    ]
    lines = []
    for at, title, text in sorted(entries, key=lambda entry: entry[0]):
        lines += ["", f"{time_text(at)}  {title}", *(f"    {line}" for line in text.splitlines())]
    return "\n".join([*head, *lines])


def _origin(said: Message | InternalNote, history: TicketHistory) -> str:
    """The merged request on which something was said; "" for this request."""
    return f" on {history.origins[said.id]}" if said.id in history.origins else ""


def _words(message: Message, ticket: Ticket) -> str:
    """A message's text, above it its subject if that says something new, and below it a line for each attachment."""
    changed = new_subject(message.subject, (ticket.subject,), ticket.reference)
    subject = [f"New subject: {changed}"] if changed else []
    return "\n".join([*subject, message.text, *(_attachment(listed) for listed in message.attachments)])


def _attachment(listed: Mapping[str, object]) -> str:
    kind = "signature image, sent before" if listed.get("recurring") else listed.get("content_type")
    return f"[{listed.get('filename')}: {kind}, {listed.get('size')} octets]"


def _value(value: object) -> str:
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, Mapping):
        value = ", ".join(f"{name} {given}" for name, given in value.items())
    elif isinstance(value, tuple):
        value = ", ".join(map(str, value))
    return "-" if value in (None, "") else str(value)
