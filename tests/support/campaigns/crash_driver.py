"""A small process that does one flow of a node and is killed in it, again and again: a server that forks a child for each order.

It reads orders as JSON, one a line, and answers each with what the child's end was and what the world outside has seen. The child
waits until strace holds it, so that the count of system calls begins with the flow. Everything is imported and warm before the first
fork: a flow is its own few system calls, and nothing else.
"""

import asyncio
import json
import logging
import os
import re
import smtplib
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any, Self

from sqlalchemy import text
from support.campaigns import crash_faults
from support.mails.plain_reader import PlainReader
from support.servers.scripted_imap import ScriptedImap

from helpdesk.config.load import load
from helpdesk.gateway.doors.door import Reception
from helpdesk.gateway.doors.smtp import SmtpDoor
from helpdesk.gateway.intake import Intake
from helpdesk.gateway.node.node import Node, tick
from helpdesk.gateway.work import mail as mail_module
from helpdesk.gateway.work import settle
from helpdesk.store import mail_claims
from helpdesk.store.inbound import store_raw
from helpdesk.store.leases import end_leases
from helpdesk.store.mail_claims import WaitingMail
from helpdesk.store.quarantine import replay_quarantined
from helpdesk.threading.model.mail import Envelope, RawMessage

PATIENCE = 30.0


@dataclass
class Order:
    """What a child is to do. `inject` is an expression of strace's, `fault` a defect that is built in on purpose."""

    flow: str
    folder: str
    at: str
    inject: str = ""
    trace: str = ""
    fault: str = ""
    mails: list[dict[str, str]] = field(default_factory=list)
    relay: str = "maildir"


@dataclass
class Answer:
    """`ended`: the child's exit code, or minus its signal. `acknowledged` counts the 250 of each mail, `refused` what else was said."""

    ended: int = 0
    acknowledged: list[int] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    told: str = ""


# --- what a child does


@contextmanager
def node_of(order: Order, relay_port: int = 0) -> Iterator[Node]:
    environment = {}
    if relay_port:
        environment["HELPDESK_RELAY__URL"] = f"smtp://127.0.0.1:{relay_port}"
        environment["HELPDESK_RELAY__CONNECTIONS"] = "1"
    now = datetime.fromisoformat(order.at)
    node = Node(load(Path(order.folder) / "helpdesk.toml", environment), lambda: now, PlainReader())
    try:
        yield node
    finally:
        node.close()


def accept(order: Order, tell: Callable[[str], None], relay_port: int) -> None:
    """The SMTP door takes mail until it is told to stop."""
    with node_of(order) as node:
        asyncio.run(_accept(node, tell))


async def _accept(node: Node, tell: Callable[[str], None]) -> None:
    settings = node.configuration.settings
    assert settings.smtp is not None
    keep = partial(store_raw, node.database, node.blobs, settings.database.blob_threshold)
    intake = Intake(lambda raws: keep(raws, node.clock()), lambda: None)
    door = SmtpDoor(settings.smtp, Reception(settings.desk, node.desk.house.ours.takes_mail_for, intake, node.clock))
    await door.start()
    tell(str(door.port))
    while not door.sessions:
        await asyncio.sleep(0.001)
    await asyncio.wait([session.ended for session in door.sessions])
    await door.drain(1)
    intake.close()


def ingest(order: Order, tell: Callable[[str], None], relay_port: int) -> None:
    with node_of(order) as node:
        node.worker.work()


def send(order: Order, tell: Callable[[str], None], relay_port: int) -> None:
    with node_of(order, relay_port) as node:
        asyncio.run(_one_thread(node.sender.send_due, node.relay.close))


def whole(order: Order, tell: Callable[[str], None], relay_port: int) -> None:
    """As `helpdesk tick` does it: mails, then letters."""
    with node_of(order, relay_port) as node:
        node.prepare()
        asyncio.run(_one_thread(partial(tick, node)))


async def _one_thread(*steps: Callable[[], Any]) -> None:
    """One thread for everything that blocks: its calls come in the same order each time."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    for step in steps:
        await step()


def poll(order: Order, tell: Callable[[str], None], relay_port: int) -> None:
    """One look into each mailbox."""
    with node_of(order) as node:
        for watcher in node.watchers(lambda: None):
            watcher.look_once()
            watcher.close()


def migrate(order: Order, tell: Callable[[str], None], relay_port: int) -> None:
    with node_of(order) as node:
        node.prepare()


def quarantine(order: Order, tell: Callable[[str], None], relay_port: int) -> None:
    """Code that fails on everything sets everything aside."""

    def failing(*_: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    crash_faults.swap(settle, "decide", failing)
    with node_of(order) as node:
        node.worker.work()


def replay(order: Order, tell: Callable[[str], None], relay_port: int) -> None:
    with node_of(order) as node:
        replay_quarantined(node.database)
        node.worker.work()


def checkpoint(order: Order, tell: Callable[[str], None], relay_port: int) -> None:
    """New mail, then the log is written back into the file and cut."""
    with node_of(order) as node:
        node.worker.work()
        with node.database.reading() as connection:
            connection.execute(text("COMMIT"))
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
            connection.execute(text("BEGIN"))


def recover(order: Order, tell: Callable[[str], None], relay_port: int) -> None:
    """The next start, and everything that waits, until nothing does. Mails of the order come once more, as their senders send them
    who saw no 250."""
    for hour in range(1, 4):
        later = datetime.fromisoformat(order.at) + timedelta(hours=hour)
        with node_of(replace(order, at=later.isoformat()), relay_port) as node:
            node.prepare()
            end_leases(node.database, node.clock())
            if hour == 1:
                replay_quarantined(node.database)
                _send_again(node, order.mails)
            asyncio.run(tick(node))


def _send_again(node: Node, mails: list[dict[str, str]]) -> None:
    """As a door takes them, from senders who saw no 250."""
    for mail in mails:
        envelope = Envelope(mail["sender"], (mail["to"],))
        raw = RawMessage("smtp", envelope, bytes.fromhex(mail["content"]), node.clock(), "127.0.0.1")
        store_raw(node.database, node.blobs, node.configuration.settings.database.blob_threshold, [raw], node.clock())


def overtaken(order: Order, tell: Callable[[str], None], relay_port: int) -> None:
    """A worker is stopped between looking and recording until its leases are over; another one does its work; then it goes on."""
    _two_workers(order, timedelta(minutes=10))


def copies(order: Order, tell: Callable[[str], None], relay_port: int) -> None:
    """Two workers hold a copy of the same mail each, and neither sees what the other decides.

    Copies of one mail are tied to each other, so that no two workers should have them. The keys of the database are the guard behind that.
    """
    crash_faults.swap(mail_module, "BATCH", 1)
    crash_faults.swap(mail_module, "MOST_IN_PREPARATION", 1)  # a reader that starts slowly would let one worker take both copies
    crash_faults.swap(mail_claims, "in_turn", _first_of_all)
    _two_workers(order, timedelta())


def _first_of_all(free: Sequence[WaitingMail], being_decided: object, limit: int, max_bytes: int) -> list[int]:
    return [mail.id for mail in free][:limit]


def _two_workers(order: Order, later: timedelta) -> None:
    stopped: list[bool] = []
    then = (datetime.fromisoformat(order.at) + later).isoformat()

    def record_all(*arguments: Any) -> Any:
        if not stopped:
            stopped.append(True)
            with node_of(replace(order, at=then)) as other:
                other.worker.work()
        return really_record(*arguments)

    really_record = crash_faults.swap(settle, "record_all", record_all)
    with node_of(order) as node:
        node.worker.work()


FLOWS: dict[str, Callable[[Order, Callable[[str], None], int], None]] = {
    "accept": accept,
    "ingest": ingest,
    "poll": poll,
    "platform": ingest,
    "timers": ingest,
    "send to a folder": send,
    "send": send,
    "whole": whole,
    "migrate": migrate,
    "quarantine": quarantine,
    "replay": replay,
    "checkpoint": checkpoint,
    "recover": recover,
    "overtaken": overtaken,
    "copies": copies,
}


# --- the world around a child: who sends to it, and where its letters go


def clients(port: int, order: Order, answer: Answer) -> None:
    """One session with a mail after another; a broken connection is opened again while somebody listens."""
    connection: smtplib.SMTP | None = None
    for mail in order.mails:
        answer.acknowledged.append(0)
        try:
            connection = connection or smtplib.SMTP("127.0.0.1", port, "client.example", timeout=PATIENCE)
            connection.sendmail(mail["sender"], [mail["to"]], bytes.fromhex(mail["content"]))
            answer.acknowledged[-1] = 1
        except smtplib.SMTPResponseException as refusal:
            answer.refused.append(f"{refusal.smtp_code} {_text(refusal.smtp_error)}")
        except smtplib.SMTPRecipientsRefused as refusal:
            answer.refused.append(str(refusal.recipients))
        except (OSError, smtplib.SMTPException):
            break
    if connection is not None:
        with suppress(OSError, smtplib.SMTPException):
            connection.quit()
        connection.close()


def _text(said: bytes | str) -> str:
    return said if isinstance(said, str) else said.decode("ascii", "replace")


class Server:
    """Listens at once, and serves one connection after another when it is told to start."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._ended = Event()
        self._thread = Thread(target=self._serve, name="server", daemon=True)

    def __enter__(self) -> Self:
        return self

    def start(self) -> None:
        """After the fork, so that no lock of this thread stands in the child."""
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        if self._thread.ident:
            self._thread.join()

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        raise NotImplementedError


class Mailbox(Server):
    """An IMAP server whose mails lie in a folder, each named by its UID. What was moved away stays away."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._imap = ScriptedImap({int(path.name): path.read_bytes() for path in folder.iterdir()})

    def tell(self, config: Path) -> None:
        """Where it listens this time."""
        config.write_text(re.sub(r"(imap://[^:]*):\d+", rf"\1:{self.port}", config.read_text()))

    def _converse(self, connection: socket.socket) -> None:
        self._imap.converse(connection)
        for uid in self._imap.moved:
            (self._folder / str(uid)).unlink(missing_ok=True)


class Sink(Server):
    """A relay that keeps each letter whose final dot it saw in a Maildir, and only then says 250."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._new = folder / "new"

    def _converse(self, connection: socket.socket) -> None:
        with connection.makefile("rwb") as stream:
            self._speak(stream)

    def _speak(self, stream: Any) -> None:
        def say(line: bytes) -> None:
            stream.write(line + b"\r\n")
            stream.flush()

        say(b"220 sink")
        while line := stream.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                say(b"354 go ahead")
                lines = []
                while (one := stream.readline()) not in (b".\r\n", b""):
                    lines.append(one.removeprefix(b".") if one.startswith(b".") else one)
                if not one:
                    return
                self._new.mkdir(parents=True, exist_ok=True)
                (self._new / f"{len(list(self._new.iterdir()))}.sunk").write_bytes(b"".join(lines))
            say(b"221 bye" if verb == b"QUIT" else b"250 ok")


# --- the server


def obey(order: Order) -> Answer:
    answer = Answer()
    servers: list[Server] = []
    folder, relay_port = Path(order.folder), 0
    with ExitStack() as stack:
        if (folder / "mailbox").is_dir():
            mailbox = stack.enter_context(Mailbox(folder / "mailbox"))
            mailbox.tell(folder / "helpdesk.toml")
            servers.append(mailbox)
        if order.relay == "sink":
            sink = stack.enter_context(Sink(folder / "outgoing"))
            servers.append(sink)
            relay_port = sink.port
        return _in_a_child(order, answer, servers, relay_port)


def _in_a_child(order: Order, answer: Answer, servers: Sequence[Server], relay_port: int) -> Answer:
    go_read, go_write = os.pipe()
    told_read, told_write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(go_write)
        os.close(told_read)
        _be_the_child(order, go_read, told_write, relay_port)
    os.close(go_read)
    os.close(told_write)
    for server in servers:
        server.start()
    tracer = _tracer(child, order) if order.inject or order.trace else None
    os.write(go_write, b"g")
    os.close(go_write)
    with os.fdopen(told_read, "r") as told:
        if order.flow == "accept" and (port := told.readline().strip()).isdigit():
            clients(int(port), order, answer)
        answer.told = told.read()
    _, status = os.waitpid(child, 0)
    answer.ended = os.waitstatus_to_exitcode(status)
    if tracer is not None:
        tracer.wait(PATIENCE)
        assert tracer.stderr is not None
        tracer.stderr.close()
    return answer


def _tracer(child: int, order: Order) -> "subprocess.Popen[str]":
    """strace, attached. It says so on standard error before the child may go on."""
    calls = order.inject.partition(":")[0] if not order.trace else CALLS
    words = ["strace", "-f", "-p", str(child), "-o", order.trace or "/dev/null", "-e", f"trace={calls}", "-e", "signal=none"]
    if order.inject:
        words += ["-e", f"inject={order.inject}"]
    if order.trace:
        words += ["-y", "-s", "64"]
    tracer = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    assert tracer.stderr is not None
    line = tracer.stderr.readline()
    if "attached" not in line:
        raise RuntimeError(f"strace cannot hold a process of its own user here: {line}")
    return tracer


CALLS = (
    "write,pwrite64,writev,pwritev,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,ftruncate,fallocate,"
    "openat,mkdir,mkdirat,link,linkat,sendto,sendmsg"
)


def _be_the_child(order: Order, go: int, told: int, relay_port: int) -> None:
    try:
        os.read(go, 1)
        os.close(go)
        crash_faults.build_in(order.fault)
        FLOWS[order.flow](order, partial(_say, told), relay_port)
    except BaseException:
        with suppress(OSError):
            os.write(told, traceback.format_exc().encode())
        os._exit(1)
    os._exit(0)


def _say(told: int, line: str) -> None:
    os.write(told, f"{line}\n".encode())


def main() -> None:
    logging.disable()
    for line in sys.stdin:
        order = Order(**json.loads(line))
        if order.flow == "warm":
            whole(order, lambda _: None, 0)
            asyncio.run(_warm_door(order))
            answer = Answer()
        else:
            answer = obey(order)
        print(json.dumps(vars(answer)), flush=True)


async def _warm_door(order: Order) -> None:
    def client() -> None:
        clients(int(told[0]), order, Answer())

    told: list[str] = []
    with node_of(order) as node:
        taking = asyncio.create_task(_accept(node, told.append))
        while not told:
            await asyncio.sleep(0.001)
        thread = Thread(target=client)
        thread.start()
        await taking
        thread.join()


if __name__ == "__main__":
    main()
