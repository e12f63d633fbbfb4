"""Group commit at the door: one transaction, and so one fsync, for all the mails that came while the last one ran."""

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
GIVE_UP_AFTER = 15.0  # seconds of trying mails one by one; a store that is away would otherwise cost a time-out for each


class NotStored(Exception):
    """This mail is not in the store; its sender is to try again later."""


class NoSpace(NotStored):
    """There is not enough space for new mail; its sender is to try again later (RFC 5321 §4.2.2, 452)."""


@dataclass(eq=False, slots=True)
class _Waiting:
    raw: RawMessage
    loop: asyncio.AbstractEventLoop
    stored: asyncio.Future[int]


class Intake:
    """Takes raw mails from any number of sessions and commits them in batches, in one thread of its own.

    `store` commits all the mails it is given in one transaction and returns their ids, or raises and has stored none.
    `on_stored` is called in that thread after each commit, to wake whoever works on new mail.
    `trouble` says whether the disk can take mail at all. Waiting mails are bounded by `max_waiting` (count) and `max_waiting_bytes`; beyond them `accept` refuses at once.
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
        self._waiting: deque[_Waiting] = deque()
        self._waiting_bytes = 0
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Mails that no commit has taken up yet."""
        return len(self._waiting)

    async def accept(self, raw: RawMessage) -> int:
        """Wait until the mail is durable; its id in the store.

        A caller that is cancelled leaves the commit alone: the mail is stored, and its sender, who saw no reply, sends it again.
        Raises NotStored when it could not be stored, or too much waits already; NoSpace when the disk is nearly full.
        """
        self.check()
        loop = asyncio.get_running_loop()
        one = _Waiting(raw, loop, loop.create_future())
        with self._changed:
            if self._closing or not self._has_room_for(raw):
                raise NotStored("the intake is closing or full")
            self._waiting.append(one)
            self._waiting_bytes += len(raw.content)
            self._changed.notify()
        return await one.stored

    def check(self) -> None:
        """Raises NoSpace or NotStored while no mail can be taken at all, so that a door may say so before the content comes."""
        trouble = self._trouble()
        if trouble is DiskTrouble.FULL:
            raise NoSpace("the disk is nearly full")
        if trouble is not None:
            raise NotStored(f"the disk is {trouble}")

    def close(self) -> None:
        """Finish what waits, refuse what comes. Blocks until the last commit has ended."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _has_room_for(self, raw: RawMessage) -> bool:
        if not self._waiting:  # one mail alone is always taken, however large
            return True
        return len(self._waiting) < self._max_waiting and self._waiting_bytes + len(raw.content) <= self._max_waiting_bytes

    def _run(self) -> None:
        while batch := self._next_batch():
            self._commit(batch)

    def _next_batch(self) -> list[_Waiting]:
        """Everything that waits, up to a bound; empty when the intake is closed and nothing waits."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            batch: list[_Waiting] = []
            size = 0
            while self._waiting and len(batch) < BATCH_MAILS:
                size += len(self._waiting[0].raw.content)
                if batch and size > BATCH_BYTES:
                    break
                batch.append(self._waiting.popleft())
            self._waiting_bytes -= sum(len(one.raw.content) for one in batch)
            return batch

    def _commit(self, batch: list[_Waiting]) -> None:
        try:
            ids = self._store([one.raw for one in batch])
        except Exception:
            log.exception("intake.batch_not_stored", extra={"mails": len(batch)})
            self._commit_one_by_one(batch)
            return
        self._settle(batch, ids)
        self._wake()

    def _commit_one_by_one(self, batch: list[_Waiting]) -> None:
        """One bad mail must not refuse its neighbours."""
        give_up_at = self._monotonic() + GIVE_UP_AFTER
        for one in batch:
            if len(batch) == 1 or self._monotonic() >= give_up_at:
                self._settle([one], NotStored("the store failed"))
                continue
            try:
                ids = self._store([one.raw])
            except Exception:
                log.exception("intake.mail_not_stored")
                self._settle([one], NotStored("the store failed"))
                continue
            self._settle([one], ids)
            self._wake()

    def _settle(self, batch: list[_Waiting], outcome: list[int] | NotStored) -> None:
        """Tell the sessions, with one call into each event loop."""
        for loop in {one.loop for one in batch}:
            try:
                loop.call_soon_threadsafe(_resolve, [one.stored for one in batch if one.loop is loop], outcome)
            except RuntimeError:  # that loop has ended, and nobody waits in it
                log.warning("intake.nobody_waits")

    def _wake(self) -> None:
        try:
            self._on_stored()
        except Exception:  # the mails are stored all the same
            log.exception("intake.wake_failed")


def _resolve(futures: list[asyncio.Future[int]], outcome: list[int] | NotStored) -> None:
    for number, future in enumerate(futures):
        if future.done():  # the session was cancelled
            continue
        if isinstance(outcome, NotStored):
            future.set_exception(outcome)
        else:
            future.set_result(outcome[number])
