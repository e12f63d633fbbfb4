"""The people of a customer's message: its writer, and those in Cc."""

from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.participant import Participant, ParticipantState, Role
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.trust.addresses import reachable


def writer_of(incoming: Incoming, ticket: Ticket) -> Participant | None:
    """The active customer who wrote the message. In the platform, any user of the account writes as the requester."""
    customer = ticket.participant_at(incoming.author, Role.CUSTOMER) if incoming.identity.may_be_customer else None
    if customer and customer.state is ParticipantState.ACTIVE:
        return customer
    return ticket.participant(ticket.requester) if incoming.account is not None else None


def add_copied(draft: Draft, incoming: Incoming) -> Draft:
    """Record the people in Cc, except staff. Being in Cc subscribes nobody to letters."""
    for mailbox in incoming.copied:
        address = reachable(mailbox.address) or mailbox.address.strip().lower()
        if draft.context.staff_member(address) is None:
            draft = draft.add_participant(Role.CUSTOMER, address, mailbox.name, ParticipantState.SEEN)
    return draft
