"""The lists of senders: whom the operator allows and blocks."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Listing(StrEnum):
    """On which list a sender stands."""

    ALLOW = "allow"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class ListedSender:
    """An entry of the lists. `entry` is a canonical address, or a domain, which counts for those below it too.

    `unproved_only` says that the entry stops only mail that does not prove its author: staff called such a mail spam, and the owner of the
    address may never have seen it. `by` is who made the entry: a login name, or the address of a staff member. `ticket` is the reference of
    the request that was spam, "" for an entry of the operator.
    """

    entry: str
    listing: Listing
    by: str
    since: datetime
    reason: str = ""
    unproved_only: bool = False
    ticket: str = ""
