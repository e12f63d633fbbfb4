"""Logins at a door: whether a password may be tried now, the trying, and what is told of those who guess.

Attempts are counted in the database (`threading.trust.guessing` says how fast they may follow each other), so that all nodes share the
counts. While it is away nobody is let in and nobody is judged: the client is told to come again, as it would be with its mail. Hashing
takes tens of milliseconds of a core, so it has a pool of its own in which strangers have few seats, and sources of earlier logins the rest.

Limits: `SEATS` passwords are hashed at once, `STRANGERS` of them for strangers, of whom `MOST_WAITING` stand in front of those seats.
"""

import asyncio
import secrets
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from hashlib import blake2b
from typing import Protocol, TypeVar

from helpdesk.gateway.doors import replies
from helpdesk.gateway.doors.replies import Reply
from helpdesk.gateway.observe import Log
from helpdesk.store.database import Database, DatabaseAway, StaleTicket, Unstorable
from helpdesk.store.logins import LoginTurn, login_not_tried, login_succeeded, login_turn
from helpdesk.threading.trust.addresses import canonical
from helpdesk.threading.trust.guessing import Alarm, Turn
from helpdesk.threading.trust.peers import network_of

SEATS = 3
STRANGERS = 1  # guessing must not cost more than one core
MOST_WAITING = 20
COUNTING = 4  # threads that wait for the database
NOBODIES = 4096  # places for names that are nobody's: as slow as those of staff, and not more rows than these
LONGEST_SOURCE = 64

T = TypeVar("T")
AWAY = (DatabaseAway, StaleTicket, Unstorable)

log = Log("helpdesk.logins")


class Counts(Protocol):
    """Where attempts are counted. All of these raise DatabaseAway, and are called in threads."""

    def turn(self, source: str, account: str, now: datetime) -> LoginTurn | None: ...

    def succeeded(self, attempt: LoginTurn, now: datetime) -> None: ...

    def not_tried(self, attempt: LoginTurn) -> None: ...


class StoredCounts:
    """The counts of the database, which all nodes share."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def turn(self, source: str, account: str, now: datetime) -> LoginTurn | None:
        return login_turn(self._database, source, account, now)

    def succeeded(self, attempt: LoginTurn, now: datetime) -> None:
        login_succeeded(self._database, attempt, now)

    def not_tried(self, attempt: LoginTurn) -> None:
        login_not_tried(self._database, attempt)


class Logins:
    """Proves who logs in. `passwords` proves a staff address from a user name and a password, and is called in a thread; `accounts` are
    the addresses that have a password."""

    def __init__(
        self,
        passwords: Callable[[str, str], str | None],
        accounts: Collection[str],
        counts: Counts,
        clock: Callable[[], datetime],
    ) -> None:
        self._passwords = passwords
        self._accounts = frozenset(map(canonical, accounts))
        self._counts = counts
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._hashing = ThreadPoolExecutor(SEATS, "login")
        self._counting = ThreadPoolExecutor(COUNTING, "login-count")
        self._strangers = asyncio.Semaphore(STRANGERS)
        self._waiting = 0
        self._turned_away = 0  # since the last event that told of them
        self._is_away = False  # the database, when it was last asked
        self._closing = asyncio.Event()
        self._hashes: set[asyncio.Task[str | None]] = set()

    async def proved(self, peer: str, name: str, password: str) -> str | Reply:
        """The staff address that somebody has proved to be theirs, or the reply that refuses the login."""
        account, source = self._account(name), network_of(peer)[:LONGEST_SOURCE]
        try:
            attempt = await self._counted(self._counts.turn, source, account, self._clock())
        except AWAY as fault:
            self._tell_away(fault)
            return replies.LOGIN_LATER
        self._is_away = False
        if attempt is None:
            return self._turn_away()
        self._sound(attempt.turn)
        if not await self._waited(attempt.turn.wait.total_seconds()):
            return replies.LOGIN_LATER
        if not attempt.is_known and self._waiting >= MOST_WAITING:
            await self._noted(self._counts.not_tried, attempt)
            return self._turn_away()
        proved = await self._hashed(attempt.is_known, name, password)
        if proved is None:
            log.info("login.failed", peer=peer, account=self._shown(account), turned_away=self._told())
            return replies.BAD_CREDENTIALS
        await self._noted(self._counts.succeeded, attempt, self._clock())
        return proved

    def end_waits(self) -> None:
        """Whoever waits for a turn is told to come again."""
        self._closing.set()

    def close(self) -> None:
        """No further password is tried."""
        self._hashing.shutdown(wait=False, cancel_futures=True)
        self._counting.shutdown(wait=False, cancel_futures=True)

    async def _noted(self, function: Callable[..., None], *arguments: object) -> None:
        """What became of an attempt. A right password is right, whatever becomes of the note about it."""
        try:
            await self._counted(function, *arguments)
        except AWAY as fault:
            self._tell_away(fault)

    def _turn_away(self) -> Reply:
        self._turned_away += 1
        return replies.LOGIN_LATER

    def _tell_away(self, fault: Exception) -> None:
        if not self._is_away:
            log.warning("login.not_counted", reason=str(fault), do="nobody logs in until the database is there again")
        self._is_away = True

    async def _waited(self, seconds: float) -> bool:
        """Whether its turn came before the door closed."""
        if seconds <= 0:
            return not self._closing.is_set()
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            return True
        return False

    async def _hashed(self, is_known: bool, name: str, password: str) -> str | None:
        """Goes on when the client leaves: a thread cannot be called back, and its seat is taken until it has ended."""
        self._waiting += not is_known
        task = asyncio.create_task(self._on_a_seat(is_known, name, password))
        self._hashes.add(task)
        task.add_done_callback(self._hashes.discard)
        return await asyncio.shield(task)

    async def _on_a_seat(self, is_known: bool, name: str, password: str) -> str | None:
        """Strangers wait here, and never in front of the threads, where whoever is known would have to stand behind them."""
        loop = asyncio.get_running_loop()
        if is_known:
            return await loop.run_in_executor(self._hashing, self._passwords, name, password)
        try:
            await self._strangers.acquire()
        finally:
            self._waiting -= 1
        try:
            return await loop.run_in_executor(self._hashing, self._passwords, name, password)
        finally:
            self._strangers.release()

    def _account(self, name: str) -> str:
        """Where a name is counted. One that is nobody's has a place too: it must not be told from a colleague's by being faster."""
        address = canonical(name)
        if address in self._accounts:
            return address
        digest = blake2b((address or name).encode("utf-8", "surrogatepass"), key=self._key, digest_size=4).digest()
        return f"nobody {int.from_bytes(digest) % NOBODIES}"

    def _shown(self, account: str) -> str | None:
        """An account as the log has it: a name that is nobody's could be a password."""
        return account if account in self._accounts else None

    def _sound(self, turn: Turn) -> None:
        for alarm in turn.alarms:
            about = self._about(alarm)
            log.warning("login.guessing", alarm=True, **about, failures=alarm.failures, turned_away=self._told())

    def _about(self, alarm: Alarm) -> dict[str, object]:
        return {"peer": alarm.place.source or None, "account": self._shown(alarm.place.account)}

    def _told(self) -> int | None:
        count, self._turned_away = self._turned_away, 0
        return count or None

    async def _counted(self, function: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._counting, function, *arguments)
