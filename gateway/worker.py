"""Works off what waits: stored mails, replies from the platform, due timers, fates of letters, digests, outbreaks, guessed passwords.
Claims are leases, so any number of nodes may do it.

A mail that kills its reader, or our own code, costs one attempt. After three it is read by the plain scanner alone, as a degraded ticket;
if even that fails it is quarantined and can be replayed. Nothing here sends.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event, Lock
from typing import Protocol

from helpdesk.config.calendar import working_day
from helpdesk.config.hours import time_of_day
from helpdesk.gateway.desk import Desk
from helpdesk.gateway.observe import Log
from helpdesk.gateway.origin.verification import Verifier
from helpdesk.gateway.process import (
    Heard,
    decided,
    heard_digest,
    heard_fate,
    heard_gathered,
    heard_guessing,
    heard_mail,
    heard_outbreak,
    heard_reply,
    heard_timer,
    heard_weekly,
    may_open,
    outcome_of,
)
from helpdesk.store.blobs import BlobStore
from helpdesk.store.cause import (
    Cause,
    DigestCause,
    GatheredCause,
    GuessingCause,
    LetterCause,
    MailCause,
    OutbreakCause,
    PlatformCause,
    TimerCause,
    WeeklyCause,
)
from helpdesk.store.database import Database, DatabaseAway, StaleTicket, Unstorable
from helpdesk.store.digests import gathered_letters, without_digest, without_report
from helpdesk.store.inbound import ClaimedMail, claim_mail, give_back, new_token, release_mails
from helpdesk.store.known import look_up_many
from helpdesk.store.letter_files import IN_BLOBS
from helpdesk.store.logins import untold_guessing
from helpdesk.store.measurements import loads_of
from helpdesk.store.outbox import leave_fate, untold_fates
from helpdesk.store.platform import PlatformReply, refuse_reply, waiting_replies
from helpdesk.store.record import LostClaim, Outcome, record_all
from helpdesk.store.statistics import desk_facts
from helpdesk.store.ticket_words import crowd_of, mark, open_incidents, waits_for_a_look
from helpdesk.store.timers import due_timers, put_off
from helpdesk.threading.decisions.time.outbreak import looked_at
from helpdesk.threading.decisions.time.weekly import week_of, weeks_before
from helpdesk.threading.letters.order import LetterOrder
from helpdesk.threading.letters.tally import TEN_MINUTES
from helpdesk.threading.lifecycle.decision import Decision, Grounds
from helpdesk.threading.matching.gather import ids_of_thread
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.known import Known
from helpdesk.threading.matching.platform import incoming_reply, listed_attachment
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Disposition, RawMessage
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.origin import Origin
from helpdesk.threading.parsing.degraded import read_degraded, scanned_message_id
from helpdesk.threading.reading.parsed import ParsedMessage, Reading
from helpdesk.threading.reporting.report import Weeks, report_of

BATCH = 50
BATCH_BYTES = 64 * 1024 * 1024
LEASE = timedelta(minutes=5)
WORTH_A_BLOB = 4096  # octets of a file; a smaller one is written into its letters
TRIES = 3
DEATHS = 10  # attempts after which a mail that nobody complained of is suspected of killing the whole node
DIGEST_AGAIN = timedelta(minutes=10)
RETRY_AFTER = (timedelta(seconds=10), timedelta(minutes=1))
FAULT_OF_OURS = "a fault of the gateway, which its operator finds in the log; set error to null to offer the row again"
ROUNDS = 20  # how often in succession decisions are taken again because somebody else was faster

NAMES: dict[type[Cause], str] = {
    MailCause: "mail",
    PlatformCause: "reply",
    TimerCause: "timer",
    LetterCause: "letter",
    DigestCause: "digest",
    GatheredCause: "gathered",
    OutbreakCause: "outbreak",
    WeeklyCause: "weekly",
    GuessingCause: "guessing",
}

log = Log("helpdesk.worker")


class MailReader(Verifier, Protocol):
    """Reads a mail under limits, and verifies its signatures, from several threads at once. Raises when the mail killed whoever read it."""

    def read(self, content: bytes, keep_signature: bool = False) -> Reading: ...


class OriginChecker(Protocol):
    """Finds out where a mail comes from, in bounded time and from several threads at once; never raises."""

    def wants(self, raw: RawMessage) -> bool: ...

    def check(self, raw: RawMessage, message: ParsedMessage) -> Origin: ...


class Worker:
    """One at a time on each node; the readers work beside it."""

    def __init__(
        self,
        database: Database,
        blobs: BlobStore,
        desk: Desk,
        reader: MailReader,
        clock: Callable[[], datetime],
        reading_threads: int = 2,
        *,
        origins: OriginChecker | None = None,
        relay_stalled: Callable[[], bool] = lambda: False,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._desk = desk
        self._reader = reader
        self._clock = clock
        self._relay_stalled = relay_stalled
        self._reading = ThreadPoolExecutor(reading_threads, "reading")
        self._origins = origins
        # One for each mail of a batch, because they wait for DNS: where nobody answers, a whole batch takes no longer than one mail.
        self._checking = ThreadPoolExecutor(BATCH, "origin")
        self._one_at_a_time = Lock()
        self._draining = Event()
        self._gathered_wait = datetime.min.replace(tzinfo=UTC)  # after one that failed
        self._digests_wait = datetime.min.replace(tzinfo=UTC)  # after one that failed
        self._outbreaks_wait = datetime.min.replace(tzinfo=UTC)  # after one that failed
        self._guessing_waits = datetime.min.replace(tzinfo=UTC)  # after one that failed
        self._unsettled: int | None = None  # token of a claim that the database did not let us settle

    def work(self) -> int:
        """Everything that waits now, until nothing does; how many causes came to their end. Raises DatabaseAway."""
        with self._one_at_a_time:
            done = 0
            self._let_go()
            while not self._draining.is_set() and (count := self._wave()):
                done += count
            return done

    def _wave(self) -> int:
        return (
            self._mails()
            + self._replies()
            + self._timers()
            + self._fates()
            + self._digests()
            + self._gathered()
            + self._weeklies()
            + self._outbreaks()
            + self._guessing()
        )

    def work_off_mails(self) -> int:
        """Mails alone, until none waits: no platform reply is taken, no timer fires. Raises DatabaseAway."""
        with self._one_at_a_time:
            done = 0
            self._let_go()
            while not self._draining.is_set() and (count := self._mails()):
                done += count
            return done

    def drain(self) -> None:
        """Begin nothing more; a running `work` ends with the batch that it has."""
        self._draining.set()

    def close(self) -> None:
        self._reading.shutdown(wait=True, cancel_futures=True)
        self._checking.shutdown(wait=True, cancel_futures=True)

    def _mails(self) -> int:
        self._unsettled = token = new_token()
        claimed = claim_mail(
            self._database, self._blobs, self._clock(), limit=BATCH, lease=LEASE, max_bytes=BATCH_BYTES, token=token
        )
        try:
            self._take(claimed)
        except DatabaseAway:
            raise
        except Exception:
            self._unsettled = None  # a fault that is not the database's counts as an attempt, lest it be made for ever
            raise
        self._unsettled = None
        return len(claimed)

    def _take(self, claimed: Sequence[ClaimedMail]) -> None:
        readings = list(self._reading.map(self._read, claimed))
        read = [(mail, reading) for mail, reading in zip(claimed, readings, strict=True) if reading is not None]
        heard = [self._heard(mail, reading) for mail, reading in self._with_origins(read)]
        self._settle([one for one in heard if one is not None], {mail.id: mail for mail in claimed})

    def _let_go(self) -> None:
        """Mails of a round that ended with the database would wait for the end of their leases. The attempt was none of theirs.
        Neither the claim nor the records are certain: a commit may stand of which nobody learnt. What is settled is not pending."""
        if self._unsettled is not None:
            release_mails(self._database, self._unsettled, self._clock())
            self._unsettled = None

    def _with_origins(self, read: list[tuple[ClaimedMail, Reading]]) -> list[tuple[ClaimedMail, Reading]]:
        """The same mails; those that came from a host that nobody vouches for know where they come from."""
        origins = self._origins
        if origins is None:
            return read
        checks = {
            mail.id: self._checking.submit(origins.check, mail.raw, reading.message)
            for mail, reading in read
            if origins.wants(mail.raw)
        }
        return [(_from(mail, checks[mail.id].result()) if mail.id in checks else mail, reading) for mail, reading in read]

    def _read(self, mail: ClaimedMail) -> Reading | None:
        if mail.attempts > DEATHS:
            return self._read_degraded(mail)
        try:
            return self._reader.read(mail.raw.content)
        except Exception as fault:
            if mail.attempts >= TRIES:
                log.warning("mail.degraded", inbound=mail.id, reason=str(fault))
                return self._read_degraded(mail)
            self._put_back(mail, f"reading: {fault}")
            return None

    def _read_degraded(self, mail: ClaimedMail) -> Reading | None:
        try:
            return read_degraded(mail.raw.content)
        except Exception as fault:
            self._failed(mail, fault)
            return None

    def _heard(self, mail: ClaimedMail, reading: Reading) -> Heard | None:
        try:
            return heard_mail(mail.raw, reading, mail.id, mail.lease_token, self._desk, mail.release, mail.decided_before)
        except Exception as fault:
            self._failed(mail, fault)
            return None

    def _replies(self) -> int:
        waiting = waiting_replies(self._database, self._clock(), BATCH)
        for row in (one for one in waiting if one.defect):
            with self._database.writing() as connection:
                refuse_reply(connection, row.id, row.defect, self._clock())
            log.warning("reply.refused", row=row.id, reason=row.defect)
        heard = [self._heard_reply(row) for row in waiting if not row.defect]
        return self._settle([one for one in heard if one is not None], {})

    def _heard_reply(self, row: PlatformReply) -> Heard | None:
        """One row must not keep the others, and every timer, from being looked at."""
        try:
            return heard_reply(row.id, self._incoming(row))
        except Exception as fault:
            self._refuse_reply(row.id, f"{type(fault).__name__}: {fault}")
            return None

    def _incoming(self, row: PlatformReply) -> Incoming:
        return incoming_reply(
            account=row.account_id, contact_address=row.contact_address, thread_key=row.thread_key, text=row.body_text,
            attachments=tuple(listed_attachment(one) for one in row.attachments), at=row.created_at,
            support_address=self._desk.policy.addresses[0].address.lower(),
        )  # fmt: skip

    def _timers(self) -> int:
        with self._database.reading() as connection:
            due = due_timers(connection, self._clock(), BATCH)
        return self._settle([heard_timer(TimerCause(one.ticket_id, one.kind, one.occurrence)) for one in due], {})

    def _fates(self) -> int:
        """Letters that were given up or have waited for long. While the relay is away nobody is told of a wait: the letter that
        says so would have to wait too."""
        created_before = None if self._relay_stalled() else self._clock() - self._desk.policy.retry.delay_notice_after
        with self._database.reading() as connection:
            causes = untold_fates(connection, created_before, BATCH)
        return self._settle([heard_fate(one) for one in causes], {})

    def _digests(self) -> int:
        """The mornings of staff. A node that was away in the morning makes up for it on the same day."""
        policy = self._desk.policy
        after = time_of_day(policy.answering.digest_at)
        day = working_day(self._clock(), after, policy.calendar) if after is not None else None
        if day is None or self._clock() < self._digests_wait:
            return 0
        with self._database.reading() as connection:
            causes = without_digest(connection, day, BATCH)
        return self._settle([heard_digest(one) for one in causes], {})

    def _gathered(self) -> int:
        """Letters about a flood that staff have had in one: the first of them has waited as long as the flood is looked at."""
        now = self._clock()
        if now < self._gathered_wait:
            return 0
        with self._database.reading() as connection:
            causes = gathered_letters(connection, now - TEN_MINUTES, BATCH)
        return self._settle([heard_gathered(one) for one in causes], {})

    def _weeklies(self) -> int:
        """The reports of the week before. A node that was away on the first working day makes up for it in the same week."""
        policy = self._desk.policy
        after = time_of_day(policy.answering.weekly_at)
        day = working_day(self._clock(), after, policy.calendar) if after is not None else None
        if day is None or self._clock() < self._digests_wait:
            return 0
        with self._database.reading() as connection:
            managers = without_report(connection, week_of(day), BATCH)
            if not managers:
                return 0
            spans = weeks_before(day, policy.calendar.zone)
            weeks = Weeks(*(report_of(desk_facts(connection, one.since, one.until), policy, one) for one in spans))
        causes = [WeeklyCause(address, week_of(day), weeks) for address in managers]
        return self._settle([heard_weekly(one) for one in causes], {})

    def _outbreaks(self) -> int:
        """New requests, once they are recorded, are compared with those of the last hours: whoever commits last sees all of them.

        What is proposed waits for that, and is compared again if somebody else has proposed a part of it.
        """
        incidents, now = self._desk.policy.incidents, self._clock()
        if not incidents.propose_from or now < self._outbreaks_wait:
            return 0
        with self._database.reading() as connection:
            if not waits_for_a_look(connection, now - incidents.within):
                return 0
            crowd = crowd_of(connection, now - incidents.within)
        looked = looked_at(crowd, incidents.propose_from, incidents.within)
        with self._database.writing() as connection:
            marked = mark(connection, looked, now)
        causes = [OutbreakCause(one.ticket_ids, one.words) for one in looked.outbreaks]
        return marked + self._settle([heard_outbreak(one) for one in causes], {})

    def _guessing(self) -> int:
        """Alarms about guessed passwords, which a door has raised."""
        if self._clock() < self._guessing_waits:
            return 0
        with self._database.reading() as connection:
            cause = untold_guessing(connection, BATCH)
        return self._settle([heard_guessing(cause)], {}) if cause else 0

    def _settle(self, waiting: Sequence[Heard], mails: dict[int, ClaimedMail]) -> int:
        """Decide and record, and again for whatever somebody else changed meanwhile; how many were recorded."""
        recorded, fruitless = 0, 0
        while waiting and fruitless < ROUNDS:
            waiting, count = self._round(waiting, mails)
            recorded += count
            fruitless = 0 if count else fruitless + 1
        for heard in waiting:
            self._give_up(heard, mails, StaleTicket("its ticket changed too often"))
        return recorded

    def _round(self, waiting: Sequence[Heard], mails: dict[int, ClaimedMail]) -> tuple[list[Heard], int]:
        """One transaction for all that concern different tickets; what remains is to be looked at again, and how many do not."""
        batch: dict[str, tuple[Heard, Outcome]] = {}
        later: list[Heard] = []
        taken = _Taken()
        for heard, answer in self._looked_up(waiting, mails):
            try:
                outcome = self._outcome(heard, answer, taken)
            except Exception as fault:
                self._give_up(heard, mails, fault)
                continue
            if outcome is None:
                later.append(heard)
            else:
                batch[str(heard.cause)] = (heard, outcome)
        again, recorded = self._record(batch, mails)
        return [*again, *later], recorded

    def _looked_up(self, waiting: Sequence[Heard], mails: dict[int, ClaimedMail]) -> list[tuple[Heard, Known]]:
        """What the store knows about each. A question that it cannot answer is asked apart, and must not keep the others."""
        try:
            return list(zip(waiting, self._look_up(waiting), strict=True))
        except DatabaseAway:
            raise
        except Exception as fault:
            if len(waiting) == 1:
                self._give_up(waiting[0], mails, fault)
                return []
        return [answered for one in waiting for answered in self._looked_up([one], mails)]

    def _look_up(self, waiting: Sequence[Heard]) -> list[Known]:
        policy = self._desk.policy
        with self._database.reading() as connection:
            questions = [one.question for one in waiting]
            known = look_up_many(connection, questions, policy.default_plan, self._clock())
            if not any(may_open(one) for one in waiting):
                return known
            loads = loads_of(connection, policy.queues, policy.busy, self._clock())
            incidents = open_incidents(connection, self._clock(), policy.incidents.within)
            return [replace(one, queues=loads, incidents=incidents) for one in known]

    def _outcome(self, heard: Heard, known: Known, taken: "_Taken") -> Outcome | None:
        """None where an earlier decision of the same transaction is in the way; then nothing is composed yet."""
        now = self._clock()
        decision = decided(heard, taken.counted_in(known), self._desk, now)
        return outcome_of(heard, decision, self._desk, now) if taken.allows(heard, decision) else None

    def _record(self, batch: dict[str, tuple[Heard, Outcome]], mails: dict[int, ClaimedMail]) -> tuple[list[Heard], int]:
        again, recorded = [], 0
        outcomes = [self._with_files_kept(one) for _, one in batch.values()]
        unrecorded = {str(one.outcome.cause): one.fault for one in record_all(self._database, outcomes)}
        for cause, (heard, outcome) in batch.items():
            fault = unrecorded.get(cause)
            if fault is None:
                recorded += 1
                _tell(heard, outcome)
            elif isinstance(fault, StaleTicket):
                again.append(heard)
            elif isinstance(fault, Unstorable):
                self._give_up(heard, mails, fault)
            elif isinstance(fault, LostClaim):
                log.info("claim.lost", cause=cause)
        return again, recorded

    def _with_files_kept(self, outcome: Outcome) -> Outcome:
        """Files that the mail has nowhere in one piece are on the disk before the letters that refer to them. Where the disk does not take
        one, it goes into each letter."""
        files = {one.sha256: one.content for letter in outcome.letters for one in letter.files}
        apart = [digest for digest in files if digest not in outcome.places and len(files[digest]) >= WORTH_A_BLOB]
        if not apart:
            return outcome
        try:
            for digest in apart:
                self._blobs.put(files[digest])
        except OSError as fault:
            log.warning("file.not_kept", cause=str(outcome.cause), reason=str(fault))
            return outcome
        return replace(outcome, places={**outcome.places, **dict.fromkeys(apart, IN_BLOBS)})

    def _give_up(self, heard: Heard, mails: dict[int, ClaimedMail], fault: Exception) -> None:
        """A reply is refused in its row, where clearing the error offers it again; a timer stays due, and waits for its next attempt."""
        if isinstance(heard.cause, MailCause):
            self._failed(mails[heard.cause.inbound_id], fault)
            return
        reason = f"{type(fault).__name__}: {fault}"
        if isinstance(heard.cause, PlatformCause):
            self._refuse_reply(heard.cause.reply_id, reason)
            return
        log.warning("cause.failed", cause=str(heard.cause), reason=reason)
        if isinstance(heard.cause, TimerCause):
            attempts = put_off(self._database, heard.cause, self._clock())
            if attempts >= TRIES:
                log.warning("timer.stuck", alarm=True, cause=str(heard.cause), attempts=attempts, reason=reason)
        elif isinstance(heard.cause, LetterCause):
            leave_fate(self._database, heard.cause, self._clock())
        elif isinstance(heard.cause, DigestCause | WeeklyCause):
            self._digests_wait = self._clock() + DIGEST_AGAIN
        elif isinstance(heard.cause, GatheredCause):
            self._gathered_wait = self._clock() + DIGEST_AGAIN
        elif isinstance(heard.cause, OutbreakCause):
            self._outbreaks_wait = self._clock() + DIGEST_AGAIN
        elif isinstance(heard.cause, GuessingCause):
            self._guessing_waits = self._clock() + DIGEST_AGAIN

    def _refuse_reply(self, reply_id: int, reason: str) -> None:
        log.warning("reply.failed", row=reply_id, reason=reason)
        with self._database.writing() as connection:
            refuse_reply(connection, reply_id, FAULT_OF_OURS, self._clock())

    def _failed(self, mail: ClaimedMail, fault: Exception) -> None:
        """A fault of ours, not of the mail's author: tried again, then set aside where the operator finds it."""
        reason = f"{type(fault).__name__}: {fault}"
        if mail.attempts < TRIES:
            self._put_back(mail, reason)
            return
        now = self._clock()
        decision = Decision(Disposition.QUARANTINED, reason, Grounds(Assurance.UNVERIFIED))
        cause = MailCause(mail.id, mail.lease_token, None, scanned_message_id(mail.raw.content))
        unrecorded = record_all(self._database, [Outcome(cause, decision, (), now, self._desk.node)])
        if any(isinstance(one.fault, LostClaim) for one in unrecorded):
            log.info("claim.lost", cause=str(cause))
            return
        if unrecorded:  # even the little that is said about it cannot be stored
            cause, decision = replace(cause, message_id=None), replace(decision, reason=type(fault).__name__)
            record_all(self._database, [Outcome(cause, decision, (), now, self._desk.node)])
        log.warning("mail.quarantined", inbound=mail.id, reason=reason)

    def _put_back(self, mail: ClaimedMail, reason: str) -> None:
        wait = RETRY_AFTER[min(mail.attempts, len(RETRY_AFTER)) - 1]
        give_back(self._database, mail, reason, self._clock() + wait)
        log.warning("mail.put_back", inbound=mail.id, attempts=mail.attempts, reason=reason)


def _from(mail: ClaimedMail, origin: Origin) -> ClaimedMail:
    return replace(mail, raw=replace(mail.raw, origin=origin))


class _Taken:
    """What earlier decisions of the same transaction have used up: tickets, mails that are the same or answer each other,
    people's time, and the automatic letters that may still go out."""

    def __init__(self) -> None:
        self._tickets: set[int] = set()
        self._fingerprints: set[str] = set()
        self._message_ids: set[str] = set()
        self._loads: Counter[str] = Counter()
        self._letters: list[LetterOrder] = []
        self._opened: Counter[str] = Counter()

    def allows(self, heard: Heard, decision: Decision) -> bool:
        """Whether it may join the transaction; then it counts."""
        same = (
            {one for one in (heard.incoming.fingerprint, heard.incoming.identity.signed_content) if one}
            if heard.incoming
            else set()
        )
        thread = ids_of_thread(heard.incoming) if heard.incoming else ()
        ticket = decision.ticket
        answers = not self._message_ids.isdisjoint(thread)
        # Those of a mail that has to wait count too: an answer to it must not overtake it.
        self._message_ids.update(thread)
        if answers or (ticket and ticket.id in self._tickets) or not self._fingerprints.isdisjoint(same):
            return False
        self._fingerprints |= same
        self._letters += [one for one in decision.letters if one.counted_as and not one.suppressed]
        if ticket:
            self._tickets.add(ticket.id)
            self._opened[ticket.queue] += decision.measured is not None
            if decision.expected_version is None and ticket.assignee:
                self._loads[ticket.assignee] += 1
        return True

    def counted_in(self, known: Known) -> Known:
        """What the store knew, and these on top of it."""
        if self._opened and known.queues:
            queues = {name: replace(one, waiting=one.waiting + self._opened[name]) for name, one in known.queues.items()}
            known = replace(known, queues=queues)
        known = replace(known, tally=known.tally.plus(self._letters)) if self._letters else known
        if not self._loads:
            return known
        staff = tuple(replace(one, open_tickets=one.open_tickets + self._loads[one.address]) for one in known.staff)
        return replace(known, staff=staff)


def _tell(heard: Heard, outcome: Outcome) -> None:
    """One line for each decision."""
    decision = outcome.decision
    what = NAMES[type(heard.cause)]
    for alarm in (one for one in decision.letters if one.notice is Notice.ALARM):
        log.warning("desk.alarm", alarm=True, about=alarm.counted_as, told=alarm.to.address, cause=str(heard.cause))
    log.info(
        f"{what}.{decision.disposition}",
        ticket=decision.ticket.reference if decision.ticket else None,
        status=decision.ticket.status if decision.ticket else None,
        author=heard.incoming.author if heard.incoming else None,
        reason=decision.reason,
        letters=_letters(outcome),
        cause=str(heard.cause),
    )


def _letters(outcome: Outcome) -> str:
    parts: Iterable[str] = (f"{one.notice} to {one.to or 'inbox'}" for one in outcome.letters)
    return ", ".join(parts)
