"""Looks up the keys of questions: tickets, letters, held mails, digests, and earlier copies of the same mail."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Executable, func, select

from helpdesk.store.digests import digests_by_id, last_words_of, open_tickets_of, tickets_of_absent
from helpdesk.store.guarded import held_mails
from helpdesk.store.lists import among, rows_among
from helpdesk.store.mail_claims import unproved_fingerprint
from helpdesk.store.people import find_contacts
from helpdesk.store.schema import HAS_EFFECT, SIGNED_EFFECT, inbound, known_id, message_id_key, seen_image, storable, ticket
from helpdesk.store.sent_letters import sent_letters
from helpdesk.threading.lifecycle.routing import staff_named
from helpdesk.threading.matching.known import EarlierCopy, HeldMail, Question, SentLetter, Wanted
from helpdesk.threading.matching.signature_images import EARLIER_MAILS, origin_of
from helpdesk.threading.model.digest import Digest
from helpdesk.threading.model.message import LastWord
from helpdesk.threading.model.people import Contact, StaffList, StaffMember
from helpdesk.threading.model.ticket import Ticket

# A Message-ID in the References of many mails belongs to many tickets. The oldest are used, so that new mails cannot displace them.
TICKETS_OF_AN_ID = 20
_AGE = func.row_number().over(partition_by=known_id.c.message_id, order_by=known_id.c.ticket_id)
_RANKED = select(known_id, _AGE.label("age")).where(among(known_id.c.message_id)).subquery()
BY_MESSAGE_ID = (
    select(_RANKED.c.message_id, _RANKED.c.ticket_id).where(_RANKED.c.age <= TICKETS_OF_AN_ID).order_by(_RANKED.c.ticket_id)
)
BY_REFERENCE = select(ticket.c.reference, ticket.c.id).where(among(ticket.c.reference))
BY_THREAD_KEY = select(ticket.c.thread_key, ticket.c.id).where(among(ticket.c.thread_key))
BY_FINGERPRINT = (
    select(inbound.c.fingerprint, inbound.c.id, inbound.c.ticket_id)
    .where(among(inbound.c.fingerprint), HAS_EFFECT)
    .order_by(inbound.c.id)
)
BY_SIGNED_CONTENT = (
    select(inbound.c.signed_content, inbound.c.id, inbound.c.ticket_id)
    .where(among(inbound.c.signed_content), SIGNED_EFFECT)
    .order_by(inbound.c.id)
)
SEEN_IMAGES = (
    select(seen_image.c.sha256, seen_image.c.origin)
    .where(among(seen_image.c.sha256), among(seen_image.c.origin, "origins"))
    .group_by(seen_image.c.sha256, seen_image.c.origin)
    .having(func.count() >= EARLIER_MAILS)
)


@dataclass(frozen=True, slots=True)
class Keys:
    """The results for the keys of all questions together, by key."""

    contacts: Mapping[str, Contact]
    staff: tuple[StaffMember, ...]
    by_message_id: Mapping[str, tuple[int, ...]]
    by_reference: Mapping[str, int]
    by_thread_key: Mapping[str, int]
    letters: Mapping[int, SentLetter]
    earlier: Mapping[str, tuple[EarlierCopy, ...]]
    signed: Mapping[str, tuple[EarlierCopy, ...]]  # earlier mails with an effect, by the hash of what a signature covers
    held: Mapping[int, HeldMail]
    images: Mapping[str, frozenset[str]]  # by origin
    digests: Mapping[int, Digest]
    open_tickets: Mapping[str, Sequence[Ticket]]
    of_absent: Sequence[Ticket]  # in the hands of staff who may be away, waiting on support
    last_words: Mapping[int, LastWord]

    def asked_by_staff(self, question: Question) -> bool:
        """Return whether the author's address is that of a staff member. The author need not be authenticated."""
        return any(member.address == question.author for member in self.staff)

    def tickets_of(self, question: Question) -> set[int]:
        """Return the ids of the tickets that any key of the question identifies."""
        by_message_id = (number for key in question.message_ids for number in self.by_message_id.get(message_id_key(key), ()))
        by_reference = (self.by_reference[key] for key in question.references if key in self.by_reference)
        letters = (self.letters[number].ticket_id for number in question.letter_ids if number in self.letters)
        thread = self.by_thread_key.get(question.thread_key or "")
        earlier = (copy.ticket_id for copy in self.earlier_copies(question))
        rows = (row.ticket_id for number in question.digest_ids if number in self.digests for row in self.digests[number].rows)
        candidates = (*question.ticket_ids, *rows, *by_message_id, *by_reference, *letters, *earlier, thread)
        return {number for number in candidates if number is not None}

    def earlier_copies(self, question: Question) -> tuple[EarlierCopy, ...]:
        """Return other mails with the same fingerprint or the same signed content as the mail of the question."""
        same = self.earlier.get(question.fingerprint or "", ())
        known = {copy.inbound_id for copy in same} | {question.own_inbound_id}
        signed = (copy for copy in self.signed.get(question.signed_content, ()) if copy.inbound_id not in known)
        return (*(copy for copy in same if copy.inbound_id != question.own_inbound_id), *signed)


def find_keys(connection: Connection, questions: Sequence[Question], default_plan: str, team: StaffList) -> Keys:
    """Look up all keys of all questions, with one statement for each kind of key."""
    contacts = find_contacts(
        connection,
        {address for question in questions for address in (question.author, question.about, *question.copied, *question.past_of)},
        default_plan,
    )
    asking = {question.author for question in questions if Wanted.OPEN_TICKETS in question.wanted}
    asking |= {member.address for question in questions for name in question.colleagues for member in staff_named(name, team)}
    open_tickets = open_tickets_of(connection, [member for member in team if member.address in asking])
    of_absent = (
        tickets_of_absent(connection, team) if any(Wanted.OPEN_TICKETS in question.wanted for question in questions) else ()
    )
    return Keys(
        contacts=contacts,
        staff=team,
        by_message_id=_tickets_of_ids(connection, [key for question in questions for key in question.message_ids]),
        by_reference=_ticket_ids(connection, BY_REFERENCE, [key for question in questions for key in question.references]),
        by_thread_key=_ticket_ids(connection, BY_THREAD_KEY, [key for question in questions if (key := question.thread_key)]),
        letters=sent_letters(connection, [number for question in questions for number in question.letter_ids]),
        held=held_mails(connection, [number for question in questions for number in question.held_ids]),
        digests=digests_by_id(connection, [number for question in questions for number in question.digest_ids]),
        open_tickets=open_tickets,
        of_absent=of_absent,
        last_words=last_words_of(
            connection, {ticket.id for tickets in (*open_tickets.values(), of_absent) for ticket in tickets}
        ),
        earlier=_copies_by_fingerprint(connection, [key for question in questions if (key := question.fingerprint)]),
        signed=_copies_by_signed_content(connection, {key for question in questions if (key := question.signed_content)}),
        images=_seen_images(
            connection, {(key, origin_of(contacts[question.author])) for question in questions for key in question.images}
        ),
    )


def _tickets_of_ids(connection: Connection, message_ids: Collection[str]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = defaultdict(list)
    for message_id, number in rows_among(connection, BY_MESSAGE_ID, map(message_id_key, message_ids)):
        found[message_id].append(number)
    return {key: tuple(numbers) for key, numbers in found.items()}


def _ticket_ids(connection: Connection, statement: Executable, values: Collection[str]) -> dict[str, int]:
    return dict(map(tuple, rows_among(connection, statement, map(storable, values))))


def _copies_by_fingerprint(connection: Connection, fingerprints: Collection[str]) -> dict[str, tuple[EarlierCopy, ...]]:
    found: dict[str, list[EarlierCopy]] = defaultdict(list)
    unproved = {unproved_fingerprint(fingerprint): fingerprint for fingerprint in fingerprints}
    for fingerprint, number, ticket_id in rows_among(connection, BY_FINGERPRINT, [*fingerprints, *unproved]):
        copy = EarlierCopy(number, ticket_id, spoke_for_nobody=fingerprint in unproved)
        found[unproved.get(fingerprint, fingerprint)].append(copy)
    return {key: tuple(copies) for key, copies in found.items()}


def _copies_by_signed_content(connection: Connection, contents: Collection[str]) -> dict[str, tuple[EarlierCopy, ...]]:
    found: dict[str, list[EarlierCopy]] = defaultdict(list)
    for content, number, ticket_id in rows_among(connection, BY_SIGNED_CONTENT, contents):
        found[content].append(EarlierCopy(number, ticket_id))
    return {key: tuple(copies) for key, copies in found.items()}


def _seen_images(connection: Connection, keys: Collection[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """Return by origin those of these (image, origin) pairs that at least `EARLIER_MAILS` earlier mails contained."""
    pairs = {(image, storable(origin)) for image, origin in keys if origin}
    origins = list({origin for _, origin in pairs})
    found: dict[str, set[str]] = defaultdict(set)
    for image, origin in rows_among(connection, SEEN_IMAGES, [image for image, _ in pairs], origins=origins):
        if (image, origin) in pairs:
            found[origin].add(image)
    return {origin: frozenset(images) for origin, images in found.items()}
