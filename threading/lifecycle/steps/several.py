"""Steps that concern two tickets: join them, part them, link them."""

from dataclasses import replace

from helpdesk.threading.lifecycle.commands import Command
from helpdesk.threading.lifecycle.decision import Decision, MovedMessage, PastMessage
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.steps.act import Act, Done, refusal
from helpdesk.threading.lifecycle.steps.people import with_state
from helpdesk.threading.lifecycle.table import rule_for
from helpdesk.threading.lifecycle.targets import clocks_of
from helpdesk.threading.lifecycle.team import staff_facts
from helpdesk.threading.model import (
    Assurance,
    Direction,
    Disposition,
    Notice,
    Participant,
    ParticipantState,
    Role,
    Status,
    Ticket,
    TimerKind,
    Trigger,
    WaitingOn,
)

KEPT_BY_A_MERGE = frozenset({ParticipantState.ACTIVE, ParticipantState.BLOCKED})


def link(act: Act, draft: Draft, command: Command) -> Done:
    other = ticket_named(draft, command.value)
    if other is None or other.id == draft.ticket.id:
        return _unknown(draft, command)
    draft = draft.event("linked", act.member.address, other.reference)
    return Done(draft, f"{draft.ticket.reference} and {other.reference} are linked.", related=(other.id,))


def merge(act: Act, draft: Draft, command: Command) -> Done:
    """The other request ends, and its conversation goes on here: its reply addresses lead to this one from now on."""
    other = ticket_named(draft, command.value)
    if other is None or other.id == draft.ticket.id:
        return _unknown(draft, command)
    if not _same_customer(draft.ticket, other):
        return refusal(draft, f'"{command.line}": {other.reference} belongs to another customer; #link keeps both apart')
    if draft.ticket.status is Status.CLOSED:
        return refusal(
            draft, f'"{command.line}": {draft.ticket.reference} is closed; merge it the other way round, or #reopen it'
        )
    for person in other.participants:
        draft = _come_over(draft, person)
    draft = draft.event("merged", act.member.address, f"{other.reference} goes on here")
    ended = _ended(other, draft, act)
    return Done(
        draft, f"{other.reference} goes on in {draft.ticket.reference}; replies to either land here.", also=(ended,),
        related=(other.id,),
    )  # fmt: skip


def _come_over(draft: Draft, person: Participant) -> Draft:
    """Who took part there takes part here, even if he only stood in Cc; whom the customer has turned away here stays so."""
    draft = draft.joined(person.role, person.address, person.name, person.state)
    here = draft.ticket.participant_at(person.address, person.role) if person.address else None
    if here is None or person.state is not ParticipantState.ACTIVE or here.state in KEPT_BY_A_MERGE:
        return draft
    return replace(draft, ticket=with_state(draft.ticket, here.number, ParticipantState.ACTIVE))


def _ended(other: Ticket, survivor: Draft, act: Act) -> Decision:
    gone = Draft(survivor.scene, other, other.version)
    gone = gone.moved(Trigger.MERGED, act.member.address, f"goes on in {survivor.ticket.reference}")
    for kind in TimerKind:
        gone = gone.cancelled(kind)
    gone = replace(gone, ticket=replace(gone.ticket, merged_into=survivor.ticket.id))
    ended = gone.decision(Disposition.THREADED, f"merged into {survivor.ticket.reference}", act.incoming.assurance)
    return replace(ended, before=other)


def _same_customer(one: Ticket, other: Ticket) -> bool:
    mine, theirs = one.participant(one.requester), other.participant(other.requester)
    same_account = one.account is not None and one.account == other.account
    return same_account or bool(mine and theirs and mine.address and mine.address == theirs.address)


def split(act: Act, draft: Draft, command: Command) -> Done:
    """The customer's newest message begins a request of its own; later replies to it follow it there."""
    if act.words:
        return refusal(draft, f'"{command.line}" goes without text: write it in reply to the letter about the new request')
    messages = draft.scene.conversation(draft.ticket).last_messages
    written = [one for one in messages if one.direction == Direction.CUSTOMER]
    if not written or (len(written) == 1 and len(messages) < 5):
        return refusal(draft, f'"{command.line}": {draft.ticket.reference} has no second message of the customer that could go')
    moved = written[-1]
    begun = _begun(moved, draft, act)
    draft = draft.event("split", act.member.address, f"the message of {moved.at:%Y-%m-%d %H:%M} UTC is now {begun.reference}")
    return Done(draft, f"The customer's last message is now {begun.reference}, in your hands.", also=(_decision(begun, moved, draft, act),),
                related=(begun.id,))  # fmt: skip


def _begun(moved: PastMessage, draft: Draft, act: Act) -> Ticket:
    """A stranger who wrote into the conversation has none of what its customer has: neither account nor plan, nor proof."""
    old, scene = draft.ticket, draft.scene
    writer = old.participant_at(moved.author, Role.CUSTOMER) or old.participant(old.requester)
    assert writer is not None
    requester = Participant(1, Role.CUSTOMER, writer.address, writer.name)
    own = writer.state is ParticipantState.ACTIVE
    return replace(
        old, account=old.account if own else None, plan=old.plan if own else scene.policy.default_plan,
        assurance=old.assurance if own else Assurance.UNVERIFIED, id=next(scene.fresh.ids), reference=scene.fresh.reference, version=0, status=Status.SUBMITTED, waiting_on=WaitingOn.SUPPORT,
        escalation_level=0, requester=1, assignee=act.member.address, thread_key=scene.fresh.thread_key, resolutions=0,
        created_at=moved.at, updated_at=scene.now, event_count=0, first_response_at=None, participants=(requester,), snoozed_until=None,
        merged_into=None, clocks=None,
    )  # fmt: skip


def _decision(begun: Ticket, moved: PastMessage, draft: Draft, act: Act) -> Decision:
    rule = rule_for(None, Trigger.SPLIT)
    assert rule is not None
    new = replace(Draft(draft.scene, begun, None), rules=(rule,))
    new = new.event("opened", act.member.address, f"split from {draft.ticket.reference}", None, rule.target)
    new = new.retimed(clocks_of(begun))
    new = new.moved(Trigger.TRIAGED, act.member.address, f"split from {draft.ticket.reference}")
    facts = staff_facts(new, act.incoming.assurance)
    new = new.told_staff(act.member, Notice.NEW_TICKET, facts, body=moved.text, author_name=moved.author)
    ended = new.decision(Disposition.THREADED, f"split from {draft.ticket.reference}", act.incoming.assurance)
    return replace(ended, before=replace(begun, status=Status.CLOSED, waiting_on=WaitingOn.NOBODY, merged_into=draft.ticket.id),
                   moved=(MovedMessage(moved.id, moved.message_id, draft.ticket.id),))  # fmt: skip


def ticket_named(draft: Draft, reference: str) -> Ticket | None:
    """A ticket by the reference that a command names, where it goes on."""
    return draft.scene.known.named(reference)


def _unknown(draft: Draft, command: Command) -> Done:
    return refusal(
        draft, f'"{command.line}": there is no other ticket of this reference; "#{command.word} ACZ-K7Q2M9" would work'
    )
