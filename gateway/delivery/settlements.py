"""The writing of outcomes: all that come while one transaction is being written go into the next one together."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from helpdesk.gateway.observe import Log
from helpdesk.store.outbox import ClaimedLetter, SendOutcome

Settled = tuple[ClaimedLetter, SendOutcome]


class Settlements:
    """Write outcomes of letters. Lives in one event loop.

    An outcome that was handed over is written even if the task that waits for it is cancelled. `write` is a blocking call
    into the store, made in a thread; it answers False for each letter whose lease was lost.
    """

    def __init__(
        self, write: Callable[[Sequence[Settled], datetime], Sequence[bool]], clock: Callable[[], datetime], log: Log
    ) -> None:
        self._write = write
        self._clock = clock
        self._log = log
        self._waiting: list[tuple[Settled, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._late: list[Settled] = []  # outcomes that the store could not take when they came

    async def settle(self, letter: ClaimedLetter, outcome: SendOutcome) -> None:
        """Return when the outcome is written, or could not be: then `settle_late` has to write it."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(((letter, outcome), written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        await written

    async def wait_until_written(self) -> None:
        """Wait until everything that was handed over is written."""
        while self._writing is not None:
            await asyncio.wait([self._writing])

    async def settle_late(self) -> bool:
        """Write outcomes that the store could not take before. False while the store is still away.

        Until they are written no round of sending may begin: the relay has these letters, and they must not be claimed
        again.
        """
        late, self._late = self._late, []
        if late:
            await self._write_batch(late)
        return not self._late

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._write_batch([settled for settled, _ in batch])
                for _, written in batch:
                    if not written.done():
                        written.set_result(None)
        finally:
            self._writing = None

    async def _write_batch(self, batch: Sequence[Settled]) -> None:
        try:
            ours = await asyncio.to_thread(self._write, batch, self._clock())
        except Exception:
            self._log.exception("letters.not_settled", letters=",".join(str(letter.id) for letter, _ in batch))
            self._late += batch
            return
        for (letter, outcome), is_ours in zip(batch, ours, strict=True):
            self._log_outcome(letter, outcome, is_ours=is_ours)

    def _log_outcome(self, letter: ClaimedLetter, outcome: SendOutcome, *, is_ours: bool) -> None:
        event = f"letter.{outcome.state}" if is_ours else "letter.claim_lost"
        report = self._log.info if event == "letter.sent" else self._log.warning
        report(
            event,
            letter=letter.id,
            attempts=letter.attempts,
            code=outcome.code,
            reply=outcome.reply,
            uncertain=outcome.uncertain,
        )
