"""Tells which rows are a person's own: those of requests in which nobody else has written as a customer, and what bears their address.

Tables are walked in the order of `IN_ORDER`, because a row that is found tells of rows in later tables.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, Table, and_, select

from helpdesk.store.cause import number_of_mail, number_of_reply
from helpdesk.store.database import AnyRow
from helpdesk.store.lists import among, rows_among
from helpdesk.store.mentions import Person, mentions
from helpdesk.store.merges import MERGED
from helpdesk.store.persons import COVERS
from helpdesk.store.schema import (
    attempt,
    event,
    inbound,
    internal_note,
    mailbox_mail,
    message,
    metadata,
    outbox,
    participant,
    platform_attachment,
    platform_inbox,
    platform_reply,
    platform_thread,
    ticket,
)
from helpdesk.threading.model.participant import Role
from helpdesk.threading.trust.addresses import canonical, rate_key

IN_ORDER = (
    *(message, internal_note, event, outbox, attempt, inbound, mailbox_mail, platform_reply, platform_inbox, platform_attachment),
    *(platform_thread, participant, ticket),
)
COUNTED = {"inbound": "sender", "ticket_words": "customer"}  # columns of a key under which mail is counted (`rate_key`)
HEADER = 20_000  # octets at the beginning of a mail in which its author stands
NOT_WALKED = frozenset({"search_words"})  # derived from messages and notes, and written anew with them


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


def own_of_tickets(connection: Connection, tickets: Collection[int], addresses: frozenset[str]) -> Own:
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


class Owners:
    """People, each address with a label that stands for it, and the keys of their rows."""

    def __init__(self, own: Own, labels: Mapping[str, str]) -> None:
        self.own = own
        self._labels = labels
        self._rate_keys = frozenset(map(rate_key, labels))

    def owns(self, name: str, row: AnyRow) -> bool:
        """Whether a row of the table of this name is theirs, as far as the keys in `own` are known by now."""
        own = self.own
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
            return bool(self.label_of(row.address))
        if getattr(row, "ticket_id", None) in own.tickets:
            return name not in ("timer", "measurement")
        counted = COUNTED.get(name)
        if any(self.label_of(getattr(row, column)) for column in COVERS[name].owners if column != counted):
            return True
        if counted is None or not self.is_counted_as_theirs(getattr(row, counted)):
            return False
        return name == "inbound" or row.ticket_id in own.shared

    def is_doubtful(self, name: str, row: AnyRow) -> bool:
        """Whether the header of a mail has to tell that they wrote it: two people may share the key under which mail is counted."""
        return name == "inbound" and row.id not in self.own.mails and not self.label_of(row.reverse_path)

    def is_counted_as_theirs(self, key: str) -> bool:
        """Whether this is the key under which their mail is counted."""
        return key in self._rate_keys

    def label_of(self, address: str | None) -> str:
        """Return the label of the person whose address this is; "" if it is nobody's of them."""
        return self._labels.get(canonical(address), "") if address and self._labels else ""

    def note(self, name: str, row: AnyRow) -> None:
        """Remember what else is theirs because this row is."""
        own = self.own
        if name in ("message", "internal_note"):
            own.contents |= {str(entry.get("sha256")) for entry in row.attachments}
        if name == "message":
            own.messages.add(row.id)
            if canonical(row.author) in self._labels and (mail := number_of_mail(row.cause)) is not None:
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


def tables_in_order() -> Iterator[Table]:
    """Return all tables in the order in which they are walked."""
    yield from IN_ORDER
    yield from (table for table in metadata.sorted_tables if table not in IN_ORDER and table.name not in NOT_WALKED)


def names_author(content: bytes, people: Sequence[Person]) -> bool:
    """Whether the header of a mail names one of these people."""
    return mentions(content[:HEADER].replace(b"\r\n", b"\n").partition(b"\n\n")[0], people)
