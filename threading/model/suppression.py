"""Suppressed addresses: no letters are sent to them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SuppressionReason(StrEnum):
    """Why an address is suppressed. A complaint stops automatic letters alone."""

    HARD_BOUNCE = "hard_bounce"
    COMPLAINT = "complaint"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address to which no letters are sent. `until` None means until it is lifted; `letter_id` is the letter that caused it."""

    address: str  # canonical addr-spec
    reason: SuppressionReason
    diagnostic: str
    since: datetime
    until: datetime | None = None
    letter_id: int | None = None
