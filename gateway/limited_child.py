"""A child process under limits, for work that strangers or templates can make endless: what hangs in a thread would stop the node.

The parent has a `LimitedChild`, whose `pipe` carries questions and answers. The child's own function begins with `begin`, limits its
memory as it needs, and calls `allow_cpu` before each piece of work. A child that breaks a limit is killed; a new one takes its place.

A child is spawned as a fresh interpreter, or forked by the fork server of a node (`fork_server`). Either way it has nothing of its parent's
memory: no secret, no connection, no configuration.
"""

import multiprocessing
import resource
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Protocol

GOODBYE_SECONDS = 2.0
Serve = Callable[..., None]


class NoChild(OSError):
    """No child can be started at present. The mail that needs one is not the reason, so its attempt does not count."""


class ChildHandle(Protocol):
    """A started child. `pipe` is the parent's end."""

    pipe: Connection
    pid: int

    def exit_code(self, seconds: float) -> int | None:
        """How the child has ended: minus the signal that killed it, or its exit code; None if it still lives after `seconds`."""

    def kill(self) -> None:
        """End the child at once, and forget it. A second call does nothing."""


class Launch(Protocol):
    """A way to start a child."""

    def __call__(self, name: str, serve: Serve, arguments: tuple[object, ...]) -> ChildHandle: ...


class SpawnedChild:
    """A child that is a fresh interpreter."""

    def __init__(self, name: str, serve: Serve, arguments: tuple[object, ...]) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self._process: BaseProcess | None = context.Process(target=serve, args=(theirs, *arguments), name=name, daemon=True)
        self._process.start()
        self.pid = self._process.pid or 0
        theirs.close()

    def exit_code(self, seconds: float) -> int | None:
        if self._process is None:
            return None
        self._process.join(seconds)
        return self._process.exitcode

    def kill(self) -> None:
        if self._process is None:
            return
        if self._process.is_alive():
            self._process.kill()
        self._process.join()
        self._process.close()
        self._process = None


class LimitedChild:
    """The parent's end: a running child and the pipe to it. `serve` runs in the child, with its end of the pipe and `arguments`."""

    def __init__(self, name: str, serve: Serve, *arguments: object, launch: Launch = SpawnedChild) -> None:
        self._child = launch(name, serve, arguments)
        self.pipe, self.pid = self._child.pipe, self._child.pid

    def exit_code(self) -> int | None:
        """How a child has ended whose pipe broke: minus the signal that killed it, or its exit code; None if it lives on."""
        return self._child.exit_code(GOODBYE_SECONDS)

    def stop(self) -> None:
        """Let the child end by itself, and kill it where it does not."""
        self.pipe.close()
        self._child.exit_code(GOODBYE_SECONDS)
        self.kill()

    def kill(self) -> None:
        self._child.kill()
        self.pipe.close()


def begin() -> None:
    """What every child does first: ignore the signals of a terminal, which go to the whole process group, and write no core file.

    The parent tells the child to end by closing the pipe.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def allow_cpu(seconds: float) -> None:
    """Allow the next piece of work so much CPU time. The kernel counts whole seconds, from the start of the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds) + 1, hard))
