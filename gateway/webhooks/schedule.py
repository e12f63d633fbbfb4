"""What follows from one attempt to post an event. No I/O, no clock: the answer, the attempts before, and chance are arguments."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from helpdesk.store.webhooks import EventEnd, WebhookState

# Of Standard Webhooks 1.0.0, after the first attempt, which is at once.
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER = 0.2  # of each wait, up or down, so that receivers that were away are not met by all at once
LONGEST_REST = timedelta(hours=24)  # that a receiver may ask for
REST_OF_SILENT = timedelta(minutes=1)  # of a webhook that did not answer at all, before another event is tried
GONE = 410


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """What a receiver said. `status` is None where it did not answer, and `reason` says why in one line."""

    status: int | None
    retry_after: str = ""
    reason: str = ""

    def __str__(self) -> str:
        return f"answered {self.status}" if self.status is not None else self.reason

    @property
    def is_taken(self) -> bool:
        """Success is 2xx alone. A redirect is none: it may lead anywhere, and the octets would go along."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an event and of its webhook. `wait` is until the next attempt, `rest` until anything is posted there again."""

    end: EventEnd
    wait: timedelta = timedelta()
    rest: timedelta | None = None
    state: WebhookState = WebhookState.ON


def judge(answer: WebhookAnswer, attempts: int, took_meanwhile: bool, now: datetime, chance: Callable[[], float]) -> Verdict:
    """The verdict after an attempt; `attempts` counts it too. `chance` gives a number from 0 to 1.

    After the last attempt the event is given up. Where the webhook has taken nothing since its first attempt, it is the webhook that is ill, and
    it is paused; else it is the event.
    """
    if answer.is_taken:
        return Verdict(EventEnd.TAKEN)
    if answer.status == GONE:
        return Verdict(EventEnd.LATER, state=WebhookState.OFF)
    asked = rest_of(answer.retry_after, now)
    if attempts > len(WAITS):
        return Verdict(EventEnd.GIVEN_UP, rest=asked, state=WebhookState.ON if took_meanwhile else WebhookState.PAUSED)
    wait = WAITS[attempts - 1] * (1 - JITTER + 2 * JITTER * chance())
    rest = min(wait, REST_OF_SILENT) if answer.status is None else asked
    return Verdict(EventEnd.LATER, max(wait, asked or timedelta()), rest)


def rest_of(retry_after: str, now: datetime) -> timedelta | None:
    """How long a receiver wants to be left alone (RFC 9110 §10.2.3), at most `LONGEST_REST`; None where it does not say."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), int(LONGEST_REST.total_seconds())))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    until = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(until - now, timedelta()), LONGEST_REST)
