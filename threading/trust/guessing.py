"""How fast passwords may be tried: attempts stand in lanes, and in each lane they follow each other more and more slowly.

A stranger stands in two lanes: that of the network they come from, and one of the account. Networks that have failed of late share the
slow lane of an account; those that have not have another one, lest a thousand guessers are in front of somebody on a journey. Whoever
has logged in from a network before has a lane with that account alone there: nobody else can make it slow, and it is never shut.

An attempt counts as failed from the moment its turn is given, so that attempts beside each other are all counted; a right password
takes that back. Counts halve with every hour without a further attempt. Limits: spans are those of `LANES`; nothing shuts a lane.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

HALVED_AFTER = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(days=1)  # a count, since its last attempt
STRANGE_AFTER = timedelta(days=180)  # a source of good logins, since the last one
ALARM_FROM = 10  # failures of one place, which is more than a person makes who has forgotten a password
ALARM_AGAIN = timedelta(hours=1)
MOST_DOUBLINGS = 20
SKEW = timedelta(minutes=2)  # how far the clocks of nodes may be apart


class LaneName(StrEnum):
    SOURCE = "source"
    ACCOUNT = "account"
    NEWCOMERS = "newcomers"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Lane:
    """The first `free` attempts go at once, each later one a span after the last that begins with `first` and doubles up to `longest`.

    Who would have to wait longer than `patience` is turned away.
    """

    free: int
    first: timedelta
    longest: timedelta
    patience: timedelta

    def span(self, failures: int) -> timedelta:
        """How long the lane rests after that many failures."""
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
    """Where attempts are counted; `source` or `account` is "" where the lane does not ask for it."""

    lane: LaneName
    source: str
    account: str


@dataclass(frozen=True, slots=True)
class Count:
    """What a place has seen: `failures` at `last_at`, and from when on it is free again."""

    failures: int
    last_at: datetime
    free_at: datetime
    alarmed_at: datetime | None = None

    def failures_now(self, now: datetime) -> int:
        """Halved for every whole hour since the last one."""
        hours = max(now - self.last_at, timedelta()) // HALVED_AFTER
        return self.failures >> min(hours, 64)


@dataclass(frozen=True, slots=True)
class Alarm:
    """A place at which somebody is guessing, and how often it has failed there."""

    place: Place
    failures: int


@dataclass(frozen=True, slots=True)
class Turn:
    """An attempt that may be made after `wait`; `counts` hold it as a failure already."""

    wait: timedelta
    counts: Mapping[Place, Count]
    alarms: tuple[Alarm, ...]


def places(source: str, account: str) -> tuple[Place, ...]:
    """Everything that can count for an attempt, in the order in which rows are locked."""
    return (
        Place(LaneName.ACCOUNT, "", account),
        Place(LaneName.KNOWN, source, account),
        Place(LaneName.NEWCOMERS, "", account),
        Place(LaneName.SOURCE, source, ""),
    )


def turn(source: str, account: str, is_known: bool, counts: Mapping[Place, Count], now: datetime) -> Turn | None:
    """When an attempt may be made; None where it would have to wait too long. `is_known`: that source has logged in there before."""
    chosen = _places(source, account, is_known, counts, now)
    start = max((_free_at(place, counts, now) for place in chosen), default=now)
    if start - now > min(LANES[place.lane].patience for place in chosen):
        return None
    counted = {place: _count_attempt(place, counts.get(place), now, start) for place in chosen}
    alarms = tuple(Alarm(place, count.failures) for place, count in counted.items() if _is_alarming(count, now))
    alarmed = {one.place for one in alarms}
    kept = {place: replace(count, alarmed_at=now) if place in alarmed else count for place, count in counted.items()}
    return Turn(start - now, kept, alarms)


def take_back(count: Count) -> Count:
    """An attempt turned out to have the right password. Earlier failures stay: they may be somebody else's."""
    return replace(count, failures=max(count.failures - 1, 0))


def _places(source: str, account: str, is_known: bool, counts: Mapping[Place, Count], now: datetime) -> tuple[Place, ...]:
    if is_known:
        return (Place(LaneName.KNOWN, source, account),)
    own = Place(LaneName.SOURCE, source, "")
    has_failed = own in counts and counts[own].failures_now(now) > 0
    return (own, Place(LaneName.ACCOUNT if has_failed else LaneName.NEWCOMERS, "", account))


def _free_at(place: Place, counts: Mapping[Place, Count], now: datetime) -> datetime:
    """A clock that was set back must not shut a lane until that time comes again."""
    count = counts.get(place)
    return now if count is None or count.last_at > now + SKEW else max(count.free_at, now)


def _count_attempt(place: Place, before: Count | None, now: datetime, start: datetime) -> Count:
    failures = 1 + (before.failures_now(now) if before else 0)
    return Count(failures, now, start + LANES[place.lane].span(failures), before.alarmed_at if before else None)


def _is_alarming(count: Count, now: datetime) -> bool:
    return count.failures >= ALARM_FROM and (count.alarmed_at is None or now - count.alarmed_at >= ALARM_AGAIN)
