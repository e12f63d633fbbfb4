"""Group commit: one transaction, and so one fsync, for all mails that arrived while the last one was being committed.

Large mails are committed in a lane of their own, because writing one takes so long that small mails would have to wait for it.
"""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from helpdesk.gateway.disk import DiskTrouble
from helpdesk.threading.model.mail import RawMessage

log = logging.getLogger(__name__)

BATCH_MAILS = 200
BATCH_BYTES = 32 * 1024 * 1024
LARGE = 512 * 1024  # octets; what is larger takes about as long to hash and write as a small mail may wait
GATHERING = 0.002  # seconds between two commits: the next takes more mails, and on SQLite other processes get their turn to write
GIVE_UP_AFTER = 15.0  # seconds in which mails are tried one by one; a store that is away would otherwise cost a time-out for each


class NotStored(Exception):
    """The mail is not in the store; its sender is to try again later."""


class NoSpace(NotStored):
    """There is too little space for new mail; its sender is to try again later (RFC 5321 §4.2.2, 452)."""


@dataclass(eq=False, slots=True)
class _Waiting:
    raw: RawMessage
    loop: asyncio.AbstractEventLoop
    stored: asyncio.Future[int]


class _Lane:
    """Mails that wait for one thread, which commits them in the order in which they came."""

    def __init__(self, lock: threading.Lock) -> None:
        self.changed = threading.Condition(lock)
        self.waiting: deque[_Waiting] = deque()


class Intake:
    """Take raw mails from any number of sessions, and commit them in batches in threads of its own.

    `store` commits all mails that it is given in one transaction and returns their ids, or raises and has stored none.
    `on_stored` is called in such a thread after each commit, to wake the worker. `trouble` says whether the disk can take mail
    at all. `max_waiting` mails of `max_waiting_bytes` octets may wait; beyond that `accept` refuses at once.
    """

    def __init__(
        self,
        store: Callable[[Sequence[RawMessage]], list[int]],
        on_stored: Callable[[], None],
        max_waiting: int = 2000,
        max_waiting_bytes: int = 256 * 1024 * 1024,
        monotonic: Callable[[], float] = time.monotonic,
        trouble: Callable[[], DiskTrouble | None] = lambda: None,
    ) -> None:
        self._store = store
        self._on_stored = on_stored
        self._max_waiting = max_waiting
        self._max_waiting_bytes = max_waiting_bytes
        self._monotonic = monotonic
        self._trouble = trouble
        self._waiting_bytes = 0
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._small, self._large = _Lane(self._lock), _Lane(self._lock)
        self._threads = [
            threading.Thread(target=self._run, args=(lane,), name="intake", daemon=True) for lane in (self._small, self._large)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> int:
        """How many mails wait for a commit."""
        return len(self._small.waiting) + len(self._large.waiting)

    async def accept(self, raw: RawMessage) -> int:
        """Wait until the mail is durable, and return its id in the store.

        If the caller is cancelled, the mail is stored all the same; its sender, who saw no reply, sends it again. Raise
        NotStored where the mail could not be stored or too much waits, NoSpace where the disk is nearly full.
        """
        self.check()
        loop = asyncio.get_running_loop()
        waiting = _Waiting(raw, loop, loop.create_future())
        lane = self._large if len(raw.content) > LARGE else self._small
        with self._lock:
            if self._closing.is_set() or not self._has_room_for(raw):
                raise NotStored("the intake is closing or full")
            lane.waiting.append(waiting)
            self._waiting_bytes += len(raw.content)
        loop.call_soon(self._tell, lane)  # after all mails that have arrived by now, so that one commit takes them all
        return await waiting.stored

    def check(self) -> None:
        """Raise NoSpace or NotStored while no mail can be taken at all, so that a door can say so before the content comes."""
        trouble = self._trouble()
        if trouble is DiskTrouble.FULL:
            raise NoSpace("the disk is nearly full")
        if trouble is not None:
            raise NotStored(f"the disk is {trouble}")

    def close(self) -> None:
        """Commit what waits, and refuse new mail. Blocks until the last commit has ended."""
        with self._lock:
            self._closing.set()
            self._small.changed.notify()
            self._large.changed.notify()
        for thread in self._threads:
            thread.join()

    def _has_room_for(self, raw: RawMessage) -> bool:
        if not self.waiting:  # a mail that waits alone is always taken, whatever its size
            return True
        return self.waiting < self._max_waiting and self._waiting_bytes + len(raw.content) <= self._max_waiting_bytes

    def _tell(self, lane: _Lane) -> None:
        with self._lock:
            lane.changed.notify()

    def _run(self, lane: _Lane) -> None:
        while batch := self._next_batch(lane):
            self._commit(batch)
            self._closing.wait(GATHERING)

    def _next_batch(self, lane: _Lane) -> list[_Waiting]:
        """The mails that wait, up to a bound; empty when the intake is closed and nothing waits."""
        with self._lock:
            while not lane.waiting and not self._closing.is_set():
                lane.changed.wait()
            batch: list[_Waiting] = []
            size = 0
            while lane.waiting and len(batch) < BATCH_MAILS:
                size += len(lane.waiting[0].raw.content)
                if batch and size > BATCH_BYTES:
                    break
                batch.append(lane.waiting.popleft())
            self._waiting_bytes -= sum(len(waiting.raw.content) for waiting in batch)
            return batch

    def _commit(self, batch: list[_Waiting]) -> None:
        try:
            ids = self._store([waiting.raw for waiting in batch])
        except Exception:
            log.exception("intake.batch_not_stored", extra={"mails": len(batch)})
            self._commit_one_by_one(batch)
            return
        self._settle(batch, ids)
        self._wake()

    def _commit_one_by_one(self, batch: list[_Waiting]) -> None:
        """Commit each mail by itself, so that one bad mail does not refuse the others."""
        give_up_at = self._monotonic() + GIVE_UP_AFTER
        for waiting in batch:
            if len(batch) == 1 or self._monotonic() >= give_up_at:
                self._settle([waiting], NotStored("the store failed"))
                continue
            try:
                ids = self._store([waiting.raw])
            except Exception:
                log.exception("intake.mail_not_stored")
                self._settle([waiting], NotStored("the store failed"))
                continue
            self._settle([waiting], ids)
            self._wake()

    def _settle(self, batch: list[_Waiting], outcome: list[int] | NotStored) -> None:
        """Give sessions their outcome, with one call into each event loop."""
        for loop in {waiting.loop for waiting in batch}:
            futures = [waiting.stored for waiting in batch if waiting.loop is loop]
            try:
                loop.call_soon_threadsafe(_resolve, futures, outcome)
            except RuntimeError:  # the loop has ended, and no session waits in it
                log.warning("intake.nobody_waits")

    def _wake(self) -> None:
        try:
            self._on_stored()
        except Exception:  # the mails are stored in any case
            log.exception("intake.wake_failed")


def _resolve(futures: list[asyncio.Future[int]], outcome: list[int] | NotStored) -> None:
    for number, future in enumerate(futures):
        if future.done():  # because the session was cancelled
            continue
        if isinstance(outcome, NotStored):
            future.set_exception(outcome)
        else:
            future.set_result(outcome[number])
