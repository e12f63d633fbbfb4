"""Managers hear by a letter that passwords are guessed, once an hour, on whichever node it was noticed."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.desk.story import Person, StoryDesk, configured, direct_desk

from helpdesk.gateway.node.housekeeping import forget
from helpdesk.gateway.reader import Reader
from helpdesk.gateway.work.guessing import Guessing, GuessingItem
from helpdesk.gateway.work.present_desk import PresentDesk
from helpdesk.gateway.work.settle import Settlement
from helpdesk.store.logins import alarms_to_report, forget_logins, login_turn, record_login
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.trust.guessing import ALARM_FROM, Alarm, LaneName, Place

OMAR, HERE = "omar@desk.example", "192.0.2.7"
MORE = """
[[staff]]
name = "Mara Vogel"
address = "mara@desk.example"
role = "manager"
"""


@pytest.fixture
def desk(tmp_path: Path, reader: Reader) -> Iterator[StoryDesk]:
    with direct_desk(configured(tmp_path / "guessing", more=MORE), reader) as one:
        yield one


@pytest.fixture
def mara(desk: StoryDesk) -> Person:
    return desk.person("mara@desk.example")


def guessed(desk: StoryDesk, account: str = OMAR, source: str = HERE, times: int = ALARM_FROM) -> None:
    """So many passwords, each as soon as it may be tried."""
    for step in range(times):
        assert login_turn(desk.node.database, source, account, desk.now + step * timedelta(minutes=2)) is not None


def alarms_to(desk: StoryDesk, person: Person) -> int:
    return desk.notices_to(person).count(Notice.ALARM)


def test_managers_read_who_guesses_at_whose_password(desk: StoryDesk, mara: Person) -> None:
    guessed(desk)
    desk.settle()
    letter = mara.letter(Notice.ALARM)
    assert "Alarm: Somebody is guessing passwords at the door where staff log in" in letter.header("Subject")
    assert f"{ALARM_FROM} wrong passwords came from {HERE}." in letter.text
    assert "nobody is locked out" in letter.text
    assert all(alarms_to(desk, desk.person(one)) == 0 for one in (OMAR, "ines@desk.example"))


def test_it_is_one_letter_an_hour_however_many_guess(desk: StoryDesk, mara: Person) -> None:
    guessed(desk)
    desk.settle()
    for number in range(12):
        guessed(desk, source=f"198.51.100.{number}", account=f"nobody {number}")
    desk.settle()
    assert alarms_to(desk, mara) == 1
    desk.passes(hours=2)
    guessed(desk, times=2 * ALARM_FROM)
    desk.settle()
    assert alarms_to(desk, mara) == 2


def test_nobody_hears_of_a_forgotten_password(desk: StoryDesk, mara: Person) -> None:
    guessed(desk, times=ALARM_FROM - 1)
    desk.settle()
    assert alarms_to(desk, mara) == 0


def test_a_node_forgets_old_counts(desk: StoryDesk) -> None:
    guessed(desk, times=1)
    desk.now += timedelta(days=2)
    forget(desk.node)
    assert forget_logins(desk.node.database, desk.now) == 0


def test_two_nodes_tell_of_it_once(desk: StoryDesk, mara: Person) -> None:
    guessed(desk)
    with desk.node.database.reading() as connection:
        cause = alarms_to_report(connection, 10)
    assert cause is not None
    assert cause.alarms == (Alarm(Place(LaneName.SOURCE, HERE, ""), ALARM_FROM),)
    settlement = Settlement(desk.node.tools, Guessing(desk.node.tools), PresentDesk(desk.node.tools.desk))
    assert [settlement.settle([GuessingItem(cause)]) for _ in range(2)] == [1, 0]
    assert alarms_to(desk, mara) == 1


def test_each_kind_of_place_has_its_words(desk: StoryDesk, mara: Person) -> None:
    attempt = login_turn(desk.node.database, HERE, OMAR, desk.now)
    assert attempt is not None
    record_login(desk.node.database, attempt, desk.now)
    guessed(desk)
    for number in range(ALARM_FROM):
        guessed(desk, source=f"198.51.100.{number}", account="ines@desk.example", times=1)
    for number in range(ALARM_FROM):
        guessed(desk, source=f"203.0.113.{number}", account="nobody 7", times=1)
    desk.settle()
    text = " ".join(mara.letter(Notice.ALARM).text.split())
    assert f"{ALARM_FROM} wrong passwords for {OMAR} came from {HERE}, where that login has worked before." in text
    assert f"{ALARM_FROM} wrong passwords for ines@desk.example came from addresses none of which had failed before." in text
    assert (
        f"{ALARM_FROM} wrong passwords for names that are nobody's came from addresses none of which had failed before." in text
    )
