"""A reply to all, by somebody whom a customer copied on their mail.

Colleagues of the requester's account, proved by their mail, take part from then on if the policy says so. The words of everybody
else are kept on the ticket and shown to staff, and move nothing: who put them into Cc did not make them a customer of the desk.
Nobody gets earlier messages.
"""

from dataclasses import replace

from helpdesk.threading.decisions.arrival import Arrival
from helpdesk.threading.decisions.customer.consent import ask_about, with_participant_state
from helpdesk.threading.decisions.customer.message import as_read, message_of, unknown_parents, with_marks
from helpdesk.threading.decisions.customer.people import add_copied
from helpdesk.threading.decisions.customer.team_letter import notify_of_words
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Contribution, Decision
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.signature_images import signature_images
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.participant import Participant, ParticipantState, Role
from helpdesk.threading.model.sentence import Sentence, joined, sentence
from helpdesk.threading.model.ticket import Ticket

KEPT = "{author} stood in To or Cc and takes no part: the words are kept here and have moved nothing. #cc {author} lets them take part."
UNSURE = "Nothing proves that {author} wrote this: {reason}."


def is_reply_to_all(arrival: Arrival) -> bool:
    """Whether somebody who was only copied so far answers a mail of this ticket, without a reply address of anybody."""
    ticket, match = arrival.match.ticket, arrival.match
    return ticket is not None and match.token is None and _copied_person(arrival.incoming, ticket) is not None


def _copied_person(incoming: Incoming, ticket: Ticket) -> Participant | None:
    person = ticket.participant_at(incoming.author, Role.CUSTOMER) if incoming.identity.may_be_customer else None
    return person if person is not None and person.state is ParticipantState.SEEN else None


def joins_as_colleague(arrival: Arrival, ticket: Ticket) -> bool:
    """Whether the writer is proved and belongs to the requester's account, and the policy lets such colleagues take part."""
    return _is_colleague(arrival, ticket) and arrival.context.policy.participants.colleagues == "join"


def _is_colleague(arrival: Arrival, ticket: Ticket) -> bool:
    contact = arrival.context.known.contact
    same = ticket.account is not None and contact.account == ticket.account and contact.address == arrival.incoming.author
    return same and arrival.incoming.identity.is_proved


def with_colleague(draft: Draft, incoming: Incoming) -> Draft:
    """The draft in which the writer takes part. They get later letters, and no earlier one."""
    person = _copied_person(incoming, draft.ticket)
    if person is None:
        return draft
    draft = replace(draft, ticket=with_participant_state(draft.ticket, person, ParticipantState.ACTIVE))
    return draft.add_event("colleague_joined", incoming.author, "answered all, and belongs to the requester's account")


def keep_reply_to_all(arrival: Arrival, ticket: Ticket) -> Decision:
    """Keep the words on the ticket, show them to staff, and move nothing; ask the requester about a colleague if the policy says so."""
    context = arrival.context
    incoming = as_read(with_marks(arrival.incoming, context))
    draft = Draft(context, ticket, ticket.version, incoming.author, incoming.message_id)
    draft = draft.add_event("reply_to_all", incoming.author, "stood in To or Cc, and takes no part")
    if _is_colleague(arrival, ticket) and context.policy.participants.colleagues == "ask":
        requester, person = ticket.participant(ticket.requester), _copied_person(incoming, ticket)
        assert requester is not None
        assert person is not None
        draft = ask_about(draft, person, requester, incoming)
    draft = notify_of_words(add_copied(draft, incoming), incoming, _remark(incoming), ())
    return draft.decision(
        Disposition.THREADED,
        f"{incoming.author} was copied on {ticket.reference} and answers all, so it is kept there and moves nothing",
        arrival.grounds,
        _contribution(arrival, incoming, context),
    )


def _remark(incoming: Incoming) -> Sentence:
    kept = sentence(KEPT, author=incoming.author)
    if incoming.identity.is_proved:
        return kept
    return joined((kept, sentence(UNSURE, author=incoming.author, reason=incoming.identity.reason)))


def _contribution(arrival: Arrival, incoming: Incoming, context: Context) -> Contribution:
    return Contribution(
        message=message_of(incoming, context, of_participant=False),
        related=arrival.match.related,
        seen_ids=unknown_parents(incoming, context),
        images=signature_images(incoming, context.known.contact),
    )
