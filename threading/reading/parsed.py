"""The values that reading a mail gives. They are complete when they exist, and know nothing of octets and MIME.

Reading and sorting make them; matching and deciding use them.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.reading.labels import NO_LINES, LabelledLines
from helpdesk.threading.reading.lines import Line
from helpdesk.threading.reading.places import Place


class Kind(StrEnum):
    """The kind of a mail. Only mail of kind `PERSON` and `LIST` was written by a person for this occasion."""

    PERSON = "person"
    AUTOMATIC = "automatic"
    OUT_OF_OFFICE = "out_of_office"
    DELIVERY_REPORT = "delivery_report"
    COMPLAINT = "complaint"
    LIST = "list"
    CHALLENGE = "challenge"


# A defect: two readers may see different parts.
AMBIGUOUS = "parts that can be read in two ways"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A display name and an addr-spec (RFC 5322 §3.4). `address` is as written; to compare it, use `trust.addresses.canonical`."""

    name: str
    address: str


class ReportedAction(StrEnum):
    """What a mail system says that it did for a recipient (RFC 3464 §2.3.3); `expanded` is read as `relayed`."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"


@dataclass(frozen=True, slots=True)
class ReportedRecipient:
    """One recipient of a delivery report (RFC 3464 §2.3)."""

    address: str
    action: ReportedAction
    status: str  # enhanced status code, "5.1.1"; derived where the field is missing
    permanent: bool
    diagnostic: str


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a delivery report (RFC 3464) says about one mail."""

    recipients: tuple[ReportedRecipient, ...]
    original_message_id: str | None
    original_envelope_id: str | None = None  # what the sender gave as ENVID (RFC 3461 §4.4)


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a recipient's provider reports about a letter (RFC 5965). `feedback` is its lower-case type: abuse, not-spam, …"""

    feedback: str
    original_message_id: str | None


@dataclass(frozen=True, slots=True)
class OutOfOffice:
    """What an absence note says. `returns_on` is the first day on which its author is back."""

    returns_on: date | None
    deputy: Mailbox | None


class GestureKind(StrEnum):
    """What one press of a button in a mail program sends."""

    REACTION = "reaction"
    RECALL = "recall"
    RECEIPT = "read receipt"
    CALENDAR_ANSWER = "answer to an invitation"


@dataclass(frozen=True, slots=True)
class Gesture:
    """A mail without words of its author. `shown` is the emoji, the word or the sentence; `approves` says that it is a thumb up or a heart."""

    kind: GestureKind
    shown: str
    approves: bool = False


@dataclass(frozen=True, slots=True)
class Forward:
    """A forwarded mail, found inside the text or attached: who wrote it, and what the forwarding person wrote above it."""

    author: Mailbox | None
    date: str
    subject: str
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    comment: str
    text: str
    language: str | None = None  # as told from its text
    attached: bool = False  # it was forwarded as a file, and does not stand in the text
    message_id: str = ""  # of an attached mail


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one DKIM-Signature field covers (RFC 6376 §3.5), whether or not the signature is valid.

    `fields` are lower-case names: every field of such a name is signed, and none can be added. `whole` says that From, Subject, Date and the
    whole body are signed, and that each of the fields stands once. `doubt` says in one clause why the words may be read differently; "" if
    they are certain. `sealed` says that the field is an ARC-Message-Signature (RFC 8617 §4.1.2) of a forwarding system.
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
    """Everything that the gateway reads from one mail. Every byte string gives one; text has no NUL and no lone surrogate.

    The text that people read (`text` and its parts, the lines) has no control characters but line feeds and tabs.

    `authors` has every mailbox of every From field. One is normal, and an identity needs exactly one (RFC 5322 §3.6.2); `author` is the first.
    Ids (`message_id`, `in_reply_to`, `references`) stand without angle brackets. `headers` are all fields, lower-case name and decoded value,
    top first. `text` is all readable text; `reply_text`, `elided_text` and `signature` are its parts.
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
    plain_text_reply: (
        str  # reply text of the text/plain part alone, of HTML in a mail without one: commands are read from here only
    )
    defects: tuple[str, ...]
    degraded: bool
    out_of_office: OutOfOffice | None = None  # for mail of that kind
    complaint: Complaint | None = None  # for mail of that kind
    gesture: Gesture | None = None  # what the mail is instead of words; its kind is AUTOMATIC then
    responds: bool = False  # whether a machine sent it because of one mail, whatever it is about
    other_text: str = ""  # what its HTML says, in part, where its plain text says something else
    header_doubt: str = ""  # why two readers may see another header or another author, in one clause; "" where all see the same
    coverages: tuple[Coverage, ...] = ()  # of its signature fields, top first; () for a mail in doubt, or read degraded
    labelled: LabelledLines = (
        NO_LINES  # the lines of `text`, each with what it is; reply, elided text and signature are chosen from them
    )
    shaped: tuple[Line, ...] = ()  # the lines of its HTML with their shapes, where `labelled` has those of its plain text
    signed_content: str = ""  # SHA-256 of what every sufficient signature covers; "" where none is there
    encryption: str = ""  # "S/MIME" or "PGP" where nobody but the holder of a key can read it
    told_language: str | None = None  # as told from its words; None where they say too little

    @property
    def document(self) -> tuple[Line, ...]:
        """The mail's lines with their shapes: those of its HTML, unless that says something else than its plain text."""
        return self.shaped if self.shaped and not self.other_text else self.labelled.lines

    def header(self, name: str) -> str | None:
        """The first value of a field, by its lower-case name."""
        return next((value for field, value in self.headers if field == name), None)


@dataclass(frozen=True, slots=True)
class Reading:
    """A parsed mail, and the octets of its attachments by SHA-256. `places` says where in the mail they lie, if they lie there in one piece."""

    message: ParsedMessage
    contents: dict[str, bytes]
    places: dict[str, Place] = field(default_factory=dict)
