"""Send one letter in place of many during a flood of unproved mail.

The letter lists, as a digest does, the requests about which a staff member has had no separate letters. An answer acts on its
rows as on those of any digest. Proved mail is never gathered: letters about it go out at once.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from helpdesk.threading.letters.order import DigestAnswer, DigestFacts, LetterOrder, OpenTicket
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision, Grounds
from helpdesk.threading.lifecycle.gate import why_suppressed
from helpdesk.threading.lifecycle.letter_apart import facts_apart, letter_apart
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.digest import Digest, DigestRow
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.message import Direction
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.sentence import sentence
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.promises.targets import running

MOST_ROWS = 500  # rows of one letter; the next letter lists further requests


def decide_gathered_letter(address: str, ticket_ids: Sequence[int], context: Context) -> Decision:
    """Send a staff member the list of gathered requests; send none if they have left. `ticket_ids` has one entry for each
    gathered letter.
    """
    member = context.staff_member(address)
    letters = Counter(ticket_ids)
    tickets = sorted((context.known.tickets[number] for number in letters), key=lambda ticket: (ticket.created_at, ticket.id))
    listed = tuple(_row(number, ticket, letters[ticket.id], context) for number, ticket in enumerate(tickets, 1))
    if member is None or not listed:
        nothing = Digest(next(context.fresh.ids), address, ())
        return Decision(
            Disposition.NOTED,
            f"nobody is left to tell {address} of what was gathered",
            Grounds(Assurance.UNVERIFIED),
            digest=nothing,
        )
    rows = tuple(DigestRow(row.number, row.ticket.id, row.ticket.reference, row.ticket.version) for row in listed)
    digest = Digest(next(context.fresh.ids), member.address, rows)
    reason = f"one letter tells {member.name} of {len(letters)} requests whose authors nothing proves"
    return Decision(
        Disposition.NOTED,
        reason,
        Grounds(Assurance.UNVERIFIED),
        letters=(_letter(member, digest, listed, context),),
        digest=digest,
    )


def _row(number: int, ticket: Ticket, letters: int, context: Context) -> OpenTicket:
    """The row of a request, with the author of its last message."""
    authors = [
        message.author for message in context.conversation(ticket).last_messages if message.direction == Direction.CUSTOMER
    ]
    requester = ticket.participant(ticket.requester)
    sender = next(
        (address for address in (*reversed(authors[-1:]), requester.address if requester else "") if address),
        sentence("nobody certain"),
    )
    return OpenTicket(
        number, ticket, context.now, next(iter(running(ticket, context.policy)), None), sender=sender, letters=letters
    )


def _letter(member: StaffMember, digest: Digest, listed: tuple[OpenTicket, ...], context: Context) -> LetterOrder:
    facts = replace(facts_apart(), digest=DigestFacts(listed, gathered=True))
    subject = sentence("{count} more requests, whose authors nothing proves", count=len(listed))
    order = letter_apart(context, member, Notice.DIGEST, facts, subject, answer=DigestAnswer(digest.id))
    return order.withhold(why_suppressed(context, member.address) or "")
