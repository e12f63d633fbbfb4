"""What can be seen of a letter: the first words in a list of mails, and the contrast of every border and bar."""

import re
from collections.abc import Iterator
from html import unescape
from importlib.resources import files

import pytest
from support.desk.letter_orders import CONTENTS, EVERY, LETTERHEAD, NOW, order
from support.mails.composed_mail import html_of, read

from helpdesk.templates import words
from helpdesk.templates.catalogue import LANGUAGES
from helpdesk.templates.compose import compose
from helpdesk.templates.overrides import customer_notices
from helpdesk.templates.render import Renderer, preheader_of
from helpdesk.templates.samples import sample_letter, sample_order
from helpdesk.threading.model.notice import Notice

LEAST_CONTRAST = 3.0  # WCAG 2.2, 1.4.11: of a shape and what is beside it
DARK = "@media (prefers-color-scheme: dark)"
# What a border stands on: the page, the card, and the panels within it.
GROUNDS = {"light": ("#ffffff", "#f8f9fb", "#f4f5f7"), "dark": ("#191c22", "#21252d", "#101216")}
WARNING_GROUNDS = {"light": ("#ffffff", "#fff6e0"), "dark": ("#191c22", "#33270d")}
WARNING = {"#a97a1b", "#94742a"}
FILLED = {"#2f5bd3", "#3f6be0"}  # a button, whose border is its own colour; it stands on the card
BORDER = re.compile(r"border(?:-\w+)?: ?(?:\d+px solid )?(#[0-9a-f]{6})")
PREHEADER = re.compile(r'<div class="helpdesk-boundary"[^>]* aria-hidden="true"[^>]*>([^<]*)</div>')


def luminance(colour: str) -> float:
    """The relative luminance of a colour (WCAG 2.2)."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def sources() -> Iterator[str]:
    yield "\n".join((*words.IN_LETTERS.attributes.values(),))
    folders = [files("helpdesk.templates")]
    while folders:
        for file in folders.pop().iterdir():
            if file.is_dir():
                folders.append(file)
            elif file.name.endswith(".html.j2"):
                yield file.read_text("utf-8")


def borders() -> set[tuple[str, str]]:
    """The colour of every border and bar of a letter, with the theme in which a reader has it."""
    found = set()
    for source in sources():
        light, _, dark = source.partition(DARK)
        dark, end, after = dark.partition("</style>")
        found |= {("light", colour) for colour in BORDER.findall(light + after)} | {
            ("dark", colour) for colour in BORDER.findall(dark)
        }
        assert end or not dark
    return found


def test_every_border_and_bar_can_be_told_from_what_is_beside_it() -> None:
    found = borders()
    assert {theme for theme, _ in found} == {"light", "dark"} and len(found) > 4
    for theme, colour in found:
        grounds = WARNING_GROUNDS[theme] if colour in WARNING else GROUNDS[theme][:1] if colour in FILLED else GROUNDS[theme]
        assert min(contrast(colour, ground) for ground in grounds) >= LEAST_CONTRAST, (theme, colour)


def test_black_on_white_is_the_largest_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def first_words(content: bytes) -> str:
    found = PREHEADER.search(html_of(read(content)))
    assert found is not None
    return unescape(found[1])


@pytest.mark.parametrize(("audience", "notice"), EVERY)
def test_a_list_of_mails_shows_what_the_letter_says(audience: str, notice: Notice) -> None:
    letter = compose(order(audience, notice), LETTERHEAD, CONTENTS, NOW)
    shown = first_words(letter.content)
    assert len(shown) > 20 and "##-" not in shown
    assert shown.removesuffix(" …") in " ".join(letter.body_text.split())
    assert PREHEADER.split(html_of(read(letter.content)))[0].endswith('background-color:#f4f5f7">\n')  # nothing is before it


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_of_mails_shows_no_greeting(language: str) -> None:
    renderer = Renderer()
    for name in customer_notices():
        letter = sample_letter(sample_order(Notice(name), language), renderer, "Accoraze Support", "Europe/Berlin")
        greeting = renderer.speech(language).say("letter.greeting_named", name="").strip(" ,")
        assert not first_words(letter.content).startswith(greeting), name


def test_the_first_words_of_a_letter_that_is_a_greeting_alone_are_the_greeting() -> None:
    assert preheader_of("Hello Anna,\n") == "Hello Anna,"
    assert preheader_of("Hello Anna,\n\nyour account\n is open again.") == "your account is open again."
    assert preheader_of("Hello Anna,\n\n> Which lever?\nThe grey one.\n") == "The grey one."
    assert preheader_of("> Which lever?\n") == "> Which lever?"
