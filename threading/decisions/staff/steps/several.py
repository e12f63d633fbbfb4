"""Steps that concern two tickets: link them, merge them, or split one."""

from collections.abc import Sequence
from dataclasses import replace

from helpdesk.threading.commands.grammar import Command
from helpdesk.threading.decisions.staff.steps.act import Act, Done, refusal
from helpdesk.threading.decisions.staff.steps.people import with_state
from helpdesk.threading.letters.order import LetterWords
from helpdesk.threading.lifecycle.decision import Decision, Handover, Opening, Past, Triaged
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.handover import files_in_no_inbox, lines_about, message_shown_as, rows_with
from helpdesk.threading.lifecycle.new_ticket import begin_ticket
from helpdesk.threading.lifecycle.relations import same_customer
from helpdesk.threading.lifecycle.standing import standing_of
from helpdesk.threading.lifecycle.state_changes import as_never_begun
from helpdesk.threading.lifecycle.table import rule_for
from helpdesk.threading.lifecycle.team import notify_team, staff_facts
from helpdesk.threading.matching.correspondent import Correspondent
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.known import ShownRow
from helpdesk.threading.model.assurance import SURE, Assurance
from helpdesk.threading.model.mail import Channel, Disposition
from helpdesk.threading.model.message import Direction, MovedMessage, PastMessage
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Participant, ParticipantState, Role
from helpdesk.threading.model.sentence import sentence
from helpdesk.threading.model.status import Status, Trigger, WaitingOn
from helpdesk.threading.model.ticket import Lineage, Ticket
from helpdesk.threading.model.timer import TimerKind
from helpdesk.threading.promises.targets import DONE, clocks_together, first_clocks, is_promised, without_next_response
from helpdesk.threading.reading.parsed import Kind
from helpdesk.threading.trust.identity import identity_on_record

RECORDED_BY_A_SPLIT = frozenset({ParticipantState.ACTIVE, ParticipantState.SEEN})  # they get no letters until staff add them
KEPT_BY_A_MERGE = frozenset({ParticipantState.ACTIVE, ParticipantState.BLOCKED})


def link(act: Act, draft: Draft, command: Command) -> Done:
    """Link two tickets; both stay as they are."""
    other = ticket_named(draft, command.value)
    if other is None or other.id == draft.ticket.id:
        return _refuse_unknown(draft, command)
    draft = draft.add_event("linked", act.mail.member.address, other.reference)
    return Done(
        draft,
        sentence("{reference} and {other} are linked.", reference=draft.ticket.reference, other=other.reference),
        related=(other.id,),
    )


def merge(act: Act, draft: Draft, command: Command) -> Done:
    """Merge the other request into this one: it ends, and its reply addresses lead to this one from then on."""
    other = ticket_named(draft, command.value)
    if other is None or other.id == draft.ticket.id:
        return _refuse_unknown(draft, command)
    if not same_customer(draft.ticket, other, draft.context):
        return refusal(
            draft,
            sentence(
                '"{line}": {other} belongs to another customer; #link keeps both apart', line=command.line, other=other.reference
            ),
        )
    if draft.ticket.status is Status.CLOSED:
        return refusal(
            draft,
            sentence(
                '"{line}": {reference} is closed; merge it the other way round, or #reopen it',
                line=command.line,
                reference=draft.ticket.reference,
            ),
        )
    for person in other.participants:
        draft = add_from_other(draft, person)
    draft = with_account(draft)
    draft = draft.add_event("merged", act.mail.member.address, f"{other.reference} goes on here")
    draft = with_promises_of(draft, other, act)
    draft = tell_of_words(draft, other, act) if waits_for_support(other) else draft
    ended = end_merged(other, draft, act)
    return Done(
        draft,
        sentence(
            "{other} goes on in {reference}; replies to either land here.",
            other=other.reference,
            reference=draft.ticket.reference,
        ),
        also=(ended,),
        related=(other.id,),
    )


def waits_for_support(ticket: Ticket) -> bool:
    """Whether a request waits for support, or will when its snooze is over."""
    return ticket.waiting_on is WaitingOn.SUPPORT or ticket.waiting.snoozed_until is not None


def with_promises_of(draft: Draft, ended: Ticket, act: Act) -> Draft:
    """The request after another one of its customer has gone on in it.

    What waited for support there waits for it here; otherwise the survivor waits for whom it waited before. The promises of both are kept.
    """
    if waits_for_support(ended) and draft.ticket.waiting_on is not WaitingOn.SUPPORT and draft.allows(Trigger.CUSTOMER_WROTE):
        draft = draft.apply(Trigger.CUSTOMER_WROTE, act.mail.member.address, f"with {ended.reference}")
    if DONE.isdisjoint({ended.status, draft.ticket.status}):
        first, policy = ended.first_response_at, draft.context.policy
        clocks = clocks_together(draft.ticket, ended, draft.context.now, policy)
        if draft.ticket.first_response_at is None and first is not None:
            answered = replace(draft.ticket, first_response_at=max(first, draft.ticket.created_at))
            draft = replace(draft, ticket=answered)
        draft = draft.set_clocks(clocks)
    return draft


def tell_of_words(draft: Draft, ended: Ticket, act: Act) -> Draft:
    """Bring the customer's last words on a request that goes on here to whoever has this request."""
    said = [message for message in draft.context.conversation(ended).last_messages if message.direction == Direction.CUSTOMER]
    if not said:
        return draft
    remark = sentence(
        "{name} has joined {other} to this request; these words came with it.", name=act.mail.member.name, other=ended.reference
    )
    facts = replace(staff_facts(draft, said[-1].assurance), remarks=(remark,))
    words = LetterWords(said[-1].text, said[-1].author)
    return notify_team(draft, Notice.CUSTOMER_REPLY, facts, words, without=act.mail.member.address)


def add_from_other(draft: Draft, person: Participant) -> Draft:
    """Add a participant of the other ticket to this one, even if they were only in Cc here. A participant whom this customer
    blocked stays blocked.
    """
    draft = draft.add_participant(person.role, person.address, person.name, person.state)
    here = draft.ticket.participant_at(person.address, person.role) if person.address else None
    if here is None or person.state is not ParticipantState.ACTIVE or here.state in KEPT_BY_A_MERGE:
        return draft
    return replace(draft, ticket=with_state(draft.ticket, here.number, ParticipantState.ACTIVE))


def with_account(draft: Draft) -> Draft:
    """Give a request without account the account to which its requester belongs by now."""
    ticket, requester = draft.ticket, draft.ticket.participant(draft.ticket.requester)
    if ticket.account is not None or requester is None:
        return draft
    standing = standing_of(requester.address, draft.context, ticket.support_address)
    if standing.account is None:
        return draft
    ticket = replace(ticket, account=standing.account, plan=standing.plan)
    return replace(draft, ticket=ticket).set_clocks(ticket.clocks, anew=True)


def end_merged(other: Ticket, survivor: Draft, act: Act) -> Decision:
    """The end of a request that goes on in another one."""
    gone = Draft(survivor.context, other, other.version)
    gone = gone.apply(Trigger.MERGED, act.mail.member.address, f"goes on in {survivor.ticket.reference}")
    for kind in TimerKind:
        gone = gone.cancel_timer(kind)
    gone = replace(gone, ticket=replace(gone.ticket, lineage=replace(gone.ticket.lineage, merged_into=survivor.ticket.id)))
    reason = f"merged into {survivor.ticket.reference}"
    return gone.decision(Disposition.THREADED, reason, act.mail.grounds, past=Past(before=other))


def split(act: Act, draft: Draft, command: Command) -> Done:
    """Open a new request with the customer's newest message. Later replies to that message follow it."""
    if act.words:
        return refusal(
            draft,
            sentence('"{line}" goes without text: write it in reply to the letter about the new request', line=command.line),
        )
    messages = draft.context.conversation(draft.ticket).last_messages
    written = [message for message in messages if message.direction == Direction.CUSTOMER]
    if not written or (len(written) == 1 and len(messages) < 5):
        return refusal(
            draft,
            sentence(
                '"{line}": {reference} has no second message of the customer that could go',
                line=command.line,
                reference=draft.ticket.reference,
            ),
        )
    moved = written[-1]
    rows = rows_with(moved, draft.ticket, draft.context)
    begun, triage = _begin(moved, rows, draft, act)
    also = _decision(begun, triage, moved, rows, draft, act)
    draft = draft.add_event(
        "split", act.mail.member.address, f"the message of {moved.at:%Y-%m-%d %H:%M} UTC is now {begun.reference}"
    )
    draft = _without_message(draft, moved, messages, act)
    elsewhere = [row for row in rows if (row.account, row.contact) != (begun.account, moved.author)]
    return Done(
        draft,
        sentence("The customer's last message is now {other}, in your hands.", other=begun.reference),
        also=(also,),
        related=(begun.id,),
        more=lines_about(elsewhere),
        handover=Handover(leaves=tuple(row.id for row in rows)),
    )


def _without_message(draft: Draft, moved: PastMessage, messages: Sequence[PastMessage], act: Act) -> Draft:
    """The old request after the message left: the clock of the next answer ends with it, unless an earlier message still waits."""
    before = [message for message in messages if message.id != moved.id]
    if not before or before[-1].direction != Direction.SUPPORT or draft.ticket.first_response_at is None:
        return draft
    draft = draft.set_clocks(without_next_response(draft.ticket))
    if not draft.allows(Trigger.MESSAGE_MOVED) or is_promised(draft.ticket):
        return draft
    return draft.apply(Trigger.MESSAGE_MOVED, act.mail.member.address)


def _begin(moved: PastMessage, rows: Sequence[ShownRow], draft: Draft, act: Act) -> tuple[Ticket, Triaged]:
    """The new ticket, as a new mail with this message would open it.

    Account, plan and assurance are the writer's own. The old request contributes only its support address. If the writer is
    uncertain, the new request has no account, and no reserved assignee.
    """
    old, context = draft.ticket, draft.context
    in_platform = moved.assurance is Assurance.PLATFORM
    known = old.participant_at(moved.author, Role.CUSTOMER)
    requester = old.participant(old.requester)
    answered = requester if in_platform and not moved.author else known
    address, name = (answered.address, answered.name) if answered else (moved.author, "")
    own = known is not None and known.number == old.requester
    heard = Incoming(
        channel=Channel.PLATFORM if in_platform else Channel.MAIL,
        kind=Kind.PERSON,
        identity=identity_on_record(moved.author, moved.assurance),
        author_name=name,
        correspondent=Correspondent(address, name),
        received_at=moved.at,
        subject=moved.subject or (old.subject if own or in_platform else ""),
        text=moved.text,
        elided_text="",
        command_text="",
        attachments=(),
        support_address=old.support_address,
        language=old.language,
        # A platform user has signed in for the request's account.
        account=old.account if in_platform else None,
    )
    ticket, triage = begin_ticket(heard, context, automatic_letters=old.automatic_letters and bool(address or in_platform))
    if known is None or known.state is not ParticipantState.ACTIVE:
        # Words that were unverified on the old request stay unverified.
        assurance = ticket.assurance if in_platform else Assurance.UNVERIFIED
    else:
        # A reply address proves the words too. The old request's assurance does not cover words that only named its reference.
        proved = any(row.proved for row in rows)
        assurance = old.assurance if own and proved and old.assurance in SURE else ticket.assurance
    others = (person for person in old.participants if person.number != old.requester and person.state in RECORDED_BY_A_SPLIT)
    draft = Draft(context, replace(ticket, assignee=act.mail.member.address, assurance=assurance), None)
    for person in others:
        if person.role is Role.CUSTOMER and person.address != moved.author:
            draft = draft.add_participant(Role.CUSTOMER, person.address, person.name, ParticipantState.SEEN)
    return draft.ticket, triage


def _decision(begun: Ticket, triage: Triaged, moved: PastMessage, rows: Sequence[ShownRow], draft: Draft, act: Act) -> Decision:
    rule = rule_for(None, Trigger.SPLIT)
    assert rule is not None
    new = replace(
        Draft(draft.context, begun, None, opening=Opening(replace(triage, assignee=act.mail.member.address))), rules=(rule,)
    )
    new = new.add_event("opened", act.mail.member.address, f"split from {draft.ticket.reference}", None, rule.target)
    new = new.set_clocks(first_clocks(begun.created_at))
    new = new.apply(Trigger.TRIAGED, act.mail.member.address, f"split from {draft.ticket.reference}")
    facts = staff_facts(new, act.mail.incoming.assurance)
    new = new.notify_staff(act.mail.member, Notice.NEW_TICKET, facts, LetterWords(moved.text, moved.author))
    files = files_in_no_inbox(draft.ticket, begun, draft.context)
    past = Past(
        before=replace(as_never_begun(begun), lineage=Lineage(merged_into=draft.ticket.id)),
        moved=(MovedMessage(moved.id, moved.message_id, draft.ticket.id, new.ticket_recorded.version, moved.version),),
        handover=Handover(shows=(message_shown_as(moved.author, moved, rows, files),)),
    )
    return new.decision(Disposition.THREADED, f"split from {draft.ticket.reference}", act.mail.grounds, past=past)


def ticket_named(draft: Draft, reference: str) -> Ticket | None:
    """The ticket that continues the one with this reference; None if no ticket has it."""
    return draft.context.known.ticket_named(reference)


def _refuse_unknown(draft: Draft, command: Command) -> Done:
    return refusal(
        draft,
        sentence(
            '"{line}": there is no other ticket of this reference; "#{word} ACZ-K7Q2M9" would work',
            line=command.line,
            word=command.word,
        ),
    )
