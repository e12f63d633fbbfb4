"""Decides and records work items, many in one transaction. Items whose ticket changed meanwhile are decided again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol, TypeVar

from helpdesk.gateway.counts import counts
from helpdesk.gateway.observe import Log
from helpdesk.gateway.work.desk import Desk
from helpdesk.gateway.work.item import WorkItem
from helpdesk.gateway.work.kept_files import with_kept_files
from helpdesk.gateway.work.kind import CauseKind, Tools
from helpdesk.gateway.work.present_desk import PresentDesk
from helpdesk.gateway.work.spine import decide, lies_there, outcome_of
from helpdesk.gateway.work.taken import Taken
from helpdesk.store.cause import LostClaim, Outcome
from helpdesk.store.database import DatabaseAway, StaleTicket, Unstorable
from helpdesk.store.directory.listing import Transaction
from helpdesk.store.effects.inbox import files_to_show
from helpdesk.store.known import look_up_many
from helpdesk.store.letter_files import IN_BLOBS
from helpdesk.store.record import record_all
from helpdesk.threading.matching.known import Known
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.promise import TargetKind
from helpdesk.threading.promises.kept import ended_promises
from helpdesk.threading.reading.places import OpenedMail, Place

IN_TABLE = 256 * 1024  # octets of a file that goes into the platform's table
WORTH_A_BLOB = 4096  # octets of a file; a smaller one is written into its letters
ROUNDS = 20  # rounds in succession in which nothing could be recorded because other nodes were faster

log = Log("helpdesk.worker")


class Settlement:
    """Decides and records the items of one kind of cause."""

    def __init__(self, tools: Tools, kind: CauseKind, present: PresentDesk) -> None:
        self.tools = tools
        self.present = present
        self._kind = kind

    def settle(self, waiting: Sequence[WorkItem]) -> int:
        """Decide and record items, and repeat it for those whose ticket changed. Return how many were recorded. Raises DatabaseAway."""
        recorded, fruitless = 0, 0
        while waiting and fruitless < ROUNDS:
            waiting, count = self._round(waiting)
            recorded += count
            fruitless = 0 if count else fruitless + 1
        for item in waiting:
            self._kind.give_up(item, StaleTicket("its ticket changed too often"))
        return recorded

    def _round(self, waiting: Sequence[WorkItem]) -> tuple[list[WorkItem], int]:
        """Record items that concern different tickets in one transaction. Return the items to repeat, and how many were recorded."""
        batch: dict[str, tuple[WorkItem, Outcome]] = {}
        ended: dict[str, list[tuple[TargetKind, bool]]] = {}
        later: list[WorkItem] = []
        left: list[WorkItem] = []  # given up, or taken over by another worker: what is tied to them waits for another claim
        answered = self._with_known(waiting, left)
        taken = Taken(left)
        for item, known, desk in answered:
            try:
                prepared = self._outcome(item, known, desk, taken)
            except DatabaseAway:
                raise
            except Exception as fault:
                self._give_up(item, fault, left)
                taken.leave(item)
                continue
            if prepared is None:
                later.append(item)
            else:
                batch[str(item.cause)] = prepared
                ended[str(item.cause)] = _ended_promises(prepared[1], known, desk)
        again, recorded = self._record(batch, ended, left)
        going, behind = part_behind([*again, *later], left)
        if left:
            self._kind.leave(behind, {key for item in (*left, *behind) for key in item.keys})
        return going, recorded

    def _give_up(self, item: WorkItem, fault: Exception, left: list[WorkItem]) -> None:
        self._kind.give_up(item, fault)
        left.append(item)

    def _with_known(self, waiting: Sequence[WorkItem], left: list[WorkItem]) -> list[tuple[WorkItem, Known, Desk]]:
        """Look up what the store knows about each item, and the desk with the people whom it concerns.

        If that fails, each item is looked up alone, and the failing ones are given up: they are added to `left`.
        """
        try:
            items, known, desk = self._look_up(waiting)
            return [(item, answer, desk) for item, answer in zip(items, known, strict=True)]
        except DatabaseAway:
            raise
        except Exception as fault:
            if len(waiting) == 1:
                self._give_up(waiting[0], fault, left)
                return []
        return [answered for item in waiting for answered in self._with_known([item], left)]

    def _look_up(self, waiting: Sequence[WorkItem]) -> tuple[list[WorkItem], list[Known], Desk]:
        now, present = self.tools.clock(), self.present
        with self.tools.database.reading() as connection:
            items, known = _ask(connection, waiting, present, now)
            if present.is_behind(connection, known):
                present.read(connection)
                items, known = _ask(connection, waiting, present, now)
            return items, known, present.with_accounts(connection, known)

    def _outcome(self, item: WorkItem, known: Known, desk: Desk, taken: Taken) -> tuple[WorkItem, Outcome] | None:
        """Decide an item and compose its letters. Return it with the octets of all files that the decision passes on.

        Return None if it must wait for an earlier decision in the same transaction.
        """
        if taken.holds_up(item):
            return None
        now = self.tools.clock()
        decision = decide(item, taken.counted_in(known), desk, now)
        if not taken.allows(item, decision):
            return None
        item = with_kept_files(item, decision, self.tools)
        return item, outcome_of(item, decision, desk, now)

    def _record(
        self,
        batch: Mapping[str, tuple[WorkItem, Outcome]],
        ended: Mapping[str, Sequence[tuple[TargetKind, bool]]],
        left: list[WorkItem],
    ) -> tuple[list[WorkItem], int]:
        """Record outcomes. Return the items to repeat, and how many were recorded. Others that were not recorded are added to `left`."""
        again, recorded = [], 0
        outcomes = [self._with_files_shown(item, self._with_files_kept(outcome)) for item, outcome in batch.values()]
        ties = [item.keys for item, _ in batch.values()]
        unrecorded = {str(entry.outcome.cause): entry.fault for entry in record_all(self.tools.database, outcomes, ties)}
        for cause, (item, outcome) in batch.items():
            fault = unrecorded.get(cause)
            if fault is None:
                recorded += 1
                self._log_outcome(item, outcome)
                for kind, was_kept in ended[cause]:
                    counts.add("promises_total", kind, "yes" if was_kept else "no")
            elif isinstance(fault, StaleTicket):
                again.append(item)
            elif isinstance(fault, Unstorable):
                self._give_up(item, fault, left)
            elif isinstance(fault, LostClaim):
                log.info("claim.lost", cause=cause)
                left.append(item)
        return again, recorded

    def _with_files_kept(self, outcome: Outcome) -> Outcome:
        """Store files that are nowhere in one piece in the mail in the blob store, before the letters that refer to them are recorded.

        If the blob store cannot be written, the files stay in each letter.
        """
        files = {file.sha256: file.content for letter in outcome.letters for file in letter.files}
        apart = [digest for digest in files if digest not in outcome.places and len(files[digest]) >= WORTH_A_BLOB]
        if not apart:
            return outcome
        try:
            for digest in apart:
                self.tools.blobs.put(files[digest])
        except OSError as fault:
            log.warning("file.not_kept", cause=str(outcome.cause), reason=str(fault))
            return outcome
        return replace(outcome, places={**outcome.places, **dict.fromkeys(apart, IN_BLOBS)})

    def _with_files_shown(self, item: WorkItem, outcome: Outcome) -> Outcome:
        """Offer files to the platform: small ones stand in its table; large ones in the blob store, if nobody has them by mail.

        For all others its table refers to the stored mail that has them, so that there is no second copy.
        """
        contents, mail = item.files.contents, OpenedMail(item.files.raw)
        shown: dict[str, bytes | None] = {}
        places: dict[str, Place] = {}
        limit = self.tools.desk.policy.letters.attachments
        has_links = self.tools.desk.letterhead.links is not None
        for digest, alone in files_to_show(outcome.decision, limit, has_links=has_links).items() if contents else ():
            content = contents.get(digest)
            if content is not None and len(content) <= IN_TABLE:
                shown[digest] = content
            elif content is not None and alone and self._is_kept(content, outcome):
                shown[digest] = None
            elif content is not None and (place := self._place_of(digest, content, item, outcome, mail)) is not None:
                shown[digest] = None
                places[digest] = place
        return replace(outcome, shown_files=shown, shown_places=places) if shown else outcome

    def _place_of(self, digest: str, content: bytes, item: WorkItem, outcome: Outcome, mail: OpenedMail) -> Place | None:
        """Return where a file is stored already: its place in the mail, or IN_BLOBS; None if it is nowhere in one piece."""
        if digest in outcome.places:
            return outcome.places[digest]
        place = item.files.places.get(digest)
        return place if place and lies_there(mail, place, content) else None

    def _is_kept(self, content: bytes, outcome: Outcome) -> bool:
        try:
            self.tools.blobs.put(content)
        except OSError as fault:
            log.warning("file.not_shown", cause=str(outcome.cause), reason=str(fault))
            return False
        return True

    def _log_outcome(self, item: WorkItem, outcome: Outcome) -> None:
        """Log one event for the decision and one for each alarm that it raises."""
        decision, ticket = outcome.decision, outcome.decision.ticket
        self._kind.count(item, decision.disposition)
        for letter in decision.letters:
            if letter.notice is Notice.ALARM:
                log.warning(
                    "desk.alarm", alarm=True, about=letter.limits.counted_as, told=letter.to.address, cause=str(item.cause)
                )
        log.info(
            f"{self._kind.name}.{decision.disposition}",
            ticket=ticket.reference if ticket else None,
            status=ticket.status if ticket else None,
            author=item.incoming.author if item.incoming else None,
            reason=decision.reason,
            letters=", ".join(f"{letter.notice} to {letter.to or 'inbox'}" for letter in outcome.letters),
            cause=str(item.cause),
        )


class HasKeys(Protocol):
    """Something that keys tie to others (`WorkItem.keys`)."""

    @property
    def keys(self) -> Collection[tuple[str, object]]: ...


T = TypeVar("T", bound=HasKeys)


def part_behind(waiting: Sequence[T], left: Sequence[T]) -> tuple[list[T], list[T]]:
    """Part what may go on from what must wait for an earlier item that was given up or that another worker has taken over."""
    keys = {key for item in left for key in item.keys}
    going, behind = [], []
    for item in waiting:
        if keys.isdisjoint(item.keys):
            going.append(item)
        else:
            behind.append(item)
            keys.update(item.keys)
    return going, behind


def _ended_promises(outcome: Outcome, known: Known, desk: Desk) -> list[tuple[TargetKind, bool]]:
    tickets = (part.ticket for part in outcome.decision.parts if part.ticket is not None)
    return [found for ticket in tickets for found in ended_promises(known.tickets.get(ticket.id), ticket, desk.policy)]


def _ask(
    connection: Transaction, waiting: Sequence[WorkItem], present: PresentDesk, now: datetime
) -> tuple[list[WorkItem], list[Known]]:
    """The items with their authors as the desk knows them, and what the store knows about each."""
    policy = present.desk.policy
    items = [item.under_first_address(policy.first_addresses) for item in waiting]
    return items, look_up_many(connection, [item.question() for item in items], policy, now, present.team)
