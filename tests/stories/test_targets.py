"""Promised times as people meet them: they pause, warn, escalate, and follow the severity."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.desk.story import Person, StoryDesk, configured, direct_desk

from helpdesk.gateway.work.kind import MailReader
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.promise import Target, TargetKind
from helpdesk.threading.model.status import Status
from helpdesk.threading.promises.targets import targets_of

PLANS = """
[plans.free]
[plans.starter]
[plans.business]
first_response = "4h"
next_response = "4h"
resolution = "16h"
critical = { first_response = "1h" }
"""


@pytest.fixture
def desk(tmp_path: Path, reader: MailReader) -> Iterator[StoryDesk]:
    with direct_desk(configured(tmp_path / "targets", more=PLANS), reader) as one:
        yield one


def target(desk: StoryDesk, kind: str) -> Target:
    return {one.kind: one for one in targets_of(desk.ticket(), desk.node.desk.policy)}[TargetKind(kind)]


def test_a_warning_then_the_escalation(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")  # Monday 09:00
    desk.passes(hours=2, minutes=59)
    assert Notice.TARGET_WARNING not in desk.notices_to(omar)
    desk.passes(minutes=2)
    letter = omar.letter(Notice.TARGET_WARNING)
    assert "First answer due soon: Mon 23 Nov, 13:00 UTC" in letter.text
    assert desk.ticket().status is Status.IN_REVIEW
    desk.passes(hours=1)
    assert (desk.ticket().status, target(desk, "first_response").state) == (Status.ESCALATED, "missed")
    assert (
        "First answer overdue since Mon 23 Nov, 13:00 UTC" in desk.person("ines@desk.example").letter(Notice.TARGET_MISSED).text
    )
    desk.passes(hours=2)
    assert desk.notices_to(omar).count(Notice.TARGET_WARNING) == 1
    assert desk.ticket().escalation_level == 1


def test_a_question_to_the_customer_pauses(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    started = desk.now
    desk.passes(hours=2)
    omar.replies(Notice.NEW_TICKET, "#ask\nWhich model?")
    asked = desk.now
    assert target(desk, "resolution") == Target(TargetKind.RESOLUTION, None, "paused")
    desk.passes(days=21)
    assert desk.ticket().status is Status.IN_REVIEW
    anna.replies(Notice.INFORMATION_REQUEST, "A big one.")
    left = timedelta(hours=16) - (asked - started)  # two working days without what was used
    assert target(desk, "resolution").due_at == desk.now + timedelta(days=1) + (left - timedelta(hours=8)) + timedelta(hours=16)
    assert target(desk, "next_response").due_at == desk.now + timedelta(hours=4)


def test_a_snooze_pauses(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    started = desk.now
    desk.passes(hours=1)
    omar.replies(Notice.NEW_TICKET, "#snooze 2026-11-25 10:00")
    used = desk.now - started
    desk.passes(days=1)
    assert desk.notices_to(omar).count(Notice.TARGET_WARNING) == 0
    assert target(desk, "first_response").state == "paused"
    desk.passes(days=1)  # Wednesday 10:00, and a little
    due = target(desk, "first_response").due_at
    assert due is not None and due.replace(tzinfo=None) == (
        desk.now.replace(hour=10, minute=0, second=0, tzinfo=None) + timedelta(hours=4) - used
    )


def test_another_severity_counts_at_once(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    desk.passes(minutes=30)
    omar.replies(Notice.NEW_TICKET, "#severity critical")
    desk.passes(minutes=31)
    assert desk.ticket().status is Status.ESCALATED


def test_a_severity_that_is_taken_back_leaves_the_clocks_as_they_were(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    before = desk.ticket().clocks, [timer for timer in desk.history().timers if timer.state == "pending"]
    omar.replies(Notice.NEW_TICKET, "#severity critical")
    assert [timer for timer in desk.history().timers if timer.state == "pending"] != before[1]
    omar.replies(Notice.RECEIPT, "#undo")
    assert (desk.ticket().clocks, [timer for timer in desk.history().timers if timer.state == "pending"]) == before


def test_after_an_outage_one_look_escalates_once_and_warns_of_nothing(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    desk.passes(days=10)
    assert desk.notices_to(omar) == [Notice.NEW_TICKET, Notice.TARGET_MISSED]  # the second says that it has moved
    assert desk.ticket().escalation_level == 1
    [line] = [event for event in desk.history().events if event.kind == "target_missed"]
    assert line.detail.startswith("first response, resolution;")
    assert [event.kind for event in desk.history().events if event.kind == "target_warning"] == []


def test_each_message_after_the_first_answer_waits_for_its_own(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    assert [one.kind for one in targets_of(desk.ticket(), desk.node.desk.policy)] == ["first_response", "resolution"]
    anna.replies(Notice.ANSWER, "There is no flap B?")
    first = target(desk, "next_response").due_at
    desk.passes(hours=1)
    anna.replies(Notice.ANSWER, "Hello?")
    assert target(desk, "next_response").due_at == first
    omar.replies(Notice.CUSTOMER_REPLY, "Then flap C.")
    assert target(desk, "next_response").state == "met"


def test_the_time_for_the_solution_goes_on_after_a_reopening(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    started = desk.now
    desk.passes(hours=3)
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    used = desk.now - started
    assert target(desk, "resolution").state == "met"
    desk.passes(days=1)
    anna.replies(Notice.RESOLUTION, "It still jams.")
    assert used == timedelta(hours=3, seconds=1)
    # 13 hours less a second are left: 5 hours less 3 seconds on Tuesday, Wednesday, and 2 seconds of Thursday.
    assert target(desk, "resolution").due_at == datetime(2026, 11, 26, 9, 0, 2, tzinfo=UTC)
