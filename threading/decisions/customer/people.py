"""The people of a customer's message: its writer, and those in To and Cc."""

from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.standing import contact_at
from helpdesk.threading.matching.gather import people_beside
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.participant import Participant, ParticipantState, Role
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.model.ticket import Ticket


def writer_of(incoming: Incoming, ticket: Ticket) -> Participant | None:
    """The active customer who wrote the message. In the platform, any user of the account writes as the requester."""
    customer = ticket.participant_at(incoming.author, Role.CUSTOMER) if incoming.identity.may_be_customer else None
    if customer and customer.state is ParticipantState.ACTIVE:
        return customer
    return ticket.participant(ticket.requester) if incoming.account is not None else None


def add_copied(draft: Draft, incoming: Incoming) -> Draft:
    """Record the people in To and Cc, except staff. Standing there subscribes nobody to letters."""
    for person in people_beside(incoming):
        if draft.context.staff_member(person.address) is None:
            draft = draft.add_participant(Role.CUSTOMER, person.address, person.name, ParticipantState.SEEN)
    return draft


def people_as_shown(draft: Draft, incoming: Incoming) -> tuple[Sentence, ...]:
    """The people in To and Cc for a letter to staff, each with what they are; the other addresses of the desk come last."""
    shown = [
        sentence(
            "{person}, {what}",
            person=f"{person.name} <{person.address}>" if person.name else person.address,
            what=_what(person.address, draft),
        )
        for person in people_beside(incoming)
    ]
    others = (address for address in incoming.support_addresses if address != draft.ticket.support_address)
    return (*shown, *(sentence("{address}, of this desk", address=address) for address in others))


def _what(address: str, draft: Draft) -> Sentence:
    ticket, context = draft.ticket, draft.context
    if context.staff_member(address) is not None:
        return sentence("staff")
    person = ticket.participant_at(address, Role.CUSTOMER)
    if person is not None and person.state is ParticipantState.ACTIVE:
        return sentence("who gets the letters too")
    account = contact_at(address, context).account
    if account is None:
        return sentence("a stranger")
    return sentence("of the same account") if account == ticket.account else sentence("of the account {account}", account=account)
