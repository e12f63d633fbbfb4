"""How often a note of absence is taken for its author's answer, and an answer for a note."""

import pytest
from support.mails.absence_examples import MORE_NOTES, NOTES, PEOPLE, RESPONDERS
from support.mails.mails import mail

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.parsed import Kind
from helpdesk.threading.sorting.gratitude import is_only_thanks

MOST_FALSE_ANSWERS = 0.02
MARKED = {
    "Exchange": {"auto_submitted": "auto-generated", "x_auto_response_suppress": "All"},
    "Gmail": {"auto_submitted": "auto-replied", "precedence": "bulk", "x_autoreply": "yes"},
    "Sieve": {"auto_submitted": "auto-replied (vacation)", "return_path": "<>"},
    "cPanel": {"x_autorespond": "Re: Printer", "precedence": "bulk"},
}
ALL_NOTES = [(language, text) for notes in (NOTES, MORE_NOTES) for language, texts in notes.items() for text in texts]


def kind(text: str, subject: str, **fields: str) -> Kind:
    content = mail(
        text.replace(" / ", "\n"),
        subject=subject,
        in_reply_to="<x@desk.example>",
        content_type="text/plain; charset=utf-8",
        **fields,
    )
    return read(content).message.kind


def test_there_are_eighteen_languages() -> None:
    assert len(NOTES) == len(MORE_NOTES) == len(PEOPLE) == len(RESPONDERS) == 18


@pytest.mark.parametrize("system", MARKED)
def test_a_marked_note_is_nobody_s_answer(system: str) -> None:
    taken = [
        text for _, text in ALL_NOTES if kind(text, "Re: Printer", **MARKED[system]) not in (Kind.OUT_OF_OFFICE, Kind.AUTOMATIC)
    ]
    assert taken == []


def test_a_note_that_only_its_subject_marks_is_seldom_an_answer() -> None:
    """As Exchange of old and small responders write it: no field says what it is."""
    taken = [text for language, text in ALL_NOTES if kind(text, f"{RESPONDERS[language]}: Printer") is Kind.PERSON]
    assert len(taken) <= MOST_FALSE_ANSWERS * len(ALL_NOTES), taken


def test_a_note_closes_nothing_even_where_nothing_marks_it() -> None:
    assert [text for _, text in ALL_NOTES if is_only_thanks(text.replace(" / ", "\n"))] == []


@pytest.mark.parametrize("language", PEOPLE)
def test_who_speaks_of_an_absence_is_heard(language: str) -> None:
    for text in PEOPLE[language]:
        assert kind(text, "Re: Printer") is Kind.PERSON
        assert not is_only_thanks(text)
