"""What both children share: they run in the environment `.speed`, with the packages that are measured, and answer line by line.

A question is an object with the folder of the mails, one file a mail, in the order of their names. The answer says what it took and what
the system has then: see `Taken`.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol


@dataclass
class Taken:
    """What a system did with the mails of a folder, by its own clock, and where it has put each mail."""

    seconds: float
    cpu_seconds: float
    letters: int  # that were given to the null relay meanwhile
    tickets: int  # in the whole store
    where: dict[str, int]  # number of the ticket of each mail in the whole store, by Message-ID without brackets


class System(Protocol):
    """A ticket system under measure."""

    letters: int

    def take(self, folder: Path) -> None:
        """Take all mails of a folder to tickets or replies, and answer them."""

    def tickets(self) -> int:
        """How many tickets there are."""

    def where(self) -> dict[str, int]:
        """The ticket of each mail that is stored."""


def answer(make: Callable[[Path, str, list[str]], System]) -> None:
    """Make the system in the folder of the first argument; the second is the URL of a database, or "". Then answer until the end of input.

    The first line of input is the list of the people who will write.
    """
    people = json.loads(sys.stdin.readline())
    system = make(Path(sys.argv[1]), sys.argv[2], people)
    _say({"ready": True})
    for line in sys.stdin:
        letters, wall, cpu = system.letters, time.perf_counter(), time.process_time()
        system.take(Path(json.loads(line)["folder"]))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        _say(asdict(Taken(wall, cpu, system.letters - letters, system.tickets(), system.where())))


def _say(words: object) -> None:
    sys.__stdout__.write(json.dumps(words) + "\n")  # type: ignore[union-attr]  # None only in a program without a console
    sys.__stdout__.flush()  # type: ignore[union-attr]  # as above
