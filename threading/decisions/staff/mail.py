"""A staff member's mail, as the decisions about it take it. Its text is read for commands once, here."""

from dataclasses import dataclass, replace

from helpdesk.threading.commands.grammar import StaffText, refusals_below, staff_blocks
from helpdesk.threading.decisions.arrival import Arrival
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.people import StaffMember


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMail(Arrival):
    """A mail and the staff member who wrote it, in whose name it came, or to whose address it was sent.

    `read` are its blocks as they were read. `blocks` are those that may be carried out: with a refusal for each command that stands where
    no command is carried out.
    """

    member: StaffMember
    read: tuple[StaffText, ...]
    blocks: tuple[StaffText, ...]


def staff_mail(arrival: Arrival, member: StaffMember) -> StaffMail:
    """The mail of a staff member, with its blocks."""
    incoming = arrival.incoming
    read = staff_blocks(incoming.command_text if incoming.command_text.strip() else incoming.text)
    blocks = _with_refusals(incoming, read)
    return StaffMail(
        incoming, arrival.match, arrival.context, arrival.speaks, arrival.row, member=member, read=read, blocks=blocks
    )


def _with_refusals(incoming: Incoming, read: tuple[StaffText, ...]) -> tuple[StaffText, ...]:
    first, *others = _in_plain_text(incoming, read)
    return (replace(first, refused=(*first.refused, *refusals_below(incoming.elided_text, incoming.signature))), *others)


def _in_plain_text(incoming: Incoming, read: tuple[StaffText, ...]) -> tuple[StaffText, ...]:
    """Commands count in plain text only; each command that stands only in HTML is refused with a sentence.

    Where the mail was held and named no ticket, the reference that its release names counts for the first block.
    """
    if incoming.command_text.strip():
        named = incoming.release.reference if incoming.release else ""
        return (replace(read[0], reference=read[0].reference or named), *read[1:])
    lines = tuple(
        f'"{command.line}": commands work in plain text only, and this mail has no plain text part'
        for block in read
        for command in block.commands
    )
    return (StaffText((), lines + tuple(line for block in read for line in block.refused), incoming.text.strip()),)
