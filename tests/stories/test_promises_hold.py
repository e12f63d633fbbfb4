"""Promised times where other things happen to a request: another author, letters that come back, escalations that go no higher."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from reports import letters_to, returns
from story import FORWARDED, SUPPORT, Person, StoryDesk, configured, direct_desk

from helpdesk.gateway.worker import MailReader
from helpdesk.threading.lifecycle.targets import targets_of
from helpdesk.threading.model import Notice, Target, TargetKind

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


@pytest.fixture
def anna(desk: StoryDesk) -> Person:
    return desk.person("anna@acme.example")


@pytest.fixture
def omar(desk: StoryDesk) -> Person:
    return desk.person("omar@desk.example")


def target(desk: StoryDesk, kind: str) -> Target:
    return {one.kind: one for one in targets_of(desk.ticket(), desk.node.desk.policy)}[TargetKind(kind)]


def test_another_author_brings_the_promises_of_his_own_plan(desk: StoryDesk, omar: Person) -> None:
    omar.writes("Fwd: Scanner", FORWARDED.format(comment="Came to me."), to=SUPPORT)
    assert [one.kind for one in desk.history().timers if one.state == "pending"] == []
    omar.replies(Notice.RECEIPT, "#author paul@acme.example")
    assert [one.kind for one in desk.history().timers if one.state == "pending"] == ["target"]
    desk.passes(hours=3, minutes=1)
    assert Notice.TARGET_WARNING in desk.notices_to(omar)
