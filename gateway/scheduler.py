"""The scheduler, and the only module that knows APScheduler. It only ticks: due times are rows, and a tick wakes the part
that reads them.
"""

import math
import time
from collections.abc import Callable
from datetime import UTC, timedelta
from threading import Event, Thread

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

LATE = timedelta(seconds=1)  # after which a tick that has not begun is called for
LOOK = timedelta(seconds=0.5)


class Scheduler:
    """Call each function at its interval, in threads. A late tick is not lost; several missed ticks become one.

    APScheduler plans by the wall clock, so a clock that goes back an hour would stop all ticks for an hour. A thread of our own
    notices by the monotonic clock that a tick is late, and has it planned anew. Call `look` for that if `start` is not used.
    """

    def __init__(
        self, ticks: dict[str, tuple[timedelta, Callable[[], None]]], *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._monotonic = monotonic
        self._intervals = {name: interval for name, (interval, _) in ticks.items()}
        self._latest = dict.fromkeys(ticks, monotonic())  # when each tick ended, or infinity while it runs
        self._stopping = Event()
        self._guard = Thread(target=self._look_until_stopped, name="late-ticks", daemon=True)
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )
        for name, (interval, function) in ticks.items():
            self._scheduler.add_job(self._tick, "interval", args=(name, function), seconds=interval.total_seconds(), id=name)

    def start(self) -> None:
        self._latest = dict.fromkeys(self._latest, self._monotonic())
        self._scheduler.start()
        self._guard.start()

    def stop(self) -> None:
        """Start no further tick. Blocks until a running tick has ended. Does nothing if the scheduler has not started."""
        self._stopping.set()
        if self._scheduler.running:
            self._guard.join()
            self._scheduler.shutdown(wait=True)

    def look(self) -> None:
        """Plan those ticks anew, from now on, that should have begun a second ago by the monotonic clock."""
        now = self._monotonic()
        for name, interval in self._intervals.items():
            if now - self._latest[name] > (interval + LATE).total_seconds():
                self._latest[name] = now
                job = self._scheduler.reschedule_job(name, trigger="interval", seconds=interval.total_seconds())
                job.modify(next_run_time=job.next_run_time - interval)  # at once, by the clock that APScheduler reads

    def _tick(self, name: str, function: Callable[[], None]) -> None:
        self._latest[name] = math.inf
        try:
            function()
        finally:
            self._latest[name] = self._monotonic()

    def _look_until_stopped(self) -> None:
        while not self._stopping.wait(LOOK.total_seconds()):
            self.look()
