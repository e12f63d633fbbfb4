"""The sender: claim due letters, hand them to the relay, write the outcomes. No transaction is open while the network is
used.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from helpdesk.config.conduct import Retry
from helpdesk.gateway.counts import counts
from helpdesk.gateway.delivery.destinations import Destinations
from helpdesk.gateway.delivery.relay import LetterRelay
from helpdesk.gateway.delivery.reply import RelayReply, domain_of_recipient, enhanced_status, one_line
from helpdesk.gateway.delivery.retry import after_attempt
from helpdesk.gateway.delivery.settlements import Settlements
from helpdesk.gateway.observe import Log
from helpdesk.store.outbox import ClaimedLetter, SendOutcome
from helpdesk.threading.model.letter_state import LetterState

GIVEN_BACK_FOR = timedelta(seconds=2)  # until an untried letter is due again
LOOK_AGAIN = 0.2  # seconds between two looks for due letters while a slow letter is under way
MOST_CLAIMED = 100
# A claim is what the relay took in about so many seconds: others can have the rest, and little waits for the lease of a
# process that dies.
A_CLAIM_LASTS = 1.0
STUCK_FOR = 5.0  # seconds without any letter handled, after which letters that wait for a connection are released


class Claims(Protocol):
    """What a sender needs of the store. The calls block, and are made in threads."""

    def claim(self, now: datetime, limit: int) -> Sequence[ClaimedLetter]:
        """Claim letters that are due, under a lease."""

    def settle(self, settled: Sequence[tuple[ClaimedLetter, SendOutcome]], now: datetime) -> Sequence[bool]:
        """Write outcomes. False for each letter whose lease was lost."""

    def give_back(self, claimed: Sequence[ClaimedLetter], due: datetime) -> object:
        """Release letters that were not tried; they are due again at `due`."""

    def give_up(self, created_before: datetime, reply: str, now: datetime) -> int:
        """Fail due letters that were created before that moment, and return how many."""


@dataclass(frozen=True, slots=True)
class Lease:
    """How long a claim lasts, by the calendar and by a monotonic clock in seconds."""

    until: datetime
    monotonic_until: float


class Sender:
    """Send all due letters of the outbox through one relay.

    The letters of a claim wait for one of the relay's connections, each of which takes one after another. Claims grow and
    shrink with what the relay takes, up to `MOST_CLAIMED` letters. Letters that have waited for long, while all connections
    hang, are released.

    Claims are leases of length `lease`, which must be longer than the relay's longest transfer (else ValueError): a final
    dot goes only while the rest of the lease covers the rest of the transfer, so two nodes never send one letter at the same
    time. The claims of a node that dies end with their leases.

    While the relay is in trouble, letters are given back untried, and from time to time one letter probes the relay. The same
    holds for the letters to one domain that the relay cannot serve now. Letters that have waited for `give_up_after` fail.
    """

    def __init__(
        self,
        outbox: Claims,
        relay: LetterRelay,
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
        self._destinations = Destinations(monotonic)
        self._returns: list[tuple[ClaimedLetter, datetime]] = []  # letters to give back, and when they are due again
        self._unbegun: dict[int, ClaimedLetter] = {}  # claimed letters of whose content nothing has been sent
        self._waiting: deque[tuple[ClaimedLetter, Lease]] = deque()  # claimed letters that no connection has taken yet
        self._claim_size = 2 * relay.connections
        self._claimed_at = 0.0  # by the clock of the event loop, as the next two
        self._nothing_due_until = 0.0
        self._handled_at = 0.0
        self._handled = 0
        self._one_at_a_time = asyncio.Lock()
        self._stalled = False
        self._draining = False

    @property
    def stalled(self) -> bool:
        """Whether the relay is in trouble, so that no letter goes out."""
        return bool(self._relay.trouble)

    async def send_due(self) -> int:
        """Send everything that is due or becomes due meanwhile. Return the number of letters handled.

        A slow letter does not hold up the others: they go over the relay's other connections. A second call waits for the
        first. Otherwise each would release the other's claims as claims whose commit failed, and a letter would go out
        twice.
        """
        async with self._one_at_a_time:
            return await self._send_due()

    async def _send_due(self) -> int:
        if not await self.settle_late():
            return 0
        await self._relay.rest()
        self._handled, self._nothing_due_until = 0, 0.0
        under_way: set[asyncio.Task[None]] = set()
        try:
            while True:
                await self._claim_more(len(under_way))
                await self._release_waiting()
                released = await self._release_resting()
                under_way |= self._start(len(under_way))
                if not under_way:
                    if released:  # others may be due behind them
                        continue
                    return self._handled
                _, under_way = await asyncio.wait(under_way, timeout=LOOK_AGAIN, return_when=asyncio.FIRST_COMPLETED)
        finally:
            try:
                await cancel_all(under_way)
            finally:
                await self._settlements.wait_until_written()
                await self._give_back_unbegun()

    async def _give_back(self, letters: Iterable[ClaimedLetter], due: datetime) -> None:
        """Release letters that were not tried. Where the store is away, they are released when it is back: a letter that is
        forgotten here would wait for the end of its lease.
        """
        self._returns += [(letter, due) for letter in letters]
        returns, self._returns = self._returns, []
        by_due: dict[datetime, list[ClaimedLetter]] = {}
        for letter, at in returns:
            by_due.setdefault(at, []).append(letter)
        for at, group in by_due.items():
            if await self._call_store(self._outbox.give_back, group, at) is None:
                self._returns += [(letter, at) for letter in group]  # giving back twice does nothing: the token has changed

    async def _give_back_unbegun(self) -> None:
        """Release the letters whose content had not begun when the sender was cut off, so that they need not wait for the
        end of the lease.
        """
        letters = list(self._unbegun.values())
        self._unbegun.clear()
        self._waiting.clear()
        if letters:
            await self._give_back(letters, self._clock())

    async def settle_late(self) -> bool:
        """Write outcomes for which the store was away, and release letters that could not be released. False while it still is."""
        settled = await self._settlements.settle_late()
        if settled and self._returns:
            await self._give_back((), self._clock())
        return settled and not self._returns

    def resume(self, *, stalled: bool) -> None:
        """Go on for a process that died: where it had told that the relay is in trouble, the end of that is told as well."""
        self._stalled = stalled

    @property
    def is_draining(self) -> bool:
        return self._draining

    def use(self, retry: Retry) -> None:
        """Try letters again after these times from now on."""
        self._retry = retry

    def drain(self) -> None:
        """Claim nothing more. A running `send_due` ends with the letters that it has."""
        self._draining = True

    async def _claim_more(self, under_way: int) -> None:
        """Claim letters for connections that have none, unless a moment ago there were no more."""
        limit, moment = self._limit(under_way), asyncio.get_running_loop().time()
        is_away = self._settlements.are_late or bool(self._returns)
        if self._draining or self._waiting or limit <= 0 or moment < self._nothing_due_until or is_away:
            return
        now, monotonic = self._clock(), self._monotonic()
        letters: Sequence[ClaimedLetter] = ()
        try:
            letters = await asyncio.to_thread(self._outbox.claim, now, limit)
        except Exception:
            self._log.exception("outbox.not_claimed")
        if len(letters) < limit:
            self._nothing_due_until = moment + LOOK_AGAIN
        self._claimed_at = self._handled_at = moment
        self._unbegun.update((letter.id, letter) for letter in letters)
        lease = Lease(now + self._lease, monotonic + self._lease.total_seconds())
        self._waiting.extend((letter, lease) for letter in letters)

    def _limit(self, under_way: int) -> int:
        """How many letters to claim: while there is trouble none, or one that probes whether it is over."""
        if self._relay.trouble:
            return self._relay.room - under_way
        if under_way >= self._relay.connections:
            return 0
        return self._claim_size

    def _resize_claims(self) -> None:
        """Double or halve the next claim if the last one was begun in much less or much more time than intended."""
        took = asyncio.get_running_loop().time() - self._claimed_at
        if took < A_CLAIM_LASTS / 2:
            self._claim_size = min(2 * self._claim_size, max(MOST_CLAIMED, 2 * self._relay.connections))
        elif took > 2 * A_CLAIM_LASTS:
            self._claim_size = max(self._claim_size // 2, 2 * self._relay.connections)

    async def _release_waiting(self) -> None:
        """Release letters that no connection will take soon: while draining, in trouble, or where all connections hang."""
        in_trouble = bool(self._relay.trouble) and len(self._waiting) > self._relay.room
        stuck = asyncio.get_running_loop().time() - self._handled_at > STUCK_FOR
        if not self._waiting or not (self._draining or in_trouble or stuck):
            return
        letters = [letter for letter, _ in self._waiting]
        self._waiting.clear()
        for letter in letters:
            self._unbegun.pop(letter.id, None)
        self._claim_size = 2 * self._relay.connections
        due = self._clock() + GIVEN_BACK_FOR if in_trouble else self._clock()
        self._log.info("letters.given_back", letters=len(letters))
        await self._give_back(letters, due)

    async def _release_resting(self) -> int:
        """Release letters to domains that the relay cannot serve now, until their domain's next turn. Return how many."""
        resting: dict[str, list[ClaimedLetter]] = {}
        dues: dict[str, datetime] = {}
        for letter, lease in [self._waiting.popleft() for _ in range(len(self._waiting))]:
            due = self._next_turn(letter)
            if due is None:
                self._waiting.append((letter, lease))
                continue
            domain = domain_of_recipient(letter.recipient)
            resting.setdefault(domain, []).append(letter)
            dues.setdefault(domain, due)
            self._unbegun.pop(letter.id, None)
        for domain, letters in resting.items():
            self._log.info("letters.given_back", letters=len(letters), reason="their domain is delayed")
            await self._give_back(letters, dues[domain])
        return sum(map(len, resting.values()))

    def _next_turn(self, letter: ClaimedLetter) -> datetime | None:
        """When the letter may be tried; None for now. One that has waited for `give_up_after` waits for no turn, so that it fails
        where people see it.
        """
        now = self._clock()
        if now - letter.created_at >= self._retry.give_up_after:
            return None
        wait = self._destinations.wait_for(letter.id, letter.recipient)
        return None if wait is None else now + max(wait, GIVEN_BACK_FOR)

    def _start(self, under_way: int) -> set[asyncio.Task[None]]:
        """Give waiting letters to the connections that have none."""
        free = (self._relay.room if self._relay.trouble else self._relay.connections) - under_way
        firsts = [self._waiting.popleft() for _ in range(min(free, len(self._waiting)))]
        return {asyncio.create_task(self._handle_in_turn(letter, lease)) for letter, lease in firsts}

    async def _handle_in_turn(self, letter: ClaimedLetter, lease: Lease) -> None:
        """Handle a letter and then, on the same connection, those that wait."""
        await self._handle(letter, lease)
        while self._waiting and not self._draining and not self._relay.trouble:
            await self._handle(*self._take_waiting())

    def _take_waiting(self) -> tuple[ClaimedLetter, Lease]:
        taken = self._waiting.popleft()
        if not self._waiting:
            self._resize_claims()
        return taken

    async def _handle(self, letter: ClaimedLetter, lease: Lease) -> None:
        """Take one letter to its outcome.

        An internal fault defers the letter. If the outcome cannot be written, the lease runs out.
        """
        if (due := self._next_turn(letter)) is not None:
            self._unbegun.pop(letter.id, None)
            await self._give_back([letter], due)
            return
        reply = await self._try(letter, lease)
        self._unbegun.pop(letter.id, None)
        self._note_domain(letter, reply)
        self._handled += 1
        self._handled_at = asyncio.get_running_loop().time()
        self._log_change_of_relay(reply)
        now = self._clock()
        if reply.untried:
            await self._release_untried(letter, reply, now)
            return
        state, wait = after_attempt(reply, letter.attempts, now - letter.created_at, self._retry)
        next_attempt_at = now + wait if wait is not None else None
        outcome = SendOutcome(state, reply.code, reply.text, next_attempt_at, reply.uncertain, enhanced_status(reply))
        self._settlements.hand_over(letter, outcome)

    async def _try(self, letter: ClaimedLetter, lease: Lease) -> RelayReply:
        def lasts(time_needed: timedelta) -> bool:
            self._unbegun.pop(letter.id, None)
            seconds = time_needed.total_seconds()
            return self._clock() + time_needed <= lease.until and self._monotonic() + seconds <= lease.monotonic_until

        if letter.trouble:
            self._log.warning("letter.incomplete", alarm=True, letter=letter.id, reason=letter.trouble)
            return RelayReply(None, one_line(letter.trouble), permanent=False, before_recipient=True)
        try:
            return await self._relay.send(
                letter.reverse_path, letter.recipient, letter.content, envelope_id=str(letter.id), claim_lasts=lasts
            )
        except Exception as fault:
            self._log.exception("letter.fault", letter=letter.id)
            text = one_line(f"internal fault: {type(fault).__name__}")
            return RelayReply(None, text, permanent=False, uncertain=True, before_recipient=True)

    async def _release_untried(self, letter: ClaimedLetter, reply: RelayReply, now: datetime) -> None:
        """Release a letter that was not tried, or fail it at `give_up_after`, so that a relay that stays away does not hide
        the letter for ever.
        """
        if now - letter.created_at >= self._retry.give_up_after:
            self._settlements.hand_over(letter, SendOutcome(LetterState.FAILED, reply.code, reply.text))
        else:
            self._log.info("letter.given_back", letter=letter.id, reply=reply.text)
            await self._give_back([letter], now + GIVEN_BACK_FOR)
        if self._relay.trouble:
            given_up = await self._call_store(self._outbox.give_up, now - self._retry.give_up_after, reply.text, now)
            if isinstance(given_up, int) and given_up:
                counts.add("letters_total", "unknown", LetterState.FAILED, by=given_up)
                self._log.warning("letters.failed", letters=given_up, reply=reply.text)

    async def _call_store(self, call: Callable[..., object], *arguments: object) -> object:
        """Call the store in a thread. None where the store is away; leases then end by themselves."""
        try:
            return await asyncio.to_thread(call, *arguments)
        except Exception:
            self._log.exception("outbox.away")
            return None

    def _note_domain(self, letter: ClaimedLetter, reply: RelayReply) -> None:
        """Remember what the relay does with letters to this domain. One line is logged when it begins to delay them, and one when
        it serves them again.
        """
        change = self._destinations.record(letter.id, letter.recipient, reply)
        domain = domain_of_recipient(letter.recipient)
        if change == "delayed":
            self._log.warning("relay.domain_delayed", domain=domain, reply=f"{reply.code or ''} {reply.text}".strip())
        elif change == "served":
            self._log.warning("relay.domain_served", domain=domain)

    def _log_change_of_relay(self, reply: RelayReply) -> None:
        """Log one line when the relay begins to be in trouble, and one when it answers about letters again."""
        trouble = self._relay.trouble
        if bool(trouble) == self._stalled or (reply.untried and not trouble):
            return
        self._stalled = bool(trouble)
        if trouble:
            self._log.warning("relay.stalled", reason=trouble)
        else:
            self._log.warning("relay.recovered")


async def cancel_all(tasks: set[asyncio.Task[None]]) -> None:
    """Cancel transfers under way and wait for their end; each drops its connection."""
    while tasks:
        for task in tasks:
            task.cancel()  # repeatedly: before Python 3.12, wait_for swallows a cancellation that meets its result
        _, tasks = await asyncio.wait(tasks, timeout=LOOK_AGAIN)
