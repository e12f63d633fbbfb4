"""An address that only looks like a customer's is somebody else's, and a name never stands in place of an address."""

import unicodedata

import pytest

from helpdesk.templates.words import one_line
from helpdesk.threading.trust.addresses import canonical

# Letters of other scripts that look like ours.
ALIKE = {"a": "аɑα", "e": "еҽ", "o": "оοօ", "c": "сϲ", "p": "рρ", "i": "іı", "m": "м", "n": "ո", "l": "ӏ", "x": "хх"}
KNOWN = "anna@acme-example.com"


def lookalikes() -> list[str]:
    found = []
    for place, letter in enumerate(KNOWN):
        for other in ALIKE.get(letter, ""):
            found.append(KNOWN[:place] + other + KNOWN[place + 1 :])
    return found


@pytest.mark.parametrize("address", lookalikes())
def test_a_lookalike_is_nobody_whom_we_know(address: str) -> None:
    assert canonical(address) != KNOWN


@pytest.mark.parametrize("sign", ["\u202e", "\u202d", "\u2066", "\u2069", "\u200b", "\u200f", "\ufeff", "\x1b", "\x00", "\u2028"])
def test_signs_that_turn_or_hide_letters_neither_show_nor_identify(sign: str) -> None:
    shown = one_line(f"Anna{sign} Weber", 100)
    assert not [one for one in shown if unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp")]
    assert canonical(f"an{sign}na@acme.example") == ""
