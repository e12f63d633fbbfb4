"""A node under steady load for minutes or hours, with a fault every so often: memory, descriptors and latency stay where they are.

The node is `helpdesk serve` with a relay that speaks SMTP and a DNS server, both of the rig. Writers send mails at a steady pace and keep books;
while DNS does not answer, strangers write from an address whose mails are checked. At each fault a process is killed or stopped, the relay
defers, hangs or is away, the database is locked, the disk counts as full, DNS does not answer, or a large mail comes. What is measured during
a fault and shortly after it does not count.
"""

import asyncio
import os
import queue
import signal
import smtplib
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from itertools import cycle
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import IO, Any

import psycopg
from support.campaigns import kill_audit
from support.campaigns.kill_audit import Books, Mail
from support.campaigns.kill_rig import Client, Gateway, Letters, Writers, _finished, _message
from support.campaigns.node_processes import processes_of
from support.desk.story import SUPPORT, UNCAPPED, configured
from support.servers.databases import _prepared_server
from support.servers.dns_server import SILENCE, Zone, dns_server
from support.servers.peers import PATIENCE, Hang, free_ports, wait_for
from support.servers.scripted_relay import CLOSE, HANG, ScriptedRelay, TakenLetter, scripted_relay

from helpdesk.gateway.delivery.maildir import file_name

PACE = 200  # mails a minute
STRANGER = "127.0.0.2"  # an address of this machine whose mails prove nobody
STRANGE_MAILS = 4  # at each fault of DNS; of more than twenty in ten minutes the team is told by one letter
LARGE = 8 * 1024 * 1024
WARM = 0.25  # of the run, in which caches fill
FASTER_RETRIES = '\n[retry]\nwaits = ["2s", "5s"]\n'
PLENTY_RESERVED = 2**60
# What may be gained over the whole run, by a robust fit: a part of the median, and an amount that is noise.
MEMORY_GAINED, MEMORY_NOISE = 0.10, 24 * 1024 * 1024
DESCRIPTORS_GAINED, DESCRIPTORS_NOISE = 0.05, 6
LATENCY_GAINED, LATENCY_NOISE = 0.5, 0.1  # seconds


@dataclass(frozen=True, slots=True)
class Sample:
    """What the processes of a node hold at a moment, in seconds since the start: proportional set size in octets by role, and descriptors."""

    at: float
    memory: dict[str, int]
    descriptors: int


@dataclass
class Figures:
    """What was measured. Latencies are pairs of a moment and a duration, in seconds."""

    samples: list[Sample] = field(default_factory=list)
    answered: list[tuple[float, float]] = field(default_factory=list)  # from the dot to the 250
    confirmed: list[tuple[float, float]] = field(default_factory=list)  # from the 250 to the confirmation at the relay
    faults: list[tuple[float, float, str]] = field(default_factory=list)  # from, until, what
    seconds: float = 0.0

    def calm(self, at: float) -> bool:
        """Whether a moment is neither in the warm-up nor in a fault nor shortly after one."""
        settling = min(8.0, self.seconds / 12)
        return at > WARM * self.seconds and all(not begin <= at <= end + settling for begin, end, _ in self.faults)

    def trends(self) -> "list[Trend]":
        samples = [sample for sample in self.samples if self.calm(sample.at)]
        memory = [(sample.at, float(sum(sample.memory.values()))) for sample in samples]
        descriptors = [(sample.at, float(sample.descriptors)) for sample in samples]
        answered, confirmed = ([pair for pair in pairs if self.calm(pair[0])] for pairs in (self.answered, self.confirmed))
        return [
            Trend("memory", memory, self.seconds, MEMORY_GAINED, MEMORY_NOISE, 1 / 2**20, "MiB"),
            Trend("descriptors", descriptors, self.seconds, DESCRIPTORS_GAINED, DESCRIPTORS_NOISE),
            Trend("250", answered, self.seconds, LATENCY_GAINED, LATENCY_NOISE, 1000, "ms"),
            Trend("confirmation", confirmed, self.seconds, LATENCY_GAINED, LATENCY_NOISE, 1000, "ms"),
        ]


@dataclass(frozen=True)
class Trend:
    """A measured quantity over time. `scale` and `unit` are how it is printed."""

    name: str
    points: Sequence[tuple[float, float]]
    seconds: float
    gained: float
    noise: float
    scale: float = 1
    unit: str = ""

    @property
    def gain(self) -> float:
        """By how much it grows over the whole run: the median of the slopes between pairs of points (Theil and Sen), times the duration."""
        points = sorted(self.points)
        half = len(points) // 2
        slopes = [(later[1] - early[1]) / (later[0] - early[0]) for early, later in zip(points, points[half:], strict=False)]
        return statistics.median(slopes) * self.seconds if slopes else 0.0

    @property
    def median(self) -> float:
        return statistics.median(value for _, value in self.points) if self.points else 0.0

    @property
    def is_latency(self) -> bool:
        return self.unit == "ms"

    @property
    def is_flat(self) -> bool:
        return self.gain <= self.gained * self.median + self.noise

    def __str__(self) -> str:
        values = f"median {self.median * self.scale:.0f} {self.unit}".strip()
        return f"{self.name}: {values}, {self.gain * self.scale:+.0f} over the run ({len(self.points)} points)"


class _Kept(list[TakenLetter]):
    """What the relay took: written into a Maildir, as its next server would, and not kept in memory."""

    def __init__(self, folder: Path, heard: Callable[[bytes], None]) -> None:
        self._new, self._heard = folder / "new", heard
        self._new.mkdir(parents=True)

    def append(self, letter: TakenLetter) -> None:
        recipient = letter.rcpt.partition("<")[2].partition(">")[0]
        unfinished = self._new.parent / "unfinished"
        unfinished.write_bytes(letter.content)
        unfinished.rename(self._new / file_name(recipient, letter.content))
        self._heard(letter.content)


class Relay:
    """A scripted relay in a thread with an event loop of its own."""

    def __init__(self, folder: Path, heard: Callable[[bytes], None]) -> None:
        self.scripted = ScriptedRelay(letters=_Kept(folder, heard))
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._listens = Event()
        self._thread = Thread(target=self._loop.run_until_complete, args=(self._serve(),), daemon=True)
        self._thread.start()
        assert self._listens.wait(PATIENCE)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.scripted.port}"

    @contextmanager
    def answering(self, verb: str, answer: str) -> Iterator[None]:
        self.scripted.script[verb] = [answer]
        try:
            yield
        finally:
            del self.scripted.script[verb]
            self._loop.call_soon_threadsafe(self._let_go)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(PATIENCE)
        self._loop.close()

    async def _serve(self) -> None:
        async with scripted_relay(self.scripted):
            self._listens.set()
            while not self._stopping.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), 5)
                self.scripted.wire.clear()
                self.scripted.commands.clear()
                self.scripted.lines.clear()
                self.scripted.transports = {transport for transport in self.scripted.transports if not transport.is_closing()}

    def _let_go(self) -> None:
        """Sessions that hang end, and the next ones may hang again."""
        self.scripted.released.set()
        self.scripted.released = asyncio.Event()


class SoakedGateway(Gateway):
    """A node whose processes are measured."""

    def roles(self) -> dict[int, str]:
        assert self._process is not None
        return processes_of(self._process.pid)


class TimedClient(Client):
    """A client that notes how long the 250 takes."""

    def __init__(self, *arguments: Any, soak: "Soak") -> None:
        super().__init__(*arguments)
        self._soak = soak

    def _transmit(self, connection: smtplib.SMTP, mail: Mail) -> bool:
        begin = time.monotonic()
        acknowledged = super()._transmit(connection, mail)
        if acknowledged:
            self._soak.note_answer(mail, begin)
        return acknowledged


class StrangeClient(TimedClient):
    """Strangers, from an address whose mails are checked against DNS."""

    def _connected(self) -> smtplib.SMTP | None:
        if self._connection is None:
            try:
                place = ("127.0.0.1", self.port, "client.example")
                self._connection = smtplib.SMTP(*place, timeout=PATIENCE, source_address=(STRANGER, 0))
            except (OSError, smtplib.SMTPException):
                self._stopped.wait(0.02)
        return self._connection


class Strangers(Writers):
    """People whom the desk does not know. They only ask."""

    def __init__(self, numbers: Writers) -> None:
        self._shared = numbers

    def mail(self, random: Random) -> Mail:
        number = self._shared.next_number()
        sender = f"s{random.randrange(40)}@elsewhere.example"
        message = _message(number, sender, SUPPORT, f"Question {number}")
        message.set_content(f"No. {number}: does the import work with {random.randrange(100)} columns?\n")
        return _finished(number, "request", sender, SUPPORT, message, False)


def _large_mail(writers: Writers, random: Random) -> Mail:
    number = writers.next_number()
    sender = f"c{random.randrange(40)}@globex.example"
    message = _message(number, sender, SUPPORT, f"Request {number}")
    message.set_content(f"No. {number}: here is the whole export.\n")
    message.add_attachment(random.randbytes(LARGE), maintype="application", subtype="pdf", filename=f"{number}.pdf")
    return _finished(number, "request", sender, SUPPORT, message, True)


class Soak:
    """A node, its relay and DNS, everybody who writes, and what is measured."""

    def __init__(self, folder: Path, seed: int, seconds: float, log: IO[bytes], zone: Zone, database: str = "") -> None:
        [self.port] = free_ports(1)
        self.folder, self.zone, self.seconds = folder, zone, seconds
        self.database: Path | str = database or folder / "helpdesk.db"
        self.books, self.figures = Books(), Figures(seconds=seconds)
        self.broken: list[str] = []
        self.relay = Relay(folder / "outgoing", self._note_letter)
        self.config = self._configured(database)
        self.gateway = SoakedGateway(self.config, log)
        self.random = Random(seed)
        self.permits: queue.Queue[bool] = queue.Queue()
        self.strange_permits: queue.Queue[bool] = queue.Queue()
        self.writers = Writers(Letters(folder / "outgoing"))
        strangers = Strangers(self.writers)
        self.clients: list[Client] = [
            TimedClient(f"client {n}", self.port, Random(f"{seed}/{n}"), self.writers, self.books, self.permits, soak=self)
            for n in range(3)
        ]
        strange = (self.port, Random(f"{seed}/strange"), strangers, self.books, self.strange_permits)
        self.clients.append(StrangeClient("stranger", *strange, soak=self))
        self._begin = time.monotonic()
        self._acknowledged: dict[str, float] = {}

    def now(self) -> float:
        return time.monotonic() - self._begin

    def note_answer(self, mail: Mail, begin: float) -> None:
        end = time.monotonic()
        self.figures.answered.append((begin - self._begin, end - begin))
        if mail.kind == "request":
            self._acknowledged.setdefault(mail.message_id, end)

    def _note_letter(self, content: bytes) -> None:
        answered = str(BytesHeaderParser().parsebytes(content)["In-Reply-To"] or "").strip("<> ")
        if (begin := self._acknowledged.pop(answered, None)) is not None:
            self.figures.confirmed.append((begin - self._begin, time.monotonic() - begin))

    def _configured(self, database: str) -> Path:
        servers = f'assume_from = ["127.0.0.1/32"]\nnameservers = ["{self.zone.address}"]\ndns_timeout = "2s"'
        given = {"database": database} if database else {}
        config = configured(self.folder, relay=self.relay.url, more=UNCAPPED + FASTER_RETRIES, stale_guard="off", **given)
        text = (
            config.read_text().replace("127.0.0.1:0", f"127.0.0.1:{self.port}").replace('assume_from = ["127.0.0.1/32"]', servers)
        )
        config.write_text(text.replace("[relay]\n", '[relay]\ntimeout = "5s"\nfinal_dot_timeout = "10s"\n'))
        return config

    def run(self, faults: Sequence["Fault"], fault_every: float) -> None:
        """Write at a steady pace; begin the next fault every `fault_every` seconds."""
        self.gateway.start()
        self.gateway.wait_until_ready()
        for client in self.clients:
            client.start()
        self._begin = time.monotonic()
        sampling = Thread(target=self._sample, daemon=True)
        sampling.start()
        striking = Thread(target=self._strike, args=(faults, fault_every), daemon=True)
        striking.start()
        pause, number = Event(), 0
        while (now := self.now()) < self.seconds:
            number += 1
            self.permits.put(True)
            pause.wait(max(0.0, number * 60 / PACE - now))
        striking.join()
        self.figures.seconds = self.now()
        sampling.join()

    def rest(self) -> None:
        for _ in self.clients[:-1]:
            self.permits.put(False)
        self.strange_permits.put(False)
        wait_for(lambda: not any(client.is_alive() for client in self.clients), "all mails are acknowledged", 2 * PATIENCE)
        wait_for(lambda: kill_audit.at_rest(self.database), "the node comes to rest", 3 * PATIENCE, every=0.2)
        if code := self.gateway.stop():
            self.broken.append(f"SIGTERM ended the node with {code}")

    def end(self) -> None:
        self.gateway.kill()
        for client in self.clients:
            client.stop()
        for _ in self.clients:
            self.permits.put(False)
            self.strange_permits.put(False)
        for client in self.clients:
            if client.ident:
                client.join()
        self.broken += [f"{client.name}: {client.fault!r}" for client in self.clients if client.fault]
        self.relay.close()

    def _strike(self, faults: Sequence["Fault"], every: float) -> None:
        pause = Event()
        for number, fault in enumerate(cycle(faults)):
            begins = (number + 0.5) * every
            pause.wait(max(0.0, begins - self.now()))
            if begins + fault.seconds >= self.seconds:
                return
            begin = self.now()
            try:
                with fault.lasting(self):
                    pause.wait(fault.seconds)
            except Exception as unable:
                self.broken.append(f"the fault {fault.name} could not be made: {unable!r}")
            self.figures.faults.append((begin, self.now(), fault.name))

    def _sample(self) -> None:
        pause = Event()
        while self.now() < self.seconds:
            with suppress(AssertionError, OSError):
                self.figures.samples.append(self._sampled())
            pause.wait(1.0)

    def _sampled(self) -> Sample:
        memory: dict[str, int] = {}
        descriptors = 0
        for pid, role in self.gateway.roles().items():
            with suppress(OSError):  # it has ended meanwhile
                memory[role] = memory.get(role, 0) + _proportional_set_size(pid)
                descriptors += len(os.listdir(f"/proc/{pid}/fd"))
        return Sample(self.now(), memory, descriptors)


def _proportional_set_size(pid: int) -> int:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, and for how many seconds."""

    name: str
    seconds: float
    lasting: Callable[[Soak], Any]


def _killed(role: str) -> Callable[[Soak], Any]:
    @contextmanager
    def lasting(soak: Soak) -> Iterator[None]:
        for pid in soak.gateway.processes(role)[:1]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        yield

    return lasting


def _stopped(role: str) -> Callable[[Soak], Any]:
    @contextmanager
    def lasting(soak: Soak) -> Iterator[None]:
        pids = soak.gateway.processes(role)[:1]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    return lasting


def _relay(verb: str, answer: str) -> Callable[[Soak], Any]:
    return lambda soak: soak.relay.answering(verb, answer)


@contextmanager
def _locked(soak: Soak) -> Iterator[None]:
    if isinstance(soak.database, Path):
        with closing(sqlite3.connect(soak.database, timeout=PATIENCE, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")
        return
    with psycopg.connect(soak.database) as connection:
        connection.execute("LOCK TABLE inbound IN ACCESS EXCLUSIVE MODE")
        yield


@contextmanager
def _full(soak: Soak) -> Iterator[None]:
    """A door that starts with a larger reserve than the disk has. Each process reads the settings when it starts."""
    kept = soak.config.read_text()
    soak.config.write_text(kept.replace("[database]\n", f"[database]\nreserve = {PLENTY_RESERVED}\n"))
    try:
        with _killed("door")(soak):
            yield
    finally:
        soak.config.write_text(kept)
        with _killed("door")(soak):
            pass


@contextmanager
def _dns_silent(soak: Soak) -> Iterator[None]:
    soak.zone.everything = SILENCE
    for _ in range(STRANGE_MAILS):
        soak.strange_permits.put(True)
    try:
        yield
    finally:
        soak.zone.everything = ""


@contextmanager
def _large(soak: Soak) -> Iterator[None]:
    mail = _large_mail(soak.writers, soak.random)
    soak.books.open(mail)
    with closing(smtplib.SMTP("127.0.0.1", soak.port, "client.example", timeout=PATIENCE)) as connection:
        connection.sendmail(mail.sender, [mail.to], mail.content)
    soak.books.transmitted(mail, True)
    soak.books.close()
    yield


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("worker killed", 1, _killed("worker")),
        Fault("relay defers", 8, _relay("DOT", "451 4.3.0 try again later")),
        Fault("sender stopped", 20, _stopped("sender")),
        Fault("database locked", 5, _locked),
        Fault("door killed", 1, _killed("door")),
        Fault("relay hangs", 15, _relay("BANNER", HANG)),
        Fault("DNS away", 15, _dns_silent),
        Fault("large mail", 3, _large),
        Fault("sender killed", 1, _killed("sender")),
        Fault("disk nearly full", 5, _full),
        Fault("worker stopped", 20, _stopped("worker")),
        Fault("relay away", 15, _relay("BANNER", CLOSE)),
        Fault("reader killed", 1, _killed("reader")),
        Fault("housekeeper killed", 1, _killed("housekeeper")),
        Fault("fork server killed", 1, _killed("fork server")),
        Fault("door stopped", 20, _stopped("door")),
    )
}


@dataclass
class Report:
    """How a soak ended: figures, a sentence for each broken promise, and one for each latency that grew.

    Latencies say something in a run of minutes on a machine that does nothing else.
    """

    trends: list[Trend]
    figures: Figures
    counts: dict[str, int]
    broken: list[str]
    slower: list[str]

    def __str__(self) -> str:
        last = self.figures.samples[-1].memory if self.figures.samples else {}
        roles = ", ".join(f"{role} {octets // 2**20}" for role, octets in sorted(last.items()))
        head = f"{self.figures.seconds:.0f} s, {len(self.figures.faults)} faults: {', '.join(name for *_, name in self.figures.faults)}"
        counts = ", ".join(f"{name} {count}" for name, count in self.counts.items())
        return "\n".join([head, *map(str, self.trends), f"memory at the end in MiB: {roles}", counts, *self.broken, *self.slower])


def campaign(
    folder: Path,
    seed: int,
    seconds: float,
    fault_every: float = 60,
    faults: Sequence[Fault] = (*FAULTS.values(),),
    database: str = "",
) -> Report:
    """Let a node work for so long in an empty folder, let it come to rest, and check figures and books."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        zone = stack.enter_context(dns_server())
        log = stack.enter_context((folder / "log").open("ab"))
        soak = Soak(folder, seed, seconds, log, zone, database)
        try:
            soak.run(faults, fault_every)
            soak.rest()
        except Hang as hang:
            soak.broken.append(str(hang))
        finally:
            soak.end()
    counts, broken = kill_audit.audit(soak.database, folder / "outgoing", soak.books)
    trends = soak.figures.trends()
    grown = [trend for trend in trends if not trend.is_flat]
    held = [f"{trend.name} grows: {trend}" for trend in grown if not trend.is_latency]
    slower = [f"{trend.name} grows: {trend}" for trend in grown if trend.is_latency]
    return Report(trends, soak.figures, counts, [*soak.broken, *broken, *held], slower)


def run(seed: int, count: int) -> str:
    """About `count` mails, which is five minutes for 1000; a fault each minute. Raises AssertionError when a promise was broken."""
    return _checked(seed, count)


def run_postgresql(seed: int, count: int) -> str:
    """The same on PostgreSQL."""
    server = _prepared_server()
    server.start()
    try:
        return _checked(seed, count, server.migrated())
    finally:
        server.stop()


def _checked(seed: int, count: int, database: str = "") -> str:
    folder = Path(tempfile.mkdtemp(prefix="desk-soak-"))
    report = campaign(folder, seed, count * 60 / PACE, database=database)
    assert not report.broken and not report.slower, f"{report}\nleft in {folder}"
    return str(report)
