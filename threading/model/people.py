"""Staff members and contacts, as the directory knows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property


class StaffRole(StrEnum):
    """What a staff member may decide. Seniors also take escalations, and managers get the weekly report."""

    AGENT = "agent"
    SENIOR = "senior"
    MANAGER = "manager"


SENIORS = frozenset({StaffRole.SENIOR, StaffRole.MANAGER})  # may act on every request and decide on incidents


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A staff member as the directory knows them. `open_tickets` counts their tickets that wait on support."""

    name: str
    address: str
    role: StaffRole
    queues: tuple[str, ...]
    open_tickets: int
    newest_ticket: int = 0  # id of the newest ticket assigned to them; ids grow with time
    away_until: datetime | None = None
    addresses: tuple[str, ...] = ()  # further ones, from which they write too; letters go to `address`


class StaffList(tuple[StaffMember, ...]):
    """Staff members, who are also found by their address without a look at all of them.

    `directory_version` is how often the directory had changed when they were read; None where nobody is on the list.
    """

    directory_version: int | None = None

    def with_members(self, changed: Mapping[str, StaffMember]) -> "StaffList":
        """The same people, of whom some have changed; `changed` has those by their first address."""
        found = StaffList(changed.get(member.address, member) for member in self)
        found.directory_version = self.directory_version
        return found

    @cached_property
    def by_address(self) -> dict[str, StaffMember]:
        further = {address: member for member in reversed(self) for address in member.addresses}
        return further | {member.address: member for member in reversed(self)}


def staff_member_at(address: str | None, staff: tuple[StaffMember, ...]) -> StaffMember | None:
    """The staff member who has this address, as the first or as a further one; None if nobody has it."""
    if address is None:
        return None
    if isinstance(staff, StaffList):
        return staff.by_address.get(address)
    return next((member for member in staff if address in (member.address, *member.addresses)), None)


@dataclass(frozen=True, slots=True)
class Contact:
    """What the directory knows of an address. A stranger has no account, and the plan that the policy gives to strangers."""

    address: str
    name: str
    account: str | None
    plan: str
