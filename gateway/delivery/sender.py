"""Sends what is due: claim, relay, outcome. No transaction is open while the network is used."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from helpdesk.config.policy import Retry
from helpdesk.gateway.delivery.relay import Relay
from helpdesk.gateway.delivery.reply import RelayReply, one_line
from helpdesk.gateway.delivery.retry import after_attempt
from helpdesk.gateway.observe import Log
from helpdesk.store.outbox import ClaimedLetter, SendOutcome

LOOK_AGAIN = 1.0  # seconds between two looks for due letters while a slow one is under way


class Sender:
    """Empties the outbox as far as it is due, through one relay.

    `claim(now, limit)` hands out letters under a lease of `lease`; `settle(letter, outcome, now)` writes what became of one,
    and answers False where the lease was lost meanwhile. Both are blocking calls into the store and run in threads. The lease must outlast the relay's longest transfer (ValueError
    otherwise): content goes only while the rest of the lease covers a whole transfer, so two nodes never send one letter at
    the same time. A node that dies leaves its claims to run out.
    """

    def __init__(
        self,
        claim: Callable[[datetime, int], Sequence[ClaimedLetter]],
        settle: Callable[[ClaimedLetter, SendOutcome, datetime], bool | None],
        relay: Relay,
        retry: Retry,
        clock: Callable[[], datetime],
        log: Log,
        *,
        lease: timedelta,
        give_back: Callable[[Sequence[ClaimedLetter]], int] = lambda letters: 0,
    ) -> None:
        if lease <= relay.longest_transfer:
            raise ValueError(
                f"the lease of a letter ({lease}) must be longer than a transfer may take ({relay.longest_transfer})"
            )
        self._claim = claim
        self._settle = settle
        self._relay = relay
        self._retry = retry
        self._clock = clock
        self._log = log
        self._lease = lease
        self._give_back = give_back
        self.is_draining = False
        self._begun: set[int] = set()  # letters whose content may have reached the relay
        self._untouched: list[ClaimedLetter] = []  # cut off before that
        self._unsettled: list[tuple[ClaimedLetter, SendOutcome, datetime]] = []  # the store was away when they had their answer

    async def send_due(self) -> int:
        """Send everything due, and what becomes due meanwhile; the number of letters handled.

        While a letter hangs, the others go on over the relay's other connections, and new ones are looked for.
        """
        if not await self.settle_late():
            return 0
        await self._relay.rest()
        handled = 0
        under_way: set[asyncio.Task[None]] = set()
        try:
            while True:
                started = await self._start(len(under_way))
                under_way |= started
                handled += len(started)
                if not under_way:
                    return handled
                _, under_way = await asyncio.wait(under_way, timeout=LOOK_AGAIN, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await cancelled(under_way)
            await self._return_untouched()

    def drain(self) -> None:
        """Claim nothing more; a running `send_due` ends with the letters that it has."""
        self.is_draining = True

    async def _start(self, under_way: int) -> set[asyncio.Task[None]]:
        """Claim as many letters as keep the connections busy: one on each, and at most one waiting for each."""
        if self.is_draining or under_way > self._relay.connections:
            return set()
        now = self._clock()
        try:
            letters = await asyncio.to_thread(self._claim, now, 2 * self._relay.connections - under_way)
        except Exception:
            self._log.exception("outbox.not_claimed")
            return set()
        return {asyncio.create_task(self._handle(letter, now + self._lease)) for letter in letters}

    async def _handle(self, letter: ClaimedLetter, lease_until: datetime) -> None:
        """One letter to its outcome. A fault of ours defers it; a settlement that fails leaves it to the end of its lease."""
        try:
            reply = await self._try(letter, lease_until)
        except asyncio.CancelledError:
            if letter.id not in self._begun:
                self._untouched.append(letter)
            raise
        finally:
            self._begun.discard(letter.id)
        now = self._clock()
        state, next_attempt_at = after_attempt(
            reply.code, letter.attempts, letter.created_at, now, self._retry, permanent=reply.permanent
        )
        outcome = SendOutcome(state, reply.code, reply.text, next_attempt_at, reply.uncertain)
        if not await self._settled(letter, outcome, now):
            self._unsettled.append((letter, outcome, now))

    async def _settled(self, letter: ClaimedLetter, outcome: SendOutcome, at: datetime) -> bool:
        try:
            ours = await asyncio.to_thread(self._settle, letter, outcome, at)
        except Exception:
            self._log.exception("letter.not_settled", letter=letter.id, state=outcome.state)
            return False
        event = "letter.claim_lost" if ours is False else f"letter.{outcome.state}"
        report = self._log.info if event == "letter.sent" else self._log.warning
        report(
            event, letter=letter.id, attempts=letter.attempts, code=outcome.code, reply=outcome.reply, uncertain=outcome.uncertain
        )
        return True

    async def settle_late(self) -> bool:
        """Write down what the store could not take before: the relay has these letters, and nobody may send them again. False while
        the store is still away; then no round begins."""
        while self._unsettled:
            one = self._unsettled.pop()
            if not await self._settled(*one):
                self._unsettled.append(one)
                return False
        return True

    async def _return_untouched(self) -> None:
        """What was claimed and never begun is free for others at once."""
        letters, self._untouched = self._untouched, []
        if letters:
            try:
                await asyncio.to_thread(self._give_back, letters)
            except Exception:
                self._log.exception("letters.not_given_back", letters=len(letters))

    async def _try(self, letter: ClaimedLetter, lease_until: datetime) -> RelayReply:
        try:
            return await self._relay.send(
                letter.reverse_path, letter.recipient, letter.content, may_start=partial(self._covered, letter.id, lease_until)
            )
        except Exception as fault:
            self._log.exception("letter.fault", letter=letter.id)
            return RelayReply(None, one_line(f"fault of ours: {type(fault).__name__}"), permanent=False, uncertain=True)

    def _covered(self, letter_id: int, lease_until: datetime) -> bool:
        """Whether a transfer that starts now ends within the lease."""
        covered = self._clock() + self._relay.longest_transfer <= lease_until
        if covered:
            self._begun.add(letter_id)
        return covered


async def cancelled(tasks: set[asyncio.Task[None]]) -> None:
    """Cut off what is under way; the connections are dropped with it."""
    while tasks:
        for task in tasks:
            task.cancel()  # again and again: before Python 3.12 wait_for swallows one that meets its answer
        _, tasks = await asyncio.wait(tasks, timeout=LOOK_AGAIN)
