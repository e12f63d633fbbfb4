"""How long a mailbox is left alone after a failure, by its kind, and when people are told."""

from collections.abc import Callable
from datetime import timedelta

from helpdesk.gateway.doors.mailbox.session import Trouble

# Seconds after the first failure, the second, …; the last one repeats. Many logins in a row lock an account.
WAITS: dict[Trouble, tuple[float, ...]] = {
    Trouble.AWAY: (1, 2, 5, 10, 30, 60, 120, 300),
    Trouble.BUSY: (30, 60, 120, 300),
    Trouble.REFUSED: (60, 300, 600, 900),
    Trouble.DISK: (2, 5),  # costs the server nothing: nobody logs in
}
TOLD_AFTER: dict[Trouble, int] = {
    Trouble.AWAY: 2,
    Trouble.BUSY: 2,
    Trouble.REFUSED: 1,
    Trouble.DISK: 1,
}  # failures in a row; servers restart
JITTER = 0.25  # of each wait, so that many mailboxes do not come back at once


class Failures:
    """Failures in a row of one mailbox. `random` gives numbers from 0 up to 1."""

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self.count = 0
        self.told = False

    def next_wait(self, trouble: Trouble) -> timedelta:
        """Count one more, and how long to wait now."""
        waits = WAITS[trouble]
        seconds = waits[min(self.count, len(waits) - 1)]
        self.count += 1
        return timedelta(seconds=seconds * (1 + JITTER * self._random()))

    def to_be_told(self, trouble: Trouble, *, at_once: bool = False) -> bool:
        """Whether people are to hear of it now: once for each time that it fails, and `at_once` where no restart would explain it."""
        tell = not self.told and (at_once or self.count >= TOLD_AFTER[trouble])
        self.told = self.told or tell
        return tell

    def over(self) -> bool:
        """It works again: whether people had been told that it did not."""
        told, self.told = self.told, False
        return told
