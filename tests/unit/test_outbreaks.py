"""Reports of one fault are found among everyday requests, and everyday requests are no fault."""

from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.mails.outages import FAULTS, FEWEST, HELD_BACK, WITHIN, crowd, ordinary, tried, written

from helpdesk.threading.decisions.time.outbreak import find_outbreaks
from helpdesk.threading.incidents.likeness import Crowd, FaultReport, features, is_alike, weights_of, words_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
REPORTS = st.builds(
    lambda number, customer, words: FaultReport(number, customer, words, NOW, features=features(words)),
    st.integers(1, 99),
    st.sampled_from("abcdefgh"),
    st.lists(st.sampled_from(("login", "anmeldung", "503", "page", "toner", "refund", "問題")), max_size=5, unique=True).map(
        tuple
    ),
)
CROWDS = st.lists(REPORTS, max_size=25, unique_by=lambda one: one.ticket_id).map(
    lambda some: Crowd(tuple(sorted(some, key=_number)))
)


def _number(one: FaultReport) -> int:
    return one.ticket_id


@pytest.mark.parametrize("fault", ["login", "payment", "mail", "sync", "slow"])
@pytest.mark.parametrize("seed", range(3))
def test_a_fault_is_found_among_the_requests_of_a_day(fault: str, seed: int) -> None:
    found = tried(crowd(NOW, Random(seed), 60, 200, (FAULTS | HELD_BACK)[fault], 7))
    assert found.proposed
    assert found.listed >= 4
    assert found.others <= 1


def test_a_quiet_day_has_hardly_any_letter() -> None:
    assert sum(tried(crowd(NOW, Random(seed), 40, 200)).false_letters for seed in range(10)) <= 1


@pytest.mark.parametrize(("before", "found"), [(0, 1), (30, 0)])
def test_what_comes_every_day_is_no_news_however_alike_it_is(before: int, found: int) -> None:
    """Of sixty requests six say the same; so did six of each sixty before, or none."""
    random, same = Random(3), FAULTS["login"][0]

    def request(number: int, at: datetime, alike: bool) -> FaultReport:
        return written(number, f"c{number}", *same, at, random) if alike else ordinary(number, at, random)

    pace = WITHIN / 60
    earlier = [request(n, NOW - WITHIN - pace * (300 - n), n % 10 == 0 and n < before * 10) for n in range(300)]
    recent = [request(1000 + n, NOW - pace * (60 - n), n % 10 == 5) for n in range(60)]
    looked = find_outbreaks(Crowd(tuple(recent), tuple(earlier)), FEWEST, WITHIN)
    assert sum(1005 in outbreak.ticket_ids for outbreak in looked.outbreaks) == found


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Login page: error 503", "Die Anmeldeseite zeigt Anmeldung Fehler 503", True),
        ("Zahlung per Karte abgelehnt", "Card payment declined", True),
        ("画面が表示されません", "画面が表示されません、急ぎ", True),
        ("로그인 페이지 오류가 납니다", "로그인 페이지 오류", True),
        ("Hello, please help, thank you", "Hello, please help, thank you", False),
        ("Bonjour, merci d'avance", "Bonjour, merci d'avance", False),
        ("503", "503", False),
        ("", "", False),
        ("Order 4711234567 is late", "Order 4711234567 has no invoice", False),
    ],
)
def test_words_that_make_two_requests_alike(one: str, other: str, alike: bool) -> None:
    assert is_alike(features(words_of("", one)), features(words_of("", other)), weights_of(())) is alike


@given(CROWDS)
def test_each_new_request_is_looked_at_once_and_an_outbreak_has_enough_customers(crowd: Crowd) -> None:
    found = find_outbreaks(crowd, FEWEST, WITHIN)
    proposed = [number for outbreak in found.outbreaks for number in outbreak.ticket_ids]
    settled = [*proposed, *(number for number, _ in found.joined), *found.others]
    assert sorted(settled) == [one.ticket_id for one in crowd.recent]
    customers = {one.ticket_id: one.customer for one in crowd.recent}
    assert all(len({customers[number] for number in outbreak.ticket_ids}) >= FEWEST for outbreak in found.outbreaks)


@given(CROWDS, st.randoms())
def test_what_was_proposed_or_is_an_incident_is_proposed_in_no_other_letter(crowd: Crowd, random: Random) -> None:
    kinds = [random.choice(((None, None), (7, None), (None, 8))) if random.random() < 0.4 else None for _ in crowd.recent]
    marked = tuple(
        one if kind is None else replace(one, counts=False, looked_at=NOW, proposal=kind[0], incident=kind[1])
        for one, kind in zip(crowd.recent, kinds, strict=True)
    )
    found = find_outbreaks(Crowd(marked), FEWEST, WITHIN)
    free = {one.ticket_id for one in marked if one.counts}
    assert all(free.issuperset(outbreak.ticket_ids) for outbreak in found.outbreaks)
