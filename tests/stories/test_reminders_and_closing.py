"""Silence: a question is brought to mind in working time, and what closes by silence was told of by a letter that arrived."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from support.desk.story import Person, StoryDesk

from helpdesk.store.schema import outbox
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status, WaitingOn


@pytest.fixture
def anna(desk: StoryDesk) -> Person:
    return desk.person("anna@acme.example", "Anna")


@pytest.fixture
def omar(desk: StoryDesk) -> Person:
    return desk.person("omar@desk.example", "Omar")


def asked(anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")  # Monday 09:00
    omar.replies(Notice.NEW_TICKET, "#ask\nWhich one?")


def goes_on(desk: StoryDesk, days: int) -> None:
    """Days in steps, since what is put off is due at a moment in between."""
    for _ in range(4 * days):
        desk.passes(hours=6)


def becomes(desk: StoryDesk, notice: Notice, state: str) -> None:
    with desk.database.writing() as connection:
        connection.execute(update(outbox).where(outbox.c.notice == notice).values(state=state, next_attempt_at=None))


def test_a_question_is_brought_to_mind_twice_and_then_the_ticket_closes(desk: StoryDesk, anna: Person, omar: Person) -> None:
    asked(anna, omar)
    desk.passes(days=1, hours=23)
    assert Notice.REMINDER not in desk.notices_to(anna)
    desk.passes(hours=2)  # Wednesday
    assert desk.notices_to(anna).count(Notice.REMINDER) == 1
    assert "We’re still waiting for your answer to this question:\n\n    Which one?\n" in anna.letter(
        Notice.REMINDER
    ).text.replace("\r", "")
    desk.passes(days=5)  # Monday: five working days
    assert desk.notices_to(anna).count(Notice.REMINDER) == 2
    assert desk.ticket().waiting_on is WaitingOn.CUSTOMER
    desk.passes(days=6, hours=20)
    assert desk.ticket().status is Status.IN_REVIEW
    desk.passes(hours=8)
    assert (desk.ticket().status, desk.notices_to(anna)[-1]) == (Status.CLOSED, Notice.CLOSING)
    desk.passes(days=60)
    assert desk.notices_to(anna).count(Notice.REMINDER) == 2


def test_a_reminder_repeats_the_question_only_to_people_who_have_had_it(desk: StoryDesk, anna: Person, omar: Person) -> None:
    asked(anna, omar)
    omar.replies(Notice.NEW_TICKET, "#cc paul@acme.example")
    desk.passes(days=3)
    for person in (anna, desk.person("paul@acme.example")):
        assert "our last question" in person.letter(Notice.REMINDER).text
        assert "Which one?" not in person.letter(Notice.REMINDER).text


@pytest.mark.parametrize("words", ["It is the one on the second floor.", "Es ist der im zweiten Stock."])
def test_a_reply_ends_the_reminders(desk: StoryDesk, anna: Person, omar: Person, words: str) -> None:
    asked(anna, omar)
    desk.passes(days=3)
    anna.replies(Notice.REMINDER, words)
    desk.passes(days=60)
    assert desk.notices_to(anna).count(Notice.REMINDER) == 1
    assert desk.ticket().status is not Status.CLOSED


def test_no_reminder_leaves_at_night_or_on_a_day_off(desk: StoryDesk, anna: Person, omar: Person) -> None:
    asked(anna, omar)
    for _ in range(24 * 20):
        before = len(anna.letters())
        desk.now = desk.now.replace(minute=0)
        desk.passes(hours=1)
        if len(anna.letters()) > before:
            assert desk.now.weekday() < 5 and 9 <= desk.now.hour <= 17


@pytest.mark.parametrize("notice", [Notice.REMINDER, Notice.RESOLUTION])
def test_a_letter_that_still_waits_closes_nothing(desk: StoryDesk, anna: Person, omar: Person, notice: Notice) -> None:
    silent(desk, anna, omar, notice)
    becomes(desk, notice, "deferred")
    goes_on(desk, 9)
    assert desk.ticket().status is not Status.CLOSED
    becomes(desk, notice, "sent")
    goes_on(desk, 3)
    assert desk.ticket().status is Status.CLOSED


@pytest.mark.parametrize("state", ["failed", "suppressed"])
@pytest.mark.parametrize("notice", [Notice.REMINDER, Notice.RESOLUTION])
def test_a_letter_that_never_arrived_closes_nothing_and_the_team_hears_of_it(
    desk: StoryDesk, anna: Person, omar: Person, notice: Notice, state: str
) -> None:
    silent(desk, anna, omar, notice)
    becomes(desk, notice, state)
    told = desk.notices_to(omar).count(Notice.DELIVERY_FAILURE)
    goes_on(desk, 20)
    assert desk.ticket().status is not Status.CLOSED
    assert desk.notices_to(omar).count(Notice.DELIVERY_FAILURE) > told
    waits = [event for event in desk.history().events if event.kind == "silence_waits"]
    assert len(waits) < 10


def silent(desk: StoryDesk, anna: Person, omar: Person, notice: Notice) -> None:
    if notice is Notice.RESOLUTION:
        anna.writes("Printer", "It jams.")
        omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
        desk.passes(hours=1)
    else:
        asked(anna, omar)
        goes_on(desk, 8)
        assert desk.ticket().waiting.reminders == 2


AWAY = {
    "en": ("Automatic reply: Printer", "I am out of the office and will be back on 10 December 2026."),
    "de": ("Automatische Antwort: Printer", "Ich bin nicht im Büro und bin am 10. Dezember 2026 wieder erreichbar."),
}


@pytest.mark.parametrize("language", AWAY)
@pytest.mark.parametrize("notice", [Notice.INFORMATION_REQUEST, Notice.RESOLUTION])
def test_an_absence_puts_reminders_and_closings_off(
    desk: StoryDesk, anna: Person, omar: Person, language: str, notice: Notice
) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#ask\nWhich one?" if notice is Notice.INFORMATION_REQUEST else "#resolve\nCleaned.")
    subject, text = AWAY[language]
    sender = anna.letter(notice).header("Reply-To").strip("<>")
    anna.writes(subject, text, to=sender, headers={"Auto-Submitted": "auto-replied"})
    back = desk.ticket().waiting.away_until
    assert back is not None and back.date().isoformat() == "2026-12-10"
    while desk.now + timedelta(hours=12) < back:
        desk.passes(hours=12)
        assert not {Notice.REMINDER, Notice.CLOSING} & set(desk.notices_to(anna))
    goes_on(desk, 4)
    assert {Notice.REMINDER, Notice.CLOSING} & set(desk.notices_to(anna))


SOLVED = {
    "It works again, thank you.": True,
    "It still fails.": False,
    "Es geht immer noch nicht.": False,
    "Alles gut": True,
    "": True,
}


@pytest.mark.parametrize("words", SOLVED)
def test_the_solved_address_closes_unless_the_words_say_the_contrary(
    desk: StoryDesk, anna: Person, omar: Person, words: str
) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    anna.writes("It is solved", words, to=solved_address(anna.letter(Notice.RESOLUTION).text))
    assert (desk.ticket().status is Status.CLOSED) is SOLVED[words]


def solved_address(text: str) -> str:
    line = next(one for one in text.splitlines() if one.startswith("It is solved: "))
    return line.partition("mailto:")[2].partition("?")[0].replace("%2B", "+").replace("%40", "@")
