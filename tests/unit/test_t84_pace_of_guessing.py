"""A guesser is slowed more and more, and nobody whom the door knows waits for it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from helpdesk.threading.trust.guessing import (
    ALARM_AGAIN,
    ALARM_FROM,
    LANES,
    Count,
    LaneName,
    Place,
    Turn,
    take_back,
    turn,
)
from helpdesk.threading.trust.peers import network_of, plain_address

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
OMAR, INES = "omar@desk.example", "ines@desk.example"
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
HERE, HOME = "192.0.2.7", "198.51.100.9"


class Counted:
    """The counts of a door, and what became of attempts."""

    def __init__(self) -> None:
        self.counts: dict[Place, Count] = {}
        self.tried: list[datetime] = []
        self.alarms: list[tuple[datetime, Place]] = []

    def attempt(self, source: str, now: datetime, account: str = OMAR, is_known: bool = False) -> Turn | None:
        found = turn(source, account, is_known, self.counts, now)
        if found is not None:
            self.counts |= found.counts
            self.tried.append(now + found.wait)
            self.alarms += [(now, alarm.place) for alarm in found.alarms]
        return found

    def guesses(self, sources: Iterable[str], start: datetime, span: timedelta, every: timedelta) -> None:
        """Every source tries again and again."""
        names = tuple(sources)
        for step in range(span // every):
            for source in names:
                self.attempt(source, start + step * every)


def test_a_guesser_is_slowed_more_and_more_and_never_for_ever() -> None:
    desk = Counted()
    desk.guesses([HERE], NOON, timedelta(hours=1), SECOND)
    spans = [later - earlier for earlier, later in pairwise(desk.tried)]
    assert spans == sorted(spans)
    assert spans[0] == timedelta() or spans[0] == SECOND
    assert spans[-1] == LANES[LaneName.SOURCE].longest
    assert len(desk.tried) < 80  # of 3,600
    assert desk.attempt(HERE, desk.tried[-1] + spans[-1]) is not None


@pytest.mark.parametrize(("sources", "most"), [(1, 150), (100, 950)])
def test_two_hours_of_guessing_at_one_account_tries_few_passwords(sources: int, most: int) -> None:
    desk = Counted()
    desk.guesses([f"192.0.2.{number}" for number in range(sources)], NOON, timedelta(hours=2), timedelta(seconds=20))
    assert len(desk.tried) < most


@pytest.mark.parametrize("sources", [1, 100])
def test_whoever_is_known_there_never_waits_for_guessers(sources: int) -> None:
    desk = Counted()
    desk.guesses([f"192.0.2.{number}" for number in range(sources)], NOON, timedelta(minutes=2), SECOND)
    for step in range(50):
        found = desk.attempt(HOME, NOON + timedelta(minutes=2), is_known=True)
        assert found is not None and found.wait == timedelta(), step
        desk.counts |= {place: take_back(count) for place, count in found.counts.items()}


def test_whoever_is_known_is_slowed_for_their_own_failures_and_by_a_second_at_most() -> None:
    """Somebody else behind the same address may be guessing."""
    desk, now, waits = Counted(), NOON, []
    for _ in range(1000):
        found = desk.attempt(HOME, now, is_known=True)
        assert found is not None
        waits.append(found.wait)
        now += found.wait
    assert waits[:6] == [timedelta()] * 6 and waits[6] > timedelta()
    assert waits == sorted(waits) and waits[-1] == SECOND


def test_somebody_on_a_journey_is_not_behind_guessers() -> None:
    """Whoever comes from where nobody has failed has a lane apart from those who have."""
    desk = Counted()
    desk.guesses([HERE], NOON, timedelta(minutes=10), SECOND)
    found = desk.attempt(HOME, NOON + timedelta(minutes=10))
    assert found is not None and found.wait == timedelta()


def test_another_account_is_slow_from_the_guessing_address_alone() -> None:
    desk, now = Counted(), NOON + timedelta(minutes=10)
    desk.guesses([HERE], NOON, timedelta(minutes=10), SECOND)
    assert desk.attempt(HERE, now, INES) is None
    assert desk.attempt(HOME, now, INES) is not None


def test_attempts_beside_each_other_stand_in_one_lane() -> None:
    """None has an answer yet, and each is counted: the next one waits longer."""
    desk = Counted()
    starts = [found.wait for _ in range(30) if (found := desk.attempt(HERE, NOON)) is not None]
    assert starts == [timedelta(seconds=wait) for wait in (0, 0, 0, 0, 1, 3, 7, 15)]


def test_a_right_password_takes_back_its_own_attempt_alone() -> None:
    desk = Counted()
    for _ in range(3):
        desk.attempt(HERE, NOON)
    assert {take_back(count).failures for place, count in desk.counts.items() if place.lane is LaneName.SOURCE} == {2}
    assert take_back(Count(0, NOON, NOON)).failures == 0


def test_failures_are_forgiven_by_halves_with_every_hour() -> None:
    count = Count(40, NOON, NOON)
    hours = [count.failures_now(NOON + timedelta(hours=hour)) for hour in range(8)]
    assert hours == [40, 20, 10, 5, 2, 1, 0, 0]
    assert count.failures_now(NOON + 1000 * DAY) == 0


def test_a_clock_that_was_set_back_shuts_nobody_out() -> None:
    desk = Counted()
    desk.guesses([HERE], NOON + DAY, timedelta(minutes=10), SECOND)
    before = len(desk.tried)
    desk.guesses([HERE], NOON, timedelta(minutes=10), SECOND)
    assert len(desk.tried) > before + 5


def test_an_alarm_goes_off_once_an_hour_for_each_place() -> None:
    desk = Counted()
    desk.guesses([HERE], NOON, 3 * ALARM_AGAIN, SECOND)
    moments = [at for at, place in desk.alarms if place.lane is LaneName.SOURCE]
    assert len(desk.tried) > ALARM_FROM
    assert len(moments) == 3
    assert all(later - earlier >= ALARM_AGAIN for earlier, later in pairwise(moments))


def test_a_person_who_has_forgotten_a_password_alarms_nobody() -> None:
    desk = Counted()
    for minute in range(ALARM_FROM - 1):
        assert desk.attempt(HOME, NOON + timedelta(minutes=minute)) is not None
    assert desk.alarms == []


@pytest.mark.parametrize(
    ("peer", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("somewhere", "somewhere"),
        ("some::where", "some::where"),
    ],
)
def test_a_peer_is_an_address_or_the_network_of_one_customer(peer: str, network: str) -> None:
    assert network_of(peer) == network


def test_an_address_is_compared_as_what_it_is() -> None:
    assert [plain_address(one) for one in ("::ffff:127.0.0.2", "2001:DB8::1", "unix")] == ["127.0.0.2", "2001:db8::1", "unix"]
