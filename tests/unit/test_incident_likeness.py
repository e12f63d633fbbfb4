"""Requests that report the same fault are found among many others, and never one customer's alone."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.gateway.bench.workload import WORDS
from helpdesk.threading.lifecycle.likeness import MOST_COMPARED, Report, may_be_incident, reports_like

FAULTS = {
    "en": (
        "Login page is down. Since this morning the login page says error 503",
        "Hello,",
        "Please help!",
        "We cannot work.",
        "Thanks",
    ),
    "de": ("Anmeldung geht nicht. Seit heute früh zeigt die Anmeldeseite den Fehler 503", "Guten Tag,", "Bitte helfen!", "Danke"),
}
REPORTS = st.builds(Report, st.integers(1, 50), st.sampled_from("abcd"), st.text(st.sampled_from("ab ü問"), max_size=40))


def others(count: int, random: Random) -> list[Report]:
    return [Report(n, f"c{n}", " ".join(random.choices(WORDS, k=random.randint(20, 150)))) for n in range(1, count + 1)]


def same(language: str, random: Random, count: int = 20) -> list[Report]:
    """Near duplicates: the same sentence, with words of their own around it and one word of it missing."""
    core, *around = FAULTS[language]
    found = []
    for number in range(count):
        words = core.split()
        del words[random.randrange(len(words))]
        text = " ".join([random.choice(around), *words, random.choice(around), random.choice(WORDS)])
        found.append(Report(1000 + number, f"d{number}", text))
    return found


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("seed", range(3))
def test_twenty_of_a_kind_are_found_in_all_that_is_compared_and_nothing_else(language: str, seed: int) -> None:
    random = Random(seed)
    kind = same(language, random)
    mixed = [*others(MOST_COMPARED - len(kind), random), *kind]
    assert {one.ticket_id for one in reports_like(kind[-1], mixed)} == {one.ticket_id for one in kind[:-1]}
    assert may_be_incident(kind[-1], reports_like(kind[-1], mixed))


def test_of_five_hundred_unrelated_requests_none_are_alike() -> None:
    random = Random(7)
    crowd = others(500, random)
    assert [one for one in crowd[::20] if reports_like(one, crowd)] == []


@pytest.mark.parametrize(
    ("customers", "count", "found"), [(1, 20, False), (2, 20, False), (3, 20, True), (3, 4, False), (5, 5, True)]
)
def test_it_takes_enough_requests_of_enough_customers(customers: int, count: int, found: bool) -> None:
    kind = [Report(n, f"c{n % customers}", FAULTS["en"][0]) for n in range(count)]
    assert may_be_incident(kind[0], reports_like(kind[0], kind)) is found


def test_an_empty_text_is_like_none() -> None:
    assert reports_like(Report(1, "a", ""), [Report(2, "b", ""), Report(3, "c", "x")]) == ()


@given(REPORTS, st.lists(REPORTS, max_size=20, unique_by=lambda one: one.ticket_id), st.randoms())
def test_the_order_does_not_count(new: Report, recent: list[Report], random: Random) -> None:
    found = reports_like(new, recent)
    random.shuffle(recent)
    assert reports_like(new, recent) == found
    assert new.ticket_id not in {one.ticket_id for one in found}
    assert not may_be_incident(new, [one for one in found if one.customer == new.customer])
