"""The HTML writer: a document as markup of our own.

Nothing of anybody's markup passes through. The elements are those of `ELEMENTS`; attributes are `dir`, `href`, `rel`, `src`, `alt`, `start`,
`type`, and those of the `MarkupLook` that the caller chooses. Takes linear time, without recursion.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from operator import itemgetter
from unicodedata import bidirectional

from helpdesk.threading.reading.addresses import link_address
from helpdesk.threading.reading.lines import Line, LineKind, Shape, Style, TextRun, shown_address

ELEMENTS = frozenset("p br h3 h4 ul ol li table tr td blockquote pre strong em s code a img".split())
DEEPEST_QUOTE = 5
SEARCHED = 200  # characters of a text whose first letter is looked for
LONG_WORD = 18  # characters of a word that a narrow cell may break
AUTO, RIGHT_TO_LEFT = ' dir="auto"', ' dir="rtl"'
LINK = re.compile(r"https?://[^\s<>\"'`\\]{1,2000}")
AFTER_LINK = ".,;:!?)]}'*_"
SPACES = re.compile("  +|^ |\t", re.MULTILINE)
QUOTE_MARKS = re.compile(r"(?:> ?)+")
RELATION = ' rel="noopener noreferrer nofollow"'
TAGS_OF_STYLES = ((Style.STRONG, "strong"), (Style.EMPHASIS, "em"), (Style.STRUCK, "s"), (Style.CODE, "code"))
NOTHING: Mapping[str, str] = {}
BLANK: tuple[LineKind | None, int] = (None, 0)
MARKS: tuple[LineKind | None, int] = (None, -1)  # quote marks and nothing behind them
PLAIN, INDENTED = (LineKind.PARAGRAPH, 0), (LineKind.PARAGRAPH, 1)


@dataclass(frozen=True, slots=True)
class MarkupLook:
    """The attributes of the elements, each with a space before it: class and style of our own."""

    attributes: Mapping[str, str] = field(default_factory=dict)

    def tag(self, element: str, more: str = "", kind: str = "") -> str:
        """The opening tag of an element, with the attributes of its kind."""
        return f"<{element}{more}{self.attributes.get(kind or element, '')}>"


BARE = MarkupLook()


def markup_of(lines: Iterable[Line], look: MarkupLook = BARE, pictures: Mapping[str, str] = NOTHING) -> str:
    """A document as HTML. `pictures` has the source of each picture that is there to be shown, by its SHA-256; the others are named."""
    return _Writer(look, pictures).write(lines)


@dataclass(slots=True)
class _List:
    """A list that is open, with the depth and the marker of its last item."""

    tag: str
    depth: int
    marker: str


class _Writer:
    def __init__(self, look: MarkupLook, pictures: Mapping[str, str]) -> None:
        self.look = look
        self.pictures = pictures
        self.done: list[str] = []

    def write(self, lines: Iterable[Line]) -> str:
        depth = 0
        for (block, quoted), run in groupby(_place_lines(lines), itemgetter(0)):
            depth = self._quote(depth, quoted if block is not None else depth)
            if block is not None:
                self._block(block, [line for _, line in run], quoted)
        self._quote(depth, 0)
        return "".join(self.done)

    def _quote(self, depth: int, wanted: int) -> int:
        """Open or close quotations until `wanted` are open. Returns how many are."""
        self.done += [self.look.tag("blockquote", AUTO)] * (wanted - depth)
        self.done += ["</blockquote>\n"] * (depth - wanted)
        return wanted

    def _block(self, block: LineKind, lines: list[Line], quoted: int) -> None:
        if block is LineKind.ITEM:
            self._list(lines)
        elif block is LineKind.ROW:
            self._table(lines)
        elif block is LineKind.CODE:
            written = "\n".join(escape(line.text) for line in lines)
            self.done.append(f"{self.look.tag('pre')}{written}</pre>\n")
        elif block is LineKind.HEADING:
            for line in lines:
                tag = "h3" if line.shape is not None and line.shape.level < 3 else "h4"
                self.done.append(f"{self.look.tag(tag, _own_direction(line.text))}{self._line(line, line.text)}</{tag}>\n")
        else:
            written = self._paragraph(lines, quoted)
            self.done.append(f"{self.look.tag('p', _own_direction(lines[0].text))}{written}</p>\n")

    def _paragraph(self, lines: list[Line], quoted: int) -> str:
        """Lines below each other. Those without shapes are written at once, because no rule of plain text looks beyond a line."""
        texts = [_without_marks(line.text) if quoted and line.shape is None else line.text for line in lines]
        if any(line.shape is not None for line in lines):
            return "<br>\n".join(map(self._line, lines, texts))
        return linked("\n".join(texts), self.look)

    def _line(self, line: Line, text: str) -> str:
        return linked(text, self.look) if line.shape is None else self.spans(line.shape.spans)

    def _table(self, lines: list[Line]) -> None:
        self.done.append(self.look.tag("table", _direction(lines)))
        for line in lines:
            cells = line.shape.cells if line.shape is not None else ()
            self.done.append(f"<tr>{''.join(map(self._cell, cells))}</tr>\n")
        self.done.append("</table>\n")

    def _cell(self, cell: tuple[TextRun, ...]) -> str:
        text = "".join(run.text for run in cell)
        long = any(len(word) > LONG_WORD for word in text.split())
        tag = self.look.tag("td", _own_direction(text), "long td" if long else "td")
        return f"{tag}{self.spans(cell) or '&nbsp;'}</td>"

    def _list(self, lines: list[Line]) -> None:
        open_lists: list[_List] = []
        for line in lines:
            shape = line.shape
            assert shape is not None
            while open_lists and open_lists[-1].depth > shape.level:
                self._close_list(open_lists)
            if not shape.marker and not open_lists:
                self.done.append(f"{self.look.tag('p', _own_direction(line.text))}{self.spans(shape.spans)}</p>\n")
                continue
            if not shape.marker:
                self.done.append("<br>\n")
            elif open_lists and _goes_on(open_lists[-1], shape):
                open_lists[-1].marker = shape.marker
                self.done.append(f"</li>\n{self.look.tag('li', _own_direction(line.text))}")
            else:
                if open_lists and open_lists[-1].depth == shape.level:
                    self._close_list(open_lists)
                self._open_list(open_lists, shape, line)
            self.done.append(self.spans(shape.spans))
        while open_lists:
            self._close_list(open_lists)

    def _open_list(self, open_lists: list[_List], shape: Shape, line: Line) -> None:
        number = _number(shape.marker)
        if not number:
            self.done.append(self.look.tag("ul", _direction([line])))
        else:
            kind = f' type="{"a" if shape.marker.islower() else "A"}"' if shape.marker[0].isalpha() else ""
            self.done.append(self.look.tag("ol", _direction([line]) + kind + (f' start="{number}"' if number > 1 else "")))
        open_lists.append(_List("ol" if number else "ul", shape.level, shape.marker))
        self.done.append("\n" + self.look.tag("li", _own_direction(line.text)))

    def _close_list(self, open_lists: list[_List]) -> None:
        self.done.append(f"</li></{open_lists.pop().tag}>\n")

    def spans(self, spans: Iterable[TextRun]) -> str:
        """Some spans as markup; neighbours with one address are one link."""
        pieces: list[str] = []
        for link, run in groupby(spans, lambda span: span.link):
            own = list(run)
            address = link_address(link) if link else ""
            if not address:
                pieces += map(self._span, own)
                continue
            behind = shown_address("".join(span.text for span in own), address) if _looks_like_address(own) else ""
            inner = "".join(self._span(span, in_link=True) for span in own)
            pieces.append(_link(address, inner, self.look) + escape(behind))
        return "".join(pieces)

    def _span(self, span: TextRun, *, in_link: bool = False) -> str:
        if span.picture:
            source = self.pictures.get(span.picture)
            if source is None:
                return escape(f"[image: {span.text}]")
            return self.look.tag("img", f' src="{escape(source)}" alt="{escape(span.text)}"')
        written = _escape(span.text) if in_link or span.style & Style.CODE else _link_addresses(span.text, self.look, _escape)
        for style, tag in TAGS_OF_STYLES:
            if span.style & style:
                written = f"{self.look.tag(tag)}{written}</{tag}>"
        return written


def _direction(lines: Iterable[Line]) -> str:
    """The direction of a list or a table, which is that of its first word. A client may not find it by itself where the parts have their own."""
    return RIGHT_TO_LEFT if _is_right_to_left(lines) else ""


def _own_direction(text: str) -> str:
    """The direction of a block. Outlook does not find it by itself."""
    return RIGHT_TO_LEFT if not text.isascii() and _begins_right_to_left(text) else AUTO


def _is_right_to_left(lines: Iterable[Line]) -> bool:
    return next((_begins_right_to_left(line.text) for line in lines if any(map(str.isalpha, line.text[:SEARCHED]))), False)


def _begins_right_to_left(text: str) -> bool:
    """Whether the first letter of a text belongs to a script that is written from right to left (UAX #9, rule P2)."""
    letter = next((letter for letter in text[:SEARCHED] if letter.isalpha()), "")
    return bool(letter) and bidirectional(letter) in ("R", "AL")


def _place_lines(lines: Iterable[Line]) -> list[tuple[tuple[LineKind | None, int], Line]]:
    """Lines with their places. A line of quote marks alone is an empty line of a quotation, and words where the text quotes nothing."""
    placed = [(_place(line), line) for line in lines]
    if any(place is MARKS for place, _ in placed):
        instead = BLANK if any(quoted > 0 for (_, quoted), _ in placed) else PLAIN
        placed = [(instead if place is MARKS else place, line) for place, line in placed]
    return placed


def _place(line: Line) -> tuple[LineKind | None, int]:
    """The kind of block that a line belongs to, None for an empty line, and how often it is quoted."""
    text, shape = line.text, line.shape
    if shape is not None:
        return shape.kind, int(line.indented)
    if not text or text.isspace():
        return BLANK
    marks = QUOTE_MARKS.match(text) if text[0] == ">" else None
    if marks is None:
        return INDENTED if line.indented else PLAIN
    rest = text[marks.end() :]
    if not rest or rest.isspace():
        return MARKS
    return LineKind.PARAGRAPH, min(marks[0].count(">"), DEEPEST_QUOTE)


def _without_marks(text: str) -> str:
    marks = QUOTE_MARKS.match(text) if text[:1] == ">" else None
    return text[marks.end() :] if marks else text


def _goes_on(opened: _List, shape: Shape) -> bool:
    """Whether an item is the next one of a list."""
    if opened.depth != shape.level:
        return False
    number = _number(shape.marker)
    return number == _number(opened.marker) + 1 if number else opened.tag == "ul"


def _number(marker: str) -> int:
    """The number of an item; letters count from 1. 0 for a bullet."""
    bare = marker.rstrip(".)")
    if bare.isdecimal():
        return int(bare)
    return ord(bare.lower()) - ord("a") + 1 if len(bare) == 1 and "a" <= bare.lower() <= "z" else 0


def _looks_like_address(spans: Iterable[TextRun]) -> bool:
    """Whether the text of a link looks like an address, so that a reader takes it for the one that the link leads to."""
    text = "".join(span.text for span in spans).strip()
    return "." in text.strip(".") and " " not in text


def linked(text: str, look: MarkupLook = BARE) -> str:
    """Plain text as HTML that looks the same: escaped, with spaces, and with links for http and https addresses."""
    return _link_addresses(text, look, _escape_with_spaces)


def _link_addresses(text: str, look: MarkupLook, written: Callable[[str], str]) -> str:
    return "".join(_linked_pieces(text, look, written)) if "://" in text else written(text)


def _linked_pieces(text: str, look: MarkupLook, written: Callable[[str], str]) -> Iterator[str]:
    end = 0
    for found in LINK.finditer(text):
        shown = found[0].rstrip(AFTER_LINK)
        address = link_address(shown)
        if address:
            yield written(text[end : found.start()])
            yield _link(address, escape(shown), look)
            end = found.start() + len(shown)
    yield written(text[end:])


def _link(address: str, inner: str, look: MarkupLook) -> str:
    href = f' href="{escape(address)}"{RELATION}'
    return f"{look.tag('a', href)}{inner}</a>"


def _escape(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")


def _escape_with_spaces(text: str) -> str:
    escaped = escape(text)
    if "  " in escaped or "\n " in escaped or escaped[:1] == " " or "\t" in escaped:
        escaped = SPACES.sub(_as_nbsp, escaped)
    return escaped.replace("\n", "<br>\n")


def _as_nbsp(found: re.Match[str]) -> str:
    return "&nbsp;" * (len(found.group()) - 1) + ("&nbsp;" if found.group() in (" ", "\t") else " ")
