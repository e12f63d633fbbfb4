"""An address that only looks like a customer's is somebody else's, and a name never stands in place of an address."""

import unicodedata

import pytest
from confusable_homoglyphs.confusables import confusables_data

from helpdesk.templates.words import one_line
from helpdesk.threading.trust.addresses import canonical
from helpdesk.threading.trust.lookalikes import looks_like, shows_another

KNOWN = ("anna@acme-example.com", "omar.quist@globex.example", "zoe_bik@hvfd-wpjy.test")


def lookalikes() -> dict[str, str]:
    """Every known address with one letter in the place of which another stands that Unicode calls alike, where it can be an address."""
    found = {}
    for known in KNOWN:
        for place, letter in enumerate(known):
            for other in (one["c"].strip("\u200e") for one in confusables_data.get(letter, []) if letter.isalnum()):
                changed = f"{known[:place]}{other}{known[place + 1 :]}"
                if other == other.casefold() and canonical(changed):
                    found[canonical(changed)] = known
    return found


def test_each_of_six_hundred_lookalikes_is_noticed_and_is_nobody_whom_we_know() -> None:
    """Capitals, which no address keeps, are other letters in lower case and do not count here."""
    tried = lookalikes()
    assert len(tried) > 600
    missed = [address for address, known in tried.items() if address in KNOWN or not looks_like(address, [known])]
    assert not missed


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("anna@acrne-example.com", "acme-example.com"),
        ("anna@acme-examp1e.com", "acme-example.com"),
        ("anna@\u0430cme-example.com", "acme-example.com"),
        ("anna@xn--cme-example-xij.com", "acme-example.com"),
        ("he1p@support.example.com", "help@support.example.com"),
        ("anna@vvidget.example", "widget.example"),
        ("anna@m\u00fcller.example", "muller.example"),
    ],
)
def test_what_is_read_as_another_is_named(address: str, known: str) -> None:
    assert looks_like(canonical(address), ["someone@else.example", known]) == known


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("anna@acme-example.com", "acme-example.com"),
        ("anna@acme-example.com", "anna@acme-example.com"),
        ("anna@acme.example", "acme-example.com"),
        ("anna@globex.example", "omar@globex.example"),
        ("ana@acme-example.com", "anna@acme-example.com"),
        ("", "acme-example.com"),
    ],
)
def test_others_are_not(address: str, known: str) -> None:
    assert not looks_like(address, [known])


@pytest.mark.parametrize("letter", ["\u212a", "\u0130"])
def test_a_letter_that_folds_into_one_of_ascii_is_another_letter(letter: str) -> None:
    assert canonical(f"{letter}im@acme.example") == ""
    assert canonical(f"kim@{letter}acme.example") == ""


def test_a_domain_has_one_spelling() -> None:
    assert canonical("kim@\uff41cme.example") == ""
    assert canonical("kim@stra\u00dfe.example") == "kim@xn--strae-oqa.example"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("billing@acme.example", "billing@acme.example"),
        ("Anna (anna@acme.example)", "anna@acme.example"),
        ("\uff41nna@acme.example", "anna@acme.example"),
        ("Anna Weber", ""),
        ("X@EVIL.example", ""),
        ("Anna @ Acme", ""),
    ],
)
def test_an_address_in_the_name_is_seen(name: str, shown: str) -> None:
    assert shows_another(name, "x@evil.example") == shown


@pytest.mark.parametrize("sign", ["\u202e", "\u202d", "\u2066", "\u2069", "\u200b", "\u200f", "\ufeff", "\x1b", "\x00", "\u2028"])
def test_signs_that_turn_or_hide_letters_neither_show_nor_identify(sign: str) -> None:
    shown = one_line(f"Anna{sign} Weber", 100)
    assert not [one for one in shown if unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp")]
    assert canonical(f"an{sign}na@acme.example") == ""
