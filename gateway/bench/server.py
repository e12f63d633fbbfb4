"""Servers as processes of their own, which run for the length of a `with` block."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from helpdesk.config.private_files import open_private
from helpdesk.gateway.bench.door import STORED
from helpdesk.gateway.bench.measure import Measure, Stopwatch, cpu_of
from helpdesk.gateway.bench.stages import measures
from helpdesk.store.pause import pause

PATIENCE = 60.0  # seconds for a program to start, and to end
LOOK_EVERY = 0.02  # seconds


class DidNotStart(Exception):
    """The program ended, or was never ready. The text is one line."""


@dataclass(slots=True)
class Server:
    """A running program that takes mail on `port` of 127.0.0.1. `last_lines` is what it printed when it ended."""

    port: int
    pid: int
    last_lines: list[str] = field(default_factory=list)

    def stopwatch(self) -> Stopwatch:
        """A stopwatch for the CPU time of the program and its descendants."""
        return Stopwatch(partial(cpu_of, self.pid))


@dataclass(frozen=True, slots=True)
class StepsProgram:
    """The program of `bench.stages`, which does the work of a node in one process."""

    process: "subprocess.Popen[str]"

    def take(self, mails: int) -> list[Measure]:
        """Let it take the `mails` that are pending to their end. Raise DidNotStart where the program has ended."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with suppress(BrokenPipeError):
            self.process.stdin.write("\n")
            self.process.stdin.flush()
        if line := self.process.stdout.readline():
            return measures(line, mails)
        raise DidNotStart("ended while it worked")


@contextmanager
def node(config: Path) -> Iterator[Server]:
    """`helpdesk serve`; its log goes to a file beside the configuration."""
    arguments = ["helpdesk.gateway.cli.main", "--config", str(config), "serve"]
    with _server(arguments, config.parent / f"{config.stem}.serve.log") as server:
        yield server


@contextmanager
def door(config: Path) -> Iterator[Server]:
    """The SMTP door and its intake, without anything that processes the mails."""
    with _server(["helpdesk.gateway.bench.door", str(config)], config.parent / "door.log") as server:
        yield server


def storing_seconds(ended_door: Server) -> float:
    """The CPU seconds that a door which has ended spent on storing mails."""
    return sum(float(line.removeprefix(STORED)) for line in ended_door.last_lines if line.startswith(STORED))


@contextmanager
def sink(folder: Path) -> Iterator[Server]:
    """A mail server that takes every letter. When it has ended, `last_lines` has a line for each (`bench.sink`)."""
    with _server(["helpdesk.gateway.bench.sink"], folder / "sink.log") as server:
        yield server


@contextmanager
def steps(config: Path) -> Iterator[StepsProgram]:
    """The worker and the sender in one process, with a stopwatch for each step."""
    with _running(["helpdesk.gateway.bench.stages", str(config)], config.parent / "steps.log") as process:
        _wait_until_ready(process)
        yield StepsProgram(process)


@contextmanager
def null_handler(folder: Path) -> Iterator[Server]:
    """aiosmtpd, by its own command line, with its handler that forgets every mail."""
    port = free_port()
    arguments = ["aiosmtpd", "--nosetuid", "--listen", f"127.0.0.1:{port}", "--class", "aiosmtpd.handlers.Sink"]
    with _running(arguments, folder / "aiosmtpd.log") as process:
        _wait_for_banner(process, port)
        yield Server(port, process.pid)


@contextmanager
def _server(arguments: Sequence[str], log: Path) -> Iterator[Server]:
    """A program of ours that prints its port, then `ready`."""
    last_lines: list[str] = []
    with _running(arguments, log, last_lines) as process:
        yield Server(_wait_until_ready(process), process.pid, last_lines)


@contextmanager
def _running(arguments: Sequence[str], log: Path, last_lines: list[str] | None = None) -> Iterator["subprocess.Popen[str]"]:
    with os.fdopen(open_private(log), "w") as errors:
        # -P: a file in the current folder must not shadow a library
        command = [sys.executable, "-P", "-m", *arguments]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        yield process
    except DidNotStart as fault:
        process.kill()
        raise DidNotStart(f"{' '.join(arguments)}: {fault}: {log.read_text().strip()[-500:] or 'no output'}") from fault
    finally:
        process.terminate()
        try:
            printed, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            printed, _ = process.communicate()
        if last_lines is not None:
            last_lines += printed.splitlines()


def _wait_until_ready(process: "subprocess.Popen[str]") -> int:
    """Return the port that our programs print before `ready`; 0 where they print none. Raise DidNotStart."""
    port = 0
    for line in process.stdout or ():
        if line.startswith("smtp:"):
            port = int(line.rpartition(":")[2])
        if line.strip() == "ready":
            return port
    raise DidNotStart("ended before it was ready")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _wait_for_banner(process: "subprocess.Popen[str]", port: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as connection:
            if connection.recv(1000).startswith(b"220"):
                return
        pause(LOOK_EVERY)
    raise DidNotStart("does not answer")
