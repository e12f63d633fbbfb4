"""The subject of a reply says something new where it has a word that no earlier subject of the conversation has."""

import pytest

from helpdesk.templates.catalogue import LANGUAGES, built_in_strings
from helpdesk.threading.reading.message_ids import message_ids
from helpdesk.threading.reading.subjects import new_subject

REFERENCE = "ACZ-K7Q2M9"


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("Cannot log in", ""),
        ("AW: Re[2]: cannot LOG in", ""),
        ("Re: [EXTERN] Cannot log in", ""),
        ("Re: Cannot log in (Case #00012)", ""),
        ("[ACZ-K7Q2M9] Cannot log in", ""),
        ("Re: Cannot log", ""),
        ("", ""),
        ("Please cancel contract 4711 today", "Please cancel contract 4711 today"),
        ("Re: Please cancel contract 4711 today", "Please cancel contract 4711 today"),
        ("Re: Cannot log in (solved)", "Cannot log in (solved)"),
        ("Re: Cannot log in: URGENT", "Cannot log in: URGENT"),
        ("ACZ-K7Q2M9 cancel it", "ACZ-K7Q2M9 cancel it"),
        ("キャンセルしてください", "キャンセルしてください"),
    ],
)
def test_what_a_changed_subject_says(subject: str, told: str) -> None:
    assert new_subject(subject, ("Cannot log in",), REFERENCE) == told


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["subject.request", "subject.message"])
def test_the_desks_own_subjects_say_nothing_new(language: str, key: str) -> None:
    own = built_in_strings(language)[key].replace("{reference}", REFERENCE)
    assert new_subject(f"Re: {own}", ("",), REFERENCE) == ""


def test_the_parent_is_found_at_the_end_of_very_many_references() -> None:
    ids = message_ids(b" ".join(b"<%d@a.example>" % number for number in range(1000)))
    assert ids[-1] == "999@a.example"
    assert len(ids) == 200
