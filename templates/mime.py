"""The octets of a letter: header fields, two text parts, enclosed files.

The result is a skeleton, and the places of the files in it (`threading.letters.files`). Everything is written here, because
the standard library would take two milliseconds a letter, and another half for each file.
"""

from binascii import b2a_qp
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from helpdesk.templates.enclosures import Enclosure
from helpdesk.templates.headers import fold, named_disposition
from helpdesk.threading.letters.files import LetterFile, base64_lines
from helpdesk.threading.model.attachment import picture_address

NEW_LINE = b"\r\n"
LONGEST_COMMON = 300  # characters of a line that many letters may have in common
BROKEN_AT = 75  # characters of an encoded line before the "=" of a soft line break (RFC 2045 §6.7)
LAST_ENCODED = (" ", ".")  # what may be encoded at the end of a line


@dataclass(frozen=True, slots=True)
class WrittenMail:
    """A mail as its skeleton, and the files that belong into it."""

    skeleton: bytes
    files: tuple[LetterFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG that the HTML shows by a cid: URL (RFC 2392)."""

    name: str
    content_id: str  # without angle brackets
    content: bytes


def letter_bytes(
    fields: Mapping[str, str],
    text: str,
    html: str,
    enclosed: tuple[Enclosure, ...],
    boundary: str,
    pictures: tuple[Picture, ...] = (),
    in_place: frozenset[str] = frozenset(),
) -> WrittenMail:
    """A whole mail. `fields` have final values. `boundary` must be a text that quoted-printable and base64 cannot contain.

    The HTML shows the enclosed files whose SHA-256 is `in_place`; each of them is in the mail once.
    """
    shown = _text("html", html)
    if pictures:
        shown = _multipart("related", boundary + "r", (shown, *(_picture(picture) for picture in pictures)))
    body = WrittenMail(_multipart("alternative", boundary, (_text("plain", text), shown)))
    placed = tuple({file.sha256: file for file in enclosed if file.sha256 in in_place}.values())
    others = tuple(file for file in enclosed if file.sha256 not in in_place)
    if placed:
        body = _with_files('related; type="multipart/alternative"', body, placed, boundary + "p")
    if others:
        body = _with_files("mixed", body, others, boundary + "m")
    head = "".join(fold(field, value) for field, value in fields.items()).encode() + b"MIME-Version: 1.0\r\n"
    return WrittenMail(head + body.skeleton, tuple(file.moved(len(head)) for file in body.files))


def _with_files(subtype: str, body: WrittenMail, enclosed: tuple[Enclosure, ...], boundary: str) -> WrittenMail:
    """A multipart of the body and the files. Contents of files stay outside the skeleton, except those of empty files."""
    delimiter = b"--" + boundary.encode()
    opened = _multipart_field(subtype, boundary) + delimiter + NEW_LINE
    files = [file.moved(len(opened)) for file in body.files]
    skeleton = bytearray(opened + body.skeleton + NEW_LINE)
    for file in enclosed:
        skeleton += delimiter + NEW_LINE + _file_header(file, shown=not subtype.startswith("mixed"))
        if file.content:
            files.append(LetterFile(len(skeleton), file.sha256, file.content))
        skeleton += NEW_LINE
    skeleton += delimiter + b"--\r\n"
    return WrittenMail(bytes(skeleton), tuple(files))


def _multipart(subtype: str, boundary: str, parts: Iterable[bytes]) -> bytes:
    """A multipart with these parts (RFC 2046 §5.1: the line break before a delimiter belongs to the delimiter)."""
    delimiter = b"--" + boundary.encode()
    opened = b"".join(delimiter + NEW_LINE + part + NEW_LINE for part in parts)
    return _multipart_field(subtype, boundary) + opened + delimiter + b"--\r\n"


def _multipart_field(subtype: str, boundary: str) -> bytes:
    return f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'.encode()


def _text(subtype: str, text: str) -> bytes:
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    return head.encode() + quoted_printable(text)


def quoted_printable(text: str) -> bytes:
    """A text as quoted-printable UTF-8 (RFC 2045 §6.7), with CRLF at the end of its lines. No rule there looks beyond a line."""
    if "\r" in text:
        return _by_octets(text).encode()
    *lines, rest = text.split("\n")
    encoded = [
        line
        if len(line) <= BROKEN_AT and line.isascii() and line.isprintable() and "=" not in line and line[-1:] not in LAST_ENCODED
        else (_common_line(line) if len(line) <= LONGEST_COMMON else _line(line))
        for line in lines
    ]
    return "\r\n".join([*encoded, _by_octets(rest)]).encode()


@lru_cache(maxsize=2048)
def _common_line(line: str) -> str:
    """A line, remembered because most lines of letters are those of templates."""
    return _line(line)


def _line(line: str) -> str:
    """A line without its end, as the standard library encodes it, which takes three times as long for the lines that are encoded here."""
    if not (line.isascii() and line.isprintable()) or line == "." or line.endswith(" "):
        return _by_octets(line + "\n").removesuffix("\r\n")
    line = line.replace("=", "=3D")
    pieces, begin = [], 0
    while (left := len(line) - begin) > BROKEN_AT:
        end = begin + BROKEN_AT
        if line[end - 2] == "=":
            end -= 2
        elif line[end - 1] == "=":
            end -= 1
        elif left == BROKEN_AT + 1:  # the last character stands where the "=" of a break would
            break
        pieces.append(line[begin:end])
        begin = end
    pieces.append(line[begin:])
    return "=\r\n".join(pieces)


def _by_octets(text: str) -> str:
    return b2a_qp(text.encode(), istext=True).replace(b"\n", NEW_LINE).decode("ascii")


def _picture(picture: Picture) -> bytes:
    fields = _base64_fields("image/png", named_disposition("inline", picture.name)) + fold(
        "Content-ID", f"<{picture.content_id}>"
    )
    return fields.encode() + NEW_LINE + base64_lines(picture.content)


def _file_header(file: Enclosure, *, shown: bool) -> bytes:
    """The header fields of a file's part, whose content is base64, with the empty line below them."""
    fields = _base64_fields(file.content_type, named_disposition("inline" if shown else "attachment", file.filename))
    if shown:
        fields += fold("Content-ID", f"<{picture_address(file.sha256).removeprefix('cid:')}>")
    return fields.encode() + NEW_LINE


def _base64_fields(content_type: str, disposition: str) -> str:
    return f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: base64\r\n{disposition}"
