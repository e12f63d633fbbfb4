"""The words of a text are those that a regular expression finds, whatever the text is."""

import re

from hypothesis import given
from hypothesis import strategies as st

from helpdesk.config.plain_words import words_in
from helpdesk.threading.matching.compared_words import WORD

PLAIN = re.compile(r"[^\W_]+")
TEXTS = st.text(max_size=200) | st.text("aZ9_ -.äßİ\u0301\u00a0\u3000あ한é\n\ud800", max_size=60)


@given(TEXTS)
def test_words_are_letters_and_digits_that_stand_together(text: str) -> None:
    assert words_in(text) == PLAIN.findall(text)


@given(TEXTS)
def test_words_in_small_letters_are_those_of_the_text_with_its_case_folded(text: str) -> None:
    assert words_in(text, WORD, small=True) == WORD.findall(text.casefold())
