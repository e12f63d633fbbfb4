"""A letter that does not get out: its ticket's team hears of it, once, and never by a letter about a letter about a letter."""

import shutil
from pathlib import Path

import pytest
from support.desk.story import Person, StoryDesk

from helpdesk.store.outbox import OutboxLetter, letters_of
from helpdesk.threading.model.notice import Notice


@pytest.fixture
def outgoing(desk: StoryDesk) -> Path:
    """The folder where letters go, and a file in its place: nothing gets out until it is taken away."""
    folder = desk.node.configuration.settings.folder / "outgoing"
    if folder.exists():
        shutil.rmtree(folder)
    folder.write_text("in the way")
    return folder


def told(desk: StoryDesk, member: Person) -> list[Notice]:
    return [notice for notice in desk.notices_to(member) if notice in (Notice.DELIVERY_DELAY, Notice.DELIVERY_FAILURE)]


def letters(desk: StoryDesk) -> dict[str, OutboxLetter]:
    """Of the first ticket, by notice and recipient."""
    with desk.database.reading() as connection:
        return {f"{letter.notice} to {letter.to}": letter for letter in letters_of(connection, desk.ticket().id)}


def kinds(desk: StoryDesk) -> list[str]:
    return [event.kind for event in desk.history().events if event.kind.startswith("delivery")]


def test_a_letter_to_a_customer_that_waits_for_hours_is_told_once(desk: StoryDesk, outgoing: Path) -> None:
    anna, omar = desk.person("anna@home.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    desk.passes(hours=3, minutes=59)
    assert told(desk, omar) == []
    desk.passes(minutes=1)
    assert told(desk, omar) == [Notice.DELIVERY_DELAY]
    for _ in range(10):
        desk.passes(hours=4)
    assert told(desk, omar) == [Notice.DELIVERY_DELAY] and kinds(desk) == ["delivery_delayed"]
    outgoing.unlink()
    desk.passes(hours=5)
    notice = omar.letter(Notice.DELIVERY_DELAY)
    assert "(confirmation) to anna@home.example still waits: cannot write to" in notice.text
    assert "We keep trying" in notice.text
    assert anna.letter(Notice.CONFIRMATION)
    assert told(desk, omar) == [Notice.DELIVERY_DELAY]


def test_while_the_relay_is_away_nobody_is_told_of_a_wait(
    desk: StoryDesk, outgoing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, omar = desk.person("anna@home.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    with monkeypatch.context() as away:
        away.setattr(type(desk.node.relay), "trouble", "connection refused")
        away.setattr(type(desk.node.relay), "room", 0)
        desk.passes(hours=9)
        assert told(desk, omar) == []
    desk.passes(hours=1)
    assert told(desk, omar) == [Notice.DELIVERY_DELAY]


def test_a_delay_that_is_over_in_time_troubles_nobody(desk: StoryDesk, outgoing: Path) -> None:
    anna, omar = desk.person("anna@home.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    desk.passes(hours=2)
    outgoing.unlink()
    desk.passes(hours=1, minutes=59)
    desk.passes(hours=9)
    assert anna.letter(Notice.CONFIRMATION) and told(desk, omar) == [] and kinds(desk) == []


def test_a_letter_that_is_given_up_is_told_and_stands_in_the_history(desk: StoryDesk, outgoing: Path) -> None:
    anna, omar = desk.person("anna@home.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    for _ in range(31):
        desk.passes(hours=4)
    states = {key: one.state for key, one in letters(desk).items()}
    assert states["confirmation to anna@home.example"] == "failed"
    assert told(desk, omar) == [Notice.DELIVERY_DELAY, Notice.DELIVERY_FAILURE]
    outgoing.unlink()
    desk.passes(hours=5)
    assert "The letter (confirmation) to anna@home.example did not arrive" in omar.letter(Notice.DELIVERY_FAILURE).text
    assert "failed" in {event.split("_")[1] for event in kinds(desk)}


def test_nobody_is_told_by_letter_that_letters_to_himself_or_about_letters_fail(desk: StoryDesk, outgoing: Path) -> None:
    anna = desk.person("anna@home.example")
    anna.writes("Printer", "It jams.")
    for _ in range(80):
        desk.passes(hours=6)
    assert {letter.state for letter in letters(desk).values()} == {"failed"}
    about = sorted(key for key in letters(desk) if key.startswith("delivery"))
    assert about.count("delivery_failure to omar@desk.example") <= 1
    before = len(letters(desk))
    for _ in range(40):
        desk.passes(hours=6)
    assert len(letters(desk)) == before
