"""What a mail says, once it has been read: values only, complete when they exist.

Nothing here knows bytes or MIME. Reading makes these types; sorting, matching and deciding use them.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.reading.places import Place


class Kind(StrEnum):
    """What sort of mail it is. Only `PERSON` and `LIST` are written by a human being now."""

    PERSON = "person"
    AUTOMATIC = "automatic"
    OUT_OF_OFFICE = "out_of_office"
    DELIVERY_REPORT = "delivery_report"
    COMPLAINT = "complaint"
    LIST = "list"
    CHALLENGE = "challenge"


# A defect: what one reader of it sees, another does not.
AMBIGUOUS = "parts that can be read in two ways"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A display name and an addr-spec (RFC 5322 §3.4). `address` is as written; compare with `canonical` of trust.addresses."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class ReportedRecipient:
    """One recipient of a delivery report (RFC 3464 §2.3)."""

    address: str
    action: str  # failed, delayed, delivered, relayed
    status: str  # enhanced status code, "5.1.1"; derived where the field is missing
    permanent: bool
    diagnostic: str


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    recipients: tuple[ReportedRecipient, ...]
    original_message_id: str | None
    original_envelope_id: str | None = None  # what the sender gave as ENVID (RFC 3461 §4.4)


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a reader's provider reports of a letter (RFC 5965). `feedback` is its type, in lower case: abuse, not-spam, …"""

    feedback: str
    original_message_id: str | None


@dataclass(frozen=True, slots=True)
class OutOfOffice:
    """What a note of absence says of itself. `returns_on` is the first day on which its author is there again."""

    returns_on: date | None
    deputy: Mailbox | None


@dataclass(frozen=True, slots=True)
class Forward:
    """A forwarded mail found inside the text: who wrote it, and what the forwarding person wrote above it."""

    author: Mailbox | None
    date: str
    subject: str
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    comment: str
    text: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one DKIM-Signature field says of itself (RFC 6376 §3.5); whether the signature holds is known elsewhere.

    `sealed`: it is an ARC-Message-Signature (RFC 8617 §4.1.2), which says the same of a mail that was passed on.

    `fields` are lower-case names of which every field is signed, and none can be added. `whole`: From, Subject, Date and all of the body are
    signed, and each of these stands once. `doubt` is why its words may be read differently, in one clause; "" where they are certain.
    """

    domain: str
    selector: str
    fields: tuple[str, ...]
    whole: bool
    signed_at: datetime | None
    expires_at: datetime | None
    doubt: str
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """Everything that the gateway reads from one mail. Every byte string gives one; text holds no NUL and no lone surrogate.

    Words that people read (`text` and its parts, `html_safe`) hold no control characters but line feeds and tabs.

    `authors` has every mailbox of every From field: exactly one is normal, and identity needs exactly one (RFC 5322 §3.6.2).
    `author` is the one to show. Ids (`message_id`, `in_reply_to`, `references`) stand without angle brackets.
    `headers` holds the fields that sorting and trust need, lower-case name and unfolded value, in their order, top first.
    `text` is all readable text; `reply_text`, `elided_text` and `signature` are its parts.
    """

    message_id: str | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    date: datetime | None
    subject: str
    base_subject: str
    author: Mailbox | None
    authors: tuple[Mailbox, ...]
    sender: Mailbox | None
    reply_to: tuple[Mailbox, ...]
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    text: str
    html: str | None
    html_safe: str | None
    reply_text: str
    elided_text: str
    signature: str
    language: str | None
    attachments: tuple[Attachment, ...]
    kind: Kind
    delivery_report: DeliveryReport | None
    forward: Forward | None
    headers: tuple[tuple[str, str], ...]
    fingerprint: str  # SHA-256 of what makes it this mail (identifying fields and body), the same by every route
    plain_text_reply: str  # reply text of the text/plain part alone ("" without one): commands are read from here only
    defects: tuple[str, ...]
    degraded: bool
    out_of_office: OutOfOffice | None = None  # for mail of that kind
    complaint: Complaint | None = None  # for mail of that kind
    other_text: str = ""  # what its HTML says, in part, where its plain text says something else
    header_doubt: str = ""  # why two readers may see another header or another author, in one clause; "" where all see the same
    coverages: tuple[Coverage, ...] = ()  # of its signature fields, top first; () for a mail in doubt, or read degraded
    signed_content: str = ""  # SHA-256 of what every sufficient signature covers; "" where none is there

    def header(self, name: str) -> str | None:
        """The first value of a field, by its lower-case name."""
        return next((value for field, value in self.headers if field == name), None)


@dataclass(frozen=True, slots=True)
class Reading:
    """A parsed mail and the decoded bytes of its attachments, by their SHA-256; `places` says where in the mail they lie, if anywhere."""

    message: ParsedMessage
    contents: dict[str, bytes]
    places: dict[str, Place] = field(default_factory=dict)
