"""The PostgreSQL server is killed under a node at work: clients keep their mail for that time, and nothing is lost or doubled."""

from pathlib import Path

import pytest
from support.campaigns import restart_rig
from support.servers.databases import PostgresqlServer


@pytest.mark.timeout(600)
def test_a_server_that_is_killed_under_load_loses_and_doubles_nothing(
    postgresql_server: PostgresqlServer, postgresql_url: str, tmp_path: Path
) -> None:
    report = restart_rig.campaign(tmp_path, postgresql_server, postgresql_url, seed=4, kills=2)
    assert not report.faults, report
    assert report.kills["server"] == 2
