"""The shape of a text: which lines of a document it is made of.

What staff and customers wrote is decided about as text, and may have lost lines and gained masks on its way. So a line of the document counts
only where the text has the same words in the same order, from the beginning of one of its lines to the end of one. All else of the text is
plain. So a document never says more than the text, except for the addresses of its links and the places of its pictures.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from helpdesk.config.plain_words import words_in
from helpdesk.threading.reading.limits import REPLY_CHARACTERS, REPLY_LINES
from helpdesk.threading.reading.lines import Line, LineKind, TextRun
from helpdesk.threading.reading.secrets import mask

SENTENCE = 5  # words of a line that stands in a text by no chance
MOST_TRIED = 8  # places in the text that are compared with one line
NOT_WORDS = re.compile(r"\[(?:cid|image): ?[^\[\]\n]{1,300}\]|<[^<>\s]{1,2000}>|(?:https?://|mailto:)[^\s<>]{1,2000}")
ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s<>]{1,2000}")
AROUND_ADDRESS = ".,;:!?)]}'*_"
PICTURE_MARK = re.compile(r"\[cid:([^\[\]\s]{1,300})\]")
NO_NAMES: Mapping[str, str] = {}

Document = tuple[Line, ...]


class _Found(NamedTuple):
    """A line of the document that is a part of the text: its number, and the lines of the text that it stands for."""

    line: int
    begin: int
    end: int


def shaped(text: str, document: Sequence[Line], names: Mapping[str, str] = NO_NAMES) -> Document:
    """The text as lines with shapes, as far as `document` knows them. `names` has the file names of pictures by their Content-IDs.

    Takes linear time. Beyond the limits of `reading.limits`, the text has no shapes.
    """
    if "[cid:" in text:
        text = PICTURE_MARK.sub(lambda mark: f"[image: {names.get(mark[1], 'picture')}]", text)
    return _shape(text, tuple(document)) if text else (Line(""),)


@lru_cache(maxsize=4)  # the message and each letter about it ask about one text
def _shape(text: str, document: Document) -> Document:
    written = text.split("\n")
    known = document[:REPLY_LINES]
    if len(text) > REPLY_CHARACTERS or len(written) > REPLY_LINES:
        return (Line(text),)  # one piece, because a value for each line of a mail with nothing but line ends would take long
    if not any(line.shape for line in known):
        return tuple(Line(line) for line in written)
    found = _found(written, known)
    lines: list[Line] = []
    at, last = 0, -1
    if not found:
        return tuple(Line(line) for line in written)
    above = ""
    for place in found:
        asked = written[place.begin].startswith(">")  # a line of a quote above the answer to it, whatever the client marked
        own = _own(known[place.line]._replace(indented=True) if asked else known[place.line])
        lines += _lines_between(
            written[at : place.begin], _beside(known[last + 1 : place.line], inside=bool(lines)), f"{above} {own.text}"
        )
        lines.append(own)
        at, last, above = place.end, place.line, own.text
    lines += _lines_between(written[at:], _wordless(known[last + 1 :]), above)
    return tuple(_without_secrets(lines))


def text_of(document: Sequence[Line]) -> str:
    """The text of a document, as a text part shows it."""
    return "\n".join(line.text for line in document).strip("\n").rstrip()


def pictures_in(document: Sequence[Line]) -> frozenset[str]:
    """The SHA-256 of each picture that a document shows."""
    shapes = [line.shape for line in document if line.shape is not None]
    return frozenset(run.picture for shape in shapes for cell in (shape.spans, *shape.cells) for run in cell if run.picture)


def without_pictures(document: Sequence[Line], pictures: Collection[str]) -> Document:
    """A document without the lines that show nothing but these pictures, which are named by their SHA-256."""
    return tuple(line for line in document if _words_of(line) or pictures_in((line,)).isdisjoint(pictures))


def _found(written: Sequence[str], known: Sequence[Line]) -> list[_Found]:
    words: list[str] = []
    begins: dict[int, int] = {}  # of lines that have words: index of the first word, and number of the line
    ends: dict[int, int] = {}  # index behind the last word, and number of the line
    for number, text in enumerate(written):
        own = _words(text)
        if own:
            begins[len(words)] = number
            words += own
            ends[len(words)] = number
    places: dict[str, list[int]] = {}
    for begin in begins:
        places.setdefault(words[begin], []).append(begin)
    # Sentences are laid first, so that a short line of a quote, such as a name, is not taken for the same line far below.
    said = [_words_of(line) for line in known]
    limits = [len(words)] * (len(known) + 1)
    at = 0
    begun: dict[int, int] = {}
    for number, own in enumerate(said):
        place = _place(own, words, places, ends, at) if len(own) >= SENTENCE else None
        if place is not None:
            begun[number], at = place, place + len(own)
    for number in range(len(known) - 1, -1, -1):
        limits[number] = begun.get(number + 1, limits[number + 1])
    found: list[_Found] = []
    at = 0
    for number, line in enumerate(known):
        own = said[number]
        for form in ([_marker_word(line), *own], own) if _marker_word(line) else (own,):
            place = _place(form, words, places, ends, at) if form else None
            if place is not None and place + len(form) <= limits[number]:
                found.append(_Found(number, begins[place], ends[place + len(form)] + 1))
                at = place + len(form)
                break
    return found


def _place(said: list[str], words: list[str], places: Mapping[str, list[int]], ends: Mapping[int, int], at: int) -> int | None:
    """The first place from `at` on where the text says this, from the beginning of a line to the end of one."""
    candidates = places.get(said[0], [])
    first = bisect_left(candidates, at)
    for place in candidates[first : first + MOST_TRIED]:
        if place + len(said) in ends and words[place : place + len(said)] == said:
            return place
    return None


def _words(text: str) -> list[str]:
    if "<" in text or ":" in text:
        text = NOT_WORDS.sub(" ", text)
    return words_in(text)


def _words_of(line: Line) -> list[str]:
    if line.shape is None:
        return _words(line.text)
    runs = line.shape.spans if line.shape.kind is not LineKind.ROW else [run for cell in line.shape.cells for run in (*cell, GAP)]
    return _words("".join([run.text for run in runs if not run.picture]))


GAP = TextRun(" ")


def _marker_word(line: Line) -> str:
    """The number of an item, which is a word in a text; "" without one."""
    return line.shape.marker.rstrip(".)") if line.shape is not None and line.shape.marker[:1].isalnum() else ""


def _own(line: Line) -> Line:
    """A line of the document as one of a text: a quotation has its mark, which says in a text part that it is one."""
    marked = line.indented and line.text and not line.text.startswith(">")
    return line._replace(text=f"> {line.text}" if marked else line.text, quoted=False, boundary=False, signature=False)


def _lines_between(written: Sequence[str], known: Sequence[Line], around: str) -> list[Line]:
    """What stands between two lines that the text and the document share: pictures and blank lines of the document, if the text says no more.

    `around` is the text of these two lines, in which a link may have the address that the text has between them.
    """
    shapes = [_own(line) for line in known if not line.text.strip() or _has_picture(line)]
    kept = f"{around} {' '.join(line.text for line in shapes)}"
    said = " ".join(written)
    marks = sum(line.lstrip().startswith("[image:") for line in written)
    if (
        marks > sum(map(_has_picture, shapes))
        or _words(said)
        or any(address.strip(AROUND_ADDRESS) not in kept for address in ADDRESS.findall(said))
    ):
        return [Line(line) for line in written]
    return [line for at, line in enumerate(shapes) if line.text or not at or shapes[at - 1].text]


def _beside(known: Sequence[Line], *, inside: bool) -> list[Line]:
    """The lines without words below the one and above the other of two lines of the document. What stands amid others belongs to those.

    Without a line above (`inside` is False), what stands above the other counts alone.
    """
    first, last = 0, len(known)
    while first < len(known) and not _words_of(known[first]):
        first += 1
    while last > first and not _words_of(known[last - 1]):
        last -= 1
    return [*(known[:first] if inside or first == len(known) else ()), *known[max(last, first) :]]


def _has_picture(line: Line) -> bool:
    return line.shape is not None and any(run.picture for cell in (line.shape.spans, *line.shape.cells) for run in cell)


def _wordless(known: Sequence[Line]) -> list[Line]:
    """The lines before the next that says something: a picture at the end of the text, but not that of a signature or of a quote."""
    lines: list[Line] = []
    for line in known:
        if _words_of(line) or line.quoted or line.signature or line.boundary:
            break
        lines.append(line)
    return lines


def _without_secrets(lines: list[Line]) -> list[Line]:
    """The lines; where masking would change one, such as a key in the address of a link, it is plain and masked."""
    whole = "\n".join(line.text for line in lines)
    if mask(whole) == whole:
        return lines
    return [line if mask(line.text) == line.text else Line(mask(line.text)) for line in lines]
