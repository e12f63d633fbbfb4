"""How it went: one word from the closing letter, counted once for each ticket, and never a reason to reopen it."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from support.desk.story import Person, StoryDesk

from helpdesk.gateway.cli.main import helpdesk
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Rating


def closed(desk: StoryDesk, words: str = "Printer") -> tuple[Person, Person]:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes(words, "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    anna.replies(Notice.RESOLUTION, "Thanks!")
    assert desk.ticket().status is Status.CLOSED
    return anna, omar


def address(person: Person, label: str) -> str:
    line = next(one for one in person.letter(Notice.CLOSING).text.splitlines() if one.startswith(f"{label}: "))
    return line.partition("mailto:")[2].partition("?")[0].replace("%2B", "+").replace("%40", "@")


@pytest.mark.parametrize("label", ["Good", "Okay", "Bad"])
def test_a_word_counts_and_reopens_nothing(desk: StoryDesk, label: str) -> None:
    anna, omar = closed(desk)
    told, messages = len(desk.notices_to(omar)), len(desk.history().messages)
    anna.writes(label, "", to=address(anna, label))
    assert (desk.ticket().status, desk.ticket().rating) == (Status.CLOSED, Rating(label.lower(), desk.now))
    assert len(desk.history().messages) == messages
    assert len(desk.notices_to(omar)) - told == (label == "Bad")


def test_the_newest_word_counts(desk: StoryDesk) -> None:
    anna, _ = closed(desk)
    anna.writes("Good", "", to=address(anna, "Good"))
    anna.writes("Bad", "", to=address(anna, "Bad"))
    assert desk.ticket().rating == Rating("bad", desk.now)


def test_a_comment_is_kept_and_told(desk: StoryDesk) -> None:
    anna, omar = closed(desk)
    anna.writes("Good", "But why did it take two days?", to=address(anna, "Good"))
    assert (desk.ticket().status, desk.ticket().rating) == (Status.CLOSED, Rating("good", desk.now))
    assert desk.history().messages[-1].text == "But why did it take two days?"
    assert "Asked how it went" in omar.letter(Notice.CUSTOMER_REPLY).text


def test_a_stranger_with_the_address_counts_nothing(desk: StoryDesk) -> None:
    anna, _ = closed(desk)
    desk.person("mallory@other.example").writes("Bad", "", to=address(anna, "Bad"))
    assert (desk.ticket().status, desk.ticket().rating) == (Status.CLOSED, None)


def test_a_robot_counts_nothing(desk: StoryDesk) -> None:
    anna, _ = closed(desk)
    to = address(anna, "Good")
    head = f"From: anna@acme.example\r\nTo: {to}\r\nSubject: Good\r\nMessage-ID: <robot@acme.example>\r\nAuto-Submitted: auto-replied\r\n\r\n"
    anna.mail(f"{head}Good\r\n".encode(), [to])
    assert desk.ticket().rating is None
    assert desk.ticket().status is Status.CLOSED


def told(desk: StoryDesk, tmp_path: Path, *words: str) -> Any:
    result = CliRunner().invoke(helpdesk, [*words, "--json", "--config", str(tmp_path / "helpdesk.toml")], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_operator_and_the_report_have_the_word(desk: StoryDesk, tmp_path: Path) -> None:
    anna, _ = closed(desk)
    anna.writes("Okay", "", to=address(anna, "Okay"))
    shown = told(desk, tmp_path, "ticket", "show", desk.ticket().reference)
    assert (shown["rating"], shown["rated_at"][:10]) == ("okay", f"{desk.now:%Y-%m-%d}")
    day = ("--since", f"{desk.now:%Y-%m-%d}", "--until", f"{desk.now + timedelta(days=1):%Y-%m-%d}")
    assert told(desk, tmp_path, "report", *day)["satisfaction"] == {"good": 0, "okay": 1, "bad": 0}
