"""Kills a flow before each of its system calls, or lets each of them fail, and checks the books afterwards.

strace is the injector. A flow is run once to list its calls; then once for each of them, from a fresh copy of the same folder, with a
kill or an error there. Then a node starts again, everybody sends again what was not acknowledged, and the audit looks for what was
lost, doubled or torn.
"""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from queue import Queue
from random import Random
from threading import Lock
from typing import Self

from sqlalchemy import insert, update
from support.campaigns import kill_audit
from support.campaigns.crash_driver import Answer, Order
from support.campaigns.kill_audit import Books, Mail, Reply
from support.campaigns.kill_rig import Letters, Writers
from support.desk.story import MONDAY, UNCAPPED, configured
from support.mails.plain_reader import PlainReader
from support.servers.peers import missing

from helpdesk.config.load import load
from helpdesk.gateway.node.node import Node, tick
from helpdesk.gateway.work.kind import TRIES
from helpdesk.store.inbound import store_raw
from helpdesk.store.schema import inbound, platform_reply
from helpdesk.threading.model.mail import Envelope, RawMessage

DRIVERS = 2
ON_DISK = ("write", "pwrite64", "writev", "fsync", "fdatasync", "rename", "unlink", "ftruncate", "fallocate", "openat", "mkdir")
ERRORS = ("ENOSPC", "EIO", "EDQUOT")
CALL = re.compile(r"^(?P<thread>\d+)\s+(?P<name>\w+)\((?P<rest>.*)$")
RESUMED = re.compile(r"^(?P<thread>\d+)\s+<\.\.\. (?P<name>\w+) resumed")
PATH = re.compile(r"<(?P<path>/[^>]*)>")
QUOTED = re.compile(r'"(?P<path>/[^"]*)"')
STORED = '"250 2.0.0 message stored'
MAILBOX = """
[[mailbox]]
name = "old"
url = "imap://support@127.0.0.1:1"
password_file = "password"
after = "move:Processed"
start_at = "all"
"""
VOUCHED = '[authentication]\ntrusted_authserv_ids = ["mx.support.example.com"]'
PASSED = "Authentication-Results: mx.support.example.com; dmarc=pass header.from={0}; dkim=pass header.d={0}\r\n"


@dataclass(frozen=True, slots=True)
class Point:
    """The n-th call of that name in one thread of a flow, and what becomes of it: SIGKILL, or an error (`+`: from there on)."""

    flow: str
    call: str
    number: int
    fate: str = "SIGKILL"

    @property
    def inject(self) -> str:
        what = "signal=SIGKILL" if self.fate == "SIGKILL" else f"error={self.fate.rstrip('+')}"
        return f"{self.call}:{what}:when={self.number}{'+' if self.fate.endswith('+') else ''}"

    def __str__(self) -> str:
        return f"{self.flow}, {self.fate} at {self.call} {self.number}"


@dataclass
class Tally:
    """What a run over many points did, and every promise that it found broken."""

    points: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    errors: int = 0
    not_reached: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)
    _one_at_a_time: Lock = field(default_factory=Lock)

    def count(self, point: Point, answer: Answer, faults: list[str]) -> None:
        with self._one_at_a_time:
            self.points[point.flow] += 1
            killed = answer.ended == -9
            self.kills += killed
            self.errors += point.fate != "SIGKILL"
            self.not_reached += point.fate == "SIGKILL" and not killed
            self.faults += [f"{point}: {fault}" for fault in faults]

    def __str__(self) -> str:
        flows = ", ".join(f"{flow} {count}" for flow, count in self.points.items())
        head = f"{self.points.total()} points ({flows}) in {self.seconds:.0f} s: {self.kills} kills, {self.errors} errors"
        return "\n".join([f"{head}, {self.not_reached} not reached; {len(self.faults)} faults", *self.faults[:20]])


# --- what a flow begins with


@dataclass(frozen=True, slots=True)
class Stage:
    """A folder with everything that is there before a flow, the books so far, and mails that the flow itself takes in."""

    folder: Path
    books: Books
    mails: tuple[Mail, ...] = ()
    hours: int = 0  # from Monday morning until the flow
    relay: str = "maildir"


@contextmanager
def _node(folder: Path, hours: int = 0) -> Iterator[Node]:
    node = Node(load(folder / "helpdesk.toml", {}), lambda: MONDAY + timedelta(hours=hours), PlainReader())
    try:
        node.prepare()
        yield node
    finally:
        node.close()


class Stages:
    """The beginnings of all flows, made once."""

    def __init__(self, folder: Path, seed: int = 1) -> None:
        self._folder, self._random = folder, Random(seed)
        self._made: dict[str, Stage] = {}
        self._one_at_a_time = Lock()

    def __getitem__(self, flow: str) -> Stage:
        with self._one_at_a_time:
            if flow not in self._made:
                self._made[flow] = STAGES[flow](self, flow)
            return self._made[flow]

    def base(self) -> Stage:
        """Two tickets whose first letters have gone out."""
        if "base" not in self._made:
            folder, books = self._empty("base"), Books()
            writers = Writers(Letters(folder / "outgoing"))
            with _node(folder) as node:
                for _ in range(2):
                    _arrived(node, books, writers._request(self._random))
                _tick(node)
            self._made["base"] = Stage(folder, books)
        return self._made["base"]

    def mails(self, folder: Path, books: Books) -> list[Mail]:
        """A request with an attachment, an answer of a customer to a letter, two mails of staff."""
        letters = Letters(folder / "outgoing")
        letters.recent(self._random)
        writers = Writers(letters)
        writers._number = 100 + len(books.mails)
        to_customer = [letter for letter in letters._letters if letter.to.endswith("globex.example")]
        to_staff = [letter for letter in letters._letters if letter.to.endswith("desk.example")]
        request = writers._request(self._random)
        while not request.attached:
            request = writers._request(self._random)
        replies = [
            writers._reply(self._random, to_customer[0]),
            *(writers._reply(self._random, letter) for letter in to_staff[:2]),
        ]
        return [request, *replies]

    def copy_of_base(self, flow: str) -> tuple[Path, Books]:
        base, folder = self.base(), self._folder / flow
        shutil.copytree(base.folder, folder)
        return folder, deepcopy_of(base.books)

    def _empty(self, name: str) -> Path:
        folder = self._folder / name
        config = configured(folder, more=UNCAPPED, stale_guard="off")
        config.write_text(config.read_text().replace('blobs = "blobs"', 'blobs = "blobs"\nblob_threshold = 1024'))
        return folder

    # --- one for each flow

    def empty(self, flow: str) -> Stage:
        folder = self._empty(flow)
        writers = Writers(Letters(folder / "outgoing"))
        return Stage(folder, Books(), (writers._request(self._random),))

    def door(self, flow: str) -> Stage:
        folder, books = self.copy_of_base(flow)
        return Stage(folder, books, tuple(self.mails(folder, books)))

    def pending(self, flow: str) -> Stage:
        folder, books = self.copy_of_base(flow)
        with _node(folder) as node:
            for mail in self.mails(folder, books):
                _arrived(node, books, mail, copies=2 if mail.kind == "request" else 1)
        return Stage(folder, books)

    def in_mailbox(self, flow: str) -> Stage:
        """The mails lie in a mailbox, whose server vouches for their authors."""
        folder, books = self.copy_of_base(flow)
        config = folder / "helpdesk.toml"
        text = config.read_text().replace("[authentication]", VOUCHED)
        config.write_text(text + MAILBOX)
        (folder / "password").touch(mode=0o600)
        (folder / "password").write_text("secret\n")
        (folder / "mailbox").mkdir()
        for uid, mail in enumerate(self.mails(folder, books), start=1):
            passed = PASSED.format(mail.sender.partition("@")[2]).encode()
            (folder / "mailbox" / str(uid)).write_bytes(passed + mail.content)
            mail.sends = mail.acknowledged = 1
            books.open(mail)
        return Stage(folder, books)

    def copies(self, flow: str) -> Stage:
        folder, books = self.copy_of_base(flow)
        with _node(folder) as node:
            _arrived(node, books, self.mails(folder, books)[0], copies=2)
        return Stage(folder, books)

    def platform(self, flow: str) -> Stage:
        folder, books = self.copy_of_base(flow)
        with _node(folder) as node, node.database.writing() as connection:
            thread = connection.exec_driver_sql("SELECT thread_key, contact_address FROM platform_inbox").fetchall()[0]
            for number, key in enumerate((None, thread[0]), start=500):
                words = f"No. {number}: written in the platform."
                row = {"account_id": "globex", "contact_address": thread[1], "thread_key": key, "body_text": words}
                made = connection.execute(insert(platform_reply).values(**row, created_at=MONDAY)).inserted_primary_key
                assert made is not None
                books.replies.append(Reply(int(made[0]), number, key, words))
        return Stage(folder, books)

    def due(self, flow: str) -> Stage:
        folder, books = self.copy_of_base(flow)
        return Stage(folder, books, hours=24 + 8)

    def queued(self, flow: str) -> Stage:
        pending = self.pending(flow)
        with _node(pending.folder) as node:
            node.worker.work()
        return replace(pending, relay="maildir" if "folder" in flow else "sink")

    def last_try(self, flow: str) -> Stage:
        pending = self.pending(flow)
        with _node(pending.folder) as node, node.database.writing() as connection:
            connection.execute(update(inbound).where(inbound.c.state == "pending").values(attempts=TRIES - 1))
        return pending

    def set_aside(self, flow: str) -> Stage:
        pending = self.pending(flow)
        with _node(pending.folder) as node, node.database.writing() as connection:
            connection.execute(update(inbound).where(inbound.c.state == "pending").values(state="quarantined", attempts=TRIES))
        return pending

    def pending_with_relay(self, flow: str) -> Stage:
        return replace(self.pending(flow), relay="sink")


STAGES: dict[str, Callable[[Stages, str], Stage]] = {
    "accept": Stages.door,
    "ingest": Stages.pending,
    "poll": Stages.in_mailbox,
    "platform": Stages.platform,
    "timers": Stages.due,
    "send": Stages.queued,
    "send to a folder": Stages.queued,
    "whole": Stages.pending_with_relay,
    "migrate": Stages.empty,
    "quarantine": Stages.last_try,
    "replay": Stages.set_aside,
    "checkpoint": Stages.pending,
    "recover": Stages.pending_with_relay,
    "overtaken": Stages.pending,
    "copies": Stages.copies,
}
KILLED = ("accept", "poll", "ingest", "platform", "timers", "send", "send to a folder", "whole", "migrate", "quarantine", "replay",
          "checkpoint", "recover")  # fmt: skip
FAILING = ("accept", "poll", "ingest", "checkpoint", "send to a folder")


def deepcopy_of(books: Books) -> Books:
    return Books(deepcopy(books.mails), list(books.replies), books.acknowledged, books.closed)


def _arrived(node: Node, books: Books, mail: Mail, copies: int = 1) -> None:
    raw = RawMessage("smtp", Envelope(mail.sender, (mail.to,)), mail.content, node.clock(), "127.0.0.1")
    threshold = node.configuration.settings.database.blob_threshold
    for _ in range(copies):
        store_raw(node.database, node.blobs, threshold, [raw], node.clock())
    mail.sends, mail.acknowledged = copies, copies
    books.open(mail)


def _tick(node: Node) -> None:
    asyncio.run(tick(node))


# --- one run


class Driver:
    """A warm process that does flows in children of its own."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.campaigns.crash_driver"],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, order: Order) -> Answer:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(vars(order)) + "\n")
        self._process.stdin.flush()
        return Answer(**json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()


class Rig:
    """Drivers, the stages of all flows, and a folder to run them in."""

    def __init__(self, folder: Path, seed: int = 1) -> None:
        if shutil.which("strace") is None:
            missing("strace")
        self._folder = folder
        self.stages = Stages(folder / "stages", seed)
        self._drivers: Queue[Driver] = Queue()
        for _ in range(DRIVERS):
            self._drivers.put(self._warm(Driver()))

    def _warm(self, driver: Driver) -> Driver:
        with self._workplace(self.stages["accept"]) as folder:
            mails = _as_words(self.stages["accept"].mails)
            driver(Order("warm", str(folder), MONDAY.isoformat(), mails=mails))
        return driver

    def close(self) -> None:
        for _ in range(DRIVERS):
            self._drivers.get().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _workplace(self, stage: Stage) -> Iterator[Path]:
        self._folder.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        shutil.copytree(stage.folder, folder, dirs_exist_ok=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _driver(self) -> Iterator[Driver]:
        driver = self._drivers.get()
        try:
            yield driver
        finally:
            self._drivers.put(driver)

    def trace(self, flow: str, fault: str = "") -> list[str]:
        """The calls of an undisturbed run, as strace writes them."""
        stage = self.stages[flow]
        with self._workplace(stage) as folder, self._driver() as driver:
            answer = driver(_order(flow, stage, folder, trace=str(folder / "trace"), fault=fault))
            assert answer.ended == 0, answer.told
            return (folder / "trace").read_text().splitlines()

    def points(self, flow: str) -> list[Point]:
        """Every call of a flow; of two threads that make the same call, the first to make it for the n-th time."""
        seen: Counter[tuple[str, str]] = Counter()
        found: dict[Point, None] = {}
        for match in filter(None, map(CALL.match, self.trace(flow))):
            seen[match["thread"], match["name"]] += 1
            found[Point(flow, match["name"], seen[match["thread"], match["name"]])] = None
        return list(found)

    def run(self, point: Point, fault: str = "") -> tuple[Answer, list[str]]:
        """One run with its recovery; every promise that it broke."""
        stage = self.stages[point.flow]
        books = deepcopy_of(stage.books)
        with self._workplace(stage) as folder, self._driver() as driver:
            answer = driver(_order(point.flow, stage, folder, inject=point.inject if point.number else "", fault=fault))
            told = [f"the flow ended with {answer.ended}: {answer.told}"] if _crashed(point, answer) else []
            again = _enter(books, stage.mails, answer)
            order = _order("recover", stage, folder, fault=fault, mails=again)
            recovered = driver(order)
            if recovered.ended:
                return answer, [*told, f"no node starts any more: {recovered.told}"]
            _, faults = kill_audit.audit(folder / "helpdesk.db", folder / "outgoing", books)
            return answer, [*told, *_wrong_refusals(point, stage, answer), *_left_in_mailbox(folder), *faults]

    def run_all(self, points: Sequence[Point], progress: Callable[[str], None] = lambda line: None) -> Tally:
        """All of them, two at a time."""
        tally, begin = Tally(), time.monotonic()

        def one(point: Point) -> None:
            tally.count(point, *self.run(point))
            if tally.points.total() % 200 == 0:
                progress(f"{tally.points.total()} of {len(points)} points, {time.monotonic() - begin:.0f} s")

        with ThreadPoolExecutor(DRIVERS) as pool:
            list(pool.map(one, points))
        tally.seconds = time.monotonic() - begin
        return tally


def _order(flow: str, stage: Stage, folder: Path, **words: object) -> Order:
    at = (MONDAY + timedelta(hours=stage.hours)).isoformat()
    words.setdefault("mails", _as_words(stage.mails))
    return Order(flow, str(folder), at, relay=stage.relay, **words)  # type: ignore[arg-type]


def _as_words(mails: Sequence[Mail]) -> list[dict[str, str]]:
    return [{"sender": mail.sender, "to": mail.to, "content": mail.content.hex()} for mail in mails]


def _crashed(point: Point, answer: Answer) -> bool:
    """A kill ends a flow, and so may a fault of the disk that the flow passes on to who called it; nothing else does.

    Where every write fails from then on, its last words are lost too.
    """
    if answer.ended in (0, -9 if point.fate == "SIGKILL" else 0) or (point.fate.endswith("+") and not answer.told):
        return False
    last = answer.told.rstrip().rpartition("\n")[2]
    return not any(word in last for word in ("DatabaseAway", "DiskFault", "MailboxAway", "OSError", "ConfigurationProblems"))


def _wrong_refusals(point: Point, stage: Stage, answer: Answer) -> list[str]:
    """A disk that fails is never the client's fault, and one failure costs one mail at most.

    A node without descriptors, or one that cannot open its database, may refuse more: it looks at the database again before it takes
    the next one, and does not in this flow.
    """
    if point.flow != "accept" or point.fate == "SIGKILL":
        return []
    wrong = [f"a client was told {told}" for told in answer.refused if not told.startswith(("451 4.3.0", "452 4.3.1"))]
    if (
        not point.fate.endswith("+")
        and point.fate != "EMFILE"
        and point.call != "openat"
        and answer.ended == 0
        and sum(answer.acknowledged) + 1 < len(stage.mails)
    ):
        wrong.append(f"one failure cost more than one mail: {answer.acknowledged}, {answer.refused}")
    return wrong


def _left_in_mailbox(folder: Path) -> list[str]:
    """What is stored is moved away in the end, however often a look broke off."""
    return [f"mail {path.name} is left in the mailbox" for path in folder.glob("mailbox/*")]


def _enter(books: Books, mails: Sequence[Mail], answer: Answer) -> list[dict[str, str]]:
    """What the flow itself took in goes into the books; what was not acknowledged is sent once more, and what was, by one sender
    who did not see it."""
    again = []
    for number, template in enumerate(mails):
        mail = deepcopy(template)
        mail.acknowledged = answer.acknowledged[number] if number < len(answer.acknowledged) else 0
        mail.sends = 1 if number < len(answer.acknowledged) else 0
        if not mail.acknowledged or number == 0:
            mail.sends += 1
            mail.acknowledged += 1
            again.append(mail)
        books.open(mail)
    return _as_words(again)


def undurable(trace: Sequence[str]) -> list[str]:
    """What was written and not yet on the disk when a mail was acknowledged: files, and folders in which a name was made.

    A kill leaves the page cache alone, so that only the order of the calls shows a missing fsync. `trace` is strace's, with paths.
    """
    dirty: set[str] = set()
    syncing: dict[str, str] = {}
    found: list[str] = []
    for line in trace:
        if (resumed := RESUMED.match(line)) and resumed["thread"] in syncing:
            dirty.discard(syncing.pop(resumed["thread"]))
        if (call := CALL.match(line)) is None:
            continue
        opened = PATH.search(call["rest"])
        named = [match["path"] for match in QUOTED.finditer(call["rest"])]
        if call["name"] in ("pwrite64", "write", "ftruncate") and opened and not opened["path"].endswith("-shm"):
            dirty.add(opened["path"])
        elif call["name"] in ("fsync", "fdatasync") and opened:
            if "unfinished" in line:
                syncing[call["thread"]] = opened["path"]
            else:
                dirty.discard(opened["path"])
        elif call["name"] in ("rename", "mkdir") and "EEXIST" not in line:
            dirty.add(str(Path(named[-1]).parent))
        elif call["name"] == "sendto" and STORED in line:
            found += sorted(dirty)
    return found


def spread(points: Sequence[Point], count: int) -> list[Point]:
    """That many of them, evenly over the flow; all where there are fewer."""
    return list(points) if len(points) <= count else [points[index * len(points) // count] for index in range(count)]


def kill_points(rig: Rig, count: int, flows: Sequence[str] = KILLED) -> list[Point]:
    """At most about `count` points, the same share of each flow."""
    found = {flow: rig.points(flow) for flow in flows}
    total = sum(len(points) for points in found.values())
    return [point for points in found.values() for point in spread(points, max(1, count * len(points) // total))]


def error_points(rig: Rig, count: int, flows: Sequence[str] = FAILING) -> list[Point]:
    """Each call that touches the disk, with each error, once and from there on."""
    fates = [f"{error}{more}" for error in ERRORS for more in ("", "+")]
    found = [replace(point, fate=fate) for flow in flows for point in rig.points(flow) if point.call in ON_DISK for fate in fates]
    return spread(found, count)


def shortage_points(rig: Rig, count: int, flows: Sequence[str] = FAILING) -> list[Point]:
    """Each call that opens a file, once and from there on in a node that has no descriptors left."""
    opening = [point for flow in flows for point in rig.points(flow) if point.call == "openat"]
    return spread([replace(point, fate=fate) for point in opening for fate in ("EMFILE", "EMFILE+")], count)


def run_kills(seed: int, count: int) -> str:
    """A kill before each of `count` system calls; the report. Raises AssertionError when a promise was broken."""
    return _campaign(seed, lambda rig: kill_points(rig, count))


def run_errors(seed: int, count: int) -> str:
    """The same with `count` errors of the disk."""
    return _campaign(seed, lambda rig: error_points(rig, count))


def run_shortages(seed: int, count: int) -> str:
    """The same with `count` refusals of a descriptor."""
    return _campaign(seed, lambda rig: shortage_points(rig, count))


def _campaign(seed: int, choose: Callable[[Rig], list[Point]]) -> str:
    with tempfile.TemporaryDirectory(prefix="desk-crash-") as folder, Rig(Path(folder), seed) as rig:
        tally = rig.run_all(choose(rig), lambda line: print(f"crash: {line}", flush=True))
        assert not tally.faults, tally
        return str(tally)
