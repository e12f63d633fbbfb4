"""Child processes that read mail, and verify its signatures, under limits: what hangs in a thread would stop the whole node.

Limits of one child: `MEMORY` octets of address space, `CPU_SECONDS` and `WALL_SECONDS` for one mail. A child that breaks one is
killed and replaced; its mail is answered with `ReaderDied`.
"""

import logging
import multiprocessing
import os
import queue
import resource
import signal
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, Self, TypeVar

from helpdesk.gateway.origin.verification import Verification
from helpdesk.threading.reading.parsed import Reading
from helpdesk.threading.trust.signature_fields import Claim

T = TypeVar("T")

MEMORY = 1024 * 1024 * 1024
CPU_SECONDS = 10
WALL_SECONDS = 20.0
GOODBYE_SECONDS = 2.0


class ReaderDied(Exception):
    """The child that read this mail crashed, hung or ran out of memory. Its text is one sentence."""


class _Child:
    """One process and our end of its pipe."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=_serve, args=(theirs,), name="helpdesk-reader", daemon=True)
        self.process.start()
        theirs.close()

    def ask(self, task: str, given: dict[str, Any], content: bytes, answers: type[T], wall_seconds: float) -> T:
        try:
            self.pipe.send((task, given))
            self.pipe.send_bytes(content)
            if not self.pipe.poll(wall_seconds):
                raise ReaderDied(f"the reader did not finish within {wall_seconds:.0f} seconds")
            answer = self.pipe.recv()
        except (EOFError, OSError) as fault:
            raise ReaderDied(f"the reader ended on this mail ({self._end()})") from fault
        if not isinstance(answer, answers):
            raise ReaderDied(f"the reader could not finish this mail ({answer})")
        return answer

    def _end(self) -> str:
        self.process.join(GOODBYE_SECONDS)
        code = self.process.exitcode
        return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"

    def stop(self) -> None:
        self.pipe.close()
        self.process.join(GOODBYE_SECONDS)
        self.kill()

    def kill(self) -> None:
        if self.process.is_alive():
            self.process.kill()
        self.process.join()
        self.pipe.close()
        self.process.close()


class Reader:
    """A pool of reading children. `read` may be called from any thread and waits until a child is free."""

    def __init__(self, processes: int = 2, *, wall_seconds: float = WALL_SECONDS) -> None:
        self._wall_seconds = wall_seconds
        self._size = processes
        self._free: queue.Queue[_Child | None] = queue.Queue()
        for _ in range(processes):
            self._free.put(_Child())

    def read(self, content: bytes, keep_signature: bool = False) -> Reading:
        """Read one mail in a child.

        Raises `ReaderDied` when the child did not survive it, `ValueError` when the pool is closed.
        """
        return self._ask("read", {"keep_signature": keep_signature}, content, Reading)

    def verify(self, content: bytes, claims: Sequence[Claim], keys: Mapping[str, bytes]) -> tuple[Verification, ...]:
        """What becomes of each signature of one mail, in a child. Raises as `read` does."""
        found: tuple[Verification, ...] = self._ask("verify", {"claims": tuple(claims), "keys": dict(keys)}, content, tuple)
        return found

    def verify_chain(self, content: bytes, keys: Mapping[str, bytes]) -> Verification:
        """What becomes of the ARC chain of one mail, in a child. Raises as `read` does."""
        (found,) = self._ask("verify_chain", {"keys": dict(keys)}, content, tuple)
        verification: Verification = found
        return verification

    def _ask(self, task: str, given: dict[str, Any], content: bytes, answers: type[T]) -> T:
        child = self._free.get()
        if child is None:
            self._free.put(None)
            raise ValueError("this reader is closed")
        healthy = False
        try:
            answer = child.ask(task, given, content, answers, self._wall_seconds)
            healthy = True
            return answer
        finally:
            if not healthy:
                child.kill()
                child = _Child()
            self._free.put(child)

    def close(self) -> None:
        """Wait for mails that are being read, then end the children. A second call does nothing."""
        for _ in range(self._size):
            child = self._free.get()
            if child is None:
                break
            child.stop()
        self._size = 0
        self._free.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _serve(pipe: Connection) -> None:
    """The child's life: one mail after another, until the parent closes the pipe or is gone."""
    # A terminal sends its signals to the whole group; when to end is the parent's word, and it comes by the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The MIME reader warns on standard error about every content type that it does not know.
    logging.getLogger("mailparser").setLevel(logging.CRITICAL)
    from helpdesk.threading.parsing.read import read

    tasks: dict[str, Callable[..., Any]] = {"read": read, "verify": _verified, "verify_chain": _sealed}
    while True:
        try:
            task, given = pipe.recv()
            content = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        _allow_cpu()
        try:
            pipe.send(tasks[task](content, **given))
        except MemoryError:
            os._exit(1)  # the heap of this process cannot be trusted any more
        except BrokenPipeError:
            return


# The libraries of signatures are imported by the first mail that has one: half a second, and some megabytes.


def _verified(content: bytes, claims: Sequence[Claim], keys: Mapping[str, bytes]) -> tuple[Verification, ...]:
    from helpdesk.gateway.origin.signatures import verified

    return verified(content, claims, keys)


def _sealed(content: bytes, keys: Mapping[str, bytes]) -> tuple[Verification]:
    from helpdesk.gateway.origin.signatures import sealed

    return (sealed(content, keys),)


def _allow_cpu() -> None:
    """Give the next mail its own CPU time: the kernel counts from the start of the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + CPU_SECONDS + 1, hard))
