"""Answers to the questions of the desk, on lines of their own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.desk.triage_desk import of, said

from helpdesk.threading.sorting.answers import is_answered, with_answers

QUESTION = ("the invoice number", "die Rechnungsnummer")
ANSWERED = [
    ("- the invoice number: 4711", True),
    ("Hello\n\n  * Die Rechnungsnummer:  4711\n", True),
    ("The invoice number: 4711", True),
    ("- the invoice number:", False),
    ("- the invoice number:  \n4711", False),
    ("I do not know the invoice number: it is lost", False),  # no line of its own
    ("", False),
]


@pytest.mark.parametrize(("text", "is_there"), ANSWERED)
def test_a_line_answers_a_question(text: str, is_there: bool) -> None:
    assert is_answered(text, QUESTION) is is_there


@given(st.text(), st.text())
def test_every_answer_of_a_form_is_found_in_its_words(text: str, answer: str) -> None:
    assert is_answered(with_answers(text, {QUESTION[1]: answer}), QUESTION) or not answer.strip() or is_answered(text, QUESTION)


def test_what_a_customer_answers_by_mail_below_the_questions_is_not_asked_again() -> None:
    asked = of(said("Invoice", "The invoice is wrong."))
    assert asked.question
    assert not of(said("Invoice", f"The invoice is wrong.\n{asked.question.splitlines()[-1]}: number 4")).question
