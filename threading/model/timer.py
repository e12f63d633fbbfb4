"""Times at which a ticket wants attention."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TimerKind(StrEnum):
    TARGET = "target"  # the next moment at which a promised time wants attention
    CLOSE = "close"
    REMIND = "remind"
    SILENCE = "silence"  # a closing after reminders, or one that was put off
    WAKE = "wake"  # the end of a snooze


@dataclass(frozen=True, slots=True)
class Timer:
    """Something due at a time. One of a kind for each ticket and occurrence."""

    kind: TimerKind
    occurrence: int
    due_at: datetime
