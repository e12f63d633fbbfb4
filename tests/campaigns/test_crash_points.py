"""A node killed before its system calls, and a disk that fails at them: nothing acknowledged is lost, nothing has two effects."""

from collections.abc import Iterator

import pytest
from support.campaigns import crash_rig
from support.campaigns.crash_faults import FAULTS
from support.campaigns.crash_rig import KILLED, Point, Rig
from support.slices import some_of

SOUND = [Point(flow, "", 0) for flow in (*KILLED, "overtaken", "copies")]
# The flow in which each safeguard is missed, and whether it takes a kill to miss it.
MISSED = {
    "reply before commit": ("accept", True),
    "no dedupe": ("ingest", False),
    "no fencing": ("overtaken", False),
    "no unique keys": ("copies", False),
    "no attempts first": ("send", True),
    "two transactions": ("ingest", True),
}
UNDURABLE = {"no fsync": "-wal", "no fsync of folders": "/blobs"}


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with Rig(tmp_path_factory.mktemp("crash")) as made:
        yield made


@pytest.mark.parametrize("point", some_of(SOUND, 5), ids=lambda point: point.flow)
def test_an_undisturbed_flow_keeps_every_promise(rig: Rig, point: Point) -> None:
    answer, faults = rig.run(point)
    assert (answer.ended, answer.told, faults) == (0, "" if point.flow != "accept" else answer.told, [])


def test_kills_spread_over_all_flows_lose_and_double_nothing(rig: Rig) -> None:
    tally = rig.run_all(crash_rig.kill_points(rig, 17))
    assert not tally.faults, tally
    assert len(tally.points) == len(KILLED)
    assert tally.kills >= 13, tally


def test_failures_of_the_disk_are_no_false_250_and_no_crash(rig: Rig) -> None:
    tally = rig.run_all([*crash_rig.error_points(rig, 4, ("accept",)), *crash_rig.error_points(rig, 4, ("ingest", "poll"))])
    assert not tally.faults, tally
    assert tally.errors == 8


def test_a_node_without_descriptors_loses_nothing(rig: Rig) -> None:
    tally = rig.run_all(crash_rig.shortage_points(rig, 4))
    assert not tally.faults, tally
    assert tally.errors >= 3


def test_what_is_acknowledged_has_been_synced_with_its_folders(rig: Rig) -> None:
    trace = rig.trace("accept")
    assert sum(crash_rig.STORED in line for line in trace) == len(rig.stages["accept"].mails)
    assert crash_rig.undurable(trace) == []


@pytest.mark.parametrize("fault", UNDURABLE)
def test_a_missing_fsync_is_noticed(rig: Rig, fault: str) -> None:
    assert any(UNDURABLE[fault] in path for path in crash_rig.undurable(rig.trace("accept", fault)))


@pytest.mark.parametrize("fault", some_of(MISSED, 2))
def test_a_missing_safeguard_is_noticed(rig: Rig, fault: str) -> None:
    flow, by_kill = MISSED[fault]
    points = crash_rig.spread(rig.points(flow), 30) if by_kill else [Point(flow, "", 0)]
    assert any(rig.run(point, fault)[1] for point in points)


def test_every_defect_that_can_be_built_in_is_tried() -> None:
    assert {*MISSED, *UNDURABLE} == set(FAULTS)
