"""How long answers take now: more before a newcomer never means less time, and a busy period begins and ends once."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from support.campaigns.answer_times_rig import figures, played

from helpdesk.config.conduct import Busy
from helpdesk.config.people import SupportAddress
from helpdesk.config.policy import Policy
from helpdesk.threading.promises.busy import Figures, PastAnswer, QueueLoad, figures_of, is_busy, measure, pace_of

POLICY = Policy(addresses=(SupportAddress(address="help@support.example.com"),))
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SPANS = st.timedeltas(timedelta(0), timedelta(days=20))
ANSWERS = st.lists(
    st.builds(PastAnswer, st.integers(0, 300), SPANS, st.sampled_from((None, True, False))), min_size=30, max_size=80
)


@given(ANSWERS, st.integers(0, 30), st.lists(st.integers(0, 2000), min_size=2, max_size=2))
def test_figures_grow_with_the_queue(answers: list[PastAnswer], late: int, waiting: list[int]) -> None:
    pace = pace_of(answers, late, POLICY.busy)
    assert pace is not None
    fewer, more = (figures_of(pace, number) for number in sorted(waiting))
    assert fewer.median <= more.median
    assert fewer.ninetieth <= more.ninetieth
    assert timedelta(0) <= fewer.median <= fewer.ninetieth
    now = measure("general", QueueLoad(waiting[0], False, pace), NOW, POLICY)
    assert now.ninetieth_at is None or (now.median_at is not None and now.ninetieth_at >= now.median_at >= NOW)


def test_too_few_answers_say_nothing() -> None:
    answers = [PastAnswer(3, timedelta(hours=20))] * 29
    assert pace_of(answers, 0, POLICY.busy) is None
    assert measure("general", QueueLoad(9, True, None), NOW, POLICY).busy is False
    assert pace_of([*answers, answers[0]], 0, POLICY.busy) is not None


@given(st.booleans(), st.lists(st.timedeltas(timedelta(hours=6), timedelta(hours=8)), min_size=1))
def test_nothing_changes_within_the_band(before: bool, spans: list[timedelta]) -> None:
    state = before
    for span in spans:
        state = is_busy(state, Figures(span, span), Busy())
        assert state is before


def test_nine_of_ten_hold_on_a_simulated_desk() -> None:
    found = figures(played(seed=2, weeks=10))
    assert 0.8 <= found.part("steady") <= 0.98
    assert 0.8 <= found.part("burst") <= 0.98
