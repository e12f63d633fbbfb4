"""Tracks what the earlier decisions of a transaction have used."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from helpdesk.gateway.work.item import WorkItem
from helpdesk.threading.letters.order import LetterOrder
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.matching.gather import ids_of_thread
from helpdesk.threading.matching.known import Known
from helpdesk.threading.model.people import StaffList


class Taken:
    """What the decisions of a transaction have used: tickets, mails, the load of staff, and limits of automatic letters.

    The store does not show these before the transaction is committed.
    """

    def __init__(self, left: Iterable[WorkItem] = ()) -> None:
        self._tickets: set[int] = set()
        self._fingerprints: set[str] = set()
        self._message_ids: set[str] = set()
        self._held_up: set[tuple[str, object]] = set()  # keys of the items that must wait
        self._loads: Counter[str] = Counter()
        self._letters: list[LetterOrder] = []
        self._opened: Counter[str] = Counter()
        for item in left:
            self.leave(item)

    def leave(self, item: WorkItem) -> None:
        """Let what is tied to an item wait, because the item is not decided in this transaction."""
        self._held_up.update(item.keys)

    def holds_up(self, item: WorkItem) -> bool:
        """Return whether an item must wait for an earlier decision, as far as that can be told before it is decided.

        It must if its token names a ticket of an earlier decision, if it is a copy of the same mail or answers it, or if it is tied to an item
        that must wait.
        """
        mail = item.incoming
        thread = ids_of_thread(mail) if mail else ()
        waits = (
            not self._message_ids.isdisjoint(thread)
            or not self._fingerprints.isdisjoint(_prints(item))
            or not self._tickets.isdisjoint(item.question().ticket_ids)
            or not self._held_up.isdisjoint(item.keys)
        )
        # The ids of a mail that must wait are recorded too, so that an answer to that mail does not overtake it.
        self._message_ids.update(thread)
        if waits:
            self.leave(item)
        return waits

    def allows(self, item: WorkItem, decision: Decision) -> bool:
        """Return whether a decision may join the transaction, and if so record what it uses. It may not if an earlier one concerns the same ticket."""
        if decision.ticket and decision.ticket.id in self._tickets:
            self.leave(item)
            return False
        self._fingerprints |= _prints(item)
        for part in decision.parts:
            self._count(part)
        return True

    def _count(self, part: Decision) -> None:
        ticket = part.ticket
        self._letters += [order for order in part.letters if order.limits.counted_as and not order.limits.suppressed]
        if ticket:
            self._tickets.add(ticket.id)
            self._opened[ticket.queue] += part.opening.measured is not None
            if part.expected_version is None and ticket.assignee:
                self._loads[ticket.assignee] += 1

    def counted_in(self, known: Known) -> Known:
        """Return what the store knows with the effects of the earlier decisions added."""
        if self._opened and known.queues:
            queues = {name: replace(load, waiting=load.waiting + self._opened[name]) for name, load in known.queues.items()}
            known = replace(known, queues=queues)
        known = replace(known, tally=known.tally.plus(self._letters)) if self._letters else known
        if not self._loads:
            return known
        team = known.staff if isinstance(known.staff, StaffList) else StaffList(known.staff)
        busier = {
            address: replace(member, open_tickets=member.open_tickets + count)
            for address, count in self._loads.items()
            if (member := team.by_address.get(address)) is not None
        }
        return replace(known, staff=team.with_members(busier))


def _prints(item: WorkItem) -> set[str]:
    """What all copies of the mail of an item have in common; empty if it has no mail."""
    mail = item.incoming
    return {print_ for print_ in (mail.fingerprint, mail.identity.signed_content) if print_} if mail else set()
