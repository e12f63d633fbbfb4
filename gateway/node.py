"""A node: the only module that builds the parts of a process, starts them, and lets them finish."""

import asyncio
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event, Thread

from helpdesk.config.load import Configuration
from helpdesk.gateway.delivery.outbox import Outbox
from helpdesk.gateway.delivery.relay import relay_for
from helpdesk.gateway.delivery.sender import Sender
from helpdesk.gateway.delivery.watermark import Watermark
from helpdesk.gateway.disk import disk_of
from helpdesk.gateway.doors.door import Door, Reception
from helpdesk.gateway.doors.lmtp import LmtpDoor
from helpdesk.gateway.doors.logins import Logins, StoredCounts
from helpdesk.gateway.doors.mailbox.connect import connector
from helpdesk.gateway.doors.mailbox.look import MailboxLedger
from helpdesk.gateway.doors.mailbox.session import MailboxAway
from helpdesk.gateway.doors.mailbox.watcher import Watcher
from helpdesk.gateway.doors.passwords import password_prover
from helpdesk.gateway.doors.smtp import SmtpDoor
from helpdesk.gateway.intake import Intake
from helpdesk.gateway.observe import Log
from helpdesk.gateway.origin.check import OriginCheck
from helpdesk.gateway.origin.resolver import Resolver
from helpdesk.gateway.reader import Reader
from helpdesk.gateway.scheduler import Scheduler
from helpdesk.gateway.work.desk import desk_of
from helpdesk.gateway.work.kind import MailReader, Tools
from helpdesk.gateway.work.worker import Worker
from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database, DatabaseAway, StaleTicket
from helpdesk.store.directory import ListedAccount, ListedStaff, sync_directory
from helpdesk.store.hold import current_hold
from helpdesk.store.inbound import store_raw
from helpdesk.store.leases import end_leases
from helpdesk.store.logins import forget_logins
from helpdesk.store.mailboxes import LeaseLost
from helpdesk.store.migrate import migrate
from helpdesk.store.quarantine import forget_dropped
from helpdesk.threading.model.mail import RawMessage
from helpdesk.threading.trust.addresses import canonical

TICK = timedelta(seconds=2)
FORGET = timedelta(hours=1)
ABANDONED = timedelta(days=1)  # age at which an unfinished blob is removed, because its writer must have died
DRAIN_SECONDS = 30.0
LEASE_MARGIN = timedelta(minutes=2)

log = Log("helpdesk.node")


def now() -> datetime:
    return datetime.now(UTC)


class Node:
    """All parts of one process for one configuration. `clock` gives the time to every part that decides by it.

    A `reader` that is passed in is shared, and its owner closes it.
    """

    def __init__(
        self, configuration: Configuration, clock: Callable[[], datetime] = now, reader: MailReader | None = None
    ) -> None:
        settings = configuration.settings
        self.configuration = configuration
        self.clock = clock
        self.database = Database(settings.database.url)
        self.disk = disk_of(settings.database, self.database)
        self.blobs = BlobStore(Path(settings.database.blobs))
        self.desk = desk_of(configuration, f"{socket.gethostname()}:{os.getpid()}")
        self._own = ExitStack()
        mail_reader = self._own.enter_context(Reader()) if reader is None else reader
        self.mail_waits, self.letters_wait = Event(), asyncio.Event()
        origins = OriginCheck(settings.authentication, Resolver(settings.authentication.nameservers), mail_reader)
        self.tools = Tools(
            self.database, self.blobs, self.desk, mail_reader, clock, origins=origins, relay_stalled=lambda: self.sender.stalled
        )
        self.worker = Worker(self.tools)
        relay = relay_for(settings.relay, settings.desk.hostname or settings.desk.domain)
        self.relay = relay
        lease = relay.longest_transfer + LEASE_MARGIN
        self.outbox = Outbox(self.database, lease, Watermark(Path(settings.database.blobs)), self.blobs)
        self.sender = Sender(self.outbox, relay, configuration.policy.retry, clock, Log("helpdesk.sender"), lease=lease)

    def prepare(self) -> None:
        """Bring schema and directory to the state of this program and configuration; hold letters where the database has
        gone back in time.

        Raise DatabaseAway or UnknownSchema.
        """
        migrate(self.database)
        policy = self.configuration.policy
        people = [ListedStaff(canonical(member.address), member.name, member.role, member.queues) for member in policy.staff]
        accounts = [
            ListedAccount(
                account.id,
                account.plan,
                tuple(canonical(address) for address in account.addresses),
                account.domains,
                {canonical(address): name for address, name in account.addresses.items() if name},
            )
            for account in policy.accounts
        ]
        sync_directory(self.database, people, accounts)
        self.outbox.hold_if_gone_back(self.clock())

    def close(self) -> None:
        self.worker.close()
        self.desk.letterhead.renderer.close()
        self._own.close()
        self.database.close()

    def watchers(self, on_stored: Callable[[], None]) -> list[Watcher]:
        """A watcher for each mailbox; none has started yet."""
        settings = self.configuration.settings
        ledger = MailboxLedger(
            self.database, self.blobs, settings.database.blob_threshold, self.clock, self.disk.trouble, self.disk.failed
        )
        return [Watcher(mailbox, connector(mailbox), ledger, settings.largest_mail, on_stored) for mailbox in settings.mailboxes]


async def tick(node: Node) -> int:
    """Do everything once that is due by the node's clock: mailboxes, mails, replies, timers, then letters. Return how much
    was done.
    """
    for watcher in node.watchers(lambda: None):
        await asyncio.to_thread(_look_once, watcher)
    done = await asyncio.to_thread(node.worker.work)
    done += await node.sender.send_due()
    await node.relay.close()
    return done


async def serve(node: Node, ready: Callable[[list[str]], None], stop: asyncio.Event) -> None:
    """Run until `stop` is set, then drain: doors close, and work that has begun finishes. `ready` gets a line for each door."""
    if node.database.is_sqlite:
        # A database file has one node, so claims from before this start belong to a process that has ended.
        end_leases(node.database, node.clock())
    loop = asyncio.get_running_loop()
    stopping = Event()

    def letters_wait() -> None:
        loop.call_soon_threadsafe(node.letters_wait.set)

    worker = Thread(target=_work, args=(node, stopping, letters_wait), name="worker")
    intake = Intake(partial(_store, node), node.mail_waits.set, trouble=node.disk.trouble)
    doors = _doors(node, intake)
    watchers = node.watchers(node.mail_waits.set)
    ticks = {"work": node.mail_waits.set, "send": letters_wait, "disk": node.disk.look}
    scheduler = Scheduler(
        {name: (TICK, function) for name, function in ticks.items()} | {"forget": (FORGET, partial(_forget, node))}
    )
    sending = asyncio.create_task(_send(node))
    try:
        for door in doors:
            await door.start()
        worker.start()
        scheduler.start()
        for watcher in watchers:
            watcher.start()
        node.mail_waits.set()
        ready(_greeting_lines(node, doors))
        await stop.wait()
    finally:
        for watcher in watchers:
            watcher.stop()
        await asyncio.gather(*(door.drain(DRAIN_SECONDS) for door in doors))
        for watcher in watchers:
            await asyncio.to_thread(watcher.join, DRAIN_SECONDS)
        await asyncio.to_thread(scheduler.stop) if worker.ident else None
        await asyncio.to_thread(intake.close)
        stopping.set()
        node.worker.drain()
        node.mail_waits.set()
        if worker.ident:
            await asyncio.to_thread(worker.join)
        await _let_letters_finish(node, sending)


def _look_once(watcher: Watcher) -> None:
    """Look into a mailbox once. One that cannot be reached keeps its mail, and the others are still read."""
    try:
        watcher.look_once()
    except (MailboxAway, LeaseLost, StaleTicket, DatabaseAway, OSError) as fault:
        log.warning("mailbox.away", mailbox=watcher.mailbox.name, reason=str(fault))
    finally:
        watcher.close()


def _work(node: Node, stopping: Event, letters_wait: Callable[[], None]) -> None:
    """The worker's thread: work whenever something may wait."""
    while not stopping.is_set():
        node.mail_waits.wait()
        node.mail_waits.clear()
        try:
            if node.worker.work():
                letters_wait()
        except DatabaseAway as fault:
            node.disk.failed(fault)
            log.warning("database.away", reason=str(fault))
        except Exception:
            log.exception("work.failed")


async def _send(node: Node) -> None:
    while not node.sender.is_draining:
        await node.letters_wait.wait()
        node.letters_wait.clear()
        try:
            await node.sender.send_due()
        except Exception:
            log.exception("sending.failed")


async def _let_letters_finish(node: Node, sending: asyncio.Task[None]) -> None:
    """Give letters under way their time. Letters that are not begun stay queued for the next start."""
    node.sender.drain()
    node.letters_wait.set()
    await asyncio.wait([sending], timeout=DRAIN_SECONDS)
    sending.cancel()
    with suppress(asyncio.CancelledError):
        await sending
    await node.sender.settle_late()
    await node.relay.close()


def _store(node: Node, raws: Sequence[RawMessage]) -> list[int]:
    threshold = node.configuration.settings.database.blob_threshold
    try:
        return store_raw(node.database, node.blobs, threshold, raws, node.clock())
    except (OSError, DatabaseAway) as fault:
        node.disk.failed(fault)
        raise


def _forget(node: Node) -> None:
    """Remove the content of dropped mails after its time, blobs of writers that died, and old counts of logins."""
    try:
        forget_logins(node.database, node.clock())
        node.blobs.sweep((node.clock() - ABANDONED).timestamp())
        forgotten = forget_dropped(node.database, node.clock() - node.configuration.settings.database.keep_dropped)
    except (OSError, DatabaseAway) as fault:
        log.warning("store.away", reason=str(fault))
        return
    if forgotten:
        log.info("dropped.forgotten", mails=forgotten)


def _doors(node: Node, intake: Intake) -> list[Door]:
    """The doors that clients connect to; none listens yet."""
    settings = node.configuration.settings
    reception = Reception(settings.desk, node.desk.house.ours.takes_mail_for, intake, node.clock)
    doors: list[Door] = []
    if settings.smtp is not None:
        doors.append(SmtpDoor(settings.smtp, reception, _logins(node), relays=settings.authentication.trusted_relays))
    if settings.lmtp is not None:
        doors.append(LmtpDoor(settings.lmtp, reception))
    return doors


def _logins(node: Node) -> Logins | None:
    lines = {member.address: member.password for member in node.configuration.policy.staff if member.password}
    passwords = password_prover(lines)
    return Logins(passwords, lines, StoredCounts(node.database), node.clock) if passwords else None


def _greeting_lines(node: Node, doors: Sequence[Door]) -> list[str]:
    relay = node.configuration.settings.relay.url
    return [
        *(f"{door.NAME}: {door.address}" for door in doors),
        *(f"mailbox: {mailbox.name}, {mailbox.url}" for mailbox in node.configuration.settings.mailboxes),
        "platform: rows of platform_reply",
        f"relay: {relay.partition('://')[0] if '@' in relay else relay}",
        *_hold_line(node),
    ]


def _hold_line(node: Node) -> list[str]:
    with node.database.reading() as connection:
        hold = current_hold(connection)
    return [f"letters are held: {hold.reason}; to release them: helpdesk outbox release"] if hold else []
