"""`helpdesk status`: one line for each thing that may be wrong, the worst first, and the exit code of a monitoring plugin."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.desk.story import StoryDesk, configured

from helpdesk.gateway.cli.status import status_command
from helpdesk.gateway.node.signs_of_life import SignsOfLife


def status(config: Path, *options: str) -> Result:
    return CliRunner().invoke(status_command, ["--config", str(config), *options])


def file_of(desk: StoryDesk) -> Path:
    return desk.node.configuration.settings.folder / "helpdesk.toml"


def test_a_running_desk_is_well_and_one_without_a_node_is_not(desk: StoryDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    config = file_of(desk)
    stopped = status(config)
    assert stopped.exit_code == 2
    assert stopped.output.splitlines()[0] == "CRITICAL  nodes: no node is running; start one with `helpdesk serve`"
    monkeypatch.setattr("helpdesk.gateway.cli.status.clock_for", lambda database: StoppedClock(desk))
    life = SignsOfLife(desk.node)
    life.beat()
    well = status(config)
    assert (well.exit_code, {line.split()[0] for line in well.output.splitlines()}) == (0, {"OK"})
    found = json.loads(status(config, "--json").output)
    assert (found["status"], found["code"], found["condition"]["mails"]["count"]) == ("ok", 0, 0)
    assert found["condition"]["nodes"][0]["policy"] == desk.node.configuration.policy.digest
    life.end()
    assert status(config).exit_code == 2


class StoppedClock:
    """The clock of a story."""

    def __init__(self, desk: StoryDesk) -> None:
        self._desk = desk

    def tick(self) -> None:
        """It stands still."""

    def __call__(self) -> object:
        return self._desk.node.clock()


def test_what_cannot_be_asked_is_unknown_or_critical_in_one_line_each(tmp_path: Path) -> None:
    missing = status(tmp_path / "nowhere.toml")
    assert missing.exit_code == 3
    assert missing.output.startswith("UNKNOWN   configuration: ") and missing.output.count("\n") == 1
    config = configured(tmp_path / "desk")
    empty = status(config)
    assert empty.exit_code == 2
    assert "CRITICAL  database: it does not answer: the database file" in empty.output
    away = configured(tmp_path / "away", database="postgresql+psycopg://nobody@127.0.0.1:1/none")
    gone = json.loads(status(away, "--json").output)
    assert (gone["status"], gone["code"], gone["condition"]) == ("critical", 2, None)
    assert gone["findings"][0]["subject"] == "database"
