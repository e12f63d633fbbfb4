"""Files in a text between `begin 644 name` and `end`, as programs before MIME sent them (POSIX uuencode)."""

import re
from dataclasses import dataclass
from itertools import takewhile

from helpdesk.threading.reading.encodings import UU_ENDS, undo_named_encoding

BEGINS = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,200})\r?\n", re.MULTILINE)
MOST_FILES = 20
ENDS = (b"", b"`", b"end")  # a line of no octets, and what follows it
LOOKED_AT = 1000  # octets behind a beginning
LINES_LOOKED_AT = 3  # of data, which tell a file from words


@dataclass(frozen=True, slots=True)
class UuencodedFile:
    """One file. `name` is as written, in octets of any charset."""

    name: bytes
    content: bytes


def taken_out(text: bytes) -> tuple[bytes, list[UuencodedFile]]:
    """The text without its files, and the files. Words that only look like a beginning stay in the text."""
    files: list[UuencodedFile] = []
    kept: list[bytes] = []
    at = 0
    searched = 0
    while len(files) < MOST_FILES and (begin := BEGINS.search(text, searched)):
        searched = begin.end()
        if not _is_data(text[begin.end() : begin.end() + LOOKED_AT]):
            continue
        end = UU_ENDS.search(text, begin.end())
        if end is None:
            break
        files.append(UuencodedFile(begin[1].strip(), undo_named_encoding("uuencode", text[begin.start() : end.end()])))
        kept.append(text[at : begin.start()])
        at = searched = end.end()
    return b"".join((*kept, text[at:])), files


def _is_data(data: bytes) -> bool:
    """Whether the first lines are as long as their first letter says; blanks at their ends may be lost."""
    lines = list(takewhile(lambda line: line.strip() not in ENDS, data.splitlines()))[:LINES_LOOKED_AT]
    if not all(min(line) >= 32 and max(line) <= 96 and len(line) <= _length(line) + 2 for line in lines):
        return False
    return any(len(line) >= _length(line) - 1 for line in lines)


def _length(line: bytes) -> int:
    return 1 + (((line[0] - 32) & 63) + 2) // 3 * 4
