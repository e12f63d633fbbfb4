"""Which promises a decision has ended, and whether they were kept. A figure for the operator; nothing is decided by it."""

from collections.abc import Iterator

from helpdesk.config.policy import Policy
from helpdesk.threading.model.promise import Clock, TargetKind
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.promises.targets import DONE, promised_time


def ended_promises(before: Ticket | None, after: Ticket, policy: Policy) -> Iterator[tuple[TargetKind, bool]]:
    """Each promised time of a ticket that was kept or missed by the step from `before` to `after`, and whether it was kept.

    A time that was missed is counted once, when it is missed: what is answered late is not counted again. `before` is None for a new ticket.
    """
    known = {clock.kind: clock for clock in before.clocks} if before is not None else {}
    for clock in after.clocks:
        if clock.due_at is None and promised_time(clock.kind, after, policy) is None:
            continue
        earlier = known.get(clock.kind)
        if clock.missed:
            if earlier is None or not earlier.missed:
                yield clock.kind, False
        elif _is_kept(clock, after) and not (before is not None and earlier is not None and _is_kept(earlier, before)):
            yield clock.kind, True


def _is_kept(clock: Clock, ticket: Ticket) -> bool:
    return clock.ended_at is not None or (clock.kind is TargetKind.RESOLUTION and ticket.status in DONE)
