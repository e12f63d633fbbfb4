"""A staff member's mail, with the blocks of commands that its text contains."""

from dataclasses import dataclass, replace

from helpdesk.threading.commands.grammar import (
    HANDS_OVER,
    MARKS,
    SAYS_FOR_WHOM,
    StaffText,
    as_quoted,
    commands_at_end,
    refusals_below,
    staff_blocks,
)
from helpdesk.threading.commands.words import Word
from helpdesk.threading.decisions.arrival import Arrival
from helpdesk.threading.lifecycle.firewall import is_text_corrected
from helpdesk.threading.lifecycle.routing import staff_named
from helpdesk.threading.matching.gather import REFERENCE
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.sentence import sentence
from helpdesk.threading.trust.tokens import INTERNAL, Purpose

OF_ANOTHER = frozenset({Word.SHOW, Word.WHY, Word.STATUS})
STRAY = '"{line}": a command stands above your text or at its end, not within the letter that you quote'

UNPLACED = '"{line}": this line stands within the letter that you quote, and nothing tells for certain that it is yours; write above the quote'
MOST_UNPLACED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMail(Arrival):
    """A mail, and the staff member to whom it belongs: its author, the person in whose name it came, or the holder of the reply
    address used.

    `read` are the blocks of commands and text as written. `blocks` are the same blocks with a refusal for each command that
    stands in a place where commands are not carried out.
    Both are empty for a mail whose author is not proved: its words are not read for commands.

    `repeats` says that a mail without commands is the text of the refused mail which it corrects, so that it goes where that one
    would have gone.
    """

    member: StaffMember
    read: tuple[StaffText, ...]
    blocks: tuple[StaffText, ...]
    repeats: bool = False


def is_internal(mail: StaffMail, block: StaffText) -> bool:
    """Whether the address to which a block came keeps its words among staff.

    In answer to a refusal, commands may speak, and so may the refused text itself. Other words are said to the desk: "What did I
    misspell?"
    """
    token = mail.match.token
    if token is None:
        return False
    return token.purpose in INTERNAL or (token.purpose is Purpose.CORRECTION and not block.commands and not mail.repeats)


def hands_over(block: StaffText, member: StaffMember, staff: tuple[StaffMember, ...]) -> bool:
    """Whether the text of a block is for the colleague who gets the request, and not for the customer.

    It is beside `#escalate`, `#merge`, `#join`, `#snooze`, `#watch` and an `#assign` that names somebody else, unless a command such as `#answer` says
    for whom it is.
    """
    words = {command.word for command in block.commands}
    if not words & HANDS_OVER or words & SAYS_FOR_WHOM:
        return False
    if words & HANDS_OVER != {Word.ASSIGN}:
        return True
    assign = block.command(Word.ASSIGN)
    assert assign is not None
    return [colleague.address for colleague in staff_named(assign.value, staff)] != [member.address]


def staff_mail(arrival: Arrival, member: StaffMember) -> StaffMail:
    """Read the blocks of a staff member's mail."""
    incoming = arrival.incoming
    below = commands_at_end(incoming.signature)
    text = incoming.command_text if incoming.command_text.strip() else incoming.text
    read = staff_blocks(f"{text}\n{below}" if below and text.strip() else text)
    read = tuple(_about_request_shown(block) for block in read)
    blocks = _with_refusals(incoming, read)
    repeats = _repeats_refused(read, incoming.refused_text)
    if incoming.corrected and (repeats or any(block.commands for block in read)):
        incoming = replace(incoming, attachments=(*incoming.attachments, *incoming.corrected))
    return StaffMail(
        incoming,
        arrival.match,
        arrival.context,
        arrival.speaks,
        arrival.row,
        member=member,
        read=read,
        blocks=blocks,
        repeats=repeats,
    )


def _repeats_refused(read: tuple[StaffText, ...], refused_text: str) -> bool:
    """Whether a mail is one text without commands, and that text is the refused one but for a few words.

    A refused mail with a command that could be read said more than its text, so its text alone does not say it again.
    """
    if not refused_text or len(read) != 1 or read[0].commands or read[0].reference:
        return False
    first, *others = staff_blocks(refused_text)
    if others or first.commands or first.reference:
        return False
    plain = "\n".join(" ".join(word for word in line.split() if word[0] not in MARKS) for line in first.words.splitlines())
    return is_text_corrected(read[0].words, plain)


def unread_staff_mail(arrival: Arrival, member: StaffMember) -> StaffMail:
    """A mail in the name of a staff member, or to an address of theirs, that nothing proves to be theirs. Its words are not read.

    Anybody can send such mail in any number, so authority is asked for before words are looked at.
    """
    return StaffMail(
        arrival.incoming, arrival.match, arrival.context, arrival.speaks, arrival.row, member=member, read=(), blocks=()
    )


def _about_request_shown(block: StaffText) -> StaffText:
    """A block of `#show`, `#why` or `#status` with a reference, and nothing else, is about that request."""
    [asked] = block.commands if len(block.commands) == 1 else [None]
    if asked is None or asked.word not in OF_ANOTHER or not asked.value or block.reference or block.body:
        return block
    named = asked.value.strip(".:;,[]()").upper()
    return replace(block, reference=named) if asked.word is not Word.STATUS or REFERENCE.fullmatch(named) else block


def _with_refusals(incoming: Incoming, read: tuple[StaffText, ...]) -> tuple[StaffText, ...]:
    first, *others = _in_plain_text(incoming, read)
    between = tuple(sentence(STRAY, line=as_quoted(line)) for line in incoming.stray_commands)
    between += tuple(sentence(UNPLACED, line=as_quoted(line)) for line in incoming.unplaced[:MOST_UNPLACED])
    below = refusals_below(incoming.elided_text, incoming.signature)
    return (replace(first, refused=(*first.refused, *between, *below)), *others)


def _in_plain_text(incoming: Incoming, read: tuple[StaffText, ...]) -> tuple[StaffText, ...]:
    """Refuse each command that only the HTML of a mail has, where the mail has a plain text too: the two say different things.

    If the mail was held and named no ticket, the reference that its release names counts for the first block.
    """
    if incoming.command_text.strip():
        named = incoming.release.reference if incoming.release else ""
        return (replace(read[0], reference=read[0].reference or named), *read[1:])
    lines = tuple(
        sentence(
            '"{line}": your mail has this line in its HTML alone, and its plain text says something else, so it is not carried out',
            line=command.line,
        )
        for block in read
        for command in block.commands
    )
    return (StaffText((), lines + tuple(line for block in read for line in block.refused), incoming.text.strip()),)
