"""One look into a folder: fetch new mails, store each in one transaction with its line in the ledger, then tidy up on the
server.

Nothing on the server changes before the commit. If a look breaks off, the next one goes on from the ledger, and no mail with
a line there is stored twice. A server's numbers are not trusted: the cursor follows mails that were fetched, never numbers
that were only listed or announced. A mail that cannot be fetched stops no other.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from helpdesk.gateway.doors.mailbox.session import (
    MailboxAway,
    MailboxSession,
    MailboxTrouble,
    MailDescription,
    OpenFolder,
    StepRefused,
    TooMuch,
)
from helpdesk.gateway.doors.trace import has_too_many_hops
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
    unsettled_mails,
)
from helpdesk.threading.model.mail import RawMessage

LEASE = timedelta(minutes=2)
CLOCKS_DIFFER = timedelta(minutes=2)  # how far the server's clock may differ from ours
RENEW_AFTER = timedelta(seconds=30)
RECONCILE_EVERY = timedelta(hours=24)
MOST_MAILS = 500  # mails of one look; the folder is tidied up before the next look
BATCH_MAILS = 50
BATCH_OCTETS = 8 * 1024 * 1024
MOST_BREAKS = 3  # sessions that broke off at a mail before it is put off
NAMED = 20  # UIDs that one line of the log names
RETRIES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))  # the last one repeats
LONGEST_WAIT = timedelta(days=1)  # longer than any mail waits for its next try
BEGINNING = 256 * 1024  # octets that are fetched of a mail above the limit: its header and its first text

log = Log("helpdesk.mailbox")


class Stopping(Exception):
    """The node is to stop."""


@dataclass(frozen=True, slots=True)
class MailboxLedger:
    """Where mails and their ledger are stored, and the clock.

    `trouble` says why the disk should get no mail now, or None; `failed` is told every fault of storing.
    """

    database: Database
    blobs: BlobStore
    threshold: int
    clock: Callable[[], datetime]
    trouble: Callable[[], str | None] = lambda: None
    failed: Callable[[Exception], None] = lambda fault: None

    def need_disk(self) -> None:
        """Raise MailboxAway while the disk is in trouble: a mail that is not fetched is safe in its mailbox."""
        if trouble := self.trouble():
            raise MailboxAway(MailboxTrouble.DISK, f"the disk is {trouble}: mail stays in its mailbox")


@dataclass(frozen=True, slots=True)
class FetchRules:
    """How the configuration wants a mailbox to be read. `limit` is the largest mail in octets."""

    after: str
    start_at: Literal["new", "all"]
    support_address: str
    limit: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The comparison of a folder with its ledger.

    `on_server` counts mails without those that came before the start, `in_ledger` those with a line, and `missing` has the
    UIDs of those without one.
    """

    mailbox: str
    folder: str
    on_server: int
    in_ledger: int
    missing: tuple[str, ...]


@dataclass(slots=True)
class LookResult:
    """What one look brought. `more` says that it ended before every mail was fetched."""

    stored: int = 0
    more: bool = False
    compared: list[Reconciliation] = field(default_factory=list)


@dataclass(slots=True)
class FolderLook:
    """One look into one folder, under its lease.

    `breaks` counts, by UID, the sessions that broke off at a mail. `counts` has, by folder, the number of mails that its
    server showed at the last look. Both outlive the look.
    """

    session: MailboxSession
    ledger: MailboxLedger
    rules: FetchRules
    lease: FolderLease
    breaks: Counter[str]
    counts: dict[str, int]
    stopping: Callable[[], bool]
    validity: int = 0
    last_uid: int = 0
    start_uid: int = 0
    renumbered_uid: int = 0
    hidden: bool = False  # whether new mail may have a UID below the cursor
    renewed_at: datetime | None = None
    result: LookResult = field(default_factory=LookResult)

    def run(self, *, reconcile: bool = False) -> LookResult:
        """Do all steps of a look. What is committed stays, whatever ends the look.

        Raise MailboxAway (also for a disk in trouble), StepRefused (no such folder), LeaseLost, StaleTicket, DatabaseAway,
        OSError or Stopping.
        """
        self.ledger.need_disk()
        self.renewed_at = self.ledger.clock()
        shown = self._open()
        new = self._list_new()
        self._notice_hidden(shown, len(new))
        if self._fetch(new) == MOST_MAILS:
            raise StepRefused("the server lists mails, but sends none")
        self._fetch_again(at_once=reconcile)
        if reconcile or self._is_time_to_reconcile():
            self._reconcile()
        self._settle()
        return self.result

    def _open(self) -> OpenFolder:
        shown = self.session.open(self.lease.folder, read_only=self.rules.after == "keep")
        if self.lease.validity and not shown.validity:
            raise StepRefused("the server does not say its UIDVALIDITY, although it has one")
        self.validity, self.last_uid = shown.validity, self.lease.last_uid
        self.start_uid, self.renumbered_uid = self.lease.start_uid, self.lease.renumbered_uid
        if self.lease.validity == shown.validity and not self._is_beyond(self.start_uid, shown):
            if self._is_beyond(self.last_uid, shown) and self.last_uid > self.start_uid:
                self._lower_cursor()
            return shown
        if self.lease.validity is not None:
            self._warn("mailbox.renumbered", validity=shown.validity)
        again, everything = self.lease.first_seen_at is not None, self.rules.start_at == "all"
        present = 0 if everything and not again else self._largest_uid_now(None if again else shown.next_uid)
        # After a renumbering every mail is fetched again; a mail whose content is known is not stored twice.
        self.start_uid = self.last_uid = 0 if again or everything else present
        self.renumbered_uid = present if again else 0
        now = self.ledger.clock()
        begin_validity(self.ledger.database, self.lease, shown.validity, self.start_uid, self.renumbered_uid, now)
        return shown

    def _lower_cursor(self) -> None:
        """Lower a cursor that stands above every mail of the folder. All mails are listed again; those with a line in the
        ledger are left out.
        """
        self._warn("mailbox.cursor_lowered", last_uid=self.last_uid)
        self.last_uid = self.start_uid
        self._record([], self.last_uid)

    def _is_beyond(self, uid: int, shown: OpenFolder) -> bool:
        """Whether the server's own UIDNEXT says that no mail had this UID yet."""
        return self.session.numbers_grow and shown.next_uid is not None and uid >= shown.next_uid

    def _largest_uid_now(self, next_uid: int | None) -> int:
        """The largest UID of the mails that are there now, and below `next_uid`; 0 where UIDs do not grow, and then each
        mail gets a line.

        Only a UID that the server can describe counts, not one from UIDNEXT or a search: too large a number would hide all
        later mail.
        """
        if self.session.numbers_grow:
            return self._largest_described([uid for uid in self._last_page() if next_uid is None or int(uid) < next_uid])
        if self.rules.start_at == "new" and self.lease.first_seen_at is None:
            self._record([Entry(uid, Seen.EARLIER) for uid in self._not_in_ledger(self.session.uids_after(0))], None)
        return 0

    def _last_page(self) -> list[str]:
        """The last page of the folder's UIDs."""
        page = self.session.uids_after(0)
        while page and (later := self.session.uids_after(int(page[-1]))):
            self._keep_lease()
            page = later
        return page

    def _largest_described(self, uids: Sequence[str]) -> int:
        for until in range(len(uids), 0, -MOST_MAILS):
            self._keep_lease()
            described = self._describe(uids[max(0, until - MOST_MAILS) : until])
            there = [int(uid) for uid, answer in described.items() if isinstance(answer, MailDescription)]
            if there:
                return max(there)
        if uids:
            raise StepRefused("the server lists mails, but describes none")
        return 0

    def _notice_hidden(self, shown: OpenFolder, new: int) -> None:
        """Notice that the folder has grown while no mail is above the cursor. Folder and ledger are then compared at once."""
        folder = self.lease.folder
        before, self.counts[folder] = self.counts.get(folder), shown.count
        grown = before is not None and shown.count > before
        self.hidden = self.session.numbers_grow and grown and not new
        if self.hidden:
            self._warn("mailbox.hidden", mails=shown.count, last_uid=self.last_uid)

    def _fetch_again(self, *, at_once: bool) -> None:
        """Fetch mails that could not be fetched before, after all new ones: whatever they do, they keep nothing else back.

        `at_once` leaves their waiting times out of account, because somebody asks.
        """
        due = self.ledger.clock() + (LONGEST_WAIT if at_once else timedelta())
        with self.ledger.database.reading() as connection:
            left = unsettled_mails(connection, self.lease, self.validity, due, MOST_MAILS, unreadable=True)
        self._fetch([mail.uid for mail in left], left)

    def _list_new(self) -> list[str]:
        """The UIDs above the cursor without a line in the ledger. Mails that could not be fetched have their line above the
        cursor already.
        """
        new: list[str] = []
        uids = self.session.uids_after(self.last_uid)
        for at in range(0, len(uids), MOST_MAILS):
            new += self._not_in_ledger(uids[at : at + MOST_MAILS])
            if len(new) > MOST_MAILS:
                break
        self.result.more = len(new) > MOST_MAILS
        return new[:MOST_MAILS]

    def _not_in_ledger(self, uids: Sequence[str], *, unread: bool = True) -> list[str]:
        """Those of the UIDs without a line in the ledger. With `unread` False, the line of a mail that could not be fetched does not count."""
        besides = (Seen.VANISHED,) if unread else (Seen.VANISHED, Seen.UNREADABLE)
        with self.ledger.database.reading() as connection:
            known = in_ledger(connection, self.lease.mailbox, self.lease.folder, self.validity, uids, besides=besides)
        return [uid for uid in uids if uid not in known]

    def _fetch(self, uids: Sequence[str], again: Iterable[Unsettled] = ()) -> int:
        """Fetch and commit mails in batches. Return how many of them the server sent nothing of.

        What was fetched before a session broke off is committed all the same.
        """
        attempts = {mail.uid: mail.attempts for mail in again}
        described = self._describe_batch(uids)
        batch: list[Entry] = []
        absent: list[str] = []
        try:
            for uid in uids:
                self._keep_lease()
                self.ledger.need_disk()
                entry = self._entry_for(uid, described, attempts.get(uid, 0))
                self.breaks.pop(uid, None)
                if entry is None:
                    absent.append(uid)
                    continue
                batch.append(entry)
                if len(batch) >= BATCH_MAILS or sum(fetched.size or 0 for fetched in batch if fetched.raw) >= BATCH_OCTETS:
                    self._commit(batch)
        except (MailboxAway, Stopping):
            self._commit(batch)
            raise
        self._commit(batch)
        self._commit(self._not_handed_out(absent, attempts))
        return len(absent)

    def _describe_batch(self, uids: Sequence[str]) -> dict[str, MailDescription | StepRefused]:
        """Describe mails together, except those at which a session broke off before: each of these is described alone when
        its turn comes.
        """
        together = [uid for uid in uids if uid not in self.breaks]
        try:
            return self._describe(together)
        except MailboxAway:
            for uid in set(self.breaks) - set(uids):
                del self.breaks[uid]
            self.breaks.update(together)
            raise

    def _describe(self, uids: Sequence[str]) -> dict[str, MailDescription | StepRefused]:
        """Describe mails together, or one by one where the server refuses, so that one bad mail does not hide the others."""
        try:
            return dict(self.session.describe(uids)) if uids else {}
        except StepRefused as fault:
            if len(uids) == 1:
                return {uids[0]: fault}
        return {name: answer for uid in uids for name, answer in self._describe([uid]).items()}

    def _entry_for(self, uid: str, together: dict[str, MailDescription | StepRefused], attempts: int) -> Entry | None:
        """A mail's line in the ledger, with the mail itself where it is to be stored; None where the server sends nothing of
        it.
        """
        if self.breaks[uid] >= MOST_BREAKS:
            return self._unreadable_entry(uid, None, attempts, "the session broke off each time")
        described = None
        try:
            described = (self._describe([uid]) if uid in self.breaks else together).get(uid)
            if described is None:
                return None
            if isinstance(described, StepRefused):
                return self._unreadable_entry(uid, None, attempts, str(described))
            if self._came_before(uid, described):
                return Entry(uid, Seen.EARLIER, described.size)
            if described.size > self.rules.limit:
                return self._beginning_of(uid, described)
            content = self.session.content(uid, described.size, self.rules.limit, self._keep_lease)
        except StepRefused as fault:
            return self._unreadable_entry(
                uid, described.size if isinstance(described, MailDescription) else None, attempts, str(fault)
            )
        except MailboxAway as fault:
            self.breaks[uid] += MOST_BREAKS if isinstance(fault, TooMuch) or attempts else 1
            raise
        return self._read(uid, content, described) if content else None  # no mail is without any octet

    def _beginning_of(self, uid: str, described: MailDescription) -> Entry | None:
        """A mail above the limit: its beginning is stored, so that somebody answers it, and the mail stays whole on its server.

        Where the server cannot send a part of it, only the ledger and the log tell of it.
        """
        try:
            content = self.session.beginning(uid, min(BEGINNING, self.rules.limit))
        except StepRefused:
            return self._refuse(uid, Seen.TOO_LARGE, described.size)
        return self._entry_for_beginning(uid, content, described.size, described) if content else None

    def _entry_for_beginning(self, uid: str, content: bytes, size: int, described: MailDescription) -> Entry:
        if has_too_many_hops(content):
            return self._refuse(uid, Seen.LOOPS, size)
        entry = replace(self._stored_entry(uid, content, described, whole_size=size), outcome=Seen.TOO_LARGE, size=size)
        self._warn("mailbox.beginning_only", uid=uid, size=size, limit=self.rules.limit)
        return replace(entry, settled=True)

    def _not_handed_out(self, uids: Sequence[str], attempts: Mapping[str, int]) -> list[Entry]:
        """The lines of mails that were listed, but neither described nor sent.

        A mail has vanished where the whole folder is listed without it, as many mails as the server counts: a list that is empty or
        cut short proves nothing. Any other mail is tried again later, and a warning is logged.
        """
        if not uids:
            return []
        whole = self.session.uids_after(0)
        listed = set(uids).intersection(whole) if len(whole) == self.counts.get(self.lease.folder) else set(uids)
        if listed:
            self._warn("mailbox.not_handed_out", mails=len(listed), uids=",".join(sorted(listed)[:NAMED]))
        reason = "the server lists this mail, but does not send it"
        return [
            self._entry_to_retry(uid, None, attempts.get(uid, 0), reason) if uid in listed else Entry(uid, Seen.VANISHED)
            for uid in uids
        ]

    def _came_before(self, uid: str, described: MailDescription) -> bool:
        """Whether a mail that was there at a renumbering came before the desk's start: then its time decides, since its UID
        no longer can.
        """
        if self.rules.start_at == "all" or not self.session.numbers_grow or int(uid) > self.renumbered_uid:
            return False
        since, received_at = self.lease.first_seen_at, described.received_at
        return since is not None and received_at is not None and received_at < since - CLOCKS_DIFFER

    def _read(self, uid: str, content: bytes, described: MailDescription) -> Entry:
        if len(content) > self.rules.limit:
            return self._entry_for_beginning(uid, content[:BEGINNING], len(content), described)
        if has_too_many_hops(content):
            return self._refuse(uid, Seen.LOOPS, len(content))
        return self._stored_entry(uid, content, described)

    def _stored_entry(self, uid: str, content: bytes, described: MailDescription, whole_size: int = 0) -> Entry:
        """The line of a mail that is stored, or was stored before the folder was renumbered."""
        sha256 = hashlib.sha256(content).hexdigest()
        with self.ledger.database.reading() as connection:
            before = stored_before(connection, self.lease.mailbox, self.lease.folder, self.validity, sha256)
        settled = self.rules.after == "keep"
        if before is not None:
            return Entry(uid, Seen.DUPLICATE, len(content), sha256, inbound_id=before, settled=settled)
        received_at = min(described.received_at or self.ledger.clock(), self.ledger.clock())
        address = self.rules.support_address
        raw = RawMessage(self.session.door, None, content, received_at, support_address=address, whole_size=whole_size)
        return Entry(uid, Seen.STORED, len(content), sha256, raw, settled=settled)

    def _refuse(self, uid: str, outcome: Seen, size: int) -> Entry:
        """The line of a mail that is not stored and stays on the server. A warning is logged, because nobody else would
        notice.
        """
        self._warn("mailbox.not_taken", uid=uid, outcome=outcome, size=size)
        return Entry(uid, outcome, size)

    def _unreadable_entry(self, uid: str, size: int | None, attempts: int, reason: str) -> Entry:
        self._warn("mailbox.unreadable", uid=uid, reason=reason)
        return self._entry_to_retry(uid, size, attempts, reason)

    def _entry_to_retry(self, uid: str, size: int | None, attempts: int, reason: str) -> Entry:
        retry_at = self._retry_at(attempts)
        return Entry(uid, Seen.UNREADABLE, size, settled=False, attempts=attempts + 1, retry_at=retry_at, reason=reason)

    def _retry_at(self, attempts: int) -> datetime:
        return self.ledger.clock() + RETRIES[min(attempts, len(RETRIES) - 1)]

    def _warn(self, event: str, **keys: object) -> None:
        log.warning(event, mailbox=self.lease.mailbox, folder=self.lease.folder, **keys)

    def _commit(self, batch: list[Entry]) -> None:
        """Store a batch and empty it. The cursor moves to the largest UID that was fetched, since the server may have made
        up any other.
        """
        if not batch:
            return
        fetched = [entry for entry in batch if entry.sha256 is not None or entry.outcome is Seen.EARLIER]
        reached = max((int(entry.uid) for entry in fetched), default=0) if self.session.numbers_grow else 0
        cursor = reached if reached > self.last_uid else None
        stored = self._record(batch, cursor)
        self.last_uid = cursor or self.last_uid
        self.result.stored += len(stored)
        batch.clear()

    def _record(self, entries: Sequence[Entry], cursor: int | None) -> list[int]:
        to = self.ledger
        return record_seen(to.database, to.blobs, to.threshold, self.lease, self.validity, entries, cursor, to.clock())

    def _is_time_to_reconcile(self) -> bool:
        if self.result.more:
            return False
        last = self.lease.reconciled_at
        if self.hidden:
            return True
        return self.lease.validity is not None and (last is None or self.ledger.clock() - last >= RECONCILE_EVERY)

    def _reconcile(self) -> None:
        """Compare the folder with its ledger, and fetch mails below the cursor without a line: a server may show a mail
        after a younger one.
        """
        compared = self.compare()
        self.result.compared.append(compared)
        mark_reconciled(self.ledger.database, self.lease, self.ledger.clock())
        log.info(
            "mailbox.reconciled",
            mailbox=compared.mailbox,
            folder=compared.folder,
            server=compared.on_server,
            ledger=compared.in_ledger,
            missing=len(compared.missing),
        )
        if compared.missing:
            self._warn("mailbox.missing", uids=",".join(compared.missing[:NAMED]))
            without_line = self._not_in_ledger(compared.missing)  # the others are tried again when their time has come
            for at in range(0, len(without_line), MOST_MAILS):
                self._fetch(without_line[at : at + MOST_MAILS])

    def compare(self) -> Reconciliation:
        """Compare the open folder with its ledger, and change neither.

        A mail that the server lists and has not handed over is missing, although the ledger has a line for it.
        """
        on_server, known, missing = 0, 0, []
        at = self.start_uid
        while page := self.session.uids_after(at):
            unknown, unlisted = self._not_in_ledger(page, unread=False), set(self._not_in_ledger(page))
            # A mail that came since the last look is not missing yet.
            seen = [uid for uid in unknown if uid not in unlisted or not self.session.numbers_grow or int(uid) <= self.last_uid]
            missing += seen
            known += len(page) - len(unknown)
            on_server += len(page) - len(unknown) + len(seen)
            if not self.session.numbers_grow:
                break
            at = int(page[-1])
        return Reconciliation(self.lease.mailbox, self.lease.folder, on_server, known, tuple(missing))

    def _settle(self) -> None:
        """Move, flag or delete on the server the mails that are stored here, now or at an earlier look."""
        with self.ledger.database.reading() as connection:
            done = unsettled_mails(connection, self.lease, self.validity, self.ledger.clock(), 2 * MOST_MAILS, unreadable=False)
        if not done:
            return
        self._keep_lease()
        uids = [mail.uid for mail in done]
        try:
            if self.rules.after != "keep":
                self.session.settle(uids, self.rules.after)
        except StepRefused as fault:
            self._warn("mailbox.not_settled", mails=len(uids), reason=fault)
            retry_at = self._retry_at(max(mail.attempts for mail in done))
            put_off(self.ledger.database, self.lease, self.validity, uids, retry_at, str(fault))
        else:
            settle_seen(self.ledger.database, self.lease, self.validity, uids, self.ledger.clock())

    def _keep_lease(self) -> None:
        """Renew the lease when it is time, or raise Stopping where the node is to stop. Called between steps."""
        if self.stopping():
            raise Stopping
        now = self.ledger.clock()
        if self.renewed_at is None or now - self.renewed_at >= RENEW_AFTER:
            renew_lease(self.ledger.database, self.lease, now + LEASE)
            self.renewed_at = now
