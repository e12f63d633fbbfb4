"""Looks up what the store knows about causes, for many causes at once. The number of statements does not grow with the causes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, func, select

from helpdesk.config.policy import Policy
from helpdesk.store.conversations import conversations_of, shown_rows, with_handed_over
from helpdesk.store.earlier_requests import requests_of
from helpdesk.store.guarded import guarded_notes
from helpdesk.store.kept_files import files_of_tickets
from helpdesk.store.keys import Keys, find_keys
from helpdesk.store.listed_senders import listed_under
from helpdesk.store.lists import among, rows_among
from helpdesk.store.measurements import loads_of
from helpdesk.store.merges import merges_of
from helpdesk.store.outgoing import Outgoing, find_outgoing
from helpdesk.store.past_requests import past_requests
from helpdesk.store.people import TeamReader, find_contacts, list_staff
from helpdesk.store.relations import Link, follow_ups_of, links_of, related_tickets_of
from helpdesk.store.schema import ATTACHED, message_id_key, storable, ticket
from helpdesk.store.search import find_requests
from helpdesk.store.sent_words import sent_words
from helpdesk.store.sorting import sorting_of
from helpdesk.store.ticket_words import open_incidents, proposed_under
from helpdesk.store.tickets import tickets_by_id, with_survivors
from helpdesk.store.undo import newest_steps
from helpdesk.store.whole import past_notes, whole_conversations
from helpdesk.threading.decisions.customer.incident import MOST_ATTACHED
from helpdesk.threading.lifecycle.permission import may_read
from helpdesk.threading.lifecycle.routing import staff_named
from helpdesk.threading.matching.known import (
    Conversation,
    EarlierRequest,
    Exchange,
    FoundRequest,
    GuardedNote,
    Known,
    OpenIncidents,
    PastRequest,
    Proposed,
    Question,
    ShownRow,
    UndoStep,
    Wanted,
)
from helpdesk.threading.matching.search_words import sought_words
from helpdesk.threading.matching.sent_words import SentWords
from helpdesk.threading.matching.signature_images import origin_of
from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.model.event import Event
from helpdesk.threading.model.listed_sender import ListedSender
from helpdesk.threading.model.message import PastMessage, PastNote
from helpdesk.threading.model.participant import Role
from helpdesk.threading.model.people import Contact, staff_member_at
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.promises.busy import QueueLoad
from helpdesk.threading.trust.addresses import rate_key

_PLACE = func.row_number().over(partition_by=ticket.c.incident, order_by=ticket.c.id).label("place")
_ATTACHED = select(ticket.c.incident, ticket.c.id, _PLACE).where(
    among(ticket.c.incident), ATTACHED, ticket.c.status != Status.CLOSED
)
_PLACED = _ATTACHED.subquery()
ATTACHED_TO = select(_PLACED.c.incident, _PLACED.c.id).where(_PLACED.c.place <= MOST_ATTACHED + 1)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with the ids of the tickets that its keys identify."""

    question: Question
    by_staff: bool  # the author's address is that of a staff member, authenticated or not
    reached: frozenset[int]

    def wants(self, wanted: Wanted) -> bool:
        return wanted in self.question.wanted


@dataclass(frozen=True, slots=True)
class _Tickets:
    """The tickets of the questions, the tickets into which those were merged, and the tickets that the same undo step changed."""

    by_id: Mapping[int, Ticket]
    steps: Mapping[int, tuple[UndoStep, ...]]  # of tickets whose question wants an undo

    def with_kin(self, ids: Iterable[int]) -> dict[int, Ticket]:
        """Return these tickets, those into which they were merged, and those that the same undo step changed."""
        found: dict[int, Ticket] = {}
        waiting = list(ids)
        while waiting:
            number = waiting.pop()
            if number in self.by_id and number not in found:
                found[number] = ticket = self.by_id[number]
                waiting += [ticket.lineage.merged_into] if ticket.lineage.merged_into is not None else []
                waiting += [step.ticket_id for step in self.steps.get(number, ())]
        return found


@dataclass(frozen=True, slots=True)
class _Past:
    """What is known about tickets, by their ids. `notes` and `shown` are looked up only for questions of staff."""

    conversations: Mapping[int, Conversation]
    notes: Mapping[int, tuple[GuardedNote, ...]]
    shown: Mapping[int, tuple[ShownRow, ...]]
    proposed: Mapping[int, Proposed]
    files: Mapping[int, tuple[Attachment, ...]]
    words: Mapping[int, tuple[SentWords, ...]]
    whole: Mapping[int, tuple[PastMessage, ...]]
    past_notes: Mapping[int, tuple[PastNote, ...]]


@dataclass(frozen=True, slots=True)
class _DeskState:
    """The load of the queues and the open incidents, which a new request needs."""

    queues: Mapping[str, QueueLoad] = field(default_factory=dict)
    incidents: OpenIncidents = field(default_factory=OpenIncidents)


@dataclass(frozen=True, slots=True)
class _Findings:
    """The results for all questions together. `contacts` has every person about whom any question asks."""

    keys: Keys
    tickets: _Tickets
    related: Mapping[int, tuple[Ticket, ...]]
    past: _Past
    contacts: Mapping[str, Contact]
    outgoing: Outgoing
    requests: Mapping[str, tuple[EarlierRequest, ...]]
    past_requests: Mapping[str, tuple[PastRequest, ...]]
    sorting: Mapping[int, tuple[Event, ...]]
    found: Mapping[tuple[str, str], tuple[FoundRequest, ...]]  # by author and words
    listed: Mapping[str, ListedSender]
    desk: _DeskState


def look_up(connection: Connection, question: Question, policy: Policy, now: datetime) -> Known:
    """Return what the store knows about one cause. An author who is not in the directory has the policy's default plan."""
    return look_up_many(connection, [question], policy, now)[0]


def look_up_many(
    connection: Connection, questions: Sequence[Question], policy: Policy, now: datetime, team: TeamReader | None = None
) -> list[Known]:
    """Return what the store knows about many causes, in the order of the questions. No answer includes the effects of another cause.

    `team` reads the staff for one batch after the other; without it, all of them are read.
    """
    if not questions:
        return []
    staff = list_staff(connection) if team is None else team.read(connection, now)
    keys = find_keys(connection, questions, policy.default_plan, staff)
    people = {address for question in questions for address in question.asks_again}
    requests = requests_of(connection, people, now) if people else {}
    asked = [_with_requests(_asked(question, keys), requests) for question in questions]
    asked = _with_attached(connection, asked)
    proposed = proposed_under(connection, {number for entry in asked if _may_propose(entry) for number in entry.reached})
    asked = [_with_proposed(entry, proposed) if _may_propose(entry) else entry for entry in asked]
    links = links_of(connection, {number for entry in asked for number in entry.reached})
    asked = [replace(entry, reached=entry.reached.union(_find_linked(entry, links))) for entry in asked]
    tickets = _find_tickets(connection, asked)
    found = _Findings(
        keys=keys,
        tickets=tickets,
        related=related_tickets_of(connection, links, tickets.by_id),
        past=_find_past(connection, asked, tickets, proposed),
        contacts=_find_people(connection, asked, tickets, keys, policy.default_plan),
        outgoing=find_outgoing(connection, questions, keys, tickets.by_id.values(), now),
        requests=requests,
        past_requests=past_requests(connection, [keys.contacts[address] for entry in asked for address in _past_of(entry)]),
        sorting=sorting_of(connection, tickets.with_kin(_reached_by(asked, Wanted.SORTED))),
        found={
            (entry.question.author, words): found
            for entry in asked
            if entry.by_staff
            for words, found in _find(connection, entry.question, keys, policy).items()
        },
        listed=listed_under(connection, {name for question in questions for name in question.senders}),
        desk=_desk_state(connection, policy, now) if any(entry.wants(Wanted.OPENING) for entry in asked) else _DeskState(),
    )
    return [_answer(entry, found) for entry in asked]


def _past_of(asked: _Asked) -> tuple[str, ...]:
    """Whose past requests are read. Staff may ask for anybody's; where a customer writes, staff are told of the one who is answered."""
    question = asked.question
    return tuple(address for address in question.past_of if asked.by_staff or address == question.answered_at)


def _find(connection: Connection, question: Question, keys: Keys, policy: Policy) -> dict[str, tuple[FoundRequest, ...]]:
    """Return what the searches of a staff member find among the requests that they may read."""
    member = staff_member_at(question.author, keys.staff)
    if member is None:
        return {}
    return {
        words: find_requests(connection, sought_words(words), lambda ticket: may_read(member, ticket, keys.staff, policy))
        for words in question.finds
    }


def _asked(question: Question, keys: Keys) -> _Asked:
    return _Asked(question, keys.asked_by_staff(question), frozenset(keys.tickets_of(question)))


def _with_requests(entry: _Asked, requests: Mapping[str, tuple[EarlierRequest, ...]]) -> _Asked:
    """Add the recent requests of the customer whose mail staff pass on: the desk may have it already."""
    if not entry.by_staff or not entry.question.about:
        return entry
    return replace(entry, reached=entry.reached.union(found.ticket_id for found in requests.get(entry.question.about, ())))


def _with_attached(connection: Connection, asked: Sequence[_Asked]) -> list[_Asked]:
    """Add the open requests of incidents to which staff write, where the question wants them: at most one more than one mail may reach."""
    wanting = [entry.by_staff and entry.wants(Wanted.ATTACHED) for entry in asked]
    incidents = {number for entry, wants in zip(asked, wanting, strict=True) if wants for number in entry.reached}
    attached: dict[int, list[int]] = defaultdict(list)
    for incident, number in rows_among(connection, ATTACHED_TO, incidents):
        attached[incident].append(number)
    return [_reaching(entry, attached) if wants else entry for entry, wants in zip(asked, wanting, strict=True)]


def _reaching(entry: _Asked, attached: Mapping[int, Sequence[int]]) -> _Asked:
    own = sorted({number for incident in entry.reached for number in attached.get(incident, ())})
    return replace(entry, reached=entry.reached.union(own[: MOST_ATTACHED + 1]))


def _find_linked(entry: _Asked, links: Mapping[int, Sequence[Link]]) -> set[int]:
    """Return the ids of linked tickets that the question is about too: open follow-ups, and for a command that may join one, all."""
    if entry.by_staff and entry.wants(Wanted.RELATED):
        return {link.other for number in entry.reached for link in links.get(number, ())}
    return follow_ups_of(links, entry.reached)


def _may_propose(asked: _Asked) -> bool:
    return asked.wants(Wanted.PROPOSED) and asked.by_staff


def _with_proposed(asked: _Asked, proposed: Mapping[int, Proposed]) -> _Asked:
    """Add the requests that were proposed as part of an incident under a ticket of the question."""
    under = [proposed[number] for number in asked.reached if number in proposed]
    ids = asked.reached.union(*(proposal.listed for proposal in under), *(proposal.later for proposal in under))
    return replace(asked, reached=ids)


def _find_tickets(connection: Connection, asked: Sequence[_Asked]) -> _Tickets:
    by_id = with_survivors(connection, {number for entry in asked for number in entry.reached})
    undone = _Tickets(by_id, {}).with_kin(_reached_by(asked, Wanted.UNDO))
    steps = newest_steps(connection, set(undone))
    others = {part.ticket_id for parts in steps.values() for part in parts} - set(by_id)
    return _Tickets(by_id | tickets_by_id(connection, others), steps)


def _find_past(connection: Connection, asked: Sequence[_Asked], tickets: _Tickets, proposed: Mapping[int, Proposed]) -> _Past:
    merges = merges_of(connection, tickets.by_id)
    conversations = conversations_of(connection, tickets.by_id, merges)
    silent = set(_reached_by(asked, Wanted.HANDED_OVER)) & set(conversations)
    conversations |= with_handed_over(connection, {number: conversations[number] for number in silent})
    of_staff = [entry for entry in asked if entry.by_staff]
    handed = tickets.with_kin(_reached_by(of_staff, Wanted.WHOLE))
    return _Past(
        conversations=conversations,
        notes=guarded_notes(connection, tickets.with_kin(number for entry in of_staff for number in entry.reached), merges),
        shown=shown_rows(connection, tickets.with_kin(_reached_by(of_staff, Wanted.SHOWN))),
        proposed=proposed,
        files=files_of_tickets(connection, tickets.with_kin(_reached_by(of_staff, Wanted.FILES)), merges),
        words=sent_words(
            connection,
            tickets.with_kin(_reached_by(asked, Wanted.WORDS)),
            merges,
            {message_id for entry in asked if entry.wants(Wanted.WORDS) for message_id in entry.question.message_ids},
        ),
        whole=whole_conversations(connection, handed, merges),
        past_notes=past_notes(connection, handed, merges),
    )


def _find_people(
    connection: Connection, asked: Sequence[_Asked], tickets: _Tickets, keys: Keys, default_plan: str
) -> dict[str, Contact]:
    """Return contacts by address. For mails of staff, include the customers of their tickets and the people whom commands name."""
    people: set[str] = set()
    for entry in asked:
        if entry.by_staff:
            own = tickets.with_kin(entry.reached).values()
            customers = (person for known in own for person in known.participants if person.role is Role.CUSTOMER)
            people |= {person.address for person in customers if person.address} | {*entry.question.named}
    others = find_contacts(connection, people - set(keys.contacts), default_plan) if people else {}
    return dict(keys.contacts) | others


def _desk_state(connection: Connection, policy: Policy, now: datetime) -> _DeskState:
    loads = loads_of(connection, policy.queues, policy.busy, now)
    return _DeskState(loads, open_incidents(connection, now, policy.incidents.within))


def _reached_by(asked: Iterable[_Asked], wanted: Wanted) -> list[int]:
    """Return the ids of the tickets of those questions that want something."""
    return [number for entry in asked if entry.wants(wanted) for number in entry.reached]


def _answer(asked: _Asked, found: _Findings) -> Known:
    question, keys, past, outgoing = asked.question, found.keys, found.past, found.outgoing
    tickets, author = found.tickets.with_kin(asked.reached), found.contacts[question.author]
    ids = {key: keys.by_message_id.get(message_id_key(key)) for key in question.message_ids}
    desk = found.desk if asked.wants(Wanted.OPENING) else _DeskState()
    steps = found.tickets.steps if asked.wants(Wanted.UNDO) else {}
    words = past.words if asked.wants(Wanted.WORDS) else {}
    shown = past.shown if asked.wants(Wanted.SHOWN) else {}
    files = past.files if asked.wants(Wanted.FILES) and asked.by_staff else {}
    hands_over = asked.wants(Wanted.WHOLE) and asked.by_staff
    whole, notes = (past.whole, past.past_notes) if hands_over else ({}, {})
    proposed = past.proposed if asked.wants(Wanted.PROPOSED) else {}
    return Known(
        contact=author,
        tickets=tickets,
        conversations={number: past.conversations[number] for number in tickets},
        by_message_id={key: numbers for key, numbers in ids.items() if numbers},
        by_reference={key: keys.by_reference[key] for key in question.references if key in keys.by_reference},
        by_thread_key=keys.by_thread_key.get(question.thread_key or ""),
        letters={number: keys.letters[number] for number in question.letter_ids if number in keys.letters},
        staff=keys.staff,
        earlier=keys.earlier_copies(question),
        about=found.contacts[question.about] if question.about else None,
        held={number: keys.held[number] for number in question.held_ids if number in keys.held},
        notes={number: past.notes[number] for number in tickets if number in past.notes} if asked.by_staff else {},
        contacts=dict(found.contacts) if asked.by_staff else {key: found.contacts[key] for key in question.copied},
        files={number: files[number] for number in tickets if number in files},
        whole={number: whole[number] for number in tickets if number in whole},
        past_notes={number: notes[number] for number in tickets if number in notes},
        shown={number: shown[number] for number in tickets if number in shown},
        digests={number: keys.digests[number] for number in question.digest_ids if number in keys.digests},
        last_words=keys.last_words if asked.wants(Wanted.OPEN_TICKETS) else {},
        open_tickets=tuple(keys.open_tickets.get(question.author, ())) if asked.wants(Wanted.OPEN_TICKETS) else (),
        of_absent=tuple(keys.of_absent) if asked.wants(Wanted.OPEN_TICKETS) else (),
        undo={number: steps[number] for number in tickets if number in steps},
        proposed={number: proposal for number, proposal in proposed.items() if number in tickets},
        seen_images=keys.images.get(storable(origin_of(author)), frozenset()),
        words={number: words[number] for number in tickets if number in words},
        suppressions=dict(outgoing.suppressions),
        listed={name: found.listed[name] for name in question.senders if name in found.listed},
        tally=outgoing.tally,
        exchange=outgoing.exchanges.get(rate_key(question.answered_at), Exchange()) if question.answered_at else Exchange(),
        queues=desk.queues,
        incidents=desk.incidents,
        past={address: found.past_requests[address] for address in _past_of(asked)},
        open_of={
            member.address: keys.open_tickets.get(member.address, ())
            for name in (question.colleagues if asked.by_staff else ())
            for member in staff_named(name, keys.staff)
        },
        sorting={number: found.sorting[number] for number in tickets if number in found.sorting},
        found={words: found.found[question.author, words] for words in question.finds if (question.author, words) in found.found},
        requests={address: found.requests[address] for address in question.asks_again if address in found.requests},
        related={number: found.related[number] for number in tickets if number in found.related},
    )
