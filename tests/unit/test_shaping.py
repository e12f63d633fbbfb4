"""A text finds its shape in a document, and never says more by it."""

import pytest

from helpdesk.threading.reading.html import readable_lines
from helpdesk.threading.reading.lines import NamedPicture
from helpdesk.threading.reading.markup import markup_of
from helpdesk.threading.reading.shaping import pictures_in, shaped, text_of

PICTURES = {"cid:shot": NamedPicture("Shot.png", "f00d")}

# A text, the HTML beside it, and the text with its shape.
TEXTS = {
    "wrapped lines": (
        "This is a long line of\nwords.\n\n- one\n- two",
        "<p>This is a <b>long line</b> of words.</p><ul><li>one</li><li>two</li></ul>",
        "This is a long line of words.\n\n- one\n- two",
    ),
    "marks of emphasis": ("*Not* _now_, please", "<b>Not</b> <i>now</i>, please", "Not now, please"),
    "a table whose cells stand below each other": (
        "Month\nOld\n\nMay\n12\n",
        "<table><tr><td><b>Month</b></td><td>Old</td></tr><tr><td>May</td><td>12</td></tr></table>",
        "Month | Old\nMay | 12",
    ),
    "a link on a line of its own": (
        "Look here\n<https://acme.example/x>.\nBye",
        '<p>Look <a href="https://acme.example/x">here</a>.<br>Bye</p>',
        "Look here <https://acme.example/x>.\nBye",
    ),
    "another address between": (
        "Look here\nhttps://other.example/y\nBye",
        '<p>Look <a href="https://acme.example/x">here</a><br>Bye</p>',
        "Look here <https://acme.example/x>\nhttps://other.example/y\nBye",
    ),
    "a picture between and one below": (
        "Before\n\nAfter",
        '<p>Before <b>it</b></p><p>Before</p><img src="cid:shot"><p>After</p><img src="cid:shot"><blockquote type=cite><img src="cid:shot"></blockquote>',
        "Before\n\n[image: Shot.png]\n\nAfter\n\n[image: Shot.png]",
    ),
    "the mark that Outlook writes for a picture": ("Before\n[cid:shot]\nAfter", "<p>x</p>", "Before\n[image: Shot.png]\nAfter"),
    "words that only the HTML has": ("One\nThree", "<p>One</p><p>Two <b>2</b></p><p>Three</p>", "One\n\nThree"),
    "words that only the text has": ("One\nTwo\nThree", "<p><b>One</b></p><p>Three</p>", "One\nTwo\nThree"),
    "a part of a line": ("now", "<p>not <b>now</b></p>", "now"),
    "a command taken away": ("Done.", "<p>#resolve</p><p><b>Done.</b></p>", "Done."),
    "a picture amid words that are left out": (
        "My answer.",
        '<p>Old line.</p><img src="cid:shot"><p>Older line.</p><p><b>My</b> answer.</p>',
        "My answer.",
    ),
    "a mark of a picture that only stands in words": (
        "My answer.",
        "<p>Old line.</p><p>[image: Other.png]</p><p><b>My</b> answer.</p>",
        "My answer.",
    ),
    "a name of the quote that is the author's too": (
        "At first it says one.\n\nA minute later it says two.\n\nAnna",
        '<p>Anna</p><p>Old line.</p><p>At first it <b>says</b> one.</p><img src="cid:shot"><p>A minute later it says two.</p><p>Anna</p>',
        "At first it says one.\n\n[image: Shot.png]\n\nA minute later it says two.\n\nAnna",
    ),
    "a quotation": ("> she said\nand I say", '<blockquote style="margin:0"><b>she said</b></blockquote>and I say', "> she said\n\nand I say"),
    "a question that the client did not mark": (
        "> - one\n\nIt is red.",
        "<ul><li>one</li></ul><p>It is <b>red</b>.</p>",
        "> - one\n\nIt is red.",
    ),
    "a masked secret": (
        "key: ••••••••",
        "<p><b>key</b>: ghp_0123456789abcdefghijABCDEFGHIJ0123</p>",
        "key: ••••••••",
    ),
    "a secret in the address of a link": (
        "look here",
        '<p>look <a href="https://git.example/?t=ghp_0123456789abcdefghijABCDEFGHIJ0123">here</a></p>',
        "look here <https://git.example/?t=••••••••>",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_finds_its_shape(name: str) -> None:
    text, markup, expected = TEXTS[name]
    document = readable_lines(markup, PICTURES)
    lines = shaped(text, document, {"shot": "Shot.png"})
    assert text_of(lines) == expected
    assert text_of(shaped(expected, document)) == expected
    assert "ghp_" not in markup_of(lines)


def test_words_of_a_shape_are_those_of_the_text() -> None:
    document = readable_lines("<ol><li>Open <b>it</b></li><li>Press Go</li></ol><p>Bye</p>")
    assert "<ol>" in markup_of(shaped("1. Open it\n2. Press Go", document))
    assert "<ol>" not in markup_of(shaped("1. Open them\nPress", document))


def test_pictures_of_a_document_are_known_by_their_octets() -> None:
    assert pictures_in(
        readable_lines('a<img src="cid:shot"><table><tr><td>x</td><td><img src="CID:shot"></td></tr></table>', PICTURES)
    ) == {"f00d"}


def test_a_text_beyond_the_limits_stays_plain() -> None:
    long = "word\n" * 6_000
    assert text_of(shaped(long, readable_lines("<p><b>word</b></p>"))) == long.strip()
