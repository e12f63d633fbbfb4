"""The context of a decision: the policy, what the store knows, the time, and new identifiers. A decision uses nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.config.our_addresses import OurAddresses
from helpdesk.config.people import SupportAddress
from helpdesk.config.policy import Policy
from helpdesk.threading.matching.known import Conversation, Known
from helpdesk.threading.model.people import StaffMember, staff_member_at
from helpdesk.threading.model.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Fresh:
    """New identifiers, drawn outside the pure core: ascending keys, and one reference and one thread key for a new ticket.

    `further` are identifiers for more tickets of the same decision.
    """

    ids: Iterator[int]
    reference: str
    thread_key: str
    further: Iterator["Fresh"] = field(default_factory=lambda: iter(()))


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that a decision may use besides the message, timer or letter that it is about."""

    policy: Policy
    known: Known
    now: datetime
    fresh: Fresh
    ours: OurAddresses  # the desk's own addresses: they get no letter and take no part
    request_page: str = ""  # the address of the page for new requests; "" for none

    def conversation(self, ticket: Ticket) -> Conversation:
        """The recent past of a ticket; empty if it was not looked up."""
        return self.known.conversations.get(ticket.id, Conversation())

    def staff_member(self, address: str | None) -> StaffMember | None:
        """The active staff member with this address, or None."""
        return staff_member_at(address, self.known.staff)

    def support_address(self, address: str) -> SupportAddress | None:
        """The policy's entry for a support address; None for any other address of the desk. `ours` knows all of the desk's addresses."""
        return self.policy.support_address(address)
