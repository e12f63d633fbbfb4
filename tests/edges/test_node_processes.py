"""A whole node: what its processes do when one of them, or their supervisor, is killed, and when nobody rings."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.campaigns.kill_audit import decided
from support.desk.story import MONDAY, SUPPORT, configured
from support.servers.peers import PATIENCE, wait_for

from helpdesk.config.load import load
from helpdesk.gateway.node.node import Node
from helpdesk.store.inbound import store_raw
from helpdesk.threading.model.mail import Envelope, RawMessage

ANNA = "anna@acme.example"
MAIL = f"From: {ANNA}\r\nTo: {SUPPORT}\r\nSubject: Printer\r\n\r\nIt jams.\r\n"


class RunningNode:
    """`helpdesk serve` as a child process."""

    def __init__(self, config: Path) -> None:
        command = [str(Path(sys.executable).with_name("helpdesk")), "--config", str(config), "serve"]
        with (config.parent / "log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self._process.stdout is not None
        said = [line.strip() for line in iter(self._process.stdout.readline, "ready\n") if line]
        assert said

    def processes(self) -> list[int]:
        """The ids of its processes, in the order in which they started; the sender starts last."""
        own = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(pid) for pid in own.read_text().split()]

    def kill(self) -> None:
        """SIGKILL for the supervisor alone."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            assert self._process.wait(PATIENCE) == 0
        assert self._process.stdout is not None
        self._process.stdout.close()


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended may wait for somebody to ask how."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def store_a_mail(config: Path) -> None:
    """Store a mail as another process does that knows nothing of the node's bells."""
    node = Node(load(config, {}))
    try:
        raw = RawMessage("pipe", Envelope(ANNA, (SUPPORT,)), MAIL.encode(), MONDAY, "127.0.0.1")
        store_raw(node.database, node.blobs, 65536, [raw], node.clock())
    finally:
        node.close()


@pytest.fixture
def silent_relay() -> Iterator[socket.socket]:
    """A mail server that takes connections and says nothing until the test answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(PATIENCE)
        yield listening


def test_a_mail_of_which_no_bell_tells_is_worked_on(tmp_path: Path) -> None:
    config = configured(tmp_path)
    node = RunningNode(config)
    try:
        for count in (1, 2):  # the first one may be found because a worker looks when it starts
            store_a_mail(config)
            wait_for(lambda count=count: decided(tmp_path / "helpdesk.db") == count, f"{count} mails are decided")  # type: ignore[misc]
    finally:
        node.stop()


def test_all_processes_end_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    node = RunningNode(configured(tmp_path))
    processes = node.processes()
    try:
        assert len(processes) >= 5
        node.kill()
        wait_for(lambda: not any(map(is_alive, processes)), "all processes of the node end")
    finally:
        for pid in filter(is_alive, processes):
            subprocess.run(["kill", "-9", str(pid)], check=False)
        node.stop()


def test_what_a_process_held_that_died_is_free_when_another_replaces_it(tmp_path: Path, silent_relay: socket.socket) -> None:
    """The sender is killed with a letter that the relay does not take: the next one need not wait for the end of the lease."""
    config = configured(tmp_path, relay=f"smtp://127.0.0.1:{silent_relay.getsockname()[1]}")
    config.write_text(config.read_text().replace("[relay]\n", "[relay]\nconnections = 1\n"))
    node = RunningNode(config)
    try:
        store_a_mail(config)
        first, _ = silent_relay.accept()
        *_, sender = node.processes()
        subprocess.run(["kill", "-9", str(sender)], check=True)
        second, _ = silent_relay.accept()
        first.close()
        second.close()
    finally:
        node.stop()
