"""Requests are found by the words of their messages and notes, with equal answers from SQLite and PostgreSQL."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, func, insert, select, text, update
from support.desk.outcomes import (
    ANNA,
    blob_store,
    customer_message,
    internal_note,
    new_ticket,
    opening,
    stored_and_claimed,
)

from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database
from helpdesk.store.record import record_all
from helpdesk.store.schema import internal_note as notes
from helpdesk.store.schema import message, participant, search_words, ticket
from helpdesk.store.search import MATCH_OF, MATCHES, drop_forgotten, find_requests, index_again, rebuild_next
from helpdesk.threading.matching.search_words import sought_words
from helpdesk.threading.model.ticket import Ticket


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return blob_store(tmp_path)


def request(
    database: Database, blobs: BlobStore, said: str, note: str = "", files: tuple[str, ...] = (), **changes: object
) -> Ticket:
    """A request of Anna's with one message, and with a note if there is one."""
    [claimed] = stored_and_claimed(database, blobs)
    opened = new_ticket(**changes)
    attachments: tuple[dict[str, object], ...] = tuple({"filename": name} for name in files)
    added = {"note": internal_note(note)} if note else {}
    words = replace(customer_message(said, message_id=f"m{claimed.id}@acme.example"), attachments=attachments)
    assert record_all(database, [opening(claimed, opened, message=words, **added)]) == []
    return opened


def found(database: Database, words: str, hidden: tuple[Ticket, ...] = ()) -> list[str]:
    with database.reading() as connection:
        requests = find_requests(connection, sought_words(words), lambda one: one.id not in [other.id for other in hidden])
    return [entry.ticket.reference for entry in requests]


@pytest.mark.parametrize(
    ("said", "sought"),
    [
        ("Die Rechnungen fehlen.", "rechnung"),
        ("Die Rechnung fehlt.", "Rechnungen"),
        ("Wo bleibt mein Envío?", "envio"),
        ("donde esta mi envio", "ENVÍO"),
        ("Les factures du mois", "facture"),
        ("A fatura de março", "faturas marco"),
        ("La fattura di marzo", "fatture"),
        ("Mijn rekening klopt niet", "rekeningen"),
        ("Your invoices are wrong", "invoice"),
        ("Die Straße ist gesperrt", "STRASSE"),
        ("re\u0301sume\u0301", "résumé"),
        ("soft\u00adhyphen", "softhyphen"),
        ("order 4711-A is late", "4711"),
        ("請求書が届きません", "請求書"),
        ("Счёт не пришёл", "счет"),
        ("He said: \u201cBanana\u201d\u2026", "banana"),
    ],
)
def test_words_are_found_without_regard_to_case_accents_and_endings(
    database: Database, blobs: BlobStore, said: str, sought: str
) -> None:
    request(database, blobs, "Something else.")
    wanted = request(database, blobs, said)
    assert found(database, sought) == [wanted.reference]


def test_all_words_must_be_there_wherever_they_stand(database: Database, blobs: BlobStore) -> None:
    locked = request(database, blobs, "The page says locked.", subject="Cannot log in", files=("screenshot-monday.png",))
    noted = request(database, blobs, "The page is slow.", note="Ask Lena about the shard")
    assert found(database, "page locked") == [locked.reference]
    assert found(database, "page login") == []
    assert found(database, "page") == [noted.reference, locked.reference], "the newest first"
    assert found(database, "shard") == [noted.reference], "notes are found too"
    assert found(database, ANNA) == [noted.reference, locked.reference], "the requester's address"
    assert found(database, locked.reference.lower()) == [locked.reference]
    assert found(database, "monday") == [locked.reference], "the names of files"


@pytest.mark.parametrize(
    "sought",
    ['"', "AND", "NOT page", "NEAR(page locked)", "page:*", "words:page", "^page", "page'", "\\", "a & | ! <-> b", "*", "page*", "\0", "\ud800",
     "' OR 1=1 --", "(", "{page}", "+", "x" * 100_000, " ".join(f"w{number}" for number in range(5000))],
)  # fmt: skip
def test_no_words_of_a_search_are_operators(database: Database, blobs: BlobStore, sought: str) -> None:
    request(database, blobs, "The page says locked.")
    assert len(found(database, sought)) <= 1


def test_requests_that_may_not_be_read_are_left_out_and_others_found_behind_them(database: Database, blobs: BlobStore) -> None:
    mine = request(database, blobs, "The gearbox is broken.")
    others = tuple(request(database, blobs, "Another gearbox.") for _ in range(3))
    assert found(database, "gearbox", hidden=others) == [mine.reference]


def test_words_that_only_begin_with_the_sought_one_are_found_beside_those_with_the_word_itself(
    database: Database, blobs: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    several = request(database, blobs, "Both gearboxes are broken.")
    own = [request(database, blobs, "The gearbox is broken.") for _ in range(10)]
    other = request(database, blobs, "The gearboxcover is broken.")
    with_the_word = [wanted.reference for wanted in reversed(own)]
    assert found(database, "gearbox broken") == [other.reference, *with_the_word, several.reference]
    monkeypatch.setattr("helpdesk.store.search.MOST_FOUND", 11)
    assert found(database, "gearbox broken") == [*with_the_word, several.reference], "inflected forms count as the word itself"
    assert found(database, "gearboxco broken") == [other.reference]


def test_words_go_with_the_message_or_the_note_and_with_the_text(database: Database, blobs: BlobStore) -> None:
    first, second = (
        request(database, blobs, "The gearbox is broken.", note="zebra"),
        request(database, blobs, "The lorry is broken."),
    )
    with database.writing() as connection:
        connection.execute(delete(message).where(message.c.ticket_id == first.id))
        connection.execute(update(message).where(message.c.ticket_id == second.id).values(text=""))
    assert found(database, "gearbox") == found(database, "lorry") == []
    assert found(database, "zebra") == [first.reference]
    with database.writing() as connection:
        connection.execute(delete(notes))
        assert connection.execute(select(func.count()).select_from(search_words)).scalar_one() == 0
    assert found(database, "zebra") == []
    if database.is_sqlite:
        with database.writing() as connection:
            connection.execute(text("INSERT INTO search_index (search_index) VALUES ('integrity-check')"))


def test_a_merged_request_is_found_as_the_one_that_continues_it(database: Database, blobs: BlobStore) -> None:
    goes_on, merged = request(database, blobs, "It stands still."), request(database, blobs, "The gearbox is broken.")
    with database.writing() as connection:
        connection.execute(update(ticket).where(ticket.c.id == merged.id).values(merged_into=goes_on.id))
    assert found(database, "gearbox") == [goes_on.reference]


def test_words_are_written_anew_when_the_people_of_a_request_change(database: Database, blobs: BlobStore) -> None:
    one = request(database, blobs, "The gearbox is broken.")
    with database.writing() as connection:
        people = participant.c.ticket_id == one.id, participant.c.address == ANNA
        connection.execute(update(participant).where(*people).values(address="carla@globex.example"))
        connection.execute(update(message).where(message.c.ticket_id == one.id).values(author="carla@globex.example"))
        index_again(connection, [one.id])
    assert found(database, "anna@acme.example") == []
    assert found(database, "carla gearbox") == [one.reference]


def test_a_rebuild_writes_the_words_that_lack_and_takes_out_what_is_gone(
    database: Database, blobs: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.store.search.REBUILT_AT_ONCE", 2)
    requests = [request(database, blobs, f"Gearbox {place} is broken.", note=f"zebra {place}") for place in range(3)]
    with database.writing() as connection:
        connection.execute(delete(search_words).where(search_words.c.id.in_(select(message.c.id))))
        connection.execute(insert(search_words).values(id=2**62, words="gearbox"))
        connection.execute(update(notes).where(notes.c.ticket_id == requests[0].id).values(text="Giraffe"))
    written, count, last = [], 1, 0
    while count:
        with database.writing() as connection:
            count, last = rebuild_next(connection, last)
        written.append(count)
    drop_forgotten(database)
    assert sum(written) == 6
    assert len(written) > 1
    assert found(database, "gearbox") == [ticket.reference for ticket in reversed(requests)]
    assert found(database, "giraffe") == [requests[0].reference]
    with database.reading() as connection:
        assert connection.execute(select(func.max(search_words.c.id))).scalar_one() < 2**62


def test_words_that_are_taken_out_stand_nowhere_in_the_index(database: Database, blobs: BlobStore) -> None:
    gone = request(database, blobs, "The gearbox is broken.")
    kept = request(database, blobs, "The lorry is broken.")
    with database.writing() as connection:
        connection.execute(delete(message).where(message.c.ticket_id == gone.id))
    if database.is_sqlite:
        assert b"earbox" in _octets_of_index(database)
    drop_forgotten(database)
    assert found(database, "lorry") == [kept.reference]
    if database.is_sqlite:
        assert b"earbox" not in _octets_of_index(database)
        return
    with database.reading() as connection:
        dead = text("SELECT pg_stat_force_next_flush(), n_dead_tup FROM pg_stat_user_tables WHERE relname = 'search_words'")
        assert connection.execute(dead).one().n_dead_tup == 0


def _octets_of_index(database: Database) -> bytes:
    with database.reading() as connection:
        return b"".join(connection.execute(text("SELECT block FROM search_index_data")).scalars())


def test_a_search_uses_the_index(database: Database, blobs: BlobStore) -> None:
    request(database, blobs, "The gearbox is broken.")
    sought = sought_words("gearbox")
    with database.writing() as connection:
        if not database.is_sqlite:  # a table of one row is read by its primary key
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        plan = _plan(connection, {"sought": MATCH_OF[connection.dialect.name](sought, False), "before": 2**62, "most": 10})
    assert ("VIRTUAL TABLE INDEX" in plan) if database.is_sqlite else ("search_words_found" in plan), plan


def _plan(connection: Connection, values: dict[str, object]) -> str:
    """How the database would search. On PostgreSQL the table gets so many rows that an index pays."""
    name = connection.dialect.name
    if name == "postgresql":
        rows = "SELECT k, CAST('word' || k || ' common' AS tsvector) FROM generate_series(1, 3000) AS k"
        connection.execute(text(f"INSERT INTO search_words (id, words) {rows} ON CONFLICT DO NOTHING"))
        connection.execute(text("ANALYZE search_words"))
        connection.execute(text("SET LOCAL enable_seqscan = off"))
    explain = "EXPLAIN QUERY PLAN" if name == "sqlite" else "EXPLAIN"
    return str(connection.execute(text(f"{explain} {MATCHES[name].text}"), values).all())


def test_words_that_say_nothing_are_sought_only_in_names_and_subjects(database: Database, blobs: BlobStore) -> None:
    wanted = request(database, blobs, "Der Scanner ist von Per und nicht von mir.", subject="Van der Valk")
    request(database, blobs, "The printer is not there.")
    assert found(database, "der scanner ist nicht da") == []
    assert found(database, "der scanner ist nicht mein") == [wanted.reference]
    assert found(database, "van der") == [wanted.reference], "all of them say nothing, and stand in the subject"
    assert found(database, "nicht") == []
