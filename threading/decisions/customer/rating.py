"""Record a customer's rating, which they give by mail to one of the three addresses of a closing letter, or in the platform. A rating
never moves the ticket.
"""

from dataclasses import replace

from helpdesk.threading.decisions.arrival import Arrival
from helpdesk.threading.decisions.customer.consent import add_stranger
from helpdesk.threading.decisions.customer.message import as_read, message_of
from helpdesk.threading.decisions.customer.people import writer_of
from helpdesk.threading.decisions.customer.team_letter import notify_of_words
from helpdesk.threading.letters.names import RATING_NAMES
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Contribution, Decision
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.gate import machine_behind
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.match import Match
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.people import StaffRole
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.model.ticket import Rating, Ticket
from helpdesk.threading.trust.tokens import RATINGS, Purpose

WORDS = {Purpose.GOOD: "good", Purpose.OKAY: "okay", Purpose.BAD: "bad"}


def rating_in(incoming: Incoming, match: Match) -> str:
    """The rating that a message gives: by one of the three addresses for ratings, or in the platform; "" for none."""
    if match.token is not None and match.token.purpose in RATINGS:
        return WORDS[match.token.purpose]
    return incoming.rating if incoming.rating in WORDS.values() else ""


def decide_rating(arrival: Arrival, ticket: Ticket) -> Decision:
    """Record the rating. The newest answer of a customer of the ticket counts, and a comment beside it is a message. Machines
    cannot rate.
    """
    incoming, match, context = arrival.incoming, arrival.match, arrival.context
    word, writer = rating_in(incoming, match), incoming.author
    draft = Draft(context, ticket, ticket.version, writer, incoming.message_id)
    refusal = machine_behind(incoming)
    if refusal:
        draft = draft.add_event("rating_ignored", writer, refusal)
        return draft.decision(Disposition.NOTED, f"a rating that does not count: {refusal}", arrival.grounds)
    counts = writer_of(incoming, ticket) is not None
    draft = _rate(draft, writer, word) if counts else add_stranger(draft, incoming, match)
    comment = as_read(incoming) if incoming.text.strip() or incoming.attachments else None
    if comment is not None or (counts and word == WORDS[Purpose.BAD]):
        draft = notify_of_words(
            draft,
            comment or replace(incoming, text="", elided_text=""),
            _remark(word, writer, counts),
            _managers(context, word, counts),
        )
    return draft.decision(
        Disposition.THREADED if comment else Disposition.NOTED,
        f"{writer} says how {ticket.reference} went: {word}",
        arrival.grounds,
        Contribution(message=message_of(comment, context, of_participant=counts) if comment else None),
    )


def _rate(draft: Draft, writer: str, word: str) -> Draft:
    ticket = replace(draft.ticket, rating=Rating(word, draft.context.now))
    return replace(draft, ticket=ticket).add_event("rated", writer, word)


def _remark(word: str, writer: str, counts: bool) -> Sentence:
    if counts:
        return sentence(
            "Asked how it went, {writer} answers: {word}. The request is as it was.",
            writer=writer,
            word=RATING_NAMES.get(word, word),
        )
    return sentence(
        "Unverified sender: {writer} takes no part in this ticket; the rating does not count.",
        writer=writer or sentence("unknown"),
    )


def _managers(context: Context, word: str, counts: bool) -> tuple[str, ...]:
    """The addresses of the managers to tell about a bad rating."""
    if not counts or word != WORDS[Purpose.BAD]:
        return ()
    return tuple(member.address for member in context.known.staff if member.role is StaffRole.MANAGER)
