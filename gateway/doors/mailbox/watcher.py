"""The thread that watches one mailbox: log in, look into each folder, wait for more; after a failure, wait and start again."""

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread

from helpdesk.config.settings import MailboxSettings
from helpdesk.gateway.doors.mailbox.look import (
    LEASE,
    FetchRules,
    FolderLook,
    LookResult,
    MailboxLedger,
    Reconciliation,
    Stopping,
    log,
)
from helpdesk.gateway.doors.mailbox.session import (
    MailboxAway,
    MailboxSession,
    MailboxTrouble,
    StepRefused,
    TooLong,
    TooMuch,
    wait_until_readable,
)
from helpdesk.gateway.doors.mailbox.throttling import folder_refused
from helpdesk.gateway.doors.mailbox.waits import Failures
from helpdesk.store.database import DatabaseAway, StaleTicket
from helpdesk.store.mailboxes import FolderLease, LeaseLost, end_lease, lease_folder

AT_MOST_ONE_LOOK = 1.0  # seconds between looks into a mailbox whose server never stops announcing news
PATIENCE = 5.0  # seconds in which a look may finish when the node stops; then its connection is cut

REFUSED_FOLDER = timedelta(minutes=5)  # wait before a refused folder is tried again, while other folders are read

Connect = Callable[[], MailboxSession]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a folder could not be opened, and when it is tried again."""

    fault: MailboxAway
    again_at: datetime


class Watcher:
    """Watch one mailbox. `connect` logs in; `on_stored` wakes the worker.

    Any number of nodes may watch the same mailbox: each folder is leased to one of them at a time.
    """

    def __init__(
        self,
        mailbox: MailboxSettings,
        connect: Connect,
        ledger: MailboxLedger,
        largest: int,
        on_stored: Callable[[], None],
        draw: Callable[[], float] = random.random,
    ) -> None:
        self.mailbox = mailbox
        self._connect = connect
        self._ledger = ledger
        self._rules = FetchRules(mailbox.after, mailbox.start_at, mailbox.support_address, largest)
        self._on_stored = on_stored
        self._failures = Failures(draw)
        self._leases: dict[str, FolderLease] = {}
        self._breaks: dict[str, Counter[str]] = {}
        self._counts: dict[str, int] = {}
        self._refused: dict[str, Refusal] = {}
        self._looked_at: dict[str, datetime] = {}  # when folders were read to their end, as far as it is not written
        self._session: MailboxSession | None = None
        self._stopping = Event()
        self._woken, self._wake = os.pipe()
        self._closed = False
        self._thread = Thread(target=self._run, name=f"mailbox {mailbox.name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Begin to stop. A mail that is being fetched may be left for the next start."""
        self._stopping.set()
        if not self._closed:
            os.write(self._wake, b"!")

    def join(self, seconds: float) -> None:
        """Wait until the thread has ended, and cut the connection of a server that does not answer.

        A thread that is still connecting may outlast this. Nothing that it fetches is stored, because its leases have ended.
        """
        if self._thread.ident is not None:
            self._thread.join(min(PATIENCE, seconds))
            session = self._session
            if self._thread.is_alive() and session is not None:
                session.cut()
                self._thread.join(seconds)
        if self._thread.is_alive():
            self._end_leases()
        else:
            self.close()

    def close(self) -> None:
        """Close the file descriptors of a watcher whose thread does not run."""
        if not self._closed:
            self._closed = True
            os.close(self._woken)
            os.close(self._wake)

    def look_once(self, *, reconcile: bool = False) -> list[Reconciliation]:
        """Look into every folder that no other node reads, until nothing new is left. Return the comparisons with the
        ledger.

        Raise what FolderLook.run raises.
        """
        compared: list[Reconciliation] = []
        self._ledger.need_disk()
        try:
            if self._lease():
                session = self._connect()
                try:
                    more = True
                    while more:
                        found = self._look(session, reconcile=reconcile and not compared)
                        compared += found.compared
                        more = found.more and session.stays_open
                finally:
                    session.close()
                if self._refused:
                    raise next(iter(self._refused.values())).fault
        finally:
            self._end_leases()
        return compared

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._watch()
            except Stopping:
                break
            except MailboxAway as fault:
                self._wait_after(fault.trouble, str(fault), at_once=isinstance(fault, TooMuch | TooLong), least=fault.pause)
            except (DatabaseAway, StaleTicket, LeaseLost, OSError) as fault:
                if isinstance(fault, StaleTicket | LeaseLost):
                    self._leases.clear()
                self._wait_after(MailboxTrouble.AWAY, f"not stored: {fault}")
            except Exception:
                log.exception("mailbox.failed", mailbox=self.mailbox.name)
                self._wait_after(MailboxTrouble.AWAY, "an internal fault; see the traceback above")
        with suppress(DatabaseAway, StaleTicket):
            self._end_leases()

    def _watch(self) -> None:
        """Read the mailbox for one session. Without a folder to read, or with a disk in trouble, no session is opened."""
        self._ledger.need_disk()
        if not self._lease():
            self._pause(self.mailbox.poll_every.total_seconds())
            return
        self._session = session = self._connect()
        try:
            looks = 0
            while not self._stopping.is_set() and self._lease():
                began = time.monotonic()
                found = self._look(session)
                looks += 1
                self._note_success(looks)
                if found.more:
                    continue
                if not session.stays_open:
                    break
                session.wait(self.mailbox.poll_every.total_seconds(), self._woken)
                if not found.stored:
                    self._pause(AT_MOST_ONE_LOOK - (time.monotonic() - began))
        finally:
            self._session = None
            session.close()
        if not session.stays_open:
            self._pause(self.mailbox.poll_every.total_seconds())

    def _look(self, session: MailboxSession, *, reconcile: bool = False) -> LookResult:
        """Look into every folder that is leased to us, the first one last: it stays open and is the one that IDLE watches.

        A folder that cannot be opened is left alone for a while, and the others are read. Raise MailboxAway where no folder
        can be opened.
        """
        everything, looked, now = LookResult(), 0, self._ledger.clock()
        for folder in reversed([name for name in self.mailbox.folders if name in self._leases]):
            if looked and folder in self._refused and now < self._refused[folder].again_at:
                continue
            breaks = self._breaks.setdefault(folder, Counter())
            look = FolderLook(
                session, self._ledger, self._rules, self._leases[folder], breaks, self._counts, self._stopping.is_set
            )
            try:
                found = look.run(reconcile=reconcile)
            except StepRefused as fault:
                self._skip_folder(folder, fault, now)
                continue
            except (DatabaseAway, OSError) as fault:
                self._ledger.failed(fault)
                raise
            finally:
                if look.result.stored:
                    self._on_stored()
            looked += 1
            self._looked_at[folder] = self._ledger.clock()
            if self._refused.pop(folder, None) and len(self.mailbox.folders) > 1:
                log.warning("mailbox.folder_back", mailbox=self.mailbox.name, folder=folder)
            everything.stored += found.stored
            everything.more = everything.more or found.more
            everything.compared += found.compared
        if self._refused and not looked:
            raise next(iter(self._refused.values())).fault
        return everything

    def _skip_folder(self, folder: str, reason: StepRefused, now: datetime) -> None:
        fault = folder_refused(folder, str(reason))
        if folder not in self._refused and len(self.mailbox.folders) > 1:
            log.warning("mailbox.folder_refused", mailbox=self.mailbox.name, folder=folder, reason=str(reason))
        self._refused[folder] = Refusal(fault, now + REFUSED_FOLDER)

    def _lease(self) -> bool:
        """Take or renew the lease of every folder that is free. Return whether there is one."""
        now = self._ledger.clock()
        for folder in self.mailbox.folders:
            before = self._leases.pop(folder, None)
            token = before.token if before else None
            looked_at = self._looked_at.pop(folder, None)
            lease = lease_folder(self._ledger.database, self.mailbox.name, folder, now, LEASE, token, looked_at)
            if lease is not None:
                self._leases[folder] = lease
        return bool(self._leases)

    def _end_leases(self) -> None:
        while self._leases:
            end_lease(self._ledger.database, self._leases.popitem()[1])

    def _note_success(self, looks: int) -> None:
        """Log that a mailbox works again. Two looks in one session are needed before its count of failures starts anew."""
        if looks > 1:
            self._failures.count = 0
        if self._failures.end():
            log.warning("mailbox.back", mailbox=self.mailbox.name)

    def _wait_after(self, trouble: MailboxTrouble, reason: str, *, at_once: bool = False, least: float = 0.0) -> None:
        wait = max(self._failures.next_wait(trouble).total_seconds(), least)
        tell = log.warning if self._failures.should_report(trouble, at_once=at_once) else log.info
        tell("mailbox.away", mailbox=self.mailbox.name, trouble=trouble, reason=reason, again_in=f"{wait:.0f}s")
        self._pause(wait)

    def _pause(self, seconds: float) -> None:
        if seconds > 0:
            wait_until_readable(seconds, self._woken)
