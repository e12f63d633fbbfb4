"""A file that is too large for a letter is named in it, with a way to get it. The sender of the file is told at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk.story import Person, StoryDesk, configured, direct_desk

from helpdesk.gateway.work.kind import MailReader
from helpdesk.threading.model.notice import Notice

LARGE = bytes(range(256)) * 100  # 25,600 octets
SMALL = b"%PDF small"
SCREENSHOT = b"\x89PNG\r\n what the page shows"


@pytest.fixture
def desk(tmp_path: Path, reader: MailReader) -> Iterator[StoryDesk]:
    with direct_desk(configured(tmp_path, more="[letters]\nattachments = 10000\n"), reader) as made:
        yield made


@pytest.fixture
def omar(desk: StoryDesk) -> Person:
    return desk.person("omar@desk.example", "Omar Haddad")


@pytest.fixture
def anna(desk: StoryDesk) -> Person:
    return desk.person("anna@acme.example", "Anna")


def receipts(omar: Person) -> list[dict[str, bytes]]:
    return [letter.files for letter in omar.letters() if letter.notice is Notice.RECEIPT]


def test_staff_fetch_what_was_too_large_for_their_letter_in_parts(desk: StoryDesk, omar: Person, anna: Person) -> None:
    anna.writes("Printer", "See the files.", files={"small.pdf": SMALL, "large.pdf": LARGE})
    letter = omar.letter(Notice.NEW_TICKET)
    assert letter.files == {"small.pdf": SMALL}
    assert "Attachments: small.pdf, large.pdf (#file 1, 2)" in letter.text
    assert "Too large to send along, kept on the request: large.pdf (#file 2)" in letter.text

    omar.replies(Notice.NEW_TICKET, "#file 1, 2")
    *parts, last = receipts(omar)
    assert [list(files) for files in parts] == [["small.pdf"], ["large.pdf.001"], ["large.pdf.002"], ["large.pdf.003"]]
    joined = b"".join(content for files in parts for name, content in files.items() if name.startswith("large"))
    assert joined == LARGE
    assert last == {}
    assert "To you alone, in 4 letters of their own: small.pdf, large.pdf." in " ".join(omar.letter(Notice.RECEIPT).text.split())
    assert Notice.ANSWER not in desk.notices_to(anna)


def test_files_count_on_over_messages_and_notes(desk: StoryDesk, omar: Person, anna: Person) -> None:
    anna.writes("Printer", "It jams.", files={"first.pdf": SMALL})
    omar.replies(Notice.NEW_TICKET, "#note\nWhat we know.", files={"inside.pdf": b"%PDF inside"})
    anna.replies(Notice.CONFIRMATION, "And this.", files={"third.pdf": b"%PDF third"})
    assert "Attachments: third.pdf (#file 3)" in omar.letter(Notice.CUSTOMER_REPLY).text
    omar.replies(Notice.CUSTOMER_REPLY, "#file 2")
    assert receipts(omar)[-2] == {"inside.pdf": b"%PDF inside"}
    omar.replies(Notice.CUSTOMER_REPLY, "#file 7")
    assert "one of these would work: 1 first.pdf, 2 inside.pdf, 3 third.pdf" in omar.letter(Notice.RECEIPT).text


@pytest.mark.parametrize("line", ["#file", "#file two", "#file 0", "#file 1 7"])
def test_a_file_that_is_not_there_is_refused_with_those_that_are(desk: StoryDesk, omar: Person, anna: Person, line: str) -> None:
    anna.writes("Printer", "It jams.", files={"first.pdf": SMALL})
    omar.replies(Notice.NEW_TICKET, line)
    assert "Nothing of this mail was carried out." in omar.letter(Notice.RECEIPT).text
    assert receipts(omar) == [{}]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("#file 2 here is the plan", "here is the plan"),
        ("#file 1, #2 see page 7, and page 9", "see page 7, and page 9"),
        ("#datei 2 hier ist der Plan", "hier ist der Plan"),
        ("#fichier 2, voici le plan", "voici le plan"),
        ("#archivo 2\n\nAquí está el plano.", "Aquí está el plano."),
        ("#allegato 2 Ecco la pianta.\nE altro.", "Ecco la pianta.\n\nE altro."),
        ("#status\n\nHet plan komt morgen.", "Het plan komt morgen."),
        ("O plano chega amanhã.\n\n#help", "O plano chega amanhã."),
    ],
)
def test_words_beside_a_command_that_asks_are_kept_as_a_note(
    desk: StoryDesk, omar: Person, anna: Person, text: str, words: str
) -> None:
    anna.writes("Printer", "It jams.", files={"first.pdf": SMALL, "second.pdf": b"%PDF second"})
    omar.replies(Notice.NEW_TICKET, text)
    assert [note.text for note in desk.history().notes] == [words]
    assert Notice.ANSWER not in desk.notices_to(anna)
    assert "Your words beside it are kept as a note" in " ".join(omar.letter(Notice.RECEIPT).text.split())
    omar.replies(Notice.NEW_TICKET, words)
    assert Notice.ANSWER in desk.notices_to(anna)


def test_files_beside_a_command_that_asks_are_kept_on_a_note(desk: StoryDesk, omar: Person, anna: Person) -> None:
    anna.writes("Printer", "It jams.", files={"first.pdf": SMALL})
    omar.replies(Notice.NEW_TICKET, "#file 1", files={"plan.pdf": b"%PDF plan"})
    assert [(note.text, [file["filename"] for file in note.attachments]) for note in desk.history().notes] == [
        ("Files: plan.pdf", ["plan.pdf"])
    ]
    assert "The files beside it are kept as a note" in " ".join(omar.letter(Notice.RECEIPT).text.split())
    omar.replies(Notice.NEW_TICKET, "#file 2")
    assert receipts(omar)[-2] == {"plan.pdf": b"%PDF plan"}
    assert Notice.ANSWER not in desk.notices_to(anna)


def test_a_logo_that_stays_on_the_ticket_can_be_fetched(desk: StoryDesk, omar: Person, anna: Person) -> None:
    for _ in range(3):
        anna.writes("Printer", "It jams.", logo={"logo.png": SCREENSHOT})
    assert "logo.png (image of the signature, #file 1)" in omar.letter(Notice.NEW_TICKET).text
    omar.replies(Notice.NEW_TICKET, "#file 1")
    assert receipts(omar)[0] == {"logo.png": SCREENSHOT}


def test_who_answers_with_too_large_a_file_is_told_at_once(desk: StoryDesk, omar: Person, anna: Person) -> None:
    anna.writes("Printer", "Where is the guide?")
    omar.replies(Notice.NEW_TICKET, "Here is the guide.", files={"guide.pdf": LARGE})
    assert "Too large to send along, ready for you in your support inbox: guide.pdf" in anna.letter(Notice.ANSWER).text
    assert desk.inbox("acme")[-1].attachments[0]["id"] is not None
    receipt = omar.letter(Notice.RECEIPT).text
    assert "NOT SENT ALONG" in receipt
    assert "at most 10 kB: guide.pdf. The customer finds it in the support inbox." in " ".join(receipt.split())


def test_a_customer_without_an_account_is_named_the_file_and_staff_are_asked_for_another_way(
    desk: StoryDesk, omar: Person
) -> None:
    eve = desk.person("eve@gmail.example")
    eve.writes("Printer", "Where is the guide?")
    omar.replies(Notice.NEW_TICKET, "Here is the guide.", files={"guide.pdf": LARGE})
    assert "Too large for email: guide.pdf. Reply and we’ll find another way." in eve.letter(Notice.ANSWER).text
    assert "Send it in smaller parts, or by another way" in " ".join(omar.letter(Notice.RECEIPT).text.split())


def test_a_file_that_goes_along_needs_no_receipt(desk: StoryDesk, omar: Person, anna: Person) -> None:
    anna.writes("Printer", "Where is the guide?")
    omar.replies(Notice.NEW_TICKET, "Here is the guide.", files={"guide.pdf": SMALL})
    assert anna.letter(Notice.ANSWER).files == {"guide.pdf": SMALL}
    assert receipts(omar) == []


def test_files_of_the_platform_are_fetched_too(desk: StoryDesk, omar: Person) -> None:
    desk.writes_in_platform("acme", "anna@acme.example", "See the file.", files={"large.pdf": LARGE})
    omar.replies(Notice.NEW_TICKET, "#file 1")
    assert b"".join(content for files in receipts(omar) for content in files.values()) == LARGE
