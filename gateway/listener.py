"""Wakes this process when another node has stored mail or written letters. Without it, work is found by the next tick."""

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from threading import Event, Thread

from helpdesk.gateway.observe import Log
from helpdesk.store.database import CannotListen, Database, DatabaseAway, StaleTicket, Unstorable
from helpdesk.store.notify import Wake

SHORTEST_PAUSE = 1.0  # seconds before another attempt to connect; each one after it is twice as long
LONGEST_PAUSE = 30.0

log = Log("helpdesk.listener")


class Listener:
    """A thread that listens to notifications of PostgreSQL and calls `on_wake` for each.

    `on_wake` must return soon. It is also called once for each kind when the listener has connected, because something may have been
    missed. On SQLite and behind a pooler in transaction mode the thread ends at once.
    """

    def __init__(
        self,
        database: Database,
        on_wake: Callable[[Wake], None],
        wakes: Sequence[Wake] = tuple(Wake),
        *,
        pause: float = SHORTEST_PAUSE,
    ) -> None:
        self._database = database
        self._on_wake = on_wake
        self._wakes = wakes
        self._shortest_pause = pause
        self._stopping = Event()
        self._stop_read, self._stop_write = os.pipe()
        self._thread = Thread(target=self._listen, name="listener", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop listening. Blocks until the thread has ended, or for five seconds while it is connecting."""
        self._stopping.set()
        os.write(self._stop_write, b"s")
        if self._thread.ident:
            self._thread.join(5)
        if not self._thread.is_alive():
            os.close(self._stop_read)
            os.close(self._stop_write)

    def _listen(self) -> None:
        pause = self._shortest_pause
        while not self._stopping.is_set():
            try:
                with closing(self._database.notifications(self._wakes, self._stop_read)) as notifications:
                    for wake in notifications:
                        pause = self._shortest_pause
                        self._on_wake(wake)
            except CannotListen as fault:
                log.info("listener.none", reason=str(fault))
                return
            except (DatabaseAway, StaleTicket, Unstorable) as fault:
                log.warning("listener.away", reason=str(fault))
                self._stopping.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
