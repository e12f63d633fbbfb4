"""The lines of a document, as they are found in HTML and in plain text.

A document is a sequence of lines, and any of its lines, in order, are a document again. Each line has its text, which is what a text part
shows, and its shape: paragraph, heading, item of a list, row of a table, code.
"""

from collections.abc import Iterable
from enum import IntFlag, StrEnum
from typing import NamedTuple


class Style(IntFlag):
    """How a piece of text is set off from the text around it."""

    PLAIN = 0
    EMPHASIS = 1
    STRONG = 2
    STRUCK = 4
    CODE = 8


class TextRun(NamedTuple):
    """A piece of a line. `link` is an address that `addresses.link_address` allows; `picture` the SHA-256 of a picture of the mail."""

    text: str
    style: int = 0
    link: str = ""
    picture: str = ""


class NamedPicture(NamedTuple):
    """A picture that a mail brings along, by the name of its file and by the SHA-256 of its octets."""

    name: str
    sha256: str


class LineKind(StrEnum):
    """What a line is a part of."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    ITEM = "item"
    ROW = "row"
    CODE = "code"


class Shape(NamedTuple):
    """The shape of a line.

    `level` is that of a heading (1 to 6) or the depth of a list's item (from 1). `marker` is the number or bullet of an item; "" says that
    the line continues the item above. A row has `cells`, in the order of the columns, and no spans.
    """

    kind: LineKind
    spans: tuple[TextRun, ...] = ()
    level: int = 0
    marker: str = ""
    cells: tuple[tuple[TextRun, ...], ...] = ()


class Line(NamedTuple):
    """One readable line. `quoted`: inside a container of quoted text. `boundary`: one of our letters begins here.

    A line without a shape is plain text: a paragraph, or a part of one.
    """

    text: str
    quoted: bool = False
    boundary: bool = False
    signature: bool = False
    indented: bool = False  # inside a blockquote, which may be a quote or the author's own formatting
    shape: Shape | None = None


BULLET = "-"
INDENT = "  "


def shaped_text(shape: Shape) -> str:
    """What the text part shows of a shape: links with their addresses, numbers and bullets, cells with bars between them."""
    if shape.kind is LineKind.ROW:
        return _row_text([spans_text(cell) for cell in shape.cells])
    text = spans_text(shape.spans)
    if shape.kind is not LineKind.ITEM:
        return text
    return f"{INDENT * (shape.level - 1)}{shape.marker or ' ' * len(BULLET)} {text}"


def _row_text(cells: list[str]) -> str:
    """The cells of a row in one line. A label with its value reads as the sentence that it is."""
    if len(cells) == 2 and cells[0].endswith((":", "：")):
        return " ".join(cell for cell in cells if cell)
    return " | ".join(cells).rstrip()


def spans_text(spans: Iterable[TextRun]) -> str:
    """The text of some spans in one line."""
    pieces: list[str] = []
    link, shown = "", ""
    for span in spans:
        if span.link != link:
            pieces.append(shown_address(shown, link) if link else "")
            link, shown = span.link, ""
        shown += span.text
        pieces.append(_piece(span))
    if link:
        pieces.append(shown_address(shown, link))
    return "".join(pieces).replace("\n", " ").strip()


def _piece(span: TextRun) -> str:
    if span.picture:
        return f"[image: {span.text}]"
    return f"~~{span.text}~~" if span.style & Style.STRUCK and span.text.strip() else span.text


def shown_address(shown: str, link: str) -> str:
    """The address of a link in angle brackets; "" where the text of the link is its address."""
    address = link.removeprefix("mailto:").removeprefix("tel:")
    return "" if _bare(shown) == _bare(address) else f" <{address}>"


def _bare(text: str) -> str:
    """An address without what people leave out when they write one."""
    bare = text.strip().casefold().removeprefix("mailto:").removeprefix("https://").removeprefix("http://")
    return bare.removeprefix("www.").rstrip("/")
