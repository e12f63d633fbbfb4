"""Reads what the desk has said and got about tickets, for comparison with what mails about them quote."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, LargeBinary, Select, case, cast, func, literal, or_, select, union_all
from sqlalchemy.sql.selectable import CompoundSelect

from helpdesk.store.lists import among, rows_among
from helpdesk.store.merges import Merges
from helpdesk.store.schema import message, outbox
from helpdesk.threading.matching.sent_words import MOST_CHARACTERS, MOST_OF_TICKET, SentWords
from helpdesk.threading.model.message import Direction


def sent_words(
    connection: Connection, tickets: Collection[int], merges: Merges, answered: Collection[str] = ()
) -> dict[int, tuple[SentWords, ...]]:
    """Return for each ticket the words of its newest letters to customers, letters to staff, and messages: `MOST_OF_TICKET` of each.

    Those whose Message-IDs are in `answered` are among them however old they are: a mail quotes what it answers. On a ticket of which
    a whole queue is told, thirty letters to staff are a few days.
    The words of tickets that were merged into it belong to it: its people quote the letters of both.
    """
    found: dict[int, list[SentWords]] = defaultdict(list)
    places = merges.places(tickets)
    for row in rows_among(connection, WORDS, places, answered=list(answered)):
        files = frozenset(str(file["sha256"]) for file in row.files)
        words = SentWords(row.id, row.public, bytes(row.words), row.text, row.rest, files, row.message_id or "")
        for number in places[row.ticket_id]:
            found[number].append(words)
    return {number: tuple(words) for number, words in found.items()}


def _letters() -> Select[Any]:
    age = func.row_number().over(partition_by=(outbox.c.ticket_id, outbox.c.audience), order_by=outbox.c.id.desc()).label("age")
    ranked = select(outbox.c.id, outbox.c.message_id, age).where(among(outbox.c.ticket_id)).subquery()
    return (
        select(
            outbox.c.ticket_id,
            outbox.c.id,
            (outbox.c.audience == "customer").label("public"),
            outbox.c.words,
            literal("").label("text"),
            literal("").label("rest"),
            outbox.c.message_id,
            literal([], message.c.attachments.type).label("files"),
        )
        .join_from(ranked, outbox, outbox.c.id == ranked.c.id)
        .where(or_(ranked.c.age <= MOST_OF_TICKET, among(ranked.c.message_id, "answered")))
    )


def _messages() -> Select[Any]:
    age = func.row_number().over(partition_by=message.c.ticket_id, order_by=message.c.id.desc()).label("age")
    ranked = select(message.c.id, message.c.message_id, age).where(among(message.c.ticket_id)).subquery()
    return (
        select(
            message.c.ticket_id,
            message.c.id,
            (message.c.id > 0).label("public"),
            cast(literal(b""), LargeBinary).label("words"),
            func.substr(message.c.text, 1, MOST_CHARACTERS).label("text"),
            # What staff cut is a letter to staff.
            case(
                (message.c.direction == Direction.CUSTOMER, func.substr(message.c.elided_text, 1, MOST_CHARACTERS)), else_=""
            ).label("rest"),
            message.c.message_id,
            message.c.attachments.label("files"),
        )
        .join_from(ranked, message, message.c.id == ranked.c.id)
        .where(or_(ranked.c.age <= MOST_OF_TICKET, among(ranked.c.message_id, "answered")))
    )


WORDS: CompoundSelect[Any] = union_all(_letters(), _messages())
