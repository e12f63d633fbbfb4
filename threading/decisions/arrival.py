"""A message that has arrived at the desk, as decisions take it: what was said, which ticket it is about, and the context."""

from dataclasses import dataclass, replace
from typing import Self

from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Grounds
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.match import Match
from helpdesk.threading.model.mail import Channel


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail or a platform reply with its match. `row` names the row of the decision tables that applies, "" before one is found.

    `speaks` says whether a mail has the effect that its author meant. A mail that does not is kept, noted or held, and does not make a
    later copy of it a duplicate. Otherwise a copy without proof that arrives first, from somebody who saw the mail or from a forwarder that
    breaks its signature, would suppress the mail itself.
    """

    incoming: Incoming
    match: Match
    context: Context
    speaks: bool
    row: str = ""

    @property
    def grounds(self) -> Grounds:
        """What a decision about it rests on."""
        from_archive = self.incoming.channel is Channel.ARCHIVE
        return Grounds(self.incoming.assurance, self.match.clues, self.row, self.speaks, from_archive)

    def apart(self, *, related: tuple[int, ...] | None = None) -> Self:
        """The same message about no ticket; the ticket that it matched becomes a related one."""
        match = self.match
        linked = (*match.related, match.ticket.id) if match.ticket else match.related
        alone = replace(match, ticket=None, token=None, participant=None, related=linked if related is None else related)
        return replace(self, match=alone)


def arrival_of(incoming: Incoming, match: Match, context: Context) -> Arrival:
    """A message as it arrives, before any question is asked about it."""
    by_staff = context.staff_member(incoming.author) is not None
    identity = incoming.identity
    speaks = identity.may_act_as_staff if by_staff else match.proved and identity.may_be_customer
    return Arrival(incoming, match, context, speaks)
