"""How fast passwords may be tried. Attempts wait in lanes, and each failure makes its lanes slower.

A stranger waits in two lanes: the lane of their network, and a lane of the account. Networks with recent failures share the slow lane of
the account. Networks without failures share a faster one, so that a thousand guessers do not delay the owner who logs in while travelling.
A network from which the account has logged in before has a lane of its own with that account: nobody else can slow it down.

An attempt counts as a failure from the moment at which its turn is given, so that concurrent attempts are all counted; a right password
takes the failure back. A count halves with each hour without an attempt. No lane is ever shut; the delays are those of `LANES`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

HALVED_AFTER = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(days=1)  # since the last attempt of a count
STRANGE_AFTER = timedelta(days=180)  # since the last good login from a network
ALARM_FROM = 10  # failures at one place: more than a person makes who has forgotten a password
ALARM_AGAIN = timedelta(hours=1)
MOST_DOUBLINGS = 20
SKEW = timedelta(minutes=2)  # between the clocks of two nodes


class LaneName(StrEnum):
    SOURCE = "source"
    ACCOUNT = "account"
    NEWCOMERS = "newcomers"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Lane:
    """The first `free` attempts are made at once. Each later attempt waits; the wait begins with `first` and doubles up to `longest`.

    An attempt that would have to wait longer than `patience` is refused.
    """

    free: int
    first: timedelta
    longest: timedelta
    patience: timedelta

    def span(self, failures: int) -> timedelta:
        """How long the next attempt has to wait after that many failures."""
        if failures <= self.free:
            return timedelta()
        return min(self.first * (1 << min(failures - self.free - 1, MOST_DOUBLINGS)), self.longest)


SECOND = timedelta(seconds=1)
LANES: Mapping[LaneName, Lane] = {
    LaneName.SOURCE: Lane(free=3, first=SECOND, longest=60 * SECOND, patience=15 * SECOND),
    LaneName.ACCOUNT: Lane(free=5, first=SECOND, longest=60 * SECOND, patience=15 * SECOND),
    LaneName.NEWCOMERS: Lane(free=10, first=SECOND, longest=10 * SECOND, patience=15 * SECOND),
    LaneName.KNOWN: Lane(free=5, first=SECOND / 4, longest=SECOND, patience=SECOND),
}


class Place(NamedTuple):
    """Where attempts are counted. `source` or `account` is "" if the lane does not distinguish it."""

    lane: LaneName
    source: str
    account: str


@dataclass(frozen=True, slots=True)
class Count:
    """The failures of a place, as they were at `last_at`. The next attempt may be made at `free_at`."""

    failures: int
    last_at: datetime
    free_at: datetime
    alarmed_at: datetime | None = None

    def failures_now(self, now: datetime) -> int:
        """The failures, halved for each whole hour since the last attempt."""
        hours = max(now - self.last_at, timedelta()) // HALVED_AFTER
        return self.failures >> min(hours, 64)


@dataclass(frozen=True, slots=True)
class Alarm:
    """A place at which somebody is guessing passwords, and the failures there."""

    place: Place
    failures: int


@dataclass(frozen=True, slots=True)
class Turn:
    """An attempt that may be made after `wait`. `counts` include it as a failure already."""

    wait: timedelta
    counts: Mapping[Place, Count]
    alarms: tuple[Alarm, ...]


def places(source: str, account: str) -> tuple[Place, ...]:
    """All places at which an attempt can be counted, in the order in which their rows are locked."""
    return (
        Place(LaneName.ACCOUNT, "", account),
        Place(LaneName.KNOWN, source, account),
        Place(LaneName.NEWCOMERS, "", account),
        Place(LaneName.SOURCE, source, ""),
    )


def turn(source: str, account: str, is_known: bool, counts: Mapping[Place, Count], now: datetime) -> Turn | None:
    """When an attempt may be made; None if it would have to wait too long.

    `is_known` says that the account has logged in from this source before.
    """
    chosen = _places(source, account, is_known, counts, now)
    start = max((_free_at(place, counts, now) for place in chosen), default=now)
    if start - now > min(LANES[place.lane].patience for place in chosen):
        return None
    counted = {place: _count_attempt(place, counts.get(place), now, start) for place in chosen}
    alarms = tuple(Alarm(place, count.failures) for place, count in counted.items() if _is_alarming(count, now))
    alarmed = {alarm.place for alarm in alarms}
    kept = {place: replace(count, alarmed_at=now) if place in alarmed else count for place, count in counted.items()}
    return Turn(start - now, kept, alarms)


def take_back(count: Count) -> Count:
    """The count after an attempt with the right password. Earlier failures stay, because somebody else may have made them."""
    return replace(count, failures=max(count.failures - 1, 0))


def _places(source: str, account: str, is_known: bool, counts: Mapping[Place, Count], now: datetime) -> tuple[Place, ...]:
    if is_known:
        return (Place(LaneName.KNOWN, source, account),)
    own = Place(LaneName.SOURCE, source, "")
    has_failed = own in counts and counts[own].failures_now(now) > 0
    return (own, Place(LaneName.ACCOUNT if has_failed else LaneName.NEWCOMERS, "", account))


def _free_at(place: Place, counts: Mapping[Place, Count], now: datetime) -> datetime:
    """When the place is free. A count from the future is ignored, because a node's clock may have been set back."""
    count = counts.get(place)
    return now if count is None or count.last_at > now + SKEW else max(count.free_at, now)


def _count_attempt(place: Place, before: Count | None, now: datetime, start: datetime) -> Count:
    failures = 1 + (before.failures_now(now) if before else 0)
    return Count(failures, now, start + LANES[place.lane].span(failures), before.alarmed_at if before else None)


def _is_alarming(count: Count, now: datetime) -> bool:
    return count.failures >= ALARM_FROM and (count.alarmed_at is None or now - count.alarmed_at >= ALARM_AGAIN)
