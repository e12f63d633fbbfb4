"""The files of a letter, which are left out of its octets while it waits and put back when they are needed.

A letter with a file of seven megabytes is nearly ten in base64, and one mail may bring about hundreds of such letters. So a letter is its
skeleton, all octets but those of its files, and for each file the place where it belongs. Base64 with lines of one length can be
written in one way only: the same file gives the same octets at every attempt, and a signature over them stays true.
"""

import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self

OCTETS_A_LINE = 57  # which are 76 characters (RFC 2045 §6.8)


@dataclass(frozen=True, slots=True)
class LetterFile:
    """A file of a letter. Its base64 follows the first `at` octets of the skeleton; `sha256` is that of its content."""

    at: int
    sha256: str
    content: bytes

    def moved(self, octets: int) -> Self:
        """The same file after octets were added to the front of the skeleton."""
        return replace(self, at=self.at + octets)


def put_together(skeleton: bytes, files: Iterable[LetterFile]) -> bytes:
    """The octets of a whole letter. `files` are in the order of their places."""
    pieces, begin = [], 0
    for file in files:
        pieces += [skeleton[begin : file.at], base64_lines(file.content)]
        begin = file.at
    return b"".join([*pieces, skeleton[begin:]])


def leave_out(skeleton: bytes, files: Sequence[LetterFile], left_out: frozenset[str]) -> tuple[bytes, tuple[LetterFile, ...]]:
    """Split a letter: the skeleton with all files but those of these digests, and the files that were left out."""
    pieces: list[bytes] = []
    kept: list[LetterFile] = []
    begin = written = 0
    for file in files:
        pieces.append(skeleton[begin : file.at])
        written += file.at - begin
        begin = file.at
        if file.sha256 in left_out:
            kept.append(replace(file, at=written))
        else:
            pieces.append(base64_lines(file.content))
            written += len(pieces[-1])
    return b"".join([*pieces, skeleton[begin:]]), tuple(kept)


def base64_lines(content: bytes) -> bytes:
    """Content as base64, in lines that end with CRLF."""
    lines = [
        binascii.b2a_base64(content[at : at + OCTETS_A_LINE], newline=False) + b"\r\n"
        for at in range(0, len(content), OCTETS_A_LINE)
    ]
    return b"".join(lines)
