"""Ticks go on when the machine's wall clock goes back an hour."""

import datetime as standard
from collections.abc import Iterator
from datetime import UTC, timedelta
from threading import Event

import apscheduler.schedulers.base
import apscheduler.triggers.interval
import pytest
from support.servers.peers import PATIENCE, wait_for

from helpdesk.gateway.clock import MachineClock
from helpdesk.gateway.scheduler import Scheduler

SHORT = timedelta(milliseconds=20)


class ShiftedTime(standard.datetime):
    """The time as APScheduler reads it."""

    shift = timedelta(0)

    @classmethod
    def now(cls, tz: standard.tzinfo | None = None) -> standard.datetime:  # type: ignore[override]
        return standard.datetime.now(tz) + cls.shift


@pytest.fixture
def shifted(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[ShiftedTime]]:
    for module in (apscheduler.schedulers.base, apscheduler.triggers.interval):
        monkeypatch.setattr(module, "datetime", ShiftedTime)
    yield ShiftedTime
    ShiftedTime.shift = timedelta(0)


@pytest.mark.parametrize("hours", [-1, 1])
def test_ticks_go_on_after_a_jump(shifted: type[ShiftedTime], hours: int) -> None:
    ticks: list[int] = []
    scheduler = Scheduler({"work": (SHORT, lambda: ticks.append(1))})
    scheduler.start()
    try:
        wait_for(lambda: len(ticks) > 1, "no tick")
        shifted.shift = timedelta(hours=hours)
        before = len(ticks)
        wait_for(lambda: len(ticks) > before + 3, "no tick after the clock has jumped")
    finally:
        scheduler.stop()


def test_a_tick_that_takes_long_is_not_called_for_again(caplog: pytest.LogCaptureFixture) -> None:
    seconds, begun, free = [0.0], Event(), Event()

    def tick() -> None:
        begun.set()
        free.wait(PATIENCE)

    scheduler = Scheduler({"work": (timedelta(hours=1), tick)}, monotonic=lambda: seconds[0])
    scheduler.start()
    try:
        seconds[0] = 3602.0
        assert begun.wait(PATIENCE)
        seconds[0] = 9999.0
        scheduler.look()
    finally:
        free.set()
        scheduler.stop()
    assert not [record for record in caplog.records if "skipped" in record.message]


def test_a_jump_of_the_machines_clock_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    seconds, shift = [100.0], [0.0]
    clock = MachineClock(monotonic=lambda: seconds[0], wall=lambda: 1e9 + seconds[0] + shift[0])
    before = clock()
    assert before == standard.datetime.fromtimestamp(1e9 + 100, UTC)
    for seconds[0] in (102.0, 104.0):
        clock.tick()
    shift[0] = -3600.0
    for seconds[0] in (106.0, 108.0):
        clock.tick()
    assert [record.message for record in caplog.records] == ["clock.jumped"]
    assert clock() == before + timedelta(seconds=8 - 3600)  # the machine's wall clock is the authority on SQLite
