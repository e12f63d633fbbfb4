"""What is being done, and what a step answers."""

from collections.abc import Callable
from dataclasses import dataclass

from helpdesk.threading.commands.grammar import Command, StaffText
from helpdesk.threading.commands.words import Word
from helpdesk.threading.decisions.staff.mail import StaffMail
from helpdesk.threading.lifecycle.decision import Decision, Handover
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.model.message import InternalNote, Message, MovedMessage


@dataclass(frozen=True, slots=True)
class Act:
    """What a staff member does on one ticket: the mail, its block of commands, the words, and whether they are for staff alone."""

    mail: StaffMail
    text: StaffText
    words: str
    internal: bool
    unasked: bool = False  # internal by the address alone, without a word of the author's

    @property
    def files(self) -> bool:
        return any(not attachment.inline for attachment in self.mail.incoming.attachments)

    @property
    def speaks(self) -> bool:
        return bool(self.words) or self.files


@dataclass(frozen=True, slots=True)
class Done:
    """A step carried out: the draft after it, and the sentence for the receipt. `refused` steps leave no draft.

    `also` are decisions about other tickets, `related` their ids where they are linked.
    """

    draft: Draft
    sentence: str
    refused: bool = False
    note: InternalNote | None = None
    message: Message | None = None
    also: tuple[Decision, ...] = ()
    related: tuple[int, ...] = ()
    moved: tuple[MovedMessage, ...] = ()
    more: tuple[str, ...] = ()  # further lines of the receipt
    handover: Handover | None = None  # what belongs to somebody else from now on


Step = Callable[[Act, Draft, Command], Done]


def refusal(draft: Draft, sentence: str) -> Done:
    return Done(draft, sentence, refused=True)


def impossible(draft: Draft, command: Command) -> Done:
    """The lifecycle has no such step from where the ticket stands."""
    status = draft.ticket.status.value.replace("_", " ")
    return refusal(draft, f'"{command.line}": {draft.ticket.reference} is {status}, there this changes nothing')


ANSWER = Command(Word.SEND, "", "")  # a text without any command
