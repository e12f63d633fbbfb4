"""When a letter is tried again, and when it is given up."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.config.policy import Retry
from helpdesk.gateway.delivery.retry import after_attempt

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
RETRY = Retry()
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("code", [200, 250, 251, 299])
def test_2yz_is_sent(code: int) -> None:
    assert after_attempt(code, 1, START, START + timedelta(days=9), RETRY) == ("sent", None)


@pytest.mark.parametrize("code", [500, 550, 552, 599])
def test_5yz_fails_at_once(code: int) -> None:
    assert after_attempt(code, 1, START, START, RETRY) == ("failed", None)


@pytest.mark.parametrize("code", [None, 0, 100, 354, 400, 421, 450, 451, 499, 600, -1])
def test_everything_else_is_tried_again(code: int | None) -> None:
    assert after_attempt(code, 1, START, START, RETRY) == ("deferred", START + MINUTE)


def test_permanence_that_is_known_overrules_the_code() -> None:
    assert after_attempt(535, 1, START, START, RETRY, permanent=False) == ("deferred", START + MINUTE)
    assert after_attempt(None, 1, START, START, RETRY, permanent=True) == ("failed", None)


def test_the_waits_follow_the_table_and_the_last_repeats() -> None:
    waits = [after_attempt(451, attempt, START, START, RETRY)[1] for attempt in range(1, 10)]
    minutes = [round((at - START) / MINUTE) for at in waits if at is not None]
    assert minutes == [1, 5, 15, 30, 60, 120, 240, 240, 240]


def test_a_letter_is_given_up_no_earlier_than_the_policy_says() -> None:
    last_moment = START + RETRY.give_up_after - timedelta(microseconds=1)
    assert after_attempt(None, 30, START, last_moment, RETRY) == ("deferred", last_moment + timedelta(hours=4))
    assert after_attempt(None, 30, START, START + RETRY.give_up_after, RETRY) == ("failed", None)


def test_an_outage_of_any_length_ends_visibly() -> None:
    """RFC 5321 §4.5.4.1: spaced by half an hour or more after the first hour, given up after four to five days at least."""
    now, tries = START, []
    state, due = after_attempt(None, 1, START, now, RETRY)
    while due is not None:
        tries.append(due - now)
        now = due
        state, due = after_attempt(None, len(tries) + 1, START, now, RETRY)
    assert state == "failed" and timedelta(days=5) <= now - START < timedelta(days=5, hours=4)
    assert all(wait >= timedelta(minutes=30) for wait in tries[4:]) and len(tries) < 40


@given(
    code=st.none() | st.integers(-10, 1200),
    attempts=st.integers(1, 10_000),
    age=st.timedeltas(timedelta(days=-1), timedelta(days=30)),
    permanent=st.none() | st.booleans(),
)
def test_only_a_deferred_letter_has_a_next_time_and_it_lies_ahead(
    code: int | None, attempts: int, age: timedelta, permanent: bool | None
) -> None:
    state, due = after_attempt(code, attempts, START, START + age, RETRY, permanent=permanent)
    assert (due is not None) == (state == "deferred")
    assert due is None or START + age + min(RETRY.waits) <= due <= START + age + max(RETRY.waits)
    if state == "failed" and permanent is not True and (code is None or code // 100 != 5):
        assert age >= RETRY.give_up_after
