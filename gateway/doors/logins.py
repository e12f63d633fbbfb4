"""Logins at a door: whether a password may be tried now, the check itself, and the alarms about guessing.

Attempts are counted in the database, so that all nodes share the counts; `threading.trust.guessing` says how fast attempts
may follow each other. While the database is away every login gets a temporary refusal (454). Hashing a password takes tens
of milliseconds of a core, so it runs in a thread pool: strangers may use few of its threads, and sources that have logged in
before may use all.

Limits: `SEATS` passwords are hashed at once, `STRANGERS` of them for strangers; at most `MOST_WAITING` strangers wait for
that.
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
from helpdesk.store.logins import LoginTurn, login_turn, record_login, take_back_attempt
from helpdesk.threading.trust.addresses import canonical
from helpdesk.threading.trust.guessing import Alarm, Turn
from helpdesk.threading.trust.peers import network_of

SEATS = 3
STRANGERS = 1  # guessing must not take more than one core
MOST_WAITING = 20
COUNTING = 4  # threads that do the database's work of counting
NOBODIES = 4096  # rows in which attempts at unknown names are counted, as slowly as those at staff addresses
LONGEST_SOURCE = 64

T = TypeVar("T")
AWAY = (DatabaseAway, StaleTicket, Unstorable)

Passwords = Callable[[str, str], str | None]

log = Log("helpdesk.logins")


def _nobody(name: str, password: str) -> None:
    """Proves nobody."""


class LoginCounts(Protocol):
    """Where attempts to log in are counted. The methods are called in threads, and raise DatabaseAway."""

    def turn(self, source: str, account: str, now: datetime) -> LoginTurn | None:
        """Count an attempt, and say when its password may be tried; None where it may not."""

    def record_success(self, attempt: LoginTurn, now: datetime) -> None:
        """Take the attempt back, and remember that its source has logged in."""

    def record_not_tried(self, attempt: LoginTurn) -> None:
        """Take the attempt back: its password was not tried."""


class StoredCounts:
    """The counts in the database, which all nodes share."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def turn(self, source: str, account: str, now: datetime) -> LoginTurn | None:
        return login_turn(self._database, source, account, now)

    def record_success(self, attempt: LoginTurn, now: datetime) -> None:
        record_login(self._database, attempt, now)

    def record_not_tried(self, attempt: LoginTurn) -> None:
        take_back_attempt(self._database, attempt)


class Logins:
    """Prove who logs in.

    `passwords` gives the staff address that a user name and a password prove, or None; it is called in a thread. Without it nobody
    can log in. `accounts` are the addresses that have a password.
    """

    def __init__(
        self,
        passwords: Passwords | None,
        accounts: Collection[str],
        counts: LoginCounts,
        clock: Callable[[], datetime],
    ) -> None:
        self.use(passwords, accounts)
        self._counts = counts
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._hashing = ThreadPoolExecutor(SEATS, "login")
        self._counting = ThreadPoolExecutor(COUNTING, "login-count")
        self._strangers = asyncio.Semaphore(STRANGERS)
        self._waiting = 0
        self._turned_away = 0  # attempts refused untried since the last log event that named their number
        self._is_away = False  # whether the database did not answer the last time
        self._closing = asyncio.Event()
        self._hashes: set[asyncio.Task[str | None]] = set()

    def use(self, passwords: Passwords | None, accounts: Collection[str]) -> None:
        """Prove by these passwords from now on, also in sessions that are open."""
        self._passwords = passwords or _nobody
        self._accounts = frozenset(map(canonical, accounts))

    @property
    def are_possible(self) -> bool:
        """Whether anybody has a password."""
        return self._passwords is not _nobody

    async def prove(self, peer: str, name: str, password: str) -> str | Reply:
        """The staff address that a user name and a password prove, or the reply that refuses the login."""
        account, source = self._account(name), network_of(peer)[:LONGEST_SOURCE]
        try:
            attempt = await self._in_counting_thread(self._counts.turn, source, account, self._clock())
        except AWAY as fault:
            self._tell_away(fault)
            return replies.LOGIN_LATER
        self._is_away = False
        if attempt is None:
            return self._turn_away()
        self._raise_alarms(attempt.turn)
        if not await self._wait_for_turn(attempt.turn.wait.total_seconds()):
            return replies.LOGIN_LATER
        if not attempt.is_known and self._waiting >= MOST_WAITING:
            await self._record(self._counts.record_not_tried, attempt)
            return self._turn_away()
        address = await self._check_password(attempt.is_known, name, password)
        if address is None:
            log.info("login.failed", peer=peer, account=self._name_for_log(account), turned_away=self._take_turned_away())
            return replies.BAD_CREDENTIALS
        await self._record(self._counts.record_success, attempt, self._clock())
        return address

    def end_waits(self) -> None:
        """Refuse every login that waits for its turn, because the door drains."""
        self._closing.set()

    def close(self) -> None:
        """Try no further password."""
        self._hashing.shutdown(wait=False, cancel_futures=True)
        self._counting.shutdown(wait=False, cancel_futures=True)

    async def _record(self, function: Callable[..., None], *arguments: object) -> None:
        """Write down what became of an attempt. A login whose outcome cannot be written is accepted or refused all the same."""
        try:
            await self._in_counting_thread(function, *arguments)
        except AWAY as fault:
            self._tell_away(fault)

    def _turn_away(self) -> Reply:
        self._turned_away += 1
        return replies.LOGIN_LATER

    def _tell_away(self, fault: Exception) -> None:
        if not self._is_away:
            log.warning("login.not_counted", reason=str(fault), do="nobody logs in until the database is there again")
        self._is_away = True

    async def _wait_for_turn(self, seconds: float) -> bool:
        """Wait before the password is tried. Return False where the door closed meanwhile."""
        if seconds <= 0:
            return not self._closing.is_set()
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            return True
        return False

    async def _check_password(self, is_known: bool, name: str, password: str) -> str | None:
        """Hash and compare a password. This goes on when the client leaves: a thread cannot be interrupted, and its seat
        stays taken until it ends.
        """
        self._waiting += not is_known
        task = asyncio.create_task(self._on_a_seat(is_known, name, password))
        self._hashes.add(task)
        task.add_done_callback(self._hashes.discard)
        return await asyncio.shield(task)

    async def _on_a_seat(self, is_known: bool, name: str, password: str) -> str | None:
        """Run the check in the pool. Strangers wait here for their few seats, so that they never stand in the pool's queue
        before known sources.
        """
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
        """The account under which a name's attempts are counted.

        Names of nobody are counted too: if they were not, they would be answered faster than staff addresses and could be
        told apart.
        """
        address = canonical(name)
        if address in self._accounts:
            return address
        digest = blake2b((address or name).encode("utf-8", "surrogatepass"), key=self._key, digest_size=4).digest()
        return f"nobody {int.from_bytes(digest) % NOBODIES}"

    def _name_for_log(self, account: str) -> str | None:
        """The account if it is a staff address; None for any other name, because somebody may have typed their password
        there.
        """
        return account if account in self._accounts else None

    def _raise_alarms(self, turn: Turn) -> None:
        for alarm in turn.alarms:
            about = self._about(alarm)
            log.warning("login.guessing", alarm=True, **about, failures=alarm.failures, turned_away=self._take_turned_away())

    def _about(self, alarm: Alarm) -> dict[str, object]:
        return {"peer": alarm.place.source or None, "account": self._name_for_log(alarm.place.account)}

    def _take_turned_away(self) -> int | None:
        count, self._turned_away = self._turned_away, 0
        return count or None

    async def _in_counting_thread(self, function: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._counting, function, *arguments)
