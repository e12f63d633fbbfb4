"""`[retention]`: what is kept how long, what stays all the same, and that nothing else changes."""

import os
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, false, func, select, update
from support.desk.story import StoryDesk, configured, direct_desk, wired_desk

from helpdesk.config.conduct import Retention
from helpdesk.gateway.reader import Reader
from helpdesk.gateway.retention import purge
from helpdesk.store.blob_uses import discard_unused
from helpdesk.store.hold import current_hold
from helpdesk.store.inbound import content_of
from helpdesk.store.outbox import words_of_letter
from helpdesk.store.retention import totals
from helpdesk.store.schema import (
    attempt,
    contact,
    inbound,
    message,
    metadata,
    outbox,
    platform_attachment,
    platform_inbox,
    platform_thread,
    search_words,
    ticket,
)
from helpdesk.threading.model.notice import Notice

PDF = b"%PDF-1.4 " + b"numbers " * 60_000  # larger than what the database holds
QUESTION = "The scanner in hall seven shows error 4711 since this morning."
# Rows that stay when nothing is left of any request: people, counters, the work of the node, and what mailboxes have been read.
NOT_OF_REQUESTS = {
    *("account", "account_domain", "alarm", "contact", "counter", "directory_change", "directory_import", "directory_version"),
    *("heartbeat", "hold", "inbox_numbering", "letter_count", "login_count", "login_source", "mailbox_folder", "mailbox_mail"),
    *(
        "api_key",
        "api_secret",
        "backfill",
        "desk_identity",
        "listed_sender",
        "operator_act",
        "purge_total",
        "schema_floor",
        "seen_image",
        "staff",
        "suppression",
        "alembic_version",
    ),
}


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(tmp_path: Path, reader: Reader, request: pytest.FixtureRequest) -> Iterator[StoryDesk]:
    """A desk on each database."""
    if request.param == "sqlite":
        with direct_desk(configured(tmp_path), reader) as made:
            yield made
    else:
        with wired_desk(configured(tmp_path, database=request.getfixturevalue("postgresql_url")), reader) as made:
            yield made


def purge_by(desk: StoryDesk, hold: tuple[str, ...] = (), **spans: str) -> dict[str, int]:
    """One pass of retention at the time of the story."""
    make_old(desk)
    return purge(desk.database, desk.node.blobs, Retention(**spans, legal_hold=hold), desk.now)  # type: ignore[arg-type]  # as the file has it


def make_old(desk: StoryDesk) -> None:
    """Contents get the time of the machine, which is no time of the story."""
    for path in blob_files(desk):
        os.utime(path, (0, 0))


def blob_files(desk: StoryDesk) -> list[Path]:
    return sorted(Path(desk.node.configuration.settings.database.blobs).glob("[0-9a-f][0-9a-f]/*"))


def rows_of(desk: StoryDesk, table: Table) -> int:
    with desk.database.reading() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def rows_about(desk: StoryDesk, table: Table, number: int) -> int:
    """How many rows of a table are those of one ticket."""
    with desk.database.reading() as connection:
        ids = {"inbox": connection.execute(select(ticket.c.thread_key).where(ticket.c.id == number)).scalar_one()}
        conditions = {
            "ticket": ticket.c.id == number,
            "attempt": attempt.c.outbox_id.in_(select(outbox.c.id).where(outbox.c.ticket_id == number)),
            "platform_inbox": platform_inbox.c.thread_key == ids["inbox"],
            "platform_thread": platform_thread.c.thread_key == ids["inbox"],
            "search_words": search_words.c.id.in_(select(message.c.id).where(message.c.ticket_id == number)),
        }
        condition = conditions.get(table.name)
        if condition is None:
            condition = table.c.ticket_id == number if "ticket_id" in table.c else false()
        return connection.execute(select(func.count()).select_from(table).where(condition)).scalar_one()


def octets(desk: StoryDesk) -> list[int]:
    """How many octets of each mail there are."""
    with desk.database.reading() as connection:
        return [len(content_of(connection, desk.node.blobs, mail.id) or b"") for mail in desk.mails()]


def close_a_request(desk: StoryDesk, subject: str = "Scanner", files: Mapping[str, bytes] | None = None) -> None:
    """Anna asks, Omar answers and closes."""
    anna, omar = desk.person("anna@acme.example", "Anna Berg"), desk.person("omar@desk.example", "Omar Haddad")
    anna.writes(subject, QUESTION, files=files or {})
    omar.replies(Notice.NEW_TICKET, "#resolve\nPlease switch it off and on again.")
    anna.replies(Notice.RESOLUTION, "It is solved", quote=False)
    assert desk.tickets()[-1].status == "closed"


def ask_again(desk: StoryDesk) -> None:
    """Somebody else asks. The newest attempt to send a letter stays, and so does its request: it is this one."""
    desk.person("carla@globex.example").writes("Label printer", "It prints nothing at all.")


def test_the_octets_of_a_mail_go_and_its_words_stay(kept: StoryDesk) -> None:
    close_a_request(kept)
    kept.passes(days=29)
    assert purge_by(kept, raw_mail="30d") == {}
    kept.passes(days=2)
    assert purge_by(kept, raw_mail="30d") == {"mail": 3}
    assert set(octets(kept)) == {0}
    assert kept.history().messages[0].text.strip() == QUESTION
    assert purge_by(kept, raw_mail="30d") == {}  # gone already is done


def test_an_open_request_keeps_everything(kept: StoryDesk) -> None:
    kept.person("anna@acme.example").writes("Scanner", QUESTION, files={"page.pdf": PDF})
    before = {table.name: rows_of(kept, table) for table in metadata.sorted_tables}
    kept.now += timedelta(days=900)  # nobody closes it meanwhile
    assert purge_by(kept, raw_mail="1d", letters="1d", files="1d", closed_tickets="1d") == {}
    assert {table.name: rows_of(kept, table) for table in metadata.sorted_tables} == before
    assert 0 not in octets(kept)
    assert len(blob_files(kept)) == 1


def test_the_octets_of_a_letter_go_and_what_it_says_stays(kept: StoryDesk) -> None:
    close_a_request(kept)
    letters = kept.history().letters
    kept.passes(days=31)
    assert purge_by(kept, letters="30d") == {"letter": len(letters)}
    with kept.database.reading() as connection:
        assert {words_of_letter(connection, letter.id) for letter in letters} == {b""}
        assert all(connection.execute(select(outbox.c.words)).scalars())
    assert kept.history().letters == letters
    assert any("switch it off" in shown.body_text for shown in kept.inbox("acme"))
    # The customer quotes the letter, and the quote is known by its words.
    kept.person("anna@acme.example").replies(Notice.RESOLUTION, "It is back.")
    assert kept.history(2).messages[-1].text.strip() == "It is back."


def test_a_file_stays_with_its_mail_for_the_span_of_files(kept: StoryDesk) -> None:
    close_a_request(kept, files={"page.pdf": PDF})
    kept.passes(days=100)
    assert purge_by(kept, raw_mail="30d", files="180d") == {"mail": 2}
    assert [size > len(PDF) for size in octets(kept)] == [True, False, False]
    assert len(blob_files(kept)) == 1
    kept.passes(days=81)
    assert purge_by(kept, raw_mail="30d", files="180d") == {"mail": 1, "blob": 1}
    assert blob_files(kept) == []
    assert rows_of(kept, platform_attachment) == 0  # never a row without bytes


def test_a_file_is_not_kept_longer_than_its_own_span(kept: StoryDesk) -> None:
    close_a_request(kept, files={"page.pdf": PDF})
    kept.passes(days=31)
    assert purge_by(kept, files="30d") == {"mail": 1, "blob": 1}
    assert [size > 0 for size in octets(kept)] == [False, True, True]


def test_a_closed_request_goes_with_everything_that_is_its_own(kept: StoryDesk) -> None:
    close_a_request(kept, files={"page.pdf": PDF})
    kept.writes_in_platform("acme", "anna@acme.example", "From the platform.", files={"note.txt": b"words"})
    kept.person("omar@desk.example").replies(Notice.NEW_TICKET, "#resolve\nDone.")
    kept.person("anna@acme.example").replies(Notice.RESOLUTION, "It is solved", quote=False)
    assert [row.status for row in kept.tickets()] == ["closed", "closed"]
    kept.now += timedelta(days=366)
    ask_again(kept)
    rest = {table.name: rows_of(kept, table) for table in metadata.sorted_tables}
    taken = purge_by(kept, closed_tickets="365d")
    assert taken["ticket"] == 2
    assert taken["blob"] == 1
    assert [row.subject for row in kept.tickets()] == ["Label printer"]
    number = kept.ticket().id
    for table in metadata.sorted_tables:
        if table.name not in NOT_OF_REQUESTS:
            assert rows_of(kept, table) == rows_about(kept, table, number), table.name
    assert rest["contact"] == rows_of(kept, contact)
    with kept.database.reading() as connection:
        assert {name: count for name, (count, _) in totals(connection).items()} == taken


def test_a_request_that_is_young_stays_beside_one_that_goes(kept: StoryDesk) -> None:
    close_a_request(kept, "Scanner")
    kept.now += timedelta(days=200)
    close_a_request(kept, "Printer")
    young = kept.history(2)
    kept.now += timedelta(days=200)
    assert purge_by(kept, closed_tickets="365d")["ticket"] == 1
    assert kept.history(1) == young


def test_a_reply_to_a_request_that_is_gone_opens_a_new_one(kept: StoryDesk) -> None:
    close_a_request(kept)
    letter = kept.person("anna@acme.example").letter(Notice.RESOLUTION)
    kept.now += timedelta(days=400)
    ask_again(kept)
    purge_by(kept, closed_tickets="365d")
    anna = kept.person("anna@acme.example")
    anna.letter = lambda notice: letter  # type: ignore[method-assign]  # it lies in her mailbox, whatever the desk has
    anna.replies(Notice.RESOLUTION, "The scanner in hall seven is broken again.")
    assert [(row.subject, row.requester) for row in kept.tickets()] == [("Label printer", 1), ("Scanner", 1)]
    assert kept.ticket(2).status != "closed"
    assert kept.history(2).related == ()


def test_what_is_held_by_law_stays(kept: StoryDesk) -> None:
    close_a_request(kept)
    reference = kept.ticket().reference
    kept.now += timedelta(days=400)
    ask_again(kept)
    spans = {"raw_mail": "1d", "letters": "1d", "closed_tickets": "1d"}
    for entry in ("anna@acme.example", "@acme.example", "acme", reference):
        assert purge_by(kept, hold=(entry,), **spans) == {}, entry
    assert purge_by(kept, hold=("paul@globex.example",), **spans)["ticket"] == 1


def test_a_merged_request_goes_with_the_one_in_which_it_continues(kept: StoryDesk) -> None:
    anna, omar = kept.person("anna@acme.example"), kept.person("omar@desk.example")
    anna.writes("Scanner", QUESTION)
    anna.writes("Label printer", "The label printer of the dispatch desk prints nothing at all.")
    omar.writes("", f"#on {kept.ticket(1).reference}\n#merge {kept.ticket(2).reference}")
    omar.replies(Notice.HELD, "#send", quote=False)
    assert [row.status == "closed" for row in kept.tickets()] == [False, True]
    kept.now += timedelta(days=400)
    assert purge_by(kept, closed_tickets="1d").get("ticket", 0) == 0
    omar.writes("", f"#on {kept.ticket(1).reference}\n#close")
    kept.now += timedelta(days=2)
    ask_again(kept)
    assert purge_by(kept, closed_tickets="1d")["ticket"] == 2
    assert len(kept.tickets()) == 1


def test_the_newest_attempt_stays(kept: StoryDesk) -> None:
    close_a_request(kept)
    kept.now += timedelta(days=400)
    assert "ticket" not in purge_by(kept, closed_tickets="1d")
    ask_again(kept)
    assert purge_by(kept, closed_tickets="1d")["ticket"] == 1
    with kept.database.reading() as connection:
        assert current_hold(connection) is None


def test_a_content_goes_with_the_last_row_that_refers_to_it(desk: StoryDesk) -> None:
    close_a_request(desk, files={"page.pdf": PDF})
    [digest] = [path.name for path in blob_files(desk)]
    make_old(desk)
    assert discard_unused(desk.database, desk.node.blobs, [digest], desk.now) == 0
    desk.now += timedelta(days=2)
    with desk.database.writing() as connection:
        connection.execute(update(inbound).values(content=b""))
    purge_by(desk, raw_mail="1d", files="1d")
    assert blob_files(desk) == []


def test_a_content_that_was_put_a_moment_ago_may_be_about_to_get_its_row(desk: StoryDesk) -> None:
    digest = desk.node.blobs.put(PDF)
    now = datetime.fromtimestamp(blob_files(desk)[0].stat().st_mtime, desk.now.tzinfo)
    assert discard_unused(desk.database, desk.node.blobs, [digest], now) == 0
    assert desk.node.blobs.get(digest) == PDF
    make_old(desk)
    desk.node.blobs.put(PDF)  # again, by another mail with the same octets
    assert discard_unused(desk.database, desk.node.blobs, [digest], now) == 0
    make_old(desk)
    assert discard_unused(desk.database, desk.node.blobs, [digest], now) == 1


def test_a_content_whose_remover_died_is_put_in_its_place_or_taken(desk: StoryDesk) -> None:
    close_a_request(desk, files={"page.pdf": PDF})
    [used] = blob_files(desk)
    used.rename(f"{used}.doomed")
    desk.node.blobs.put(b"nobody's" * 40_000)
    [unused] = [file for file in blob_files(desk) if file.suffix != ".doomed"]
    unused.rename(f"{unused}.doomed")
    make_old(desk)
    purge_by(desk, raw_mail="900d")
    assert blob_files(desk) == [used]
    assert desk.node.blobs.get(used.name)


def test_a_file_of_a_purged_mail_is_said_to_be_gone(desk: StoryDesk) -> None:
    close_a_request(desk, files={"page.pdf": PDF})
    desk.now += timedelta(days=400)
    purge_by(desk, raw_mail="1d")
    desk.person("omar@desk.example").replies(Notice.NEW_TICKET, "#file 1")
    assert "page.pdf" in desk.person("omar@desk.example").letters()[-1].text


def test_a_span_shorter_than_a_day_is_refused() -> None:
    with pytest.raises(ValueError, match="a day at least"):
        Retention(raw_mail="1h")  # type: ignore[arg-type]  # as the file has it
