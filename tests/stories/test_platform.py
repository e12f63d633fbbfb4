"""The platform reads one table and writes another; both are the same conversation as the mail."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from support.desk.story import StoryDesk, configured, direct_desk
from support.mails.plain_reader import PlainReader

from helpdesk.gateway.reader import ReaderDied
from helpdesk.store.database import StaleTicket
from helpdesk.store.schema import platform_inbox, platform_reply
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status
from helpdesk.threading.reading.lines import Line, NamedPicture


def error_of(desk: StoryDesk, reply: int) -> str | None:
    with desk.database.reading() as connection:
        row = connection.execute(
            select(platform_reply.c.error, platform_reply.c.taken_at).where(platform_reply.c.id == reply)
        ).one()
    assert (row.error is None) == (row.taken_at is not None)
    return None if row.error is None else str(row.error)


def test_a_reply_for_another_accounts_thread_is_refused_in_its_row(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    reply = desk.writes_in_platform("globex", "carl@globex.example", "Let me in.", desk.ticket().thread_key)
    assert "globex" in str(error_of(desk, reply))
    assert len(desk.history().messages) == 1
    assert len(desk.tickets()) == 1


def test_an_unknown_thread_and_a_foreign_contact_are_refused(desk: StoryDesk) -> None:
    first = desk.writes_in_platform("acme", "anna@acme.example", "Hello", "0" * 32)
    second = desk.writes_in_platform("globex", "anna@acme.example", "Hello")
    assert "thread_key" in str(error_of(desk, first))
    assert "contact_address" in str(error_of(desk, second))
    assert desk.tickets() == []


def test_a_customer_without_an_address_has_the_inbox_alone(desk: StoryDesk) -> None:
    omar = desk.person("omar@desk.example")
    assert error_of(desk, desk.writes_in_platform("acme", "", "Cannot export")) is None
    omar.replies(Notice.NEW_TICKET, "Which format?")
    rows = desk.inbox(account_id="acme")
    assert [(row.direction, row.notice) for row in rows] == [
        ("customer", None),
        ("support", Notice.CONFIRMATION),
        ("support", Notice.ANSWER),
    ]
    assert "Which format?" in rows[-1].body_text


def test_inbox_rows_say_the_status_after_and_hold_no_address_to_reply_to(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    rows = desk.inbox(account_id="acme")
    assert [one.status_after for one in rows] == [Status.IN_REVIEW, Status.IN_REVIEW, Status.RESOLVED]
    for row in rows:
        assert "support.example.com" not in row.body_text + row.body_html
        assert "mailto:" not in row.body_html
        assert "reply above this line" not in row.body_text + row.body_html


def test_a_colleague_of_the_same_account_goes_on_with_the_thread(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    desk.writes_in_platform("acme", "paul@acme.example", "It jams for me too.", desk.ticket().thread_key)
    assert desk.history().messages[-1].author == "paul@acme.example"
    assert "It jams for me too." in omar.letter(Notice.CUSTOMER_REPLY).text


def test_each_row_is_taken_once(desk: StoryDesk) -> None:
    desk.writes_in_platform("acme", "anna@acme.example", "Hello")
    desk.settle()
    desk.settle()
    assert len(desk.tickets()) == 1


def test_words_with_a_shape_from_the_platform_keep_it_in_letters_and_in_the_inbox(desk: StoryDesk) -> None:
    omar = desk.person("omar@desk.example")
    page = "<p>Two <b>things</b>:</p><ul><li>the printer</li><li>the <a href='https://acme.example/x'>list</a></li></ul>"
    desk.writes_in_platform("acme", "anna@acme.example", "", html=page)
    [own] = [row for row in desk.inbox("acme") if row.direction == "customer"]
    assert "<strong>things</strong>" in own.body_html
    assert own.body_html.count("<li") == 2
    assert own.body_text.startswith("Two things:\n\n- the printer")
    assert desk.ticket().subject == "Two things:"
    letter = omar.letter(Notice.NEW_TICKET)
    assert ">things</strong>" in letter.html
    assert "https://acme.example/x" in letter.text


def test_a_picture_of_the_reply_stands_where_its_html_shows_it(desk: StoryDesk) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
    digest = sha256(picture).hexdigest()
    page = (
        f"<p>Look:</p><p><img src='cid:{digest}@picture'></p><p>and <img src='https://elsewhere.example/spy.png' alt='that'></p>"
    )
    desk.writes_in_platform("acme", "anna@acme.example", "", files={"shot.png": picture}, html=page)
    [own] = [row for row in desk.inbox("acme") if row.direction == "customer"]
    assert f'src="cid:{digest}@picture"' in own.body_html
    assert "elsewhere.example" not in own.body_html


def test_html_without_words_leaves_the_text_of_the_reply(desk: StoryDesk) -> None:
    desk.writes_in_platform("acme", "anna@acme.example", "The printer jams.", html="<p> </p><script>x()</script>")
    assert desk.history().messages[0].text == "The printer jams."


def test_html_that_kills_its_reader_leaves_the_text_or_an_error_in_the_row(tmp_path: Path) -> None:
    class Fragile(PlainReader):
        def document(self, page: str, pictures: Mapping[str, NamedPicture]) -> tuple[Line, ...]:
            raise ReaderDied("the reader ended on this page")

    with direct_desk(configured(tmp_path), Fragile()) as desk:
        desk.writes_in_platform("acme", "anna@acme.example", "The printer jams.", html="<p>x</p>")
        reply = desk.writes_in_platform("acme", "anna@acme.example", "", html="<p>x</p>")
        assert [message.text for message in desk.history().messages] == ["The printer jams."]
        assert error_of(desk, reply) == "body_html: it cannot be read, and body_text is empty"


def test_a_reply_that_the_platform_inserts_again_is_refused_by_its_key(desk: StoryDesk) -> None:
    desk.writes_in_platform("acme", "anna@acme.example", "The printer jams.", client_key="one")
    desk.writes_in_platform("globex", "carla@globex.example", "Ours too.", client_key="one")
    with pytest.raises(StaleTicket):
        desk.writes_in_platform("acme", "anna@acme.example", "The printer jams.", client_key="one")
    desk.settle()
    assert len(desk.tickets()) == 2


def test_a_subject_of_the_platform_is_that_of_the_request_and_a_new_one_is_shown(desk: StoryDesk) -> None:
    omar = desk.person("omar@desk.example")
    desk.writes_in_platform("acme", "anna@acme.example", "It jams.\nAlways.", subject="Printer\r\n in the hall")
    assert desk.ticket().subject == "Printer in the hall"
    desk.writes_in_platform("acme", "anna@acme.example", "Still.", desk.ticket().thread_key)
    assert "New subject" not in omar.letter(Notice.CUSTOMER_REPLY).text
    desk.writes_in_platform("acme", "anna@acme.example", "Cancel it.", desk.ticket().thread_key, subject="Order 4711")
    assert "New subject: Order 4711" in omar.letter(Notice.CUSTOMER_REPLY).text


def test_positions_are_given_once_and_in_order_and_never_twice(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    first = [row.position for row in desk.inbox("acme")]
    assert first == [1, 2]
    with desk.database.writing() as connection:
        connection.execute(delete(platform_inbox).where(platform_inbox.c.position == 2))
    anna.writes("Scanner", "It blinks.")
    assert [row.position for row in desk.inbox("acme")] == [1, 3, 4]


def test_a_row_that_becomes_visible_late_stands_behind_what_was_read_already(desk: StoryDesk) -> None:
    desk.person("anna@acme.example").writes("Printer", "It jams.")
    [own, letter] = desk.inbox("acme")
    with desk.database.writing() as connection:  # as if its transaction had committed after the other row's
        connection.execute(update(platform_inbox).where(platform_inbox.c.id == own.id).values(position=None))
    desk.settle()
    after = {row.id: row.position for row in desk.inbox("acme")}
    assert after[letter.id] == letter.position == 2
    assert after[own.id] == 3


def test_a_follow_up_from_the_platform_has_the_subject_of_the_request_that_it_follows(desk: StoryDesk) -> None:
    desk.writes_in_platform("acme", "anna@acme.example", "It jams.", subject="Printer")
    desk.person("omar@desk.example").replies(Notice.NEW_TICKET, "#close\nCleaned.")
    thread = desk.ticket().thread_key
    desk.passes(days=150)
    desk.writes_in_platform("acme", "anna@acme.example", "It is the same again.", thread)
    assert [ticket.subject for ticket in desk.tickets()] == ["Printer", "Printer"]
