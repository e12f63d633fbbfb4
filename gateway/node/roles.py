"""The roles of a node's processes: door, mailboxes, worker, sender, housekeeper. Each one starts, works, and drains.

A node of several processes has one process for each role, and any number of workers; a node of one process has all of them in one event loop.
"""

import asyncio
import errno
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Event, Thread
from typing import ClassVar

from helpdesk.config.policy import Policy
from helpdesk.config.settings import ListeningDoor, Settings
from helpdesk.gateway.doors.door import Door, Reception
from helpdesk.gateway.doors.lmtp import LmtpDoor
from helpdesk.gateway.doors.logins import Logins, Passwords, StoredCounts
from helpdesk.gateway.doors.passwords import password_prover
from helpdesk.gateway.doors.smtp import SmtpDoor
from helpdesk.gateway.intake import Intake
from helpdesk.gateway.listener import Listener
from helpdesk.gateway.node.bells import Bell
from helpdesk.gateway.node.editions import Edition
from helpdesk.gateway.node.housekeeping import checkpoint, forget, keep_retention, place_inbox_rows
from helpdesk.gateway.node.node import Node
from helpdesk.gateway.node.ringing import WebhookRounds
from helpdesk.gateway.node.signs_of_life import SignsOfLife
from helpdesk.gateway.observe import Log
from helpdesk.gateway.scheduler import Scheduler
from helpdesk.gateway.work.causes import CAUSES, DECIDED_BY_WORKERS
from helpdesk.gateway.work.kind import CauseKind
from helpdesk.gateway.work.worker import Worker
from helpdesk.store.database import DOOR, HOUSEKEEPER, NODE, SENDER, WORKER, DatabaseAway, ProcessRole
from helpdesk.store.hold import current_hold
from helpdesk.store.inbound import store_raw
from helpdesk.store.notify import Wake
from helpdesk.threading.model.mail import RawMessage

TICK = timedelta(seconds=2)
BEAT = timedelta(seconds=15)
FORGET = timedelta(hours=1)
PURGE = timedelta(minutes=10)
DRAIN_SECONDS = 30.0
LOOK_AFTER_OWN = 0.2  # seconds between looks of a worker that has claimed mails which are not decided yet
HANGS_AFTER = 60.0  # seconds that one kind of cause may take in one turn
PAUSE = 0.5  # seconds after which a database that was away is asked again
PORT_SECONDS, LOOK_AGAIN = 3.0, 0.1  # how long, and how often, a door asks for its port

log = Log("helpdesk.node")


class NodeRole(ABC):
    """One part of a running node. `name` is the name of its process, and `process` says which connections to the database it needs."""

    name: ClassVar[str]
    process: ClassVar[ProcessRole]

    def __init__(self, node: Node) -> None:
        self.node = node

    @abstractmethod
    async def start(self) -> list[str]:
        """Begin, and return the lines that say so to the operator."""

    @abstractmethod
    async def drain(self) -> None:
        """Begin nothing new, finish what has begun, and end. Called too where `start` failed."""

    @property
    def turns(self) -> bool:
        """Whether the role gets on with its work, for roles that do it beside the event loop."""
        return True

    def renewal(self, edition: Edition) -> tuple[Callable[[], None], Sequence[str]]:
        """Build what the role needs of an edition. Return the function that puts it in the place of the old, and what changes by it."""
        return partial(self.node.take, edition.configuration), ()

    def keep(self, reasons: Sequence[str]) -> None:
        """Learn that an edition was refused."""
        return


async def keep_time(node: Node) -> None:
    """Compare the clock of this process with the one that all of them share, every few seconds, until cancelled."""
    while True:
        await asyncio.sleep(TICK.total_seconds())
        await asyncio.to_thread(node.tick_clock)


async def tell_counts(node: Node, process: str, roles: Collection[NodeRole]) -> None:
    """Tell every other second what this process has counted, and whether it turns, until cancelled. Nothing where nobody listens."""
    while node.configuration.settings.is_watched:
        node.bells.counts.tell(process, turns=all(role.turns for role in roles))
        await asyncio.sleep(TICK.total_seconds())


class DoorRole(NodeRole):
    """The listening doors with their intake. It holds no key of reply tokens: tokens are not checked at the door."""

    name = "door"
    process = DOOR

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self._intake = Intake(self._store, node.bells.mails.ring, trouble=node.disk.trouble)
        self._logins = Logins(*_passwords_of(node.configuration.policy), StoredCounts(node.database), node.clock)
        self._doors = _doors(node, self._intake, self._logins)
        self._scheduler = Scheduler({"disk": (TICK, node.disk.look)})

    async def start(self) -> list[str]:
        self.node.bells.draining.set(False)
        for door in self._doors:
            await _start_door(door)
        self._scheduler.start()
        return [f"{door.NAME}: {door.address}" for door in self._doors]

    async def drain(self) -> None:
        self.node.bells.draining.set(True)
        await asyncio.gather(*(door.drain(DRAIN_SECONDS) for door in self._doors))
        await asyncio.to_thread(self._scheduler.stop)
        await asyncio.to_thread(self._intake.close)

    def renewal(self, edition: Edition) -> tuple[Callable[[], None], Sequence[str]]:
        settings = edition.configuration.settings
        passwords, accounts = _passwords_of(edition.configuration.policy)
        renewed = [door.renewal(_settings_of(door, settings)) for door in self._doors]

        def take() -> None:
            self.node.take(edition.configuration)
            self._logins.use(passwords, accounts)
            for take_of_door, _ in renewed:
                take_of_door()

        return take, [line for _, lines in renewed for line in lines]

    def _store(self, raws: Sequence[RawMessage]) -> list[int]:
        node = self.node
        threshold = node.configuration.settings.database.blob_threshold
        try:
            return store_raw(node.database, node.blobs, threshold, raws, node.clock())
        except (OSError, DatabaseAway) as fault:
            node.disk.failed(fault)
            raise


class MailboxRole(NodeRole):
    """The watchers of the mailboxes, each in a thread."""

    name = "mailboxes"
    process = DOOR

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self._watchers = node.watchers(node.bells.mails.ring)
        self._scheduler = Scheduler({"disk": (TICK, node.disk.look)})

    async def start(self) -> list[str]:
        for watcher in self._watchers:
            watcher.start()
        self._scheduler.start()
        return [f"mailbox: {mailbox.name}, {mailbox.url}" for mailbox in self.node.configuration.settings.mailboxes]

    async def drain(self) -> None:
        for watcher in self._watchers:
            watcher.stop()
        for watcher in self._watchers:
            await asyncio.to_thread(watcher.join, DRAIN_SECONDS)
        await asyncio.to_thread(self._scheduler.stop)


class CausesRole(NodeRole):
    """Works on kinds of cause in a thread whenever its bell rings."""

    def __init__(self, node: Node, worker: Worker, bell: Bell) -> None:
        super().__init__(node)
        self._worker, self._bell = worker, bell
        self._stopping = Event()
        self._thread = Thread(target=self._work, name=self.name)
        self._waits = True  # for its bell: then it has nothing to do

    @property
    def turns(self) -> bool:
        """Whether the thread has gone from one piece of work to the next within a minute, or waits for its bell."""
        if self._stopping.is_set() or self._thread.ident is None:
            return True
        return self._thread.is_alive() and (self._waits or time.monotonic() - self._worker.turned_at < HANGS_AFTER)

    async def start(self) -> list[str]:
        self._thread.start()
        self._bell.ring()
        return []

    async def drain(self) -> None:
        self._stopping.set()
        self._worker.drain()
        while self._thread.is_alive():
            self._bell.ring()  # repeatedly: another process that waits for the same bell may hear it first
            await asyncio.to_thread(self._thread.join, 0.05)
        await asyncio.to_thread(self._worker.finish)

    def renewal(self, edition: Edition) -> tuple[Callable[[], None], Sequence[str]]:
        desk = self.node.desk_for(edition.configuration, edition.overrides)

        def take() -> None:
            self.node.take(edition.configuration)
            self._worker.use(desk)

        return take, ()

    def _work(self) -> None:
        while not self._stopping.is_set():
            # A ring may have been for what this worker prepares, and another worker has heard it.
            self._waits = True
            self._bell.wait(LOOK_AFTER_OWN if self._worker.has_unfinished else None)
            self._worker.turned_at, self._waits = time.monotonic(), False
            try:
                if self._worker.work(wait=False):
                    self.node.bells.letters.ring()
            except DatabaseAway as fault:
                self.node.disk.failed(fault)
                log.warning("database.away", reason=str(fault))
                self._waits = True
                self._stopping.wait(PAUSE)
            except Exception:
                log.exception("work.failed")


class WorkerRole(CausesRole):
    """Decides mails, and replies from the platform."""

    name = "worker"
    process = WORKER

    def __init__(self, node: Node) -> None:
        super().__init__(node, _worker(node, DECIDED_BY_WORKERS, node.bells.mails), node.bells.mails)


class HousekeeperRole(CausesRole):
    """Works on everything that the clock makes due, rings the bells at each tick, and forgets what is old."""

    name = "housekeeper"
    process = HOUSEKEEPER

    def __init__(self, node: Node) -> None:
        kinds = [kind for kind in CAUSES if kind not in DECIDED_BY_WORKERS]
        self._work_with(node, _worker(node, kinds, node.bells.due), node.bells.due)

    def _work_with(self, node: Node, worker: Worker, bell: Bell) -> None:
        super().__init__(node, worker, bell)
        bells = {id(bell): bell for bell in (node.bells.mails, node.bells.letters, bell)}.values()
        ticks = {f"bell {number}": (TICK, bell.ring) for number, bell in enumerate(bells)}
        self._life = SignsOfLife(node)
        rare = {
            "beat": (BEAT, self._life.beat),
            "positions": (TICK, lambda: place_inbox_rows(node)),
            "checkpoint": (TICK, lambda: checkpoint(node)),
            "forget": (FORGET, lambda: forget(node)),
            "retention": (PURGE, lambda: keep_retention(node, self._stopping.is_set)),
        }
        self._scheduler = Scheduler(ticks | rare)
        self._listener = Listener(node.database, self._wake)

    async def start(self) -> list[str]:
        await super().start()
        await asyncio.to_thread(self._life.beat)
        self._scheduler.start()
        self._listener.start()
        return ["platform: rows of platform_reply"]

    async def drain(self) -> None:
        await asyncio.to_thread(self._listener.stop)
        await asyncio.to_thread(self._scheduler.stop)
        await asyncio.to_thread(self._life.end)
        await super().drain()

    def renewal(self, edition: Edition) -> tuple[Callable[[], None], Sequence[str]]:
        self._life.check_signing_key(edition.configuration.secret)
        take_desk, changed = super().renewal(edition)

        def take() -> None:
            self.node.bring_directory(edition.configuration)  # first, as it may fail
            take_desk()
            self._life.taken()

        return take, changed

    def keep(self, reasons: Sequence[str]) -> None:
        self._life.refused(reasons)

    def _wake(self, wake: Wake) -> None:
        """Ring for what another node has stored or written."""
        bells = self.node.bells
        (bells.mails if wake is Wake.MAIL else bells.letters).ring()


class SoleWorkerRole(HousekeeperRole):
    """The worker and the housekeeper of a node that is one process: one thread works on every kind of cause."""

    name = "work"
    process = NODE

    def __init__(self, node: Node) -> None:
        self._work_with(node, node.worker, node.bells.mails)


class SenderRole(NodeRole):
    """Sends the letters of the outbox, and tells webhooks of what is new in the feed."""

    name = "sender"
    process = SENDER

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self._woken = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None
        self._webhooks = WebhookRounds(node)
        node.sender.resume(stalled=node.bells.relay_stalled.is_set())  # as the process before this one left it

    async def start(self) -> list[str]:
        self.node.bells.letters.connect(asyncio.get_running_loop(), self._woken)
        self._woken.set()
        self._sending = asyncio.create_task(self._send())
        self._webhooks.start()
        relay = self.node.configuration.settings.relay.url
        webhooks = [f"webhook: {target.name}" for target in self.node.configuration.settings.webhook]
        return [f"relay: {relay.partition('://')[0] if '@' in relay else relay}", *webhooks, *_hold_line(self.node)]

    async def drain(self) -> None:
        """Give letters under way their time. Letters that are not begun stay queued for the next start."""
        sender = self.node.sender
        self.node.bells.letters.disconnect(asyncio.get_running_loop())
        sender.drain()
        self._woken.set()
        await self._webhooks.drain()
        if self._sending is not None:
            await asyncio.wait([self._sending], timeout=DRAIN_SECONDS)
            self._sending.cancel()
            with suppress(asyncio.CancelledError):
                await self._sending
        await sender.settle_late()
        await self.node.relay.close()

    def renewal(self, edition: Edition) -> tuple[Callable[[], None], Sequence[str]]:
        take_configuration, changed = super().renewal(edition)

        def take() -> None:
            take_configuration()
            self.node.sender.use(edition.configuration.policy.retry)

        return take, changed

    async def _send(self) -> None:
        sender, stalled = self.node.sender, self.node.bells.relay_stalled
        while not sender.is_draining:
            await self._woken.wait()
            self._woken.clear()
            try:
                await sender.send_due()
            except Exception:
                log.exception("sending.failed")
            stalled.set(sender.stalled)


async def _start_door(door: Door) -> None:
    """Start a door. Its port may still be held for a moment by the door of a node that was killed, which ends when it notices that."""
    end = time.monotonic() + PORT_SECONDS
    while True:
        try:
            await door.start()
            return
        except OSError as fault:
            if fault.errno != errno.EADDRINUSE or time.monotonic() > end:
                raise
        await asyncio.sleep(LOOK_AGAIN)


def _worker(node: Node, kinds: Sequence[type[CauseKind]], bell: Bell) -> Worker:
    return node.closing(Worker(replace(node.tools, wake=bell.ring), kinds))


def _doors(node: Node, intake: Intake, logins: Logins) -> list[Door]:
    """The doors that clients connect to; none listens yet."""
    settings = node.configuration.settings
    reception = Reception(settings.desk, lambda address: node.addresses.takes_mail_for(address), intake, node.clock)
    doors: list[Door] = []
    relays = settings.authentication.trusted_relays
    doors += [SmtpDoor(door, reception, logins, relays=relays) for door in settings.smtp_doors]
    if settings.lmtp is not None:
        doors.append(LmtpDoor(settings.lmtp, reception))
    return doors


def _settings_of(door: Door, settings: Settings) -> ListeningDoor | None:
    """What a new edition says about a door that is open: about the one that listens in the same place, else what it has."""
    if door.NAME != SmtpDoor.NAME:
        return settings.lmtp
    return next((section for section in settings.smtp_doors if section.listen == door.settings.listen), door.settings)


def _passwords_of(policy: Policy) -> tuple[Passwords | None, dict[str, str]]:
    """What proves the passwords of staff, and the stored lines by address."""
    lines = {member.address: member.password for member in policy.staff if member.password}
    return password_prover(lines), lines


def _hold_line(node: Node) -> list[str]:
    with node.database.reading() as connection:
        hold = current_hold(connection)
    return [f"letters are held: {hold.reason}; to release them: helpdesk outbox release"] if hold else []
