"""An SMTP door on a free port of 127.0.0.1, in a thread with a loop of its own; tests talk to it over real sockets."""

import asyncio
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from helpdesk.config.settings import DeskSettings, Lmtp, Smtp
from helpdesk.gateway.disk import DiskTrouble
from helpdesk.gateway.doors.door import Door, Reception
from helpdesk.gateway.doors.lmtp import LmtpDoor
from helpdesk.gateway.doors.logins import LoginCounts, Logins
from helpdesk.gateway.doors.smtp import SmtpDoor, SmtpSession
from helpdesk.gateway.intake import Intake
from helpdesk.store.logins import LoginTurn
from helpdesk.threading.model.mail import RawMessage
from helpdesk.threading.trust.guessing import Count, Place, take_back, turn

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DESK = DeskSettings.model_validate({"name": "Desk", "domain": "desk.test"})
LOCAL_PARTS = ("help", "billing", "hilfe-ü")


def is_ours(address: str) -> bool:
    local_part, _, domain = address.rpartition("@")
    return domain.lower() == "desk.test" and local_part.partition("+")[0].lower() in LOCAL_PARTS


@dataclass
class ListStore:
    """Keeps mails in a list; can be made to fail, or to wait."""

    mails: list[RawMessage] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    failure: Callable[[RawMessage], bool] = field(default=lambda raw: False)
    open: threading.Event = field(default_factory=threading.Event)
    entered: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.open.set()

    def __call__(self, raws: Sequence[RawMessage]) -> list[int]:
        self.entered.set()
        assert self.open.wait(30)
        if any(self.failure(raw) for raw in raws):
            raise RuntimeError("password=secret at 10.0.0.5")
        self.batches.append(len(raws))
        self.mails.extend(raws)
        return list(range(len(self.mails) - len(raws), len(self.mails)))


@dataclass
class MemoryCounts:
    """LoginCounts attempts to log in, in memory; can be made to fail as a database does."""

    counts: dict[Place, Count] = field(default_factory=dict)
    known: set[tuple[str, str]] = field(default_factory=set)
    failure: Exception | None = None
    one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def turn(self, source: str, account: str, now: datetime) -> LoginTurn | None:
        with self.one_at_a_time:
            if self.failure is not None:
                raise self.failure
            is_known = (source, account) in self.known
            found = turn(source, account, is_known, self.counts, now)
            self.counts |= found.counts if found else {}
            return LoginTurn(source, account, is_known, found) if found else None

    def record_success(self, attempt: LoginTurn, now: datetime) -> None:
        with self.one_at_a_time:
            if self.failure is not None:
                raise self.failure
            self.counts |= {place: take_back(self.counts[place]) for place in attempt.turn.counts}
            self.known.add((attempt.source, attempt.account))

    def record_not_tried(self, attempt: LoginTurn) -> None:
        with self.one_at_a_time:
            self.counts |= {place: take_back(self.counts[place]) for place in attempt.turn.counts}


@dataclass
class RunningDoor:
    door: Door
    store: ListStore
    intake: Intake
    loop: asyncio.AbstractEventLoop

    @property
    def port(self) -> int:
        return self.door.port

    @property
    def mails(self) -> list[RawMessage]:
        return self.store.mails

    def clients(self) -> list[SmtpSession]:
        """The sessions that are open now."""
        return [session for session in tuple(self.door.sessions) if isinstance(session, SmtpSession)]

    def drain(self, seconds: float = 10) -> "Future[None]":
        return asyncio.run_coroutine_threadsafe(self.door.drain(seconds), self.loop)

    def settled(self) -> None:
        """Wait until no session is left."""

        async def until_empty() -> None:
            while self.door.sessions:
                await asyncio.wait([session.ended for session in self.door.sessions])

        asyncio.run_coroutine_threadsafe(until_empty(), self.loop).result(30)


@contextmanager
def running_door(
    ours: Callable[[str], bool] = is_ours,
    passwords: Callable[[str, str], str | None] | None = None,
    most_memory: int = 512 * 1024 * 1024,
    store: ListStore | None = None,
    keep: Callable[[Sequence[RawMessage]], list[int]] | None = None,
    trouble: Callable[[], DiskTrouble | None] = lambda: None,
    counts: LoginCounts | None = None,
    accounts: Collection[str] = (),
    relays: tuple[str, ...] = (),
    **settings: Any,
) -> Iterator[RunningDoor]:
    """The SMTP door. Where there are `passwords` it lets somebody log in; `accounts` have one."""
    configured = Smtp.model_validate({"listen": "127.0.0.1:0", **settings})

    def made(intake: Intake) -> Door:
        logins = Logins(passwords, accounts, counts or MemoryCounts(), lambda: NOON) if passwords else None
        reception = Reception(DESK, ours, intake, lambda: NOON)
        return SmtpDoor(configured, reception, logins, most_memory=most_memory, relays=relays)

    with _running(made, store or ListStore(), keep, trouble) as running:
        yield running


@contextmanager
def running_lmtp_door(
    ours: Callable[[str], bool] = is_ours, store: ListStore | None = None, **settings: Any
) -> Iterator[RunningDoor]:
    """The LMTP door."""
    configured = Lmtp.model_validate({"listen": "127.0.0.1:0", **settings})

    def made(intake: Intake) -> Door:
        return LmtpDoor(configured, Reception(DESK, ours, intake, lambda: NOON))

    with _running(made, store or ListStore(), None) as running:
        yield running


@contextmanager
def _running(
    made: Callable[[Intake], Door],
    store: ListStore,
    keep: Callable[[Sequence[RawMessage]], list[int]] | None,
    trouble: Callable[[], DiskTrouble | None] = lambda: None,
) -> Iterator[RunningDoor]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    intake = Intake(keep or store, lambda: None, trouble=trouble)

    async def build() -> Door:
        door = made(intake)
        await door.start()
        return door

    try:
        running = RunningDoor(asyncio.run_coroutine_threadsafe(build(), loop).result(30), store, intake, loop)
        try:
            yield running
        finally:
            running.drain(0).result(30)
            running.settled()
            store.open.set()
    finally:
        intake.close()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
