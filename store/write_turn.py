"""Lets the writers of one SQLite file take turns.

SQLite lets one process write at a time. The other writers poll its lock with pauses of up to 100 ms, so chance decides which of them is
next: beside two busy writers a small transaction waits for a second and more. Here a writer waits in a queue of the kernel, and is woken
when the writer before it has finished. The queue only orders the writers: SQLite's own lock still protects the file, also
from programs that know nothing of the queue.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Condition, Lock, Thread

from helpdesk.config.private_files import ensure_file

PATIENCE = 1.0  # seconds that a process waits for its turn, after which SQLite's own waiting decides
WITHOUT_QUEUE = 5.0  # seconds for which a process does not queue again, because a process in the queue does not move
NEXT, TURN = "-next", "-turn"  # appended to the name of the database file


class BusyTooLong(Exception):
    """Another thread of this process is writing for too long."""


class WriteTurn:
    """The turn to write, for the threads of one process and for all processes with the same file. Threads may share an instance.

    A process that is killed loses its place at once, because the kernel releases its locks. A process that is stopped keeps its place:
    after a second the others write without the queue, so that they wait only for SQLite's own lock.
    """

    def __init__(self, database: Path) -> None:
        self._file = _QueueOfProcesses(database)
        # Whoever waits for the turn holds `next`, so that a thread that writes again and again has to queue too.
        self._next, self._turn = Lock(), Lock()

    @contextmanager
    def taken(self, patience: float) -> Iterator[None]:
        """Wait until it is this thread's turn. Raises BusyTooLong after `patience` seconds of waiting for other threads."""
        end = time.monotonic() + patience
        if not self._next.acquire(timeout=patience):
            raise BusyTooLong
        try:
            if not self._turn.acquire(timeout=max(0.0, end - time.monotonic())):
                raise BusyTooLong
        finally:
            self._next.release()
        try:
            is_ordered = self._file.take(min(PATIENCE, patience))
            try:
                yield
            finally:
                if is_ordered:
                    self._file.release()
        finally:
            self._turn.release()

    def close(self) -> None:
        self._file.close()


class _QueueOfProcesses:
    """Two locked files beside the database. One thread of a process at a time may use this.

    `flock` has no timeout, so a thread of its own waits where the turn is not free at once.
    """

    def __init__(self, database: Path) -> None:
        self._names = [database.with_name(database.name + suffix) for suffix in (NEXT, TURN)]
        self._files: list[int] | None = None
        self._changed = Condition()
        self._is_wanted = self._is_granted = self._is_waiting = self._is_closed = False
        self._waiter: Thread | None = None
        self._again_at = 0.0

    def take(self, patience: float) -> bool:
        """Whether it is this process's turn. False after `patience` seconds, or where the files cannot be used."""
        if self._files is None:
            self._files = self._open()
        if not self._files:
            return False
        with self._changed:
            if not self._is_waiting and self._take_at_once(*self._files):
                return True
            if time.monotonic() < self._again_at:
                return False
            return self._wait(patience)

    def release(self) -> None:
        assert self._files
        fcntl.flock(self._files[1], fcntl.LOCK_UN)

    def close(self) -> None:
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            if self._waiter is None:
                self._close_files()

    def _open(self) -> list[int]:
        files: list[int] = []
        try:
            for name in self._names:
                ensure_file(name)
                files.append(os.open(name, os.O_RDONLY | os.O_CLOEXEC))
        except OSError:
            for file in files:
                os.close(file)
            return []
        return files

    def _take_at_once(self, next_file: int, turn_file: int) -> bool:
        try:
            fcntl.flock(next_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        try:
            fcntl.flock(turn_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        finally:
            fcntl.flock(next_file, fcntl.LOCK_UN)
        return True

    def _wait(self, patience: float) -> bool:
        if self._waiter is None:
            self._waiter = Thread(target=self._wait_for_turns, name="write-turn", daemon=True)
            self._waiter.start()
        self._is_wanted = True
        self._changed.notify_all()
        self._changed.wait_for(lambda: self._is_granted, patience)
        granted = self._is_granted
        self._is_wanted = self._is_granted = False
        if not granted:
            self._again_at = time.monotonic() + WITHOUT_QUEUE
        return granted

    def _wait_for_turns(self) -> None:
        """The thread that waits: take the turn whenever it is wanted, and give it back if the wait was given up meanwhile."""
        assert self._files
        next_file, turn_file = self._files
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._is_closed or (self._is_wanted and not self._is_granted))
                if self._is_closed:
                    self._close_files()
                    return
                self._is_waiting = True
            fcntl.flock(next_file, fcntl.LOCK_EX)
            fcntl.flock(turn_file, fcntl.LOCK_EX)
            fcntl.flock(next_file, fcntl.LOCK_UN)
            with self._changed:
                self._is_waiting = False
                if self._is_wanted:
                    self._is_granted = True
                    self._changed.notify_all()
                else:
                    fcntl.flock(turn_file, fcntl.LOCK_UN)

    def _close_files(self) -> None:
        for file in self._files or ():
            os.close(file)
        self._files = []
