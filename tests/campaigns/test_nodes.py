"""Nodes that share a PostgreSQL server: one effect for each mail, each letter once, in the order of the senders, whatever dies or stands still."""

from pathlib import Path

import pytest
from support.campaigns import nodes_rig
from support.campaigns.nodes_rig import Plan
from support.servers.databases import PostgresqlServer

# Two nodes whose clocks are wrong too; `make campaign` has more of everything.
PLAN = Plan(seed=3, mails=72, nodes=2, faults=6, minutes=0.15, clocks=True)


@pytest.mark.timeout(600)
def test_a_slice_of_the_campaign_over_nodes(postgresql_server: PostgresqlServer, postgresql_url: str, tmp_path: Path) -> None:
    report = nodes_rig.campaign(tmp_path, postgresql_server, postgresql_url, PLAN)
    assert not report.faults, report
    assert report.figures["inbound opened"] + report.figures["inbound threaded"] == PLAN.mails
    assert report.figures["pairs of one sender"] == PLAN.mails - nodes_rig.SENDERS
    assert report.faults_made.total() >= PLAN.faults
    print(report)
