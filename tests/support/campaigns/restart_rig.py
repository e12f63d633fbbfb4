"""A node under load whose PostgreSQL server is killed and started again, while the node runs on."""

import os
import queue
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from subprocess import CalledProcessError

from support.campaigns import kill_audit
from support.campaigns.kill_audit import Books
from support.campaigns.kill_rig import CLIENTS, Client, Gateway, Letters, Report, Writers, _listening
from support.desk.story import UNCAPPED, configured
from support.servers.databases import PostgresqlServer, _prepared_server
from support.servers.peers import PATIENCE, Hang, free_ports, wait_for

BETWEEN = 3  # mails acknowledged between two kills, at least


def campaign(folder: Path, server: PostgresqlServer, url: str, seed: int, kills: int) -> Report:
    """Kill the server that many times in an empty database, let the node come to rest, and check the books."""
    [port] = free_ports(1)
    report, books, random, begin = Report(), Books(), Random(seed), time.monotonic()
    permits: queue.Queue[bool] = queue.Queue()
    writers = Writers(Letters(folder / "outgoing"))
    clients = [Client(f"client {n}", port, Random(f"{seed}/{n}"), writers, books, permits) for n in range(CLIENTS)]
    with (folder / "log").open("ab") as log:
        gateway = Gateway(_on(folder, url, port), log)
        try:
            gateway.start()
            gateway.wait_until_ready()
            for client in clients:
                client.start()
            for _ in range(kills):
                _round(server, books, permits, random)
                report.kills["server"] += 1
            for _ in clients:
                permits.put(False)
            wait_for(lambda: not any(client.is_alive() for client in clients), "all mails are acknowledged", 2 * PATIENCE)
            wait_for(lambda: kill_audit.at_rest(url), "the node comes to rest", PATIENCE)
            if code := gateway.stop():
                report.faults.append(f"SIGTERM ended the node with {code}")
        except Hang as hang:
            report.faults.append(str(hang))
        finally:
            gateway.kill()
            for client in clients:
                client.stop()
                permits.put(False)
    report.faults += [f"{client.name}: {client.fault!r}" for client in clients if client.fault]
    report.seconds = time.monotonic() - begin
    report.figures, broken = kill_audit.audit(url, folder / "outgoing", books)
    report.faults += broken
    return report


def _on(folder: Path, url: str, port: int) -> Path:
    config = _listening(folder, port)
    config.write_text(config.read_text().replace("sqlite:///helpdesk.db", url))
    return config


def _round(server: PostgresqlServer, books: Books, permits: "queue.Queue[bool]", random: Random) -> None:
    before = books.acknowledged
    for _ in range(random.randrange(8, 16)):
        permits.put(True)
    wait_for(lambda: books.acknowledged >= before + BETWEEN, "mails are acknowledged again", every=0.002)
    kill(server)
    _until(server.start)


def kill(server: PostgresqlServer) -> None:
    """SIGKILL for the postmaster; its processes notice by themselves."""
    os.kill(int((server.folder / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)


def _until(start: Callable[[], None]) -> None:
    """A new server refuses to start while processes of the old one are alive."""

    def started() -> bool:
        with suppress(CalledProcessError):
            start()
            return True
        return False

    wait_for(started, "the server starts again", every=0.1)


def run(seed: int, count: int) -> str:
    """`count` kills of the server. Raises AssertionError when a promise was broken."""
    folder = Path(tempfile.mkdtemp(prefix="desk-restart-"))
    configured(folder, more=UNCAPPED, stale_guard="off")
    server = _prepared_server()
    server.start()
    try:
        report = campaign(folder, server, server.migrated(), seed, count)
    finally:
        server.stop()
    assert not report.faults, f"{report}\nleft in {folder}"
    return str(report)
