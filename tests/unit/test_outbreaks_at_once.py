"""Requests are compared with all others at once: the outbreaks are those of a comparison pair by pair, and pairs cost nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.mails.outages import FAULTS, FEWEST, HELD_BACK, WITHIN, crowd
from support.oracles.plain_outbreaks import _weights, plain_find_outbreaks, plain_is_alike

from helpdesk.threading.decisions.time.outbreak import find_outbreaks
from helpdesk.threading.incidents import comparison as module
from helpdesk.threading.incidents.comparison import MOST_FEATURES, Comparison
from helpdesk.threading.incidents.likeness import MOST_WORDS, Crowd, FaultReport, Features, Weights, features, is_alike

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WORDS = ("login", "anmeldung", "503", "page", "toner", "refund", "問題", "export", "printer", "e42", "billing", "screen")
said = st.lists(st.sampled_from(WORDS), max_size=9, unique=True).map(tuple)
reports = st.builds(
    lambda number, customer, words, state, minutes: FaultReport(
        number,
        customer,
        words,
        NOW - timedelta(minutes=minutes),
        counts=state == "new",
        incident=7 if state == "incident" else None,
        proposal=3 if state == "proposed" else None,
        looked_at=None if state in ("new", "merged") else NOW,
        features=features(words),
    ),
    st.integers(1, 200),
    st.sampled_from("abcdefgh"),
    said,
    st.sampled_from(("new", "new", "new", "incident", "proposed", "merged")),
    st.integers(0, 600),
)


def crowd_of(rows: list[FaultReport], earlier: int) -> Crowd:
    ordered = sorted(rows, key=lambda report: report.ticket_id)
    return Crowd(tuple(ordered[earlier:]), tuple(ordered[:earlier]))


crowds = st.builds(crowd_of, st.lists(reports, max_size=45, unique_by=lambda report: report.ticket_id), st.integers(0, 25))


@given(st.lists(crowds, min_size=1, max_size=3), st.integers(2, 5))
def test_outbreaks_are_those_of_a_comparison_pair_by_pair(several: list[Crowd], propose_from: int) -> None:
    kept = Comparison()
    for requests in several:  # the ids come again with other words, so what is kept must follow
        expected = plain_find_outbreaks(requests, propose_from, WITHIN)
        assert find_outbreaks(requests, propose_from, WITHIN) == expected
        assert find_outbreaks(requests, propose_from, WITHIN, kept) == expected


@pytest.mark.parametrize("fault", ["login", "payment", "slow"])
@pytest.mark.parametrize("seed", range(3))
def test_real_reports_make_the_same_outbreaks(fault: str, seed: int) -> None:
    one = crowd(NOW, Random(seed), 80, 200, (FAULTS | HELD_BACK)[fault], 7)
    assert find_outbreaks(one, FEWEST, WITHIN) == plain_find_outbreaks(one, FEWEST, WITHIN)


@given(crowds, reports)
def test_each_pair_is_judged_as_it_is_alone(one: Crowd, new: FaultReport) -> None:
    comparison, everybody = Comparison(), (*one.recent, *one.earlier)
    comparison.keep(everybody)
    weights = _weights(replace(one, recent=(*one.recent, new)))
    alike = {report.ticket_id for report in everybody if plain_is_alike(new.features, report.features, weights)}
    assert comparison.like(new.features, one.weights) == alike


@pytest.mark.parametrize(("shared", "alike"), [(3.999999, False), (4.0, True), (4.000001, True)])
def test_a_sum_at_the_threshold_is_not_rounded(shared: float, alike: bool) -> None:
    class Fixed(Weights):
        def of(self, feature: str) -> float:
            return {"a": 2.0, "b": shared - 2.0}.get(feature, 0.0)

    comparison = Comparison()
    comparison.keep([FaultReport(1, "c", (), NOW, features=frozenset("ab"))])
    assert comparison.like(frozenset("abc"), Fixed({}, 1)) == (frozenset({1}) if alike else frozenset())


def test_more_features_than_a_lane_counts_are_compared_one_by_one() -> None:
    assert MOST_WORDS <= MOST_FEATURES
    many = frozenset(f"word{number}" for number in range(MOST_FEATURES + 2))
    comparison = Comparison()
    comparison.keep([FaultReport(1, "c", (), NOW, features=many), FaultReport(2, "c", (), NOW, features=frozenset("a"))])
    assert comparison.like(many, Crowd().weights) == {1}


def test_hardly_any_pair_is_compared_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs: list[Features] = []

    def count(new: Features, other: Features, weights: Weights) -> bool:
        pairs.append(other)
        return is_alike(new, other, weights)

    monkeypatch.setattr(module, "is_alike", count)
    one = crowd(NOW, Random(5), 250, 300, FAULTS["login"], 7)
    find_outbreaks(one, FEWEST, WITHIN)
    new = sum(report.looked_at is None for report in one.recent)
    assert len(pairs) < new * len(one.recent + one.earlier) / 50


def test_what_is_no_longer_compared_leaves_nothing_behind() -> None:
    comparison = Comparison()
    for number in range(1000):
        comparison.keep([FaultReport(number, "c", (), NOW, features=frozenset({f"w{number}", "same"}))])
    assert (len(comparison._lanes) + len(comparison._free), set(comparison._having)) == (1, {"w999", "same"})
