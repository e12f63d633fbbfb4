"""How many automatic letters have gone out of late, by what they count against.

Letters that mail without proof brings about are counted apart from all others, so that a flood of it uses up nothing that proved mail needs.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from helpdesk.threading.letters.order import LetterOrder
from helpdesk.threading.model.notice import Notice

MINUTE, TEN_MINUTES, HOUR, DAY = timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(days=1)
DESK = "desk"


def confirmations(counted_as: str) -> str:
    """The key under which the confirmations among the letters to one address are counted."""
    return f"confirmations:{counted_as}"


def of_domain(domain: str) -> str:
    return f"domain:{domain}"


def apart(key: str, unproved: bool) -> str:
    """The key for the same thing where mail without proof is counted."""
    return f"unproved:{key}" if unproved else key


def of_strangers(address: str) -> str:
    """The key under which a staff member's letters about mail without proof are counted."""
    return f"strangers:{address}"


@dataclass(frozen=True, slots=True)
class Tally:
    """Letters of the last minute, ten minutes, hour and day. The keys are `LetterLimits.counted_as`, and those that this module makes."""

    minute: Mapping[str, int] = field(default_factory=dict)
    ten_minutes: Mapping[str, int] = field(default_factory=dict)
    hour: Mapping[str, int] = field(default_factory=dict)
    day: Mapping[str, int] = field(default_factory=dict)

    def within(self, span: timedelta, key: str) -> int:
        return {MINUTE: self.minute, TEN_MINUTES: self.ten_minutes, HOUR: self.hour, DAY: self.day}[span].get(key, 0)

    def plus(self, orders: Iterable[LetterOrder]) -> "Tally":
        """With letters that are ordered now and stand in no row yet."""
        more = Counter(key for order in orders for key in keys_of(order))
        if not more:
            return self
        return Tally(*(Counter(known) + more for known in (self.minute, self.ten_minutes, self.hour, self.day)))


def keys_of(order: LetterOrder) -> tuple[str, ...]:
    """Everything that a letter counts against; nothing where it does not go out."""
    limits = order.limits
    if limits.suppressed or not limits.counted_as:
        return ()
    whole = (of_domain(limits.counted_domain), DESK) if limits.counted_domain else ()
    first = (confirmations(limits.counted_as),) if order.notice is Notice.CONFIRMATION else ()
    return tuple(apart(key, limits.unproved) for key in (limits.counted_as, *whole, *first))
