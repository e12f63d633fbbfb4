"""Times at which a ticket wants attention."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TimerKind(StrEnum):
    """What is due at a time."""

    TARGET = "target"  # a promised time is nearly over, or over
    CLOSE = "close"  # a resolved ticket closes
    REMIND = "remind"  # a question is repeated
    SILENCE = "silence"  # a ticket closes after the last reminder, or after a closing that was put off
    SETTLE = "settle"  # an answered ticket counts as resolved
    WAKE = "wake"  # a snooze ends
    LATER = "later"  # a staff member's mail is carried out
    PERMISSION = "permission"  # a question for permission is repeated, or ends


@dataclass(frozen=True, slots=True)
class Timer:
    """Something that is due on a ticket at a time. `occurrence` counts the timers of one kind from 1."""

    kind: TimerKind
    occurrence: int
    due_at: datetime


class TimerState(StrEnum):
    """What became of one occurrence of a timer."""

    PENDING = "pending"
    FIRED = "fired"
    CANCELLED = "cancelled"
