"""Earlier requests in words: how each stands or ended, and which of them a letter to staff names."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from helpdesk.threading.letters.names import RATING_NAMES, status_name
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.permission import may
from helpdesk.threading.matching.known import PastRequest
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.sentence import Day, Sentence, plain, sentence
from helpdesk.threading.model.status import Status, Trigger

OVER = frozenset({Status.RESOLVED, Status.CLOSED})
MOST_OPEN = 5  # open requests that a letter names, the newest
MOST_OVER = 5  # others that it names
LONGEST_SUBJECT = 80
REASONS = {  # by the kind of the event that closed a request
    Trigger.CUSTOMER_CONFIRMED: "{state} {day}, the customer confirmed it",
    Trigger.SILENCE_ELAPSED: "{state} {day} after silence",
    Trigger.CLOSED: "{state} {day} by staff",
    Trigger.SPAM: "{state} {day} as spam",
}
ENDED = "{state} {day}"


def state_of(request: PastRequest) -> Sentence:
    """How a request stands; or on which day it ended and how, with the customer's rating."""
    state = status_name(request.status)
    if request.status not in OVER:
        return state
    ended = Trigger(request.ended) if request.ended in set(Trigger) else None
    over = sentence(REASONS.get(ended, ENDED) if ended else ENDED, state=state, day=Day(request.changed_at))
    return (
        sentence("{state}, rated {rating}", state=over, rating=RATING_NAMES.get(request.rating, request.rating))
        if request.rating
        else over
    )


def named_requests(past: Iterable[PastRequest], without: Collection[int]) -> tuple[PastRequest, ...]:
    """The newest open requests, then the newest others, without those of these ids."""
    others = [request for request in past if request.id not in without]
    open_ones = [request for request in others if request.status not in OVER][:MOST_OPEN]
    return (*open_ones, *[request for request in others if request.status in OVER][:MOST_OVER])


def lines_about_past(
    requests: Sequence[PastRequest], like: Collection[int], address: str, reader: StaffMember, context: Context
) -> tuple[Sentence, ...]:
    """One line for each request that the reader may read: reference, state, day, subject. `like` are the ids of those with much the
    same words as the new one. A request of a colleague of the person at `address` names its customer.
    """
    return tuple(_line(request, request.id in like, address) for request in requests if may(reader, request, context))


def _line(request: PastRequest, alike: bool, address: str) -> Sentence:
    subject = request.subject[:LONGEST_SUBJECT] or sentence("no subject")
    return sentence("{parts}: {subject}", parts=tuple(_parts(request, alike, address)), subject=subject)


def _parts(request: PastRequest, alike: bool, address: str) -> Iterator[Sentence]:
    yield plain(request.reference)
    yield state_of(request)
    if request.customer != address:
        yield sentence("of {name}", name=request.name or request.customer)
    if alike:
        yield sentence("like this one")
