"""Send a staff member the digest, one letter with their open requests in numbered rows, each morning and on request."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from helpdesk.threading.letters.order import DigestAnswer, DigestFacts, OpenTicket
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision, Grounds
from helpdesk.threading.lifecycle.letter_apart import facts_apart, letter_apart
from helpdesk.threading.lifecycle.team import stand_ins
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.digest import Digest, DigestRow
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.people import SENIORS, StaffMember
from helpdesk.threading.model.promise import Target
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.succession import FIELDS, Bereft
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.promises.targets import running

MOST_ROWS = 50
MOST_NAMED = 10  # requests in one remark
GONE = {
    "assignee": "Open in the hands of {name}, who is not on the team any more: {references}.",
    "queue": "Open in the queue {name}, in which nobody works: {references}.",
    "plan": "Open on the plan {name}, which there is no more: {references}.",
    "account": "Open for the account {name}, which is not in force any more: {references}.",
    "support_address": "Open at the support address {name}, which there is no more: {references}.",
}


def decide_digest(address: str, context: Context, bereft: Sequence[Bereft] = ()) -> Decision:
    """Send the morning's digest. If the member has no open requests or has left, the day is recorded as done without a letter.

    Seniors are told of `bereft` requests too, which name somebody or something that is gone: those may be in nobody's list.
    """
    member = context.staff_member(address)
    remarks = remarks_about(bereft) if member is not None and member.role in SENIORS else ()
    if member is None or not (remarks or _requests_to_list(member, context)):
        nothing = Digest(next(context.fresh.ids), address, ())
        return Decision(Disposition.NOTED, f"{address} has no open requests", Grounds(Assurance.UNVERIFIED), digest=nothing)
    return send_digest(member, context, Grounds(Assurance.UNVERIFIED), remarks=remarks)


def remarks_about(bereft: Sequence[Bereft]) -> tuple[Sentence, ...]:
    """One sentence for each name that open requests have and that is not there any more."""
    concerned: dict[tuple[str, str], list[str]] = {}
    for entry in bereft:
        for field in FIELDS:
            if field in entry.gone:
                concerned.setdefault((field, entry.gone[field]), []).append(entry.reference)
    return tuple(
        sentence(
            GONE[field], name=name, references=", ".join(references[:MOST_NAMED]) + (" …" if len(references) > MOST_NAMED else "")
        )
        for (field, name), references in concerned.items()
    )


def send_digest(
    member: StaffMember,
    context: Context,
    grounds: Grounds,
    in_reply_to: str | None = None,
    remarks: tuple[Sentence, ...] = (),
) -> Decision:
    """Send a staff member's open requests, with remarks below. `in_reply_to` is the Message-ID of the mail that asks for them."""
    tickets = _requests_to_list(member, context)
    asked = sorted(((_next_target(ticket, context), ticket) for ticket in tickets[:MOST_ROWS]), key=_place)
    listed = [
        OpenTicket(
            number, ticket, context.now, target, context.known.last_words.get(ticket.id), _absent_holder(ticket, member, context)
        )
        for number, (target, ticket) in enumerate(asked, 1)
    ]
    rows = tuple(DigestRow(row.number, row.ticket.id, row.ticket.reference, row.ticket.version) for row in listed)
    digest = Digest(next(context.fresh.ids), member.address, rows)
    facts = replace(facts_apart(), remarks=remarks, digest=DigestFacts(tuple(listed), more=len(tickets) > MOST_ROWS))
    subject = sentence("Your open requests: {count}", count=len(rows))
    order = letter_apart(context, member, Notice.DIGEST, facts, subject, answer=DigestAnswer(digest.id), in_reply_to=in_reply_to)
    reason = f"{member.name} is told of {len(rows)} open requests"
    return Decision(Disposition.NOTED, reason, grounds, letters=(order,), digest=digest)


def _requests_to_list(member: StaffMember, context: Context) -> tuple[Ticket, ...]:
    """The member's own open requests and those of their queues that nobody has, and what waits on colleagues for whom they stand in."""
    absent = (ticket for ticket in context.known.of_absent if _stands_in(member, ticket, context))
    return tuple(sorted((*context.known.open_tickets, *absent), key=lambda ticket: ticket.waiting_on is not WaitingOn.SUPPORT))


def _stands_in(member: StaffMember, ticket: Ticket, context: Context) -> bool:
    assignee = context.staff_member(ticket.assignee)
    return assignee is not None and member in stand_ins(assignee, ticket, context)


def _absent_holder(ticket: Ticket, member: StaffMember, context: Context) -> str:
    """The name of the absent colleague in whose hands a request is; "" where it is the member's own, or nobody's."""
    assignee = context.staff_member(ticket.assignee)
    return assignee.name if assignee is not None and assignee != member else ""


def _next_target(ticket: Ticket, context: Context) -> Target | None:
    """The promised time that is due next, of any kind; None where no time runs."""
    return next((target for target in running(ticket, context.policy) if target.due_at is not None), None)


def _place(row: tuple[Target | None, Ticket]) -> tuple[bool, bool, bool, datetime]:
    """What is to be answered comes before what waits; escalated requests come first, then the next promised time. Among equals the
    store's order stays.
    """
    target, ticket = row
    due_at = target.due_at if target else None
    return (
        ticket.waiting_on is not WaitingOn.SUPPORT,
        ticket.status is not Status.ESCALATED,
        due_at is None,
        due_at or ticket.created_at,
    )
