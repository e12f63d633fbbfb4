"""Promised times and the clocks that measure them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class TargetKind(StrEnum):
    """What is promised: the first answer, the answer to a later message, the resolution, or news by a date that staff have given."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"
    GIVEN_DATE = "given_date"


BY_PLAN = (TargetKind.FIRST_RESPONSE, TargetKind.NEXT_RESPONSE, TargetKind.RESOLUTION)  # those that plans promise


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock of one target. It has used `spent`, and the working time from `since` until now or until `paused_at`.

    A given date has its fixed `due_at` instead, and its clock never pauses. `ended_at` is when the promise was kept or cancelled. `warned` and `missed` say that the team was told; each happens once.
    """

    kind: TargetKind
    since: datetime
    spent: timedelta = timedelta(0)
    paused_at: datetime | None = None
    ended_at: datetime | None = None
    warned: bool = False
    missed: bool = False
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A promised time as people see it. `due_at` is None while the clock pauses."""

    kind: TargetKind
    due_at: datetime | None
    state: str
