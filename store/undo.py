"""Undo steps: each row records what one mail changed on one ticket, so that `#undo` can take it back."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from helpdesk.store.asides import asides_as_json, consultations_from_json, permissions_from_json, scheduled_from_json
from helpdesk.store.clocks import clocks_as_json, clocks_from_json
from helpdesk.store.database import AnyRow, StaleTicket
from helpdesk.store.lists import among, rows_among
from helpdesk.store.platform_files import file_id
from helpdesk.store.schema import (
    PENDING,
    internal_note,
    known_id,
    message,
    outbox,
    participant,
    platform_attachment,
    platform_inbox,
    ticket,
    timer,
    undo_step,
)
from helpdesk.store.search import index_again
from helpdesk.threading.lifecycle.decision import Handover, TakeBack
from helpdesk.threading.matching.known import StepLetter, UndoStep
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.model.message import MovedMessage
from helpdesk.threading.model.participant import ParticipantState, Role
from helpdesk.threading.model.sentence import unpacked
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.suppression import Suppression, SuppressionReason
from helpdesk.threading.model.ticket import Lineage, Rating, Ticket, Waiting
from helpdesk.threading.model.timer import TimerState

GROWING = frozenset(
    {"version", "changed_version", "updated_at", "event_count", "files", "participants", "past"}
)  # fields that a step changes and that an undo does not restore
FIELDS = tuple(field.name for field in fields(Ticket) if field.name not in GROWING)
MOMENTS_OF_GROUPS = frozenset({"at", "away_until", "snoozed_until", "answered_at"})
LISTS: dict[str, tuple[Any, Any]] = {  # how a field that is a list is written and read
    "clocks": (clocks_as_json, clocks_from_json),
    "permissions": (asides_as_json, permissions_from_json),
    "consultations": (asides_as_json, consultations_from_json),
    "scheduled": (asides_as_json, scheduled_from_json),
    "watchers": (list, tuple),
}
TYPES: dict[str, Any] = {"status": Status, "waiting_on": WaitingOn, "assurance": Assurance}
MOMENTS = frozenset({"created_at", "first_response_at", "closed_at"})
GROUPS: dict[str, Any] = {"rating": Rating, "waiting": Waiting, "lineage": Lineage}


def change_of(before: Ticket, after: Ticket, moved: Sequence[MovedMessage], letters: Sequence[int]) -> dict[str, Any]:
    """Return a change as JSON: the fields that differ, before and after, new and changed customers, letters, moved messages."""
    differing = [name for name in FIELDS if getattr(before, name) != getattr(after, name)]
    people = {}
    for person in after.participants:
        earlier = before.participant(person.number)
        if person.role is Role.CUSTOMER and (earlier is None or earlier.state is not person.state):
            people[str(person.number)] = [earlier.state if earlier else None, person.state]
    return {
        "before": {name: _field_as_json(name, before) for name in differing},
        "after": {name: _field_as_json(name, after) for name in differing},
        "people": people,
        "letters": list(letters),
        "moved": [[past.id, past.message_id, past.from_ticket, past.version, past.left_version] for past in moved],
    }


def lifted_as_json(lifted: Sequence[Suppression]) -> list[dict[str, Any]]:
    """Return lifted suppressions as JSON, so that an undo can restore them."""
    return [{field.name: _plain(getattr(entry, field.name)) for field in fields(entry)} for entry in lifted]


def _suppression_from_json(entry: Mapping[str, Any]) -> Suppression:
    moments = {name: datetime.fromisoformat(entry[name]) if entry[name] else None for name in ("since", "until")}
    return Suppression(**{**entry, **moments, "reason": SuppressionReason(entry["reason"])})


def newest_steps(connection: Connection, ids: Collection[int]) -> dict[int, tuple[UndoStep, ...]]:
    """Return the newest step of each ticket, together with the steps of the same mail on other tickets."""
    causes: dict[int, str] = dict(map(tuple, rows_among(connection, NEWEST_STEPS, ids)))
    steps: dict[str, list[UndoStep]] = defaultdict(list)
    for row in rows_among(connection, STEPS_OF_CAUSES, causes.values()):
        steps[row.cause].append(_step(connection, row))
    return {number: tuple(steps[cause]) for number, cause in causes.items()}


def take_back(connection: Connection, ticket_id: int, wanted: TakeBack) -> None:
    """Delete the message and note of a cause, stop its letters and restore its timers. Raises StaleTicket if a letter was sent or read."""
    of_cause = {"ticket": ticket_id, "cause": wanted.cause}
    if wanted.letters:
        stopped = connection.execute(STOP_LETTERS, {"ids": list(wanted.letters)}).rowcount
        if stopped != len(wanted.letters):
            raise StaleTicket("a letter has left meanwhile")
    if wanted.unread:
        connection.execute(FORGET_INBOX, {"ids": list(wanted.unread)})
        if connection.execute(select(func.count()).where(platform_inbox.c.letter_id.in_(wanted.unread))).scalar():
            raise StaleTicket("a letter has been read meanwhile")
    if wanted.began is not None:
        connection.execute(FORGET_WORDS, of_cause)
    change = connection.execute(select(undo_step.c.change).where(*OF_STEP), of_cause).scalar() or {}
    if "handover" in change:
        _hand_back(connection, ticket_id, change["handover"])
    for statement in (FORGET_MESSAGE, FORGET_NOTE, UNSET_TIMERS, RESUME_TIMERS, FORGET_STEP):
        connection.execute(statement, of_cause)
    if wanted.people:
        gone = participant.c.number.in_(wanted.people)
        connection.execute(delete(participant).where(participant.c.ticket_id == ticket_id, gone))
    if "handover" in change:
        index_again(connection, [ticket_id])


def hand_over(connection: Connection, changed: Ticket, wanted: Handover) -> None:
    """Remove from the inbox and the outbox what belongs to another person. The undo step records it, so that it can be restored exactly."""
    rows = connection.execute(select(platform_inbox).where(platform_inbox.c.id.in_(wanted.leaves)).order_by(platform_inbox.c.id))
    left = [{name: _plain(value) for name, value in row._mapping.items()} for row in rows]
    connection.execute(delete(platform_inbox).where(platform_inbox.c.id.in_(wanted.leaves)))
    waiting = select(outbox.c.id, outbox.c.next_attempt_at).where(outbox.c.id.in_(wanted.stops), UNSENT_YET).with_for_update()
    stopped = [[row.id, _plain(row.next_attempt_at)] for row in connection.execute(waiting)]
    if stopped:
        connection.execute(STOP_LETTERS, {"ids": [number for number, _ in stopped]})
    authors = {number: {"author": author, "assurance": assurance} for number, author, assurance in wanted.written_by}
    known = connection.execute(select(message.c.id, message.c.author, message.c.assurance).where(message.c.id.in_(authors))).all()
    for number, values in authors.items():
        connection.execute(update(message).where(message.c.id == number).values(values))
    step = (undo_step.c.ticket_id == changed.id, undo_step.c.version == changed.version)
    change = connection.execute(select(undo_step.c.change).where(*step)).scalar()
    kept = {
        "left": left,
        "stopped": stopped,
        "authors": [[row.id, row.author, row.assurance] for row in known],
        "shown": [words.id for words in wanted.shows],
    }
    if change is not None:
        connection.execute(update(undo_step).where(*step).values(change={**change, "handover": kept}))
    _offer_files(connection, [words.id for words in wanted.shows if words.attachments])
    index_again(connection, [changed.id])


def _offer_files(connection: Connection, words: Sequence[int]) -> None:
    """Give the files of handed over words the ids that they had in another inbox, where they stood in one."""
    if not words:
        return
    held = set(connection.execute(select(platform_attachment.c.id).where(platform_attachment.c.words_id.in_(words))).scalars())
    rows = connection.execute(
        select(platform_inbox.c.id, platform_inbox.c.words_id, platform_inbox.c.attachments).where(
            platform_inbox.c.words_id.in_(words)
        )
    ).all()
    for row in rows:
        ids = [entry["id"] or file_id(row.words_id, place) for place, entry in enumerate(row.attachments, start=1)]
        offered = [{**entry, "id": key if key in held else None} for entry, key in zip(row.attachments, ids, strict=True)]
        connection.execute(update(platform_inbox).where(platform_inbox.c.id == row.id).values(attachments=offered))


def _hand_back(connection: Connection, ticket_id: int, kept: Mapping[str, Any]) -> None:
    """Restore what `hand_over` removed.

    Inbox rows keep their ids, which the platform may know. A row gets a new id if another row has its id now.
    """
    if kept["shown"]:
        connection.execute(FORGET_SHOWN, {"ticket": ticket_id, "ids": kept["shown"]})
        if connection.execute(STILL_SHOWN, {"ticket": ticket_id, "ids": kept["shown"]}).scalar():
            raise StaleTicket("somebody has read it meanwhile")
    for entry in kept["left"]:
        moments = {name: datetime.fromisoformat(entry[name]) for name in ("created_at", "read_at") if entry.get(name)}
        row = {name: value for name, value in (entry | moments).items() if name in platform_inbox.c}
        row["position"] = None  # its readers have gone on beyond the former one
        id_in_use = connection.execute(select(platform_inbox.c.id).where(platform_inbox.c.id == row["id"])).scalar() is not None
        connection.execute(
            insert(platform_inbox).values({name: value for name, value in row.items() if name != "id" or not id_in_use})
        )
    for number, author, assurance in kept["authors"]:
        connection.execute(update(message).where(message.c.id == number).values(author=author, assurance=assurance))
    for number, due in kept["stopped"]:
        again = {"state": LetterState.QUEUED, "last_reply": None, "next_attempt_at": datetime.fromisoformat(due) if due else None}
        connection.execute(update(outbox).where(outbox.c.id == number, outbox.c.state == LetterState.SUPPRESSED).values(again))


def move(connection: Connection, ticket_id: int, moved: Sequence[MovedMessage]) -> None:
    """Move messages and their Message-IDs to this ticket."""
    for past in moved:
        connection.execute(update(message).where(message.c.id == past.id).values(ticket_id=ticket_id, version=past.version))
        if past.message_id is not None:
            leads = (known_id.c.message_id == past.message_id, known_id.c.ticket_id == past.from_ticket)
            connection.execute(update(known_id).where(*leads).values(ticket_id=ticket_id))
    index_again(connection, [ticket_id])


def _step(connection: Connection, row: AnyRow) -> UndoStep:
    change = row.change
    return UndoStep(
        ticket_id=row.ticket_id,
        version=row.version,
        actor=row.actor,
        at=row.at,
        cause=row.cause,
        summary=unpacked(row.summary),
        before=_fields_from_json(change["before"]),
        after=_fields_from_json(change["after"]),
        people={int(number): (_state(states[0]), ParticipantState(states[1])) for number, states in change["people"].items()},
        letters=tuple(_letters(connection, change["letters"])),
        moved=tuple(MovedMessage(*values) for values in change["moved"]),
        lifted=tuple(_suppression_from_json(entry) for entry in change["lifted"]),
        listed=tuple(change.get("listed", ())),
        read=_is_read(connection, row),
    )


def _is_read(connection: Connection, row: AnyRow) -> bool:
    """Return whether the customer has read words that the step shows in the platform inbox."""
    shown = row.change.get("handover", {}).get("shown", [])
    if shown and connection.execute(READ_SHOWN, {"ticket": row.ticket_id, "ids": shown}).scalar():
        return True
    return row.version == 1 and bool(connection.execute(READ_WORDS, {"ticket": row.ticket_id, "cause": row.cause}).scalar())


def _letters(connection: Connection, ids: Sequence[int]) -> Iterator[StepLetter]:
    """Return the state of letters. A letter is in the outbox, in the platform inbox, or in both."""
    sent = select(outbox.c.id, outbox.c.state, outbox.c.attempts, outbox.c.message_id).where(outbox.c.id.in_(ids))
    by_mail = {row.id: row for row in connection.execute(sent)}
    mirrored = select(platform_inbox.c.letter_id).where(
        platform_inbox.c.letter_id.in_(ids), platform_inbox.c.read_at.is_not(None)
    )
    read = set(connection.execute(mirrored).scalars())
    for number in ids:
        row = by_mail.get(number)
        if row is None:
            yield StepLetter(number, None, 0, number in read)
        else:
            yield StepLetter(number, LetterState(row.state), row.attempts, number in read, row.message_id)


def _state(value: str | None) -> ParticipantState | None:
    return None if value is None else ParticipantState(value)


def _field_as_json(name: str, ticket: Ticket) -> object:
    value = getattr(ticket, name)
    return LISTS[name][0](value) if name in LISTS else _plain(value)


def _plain(value: object) -> object:
    if isinstance(value, Rating | Waiting | Lineage):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value.isoformat() if isinstance(value, datetime) else value


def _fields_from_json(values: Mapping[str, Any]) -> dict[str, object]:
    return {name: _value(name, value) for name, value in values.items()}


def _value(name: str, value: Any) -> object:
    if name in LISTS:
        return LISTS[name][1](value)
    if value is None:
        return None
    if name in GROUPS:
        moments = {inner: datetime.fromisoformat(text) for inner, text in value.items() if inner in MOMENTS_OF_GROUPS and text}
        return GROUPS[name](**(value | moments))
    return datetime.fromisoformat(value) if name in MOMENTS else TYPES.get(name, lambda same: same)(value)


_NEWEST = (
    select(undo_step.c.ticket_id, func.max(undo_step.c.version).label("version"))
    .where(among(undo_step.c.ticket_id))
    .group_by(undo_step.c.ticket_id)
    .subquery()
)
NEWEST_STEPS = select(undo_step.c.ticket_id, undo_step.c.cause).join_from(
    undo_step, _NEWEST, (undo_step.c.ticket_id == _NEWEST.c.ticket_id) & (undo_step.c.version == _NEWEST.c.version)
)
STEPS_OF_CAUSES = select(undo_step).where(among(undo_step.c.cause)).order_by(undo_step.c.ticket_id)
UNSENT_YET = (outbox.c.state == LetterState.QUEUED) & (outbox.c.attempts == 0)
STOP_LETTERS = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)), UNSENT_YET)
    .values(state=LetterState.SUPPRESSED, next_attempt_at=None, last_reply="taken back before it left")
)
FORGET_INBOX = delete(platform_inbox).where(
    platform_inbox.c.letter_id.in_(bindparam("ids", expanding=True)), platform_inbox.c.read_at.is_(None)
)
OF_THREAD = platform_inbox.c.thread_key == select(ticket.c.thread_key).where(ticket.c.id == bindparam("ticket")).scalar_subquery()
OF_SHOWN = (OF_THREAD, platform_inbox.c.words_id.in_(bindparam("ids", expanding=True)))
STILL_SHOWN = select(func.count()).where(*OF_SHOWN)
READ_SHOWN = STILL_SHOWN.where(platform_inbox.c.read_at.is_not(None))
FORGET_SHOWN = delete(platform_inbox).where(*OF_SHOWN, platform_inbox.c.read_at.is_(None))
OF_STEP = (undo_step.c.ticket_id == bindparam("ticket"), undo_step.c.cause == bindparam("cause"))
WORDS_OF_CAUSE = select(message.c.id).where(message.c.ticket_id == bindparam("ticket"), message.c.cause == bindparam("cause"))
OF_WORDS = (OF_THREAD, platform_inbox.c.words_id.in_(WORDS_OF_CAUSE))
READ_WORDS = select(func.count()).where(*OF_WORDS, platform_inbox.c.read_at.is_not(None))
FORGET_WORDS = delete(platform_inbox).where(*OF_WORDS)
FORGET_MESSAGE = delete(message).where(message.c.ticket_id == bindparam("ticket"), message.c.cause == bindparam("cause"))
FORGET_NOTE = delete(internal_note).where(
    internal_note.c.ticket_id == bindparam("ticket"), internal_note.c.cause == bindparam("cause")
)
UNSET_TIMERS = (
    update(timer)
    .where(timer.c.ticket_id == bindparam("ticket"), timer.c.set_by == bindparam("cause"), PENDING)
    .values(state=TimerState.CANCELLED)
)
RESUME_TIMERS = (
    update(timer)
    .where(
        timer.c.ticket_id == bindparam("ticket"),
        timer.c.cancelled_by == bindparam("cause"),
        timer.c.state == TimerState.CANCELLED,
    )
    .values(state=TimerState.PENDING, cancelled_by=None)
)
FORGET_STEP = delete(undo_step).where(*OF_STEP)
