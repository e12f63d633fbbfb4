"""Lines made from what a tree of HTML contains, in its order: text, breaks, lists, tables, pictures.

Text runs together until a line ends. White space is that of HTML, except in preformatted text. Each line is made once; those of a table
without tables in it are looked at once more when it ends.
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from helpdesk.threading.reading.charsets import without_controls
from helpdesk.threading.reading.lines import BULLET, Line, LineKind, Shape, TextRun, shaped_text
from helpdesk.threading.reading.tables import Table, table_lines

MOST_PICTURES = 1_000  # of one body whose places are told
LONGEST_SOURCE = 2_000  # characters of a picture's address
DEEPEST_LIST = 6
# The number or sign that Word writes at the beginning of an item, where its own mark for it is lost.
WRITTEN_MARKER = re.compile(r"\s*(?:[·•◦▪§o-]|\(?(?P<number>\d{1,4}|[a-zA-Z])[.)])[\s\u00a0]+")


class ShownPicture(NamedTuple):
    """A picture of a body. `source` is its address as written, and `line` the index of the line in which or below which it stands, or -1."""

    source: str
    line: int
    quoted: bool = False
    signature: bool = False


@dataclass(slots=True)
class ListItem:
    """An item of a list while its lines are read. `marker` is "" below its first line; None says that it stands in the text, if anywhere."""

    depth: int
    marker: str | None

    def take(self) -> str | None:
        marker, self.marker = self.marker, ""
        return marker


class Surroundings(NamedTuple):
    """What the open elements say about the text in them."""

    style: int = 0
    link: str = ""
    heading: int = 0
    item: ListItem | None = None


NO_SURROUNDINGS = Surroundings()


@dataclass(slots=True)
class Numbering:
    """A list that is open. `number` is that of the next item; None for a list without numbers."""

    number: int | None
    letters: str = ""  # "a" or "A" where letters count the items

    def next_marker(self) -> str:
        if self.number is None:
            return BULLET
        number, self.number = self.number, self.number + 1
        return f"{chr(ord(self.letters) + number - 1)}." if self.letters and 1 <= number <= 26 else f"{number}."


@dataclass(slots=True)
class Page:
    """The lines so far. The counters say how many open elements are quotes, signatures and so on."""

    done: list[Line] = field(default_factory=list)
    context: Surroundings = NO_SURROUNDINGS
    lists: list[Numbering] = field(default_factory=list)
    quote: int = 0
    signature: int = 0
    indent: int = 0
    preformatted: int = 0
    boundary: bool = False
    rest_quoted: bool = False
    joins_cells: bool = True  # makes one line of the cells of a row
    pictures: list[ShownPicture] = field(default_factory=list)
    waiting: list[ShownPicture] = field(default_factory=list)  # pictures of the line that is not done yet
    current: list[TextRun] = field(default_factory=list)
    _formatted: bool = False
    _tables: list[Table] = field(default_factory=list)
    _cell: int = 0  # where the lines of the last cell begin

    def text(self, text: str) -> None:
        """Add a text at the end of the line."""
        if self.preformatted:
            first, *others = text.replace("\r\n", "\n").split("\n")
            self.current.append(TextRun(first))
            for other in others:
                self.end_line(always=True)
                self.current.append(TextRun(other))
            return
        if not text.strip(" \t\r\n\f"):
            if not self.current:
                return
            text = " "
        style, link, _, _ = self.context
        if style or link:
            self._formatted = True
        self.current.append(TextRun(text, style, link))

    def show(self, source: str) -> None:
        """Note the place of a picture."""
        if len(self.pictures) + len(self.waiting) < MOST_PICTURES and len(source) <= LONGEST_SOURCE:
            quoted = self.quote > 0 or self.rest_quoted
            self.waiting.append(ShownPicture(source.strip(), -1, quoted, self.signature > 0))

    def _place_pictures(self) -> None:
        said = any(not run.text.isspace() for run in self.current)
        line = len(self.done) if said else len(self.done) - 1
        self.pictures += [picture._replace(line=line) for picture in self.waiting]
        self.waiting = []

    def picture(self, name: str, identity: str) -> None:
        """Add a picture, or where `identity` is "" the words that stand for one."""
        self._formatted = True
        if identity:
            self.current.append(TextRun(name, 0, self.context.link, identity))
        else:
            self.current.append(TextRun(name, self.context.style, self.context.link))

    def end_line(self, *, always: bool = False) -> None:
        """End the line, if it has any text. `always` ends an empty line too."""
        if self.waiting:
            self._place_pictures()
        if not self.current and not always:
            return
        spans, formatted = self.current, self._formatted
        self.current, self._formatted = [], False
        if self.preformatted:
            text = without_controls("".join([span.text for span in spans]).rstrip())
            self._add(text, Shape(LineKind.CODE, (TextRun(text),)))
            return
        if not formatted:
            written = spans[0].text if len(spans) == 1 else "".join([span.text for span in spans])
            text = without_controls(" ".join(written.replace("\u00a0", " ").split()))
            if self.context.heading or self.context.item:
                self._end_shaped_line([TextRun(text)] if text else [], spans, always=always)
            elif text or always:
                self._add(text, None)
            return
        self._end_shaped_line(_collapse_spaces(spans), spans, always=always)

    def _end_shaped_line(self, spans: list[TextRun], written: list[TextRun], *, always: bool) -> None:
        if not spans:
            if always:
                self._add("", None)
            return
        shape = self._shape(tuple(spans), written)
        self._add(shaped_text(shape), shape)

    def _shape(self, spans: tuple[TextRun, ...], written: list[TextRun]) -> Shape:
        item = self.context.item
        if item is not None:
            marker = item.take()
            if marker is None:
                marker, spans = _written_marker(spans, "".join([span.text for span in written]))
            if marker is None:
                return Shape(LineKind.PARAGRAPH, spans)
            if marker:
                self._close_up()
            return Shape(LineKind.ITEM, spans, item.depth, marker)
        if self.context.heading:
            return Shape(LineKind.HEADING, spans, self.context.heading)
        return Shape(LineKind.PARAGRAPH, spans)

    def _close_up(self) -> None:
        """Take away the blank line between two items of a list."""
        if len(self.done) > self._cell + 1 and not self.done[-1].text and _is_item(self.done[-2]):
            self.done.pop()

    def blank_line(self) -> None:
        """Put a blank line below the lines so far, if there is none."""
        if self.done and self.done[-1].text and not (self.lists and _is_item(self.done[-1])):
            self._add("", None)

    def _add(self, text: str, shape: Shape | None) -> None:
        quoted = self.quote > 0 or self.rest_quoted
        self.done.append(Line(text, quoted, self.boundary and bool(text), self.signature > 0, self.indent > 0, shape))
        if text:
            self.boundary = False

    def begin_item(self, marker: str | None = None, depth: int = 0) -> ListItem:
        """Begin an item of the list that is open, or an item of a list that is written as paragraphs."""
        self.end_line()
        numbering = self.lists[-1] if self.lists else Numbering(None)
        return ListItem(min(depth or len(self.lists) or 1, DEEPEST_LIST), numbering.next_marker() if not depth else marker)

    def begin_table(self, *, for_layout: bool) -> None:
        """Begin a table. The tables around it are no tables of data."""
        for table in self._tables[-1:]:
            table.holds_tables = True
        self._tables.append(Table(len(self.done), for_layout))

    def begin_row(self) -> None:
        if self._tables:
            self._tables[-1].rows.append([])

    def begin_cell(self) -> int:
        """End the cell before, and begin one. Returns where its lines begin."""
        self.end_line()
        self._cell = len(self.done)
        return self._cell

    def end_cell(self, begin: int, columns: int) -> None:
        """End a cell that covers some columns."""
        self.end_line()
        if self._tables and self._tables[-1].rows:
            self._tables[-1].rows[-1].append((begin, len(self.done), columns))

    def end_table(self) -> None:
        """End the table, and write its rows as lines."""
        table = self._tables.pop() if self._tables else None
        if table is not None and self.joins_cells and any(table.rows) and not table.holds_tables:
            self.done[table.begin :] = table_lines(table, self.done)


def _is_item(line: Line) -> bool:
    return line.shape is not None and line.shape.kind is LineKind.ITEM


def _written_marker(spans: tuple[TextRun, ...], written: str) -> tuple[str | None, tuple[TextRun, ...]]:
    """The marker that stands in the text of an item, and the item without it; None where none stands there."""
    found = WRITTEN_MARKER.match(written)
    if not found:
        return None, spans
    number = found["number"]
    behind = len("".join(found[0].split())) + 1
    first, *others = spans
    kept = (first._replace(text=first.text[behind:]), *others) if len(first.text) > behind else tuple(others)
    return f"{number}." if number else BULLET, kept or spans


def _collapse_spaces(spans: list[TextRun]) -> list[TextRun]:
    """The spans with white space as a browser shows it, and neighbours of one format joined."""
    done: list[TextRun] = []
    spaced = False
    for span in spans:
        if span.picture:
            if spaced and done:
                done[-1] = done[-1]._replace(text=f"{done[-1].text} ") if not done[-1].picture else done[-1]
            done.append(span)
            spaced = False
            continue
        text = span.text.replace("\u00a0", " ")
        shown = without_controls(" ".join(text.split()))
        spaced = spaced or text[:1].isspace()
        if shown:
            _join(done, span._replace(text=shown), spaced=spaced)
            spaced = text[-1:].isspace()
    return done


def _join(done: list[TextRun], span: TextRun, *, spaced: bool) -> None:
    """Add a span. A space between two spans belongs to the one that is plain, so that no link and no struck text begins with it."""
    if not done:
        done.append(span)
        return
    last = done[-1]
    if not last.picture and (last.style, last.link) == (span.style, span.link):
        done[-1] = last._replace(text=f"{last.text} {span.text}" if spaced else last.text + span.text)
    elif not spaced:
        done.append(span)
    elif span.style or span.link:
        if last.style or last.link or last.picture:
            done.append(TextRun(" "))
        else:
            done[-1] = last._replace(text=f"{last.text} ")
        done.append(span)
    else:
        done.append(span._replace(text=f" {span.text}"))
