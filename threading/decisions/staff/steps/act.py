"""The input of a step (`Act`) and its result (`Done`)."""

from collections.abc import Callable
from dataclasses import dataclass

from helpdesk.threading.commands.grammar import Command, StaffText
from helpdesk.threading.commands.words import Word
from helpdesk.threading.decisions.staff.mail import StaffMail
from helpdesk.threading.lifecycle.decision import Decision, Handover
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.model.attachment import Attachment, numbered
from helpdesk.threading.model.message import InternalNote, Message, MovedMessage


@dataclass(frozen=True, slots=True)
class Act:
    """One block of a staff member's mail on one ticket: its commands, its words, and whether the words are internal."""

    mail: StaffMail
    text: StaffText
    words: str
    internal: bool
    unasked: bool = False  # internal because of the reply address alone; the author did not write #note

    @property
    def files(self) -> bool:
        """Whether the mail has files. Pictures in its text count where it has no commands: below commands, a picture may be a logo."""
        attachments = self.mail.incoming.attachments
        return any(attachment.is_file or (attachment.is_sent and not self.text.commands) for attachment in attachments)

    @property
    def passed_on(self) -> tuple[Attachment, ...]:
        """The files of the mail that go to its readers: all but those of its author's mail program."""
        return tuple(attachment for attachment in self.mail.incoming.attachments if attachment.goes_along)

    @property
    def speaks(self) -> bool:
        """Whether the mail has words or files for a reader."""
        return bool(self.words) or self.files


def numbered_files(act: Act, draft: Draft) -> tuple[Attachment, ...]:
    """The files that go to readers, with their numbers on the ticket."""
    files = numbered(act.mail.incoming.attachments, draft.ticket.files)
    return tuple(attachment for attachment in files if attachment.goes_along)


@dataclass(frozen=True, slots=True)
class Done:
    """The result of a step: the draft after it, and the sentence for the receipt. The draft of a refused step does not count.

    `also` are decisions about other tickets, and `related` the ids of tickets to link.
    """

    draft: Draft
    sentence: str
    refused: bool = False
    note: InternalNote | None = None
    message: Message | None = None
    also: tuple[Decision, ...] = ()
    related: tuple[int, ...] = ()
    moved: tuple[MovedMessage, ...] = ()
    more: tuple[str, ...] = ()  # additional lines of the receipt
    warns: bool = False  # whether its author must read the receipt, even if the mail has no command
    handover: Handover | None = None  # messages and inbox rows that change their owner


Step = Callable[[Act, Draft, Command], Done]


def refusal(draft: Draft, sentence: str) -> Done:
    """A refused step, with the sentence that tells its author why."""
    return Done(draft, sentence, refused=True)


def impossible(draft: Draft, command: Command) -> Done:
    """Refuse a command for which the lifecycle has no transition from the ticket's status."""
    status = draft.ticket.status.value.replace("_", " ")
    return refusal(draft, f'"{command.line}": {draft.ticket.reference} is {status}, there this changes nothing')


ANSWER = Command(Word.SEND, "", "")  # stands for a text without commands
