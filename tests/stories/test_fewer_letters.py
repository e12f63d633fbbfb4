"""Receipts are short, and nobody waits in vain: what was not sent is told at once, with the word that sends it."""

from pathlib import Path

import pytest
from support.desk.story import Person, StoryDesk, configured, direct_desk

from helpdesk.gateway.work.kind import MailReader
from helpdesk.threading.model.notice import Notice


def test_a_receipt_is_one_line_a_deed_with_the_way_back_and_no_block_of_facts(
    desk: StoryDesk, anna: Person, omar: Person
) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#priority high\n#resolve\nPlease open flap B.")
    lines = [line.rstrip() for line in omar.letter(Notice.RECEIPT).text.splitlines() if line.strip()]
    reference = desk.ticket().reference
    assert [line.partition(" ")[0] for line in lines[3:]] == [reference, reference, "Undo:", "A"]


@pytest.mark.parametrize("first", ["#category feature guidance", "#priority high"])
def test_an_answer_to_a_receipt_is_kept_and_its_author_told_at_once_how_to_send_it(
    desk: StoryDesk, anna: Person, omar: Person, first: str
) -> None:
    anna.writes("Export", "How do I export?")
    omar.replies(Notice.NEW_TICKET, first)
    omar.replies(Notice.RECEIPT, "Hello Anna, in Projects > Export.", files={"howto.pdf": b"%PDF-1 howto"})
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    assert desk.notices_to(omar) == [Notice.NEW_TICKET, Notice.RECEIPT, Notice.RECEIPT]
    told = omar.letter(Notice.RECEIPT).text
    assert "Nothing was sent" in told
    assert "#send" in told
    omar.replies(Notice.RECEIPT, "#send")
    answer = anna.letter(Notice.ANSWER)
    assert "in Projects > Export" in answer.text
    assert answer.files == {"howto.pdf": b"%PDF-1 howto"}


@pytest.mark.parametrize("text", ["#send", "#send\nand this too"])
def test_send_sends_nothing_that_was_meant_as_a_note(desk: StoryDesk, anna: Person, omar: Person, text: str) -> None:
    anna.writes("Export", "How do I export?")
    omar.replies(Notice.NEW_TICKET, "#note\nShe never pays.")
    omar.replies(Notice.RECEIPT, text)
    omar.replies(Notice.NEW_TICKET, text)
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]


def test_the_answer_to_a_note_is_a_note_without_a_receipt(desk: StoryDesk, anna: Person, omar: Person) -> None:
    ines = desk.person("ines@desk.example")
    anna.writes("Export", "How do I export?")
    omar.replies(Notice.NEW_TICKET, "#assign ines")
    omar.replies(Notice.NEW_TICKET, "#note\nDo you know her?")
    ines.replies(Notice.INTERNAL_NOTE, "I do.")
    assert Notice.RECEIPT not in desk.notices_to(ines)


def test_each_of_six_stale_answers_of_one_hour_is_told_to_its_proved_author(desk: StoryDesk, omar: Person) -> None:
    customers = [desk.person(f"carla{number}@globex.example") for number in range(6)]
    for customer in customers:
        customer.writes(f"Question {customer.name}", "How do I export?")
    letters = [letter for letter in omar.letters() if letter.notice is Notice.NEW_TICKET]
    for customer in customers:
        customer.replies(Notice.CONFIRMATION, "One more thing: I use Firefox.")
    for letter in letters:
        to = letter.header("Reply-To").rpartition("<")[2].rstrip(">")
        omar.writes(f"Re: {letter.header('Subject')}", "File, then Export.", to=to)
    assert desk.notices_to(omar).count(Notice.HELD) == 6
    assert Notice.ALARM not in desk.notices_to(omar)


OTHERS = """
[calendar]
zone = "Europe/Berlin"
[[staff]]
name = "Lena Vogt"
address = "lena@desk.example"
zone = "America/New_York"
language = "de"
[[account]]
id = "initech"
plan = "business"
domains = ["initech.example"]
zone = "Asia/Tokyo"
"""


def test_every_reader_has_the_times_of_their_own_zone_and_their_own_language(tmp_path: Path, reader: MailReader) -> None:
    """Monday 09:00 UTC is 10:00 in Berlin, 04:00 in New York and 18:00 in Tokyo; a first answer is due four working hours later."""
    with direct_desk(configured(tmp_path, more=OTHERS), reader) as desk:
        anna, omar, lena = (desk.person(address) for address in ("anna@acme.example", "omar@desk.example", "lena@desk.example"))
        anna.writes("Printer", "It jams.")
        assert "First answer due Mon 23 Nov, 14:00 CET" in omar.letter(Notice.NEW_TICKET).text
        omar.replies(Notice.NEW_TICKET, "#assign lena")
        given = lena.letter(Notice.ASSIGNMENT)
        assert "Erste Antwort fällig Mo., 23. Nov., 08:00" in given.text
        assert "Diese Anfrage gehört jetzt Ihnen" in given.text
        assert "UTC" not in given.text + omar.letter(Notice.NEW_TICKET).text
        omar.replies(Notice.NEW_TICKET, "#snooze 2026-11-25 15:00")
        assert "Wed 25 Nov, 15:00 CET" in omar.letter(Notice.RECEIPT).text
        hugo = desk.person("hugo@initech.example")
        hugo.writes("Printer", "It jams.")
        omar.writes("", f"#on {desk.ticket(2).reference}\n#escalate by 2026-11-25 10:00")
        assert "GMT+09:00" in hugo.letter(Notice.ESCALATION).text or "JST" in hugo.letter(Notice.ESCALATION).text


@pytest.mark.parametrize("name", ["Müller, Jörg (IT)", "Petrova, Anna"])
def test_an_ordinary_new_request_fits_one_screen_and_begins_with_what_matters(desk: StoryDesk, omar: Person, name: str) -> None:
    desk.person("anna@acme.example", name=f'"{name}"').writes("Printer", "Hello,\n\nit jams since this morning.\n\nAnna")
    lines = [line.rstrip() for line in omar.letter(Notice.NEW_TICKET).text.splitlines()]
    assert len(lines) <= 25
    begin = lines.index(f"New request from {name}")
    assert lines[begin + 1].startswith("First answer due ")
    assert (
        begin
        < lines.index("    it jams since this morning.")
        < next(place for place, line in enumerate(lines) if line.startswith("Category:"))
    )
    assert sum(line.startswith("Sorted: ") for line in lines) == 1


@pytest.mark.parametrize(
    ("command", "notice"),
    [
        ("", Notice.ANSWER),
        ("#ask\n", Notice.INFORMATION_REQUEST),
        ("#resolve\n", Notice.RESOLUTION),
        ("#escalate\n#answer\n", Notice.ESCALATION),
        ("#close\n", Notice.CLOSING),
    ],
)
def test_a_letter_greets_and_closes_once(desk: StoryDesk, omar: Person, command: str, notice: Notice) -> None:
    anna = desk.person("anna@acme.example", name='"Berg, Anna (Sales)"')
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, f"{command}Hi Anna,\n\nplease tell us more.\n\nOmar")
    own = anna.letter(notice).text
    assert own.count("Anna") == 1
    assert own.count("Omar") == 1
    omar.replies(Notice.NEW_TICKET, "#reopen" if notice in (Notice.RESOLUTION, Notice.CLOSING) else "#take")
    omar.replies(Notice.NEW_TICKET, "#ask\nplease tell us more.")
    plain = anna.letter(Notice.INFORMATION_REQUEST).text
    assert "Hello Anna Berg," in plain
    assert "Kind regards,\r\nOmar Haddad" in plain or "Kind regards,\nOmar Haddad" in plain


CHOICES = """
[[staff]]
name = "Lena Vogt"
address = "lena@desk.example"
queues = ["quiet"]
letters = "{letters}"
[[address]]
address = "quiet@support.example.com"
queue = "quiet"
[triage]
assign = false
"""


@pytest.mark.parametrize(
    ("letters", "unassigned", "own"),
    [
        ("all", [Notice.NEW_TICKET], [Notice.CUSTOMER_REPLY]),
        ("own", [], [Notice.CUSTOMER_REPLY]),
        ("digest", [], []),
    ],
)
def test_a_staff_member_chooses_which_letters_come(
    tmp_path: Path, reader: MailReader, letters: str, unassigned: list[Notice], own: list[Notice]
) -> None:
    with direct_desk(configured(tmp_path, more=CHOICES.format(letters=letters)), reader) as desk:
        anna, lena = desk.person("anna@acme.example"), desk.person("lena@desk.example")
        anna.writes("Printer", "It jams.", to="quiet@support.example.com")
        assert desk.notices_to(lena) == unassigned
        desk.person("ines@desk.example").writes("", f"#on {desk.ticket().reference}\n#assign lena")
        anna.replies(Notice.CONFIRMATION, "It still jams.")
        assert desk.notices_to(lena) == [*unassigned, Notice.ASSIGNMENT, *own]
