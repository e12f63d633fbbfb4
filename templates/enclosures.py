"""The attachments that a letter passes on."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from helpdesk.templates.words import one_line
from helpdesk.threading.model.attachment import Attachment

# Types that a mail client may show by itself. Any other file is sent as application/octet-stream.
SHOWN_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf")
PICTURES = {"image/png": (b"\x89PNG\r\n",), "image/jpeg": (b"\xff\xd8\xff",), "image/gif": (b"GIF8",), "image/webp": (b"RIFF",)}
NEVER: tuple[bytes, ...] = ()
NOT_IN_A_NAME = re.compile(r'[/\\"<>:|?*%;]')
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Enclosure:
    """One attachment of a letter. `sha256` is that of its content."""

    filename: str
    content_type: str
    content: bytes
    sha256: str


class LeftOut(NamedTuple):
    """A file that a letter only names. `number` is that on its ticket, 0 where it has none.

    `place` counts the attachments of the letter from 1; it is 0 where the content is missing, so that nothing leads to it.
    """

    filename: str
    number: int = 0
    place: int = 0


@dataclass(frozen=True, slots=True)
class Enclosures:
    """The attachments that are enclosed, and the names of those that are too large in all, or whose content is missing."""

    enclosed: tuple[Enclosure, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def enclose(attachments: tuple[Attachment, ...], contents: Mapping[str, bytes], limit: int) -> Enclosures:
    """Take attachments in their order while they have at most `limit` octets together, as `threading.letters.carried` does."""
    enclosed: list[Enclosure] = []
    left_out: list[LeftOut] = []
    room = limit
    for place, file in enumerate(attachments, start=1):
        content = contents.get(file.sha256)
        content = content[slice(*file.span)] if content is not None and file.span else content
        if content is None or len(content) > room:
            left_out.append(LeftOut(safe_name(file.filename), file.number, place if content is not None else 0))
            continue
        room -= len(content)
        digest = hashlib.sha256(content).hexdigest() if file.span else file.sha256
        enclosed.append(Enclosure(safe_name(file.filename), _safe_type(file.content_type), content, digest))
    return Enclosures(tuple(enclosed), tuple(left_out))


def safe_name(filename: str) -> str:
    """A file name that is no path, needs no escapes in a header parameter, and keeps its extension."""
    name = NOT_IN_A_NAME.sub("_", one_line(filename, 1000)).strip(" .")
    if len(name) > LONGEST_NAME:
        stem, dot, extension = name.rpartition(".")
        name = f"{stem[: LONGEST_NAME - 20]}.{extension}" if dot and 0 < len(extension) < 16 else name[:LONGEST_NAME]
    return name or "attachment"


def _safe_type(declared: str) -> str:
    kind = declared.lower()
    return kind if kind in SHOWN_TYPES else "application/octet-stream"


def is_picture(file: Enclosure) -> bool:
    """Whether a letter may show a file in its text: a picture by its type and by its first octets, and no SVG, which may hold scripts."""
    return file.content.startswith(PICTURES.get(file.content_type, NEVER))
