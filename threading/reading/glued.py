"""Lines that a program glued together, taken apart: an answer and the attribution behind it, and the fields of a header block.

Only where a line breaks is changed. What the pieces are is for others to say.
"""

import re
from collections.abc import Sequence

from helpdesk.threading.reading.attribution import comparable, is_attribution
from helpdesk.threading.reading.header_block import LONGEST_LABEL, ROLES, label_of, without_marks
from helpdesk.threading.reading.lines import Line

LONGEST = 3000  # characters of a line that is taken apart
FEWEST_LABELS = 3
LINES_ABOVE = 3  # over which an attribution may be broken
SENTENCE_ENDS = (".", "!", "?", "…", ")", "。", "！")
DATE_SOON = 40  # characters from the beginning of an attribution to its first digit
# How an attribution begins behind an answer, with its capital.
BEGINS = (
    "On ", "Am ", "Le ", "El ", "Il ", "Em ", "Op ", "W dniu ", "Dnia ", "В ", "Пн,", "Вт,", "Ср,", "Чт,", "Пт,", "Сб,", "Вс,", "Нд,", "Den ", "På ", "Ma ", "Ti ", "Ke ", "To ", "Pe ", "La ", "Su ", "Dne ", "Po ", "Út ", "St ", "Čt ", "Pá ", "So ", "Ne ", "În ", "Pe data ", "Man.", "Tir.", "Ons.", "Tor.", "Fre.", "Lør.", "Søn.", "Pon.", "Wt.", "Śr.", "Czw.", "Pt.", "Sob.", "Niedz.",
)  # fmt: skip

INNER_BEGIN = re.compile(f" (?={'|'.join(map(re.escape, BEGINS))})")
DIGIT = re.compile(r"\d")
MOST_CUTS = 8  # places in a line at which an attribution may begin, the last ones


def unglued(lines: Sequence[Line]) -> list[Line]:
    """The lines, with each glued line in pieces, which are plain text."""
    may_be = [at for at, line in enumerate(lines) if ":" in line.text or "：" in line.text]
    if not may_be:
        return list(lines)
    cuts = _cuts_before_attributions(lines, may_be)
    glued = {*cuts, *may_be}
    found: list[Line] = []
    for at, line in enumerate(lines):
        if at not in glued:
            found.append(line)
            continue
        pieces = [line.text[: cuts[at]].rstrip(), line.text[cuts[at] :]] if at in cuts else _fields_in(line.text)
        found.extend([line] if len(pieces) < 2 else [line._replace(text=piece, shape=None) for piece in pieces])
    return found


def _cuts_before_attributions(lines: Sequence[Line], with_colons: Sequence[int]) -> dict[int, int]:
    """For each line with words in front of an attribution, where that begins. A quote follows, and nothing else ends with a colon."""
    cuts: dict[int, int] = {}
    for at in with_colons:
        if lines[at].text.rstrip()[-1:] in (":", "：") and _quote_follows(lines, at):
            for begin in range(at, max(-1, at - LINES_ABOVE), -1):
                cut = _begin_of_attribution([line.text for line in lines[begin : at + 1]])
                if cut:
                    cuts[begin] = cut
                    break
                if not lines[begin].text.strip():
                    break
    return cuts


def _quote_follows(lines: Sequence[Line], at: int) -> bool:
    below = next((line for line in lines[at + 1 : at + 3] if line.text.strip()), None)
    return below is not None and (below.quoted or below.indented or below.text.lstrip()[:1] == ">")


def _begin_of_attribution(texts: Sequence[str]) -> int:
    """Where an attribution begins inside the first of its lines, behind other words; 0 where none does."""
    first = texts[0]
    if sum(map(len, texts)) > LONGEST or first.lstrip()[:1] == ">":
        return 0
    cuts = [found.start() + 1 for found in INNER_BEGIN.finditer(first) if found.start()]
    dated = [cut for cut in cuts[-MOST_CUTS:] if DIGIT.search(" ".join((first[cut:], *texts[1:]))[:DATE_SOON])]
    if not dated:
        return 0
    begins = first.lstrip().startswith(BEGINS)
    whole = begins and is_attribution(comparable(" ".join(texts)), begins=True, quote_follows=True)
    for cut in reversed(dated):
        behind = not whole or first[:cut].rstrip().endswith(SENTENCE_ENDS)
        if behind and is_attribution(comparable(" ".join((first[cut:], *texts[1:]))), begins=True, quote_follows=True):
            return cut
    return 0


def _fields_in(text: str) -> list[str]:
    """The fields of a header block on one line, `From: … Sent: … To: … Subject: …`; [] for any other line."""
    if not 20 < len(text) <= LONGEST or text.count(":") < FEWEST_LABELS:
        return []
    marked = without_marks(text)
    if label_of(marked)[0] != "from":
        return []
    pieces = break_before_labels(marked)
    roles = {label_of(without_marks(piece))[0] for piece in pieces}
    return pieces if len(pieces) >= FEWEST_LABELS and {"from", "date"} <= roles and roles & {"to", "subject"} else []


def break_before_labels(text: str) -> list[str]:
    """The text in pieces that each begin with a label of a header field."""
    pieces: list[str] = []
    start = 0
    for at, letter in enumerate(text):
        if letter == ":" and (label := _label_before(text, start, at)):
            if text[start : at - label].strip():
                pieces.append(text[start : at - label].strip())
            start = at - label
    return [*pieces, text[start:].strip()]


def _label_before(rest: str, start: int, colon: int) -> int:
    """The length of the longest label that begins with a capital and ends at a colon; 0 without one."""
    for length in range(min(LONGEST_LABEL + 1, colon - start), 0, -1):
        label = rest[colon - length : colon]
        if (
            label[0] == label[0].upper()
            and label[0].isalpha()
            and label.strip().lower() in ROLES
            and label_of(without_marks(f"{label}: x"))[0]
        ):
            return length
    return 0
