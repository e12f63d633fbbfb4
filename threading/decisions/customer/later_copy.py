"""A mail that comes once more by another route, changed on its way: with a list's footer, a filter's banner, another encoding.

Its fingerprint differs, and its Message-ID, its author and its words are those of a message that the ticket has. If only a footer or
a banner was added, the mail has had its effect. If it says more, it is kept and shown, and moves nothing by itself.
"""

import re
from dataclasses import dataclass

from helpdesk.threading.decisions.arrival import Arrival
from helpdesk.threading.decisions.customer.message import as_read, message_of, with_marks
from helpdesk.threading.decisions.customer.team_letter import notify_of_words
from helpdesk.threading.lifecycle.decision import Contribution, Decision
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.assurance import SURE
from helpdesk.threading.model.mail import Channel, Disposition
from helpdesk.threading.model.message import Direction, PastMessage
from helpdesk.threading.model.sentence import sentence
from helpdesk.threading.model.ticket import Ticket

SHORTEST = 3  # words of a message that can be recognised in another
COMPARED = 50_000  # characters of each text
MOST_ADDED = 400  # characters of a footer or banner
WORD = re.compile(r"\w+")
SEPARATOR = re.compile(r"^\s*(?:[_=*~-]{2,}|\[.{0,200}\])\s*$", re.MULTILINE)
# Words of footers of lists and banners of filters, in the languages of the letters. An address of a page marks them too.
MARKS = (
    "http://", "https://", "mailto:", "unsubscribe", "mailing list", "this list", "external", "caution", "disclaimer", "confidential",
    "scanned", "virus", "abmelden", "verteiler", "mailingliste", "extern", "vertraulich", "désabonner", "liste de diffusion", "externe",
    "confidentiel", "cancelar la suscripción", "lista de correo", "externo", "confidencial", "disiscriversi", "esterno", "riservat",
    "afmelden", "mailinglijst", "vertrouwelijk",
)  # fmt: skip
SAYS_MORE = sentence(
    "This came with the Message-ID of an earlier mail and says more than that did. It is kept here and has moved nothing."
)


@dataclass(frozen=True, slots=True)
class LaterCopy:
    """The ticket that has the mail already, and whether this copy says more than the first one."""

    ticket: Ticket
    says_more: bool


def later_copy(arrival: Arrival) -> LaterCopy | None:
    """The earlier message of the same Message-ID, author and words; None if there is none.

    A proved mail is no copy of one that nothing proved: otherwise a forged copy that comes first could suppress the mail itself.
    """
    incoming, known = arrival.incoming, arrival.context.known
    if incoming.message_id is None or incoming.channel is not Channel.MAIL:
        return None
    for number in known.by_message_id.get(incoming.message_id, ()):
        ticket = known.tickets.get(number)
        conversation = known.conversations.get(number)
        for message in conversation.last_messages if conversation and ticket else ():
            added = _added_to(message, incoming) if _is_same_mail(message, incoming) else None
            if arrival.match.trusted and arrival.match.ticket is not None and arrival.match.ticket.id != number:
                continue  # it came to a reply address of another request, and counts there
            if ticket is not None and added is not None:
                return LaterCopy(known.survivor(ticket), bool(added) and not _is_footer(added))
    return None


def keep_later_copy(arrival: Arrival, ticket: Ticket) -> Decision:
    """Keep a copy that says more, and show it to staff."""
    context = arrival.context
    incoming = as_read(with_marks(arrival.incoming, context))
    draft = Draft(context, ticket, ticket.version, incoming.author, incoming.message_id)
    draft = draft.add_event("said_more", incoming.author, "a later copy of a mail says more than the first")
    draft = notify_of_words(draft, incoming, SAYS_MORE, ())
    kept = Contribution(message=message_of(incoming, context, of_participant=False))
    reason = f"it is a later copy of a mail on {ticket.reference} and says more, so it is kept there and moves nothing"
    return draft.decision(Disposition.THREADED, reason, arrival.grounds, kept)


def _is_same_mail(message: PastMessage, incoming: Incoming) -> bool:
    authors = {incoming.author, incoming.correspondent.address} - {""}
    sure = message.assurance in SURE or not incoming.identity.is_proved
    return (
        message.direction is Direction.CUSTOMER
        and message.message_id == incoming.message_id
        and message.author in authors
        and sure
        and incoming.identity.may_be_customer
    )


def _added_to(message: PastMessage, incoming: Incoming) -> str | None:
    """What the mail adds above and below the words of the message; None if it does not contain them, or they are too few to tell."""
    text = as_read(incoming).text[:COMPARED]
    earlier = [word.casefold() for word in WORD.findall(message.text[:COMPARED])]
    found = list(WORD.finditer(text))
    words = [match.group().casefold() for match in found]
    at = _place_of(earlier, words)
    if len(earlier) < SHORTEST or at is None:
        return None
    above, below = text[: found[at].start()], text[found[at + len(earlier) - 1].end() :]
    return "\n".join(part for part in (above.strip(), below.strip(" \t\r\n.,;:!?")) if WORD.search(part))


def _place_of(part: list[str], words: list[str]) -> int | None:
    """Where the words of the part stand in a row, at the beginning or behind a banner; None if they do not."""
    for at in range(min(len(words) - len(part), MOST_ADDED // 4) + 1):
        if words[at : at + len(part)] == part:
            return at
    return None


def _is_footer(added: str) -> bool:
    lower = added.lower()
    return len(added) <= MOST_ADDED and (SEPARATOR.search(added) is not None or any(mark in lower for mark in MARKS))
