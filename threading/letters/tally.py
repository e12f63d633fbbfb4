"""How many automatic letters went out recently, by the limits against which they count.

Letters that mail without proof brings about are counted apart from all others, so that a flood of it uses up nothing that proved mail needs.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from helpdesk.threading.letters.order import LetterOrder
from helpdesk.threading.model.notice import ANSWERING_FIRST_MAIL

MINUTE, TEN_MINUTES, HOUR, DAY = timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(days=1)
DESK = "desk"


def confirmations(counted_as: str) -> str:
    """The key under which the confirmations among the letters to one address are counted."""
    return f"confirmations:{counted_as}"


def of_domain(domain: str) -> str:
    return f"domain:{domain}"


def apart(key: str, unproved: bool) -> str:
    """The same key in the separate count for mail without proof."""
    return f"unproved:{key}" if unproved else key


def of_strangers(address: str) -> str:
    """The key for letters to a staff member about mail without proof."""
    return f"strangers:{address}"


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of letters in the last minute, ten minutes, hour and day, by `LetterLimits.counted_as` and by the keys of this module."""

    minute: Mapping[str, int] = field(default_factory=dict)
    ten_minutes: Mapping[str, int] = field(default_factory=dict)
    hour: Mapping[str, int] = field(default_factory=dict)
    day: Mapping[str, int] = field(default_factory=dict)

    def within(self, span: timedelta, key: str) -> int:
        return {MINUTE: self.minute, TEN_MINUTES: self.ten_minutes, HOUR: self.hour, DAY: self.day}[span].get(key, 0)

    def plus(self, orders: Iterable[LetterOrder]) -> "Tally":
        """The counts with letters that are ordered but not recorded yet."""
        more = Counter(key for order in orders for key in keys_of(order))
        if not more:
            return self
        return Tally(*(Counter(known) + more for known in (self.minute, self.ten_minutes, self.hour, self.day)))


def keys_of(order: LetterOrder) -> tuple[str, ...]:
    """All keys against which a letter counts; none where it does not go out."""
    limits = order.limits
    if limits.suppressed or not limits.counted_as:
        return ()
    whole = (of_domain(limits.counted_domain), DESK) if limits.counted_domain else ()
    first = (confirmations(limits.counted_as),) if order.notice in ANSWERING_FIRST_MAIL else ()
    return tuple(apart(key, limits.unproved) for key in (limits.counted_as, *whole, *first))
