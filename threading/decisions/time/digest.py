"""Send a staff member the digest, one letter with their open requests in numbered rows, each morning and on request."""

from dataclasses import replace

from helpdesk.threading.letters.order import DigestAnswer, DigestFacts, OpenTicket
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision, Grounds
from helpdesk.threading.lifecycle.letter_apart import facts_apart, letter_apart
from helpdesk.threading.lifecycle.team import first_response_due
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.digest import Digest, DigestRow
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.people import StaffMember

MOST_ROWS = 50


def decide_digest(address: str, context: Context) -> Decision:
    """Send the morning's digest. If the member has no open requests or has left, the day is recorded as done without a letter."""
    member, tickets = context.staff_member(address), context.known.open_tickets
    if member is None or not tickets:
        nothing = Digest(next(context.fresh.ids), address, ())
        return Decision(Disposition.NOTED, f"{address} has no open requests", Grounds(Assurance.UNVERIFIED), digest=nothing)
    return send_digest(member, context, Grounds(Assurance.UNVERIFIED))


def send_digest(member: StaffMember, context: Context, grounds: Grounds, in_reply_to: str | None = None) -> Decision:
    """Send a staff member's open requests. `in_reply_to` is the Message-ID of the mail that asks for them."""
    tickets = context.known.open_tickets
    listed = [
        OpenTicket(number, ticket, context.now, first_response_due(ticket, context.policy))
        for number, ticket in enumerate(tickets[:MOST_ROWS], 1)
    ]
    rows = tuple(DigestRow(row.number, row.ticket.id, row.ticket.reference, row.ticket.version) for row in listed)
    digest = Digest(next(context.fresh.ids), member.address, rows)
    facts = replace(facts_apart(), digest=DigestFacts(tuple(listed), more=len(tickets) > MOST_ROWS))
    subject = f"Your open requests: {len(rows)}"
    order = letter_apart(context, member, Notice.DIGEST, facts, subject, answer=DigestAnswer(digest.id), in_reply_to=in_reply_to)
    reason = f"{member.name} is told of {len(rows)} open requests"
    return Decision(Disposition.NOTED, reason, grounds, letters=(order,), digest=digest)
