"""What an answer of staff leaves behind: whose move it is, which clocks stop, and what follows from silence."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update
from support.desk.story import Person, StoryDesk, configured, direct_desk
from support.mails.reports import letters_to, returns

from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.schema import outbox
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.promises.targets import targets_of

MORE = """
[plans.free]
[plans.starter]
[plans.business]
first_response = "4h"
next_response = "4h"
resolution = "40h"
"""
FRIDAY = datetime(2026, 11, 27, 23, 59, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path, reader: MailReader) -> Iterator[StoryDesk]:
    with direct_desk(configured(tmp_path / "answered", more=MORE), reader) as desk:
        yield desk


@pytest.fixture
def anna(desk: StoryDesk) -> Person:
    return desk.person("anna@acme.example", "Anna")


@pytest.fixture
def omar(desk: StoryDesk) -> Person:
    return desk.person("omar@desk.example", "Omar")


def states(desk: StoryDesk) -> dict[str, str]:
    return {target.kind.value: target.state for target in targets_of(desk.ticket(), desk.node.desk.policy)}


def asked_and_told(anna: Person, omar: Person, answer: str) -> None:
    anna.writes("Printer", "It jams with every page.")  # Monday 09:00
    omar.replies(Notice.NEW_TICKET, answer)


def test_a_content_customer_is_asked_once_whether_it_is_solved_and_never_hears_of_a_senior(
    desk: StoryDesk, anna: Person, omar: Person
) -> None:
    asked_and_told(anna, omar, "Open flap B.")
    assert (desk.ticket().status, desk.ticket().waiting_on) == (Status.IN_PROGRESS, WaitingOn.CUSTOMER)
    assert states(desk) == {"first_response": "met", "resolution": "paused"}
    desk.passes(days=6, hours=23)
    assert desk.ticket().status is Status.IN_PROGRESS
    desk.passes(hours=2)  # Monday: five working days
    assert (desk.ticket().status, desk.ticket().waiting_on) == (Status.RESOLVED, WaitingOn.NOBODY)
    letter = anna.letter(Notice.RESOLUTION)
    assert "We think that our last answer solved your request." in letter.text
    assert "If it isn’t solved, just reply" in letter.text and "close your request on Monday, 7 December 2026." in letter.text
    for _ in range(10):
        desk.passes(days=1)
    assert desk.ticket().status is Status.CLOSED
    assert desk.notices_to(anna) == [Notice.CONFIRMATION, Notice.ANSWER, Notice.RESOLUTION, Notice.CLOSING]
    assert Notice.TARGET_MISSED not in desk.notices_to(omar)


@pytest.mark.parametrize(
    ("words", "waiting_on"), [("It still jams. What now?", WaitingOn.SUPPORT), ("Thank you very much!", WaitingOn.CUSTOMER)]
)
def test_words_put_an_answered_request_back_to_support_and_thanks_alone_do_not(
    desk: StoryDesk, anna: Person, omar: Person, words: str, waiting_on: WaitingOn
) -> None:
    asked_and_told(anna, omar, "Open flap B.")
    anna.replies(Notice.ANSWER, words)
    assert (desk.ticket().status, desk.ticket().waiting_on) == (Status.IN_PROGRESS, waiting_on)
    assert Notice.CUSTOMER_REPLY in desk.notices_to(omar)
    desk.passes(days=8)
    assert (desk.ticket().status is Status.RESOLVED) is (waiting_on is WaitingOn.CUSTOMER)


def test_thanks_in_answer_to_a_question_are_an_answer(desk: StoryDesk, anna: Person, omar: Person) -> None:
    asked_and_told(anna, omar, "#ask\nShall I send a technician?")
    anna.replies(Notice.INFORMATION_REQUEST, "Perfect, thank you!")
    assert desk.ticket().waiting_on is WaitingOn.SUPPORT


def test_a_later_answer_ends_the_wait_for_an_earlier_question(desk: StoryDesk, anna: Person, omar: Person) -> None:
    asked_and_told(anna, omar, "#ask\nWhich one is it?")
    omar.replies(Notice.NEW_TICKET, "We have found it: open flap B.")
    desk.passes(days=8)
    assert Notice.REMINDER not in desk.notices_to(anna)
    assert desk.ticket().status is Status.RESOLVED


def test_working_keeps_the_move_with_support(desk: StoryDesk, anna: Person, omar: Person) -> None:
    asked_and_told(anna, omar, "#working\nI have ordered the part.")
    assert (desk.ticket().status, desk.ticket().waiting_on) == (Status.IN_PROGRESS, WaitingOn.SUPPORT)
    assert states(desk) == {"first_response": "met", "resolution": "running"}
    assert "I have ordered the part." in anna.letter(Notice.ANSWER).text
    assert "You’ll hear from us" not in anna.letter(Notice.ANSWER).text


def test_a_promised_date_stands_in_the_letter_is_reminded_of_and_is_kept_by_the_next_answer(
    desk: StoryDesk, anna: Person, omar: Person
) -> None:
    asked_and_told(anna, omar, "#working by friday\nI have ordered the part.")
    assert "You’ll hear from us by Friday, 27 November 2026." in anna.letter(Notice.ANSWER).text
    assert "hear from you by Fri 27 Nov" in omar.letter(Notice.RECEIPT).text
    assert [target.due_at for target in targets_of(desk.ticket(), desk.node.desk.policy)][-1] == FRIDAY
    desk.passes(days=3, hours=4)  # Thursday 13:00
    assert Notice.TARGET_WARNING not in desk.notices_to(omar)
    desk.passes(hours=24)
    warning = omar.letter(Notice.TARGET_WARNING).text
    assert "Promised date" in warning and "Fri 27 Nov" in warning
    omar.replies(Notice.NEW_TICKET, "The part is here.")
    assert states(desk)["given_date"] == "met"
    desk.passes(days=4)
    assert desk.ticket().status is Status.IN_PROGRESS


def test_a_promised_date_that_passes_escalates_in_the_morning(desk: StoryDesk, anna: Person, omar: Person) -> None:
    asked_and_told(anna, omar, "#working by friday\nI have ordered the part.")
    desk.passes(days=4, hours=7)  # Friday 16:00: the team is reminded
    desk.passes(hours=24)
    assert desk.ticket().status is Status.IN_PROGRESS
    desk.passes(hours=42)  # Monday 10:00
    assert desk.ticket().status is Status.ESCALATED


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("#working by 2026-11-20", "this is no time to come within a year"),
        ("#working by 2030-11-20", "this is no time to come within a year"),
        ("#working by 31st", "this is no time to come within a year"),
        ("#working on it", "write your text below the line"),
    ],
)
def test_a_date_that_cannot_be_promised_is_refused(desk: StoryDesk, anna: Person, omar: Person, line: str, why: str) -> None:
    asked_and_told(anna, omar, f"{line}\nI have ordered the part.")
    assert Notice.ANSWER not in desk.notices_to(anna)
    assert why in omar.letter(Notice.RECEIPT).text


def test_settling_can_be_switched_off(tmp_path: Path, reader: MailReader) -> None:
    with direct_desk(configured(tmp_path / "never", more='[closing]\nsettle_after = ""\n'), reader) as desk:
        asked_and_told(desk.person("anna@acme.example"), desk.person("omar@desk.example"), "Open flap B.")
        desk.passes(days=60)
        assert desk.ticket().status is Status.IN_PROGRESS


@pytest.mark.parametrize("state", ["deferred", "suppressed"])
def test_an_answer_that_never_left_settles_nothing(desk: StoryDesk, anna: Person, omar: Person, state: str) -> None:
    asked_and_told(anna, omar, "Open flap B.")
    with desk.database.writing() as connection:
        connection.execute(update(outbox).where(outbox.c.notice == Notice.ANSWER).values(state=state, next_attempt_at=None))
    for _ in range(14):
        desk.passes(days=1)
    assert desk.ticket().status is Status.IN_PROGRESS


def test_a_split_message_takes_its_clock_along(desk: StoryDesk, anna: Person, omar: Person) -> None:
    asked_and_told(anna, omar, "Open flap B.")
    anna.replies(Notice.ANSWER, "And the scanner shows error 500 since today.", headers={"Cc": "carla@acme.example"})
    assert states(desk)["next_response"] == "running"
    omar.replies(Notice.CUSTOMER_REPLY, "#split")
    assert states(desk) == {"first_response": "met", "resolution": "paused"}
    assert (desk.ticket(1).waiting_on, desk.ticket(2).waiting_on) == (WaitingOn.CUSTOMER, WaitingOn.SUPPORT)
    assert "carla@acme.example" in [person.address for person in desk.ticket(2).participants]
    answers = desk.notices_to(anna).count(Notice.ANSWER)
    omar.replies(Notice.NEW_TICKET, "The scanner works again.")  # it is not held as if somebody had written since
    assert desk.notices_to(anna).count(Notice.ANSWER) == answers + 1
    for _ in range(9):
        desk.passes(days=1)
    assert [ticket.status for ticket in desk.tickets()] == [Status.RESOLVED, Status.RESOLVED]
    assert Notice.ESCALATION not in desk.notices_to(anna)


def test_a_full_mailbox_whose_owner_writes_again_is_reachable(desk: StoryDesk, anna: Person, omar: Person) -> None:
    asked_and_told(anna, omar, "Open flap B.")
    returns(desk, letters_to(desk, anna, Notice.ANSWER)[0], status="5.2.2", diagnostic="mailbox full")
    assert desk.ticket().waiting_on is WaitingOn.SUPPORT
    anna.replies(Notice.CONFIRMATION, "My mailbox was full, please send it again.")
    omar.replies(Notice.CUSTOMER_REPLY, "Once more: open flap B.")
    assert [letter.state for letter in letters_to(desk, anna, Notice.ANSWER)] == ["failed", "sent"]


def test_a_mailbox_that_does_not_exist_stays_suppressed(desk: StoryDesk, anna: Person, omar: Person) -> None:
    asked_and_told(anna, omar, "Open flap B.")
    returns(desk, letters_to(desk, anna, Notice.ANSWER)[0], status="5.1.1")
    anna.replies(Notice.CONFIRMATION, "Hello?")
    omar.replies(Notice.CUSTOMER_REPLY, "Once more: open flap B.")
    assert [letter.state for letter in letters_to(desk, anna, Notice.ANSWER)] == ["failed", "suppressed"]


def test_a_late_first_answer_is_apologized_for_and_the_next_answer_is_promised(
    desk: StoryDesk, anna: Person, omar: Person
) -> None:
    ines = desk.person("ines@desk.example")
    anna.writes("Printer", "It jams with every page.")  # Monday 09:00
    desk.passes(hours=3, minutes=30)
    desk.passes(hours=1)  # due at 13:00
    letter = anna.letter(Notice.ESCALATION).text
    assert "We promised you an answer by now and haven’t kept that promise. We’re sorry." in letter
    assert "A senior colleague is now handling your request." in letter
    assert "You’ll have our answer by Tuesday, 24 November 2026 at 09:" in letter
    assert "The customer has been told." in ines.letter(Notice.TARGET_MISSED).text
    assert "was assigned to you and is now assigned to Ines" in omar.letter(Notice.TARGET_MISSED).text
    assert states(desk)["given_date"] == "running"
    for _ in range(12):
        desk.passes(hours=2)
    assert (desk.ticket().escalation_level, desk.notices_to(anna).count(Notice.ESCALATION)) == (2, 2)
    assert anna.letter(Notice.ESCALATION).text != letter


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ("confirms", "Thank you for telling us."),
        ("silence", "We haven’t heard from you"),
        ("staff", "Your request is now closed."),
    ],
)
def test_closing_letters_say_what_closed_the_request(desk: StoryDesk, anna: Person, omar: Person, ends: str, words: str) -> None:
    asked_and_told(anna, omar, "#close\nDone." if ends == "staff" else "#resolve\nCleaned.")
    if ends == "confirms":
        anna.replies(Notice.RESOLUTION, "Thank you, it works!")
    desk.passes(days=8)
    assert desk.notices_to(anna).count(Notice.CLOSING) == 1
    assert words in anna.letter(Notice.CLOSING).text


NORA = """
[[staff]]
name = "Nora Lind"
address = "nora@desk.example"
queues = ["other"]
"""


@pytest.mark.parametrize("deputy", [True, False], ids=["deputy", "queue"])
def test_a_customer_of_somebody_away_is_heard_by_somebody_there(tmp_path: Path, reader: MailReader, deputy: bool) -> None:
    folder = configured(tmp_path / "away", more=MORE + NORA)
    if deputy:
        text = folder.read_text("utf-8")
        folder.write_text(
            text.replace('address = "omar@desk.example"', 'address = "omar@desk.example"\ndeputy = "nora@desk.example"'), "utf-8"
        )
    with direct_desk(folder, reader) as desk:
        anna, omar = desk.person("anna@acme.example", "Anna"), desk.person("omar@desk.example", "Omar")
        ines, nora = desk.person("ines@desk.example"), desk.person("nora@desk.example")
        asked_and_told(anna, omar, "#resolve\nCleaned.")
        omar.writes("Away", "#away 2026-12-14")
        anna.replies(Notice.RESOLUTION, "It jams again. Please help, it is urgent.")
        assert desk.ticket().assignee == omar.address
        there, other = (nora, ines) if deputy else (ines, nora)
        assert desk.notices_to(omar)[-1] is Notice.REOPENED and Notice.REOPENED in desk.notices_to(there)
        assert Notice.REOPENED not in desk.notices_to(other)
        assert "Omar Haddad, to whom this is assigned, is away until Mon 14 Dec" in there.letter(Notice.REOPENED).text
        there.replies(Notice.REOPENED, "A technician comes today.")
        assert "A technician comes today." in anna.letter(Notice.ANSWER).text
