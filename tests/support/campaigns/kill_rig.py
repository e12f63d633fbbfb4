"""Kills a running node again and again while people write to it, and keeps books of what it acknowledged.

A kill strikes the whole node, its supervisor alone, or one of the supervised processes, without which the node must go on.
The node is `helpdesk serve` as a child process on SQLite with a Maildir as relay. SMTP clients write numbered mails and send again,
byte for byte, what was not acknowledged, as a mail server does; a platform writes rows. Whatever is random comes from one seed; how
the processes interleave does not, so a seed names the mails and the moments, not the exact run.
"""

import os
import queue
import signal
import smtplib
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from functools import partial
from pathlib import Path
from random import Random
from threading import Event, Lock, Thread
from typing import IO

from support.campaigns import kill_audit
from support.campaigns.kill_audit import Books, Mail, Reply
from support.campaigns.node_processes import SUPERVISOR, processes_of
from support.desk.story import SUPPORT, UNCAPPED, configured
from support.servers.peers import PATIENCE, Hang, free_ports, wait_for

HELPDESK = (str(Path(sys.executable).with_name("helpdesk")),)
CLIENTS = 4
CUSTOMERS = 40
STAFF = ("omar@desk.example", "ines@desk.example")
STAFF_WORDS = (("answer", ""), ("information_request", "#ask\n"), ("resolution", "#resolve\n"), ("note", "#note\n"))
GIVES_UP = 0.1  # of failed transmissions: the client's own machine is lost with the mail
REPEATS = 0.05  # of acknowledged mails are sent again: the client never saw its 250
# After what a kill comes, how often, how closely that is watched, and within how many seconds after it.
MOMENTS = {
    "start": (10, 0.0, 0.0),
    "written": (50, 0.0002, 0.004),
    "acknowledged": (15, 0.005, 0.1),
    "decided": (10, 0.02, 0.1),
    "sent": (15, 0.005, 0.1),
}
LONGEST_LULL = 1.0  # seconds
# What a kill strikes, and how often.
NODE = "node"
TARGETS = {NODE: 30, SUPERVISOR: 10, "door": 12, "worker": 18, "reader": 8, "sender": 12, "housekeeper": 5, "fork server": 5}


class Gateway:
    """`helpdesk serve`, in a process group of its own."""

    def __init__(
        self, config: Path, log: IO[bytes], program: Sequence[str] = HELPDESK, more: Mapping[str, str] | None = None
    ) -> None:
        self._command = [*program, "serve", "--config", str(config)]
        self._environment = {**os.environ, **(more or {})}
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = Event()
        self.starts: list[float] = []  # seconds that each start took until the node was ready

    def start(self) -> None:
        begin = time.monotonic()
        self._ready = Event()
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.PIPE, stderr=self._log, start_new_session=True, env=self._environment
        )
        ready = partial(self._note_ready, self._ready, begin)
        Thread(target=_listen, args=(self._process, ready), name="listening", daemon=True).start()

    def wait_until_ready(self) -> None:
        """Raises Hang, also when the node has ended by itself."""
        wait_for(lambda: self.is_ready or self.has_ended, "the node is ready")
        if not self._ready.is_set():
            raise Hang("the node ended by itself; see its log")

    def kill(self) -> None:
        """SIGKILL for the node and its readers at once."""
        process = self._process
        if process is not None:
            with suppress(ProcessLookupError):  # it has ended by itself
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(PATIENCE)
            self._process = None

    def kill_supervisor(self) -> None:
        """SIGKILL for the supervisor alone. Its processes must notice, finish what they have begun, and end. Raises Hang."""
        assert self._process is not None
        group = self._process.pid
        self._process.kill()
        self._process.wait(PATIENCE)
        wait_for(lambda: not processes_of(group), lambda: f"an orphaned node ends; left: {processes_of(group)}")
        self._process = None

    def processes(self, role: str) -> list[int]:
        """The ids of the living processes of a role: `door`, `worker`, `reader` and so on."""
        assert self._process is not None
        return sorted(pid for pid, name in processes_of(self._process.pid).items() if name.startswith(role))

    def hang_up(self) -> None:
        """SIGHUP for the supervisor: take the configuration anew."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def stop(self) -> int:
        """SIGTERM, and its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(PATIENCE)
        self._process = None
        return code

    def _note_ready(self, ready: Event, begin: float) -> None:
        self.starts.append(time.monotonic() - begin)
        ready.set()

    @property
    def is_ready(self) -> bool:
        return self._ready.is_set()

    @property
    def has_ended(self) -> bool:
        """Also by itself."""
        return self._process is None or self._process.poll() is not None


def _listen(process: subprocess.Popen[bytes], ready: Callable[[], None]) -> None:
    assert process.stdout is not None
    with process.stdout as lines:
        for line in lines:
            if line.strip() == b"ready":
                ready()


@dataclass(frozen=True, slots=True)
class Letter:
    """What a reply needs of a letter that somebody received."""

    to: str
    reply_to: str
    message_id: str
    references: str
    subject: str


class Letters:
    """The letters in the Maildir, as far as they have come."""

    def __init__(self, folder: Path) -> None:
        self._new = folder / "new"
        self._seen: set[str] = set()
        self._letters: list[Letter] = []
        self._one_at_a_time = Lock()

    def recent(self, random: Random) -> Letter | None:
        with self._one_at_a_time:
            self._look()
            return random.choice(self._letters[-40:]) if self._letters else None

    def _look(self) -> None:
        if not self._new.exists():
            return
        for name in sorted(set(os.listdir(self._new)) - self._seen):
            self._seen.add(name)
            head = BytesParser(EmailMessage, policy=policy.default).parsebytes((self._new / name).read_bytes(), headersonly=True)
            to, reply_to = (_address(str(head[field])) for field in ("To", "Reply-To"))
            self._letters.append(
                Letter(to, reply_to, str(head["Message-ID"]), str(head["References"] or ""), str(head["Subject"]))
            )


def _address(value: str) -> str:
    return value.rpartition("<")[2].rstrip(">").strip()


class Writers:
    """Everybody who writes, and the numbers that they use."""

    def __init__(self, letters: Letters) -> None:
        self._letters = letters
        self._numbers = Lock()
        self._number = 0

    def next_number(self) -> int:
        with self._numbers:
            self._number += 1
            return self._number

    def mail(self, random: Random) -> Mail:
        """A new request, or a reply to a letter that somebody has."""
        letter = self._letters.recent(random) if random.random() < 0.6 else None
        return self._request(random) if letter is None else self._reply(random, letter)

    def _request(self, random: Random) -> Mail:
        number = self.next_number()
        sender = f"c{random.randrange(CUSTOMERS)}@globex.example"
        message = _message(number, sender, SUPPORT, f"Request {number}")
        message.set_content(f"No. {number}: the export stops at {random.randrange(100)} percent.\n")
        attached = random.random() < 0.25
        if attached:
            message.add_attachment(random.randbytes(2000), maintype="application", subtype="pdf", filename=f"{number}.pdf")
        return _finished(number, "request", sender, SUPPORT, message, attached)

    def _reply(self, random: Random, letter: Letter) -> Mail:
        number = self.next_number()
        subject = letter.subject if letter.subject.startswith("Re:") else f"Re: {letter.subject}"
        message = _message(number, letter.to, letter.reply_to, subject)
        message["In-Reply-To"] = letter.message_id
        message["References"] = f"{letter.references} {letter.message_id}".strip()
        kind, words = random.choice(STAFF_WORDS) if letter.to in STAFF else ("reply", "")
        message.set_content(f"{words}No. {number}: here is more about it.\n")
        return _finished(number, kind, letter.to, letter.reply_to, message, False)


def _message(number: int, sender: str, to: str, subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = f"<{number}.{os.getpid()}@{sender.partition('@')[2]}>"
    return message


def _finished(number: int, kind: str, sender: str, to: str, message: EmailMessage, attached: bool) -> Mail:
    return Mail(number, kind, sender, to, str(message["Message-ID"]).strip("<>"), message.as_bytes(policy=policy.SMTP), attached)


class Client(Thread):
    """Sends one mail for each permit, and again until it is acknowledged."""

    def __init__(
        self, name: str, port: int, random: Random, writers: Writers, books: Books, permits: "queue.Queue[bool]"
    ) -> None:
        super().__init__(name=name, daemon=True)
        self.port, self._random, self._writers, self._books, self._permits = port, random, writers, books, permits
        self._connection: smtplib.SMTP | None = None
        self._stopped = Event()
        self.connections = 0
        self.fault: Exception | None = None

    def run(self) -> None:
        try:
            while self._permits.get():
                self._deliver(self._writers.mail(self._random))
        except Exception as fault:
            self.fault = fault
        finally:
            self._hang_up()

    def stop(self) -> None:
        self._stopped.set()

    def _deliver(self, mail: Mail) -> None:
        self._books.open(mail)
        self._transmit_until_done(mail)
        self._books.close()

    def _transmit_until_done(self, mail: Mail) -> None:
        while not self._stopped.is_set():
            connection = self._connected()
            if connection is None:
                continue
            acknowledged = self._transmit(connection, mail)
            self._books.transmitted(mail, acknowledged)
            if self._random.random() < (1 - REPEATS if acknowledged else GIVES_UP):
                return

    def _connected(self) -> smtplib.SMTP | None:
        if self._connection is None:
            try:
                self._connection = smtplib.SMTP("127.0.0.1", self.port, "client.example", timeout=PATIENCE)
                self.connections += 1
            except (OSError, smtplib.SMTPException):
                self._stopped.wait(0.02)
        return self._connection

    def _transmit(self, connection: smtplib.SMTP, mail: Mail) -> bool:
        """Whether the final dot was answered with 250. A 5yz is nobody's bad luck: it raises."""
        try:
            connection.sendmail(mail.sender, [mail.to], mail.content)
            return True
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as refusal:
            self._hang_up()
            code = refusal.smtp_code if isinstance(refusal, smtplib.SMTPResponseException) else refusal.recipients[mail.to][0]
            if 500 <= code < 600:
                raise
        except (OSError, smtplib.SMTPException):
            self._hang_up()
        return False

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Platform:
    """Writes rows into `platform_reply` by its own connection, as any other program would."""

    def __init__(self, database: Path, writers: Writers, books: Books) -> None:
        self._database, self._writers, self._books = database, writers, books

    def write(self, random: Random) -> None:
        number = self._writers.next_number()
        with sqlite3.connect(self._database, timeout=PATIENCE, isolation_level=None) as connection:
            threads = connection.execute(
                "SELECT thread_key, contact_address FROM platform_inbox ORDER BY id DESC LIMIT 40"
            ).fetchall()
            thread, contact = (
                random.choice(threads) if threads and random.random() < 0.6 else (None, f"c{number % CUSTOMERS}@globex.example")
            )
            text = f"No. {number}: written in the platform."
            insert = "INSERT INTO platform_reply (account_id, contact_address, thread_key, body_text) VALUES ('globex', ?, ?, ?)"
            row = connection.execute(insert, (contact, thread, text)).lastrowid
        connection.close()
        assert row is not None
        self._books.replies.append(Reply(row, number, thread, text))


@dataclass
class Report:
    """What a campaign did, and every promise that it found broken."""

    kills: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    starts: list[float] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        figures = ", ".join(f"{name} {count}" for name, count in self.figures.items())
        start = sorted(self.starts)[len(self.starts) // 2] if self.starts else 0.0
        kills, moments, struck = self.kills.total(), _counted(self.kills), _counted(self.struck)
        pace = kills / self.seconds * 60 if self.seconds else 0.0
        head = f"{kills} kills ({moments}; {struck}) in {self.seconds:.0f} s, {pace:.0f} a minute; median start {start:.2f} s"
        return "\n".join([f"{head}; {figures}", *self.faults])


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{count} {what}" for what, count in counter.items())


class Writes:
    """How often the database's log (WAL) was seen to change."""

    def __init__(self, database: Path) -> None:
        self._log = database.with_name(f"{database.name}-wal")
        self._last: tuple[int, int] | None = None
        self._seen = 0

    def __call__(self) -> int:
        try:
            state = self._log.stat()
        except FileNotFoundError:
            return self._seen
        if (now := (state.st_size, state.st_mtime_ns)) != self._last:
            self._last, self._seen = now, self._seen + 1
        return self._seen


class Run:
    """A node, everybody who writes to it, and the books."""

    def __init__(self, folder: Path, seed: int, log: IO[bytes]) -> None:
        [port] = free_ports(1)
        self.folder, self.database = folder, folder / "helpdesk.db"
        self.books, self.report = Books(), Report()
        self.gateway = Gateway(_listening(folder, port), log)
        self.permits: queue.Queue[bool] = queue.Queue()
        writers = Writers(Letters(folder / "outgoing"))
        self.platform = Platform(self.database, writers, self.books)
        self.clients = [
            Client(f"client {n}", port, Random(f"{seed}/{n}"), writers, self.books, self.permits) for n in range(CLIENTS)
        ]
        self.counters: dict[str, Callable[[], int]] = {
            "start": lambda: 0,
            "written": Writes(self.database),
            "acknowledged": lambda: self.books.closed,
            "decided": lambda: kill_audit.decided(self.database),
            "sent": lambda: sum(1 for _ in folder.glob("outgoing/new/*")),
        }

    def has_faults(self) -> bool:
        return any(client.fault for client in self.clients)

    def begin(self) -> None:
        self.gateway.start()
        self.gateway.wait_until_ready()
        for client in self.clients:
            client.start()

    def rest(self) -> None:
        """Everybody gets rid of what he has, then nothing waits any more, and the node ends when it is told to."""
        self.gateway.wait_until_ready()
        for _ in self.clients:
            self.permits.put(False)
        wait_for(lambda: not any(client.is_alive() for client in self.clients), "all mails are acknowledged", 2 * PATIENCE)
        wait_for(lambda: kill_audit.at_rest(self.database), "the node comes to rest", 2 * PATIENCE)
        if code := self.gateway.stop():
            self.report.faults.append(f"SIGTERM ended the node with {code}")

    def end(self) -> None:
        self.gateway.kill()
        for client in self.clients:
            client.stop()
            self.permits.put(False)
        for client in self.clients:
            if client.ident:
                client.join()
        self.report.faults += [f"{client.name}: {client.fault!r}" for client in self.clients if client.fault]


def campaign(folder: Path, seed: int, kills: int, progress: Callable[[str], None] = lambda line: None) -> Report:
    """Kill a node that many times under load in an empty folder, let it come to rest, and check the books."""
    folder.mkdir(parents=True, exist_ok=True)
    random, begin = Random(seed), time.monotonic()
    with (folder / "log").open("ab") as log:
        run = Run(folder, seed, log)
        try:
            run.begin()
            for number in range(1, kills + 1):
                _round(run, random)
                if number % 10 == 0:
                    acknowledged, seconds = run.books.acknowledged, time.monotonic() - begin
                    progress(f"kill: {number} of {kills} kills, {acknowledged} mails acknowledged, {seconds:.0f} s")
            run.rest()
        except Hang as hang:
            run.report.faults.append(str(hang))
        finally:
            run.end()
    run.report.seconds, run.report.starts = time.monotonic() - begin, run.gateway.starts
    run.report.figures, broken = kill_audit.audit(run.database, folder / "outgoing", run.books)
    run.report.faults += broken
    return run.report


def _listening(folder: Path, port: int) -> Path:
    config = configured(folder, more=UNCAPPED, stale_guard="off")
    config.write_text(config.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}"))
    return config


def _round(run: Run, random: Random) -> None:
    """One kill in a node that is starting or at work, and the next start where the node is gone."""
    moment = random.choices(list(MOMENTS), [often for often, _, _ in MOMENTS.values()])[0] if run.report.kills else "acknowledged"
    _, every, within = MOMENTS[moment]
    wanted, pause = 1 + random.randrange(15 if moment == "written" else 3), Event()
    # A node that misses a process at its start ends by itself.
    target = random.choice((NODE, SUPERVISOR)) if moment == "start" else random.choices(list(TARGETS), list(TARGETS.values()))[0]
    count = run.counters[moment]
    before = count()
    for _ in range(random.randrange(3, 9)):
        run.permits.put(True)
    strike: Callable[[], None] = partial(_strike, run.gateway, target)
    if moment == "start":
        pause.wait(random.random() * run.gateway.starts[-1])
    else:
        run.gateway.wait_until_ready()
        for _ in range(random.randrange(3)):
            run.platform.write(random)
        strike = _aimed(run.gateway, target, random)
        if moment == "written":
            before = count()
        _wait_for_more(run, moment, before + wanted, every)
        pause.wait(random.random() * within)
    strike()
    run.report.kills[moment] += 1
    run.report.struck[target] += 1


def _wait_for_more(run: Run, moment: str, wanted: int, every: float) -> None:
    """Wait until the moment's counter has come so far. Few commits may be enough for the mails under way: then further ones follow."""
    count, more_at = run.counters[moment], time.monotonic() + LONGEST_LULL

    def reached() -> bool:
        nonlocal more_at
        if time.monotonic() > more_at:
            run.permits.put(True)
            more_at = time.monotonic() + LONGEST_LULL
        return count() >= wanted or run.has_faults()

    wait_for(reached, f"{moment} {wanted} times", every=every)


def _aimed(gateway: Gateway, target: str, random: Random) -> Callable[[], None]:
    """What kills the target at once. The process is looked up before, because its moment is short."""
    if target in (NODE, SUPERVISOR):
        return partial(_strike, gateway, target)
    found: list[int] = []

    def is_there() -> bool:
        found[:] = gateway.processes(target)
        return bool(found)

    wait_for(is_there, f"there is a {target}")
    return partial(_kill_process, random.choice(found))


def _strike(gateway: Gateway, target: str) -> None:
    if target == NODE:
        gateway.kill()
    else:
        gateway.kill_supervisor()
    gateway.start()


def _kill_process(pid: int) -> None:
    with suppress(ProcessLookupError):  # it has ended by itself, as a reader does together with its worker
        os.kill(pid, signal.SIGKILL)


def run(seed: int, count: int) -> str:
    """A campaign of `count` kills with progress lines; its report. Raises AssertionError when a promise was broken."""
    folder = Path(tempfile.mkdtemp(prefix="desk-kill-"))
    report = campaign(folder, seed, count, lambda line: print(line, flush=True))
    assert not report.faults, f"{report}\nleft in {folder}"
    return str(report)
