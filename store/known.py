"""Answers what the store knows about a cause, for many causes at once: a dozen statements, however many there are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, case, func, or_, select, tuple_

from helpdesk.config.policy import Policy
from helpdesk.store.database import AnyRow
from helpdesk.store.digests import digests_by_id, open_tickets_of
from helpdesk.store.guarded import guarded_notes, held_mails, with_others_merged
from helpdesk.store.mail_claims import unproved_fingerprint
from helpdesk.store.measurements import loads_of
from helpdesk.store.schema import (
    OPEN,
    account,
    account_domain,
    contact,
    event,
    inbound,
    known_id,
    message,
    message_id_key,
    outbox,
    platform_inbox,
    seen_image,
    staff,
    storable,
    ticket,
    timer,
)
from helpdesk.store.sent_letters import sent_letters
from helpdesk.store.suppressions import suppressions_of
from helpdesk.store.tallies import exchanges_of, tally_of
from helpdesk.store.ticket_words import open_incidents, proposed_under
from helpdesk.store.tickets import portions, tickets_by_id
from helpdesk.store.undo import newest_steps
from helpdesk.threading.decisions.customer.incident import MOST_ATTACHED
from helpdesk.threading.decisions.staff.held import held_key
from helpdesk.threading.letters.tally import Tally, of_strangers
from helpdesk.threading.matching.known import (
    MOST_MERGES,
    Conversation,
    EarlierCopy,
    Exchange,
    GuardedNote,
    HandedOver,
    HeldMail,
    Known,
    OpenIncidents,
    Proposed,
    Question,
    SentLetter,
    ShownRow,
    UndoStep,
    Wanted,
)
from helpdesk.threading.matching.signature_images import origin_of
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.digest import Digest
from helpdesk.threading.model.letter_state import NEVER_ARRIVED, LetterState
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.message import Direction, PastMessage
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import ParticipantState, Role
from helpdesk.threading.model.people import Contact, StaffMember
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.suppression import Suppression
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.promises.busy import QueueLoad
from helpdesk.threading.reading.parsed import Kind
from helpdesk.threading.trust.addresses import domain_of, rate_key

LAST_MESSAGES = 5
# Of each person's thread: the first id, which starts it, and the newest ones. A letter's References has room for fewer.
THREAD_IDS = 50
# An id in the References of many mails leads to many tickets; the oldest are kept, so that nobody can push out the first by new mails.
TICKETS_OF_AN_ID = 20
PROCESSED = (
    Disposition.OPENED,
    Disposition.THREADED,
    Disposition.NOTED,
    Disposition.REPORTED,
    Disposition.HELD,
    Disposition.REFUSED,
)
EFFECTIVE = (Disposition.OPENED, Disposition.THREADED, Disposition.NOTED)
LAST_ROBOTS = 3  # what machines said last, and among how many of a ticket's newest events it is looked for
BEFORE_CLOSING = (Notice.INFORMATION_REQUEST, Notice.REMINDER, Notice.RESOLUTION)
LAST_EVENTS = 50
ROBOTS = (Kind.AUTOMATIC, Kind.OUT_OF_OFFICE, Kind.CHALLENGE)
SAID = 300  # characters of what a machine said


@dataclass(frozen=True, slots=True)
class _Outgoing:
    """What is known of letters on their way to people: the same for all questions of one look."""

    suppressions: Mapping[str, tuple[Suppression, ...]]
    tally: Tally
    exchanges: Mapping[str, Exchange]


@dataclass(frozen=True, slots=True)
class _DeskState:
    """How busy the queues are and which incidents go on: what a new request finds."""

    queues: Mapping[str, QueueLoad] = field(default_factory=dict)
    incidents: OpenIncidents = field(default_factory=OpenIncidents)


@dataclass(frozen=True, slots=True)
class _Found:
    """What all questions together brought up, by the key that was asked."""

    contacts: Mapping[str, Contact]
    staff: tuple[StaffMember, ...]
    by_message_id: Mapping[str, tuple[int, ...]]
    by_reference: Mapping[str, int]
    by_thread_key: Mapping[str, int]
    letters: Mapping[int, SentLetter]
    earlier: Mapping[str, tuple[EarlierCopy, ...]]
    signed: Mapping[str, tuple[EarlierCopy, ...]]  # copies of what was signed that had an effect
    held: Mapping[int, HeldMail]
    images: Mapping[str, frozenset[str]]  # by origin
    digests: Mapping[int, Digest]
    open_tickets: Mapping[str, Sequence[Ticket]]
    tickets: Mapping[int, Ticket] = field(default_factory=dict)
    conversations: Mapping[int, Conversation] = field(default_factory=dict)
    notes: Mapping[int, tuple[GuardedNote, ...]] = field(default_factory=dict)
    shown: Mapping[int, tuple[ShownRow, ...]] = field(default_factory=dict)
    proposed: Mapping[int, Proposed] = field(default_factory=dict)


def look_up(connection: Connection, question: Question, policy: Policy, now: datetime) -> Known:
    """All that is known about one cause. An author whom the directory does not know is a stranger on the policy's default plan."""
    return look_up_many(connection, [question], policy, now)[0]


def look_up_many(connection: Connection, questions: Sequence[Question], policy: Policy, now: datetime) -> list[Known]:
    """The same for many causes, in the order of the questions. Each sees the store as it is now, not the others' effects."""
    if not questions:
        return []
    default_plan = policy.default_plan
    keys = _keys_found(connection, questions, default_plan)
    reached = [_with_attached(connection, question, _tickets_reached(question, keys), keys) for question in questions]
    asking = [Wanted.PROPOSED in question.wanted and _is_staff(question, keys) for question in questions]
    proposed = proposed_under(connection, {number for asks, some in zip(asking, reached, strict=True) if asks for number in some})
    reached = [_with_proposed(some, proposed) if asks else some for asks, some in zip(asking, reached, strict=True)]
    keys = replace(keys, proposed=proposed)
    tickets = _with_survivors(connection, {number for numbers in reached for number in numbers})
    steps = newest_steps(connection, _undo_asked(questions, reached, tickets))
    tickets |= tickets_by_id(connection, {one.ticket_id for parts in steps.values() for one in parts} - set(tickets))
    conversations = conversations_of(connection, tickets)
    silent = set(_reached_by(Wanted.HANDED_OVER, questions, reached))
    conversations |= _with_handed_over(connection, {number: conversations[number] for number in silent & set(conversations)})
    naming = _reached_by(Wanted.SHOWN, questions, reached)
    for number in with_others_merged(connection, _own_tickets(naming, tickets, steps)):
        conversations[number] = replace(conversations[number], merged=True)
    of_staff = (numbers for question, numbers in zip(questions, reached, strict=True) if _is_staff(question, keys))
    guarded = _own_tickets([number for numbers in of_staff for number in numbers], tickets, steps)
    keys = replace(keys, notes=guarded_notes(connection, guarded))
    keys = replace(keys, **_whose(connection, questions, reached, tickets, steps, keys, default_plan))
    outgoing = _outgoing(connection, questions, tickets, keys.staff, keys.letters.values(), now)
    desk = (
        _desk_state(connection, policy, now) if any(Wanted.OPENING in question.wanted for question in questions) else _DeskState()
    )
    return [
        _answer(question, keys, _own_tickets(numbers, tickets, steps), conversations, steps, outgoing, desk)
        for question, numbers in zip(questions, reached, strict=True)
    ]


def _whose(
    connection: Connection, questions: Sequence[Question], reached: Sequence[Collection[int]], tickets: Mapping[int, Ticket],
    steps: Mapping[int, tuple[UndoStep, ...]], keys: _Found, default_plan: str,
) -> dict[str, Any]:  # fmt: skip
    """For mails of staff: whom the people of their tickets are to the directory, and what the platform shows of these, if a command asks."""
    people: set[str] = set()
    asked: dict[int, Ticket] = {}
    for question, numbers in zip(questions, reached, strict=True):
        if _is_staff(question, keys):
            own = _own_tickets(numbers, tickets, steps)
            people |= {
                one.address for ticket in own.values() for one in ticket.participants if one.role is Role.CUSTOMER and one.address
            }
            people |= {*question.named}
            asked |= own if Wanted.SHOWN in question.wanted else {}
    contacts = dict(keys.contacts) | (find_contacts(connection, people - set(keys.contacts), default_plan) if people else {})
    return {"contacts": contacts, "shown": _shown_rows(connection, asked)}


def _shown_rows(connection: Connection, tickets: Mapping[int, Ticket]) -> dict[int, tuple[ShownRow, ...]]:
    keys = {one.thread_key: number for number, one in tickets.items()}
    names = (
        "id",
        "thread_key",
        "account_id",
        "contact_address",
        "direction",
        "words_id",
        "letter_id",
        "read_at",
        "proved",
    )
    found: dict[int, list[ShownRow]] = defaultdict(list)
    for part in portions(keys):
        statement = select(*(platform_inbox.c[name] for name in names)).where(platform_inbox.c.thread_key.in_(part))
        for row in connection.execute(statement.order_by(platform_inbox.c.id)):
            found[keys[row.thread_key]].append(
                ShownRow(
                    row.id, row.account_id, row.contact_address, row.direction, row.words_id, row.letter_id,
                    row.read_at is not None, row.proved,
                )
            )  # fmt: skip
    return {number: tuple(rows) for number, rows in found.items()}


def _with_survivors(connection: Connection, ids: Collection[int]) -> dict[int, Ticket]:
    """Tickets, and those in which the conversations of merged ones go on."""
    found: dict[int, Ticket] = {}
    for _ in range(MOST_MERGES):
        if not ids:
            break
        found |= tickets_by_id(connection, ids)
        ids = {
            one.lineage.merged_into
            for one in found.values()
            if one.lineage.merged_into is not None and one.lineage.merged_into not in found
        }
    return found


def _own_tickets(
    ids: Collection[int], tickets: Mapping[int, Ticket], steps: Mapping[int, tuple[UndoStep, ...]]
) -> dict[int, Ticket]:
    """The tickets that one question reached, with their survivors and those that the same step changed."""
    own: dict[int, Ticket] = {}
    waiting = list(ids)
    while waiting:
        number = waiting.pop()
        if number in tickets and number not in own:
            own[number] = one = tickets[number]
            waiting += [one.lineage.merged_into] if one.lineage.merged_into is not None else []
            waiting += [step.ticket_id for step in steps.get(number, ())]
    return own


def _desk_state(connection: Connection, policy: Policy, now: datetime) -> _DeskState:
    loads = loads_of(connection, policy.queues, policy.busy, now)
    return _DeskState(loads, open_incidents(connection, now, policy.incidents.within))


def _reached_by(wanted: Wanted, questions: Sequence[Question], reached: Sequence[Collection[int]]) -> list[int]:
    """The tickets to which those questions lead that ask for something."""
    return [
        number for question, numbers in zip(questions, reached, strict=True) if wanted in question.wanted for number in numbers
    ]


def _undo_asked(questions: Sequence[Question], reached: Sequence[Collection[int]], tickets: Mapping[int, Ticket]) -> set[int]:
    return set(_own_tickets(_reached_by(Wanted.UNDO, questions, reached), tickets, {}))


def _outgoing(
    connection: Connection,
    questions: Sequence[Question],
    tickets: Mapping[int, Ticket],
    members: Sequence[StaffMember],
    letters: Collection[SentLetter],
    now: datetime,
) -> _Outgoing:
    """Everybody to whom a letter could go: who writes, who takes part, whom commands name, the team; and where it could go instead."""
    writers = {one.answered_at for one in questions if one.answered_at}
    named = {address for one in questions for address in (one.about, *one.named) if address}
    active = (
        person.address
        for one in tickets.values()
        for person in one.participants
        if person.role is Role.CUSTOMER and person.state is ParticipantState.ACTIVE and person.address
    )
    namesakes = {person.address for letter in letters for person in letter.namesakes}
    customers, team = writers | named | namesakes | set(active), {one.address for one in members}
    held = {held_key(address, answers=answers) for address in team for answers in (True, False)}
    about_mail = held | {of_strangers(address) for address in team}
    warnings = about_mail | {f"alarm:{key}" for key in (*held, "desk", "desk-unproved", "logins")}
    return _Outgoing(
        suppressions=suppressions_of(connection, customers | team, now),
        tally=tally_of(connection, {rate_key(one) for one in customers} | warnings, {domain_of(one) for one in customers}, now),
        exchanges=exchanges_of(connection, {rate_key(one) for one in writers}, now),
    )


def conversations_of(connection: Connection, tickets: Mapping[int, Ticket]) -> dict[int, Conversation]:
    """The recent past of tickets: public messages, letters, timers."""
    messages, letters = _recent_messages(connection, tickets), _recent_letters(connection, tickets)
    timers, robots = _timers(connection, tickets), _robots(connection, tickets)
    return {
        number: Conversation(
            last_messages=tuple(
                PastMessage(
                    row.author,
                    Direction(row.direction),
                    row.text,
                    row.at,
                    row.id,
                    row.message_id,
                    row.version,
                    Assurance(row.assurance),
                    tuple(row.attachments),
                    row.subject,
                )
                for row in messages[number][-LAST_MESSAGES:]
            ),
            threads=_threads(one, messages[number], letters[number]),
            timers=timers[number],
            robots=tuple(one for one in robots[number] if not messages[number] or one.at > messages[number][-1].at),
        )
        for number, one in tickets.items()
    }


def _with_handed_over(connection: Connection, conversations: Mapping[int, Conversation]) -> dict[int, Conversation]:
    found: dict[int, list[HandedOver]] = defaultdict(list)
    for part in portions(conversations):
        statement = select(outbox.c.ticket_id, outbox.c.notice, outbox.c.state, outbox.c.created_at)
        asked = outbox.c.ticket_id.in_(part), outbox.c.audience == Role.CUSTOMER, outbox.c.notice.in_(BEFORE_CLOSING)
        for row in connection.execute(statement.where(*asked)):
            found[row.ticket_id].append(HandedOver(row.notice, LetterState(row.state), row.created_at))
    return {number: replace(one, handed_over=tuple(found[number])) for number, one in conversations.items()}


def find_contacts(connection: Connection, addresses: Collection[str], default_plan: str) -> dict[str, Contact]:
    """Whom addresses belong to: by the contact itself, else by its verified domain; a stranger has no account."""
    named = _named_contacts(connection, addresses, default_plan)
    domains = _plans_of_domains(connection, {domain_of(address) for address in addresses if "@" in address})
    found = {}
    for address in addresses:
        name, owner, plan = named.get(storable(address), ("", None, default_plan))
        if owner is None and "@" in address and domain_of(address) in domains:
            owner, plan = domains[domain_of(address)]
        found[address] = Contact(address, name, owner, plan)
    return found


def list_staff(connection: Connection) -> tuple[StaffMember, ...]:
    """Everybody active, with the number of their open tickets that wait on support, and the youngest of all that were theirs."""
    load = (
        select(ticket.c.assignee, func.count().label("open_tickets"))
        .where(OPEN, ticket.c.assignee.is_not(None), ticket.c.waiting_on == WaitingOn.SUPPORT)
        .group_by(ticket.c.assignee)
        .subquery()
    )
    youngest = select(func.max(ticket.c.id)).where(ticket.c.assignee == staff.c.address).scalar_subquery()
    statement = (
        select(
            staff,
            func.coalesce(load.c.open_tickets, 0).label("open_tickets"),
            func.coalesce(youngest, 0).label("newest_ticket"),
        )
        .outerjoin_from(staff, load, staff.c.address == load.c.assignee)
        .where(staff.c.active)
        .order_by(staff.c.address)
    )
    return tuple(
        StaffMember(row.name, row.address, row.role, tuple(row.queues), row.open_tickets, row.newest_ticket, row.away_until)
        for row in connection.execute(statement)
    )


def _keys_found(connection: Connection, questions: Sequence[Question], default_plan: str) -> _Found:
    contacts = find_contacts(connection, {address for one in questions for address in (one.author, one.about)}, default_plan)
    team = list_staff(connection)
    asking = {question.author for question in questions if Wanted.OPEN_TICKETS in question.wanted}
    return _Found(
        contacts=contacts,
        staff=team,
        by_message_id=_tickets_of_ids(connection, [key for one in questions for key in one.message_ids]),
        by_reference=_ticket_ids(connection, ticket.c.reference, [key for one in questions for key in one.references]),
        by_thread_key=_ticket_ids(connection, ticket.c.thread_key, [one.thread_key for one in questions if one.thread_key]),
        letters=sent_letters(connection, [number for one in questions for number in one.letter_ids]),
        held=held_mails(connection, [number for one in questions for number in one.held_ids]),
        digests=digests_by_id(connection, [number for one in questions for number in one.digest_ids]),
        open_tickets=open_tickets_of(connection, [one for one in team if one.address in asking]),
        earlier=_earlier(connection, [one.fingerprint for one in questions if one.fingerprint]),
        signed=_earlier_signed(connection, {one.signed_content for one in questions if one.signed_content}),
        images=_seen_images(connection, {(key, origin_of(contacts[one.author])) for one in questions for key in one.images}),
    )


def _tickets_reached(question: Question, found: _Found) -> set[int]:
    by_message_id = (number for key in question.message_ids for number in found.by_message_id.get(message_id_key(key), ()))
    by_reference = (found.by_reference[key] for key in question.references if key in found.by_reference)
    letters = (found.letters[number].ticket_id for number in question.letter_ids if number in found.letters)
    thread = found.by_thread_key.get(question.thread_key or "")
    earlier = (copy.ticket_id for copy in _earlier_copies(question, found))
    rows = (row.ticket_id for number in question.digest_ids if number in found.digests for row in found.digests[number].rows)
    candidates = (*question.ticket_ids, *rows, *by_message_id, *by_reference, *letters, *earlier, thread)
    return {number for number in candidates if number is not None}


def _with_attached(connection: Connection, question: Question, reached: set[int], found: _Found) -> set[int]:
    """With the open requests of incidents among them, where a staff member's words go to all of these."""
    if not (Wanted.ATTACHED in question.wanted and reached and _is_staff(question, found)):
        return reached
    statement = select(ticket.c.id).where(ticket.c.incident.in_(reached), ticket.c.status != Status.CLOSED)
    return reached | set(connection.execute(statement.order_by(ticket.c.id).limit(MOST_ATTACHED + 1)).scalars())


def _with_proposed(reached: set[int], proposed: Mapping[int, Proposed]) -> set[int]:
    found = [proposed[number] for number in reached if number in proposed]
    return reached.union(*(one.listed for one in found), *(one.later for one in found))


def _answer(
    question: Question,
    found: _Found,
    tickets: dict[int, Ticket],
    conversations: Mapping[int, Conversation],
    steps: Mapping[int, tuple[UndoStep, ...]],
    outgoing: _Outgoing,
    desk: _DeskState,
) -> Known:
    opening = desk if Wanted.OPENING in question.wanted else _DeskState()
    ids = {key: found.by_message_id.get(message_id_key(key)) for key in question.message_ids}
    return Known(
        contact=found.contacts[question.author],
        tickets=tickets,
        conversations={number: conversations[number] for number in tickets},
        by_message_id={key: numbers for key, numbers in ids.items() if numbers},
        by_reference={key: found.by_reference[key] for key in question.references if key in found.by_reference},
        by_thread_key=found.by_thread_key.get(question.thread_key or ""),
        letters={number: found.letters[number] for number in question.letter_ids if number in found.letters},
        staff=found.staff,
        earlier=_earlier_copies(question, found),
        about=found.contacts[question.about] if question.about else None,
        held={number: found.held[number] for number in question.held_ids if number in found.held},
        notes={number: found.notes[number] for number in tickets if number in found.notes and _is_staff(question, found)},
        contacts=dict(found.contacts) if _is_staff(question, found) else {},
        shown={number: found.shown[number] for number in tickets if Wanted.SHOWN in question.wanted and number in found.shown},
        digests={number: found.digests[number] for number in question.digest_ids if number in found.digests},
        open_tickets=tuple(found.open_tickets.get(question.author, ())) if Wanted.OPEN_TICKETS in question.wanted else (),
        undo={number: steps[number] for number in tickets if Wanted.UNDO in question.wanted and number in steps},
        proposed={
            number: one for number, one in found.proposed.items() if Wanted.PROPOSED in question.wanted and number in tickets
        },
        seen_images=found.images.get(storable(origin_of(found.contacts[question.author])), frozenset()),
        suppressions=dict(outgoing.suppressions),
        tally=outgoing.tally,
        exchange=outgoing.exchanges.get(rate_key(question.answered_at), Exchange()) if question.answered_at else Exchange(),
        queues=opening.queues,
        incidents=opening.incidents,
    )


def _is_staff(question: Question, found: _Found) -> bool:
    return any(member.address == question.author for member in found.staff)


def _earlier_copies(question: Question, found: _Found) -> tuple[EarlierCopy, ...]:
    same = found.earlier.get(question.fingerprint or "", ())
    known = {copy.inbound_id for copy in same} | {question.own_inbound_id}
    signed = (copy for copy in found.signed.get(question.signed_content, ()) if copy.inbound_id not in known)
    return (*(copy for copy in same if copy.inbound_id != question.own_inbound_id), *signed)


def _named_contacts(
    connection: Connection, addresses: Collection[str], default_plan: str
) -> dict[str, tuple[str, str | None, str]]:
    columns = select(contact.c.address, contact.c.name, contact.c.account_id, account.c.plan)
    statement = columns.outerjoin_from(contact, account, contact.c.account_id == account.c.id)
    return {
        row.address: (row.name, row.account_id, row.plan or default_plan)
        for part in portions(addresses)
        for row in connection.execute(statement.where(contact.c.address.in_(part)))
    }


def _plans_of_domains(connection: Connection, domains: Collection[str]) -> dict[str, tuple[str, str]]:
    columns = select(account_domain.c.domain, account_domain.c.account_id, account.c.plan)
    statement = columns.join_from(account_domain, account, account_domain.c.account_id == account.c.id)
    return {
        row.domain: (row.account_id, row.plan)
        for part in portions(domains)
        for row in connection.execute(statement.where(account_domain.c.domain.in_(part)))
    }


def _tickets_of_ids(connection: Connection, message_ids: Collection[str]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = defaultdict(list)
    age = func.row_number().over(partition_by=known_id.c.message_id, order_by=known_id.c.ticket_id)
    for part in portions(message_ids):
        ranked = select(known_id, age.label("age")).where(known_id.c.message_id.in_(part)).subquery()
        statement = select(ranked.c.message_id, ranked.c.ticket_id).where(ranked.c.age <= TICKETS_OF_AN_ID)
        for message_id, number in connection.execute(statement.order_by(ranked.c.ticket_id)):
            found[message_id].append(number)
    return {key: tuple(numbers) for key, numbers in found.items()}


def _ticket_ids(connection: Connection, column: Column[str], values: Collection[str]) -> dict[str, int]:
    return {
        row[0]: row[1]
        for part in portions([storable(value) for value in values])
        for row in connection.execute(select(column, ticket.c.id).where(column.in_(part)))
    }


def _earlier(connection: Connection, fingerprints: Collection[str]) -> dict[str, tuple[EarlierCopy, ...]]:
    found: dict[str, list[EarlierCopy]] = defaultdict(list)
    unproved = {unproved_fingerprint(one): one for one in fingerprints}
    for part in portions([*fingerprints, *unproved]):
        statement = select(inbound.c.fingerprint, inbound.c.id, inbound.c.ticket_id).where(
            inbound.c.fingerprint.in_(part), inbound.c.state.in_(PROCESSED)
        )
        for fingerprint, number, ticket_id in connection.execute(statement.order_by(inbound.c.id)):
            copy = EarlierCopy(number, ticket_id, spoke_for_nobody=fingerprint in unproved)
            found[unproved.get(fingerprint, fingerprint)].append(copy)
    return {key: tuple(copies) for key, copies in found.items()}


def _earlier_signed(connection: Connection, contents: Collection[str]) -> dict[str, tuple[EarlierCopy, ...]]:
    found: dict[str, list[EarlierCopy]] = defaultdict(list)
    for part in portions(contents):
        statement = select(inbound.c.signed_content, inbound.c.id, inbound.c.ticket_id).where(
            inbound.c.signed_content.in_(part), inbound.c.state.in_(EFFECTIVE)
        )
        for content, number, ticket_id in connection.execute(statement.order_by(inbound.c.id)):
            found[content].append(EarlierCopy(number, ticket_id))
    return {key: tuple(copies) for key, copies in found.items()}


def _seen_images(connection: Connection, keys: Collection[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """Which of these images, with whose they are, earlier mail held."""
    key = (seen_image.c.sha256, seen_image.c.origin)
    found: dict[str, set[str]] = defaultdict(set)
    for part in portions([(image, storable(origin)) for image, origin in keys if origin]):
        for image, origin in connection.execute(select(*key).where(tuple_(*key).in_(part))):
            found[origin].add(image)
    return {origin: frozenset(images) for origin, images in found.items()}


def _recent_messages(connection: Connection, ids: Collection[int]) -> dict[int, list[AnyRow]]:
    """Oldest first. Only the last ones bring their text along; the texts of a long conversation are not even read to rank its messages."""
    newest = func.row_number().over(partition_by=message.c.ticket_id, order_by=message.c.id.desc()).label("newest")
    oldest = func.row_number().over(partition_by=message.c.ticket_id, order_by=message.c.id).label("oldest")
    columns = (
        message.c.id,
        message.c.ticket_id,
        message.c.author,
        message.c.direction,
        message.c.message_id,
        message.c.at,
        message.c.version,
        message.c.assurance,
        message.c.attachments,
        message.c.subject,
    )
    found: dict[int, list[AnyRow]] = defaultdict(list)
    for part in portions(ids):
        ranked = select(message.c.id, newest, oldest).where(message.c.ticket_id.in_(part)).subquery()
        wanted = case((ranked.c.newest <= LAST_MESSAGES, message.c.text), else_="").label("text")
        statement = (
            select(*columns, wanted)
            .join_from(ranked, message, message.c.id == ranked.c.id)
            .where(or_(ranked.c.newest <= THREAD_IDS, ranked.c.oldest == 1))
        )
        for row in connection.execute(statement.order_by(message.c.id)):
            found[row.ticket_id].append(row)
    return found


def _recent_letters(connection: Connection, ids: Collection[int]) -> dict[int, list[AnyRow]]:
    person = (outbox.c.ticket_id, outbox.c.participant)
    newest = func.row_number().over(partition_by=person, order_by=outbox.c.id.desc()).label("newest")
    oldest = func.row_number().over(partition_by=person, order_by=outbox.c.id).label("oldest")
    columns = (outbox.c.id, outbox.c.ticket_id, outbox.c.participant, outbox.c.message_id, outbox.c.created_at)
    found: dict[int, list[AnyRow]] = defaultdict(list)
    for part in portions(ids):
        arrived = select(*columns, newest, oldest).where(outbox.c.ticket_id.in_(part), outbox.c.state.not_in(NEVER_ARRIVED))
        ranked = arrived.subquery()
        statement = select(*(ranked.c[column.name] for column in columns)).where(
            or_(ranked.c.newest <= THREAD_IDS, ranked.c.oldest == 1)
        )
        for row in connection.execute(statement.order_by(ranked.c.id)):
            found[row.ticket_id].append(row)
    return found


def _threads(one: Ticket, messages: Iterable[AnyRow], letters: Iterable[AnyRow]) -> dict[int, tuple[str, ...]]:
    """For each participant the ids that he wrote or received, oldest first; of one moment, what he wrote comes first."""
    numbers = {person.address: person.number for person in one.participants if person.address}
    held: dict[int, list[tuple[datetime, int, str]]] = defaultdict(list)
    for row in messages:
        if row.message_id and row.author in numbers:
            held[numbers[row.author]].append((row.at, 0, row.message_id))
    for row in letters:
        held[row.participant].append((row.created_at, 1, row.message_id))
    return {number: tuple(entry[2] for entry in sorted(entries, key=_by_time)) for number, entries in held.items()}


def _by_time(entry: tuple[datetime, int, str]) -> tuple[datetime, int]:
    return entry[:2]


def _timers(connection: Connection, ids: Collection[int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for part in portions(ids):
        statement = select(timer.c.ticket_id, timer.c.kind, func.max(timer.c.occurrence)).where(timer.c.ticket_id.in_(part))
        for number, kind, occurrence in connection.execute(statement.group_by(timer.c.ticket_id, timer.c.kind)):
            found[number][kind] = occurrence
    return found


def _robots(connection: Connection, ids: Collection[int]) -> dict[int, list[PastMessage]]:
    """What machines said last on each ticket, oldest first."""
    found: dict[int, list[PastMessage]] = defaultdict(list)
    newest = func.row_number().over(partition_by=event.c.ticket_id, order_by=event.c.number.desc()).label("newest")
    for part in portions(ids):
        said = select(event.c.ticket_id, event.c.number, event.c.actor, event.c.at, event.c.detail, newest)
        recent = event.c.number > ticket.c.event_count - LAST_EVENTS
        said = said.join_from(ticket, event, ticket.c.id == event.c.ticket_id)
        ranked = said.where(ticket.c.id.in_(part), recent, event.c.kind.in_(ROBOTS)).subquery()
        for row in connection.execute(select(ranked).where(ranked.c.newest <= LAST_ROBOTS).order_by(ranked.c.number)):
            found[row.ticket_id].append(PastMessage(row.actor, Direction.CUSTOMER, row.detail[:SAID], row.at))
    return found
