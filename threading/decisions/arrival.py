"""The input of decisions about messages: what was said, which ticket it is about, and the context."""

from dataclasses import dataclass, replace
from typing import Self

from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Grounds
from helpdesk.threading.lifecycle.said_words import first_words, linked_words, words_for
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.match import Match
from helpdesk.threading.model.mail import Channel


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail or a platform reply with its match. `row` names the row of the decision tables that applies; it is "" before one is
    found.

    `speaks` says whether a mail has the effect that its author meant. A mail that does not speak is kept, noted or held, and
    later copies of it are not duplicates. Otherwise an unproved copy could suppress the mail itself by arriving first, whether
    from somebody who saw the mail or from a forwarder that broke its signature.
    """

    incoming: Incoming
    match: Match
    context: Context
    speaks: bool
    row: str = ""

    @property
    def grounds(self) -> Grounds:
        """The clues and the row on which a decision about the message rests."""
        from_archive = self.incoming.channel is Channel.ARCHIVE
        return Grounds(self.incoming.assurance, self.match.clues, self.row, self.speaks, from_archive, self.incoming.sorting)

    def apart(self, *, related: tuple[int, ...] | None = None) -> Self:
        """The same message without a ticket; the ticket that it matched becomes a related one."""
        match = self.match
        linked = (*match.related, match.ticket.id) if match.ticket else match.related
        alone = replace(match, ticket=None, token=None, participant=None, related=linked if related is None else related)
        return replace(self, match=alone, incoming=linked_words(self.incoming) if match.ticket else first_words(self.incoming))


def arrival_of(incoming: Incoming, match: Match, context: Context) -> Arrival:
    """The message and its match, before a table has been asked."""
    by_staff = context.staff_member(incoming.author) is not None
    identity = incoming.identity
    speaks = identity.may_act_as_staff if by_staff else match.proved and identity.may_be_customer
    said = words_for(incoming, match.ticket, context, by_staff=by_staff)
    return Arrival(said, match, context, speaks)
