"""One look into a folder: fetch what is new, make it durable together with its line in the ledger, then tidy up on the server.

The order is the promise. Nothing on the server changes before the commit; whatever breaks off later is done again from the ledger, and
nothing that has a line there is stored twice. A server's numbers are words of strangers: the cursor follows mails that were fetched, never
what was listed or promised, and a mail that cannot be had stops no other.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from helpdesk.gateway.doors.mailbox.session import Described, Folder, MailboxAway, Session, StepRefused, TooMuch, Trouble
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
from helpdesk.threading.model.mail import RawMessage

LEASE = timedelta(minutes=2)
CLOCKS_DIFFER = timedelta(minutes=2)  # ours and the server's
RENEW_AFTER = timedelta(seconds=30)
RECONCILE_EVERY = timedelta(hours=24)
MOST_MAILS = 500  # of one look; then their folder is tidied up before the next ones
BATCH_MAILS = 50
BATCH_OCTETS = 8 * 1024 * 1024
MOST_BREAKS = 3  # sessions that break off at the same mail
NAMED = 20  # UIDs in one line of the log
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
    """One look into one folder, under its lease. `breaks` counts, by UID, sessions that broke off at a mail; `counts` has, by folder, how
    many mails its server showed at the last look. Both outlive the look.
    """

    session: Session
    books: Books
    wishes: Wishes
    held: FolderLease
    breaks: Counter[str]
    counts: dict[str, int]
    stopping: Callable[[], bool]
    validity: int = 0
    last_uid: int = 0
    start_uid: int = 0
    renumbered_uid: int = 0
    hidden: bool = False  # mail may be there that is not above the cursor
    kept_at: datetime | None = None
    found: Found = field(default_factory=Found)

    def run(self, *, reconcile: bool = False) -> Found:
        """Raises MailboxAway (also for a disk in trouble), StepRefused (no such folder), LeaseLost, StaleTicket, DatabaseAway, OSError or Stopping; what is committed
        stays."""
        self.books.need_disk()
        self.kept_at = self.books.clock()
        shown = self._open()
        with self.books.database.reading() as connection:
            left = unsettled(connection, self.held, self.validity, self.books.clock(), MOST_MAILS, unreadable=True)
        self._fetch([one.uid for one in left], left)
        new = self._new()
        self._notice_hidden(shown, len(new))
        if self._fetch(new) == MOST_MAILS:
            raise StepRefused("the server lists mails, and hands out none")
        if reconcile or self._is_time_to_reconcile():
            self._reconcile()
        self._settle()
        return self.found

    def _open(self) -> Folder:
        shown = self.session.open(self.held.folder, read_only=self.wishes.after == "keep")
        self.validity, self.last_uid = shown.validity, self.held.last_uid
        self.start_uid, self.renumbered_uid = self.held.start_uid, self.held.renumbered_uid
        if self.held.validity == shown.validity and not self._is_beyond(self.start_uid, shown):
            if self._is_beyond(self.last_uid, shown) and self.last_uid > self.start_uid:
                self._lower_cursor()
            return shown
        if self.held.validity is not None:
            log.warning("mailbox.renumbered", mailbox=self.held.mailbox, folder=self.held.folder, validity=shown.validity)
        again, everything = self.held.first_seen_at is not None, self.wishes.start_at == "all"
        present = 0 if everything and not again else self._present(None if again else shown.next_uid)
        # After a renumbering all are looked at: those known by content are not stored again.
        self.start_uid = self.last_uid = 0 if again or everything else present
        self.renumbered_uid = present if again else 0
        now = self.books.clock()
        begin_validity(self.books.database, self.held, shown.validity, self.start_uid, self.renumbered_uid, now)
        return shown

    def _lower_cursor(self) -> None:
        """It stands above whatever was in the folder: all is looked at again, and what has its line is left out."""
        log.warning("mailbox.cursor_lowered", mailbox=self.held.mailbox, folder=self.held.folder, last_uid=self.last_uid)
        self.last_uid = self.start_uid
        self._record([], self.last_uid)

    def _is_beyond(self, uid: int, shown: Folder) -> bool:
        """Whether the server's own UIDNEXT says that a mail of this number was never there."""
        return self.session.numbers_grow and shown.next_uid is not None and uid >= shown.next_uid

    def _present(self, next_uid: int | None) -> int:
        """The largest UID of those that are there now. Where numbers do not grow, the ledger tells them one by one.

        Neither UIDNEXT nor a search says what is there, but that the server can describe it: a number too large would hide whatever
        comes later. Mails from `next_uid` on have come since.
        """
        if self.session.numbers_grow:
            return self._largest_described([uid for uid in self._listed() if next_uid is None or int(uid) < next_uid])
        if self.wishes.start_at == "new" and self.held.first_seen_at is None:
            self._record([Entry(uid, Seen.EARLIER) for uid in self._unknown(self.session.uids_after(0))], None)
        return 0

    def _listed(self) -> list[str]:
        """The last page of a folder's UIDs."""
        page = self.session.uids_after(0)
        while page and (later := self.session.uids_after(int(page[-1]))):
            self._keep_on()
            page = later
        return page

    def _largest_described(self, uids: Sequence[str]) -> int:
        for until in range(len(uids), 0, -MOST_MAILS):
            self._keep_on()
            described = self._described(uids[max(0, until - MOST_MAILS) : until])
            there = [int(uid) for uid, one in described.items() if isinstance(one, Described)]
            if there:
                return max(there)
        if uids:
            raise StepRefused("the server lists mails, and describes none")
        return 0

    def _notice_hidden(self, shown: Folder, new: int) -> None:
        """Server and ledger are compared at once where a mail has come, and none is above the cursor."""
        folder = self.held.folder
        before, self.counts[folder] = self.counts.get(folder), shown.count
        grown = before is not None and shown.count > before
        self.hidden = self.session.numbers_grow and grown and not new
        if self.hidden:
            log.warning("mailbox.hidden", mailbox=self.held.mailbox, folder=folder, mails=shown.count, last_uid=self.last_uid)

    def _new(self) -> list[str]:
        """Without what has its line already: lines of mails that could not be had stand above the cursor."""
        new: list[str] = []
        uids = self.session.uids_after(self.last_uid)
        for at in range(0, len(uids), MOST_MAILS):
            new += self._unknown(uids[at : at + MOST_MAILS])
            if len(new) > MOST_MAILS:
                break
        self.found.more = len(new) > MOST_MAILS
        return new[:MOST_MAILS]

    def _unknown(self, uids: Sequence[str]) -> list[str]:
        with self.books.database.reading() as connection:
            known = in_ledger(connection, self.held.mailbox, self.held.folder, self.validity, uids, vanished=False)
        return [uid for uid in uids if uid not in known]

    def _fetch(self, uids: Sequence[str], again: Iterable[Unsettled] = ()) -> int:
        """Fetch and commit in batches; what was fetched before the session broke off is committed all the same. How many mails the
        server gave nothing of."""
        attempts = {one.uid: one.attempts for one in again}
        described = self._described_together(uids)
        batch: list[Entry] = []
        absent: list[str] = []
        try:
            for uid in uids:
                self._keep_on()
                self.books.need_disk()
                entry = self._entry(uid, described, attempts.get(uid, 0))
                self.breaks.pop(uid, None)
                if entry is None:
                    absent.append(uid)
                    continue
                batch.append(entry)
                if len(batch) >= BATCH_MAILS or sum(one.size or 0 for one in batch if one.raw) >= BATCH_OCTETS:
                    self._commit(batch)
        except (MailboxAway, Stopping):
            self._commit(batch)
            raise
        self._commit(batch)
        self._commit(self._not_handed_out(absent, attempts))
        return len(absent)

    def _described_together(self, uids: Sequence[str]) -> dict[str, Described | StepRefused]:
        """Those at which a session broke off before are described one by one, each when its turn comes."""
        together = [uid for uid in uids if uid not in self.breaks]
        try:
            return self._described(together)
        except MailboxAway:
            for uid in set(self.breaks) - set(uids):
                del self.breaks[uid]
            self.breaks.update(together)
            raise

    def _described(self, uids: Sequence[str]) -> dict[str, Described | StepRefused]:
        """One mail that its server cannot describe must not hide its neighbours."""
        try:
            return dict(self.session.describe(uids)) if uids else {}
        except StepRefused as fault:
            if len(uids) == 1:
                return {uids[0]: fault}
        return {name: one for uid in uids for name, one in self._described([uid]).items()}

    def _entry(self, uid: str, together: dict[str, Described | StepRefused], attempts: int) -> Entry | None:
        """A mail's line in the ledger, with the mail itself where it is to be stored; None where the server gives nothing."""
        if self.breaks[uid] >= MOST_BREAKS:
            return self._unread(uid, None, attempts, "the session broke off each time")
        described = None
        try:
            described = (self._described([uid]) if uid in self.breaks else together).get(uid)
            if described is None:
                return None
            if isinstance(described, StepRefused):
                return self._unread(uid, None, attempts, str(described))
            if self._came_before(uid, described):
                return Entry(uid, Seen.EARLIER, described.size)
            if described.size > self.wishes.limit:
                return self._refused(uid, Seen.TOO_LARGE, described.size)
            content = self.session.content(uid, described.size, self.wishes.limit, self._keep_on)
        except StepRefused as fault:
            return self._unread(uid, described.size if isinstance(described, Described) else None, attempts, str(fault))
        except MailboxAway as fault:
            self.breaks[uid] += MOST_BREAKS if isinstance(fault, TooMuch) else 1
            raise
        return None if content is None else self._read(uid, content, described)

    def _not_handed_out(self, uids: Sequence[str], attempts: Mapping[str, int]) -> list[Entry]:
        """Listed, and neither described nor handed out: gone where it is not listed any more; else tried again, and people are told."""
        if not uids:
            return []
        first = min(map(int, uids)) - 1 if self.session.numbers_grow else 0
        listed = set(uids).intersection(self.session.uids_after(first))
        if listed:
            log.warning(
                "mailbox.not_handed_out", mailbox=self.held.mailbox, folder=self.held.folder, mails=len(listed),
                uids=",".join(sorted(listed)[:NAMED]),
            )  # fmt: skip
        reason = "the server lists it, and does not hand it out"
        return [
            self._to_be_read(uid, None, attempts.get(uid, 0), reason) if uid in listed else Entry(uid, Seen.VANISHED)
            for uid in uids
        ]  # fmt: skip

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
        return self._to_be_read(uid, size, attempts, reason)

    def _to_be_read(self, uid: str, size: int | None, attempts: int, reason: str) -> Entry:
        retry_at = self.books.clock() + RETRIES[min(attempts, len(RETRIES) - 1)]
        return Entry(
            uid, Seen.UNREADABLE, size, settled=False, attempts=attempts + 1, retry_at=retry_at, reason=reason
        )  # fmt: skip

    def _commit(self, batch: list[Entry]) -> None:
        """The cursor follows what was fetched: any other number may be one that the server made up."""
        if not batch:
            return
        followed = [one for one in batch if one.sha256 is not None or one.outcome is Seen.EARLIER]
        reached = max((int(one.uid) for one in followed), default=0) if self.session.numbers_grow else 0
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
        if self.hidden:
            return True
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
            log.warning(
                "mailbox.missing", mailbox=compared.mailbox, folder=compared.folder, uids=",".join(compared.missing[:NAMED])
            )
            for at in range(0, len(compared.missing), MOST_MAILS):
                self._fetch(compared.missing[at : at + MOST_MAILS])

    def compare(self) -> Reconciliation:
        """The open folder and its ledger, without a change to either."""
        on_server, known, missing = 0, 0, []
        at = self.start_uid
        while page := self.session.uids_after(at):
            unknown = self._unknown(page)
            # What came since the last look is not missing yet.
            seen = [uid for uid in unknown if not self.session.numbers_grow or int(uid) <= self.last_uid]
            missing += seen
            known += len(page) - len(unknown)
            on_server += len(page) - len(unknown) + len(seen)
            if not self.session.numbers_grow:
                break
            at = int(page[-1])
        return Reconciliation(self.held.mailbox, self.held.folder, on_server, known, tuple(missing))

    def _settle(self) -> None:
        """Move, flag or delete on the server what is stored here, now or at an earlier look."""
        with self.books.database.reading() as connection:
            done = unsettled(connection, self.held, self.validity, self.books.clock(), 2 * MOST_MAILS, unreadable=False)
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
