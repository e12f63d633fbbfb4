"""No mail that was acknowledged is lost or doubled when the node is killed at any moment."""

from pathlib import Path

import pytest
from support.campaigns import kill_rig

KILLS = 6  # `make campaign` has more


@pytest.mark.timeout(1200)
def test_kills_at_any_moment_lose_and_double_nothing(tmp_path: Path) -> None:
    report = kill_rig.campaign(tmp_path, seed=9, kills=KILLS)
    assert not report.faults, report
    assert report.kills.total() == KILLS
    assert report.figures["acknowledged"] >= KILLS
    print(report)
