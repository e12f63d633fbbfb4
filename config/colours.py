"""Colours of letters: their contrast, and what is readable on them. Pure.

Contrast is that of WCAG 2.2: at least 3 for shapes such as bars (§1.4.11), at least 4.5 for text (§1.4.3).
"""

import re

COLOUR = re.compile(r"#[0-9a-f]{6}")
SHAPES, TEXT = 3.0, 4.5  # least contrast
LIGHT_PAGE, DARK_CARD = "#f4f5f7", "#191c22"  # what is beside a bar and nearest to it, as layout/letter.html.j2 has it
WHITE, BLACK = "#ffffff", "#000000"
STEPS = 100


def colour(text: str) -> str:
    """A colour as "#2f5bd3" whose bars are seen on the page of a light letter.

    Raises ValueError that says what is allowed; of a colour that is too pale it names a darker one.
    """
    written = text.strip().lower()
    if not COLOUR.fullmatch(written):
        raise ValueError('write a colour as # and six hexadecimal digits, such as "#2f5bd3"')
    seen = contrast(written, LIGHT_PAGE)
    if seen < SHAPES:
        darker = nearest_seen(written, LIGHT_PAGE, BLACK)
        raise ValueError(
            f'"{written}" is too pale for a bar: its contrast is {seen:.1f}, and {SHAPES:g} is needed; "{darker}" has it'
        )
    return written


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21. A third decimal does not count, so that what is printed is what is compared."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return int((light + 0.05) / (dark + 0.05) * 100) / 100


def nearest_seen(accent: str, ground: str, towards: str) -> str:
    """The colour between `accent` and `towards` that is nearest to `accent` and is seen as a shape on `ground`."""
    mixed = (_mix(accent, towards, step / STEPS) for step in range(STEPS + 1))
    return next((candidate for candidate in mixed if contrast(candidate, ground) >= SHAPES), towards)


def in_the_dark(accent: str) -> str:
    """The accent as a dark letter shows it: lighter, if its bars would not be seen otherwise."""
    return nearest_seen(accent, DARK_CARD, WHITE)


def ink_on(ground: str) -> str:
    """The colour of text on a ground: white, or black where white could not be read."""
    return WHITE if contrast(WHITE, ground) >= TEXT else BLACK


def _luminance(shade: str) -> float:
    """The relative luminance of a colour, 0 to 1."""
    red, green, blue = (_linear(value / 255) for value in _values(shade))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _mix(one: str, other: str, part: float) -> str:
    pairs = zip(_values(one), _values(other), strict=True)
    return "#" + "".join(f"{round(mine + (theirs - mine) * part):02x}" for mine, theirs in pairs)


def _values(shade: str) -> tuple[int, int, int]:
    return int(shade[1:3], 16), int(shade[3:5], 16), int(shade[5:7], 16)
