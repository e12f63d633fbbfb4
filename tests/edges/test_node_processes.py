"""A whole node: what its processes do when one of them, or their supervisor, is killed, and when nobody rings."""

import os
import signal
import smtplib
import socket
import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.campaigns.kill_audit import decided
from support.campaigns.kill_rig import HELPDESK, Gateway
from support.campaigns.nodes_rig import FAKETIME, wrong_clock
from support.desk.story import MONDAY, SUPPORT, configured
from support.servers.peers import PATIENCE, free_ports, missing, wait_for

from helpdesk.config.load import load
from helpdesk.gateway.cli.status import status_command
from helpdesk.gateway.node.node import Node
from helpdesk.store.inbound import store_raw
from helpdesk.threading.model.mail import Envelope, RawMessage

ANNA = "anna@acme.example"
MAIL = f"From: {ANNA}\r\nTo: {SUPPORT}\r\nSubject: Printer\r\n\r\nIt jams.\r\n"
# A node whose door loses the thread that writes mail, with the first mail in it.
FRAGILE = """
import sys
from pathlib import Path
from helpdesk.gateway import intake
from helpdesk.gateway.cli.main import main
commit, mark = intake.Intake._commit, Path(sys.argv.pop(1))
def fail_once(self, batch):
    if not mark.exists():
        mark.touch()
        raise OSError("the thread fails")
    commit(self, batch)
intake.Intake._commit = fail_once
main()
"""


@contextmanager
def running(config: Path, program: Sequence[str] = HELPDESK, more: Mapping[str, str] | None = None) -> Iterator[Gateway]:
    """A node that is ready, and is told to stop at the end."""
    with (config.parent / "log").open("wb") as log:
        node = Gateway(config, log, program, more)
        node.start()
        node.wait_until_ready()
        try:
            yield node
            if not node.has_ended:
                assert node.stop() == 0
        finally:
            node.kill()


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


def test_a_node_shows_that_it_runs_until_it_is_stopped(tmp_path: Path) -> None:
    config = configured(tmp_path / "desk")
    with running(config):
        well = CliRunner().invoke(status_command, ["--config", str(config)])
        assert (well.exit_code, "nodes: 1 running" in well.output) == (0, True), well.output
    stopped = CliRunner().invoke(status_command, ["--config", str(config)])
    assert (stopped.exit_code, "no node is running" in stopped.output) == (2, True)


def test_a_mail_of_which_no_bell_tells_is_worked_on(tmp_path: Path) -> None:
    config = configured(tmp_path)
    with running(config):
        for count in (1, 2):  # the first one may be found because a worker looks when it starts
            store_a_mail(config)
            wait_for(partial(has_decided, tmp_path, count), f"{count} mails are decided")


def has_decided(folder: Path, count: int) -> bool:
    return decided(folder / "helpdesk.db") == count


def test_a_door_that_cannot_write_any_more_is_replaced_and_the_mail_comes_again(tmp_path: Path) -> None:
    [port] = free_ports(1)
    with running(configured(tmp_path), (sys.executable, "-c", FRAGILE, str(tmp_path / "failed")), listening(port)):
        with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
            send(port)
        wait_for(partial(takes_mail, port), "another door takes the mail")
        wait_for(partial(has_decided, tmp_path, 1), "the mail is decided, once")
    log = (tmp_path / "log").read_text()
    assert (log.count("thread.failed"), "OSError: the thread fails" in log) == (1, True), log


def test_a_node_that_is_shown_another_time_takes_one_mail_after_another(tmp_path: Path) -> None:
    """libfaketime, under which some ways to wait fail."""
    if not FAKETIME.exists():
        missing("libfaketime")
    clock = tmp_path / "clock"
    clock.write_text("+86400\n")
    [port] = free_ports(1)
    with running(configured(tmp_path / "desk"), more=wrong_clock(clock) | listening(port)):
        for count in (1, 2):
            send(port)
            wait_for(partial(has_decided, tmp_path / "desk", count), f"{count} mails are decided")


def listening(port: int) -> dict[str, str]:
    """The environment of a node whose door is at this port."""
    return {"HELPDESK_SMTP__LISTEN": f"127.0.0.1:{port}"}


def send(port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port, "client.example", timeout=PATIENCE) as client:
        client.sendmail(ANNA, [SUPPORT], MAIL)


def takes_mail(port: int) -> bool:
    try:
        send(port)
    except OSError:  # also every fault of the protocol
        return False
    return True


def test_all_processes_end_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    with running(configured(tmp_path)) as node:
        assert all(node.processes(role) for role in ("door", "worker", "sender", "housekeeper", "fork server"))
        node.kill_supervisor()  # raises Hang if one of them goes on


def test_what_a_process_held_that_died_is_free_when_another_replaces_it(tmp_path: Path, silent_relay: socket.socket) -> None:
    """The sender is killed with a letter that the relay does not take: the next one need not wait for the end of the lease."""
    config = configured(tmp_path, relay=f"smtp://127.0.0.1:{silent_relay.getsockname()[1]}")
    config.write_text(config.read_text().replace("[relay]\n", "[relay]\nconnections = 1\n"))
    with running(config) as node:
        store_a_mail(config)
        first, _ = silent_relay.accept()
        [sender] = node.processes("sender")
        os.kill(sender, signal.SIGKILL)
        wait_for(lambda: has_claimed_again(tmp_path), "the letter that was with the relay is claimed again")
        first.close()
        second, _ = silent_relay.accept()
        silent_relay.close()
        second.close()  # so that the node need not wait for this relay when it is stopped


def test_what_a_node_held_that_was_killed_is_free_when_it_starts_again(tmp_path: Path, silent_relay: socket.socket) -> None:
    """All of its processes died at once, as at a loss of power: there was nobody who could end their claims."""
    config = configured(tmp_path, relay=f"smtp://127.0.0.1:{silent_relay.getsockname()[1]}")
    with running(config) as node:
        store_a_mail(config)
        connection, _ = silent_relay.accept()
        node.kill()
        connection.close()
    assert not has_claimed_again(tmp_path)
    with running(config) as node:
        wait_for(lambda: has_claimed_again(tmp_path), "the letter that was with the relay is claimed again")
        node.kill()  # this relay will never answer


def has_claimed_again(folder: Path) -> bool:
    """Whether a letter counts as uncertain, because its first claim ended without an outcome."""
    with closing(sqlite3.connect(folder / "helpdesk.db", timeout=PATIENCE)) as connection:
        return bool(connection.execute("SELECT count(*) FROM outbox WHERE uncertain > 0").fetchone()[0])
