"""Sends what is due: claim, relay, outcome. No transaction is open while the network is used."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from helpdesk.config.policy import Retry
from helpdesk.gateway.delivery.relay import Relay
from helpdesk.gateway.delivery.reply import RelayReply, enhanced_status, one_line
from helpdesk.gateway.delivery.retry import after_attempt
from helpdesk.gateway.delivery.settlements import Settlements
from helpdesk.gateway.observe import Log
from helpdesk.store.outbox import ClaimedLetter, SendOutcome

GIVEN_BACK_FOR = timedelta(seconds=2)
LOOK_AGAIN = 1.0  # seconds between two looks for due letters while a slow one is under way


class Claims(Protocol):
    """What a sender needs of the store. Blocking calls, made in threads."""

    def claim(self, now: datetime, limit: int) -> Sequence[ClaimedLetter]:
        """Hand out letters that are due, each under a lease."""

    def settle(self, settled: Sequence[tuple[ClaimedLetter, SendOutcome]], now: datetime) -> Sequence[bool]:
        """Write what became of letters; False for each whose lease was lost meanwhile."""

    def give_back(self, claimed: Sequence[ClaimedLetter], due: datetime) -> object:
        """Let go of letters that were not tried; they are due again then."""

    def give_up(self, created_before: datetime, reply: str, now: datetime) -> int:
        """Fail what is due and older than that; how many letters."""


@dataclass(frozen=True, slots=True)
class Lease:
    """How long a claim holds, by the calendar and by a clock in seconds that nobody sets."""

    until: datetime
    monotonic_until: float


class Sender:
    """Empties the outbox as far as it is due, through one relay.

    Claims are leases of `lease`, which must outlast the relay's longest transfer (ValueError otherwise): a final dot goes only
    while the rest of the lease covers the rest of the transfer, so two nodes never send one letter at the same time. A node that
    dies leaves its claims to run out.

    While the relay is in trouble, letters are given back untried, and from time to time one of them finds out whether it is over.
    Letters that have waited for `give_up_after` meanwhile fail.
    """

    def __init__(
        self,
        outbox: Claims,
        relay: Relay,
        retry: Retry,
        clock: Callable[[], datetime],
        log: Log,
        *,
        lease: timedelta,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if lease <= relay.longest_transfer:
            raise ValueError(
                f"the lease of a letter ({lease}) must be longer than a transfer may take ({relay.longest_transfer})"
            )
        self._outbox = outbox
        self._relay = relay
        self._retry = retry
        self._clock = clock
        self._log = log
        self._lease = lease
        self._monotonic = monotonic
        self._settlements = Settlements(outbox.settle, clock, log)
        self._unbegun: dict[int, ClaimedLetter] = {}  # claimed, and surely nothing of their content has gone
        self._one_at_a_time = asyncio.Lock()
        self._stalled = False
        self._draining = False

    @property
    def stalled(self) -> bool:
        """Whether the relay is in trouble, so that no letter goes out."""
        return bool(self._relay.trouble)

    async def send_due(self) -> int:
        """Send everything due, and what becomes due meanwhile; the number of letters handled.

        While a letter hangs, the others go on over the relay's other connections, and new ones are looked for. A second call waits for
        the first: two would take each other's claims for ones of whose commit nobody learnt, and a letter would go out twice.
        """
        async with self._one_at_a_time:
            return await self._send_due()

    async def _send_due(self) -> int:
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
            try:
                await cancelled(under_way)
            finally:
                await self._settlements.finished()
                await self._give_back_unbegun()

    async def _give_back_unbegun(self) -> None:
        """After a cut: what had not come to its content need not wait for the end of its lease."""
        letters = list(self._unbegun.values())
        self._unbegun.clear()
        if letters:
            await self._asked(self._outbox.give_back, letters, self._clock())

    async def settle_late(self) -> bool:
        """Write down outcomes for which the store was away; False while it still is."""
        return await self._settlements.settle_late()

    @property
    def is_draining(self) -> bool:
        return self._draining

    def drain(self) -> None:
        """Claim nothing more; a running `send_due` ends with the letters that it has."""
        self._draining = True

    async def _start(self, under_way: int) -> set[asyncio.Task[None]]:
        """Claim as many letters as keep the connections busy: one on each, and at most one waiting for each."""
        limit = self._limit(under_way)
        if self._draining or limit <= 0:
            return set()
        now, monotonic = self._clock(), self._monotonic()
        try:
            letters = await asyncio.to_thread(self._outbox.claim, now, limit)
        except Exception:
            self._log.exception("outbox.not_claimed")
            return set()
        self._unbegun.update((letter.id, letter) for letter in letters)
        lease = Lease(now + self._lease, monotonic + self._lease.total_seconds())
        return {asyncio.create_task(self._handle(letter, lease)) for letter in letters}

    def _limit(self, under_way: int) -> int:
        if self._relay.trouble:
            return self._relay.room - under_way
        return 0 if under_way > self._relay.connections else 2 * self._relay.connections - under_way

    async def _handle(self, letter: ClaimedLetter, lease: Lease) -> None:
        """One letter to its outcome. A fault of ours defers it; a settlement that fails leaves it to the end of its lease."""
        reply = await self._try(letter, lease)
        self._unbegun.pop(letter.id, None)
        self._tell_of_relay()
        now = self._clock()
        if reply.untried:
            await self._untried(letter, reply, now)
            return
        state, next_attempt_at = after_attempt(
            reply.code, letter.attempts, letter.created_at, now, self._retry, permanent=reply.permanent
        )
        status = enhanced_status(reply)
        outcome = SendOutcome(state, reply.code, reply.text, next_attempt_at, reply.uncertain, status)
        await self._settlements.settle(letter, outcome)

    async def _try(self, letter: ClaimedLetter, lease: Lease) -> RelayReply:
        def lasts(time_needed: timedelta) -> bool:
            self._unbegun.pop(letter.id, None)
            seconds = time_needed.total_seconds()
            return self._clock() + time_needed <= lease.until and self._monotonic() + seconds <= lease.monotonic_until

        if letter.trouble:
            self._log.warning("letter.incomplete", alarm=True, letter=letter.id, reason=letter.trouble)
            return RelayReply(None, one_line(letter.trouble), permanent=False)
        try:
            return await self._relay.send(
                letter.reverse_path, letter.recipient, letter.content, envelope_id=str(letter.id), claim_lasts=lasts
            )
        except Exception as fault:
            self._log.exception("letter.fault", letter=letter.id)
            return RelayReply(None, one_line(f"fault of ours: {type(fault).__name__}"), permanent=False, uncertain=True)

    async def _untried(self, letter: ClaimedLetter, reply: RelayReply, now: datetime) -> None:
        """Given back without an attempt, but not for ever: a relay that stays away must not hide that a letter never went."""
        if now - letter.created_at >= self._retry.give_up_after:
            await self._settlements.settle(letter, SendOutcome("failed", reply.code, reply.text))
        else:
            self._log.info("letter.given_back", letter=letter.id, reply=reply.text)
            await self._asked(self._outbox.give_back, [letter], now + GIVEN_BACK_FOR)
        if self._relay.trouble:
            given_up = await self._asked(self._outbox.give_up, now - self._retry.give_up_after, reply.text, now)
            if given_up:
                self._log.warning("letters.failed", letters=given_up, reply=reply.text)

    async def _asked(self, call: Callable[..., object], *arguments: object) -> object:
        """What the store says; None where it is away, then the leases end by themselves."""
        try:
            return await asyncio.to_thread(call, *arguments)
        except Exception:
            self._log.exception("outbox.away")
            return None

    def _tell_of_relay(self) -> None:
        """One line when the relay stalls, and one when it takes letters again."""
        trouble = self._relay.trouble
        if bool(trouble) == self._stalled:
            return
        self._stalled = bool(trouble)
        if trouble:
            self._log.warning("relay.stalled", reason=trouble)
        else:
            self._log.info("relay.recovered")


async def cancelled(tasks: set[asyncio.Task[None]]) -> None:
    """Cut off what is under way; the connections are dropped with it."""
    while tasks:
        for task in tasks:
            task.cancel()  # again and again: before Python 3.12 wait_for swallows one that meets its answer
        _, tasks = await asyncio.wait(tasks, timeout=LOOK_AGAIN)
