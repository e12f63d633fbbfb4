"""Accepting alone: our door, and Postfix where it is installed, with the same client and the same mails in alternation."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from support.servers.peers import answers, free_ports, wait_for
from support.servers.postfix import COMMON, MASTER, POSTFIX, Postfix

from helpdesk.gateway.bench.client import send
from helpdesk.gateway.bench.folder import Folder
from helpdesk.gateway.bench.server import door
from helpdesk.gateway.bench.workload import SUPPORT, Workload

OUR_DOOR, THEIRS = "durable accept, ours", "Postfix, accept to queue"
MAIN = """
myhostname = mx.support.example.com
mynetworks = 127.0.0.1/32
relay_domains = {domain}
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_recipient_restrictions = static:HOLD
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
"""


def accept_rates(folder: Path, rounds: int, mails: int) -> tuple[dict[str, list[float]], dict[str, str]]:
    """Mails a second that each accepts durably, by round; and why there is none."""
    if POSTFIX is None:
        return {}, {THEIRS: "it is not installed"}
    if os.geteuid() != 0:
        return {}, {THEIRS: "it has to be started by root"}
    workload = Workload(11, 50)
    rates: dict[str, list[float]] = {OUR_DOOR: [], THEIRS: []}
    with closing(Folder(folder)) as desk, postfix() as port_and_instance:
        port, instance = port_and_instance
        for _ in range(rounds):
            batch = workload.requests(mails)
            with door(desk.config) as server:
                rates[OUR_DOOR].append(send(server.port, batch).mails_per_second)
            before = queued(instance)
            sent = send(port, batch)
            if queued(instance) - before != len(batch):
                return rates, {THEIRS: "its queue has not all mails"}
            rates[THEIRS].append(sent.mails_per_second)
    return rates, {}


@contextmanager
def postfix() -> Iterator[tuple[int, Postfix]]:
    """An instance that holds every mail in its queue, and its port."""
    (port,) = free_ports(1)
    folder = Path(tempfile.mkdtemp(prefix="accept-"))
    folder.chmod(0o755)  # Postfix drops its rights, and has to come in
    listener = f"127.0.0.1:{port} inet n - n - - smtpd"
    main = COMMON.format(folder=folder) + MAIN.format(domain=SUPPORT.partition("@")[2])
    instance = Postfix(folder, main, MASTER.format(listeners=listener, more=""), {})
    instance.start()
    try:
        wait_for(lambda: answers(port), "Postfix listens")
        yield port, instance
    finally:
        instance.stop()
        shutil.rmtree(folder, ignore_errors=True)


def queued(instance: Postfix) -> int:
    """How many mails are in the queue on hold."""
    return sum(1 for file in (instance.folder / "queue" / "hold").rglob("*") if file.is_file())
