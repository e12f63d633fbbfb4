"""HTML of mails, read as the lines of a document. The only module that imports selectolax.

HTML beyond the limits of `html_limits` is read by a plain tag stripper instead.
"""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from helpdesk.threading.reading.addresses import link_address
from helpdesk.threading.reading.charsets import without_controls
from helpdesk.threading.reading.html_limits import BLOCKS, too_complex
from helpdesk.threading.reading.html_marks import (
    BOUNDARY_MARK,
    MARKING,
    SIGNATURE_CLASSES,
    SIGNATURE_IDS,
    begins_old_mail,
    classes_of,
    flat_style,
    holds_a_quote,
    identity_of,
    is_boundary,
    is_hidden,
    styled,
)
from helpdesk.threading.reading.limits import HTML_CHARACTERS
from helpdesk.threading.reading.lines import Line, NamedPicture, Style
from helpdesk.threading.reading.page import LONGEST_SOURCE, Numbering, Page, ShownPicture, Surroundings
from helpdesk.threading.reading.tags import without_tags

SPACED = set("p ul ol dl table blockquote pre h1 h2 h3 h4 h5 h6".split())
CELLS = {"td", "th"}
PREFORMATTED = {"pre", "textarea"}
SKIPPED = set(
    "head style script title template noscript object svg math iframe textarea select button -comment -doctype".split()
) - {"textarea"}
STYLES = {
    "b": Style.STRONG,
    "th": Style.STRONG,
    "strong": Style.STRONG,
    "i": Style.EMPHASIS,
    "em": Style.EMPHASIS,
    "s": Style.STRUCK,
    "strike": Style.STRUCK,
    "del": Style.STRUCK,
    "code": Style.CODE,
    "kbd": Style.CODE,
    "samp": Style.CODE,
    "tt": Style.CODE,
}
STYLES_BY_TAG = {tag: int(style) for tag, style in STYLES.items()}
HEADINGS = {f"h{level}": level for level in range(1, 7)}
LISTS = {"ul", "ol"}
SHAPING = frozenset({"a", "li", "tr", "table", *CELLS, *LISTS, *HEADINGS, *PREFORMATTED})
LONGEST_DESCRIPTION = 200  # characters of the words that stand for a picture


NO_PICTURES: Mapping[str, NamedPicture] = {}


def readable_lines(source: str, pictures: Mapping[str, NamedPicture] = NO_PICTURES) -> list[Line]:
    """The lines that a person reads in an HTML body, without hidden elements. `pictures` are those of the mail, by `picture_key`."""
    if too_complex(source):
        return [Line(text) for text in without_controls(without_tags(source[:HTML_CHARACTERS])).split("\n")]
    return _Reading(pictures).read(source)


def lines_with_pictures(source: str) -> tuple[list[Line], list[ShownPicture]]:
    """The readable lines of an HTML body, those of tables one for each cell, and its pictures in order; no pictures beyond the limits."""
    if too_complex(source):
        return readable_lines(source), []
    reading = _Reading(NO_PICTURES)
    reading.page.joins_cells = False
    return reading.read(source), reading.page.pictures


def picture_key(source: str) -> str:
    """The address of a picture in the form for comparisons."""
    scheme, colon, rest = source.strip().partition(":")
    return f"cid:{unquote(rest).strip('<> ').casefold()}" if colon and scheme.lower() == "cid" else source.strip()


class _Opened(NamedTuple):
    """What an element adds to the counters of a page while it is open."""

    indent: bool = False
    quote: bool = False
    signature: bool = False
    gmail: bool = False  # a container that Gmail puts around attribution and quote


PLAIN = _Opened()


# An element that is open: its node and tag, what it counts for, the context around it, and where its lines begin if it is a cell.
_Element = tuple[LexborNode, str, _Opened, Surroundings, int]


class _Reading:
    """Walks through a tree without recursion."""

    def __init__(self, pictures: Mapping[str, NamedPicture]) -> None:
        self.page = Page()
        self.pictures = pictures
        self.gmail = 0

    def read(self, source: str) -> list[Line]:
        """Read a source: each node on the way down, each element again on the way up. Children of hidden elements are skipped."""
        node = LexborHTMLParser(source).root
        above: list[_Element] = []
        page = self.page
        while node is not None:
            tag = node.tag or ""
            if tag == "-text":
                page.text(node.text_content or "")
            elif tag == "br":
                page.end_line(always=True)
            elif tag == "img":
                self._picture(node.attributes)
            elif tag[:1] != "-":
                element, hidden = self._open(node, tag)
                child = None if hidden else node.child
                if child is not None:
                    above.append(element)
                    node = child
                    continue
                self._close(element)
            following = node.next
            while following is None and above:
                element = above.pop()
                self._close(element)
                following = element[0].next
            node = following
        page.end_line()
        return page.done

    def _open(self, node: LexborNode, tag: str) -> tuple[_Element, bool]:
        """An element as it opens, and whether its content is hidden."""
        page, around = self.page, self.page.context
        if tag in BLOCKS:
            if page.current or page.waiting:
                page.end_line()
            if tag in SPACED:
                page.blank_line()
        attributes = node.attributes
        opened, hidden = PLAIN, tag in SKIPPED
        if tag in STYLES_BY_TAG:
            page.context = around._replace(style=around.style | STYLES_BY_TAG[tag])
        if tag == "blockquote" or (attributes and not MARKING.isdisjoint(attributes)):
            opened = self._mark(tag, attributes)
            if "style" in attributes:
                hidden = self._read_style(node, tag, attributes) or hidden
        begin = self._open_block(tag, attributes) if tag in SHAPING else 0
        return (node, tag, opened, around, begin), hidden

    def _open_block(self, tag: str, attributes: Mapping[str, str | None]) -> int:
        """Open links, headings, lists and tables. Returns where the lines of a cell begin."""
        page = self.page
        if tag == "a":
            link = link_address(attributes.get("href") or "")
            page.context = page.context._replace(link=link)
        elif tag == "li":
            page.context = page.context._replace(item=page.begin_item(), heading=0)
        elif tag in CELLS:
            page.context = page.context._replace(item=None, heading=0)
            return page.begin_cell()
        elif tag == "tr":
            page.begin_row()
        elif tag == "table":
            page.begin_table(for_layout=(attributes.get("role") or "").lower() in ("presentation", "none"))
        elif tag in LISTS:
            page.lists.append(_numbering(tag, attributes))
        elif tag in HEADINGS:
            page.context = page.context._replace(heading=HEADINGS[tag])
        elif tag in PREFORMATTED:
            page.preformatted += 1
        return 0

    def _close(self, element: _Element) -> None:
        page = self.page
        node, tag, opened, around, begin = element
        if tag in BLOCKS and (page.current or page.waiting):
            page.end_line()
        if tag in SHAPING:
            self._close_block(node, tag, begin)
        if tag in SPACED:
            page.blank_line()
        if opened is not PLAIN:
            self._count(opened, -1)
        page.context = around

    def _close_block(self, node: LexborNode, tag: str, begin: int) -> None:
        page = self.page
        if tag in CELLS:
            page.end_cell(begin, _columns(node.attributes))
        elif tag == "table":
            page.end_table()
        elif tag in LISTS:
            page.lists.pop()
        elif tag in PREFORMATTED:
            page.preformatted -= 1

    def _mark(self, tag: str, attributes: Mapping[str, str | None]) -> _Opened:
        """Count the containers that an element opens. `_close` subtracts the same counts."""
        classes, identity = classes_of(attributes), identity_of(attributes)
        if (classes or BOUNDARY_MARK in attributes) and is_boundary(attributes):
            self.page.end_line()
            self.page.boundary = True
        if tag == "p" and any(name.startswith("MsoListParagraph") for name in classes):
            self.page.context = self.page.context._replace(item=self.page.begin_item(None, 1))
        if begins_old_mail(identity, attributes):
            self.page.end_line()
            self.page.rest_quoted = True
        if tag != "blockquote" and not classes and not identity and "data-marker" not in attributes:
            return PLAIN
        quote = holds_a_quote(tag, classes, identity, attributes, in_gmail=self.gmail > 0)
        signature = identity in SIGNATURE_IDS or not SIGNATURE_CLASSES.isdisjoint(classes)
        opened = _Opened(tag == "blockquote", quote, signature, tag != "blockquote" and "gmail_quote" in classes)
        if not any(opened):
            return PLAIN
        self._count(opened, 1)
        return opened

    def _count(self, opened: _Opened, step: int) -> None:
        page = self.page
        if opened.quote or opened.signature:
            page.end_line()
        page.indent += step * opened.indent
        page.quote += step * opened.quote
        page.signature += step * opened.signature
        self.gmail += step * opened.gmail

    def _read_style(self, node: LexborNode, tag: str, attributes: Mapping[str, str | None]) -> bool:
        """Read the style of an element. Whether its content is not to be read: it is hidden, or the marker of an item."""
        flat, page = flat_style(attributes), self.page
        style = styled(page.context.style, flat)
        if style != page.context.style:
            page.context = page.context._replace(style=style)
        return is_hidden(flat, attributes) or self._is_marker(node, tag, attributes, flat)

    def _is_marker(self, node: LexborNode, tag: str, attributes: Mapping[str, str | None], flat: str) -> bool:
        """Read the lists of Word, which are paragraphs with a level. Whether the element is a number or bullet, which the item has then."""
        page = self.page
        if "mso-list:" not in flat:
            return False
        if "mso-list:ignore" in flat:
            item = page.context.item
            written = " ".join((node.text() or "").split())[:6]
            if item is not None and item.marker is None:
                item.marker = f"{written.strip('().')}." if written.strip("().").isalnum() and written != "o" else "-"
            return item is not None
        level = flat.partition("level")[2][:1]
        if tag == "p" and level.isdecimal():
            page.context = page.context._replace(item=page.begin_item(None, int(level) or 1))
        return False

    def _picture(self, attributes: Mapping[str, str | None]) -> None:
        """A picture of the mail itself. A picture of elsewhere is only shown by the words for it, if it is a link."""
        if is_hidden(flat_style(attributes), attributes):
            return
        source = (attributes.get("src") or "")[: LONGEST_SOURCE + 1]
        self.page.show(source)
        words = " ".join((attributes.get("alt") or "")[:LONGEST_DESCRIPTION].split())
        picture = self.pictures.get(picture_key(source))
        if picture is not None:
            self.page.picture(picture.name, picture.sha256)
        elif words and source.lstrip()[:4].lower() == "cid:":
            self.page.picture(f"[image: {words}]", "")
        elif words and self.page.context.link:
            self.page.picture(words, "")


def _numbering(tag: str, attributes: Mapping[str, str | None]) -> Numbering:
    if tag == "ul":
        return Numbering(None)
    start, kind = attributes.get("start") or "", attributes.get("type") or ""
    return Numbering(int(start) if start.isdecimal() and len(start) < 7 else 1, kind if kind in ("a", "A") else "")


def _columns(attributes: Mapping[str, str | None]) -> int:
    span = attributes.get("colspan") or ""
    return int(span) if span.isdecimal() and len(span) < 3 else 1
