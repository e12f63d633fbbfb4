"""The clock of mail data: it may neither take too long nor come too slowly."""

import asyncio
from collections.abc import Callable

from helpdesk.gateway.doors import replies
from helpdesk.gateway.doors.data import DataCollector
from helpdesk.gateway.doors.replies import Reply

LEAST_PACE = 500  # octets of mail data a second, on average over each `PACE_WINDOW`
PACE_WINDOW = 60.0  # seconds


class DataWatch:
    """End a session whose mail data takes longer than `seconds`, or comes slower than `LEAST_PACE`."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        collector: DataCollector,
        seconds: float,
        hang_up: Callable[[Reply], None],
    ) -> None:
        self._loop = loop
        self._collector = collector
        self._deadline = loop.time() + seconds
        self._window = min(PACE_WINDOW, seconds)
        self._hang_up = hang_up
        self._seen = 0
        self._timer = loop.call_later(self._window, self._look)

    def cancel(self) -> None:
        self._timer.cancel()

    def _look(self) -> None:
        came, self._seen = self._collector.received - self._seen, self._collector.received
        if self._loop.time() >= self._deadline:
            self._hang_up(replies.TIMED_OUT)
        elif came < LEAST_PACE * self._window:
            self._hang_up(replies.TOO_SLOW)
        else:
            self._timer = self._loop.call_later(self._window, self._look)
