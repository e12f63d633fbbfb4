"""Many mutated mails on all cores, in child processes: one that crashes or hangs ends its child, not the run.

A hang is found by the kernel: each mail has `SECONDS` of wall time, then SIGALRM ends the process even inside a C library.
"""

import multiprocessing
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from ctypes import c_longlong
from dataclasses import dataclass, field
from itertools import pairwise
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from support.mails.mutated_mails import ROOT, check_number, mail_of

SECONDS = 20.0  # a usual mail takes some milliseconds; this leaves room for a busy machine
MEMORY = 1024 * 1024 * 1024
MOST_FAILURES = 20  # then the run is broken off: more of them say nothing new
TELL_EVERY = 10.0  # seconds

Check = Callable[[int, int], None]


@dataclass(frozen=True)
class Failure:
    """A mail that broke a promise. `seed` and `number` make it again."""

    seed: int
    number: int
    reason: str

    def written(self, folder: Path) -> str:
        """Write the mail to a file; one line that names it."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"seed_{self.seed}_mail_{self.number}.eml"
        path.write_bytes(mail_of(self.seed, self.number))
        return f"mail {self.number} of seed {self.seed}: {self.reason}; it is in {path}"


class _Child:
    """One process with a range of numbers; what is left of it goes on in another process after a death."""

    def __init__(self, check: Check, seed: int, numbers: range) -> None:
        context = multiprocessing.get_context("spawn")
        self.seed, self.numbers, self.finished = seed, numbers, False
        self._at = context.RawValue(c_longlong, numbers.start)
        self.pipe, theirs = context.Pipe(duplex=False)
        self.process: BaseProcess = context.Process(
            target=_read_range, args=(check, seed, numbers, self._at, theirs), name="helpdesk-campaign", daemon=True
        )
        self.process.start()
        theirs.close()

    @property
    def at(self) -> int:
        return int(self._at.value)

    def death(self) -> Failure:
        self.process.join()
        code = self.process.exitcode or 0
        hang = f"no end within {SECONDS:.0f} s"
        return Failure(self.seed, self.at, hang if code == -signal.SIGALRM else f"its reader died with exit code {code}")

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


@dataclass
class Flock:
    """A run of `count` mails. `run` returns what it measured, and raises AssertionError with all failures."""

    seed: int
    count: int
    check: Check = check_number
    processes: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))
    folder: Path = ROOT / "build" / "campaign"
    failures: list[Failure] = field(default_factory=list)

    def run(self) -> str:
        self._begun = self._told = time.monotonic()
        children = [self._child(numbers) for numbers in shares(self.count, self.processes) if numbers]
        try:
            while children and len(self.failures) < MOST_FAILURES:
                for pipe in wait([child.pipe for child in children], timeout=TELL_EVERY):
                    child = next(child for child in children if child.pipe is pipe)
                    children = self._heard(child, children)
                self._tell(children)
        finally:
            for child in children:
                child.end()
        seconds = time.monotonic() - self._begun
        if self.failures:
            lines = [failure.written(self.folder) for failure in self.failures]
            raise AssertionError("\n".join([f"{len(lines)} mails broke a promise", *lines]))
        return f"{self.count} mails, 0 crashes, 0 hangs, every one visible, {self.count / seconds:.0f} mails/s"

    def _child(self, numbers: range) -> _Child:
        return _Child(self.check, self.seed, numbers)

    def _heard(self, child: _Child, children: list[_Child]) -> list[_Child]:
        """A failure, the end of its numbers, or the end of the process; the children that are left."""
        try:
            said = child.pipe.recv()
        except (EOFError, OSError):
            others = [other for other in children if other is not child]
            if not child.finished:
                self.failures.append(child.death())
                rest = range(child.at + 1, child.numbers.stop)
                others += [self._child(rest)] if rest else []
            child.end()
            return others
        if isinstance(said, Failure):
            self.failures.append(said)
        else:
            child.finished = True
        return children

    def _tell(self, children: list[_Child]) -> None:
        now = time.monotonic()
        if now - self._told < TELL_EVERY:
            return
        self._told = now
        left = sum(child.numbers.stop - child.at for child in children)
        rate = (self.count - left) / (now - self._begun)
        rest = f"{left / rate / 60:.0f} min" if rate else "unknown"
        print(
            f"  {self.count - left} of {self.count} mails, {rate:.0f} a second, {rest} to go, {len(self.failures)} failures",
            file=sys.stderr,
            flush=True,
        )


def shares(count: int, processes: int) -> list[range]:
    """All numbers below `count` in nearly equal ranges."""
    cuts = [count * place // processes for place in range(processes + 1)]
    return [range(start, stop) for start, stop in pairwise(cuts)]


def run(seed: int, count: int) -> str:
    """Read `count` mutated mails on all cores. Raises AssertionError with the files of those that broke a promise."""
    return Flock(seed, count).run()


def _read_range(check: Check, seed: int, numbers: range, at: c_longlong, pipe: Connection) -> None:
    """The child's life."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import logging

    logging.disable()
    for number in numbers:
        at.value = number
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        try:
            check(seed, number)
        except Exception as fault:
            pipe.send(Failure(seed, number, f"{type(fault).__name__}: {str(fault)[:500]}"))
    signal.setitimer(signal.ITIMER_REAL, 0)
    at.value = numbers.stop
    pipe.send(None)
    pipe.close()
