"""Ask a customer whether a stranger who used their reply address may take part in the conversation.

The stranger's mail is kept, nobody answers them, and the customer is asked once for each stranger.
"""

from dataclasses import replace

from helpdesk.threading.decisions.arrival import Arrival
from helpdesk.threading.letters.order import CustomerFacts
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.gate import machine_behind, refuses_automatic_letter
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.match import Match
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Participant, ParticipantState, Role
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.sorting.consent_words import Consent, choice_in
from helpdesk.threading.trust.tokens import CONSENT, Purpose, Token

ANSWERS = {
    Purpose.ALLOW_ONCE: (ParticipantState.SEEN, "allowed_once"),
    Purpose.ALLOW_ALWAYS: (ParticipantState.ACTIVE, "allowed"),
    Purpose.ALLOW_NEVER: (ParticipantState.BLOCKED, "blocked"),
}
IN_WORDS = {
    Consent.ONCE: Purpose.ALLOW_ONCE,
    Consent.ALWAYS: Purpose.ALLOW_ALWAYS,
    Consent.NEVER: Purpose.ALLOW_NEVER,
}
ASKED_AGAIN = frozenset({ParticipantState.SEEN, ParticipantState.LEFT})


def add_stranger(draft: Draft, incoming: Incoming, match: Match) -> Draft:
    """Add the writer to the ticket as unverified, and ask the customer whose reply address they used, once for each writer."""
    writer = incoming.author
    known = draft.ticket.participant_at(writer, Role.CUSTOMER)
    if incoming.identity.may_be_customer:
        draft = draft.add_participant(Role.CUSTOMER, writer, incoming.author_name, ParticipantState.UNVERIFIED)
    holder = match.participant
    held_by = holder.address if holder else "somebody else"
    draft = draft.add_event("unverified_sender", writer, f"wrote with a token that was given to {held_by}")
    if not incoming.identity.may_be_customer or (known is not None and known.state not in ASKED_AGAIN):
        return draft
    stranger = draft.ticket.participant_at(writer, Role.CUSTOMER)
    if stranger is None:
        return draft
    if holder is None:
        return replace(draft, ticket=with_participant_state(draft.ticket, stranger, ParticipantState.UNVERIFIED))
    return ask_about(draft, stranger, holder, incoming)


def ask_about(draft: Draft, stranger: Participant, asked: Participant, incoming: Incoming) -> Draft:
    """Ask an active customer, by an automatic letter, whether the writer may take part. Machines bring about no such letter."""
    draft = replace(draft, ticket=with_participant_state(draft.ticket, stranger, ParticipantState.UNVERIFIED))
    may_ask = asked.role is Role.CUSTOMER and asked.state is ParticipantState.ACTIVE
    if not may_ask or refuses_automatic_letter(incoming) is not None:
        return draft
    return draft.notify_customer(asked, Notice.CONSENT_REQUEST, CustomerFacts(account=draft.ticket.account, stranger=stranger))


def is_blocked(incoming: Incoming, ticket: Ticket) -> bool:
    """Whether a customer has refused this writer a place on the ticket."""
    writer = ticket.participant_at(incoming.author, Role.CUSTOMER)
    return writer is not None and writer.state is ParticipantState.BLOCKED


def answers_consent(match: Match) -> bool:
    """Whether the mail came to one of the addresses that answer a question about a stranger."""
    return match.token is not None and match.token.purpose in CONSENT


def answers_consent_in_words(arrival: Arrival) -> bool:
    """Whether a customer answers the question about a stranger by plain words in a reply, as phones without its addresses do."""
    return _token_of_words(arrival) is not None


def _token_of_words(arrival: Arrival) -> Token | None:
    """The token of the address that says the same as the words of a reply to the question; None if they are no answer to it.

    The words count from somebody who is proved, or who holds a token of this ticket, as with any other reply.
    """
    incoming, match, ticket = arrival.incoming, arrival.match, arrival.match.ticket
    letter = arrival.context.known.letters.get(incoming.answered_letter or 0)
    if ticket is None or not match.proved or (match.token is not None and match.token.purpose is not Purpose.REPLY):
        return None
    if letter is not None and letter.notice != Notice.CONSENT_REQUEST:
        return None
    choice = choice_in(incoming.text, (incoming.author_name,))
    asked = ticket.participant_at(incoming.author, Role.CUSTOMER)
    if choice is None or asked is None:
        return None
    quoted = {token.version for token in incoming.written.values() if token.purpose in CONSENT and token.subject == ticket.id}
    if not quoted and letter is not None and letter.recipient == asked.address:
        quoted = {person.number for person in ticket.participants if person.state is ParticipantState.UNVERIFIED}
    # Where several people are asked about and the reply does not say whom it means, it is an ordinary message.
    return Token(IN_WORDS[choice], ticket.id, asked.number, quoted.pop()) if len(quoted) == 1 else None


def decide_consent_in_words(arrival: Arrival, ticket: Ticket) -> Decision:
    """Carry out the answer that a customer has written in plain words."""
    token = _token_of_words(arrival)
    asked = ticket.participant_at(arrival.incoming.author, Role.CUSTOMER)
    return decide_consent(replace(arrival, match=replace(arrival.match, token=token, participant=asked)), ticket)


def decide_consent(arrival: Arrival, ticket: Ticket) -> Decision:
    """Carry out the customer's answer about a stranger. Only the customer who was asked can give it, while the question is open."""
    incoming = arrival.incoming
    token, asked = arrival.match.token, arrival.match.participant
    assert token is not None
    stranger = _stranger_in_question(token, ticket, arrival.context)
    machine = machine_behind(incoming)
    if machine:
        return Decision(
            Disposition.NOTED,
            f"an answer about a stranger that does not count: {machine}",
            arrival.grounds,
        )
    if asked is None or not incoming.identity.may_be_customer or incoming.author != asked.address or stranger is None:
        return Decision(Disposition.NOTED, "an answer by somebody who was not asked", arrival.grounds)
    if asked.state is not ParticipantState.ACTIVE:
        return Decision(
            Disposition.NOTED,
            "an answer by somebody who takes no part any more",
            arrival.grounds,
        )
    if stranger.state is not ParticipantState.UNVERIFIED:
        return Decision(Disposition.NOTED, "that question has been answered", arrival.grounds)
    state, kind = ANSWERS[token.purpose]
    draft = Draft(arrival.context, ticket, ticket.version, asked.address, incoming.message_id)
    draft = replace(draft, ticket=with_participant_state(ticket, stranger, state)).add_event(
        kind, asked.address, stranger.address
    )
    return draft.decision(
        Disposition.NOTED,
        f"{asked.address} has answered about {stranger.address}: {kind}",
        arrival.grounds,
    )


def _stranger_in_question(token: Token, ticket: Ticket, context: Context) -> Participant | None:
    """The stranger on the ticket where the conversation goes on. The token has their number on the ticket that the question was about."""
    stranger = context.known.tickets.get(token.subject, ticket).participant(token.version)
    return stranger if stranger is None or token.subject == ticket.id else ticket.participant_at(stranger.address, stranger.role)


def with_participant_state(ticket: Ticket, person: Participant, state: ParticipantState) -> Ticket:
    """The ticket with this person in this state."""
    people = tuple(
        replace(participant, state=state) if participant.number == person.number else participant
        for participant in ticket.participants
    )
    return replace(ticket, participants=people)
