"""Nodes that share a PostgreSQL database decide by its clock, whatever their own clocks say."""

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.servers.databases import PostgresqlServer
from support.servers.peers import missing

from helpdesk.gateway.clock import DatabaseClock, MachineClock, clock_for
from helpdesk.store.database import Database, DatabaseAway

START = 1_800_000_000.0


@dataclass
class Scene:
    """A database, a machine and the seconds that pass for both. `trips` are the seconds that each answer takes; each is used once."""

    passed: float = 0.0
    database_shift: float = 0.0
    wall_shift: float = 0.0
    away: bool = False
    asked: int = 0
    trips: list[float] = field(default_factory=list)
    way_there: float = 1.0  # the part of each trip before the database reads its clock; 0.5 makes an estimate by halves exact

    def moments(self, count: int) -> Iterator[datetime]:
        for _ in range(count):
            self.asked += 1
            if self.away:
                raise DatabaseAway("gone")
            trip = self.trips.pop(0) if self.trips else 0.0
            self.passed += trip * self.way_there
            moment = datetime.fromtimestamp(self.database_time, UTC)
            self.passed += trip * (1 - self.way_there)
            yield moment

    @property
    def database_time(self) -> float:
        return START + self.passed + self.database_shift

    def clock(self) -> DatabaseClock:
        return DatabaseClock(self, monotonic=lambda: self.passed, wall=lambda: START + self.passed + self.wall_shift)  # type: ignore[arg-type]


def events(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records]


def test_the_time_is_the_databases_and_the_nodes_own_clock_changes_nothing() -> None:
    scene = Scene(database_shift=7.0, wall_shift=-300.0)
    clock = scene.clock()
    assert clock().timestamp() == pytest.approx(START + 7, abs=1e-6)
    for scene.wall_shift in (300.0, -3600.0, 0.0):
        scene.passed += 5
        clock.tick()
        assert clock().timestamp() == pytest.approx(scene.database_time, abs=1e-6)


def test_between_measurements_nothing_is_asked() -> None:
    scene = Scene()
    clock = scene.clock()
    clock.tick()
    asked = scene.asked
    for _ in range(14):
        scene.passed += 2
        clock.tick()
        clock()
    assert scene.asked == asked
    scene.passed += 2
    clock.tick()
    assert scene.asked > asked


def test_a_jump_of_the_nodes_clock_has_the_database_asked_at_once() -> None:
    """A virtual machine that was paused for a minute counted none of it, until its host put its wall clock right."""
    scene = Scene()
    clock = scene.clock()
    clock()
    scene.database_shift = scene.wall_shift = 60.0
    scene.passed += 2
    clock.tick()
    assert clock().timestamp() == pytest.approx(scene.database_time, abs=1e-6)


def test_the_quickest_answer_counts() -> None:
    scene = Scene(trips=[0.4, 0.3, 0.002, 0.2])
    assert scene.clock()().timestamp() == pytest.approx(scene.database_time, abs=0.0011)


def test_the_database_reads_its_clock_in_the_middle_of_the_round_trip() -> None:
    scene = Scene(trips=[0.1] * 4, way_there=0.5)
    assert scene.clock()().timestamp() == pytest.approx(scene.database_time, abs=1e-6)


def test_an_answer_that_took_long_does_not_move_the_clock() -> None:
    scene = Scene()
    clock = scene.clock()
    clock()
    scene.passed += 60
    scene.trips = [3.0, 4.0, 3.0, 4.0]
    clock.tick()
    assert clock().timestamp() == pytest.approx(scene.database_time, abs=1e-6)


def test_a_correction_never_gives_an_earlier_time() -> None:
    scene = Scene()
    clock = scene.clock()
    before = clock()
    scene.database_shift = -1.5
    scene.passed += 31
    times = [before]
    for _ in range(40):
        clock.tick()
        times.append(clock())
        scene.passed += 0.1
    assert times == sorted(times)
    scene.passed += 2
    assert clock().timestamp() == pytest.approx(scene.database_time, abs=1e-6)


def test_the_correction_just_before_a_measurement_stands_still() -> None:
    scene = Scene()
    clock = scene.clock()
    clock()
    scene.passed += 31
    before = clock()
    scene.database_shift = -1.5
    clock.tick()
    assert clock() == before
    scene.passed += 1.5
    assert clock() == before
    scene.passed += 1.0
    assert clock() == before + timedelta(seconds=1)


def test_a_database_whose_clock_goes_back_is_followed_and_said(caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene()
    clock = scene.clock()
    clock()
    scene.database_shift = scene.wall_shift = -3600.0
    scene.passed += 31
    clock.tick()
    assert clock().timestamp() == pytest.approx(scene.database_time, abs=1e-6)
    assert events(caplog) == ["clock.database_went_back"]


def test_a_node_whose_clock_differs_says_so_once_and_once_more_when_it_is_right(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    scene = Scene(wall_shift=300.0)
    clock = scene.clock()
    for scene.wall_shift in (300.0, 300.0, 1.5, 0.2, 0.2, 1.9, -2.1):
        scene.passed += 31
        clock.tick()
    assert events(caplog) == ["clock.apart", "clock.right", "clock.apart"]


def test_while_the_database_is_away_the_clock_goes_on() -> None:
    scene = Scene(database_shift=5.0)
    clock = scene.clock()
    clock()
    scene.away = True
    scene.passed += 1000
    clock.tick()
    assert clock().timestamp() == pytest.approx(scene.database_time, abs=1e-6)


def test_without_a_first_answer_there_is_no_time() -> None:
    with pytest.raises(DatabaseAway):
        Scene(away=True).clock()()


def test_the_time_of_a_real_server(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    clock = clock_for(database)
    clock.tick()
    [earlier] = database.moments(1)
    between = clock()
    [later] = database.moments(1)
    assert earlier - timedelta(seconds=1) < between < later + timedelta(seconds=1)
    database.close()


def test_a_desk_on_sqlite_takes_the_time_of_its_machine(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    assert isinstance(clock_for(database), MachineClock)
    database.close()


SHIFTED = """
import logging, sys, time
from helpdesk.gateway.clock import clock_for
from helpdesk.store.database import Database
logging.basicConfig(stream=sys.stderr, format="%(message)s")
database = Database(sys.argv[1])
clock = clock_for(database)
clock.tick()
[moment] = database.moments(1)
print(abs((clock() - moment).total_seconds()) < 5, round((time.time() - moment.timestamp()) / 60))
"""


def test_a_process_whose_clock_is_five_minutes_ahead_has_the_databases_time(
    postgresql_server: PostgresqlServer, postgresql_url: str
) -> None:
    faketime = shutil.which("faketime")
    if faketime is None:
        missing("faketime")
    assert faketime
    environment = {**os.environ, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
    ended = subprocess.run(
        [faketime, "-f", "+300s", sys.executable, "-c", SHIFTED, postgresql_url],
        capture_output=True,
        text=True,
        env=environment,
        cwd=Path(__file__).parent,
        check=True,
        timeout=120,
    )
    assert ended.stdout.split() == ["True", "5"]
    assert "clock.apart" in ended.stderr
