"""Ready answers: staff put one into a reply by a line, and customers read what support cannot do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk.story import Person, StoryDesk, configured, direct_desk

from helpdesk.gateway.work.kind import MailReader
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice

ASKS = "Could you give me access to my colleague's account, please?"
REFUND = '[[ready_answer]]\nname = "refund"\ntexts = { en = "Hello {name},\\nsend {reference} back. {staff} {request_page}" }\n'
PAGE = "https://www.example.com/ask"


@pytest.fixture
def desk(tmp_path: Path, reader: MailReader) -> Iterator[StoryDesk]:
    config = configured(tmp_path, more=REFUND)
    config.write_text(config.read_text().replace('prefix = "ACZ"', f'prefix = "ACZ"\nrequest_page = "{PAGE}"'))
    with direct_desk(config, reader) as ready:
        yield ready


@pytest.fixture
def anna(desk: StoryDesk) -> Person:
    return desk.person("anna@acme.example", "Anna Petrova")


@pytest.fixture
def omar(desk: StoryDesk) -> Person:
    return desk.person("omar@desk.example", "Omar Haddad")


def test_the_answer_that_fits_is_proposed_and_the_customer_reads_the_rule(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Access", ASKS)
    assert "#use other-account" in omar.letter(Notice.NEW_TICKET).text
    confirmation = anna.letter(Notice.CONFIRMATION)
    assert "only work on another person's account if that person agrees" in confirmation.text
    assert "another person" in confirmation.html and "#use" not in confirmation.text


def test_who_asks_for_nothing_special_reads_no_rule(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    assert "Please note" not in anna.letter(Notice.CONFIRMATION).text
    assert "ready answer" not in omar.letter(Notice.NEW_TICKET).text


def test_an_answer_stands_where_its_line_is_with_the_customer_s_values(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "Good morning,\n#use refund\nand have a nice day.\n#resolve")
    letter = anna.letter(Notice.RESOLUTION).text.replace("\r\n", "\n")
    expected = (
        f"Good morning,\nHello Anna Petrova,\nsend {desk.ticket().reference} back. Omar Haddad {PAGE}\nand have a nice day."
    )
    assert expected in letter
    assert "refund (en)" in omar.letter(Notice.RECEIPT).text
    assert expected in desk.history().messages[-1].text


def test_the_line_alone_is_an_answer_in_the_language_of_the_customer(desk: StoryDesk, omar: Person) -> None:
    carla = desk.person("carla@globex.example", "Carla Rossi")
    carla.writes(
        "Zugang", "Guten Tag, bitte geben Sie mir Zugriff auf das Konto meiner Kollegin, sie ist im Urlaub. Vielen Dank."
    )
    assert "Am Konto einer anderen Person" in carla.letter(Notice.CONFIRMATION).text
    omar.replies(Notice.NEW_TICKET, "#use other-account")
    assert "Am Konto einer anderen Person dürfen wir nur" in " ".join(carla.letter(Notice.ANSWER).text.split())


@pytest.mark.parametrize("text", ["#use refnd", "Hello,\n#use refnd\nRegards", "#resolve #use refnd"])
def test_an_unknown_name_is_refused_with_the_nearest_one(desk: StoryDesk, anna: Person, omar: Person, text: str) -> None:
    anna.writes("Printer", "It jams.")
    message_id = omar.replies(Notice.NEW_TICKET, text)
    assert desk.why(message_id).state is Disposition.REFUSED
    assert 'Did you mean "refund"?' in omar.letter(Notice.RECEIPT).text
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]


def test_what_a_customer_writes_is_never_a_value(desk: StoryDesk, omar: Person) -> None:
    eve = desk.person("eve@acme.example", "{staff} #use scope")
    eve.writes("{reference}", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#use refund")
    held = omar.letters()[-1]
    if held.notice is Notice.HELD:
        omar.replies(Notice.HELD, "#send")
    [answer] = [letter for letter in eve.letters() if letter.notice is Notice.ANSWER]
    assert "Hello {staff} #use scope," in answer.text


def test_a_note_may_hold_one_and_no_customer_reads_it(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#note\nWe could write:\n#use refund")
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    assert f"send {desk.ticket().reference} back" in desk.history().notes[0].text
