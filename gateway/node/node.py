"""The parts of a node. Each of its processes has a node of its own, and makes of it only the parts that it uses."""

import asyncio
import os
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Protocol, TypeVar

from helpdesk.config.load import Configuration
from helpdesk.config.our_addresses import OurAddresses, our_addresses
from helpdesk.gateway.beginning import begin_store
from helpdesk.gateway.blobs import blobs_of
from helpdesk.gateway.clock import clock_for
from helpdesk.gateway.delivery.outbox import Outbox
from helpdesk.gateway.delivery.relay import LetterRelay, relay_for
from helpdesk.gateway.delivery.sender import Sender
from helpdesk.gateway.delivery.watermark import Watermark
from helpdesk.gateway.disk import Disk, disk_of
from helpdesk.gateway.doors.mailbox.connect import connector
from helpdesk.gateway.doors.mailbox.look import MailboxLedger
from helpdesk.gateway.doors.mailbox.session import MailboxAway
from helpdesk.gateway.doors.mailbox.watcher import Watcher
from helpdesk.gateway.limited_child import Launch
from helpdesk.gateway.node.bells import Bells
from helpdesk.gateway.observe import Log
from helpdesk.gateway.origin.check import OriginCheck
from helpdesk.gateway.origin.resolver import Resolver
from helpdesk.gateway.people import sync_people
from helpdesk.gateway.reader import Reader
from helpdesk.gateway.work.desk import Desk, desk_of
from helpdesk.gateway.work.kind import MailReader, Tools
from helpdesk.gateway.work.worker import Worker
from helpdesk.store.database import NODE, Database, DatabaseAway, ProcessRole, StaleTicket
from helpdesk.store.file_links import link_secret
from helpdesk.store.identifiers import ClaimTokens
from helpdesk.store.inbox_positions import give_positions
from helpdesk.store.mailboxes import LeaseLost
from helpdesk.templates.overrides import Overrides
from helpdesk.threading.letters.file_links import FileLinks

LEASE_MARGIN = timedelta(minutes=2)

log = Log("helpdesk.node")


class Closable(Protocol):
    """What a node closes at its end."""

    def close(self) -> None: ...


Part = TypeVar("Part", bound=Closable)


def _stand_still() -> None:
    """The clock was passed in and needs no care."""


class Node:
    """The parts of one process of a node, made when they are first used. `clock` gives the time to every part that decides by it; by default
    it is the clock that all processes with this database share, for which `tick_clock` must be called every few seconds.

    `bells` connects the processes of a node; a node of one process has its own. `tokens` mark the claims of this process. `launch` starts the
    children that read; a `reader` that is passed in is shared, and its owner closes it. The desk's own templates are read where `overrides` are
    not given.
    """

    def __init__(
        self,
        configuration: Configuration,
        clock: Callable[[], datetime] | None = None,
        reader: MailReader | None = None,
        *,
        launch: Launch | None = None,
        process: ProcessRole = NODE,
        bells: Bells | None = None,
        tokens: ClaimTokens | None = None,
        overrides: Overrides | None = None,
    ) -> None:
        self.configuration = configuration
        self._overrides = overrides
        settings = configuration.settings.database
        self._own = ExitStack()
        self.database = self.closing(Database(settings.url, role=process, statement_timeout=settings.statement_timeout))
        self.blobs = blobs_of(settings)
        shared = clock_for(self.database)
        self.clock: Callable[[], datetime] = shared if clock is None else clock
        self.tick_clock: Callable[[], None] = shared.tick if clock is None else _stand_still
        self.clock_ahead: Callable[[], timedelta] = lambda: shared.ahead  # of this machine, compared with the shared one
        self.tokens = tokens or ClaimTokens()
        self._reader = reader
        self._launch = launch
        self._bells = bells

    @cached_property
    def bells(self) -> Bells:
        return self._bells or self.closing(Bells())

    @cached_property
    def disk(self) -> Disk:
        return disk_of(self.configuration.settings.database, self.database)

    @cached_property
    def desk(self) -> Desk:
        desk = self.desk_for(self.configuration, self._overrides)
        self.closing(desk.letterhead.renderer)
        return desk

    @cached_property
    def addresses(self) -> OurAddresses:
        """The addresses for which the doors take mail. They need no secret."""
        return addresses_of(self.configuration)

    def desk_for(self, configuration: Configuration, overrides: Overrides | None) -> Desk:
        """The desk of a configuration, under the name of this process. Raises UnusableKey, or DatabaseAway where it has links to files."""
        return desk_of(configuration, f"{socket.gethostname()}:{os.getpid()}", overrides, self._file_links(configuration))

    def _file_links(self, configuration: Configuration) -> FileLinks | None:
        http = configuration.settings.http
        if http is None or not http.address:
            return None
        return FileLinks(http.address, link_secret(self.database), http.links)

    def take(self, configuration: Configuration) -> None:
        """Go on with another configuration of the same node. Parts that were made of the old one get theirs from the role that has them."""
        addresses = addresses_of(configuration)
        self.configuration, self.addresses = configuration, addresses

    @cached_property
    def tools(self) -> Tools:
        authentication = self.configuration.settings.authentication
        reader = self._reader or self.closing(Reader() if self._launch is None else Reader(1, launch=self._launch))
        return Tools(
            self.database,
            self.blobs,
            self.desk,
            reader,
            self.clock,
            origins=OriginCheck(authentication, Resolver(authentication.nameservers), reader),
            relay_stalled=lambda: self.bells.relay_stalled.is_set() or self.sender.stalled,
            tokens=self.tokens,
        )

    @cached_property
    def worker(self) -> Worker:
        """Works on every kind of cause."""
        return self.closing(Worker(replace(self.tools, wake=self.bells.mails.ring)))

    @cached_property
    def relay(self) -> LetterRelay:
        settings = self.configuration.settings
        return relay_for(settings.relay, settings.desk.hostname or settings.desk.domain)

    @cached_property
    def lease_of_letters(self) -> timedelta:
        return self.relay.longest_transfer + LEASE_MARGIN

    @cached_property
    def outbox(self) -> Outbox:
        return Outbox(self.database, self.lease_of_letters, Watermark(self.blobs), self.blobs, self.tokens)

    @cached_property
    def sender(self) -> Sender:
        retry = self.configuration.policy.retry
        return Sender(self.outbox, self.relay, retry, self.clock, Log("helpdesk.sender"), lease=self.lease_of_letters)

    def prepare(self, *, anew: bool = False) -> None:
        """Bring schema and directory to the state of this program and configuration; hold letters where the database has
        gone back in time. With `anew`, begin a desk whose database or blobs are gone.

        Raise DatabaseAway, or what `begin_store` raises.
        """
        begin_store(self.database, self.blobs, anew=anew)
        self.bring_directory(self.configuration)
        self.outbox.hold_if_gone_back(self.clock())

    def bring_directory(self, configuration: Configuration) -> None:
        """Bring the people and accounts of a configuration into the database. Raises DatabaseAway."""
        sync_people(self.database, configuration.policy, self.clock())

    def close(self) -> None:
        self._own.close()

    def watchers(self, on_stored: Callable[[], None]) -> list[Watcher]:
        """A watcher for each mailbox; none has started yet."""
        settings = self.configuration.settings
        ledger = MailboxLedger(
            self.database, self.blobs, settings.database.blob_threshold, self.clock, self.disk.trouble, self.disk.failed
        )
        return [Watcher(mailbox, connector(mailbox), ledger, settings.largest_mail, on_stored) for mailbox in settings.mailboxes]

    def closing(self, part: Part) -> Part:
        """Return the part, and close it together with the node."""
        self._own.callback(part.close)
        return part


async def tick(node: Node) -> int:
    """Do everything once that is due by the node's clock: mailboxes, mails, replies, timers, then letters. Return how much
    was done.
    """
    for watcher in node.watchers(lambda: None):
        await asyncio.to_thread(_look_once, watcher)
    done = await asyncio.to_thread(node.worker.work)
    await asyncio.to_thread(number_inbox, node.database)
    done += await node.sender.send_due()
    await node.relay.close()
    return done


def addresses_of(configuration: Configuration) -> OurAddresses:
    desk, policy = configuration.settings.desk, configuration.policy
    return our_addresses(desk.domain, desk.reply_address, (address.address for address in policy.addresses))


def number_inbox(database: Database) -> None:
    """Give all rows of the platform inbox their positions. Raises DatabaseAway."""
    while give_positions(database):
        pass


def _look_once(watcher: Watcher) -> None:
    """Look into a mailbox once. One that cannot be reached keeps its mail, and the others are still read."""
    try:
        watcher.look_once()
    except (MailboxAway, LeaseLost, StaleTicket, DatabaseAway, OSError) as fault:
        log.warning("mailbox.away", mailbox=watcher.mailbox.name, reason=str(fault))
    finally:
        watcher.close()
