"""The requester's answer to the question whether support may change their business data.

Only the requester's own mail counts, once, while the question is open, and where its origin proves who wrote it. An address of the letter
that was passed on, or a From that anybody could have written, gives nobody's permission. What does not count is told to the team.
"""

from dataclasses import dataclass, replace

from helpdesk.threading.decisions.arrival import Arrival
from helpdesk.threading.decisions.customer.message import as_read, message_of, with_marks
from helpdesk.threading.decisions.customer.people import writer_of
from helpdesk.threading.decisions.customer.reply import continue_ticket
from helpdesk.threading.letters.order import LetterWords
from helpdesk.threading.lifecycle.decision import Contribution, Decision
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.gate import machine_behind
from helpdesk.threading.lifecycle.permissions import changed, line_about, numbered_permission, open_permissions
from helpdesk.threading.lifecycle.team import notify_team, notify_watchers, staff_facts
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.mail import Channel, Disposition
from helpdesk.threading.model.message import Direction
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import ParticipantState, Role
from helpdesk.threading.model.permission import Permission, PermissionAnswer, PermissionChoice, PermissionProof
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.model.status import Status, Trigger
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.sorting.consent_words import Consent, choice_in
from helpdesk.threading.sorting.gratitude import is_only_thanks
from helpdesk.threading.trust.tokens import PERMISSION, Purpose

PRESSED = {Purpose.PERMIT: PermissionAnswer.YES, Purpose.REFUSE: PermissionAnswer.NO}
SAID = {Consent.ONCE: PermissionAnswer.YES, Consent.ALWAYS: PermissionAnswer.YES, Consent.NEVER: PermissionAnswer.NO}
BY_ADDRESS, IN_WORDS, IN_PLATFORM, BY_BUTTON = (
    sentence("by the address in the letter"),
    sentence("in words, in a reply to the letter"),
    sentence("in words, in the platform"),
    sentence("by a button in the platform"),
)


@dataclass(frozen=True, slots=True)
class _Given:
    """An answer as it came: to which question, what it says, and how. `answer` is None where its parts contradict each other."""

    permission: Permission | None
    answer: PermissionAnswer | None
    way: str


def answers_permission(arrival: Arrival) -> bool:
    """Whether a message answers a question for permission: by an address of the letter, by a choice in the platform, or by plain words."""
    return _read_answer(arrival) is not None


def decide_permission(arrival: Arrival) -> Decision:
    """Record the answer with its proof, or keep the message and tell the team why it does not count."""
    given, ticket = _read_answer(arrival), arrival.match.ticket
    assert given is not None
    assert ticket is not None
    machine = machine_behind(arrival.incoming)
    if machine:
        return Decision(Disposition.NOTED, f"an answer about a permission that does not count: {machine}", arrival.grounds)
    permission = given.permission
    if permission is not None and not permission.is_open and _is_by_requester(arrival, ticket, permission):
        return _answer_again(arrival, ticket, permission, given)
    lack = _why_not_counted(arrival, ticket, given)
    if lack:
        return _tell(arrival, ticket, sentence("This does not count as an answer about a permission: {lack}.", lack=lack))
    assert permission is not None
    assert given.answer is not None
    return _record(arrival, ticket, permission, given.answer, given.way)


def _read_answer(arrival: Arrival) -> _Given | None:
    incoming, ticket = arrival.incoming, arrival.match.ticket
    if ticket is None:
        return None
    if incoming.choice is not None:
        return _Given(_asked_about(ticket, incoming.choice), _weigh(incoming, {incoming.choice.answer}), BY_BUTTON)
    pressed = [token for token in incoming.tokens if token.purpose in PERMISSION]
    if not pressed:
        return _given_in_words(arrival, ticket)
    numbers = {(token.subject, token.version) for token in pressed}
    answers = {PRESSED[token.purpose] for token in pressed}
    token = pressed[0]
    # A request that was merged has questions of its own; nobody can say that they mean the request where it goes on.
    asked = numbered_permission(ticket, token.version) if token.subject == ticket.id and len(numbers) == 1 else None
    return _Given(asked, _weigh(incoming, answers), BY_ADDRESS)


def _asked_about(ticket: Ticket, choice: PermissionChoice) -> Permission | None:
    """The question that a choice names; without a number the only open one."""
    if choice.number is not None:
        return numbered_permission(ticket, choice.number)
    waiting = open_permissions(ticket)
    return waiting[0] if len(waiting) == 1 else None


def _weigh(incoming: Incoming, answers: set[PermissionAnswer]) -> PermissionAnswer | None:
    """The one answer that addresses and words give; None where they contradict each other, or where a yes has conditions.

    A no counts whatever stands beside it: it changes nothing. A yes counts alone, with thanks, or with a plain yes.
    """
    if len(answers) != 1:
        return None
    [answer] = answers
    choice = choice_in(incoming.text, (incoming.author_name,))
    if choice is not None and SAID[choice] is not answer:
        return None
    plain = choice is not None or not incoming.text.strip() or is_only_thanks(incoming.text, (incoming.author_name,))
    files = any(attachment.is_file for attachment in incoming.attachments)
    whole = not incoming.doubts.degraded and not incoming.doubts.other_text
    return answer if answer is PermissionAnswer.NO or (plain and whole and not files) else None


def _given_in_words(arrival: Arrival, ticket: Ticket) -> _Given | None:
    """A plain yes or no from a proved author, in a reply to the letter that asks, or right below the question in the platform."""
    incoming, waiting = arrival.incoming, open_permissions(ticket)
    choice = choice_in(incoming.text, (incoming.author_name,)) if waiting else None
    if choice is None or incoming.doubts.degraded or any(attachment.is_file for attachment in incoming.attachments):
        return None
    if incoming.channel is Channel.PLATFORM:
        newest = next(reversed(arrival.context.conversation(ticket).last_messages), None)
        asked = [row for row in waiting if newest and newest.direction is Direction.SUPPORT and newest.text == row.text]
        return _Given(asked[0], SAID[choice], IN_PLATFORM) if len(asked) == 1 else None
    letter = arrival.context.known.letters.get(incoming.answered_letter or 0)
    if letter is None or letter.notice != Notice.PERMISSION_REQUEST or letter.ticket_id != ticket.id:
        return None
    quoted = {
        token.version for token in incoming.written.values() if token.purpose in PERMISSION and token.subject == ticket.id
    } or {row.number for row in waiting}
    # Where several questions are open and the reply does not say which one it means, nothing is permitted.
    asked_about = numbered_permission(ticket, quoted.pop()) if len(quoted) == 1 else None
    return _Given(asked_about, SAID[choice], IN_WORDS)


def _is_by_requester(arrival: Arrival, ticket: Ticket, permission: Permission) -> bool:
    """Whether the message proves that the person who was asked wrote it, and they are still the requester."""
    incoming, requester = arrival.incoming, ticket.participant(ticket.requester)
    if requester is None or requester.role is not Role.CUSTOMER or requester.state is not ParticipantState.ACTIVE:
        return False
    same = incoming.author == requester.address == permission.asked_of
    own_account = incoming.channel is not Channel.PLATFORM or incoming.account == ticket.account
    return same and incoming.identity.is_proved and own_account and _has_own_token(arrival, ticket)


def _has_own_token(arrival: Arrival, ticket: Ticket) -> bool:
    """Whether the tokens of the answer, if there are any, were given to the requester."""
    tokens = [token for token in arrival.incoming.tokens if token.purpose in PERMISSION]
    return all(token.participant == ticket.requester for token in tokens)


def _why_not_counted(arrival: Arrival, ticket: Ticket, given: _Given) -> Sentence | None:
    """Why an answer does not count; None if it does."""
    incoming, permission = arrival.incoming, given.permission
    author = incoming.author or sentence("an author who is not certain")
    if permission is None:
        return sentence("it does not say which question it answers")
    if incoming.author != permission.asked_of:
        return sentence(
            "it is from {author}, and {asked_of} was asked",
            author=author,
            asked_of=permission.asked_of or sentence("a user of the platform"),
        )
    if not incoming.identity.is_proved:
        return sentence(
            "nothing proves that {author} wrote it ({reason}); an answer in the support inbox would be proved",
            author=author,
            reason=incoming.identity.reason,
        )
    if not _is_by_requester(arrival, ticket, permission):
        return sentence("{author} is not the requester of {reference}", author=author, reference=ticket.reference)
    if permission.until <= arrival.context.now:
        return sentence("the question could be answered until {until}", until=permission.until)
    if given.answer is None:
        return sentence("it says yes under a condition, or yes and no; read what it says and ask again")
    return None


def _record(arrival: Arrival, ticket: Ticket, permission: Permission, answer: PermissionAnswer, way: str) -> Decision:
    incoming, context = arrival.incoming, arrival.context
    author = incoming.author or "platform"
    proof = PermissionProof(
        by=author,
        way=way,
        assurance=incoming.assurance.value,
        reason=incoming.identity.reason,
        cause=f"mail:{incoming.inbound_id}" if incoming.inbound_id is not None else "",
        sha256=incoming.raw_sha256,
    )
    sealed = permission.sealed(answer, context.now, proof, ticket.reference)
    draft = Draft(context, ticket, ticket.version, incoming.author, incoming.message_id)
    draft = replace(draft, ticket=changed(ticket, sealed))
    detail = f"{sealed.number}: {answer}, {way}; {proof.reason}; record {sealed.record}"
    moves = draft.allows(Trigger.PERMISSION_ANSWERED) and ticket.status not in (Status.RESOLVED, Status.CLOSED)
    draft = (
        draft.apply(Trigger.PERMISSION_ANSWERED, author, detail)
        if moves
        else draft.add_event("permission_answered", author, detail)
    )
    return _tell_team(draft, arrival, line_about(sealed), f"{author} says {answer} to a change of data")


def _answer_again(arrival: Arrival, ticket: Ticket, permission: Permission, given: _Given) -> Decision:
    """A further answer of the requester. The first one stays recorded; the opposite is told, in every later letter too."""
    author = arrival.incoming.author or "platform"
    draft = Draft(arrival.context, ticket, ticket.version, arrival.incoming.author, arrival.incoming.message_id)
    if permission.answer is PermissionAnswer.EXPIRED or given.answer is None:
        late = permission.answer is PermissionAnswer.EXPIRED
        why = (
            sentence("it came after the time for an answer") if late else sentence("it says yes under a condition, or yes and no")
        )
        return _tell(arrival, ticket, sentence("This does not count as an answer about a permission: {why}.", why=why))
    if given.answer is permission.answer:
        return Decision(Disposition.NOTED, "that question has the same answer already", arrival.grounds)
    opposite = replace(permission, contradicted_at=arrival.context.now)
    draft = replace(draft, ticket=changed(ticket, opposite)).add_event(
        "permission_contradicted", author, f"{permission.number}: {given.answer} after {permission.answer}, {given.way}"
    )
    return _tell_team(draft, arrival, line_about(opposite), f"{author} contradicts their answer about a permission")


def _tell_team(draft: Draft, arrival: Arrival, line: Sentence, reason: str) -> Decision:
    """Tell the team about an answer, with the words beside it, and keep these as a message."""
    incoming = as_read(with_marks(arrival.incoming, arrival.context))
    speaks = bool(incoming.text.strip() or incoming.attachments)
    facts = staff_facts(draft, incoming.assurance, outcome=(line,), attachments=incoming.attachments)
    words = LetterWords(incoming.text.strip(), incoming.author_name)
    draft = notify_team(draft, Notice.PERMISSION_ANSWER, facts, words)
    draft = notify_watchers(draft, Notice.PERMISSION_ANSWER, facts, words)
    of_participant = writer_of(incoming, draft.ticket) is not None
    return draft.decision(
        Disposition.THREADED,
        reason,
        arrival.grounds,
        Contribution(message=message_of(incoming, draft.context, of_participant=of_participant) if speaks else None),
    )


def _tell(arrival: Arrival, ticket: Ticket, remark: Sentence) -> Decision:
    """Keep a message that does not count as an answer. Words are an ordinary reply; a press alone is told to the team and moves nothing."""
    incoming = arrival.incoming
    if incoming.text.strip() or any(attachment.is_file for attachment in incoming.attachments):
        return continue_ticket(arrival, ticket, remarks=(remark,))
    draft = Draft(arrival.context, ticket, ticket.version, incoming.author, incoming.message_id)
    strange = not incoming.identity.is_proved or writer_of(incoming, ticket) is None
    draft = draft.add_event("unproved_mail" if strange else "permission_not_counted", incoming.author, remark)
    facts = staff_facts(draft, incoming.assurance, outcome=(remark,))
    draft = notify_team(draft, Notice.PERMISSION_ANSWER, facts)
    return draft.decision(Disposition.NOTED, remark, arrival.grounds)
