"""Earlier requests in words: how each stands or ended, and which of them a letter to staff names."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.permission import may
from helpdesk.threading.matching.known import PastRequest
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.status import Status, Trigger

OVER = frozenset({Status.RESOLVED, Status.CLOSED})
MOST_OPEN = 5  # open requests that a letter names, the newest
MOST_OVER = 5  # others that it names
LONGEST_SUBJECT = 80
REASONS = {  # by the kind of the event that closed a request
    Trigger.CUSTOMER_CONFIRMED: ", the customer confirmed it",
    Trigger.SILENCE_ELAPSED: " after silence",
    Trigger.CLOSED: " by staff",
    Trigger.SPAM: " as spam",
}


def state_of(request: PastRequest) -> str:
    """How a request stands; or on which day it ended and how, with the customer's rating."""
    state = request.status.value.replace("_", " ")
    if request.status not in OVER:
        return state
    reason = REASONS.get(Trigger(request.ended), "") if request.ended in set(Trigger) else ""
    rated = f", rated {request.rating}" if request.rating else ""
    return f"{state} {request.changed_at:%Y-%m-%d}{reason}{rated}"


def named_requests(past: Iterable[PastRequest], without: Collection[int]) -> tuple[PastRequest, ...]:
    """The newest open requests, then the newest others, without those of these ids."""
    others = [request for request in past if request.id not in without]
    open_ones = [request for request in others if request.status not in OVER][:MOST_OPEN]
    return (*open_ones, *[request for request in others if request.status in OVER][:MOST_OVER])


def lines_about_past(
    requests: Sequence[PastRequest], like: Collection[int], address: str, reader: StaffMember, context: Context
) -> tuple[str, ...]:
    """One line for each request that the reader may read: reference, state, day, subject. `like` are the ids of those with much the
    same words as the new one. A request of a colleague of the person at `address` names its customer.
    """
    return tuple(_line(request, request.id in like, address) for request in requests if may(reader, request, context))


def _line(request: PastRequest, alike: bool, address: str) -> str:
    return ", ".join(_parts(request, alike, address)) + f": {request.subject[:LONGEST_SUBJECT] or 'no subject'}"


def _parts(request: PastRequest, alike: bool, address: str) -> Iterator[str]:
    yield request.reference
    yield state_of(request)
    if request.customer != address:
        yield f"of {request.name or request.customer}"
    if alike:
        yield "like this one"
