"""Nodes that share a PostgreSQL server: one effect for each mail, each letter once, in the order of the senders, whatever dies or stands still."""

from pathlib import Path

import pytest
from support.campaigns import nodes_rig
from support.campaigns.nodes_rig import Plan
from support.servers.databases import PostgresqlServer

MAILS = 96  # `make campaign` has more


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(Plan(seed=2, mails=MAILS, nodes=2, faults=6, minutes=0.15), id="two nodes"),
        pytest.param(Plan(seed=3, mails=MAILS, nodes=2, faults=6, minutes=0.15, clocks=True), id="wrong clocks"),
    ],
)
def test_a_slice_of_the_campaign_over_nodes(
    postgresql_server: PostgresqlServer, postgresql_url: str, tmp_path: Path, plan: Plan
) -> None:
    report = nodes_rig.campaign(tmp_path, postgresql_server, postgresql_url, plan)
    assert not report.faults, report
    assert report.figures["inbound opened"] + report.figures["inbound threaded"] == MAILS
    assert report.figures["pairs of one sender"] == MAILS - nodes_rig.SENDERS
    assert report.faults_made.total() >= plan.faults
    print(report)
