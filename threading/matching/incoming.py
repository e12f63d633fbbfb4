"""One thing that somebody said to the desk, by mail or in the platform: channel-neutral, ready to be matched and decided."""

from dataclasses import dataclass
from datetime import datetime

from helpdesk.threading.model import Assurance, Channel, Release
from helpdesk.threading.reading.parsed import Attachment, DeliveryReport, Forward, Kind, Mailbox, OutOfOffice
from helpdesk.threading.trust.meant import Meant
from helpdesk.threading.trust.tokens import Token


@dataclass(frozen=True, slots=True)
class Incoming:
    """`author` is an identity (canonical addr-spec) or "" where the mail has none; `reply_to` is where a letter can reach its writer.

    `authority` says that the origin is strong enough to act as staff; a token and a permission are still needed.
    `tokens` are those of recipient addresses whose signature held, `threading_tokens` those found in Message-IDs and quoted text.
    `parents` are the Message-IDs that it answers, the nearest first.
    """

    channel: Channel
    kind: Kind
    author: str
    author_name: str
    reply_to: str
    assurance: Assurance
    authority: bool
    assurance_reason: str
    received_at: datetime
    subject: str
    text: str
    elided_text: str
    command_text: str
    attachments: tuple[Attachment, ...]
    support_address: str
    language: str
    null_path: bool = False
    message_id: str | None = None
    parents: tuple[str, ...] = ()
    references: tuple[str, ...] = ()  # ticket references seen in subject or text
    tokens: tuple[Token, ...] = ()
    threading_tokens: tuple[Token, ...] = ()
    thread_key: str | None = None
    copied: tuple[Mailbox, ...] = ()
    report: DeliveryReport | None = None
    fingerprint: str | None = None
    account: str | None = None  # of a platform reply
    inbound_id: int | None = None
    defects: tuple[str, ...] = ()
    degraded: bool = False
    forwarded: str = ""  # text of a forwarded mail that does not stand in `text`
    forward: Forward | None = None  # a mail of somebody else that this one passes on
    release: Release | None = None  # its author's word, where it was held
    addressed: tuple[Mailbox, ...] = ()  # To, without the desk's own addresses
    recent: bool = False  # of an archive: still to be worked on
    named_letters: tuple[int, ...] = ()  # ids of our letters that a report or a complaint names, without any authority
    feedback: str = ""  # of a complaint: abuse, not-spam, … (RFC 5965 §7.3)
    signature: str = ""  # stands in `elided_text` too
    out_of_office: OutOfOffice | None = None  # an absence that it tells of
    accepted_at: datetime | None = None  # by a host of ours, where it has waited there before it was received
    other_text: str = ""  # what its HTML says, where that is something else than `text`
    meant: Meant | None = None  # what its author signed of this desk, where a signature proves who that is
    signed_content: str = ""  # what all copies of a signed mail share; "" for any other mail
    hidden: tuple[str, ...] = ()  # kinds of secrets that have been masked in subject and text

    @property
    def waits_since(self) -> datetime:
        """From when on its author waits for the desk."""
        return self.accepted_at or self.received_at
