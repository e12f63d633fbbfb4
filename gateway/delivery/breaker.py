"""A breaker leaves a relay in trouble alone for a growing time, and then lets one letter probe it."""

from collections.abc import Callable
from datetime import timedelta

FAILURES = 3  # in succession, before a relay counts as away
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 30, 60, 120, 300, 600))  # the last one repeats


class Breaker:
    """Count failures of the relay itself: no connection, no TLS, no login, 421 before a recipient was named. A refused letter is
    no failure of the relay.

    421 or a loss of the connection after a recipient was named may concern that recipient's domain alone. Such failures count once for
    each domain, so that only a relay that fails for several domains, and serves none meanwhile, counts as away. `monotonic` is a clock in
    seconds.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._failures = 0
        self._domains: set[str] = set()  # that the relay failed for since it last answered
        self._pauses = 0
        self._until = 0.0
        self.trouble = ""  # what is wrong, in one line; "" while the relay works

    @property
    def resting(self) -> bool:
        """Whether the relay is to be left alone now."""
        return bool(self.trouble) and self._monotonic() < self._until

    def record_failure(self, reason: str, domain: str = "") -> None:
        """Count a failure, with the recipient's domain where it was named; after `FAILURES` in succession a pause begins."""
        if self.resting:
            return  # this letter was under way when the pause began
        if domain:
            self._domains.add(domain)
        else:
            self._failures += 1
        if self._failures + len(self._domains) >= FAILURES:
            self.trouble = reason
            pause = PAUSES[min(self._pauses, len(PAUSES) - 1)]
            self._pauses += 1
            self._until = self._monotonic() + pause.total_seconds()

    def record_success(self) -> None:
        """The relay has answered about a letter, whatever the answer was: end the trouble."""
        self._failures = self._pauses = 0
        self._domains.clear()
        self.trouble = ""
