"""Child processes that read mail under limits, because a parser that hangs in a thread would stop the whole node.

Limits of one child: `MEMORY` octets of address space, `CPU_SECONDS` and `WALL_SECONDS` for one mail. A child that breaks one is
killed and replaced; its mail is answered with `ReaderDied`.
"""

import logging
import multiprocessing
import os
import queue
import resource
import signal
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Self

from helpdesk.threading.reading.parsed import Reading

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

    def read(self, content: bytes, *, keep_signature: bool, wall_seconds: float) -> Reading:
        try:
            self.pipe.send_bytes(b"\x01" if keep_signature else b"\x00")
            self.pipe.send_bytes(content)
            if not self.pipe.poll(wall_seconds):
                raise ReaderDied(f"the reader did not finish within {wall_seconds:.0f} seconds")
            answer = self.pipe.recv()
        except (EOFError, OSError) as fault:
            raise ReaderDied(f"the reader ended on this mail ({self._end()})") from fault
        if not isinstance(answer, Reading):
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
        child = self._free.get()
        if child is None:
            self._free.put(None)
            raise ValueError("this reader is closed")
        healthy = False
        try:
            reading = child.read(content, keep_signature=keep_signature, wall_seconds=self._wall_seconds)
            healthy = True
            return reading
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
    from helpdesk.threading.reading.read import read

    while True:
        try:
            keep_signature = pipe.recv_bytes() == b"\x01"
            content = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        _allow_cpu()
        try:
            pipe.send(read(content, keep_signature=keep_signature))
        except MemoryError:
            os._exit(1)  # the heap of this process cannot be trusted any more
        except BrokenPipeError:
            return


def _allow_cpu() -> None:
    """Give the next mail its own CPU time: the kernel counts from the start of the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + CPU_SECONDS + 1, hard))
