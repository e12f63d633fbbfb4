"""A pool of child processes that read mail and verify its signatures, under limits.

Limits of one child: `MEMORY` octets of address space, `CPU_SECONDS` and `WALL_SECONDS` for one mail. A child that breaks a limit is
killed and replaced, and its mail is answered with `ReaderDied`.
"""

import logging
import os
import queue
import resource
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self, TypeVar

from helpdesk.gateway.limited_child import LimitedChild, allow_cpu, begin
from helpdesk.gateway.origin.verification import Verification
from helpdesk.threading.reading.parsed import Reading
from helpdesk.threading.trust.signature_fields import SignatureClaim

T = TypeVar("T")

MEMORY = 1024 * 1024 * 1024
CPU_SECONDS = 10
WALL_SECONDS = 20.0
START_SECONDS = 120.0  # to import what reading needs, on a machine that is busy
READY = "ready"


class ReaderDied(Exception):
    """The child crashed, hung or ran out of memory while it read this mail. The text is one sentence."""


class _ReadingChild(LimitedChild):
    """One child of the pool."""

    def __init__(self) -> None:
        super().__init__("helpdesk-reader", _serve)
        self._ready = False

    def ask(self, task: str, given: dict[str, Any], content: bytes, answers: type[T], wall_seconds: float) -> T:
        try:
            self._wait_until_ready()
            self.pipe.send((task, given))
            self.pipe.send_bytes(content)
            if not self.pipe.poll(wall_seconds):
                raise ReaderDied(f"the reader did not finish within {wall_seconds:.0f} seconds")
            answer = self.pipe.recv()
        except (EOFError, OSError) as fault:
            code = self.exit_code()
            end = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
            raise ReaderDied(f"the reader ended on this mail ({end})") from fault
        if not isinstance(answer, answers):
            raise ReaderDied(f"the reader could not finish this mail ({answer})")
        return answer

    def _wait_until_ready(self) -> None:
        """Wait for the child to start. That time is no mail's: on a busy machine, a first mail would be blamed for it."""
        if not self._ready:
            if not self.pipe.poll(START_SECONDS):
                raise ReaderDied(f"the reader did not start within {START_SECONDS:.0f} seconds")
            self._ready = self.pipe.recv() == READY


class Reader:
    """A pool of reading children. Its methods may be called from any thread, and wait until a child is free."""

    def __init__(self, processes: int = 2, *, wall_seconds: float = WALL_SECONDS) -> None:
        self._wall_seconds = wall_seconds
        self._size = processes
        self._free: queue.Queue[_ReadingChild | None] = queue.Queue()
        for _ in range(processes):
            self._free.put(_ReadingChild())

    def read(self, content: bytes, keep_signature: bool = False) -> Reading:
        """Read one mail in a child.

        Raise ReaderDied where the child did not survive the mail, ValueError where the pool is closed.
        """
        return self._ask("read", {"keep_signature": keep_signature}, content, Reading)

    def verify(self, content: bytes, claims: Sequence[SignatureClaim], keys: Mapping[str, bytes]) -> tuple[Verification, ...]:
        """The result of each signature of one mail, verified in a child. Raise what `read` raises."""
        found: tuple[Verification, ...] = self._ask("verify", {"claims": tuple(claims), "keys": dict(keys)}, content, tuple)
        return found

    def verify_chain(self, content: bytes, keys: Mapping[str, bytes]) -> Verification:
        """The result of the ARC chain of one mail, verified in a child. Raise what `read` raises."""
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
                child = _ReadingChild()
            self._free.put(child)

    def close(self) -> None:
        """Wait for the mails that are being read, then end the children. A second call does nothing."""
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
    """Work in the child: one mail after another, until the parent closes the pipe or is gone."""
    begin()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    # mail-parser warns on standard error about every content type that it does not know.
    logging.getLogger("mailparser").setLevel(logging.CRITICAL)
    from helpdesk.threading.parsing.read import read
    from helpdesk.threading.reading.language import load_models

    load_models()
    try:
        pipe.send(READY)
    except OSError:  # the parent has closed the pipe already: it wanted no mail read
        return
    tasks: dict[str, Callable[..., Any]] = {"read": read, "verify": _verify, "verify_chain": _verify_chain}
    while True:
        try:
            task, given = pipe.recv()
            content = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        allow_cpu(CPU_SECONDS)
        try:
            pipe.send(tasks[task](content, **given))
        except MemoryError:
            os._exit(1)  # the heap of this process cannot be trusted any more
        except BrokenPipeError:
            return


# The first mail with a signature imports the libraries for signatures, which take half a second and some megabytes.


def _verify(content: bytes, claims: Sequence[SignatureClaim], keys: Mapping[str, bytes]) -> tuple[Verification, ...]:
    from helpdesk.gateway.origin.signatures import verify_signatures

    return verify_signatures(content, claims, keys)


def _verify_chain(content: bytes, keys: Mapping[str, bytes]) -> tuple[Verification]:
    from helpdesk.gateway.origin.signatures import verify_chain

    return (verify_chain(content, keys),)
