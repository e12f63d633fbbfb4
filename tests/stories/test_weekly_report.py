"""The weekly report: managers have last week's figures in their mail when the week begins, once."""

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from support.desk.story import Person, Received, StoryDesk, configured, direct_desk

from helpdesk.gateway.reader import Reader
from helpdesk.gateway.work.present_desk import PresentDesk
from helpdesk.gateway.work.settle import Settlement
from helpdesk.gateway.work.weekly_report import WeeklyReportItem, WeeklyReports
from helpdesk.store.digests import WeeklyCause
from helpdesk.store.statistics import desk_facts
from helpdesk.templates.report_words import compare_reports
from helpdesk.threading.decisions.time.weekly import week_of, weeks_before
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.reporting.report import Span, Weeks, report_of

MORE = """
[calendar]
zone = "Europe/Berlin"
[[staff]]
name = "Mara Vogel"
address = "mara@desk.example"
role = "manager"
"""
PNG = b"\x89PNG\r\n\x1a\n"
MONDAY = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)  # 08:00 in Berlin
DAY = MONDAY.date()


@pytest.fixture
def desk(tmp_path: Path, reader: Reader) -> Iterator[StoryDesk]:
    with direct_desk(configured(tmp_path / "weekly", more=MORE), reader) as one:
        yield one


@pytest.fixture
def mara(desk: StoryDesk) -> Person:
    return desk.person("mara@desk.example")


def a_week_of_work(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    desk.passes(hours=1)
    omar.replies(Notice.NEW_TICKET, "#resolve\nOpen flap B.")
    anna.writes("Scanner", "It blinks.")


def reports_to(desk: StoryDesk, person: Person) -> int:
    return desk.notices_to(person).count(Notice.WEEKLY_REPORT)


def test_managers_have_the_figures_when_the_week_begins(desk: StoryDesk, mara: Person) -> None:
    a_week_of_work(desk)
    desk.now = MONDAY - timedelta(seconds=1)
    desk.settle()
    assert reports_to(desk, mara) == 0
    desk.passes(seconds=1)
    letter = mara.letter(Notice.WEEKLY_REPORT)
    assert letter.header("Subject") == "The week in figures: 2 opened, 1 resolved"
    assert "The week from 2026-11-23 to 2026-11-29" in letter.text
    assert "Opened: 2 | 0" in letter.text
    assert all(reports_to(desk, desk.person(one)) == 0 for one in ("omar@desk.example", "ines@desk.example"))
    desk.passes(days=4)
    assert reports_to(desk, mara) == 1


def test_managers_read_how_it_went(desk: StoryDesk, mara: Person) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nOpen flap B.")
    anna.replies(Notice.RESOLUTION, "Thanks!")
    for label in ("Good", "Bad"):
        line = next(one for one in anna.letter(Notice.CLOSING).text.splitlines() if one.startswith(f"{label}: "))
        address = line.partition("mailto:")[2].partition("?")[0].replace("%2B", "+").replace("%40", "@")
        anna.writes(label, "", to=address)
    desk.now = MONDAY
    desk.settle()
    assert "0 good, 0 okay, 1 bad" in mara.letter(Notice.WEEKLY_REPORT).text


def test_the_figures_are_those_of_the_command(desk: StoryDesk, mara: Person) -> None:
    a_week_of_work(desk)
    desk.now = MONDAY
    desk.settle()
    policy = desk.node.desk.policy
    zone = [datetime(2026, 11, day, tzinfo=UTC) - timedelta(hours=1) for day in (16, 23, 30)]
    with desk.database.reading() as connection:
        last, before = (
            report_of(desk_facts(connection, since, until), policy, Span(since, until))
            for since, until in ((zone[1], zone[2]), (zone[0], zone[1]))
        )
    text = mara.letter(Notice.WEEKLY_REPORT).text
    for report in compare_reports(last, before):
        assert f"{report.label}: {report.now} | {report.before}" in text


def test_every_picture_of_the_letter_is_in_it(desk: StoryDesk, mara: Person, tmp_path: Path) -> None:
    a_week_of_work(desk)
    desk.now = MONDAY
    desk.settle()
    letter = mara.letter(Notice.WEEKLY_REPORT)
    shown = [part for part in letter.message.walk() if part.get_content_type() == "image/png"]
    assert len(shown) == 3
    for part in shown:
        assert isinstance(part, EmailMessage)
        assert part.get_content().startswith(PNG)
        assert part["Content-Disposition"].content_disposition == "inline"
        assert f'src="cid:{part["Content-ID"].strip("<>")}"' in html(letter)
    assert "src=" in html(letter) and html(letter).count("<img ") == 3 == html(letter).count("alt=")


def test_without_what_draws_the_figures_stand_in_words(desk: StoryDesk, mara: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    a_week_of_work(desk)
    desk.now = MONDAY
    desk.settle()
    letter = mara.letter(Notice.WEEKLY_REPORT)
    assert "<img" not in html(letter) and "Opened" in html(letter)


def test_a_desk_that_was_away_makes_up_for_one_report_and_no_more(desk: StoryDesk, mara: Person) -> None:
    a_week_of_work(desk)
    desk.now = MONDAY + timedelta(days=16)  # a Wednesday, two weeks later
    desk.settle()
    desk.passes(hours=6)
    assert reports_to(desk, mara) == 1
    assert "The week from 2026-12-07 to 2026-12-13" in mara.letter(Notice.WEEKLY_REPORT).text


def test_a_holiday_puts_it_off_and_an_empty_desk_sends_none(desk: StoryDesk, mara: Person) -> None:
    desk.now = MONDAY
    desk.settle()
    assert reports_to(desk, mara) == 0
    a_week_of_work(desk)
    desk.now = MONDAY - timedelta(days=1) + timedelta(days=7)  # a Sunday
    desk.settle()
    assert reports_to(desk, mara) == 0


def test_two_nodes_that_write_it_at_once_write_one(desk: StoryDesk, mara: Person) -> None:
    a_week_of_work(desk)
    desk.now = MONDAY
    policy = desk.node.desk.policy
    with desk.database.reading() as connection:
        weeks = Weeks(*(report_of(desk_facts(connection, one.since, one.until), policy, one) for one in weeks_before(DAY, "UTC")))
    cause = WeeklyCause(mara.address, week_of(DAY), weeks)
    tools = desk.node.tools
    settlement = Settlement(tools, WeeklyReports(tools), PresentDesk(tools.desk))
    assert [settlement.settle([WeeklyReportItem(cause)]) for _ in range(2)] == [1, 0]
    desk.settle()
    assert reports_to(desk, mara) == 1


@pytest.mark.parametrize(
    ("broken", "other"),
    [("digest.decide_digest", Notice.WEEKLY_REPORT), ("weekly_report.decide_weekly", Notice.DIGEST)],
    ids=["no digest", "no report"],
)
def test_letters_that_wait_for_the_same_clock_do_not_delay_each_other(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch, broken: str, other: Notice
) -> None:
    def failing(*_: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    with direct_desk(configured(tmp_path, more=MORE, digest_at="08:00"), reader) as desk:
        mara = desk.person("mara@desk.example")
        a_week_of_work(desk)
        desk.now = MONDAY - timedelta(minutes=1)
        desk.settle()
        monkeypatch.setattr(f"helpdesk.gateway.work.{broken}", failing)
        desk.passes(minutes=1)
        staff = [mara, desk.person("omar@desk.example"), desk.person("ines@desk.example")]
        assert sum(desk.notices_to(person).count(other) for person in staff) > 0


@pytest.mark.parametrize(
    ("day", "week", "since", "until"),
    [
        (date(2026, 11, 30), "2026-W49", "2026-11-22 23:00", "2026-11-29 23:00"),
        (date(2026, 12, 2), "2026-W49", "2026-11-22 23:00", "2026-11-29 23:00"),
        (date(2026, 10, 26), "2026-W44", "2026-10-18 22:00", "2026-10-25 23:00"),  # the clocks go back: a week and an hour
        (date(2027, 1, 1), "2026-W53", "2026-12-20 23:00", "2026-12-27 23:00"),
    ],
)
def test_a_week_goes_from_monday_to_monday_on_the_clocks_of_the_desk(day: date, week: str, since: str, until: str) -> None:
    last, before = weeks_before(day, "Europe/Berlin")
    assert week_of(day) == week
    assert [f"{one.astimezone(UTC):%Y-%m-%d %H:%M}" for one in (last.since, last.until)] == [since, until]
    assert before.until == last.since


def html(letter: Received) -> str:
    return next(str(part.get_content()) for part in letter.message.walk() if part.get_content_type() == "text/html")
