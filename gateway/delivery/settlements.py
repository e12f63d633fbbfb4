"""The writing of outcomes, many in one transaction."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from helpdesk.gateway.counts import counts
from helpdesk.gateway.observe import Log
from helpdesk.store.outbox import ClaimedLetter, SendOutcome
from helpdesk.threading.model.letter_state import LetterState

Settled = tuple[ClaimedLetter, SendOutcome]
# An outcome waits so long for others to be written with, unless no letter is under way. A process that dies meanwhile leaves
# letters that went out to the end of their lease, after which they go out once more.
PATIENCE = 0.05  # seconds
MOST_TOGETHER = 100


class Settlements:
    """Write outcomes of letters. Lives in one event loop.

    An outcome that was handed over is written even if the task that brought it is cancelled. `write` is a blocking call into
    the store, made in a thread; it answers False for each letter whose lease was lost.
    """

    def __init__(
        self, write: Callable[[Sequence[Settled], datetime], Sequence[bool]], clock: Callable[[], datetime], log: Log
    ) -> None:
        self._write = write
        self._clock = clock
        self._log = log
        self._waiting: list[Settled] = []
        self._writing: asyncio.Task[None] | None = None
        self._write_now = asyncio.Event()
        self._late: list[Settled] = []  # outcomes that the store could not take when they came

    @property
    def are_late(self) -> bool:
        """Whether the store could not take an outcome; then `settle_late` has to write it."""
        return bool(self._late)

    def hand_over(self, letter: ClaimedLetter, outcome: SendOutcome) -> None:
        """Have an outcome written soon, together with others."""
        self._waiting.append((letter, outcome))
        if self._writing is None:
            self._write_now = asyncio.Event()  # it belongs to the event loop in which it is first used
            self._writing = asyncio.create_task(self._write_all())
        if len(self._waiting) >= MOST_TOGETHER:
            self._write_now.set()

    async def wait_until_written(self) -> None:
        """Wait until everything that was handed over is written, which happens at once."""
        while self._writing is not None:
            self._write_now.set()
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
                with suppress(TimeoutError):
                    async with asyncio.timeout(PATIENCE):
                        await self._write_now.wait()
                self._write_now.clear()
                batch, self._waiting = self._waiting, []
                await self._write_batch(batch)
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
        if is_ours:
            counts.add("letters_total", "staff" if letter.for_staff else "customer", outcome.state)
        if is_ours and outcome.state is LetterState.SENT:
            counts.observe("delivery_seconds", (self._clock() - letter.created_at).total_seconds())
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
