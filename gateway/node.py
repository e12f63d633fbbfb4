"""Wiring: the only place that builds the parts of a node, starts them, and lets them finish."""

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
from helpdesk.gateway.delivery.relay import relay_for
from helpdesk.gateway.delivery.sender import Sender
from helpdesk.gateway.desk import desk_of
from helpdesk.gateway.doors.passwords import login
from helpdesk.gateway.doors.smtp import SmtpDoor
from helpdesk.gateway.intake import Intake
from helpdesk.gateway.observe import Log
from helpdesk.gateway.reader import Reader
from helpdesk.gateway.scheduler import Scheduler
from helpdesk.gateway.worker import MailReader, Worker
from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database, DatabaseAway
from helpdesk.store.directory import ListedAccount, ListedStaff, sync_directory
from helpdesk.store.inbound import store_raw
from helpdesk.store.leases import end_leases
from helpdesk.store.migrate import migrate
from helpdesk.store.outbox import ClaimedLetter, SendOutcome, claim_letters, settle
from helpdesk.threading.model import RawMessage
from helpdesk.threading.trust.addresses import canonical

TICK = timedelta(seconds=2)
DRAIN_SECONDS = 30.0
LEASE_MARGIN = timedelta(minutes=2)

log = Log("helpdesk.node")


def now() -> datetime:
    return datetime.now(UTC)


class Node:
    """All parts of one process over one configuration. `clock` gives the time to everything that decides by it.

    A `reader` that is handed in is shared, and closed by whoever made it.
    """

    def __init__(
        self, configuration: Configuration, clock: Callable[[], datetime] = now, reader: MailReader | None = None
    ) -> None:
        settings = configuration.settings
        self.configuration = configuration
        self.clock = clock
        self.database = Database(settings.database.url)
        self.blobs = BlobStore(Path(settings.database.blobs))
        self.desk = desk_of(configuration, f"{socket.gethostname()}:{os.getpid()}")
        self._own = ExitStack()
        mail_reader = self._own.enter_context(Reader()) if reader is None else reader
        self.mail_waits, self.letters_wait = Event(), asyncio.Event()
        self.worker = Worker(self.database, self.blobs, self.desk, mail_reader, clock)
        relay = relay_for(settings.relay, settings.desk.hostname or settings.desk.domain)
        self.relay = relay
        lease = relay.longest_transfer + LEASE_MARGIN
        self.sender = Sender(
            partial(self._claim_letters, lease), self._settle, relay, configuration.policy.retry, clock, Log("helpdesk.sender"),
            lease=lease,
        )  # fmt: skip

    def prepare(self) -> None:
        """Schema and directory as this program and this configuration have them. Raises DatabaseAway or UnknownSchema."""
        migrate(self.database)
        policy = self.configuration.policy
        people = [ListedStaff(canonical(one.address), one.name, one.role, one.queues) for one in policy.staff]
        accounts = [
            ListedAccount(
                one.id,
                one.plan,
                tuple(canonical(address) for address in one.addresses),
                one.domains,
                {canonical(address): name for address, name in one.addresses.items() if name},
            )
            for one in policy.accounts
        ]
        sync_directory(self.database, people, accounts)

    def close(self) -> None:
        self.worker.close()
        self._own.close()
        self.database.close()

    def _claim_letters(self, lease: timedelta, at: datetime, limit: int) -> list[ClaimedLetter]:
        return claim_letters(self.database, at, limit=limit, lease=lease)

    def _settle(self, letter: ClaimedLetter, outcome: SendOutcome, at: datetime) -> None:
        settle(self.database, letter, outcome, at)


async def tick(node: Node) -> int:
    """Once everything that is due by the node's clock: mails, replies, timers, then letters."""
    done = await asyncio.to_thread(node.worker.work)
    done += await node.sender.send_due()
    await node.relay.close()
    return done


async def serve(node: Node, ready: Callable[[list[str]], None], stop: asyncio.Event) -> None:
    """Run until `stop` is set, then drain: doors close, what has begun finishes. `ready` gets a line for each door."""
    if node.database.is_sqlite:
        # One file has one node: whoever held a claim before this start is gone.
        end_leases(node.database, node.clock())
    loop = asyncio.get_running_loop()
    stopping = Event()

    def letters_wait() -> None:
        loop.call_soon_threadsafe(node.letters_wait.set)

    worker = Thread(target=_work, args=(node, stopping, letters_wait), name="worker")
    intake = Intake(partial(_store, node), node.mail_waits.set)
    door = _smtp_door(node, intake)
    scheduler = Scheduler({"work": (TICK, node.mail_waits.set), "send": (TICK, letters_wait)})
    sending = asyncio.create_task(_send(node))
    try:
        if door is not None:
            await door.start()
        worker.start()
        scheduler.start()
        node.mail_waits.set()
        ready(_doors(node, door))
        await stop.wait()
    finally:
        if door is not None:
            await door.drain(DRAIN_SECONDS)
        await asyncio.to_thread(scheduler.stop) if worker.ident else None
        await asyncio.to_thread(intake.close)
        stopping.set()
        node.worker.drain()
        node.mail_waits.set()
        if worker.ident:
            await asyncio.to_thread(worker.join)
        await _let_letters_finish(node, sending)


def _work(node: Node, stopping: Event, letters_wait: Callable[[], None]) -> None:
    """The worker's thread: whenever something may wait."""
    while not stopping.is_set():
        node.mail_waits.wait()
        node.mail_waits.clear()
        try:
            if node.worker.work():
                letters_wait()
        except DatabaseAway as fault:
            log.warning("database.away", reason=str(fault))
        except Exception:
            log.exception("work.failed")


async def _send(node: Node) -> None:
    while True:
        await node.letters_wait.wait()
        node.letters_wait.clear()
        try:
            await node.sender.send_due()
        except Exception:
            log.exception("sending.failed")


async def _let_letters_finish(node: Node, sending: asyncio.Task[None]) -> None:
    """Letters under way get their time; what is not begun stays queued for the next start."""
    node.sender.drain()
    sending.cancel()
    with suppress(asyncio.CancelledError):
        await sending
    await node.relay.close()


def _store(node: Node, raws: Sequence[RawMessage]) -> list[int]:
    return store_raw(node.database, node.blobs, node.configuration.settings.database.blob_threshold, raws, node.clock())


def _smtp_door(node: Node, intake: Intake) -> SmtpDoor | None:
    settings, policy = node.configuration.settings, node.configuration.policy
    if settings.smtp is None:
        return None
    passwords = login({one.address: one.password for one in policy.staff})
    return SmtpDoor(settings.smtp, settings.desk, intake, node.desk.house.is_ours, passwords, node.clock)


def _doors(node: Node, door: SmtpDoor | None) -> list[str]:
    settings = node.configuration.settings
    lines = []
    if door is not None and settings.smtp is not None:
        lines.append(f"smtp: {settings.smtp.listen.rpartition(':')[0]}:{door.port}")
    lines.append("platform: rows of platform_reply")
    lines.append(f"relay: {settings.relay.url.partition('://')[0] if '@' in settings.relay.url else settings.relay.url}")
    return lines
