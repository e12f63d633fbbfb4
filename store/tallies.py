"""Counts the letters of the last day from the outbox, so that all nodes count the same letters."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, func, select, text

from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import TO_DOMAIN, message, outbox, ticket
from helpdesk.threading.letters.tally import DAY, DESK, HOUR, MINUTE, TEN_MINUTES, Tally, apart, confirmations, of_domain
from helpdesk.threading.matching.known import EarlierMail, Exchange
from helpdesk.threading.model.message import Direction
from helpdesk.threading.model.notice import Notice

MOST_MAILS = 10  # newest mails of one exchange
TEXT = 1000  # characters of a mail that are compared


def tally_of(connection: Connection, counted_as: Collection[str], domains: Collection[str], now: datetime) -> Tally:
    """Count the letters of the last day, hour, ten minutes and minute to these addresses, to these domains and of the whole desk."""
    minute, ten_minutes, hour, day = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    spans = {"minute": now - MINUTE, "ten_minutes": now - TEN_MINUTES, "hour": now - HOUR, "day": now - DAY}
    for name, unproved, in_day, in_hour, in_ten_minutes, confirmed in rows_among(connection, TO_ADDRESSES, counted_as, **spans):
        key = apart(name, unproved)
        day[key] += in_day
        hour[key] += in_hour
        ten_minutes[key] += in_ten_minutes
        hour[apart(confirmations(name), unproved)] += confirmed
    for domain, unproved, in_hour in rows_among(connection, TO_DOMAINS, domains, **spans):
        hour[apart(of_domain(domain), unproved)] += in_hour
    for unproved, in_hour, in_minute in connection.execute(OF_DESK, spans):
        hour[apart(DESK, unproved)] += in_hour
        minute[apart(DESK, unproved)] += in_minute
    return Tally(+minute, +ten_minutes, +hour, +day)


def exchanges_of(connection: Connection, counted_as: Collection[str], now: datetime) -> dict[str, Exchange]:
    """Return the automatic letters of the last hour to these addresses, and the mails of customers on the tickets of those letters."""
    letters: Mapping[str, list[datetime]] = defaultdict(list)
    tickets: Mapping[int, set[str]] = defaultdict(set)
    for key, number, at in rows_among(connection, ANSWERS, counted_as, hour=now - HOUR):
        letters[key].append(at)
        tickets[number].add(key)
    # An address that had only one letter is in no mail loop, so its mails are not fetched.
    concerned = {number: kept for number, keys in tickets.items() if (kept := {key for key in keys if len(letters[key]) > 1})}
    mails = _mails(connection, concerned, now - HOUR)
    return {key: Exchange(tuple(times), tuple(mails[key][-MOST_MAILS:])) for key, times in letters.items()}


def _mails(connection: Connection, tickets: Mapping[int, set[str]], since: datetime) -> Mapping[str, list[EarlierMail]]:
    found: dict[str, list[EarlierMail]] = defaultdict(list)
    for number, subject, words, at in rows_among(connection, MAILS, tickets, since=since - timedelta(minutes=5)):
        mail = EarlierMail(subject, words, at)
        for key in tickets[number]:
            found[key].append(mail)
    return found


def _since(name: str) -> ColumnElement[bool]:
    return outbox.c.created_at > bindparam(name)


def _newer(name: str) -> ColumnElement[int]:
    return func.sum(case((_since(name), ONE), else_=NONE))


ONE, NONE = text("1"), text("0")
_KINDS = (outbox.c.counted_as, outbox.c.unproved)
_CONFIRMED = func.sum(case((and_(outbox.c.notice == Notice.CONFIRMATION, _since("hour")), ONE), else_=NONE))
TO_ADDRESSES = (
    select(*_KINDS, func.count(), _newer("hour"), _newer("ten_minutes"), _CONFIRMED)
    .where(among(outbox.c.counted_as), _since("day"))
    .group_by(*_KINDS)
)
TO_DOMAINS = (
    select(outbox.c.counted_domain, outbox.c.unproved, func.count())
    .where(among(outbox.c.counted_domain), _since("hour"))
    .group_by(outbox.c.counted_domain, outbox.c.unproved)
)
OF_DESK = (
    select(outbox.c.unproved, func.count(), _newer("minute"))
    .where(TO_DOMAIN, _since("hour"))
    .group_by(outbox.c.unproved)
)
ANSWERS = (
    select(outbox.c.counted_as, outbox.c.ticket_id, outbox.c.created_at)
    .where(among(outbox.c.counted_as), _since("hour"), outbox.c.ticket_id.is_not(None))
    .order_by(outbox.c.created_at)
)
MAILS = (
    select(message.c.ticket_id, ticket.c.subject, func.substr(message.c.text, 1, TEXT).label("text"), message.c.at)
    .join_from(message, ticket, message.c.ticket_id == ticket.c.id)
    .where(among(message.c.ticket_id), message.c.direction == Direction.CUSTOMER, message.c.at > bindparam("since"))
    .order_by(message.c.id)
)
