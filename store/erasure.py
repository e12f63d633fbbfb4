"""Takes people out of the database, table by table, as `store.persons` declares it.

Rows that are a person's own are emptied or deleted: those of requests in which nobody else has written as a customer, and what bears their
address. In all other rows their addresses and names are masked, and octets that name them are emptied. Rows that are emptied stay, so that
what is counted stays the same. A table is walked by its key in small steps; only rows that change are written, each as it is at that moment.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, delete, insert, or_, select, tuple_, update
from sqlalchemy.sql.elements import KeyedColumnElement

from helpdesk.store.blobs import BlobDamaged, BlobStore
from helpdesk.store.cause import number_of_mail
from helpdesk.store.database import AnyRow, Database, repeats_lost_races
from helpdesk.store.identifiers import new_id, new_reference, new_thread_key
from helpdesk.store.legal_hold import LegalHold
from helpdesk.store.lists import among, rows_among
from helpdesk.store.mentions import Person, mask, mask_tree, mentions
from helpdesk.store.merges import MERGED
from helpdesk.store.persons import COVERS, GONE, Cover
from helpdesk.store.retention import number_of_reply
from helpdesk.store.schema import (
    PENDING,
    UNSENT,
    WAITING,
    attempt,
    contact,
    event,
    inbound,
    internal_note,
    known_id,
    mailbox_mail,
    measurement,
    message,
    metadata,
    outbox,
    participant,
    platform_attachment,
    platform_inbox,
    platform_reply,
    platform_thread,
    related,
    staff,
    ticket,
    ticket_words,
    timer,
    undo_step,
)
from helpdesk.store.search import drop_forgotten, index_again
from helpdesk.threading.matching.sent_words import octets_of_words
from helpdesk.threading.model.letter_state import UNSENT_STATES, LetterState
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.participant import Role
from helpdesk.threading.model.status import Status
from helpdesk.threading.trust.addresses import canonical, rate_key

AT_ONCE = 200
NOBODY = "@erased.invalid"
UNDECIDED = (Disposition.PENDING, Disposition.HELD, Disposition.QUARANTINED)
IN_ORDER = (
    *(message, internal_note, event, outbox, attempt, inbound, mailbox_mail, platform_reply, platform_inbox, platform_attachment),
    *(platform_thread, participant, ticket),
)
OF_TICKETS = (
    message,
    internal_note,
    event,
    participant,
    timer,
    measurement,
    outbox,
    inbound,
)  # those that stay with an emptied ticket
GONE_WITH_TICKETS = (known_id, ticket_words, undo_step)


@dataclass
class Own:
    """The keys of rows that are erased people's own, as far as they are known. Tables that are walked later use them."""

    tickets: set[int] = field(default_factory=set)  # of theirs alone
    shared: set[int] = field(default_factory=set)  # in which they take part with others
    threads: set[str] = field(default_factory=set)
    messages: set[int] = field(default_factory=set)
    mails: set[int] = field(default_factory=set)
    letters: set[int] = field(default_factory=set)
    replies: set[int] = field(default_factory=set)
    contents: set[str] = field(default_factory=set)  # SHA-256 of files and mails that may lie in the blob store
    indexed: set[int] = field(default_factory=set)  # tickets whose search words have to be written anew
    waiting: int = 0  # letters of others that name them and are not sent yet


@dataclass(frozen=True, slots=True)
class Findings:
    """What the desk has about people, before anything is done. `open_requests` and the next two forbid an erasure for now."""

    names: tuple[str, ...]
    own: Own
    references: tuple[str, ...]
    open_requests: tuple[str, ...]
    undecided: int
    sending: int
    held: tuple[str, ...]
    of_staff: frozenset[str]  # those of the addresses that are or were of the team
    active_staff: tuple[str, ...]
    listed_in: tuple[str, ...]  # sources of the directory that name them
    in_mailboxes: dict[str, int]


def find(connection: Connection, addresses: Sequence[str], hold: LegalHold) -> Findings:
    """Look for people by canonical addresses."""
    values = list(addresses)
    taking_part = rows_among(
        connection,
        select(participant).where(among(participant.c.address), participant.c.role == Role.CUSTOMER),
        values,
    )
    contacts = rows_among(connection, select(contact).where(among(contact.c.address)), values)
    colleagues = rows_among(connection, select(staff).where(among(staff.c.address)), values)
    tickets = {row.ticket_id for row in taking_part}
    own = _own_tickets(connection, tickets, frozenset(values))
    rows = rows_among(connection, select(ticket).where(among(ticket.c.id)), tickets)
    own.threads = {row.thread_key for row in rows if row.id in own.tickets}
    held = {row.reference for row in rows if row.id in hold.of_tickets(connection, tickets)}
    held |= {address for address in values if hold.holds_any((address,))}
    names = {row.name.strip() for row in (*taking_part, *contacts, *colleagues) if row.name.strip()}
    mails = [row.id for row in rows_among(connection, select(inbound.c.id).where(among(inbound.c.ticket_id)), own.tickets)]
    kept = rows_among(
        connection, select(mailbox_mail.c.mailbox, mailbox_mail.c.inbound_id).where(among(mailbox_mail.c.inbound_id)), mails
    )
    in_mailboxes: dict[str, int] = {}
    for row in kept:
        in_mailboxes[row.mailbox] = in_mailboxes.get(row.mailbox, 0) + 1
    return Findings(
        names=tuple(sorted(names - set(values))),
        own=own,
        references=tuple(sorted(row.reference for row in rows)),
        open_requests=tuple(sorted(row.reference for row in rows if row.id in own.tickets and row.status != Status.CLOSED)),
        undecided=_undecided(connection, values, tickets),
        sending=_sending(connection, values, own.tickets),
        held=tuple(sorted(held)),
        of_staff=frozenset(row.address for row in colleagues),
        active_staff=tuple(row.address for row in colleagues if row.active),
        listed_in=tuple(sorted({row.source for row in contacts if row.active})),
        in_mailboxes=in_mailboxes,
    )


def _own_tickets(connection: Connection, tickets: Collection[int], addresses: frozenset[str]) -> Own:
    """Tell the tickets of these people alone from those in which another customer asked or wrote."""
    others = {
        row.ticket_id
        for row in rows_among(
            connection,
            select(message.c.ticket_id, message.c.author).where(among(message.c.ticket_id), message.c.direction == Role.CUSTOMER),
            tickets,
        )
        if canonical(row.author) not in addresses
    }
    asked = select(participant.c.ticket_id, participant.c.address).join(
        ticket, and_(ticket.c.id == participant.c.ticket_id, ticket.c.requester == participant.c.number)
    )
    others |= {
        row.ticket_id
        for row in rows_among(connection, asked.where(among(participant.c.ticket_id)), tickets)
        if row.address not in addresses
    }
    others |= {row.ticket_id for row in rows_among(connection, MERGED, tickets) if row.other_id not in tickets}
    return Own(tickets=set(tickets) - others, shared=set(tickets) & others)


def _undecided(connection: Connection, addresses: Collection[str], tickets: Collection[int]) -> int:
    keys = {rate_key(address) for address in addresses}
    mails = connection.execute(select(inbound.c.sender, inbound.c.turn_ticket).where(PENDING)).all()
    replies = connection.execute(select(platform_reply.c.contact_address).where(WAITING)).scalars().all()
    return sum(row.sender in keys or row.turn_ticket in tickets for row in mails) + sum(
        canonical(address) in addresses for address in replies
    )


def _sending(connection: Connection, addresses: Collection[str], tickets: Collection[int]) -> int:
    statement = select(outbox.c.recipient, outbox.c.ticket_id).where(UNSENT, outbox.c.state == LetterState.SENDING)
    return sum(row.recipient in addresses or row.ticket_id in tickets for row in connection.execute(statement))


class Erasure:
    """One erasure of several people. Each method is complete by itself, and may be called again: gone already is done."""

    def __init__(
        self, database: Database, blobs: BlobStore, people: Sequence[Person], own: Own, of_staff: frozenset[str]
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._people = people
        self._own = own
        self._pseudonyms = {address: person.pseudonym(address) for person in people for address in person.addresses}
        # What staff wrote is the conversation of customers: there they are masked, and nothing is emptied.
        self._owned = {address: name for address, name in self._pseudonyms.items() if address not in of_staff}
        self._rate_keys = {rate_key(address): pseudonym for address, pseudonym in self._owned.items()}
        self.changed: dict[str, int] = {}

    def walk(self) -> None:
        """Empty, delete and mask rows in all tables. Raises DatabaseAway."""
        rest = [table for table in metadata.sorted_tables if table not in IN_ORDER]
        for table in (*IN_ORDER, *rest):
            if table.name != "search_words":
                self._walk_table(table)

    def finish(self, now: datetime, prefix: str) -> None:
        """Give emptied tickets other keys, so that no token, reference or id leads to them, and write the search words anew."""
        for number in sorted(self._own.tickets):
            self._give_other_keys(number, now, prefix)
        for ids in _batches(sorted((self._own.indexed | self._own.shared) - self._own.tickets)):
            with self._database.writing() as connection:
                there = [row.id for row in rows_among(connection, select(ticket.c.id).where(among(ticket.c.id)), ids)]
                index_again(connection, there)
        drop_forgotten(self._database)

    def remains(self) -> dict[str, int]:
        """Look at every column again, and return by table how many rows still name these people."""
        found: dict[str, int] = {}
        for table in metadata.sorted_tables:
            cover = COVERS[table.name]
            for rows in self._rows(table):
                count = sum(self._is_named(table, cover, row) for row in rows)
                if count:
                    found[table.name] = found.get(table.name, 0) + count
        return found

    @property
    def contents(self) -> frozenset[str]:
        """The SHA-256 of contents that may be in the blob store for nobody now."""
        return frozenset(self._own.contents)

    @property
    def waiting(self) -> int:
        return self._own.waiting

    def _walk_table(self, table: Table) -> None:
        for rows in self._rows(table):
            keys = [key for row in rows if self._change(table, row, key := _key(table, row)) is not None]
            if keys:
                self._write(table, keys)

    @repeats_lost_races
    def _write(self, table: Table, keys: Sequence[tuple[Any, ...]]) -> None:
        """Change the rows with these keys, as they are now."""
        with self._database.writing() as connection:
            for key in keys:
                row = connection.execute(select(table).where(_is(table, key)).with_for_update()).one_or_none()
                change = None if row is None else self._change(table, row, key)
                if change is None:
                    continue
                if change == {}:
                    connection.execute(delete(table).where(_is(table, key)))
                else:
                    connection.execute(update(table).where(_is(table, key)).values(change))
                self.changed[table.name] = self.changed.get(table.name, 0) + 1

    def _change(self, table: Table, row: AnyRow, key: tuple[Any, ...]) -> dict[str, Any] | None:
        """The new values of a row; nothing but {} for one that is deleted, None for one that stays."""
        cover = COVERS[table.name]
        is_own = self._is_own(table.name, cover, row)
        if is_own:
            self._note_own(table.name, row)
            if cover.is_deleted:
                return {}
        change = self._masked(table, cover, row) | (self._emptied(table.name, cover, row) if is_own else {})
        differing = {name: value for name, value in change.items() if value != getattr(row, name)}
        if not differing:
            return None
        if table.name in ("message", "internal_note"):
            self._own.indexed.add(row.ticket_id)
        if table.name == "ticket":
            differing["version"] = row.version + 1  # whoever decides on it now decides again
        if table.name == "staff" and "address" in differing:
            differing["active"] = False  # in a backup from before they left
        if table.name == "platform_thread":
            differing["version"] = row.version + 1
        return differing

    def _is_own(self, name: str, cover: Cover, row: AnyRow) -> bool:
        own = self._own
        if name == "ticket":
            return row.id in own.tickets
        if name == "attempt":
            return row.outbox_id in own.letters
        if name == "mailbox_mail":
            return row.inbound_id in own.mails
        if name in ("platform_inbox", "platform_thread") and row.thread_key in own.threads:
            return True
        if name == "platform_attachment":
            return row.words_id in own.messages or row.letter_id in own.letters or row.reply_id in own.replies
        if name == "inbound" and row.id in own.mails:
            return True
        if name == "related":
            return row.ticket_id in own.tickets or row.other_id in own.tickets
        if name == "participant":
            return canonical(row.address) in self._owned
        if getattr(row, "ticket_id", None) in own.tickets:
            return name not in ("timer", "measurement")
        return any(self._pseudonym_of(getattr(row, column)) for column in cover.owners)

    def _pseudonym_of(self, value: str | None) -> str:
        if not value or not self._owned:
            return ""
        return self._owned.get(canonical(value), "") or self._rate_keys.get(value, "")

    def _note_own(self, name: str, row: AnyRow) -> None:
        """Remember what else is theirs because this row is."""
        own = self._own
        if name in ("message", "internal_note"):
            own.contents |= {str(entry.get("sha256")) for entry in row.attachments}
        if name == "message":
            own.messages.add(row.id)
            if canonical(row.author) in self._owned and (mail := number_of_mail(row.cause)) is not None:
                own.mails.add(mail)
            if (reply := number_of_reply(row.cause)) is not None:
                own.replies.add(reply)
        elif name == "outbox":
            own.letters.add(row.id)
            own.contents |= {str(entry["sha256"]) for entry in row.files or ()}
        elif name == "inbound":
            own.mails.add(row.id)
            own.contents.add(row.sha256)
        elif name == "platform_reply":
            own.replies.add(row.id)
        elif name == "platform_attachment" and row.sha256:
            own.contents.add(row.sha256)

    def _masked(self, table: Table, cover: Cover, row: AnyRow) -> dict[str, Any]:
        people, change = self._people, {}
        for name in cover.words.split():
            value = getattr(row, name)
            if isinstance(value, str):
                change[name] = mask(value, people)
        for name in cover.trees.split():
            value = getattr(row, name)
            if value is not None:
                change[name] = mask_tree(value, people)
        if any(self._octets_name(table.name, name, row) for name in cover.octets.split()):
            change |= self._without_octets(table.name, row)
        return change

    def _octets_name(self, table: str, name: str, row: AnyRow) -> bool:
        value = getattr(row, name)
        if table == "inbound" and value is None:
            try:
                value = self._blobs.get(row.sha256)
            except (OSError, BlobDamaged):
                return False
        if not value:
            return False
        if table == "outbox" and name == "words":
            value = octets_of_words(bytes(value))
        return mentions(bytes(value), self._people)

    def _without_octets(self, table: str, row: AnyRow) -> dict[str, Any]:
        """Empty the octets of somebody else's mail or letter that name an erased person. What is not done with yet is left for later."""
        if table == "outbox":
            if row.state in UNSENT_STATES:
                self._own.waiting += 1
                return {}
            return {"content": GONE, "words": GONE, "files": None, "files_of": None}
        if table == "inbound":
            if row.content is None:
                self._own.contents.add(row.sha256)
            return {"content": GONE} if row.state != "pending" else {}
        return {"content": GONE}

    def _emptied(self, name: str, cover: Cover, row: AnyRow) -> dict[str, Any]:
        change = dict(cover.emptied)
        for column in cover.owners:
            pseudonym = self._pseudonym_of(getattr(row, column))
            if pseudonym and column not in change:
                change[column] = pseudonym
        if name == "outbox":
            change["message_id"] = f"{row.id}{NOBODY}"
            if row.state in UNSENT_STATES:
                change |= {"state": LetterState.SUPPRESSED, "next_attempt_at": None, "lease_until": None, "lease_token": None}
        if name == "inbound" and row.state in UNDECIDED:
            change |= {"state": Disposition.DISCARDED, "lease_until": None, "lease_token": None}
        return change

    def _is_named(self, table: Table, cover: Cover, row: AnyRow) -> bool:
        if self._is_own(table.name, cover, row) and cover.is_deleted:
            return True
        return any(value != getattr(row, name) for name, value in self._masked(table, cover, row).items())

    def _rows(self, table: Table) -> Iterator[Sequence[AnyRow]]:
        """The rows of a table by its key, some at a time."""
        key = list(table.primary_key.columns)
        after: tuple[Any, ...] | None = None
        while True:
            statement: Select[Any] = select(table).order_by(*key).limit(AT_ONCE)
            if after is not None:
                statement = statement.where(_behind(key, after))
            with self._database.reading() as connection:
                rows = connection.execute(statement).all()
            yield rows
            if len(rows) < AT_ONCE:
                return
            after = _key(table, rows[-1])

    @repeats_lost_races
    def _give_other_keys(self, number: int, now: datetime, prefix: str) -> None:
        with self._database.writing() as connection:
            row = connection.execute(select(ticket).where(ticket.c.id == number).with_for_update()).one_or_none()
            if row is None:
                return
            other = new_id(row.created_at)
            names = {"id": other, "reference": new_reference(prefix, 10), "thread_key": new_thread_key(), "merged_into": None}
            connection.execute(insert(ticket).values(dict(row._mapping) | names))
            for table in OF_TICKETS:
                connection.execute(update(table).where(table.c.ticket_id == number).values(ticket_id=other))
            for table in GONE_WITH_TICKETS:
                connection.execute(delete(table).where(table.c.ticket_id == number))
            connection.execute(delete(related).where(or_(related.c.ticket_id == number, related.c.other_id == number)))
            connection.execute(update(ticket).where(ticket.c.incident == number).values(incident=other))
            connection.execute(delete(ticket).where(ticket.c.id == number))


def addresses_in(database: Database) -> Iterator[str]:
    """Every address that stands in a column of its own: those of contacts, participants, authors, recipients and senders."""
    for table in metadata.sorted_tables:
        cover = COVERS[table.name]
        columns = [table.c[name] for name in cover.owners]
        key = list(table.primary_key.columns)
        after: tuple[Any, ...] | None = None
        while columns:
            statement: Select[Any] = select(*key, *columns).order_by(*key).limit(AT_ONCE)
            if after is not None:
                statement = statement.where(_behind(key, after))
            with database.reading() as connection:
                rows = connection.execute(statement).all()
            yield from (row[place] for row in rows for place in range(len(key), len(key) + len(columns)) if row[place])
            if len(rows) < AT_ONCE:
                break
            after = tuple(rows[-1][: len(key)])


def _key(table: Table, row: AnyRow) -> tuple[Any, ...]:
    return tuple(getattr(row, column.name) for column in table.primary_key.columns)


def _is(table: Table, key: tuple[Any, ...]) -> ColumnElement[bool]:
    return and_(*(column == value for column, value in zip(table.primary_key.columns, key, strict=True)))


def _behind(key: Sequence[KeyedColumnElement[Any]], after: tuple[Any, ...]) -> ColumnElement[bool]:
    return key[0] > after[0] if len(key) == 1 else tuple_(*key) > tuple_(*after)


def _batches(values: Sequence[int]) -> Iterator[Sequence[int]]:
    yield from (values[begin : begin + AT_ONCE] for begin in range(0, len(values), AT_ONCE))
