"""Record when a staff member is away and when they are back.

An absence comes from the member's own automatic reply, or from `#away` and `#back` sent to the desk. It moves no ticket; triage
assigns new tickets to others. Whoever stands in is told at once what waits on the member.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime

from helpdesk.threading.commands.moments import moment_named
from helpdesk.threading.commands.words import Word
from helpdesk.threading.decisions.staff.held import letter_about
from helpdesk.threading.decisions.staff.mail import StaffMail
from helpdesk.threading.letters.order import LetterOrder
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Absence, Decision
from helpdesk.threading.lifecycle.letter_apart import facts_apart, letter_apart
from helpdesk.threading.lifecycle.permission import may
from helpdesk.threading.lifecycle.routing import is_away
from helpdesk.threading.lifecycle.team import stand_ins
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.sentence import Day, Sentence, sentence
from helpdesk.threading.model.status import WaitingOn
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reading.parsed import Kind

MOST_NAMED = 20  # requests of one letter
STANDS_IN = (
    "{name} is away until {until}. You stand in, and this waits on {name}: {requests}. Write #status to the desk for your list."
)
ABOUT_ABSENCE = ([Word.AWAY], [Word.BACK])


def with_absence(decision: Decision, incoming: Incoming, context: Context) -> Decision:
    """Add to a decision the absence that a staff member's automatic reply announces.

    The origin of the reply must be proved. Otherwise anybody could write one and send all new work elsewhere.
    """
    member = context.staff_member(incoming.author)
    if member is None or incoming.kind is not Kind.OUT_OF_OFFICE or not incoming.identity.may_act_as_staff:
        return decision
    returns_on = incoming.out_of_office.returns_on if incoming.out_of_office else None
    until = _until(returns_on, context)
    if until <= context.now:
        return decision
    reason = f"{decision.reason}; {member.name} is away until {until:%Y-%m-%d %H:%M} UTC"
    letters = (*decision.letters, *_letters_to_stand_ins(member, until, context))
    return replace(decision, reason=reason, letters=letters, absence=Absence(member.address, until))


def tells_absence(mail: StaffMail) -> bool:
    """Whether a mail with proved origin contains `#away` or `#back` and nothing else, and answers no letter about a request."""
    if (
        mail.match.token is not None
        or not mail.incoming.identity.may_act_as_staff
        or mail.incoming.kind is not Kind.PERSON
        or len(mail.blocks) != 1
    ):
        return False
    block = mail.blocks[0]
    return [command.word for command in block.commands] in ABOUT_ABSENCE and not (block.reference or block.body or block.refused)


def decide_absence(mail: StaffMail) -> Decision:
    """Record that the staff member is away until a time, or is back, and confirm it by a receipt."""
    context = mail.context
    command = mail.blocks[0].commands[0]
    if command.word is Word.BACK:
        return _confirm(mail, sentence("You are here again: new requests come to you."), None)
    longest = context.now + context.policy.triage.longest_absence
    until = moment_named(command.value, context.now, context.policy.calendar) if command.value else _until(None, context)
    if until is None or not context.now < until <= longest:
        refusal = sentence(
            '"{line}": this is no time to come before {day}; "2d", "monday" or "2026-11-25 14:00" would work',
            line=command.line,
            day=Day(longest),
        )
        order = letter_about(mail, Notice.RECEIPT, (refusal,), "")
        return Decision(Disposition.REFUSED, refusal, mail.grounds, letters=(order,))
    confirmed = sentence("You are away until {until}: new requests go to others. #back ends it.", until=until)
    return _confirm(mail, confirmed, until)


def _confirm(mail: StaffMail, line: Sentence, until: datetime | None) -> Decision:
    order = letter_about(mail, Notice.RECEIPT, (line,), "")
    told = _letters_to_stand_ins(mail.member, until, mail.context) if until is not None else ()
    return Decision(
        Disposition.NOTED,
        line,
        mail.grounds,
        letters=(order, *told),
        absence=Absence(mail.member.address, until),
    )


def _letters_to_stand_ins(member: StaffMember, until: datetime, context: Context) -> tuple[LetterOrder, ...]:
    """One letter to each colleague who stands in, about the requests that wait on the member; none where the member is away already."""
    if is_away(member, context.now):
        return ()
    waiting: dict[str, list[Ticket]] = defaultdict(list)
    for ticket in context.known.open_of.get(member.address, ()):
        if ticket.assignee == member.address and ticket.waiting_on is WaitingOn.SUPPORT:
            for colleague in stand_ins(replace(member, away_until=until), ticket, context):
                waiting[colleague.address].append(ticket)
    letters = []
    for colleague in context.known.staff:
        tickets = [ticket for ticket in waiting[colleague.address] if may(colleague, ticket, context)]
        if tickets:
            named = ", ".join(f'{ticket.reference} "{ticket.subject}"' for ticket in tickets[:MOST_NAMED])
            line = sentence(STANDS_IN, name=member.name, until=until, requests=named)
            subject = sentence("{name} is away until {until}", name=member.name, until=until)
            letters.append(letter_apart(context, colleague, Notice.RECEIPT, replace(facts_apart(), outcome=(line,)), subject))
    return tuple(letters)


def _until(returns_on: date | None, context: Context) -> datetime:
    """The time at which an absence ends: the first working moment of the day of return.

    Without a day of return, the policy's default absence counts. No absence is longer than the policy's longest one.
    """
    named = moment_named(returns_on.isoformat(), context.now, context.policy.calendar) if returns_on else None
    return min(named or context.now + context.policy.triage.absence, context.now + context.policy.triage.longest_absence)
