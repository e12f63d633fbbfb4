"""One small run of everything. What it measures is not looked at, only that it is there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from helpdesk.gateway.bench.measure import Measure, cpu_of, own_cpu
from helpdesk.gateway.bench.report import RATIOS, Part
from helpdesk.gateway.bench.run import run
from helpdesk.gateway.bench.server import DidNotStart, node
from helpdesk.gateway.bench.stages import STEPS
from helpdesk.gateway.cli.bench import bench_command

MAILS = 20
BUSY = "import sys, time\nwhile time.process_time() < 0.3: pass\nprint('worked', flush=True)\nsys.stdin.read()"


def test_a_run_measures_every_part_and_every_mail_ends_where_it_should(tmp_path: Path) -> None:
    said: list[str] = []
    report = run(MAILS, 7, tmp_path, said.append)
    assert list(report.parts) == list(Part)
    assert all(share.mails > 0 and share.seconds > 0 for share in report.parts.values())
    assert {step.name for step in report.steps} > set(STEPS)
    assert all(step.mails > 0 and step.seconds > 0 for step in report.steps)
    # three times eight requests of twenty mails, after eight to begin with; every reply finds its ticket
    assert report.dispositions == {"opened": 32, "threaded": 36}
    assert len(report.ratios()) == len(RATIOS)
    lines = list(report.lines())
    assert all(any(line.startswith(part) for line in lines) for part in Part)
    assert json.loads(json.dumps(report.values()))["parts"].keys() == set(Part)
    assert said


def test_the_command_prints_one_json_object_and_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    done = CliRunner().invoke(bench_command, ["--mails", "10", "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["workload"]["mails"] == 10
    assert set(found) == {"workload", "machine", "parts", "ratios", "steps", "fates"}
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_does_not_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(DidNotStart, match="missing.toml"), node(tmp_path / "missing.toml"):
        pass


def test_the_time_of_a_process_has_that_of_its_children_that_still_run() -> None:
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}])"
    with subprocess.Popen([sys.executable, "-c", outer], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert cpu_of(process.pid) >= 0.28
        process.communicate()
    assert own_cpu() > 0


def test_a_measure_is_told_for_one_mail_and_has_no_rate_without_time() -> None:
    one = Measure("part", 200, 4.0, 0.5)
    assert (one.mails_per_second, one.milliseconds, one.cpu_milliseconds) == (50, 20, 2.5)
    assert (Measure("part", 0, 0, 0).mails_per_second, Measure("part", 0, 0, 0).cpu_milliseconds) == (0, 0)
