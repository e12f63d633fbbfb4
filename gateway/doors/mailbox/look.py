"""One look into a folder: fetch what is new, make it durable together with its line in the ledger, then tidy up on the server.

The order is the promise. Nothing on the server changes before the commit; whatever breaks off later is done again from the ledger, and
nothing that has a line there is stored twice.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from helpdesk.gateway.doors.mailbox.session import Described, MailboxAway, Session, StepRefused, TooMuch, Trouble
from helpdesk.gateway.doors.trace import loops
from helpdesk.gateway.observe import Log
from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database
from helpdesk.store.mailboxes import (
    Entry,
    FolderLease,
    Seen,
    Unsettled,
    begin_validity,
    in_ledger,
    mark_reconciled,
    put_off,
    record_seen,
    renew_lease,
    settle_seen,
    stored_before,
    unsettled,
)
from helpdesk.threading.model import RawMessage

LEASE = timedelta(minutes=2)
CLOCKS_DIFFER = timedelta(minutes=2)  # ours and the server's
RENEW_AFTER = timedelta(seconds=30)
RECONCILE_EVERY = timedelta(hours=24)
MOST_MAILS = 500  # of one look; then their folder is tidied up before the next ones
BATCH_MAILS = 50
BATCH_OCTETS = 8 * 1024 * 1024
MOST_BREAKS = 3  # sessions that break off at the same mail
RETRIES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))  # the last one repeats

log = Log("helpdesk.mailbox")


class Stopping(Exception):
    """This node is to stop."""


@dataclass(frozen=True, slots=True)
class Books:
    """Where mails and their ledger are kept, and the time.

    `trouble` says why the disk should get no mail now, or None; `failed` hears of everything that could not be kept.
    """

    database: Database
    blobs: BlobStore
    threshold: int
    clock: Callable[[], datetime]
    trouble: Callable[[], str | None] = lambda: None
    failed: Callable[[Exception], None] = lambda fault: None

    def need_disk(self) -> None:
        """Raises MailboxAway while the disk is in trouble: what is not fetched is safe in its mailbox."""
        if trouble := self.trouble():
            raise MailboxAway(Trouble.DISK, f"the disk is {trouble}: mail stays in its mailbox")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a mailbox's configuration wants. `limit` in octets."""

    after: str
    start_at: Literal["new", "all"]
    support_address: str
    limit: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Server and ledger compared: the mails on the server (without those that came before the start), their lines, and those without."""

    mailbox: str
    folder: str
    on_server: int
    in_ledger: int
    missing: tuple[str, ...]


@dataclass(slots=True)
class Found:
    """What one look brought. `more`: it ended before everything was fetched."""

    stored: int = 0
    more: bool = False
    compared: list[Reconciliation] = field(default_factory=list)


@dataclass(slots=True)
class Look:
    """One look into one folder, under its lease. `breaks` counts, by UID, sessions that broke off at a mail; it outlives the look."""

    session: Session
    books: Books
    wishes: Wishes
    held: FolderLease
    breaks: Counter[str]
    stopping: Callable[[], bool]
    validity: int = 0
    last_uid: int = 0
    start_uid: int = 0
    renumbered_uid: int = 0
    kept_at: datetime | None = None
    found: Found = field(default_factory=Found)

    def run(self, *, reconcile: bool = False) -> Found:
        """Raises MailboxAway (also for a disk in trouble), StepRefused (no such folder), LeaseLost, StaleTicket, DatabaseAway, OSError or Stopping; what is committed
        stays."""
        self.books.need_disk()
        self.kept_at = self.books.clock()
        self._open()
        with self.books.database.reading() as connection:
            left = unsettled(connection, self.held, self.validity, self.books.clock(), MOST_MAILS)
        self._fetch([one.uid for one in left if one.outcome is Seen.UNREADABLE], left)
        self._fetch(self._new())
        if reconcile or self._is_time_to_reconcile():
            self._reconcile()
        self._settle()
        return self.found

    def _open(self) -> None:
        shown = self.session.open(self.held.folder, read_only=self.wishes.after == "keep")
        self.validity, self.last_uid = shown.validity, self.held.last_uid
        self.start_uid, self.renumbered_uid = self.held.start_uid, self.held.renumbered_uid
        if self.held.validity == shown.validity:
            return
        if self.held.validity is not None:
            log.warning("mailbox.renumbered", mailbox=self.held.mailbox, folder=self.held.folder, validity=shown.validity)
        present = self._present(shown.next_uid)
        again = self.held.first_seen_at is not None
        # After a renumbering all are looked at: those known by content are not stored again.
        self.start_uid = self.last_uid = 0 if again or self.wishes.start_at == "all" else present
        self.renumbered_uid = present if again else 0
        now = self.books.clock()
        begin_validity(self.books.database, self.held, shown.validity, self.start_uid, self.renumbered_uid, now)

    def _present(self, next_uid: int | None) -> int:
        """The largest UID of those that are there now. Where numbers do not grow, the ledger tells them one by one."""
        if self.session.numbers_grow:
            return next_uid - 1 if next_uid is not None else max(map(int, self.session.uids_after(0)), default=0)
        if self.wishes.start_at == "new" and self.held.first_seen_at is None:
            self._record([Entry(uid, Seen.EARLIER) for uid in self._unknown(self.session.uids_after(0))], None)
        return 0

    def _new(self) -> list[str]:
        uids = self.session.uids_after(self.last_uid)
        new = uids if self.session.numbers_grow else self._unknown(uids)
        self.found.more = len(new) > MOST_MAILS
        return new[:MOST_MAILS]

    def _unknown(self, uids: Sequence[str]) -> list[str]:
        with self.books.database.reading() as connection:
            known = in_ledger(connection, self.held.mailbox, self.held.folder, self.validity, uids)
        return [uid for uid in uids if uid not in known]

    def _fetch(self, uids: Sequence[str], again: Iterable[Unsettled] = ()) -> None:
        """Fetch and commit in batches; what was fetched before the session broke off is committed all the same."""
        attempts = {one.uid: one.attempts for one in again}
        described = self._described(uids)
        batch: list[Entry] = []
        try:
            for uid in uids:
                self._keep_on()
                self.books.need_disk()
                batch.append(self._entry(uid, described.get(uid), attempts.get(uid, 0)))
                if len(batch) >= BATCH_MAILS or sum(one.size or 0 for one in batch if one.raw) >= BATCH_OCTETS:
                    self._commit(batch)
        except (MailboxAway, Stopping):
            self._commit(batch)
            raise
        self._commit(batch)

    def _described(self, uids: Sequence[str]) -> dict[str, Described | StepRefused]:
        """One mail that its server cannot describe must not hide its neighbours."""
        try:
            return dict(self.session.describe(uids)) if uids else {}
        except StepRefused as fault:
            if len(uids) == 1:
                return {uids[0]: fault}
        return {name: one for uid in uids for name, one in self._described([uid]).items()}

    def _entry(self, uid: str, described: Described | StepRefused | None, attempts: int) -> Entry:
        """A mail's line in the ledger, with the mail itself where it is to be stored."""
        if described is None:
            return Entry(uid, Seen.VANISHED)
        if isinstance(described, StepRefused):
            return self._unread(uid, None, attempts, str(described))
        if self._came_before(uid, described):
            return Entry(uid, Seen.EARLIER, described.size)
        if described.size > self.wishes.limit:
            return self._refused(uid, Seen.TOO_LARGE, described.size)
        if self.breaks[uid] >= MOST_BREAKS:
            del self.breaks[uid]
            return self._unread(uid, described.size, attempts, "the session broke off each time")
        try:
            content = self.session.content(uid, described.size, self.wishes.limit, self._keep_on)
        except StepRefused as fault:
            return self._unread(uid, described.size, attempts, str(fault))
        except MailboxAway as fault:
            self.breaks[uid] += MOST_BREAKS if isinstance(fault, TooMuch) else 1
            raise
        self.breaks.pop(uid, None)
        return Entry(uid, Seen.VANISHED) if content is None else self._read(uid, content, described)

    def _came_before(self, uid: str, described: Described) -> bool:
        """Of mails that were there when the server renumbered, the time tells what the numbers no longer do."""
        if self.wishes.start_at == "all" or not self.session.numbers_grow or int(uid) > self.renumbered_uid:
            return False
        since, received_at = self.held.first_seen_at, described.received_at
        return since is not None and received_at is not None and received_at < since - CLOCKS_DIFFER

    def _read(self, uid: str, content: bytes, described: Described) -> Entry:
        if len(content) > self.wishes.limit:
            return self._refused(uid, Seen.TOO_LARGE, len(content))
        if loops(content):
            return self._refused(uid, Seen.LOOPS, len(content))
        sha256 = hashlib.sha256(content).hexdigest()
        with self.books.database.reading() as connection:
            before = stored_before(connection, self.held.mailbox, self.held.folder, self.validity, sha256)
        settled = self.wishes.after == "keep"
        if before is not None:
            return Entry(uid, Seen.DUPLICATE, len(content), sha256, inbound_id=before, settled=settled)
        received_at = min(described.received_at or self.books.clock(), self.books.clock())
        raw = RawMessage(self.session.door, None, content, received_at, support_address=self.wishes.support_address)
        return Entry(uid, Seen.STORED, len(content), sha256, raw, settled=settled)

    def _refused(self, uid: str, outcome: Seen, size: int) -> Entry:
        """It stays where it is, and people are told: nobody else will."""
        log.warning("mailbox.not_taken", mailbox=self.held.mailbox, folder=self.held.folder, uid=uid, outcome=outcome, size=size)
        return Entry(uid, outcome, size)

    def _unread(self, uid: str, size: int | None, attempts: int, reason: str) -> Entry:
        log.warning("mailbox.unreadable", mailbox=self.held.mailbox, folder=self.held.folder, uid=uid, reason=reason)
        retry_at = self.books.clock() + RETRIES[min(attempts, len(RETRIES) - 1)]
        return Entry(
            uid, Seen.UNREADABLE, size, settled=False, attempts=attempts + 1, retry_at=retry_at, reason=reason
        )  # fmt: skip

    def _commit(self, batch: list[Entry]) -> None:
        if not batch:
            return
        reached = max(int(one.uid) for one in batch) if self.session.numbers_grow else 0
        cursor = reached if reached > self.last_uid else None
        stored = self._record(batch, cursor)
        self.last_uid = cursor or self.last_uid
        self.found.stored += len(stored)
        batch.clear()

    def _record(self, entries: Sequence[Entry], cursor: int | None) -> list[int]:
        books = self.books
        return record_seen(
            books.database, books.blobs, books.threshold, self.held, self.validity, entries, cursor, books.clock()
        )  # fmt: skip

    def _is_time_to_reconcile(self) -> bool:
        if self.found.more:
            return False
        last = self.held.reconciled_at
        return self.held.validity is not None and (last is None or self.books.clock() - last >= RECONCILE_EVERY)

    def _reconcile(self) -> None:
        """Mails below the cursor without a line are fetched: a server may show a mail later than a younger one."""
        compared = self.compare()
        self.found.compared.append(compared)
        mark_reconciled(self.books.database, self.held, self.books.clock())
        log.info(
            "mailbox.reconciled", mailbox=compared.mailbox, folder=compared.folder, server=compared.on_server,
            ledger=compared.in_ledger, missing=len(compared.missing),
        )  # fmt: skip
        if compared.missing:
            log.warning("mailbox.missing", mailbox=compared.mailbox, folder=compared.folder, uids=",".join(compared.missing[:20]))
            self._fetch(compared.missing[:MOST_MAILS])

    def compare(self) -> Reconciliation:
        """The open folder and its ledger, without a change to either."""
        present = self.session.uids_after(self.start_uid)
        unknown = self._unknown(present)
        seen = [uid for uid in unknown if not self.session.numbers_grow or int(uid) <= self.last_uid]
        later = len(unknown) - len(seen)  # came since the last look: not missing yet
        known = len(present) - len(unknown)
        return Reconciliation(self.held.mailbox, self.held.folder, len(present) - later, known, tuple(seen))

    def _settle(self) -> None:
        """Move, flag or delete on the server what is stored here, now or at an earlier look."""
        with self.books.database.reading() as connection:
            left = unsettled(connection, self.held, self.validity, self.books.clock(), 2 * MOST_MAILS)
        done = [one for one in left if one.outcome is not Seen.UNREADABLE]
        if not done:
            return
        self._keep_on()
        uids = [one.uid for one in done]
        try:
            if self.wishes.after != "keep":
                self.session.settle(uids, self.wishes.after)
        except StepRefused as fault:
            again = self.books.clock() + RETRIES[min(max(one.attempts for one in done), len(RETRIES) - 1)]
            log.warning("mailbox.not_settled", mailbox=self.held.mailbox, folder=self.held.folder, mails=len(uids), reason=fault)
            put_off(self.books.database, self.held, self.validity, uids, again, str(fault))
        else:
            settle_seen(self.books.database, self.held, self.validity, uids, self.books.clock())

    def _keep_on(self) -> None:
        """Called between steps: the lease is kept, and a node that stops gets no further."""
        if self.stopping():
            raise Stopping
        now = self.books.clock()
        if self.kept_at is None or now - self.kept_at >= RENEW_AFTER:
            renew_lease(self.books.database, self.held, now + LEASE)
            self.kept_at = now
