"""Reloads under load: no session is cut, no mail is lost, and a wrong file each tenth time changes nothing."""

from pathlib import Path

import pytest
from support.campaigns import reload_rig


@pytest.mark.timeout(600)
def test_a_node_that_is_reloaded_again_and_again_loses_no_session_and_no_mail(tmp_path: Path) -> None:
    report = reload_rig.campaign(tmp_path, seed=3, reloads=10)
    assert not report.faults, report
    assert report.kills["wrong"] == 1
    assert report.figures["acknowledged"] >= 10
