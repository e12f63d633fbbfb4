"""The kind of cause for stored mails: they are claimed by a lease, read in a separate process, matched and decided.

Each fault of the reading process or of the program costs the mail one attempt. After three attempts the mail is read by the plain scanner
and becomes a degraded ticket. If that fails too, the mail is quarantined and can be replayed.
"""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from helpdesk.gateway.counts import counts
from helpdesk.gateway.limited_child import NoChild
from helpdesk.gateway.work.corrections import with_refused_mails
from helpdesk.gateway.work.desk import Desk
from helpdesk.gateway.work.item import MailFiles, WorkItem
from helpdesk.gateway.work.kind import BATCH, TRIES, CauseKind, OriginChecker, Settle, Tools, in_words, log
from helpdesk.gateway.work.preparation import Preparation, Preparations
from helpdesk.store.blobs import BlobDamaged
from helpdesk.store.canary import take_canary
from helpdesk.store.cause import LostClaim, Outcome
from helpdesk.store.database import DatabaseAway
from helpdesk.store.mail_claims import ClaimedMail, MailCause, claim_mail, give_back, release_mails
from helpdesk.store.record import record_all
from helpdesk.threading.decisions.arrival import arrival_of
from helpdesk.threading.decisions.decide import decide_mail
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision, Grounds
from helpdesk.threading.matching.gather import incoming_mail, question_of
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.known import Question
from helpdesk.threading.matching.match import match_archived, match_ticket
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Channel, Disposition
from helpdesk.threading.parsing.degraded import READER_ENDED, read_degraded, scanned_message_id
from helpdesk.threading.reading.parsed import Reading
from helpdesk.threading.reporting.canary import canary_token

MOST_IN_PREPARATION = 2 * BATCH  # mails that take long; more are claimed when some of them are decided
BATCH_BYTES = 64 * 1024 * 1024
LEASE = timedelta(minutes=5)
DEATHS = 10  # attempts without a reported fault after which a mail is suspected of killing the whole node
NO_CHILD_WAIT = timedelta(seconds=2)
RETRY_AFTER = (timedelta(seconds=10), timedelta(minutes=1))

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailItem(WorkItem):
    """A claimed mail that has been read, for the desk by whose addresses, keys and policy it was understood."""

    incoming: Incoming
    claimed: ClaimedMail
    reading: Reading
    desk: Desk
    canary: bool = False  # a test letter of our own that has come back

    @property
    def keys(self) -> Collection[tuple[str, object]]:
        return self.claimed.keys

    def question(self) -> Question:
        return question_of(self.incoming)

    def decide(self, context: Context) -> Decision:
        if self.canary:
            return Decision(Disposition.DISCARDED, "a letter of ours that tests the way of mail", Grounds(Assurance.UNVERIFIED))
        match_mail = match_archived if self.incoming.channel is Channel.ARCHIVE else match_ticket
        return decide_mail(arrival_of(self.incoming, match_mail(self.incoming, context.known), context))


def mail_item(mail: ClaimedMail, reading: Reading, desk: Desk) -> MailItem:
    """Make a work item of a claimed mail and the result of reading it."""
    incoming = incoming_mail(mail.raw, reading.message, desk.house, mail.id, mail.release)
    cause = MailCause(
        inbound_id=mail.id,
        lease_token=mail.lease_token,
        fingerprint=incoming.fingerprint,
        message_id=incoming.message_id,
        decided_before=mail.decided_before,
        signed_content=incoming.identity.signed_content,
        origin=mail.raw.origin,
    )
    files = MailFiles(reading.contents, mail.raw.content, reading.places)
    return MailItem(cause=cause, incoming=incoming, files=files, claimed=mail, reading=reading, desk=desk)


class Mails(CauseKind):
    """Stored mails. Their claims are leases with a fencing token, so any number of workers and nodes may process mails."""

    name = "mail"

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._reading = ThreadPoolExecutor(tools.reading_threads, "reading")
        # One thread for each mail of a batch, because checks wait for DNS: if DNS does not answer, a batch takes no longer than one mail.
        self._checking = ThreadPoolExecutor(BATCH, "origin")
        self._preparations: Preparations[MailItem] = Preparations(tools.wake)
        self._unsettled: set[int] = set()  # tokens of claims that could not be settled because the database was away
        self._unreadable: set[int] = set()  # mails whose content could not be read at the last attempt, each told once

    def work(self, settle: Settle) -> int:
        """Return the number of claimed mails, including those that were put back, plus that of earlier ones that became ready."""
        claimed = self._claim() if len(self._preparations) < MOST_IN_PREPARATION else []
        before = len(self._preparations)
        self._preparations.add([self._prepare(mail) for mail in claimed])
        self._settle_ready(settle)
        return max(len(claimed), before + len(claimed) - len(self._preparations))

    @property
    def has_unfinished(self) -> bool:
        return bool(self._unsettled) or len(self._preparations) > 0

    def wait_for_slow(self) -> bool:
        return self._preparations.wait_for_any()

    def finish(self, settle: Settle) -> None:
        while self._preparations.wait_for_any():
            self._settle_ready(settle)

    def let_go(self) -> None:
        """Release the mails of a round that the database interrupted, so that they need not wait for the end of their leases.

        Their attempt does not count. The commit of the claim or of the decisions may have succeeded; decided mails are not pending and stay
        as they are.
        """
        self._preparations.forget(self._unsettled)
        for token in tuple(self._unsettled):
            release_mails(self.tools.database, token)
            self._unsettled.discard(token)

    def leave(self, behind: Sequence[WorkItem], keys: Collection[tuple[str, object]]) -> None:
        self._preparations.leave_behind(keys)
        for item in behind:
            if isinstance(item, MailItem):
                give_back(self.tools.database, item.claimed, "", self.tools.clock(), counted=False)

    def count(self, item: WorkItem, disposition: Disposition) -> None:
        if isinstance(item, MailItem):
            self._count(item.claimed, disposition)

    def _count(self, mail: ClaimedMail, disposition: Disposition) -> None:
        counts.add("inbound_messages_total", mail.raw.door, disposition)
        counts.observe("inbound_processing_seconds", (self.tools.clock() - mail.raw.received_at).total_seconds())

    def close(self) -> None:
        self._reading.shutdown(wait=True, cancel_futures=True)
        self._checking.shutdown(wait=True, cancel_futures=True)

    def give_up(self, item: WorkItem, fault: Exception) -> None:
        assert isinstance(item, MailItem)
        self._fail(item.claimed, fault)

    def _claim(self) -> list[ClaimedMail]:
        tools, token = self.tools, self.tools.tokens.new()
        self._unsettled.add(token)
        claimed = claim_mail(
            tools.database,
            tools.blobs,
            tools.clock(),
            limit=BATCH,
            lease=LEASE,
            max_bytes=BATCH_BYTES,
            token=token,
            on_unreadable=self._tell_unreadable,
        )
        self._unsettled.discard(token)
        for mail in claimed:
            if mail.id in self._unreadable:
                self._unreadable.discard(mail.id)
                log.warning("mail.readable", inbound=mail.id, do="nothing: its content is back, and the mail is decided now")
        return claimed

    def _tell_unreadable(self, inbound_id: int, fault: Exception) -> None:
        """Say once that the content of a stored mail cannot be read."""
        if isinstance(fault, BlobDamaged):
            log.error("mail.damaged", inbound=inbound_id, reason=str(fault), do="restore the file, then run: helpdesk replay")
        elif inbound_id not in self._unreadable:
            self._unreadable.add(inbound_id)
            log.error(
                "mail.unreadable", alarm=True, inbound=inbound_id, reason=str(fault), do="it is tried again until it can be read"
            )

    def _settle_ready(self, settle: Settle) -> None:
        ready, behind = self._preparations.take_ready()
        items = [item for item in map(self._for_this_desk, ready) if item is not None]
        tokens = {item.claimed.lease_token for item in ready} | {mail.lease_token for mail in behind}
        try:
            for mail in behind:
                give_back(self.tools.database, mail, "", self.tools.clock(), counted=False)
            settle(items)
        except DatabaseAway:  # any other fault counts as an attempt, so that it is not repeated for ever
            self._unsettled |= tokens
            self._preparations.forget(tokens)
            raise

    def _for_this_desk(self, item: MailItem) -> MailItem | None:
        """The item, understood anew where the desk has got another policy meanwhile: each mail is understood and decided by one of them."""
        return item if item.desk is self.tools.desk else self._item(item.claimed, item.reading)

    def _prepare(self, mail: ClaimedMail) -> Preparation[MailItem]:
        """Begin to read a mail and, where needed, to check its origin."""
        result: Future[MailItem | None] = Future()
        self._reading.submit(self._read_then_check, mail, result)
        return Preparation(mail, result)

    def _read_then_check(self, mail: ClaimedMail, result: "Future[MailItem | None]") -> None:
        reading = self._or_none(mail, lambda: self._read(mail))
        if reading is not None and self.tools.origins is not None and self.tools.origins.wants(mail.raw):
            self._checking.submit(self._check_then_finish, mail, reading, self.tools.origins, result)
        else:
            result.set_result(None if reading is None else self._or_none(mail, lambda: self._item(mail, reading)))

    def _check_then_finish(
        self, mail: ClaimedMail, reading: Reading, origins: OriginChecker, result: "Future[MailItem | None]"
    ) -> None:
        def check() -> MailItem | None:
            origin = origins.check(mail.raw, reading.message)
            return self._item(replace(mail, raw=replace(mail.raw, origin=origin)), reading)

        result.set_result(self._or_none(mail, check))

    def _or_none(self, mail: ClaimedMail, step: Callable[[], T | None]) -> T | None:
        """Do a step of the preparation. If it fails, return None; then the mail waits for its next attempt."""
        try:
            return step()
        except DatabaseAway:
            self._unsettled.add(mail.lease_token)
        except Exception:
            log.exception("mail.not_prepared", inbound=mail.id)
        return None

    def _read(self, mail: ClaimedMail) -> Reading | None:
        if mail.raw.whole_size:
            return self._read_degraded(mail, f"its beginning alone was fetched; the whole mail has {mail.raw.whole_size} octets")
        if mail.attempts > DEATHS:
            return self._read_degraded(mail)
        try:
            return self.tools.reader.read(mail.raw.content, banners=self.tools.desk.policy.reading.banners)
        except NoChild as fault:  # no fault of the mail
            give_back(self.tools.database, mail, f"reading: {fault}", self.tools.clock() + NO_CHILD_WAIT, counted=False)
            log.warning("mail.put_back", inbound=mail.id, attempts=mail.attempts - 1, reason=str(fault))
            return None
        except Exception as fault:
            if mail.attempts >= TRIES:
                log.warning("mail.degraded", inbound=mail.id, reason=str(fault))
                return self._read_degraded(mail)
            self._put_back(mail, f"reading: {fault}")
            return None

    def _read_degraded(self, mail: ClaimedMail, reason: str = READER_ENDED) -> Reading | None:
        try:
            return read_degraded(mail.raw.content, reason)
        except Exception as fault:
            self._fail(mail, fault)
            return None

    def _item(self, mail: ClaimedMail, reading: Reading) -> MailItem | None:
        try:
            item = mail_item(mail, reading, self.tools.desk)
            report = reading.message.delivery_report  # about a letter that `check --round-trip` has sent to nobody
            token = canary_token(reading.message.message_id) or canary_token(report.original_message_id if report else None)
            if token and take_canary(self.tools.database, token, mail.raw.received_at):
                return replace(item, canary=True)
            incoming, files = with_refused_mails(item.incoming, item.files, self.tools)
            return item if incoming is item.incoming else replace(item, incoming=incoming, files=files)
        except DatabaseAway:  # no fault of the mail: its attempt does not count
            raise
        except Exception as fault:
            self._fail(mail, fault)
            return None

    def _fail(self, mail: ClaimedMail, fault: Exception) -> None:
        """Handle a fault of the program: put the mail back, or quarantine it after `TRIES` attempts, where the operator finds it."""
        reason = in_words(fault)
        if mail.attempts < TRIES:
            self._put_back(mail, reason)
            return
        cause = MailCause(mail.id, mail.lease_token, None, scanned_message_id(mail.raw.content))
        faults = self._quarantine(cause, reason)
        if any(isinstance(unrecorded, LostClaim) for unrecorded in faults):
            log.info("claim.lost", cause=str(cause))
            return
        if faults:  # the Message-ID or the reason cannot be stored
            self._quarantine(replace(cause, message_id=None), type(fault).__name__)
        self._count(mail, Disposition.QUARANTINED)
        log.warning("mail.quarantined", inbound=mail.id, reason=reason)

    def _quarantine(self, cause: MailCause, reason: str) -> list[Exception]:
        """Record that the mail is quarantined. Return the faults that prevented it."""
        desk = self.tools.desk
        decision = Decision(Disposition.QUARANTINED, reason, Grounds(Assurance.UNVERIFIED))
        outcome = Outcome(cause, decision, (), self.tools.clock(), desk.node, policy=desk.policy.digest)
        return [unrecorded.fault for unrecorded in record_all(self.tools.database, [outcome])]

    def _put_back(self, mail: ClaimedMail, reason: str) -> None:
        wait = RETRY_AFTER[min(mail.attempts, len(RETRY_AFTER)) - 1]
        give_back(self.tools.database, mail, reason, self.tools.clock() + wait)
        log.warning("mail.put_back", inbound=mail.id, attempts=mail.attempts, reason=reason)
