"""Leaves a relay alone that is in trouble, for a growing time; then one letter probes it."""

from collections.abc import Callable
from datetime import timedelta

FAILURES = 3  # in succession, before a relay counts as away
PAUSES = tuple(timedelta(seconds=one) for one in (5, 15, 30, 60, 120, 300, 600))  # the last one repeats


class Breaker:
    """Counts what went wrong with the relay itself: no connection, no TLS, no login, 421. What it says about a letter is no trouble.

    `monotonic` is a clock in seconds.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._failures = 0
        self._pauses = 0
        self._until = 0.0
        self.trouble = ""  # what is wrong, in one line; "" while nothing is

    @property
    def resting(self) -> bool:
        """Whether the relay is to be left alone now."""
        return bool(self.trouble) and self._monotonic() < self._until

    def failed(self, reason: str) -> None:
        if self.resting:
            return  # a letter that was under way when the pause began
        self._failures += 1
        if self._failures >= FAILURES:
            self.trouble = reason
            pause = PAUSES[min(self._pauses, len(PAUSES) - 1)]
            self._pauses += 1
            self._until = self._monotonic() + pause.total_seconds()

    def succeeded(self) -> None:
        """The relay has answered about a letter, whatever it said."""
        self._failures = self._pauses = 0
        self.trouble = ""
