"""Words of a note are recognised in a letter whatever their dress, and ordinary words are not."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.threading.lifecycle.firewall import RUN, is_text_corrected, leak_in

NOTE = "Customer is on the blocklist since the unpaid invoice of March, be careful."
LEAKS = [
    NOTE,
    "hello\n\n> CUSTOMER is on the\n> blocklist since, the unpaid -- invoice of march",
    "customer\tis   on *the* blocklist, since the unpaid",
    "Ｃustomer is on the blocklist since the",
    "Cus\u00adtomer is on the block\u00adlist since",
    "\u200b".join("Customer is on the blocklist since"),
    "\u200b".join("Customer is on the blocklist since".split()),
    "Customer_is_on_the_blocklist_since.pdf",
    "[here](https://x.example/?q=Customer%20is%20on%20the%20blocklist%20since)",
]
FINE = ["Please open flap B.", "Customer is on the", "the unpaid invoice of April was sent to the customer", "", "blocklist"]


@pytest.mark.parametrize("letter", LEAKS)
def test_found(letter: str) -> None:
    assert leak_in(letter, [NOTE], []) is not None


@pytest.mark.parametrize("letter", FINE)
def test_not_found(letter: str) -> None:
    assert leak_in(letter, [NOTE], []) is None


def test_a_short_note_counts_as_a_whole() -> None:
    assert leak_in("well, she is difficult, sorry", ["She is difficult!"], []) == "she is difficult"
    assert leak_in("she is", ["She is difficult!"], []) is None
    assert leak_in("please look", ["please look"], []) is None


def test_words_without_spaces_between_them() -> None:
    assert leak_in("您好，这位客户拖欠发票三个月了，抱歉", ["这位客户拖欠发票三个月"], []) is not None


def test_what_both_sides_know_is_no_secret() -> None:
    assert (
        leak_in(
            "it jams every morning at nine o'clock",
            ["she: it jams every morning at nine o'clock"],
            ["It jams every morning at nine o'clock"],
        )
        is None
    )
    assert leak_in("she is difficult", ["She is difficult"], ["who says that she is difficult?"]) is None


WORDS = st.lists(
    st.sampled_from("customer blocklist invoice march alpha beta gamma delta epsilon zeta".split()), min_size=RUN, max_size=30
)


@given(WORDS, st.text(" \n\t,.;:!?>-", max_size=3), st.text(max_size=50), st.text(max_size=50))
def test_a_whole_note_is_always_found(note: list[str], between: str, before: str, after: str) -> None:
    letter = f"{before} {(' ' + between).join(note)} {after}"
    assert leak_in(letter, [" ".join(note)], []) is not None


@given(st.text(max_size=200), st.lists(st.text(max_size=80), max_size=4))
def test_what_is_found_stands_in_a_note(letter: str, notes: list[str]) -> None:
    found = leak_in(letter, notes, [])
    said = [unicodedata.normalize("NFKC", note).casefold() for note in notes]
    assert found is None or any(all(word in note or not word.isascii() for word in found.split()) for note in said)


REFUSED = "Dear Anna, we cleaned the roller and sent you the manual. Please try again on page 4 of it."


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        (REFUSED, True),
        (REFUSED.replace("roller", "rollers"), True),
        (REFUSED.replace("Dear Anna, we", "We"), True),
        ("Dear Anna, we cleaned the roller and sent you the manual.", True),
        (f"What was wrong here?\n\n{REFUSED}", False),
        ("Please try again.", False),
        ("What did I misspell?", False),
        ("", False),
    ],
)
def test_a_corrected_text_is_the_refused_one_but_for_a_few_words(text: str, corrected: bool) -> None:
    assert is_text_corrected(text, REFUSED) is corrected


def test_a_corrected_text_of_very_few_words_is_the_same_words() -> None:
    assert is_text_corrected("All done.", "all done")
    assert not is_text_corrected("Not done.", "all done")
    assert not is_text_corrected("", "")
