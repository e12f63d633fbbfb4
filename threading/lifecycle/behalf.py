"""Requests that staff begin for a customer: by forwarding a customer's mail, or by writing first.

A forwarded mail opens the ticket for its original author; what stands above it is an internal note, and its commands count. Nothing proves
who the original author is, so letters to him that a robot writes are fixed text.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from helpdesk.threading.lifecycle.command_words import Word
from helpdesk.threading.lifecycle.commands import StaffText, staff_text
from helpdesk.threading.lifecycle.customer import confirmation_facts, message_of, new_request, shown, tell_team
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.lifecycle.held import letter_apart
from helpdesk.threading.lifecycle.scene import Scene
from helpdesk.threading.lifecycle.steps.act import Act
from helpdesk.threading.lifecycle.team import staff_facts
from helpdesk.threading.lifecycle.work import Work, decision_of, worked
from helpdesk.threading.matching.correspondent import Correspondent
from helpdesk.threading.matching.gather import customer_meant
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.match import Match
from helpdesk.threading.model import Disposition, Notice, StaffMember, Status, Ticket, WaitingOn
from helpdesk.threading.reading.parsed import Kind
from helpdesk.threading.trust.addresses import is_robot_address
from helpdesk.threading.trust.identity import identity_by_word

OPENED = "{reference} is opened for {customer}. Another author? Answer with #author and the right address on a line of its own."


@dataclass(frozen=True, slots=True)
class Begun:
    """The new request in the making: the customer's words, if a forwarded mail brought any, and what its bringer wants done."""

    theirs: Incoming
    block: StaffText
    forwarded: bool


def begins_request(incoming: Incoming, match: Match, scene: Scene, blocks: Sequence[StaffText]) -> bool:
    """Whether a staff member's proved mail, which answers no letter, begins a request for a customer."""
    in_person = incoming.kind is Kind.PERSON and not incoming.null_path
    if match.token is not None or match.contradiction or not incoming.identity.may_act_as_staff or not in_person:
        return False
    if any(block.command(Word.NEW) for block in blocks):
        return True
    return incoming.forward is not None and _is_customer(customer_meant(incoming), scene)


def decide_behalf(incoming: Incoming, match: Match, scene: Scene, member: StaffMember, blocks: Sequence[StaffText]) -> Decision:
    """The ticket, the letter to the customer, the note, and a receipt for whoever began it."""
    begun = _begun(incoming, blocks, member)
    refused = list(begun.block.refused) or _obstacles(begun, scene, blocks)
    if refused:
        return _refused(incoming, match, scene, member, refused)
    draft = new_request(begun.theirs, scene, member.address, f"by {member.name}")
    draft = replace(draft, ticket=replace(draft.ticket, opened_by=member.address), written_by=member.address)
    before = _as_if_never(draft.ticket)
    if begun.forwarded:
        draft = draft.told_customer(Notice.CONFIRMATION, confirmation_facts(begun.theirs, draft), automatic=True, fixed_text=True)
        draft = tell_team(draft, begun.theirs, (f"Forwarded by {member.name}.",), without=member.address)
    act = Act(incoming, member, begun.block, begun.block.words, begun.forwarded or begun.block.command(Word.NOTE) is not None)
    work = worked(act, before, draft) if act.text.commands or act.words else Work(begun.block, before, draft)
    if work.refused:
        return _refused(incoming, match, scene, member, work.refused)
    return _recorded(begun, work, incoming, match, scene, member)


def _begun(incoming: Incoming, blocks: Sequence[StaffText], member: StaffMember) -> Begun:
    forward = incoming.forward
    address = customer_meant(incoming)
    forwarded = forward is not None and bool(forward.text.strip())
    block = staff_text(forward.comment) if forwarded and forward is not None else blocks[0]
    name = forward.author.name if forwarded and forward and forward.author and forward.author.address.lower() == address else ""
    theirs = replace(
        incoming, identity=identity_by_word(address, member.name), author_name=name, correspondent=Correspondent(address, name), copied=(),
        text=forward.text if forwarded and forward else "", elided_text="", command_text="", message_id=None, forwarded="",
        attachments=incoming.attachments if forwarded else (), parents=(),
    )  # fmt: skip
    return Begun(shown(theirs), block, forwarded)


def _obstacles(begun: Begun, scene: Scene, blocks: Sequence[StaffText]) -> list[str]:
    new = begun.block.command(Word.NEW)
    if not _is_customer(begun.theirs.author, scene):
        line = new.line if new else begun.theirs.author
        return [f'"{line}": this is no address of a customer; "#new carla@globex.example" would work']
    if len(blocks) > 1 or blocks[0].reference:
        return ["A mail that begins a request is about that one alone: send the rest in another mail."]
    if not begun.forwarded and not begun.block.words:
        return [f'"{new.line if new else ""}": write below it what the customer shall read']
    return []


def _is_customer(address: str, scene: Scene) -> bool:
    return (
        bool(address)
        and not is_robot_address(address)
        and scene.staff_member(address) is None
        and not scene.ours.is_ours(address)
    )


def _recorded(begun: Begun, work: Work, incoming: Incoming, match: Match, scene: Scene, member: StaffMember) -> Decision:
    draft = work.draft
    sentences = tuple(line for one in work.done for line in (one.sentence, *one.more))
    opened = OPENED.format(reference=draft.ticket.reference, customer=begun.theirs.author)
    facts = replace(staff_facts(draft, incoming.assurance, outcome=(opened, *sentences)), undo=1)
    draft = draft.told_staff(member, Notice.RECEIPT, facts)
    decision = decision_of(replace(work, draft=draft), incoming, match)
    message = message_of(begun.theirs, scene) if begun.forwarded else decision.message
    return replace(decision, disposition=Disposition.OPENED, reason="; ".join((opened, *sentences)), message=message)


def _as_if_never(ticket: Ticket) -> Ticket:
    """What taking it back leads to: a closed ticket that nobody was told about."""
    return replace(ticket, status=Status.CLOSED, waiting_on=WaitingOn.NOBODY, automatic_letters=False, version=0)


def _refused(incoming: Incoming, match: Match, scene: Scene, member: StaffMember, reasons: Sequence[str]) -> Decision:
    outcome = ("Nothing of this mail was carried out.", *reasons)
    order = letter_apart(incoming, scene, member, Notice.RECEIPT, outcome, incoming.text)
    return Decision(Disposition.REFUSED, "; ".join(reasons), incoming.assurance, clues=match.clues, letters=(order,))
