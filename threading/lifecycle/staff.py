"""A staff member's mail: an answer, a note, or commands. All of it is carried out, or nothing."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from helpdesk.threading.lifecycle.commands import Command, StaffText, Word, staff_text
from helpdesk.threading.lifecycle.customer import attachments_of
from helpdesk.threading.lifecycle.decision import CustomerFacts, Decision, LetterOrder, StaffFacts
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.gate import alarm, passed, suppressed
from helpdesk.threading.lifecycle.routing import escalation_assignee, named
from helpdesk.threading.lifecycle.scene import Scene
from helpdesk.threading.lifecycle.team import colleagues_of, escalated, recipients_of_answer, staff_facts, told_team
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.match import Match
from helpdesk.threading.model import (
    SURE,
    Direction,
    Disposition,
    InternalNote,
    Message,
    Notice,
    Participant,
    Role,
    StaffMember,
    Ticket,
    Trigger,
)
from helpdesk.threading.reading.parsed import Kind
from helpdesk.threading.trust.addresses import canonical
from helpdesk.threading.trust.tokens import INTERNAL

BY_DATE = re.compile(r"(.*)\bby (\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}))?")


@dataclass(frozen=True, slots=True)
class Act:
    """What is being done: whose mail, about what, in which words, and for whom these words are."""

    incoming: Incoming
    member: StaffMember
    text: StaffText
    words: str
    internal: bool


@dataclass(frozen=True, slots=True)
class Done:
    """A step carried out: the draft after it, and the sentence for the receipt. `refused` steps leave no draft."""

    draft: Draft
    sentence: str
    refused: bool = False
    note: InternalNote | None = None
    message: Message | None = None


def decide_staff(incoming: Incoming, match: Match, scene: Scene, member: StaffMember) -> Decision:
    """Authority first: authenticated origin, and this person's own token for the ticket. Then the words."""
    lack = _lacks_authority(incoming, match, member)
    if lack is not None:
        return held(incoming, match, scene, member, lack)
    ticket, token = match.ticket, match.token
    assert ticket is not None and token is not None
    draft = Draft(scene, ticket, ticket.version, member.address, incoming.message_id)
    text = _text_of(incoming)
    act = Act(incoming, member, text, text.words, token.purpose in INTERNAL or text.command(Word.NOTE) is not None)
    steps, done = _steps(act), []
    refused = [*text.refused]
    for step in steps:
        if refused:
            break
        result = step(act, draft)
        if result.refused:
            refused.append(result.sentence)
        draft = result.draft
        done.append(result)
    if refused or not steps:
        reasons = tuple(refused) or ("The mail holds neither text nor a command.",)
        return _refused(act, match, ticket, scene, reasons)
    if text.commands:
        outcome = tuple(one.sentence for one in done)
        draft = draft.told_staff(member, Notice.RECEIPT, staff_facts(draft, incoming.assurance, outcome=outcome))
    return draft.decision(
        Disposition.THREADED, "; ".join(one.sentence for one in done), incoming.assurance, match.clues,
        message=next((one.message for one in done if one.message), None), note=next((one.note for one in done if one.note), None),
        related=match.related, seen_ids=tuple(one for one in incoming.parents if one not in scene.known.by_message_id),
    )  # fmt: skip


def held(incoming: Incoming, match: Match, scene: Scene, member: StaffMember, why: str) -> Decision:
    """Nothing happens, nothing reaches a customer; the registered address of the staff member is told.

    A machine is not: if it is their own mailbox that answers by itself, it would answer that letter too.
    """
    about = f"about {match.ticket.reference} " if match.ticket else ""
    order = LetterOrder(
        id=next(scene.fresh.ids), notice=Notice.HELD, to=Participant(0, Role.STAFF, member.address, member.name), ticket=None,
        facts=StaffFacts(
            customer=Participant(0, Role.CUSTOMER, incoming.reply_to, incoming.author_name), account=None,
            assurance=incoming.assurance, answer_goes_to=(), outcome=(why,),
        ),
        automatic=True, body=incoming.text, author_name=incoming.author_name, subject=f"Held: {incoming.subject}",
        in_reply_to=incoming.message_id if incoming.author == member.address else None, counted_as=f"held:{member.address}",
    )  # fmt: skip
    order = passed(order, scene)
    letters = alarm(scene, order.counted_as, _flood(member, scene), also=member) if _is_over(order, scene) else (order,)
    return Decision(
        disposition=Disposition.HELD, reason=f"a mail {about}is held: {why}", assurance=incoming.assurance, clues=match.clues,
        letters=() if incoming.null_path or incoming.kind is Kind.AUTOMATIC else letters, held_for=member.address,
    )  # fmt: skip


def _is_over(order: LetterOrder, scene: Scene) -> bool:
    """Whoever can write in a staff member's name could fill that mailbox: after a few letters there is one alarm."""
    return bool(order.suppressed) and not suppressed(scene, order.to.address)


def _flood(member: StaffMember, scene: Scene) -> tuple[str, ...]:
    return (
        f"More than {scene.policy.automatic.held_hour} mails in an hour claim to be from {member.name} and are held.",
        f"No letter tells {member.address} of further ones; `helpdesk quarantine list` shows them all.",
        "If they are not hers or his, somebody is trying to write in that name; nothing of them was carried out.",
    )


def _lacks_authority(incoming: Incoming, match: Match, member: StaffMember) -> str | None:
    if not incoming.authority:
        return f"it claims to be from {member.name}, but {incoming.assurance_reason}"
    if incoming.kind is not Kind.PERSON:
        return "it came through a mailing list"
    if match.contradiction:
        return match.contradiction
    if match.ticket is None or match.token is None:
        return "it came without the reply address of a letter; answer a letter about the ticket"
    if match.participant is None or match.participant.role is not Role.STAFF or match.participant.address != member.address:
        return f"the reply address was given to somebody else than {member.name}"
    return None


def _text_of(incoming: Incoming) -> StaffText:
    """Commands are read from plain text alone; one that only its HTML shows is refused, not overlooked."""
    if incoming.command_text.strip():
        return staff_text(incoming.command_text)
    shown = staff_text(incoming.text)
    lines = tuple(
        f'"{one.line}": commands work in plain text only, and this mail has no plain text part' for one in shown.commands
    )
    return StaffText((), lines + shown.refused, incoming.text.strip())


def _steps(act: Act) -> list[Callable[[Act, Draft], Done]]:
    """Who is in charge first, then what is said: a letter, a note, or a bare change of status."""
    steps = [STEPS[command.word] for command in sorted(act.text.commands, key=lambda one: one.word not in FIRST)]
    speaks = any(command.word not in FIRST for command in act.text.commands)
    if not speaks and (act.words or _files(act)):
        steps.append(_note if act.internal else _answer)
    return steps


def _refused(act: Act, match: Match, ticket: Ticket, scene: Scene, reasons: tuple[str, ...]) -> Decision:
    draft = Draft(scene, ticket, ticket.version, act.member.address, act.incoming.message_id)
    draft = draft.event("commands_refused", act.member.address, "; ".join(reasons))
    outcome = ("Nothing of this mail was carried out.", *reasons)
    draft = draft.told_staff(
        act.member, Notice.RECEIPT, staff_facts(draft, act.incoming.assurance, outcome=outcome), body=act.words
    )
    return draft.decision(Disposition.REFUSED, "; ".join(reasons), act.incoming.assurance, match.clues)


def _refusal(draft: Draft, sentence: str) -> Done:
    return Done(draft, sentence, refused=True)


def _line(act: Act, word: Word) -> Command:
    command = act.text.command(word)
    assert command is not None
    return command


def _impossible(act: Act, draft: Draft, word: Word) -> Done:
    status = draft.ticket.status.value.replace("_", " ")
    return _refusal(draft, f'"{_line(act, word).line}": {draft.ticket.reference} is {status}, there this changes nothing')


def _take(act: Act, draft: Draft) -> Done:
    return _assigned(act, draft, act.member, Word.TAKE)


def _assign(act: Act, draft: Draft) -> Done:
    line = _line(act, Word.ASSIGN)
    meant = named(line.value, draft.scene.known.staff)
    if len(meant) != 1:
        who = ", ".join(one.name for one in meant) or "nobody"
        names = ", ".join(one.name for one in draft.scene.known.staff)
        return _refusal(draft, f'"{line.line}": this names {who}; one of these would work: {names}')
    return _assigned(act, draft, meant[0], Word.ASSIGN)


def _assigned(act: Act, draft: Draft, member: StaffMember, word: Word) -> Done:
    if not draft.allows(Trigger.ASSIGNED):
        return _impossible(act, draft, word)
    draft = draft.moved(Trigger.ASSIGNED, act.member.address, f"to {member.address}")
    draft = replace(draft, ticket=replace(draft.ticket, assignee=member.address))
    if member.address != act.member.address:
        facts = staff_facts(draft, act.incoming.assurance)
        draft = draft.told_staff(member, Notice.ASSIGNMENT, facts, author_name=act.member.name)
    return Done(draft, f"{draft.ticket.reference} is in the hands of {member.name}.")


def _unsuppress(act: Act, draft: Draft) -> Done:
    line = _line(act, Word.UNSUPPRESS)
    address = canonical(line.value)
    if draft.ticket.participant_at(address) is None:
        customers = ", ".join(one for one in recipients_of_answer(draft.ticket) if "@" in one) or "none"
        return _refusal(draft, f'"{line.line}": name an address of this ticket: {customers}')
    draft = draft.event("unsuppressed", act.member.address, address).lifting(address)
    return Done(draft, f"Letters go to {address} again.")


def _note(act: Act, draft: Draft) -> Done:
    if not act.words:
        return _refusal(draft, "An internal note needs text.")
    draft = draft.moved(Trigger.NOTE_ADDED, act.member.address)
    note = InternalNote(next(draft.scene.fresh.ids), act.member.address, act.words, draft.scene.now)
    for colleague in colleagues_of(draft, act.member.address):
        facts = staff_facts(draft, act.incoming.assurance, attachments=act.incoming.attachments)
        draft = draft.told_staff(
            colleague, Notice.INTERNAL_NOTE, facts, body=act.words, author_name=act.member.name, attach=act.incoming.attachments
        )
    return Done(draft, "The note is kept; only staff will see it.", note=note)


def _answer(act: Act, draft: Draft) -> Done:
    return _said(act, draft, Trigger.STAFF_ANSWERED, "Your answer goes to {to}.")


def _ask(act: Act, draft: Draft) -> Done:
    if not draft.allows(Trigger.INFORMATION_REQUESTED):
        return _impossible(act, draft, Word.ASK)
    if not act.words:
        return _refusal(draft, f'"{_line(act, Word.ASK).line}": write below it what the customer shall tell')
    return _said(act, draft, Trigger.INFORMATION_REQUESTED, "Your question goes to {to}; the clocks wait for the reply.")


def _resolve(act: Act, draft: Draft) -> Done:
    if not draft.allows(Trigger.RESOLVED):
        return _impossible(act, draft, Word.RESOLVE)
    return _said(act, draft, Trigger.RESOLVED, "{reference} is resolved; the resolution letter goes to {to}.")


def _reopen(act: Act, draft: Draft) -> Done:
    if not draft.allows(Trigger.REOPENED):
        return _impossible(act, draft, Word.REOPEN)
    done = _said(act, draft, Trigger.REOPENED, "{reference} is in progress again; {to} is told.")
    facts = staff_facts(done.draft, act.incoming.assurance)
    told = told_team(done.draft, Notice.REOPENED, facts, author_name=act.member.name, without=act.member.address)
    return replace(done, draft=told)


def _escalate(act: Act, draft: Draft) -> Done:
    line = _line(act, Word.ESCALATE)
    if not draft.allows(Trigger.ESCALATED):
        return _impossible(act, draft, Word.ESCALATE)
    if draft.ticket.escalation_level >= draft.scene.policy.escalation.highest_level:
        return _refusal(draft, f'"{line.line}": {draft.ticket.reference} is at the highest level already')
    promise = BY_DATE.fullmatch(line.value)
    timeline = _end_of(promise) if promise else None
    if promise and (timeline is None or timeline <= draft.scene.now):
        return _refusal(draft, f'"{line.line}": this is no day to come; write it as in "by 2026-11-25" or "by 2026-11-25 17:00"')
    reason = promise[1].strip() if promise else line.value
    level, ticket = draft.ticket.escalation_level + 1, draft.ticket
    senior = escalation_assignee(level, ticket.queue, ticket.assignee, draft.scene.known.staff)
    done = _said(act, escalated(draft, senior), Trigger.ESCALATED, "{reference} is escalated; {to} is told.", timeline)
    if senior and senior.address != act.member.address:
        facts = staff_facts(done.draft, act.incoming.assurance)
        told = done.draft.told_staff(senior, Notice.ESCALATION, facts, body=reason, author_name=act.member.name)
        return replace(done, draft=told, sentence=f"{done.sentence} {senior.name} takes it.")
    return done


def _said(act: Act, draft: Draft, trigger: Trigger, sentence: str, timeline: datetime | None = None) -> Done:
    """A row of the table with the staff member's words in the letter to the customer, and in the conversation."""
    if act.internal and (act.words or _files(act)):
        return _refusal(
            draft, "This reply is internal: a note and words for the customer need two mails; reply to a public letter."
        )
    draft = draft.moved(trigger, act.member.address)
    spoken = bool(act.words or _files(act))
    draft = draft.responded() if spoken and trigger is not Trigger.REOPENED else draft
    notice = draft.rules[-1].to_customer
    assert notice is not None
    fixed = not spoken and draft.ticket.assurance not in SURE
    before = draft.letters
    facts = CustomerFacts(account=draft.ticket.account, timeline=timeline)
    draft = draft.told_customer(
        notice, facts, automatic=not spoken, fixed_text=fixed, body=act.words, author_name=act.member.name,
        attach=act.incoming.attachments if spoken else (),
    )  # fmt: skip
    message = _message(act, draft.scene) if spoken else None
    told = draft.letters != before
    to = (", ".join(recipients_of_answer(draft.ticket)) if told else "") or "nobody"
    return Done(draft, sentence.format(reference=draft.ticket.reference, to=to), message=message)


def _message(act: Act, scene: Scene) -> Message:
    incoming = act.incoming
    return Message(
        id=next(scene.fresh.ids), direction=Direction.SUPPORT, author=act.member.address, assurance=incoming.assurance,
        text=act.words, elided_text=incoming.elided_text, attachments=attachments_of(incoming.attachments),
        message_id=incoming.message_id, at=incoming.received_at,
    )  # fmt: skip


def _files(act: Act) -> bool:
    return any(not one.inline for one in act.incoming.attachments)


def _end_of(promise: re.Match[str]) -> datetime | None:
    """`by 2026-11-25 17:00`: times are UTC, a bare date means the end of its day. None where there is no such day."""
    try:
        return datetime.fromisoformat(f"{promise[2]}T{promise[3] or '23:59'}").replace(tzinfo=UTC)
    except ValueError:
        return None


STEPS: dict[Word, Callable[[Act, Draft], Done]] = {
    Word.TAKE: _take,
    Word.ASSIGN: _assign,
    Word.UNSUPPRESS: _unsuppress,
    Word.NOTE: _note,
    Word.ASK: _ask,
    Word.ESCALATE: _escalate,
    Word.RESOLVE: _resolve,
    Word.REOPEN: _reopen,
}
FIRST = frozenset({Word.TAKE, Word.ASSIGN, Word.UNSUPPRESS})
