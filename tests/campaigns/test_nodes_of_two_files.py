"""Two nodes of one desk whose files differ: neither wins in silence, and the operator is told."""

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from support.campaigns.keys_rig import Pair
from support.servers.databases import PostgresqlServer
from support.servers.peers import wait_for

from helpdesk.gateway.cli.status import status_command

OMAR, OLGA = (f'name = "{name}"\naddress = "{name.split()[0].lower()}@desk.example"' for name in ("Omar Haddad", "Olga Ruiz"))


def told(config: Path) -> dict[str, Any]:
    """What `helpdesk status` says about the policies; {} where it says nothing."""
    said = json.loads(CliRunner().invoke(status_command, ["--json", "--config", str(config)]).stdout)
    return next((line for line in said["findings"] if line["subject"] == "policy"), {})


@pytest.mark.timeout(300)
def test_the_node_that_starts_last_with_another_file_does_not_win(postgresql_server: PostgresqlServer, tmp_path: Path) -> None:
    with ExitStack() as closing:
        pair = Pair(tmp_path, postgresql_server, closing, differs=(OMAR, OLGA))
        configs = [folder / "helpdesk.toml" for folder in pair.folders]
        for config in configs:
            wait_for(lambda config=config: bool(told(config)), "the policies are compared")  # type: ignore[misc]  # mypy infers no default of a lambda
            assert told(config)["level"] == "ok" and "give all of them the same files" in told(config)["text"]
        assert "directory.differs" in (tmp_path / "two" / "log").read_text()
        with psycopg.connect(pair.url, autocommit=True) as connection:
            staff = connection.execute("SELECT address FROM staff WHERE active").fetchall()
            assert {("omar@desk.example",), ("olga@desk.example",)} <= set(
                staff
            )  # the newcomer is added, and nobody is taken away
            earlier = "UPDATE heartbeat SET policy_since = policy_since - interval '11 minutes'"
            # The nodes write their row every 15 seconds.
            wait_for(lambda: bool(connection.execute(earlier)) and told(configs[0])["level"] == "critical", "it is critical")

        configs[1].write_text(configs[1].read_text().replace(OLGA, OMAR))
        pair.give(1)
        wait_for(lambda: not told(configs[0]), "the policies are the same")
        for gateway in pair.gateways:
            assert gateway.stop() == 0
