"""A child process under limits, for work that strangers or templates can make endless: what hangs in a thread would stop the node.

The parent has a `LimitedChild`, whose `pipe` carries questions and answers. The child's own function begins with `begin`, limits its
memory as it needs, and calls `allow_cpu` before each piece of work. A child that breaks a limit is killed; a new one takes its place.
"""

import multiprocessing
import resource
import signal
from collections.abc import Callable
from multiprocessing.process import BaseProcess

GOODBYE_SECONDS = 2.0


class LimitedChild:
    """The parent's end: a running child and the pipe to it. `serve` runs in the child, with its end of the pipe and `arguments`."""

    def __init__(self, name: str, serve: Callable[..., None], *arguments: object) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=serve, args=(theirs, *arguments), name=name, daemon=True)
        self.process.start()
        theirs.close()

    def exit_code(self) -> int | None:
        """How a child has ended whose pipe broke: minus the signal that killed it, or its exit code; None if it lives on."""
        self.process.join(GOODBYE_SECONDS)
        return self.process.exitcode

    def stop(self) -> None:
        """Let the child end by itself, and kill it where it does not."""
        self.pipe.close()
        self.process.join(GOODBYE_SECONDS)
        self.kill()

    def kill(self) -> None:
        if self.process.is_alive():
            self.process.kill()
        self.process.join()
        self.pipe.close()
        self.process.close()


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
