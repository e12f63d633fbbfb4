"""Clocks of promised times against an oracle that walks through every minute."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.campaigns.year_rig import ACTIONS, KINDS, LEVELS, YEAR, Life, Script, run, script
from support.oracles.time_oracle import BERLIN, OFFICES, START, moment, reached, worked

from helpdesk.config.calendar import due, working_time
from helpdesk.config.opening_hours import Calendar
from helpdesk.config.people import Account, SupportAddress
from helpdesk.config.plans import Plan, Targets
from helpdesk.config.policy import Policy
from helpdesk.config.section import ValidationError
from helpdesk.config.sentences import opening_hours, sentences
from helpdesk.config.settings import DeskSettings
from helpdesk.store.clocks import clocks_as_json, clocks_from_json
from helpdesk.threading.model.promise import Clock, TargetKind

# Changes of clocks, Easter, Christmas and the turn of the year, beside any second of the year.
BEGINNINGS = ("2026-03-27", "2026-10-23", "2026-04-02", "2026-12-23", "2026-12-31", "2026-04-03", "2026-03-06")
seconds_of_year = st.integers(0, YEAR) | st.tuples(st.sampled_from(BEGINNINGS), st.integers(0, 3 * 86400)).map(
    lambda one: int(datetime.fromisoformat(one[0]).replace(tzinfo=UTC).timestamp()) - START + one[1]
)


@given(office=st.sampled_from(OFFICES), start=seconds_of_year, promise=st.integers(1, 200_000))
@settings(max_examples=75, deadline=None)
def test_due_times_are_those_of_the_oracle(office, start, promise) -> None:  # type: ignore[no-untyped-def]
    calendar = Calendar.model_validate(office.keys())
    by = reached(office, START + start, promise)
    assert due(moment(START + start), timedelta(seconds=promise), calendar) == moment(by)
    assert working_time(moment(START + start), moment(by), calendar).total_seconds() == worked(office, START + start, by)


@given(
    office=st.sampled_from(OFFICES),
    start=seconds_of_year,
    promises=st.dictionaries(
        st.tuples(st.sampled_from(LEVELS), st.sampled_from(KINDS)), st.integers(1, 30_000).map(lambda n: 4 * n)
    ),
    steps=st.lists(st.tuples(st.integers(1, 200_000), st.sampled_from(ACTIONS), st.integers(1, 400_000)), max_size=10),
)
@settings(max_examples=50, deadline=None)
def test_whatever_happens_every_warning_and_miss_comes_to_the_second(office, start, promises, steps) -> None:  # type: ignore[no-untyped-def]
    Life(Script(office, START + start, promises, steps)).plays()


def test_a_year_of_tickets() -> None:
    told = run(20260101, 150)
    assert told["warnings"] > 50 and told["misses"] > 50


def test_the_rig_notices_a_pause_that_is_not_counted() -> None:
    lost = Life(
        Script(BERLIN, START + 7 * 86400 + 9 * 3600, {("low", "resolution"): 7200}, [(3600, "ask", 1), (86400, "write", 1)])
    )
    lost.oracle.promises = {("low", "resolution"): 7204}
    with pytest.raises(AssertionError):
        lost.plays()


def test_clocks_come_back_from_the_store_as_they_were() -> None:
    life = Life(script(random.Random(5), START + 86400))
    life.plays()
    clocks = (
        *life.ticket.clocks,
        Clock(TargetKind.NEXT_RESPONSE, moment(START), timedelta(microseconds=7), moment(START + 1)),
    )
    assert clocks_from_json(clocks_as_json(clocks)) == clocks


@pytest.mark.parametrize(
    ("severity", "target", "hours"),
    [
        ("normal", "first_response", 4),
        ("high", "first_response", 1),
        ("high", "resolution", 16),
        ("low", "next_response", None),
        ("made up", "first_response", 4),
    ],
)
def test_a_severity_of_its_own_goes_before_the_plan(severity: str, target: str, hours: int | None) -> None:
    hour = timedelta(hours=1)
    plan = Plan(first_response=4 * hour, resolution=16 * hour, high=Targets(first_response=hour))
    assert plan.promised(target, severity) == (hours * hour if hours else None)


def test_public_holidays_are_days_off() -> None:
    berlin = Calendar(zone="Europe/Berlin", country="DE", subdivision="BE")
    friday = datetime(2026, 12, 24, 15, 30, tzinfo=UTC)  # Thursday 16:30; Friday is the 25th, and Saturday no working day anyway
    assert due(friday, timedelta(hours=1), berlin) == datetime(2026, 12, 28, 8, 30, tzinfo=UTC)
    assert opening_hours(berlin).endswith("(Europe/Berlin), except on public holidays of DE-BE.")
    assert not Calendar(zone="Europe/Berlin", country="DE", subdivision="BY").is_holiday(date(2027, 3, 8))
    assert berlin.is_holiday(date(2027, 3, 8))  # Women's Day, in Berlin alone


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({"country": "ZZ"}, 'no public holidays are known of "ZZ"'),
        ({"country": "DE", "subdivision": "ZZ"}, 'subdivision "ZZ" of DE; known: BB, BE'),
        ({"subdivision": "BE"}, "write the country too"),
    ],
)
def test_an_unknown_country_is_told(keys: dict[str, str], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        Calendar.model_validate(keys)


def test_an_account_may_have_a_calendar_of_its_own() -> None:
    theirs = Calendar(zone="America/New_York")
    policy = Policy(
        addresses=(SupportAddress(address="help@support.example.com"),),
        accounts=(Account(id="acme", calendar="theirs"), Account(id="globex")),
        calendars={"theirs": theirs},
    )
    assert [policy.calendar_for(one) for one in ("acme", "globex", None)] == [theirs, policy.calendar, policy.calendar]


def test_check_says_the_promises_with_an_example() -> None:
    hour = timedelta(hours=1)
    policy = Policy(
        addresses=(SupportAddress(address="help@support.example.com"),),
        plans={"business": Plan(first_response=4 * hour, next_response=8 * hour, high=Targets(first_response=2 * hour))},
        calendar=Calendar(zone="Europe/Berlin", country="DE", friday="09:00-18:00"),
    )
    said = list(sentences(DeskSettings(name="Desk", domain="support.example.com"), policy))
    assert (
        "Plan business promises a first answer within 4 working hours and each later answer within one working day. "
        "At severity high: a first answer within 2 working hours."
    ) in said
    assert (
        "A high-severity mail from a customer on plan business that arrives Friday 17:30 is due Monday 10:30 (as on 2027-02-05)."
        in said
    )
