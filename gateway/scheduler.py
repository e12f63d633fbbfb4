"""The door to APScheduler: it only ticks. What is due, and when, stands in rows; a tick wakes whoever looks at them."""

from collections.abc import Callable
from datetime import UTC, timedelta

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler


class Scheduler:
    """Calls each function at its interval, in threads. A tick that comes late is not lost, several missed ones are one."""

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
        """No tick begins after this returns; one that runs ends first."""
        self._scheduler.shutdown(wait=True)
