"""The scheduler, and the only module that knows APScheduler. It only ticks: due times are rows, and a tick wakes the part
that reads them.
"""

from collections.abc import Callable
from datetime import UTC, timedelta

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler


class Scheduler:
    """Call each function at its interval, in threads. A late tick is not lost; several missed ticks become one."""

    def __init__(self, ticks: dict[str, tuple[timedelta, Callable[[], None]]]) -> None:
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )
        for name, (interval, function) in ticks.items():
            self._scheduler.add_job(function, "interval", seconds=interval.total_seconds(), id=name)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """Start no further tick. Blocks until a running tick has ended."""
        self._scheduler.shutdown(wait=True)
