"""The mail domains that letters go to, and how long letters to one of them wait while the relay cannot serve it.

A relay often has trouble with one domain alone: its next hop is down, a filter fails for it. The letters to that domain then take turns: one
of them is tried after each pause, and the others lose no attempt. Letters to other domains do not wait. No I/O; moments are seconds of a
monotonic clock.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from helpdesk.gateway.delivery.reply import RelayReply, domain_of_recipient

DELAYS = 3  # letters to one domain that were delayed in succession, before its letters take turns
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (15, 30, 60, 120, 300, 600))  # the last one repeats
MOST_DOMAINS = 10_000  # domains with delays that are remembered; the one that was remembered first is forgotten


@dataclass(slots=True)
class _Trouble:
    delays: int = 0
    pauses: int = 0
    until: float = 0.0
    probing: int = 0  # the letter that is being tried, 0 for none


class Destinations:
    """What is known of the domains to which letters were delayed. `monotonic` is a clock in seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._troubles: dict[str, _Trouble] = {}

    def wait_for(self, letter_id: int, recipient: str) -> timedelta | None:
        """How long a letter has to wait for its domain's next turn. None says that it may be tried now, and may take the turn.

        Whoever gets None must call `record` for this letter, or `leave` where it was not tried.
        """
        trouble = self._troubles.get(domain_of_recipient(recipient))
        if trouble is None or trouble.delays < DELAYS:
            return None
        left = trouble.until - self._monotonic()
        if left > 0:
            return timedelta(seconds=left)
        if trouble.probing not in (0, letter_id):
            return self._pause(trouble)
        trouble.probing = letter_id
        return None

    def record(self, letter_id: int, recipient: str, reply: RelayReply) -> str:
        """Take notice of a reply about a letter. Return "delayed" where the domain's letters begin to take turns with it, "served" where
        that ends, and "" otherwise.
        """
        domain = domain_of_recipient(recipient)
        if reply.untried or reply.before_recipient:
            self.leave(letter_id, recipient)
            return ""
        if not reply.delays:
            ended = self._troubles.pop(domain, None)
            return "served" if ended and ended.pauses else ""
        trouble = self._troubles.setdefault(domain, _Trouble())
        if len(self._troubles) > MOST_DOMAINS:
            del self._troubles[next(iter(self._troubles))]
        return self._count_delay(trouble, letter_id)

    def leave(self, letter_id: int, recipient: str) -> None:
        """Give back the turn of a letter that was not tried."""
        trouble = self._troubles.get(domain_of_recipient(recipient))
        if trouble is not None and trouble.probing == letter_id:
            trouble.probing = 0

    def _count_delay(self, trouble: _Trouble, letter_id: int) -> str:
        trouble.delays += 1
        is_probe = trouble.probing == letter_id
        if is_probe:
            trouble.probing = 0
        if trouble.delays < DELAYS or (trouble.pauses and not is_probe):
            return ""  # a letter that was under way when the pause began makes it no longer
        trouble.until = self._monotonic() + self._pause(trouble).total_seconds()
        trouble.pauses += 1
        return "delayed" if trouble.pauses == 1 else ""

    @staticmethod
    def _pause(trouble: _Trouble) -> timedelta:
        return PAUSES[min(trouble.pauses, len(PAUSES) - 1)]
