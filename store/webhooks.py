"""The bell of the feed: how far each webhook has been told of new rows of the platform inbox, and what waits for another attempt.

A webhook has a cursor, a position of the feed. An event is never copied: what is posted is made of the row of the inbox at that moment, so an
erasure or a withdrawal reaches what has not left. Only an event that was not taken has a row of its own. One process at a time posts to a
webhook, under a lease; an event whose sender died between the post and its record is posted again, under the same id.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from helpdesk.store.database import AnyRow, Database, repeats_lost_races
from helpdesk.store.hold import current_hold
from helpdesk.store.schema import inbox_numbering, platform_inbox, storable, webhook_retry, webhook_target

MOST_TRIED = 100  # events of a webhook that wait for another attempt; beyond, nothing new is begun
LONGEST_STEP = 1000  # positions of others' events that a cursor may be behind
LONGEST_ANSWER = 200  # characters

INBOX, TARGET, RETRY = platform_inbox.c, webhook_target.c, webhook_retry.c
INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class WebhookState(StrEnum):
    """Whether a webhook is told of events."""

    ON = "on"
    PAUSED = "paused"  # after the last attempt of an event, when it took no other one meanwhile
    OFF = "off"  # it has answered 410


class EventEnd(StrEnum):
    """What becomes of an event."""

    TAKEN = "taken"
    LATER = "later"
    GIVEN_UP = "given_up"
    BEHIND = "behind"  # another event of its conversation, which comes first


@dataclass(frozen=True, slots=True)
class WebhookClaim:
    """The right to post to a webhook, for a while."""

    name: str
    token: int


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """An event that can be posted now, as the feed has it at this moment.

    `previous` is the position of the message before it in its conversation, None for the first one. `has_gap` says that an earlier event of the
    conversation was given up. `attempts` were made before. `is_behind` says that an earlier event of the conversation waits.
    `took_meanwhile` says whether the webhook has taken other events since the first attempt of this one.
    """

    position: int
    message: int
    thread: str
    account: str
    direction: str
    status: str
    created_at: datetime
    subject: str
    text: str
    previous: int | None
    has_gap: bool
    is_behind: bool = False
    attempts: int = 0
    first_at: datetime | None = None
    took_meanwhile: bool = False


@dataclass(frozen=True, slots=True)
class EventOutcome:
    """What one attempt came to. `state` is that of the webhook from now on; before `resting_until` nothing is posted to it."""

    end: EventEnd
    next_attempt_at: datetime | None = None
    resting_until: datetime | None = None
    state: WebhookState = WebhookState.ON
    answer: str = ""


@dataclass(frozen=True, slots=True)
class WebhookFigures:
    """A webhook as an operator sees it. `behind` counts positions of the feed that its cursor has before it, those of other accounts too."""

    name: str
    state: WebhookState
    state_at: datetime
    position: int
    behind: int
    waiting: int
    given_up: int
    next_attempt_at: datetime | None
    taken_at: datetime | None
    answer: str

    @property
    def fault(self) -> str:
        """What an operator has to know of the webhook, "" where it is well."""
        if self.state is WebhookState.PAUSED:
            said = f"it {self.answer}" if self.answer.startswith("answered") else self.answer
            return f"Webhook {self.name} is paused after the last attempt: {said}"
        if self.state is WebhookState.OFF:
            return f"Webhook {self.name} is off: it answered 410"
        if self.given_up:
            return f"Webhook {self.name} has not taken {self.given_up} events, and takes others"
        return ""


@repeats_lost_races
def begin_webhook(database: Database, name: str, now: datetime) -> None:
    """Begin to tell a webhook that is new of what comes from now on."""
    with database.reading() as connection:
        if connection.execute(select(TARGET.name).where(_is(name))).first() is not None:
            return
    with database.writing() as connection:
        row = {"name": name, "position": _last(connection), "state": WebhookState.ON, "state_at": now}
        connection.execute(INSERTS[connection.dialect.name](webhook_target).values(row).on_conflict_do_nothing())


@repeats_lost_races
def claim_webhook(
    database: Database, name: str, accounts: Sequence[str], now: datetime, *, lease: timedelta, token: int
) -> WebhookClaim | None:
    """Claim a webhook for which there is something to do. None where there is not, where it rests, or where another process has it.

    Nothing is posted while letters are held: a desk that was restored must not ring for what has been told before.
    """
    with database.reading() as connection:
        if current_hold(connection) is not None or not _may_be_claimed(connection, name, now):
            return None
        is_due = _due(connection, name, now) is not None or _next_of_feed(connection, name, accounts) is not None
        last = _last(connection)
    with_lease = {"lease_until": now + lease, "lease_token": token}
    if not is_due:
        _step_over(database, name, accounts, last)
        return None
    with database.writing() as connection:
        claimed = update(webhook_target).where(_is(name), *_free(now)).values(with_lease)
        if connection.execute(claimed).rowcount != 1:
            return None
        gone = ~exists(select(INBOX.id).where(INBOX.position == RETRY.position, _of(accounts)))
        connection.execute(delete(webhook_retry).where(RETRY.target == storable(name), gone))
        return WebhookClaim(name, token)


@repeats_lost_races
def release_webhook(database: Database, claim: WebhookClaim) -> None:
    """Let others claim the webhook."""
    with database.writing() as connection:
        connection.execute(update(webhook_target).where(*_ours(claim)).values(lease_until=None, lease_token=None))


def next_event(database: Database, claim: WebhookClaim, accounts: Sequence[str], now: datetime) -> WebhookEvent | None:
    """Return the event that is to be posted next: one whose time has come again, or what is new in the feed."""
    with database.reading() as connection:
        retry = _due(connection, claim.name, now)
        if retry is None:
            row = _next_of_feed(connection, claim.name, accounts)
            return _event(connection, claim.name, row, None) if row is not None else None
        row = connection.execute(select(platform_inbox).where(INBOX.position == retry.position)).one_or_none()
        return _event(connection, claim.name, row, retry) if row is not None else None


@repeats_lost_races
def settle_event(
    database: Database, claim: WebhookClaim, event: WebhookEvent, outcome: EventOutcome, now: datetime, lease: timedelta
) -> bool:
    """Record what became of an event, and keep the claim for another `lease`. False where the claim was lost: then nothing is recorded."""
    with database.writing() as connection:
        values: dict[str, Any] = {"lease_until": now + lease, "resting_until": outcome.resting_until}
        if outcome.end is EventEnd.TAKEN:
            values |= {"taken_at": now, "answer": ""}
        elif outcome.answer:
            values["answer"] = outcome.answer[:LONGEST_ANSWER]
        if outcome.state is not WebhookState.ON:
            values |= {"state": outcome.state, "state_at": now}
        if connection.execute(update(webhook_target).where(*_ours(claim)).values(values)).rowcount != 1:
            return False
        further = (*_ours(claim), TARGET.position < event.position)
        connection.execute(update(webhook_target).where(*further).values(position=event.position))
        _settle_retry(connection, claim, event, outcome, now)
        return True


@repeats_lost_races
def replay_webhook(database: Database, name: str, now: datetime, after: int | None = None) -> None:
    """Switch a webhook on, and let everything that waits be tried at once, what was given up too; with `after`, all events beyond a position.

    A process that posts to it at this moment loses its claim, so that it does not move the cursor.
    """
    with database.writing() as connection:
        place = _last(connection) if after is None else after
        row = {"name": name, "position": place, "state": WebhookState.ON, "state_at": now}
        connection.execute(INSERTS[connection.dialect.name](webhook_target).values(row).on_conflict_do_nothing())
        values: dict[str, Any] = {
            "state": WebhookState.ON,
            "state_at": now,
            "resting_until": None,
            "answer": "",
            "lease_until": None,
            "lease_token": None,
        }
        own = RETRY.target == storable(name)
        if after is None:
            again = {"attempts": 0, "first_at": None, "next_attempt_at": now, "given_up_at": None}
            connection.execute(update(webhook_retry).where(own).values(again))
        else:
            connection.execute(delete(webhook_retry).where(own))
            values["position"] = after
        connection.execute(update(webhook_target).where(_is(name)).values(values))


def webhook_figures(connection: Connection) -> list[WebhookFigures]:
    """All webhooks that were ever told of something, by their names."""
    waits, given_up = RETRY.given_up_at.is_(None), RETRY.given_up_at.is_not(None)
    counted = select(
        RETRY.target,
        func.count().filter(waits).label("waiting"),
        func.count().filter(given_up).label("given_up"),
        func.min(RETRY.next_attempt_at).filter(waits, RETRY.attempts > 0).label("next_attempt_at"),
    ).group_by(RETRY.target)
    retries = {row.target: row for row in connection.execute(counted)}
    last = _last(connection)
    return [
        _figures(row, retries.get(row.name), last) for row in connection.execute(select(webhook_target).order_by(TARGET.name))
    ]


def _figures(row: AnyRow, retries: AnyRow | None, last: int) -> WebhookFigures:
    return WebhookFigures(
        name=row.name,
        state=WebhookState(row.state),
        state_at=row.state_at,
        position=row.position,
        behind=max(last - row.position, 0),
        waiting=retries.waiting if retries else 0,
        given_up=retries.given_up if retries else 0,
        next_attempt_at=retries.next_attempt_at if retries else None,
        taken_at=row.taken_at,
        answer=row.answer,
    )


def _is(name: str) -> ColumnElement[bool]:
    return TARGET.name == storable(name)


def _ours(claim: WebhookClaim) -> tuple[ColumnElement[bool], ...]:
    return (_is(claim.name), TARGET.lease_token == claim.token)


def _free(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a webhook may be claimed."""
    return (
        TARGET.state == WebhookState.ON,
        or_(TARGET.resting_until.is_(None), TARGET.resting_until <= now),
        or_(TARGET.lease_until.is_(None), TARGET.lease_until <= now),
    )


def _may_be_claimed(connection: Connection, name: str, now: datetime) -> bool:
    return connection.execute(select(TARGET.name).where(_is(name), *_free(now))).first() is not None


def _last(connection: Connection) -> int:
    """The last position that was given."""
    return connection.execute(select(inbox_numbering.c.last)).scalar() or 0


def _due(connection: Connection, name: str, now: datetime) -> AnyRow | None:
    """The oldest event whose time has come and that is the first of its conversation to wait."""
    before = webhook_retry.alias()
    earlier = exists().where(
        before.c.target == RETRY.target,
        before.c.thread_key == RETRY.thread_key,
        before.c.position < RETRY.position,
        before.c.given_up_at.is_(None),
    )
    waits = (RETRY.target == storable(name), RETRY.given_up_at.is_(None), RETRY.next_attempt_at <= now, ~earlier)
    return connection.execute(select(webhook_retry).where(*waits).order_by(RETRY.position).limit(1)).one_or_none()


def _next_of_feed(connection: Connection, name: str, accounts: Sequence[str]) -> AnyRow | None:
    """The first row beyond the cursor; None while too many events wait for another attempt."""
    tried = select(func.count()).where(RETRY.target == storable(name), RETRY.given_up_at.is_(None))
    if connection.execute(tried).scalar_one() >= MOST_TRIED:
        return None
    cursor = select(TARGET.position).where(_is(name)).scalar_subquery()
    beyond = select(platform_inbox).where(INBOX.position > cursor, _of(accounts)).order_by(INBOX.position).limit(1)
    return connection.execute(beyond).one_or_none()


def _of(accounts: Sequence[str]) -> ColumnElement[bool]:
    """The condition that a row is in the feed of the accounts, by default of all of them. Customers without an account are in no feed."""
    return INBOX.account_id.in_([storable(account) for account in accounts]) if accounts else INBOX.account_id.is_not(None)


def _step_over(database: Database, name: str, accounts: Sequence[str], last: int) -> None:
    """Move the cursor over many events of other accounts, so that nobody looks through them again and again.

    `last` was read with or before the look that found nothing up to it.
    """
    with database.reading() as connection:
        place = connection.execute(select(TARGET.position).where(_is(name))).scalar()
        if place is None or last - place < LONGEST_STEP:
            return
        between = and_(INBOX.position > place, INBOX.position <= last, _of(accounts))
        if connection.execute(select(INBOX.id).where(between).limit(1)).first() is not None:
            return
    with database.writing() as connection:
        unmoved = (_is(name), TARGET.position == place, TARGET.lease_token.is_(None))
        connection.execute(update(webhook_target).where(*unmoved).values(position=last))


def _event(connection: Connection, name: str, row: AnyRow, retry: AnyRow | None) -> WebhookEvent:
    of_thread = (INBOX.thread_key == row.thread_key, INBOX.account_id == row.account_id, INBOX.position < row.position)
    earlier = select(RETRY.given_up_at, RETRY.position).where(
        RETRY.target == storable(name), RETRY.thread_key == row.thread_key, RETRY.position < row.position
    )
    before = connection.execute(earlier).all()
    taken_at = connection.execute(select(TARGET.taken_at).where(_is(name))).scalar_one()
    first_at = retry.first_at if retry else None
    return WebhookEvent(
        position=row.position,
        message=row.id,
        thread=row.thread_key,
        account=row.account_id,
        direction=row.direction,
        status=row.status_after,
        created_at=row.created_at,
        subject=row.subject,
        text=row.body_text,
        previous=connection.execute(select(func.max(INBOX.position)).where(*of_thread)).scalar(),
        has_gap=any(entry.given_up_at is not None for entry in before),
        is_behind=retry is None and any(entry.given_up_at is None for entry in before),
        attempts=retry.attempts if retry else 0,
        first_at=first_at,
        took_meanwhile=first_at is not None and taken_at is not None and taken_at > first_at,
    )


def _settle_retry(connection: Connection, claim: WebhookClaim, event: WebhookEvent, outcome: EventOutcome, now: datetime) -> None:
    if outcome.end is EventEnd.TAKEN:
        connection.execute(delete(webhook_retry).where(RETRY.target == storable(claim.name), RETRY.position == event.position))
        return
    is_tried = outcome.end is not EventEnd.BEHIND
    values = {
        "attempts": event.attempts + is_tried,
        "first_at": (event.first_at or now) if is_tried else None,
        "next_attempt_at": outcome.next_attempt_at or now,
        "given_up_at": now if outcome.end is EventEnd.GIVEN_UP else None,
    }
    row = {"target": claim.name, "position": event.position, "thread_key": event.thread, **values}
    insert = INSERTS[connection.dialect.name](webhook_retry).values(row)
    connection.execute(insert.on_conflict_do_update(index_elements=["target", "position"], set_=values))
