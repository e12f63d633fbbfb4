"""Accents of letters: what is allowed can be seen, and the words on it can be read, in light and in dark."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.config.colours import DARK_CARD, LIGHT_PAGE, SHAPES, TEXT, WHITE, colour, contrast, in_the_dark, ink_on

HEXADECIMAL = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(HEXADECIMAL)
def test_every_accent_that_is_allowed_can_be_seen_and_read_on(written: str) -> None:
    try:
        accent = colour(written)
    except ValueError as fault:
        assert contrast(written, LIGHT_PAGE) < SHAPES
        accent = str(fault).split('"')[3]  # the darker one that it names
    dark = in_the_dark(accent)
    assert colour(accent) == accent
    assert contrast(accent, LIGHT_PAGE) >= SHAPES and contrast(dark, DARK_CARD) >= SHAPES
    assert contrast(ink_on(accent), accent) >= TEXT and contrast(ink_on(dark), dark) >= TEXT


@pytest.mark.parametrize(
    ("one", "other", "measured"), [("#000000", "#ffffff", 21), ("#777777", WHITE, 4.47), ("#ffffff", WHITE, 1)]
)
def test_contrast_is_that_of_the_standard(one: str, other: str, measured: float) -> None:
    assert contrast(one, other) == contrast(other, one) == measured


@pytest.mark.parametrize("accent", ["#00a34f", "#2f5bd3", "#E4002B", "#000000"])
def test_colours_are_written_as_on_the_web(accent: str) -> None:
    assert colour(accent) == accent.lower()


@pytest.mark.parametrize("wrong", ["", "blue", "#fff", "2f5bd3", "#2f5bd3;x", "#2f5bdg", "rgb(0,0,0)"])
def test_what_is_no_colour_is_told(wrong: str) -> None:
    with pytest.raises(ValueError, match="six hexadecimal digits"):
        colour(wrong)


def test_a_pale_colour_is_told_with_one_that_works() -> None:
    with pytest.raises(
        ValueError, match='"#ffee00" is too pale for a bar: its contrast is 1.1, and 3 is needed; "#998f00" has it'
    ):
        colour("#FFEE00")
