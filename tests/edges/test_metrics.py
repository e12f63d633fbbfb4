"""What a monitoring system reads: every series from the start, no label that grows, and the same for a large desk as for a small one."""

import asyncio
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from support.campaigns.kill_rig import Gateway
from support.desk.outcomes import NOW
from support.desk.story import configured, direct_desk
from support.servers.databases import ACCOUNT, PostgresqlServer
from support.servers.peers import PATIENCE, free_ports, missing, wait_for
from support.servers.postgresql_proxy import PostgresqlProxy

from helpdesk.config.load import load
from helpdesk.gateway.counts import Counts, CountsLine
from helpdesk.gateway.monitor.exposition import exposition
from helpdesk.gateway.monitor.listener import MOST_CONNECTIONS, Answer, MetricsDoor, WatchedPath, plain
from helpdesk.gateway.monitor.table import FROM_DATABASE, METRICS, PREFIX, MetricKind
from helpdesk.gateway.monitor.totals import Totals
from helpdesk.gateway.node.bells import Bell
from helpdesk.gateway.node.node import Node
from helpdesk.gateway.node.roles import HANGS_AFTER, CausesRole
from helpdesk.gateway.node.watching import monitor_of
from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.database import Database
from helpdesk.store.migrate import migrate

ROOT = Path(__file__).parents[2]
WATCHED = ROOT / "deploy" / "monitoring"
KEYS = '[metrics]\nlisten = "127.0.0.1:0"\n[[mailbox]]\nname = "support"\nurl = "imaps://a%40b.example@mail.example:993"\npassword_variable = "X"\n'
SAMPLE = re.compile(r"^([a-z_]+)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'([a-z]+)="([^"]*)"')
ALLOWED = {
    "door",
    "outcome",
    "class",
    "mailbox",
    "folder",
    "audience",
    "state",
    "policy",
    "listener",
    "where",
    "version",
    "le",
    "kind",
    "kept",
}


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = Node(load(configured(tmp_path / "desk", more=KEYS), {"X": "x"}), lambda: NOW)
    migrate(made.database)
    yield made
    made.close()


def samples(node: Node) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """All samples of a scrape by name and labels."""
    answer = asyncio.run(monitor_of(node).metrics())
    assert answer.status == 200
    found = [SAMPLE.match(line) for line in answer.content.decode().splitlines() if not line.startswith("#")]
    return {(sample[1], tuple(LABEL.findall(sample[2] or ""))): float(sample[3]) for sample in found if sample}


LABELS_OF_THE_OPERATOR = {"door", "listener", "webhook"}  # there is one for each that is configured


def test_every_series_is_there_from_the_start(node: Node) -> None:
    found = samples(node)
    for metric in METRICS:
        name = PREFIX + metric.name + ("_count" if metric.kind is MetricKind.HISTOGRAM else "")
        series = {labels for known, labels in found if known == name}
        expected = 1
        for values in metric.labels.values():
            expected *= len(values) or 1
        assert len(series) == expected or not LABELS_OF_THE_OPERATOR.isdisjoint(metric.labels), metric.name
        assert all({label for label, _ in labels} == set(metric.labels) for labels in series)
    counted = [value for (name, _), value in found.items() if name.endswith(("_total", "_count", "_sum", "_bucket"))]
    assert len(counted) > 50 and set(counted) == {0.0}
    assert {label for _, labels in found for label, _ in labels} <= ALLOWED
    assert not [value for _, labels in found for _, value in labels if "@" in value]


def test_while_the_database_is_away_its_figures_are_absent_and_counted(tmp_path: Path) -> None:
    away = configured(tmp_path / "away", database="postgresql+psycopg://nobody@127.0.0.1:1/none", more=KEYS)
    node = Node(load(away, {"X": "x"}), lambda: NOW)
    try:
        found = samples(node)
    finally:
        node.close()
    names = {name.removeprefix(PREFIX) for name, _ in found}
    assert not names & FROM_DATABASE
    assert found[PREFIX + "database_up", ()] == 0 and found[PREFIX + "scrape_errors_total", ()] == 1
    assert found[PREFIX + "relay_up", ()] == 1


def test_what_processes_count_is_added_up_and_nothing_is_lost_while_nobody_listens() -> None:
    line, counts, totals = CountsLine(), Counts(), Totals()
    for _ in range(3):
        counts.add("inbound_messages_total", "smtp", "opened")
        counts.observe("delivery_seconds", 0.3)
    counts.add("errors_total")
    counts.add("nobody_knows_this_total", "anna@acme.example")
    assert line.tell("worker 2", counts)
    added = 0
    while line.tell("worker 2", counts):  # until the line is full
        counts.add("letters_total", "staff", "sent")
        added += 1
    totals.add(line.heard(), 7.0)
    assert line.tell("worker 2", counts)
    totals.add(line.heard(), 7.0)
    assert totals.counters["inbound_messages_total", ("smtp", "opened")] == 3
    assert totals.counters["errors_total", ("worker",)] == 1
    assert totals.counters["letters_total", ("staff", "sent")] == added > 10
    assert totals.heard_at == {"worker 2": 7.0} and not [key for key in totals.counters if "nobody" in key[0]]
    text = exposition(totals, {}).decode()
    assert 'helpdesk_delivery_seconds_bucket{le="0.25"} 0.0' in text and 'helpdesk_delivery_seconds_bucket{le="0.5"} 3.0' in text
    line.close()


def test_rules_and_dashboard_name_metrics_that_exist(node: Node) -> None:
    names = {name for name, _ in samples(node)} | {PREFIX + metric.name for metric in METRICS}
    rules = expressions_of(WATCHED / "helpdesk.rules.yml")
    board = json.loads((WATCHED / "helpdesk-dashboard.json").read_text())
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    used = set(re.findall(r"\bhelpdesk_[a-z_]+", "\n".join([rules, *asked])))
    assert len(used) > 25 and used - names == set()
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def expressions_of(path: Path) -> str:
    """The lines of a file of rules that are expressions."""
    return "\n".join(line for line in path.read_text().splitlines() if not line.lstrip().startswith("#"))


def test_the_rules_are_accepted_by_prometheus() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        missing("promtool")
        return
    done = subprocess.run(
        [promtool, "check", "rules", WATCHED / "helpdesk.rules.yml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


UNWATCHED = """
import sys
import helpdesk.gateway.cli.serve, helpdesk.gateway.cli.status
print([name for name in sys.modules if name.startswith(("prometheus_client", "helpdesk.gateway.monitor"))])
"""


def test_a_node_that_nobody_watches_loads_nothing_for_it() -> None:
    done = subprocess.run([sys.executable, "-c", UNWATCHED], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


Asked = Callable[[str], Coroutine[Any, Any, bytes]]


def conversation(
    paths: dict[str, WatchedPath], key: str, story: Callable[[MetricsDoor, Asked], Coroutine[Any, Any, None]]
) -> None:
    """Let a story talk with a listener of its own."""

    async def run() -> None:
        door = MetricsDoor("127.0.0.1:0", paths, key)
        await door.start()

        async def ask(octets: str) -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
            writer.write(octets.encode())
            said = await reader.read()
            writer.close()
            return said

        try:
            await story(door, ask)
        finally:
            await door.stop()

    asyncio.run(run())


async def well() -> Answer:
    return plain(200)


async def fails() -> Answer:
    raise ZeroDivisionError("secret")


REQUESTS = {
    "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n": 200,
    "HEAD /healthz HTTP/1.0\r\n\r\n": 200,
    "GET /healthz?verbose=1 HTTP/1.1\r\n\r\n": 200,
    "POST /healthz HTTP/1.1\r\n\r\n": 405,
    "GET / HTTP/1.1\r\n\r\n": 404,
    "GET /../etc/passwd HTTP/1.1\r\n\r\n": 404,
    "nonsense\r\n\r\n": 400,
    "GET /healthz SIP/2.0\r\n\r\n": 400,
    "GET /metrics HTTP/1.1\r\n\r\n": 401,
    "GET /metrics HTTP/1.1\r\nAuthorization: Bearer wrong\r\n\r\n": 401,
    "GET /metrics HTTP/1.1\r\nAuthorization: Bearer k\xe9y\r\n\r\n": 401,
    "GET /metrics HTTP/1.1\r\nAuthorization: Bearer key\r\nAuthorization: Bearer key\r\n\r\n": 401,
    "GET /metrics HTTP/1.1\r\nauthorization:bearer key\r\n\r\n": 200,
    "GET /fails HTTP/1.1\r\n\r\n": 500,
    "GET /healthz HTTP/1.1\r\nX: " + 9000 * "x" + "\r\n\r\n": 400,
}


def test_the_listener_answers_what_it_knows_and_tells_strangers_nothing() -> None:
    paths = {"/healthz": WatchedPath(well), "/metrics": WatchedPath(well, needs_key=True), "/fails": WatchedPath(fails)}

    async def story(door: MetricsDoor, ask: Asked) -> None:
        for request, status in REQUESTS.items():
            said = await ask(request)
            head, _, content = said.partition(b"\r\n\r\n")
            assert head.startswith(f"HTTP/1.1 {status} ".encode()), (request, said)
            assert b"secret" not in said and len(content) < 30 and (content == b"") is request.startswith("HEAD")
        idle = [await asyncio.open_connection("127.0.0.1", door.port) for _ in range(MOST_CONNECTIONS)]
        with suppress(ConnectionResetError):  # no room
            assert await ask("GET /healthz HTTP/1.1\r\n\r\n") == b""
        for _, writer in idle:
            writer.close()

    conversation(paths, "key", story)


def test_a_process_that_counts_and_does_not_get_on_is_silent() -> None:
    line, counts, totals = CountsLine(), Counts(), Totals()
    for now, turns in ((1.0, True), (2.0, True), (3.0, False)):
        counts.add("errors_total")
        assert line.tell("node", counts, turns=turns)
        totals.add(line.heard(), now)
    assert (totals.heard_at, totals.counters["errors_total", ("node",)]) == ({"node": 2.0}, 3)
    line.close()


class HangingWorker:
    """A worker whose first turn does not end before it is told to."""

    def __init__(self) -> None:
        self.entered, self.ends = Event(), Event()
        self.turned_at, self.has_unfinished = 0.0, False

    def work(self, *, wait: bool) -> int:
        self.entered.set()
        self.ends.wait()
        return 0

    def drain(self) -> None:
        return

    def finish(self) -> None:
        return


class Work(CausesRole):
    name = "work"


def test_a_node_of_one_process_whose_work_hangs_is_not_healthy(tmp_path: Path, reader: MailReader) -> None:
    """Its event loop turns all the same, and answers `/healthz`."""
    with direct_desk(configured(tmp_path / "desk"), reader) as desk:
        worker, bell = HangingWorker(), Bell()
        role = Work(desk.node, worker, bell)  # type: ignore[arg-type]  # what the role asks of a worker
        asyncio.run(role.start())
        worker.entered.wait()
        just_begun = role.turns
        worker.turned_at -= HANGS_AFTER
        a_minute_later = role.turns
        worker.ends.set()
        asyncio.run(role.drain())
        bell.close()
        assert (just_begun, a_minute_later, role.turns) == (True, False, True)  # it was stopped


def test_health_of_a_node_whose_database_goes_away_and_comes_back(tmp_path: Path, postgresql_server: PostgresqlServer) -> None:
    """`/healthz` does not ask the database, because its outage is no reason to restart a node; `/readyz` does.

    The log has no traceback of it.
    """
    [port, at] = free_ports(2)
    url = postgresql_server.create()
    database = Database(url)
    migrate(database)
    database.close()
    server = postgresql_server.folder / ".s.PGSQL.5432"
    name = url.partition("?")[0].rpartition("/")[2]
    through = f"postgresql+psycopg://{ACCOUNT}@127.0.0.1:{at}/{name}?sslmode=disable&gssencmode=disable"
    config = configured(
        tmp_path / "desk", database=through, more=f'[metrics]\nlisten = "127.0.0.1:{port}"\n[node]\nworkers = 1\n'
    )
    with (tmp_path / "log").open("wb") as log:
        gateway = Gateway(config, log)
        try:
            with PostgresqlProxy(server, port=at):
                gateway.start()
                gateway.wait_until_ready()
                assert (status(port, "healthz"), status(port, "readyz")) == (200, 200)
                wait_for(
                    lambda: figure(port, "node_last_heartbeat_timestamp_seconds") > 0, "the housekeeper tells its sign of life"
                )
                assert figure(port, "database_up") == 1 and figure(port, "blob_free_bytes") > 0
            wait_for(lambda: status(port, "readyz") == 503, "a node without its database is not ready")
            assert status(port, "healthz") == 200
            assert figure(port, "database_up") == 0 and figure(port, "scrape_errors_total") >= 1
            with PostgresqlProxy(server, port=at):
                wait_for(lambda: status(port, "readyz") == 200, "a node whose database is back is ready")
                assert figure(port, "inbound_pending") == 0
                assert gateway.stop() == 0
        finally:
            gateway.kill()
    assert "Traceback" not in (tmp_path / "log").read_text()


def status(port: int, path: str) -> int:
    try:
        with urlopen(f"http://127.0.0.1:{port}/{path}", timeout=PATIENCE) as answer:
            return int(answer.status)
    except HTTPError as refused:
        refused.close()
        return refused.code


def figure(port: int, name: str) -> float:
    """The value of a metric without labels; -1 where it is not shown."""
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE) as answer:
        lines = answer.read().decode().splitlines()
    return next((float(line.split()[1]) for line in lines if line.startswith(f"{PREFIX}{name} ")), -1.0)
