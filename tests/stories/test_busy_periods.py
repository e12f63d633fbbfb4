"""A busy desk says in its confirmations what is measured there, in the reader's language, until it is calm again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk.story import StoryDesk, configured, direct_desk

from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.measurements import measurements_between
from helpdesk.threading.model.notice import Notice

BUSY = '[busy]\nanswers = 10\nenter_above = "2h"\nleave_below = "1h"\nwindow = "9d"\n'
GERMAN = "Der Drucker im zweiten Stock druckt seit heute Morgen nicht mehr, bitte helfen Sie uns möglichst bald."


@pytest.fixture
def desk(tmp_path: Path, reader: MailReader) -> Iterator[StoryDesk]:
    with direct_desk(configured(tmp_path, more=BUSY), reader) as one:
        yield one


def answered(desk: StoryDesk, count: int, **after: float) -> None:
    """So many requests, one after the other, each answered after that time."""
    omar = desk.person("omar@desk.example")
    for number in range(count):
        writer = desk.person(f"customer{number}@acme.example")
        writer.writes(f"Question {number} {after}", "Where is the manual?")
        desk.passes(**after)
        omar.replies(Notice.NEW_TICKET, "Here it is.")


def test_of_few_answers_nothing_is_said(desk: StoryDesk) -> None:
    answered(desk, 9, hours=4)
    anna = desk.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    assert "nine out of ten" not in anna.letter(Notice.CONFIRMATION).text


def test_a_busy_desk_tells_its_times_and_a_calm_one_does_not(desk: StoryDesk) -> None:
    answered(desk, 12, hours=4)
    anna, berta = desk.person("anna@acme.example"), desk.person("berta@acme.example")
    anna.writes("Printer", "It jams.")
    berta.writes("Drucker", GERMAN)
    english, german = anna.letter(Notice.CONFIRMATION), berta.letter(Notice.CONFIRMATION)
    for shown in (english.text, english.html):
        assert "nine out of ten by" in " ".join(shown.split())
    for shown in (german.text, german.html):
        assert "neun von zehn" in " ".join(shown.split())
    with desk.database.reading() as connection:
        told = [
            one for one in measurements_between(connection, desk.now.replace(year=2000), desk.now.replace(year=2100)) if one.told
        ]
    assert len(told) >= 2
    assert all(one.median_at <= one.ninetieth_at for one in told if one.median_at and one.ninetieth_at)
    desk.passes(days=10)
    answered(desk, 12, minutes=5)
    anna.writes("Scanner", "It jams too.")
    assert "nine out of ten" not in anna.letter(Notice.CONFIRMATION).text
