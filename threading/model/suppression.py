"""Addresses to which letters are held back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SuppressionReason(StrEnum):
    """Why letters do not go to an address. A complaint stops only what nobody wrote."""

    HARD_BOUNCE = "hard_bounce"
    COMPLAINT = "complaint"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Suppression:
    """Letters to an address are kept back. `until` None: until somebody lifts it; `letter_id` is the letter that brought it about."""

    address: str  # canonical addr-spec
    reason: SuppressionReason
    diagnostic: str
    since: datetime
    until: datetime | None = None
    letter_id: int | None = None
