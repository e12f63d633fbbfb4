"""Promised times where other things happen to a request: another author, letters that come back, escalations that go no higher."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.desk.story import FORWARDED, SUPPORT, Person, StoryDesk, configured, direct_desk
from support.mails.reports import letters_to, returns

from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.statistics import desk_facts
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.promise import Target, TargetKind
from helpdesk.threading.model.status import WaitingOn
from helpdesk.threading.promises.targets import targets_of
from helpdesk.threading.reporting.report import Span, report_of

PLANS = """
[plans.free]
[plans.starter]
[plans.business]
first_response = "4h"
next_response = "4h"
resolution = "16h"
"""


@pytest.fixture
def desk(tmp_path: Path, reader: MailReader) -> Iterator[StoryDesk]:
    with direct_desk(configured(tmp_path / "promises", more=PLANS), reader) as one:
        yield one


def target(desk: StoryDesk, kind: str) -> Target:
    return {one.kind: one for one in targets_of(desk.ticket(), desk.node.desk.policy)}[TargetKind(kind)]


def test_another_author_brings_the_promises_of_his_own_plan(desk: StoryDesk, omar: Person) -> None:
    omar.writes("Fwd: Scanner", FORWARDED.format(comment="Came to me."), to=SUPPORT)
    assert [timer.kind for timer in desk.history().timers if timer.state == "pending"] == []
    omar.replies(Notice.RECEIPT, "#author paul@acme.example")
    assert [timer.kind for timer in desk.history().timers if timer.state == "pending"] == ["target"]
    desk.passes(hours=3, minutes=1)
    assert Notice.TARGET_WARNING in desk.notices_to(omar)


DUE = {
    Notice.INFORMATION_REQUEST: (
        datetime(2026, 11, 25, 9, 0, 1, tzinfo=UTC),
        "missed",
    ),  # nobody was ever asked: it was never stopped
    Notice.REMINDER: (datetime(2026, 11, 27, 10, 0, 2, tzinfo=UTC), "running"),  # the customer knew the question: it goes on now
}


@pytest.mark.parametrize("notice", DUE)
def test_a_question_that_never_arrived_stops_no_clock_and_a_reminder_starts_it_now(
    desk: StoryDesk, anna: Person, omar: Person, notice: Notice
) -> None:
    anna.writes("Printer", "It jams.")  # Monday 09:00:01
    desk.passes(hours=1)
    omar.replies(Notice.NEW_TICKET, "#ask\nWhich one?")
    desk.passes(days=2, hours=1)  # Wednesday 11:00:02, an hour and a second are used
    returns(desk, letters_to(desk, anna, notice)[-1], status="5.7.1", diagnostic="policy")
    desk.settle()
    assert (target(desk, "resolution").due_at, target(desk, "resolution").state) == DUE[notice]
    assert desk.ticket().waiting_on is WaitingOn.SUPPORT


def test_the_reminders_of_a_question_that_came_back_close_nothing_later(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#ask\nWhich one?")
    desk.passes(days=2, hours=1)
    desk.passes(days=5)
    assert desk.ticket().waiting.reminders == 2
    returns(desk, letters_to(desk, anna, Notice.REMINDER)[-1], status="5.7.1", diagnostic="policy")
    desk.passes(days=4)
    omar.replies(Notice.DELIVERY_FAILURE, "#resolve\nCleaned.")
    assert [timer.kind for timer in desk.history().timers if timer.state == "pending"] == ["close"]


def test_each_level_is_told_once_with_the_next_time(desk: StoryDesk, anna: Person, omar: Person) -> None:
    ines = desk.person("ines@desk.example")
    anna.writes("Printer", "It jams.")  # Monday 09:00:01
    desk.passes(hours=4, minutes=1)
    assert "You’ll have our answer by Tuesday, 24 November 2026 at 09:01 (UTC)" in anna.letter(Notice.ESCALATION).text
    desk.passes(days=1, hours=20)
    assert desk.ticket().escalation_level == 2
    assert "You’ll have our answer by Wednesday, 25 November 2026 at 13:01 (UTC)" in anna.letter(Notice.ESCALATION).text
    ines.replies(Notice.TARGET_MISSED, "I look at it.")
    anna.replies(Notice.ANSWER, "And?")
    desk.passes(days=1)
    assert (desk.ticket().escalation_level, target(desk, "next_response").state) == (2, "missed")
    assert desk.notices_to(anna).count(Notice.ESCALATION) == 2
    assert desk.notices_to(ines).count(Notice.TARGET_MISSED) == 3


def test_mail_that_waited_at_our_relay_has_waited_for_the_desk(desk: StoryDesk, anna: Person) -> None:
    desk.now = desk.now.replace(hour=14)
    anna.writes(
        "Printer", "It jams.", headers={"Received": "from a.example ([203.0.113.9]) by mx; Mon, 23 Nov 2026 09:30:00 +0000"}
    )
    assert target(desk, "first_response") == Target(
        TargetKind.FIRST_RESPONSE, desk.now.replace(hour=13, minute=30, second=0), "missed"
    )
    assert desk.ticket().created_at == desk.now
    desk.person("ines@desk.example").replies(Notice.TARGET_MISSED, "Open flap B.")
    anna.replies(
        Notice.ANSWER, "No.", headers={"Received": "from a.example ([203.0.113.9]) by mx; Mon, 23 Nov 2026 11:30:00 +0000"}
    )
    assert target(desk, "next_response").due_at == desk.now.replace(hour=15, minute=30, second=0)


def promises(desk: StoryDesk) -> dict[str, tuple[int, int, int]]:
    """Kept, missed and open, up to now."""
    span = Span(datetime(2026, 11, 23, tzinfo=UTC), desk.now + timedelta(seconds=1))
    with desk.database.reading() as connection:
        report = report_of(desk_facts(connection, span.since, span.until), desk.node.desk.policy, span)
    return {kind.value: (one.kept, one.missed, one.open) for kind, one in report.promises.items()}


def test_the_report_says_what_the_clocks_have_counted(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")  # Monday 09:00:01
    assert promises(desk) == {"first_response": (0, 0, 1), "next_response": (0, 0, 0), "resolution": (0, 0, 1)}
    omar.replies(Notice.NEW_TICKET, "#snooze 2d")  # Wednesday 09:00, and the clocks pause
    desk.passes(days=2)
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    anna.replies(Notice.ANSWER, "There is none.")
    assert promises(desk) == {"first_response": (1, 0, 0), "next_response": (0, 0, 1), "resolution": (0, 0, 1)}
    omar.replies(Notice.CUSTOMER_REPLY, "Flap C.")
    anna.replies(Notice.ANSWER, "Nor that.")
    desk.now += timedelta(hours=6)  # nobody has looked at any clock when the answer comes
    omar.replies(Notice.CUSTOMER_REPLY, "#resolve\nA new one is on its way.")
    assert promises(desk) == {"first_response": (1, 0, 0), "next_response": (1, 1, 0), "resolution": (1, 0, 0)}
    anna.replies(Notice.RESOLUTION, "It jams too, what now?")
    desk.now += timedelta(days=7)
    ines = desk.person("ines@desk.example")
    omar.replies(Notice.REOPENED, "#resolve\nAnother one.")
    assert Notice.TARGET_MISSED not in desk.notices_to(ines)
    assert promises(desk) == {"first_response": (1, 0, 0), "next_response": (1, 2, 0), "resolution": (0, 1, 0)}
