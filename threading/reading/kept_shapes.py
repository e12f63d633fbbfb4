"""The shape of a text, as values of JSON that are kept beside it.

Only shapes are kept. The text itself stands elsewhere, and `shaping.shaped` lays both together again.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from helpdesk.threading.reading.lines import Line, LineKind, Shape, TextRun, shaped_text
from helpdesk.threading.reading.shaping import Document, shaped

MOST_KEPT = 20_000  # characters of a text whose shape is kept: as many as the longest letter shows of an earlier message
Kept = tuple[Any, ...]


def kept_shapes(text: str, document: Sequence[Line]) -> Kept:
    """The shapes of a text, as far as `document` knows them; nothing where the text has none."""
    lines = shaped(text, document)
    if not any(line.shape for line in lines):
        return ()
    return tuple(_kept(line) for line in _beginning(lines))


def document_kept(kept: Sequence[Any], characters: int) -> Document:
    """The lines that `kept_shapes` has made, as many as a text of that many characters may have."""
    return tuple(_beginning(map(_line, kept), characters))


def _beginning(lines: Iterator[Line] | Sequence[Line], characters: int = MOST_KEPT) -> Iterator[Line]:
    for line in lines:
        yield line
        characters -= len(line.text) + 1
        if characters <= 0:
            return


def _kept(line: Line) -> Any:
    if line.shape is None:
        return line.text
    kind, spans, level, marker, cells = line.shape
    return [kind.value, level, marker, int(line.indented), _runs(spans), [_runs(cell) for cell in cells]]


def _runs(runs: Sequence[TextRun]) -> list[Any]:
    return [list(run) if run.style or run.link or run.picture else run.text for run in runs]


def _line(kept: Any) -> Line:
    if isinstance(kept, str):
        return Line(kept)
    kind, level, marker, indented, spans, cells = kept
    shape = Shape(LineKind(kind), _read_runs(spans), level, marker, tuple(map(_read_runs, cells)))
    text = "".join(span.text for span in shape.spans) if shape.kind is LineKind.CODE else shaped_text(shape)  # code is indented
    return Line(text, indented=bool(indented), shape=shape)


def _read_runs(kept: Sequence[Any]) -> tuple[TextRun, ...]:
    return tuple(TextRun(run) if isinstance(run, str) else TextRun(*run) for run in kept)
