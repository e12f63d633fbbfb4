"""What any form of a page brings: texts without control characters, and files whose names have no path."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData, UploadFile

MOST_FILES = 20
MOST_FIELDS = 200  # each category has fields for its questions
LONGEST_FIELD = 1_000_000  # octets
LONGEST_TEXT = 100_000  # characters
LONGEST_SUBJECT = 200
LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file of a form."""

    name: str
    content_type: str
    content: bytes


def text_in(sent: FormData, name: str) -> str:
    """The text of a field; "" where it is a file or is not there."""
    return _text(sent.get(name))


def line_in(sent: FormData, name: str) -> str:
    """The text of a field as one line."""
    return " ".join(text_in(sent, name).split())


def words_in(sent: FormData, name: str) -> str:
    """The text of a field of several lines."""
    return text_in(sent, name).replace("\r\n", "\n").strip()


async def files_in(sent: FormData, most_octets: int) -> Sequence[SentFile] | None:
    """The files of a form; None where they are larger than `most_octets` together."""
    given = [entry for entry in sent.getlist("files") if isinstance(entry, UploadFile) and (entry.filename or entry.size)]
    if sum(entry.size or 0 for entry in given) > most_octets:
        return None
    return [await _file(entry) for entry in given]


async def _file(entry: UploadFile) -> SentFile:
    """A file of a form. A name has no path, whatever a browser sends."""
    name = _clean(entry.filename or "").replace("\\", "/").rpartition("/")[2][:LONGEST_NAME]
    return SentFile(
        name or "attachment", _clean(entry.content_type or "")[:200] or "application/octet-stream", await entry.read()
    )


def _text(value: Any) -> str:
    return _clean(value) if isinstance(value, str) else ""


def _clean(text: str) -> str:
    """Text that a database can hold, and no control character but an end of line or a tab."""
    kept = "".join(letter for letter in text if letter in "\n\r\t" or (ord(letter) >= 32 and ord(letter) != 127))
    return kept.encode("utf-8", "replace").decode()
