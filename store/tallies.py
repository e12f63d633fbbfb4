"""Counts the letters of the last day from the outbox, so that all nodes count the same letters."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Case, Connection, case, func, select

from helpdesk.store.schema import message, outbox, ticket
from helpdesk.store.tickets import portions
from helpdesk.threading.letters.tally import DAY, DESK, HOUR, MINUTE, TEN_MINUTES, Tally, apart, confirmations, of_domain
from helpdesk.threading.matching.known import EarlierMail, Exchange
from helpdesk.threading.model.message import Direction
from helpdesk.threading.model.notice import Notice

MOST_MAILS = 10  # newest mails of one exchange
TEXT = 1000  # characters of a mail that are compared


def tally_of(connection: Connection, counted_as: Collection[str], domains: Collection[str], now: datetime) -> Tally:
    """Count the letters of the last day, hour, ten minutes and minute to these addresses, to these domains and of the whole desk."""
    minute, ten_minutes, hour, day = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    letters, newer, of_late = outbox.c.created_at, _newer(now, HOUR), _newer(now, TEN_MINUTES)
    confirmation = case((outbox.c.notice == Notice.CONFIRMATION, newer), else_=0)
    for part in portions(counted_as):
        kinds = (outbox.c.counted_as, outbox.c.unproved)
        columns = (*kinds, func.count(), func.sum(newer), func.sum(of_late), func.sum(confirmation))
        statement = select(*columns).where(outbox.c.counted_as.in_(part), letters > now - DAY).group_by(*kinds)
        for name, unproved, in_day, in_hour, in_ten_minutes, confirmed in connection.execute(statement):
            key = apart(name, unproved)
            day[key] += in_day
            hour[key] += in_hour
            ten_minutes[key] += in_ten_minutes
            hour[apart(confirmations(name), unproved)] += confirmed
    for part in portions(domains):
        kinds = (outbox.c.counted_domain, outbox.c.unproved)
        statement = select(*kinds, func.count()).where(outbox.c.counted_domain.in_(part), letters > now - HOUR)
        for domain, unproved, in_hour in connection.execute(statement.group_by(*kinds)):
            hour[apart(of_domain(domain), unproved)] += in_hour
    of_desk = select(outbox.c.unproved, func.count(), func.sum(_newer(now, MINUTE)))
    whole = of_desk.where(outbox.c.counted_domain.is_not(None), letters > now - HOUR).group_by(outbox.c.unproved)
    for unproved, in_hour, in_minute in connection.execute(whole):
        hour[apart(DESK, unproved)] += in_hour
        minute[apart(DESK, unproved)] += in_minute
    return Tally(+minute, +ten_minutes, +hour, +day)


def exchanges_of(connection: Connection, counted_as: Collection[str], now: datetime) -> dict[str, Exchange]:
    """Return the automatic letters of the last hour to these addresses, and the mails of customers on the tickets of those letters."""
    letters: Mapping[str, list[datetime]] = defaultdict(list)
    tickets: Mapping[int, set[str]] = defaultdict(set)
    for part in portions(counted_as):
        statement = select(outbox.c.counted_as, outbox.c.ticket_id, outbox.c.created_at).where(
            outbox.c.counted_as.in_(part), outbox.c.created_at > now - HOUR, outbox.c.ticket_id.is_not(None)
        )
        for key, number, at in connection.execute(statement.order_by(outbox.c.created_at)):
            letters[key].append(at)
            tickets[number].add(key)
    # An address that had only one letter is in no mail loop, so its mails are not fetched.
    concerned = {number: kept for number, keys in tickets.items() if (kept := {key for key in keys if len(letters[key]) > 1})}
    mails = _mails(connection, concerned, now - HOUR)
    return {key: Exchange(tuple(times), tuple(mails[key][-MOST_MAILS:])) for key, times in letters.items()}


def _mails(connection: Connection, tickets: Mapping[int, set[str]], since: datetime) -> Mapping[str, list[EarlierMail]]:
    found: dict[str, list[EarlierMail]] = defaultdict(list)
    columns = (message.c.ticket_id, ticket.c.subject, func.substr(message.c.text, 1, TEXT).label("text"), message.c.at)
    for part in portions(tickets):
        statement = select(*columns).join_from(message, ticket, message.c.ticket_id == ticket.c.id)
        statement = statement.where(
            message.c.ticket_id.in_(part), message.c.direction == Direction.CUSTOMER, message.c.at > since - timedelta(minutes=5)
        )
        for row in connection.execute(statement.order_by(message.c.id)):
            for key in tickets[row.ticket_id]:
                found[key].append(EarlierMail(row.subject, row.text, row.at))
    return found


def _newer(now: datetime, span: timedelta) -> Case[int]:
    return case((outbox.c.created_at > now - span, 1), else_=0)
