"""Whether a plain reply says only what one of the links of the question about a stranger says."""

import pytest

from helpdesk.templates.catalogue import LANGUAGES, built_in_strings
from helpdesk.threading.sorting.consent_words import Consent, choice_in

LINKS = {"once": Consent.ONCE, "always": Consent.ALWAYS, "never": Consent.NEVER}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("link", LINKS)
def test_the_words_of_each_link_are_the_choice(language: str, link: str) -> None:
    words = built_in_strings(language)[f"consent_request.{link}"]
    assert choice_in(f"{words}\n") is LINKS[link]
    assert choice_in(f"Hello,\n\n{words}!\n\nBest regards\nIna Vogel") is LINKS[link]


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("YES, ALWAYS", Consent.ALWAYS),
        ("Yes please, Ina", Consent.ONCE),
        ("Ja, immer. Danke!", Consent.ALWAYS),
        ("nee", Consent.NEVER),
        ("Si, sempre", Consent.ALWAYS),
        ("", None),
        ("Thanks", None),
        ("Yes, always restart it first", None),
        ("No, it still jams", None),
        ("Yes?\nWho is that", None),
        ("Yes, always\n" + "x" * 300, None),
    ],
)
def test_only_a_reply_that_says_nothing_else_is_a_choice(text: str, choice: Consent | None) -> None:
    assert choice_in(text, ("Ina Vogel",)) is choice
