"""One thing that somebody said to the desk, by mail or in the platform: channel-neutral, ready to be matched and decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.threading.matching.correspondent import Correspondent
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.model.held import Release
from helpdesk.threading.model.mail import Channel
from helpdesk.threading.reading.parsed import DeliveryReport, Forward, Kind, Mailbox, OutOfOffice
from helpdesk.threading.trust.identity import Identity
from helpdesk.threading.trust.tokens import Token


@dataclass(frozen=True, slots=True)
class Incoming:
    """`identity` says who wrote it, `correspondent` who is answered; only the first one is asked when somebody's rights are.

    `claims` are the addresses that stand in From, whatever they prove, as far as a letter could reach them.
    `tokens` are those of recipient addresses whose signature held, `threading_tokens` those found in Message-IDs and quoted text.
    `parents` are the Message-IDs that it answers, the nearest first.
    """

    channel: Channel
    kind: Kind
    identity: Identity
    author_name: str
    correspondent: Correspondent
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
    returned_id: str = ""  # Message-ID of the mail that a complaint gives back
    feedback: str = ""  # of a complaint: abuse, not-spam, … (RFC 5965 §7.3)
    signature: str = ""  # stands in `elided_text` too
    out_of_office: OutOfOffice | None = None  # an absence that it tells of
    accepted_at: datetime | None = None  # by a host of ours, where it has waited there before it was received
    other_text: str = ""  # what its HTML says, where that is something else than `text`
    hidden: tuple[str, ...] = ()  # kinds of secrets that have been masked in subject and text
    claims: tuple[str, ...] = ()
    own_letter: bool = False  # a letter of the desk that came back, whatever its From says
    written: Mapping[str, Token] = field(
        default_factory=dict
    )  # tokens of ours that stand anywhere in it, files included, by spelling
    mentions: tuple[str, ...] = ()  # ticket references in its files: they lead nowhere, and say whose notes may be in these
    forwards_desk: bool = False  # the author of the mail that it passes on is an address of the desk

    @property
    def author(self) -> str:
        """The address of the one certain author, "" without one."""
        return self.identity.address

    @property
    def assurance(self) -> Assurance:
        """How sure the author is."""
        return self.identity.assurance

    @property
    def correspondent_assurance(self) -> Assurance:
        """How sure it is that whoever is answered wrote it: whoever is answered in the author's place has proved nothing."""
        in_place = self.correspondent.address not in ("", self.identity.address)
        return Assurance.UNVERIFIED if in_place and self.identity.is_proved else self.identity.assurance

    @property
    def waits_since(self) -> datetime:
        """From when on its author waits for the desk."""
        return self.accepted_at or self.received_at
