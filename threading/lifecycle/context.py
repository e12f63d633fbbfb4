"""All that a decision may look at: the policy, what the store knows, the time, and fresh identifiers drawn at the edge."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from helpdesk.config.our_addresses import OurAddresses
from helpdesk.config.policy import Policy, SupportAddress
from helpdesk.threading.matching.known import Conversation, Known
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Fresh:
    """Identifiers for what may come to be: growing keys, one reference and one thread key for a new ticket."""

    ids: Iterator[int]
    reference: str
    thread_key: str


@dataclass(frozen=True, slots=True)
class Scene:
    policy: Policy
    known: Known
    now: datetime
    fresh: Fresh
    ours: OurAddresses  # no letter goes there, and nobody takes part from there

    def conversation(self, ticket: Ticket) -> Conversation:
        return self.known.conversations.get(ticket.id, Conversation())

    def staff_member(self, address: str | None) -> StaffMember | None:
        return next((one for one in self.known.staff if one.address == address), None)

    def support_address(self, address: str) -> SupportAddress | None:
        """What the policy says of an address that was written to. Whether an address is the desk's own is asked of `ours`."""
        return next((one for one in self.policy.addresses if one.address.lower() == address), None)
