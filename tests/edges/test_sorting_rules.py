"""`helpdesk simulate` explains what the operator's rules make of each mail of a table."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from support.desk.rule_cases import CASES, RULES
from support.desk.story import StoryDesk, configured, direct_desk

from helpdesk.gateway.cli.explain import simulate_command
from helpdesk.gateway.work.kind import MailReader


def simulated(desk: StoryDesk, folder: Path) -> dict[str, dict[str, Any]]:
    """What `simulate` says about each case, by its name: one call for all mails of a peer."""
    by_peer: dict[str, list[tuple[str, Path]]] = defaultdict(list)
    for place, case in enumerate(CASES):
        path = folder / f"{place:02}.eml"
        path.write_bytes(case.content)
        by_peer[case.peer].append((case.name, path))
    config = desk.node.configuration.settings.folder / "helpdesk.toml"
    told: dict[str, dict[str, Any]] = {}
    for peer, files in by_peer.items():
        words = ["--json", "--peer", peer, "--config", str(config), *(str(path) for _, path in files)]
        done = CliRunner().invoke(simulate_command, words, catch_exceptions=False)
        answers = [json.loads(line) for line in done.output.splitlines()]
        assert len(answers) == len(files)
        told |= {name: answer for (name, _), answer in zip(files, answers, strict=True)}
    return told


def test_each_mail_of_the_table_is_sorted_and_explained(tmp_path: Path, reader: MailReader) -> None:
    with direct_desk(configured(tmp_path / "desk", more=RULES), reader) as desk:
        told = simulated(desk, tmp_path)
    assert len(CASES) == len(told) == 60
    for case in CASES:
        answer = told[case.name]
        sorting, triage, text = answer["sorting"], answer["triage"] or {}, str(answer["text"])
        found = (answer["disposition"], tuple(answer["rules"]), sorting["stop"] and tuple(sorting["stop"].values()))
        assert found == (case.disposition, case.rules, case.stop), case.name
        assert (tuple(sorting["tags"]), sorting["fields"]) == (case.tags, case.fields), case.name
        expected = {"queue": case.queue, "category": case.category, "severity": case.severity}
        assert {name: triage.get(name, "") for name, value in expected.items() if value} == {
            name: value for name, value in expected.items() if value
        }, case.name
        assert all(f"“{rule}”" in text for rule in case.rules), case.name
        assert case.stop is None or case.stop[1] in text, case.name
