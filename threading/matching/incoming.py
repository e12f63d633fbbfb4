"""One message to the desk, by mail or in the platform: independent of its channel, ready to be matched and decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from helpdesk.threading.matching.correspondent import Correspondent
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.model.held import Release
from helpdesk.threading.model.mail import Channel
from helpdesk.threading.model.permission import PermissionChoice
from helpdesk.threading.reading.labels import NO_LINES, LabelledLines
from helpdesk.threading.reading.lines import Line
from helpdesk.threading.reading.parsed import DeliveryReport, Forward, Gesture, Kind, Mailbox, OutOfOffice
from helpdesk.threading.rules.sorting import UNSORTED, Sorting
from helpdesk.threading.trust.identity import Identity
from helpdesk.threading.trust.tokens import Token


@dataclass(frozen=True, slots=True)
class LetterReport:
    """What a delivery report or a complaint says of letters of the desk.

    `named_letters` are the ids of letters that it names; naming one gives it no authority. `returned_id` is the Message-ID of the mail
    that it gives back. A complaint also has `feedback`: abuse, not-spam, … (RFC 5965 §7.3).
    """

    delivery: DeliveryReport | None = None
    named_letters: tuple[int, ...] = ()
    returned_id: str = ""
    feedback: str = ""


NO_REPORT = LetterReport()
MEGABYTE = 1_000_000  # octets


@dataclass(frozen=True, slots=True)
class ForwardedMail:
    """A mail of somebody else that a message passes on.

    `missing_text` is the part of it that the text of the message does not show and readers should see: all of a mail that was forwarded in
    the text, the beginning of an attached one where the message says nothing else. `of_desk` says that an address of the desk wrote it.
    """

    mail: Forward
    missing_text: str = ""
    of_desk: bool = False


@dataclass(frozen=True, slots=True)
class ReadingDoubts:
    """Why the text of a message may not be what its author meant or saw.

    A `degraded` mail could be read only in part. `whole_size` are the octets of a mail that was too large for the desk, of which only the
    beginning is here; 0 for any other. `other_text` is what its HTML says, if that differs from the text. `hidden` are the
    kinds of secrets that have been masked in subject and text. `encryption` says how the mail is encrypted, "" where it is not.
    """

    defects: tuple[str, ...] = ()
    degraded: bool = False
    other_text: str = ""
    hidden: tuple[str, ...] = ()
    encryption: str = ""
    whole_size: int = 0

    @property
    def megabytes(self) -> int:
        """`whole_size` in megabytes, rounded up."""
        return -(-self.whole_size // MEGABYTE)


NO_DOUBTS = ReadingDoubts()


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message to the desk. `identity` says who wrote it and what they may do; `correspondent` says only who is answered.

    `author_name` is the name in From; that of the person who is answered, where a machine or a list wrote for them.
    `claims` are the addresses in From to which a letter could be sent, proved or not. `tokens` are the verified tokens of
    recipient addresses, `threading_tokens` those in Message-IDs and quoted text. `parents` are the Message-IDs that it answers,
    the nearest first.
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
    references: tuple[str, ...] = ()  # ticket references in subject or text
    tokens: tuple[Token, ...] = ()
    threading_tokens: tuple[Token, ...] = ()
    thread_key: str | None = None
    copied: tuple[Mailbox, ...] = ()
    report: LetterReport = NO_REPORT
    forward: ForwardedMail | None = None
    doubts: ReadingDoubts = NO_DOUBTS
    fingerprint: str | None = None
    account: str | None = None  # the account of a platform reply
    inbound_id: int | None = None
    release: Release | None = None  # the staff member's word about it, if it was held
    addressed: tuple[Mailbox, ...] = ()  # people in To, without the desk's own addresses
    recent: bool = False  # an archived mail that still needs work
    signature: str = ""  # `elided_text` contains it too
    out_of_office: OutOfOffice | None = None  # the absence that it announces
    gesture: Gesture | None = None  # what one press of a button sent, instead of words
    responds: bool = False  # whether a machine sent it because of one mail
    accepted_at: datetime | None = None  # when a host of ours accepted it, if it waited there
    claims: tuple[str, ...] = ()
    own_letter: bool = False  # whether it is one of the desk's letters that came back, whatever From says
    written: Mapping[str, Token] = field(
        default_factory=dict
    )  # the desk's tokens anywhere in it, files included, by their spelling
    told_language: str = ""  # as its words tell it; "" where they say too little
    chosen_category: str = ""  # for a new request, by the customer in a form of the desk's; "" where they chose none
    rating: str = ""  # how the request went, as the platform says it: good, okay or bad; "" where it does not
    thread_ticket: int | None = None  # the id of the ticket that its Thread-Index names
    journal_of: str | None = None  # the Message-ID of the mail of which it is a journal's report
    spoiled_token: bool = False  # an address of the form of a reply address holds a token that does not verify
    answered_letter: int | None = None  # the id of the desk's letter whose Message-ID it answers
    support_addresses: tuple[str, ...] = ()  # of the desk, in To and Cc: it was sent to all of these
    mentions: tuple[str, ...] = ()  # ticket references in its files; they only say whose notes the files may contain
    labelled: LabelledLines = (
        NO_LINES  # the lines of a mail, from which `text` and `elided_text` are chosen where its ticket is known
    )
    below: str = ""  # what looks quoted in a mail that opens a ticket, below its author's words
    below_is_news: bool = True  # False if a related request has all of it, so that it is shown and not kept a second time
    unplaced: tuple[str, ...] = ()  # lines within a quoted letter that staff may have written, and that are not in the text
    stray_commands: tuple[str, ...] = ()  # lines like commands between the lines of a quoted letter
    pasted: tuple[
        str, ...
    ] = ()  # lines of staff that look like somebody's mail, which the desk does not have, and that are not in the text
    text_with_pasted: str = ""  # the text with them

    raw_sha256: str = ""  # of its octets, or of a platform reply's text; "" where nothing in it may need proof
    corrected: tuple[
        Attachment, ...
    ] = ()  # the files of the refused mails that it corrects; they go along where it is carried out
    refused_text: str = (
        ""  # of the refused mail that it corrects, where that mail answered a letter from which words go to the customer
    )

    document: tuple[Line, ...] = ()  # lines with their shapes, of which the text is made
    sorting: Sorting = UNSORTED  # what the operator wishes about it
    choice: PermissionChoice | None = None  # the answer to a question for permission that a platform reply is

    @property
    def author(self) -> str:
        """The address of the one certain author; "" if there is none."""
        return self.identity.address

    @property
    def assurance(self) -> Assurance:
        """How sure the author is."""
        return self.identity.assurance

    @property
    def correspondent_assurance(self) -> Assurance:
        """How sure it is that the person who is answered wrote the message. A person answered in place of the author has proved nothing."""
        in_place = self.correspondent.address not in ("", self.identity.address)
        return Assurance.UNVERIFIED if in_place and self.identity.is_proved else self.identity.assurance

    @property
    def waits_since(self) -> datetime:
        """The time since when the author waits for the desk."""
        return self.accepted_at or self.received_at


def under_first_address(incoming: Incoming, first: Mapping[str, str]) -> Incoming:
    """The message as if it came from the address to which its author's letters go. `first` has that address for each further one of staff.

    Who wrote it has been proved for the address in From. From here on a staff member has one address, so that tokens, held mails and digests
    that were given to it are theirs from wherever they write.
    """
    identity, correspondent = incoming.identity, incoming.correspondent
    if first.keys().isdisjoint((identity.address, correspondent.address, *incoming.claims)):
        return incoming
    return replace(
        incoming,
        identity=replace(identity, address=first.get(identity.address, identity.address)),
        correspondent=replace(correspondent, address=first.get(correspondent.address, correspondent.address)),
        claims=tuple(dict.fromkeys(first.get(address, address) for address in incoming.claims)),
    )
