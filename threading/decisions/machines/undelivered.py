"""Decide what follows when a letter has not arrived: undo what was true only because somebody was told."""

from collections.abc import Sequence
from dataclasses import replace

from helpdesk.config.conduct import SuppressionSpans
from helpdesk.threading.decisions.machines.failures import Lasts, failure_of
from helpdesk.threading.letters.names import notice_name
from helpdesk.threading.letters.order import CustomerFacts, LetterWords
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision, FailedLetter, Grounds, ReachChanges
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.gate import why_suppressed
from helpdesk.threading.lifecycle.permission import may
from helpdesk.threading.lifecycle.state_changes import with_question_withdrawn
from helpdesk.threading.lifecycle.team import notify_team, staff_facts
from helpdesk.threading.matching.known import Known, SentLetter
from helpdesk.threading.model.assurance import SURE, Assurance
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Participant, ParticipantState, Role
from helpdesk.threading.model.people import Contact
from helpdesk.threading.model.promise import TargetKind
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.model.status import Status, Trigger, WaitingOn
from helpdesk.threading.model.suppression import Suppression, SuppressionReason
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.model.timer import TimerKind
from helpdesk.threading.promises.targets import date_answer_anew, due_of, resume_clocks, undo_pause, withdraw_answer
from helpdesk.threading.reading.parsed import ReportedRecipient
from helpdesk.threading.sorting.statuses import is_vague, status_in

ACTOR = "delivery"
# The failure of these letters is not reported by letter: two dead mailboxes in one team would report each other for ever.
SILENT = frozenset({Notice.DELIVERY_FAILURE, Notice.DELIVERY_DELAY, Notice.ALARM})

MOST_TARGETS = 5  # addresses of a forward that are named
ASKING = (Notice.INFORMATION_REQUEST, Notice.REMINDER, Notice.PERMISSION_REQUEST)
FOR_ONE_PERSON = frozenset({Notice.PERMISSION_REQUEST, Notice.CONSULTATION})  # letters that may reach no other address
NEVER_ASKED = sentence("The customer was never asked, or never reminded, so the request waits on the team again.")
NEVER_ANSWERED = sentence("The customer has not had the answer, so the request waits on the team again.")


def decide_failure(letter: SentLetter, context: Context) -> Decision:
    """Record the failure of a letter that the relay refused for good, or that was given up after days. No delivery report will
    come about it.
    """
    ticket = ticket_of(letter, context.known)
    if ticket is None:
        failed = FailedLetter(letter.id, letter.last_reply)
        reason = f"letter {letter.id} about no ticket did not go out"
        return Decision(Disposition.REPORTED, reason, Grounds(Assurance.UNVERIFIED), reach=ReachChanges(failed_letters=(failed,)))
    draft = record_failure(Draft(context, ticket, ticket.version), letter, status_in(letter.last_reply), letter.last_reply)
    return draft.decision(Disposition.REPORTED, f"a letter of {ticket.reference} did not go out", Grounds(ticket.assurance))


def record_failure(draft: Draft, letter: SentLetter, status: str, diagnostic: str) -> Draft:
    """Record all consequences of a permanent failure. `status` is the enhanced status code (RFC 3463), "" if none is known.

    A staff member's address is not suppressed. Otherwise the desk would send nothing more to a mailbox that is full for one day.
    """
    words = failure_of(status).words
    draft = draft.add_event("delivery_failed", letter.recipient, f"{letter.notice}: {status} {diagnostic}".strip())
    draft = draft.record_failed_letter(letter.id, f"{words} ({status} {diagnostic})".strip())
    said = " ".join(part for part in (status, diagnostic) if part)
    cause = sentence("{words} ({said})", words=words, said=said)
    lines = [
        sentence(
            "The letter ({name}) to {recipient} did not arrive: {cause}.",
            name=notice_name(letter.notice),
            recipient=letter.recipient,
            cause=cause,
        )
    ]
    if not letter.for_staff:
        draft, more = _draw_consequences(draft, letter, status, diagnostic)
        lines += more
    return draft if letter.notice in SILENT else _notify(draft, letter, tuple(lines))


def record_failure_elsewhere(draft: Draft, letter: SentLetter, targets: Sequence[ReportedRecipient]) -> Draft:
    """Record that a letter reached its recipient's mail system and failed at an address to which it was forwarded.

    Nobody is suppressed and nothing is taken back: the letter's own address took it. Its author is told, because it may have been read by
    nobody.
    """
    told = ", ".join(
        f"{target.address} ({target.status} {target.diagnostic})".replace(" )", ")") for target in targets[:MOST_TARGETS]
    )
    draft = draft.add_event("delivery_failed_elsewhere", letter.recipient, f"{letter.notice}: {told}")
    line = sentence(
        "The letter ({name}) to {recipient} was passed on from there, and failed at {told}.",
        name=notice_name(letter.notice),
        recipient=letter.recipient,
        told=told,
    )
    return draft if letter.notice in SILENT else _notify(draft, letter, (line,))


def _draw_consequences(draft: Draft, letter: SentLetter, status: str, diagnostic: str) -> tuple[Draft, list[Sentence]]:
    lines: list[Sentence] = []
    suppression = _suppression(draft, letter, status, diagnostic)
    if suppression is not None and suppression.until is not None:
        draft = draft.suppress(suppression)
        until = f"{suppression.until:%Y-%m-%d}"
        lines.append(
            sentence(
                'No letter goes to {recipient} until {until}; "#unsuppress {recipient}" ends that.',
                recipient=letter.recipient,
                until=until,
            )
        )
    elsewhere = _next_address(draft, letter)
    if elsewhere is not None:
        draft = _send_again(draft, letter, elsewhere)
        lines.append(
            sentence("It goes to {address} now, which the directory has for the same person.", address=elsewhere.address)
        )
        return draft, lines
    return _take_back(draft, letter, lines) if not letter.reached else (draft, lines)


def _suppression(draft: Draft, letter: SentLetter, status: str, diagnostic: str) -> Suppression | None:
    spans: SuppressionSpans = draft.context.policy.suppression
    span = {Lasts.LONG: spans.unknown_mailbox, Lasts.SHORT: spans.full_mailbox}.get(failure_of(status).lasts)
    if span is None or not status.startswith("5") or (is_vague(status) and letter.state is LetterState.FAILED):
        return None  # a relay that refuses everything without a reason says nothing about the address
    now = draft.context.now
    said = f"{status} {diagnostic}".strip()
    return Suppression(letter.recipient, SuppressionReason.HARD_BOUNCE, said, now, now + span, letter.id)


def _next_address(draft: Draft, letter: SentLetter) -> Contact | None:
    """Another address of the same person, from the directory only. A name in a mail leads to no address."""
    ticket = draft.ticket
    if ticket.assurance not in SURE or letter.notice in FOR_ONE_PERSON:
        return None
    for contact in letter.namesakes:
        known = ticket.participant_at(contact.address)
        taken = known is not None and (known.role is Role.STAFF or known.state is ParticipantState.ACTIVE)
        if not taken and not why_suppressed(draft.context, contact.address) and not draft.context.ours.is_ours(contact.address):
            return contact if draft.context.staff_member(contact.address) is None else None
    return None


def _send_again(draft: Draft, letter: SentLetter, to: Contact) -> Draft:
    """Send the same words to another address, whose owner takes part from then on."""
    draft = draft.add_participant(Role.CUSTOMER, to.address, to.name, ParticipantState.ACTIVE)
    participant = draft.ticket.participant_at(to.address)
    assert participant is not None
    if participant.state is not ParticipantState.ACTIVE:
        draft, participant = _activate(draft, participant)
    draft = _redate(draft, letter) if draft.ticket.id == letter.ticket_id else draft
    draft = draft.add_event("sent_again", ACTOR, f"{letter.notice} to {to.address} instead of {letter.recipient}")
    author = draft.context.staff_member(letter.author)
    return draft.notify(
        participant,
        Notice(letter.notice),
        CustomerFacts(account=draft.ticket.account),
        LetterWords(
            letter.words,
            author.name if author else "",
            letter.attachments,
            signature=draft.context.policy.signature_of(author.address) if author else "",
        ),
        automatic=letter.automatic,
    )


def _redate(draft: Draft, letter: SentLetter) -> Draft:
    """Attribute the effect of the failed letter to the one that replaces it, so that a failure of that letter is undone too."""
    ticket, now = draft.ticket, draft.context.now
    clocks = ticket.clocks if letter.automatic else date_answer_anew(ticket, letter.at, now)
    first = now if ticket.first_response_at == letter.at and not letter.automatic else ticket.first_response_at
    answered = now if ticket.waiting.answered_at == letter.at else ticket.waiting.answered_at
    waiting = replace(ticket.waiting, answered_at=answered)
    closed = now if ticket.closed_at == letter.at and letter.notice == Notice.CLOSING else ticket.closed_at
    return replace(draft, ticket=replace(ticket, first_response_at=first, closed_at=closed, clocks=clocks, waiting=waiting))


def _activate(draft: Draft, participant: Participant) -> tuple[Draft, Participant]:
    active = replace(participant, state=ParticipantState.ACTIVE)
    people = tuple(active if person.number == active.number else person for person in draft.ticket.participants)
    return replace(draft, ticket=replace(draft.ticket, participants=people)), active


def _take_back(draft: Draft, letter: SentLetter, lines: list[Sentence]) -> tuple[Draft, list[Sentence]]:
    """Undo what was true only if the letter had arrived. A letter of a merged ticket had no effect on the ticket that continues it."""
    ticket = draft.ticket
    if ticket.id != letter.ticket_id:
        return draft, lines
    if ticket.waiting_on is WaitingOn.CUSTOMER and (letter.notice in ASKING or ticket.waiting.answered_at == letter.at):
        draft = _withdraw_question(draft, letter)
        lines = [*lines, NEVER_ASKED if letter.notice in ASKING else NEVER_ANSWERED]
    if not letter.automatic:
        draft = draft.set_clocks(withdraw_answer(draft.ticket, letter.at))
    if not letter.automatic and ticket.first_response_at == letter.at:
        draft, line = _withdraw_first_answer(draft)
        lines = [*lines, line]
    if letter.notice == Notice.CLOSING and _may_open_again(draft, letter):
        draft = draft.apply(Trigger.CLOSING_FAILED, ACTOR, f"the closing letter to {letter.recipient} never arrived")
        lines = [
            *lines,
            sentence(
                "{reference} is not closed but resolved again, and closes after another silence.", reference=ticket.reference
            ),
        ]
    return draft, lines


def _withdraw_question(draft: Draft, letter: SentLetter) -> Draft:
    """Let the ticket wait on support again, because its question or answer did not arrive.

    The clocks of a question or an answer that never arrived count as never paused. If only a reminder failed, they were paused until
    now.
    """
    draft = replace(draft, ticket=with_question_withdrawn(draft.ticket)).end_silence()
    ticket, reminded = draft.ticket, letter.notice == Notice.REMINDER
    return draft.set_clocks(resume_clocks(ticket, draft.context.now, draft.context.policy) if reminded else undo_pause(ticket))


def _withdraw_first_answer(draft: Draft) -> tuple[Draft, Sentence]:
    """Let the clock run on as if it had never stopped, because an answer that did not arrive does not meet a target."""
    ticket, policy = replace(draft.ticket, first_response_at=None), draft.context.policy
    draft = replace(draft, ticket=ticket).add_event("first_response_taken_back", ACTOR, "the answer never arrived")
    at = due_of(TargetKind.FIRST_RESPONSE, draft.ticket, policy)
    if at is None:
        return draft, sentence("It does not count as the first answer.")
    return draft, sentence("It does not count as the first answer, which is due by {at}.", at=at)


def _may_open_again(draft: Draft, letter: SentLetter) -> bool:
    """Whether a failed closing reopens the ticket: once for each resolution, since otherwise the ticket would never end."""
    ticket = draft.ticket
    if ticket.status is not Status.CLOSED or ticket.closed_at != letter.at:
        return False
    return draft.context.conversation(ticket).timers.get(TimerKind.CLOSE, 0) <= ticket.resolutions


def _notify(draft: Draft, letter: SentLetter, lines: tuple[Sentence, ...]) -> Draft:
    """Tell the author of the failed letter, or else the team. A person whose own letters fail is not told by letter."""
    author = draft.context.staff_member(letter.author) if not letter.for_staff else None
    facts = staff_facts(draft, draft.ticket.assurance, outcome=lines)
    if author is not None and may(author, draft.ticket, draft.context):
        return draft.notify_staff(author, Notice.DELIVERY_FAILURE, facts, LetterWords(letter.words))
    return notify_team(draft, Notice.DELIVERY_FAILURE, facts, without=letter.recipient if letter.for_staff else "")


def ticket_of(letter: SentLetter, known: Known) -> Ticket | None:
    """The ticket that continues the letter's conversation; None for a letter about no ticket."""
    ticket = known.tickets.get(letter.ticket_id) if letter.ticket_id is not None else None
    return known.survivor(ticket) if ticket else None
