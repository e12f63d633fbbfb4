"""The input of a step (`Act`) and its result (`Done`)."""

from collections.abc import Callable
from dataclasses import dataclass

from helpdesk.threading.commands.grammar import Command, StaffText
from helpdesk.threading.commands.words import Word
from helpdesk.threading.decisions.staff.mail import StaffMail
from helpdesk.threading.letters.names import status_name
from helpdesk.threading.lifecycle.decision import Decision, Handover
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.model.attachment import Attachment, Use, numbered
from helpdesk.threading.model.message import InternalNote, Message, MovedMessage
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reading.lines import Line
from helpdesk.threading.reading.shaping import pictures_in, shaped


@dataclass(frozen=True, slots=True)
class Act:
    """One block of a staff member's mail on one ticket: its commands, its words, and whether the words are internal.

    `joins` is the request that the block ends, because it goes on in that ticket.
    """

    mail: StaffMail
    text: StaffText
    words: str
    internal: bool
    unasked: bool = False  # internal although its author did not write #note
    hands_over: bool = False  # the words are for the colleague who gets the request, and the customer gets none of them
    joins: Ticket | None = None

    @property
    def files(self) -> bool:
        """Whether the mail has files. Pictures in its text count where it has no commands: below commands, a picture may be a logo."""
        attachments = self.mail.incoming.attachments
        return any(attachment.is_file or (attachment.is_sent and not self.text.commands) for attachment in attachments)

    @property
    def passed_on(self) -> tuple[Attachment, ...]:
        """The files of the mail that go to its readers: not those of its author's mail program, nor the pictures of what it quotes."""
        return tuple(attachment for attachment in self.written if attachment.goes_along)

    @property
    def written(self) -> tuple[Attachment, ...]:
        """The files of the mail without the pictures of what it quotes, unless they stand in the words. Not every reader has had those."""
        return tuple(attachment for attachment in self.mail.incoming.attachments if attachment not in self._pictures_of_quote)

    @property
    def document(self) -> tuple[Line, ...]:
        """The lines of the mail without the pictures that it quotes from the desk."""
        return written_document(self.mail)

    @property
    def only_quoted(self) -> tuple[Attachment, ...]:
        """The pictures of the quoted part that the desk does not have, so that its author may have set them in there."""
        known = files_known(self.mail)
        return tuple(attachment for attachment in self._pictures_of_quote if attachment.sha256 not in known)

    @property
    def _pictures_of_quote(self) -> tuple[Attachment, ...]:
        quoted = [attachment for attachment in self.mail.incoming.attachments if attachment.use is Use.QUOTED]
        placed = pictures_in(shaped(self.text.words, self.document)) if quoted else frozenset()
        return tuple(attachment for attachment in quoted if attachment.sha256 not in placed)

    @property
    def speaks(self) -> bool:
        """Whether the mail has words or files for a reader."""
        return bool(self.words) or self.files

    @property
    def speaks_to_customer(self) -> bool:
        """Whether the mail has words or files for the customer, if it may have any."""
        return self.speaks and not self.hands_over


def written_document(mail: StaffMail) -> tuple[Line, ...]:
    """The lines of a mail without the pictures that it quotes from the desk."""
    attachments = mail.incoming.attachments
    written = {attachment.sha256 for attachment in attachments if attachment.use is not Use.QUOTED}
    quoted = {attachment.sha256 for attachment in attachments if attachment.use is Use.QUOTED} & files_known(mail) - written
    document = mail.incoming.document
    return tuple(line for line in document if quoted.isdisjoint(pictures_in((line,)))) if quoted else document


def files_known(mail: StaffMail) -> frozenset[str]:
    """The SHA-256 of the files that the ticket has, for a mail that quotes pictures."""
    ticket = mail.match.ticket
    return frozenset(file.sha256 for file in mail.context.known.files.get(ticket.id, ())) if ticket else frozenset()


def numbered_files(act: Act, draft: Draft) -> tuple[Attachment, ...]:
    """The files that go to readers, with their numbers on the ticket."""
    files = numbered(act.written, draft.ticket.files)
    return tuple(attachment for attachment in files if attachment.goes_along)


@dataclass(frozen=True, slots=True)
class Briefing:
    """A letter that a colleague gets about a request that is now theirs. It is written when the whole mail has been carried out."""

    member: StaffMember
    notice: Notice


@dataclass(frozen=True, slots=True)
class Done:
    """The result of a step: the draft after it, and the sentence for the receipt. The draft of a refused step does not count.

    `also` are decisions about other tickets, and `related` the ids of tickets to link.
    """

    draft: Draft
    sentence: Sentence
    refused: bool = False
    note: InternalNote | None = None
    message: Message | None = None
    also: tuple[Decision, ...] = ()
    related: tuple[int, ...] = ()
    moved: tuple[MovedMessage, ...] = ()
    more: tuple[Sentence, ...] = ()  # additional lines of the receipt
    warns: bool = False  # whether its author must read the receipt, even if the mail has no command
    handover: Handover | None = None  # messages and inbox rows that change their owner
    briefing: Briefing | None = None
    reason: str = ""  # words on the line of a command that colleagues read, whatever the text is


Step = Callable[[Act, Draft, Command], Done]


def refusal(draft: Draft, line: Sentence) -> Done:
    """A refused step, with the sentence that tells its author why."""
    return Done(draft, line, refused=True)


def impossible(draft: Draft, command: Command) -> Done:
    """Refuse a command for which the lifecycle has no transition from the ticket's status."""
    status = status_name(draft.ticket.status)
    return refusal(
        draft,
        sentence(
            '"{line}": {reference} is {status}, there this changes nothing',
            line=command.line,
            reference=draft.ticket.reference,
            status=status,
        ),
    )


ANSWER = Command(Word.ANSWER, "", "")  # stands for a text without commands
