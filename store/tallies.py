"""Counts the letters of the last day in the database, so that all nodes count the same letters."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Label,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    select,
    text,
    union_all,
)

from helpdesk.store.counts import DESK as DESK_SLOTS
from helpdesk.store.counts import end_of_slot, slot_of
from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import TO_DOMAIN, letter_count, message, outbox, ticket
from helpdesk.threading.letters.tally import DAY, DESK, HOUR, MINUTE, TEN_MINUTES, Tally, apart, confirmations, of_domain
from helpdesk.threading.matching.known import EarlierMail, Exchange
from helpdesk.threading.model.message import Direction
from helpdesk.threading.model.notice import ANSWERING_FIRST_MAIL

MOST_MAILS = 10  # newest mails of one exchange
TEXT = 1000  # characters of a mail that are compared


def tally_of(connection: Connection, counted_as: Collection[str], domains: Collection[str], now: datetime) -> Tally:
    """Count the letters of the last day, hour, ten minutes and minute to these addresses, to these domains and of the whole desk."""
    minute, ten_minutes, hour, day = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    spans = {"ten_minutes": now - TEN_MINUTES, "hour": now - HOUR, "day": now - DAY}
    for name, unproved, in_day, in_hour, in_ten_minutes, confirmed in rows_among(connection, TO_ADDRESSES, counted_as, **spans):
        key = apart(name, unproved)
        day[key] += in_day
        hour[key] += in_hour
        ten_minutes[key] += in_ten_minutes
        hour[apart(confirmations(name), unproved)] += confirmed
    for span, domain, unproved, letters in connection.execute(TO_DOMAINS, _slots_of(domains, now)):
        counts, key = (minute if span == "minute" else hour), DESK if domain == DESK_SLOTS else of_domain(domain)
        counts[apart(key, unproved)] += int(letters)
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


def _slots_of(domains: Collection[str], now: datetime) -> dict[str, object]:
    """Return the values of `TO_DOMAINS`: for each span when it begins, in which slot that is, and when this slot ends."""
    values: dict[str, object] = {"domains": [*domains], "names": [*domains, DESK_SLOTS]}
    for name, span in (("hour", HOUR), ("minute", MINUTE)):
        slot = slot_of(now - span)
        values |= {name: now - span, f"{name}_slot": slot, f"{name}_end": end_of_slot(slot)}
    return values


def _select_by_slots() -> CompoundSelect[Any]:
    """Build the statement that counts letters by their domain, and those of the whole desk.

    Whole slots are added up. In the slot in which a span begins, the letters of the span are counted one by one.
    """
    slots, kinds = letter_count.c, (outbox.c.counted_domain, outbox.c.unproved)
    parts: list[Select[Any]] = []
    for name, named in (("hour", among(slots.domain, "names")), ("minute", slots.domain == DESK_SLOTS)):
        begin, end = _since(name), outbox.c.created_at < bindparam(f"{name}_end")
        span: Label[str] = literal_column(f"'{name}'").label("span")
        whole = select(span, slots.domain, slots.unproved, func.sum(slots.letters))
        parts.append(whole.where(named, slots.slot > bindparam(f"{name}_slot")).group_by(slots.domain, slots.unproved))
        partly = select(span, literal_column(f"'{DESK_SLOTS}'").label("domain"), outbox.c.unproved, func.count())
        parts.append(partly.where(TO_DOMAIN, begin, end).group_by(outbox.c.unproved))
    of_domains = select(literal_column("'hour'").label("span"), *kinds, func.count())
    within = (_since("hour"), outbox.c.created_at < bindparam("hour_end"))
    parts.append(of_domains.where(among(outbox.c.counted_domain, "domains"), TO_DOMAIN, *within).group_by(*kinds))
    return union_all(*parts)


def _since(name: str) -> ColumnElement[bool]:
    return outbox.c.created_at > bindparam(name)


def _newer(name: str) -> ColumnElement[int]:
    return func.sum(case((_since(name), ONE), else_=NONE))


ONE, NONE = text("1"), text("0")
_KINDS = (outbox.c.counted_as, outbox.c.unproved)
_CONFIRMED = func.sum(case((and_(outbox.c.notice.in_(ANSWERING_FIRST_MAIL), _since("hour")), ONE), else_=NONE))
TO_ADDRESSES = (
    select(*_KINDS, func.count(), _newer("hour"), _newer("ten_minutes"), _CONFIRMED)
    .where(among(outbox.c.counted_as), _since("day"))
    .group_by(*_KINDS)
)
TO_DOMAINS = _select_by_slots()
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
