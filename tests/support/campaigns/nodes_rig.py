"""Several nodes on one PostgreSQL server, while their processes are killed or stand still, the server is killed, and clocks are wrong.

People write numbered mails in conversations. Each mail arrives one to five times, at any node and by SMTP or LMTP, and its sender writes the
next one as soon as it is acknowledged. In the end each mail has one effect, each letter left once, and mails were decided in the order in
which their senders wrote them.
"""

import os
import queue
import re
import shutil
import signal
import smtplib
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random
from threading import Event, Thread

import psycopg
from support.campaigns import kill_audit, nodes_launch, restart_rig
from support.campaigns.kill_audit import Books, Mail
from support.campaigns.kill_rig import Gateway
from support.campaigns.node_processes import SUPERVISOR
from support.desk.story import SUPPORT, UNCAPPED, configured
from support.servers.databases import PostgresqlServer, _prepared_server
from support.servers.peers import PATIENCE, Hang, free_ports, missing, wait_for

LEASE = 4.0  # seconds, of mails and letters, on a machine that decides a claim in less
LONG_LEASE = 15.0  # of campaigns with more load
SENDERS = 12
CONVERSATION = 6  # mails: a request and replies
COPIES = (1, 1, 2, 3, 4, 5)  # how often a mail arrives; one of these
COPIERS = 3
LONGEST_CALL = 6.0  # seconds until a sender tries another node
CLOCKS = ("+300", "-300", "+0", "+3600", "-3600")
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
PROCESSES = ("door", "worker", "worker", "reader", "sender", "housekeeper", "fork server")
STOPPED = ("door", "worker", "worker", "sender", "sender", "housekeeper", "fork server")
UNSURE = "unsure_staff_ten_minutes = 1000000\nunsure_desk_minute = 1000000\nunsure_desk_hour = 1000000\n"  # mail by LMTP proves no author
NODE_SECTIONS = """
[node]
workers = 1
[lmtp]
listen = "127.0.0.1:{port}"
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a campaign does. `minutes` is how long people take at least to write their mails."""

    seed: int
    mails: int
    nodes: int
    faults: int
    minutes: float = 0.0
    clocks: bool = False
    lease: float = LEASE


@dataclass
class NodesReport:
    """What a campaign did, and every promise that it found broken."""

    seconds: float = 0.0
    faults_made: Counter[str] = field(default_factory=Counter)
    figures: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        made = ", ".join(f"{count} {what}" for what, count in sorted(self.faults_made.items()))
        figures = ", ".join(f"{name} {count}" for name, count in self.figures.items())
        return "\n".join([f"{self.faults_made.total()} faults ({made}) in {self.seconds:.0f} s; {figures}", *self.faults[:60]])


@dataclass
class RiggedNode:
    """One node, and those of its processes that stand still, each with the moment at which it goes on."""

    gateway: Gateway
    smtp: int
    lmtp: int
    clock: Path
    standing: list[tuple[float, int]] = field(default_factory=list)

    def stop_processes(self, pids: list[int], seconds: float) -> None:
        for pid in pids:
            _signal(pid, signal.SIGSTOP)
            self.standing.append((time.monotonic() + seconds, pid))

    def go_on(self, now: float) -> None:
        for until, pid in self.standing:
            if until <= now:
                _signal(pid, signal.SIGCONT)
        self.standing = [(until, pid) for until, pid in self.standing if until > now]

    def turn_clock(self, offset: str) -> None:
        self.clock.write_text(f"{offset}\n")


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # it has been killed meanwhile
        os.kill(pid, number)


class Run:
    """The nodes, everybody who writes to them, and the books."""

    def __init__(self, folder: Path, server: PostgresqlServer, url: str, plan: Plan, logs: ExitStack) -> None:
        self.folder, self.server, self.url, self.plan = folder, server, url, plan
        self.random = Random(plan.seed)
        self.books, self.report = Books(), NodesReport()
        ports = iter(free_ports(2 * plan.nodes))
        self.nodes = [self._node(number, next(ports), next(ports), logs) for number in range(plan.nodes)]
        self.copies: queue.Queue[Mail | None] = queue.Queue()
        self.stopped = Event()
        self.problems: list[str] = []

    def _node(self, number: int, smtp: int, lmtp: int, logs: ExitStack) -> RiggedNode:
        folder = self.folder / f"node{number}"
        more = UNCAPPED + UNSURE + NODE_SECTIONS.format(port=lmtp)
        relay = f"maildir:{self.folder / 'outgoing'}"
        config = configured(folder, database=self.url, relay=relay, more=more, stale_guard="off")
        text = config.read_text().replace('blobs = "blobs"', f'blobs = "{self.folder / "blobs"}"')
        config.write_text(text.replace("127.0.0.1:0", f"127.0.0.1:{smtp}"))
        clock = folder / "clock"
        clock.write_text(f"{CLOCKS[number % 2]}\n")
        log = logs.enter_context((folder / "log").open("ab"))
        return RiggedNode(
            Gateway(config, log, self._program(), wrong_clock(clock) if self.plan.clocks else None), smtp, lmtp, clock
        )

    def _program(self) -> tuple[str, ...]:
        return (sys.executable, nodes_launch.__file__, str(self.plan.lease), str(self.folder / "handed-over"))

    def begin(self) -> list[Thread]:
        """Start the nodes, and everybody who writes."""
        for node in self.nodes:
            node.gateway.start()
        for node in self.nodes:
            node.gateway.wait_until_ready()
        begin = time.monotonic()
        lives = [partial(self._write, Random(f"{self.plan.seed}/{n}"), n, begin) for n in range(SENDERS)]
        copying = [partial(self._copy, Random(f"{self.plan.seed}/copies {n}")) for n in range(COPIERS)]
        threads = [Thread(target=self._guarded, args=(life,), daemon=True) for life in [*lives, *copying]]
        for thread in threads:
            thread.start()
        return threads[: len(lives)]

    def _guarded(self, life: Callable[[], None]) -> None:
        try:
            life()
        except Exception as fault:
            self.problems.append(repr(fault))

    def _write(self, random: Random, sender: int, begin: float) -> None:
        """The life of a sender. Senders number their mails so that each one's own numbers grow."""
        earlier: EmailMessage | None = None
        numbers = range(sender, self.plan.mails, SENDERS)
        for place, number in enumerate(numbers):
            self.stopped.wait(max(0.0, begin + 60 * self.plan.minutes * place / len(numbers) - time.monotonic()))
            message = _message(number, f"c{sender}@globex.example", earlier if place % CONVERSATION else None)
            mail = _mail(number, message, is_reply=bool(place % CONVERSATION))
            self.books.open(mail)
            while not self.stopped.is_set() and not self._transmit(mail, random):
                self.stopped.wait(0.05)
            for _ in range(random.choice(COPIES) - 1):
                self.copies.put(mail)
            self.books.close()
            earlier = message

    def _copy(self, random: Random) -> None:
        """Bring copies, some of them after their sender's next mail."""
        while (mail := self.copies.get()) is not None:
            self.stopped.wait(random.choice((0.0, 0.05, 0.5)))
            self._transmit(mail, random)

    def _transmit(self, mail: Mail, random: Random) -> bool:
        """One copy to any node by any door: whether it was acknowledged. Raises where it is refused for good."""
        node, acknowledged = random.choice(self.nodes), False
        door, port = (smtplib.LMTP, node.lmtp) if random.random() < 0.3 else (smtplib.SMTP, node.smtp)
        try:
            with door("127.0.0.1", port, "client.example", timeout=LONGEST_CALL) as connection:
                connection.sendmail(mail.sender, [mail.to], mail.content)
                acknowledged = True
        except smtplib.SMTPRecipientsRefused as refusal:
            if refusal.recipients[mail.to][0] >= 500:
                raise
        except smtplib.SMTPResponseException as refusal:
            if 500 <= refusal.smtp_code < 600:
                raise
        except (OSError, smtplib.SMTPException):
            pass
        finally:
            self.books.transmitted(mail, acknowledged)
        return acknowledged

    def disturb(self, writers: list[Thread]) -> None:
        """Make the faults of the plan, spread over the mails, and start nodes again that have ended. Return when all is written."""
        made = 0
        while any(writer.is_alive() for writer in writers) and not self.problems:
            self._look_after_nodes()
            if made < self.plan.faults and self.books.closed * (self.plan.faults + 1) >= self.plan.mails * (made + 1):
                self._disturb_once()
                made += 1
            self.stopped.wait(0.01)

    def _look_after_nodes(self) -> None:
        """What a service manager does."""
        for node in self.nodes:
            node.go_on(time.monotonic())
            if node.gateway.has_ended:
                node.gateway.start()
                self.report.faults_made["ended by itself"] += 1

    def _disturb_once(self) -> None:
        ready = [node for node in self.nodes if node.gateway.is_ready]
        node = self.random.choice(ready if ready and self.random.random() < 0.9 else self.nodes)
        faults: dict[str, tuple[int, Callable[[RiggedNode], None]]] = {
            "kill": (50, self._kill_process),
            "node": (7, self._kill_node),
            SUPERVISOR: (7, self._kill_supervisor),
            "pause": (18, self._stop_process),
            "pause of node": (6, self._stop_node),
            "server": (6, self._kill_server),
            "clock": (12 if self.plan.clocks else 0, lambda node: node.turn_clock(self.random.choice(CLOCKS))),
        }
        [what] = self.random.choices(list(faults), [often for often, _ in faults.values()])
        if what not in ("node", "server", "clock") and not node.gateway.is_ready:
            what = "node"  # a node that misses a process at its start ends by itself
        faults[what][1](node)
        self.report.faults_made[what] += 1

    def _process(self, node: RiggedNode, roles: tuple[str, ...]) -> list[int]:
        found = node.gateway.processes(self.random.choice(roles))
        return [self.random.choice(found)] if found else []

    def _kill_process(self, node: RiggedNode) -> None:
        for pid in self._process(node, PROCESSES):
            _signal(pid, signal.SIGKILL)

    def _kill_node(self, node: RiggedNode) -> None:
        node.gateway.kill()
        node.standing = []
        node.gateway.start()

    def _kill_supervisor(self, node: RiggedNode) -> None:
        node.go_on(float("inf"))
        node.gateway.kill_supervisor()
        node.gateway.start()

    def _stop_process(self, node: RiggedNode) -> None:
        node.stop_processes(self._process(node, STOPPED), 1.5 * self.plan.lease)

    def _stop_node(self, node: RiggedNode) -> None:
        node.stop_processes(node.gateway.processes(""), 1.5 * self.plan.lease)

    def _kill_server(self, _: RiggedNode) -> None:
        restart_rig.kill(self.server)
        restart_rig._until(self.server.start)

    def rest(self) -> None:
        """The last copies arrive, nothing waits any more, and the nodes end when they are told to. Raises Hang."""
        for _ in range(COPIERS):
            self.copies.put(None)

        def rests() -> bool:
            self._look_after_nodes()
            return self.copies.empty() and kill_audit.at_rest(self.url)

        wait_for(rests, "the nodes come to rest", 3 * PATIENCE, every=0.2)
        for node in self.nodes:
            node.gateway.wait_until_ready()
            if code := node.gateway.stop():
                self.report.faults.append(f"SIGTERM ended a node with {code}")

    def end(self) -> None:
        self.stopped.set()
        for node in self.nodes:
            node.gateway.kill()
        self.report.faults += self.problems


def wrong_clock(clock: Path) -> dict[str, str]:
    """The environment of a node whose wall clock is what a file says; the monotonic clock stays true, as in real machines."""
    return {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


def _message(number: int, sender: str, earlier: EmailMessage | None) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = SUPPORT
    message["Subject"] = f"Re: {earlier['Subject']}".replace("Re: Re: ", "Re: ") if earlier else f"Request {number}"
    message["Message-ID"] = f"<{number}.{os.getpid()}@globex.example>"
    if earlier:
        message["In-Reply-To"] = earlier["Message-ID"]
        message["References"] = f"{earlier['References'] or ''} {earlier['Message-ID']}".strip()
    message.set_content(f"No. {number}: the export stops at {number % 100} percent.\n")
    return message


def _mail(number: int, message: EmailMessage, *, is_reply: bool) -> Mail:
    kind, name = "reply" if is_reply else "request", str(message["Message-ID"]).strip("<>")
    return Mail(number, kind, str(message["From"]), SUPPORT, name, message.as_bytes(policy=policy.SMTP), False)


def campaign(folder: Path, server: PostgresqlServer, url: str, plan: Plan) -> NodesReport:
    """Run a plan in an empty folder and database, let the nodes come to rest, and check the books."""
    if plan.clocks and not FAKETIME.exists():
        missing("libfaketime")
    folder.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    with ExitStack() as logs:
        run = Run(folder, server, url, plan, logs)
        try:
            run.disturb(run.begin())
            run.rest()
        except Hang as hang:
            run.report.faults.append(str(hang))
        finally:
            run.end()
    report = run.report
    report.seconds = time.monotonic() - begin
    report.figures, broken = kill_audit.audit(url, folder / "outgoing", run.books)
    with psycopg.connect(url) as connection:
        pairs, turned = _order(connection)
        report.faults += [*broken, *turned, *_handed_over_twice(connection, folder)]
    report.figures["pairs of one sender"] = pairs
    logged = "".join((folder / f"node{number}" / "log").read_text() for number in range(plan.nodes))
    report.figures["refused to a fenced process"] = logged.count("claim.lost") + logged.count("lease_lost")
    return report


def _order(connection: psycopg.Connection) -> tuple[int, list[str]]:
    """Consecutive mails of one sender, and a sentence for each pair that was decided the wrong way round."""
    decided: dict[str, list[tuple[int, str]]] = defaultdict(list)
    words = """SELECT author, text, reference, message.version FROM message JOIN ticket ON ticket.id = message.ticket_id
        JOIN inbound ON message.cause = 'mail:' || inbound.id ORDER BY inbound.finished_at, ticket.id, message.version"""
    for author, text, reference, version in connection.execute(words.encode()):
        found = re.search(r"No\. (\d+):", text)
        assert found is not None
        decided[author].append((int(found[1]), f"{reference}, version {version}"))
    pairs = [(author, *pair) for author, mails in decided.items() for pair in pairwise(mails)]
    turned = [f"turned round by {author}: {first}, then {second}" for author, first, second in pairs if first > second]
    return len(pairs), turned


def _handed_over_twice(connection: psycopg.Connection, folder: Path) -> Iterator[str]:
    """Letters that left more often than once and than nobody knew whether they had left."""
    uncertain: dict[str, int] = dict(connection.execute("SELECT message_id, uncertain FROM outbox").fetchall())
    times = Counter((folder / "handed-over").read_text().split())
    for name, count in times.items():
        head = (folder / "outgoing" / "new" / name).read_bytes()
        found = re.search(rb"^Message-ID:\s*<([^>]+)>", head, re.MULTILINE | re.IGNORECASE)
        assert found is not None
        allowed = 1 + uncertain[found[1].decode()]
        if count > allowed:
            yield f"letter {found[1].decode()} was handed over {count} times; allowed: {allowed}"


def _run_on_own_server(plan: Plan) -> str:
    folder = Path(tempfile.mkdtemp(prefix="desk-nodes-"))
    server = _prepared_server()
    server.start()
    try:
        report = campaign(folder, server, server.migrated(), plan)
    finally:
        server.stop()
        shutil.rmtree(server.folder)
    assert not report.faults, f"{report}\nleft in {folder}"
    return str(report)


def run(seed: int, count: int) -> str:
    """Ten times `count` mails at two nodes. Raises AssertionError when a promise was broken."""
    return _run_on_own_server(Plan(seed, 10 * count, 2, count // 4, lease=LONG_LEASE))


def run_four(seed: int, count: int) -> str:
    """The same with four nodes."""
    return _run_on_own_server(Plan(seed, 10 * count, 4, count // 4, lease=LONG_LEASE))


def run_clocks(seed: int, count: int) -> str:
    """The same with two nodes whose clocks are apart and jump."""
    return _run_on_own_server(Plan(seed, 10 * count, 2, count // 4, clocks=True, lease=LONG_LEASE))
