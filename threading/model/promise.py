"""Promised times and the clocks that measure them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class TargetKind(StrEnum):
    """A promised time: until the first answer, until the answer to a later message, until the end."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


@dataclass(frozen=True, slots=True)
class Clock:
    """How much working time one target has used: `spent` before `since`, and what has passed since then, until `paused_at`.

    `ended_at` is when it was answered. `warned` and `missed` happen once.
    """

    kind: TargetKind
    since: datetime
    spent: timedelta = timedelta(0)
    paused_at: datetime | None = None
    ended_at: datetime | None = None
    warned: bool = False
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A promised time as people see it. `due_at` None while its clock pauses; state: running, paused, met, missed, or cancelled."""

    kind: TargetKind
    due_at: datetime | None
    state: str
