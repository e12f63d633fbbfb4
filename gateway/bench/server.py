"""Servers as processes of their own, which run for the length of a `with` block."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from helpdesk.config.private_files import open_private
from helpdesk.gateway.bench.measure import Stopwatch, cpu_of

PATIENCE = 60.0  # seconds for a program to start, and to end
LOOK_EVERY = 0.01  # seconds


class DidNotStart(Exception):
    """The program ended, or was never ready. The text is one line."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running program that takes mail on `port` of 127.0.0.1."""

    port: int
    pid: int

    def stopwatch(self) -> Stopwatch:
        """A stopwatch for the CPU time of the program and its descendants."""
        return Stopwatch(partial(cpu_of, self.pid))


@contextmanager
def node(config: Path) -> Iterator[Server]:
    """`helpdesk serve`; its log goes to a file beside the configuration."""
    with _running(["helpdesk.gateway.cli.main", "--config", str(config), "serve"], config.parent / "serve.log") as process:
        yield Server(_port_of(process), process.pid)


@contextmanager
def door(config: Path) -> Iterator[Server]:
    """The SMTP door and its intake, without anything that processes the mails."""
    with _running(["helpdesk.gateway.bench.door", str(config)], config.parent / "door.log") as process:
        yield Server(_port_of(process), process.pid)


@contextmanager
def null_handler(folder: Path) -> Iterator[Server]:
    """aiosmtpd, by its own command line, with its handler that forgets every mail."""
    port = _free_port()
    arguments = ["aiosmtpd", "--nosetuid", "--listen", f"127.0.0.1:{port}", "--class", "aiosmtpd.handlers.Sink"]
    with _running(arguments, folder / "aiosmtpd.log") as process:
        _wait_for_banner(process, port)
        yield Server(port, process.pid)


@contextmanager
def _running(arguments: Sequence[str], log: Path) -> Iterator["subprocess.Popen[str]"]:
    with os.fdopen(open_private(log), "w") as errors:
        # -P: a file in the current folder must not shadow a library
        process = subprocess.Popen([sys.executable, "-P", "-m", *arguments], stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        yield process
    except DidNotStart as fault:
        process.kill()
        raise DidNotStart(f"{' '.join(arguments)}: {fault}: {log.read_text().strip()[-500:] or 'no output'}") from fault
    finally:
        process.terminate()
        try:
            process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _port_of(process: "subprocess.Popen[str]") -> int:
    """The port that our programs print before `ready`. Raise DidNotStart."""
    port = 0
    for line in process.stdout or ():
        if line.startswith("smtp:"):
            port = int(line.rpartition(":")[2])
        if line.strip() == "ready":
            return port
    raise DidNotStart("ended before it was ready")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _wait_for_banner(process: "subprocess.Popen[str]", port: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as connection:
            if connection.recv(1000).startswith(b"220"):
                return
        time.sleep(LOOK_EVERY)
    raise DidNotStart("does not answer")
