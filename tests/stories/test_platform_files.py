"""Files of both directions stand in the platform's table: customers' files reach staff, and staff's files can be read there."""

from hashlib import sha256

import pytest
from sqlalchemy import select, update
from support.desk.story import Person, StoryDesk

from helpdesk.store.kept_files import content_of_file
from helpdesk.store.letter_files import FilesAway
from helpdesk.store.platform import InboxMessage
from helpdesk.store.schema import platform_attachment, platform_reply
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status

SMALL, LARGE = b"%PDF small", b"%PDF " + bytes(range(256)) * 1200
CANARY = b"%PDF what only staff may know"


@pytest.fixture
def omar(desk: StoryDesk) -> Person:
    return desk.person("omar@desk.example", "Omar Haddad")


@pytest.fixture
def anna(desk: StoryDesk) -> Person:
    return desk.person("anna@acme.example", "Anna")


def read_in_platform(desk: StoryDesk, row: InboxMessage) -> dict[object, bytes]:
    """The files of an inbox row as a platform reads them: from the table, the folder of blobs, or a stored mail."""
    found: dict[object, bytes] = {}
    with desk.database.reading() as connection:
        for entry in row.attachments:
            content = content_of_file(connection, desk.node.blobs, entry["id"])
            assert content is not None
            found[entry["filename"]] = content
    return found


def error_of(desk: StoryDesk, reply: int) -> str:
    with desk.database.reading() as connection:
        return str(connection.execute(select(platform_reply.c.error).where(platform_reply.c.id == reply)).scalar())


def contents(desk: StoryDesk) -> list[bytes | None]:
    with desk.database.reading() as connection:
        return list(connection.execute(select(platform_attachment.c.content).order_by(platform_attachment.c.id)).scalars())


def test_what_a_customer_attaches_in_the_platform_reaches_staff_and_stays_readable(desk: StoryDesk, omar: Person) -> None:
    desk.writes_in_platform("acme", "anna@acme.example", "See the files.", files={"small.pdf": SMALL, "../large.pdf": LARGE})
    letter = omar.letter(Notice.NEW_TICKET)
    assert letter.files == {"small.pdf": SMALL, "large.pdf": LARGE}
    assert "Attachments: large.pdf, small.pdf" in letter.text
    [own, _] = desk.inbox("acme")
    assert read_in_platform(desk, own) == {"small.pdf": SMALL, "large.pdf": LARGE}
    assert sorted(contents(desk), key=str) == [None, SMALL]  # one copy of the large one


def test_what_customers_and_staff_attach_by_mail_is_readable_in_the_platform(desk: StoryDesk, omar: Person, anna: Person) -> None:
    anna.writes("Printer", "It jams.", files={"page.pdf": SMALL})
    omar.replies(Notice.NEW_TICKET, "Like this.", files={"how.pdf": b"%PDF how"})
    own, _, answer = desk.inbox("acme")
    assert read_in_platform(desk, own) == {"page.pdf": SMALL}
    assert read_in_platform(desk, answer) == {"how.pdf": b"%PDF how"}


def test_a_large_file_that_everybody_has_by_mail_gets_no_second_copy(desk: StoryDesk, omar: Person, anna: Person) -> None:
    anna.writes("Printer", "It jams.", files={"page.pdf": LARGE})
    omar.replies(Notice.NEW_TICKET, "Like this.", files={"how.pdf": LARGE + b"."})
    own, answer = (row for row in desk.inbox("acme") if row.attachments)
    assert read_in_platform(desk, own) == {"page.pdf": LARGE}
    assert read_in_platform(desk, answer) == {"how.pdf": LARGE + b"."}
    assert contents(desk) == [None, None]
    for octets in (LARGE, LARGE + b"."):
        with pytest.raises(OSError, match="No such file"):
            desk.node.blobs.get(sha256(octets).hexdigest())


def test_a_file_is_checked_when_it_is_taken_from_its_mail(desk: StoryDesk, omar: Person, anna: Person) -> None:
    anna.writes("Printer", "It jams.", files={"page.pdf": LARGE})
    [file] = next(row.attachments for row in desk.inbox("acme") if row.attachments)
    with desk.database.writing() as connection:
        place = connection.execute(select(platform_attachment.c.place)).scalar_one()
        place[0][0] += 4
        connection.execute(update(platform_attachment).values(place=place))
    with desk.database.reading() as connection, pytest.raises(FilesAway):
        content_of_file(connection, desk.node.blobs, file["id"])


def test_a_large_file_for_a_customer_without_an_address_is_readable_in_the_platform(desk: StoryDesk, omar: Person) -> None:
    desk.writes_in_platform("acme", "", "Where is the guide?")
    omar.replies(Notice.NEW_TICKET, "Here.", files={"guide.pdf": LARGE})
    assert read_in_platform(desk, desk.inbox("acme")[-1]) == {"guide.pdf": LARGE}


def test_files_of_notes_are_in_no_row(desk: StoryDesk, omar: Person, anna: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#note\nWhat we know.", files={"inside.pdf": CANARY})
    assert CANARY not in contents(desk)
    assert contents(desk) == []


def test_thanks_with_a_file_in_the_platform_reopen_the_request(desk: StoryDesk, omar: Person, anna: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    desk.writes_in_platform("acme", "anna@acme.example", "Thank you!", desk.ticket().thread_key, files={"form.pdf": SMALL})
    assert desk.ticket().status is Status.IN_PROGRESS
    assert omar.letter(Notice.REOPENED).files == {"form.pdf": SMALL}


def test_a_reply_whose_file_has_no_content_is_refused_and_waits_again(desk: StoryDesk, omar: Person) -> None:
    reply = desk.writes_in_platform("acme", "anna@acme.example", "See the file.", files={"lost.pdf": None})
    assert error_of(desk, reply) == f"platform_attachment: {reply}/lost.pdf has no content"
    assert desk.tickets() == []
    with desk.database.writing() as connection:
        connection.execute(update(platform_attachment).values(content=SMALL))
        connection.execute(update(platform_reply).values(error=None))
    desk.settle()
    assert omar.letter(Notice.NEW_TICKET).files == {"lost.pdf": SMALL}


def test_the_files_of_a_reply_have_a_limit(desk: StoryDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpdesk.store.platform_files.MOST_OCTETS", 100)
    reply = desk.writes_in_platform("acme", "anna@acme.example", "See the file.", files={"large.pdf": LARGE})
    assert "at most 100 octets" in error_of(desk, reply)


def test_files_go_with_the_words_into_another_inbox(desk: StoryDesk, omar: Person, anna: Person) -> None:
    anna.writes("Printer", "It jams.", files={"page.pdf": SMALL})
    omar.replies(Notice.NEW_TICKET, "#author carl@globex.example\n#note\nIt is his.")
    [row] = [row for row in desk.inbox() if row.direction == "customer"]
    assert row.contact_address == "carl@globex.example"
    assert read_in_platform(desk, row) == {"page.pdf": SMALL}


def test_files_of_a_request_without_an_account_are_readable_once_it_has_one(desk: StoryDesk, omar: Person) -> None:
    zed = desk.person("zed@other.example")
    zed.writes("Printer", "It jams.", files={"small.pdf": SMALL, "large.pdf": LARGE})
    omar.replies(Notice.NEW_TICKET, "#author carl@globex.example")
    [row] = [row for row in desk.inbox("globex") if row.direction == "customer"]
    assert read_in_platform(desk, row) == {"small.pdf": SMALL, "large.pdf": LARGE}


def test_files_of_a_note_that_is_sent_after_all_are_readable(desk: StoryDesk, omar: Person, anna: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#take")
    omar.replies(Notice.RECEIPT, "Like this.", files={"how.pdf": SMALL})
    omar.replies(Notice.RECEIPT, "#send")
    assert read_in_platform(desk, desk.inbox("acme")[-1]) == {"how.pdf": SMALL}


def test_a_customer_without_an_account_has_no_files_in_the_platform(desk: StoryDesk) -> None:
    desk.person("eve@gmail.example").writes("Hello", "Is this free?", files={"page.pdf": LARGE})
    assert contents(desk) == []
    assert [[entry["id"] for entry in row.attachments] for row in desk.inbox() if row.attachments] == [[None]]
