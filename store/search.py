"""Full-text search: the words of messages and notes are written with them, and requests are found by words. No other module knows how.

The words are those of `threading.matching.search_words`, so both databases answer equally. On SQLite an FTS5 table is the index, on
PostgreSQL a GIN index of a tsvector.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, delete, insert, select, text

from helpdesk.store.database import AnyRow, Database
from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import internal_note, message, search_words
from helpdesk.store.tickets import tickets_by_id, with_survivors
from helpdesk.threading.matching.known import FoundRequest, survivor_of
from helpdesk.threading.matching.search_words import SoughtWord
from helpdesk.threading.matching.search_words import search_words as words_of
from helpdesk.threading.model.participant import Role
from helpdesk.threading.model.ticket import Ticket

MOST_FOUND = 40  # requests of one search, the newest; the best of them are shown
AT_ONCE = 100  # messages that one statement finds, the newest
MOST_STATEMENTS = 20  # of one search: many messages may belong to few requests, or to requests that the asker may not read
MOST_PEOPLE = 10  # customers of a request whose names and addresses find its messages
LARGEST = 2**63 - 1
MATCHES = {
    "sqlite": text(
        "SELECT rowid AS id FROM search_index WHERE search_index MATCH :sought AND rowid < :before ORDER BY rowid DESC LIMIT :most"
    ),
    "postgresql": text(
        "SELECT id FROM search_words WHERE words @@ CAST(:sought AS tsquery) AND id < :before ORDER BY id DESC LIMIT :most"
    ),
}
# PostgreSQL plans each search for its own words until the transaction ends: a rare word is looked up in the index, and for a common one
# the newest messages are read. One plan for all words would be slow for some.
FOR_THESE_WORDS = text("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")
OF_MESSAGES = ("id", "ticket_id", "author", "text", "at", "attachments", "subject")
OF_NOTES = ("id", "ticket_id", "author", "text", "at", "attachments")
TABLES = ((message, OF_MESSAGES), (internal_note, OF_NOTES))
PLACES = tuple(select(table.c.id, table.c.ticket_id).where(among(table.c.id)) for table, _ in TABLES)
BY_ID = tuple(select(*(table.c[name] for name in names)).where(among(table.c.id)) for table, names in TABLES)
BY_TICKET = tuple(select(*(table.c[name] for name in names)).where(among(table.c.ticket_id)) for table, names in TABLES)
FORGET = delete(search_words).where(search_words.c.id == bindparam("number"))
REBUILT_AT_ONCE = 1000  # messages and notes of one transaction of a rebuild; others write between them
AFTER, LAST = bindparam("after", type_=BigInteger), bindparam("last", type_=BigInteger)
NEXT = tuple(
    select(table.c.id)
    .where(table.c.id > AFTER)
    .order_by(table.c.id)
    .limit(bindparam("most", type_=BigInteger))
    .with_for_update(read=True)
    for table, _ in TABLES
)
FORGET_STRAY = delete(search_words).where(
    search_words.c.id > AFTER,
    search_words.c.id <= LAST,
    *(~select(table.c.id).where(table.c.id == search_words.c.id).exists() for table, _ in TABLES),
)
MERGED_AT_ONCE = 500  # pages of SQLite's index that one transaction merges
MERGE = text("INSERT INTO search_index (search_index, rank) VALUES ('merge', :pages)")
CHANGES = text("SELECT total_changes()")
CHANGED_BY_NOTHING = 2  # from so many changes on, a merge has had something to do (https://sqlite.org/fts5.html)


def search_row(
    number: int, ticket: Ticket, author: str, said: str, attachments: Iterable[dict[str, Any]], subject: str = ""
) -> dict[str, Any]:
    """Return the row with the words of a message or note: its text and files, its author, and the request's reference, subject and people."""
    customers = [person for person in ticket.participants if person.role is Role.CUSTOMER][:MOST_PEOPLE]
    people = " ".join(part for person in customers for part in (person.name, person.address))
    files = " ".join(str(entry.get("filename", "")) for entry in attachments)
    head = f"{ticket.reference} {ticket.subject} {subject} {author} {people} {files}"
    return {"id": number, "words": " ".join(words_of(head, said))}


def index_again(connection: Connection, ticket_ids: Collection[int]) -> None:
    """Write anew the words of all messages and notes of tickets, after their people or their place have changed."""
    _write_again(connection, [row for statement in BY_TICKET for row in rows_among(connection, statement, ticket_ids)])


def rebuild_next(connection: Connection, after: int) -> tuple[int, int]:
    """Write anew the words of the next messages and notes, those with an id above `after`. Return how many they are, and the last id.

    Words without a message or a note are deleted. Nobody can change or delete the messages meanwhile, so no word comes back that has
    just been taken out.
    """
    several = [connection.execute(statement, {"after": after, "most": REBUILT_AT_ONCE}).scalars().all() for statement in NEXT]
    ids = sorted(number for numbers in several for number in numbers)[:REBUILT_AT_ONCE]
    last = ids[-1] if len(ids) == REBUILT_AT_ONCE else LARGEST
    connection.execute(FORGET_STRAY, {"after": after, "last": last})
    _write_again(connection, [row for statement in BY_ID for row in rows_among(connection, statement, ids)])
    return len(ids), last


def drop_forgotten(database: Database) -> None:
    """Take the words of deleted messages out of the index itself, where they would stay until the database tidies up by itself.

    SQLite does it in steps, so that others write between them. Its option `secure-delete` would do it with each deletion, but a database
    written with it cannot be opened by a SQLite before 3.42.
    """
    if not database.is_sqlite:
        database.run_alone(f"VACUUM {search_words.name}")
        return
    pages = -MERGED_AT_ONCE  # the first step begins to merge all parts of the index
    changed = CHANGED_BY_NOTHING
    while changed >= CHANGED_BY_NOTHING:
        with database.writing() as connection:
            before = connection.execute(CHANGES).scalar_one()
            connection.execute(MERGE, {"pages": pages})
            changed = connection.execute(CHANGES).scalar_one() - before
        pages = MERGED_AT_ONCE


def _write_again(connection: Connection, said: Sequence[AnyRow]) -> None:
    """Write anew the words of messages and notes."""
    if not said:
        return
    tickets = tickets_by_id(connection, {row.ticket_id for row in said})
    connection.execute(FORGET, [{"number": row.id} for row in said])
    rows = [
        search_row(row.id, tickets[row.ticket_id], row.author, row.text, row.attachments, getattr(row, "subject", ""))
        for row in said
    ]
    connection.execute(insert(search_words), rows)


def find_requests(
    connection: Connection, sought: Sequence[SoughtWord], may_read: Callable[[Ticket], bool]
) -> tuple[FoundRequest, ...]:
    """Return requests with a message or note that has all these words, the newest first, at most `MOST_FOUND`.

    The words themselves and their inflected forms are looked for first. Words that only begin with them are looked for unless
    `MOST_FOUND` requests have been found: to find all words that begin with a common one, a database reads all places of each of them,
    however few messages are wanted.

    A merged request is found as the one that continues it. Those that `may_read` refuses are left out.
    """
    found: dict[int, tuple[Ticket, int]] = {}  # by ticket: it and the newest message of it that has the words
    if sought and connection.dialect.name == "postgresql":
        connection.execute(FOR_THESE_WORDS)
    for begins in (False, True) if sought else ():
        found |= {number: match for number, match in _newest(connection, sought, begins, may_read).items() if number not in found}
        if len(found) >= MOST_FOUND or not any(word.opens for word in sought):
            break
    newest = sorted(found.values(), key=lambda match: -match[1])
    return _with_words(connection, newest[:MOST_FOUND])


def _newest(
    connection: Connection, sought: Sequence[SoughtWord], begins: bool, may_read: Callable[[Ticket], bool]
) -> dict[int, tuple[Ticket, int]]:
    """Return the newest requests with the words that may be read, each with its newest message that has them."""
    found: dict[int, tuple[Ticket, int]] = {}
    before = LARGEST
    for _ in range(MOST_STATEMENTS):
        ids = bare_search(connection, sought, before, begins=begins)
        for number, ticket in _tickets_of(connection, ids):
            if ticket.id not in found and may_read(ticket):
                found[ticket.id] = ticket, number
        if len(ids) < AT_ONCE or len(found) >= MOST_FOUND:
            break
        before = ids[-1]
    return found


def bare_search(
    connection: Connection, sought: Sequence[SoughtWord], before: int = LARGEST, *, begins: bool = False
) -> list[int]:
    """Return the ids of the newest messages and notes with all these words, at most `AT_ONCE`, of those with an id below `before`.

    With `begins`, words count too that only begin with one of these.
    """
    dialect = connection.dialect.name
    values = {"sought": MATCH_OF[dialect](sought, begins), "before": before, "most": AT_ONCE}
    return list(connection.execute(MATCHES[dialect], values).scalars())


def _tickets_of(connection: Connection, ids: Collection[int]) -> Iterator[tuple[int, Ticket]]:
    """Messages and notes with the requests in which they stand now, the newest message first."""
    places = {row.id: row.ticket_id for statement in PLACES for row in rows_among(connection, statement, ids)}
    tickets = with_survivors(connection, set(places.values()))
    for number in sorted(places, reverse=True):
        yield number, survivor_of(tickets[places[number]], tickets)


def _with_words(connection: Connection, found: Sequence[tuple[Ticket, int]]) -> tuple[FoundRequest, ...]:
    ids = [number for _, number in found]
    said = {row.id: row for statement in BY_ID for row in rows_among(connection, statement, ids)}
    return tuple(
        FoundRequest(ticket, said[number].author, said[number].text, said[number].at)
        for ticket, number in found
        if number in said
    )


def _match_of_fts5(sought: Sequence[SoughtWord], begins: bool) -> str:
    """Each word in quotes, so that none is an operator."""
    forms = ([f'"{form}"' for form in word.forms] for word in sought)
    return " AND ".join(
        f'"{word.text}" *' if begins and word.opens else f"({' OR '.join(alike)})"
        for word, alike in zip(sought, forms, strict=True)
    )


def _tsquery(sought: Sequence[SoughtWord], begins: bool) -> str:
    forms = ([f"'{form}'" for form in word.forms] for word in sought)
    return " & ".join(
        f"'{word.text}':*" if begins and word.opens else f"({' | '.join(alike)})"
        for word, alike in zip(sought, forms, strict=True)
    )


MATCH_OF = {"sqlite": _match_of_fts5, "postgresql": _tsquery}
