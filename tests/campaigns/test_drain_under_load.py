"""SIGTERM under load: what has begun finishes, nothing stays claimed, the exit code is 0."""

from pathlib import Path

import pytest
from support.campaigns import drain_rig


@pytest.mark.timeout(600)
def test_a_node_that_is_told_to_stop_finishes_what_it_began(tmp_path: Path) -> None:
    report = drain_rig.campaign(tmp_path, seed=3, stops=2)
    assert not report.faults, report
    assert report.figures["acknowledged"] >= 2
