"""Two nodes get the next release one after the other while people write: nothing is lost or doubled, and nothing is refused for good."""

import os
from pathlib import Path

import pytest
from support.campaigns import rolling_upgrade
from support.servers.databases import PostgresqlServer

from helpdesk.store.database import Database
from helpdesk.store.migrate import migrate

if os.environ.get("HELPDESK_LONG_TESTS"):  # a minute; `make campaign` has it with any seed

    @pytest.mark.timeout(600)
    def test_two_nodes_are_upgraded_under_load(postgresql_server: PostgresqlServer, tmp_path: Path) -> None:
        url = postgresql_server.create()
        database = Database(url)
        migrate(database)
        database.close()
        report = rolling_upgrade.campaign(tmp_path, postgresql_server, url, seed=3, mails=18, pause=3.0)
        assert not report.faults, report
        assert report.figures["messages of first"] > 0
        assert report.figures["messages of next"] > 0
        print(report)
