"""A staff member's mail: an answer, a note, or commands, for one ticket or several. All of it is carried out, or nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from helpdesk.threading.commands.grammar import StaffText, overlooked, staff_blocks
from helpdesk.threading.commands.words import Word
from helpdesk.threading.decisions.staff.absence import decide_absence, tells_absence
from helpdesk.threading.decisions.staff.behalf import begins_request, decide_behalf
from helpdesk.threading.decisions.staff.digest_reply import answers_digest, decide_digest_reply
from helpdesk.threading.decisions.staff.guards import Proposal, hold_of
from helpdesk.threading.decisions.staff.held import Hold, held, letter_apart
from helpdesk.threading.decisions.staff.steps import undo
from helpdesk.threading.decisions.staff.steps.act import Act
from helpdesk.threading.decisions.staff.steps.incident import spread
from helpdesk.threading.decisions.staff.work import Work, decision_of, twice, worked
from helpdesk.threading.decisions.time.digest import asks_for_digest, decide_asked
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.permission import may, not_permitted
from helpdesk.threading.lifecycle.team import staff_facts
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.match import Match
from helpdesk.threading.model.held import HeldOver
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Role
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reading.parsed import Kind
from helpdesk.threading.trust.tokens import INTERNAL, Purpose, Token


def decide_staff(incoming: Incoming, match: Match, context: Context, member: StaffMember) -> Decision:
    """Authority first: authenticated origin, and this person's own token for the ticket. Then the words, block by block.

    Anybody can write in a colleague's name: without a proved origin no word of the mail is looked at.
    """
    if not incoming.identity.may_act_as_staff:
        if answers_digest(incoming):
            return decide_digest_reply(incoming, match, context, member)
        return held(incoming, match, context, member, Hold(HeldOver.AUTHORITY, _unproved(incoming, member)))
    blocks = _whole_mail(incoming)
    if asks_for_digest(incoming, match, blocks):
        return decide_asked(incoming, match, context, member)
    if tells_absence(incoming, match, blocks):
        return decide_absence(incoming, match, context, member, blocks)
    if answers_digest(incoming):
        return decide_digest_reply(incoming, match, context, member)
    if begins_request(incoming, match, context, blocks):
        return decide_behalf(incoming, match, context, member, blocks)
    lack = _lacks_authority(incoming, match, context, member, blocks)
    if lack is not None:
        return held(incoming, match, context, member, Hold(HeldOver.AUTHORITY, lack))
    token = match.token
    if match.ticket is not None and token is not None:
        taken_back = _asks_undo(blocks)
        if token.purpose is Purpose.UNDO or taken_back:
            if lack := not_permitted(member, match.ticket, context):
                return refuse_mail(incoming, match, context, member, blocks, (lack,))
            return _undone(incoming, match, match.ticket, context, member, None if taken_back else token)
    work, refused = _worked(incoming, match, context, member, blocks)
    if refused:
        return refuse_mail(incoming, match, context, member, blocks, tuple(refused))
    hold = hold_of(_proposals(work, incoming, match, member), incoming.release.waived if incoming.release else ())
    if hold is not None:
        return held(incoming, match, context, member, hold)
    told = incoming.release is not None or any(block.commands for block in blocks)
    return recorded(incoming, match, context, member, work, told)


def _proposals(work: Sequence[Work], incoming: Incoming, match: Match, member: StaffMember) -> list[Proposal]:
    tokens = (None if one.block.reference else match.token for one in work)
    return [
        Proposal(one.block, one.ticket, one.draft, member, token, incoming.written)
        for one, token in zip(work, tokens, strict=True)
    ]


def _worked(
    incoming: Incoming, match: Match, context: Context, member: StaffMember, blocks: Sequence[StaffText]
) -> tuple[list[Work], list[str]]:
    """Every block on its ticket, as long as nothing is refused; and what was refused."""
    refused = [sentence for block in blocks for sentence in block.refused]
    work: list[Work] = []
    for block in blocks if not refused else ():
        ticket = context.known.named(block.reference) if block.reference else match.ticket
        if ticket is None:
            refused.append(_no_ticket(block))
            break
        work.append(_block_worked(_act(incoming, match, member, block), ticket, context))
        refused += work[-1].refused
        now = _with(context, work[-1].draft.ticket)
        for told, other in spread(block, ticket, context) if not refused else ():
            work.append(_block_worked(_act(incoming, match, member, told), other, now))
            refused += work[-1].refused
    return work, refused or twice(work)


def _with(context: Context, ticket: Ticket) -> Context:
    """The context after a block: what is said on other requests because of it finds the first one as it is then."""
    return replace(context, known=replace(context.known, tickets={**context.known.tickets, ticket.id: ticket}))


def _no_ticket(block: StaffText) -> str:
    if block.reference:
        return f'"#on {block.reference}": there is no request of this reference'
    return "It names no request: begin it with a line #on REFERENCE, or answer a letter about the request."


def _act(incoming: Incoming, match: Match, member: StaffMember, block: StaffText) -> Act:
    own = not block.reference and match.token is not None and match.token.purpose in INTERNAL
    asked = block.command(Word.NOTE) is not None
    return Act(incoming, member, block, block.words, own or asked, unasked=own and not asked)


def _block_worked(act: Act, ticket: Ticket, context: Context) -> Work:
    return worked(act, ticket, Draft(context, ticket, ticket.version, act.member.address, act.incoming.message_id))


def recorded(
    incoming: Incoming, match: Match, context: Context, member: StaffMember, work: Sequence[Work], commands: bool
) -> Decision:
    """One decision for all tickets. The receipt stands on the first one and tells of all."""
    first, *others = work
    draft = first.draft
    if commands:
        outcome = tuple(line for one in work for line in _about(one, several=len(work) > 1))
        undo_version = (draft.expected_version or 0) + 1 if any(one.changes for one in work) else None
        facts = replace(staff_facts(draft, incoming.assurance, outcome=outcome), undo=undo_version)
        draft = draft.told_staff(member, Notice.RECEIPT, facts)
    seen = tuple(one for one in incoming.parents if one not in context.known.by_message_id)
    main = decision_of(replace(first, draft=draft), incoming, match, seen)
    also = tuple(decision_of(one, incoming, match) for one in others)
    of_steps = tuple(decision for one in work for done in one.done for decision in done.also)
    reason = "; ".join(done.sentence for one in work for done in one.done)
    return replace(main, reason=reason, also=tuple(replace(one, also=()) for one in (*also, *of_steps)))


def _about(work: Work, *, several: bool) -> Iterator[str]:
    """What was done, sentence by sentence; where one mail is about several requests, about which."""
    for done in work.done:
        for line in (done.sentence, *done.more):
            yield f"{work.ticket.reference}: {line}" if several else line


def _undone(
    incoming: Incoming, match: Match, ticket: Ticket, context: Context, member: StaffMember, token: Token | None
) -> Decision:
    """The last mail about a ticket is taken back, as a whole and exactly, or not at all. `token` is that of an undo address."""
    reason = undo.why_not(ticket, member, token, context)
    if reason is not None:
        return refuse_mail(incoming, match, context, member, (), (f"It cannot be taken back: {reason}.",))
    main, *others = undo.taken_back(ticket, member, context)
    sentence = "Taken back: " + context.known.undo[ticket.id][0].summary
    draft = main.draft
    draft = draft.told_staff(member, Notice.RECEIPT, staff_facts(draft, incoming.assurance, outcome=(sentence,)))
    decisions = [
        replace(
            one.decision(Disposition.THREADED, sentence, incoming.assurance, match.clues), take_back=restored.take_back,
            moved=restored.moved,
        )
        for one, restored in zip((draft, *(other.draft for other in others)), (main, *others), strict=True)
    ]  # fmt: skip
    return replace(decisions[0], also=tuple(decisions[1:]))


def _asks_undo(blocks: Sequence[StaffText]) -> bool:
    return len(blocks) == 1 and not blocks[0].reference and not blocks[0].refused and blocks[0].command(Word.UNDO) is not None


def _unproved(incoming: Incoming, member: StaffMember) -> str:
    return f"it claims to be from {member.name}, but {incoming.identity.reason}"


def _lacks_authority(
    incoming: Incoming, match: Match, context: Context, member: StaffMember, blocks: Sequence[StaffText]
) -> str | None:
    """What a mail of proved origin lacks to be carried out; None for nothing.

    A mail that names each of its tickets by `#on` needs no token: a reference is no secret of theirs.
    """
    if incoming.release is not None and HeldOver.AUTHORITY in incoming.release.waived:
        return None
    if incoming.kind is not Kind.PERSON:
        return "a machine or a mailing list has sent it"
    if incoming.null_path:
        return "it came from the null path, from which only machines write"
    if match.contradiction:
        return match.contradiction
    if match.token is None and all(block.reference for block in blocks):
        return None
    if match.ticket is None or match.token is None:
        return (
            "it came without the reply address of a letter; answer a letter about the ticket, or begin with a line #on REFERENCE"
        )
    if match.participant is None or match.participant.role is not Role.STAFF or match.participant.address != member.address:
        return f"the reply address was given to somebody else than {member.name}"
    if not _means(incoming, match, context):
        return "its reply address is not signed, and the words that are signed do not name that request"
    return None


def _means(incoming: Incoming, match: Match, context: Context) -> bool:
    """Whether a signed mail was written about this request. Where it was sent is anybody's choice, if that is not signed."""
    if incoming.identity.meant is None or match.ticket is None:
        return True
    ways = {number: one for number, one in context.known.tickets.items() if context.known.survivor(one).id == match.ticket.id}
    ways[match.ticket.id] = match.ticket
    return incoming.identity.meant.names(ways, (one.reference for one in ways.values()))


def _whole_mail(incoming: Incoming) -> tuple[StaffText, ...]:
    first, *others = _blocks_of(incoming)
    return (replace(first, refused=(*first.refused, *overlooked(incoming.elided_text, incoming.signature))), *others)


def _blocks_of(incoming: Incoming) -> tuple[StaffText, ...]:
    """Commands are read from plain text alone; one that only its HTML shows is refused, not overlooked.

    A released mail that named no ticket is about the one that its release names.
    """
    if incoming.command_text.strip():
        blocks = staff_blocks(incoming.command_text)
        named = incoming.release.reference if incoming.release else ""
        return (replace(blocks[0], reference=blocks[0].reference or named), *blocks[1:])
    shown = staff_blocks(incoming.text)
    lines = tuple(
        f'"{one.line}": commands work in plain text only, and this mail has no plain text part'
        for block in shown
        for one in block.commands
    )
    return (StaffText((), lines + tuple(line for block in shown for line in block.refused), incoming.text.strip()),)


def refuse_mail(
    incoming: Incoming, match: Match, context: Context, member: StaffMember, blocks: Sequence[StaffText], reasons: tuple[str, ...]
) -> Decision:
    outcome = ("Nothing of this mail was carried out.", *reasons)
    words = "\n\n".join(block.words for block in blocks if block.words)
    if match.ticket is None or not may(member, match.ticket, context):
        return _refused_apart(incoming, match, context, member, outcome, words)
    draft = Draft(context, match.ticket, match.ticket.version, member.address, incoming.message_id)
    draft = draft.event("commands_refused", member.address, "; ".join(reasons))
    draft = draft.told_staff(member, Notice.RECEIPT, staff_facts(draft, incoming.assurance, outcome=outcome), body=words)
    return draft.decision(Disposition.REFUSED, "; ".join(reasons), incoming.assurance, match.clues)


def _refused_apart(
    incoming: Incoming, match: Match, context: Context, member: StaffMember, outcome: tuple[str, ...], words: str
) -> Decision:
    """A mail that belongs to no ticket, or to one that is not its author's to read, is answered by a letter that tells of none."""
    order = letter_apart(incoming, context, member, Notice.RECEIPT, outcome, words)
    return Decision(Disposition.REFUSED, "; ".join(outcome[1:]), incoming.assurance, clues=match.clues, letters=(order,))
