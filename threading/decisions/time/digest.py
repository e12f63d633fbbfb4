"""The digest: one letter with the open requests of a staff member, numbered, each morning and whenever it is asked for."""

from collections.abc import Sequence
from dataclasses import replace

from helpdesk.threading.commands.grammar import StaffText
from helpdesk.threading.commands.words import Word
from helpdesk.threading.letters.order import LetterOrder, OpenTicket, StaffFacts
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.lifecycle.team import first_response_due
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.match import Match
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.digest import Digest, DigestRow
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Participant, Role
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reading.parsed import Kind

MOST_ROWS = 50


def decide_digest(address: str, context: Context) -> Decision:
    """The morning's digest. Without open requests, or for somebody who has left, the day is done without a letter."""
    member, tickets = context.staff_member(address), context.known.open_tickets
    if member is None or not tickets:
        nothing = Digest(next(context.fresh.ids), address, ())
        return Decision(Disposition.NOTED, f"{address} has no open requests", Assurance.UNVERIFIED, digest=nothing)
    return _told(member, tickets, context)


def asks_for_digest(incoming: Incoming, match: Match, blocks: Sequence[StaffText]) -> bool:
    """Whether a proved mail of staff, which came to no request's address, is `#status` and nothing else."""
    if match.token is not None or not incoming.identity.may_act_as_staff or incoming.kind is not Kind.PERSON or len(blocks) != 1:
        return False
    block = blocks[0]
    return [one.word for one in block.commands] == [Word.STATUS] and not (block.reference or block.body or block.refused)


def decide_asked(incoming: Incoming, match: Match, context: Context, member: StaffMember) -> Decision:
    """The digest of this moment, also when it is empty."""
    decision = _told(member, context.known.open_tickets, context)
    answered = tuple(replace(one, in_reply_to=incoming.message_id) for one in decision.letters)
    return replace(decision, assurance=incoming.assurance, clues=match.clues, letters=answered)


def _told(member: StaffMember, tickets: Sequence[Ticket], context: Context) -> Decision:
    listed = [
        OpenTicket(number, ticket, context.now, first_response_due(ticket, context.policy))
        for number, ticket in enumerate(tickets[:MOST_ROWS], 1)
    ]
    rows = tuple(DigestRow(one.number, one.ticket.id, one.ticket.reference, one.ticket.version) for one in listed)
    digest = Digest(next(context.fresh.ids), member.address, rows)
    order = _letter(member, digest, StaffFacts(
        customer=Participant(0, Role.CUSTOMER, "", ""), account=None, assurance=Assurance.UNVERIFIED, answer_goes_to=(),
        open_tickets=tuple(listed), more=len(tickets) > MOST_ROWS,
    ), context)  # fmt: skip
    reason = f"{member.name} is told of {len(rows)} open requests"
    return Decision(Disposition.NOTED, reason, Assurance.UNVERIFIED, letters=(order,), digest=digest)


def _letter(member: StaffMember, digest: Digest, facts: StaffFacts, context: Context) -> LetterOrder:
    return LetterOrder(
        id=next(context.fresh.ids), notice=Notice.DIGEST, to=Participant(0, Role.STAFF, member.address, member.name), ticket=None,
        facts=facts, automatic=True, subject=f"Your open requests: {len(digest.rows)}", digest=digest.id,
    )  # fmt: skip
