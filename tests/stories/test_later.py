"""`#at`: an answer is carried out at its time, can be taken back until then, and is held if the customer wrote meanwhile."""

from pathlib import Path

import pytest
from support.desk.story import Person, StoryDesk, configured, direct_desk

from helpdesk.gateway.work.kind import MailReader
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status

ANSWER = "#at tomorrow 9:30\n#resolve\nThe part has come, please try again."


@pytest.fixture
def anna(desk: StoryDesk) -> Person:
    return desk.person("anna@acme.example", "Anna Petrova")


@pytest.fixture
def omar(desk: StoryDesk) -> Person:
    return desk.person("omar@desk.example", "Omar Haddad")


def test_an_answer_goes_out_at_its_time(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, ANSWER)
    assert "it waits until Tue 24 Nov, 09:30 UTC" in " ".join(omar.letter(Notice.HELD).text.split())
    desk.passes(hours=24)
    assert Notice.RESOLUTION not in desk.notices_to(anna) and desk.ticket().status is not Status.RESOLVED
    desk.passes(hours=1)
    desk.settle()
    assert desk.notices_to(anna).count(Notice.RESOLUTION) == 1
    assert "The part has come" in anna.letter(Notice.RESOLUTION).text
    assert desk.ticket().scheduled == ()


@pytest.mark.parametrize(("notice", "word"), [(Notice.HELD, "#undo"), (Notice.HELD, "#discard"), (Notice.NEW_TICKET, "#undo")])
def test_it_can_be_taken_back_until_then(desk: StoryDesk, anna: Person, omar: Person, notice: Notice, word: str) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, ANSWER)
    omar.replies(notice, word)
    desk.passes(days=2)
    desk.settle()
    assert desk.notices_to(anna).count(Notice.RESOLUTION) == 0


def test_it_goes_at_once_on_demand_and_only_once(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#at 2h\nPlease open flap B.")
    omar.replies(Notice.HELD, "#send")
    assert desk.notices_to(anna) == [Notice.CONFIRMATION, Notice.ANSWER]
    desk.passes(hours=3)
    desk.settle()
    assert desk.notices_to(anna) == [Notice.CONFIRMATION, Notice.ANSWER]


@pytest.mark.parametrize("answers_letter", [True, False])
def test_it_is_held_if_the_customer_wrote_meanwhile(desk: StoryDesk, anna: Person, omar: Person, *, answers_letter: bool) -> None:
    anna.writes("Printer", "It jams.")
    if answers_letter:
        omar.replies(Notice.NEW_TICKET, ANSWER)
    else:
        omar.writes("Printer", f"#on {desk.ticket().reference}\n{ANSWER}")
    anna.replies(Notice.CONFIRMATION, "I have thrown it away, never mind that part.")
    desk.passes(hours=26)
    desk.settle()
    assert Notice.RESOLUTION not in desk.notices_to(anna)
    assert "thrown it away" in omar.letter(Notice.HELD).text
    omar.replies(Notice.HELD, "#send")
    assert Notice.RESOLUTION in desk.notices_to(anna)


def test_the_time_is_that_of_the_staff_member_s_zone(tmp_path: Path, reader: MailReader) -> None:
    more = '[[staff]]\nname = "Yuki"\naddress = "yuki@desk.example"\nrole = "senior"\nzone = "Asia/Tokyo"\n'
    with direct_desk(configured(tmp_path, more=more), reader) as desk:
        anna, yuki = desk.person("anna@acme.example"), desk.person("yuki@desk.example")
        anna.writes("Printer", "It jams.")
        yuki.writes("Later", f"#on {desk.ticket().reference}\n#at tomorrow 9:30\nPlease open flap B.")
        assert [row.at.isoformat() for row in desk.ticket().scheduled] == ["2026-11-24T00:30:00+00:00"]
        assert "it waits until Tue 24 Nov, 09:30" in yuki.letter(Notice.HELD).text


@pytest.mark.parametrize("line", ["#at yesterday", "#at 2020-01-01 9:00", "#at monday 25:00", "#at 2h\n#prioty high", "#at noon"])
def test_what_cannot_work_is_refused_now(desk: StoryDesk, anna: Person, omar: Person, line: str) -> None:
    anna.writes("Printer", "It jams.")
    message_id = omar.replies(Notice.NEW_TICKET, f"{line}\nPlease open flap B.")
    assert desk.why(message_id).state is Disposition.REFUSED
    assert desk.ticket().scheduled == ()
