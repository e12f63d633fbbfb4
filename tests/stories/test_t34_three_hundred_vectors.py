"""Three hundred tricks through customers' and staff mail: letters and inbox rows have elements and attributes of our own, and load nothing."""

from html.parser import HTMLParser

import pytest
from support.desk.story import StoryDesk
from support.hostile.markup_vectors import vectors

from helpdesk.threading.model.notice import Notice
from helpdesk.threading.reading.html import readable_lines
from helpdesk.threading.reading.kept_shapes import document_kept, kept_shapes
from helpdesk.threading.reading.lines import NamedPicture
from helpdesk.threading.reading.markup import ELEMENTS, markup_of
from helpdesk.threading.reading.shaping import shaped, text_of

VECTORS = vectors()
OF_A_LETTER = ELEMENTS | set("html head meta title style body div table tr td h1 h2 p span strong a br details summary".split())
ATTRIBUTES = set("dir href rel src alt start type".split())
OF_A_FRAME = set(
    "class style lang align valign width role cellpadding cellspacing border data-helpdesk charset name content scope open aria-hidden".split()
)
PICTURES = {"cid:a": NamedPicture("a.png", "f00d")}


class Markup(HTMLParser):
    """What a page has besides what it may have."""

    def __init__(self, page: str, elements: set[str] | frozenset[str], attributes: set[str]) -> None:
        super().__init__()
        self.elements, self.attributes = elements, attributes
        self.wrong: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.wrong += [tag] if tag not in self.elements else []
        for name, value in attrs:
            own = name in self.attributes and "url(" not in (value or "")
            linked = name != "href" or (value or "").lower().startswith(("http://", "https://", "mailto:", "tel:"))
            loaded = name != "src" or (value or "").startswith("cid:")
            self.wrong += [] if own and linked and loaded else [f"{tag} {name}={value}"]

    def handle_decl(self, decl: str) -> None:
        self.wrong += [] if decl == "doctype html" else [decl]

    def handle_pi(self, data: str) -> None:
        self.wrong.append(data)

    def handle_comment(self, data: str) -> None:
        self.wrong += [] if data.startswith("[if mso]") or data == "<![endif]" else [data]


@pytest.mark.parametrize("first", range(0, len(VECTORS), 40))
def test_our_markup_of_a_trick_is_ours(first: int) -> None:
    for vector in VECTORS[first : first + 40]:
        for lines in (readable_lines(vector, PICTURES), shaped(vector, readable_lines(vector, PICTURES))):
            kept = document_kept(kept_shapes(text_of(lines), lines), len(vector))  # as the history in later letters has it
            for document in (lines, shaped(text_of(lines), lines), kept):
                page = markup_of(document, pictures={"f00d": "cid:f00d@picture"})
                assert Markup(page, ELEMENTS, ATTRIBUTES).wrong == [], vector


def test_letters_and_rows_are_ours_whoever_writes(desk: StoryDesk) -> None:
    assert len(VECTORS) >= 300
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    page = "".join(f"<div>word{number} {vector}</div>" for number, vector in enumerate(VECTORS))
    text = "".join(f"word{number} {vector}\n" for number, vector in enumerate(VECTORS[::3]))
    anna.writes("Tricks", "", html=page)
    anna.writes("Tricks", text.replace("\x00", ""))
    omar.replies(Notice.NEW_TICKET, "", quote=False, html=page)
    letters = [*anna.letters(), *omar.letters()]
    assert {letter.notice for letter in letters} >= {Notice.NEW_TICKET, Notice.ANSWER}
    for shown in [letter.html for letter in letters] + [row.body_html for row in desk.inbox()]:
        assert Markup(shown, OF_A_LETTER, ATTRIBUTES | OF_A_FRAME).wrong == []


def test_what_the_platform_writes_as_html_is_ours_too(desk: StoryDesk) -> None:
    page = "".join(f"<div>word{number} {vector}</div>" for number, vector in enumerate(VECTORS))
    desk.writes_in_platform("acme", "anna@acme.example", "Tricks", html=page)
    desk.writes_in_platform("acme", "anna@acme.example", "", desk.ticket().thread_key, html=page)
    omar = desk.person("omar@desk.example")
    shown = [letter.html for letter in omar.letters()] + [row.body_html for row in desk.inbox("acme")]
    assert len(shown) >= 4
    for markup in shown:
        assert Markup(markup, OF_A_LETTER, ATTRIBUTES | OF_A_FRAME).wrong == []


def test_the_parser_would_see_a_trick() -> None:
    for trick in (
        "<script>",
        "<p onclick=x>",
        '<img src="https://a.example">',
        '<a href="javascript:x">',
        "<?x?>",
        '<p style="a:url(x)">',
    ):
        assert Markup(trick, OF_A_LETTER, ATTRIBUTES | OF_A_FRAME).wrong
