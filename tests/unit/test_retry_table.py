"""When a letter is tried again, and when it is given up."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.config.conduct import Retry
from helpdesk.gateway.delivery.reply import RelayReply
from helpdesk.gateway.delivery.retry import after_attempt

RETRY = Retry()
NO_TIME, MINUTE = timedelta(), timedelta(minutes=1)


def reply(code: int | None, permanent: bool | None = None) -> RelayReply:
    return RelayReply(code, "", permanent)


@pytest.mark.parametrize("code", [200, 250, 251, 299])
def test_2yz_is_sent(code: int) -> None:
    assert after_attempt(reply(code), 1, timedelta(days=9), RETRY) == ("sent", None)


@pytest.mark.parametrize("code", [500, 550, 552, 599])
def test_5yz_fails_at_once(code: int) -> None:
    assert after_attempt(reply(code), 1, NO_TIME, RETRY) == ("failed", None)


@pytest.mark.parametrize("code", [None, 0, 100, 354, 400, 421, 450, 451, 499, 600, -1])
def test_everything_else_is_tried_again(code: int | None) -> None:
    assert after_attempt(reply(code), 1, NO_TIME, RETRY) == ("deferred", MINUTE)


def test_permanence_that_is_known_overrules_the_code() -> None:
    assert after_attempt(reply(535, permanent=False), 1, NO_TIME, RETRY) == ("deferred", MINUTE)
    assert after_attempt(reply(None, permanent=True), 1, NO_TIME, RETRY) == ("failed", None)


def test_the_waits_follow_the_table_and_the_last_repeats() -> None:
    waits = [after_attempt(reply(451), attempt, NO_TIME, RETRY)[1] for attempt in range(1, 10)]
    minutes = [round(wait / MINUTE) for wait in waits if wait is not None]
    assert minutes == [1, 5, 15, 30, 60, 120, 240, 240, 240]


def test_a_letter_is_given_up_no_earlier_than_the_policy_says() -> None:
    last_moment = RETRY.give_up_after - timedelta(microseconds=1)
    assert after_attempt(reply(None), 30, last_moment, RETRY) == ("deferred", timedelta(hours=4))
    assert after_attempt(reply(None), 30, RETRY.give_up_after, RETRY) == ("failed", None)


def test_an_outage_of_any_length_ends_visibly() -> None:
    """RFC 5321 §4.5.4.1: spaced by half an hour or more after the first hour, given up after four to five days at least."""
    age, waits = NO_TIME, []
    state, wait = after_attempt(reply(None), 1, age, RETRY)
    while wait is not None:
        waits.append(wait)
        age += wait
        state, wait = after_attempt(reply(None), len(waits) + 1, age, RETRY)
    assert state == "failed" and timedelta(days=5) <= age < timedelta(days=5, hours=4)
    assert all(wait >= timedelta(minutes=30) for wait in waits[4:]) and len(waits) < 40


@given(
    code=st.none() | st.integers(-10, 1200),
    attempts=st.integers(1, 10_000),
    age=st.timedeltas(timedelta(days=-1), timedelta(days=30)),
    permanent=st.none() | st.booleans(),
)
def test_only_a_deferred_letter_has_a_wait_and_it_is_one_of_the_policy(
    code: int | None, attempts: int, age: timedelta, permanent: bool | None
) -> None:
    state, wait = after_attempt(reply(code, permanent), attempts, age, RETRY)
    assert (wait is not None) == (state == "deferred")
    assert wait is None or min(RETRY.waits) <= wait <= max(RETRY.waits)
    if state == "failed" and permanent is not True and (code is None or code // 100 != 5):
        assert age >= RETRY.give_up_after
