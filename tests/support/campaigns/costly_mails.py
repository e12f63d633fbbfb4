"""What costly mails cost a real node: processor time of the node and of its readers.

A cost is a multiple of that of an ordinary mail of the same size from the same person to the same address, measured in the same run.
"""

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from support.desk.story import SUPPORT, UNCAPPED, Person, StoryDesk, configured, direct_desk
from support.hostile.costly_mails import SHAPES, SIZES, WHOLE, mail_of, prose, text, with_file
from support.hostile.hostile import PATTERNS

from helpdesk.gateway.reader import Reader

STRANGER, FORGED = "203.0.113.9", "203.0.113.10"  # peers for whom nothing vouches
MOST_TIMES = 8  # as much as an ordinary mail of its size
FEWEST_SECONDS = 0.3  # of an ordinary mail: what is cheap may be many times as much and harms nobody
A_DESK = 40  # mails of a campaign to one desk: how a conversation of thousands is borne is another question


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of the processor that a mail took, in the node and in its readers, and those of an ordinary one of its size."""

    who: str
    mail: str
    node: float
    readers: float
    ordinary: float

    @property
    def seconds(self) -> float:
        return self.node + self.readers

    @property
    def times(self) -> float:
        return self.seconds / max(self.ordinary, FEWEST_SECONDS)

    def __str__(self) -> str:
        return f"{self.who:<12}{self.mail:<32}{self.node:>7.2f} node {self.readers:>7.2f} readers {self.times:>6.1f} times"


class Till:
    """A desk that measures what each mail costs."""

    def __init__(self, desk: StoryDesk) -> None:
        self.desk = desk
        self._count = 0
        self._ordinary: dict[tuple[str, int], float] = {}
        anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example", "Omar Haddad")
        anna.writes("Printer", "It does not print.\n")
        omar.writes("Mine", "#status\n")
        trusted = "127.0.0.1"
        self.roads = {
            "stranger": ("x@stranger.example", SUPPORT, STRANGER),
            "forged": (omar.address, SUPPORT, FORGED),
            "robot": ("mailer-daemon@stranger.example", SUPPORT, STRANGER),
            "customer": (anna.address, _answer_to(anna, "confirmation"), trusted),
            "colleague": (omar.address, SUPPORT, trusted),
            "answer": (omar.address, _answer_to(omar, "new_ticket"), trusted),
            "rows": (omar.address, _answer_to(omar, "digest"), trusted),
        }
        for who in self.roads:  # what is imported and compiled once is nobody's cost
            self._spent(who, text("Hello\n#note she\n"))

    def cost(self, who: str, mail: str, content: bytes) -> Cost:
        """Take a mail to its end. A mail that seems dear is measured up to three times, and its best result counts."""
        ordinary = self.ordinary(who, len(content))
        costs = []
        for _ in range(3):
            node, readers = self._spent(who, content)
            costs.append(Cost(who, mail, node, readers, ordinary))
            if costs[-1].times <= MOST_TIMES:
                break
        return min(costs, key=lambda cost: cost.seconds)

    def ordinary(self, who: str, size: int) -> float:
        """The seconds of an ordinary mail of about that size: prose as far as a text may go, beyond that a file."""
        step = 1 << max(size.bit_length() - 1, 12)
        if (who, step) not in self._ordinary:
            words = text(prose(min(step, WHOLE)))
            content = words if step <= WHOLE else with_file(Random(1).randbytes(step * 3 // 4), "application/pdf", "a.pdf")
            self._ordinary[who, step] = min(sum(self._spent(who, content)) for _ in range(2))
        return self._ordinary[who, step]

    def _spent(self, who: str, content: bytes) -> tuple[float, float]:
        author, to, peer = self.roads[who]
        self._count += 1
        ids = f"Message-ID: <{self._count}@{author.partition('@')[2]}>\n"
        head = f"From: {author}\nTo: {to}\nSubject: A question\nDate: Mon, 23 Nov 2026 09:00:00 +0000\n{ids}".encode()
        whole = (head + content).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        self.desk.now += timedelta(minutes=1)
        node, readers = time.process_time(), _seconds_of_readers()
        self.desk.deliver(author, [to], whole, peer)
        self.desk.settle()
        return time.process_time() - node, _seconds_of_readers() - readers


def _answer_to(person: Person, notice: str) -> str:
    letter = person.letter(notice)
    return (letter.header("Reply-To") or letter.header("From")).rpartition("<")[2].rstrip(">")


def _seconds_of_readers() -> float:
    """Seconds of the processor that all readers have used, by the clock that Linux keeps for each process (clock_getcpuclockid)."""
    return sum(time.clock_gettime((~child.pid << 3) | 2) for child in multiprocessing.active_children() if child.pid)


@contextmanager
def till() -> Iterator[Till]:
    """A desk with one reader of its own, so that no other test uses the reader's time."""
    with (
        TemporaryDirectory() as folder,
        Reader(1) as reader,
        direct_desk(configured(Path(folder), more=UNCAPPED), reader) as desk,
    ):
        yield Till(desk)


def run(seed: int, count: int) -> str:
    """Measure at most `count` mails: every shape and every pattern from every kind of author, shuffled by the seed."""
    mails = [(who, mail) for who in ("stranger", "forged") for mail in SHAPES]
    mails += [(who, mail) for mail in PATTERNS for who in SIZES]
    Random(seed).shuffle(mails)
    costs: list[Cost] = []
    for at in range(0, min(count, len(mails)), A_DESK):
        with till() as desk:
            costs += [desk.cost(who, mail, mail_of(who, mail)) for who, mail in mails[at : min(at + A_DESK, count)]]
    dear = [cost for cost in costs if cost.times > MOST_TIMES]
    assert not dear, "; ".join(map(str, dear))
    dearest = sorted(costs, key=lambda cost: -cost.seconds)[:5]
    return f"{len(costs)} mails, the dearest: " + "; ".join(" ".join(str(cost).split()) for cost in dearest)
