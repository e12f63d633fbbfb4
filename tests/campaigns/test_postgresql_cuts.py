"""A PostgreSQL connection that ends at any message, also while COMMIT is on its way: nothing is lost, nothing has two effects."""

from pathlib import Path

import pytest
from support.campaigns import cut_rig
from support.campaigns.cut_rig import CutRig
from support.servers.databases import PostgresqlServer


@pytest.fixture
def rig(postgresql_server: PostgresqlServer, tmp_path: Path) -> CutRig:
    return CutRig(postgresql_server, tmp_path)


def test_an_undisturbed_run_keeps_every_promise(rig: CutRig) -> None:
    assert rig.run(0) == (False, [])


def test_a_commit_of_which_nobody_learns_is_found_by_its_key(rig: CutRig) -> None:
    numbers = cut_rig.around_commits(rig.messages())
    assert len(numbers) >= 40  # accept, claim, record, claim and settle letters: asked and answered
    outcomes = [rig.run(number) for number in numbers[: -len(numbers) // 10 : len(numbers) // 10]]
    assert [fault for _, faults in outcomes for fault in faults] == []
    assert sum(cut for cut, _ in outcomes) >= 0.8 * len(outcomes)


def test_a_cut_anywhere_loses_and_doubles_nothing(rig: CutRig) -> None:
    total = len(rig.messages()) * 9 // 10  # the count differs a little from run to run
    outcomes = [rig.run(number) for number in range(1, total, total // 8)]
    assert [fault for _, faults in outcomes for fault in faults] == []
    assert sum(cut for cut, _ in outcomes) >= 0.8 * len(outcomes)
