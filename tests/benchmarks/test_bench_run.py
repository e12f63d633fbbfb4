"""One small run of everything. What it measures is not looked at, only that it is there."""

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.servers.databases import PostgresqlServer

from helpdesk.gateway.bench.folder import Folder
from helpdesk.gateway.bench.measure import Measure, cpu_of, memory_of, proportional_set_size, spread_of
from helpdesk.gateway.bench.parts import DOOR, WARM_UP, measure_end_to_end, measure_steps
from helpdesk.gateway.bench.report import RATIOS, BenchReport, Part, Round
from helpdesk.gateway.bench.run import open_conversations
from helpdesk.gateway.bench.server import DidNotStart, node
from helpdesk.gateway.bench.stages import ORDER
from helpdesk.gateway.bench.workload import Workload
from helpdesk.gateway.cli.bench import bench_command
from helpdesk.store.database import Database

BUSY = "import sys, time\nwhile time.process_time() < 0.3: pass\nprint('worked', flush=True)\nsys.stdin.read()"


def test_the_command_measures_every_part_prints_one_json_object_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    done = CliRunner().invoke(bench_command, ["--mails", "20", "--rounds", "1", "--also", "light", "--also", "nodes", "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert set(found) == set("workload machine parts ratios steps sum reading memory_mb fates extras".split())
    assert found["workload"]["mails"] == 20
    assert set(found["parts"]) == set(Part)
    assert all(part["mails_per_second"][0] > 0 for part in found["parts"].values())
    assert list(found["steps"]) == [DOOR, "store raw", *ORDER]
    assert all(step["cpu_ms_a_mail"][0] > 0 for step in found["steps"].values())
    assert len(found["ratios"]) == len(RATIOS)
    assert found["memory_mb"][0] > 10
    # eight requests of twenty mails in each of four parts, after eight to begin with; every reply finds its ticket
    assert found["fates"] == {"opened": 8 + 4 * 8, "threaded": 4 * 12}
    assert found["extras"]["light load"]["confirmations"] == 8
    assert "PostgreSQL" in found["extras"]["nodes"]["not_measured"]
    assert list(tmp_path.iterdir()) == []


if os.environ.get("HELPDESK_LONG_TESTS"):

    def test_on_postgresql_the_time_of_its_server_is_measured_and_no_schema_stays_behind(
        tmp_path: Path, postgresql_server: PostgresqlServer
    ) -> None:
        """Of a round, the parts that differ there."""
        url = postgresql_server.create()
        workload = Workload(7, 20)
        with closing(Folder(tmp_path / "desk", url)) as desk:
            conversations = open_conversations(desk, workload, 10)
            with node(desk.config) as server:
                whole = measure_end_to_end(desk, [server], workload.mixed_mails(10, conversations))
            steps = tuple(measure_steps(desk, workload.mixed_mails(10, conversations)))
            dispositions = desk.dispositions()
        assert dispositions == {"opened": 4 + 2 * 4, "threaded": 2 * 6}
        assert whole.database_cpu > 0
        assert all(step.mails == 10 - 10 // WARM_UP for step in steps)
        parts = dict.fromkeys(Part, whole.sent)
        one = Round(parts, steps, whole.memory, whole.database_cpu)
        lines = list(BenchReport(7, "PostgreSQL", (5_000,), [one], (), dispositions, 1.0).lines())
        assert all(any(line.startswith(part) for line in lines) for part in Part)
        assert any("database server" in line for line in lines)
        database = Database(url)
        with database.reading() as connection:
            left = connection.exec_driver_sql("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'helpdesk%%'").all()
        database.close()
        assert left == []


def test_the_sum_of_the_steps_is_compared_with_the_whole() -> None:
    whole = {Part.WITH_LETTERS: Measure(Part.WITH_LETTERS, 100, 2.0, 2.0)}
    steps = (Measure(DOOR, 50, 1.0, 0.25), Measure("read", 50, 1.0, 0.65))
    one = Round(whole, steps, 0)
    assert one.sum == pytest.approx(18)
    assert one.whole == pytest.approx(20)
    assert one.outside == pytest.approx(0.1)
    assert Round({Part.WITH_LETTERS: Measure(Part.WITH_LETTERS, 0, 0, 0)}, steps, 0).outside == 0


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


def test_the_time_of_a_process_has_that_of_its_children_that_have_ended() -> None:
    ended = "import sys, time\nwhile time.process_time() < 0.3: pass"
    outer = (
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {ended!r}]); print('done', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", outer], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert cpu_of(process.pid) >= 0.28
        process.communicate()


def test_memory_is_that_of_a_process_with_its_children() -> None:
    held = "x = bytes(1) * 50_000_000; print('held', flush=True); import sys; sys.stdin.read()"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {held!r}])"
    with subprocess.Popen([sys.executable, "-c", outer], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert memory_of(process.pid) > 50_000_000
        process.communicate()


def test_the_field_of_shared_memory_is_read() -> None:
    rollup = "55d0-7ffd ---p 00000000 00:00 0 [rollup]\nRss:  90000 kB\nPss:  61234 kB\nPss_Dirty:  50000 kB\n"
    assert proportional_set_size(rollup) == 61234 * 1024
    assert proportional_set_size("") == 0


def test_a_figure_of_several_rounds_has_its_median_and_its_range() -> None:
    assert f"{spread_of([3.0, 1.0, 2.0]):.1f}" == "2.0 (1.0–3.0)"
    assert f"{spread_of([2.0]):.0f}" == "2"
    assert spread_of([1.0, 2.0]).rounded(1) == [1.5, 1.0, 2.0]


def test_a_measure_is_told_for_one_mail_and_has_no_rate_without_time() -> None:
    one = Measure("part", 200, 4.0, 0.5)
    assert (one.mails_per_second, one.milliseconds, one.cpu_milliseconds) == (50, 20, 2.5)
    assert (Measure("part", 0, 0, 0).mails_per_second, Measure("part", 0, 0, 0).cpu_milliseconds) == (0, 0)
