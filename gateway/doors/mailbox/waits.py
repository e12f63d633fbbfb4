"""How long a mailbox is left alone after a failure, and when the failure is reported to people."""

from collections.abc import Callable
from datetime import timedelta

from helpdesk.gateway.doors.mailbox.session import MailboxTrouble

# Seconds after the first failure, the second, …; the last one repeats. Servers lock accounts after many logins in a row.
WAITS: dict[MailboxTrouble, tuple[float, ...]] = {
    MailboxTrouble.AWAY: (1, 2, 5, 10, 30, 60, 120, 300),
    MailboxTrouble.BUSY: (30, 60, 120, 300),
    MailboxTrouble.REFUSED: (60, 300, 600, 900),
    MailboxTrouble.DISK: (2, 5),  # no login is tried, so short waits cost the server nothing
}
REPORTED_AFTER: dict[MailboxTrouble, int] = {
    MailboxTrouble.AWAY: 2,
    MailboxTrouble.BUSY: 2,
    MailboxTrouble.REFUSED: 1,
    MailboxTrouble.DISK: 1,
}  # failures in a row; a server that merely restarts is not reported
JITTER = 0.25  # share of each wait that is random, so that many mailboxes do not return at once


class Failures:
    """The failures of one mailbox since it last worked. `random` gives numbers from 0 up to 1."""

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self.count = 0
        self.reported = False

    def next_wait(self, trouble: MailboxTrouble) -> timedelta:
        """Count one more failure, and return how long to wait now."""
        waits = WAITS[trouble]
        seconds = waits[min(self.count, len(waits) - 1)]
        self.count += 1
        return timedelta(seconds=seconds * (1 + JITTER * self._random()))

    def should_report(self, trouble: MailboxTrouble, *, at_once: bool = False) -> bool:
        """Whether people are to be told now: once for each series of failures, and `at_once` where no restart would explain
        the failure.
        """
        tell = not self.reported and (at_once or self.count >= REPORTED_AFTER[trouble])
        self.reported = self.reported or tell
        return tell

    def end(self) -> bool:
        """End the series of failures, and return whether people had been told of it."""
        reported, self.reported = self.reported, False
        return reported
