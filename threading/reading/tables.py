"""Tables of data, told from the tables with which mail programs lay out a page.

A row of data is one line with its cells. The lines of a table for layout stay as they are, except that a row of short cells is one line.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from helpdesk.threading.reading.lines import Line, LineKind, Shape, TextRun, shaped_text

MOST_COLUMNS = 40
MOST_CELL_LINES = 12
LONGEST_CELL = 1_000  # characters; longer texts are columns of a page
LINE_BREAK = TextRun("\n")

Cell = tuple[TextRun, ...]


@dataclass(slots=True)
class Table:
    """A table while it is read. A cell is the numbers of its first line and of the line behind it, and how many columns it covers."""

    begin: int
    for_layout: bool
    rows: list[list[tuple[int, int, int]]] = field(default_factory=list)
    holds_tables: bool = False


def table_lines(table: Table, lines: Sequence[Line]) -> list[Line]:
    """The lines of a table that has ended and holds no other. `lines` are those of the whole page, up to the end of the table."""
    own = list(lines[table.begin :])
    if any(line.boundary for line in own):
        return own
    grid = None if table.for_layout else _grid(table, lines)
    if grid is None:
        return _layout(table, lines)
    first_cell = next(cell for row in table.rows for cell in row)
    before = lines[table.begin : first_cell[0]]
    return [*before, *(_row_line(row, first) for row, first in grid)]


def _grid(table: Table, lines: Sequence[Line]) -> list[tuple[tuple[Cell, ...], Line]] | None:
    """The rows of a table of data, each with its first line, without the columns that are empty in all rows; None for layout."""
    rows: list[tuple[list[Cell], Line]] = []
    for row in table.rows:
        cells: list[Cell] = []
        for begin, end, columns in row:
            cell = _cell(lines[begin:end])
            if cell is None:
                return None
            cells += [cell, *[()] * (min(columns, MOST_COLUMNS) - 1)]
        if any(cells):
            rows.append((cells, next(line for begin, end, _ in row for line in lines[begin:end] if line.text)))
    width = max((len(cells) for cells, _ in rows), default=0)
    if width > MOST_COLUMNS or (len(rows) == 1 and any(LINE_BREAK in cell for cell in rows[0][0])):
        return None
    used = [column for column in range(width) if any(column < len(cells) and cells[column] for cells, _ in rows)]
    if len(used) < 2 or not any(sum(map(bool, cells)) > 1 for cells, _ in rows):
        return None
    if len(rows) == 1:  # an empty cell at an end of a single row says nothing
        used = list(range(used[0], used[-1] + 1))
    return [(tuple(cells[column] if column < len(cells) else () for column in used), first) for cells, first in rows]


def _cell(lines: Sequence[Line]) -> Cell | None:
    """The text of a cell; None for one that is a piece of a page."""
    spans: list[TextRun] = []
    shown = [line for line in lines if line.text]
    if len(shown) > MOST_CELL_LINES or sum(len(line.text) for line in shown) > LONGEST_CELL:
        return None
    for line in shown:
        if spans:
            spans.append(LINE_BREAK)
        if line.shape is None:
            spans.append(TextRun(line.text))
        elif line.shape.kind is LineKind.ITEM:
            spans += [TextRun(f"{line.shape.marker} "), *line.shape.spans]
        else:
            spans += line.shape.spans
    return tuple(spans)


def _row_line(cells: tuple[Cell, ...], first: Line) -> Line:
    shape = Shape(LineKind.ROW, cells=cells)
    return first._replace(text=shaped_text(shape), shape=shape)


def _layout(table: Table, lines: Sequence[Line]) -> list[Line]:
    """The lines of a table for layout. A row whose cells have at most one line each, not even a blank one, is one line."""
    done: list[Line] = []
    at = table.begin
    for row in table.rows:
        if len(row) < 2 or any(end - begin > 1 for begin, end, _ in row):
            continue
        shown = [lines[begin] for begin, end, _ in row if end > begin and lines[begin].text]
        if len(shown) < 2:
            continue
        done += [*lines[at : row[0][0]], _join_lines(shown)]
        at = row[-1][1]
    return [*done, *lines[at:]]


def _join_lines(lines: Sequence[Line]) -> Line:
    """Some lines as one, with spaces between them."""
    if all(line.shape is None for line in lines):
        return lines[0]._replace(text=" ".join(line.text for line in lines))
    spans: list[TextRun] = []
    for line in lines:
        spans += [TextRun(" ")] if spans else []
        spans += line.shape.spans if line.shape and line.shape.spans else [TextRun(line.text)]
    shape = Shape(LineKind.PARAGRAPH, tuple(spans))
    return lines[0]._replace(text=shaped_text(shape), shape=shape)
