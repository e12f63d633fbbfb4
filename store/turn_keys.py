"""Finds what ties mails together before they are read, so that mails of one ticket or thread are decided in their order.

The keys come from the header and the envelope, unchecked: a token in an address or a Message-ID names a ticket, a known Message-ID leads to
one, and the first Message-ID of the references names the thread. A mail waits while another mail with an equal key is being decided
(`store.mail_claims`). The keys serve nothing else. Whoever forges one makes the mails of that ticket wait for one mail more.
"""

import re
from collections import ChainMap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, func, select

from helpdesk.store.schema import known_id, message_id_key
from helpdesk.store.tickets import portions
from helpdesk.threading.model.mail import RawMessage
from helpdesk.threading.trust.tokens import unverified_ticket

SEARCHED = 20_000  # octets at the beginning of a mail in which the fields are searched
MOST_IDS = 20  # Message-IDs of a mail that are looked up
LARGEST = 2**63 - 1
THREAD_FIELD = re.compile(rb"^(message-id|in-reply-to|references|to|cc):((?:[^\n]*\n[ \t])*[^\n]*)", re.IGNORECASE | re.MULTILINE)
END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
MESSAGE_ID = re.compile(r"<([^<>\s]{1,998})>")
TOKEN_SHAPED = re.compile(r"(?<![a-z0-9])[a-z]{2}[a-z2-7]{36,43}(?![a-z0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TurnKeys:
    """The unchecked ticket and thread of a mail; None where its header names none."""

    ticket: int | None
    thread: str | None

    def as_values(self) -> dict[str, Any]:
        return {"turn_ticket": self.ticket, "turn_thread": self.thread}


@dataclass(frozen=True, slots=True)
class _Header:
    """What the header and the envelope of a mail say about its thread. `parents` are the ids that it answers, the first one oldest."""

    ticket: int | None
    own_id: str | None
    parents: tuple[str, ...]

    @property
    def thread(self) -> str | None:
        first = self.parents[0] if self.parents else self.own_id
        return sha256(first.encode("utf-8", "replace")).hexdigest()[:32] if first else None


def turn_keys(connection: Connection, raws: Sequence[RawMessage]) -> list[TurnKeys]:
    """Return the keys of new mails, in their order."""
    headers = [_header_of(raw) for raw in raws]
    unnamed = {message_id_key(parent) for header in headers if header.ticket is None for parent in header.parents[-MOST_IDS:]}
    known = _tickets_of(connection, unnamed)
    return [TurnKeys(_ticket_of(header, known), header.thread) for header in headers]


def _ticket_of(header: _Header, known: ChainMap[str, int]) -> int | None:
    if header.ticket is not None:
        return header.ticket
    parents = (message_id_key(parent) for parent in reversed(header.parents[-MOST_IDS:]))
    return next((known[parent] for parent in parents if parent in known), None)


def _tickets_of(connection: Connection, message_ids: Collection[str]) -> ChainMap[str, int]:
    statement = select(known_id.c.message_id, func.min(known_id.c.ticket_id)).group_by(known_id.c.message_id)
    return ChainMap(
        *(dict(connection.execute(statement.where(known_id.c.message_id.in_(part))).all()) for part in portions(message_ids))
    )


def _header_of(raw: RawMessage) -> _Header:
    searched = raw.content[:SEARCHED]
    end = END_OF_HEADER.search(searched)
    fields: dict[str, str] = {}
    for name, value in THREAD_FIELD.findall(searched[: end.start()] if end else searched):
        fields.setdefault(name.decode().lower(), value.decode("utf-8", "replace"))
    own, answered, references = (MESSAGE_ID.findall(fields.get(name, "")) for name in ("message-id", "in-reply-to", "references"))
    recipients = raw.envelope.forward_paths if raw.envelope else ()
    addressed = (*recipients, fields.get("to", ""), fields.get("cc", ""), *reversed(references), *answered)
    return _Header(next(_named_tickets(addressed), None), own[0] if own else None, tuple(dict.fromkeys((*references, *answered))))


def _named_tickets(texts: Sequence[str]) -> Iterator[int]:
    for text in texts:
        for shaped in TOKEN_SHAPED.findall(text):
            ticket = unverified_ticket(shaped)
            if ticket is not None and ticket <= LARGEST:
                yield ticket
