"""The bytes of a letter: header fields, two texts, enclosed files. The door to the standard library's MIME writer.

What comes out is a skeleton and the places of the files in it (`threading.letters.files`).

Texts and structure are written here, because the library takes two milliseconds a letter for them; a file's own fields, where names
in all languages need care, it writes.
"""

from binascii import b2a_qp
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP

from helpdesk.templates.enclosures import Enclosure
from helpdesk.templates.headers import folded
from helpdesk.threading.letters.files import LetterFile

NEW_LINE = b"\r\n"


@dataclass(frozen=True, slots=True)
class Written:
    """A mail as its skeleton and the files that belong into it."""

    skeleton: bytes
    files: tuple[LetterFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG that the HTML shows as `cid:` (RFC 2392)."""

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
) -> Written:
    """A whole mail. `fields` are ready words; `boundary` must not be able to stand in quoted-printable or base64 text."""
    shown = _text("html", html)
    if pictures:
        shown = _multipart("related", boundary + "r", (shown, *(_picture(one) for one in pictures)))
    body = _multipart("alternative", boundary, (_text("plain", text), shown))
    head = "".join(folded(field, value) for field, value in fields.items()).encode() + b"MIME-Version: 1.0\r\n"
    return _with_files(head, body, enclosed, boundary + "m") if enclosed else Written(head + body)


def _with_files(head: bytes, body: bytes, enclosed: tuple[Enclosure, ...], boundary: str) -> Written:
    """A multipart/mixed of the body and the files, whose contents stay outside. An empty file has nothing that could."""
    delimiter = b"--" + boundary.encode()
    skeleton = bytearray(head + _multipart_field("mixed", boundary) + delimiter + NEW_LINE + body + NEW_LINE)
    files = []
    for one in enclosed:
        skeleton += delimiter + NEW_LINE + _file_header(one)
        if one.content:
            files.append(LetterFile(len(skeleton), one.sha256, one.content))
        skeleton += NEW_LINE
    skeleton += delimiter + b"--\r\n"
    return Written(bytes(skeleton), tuple(files))


def _multipart(subtype: str, boundary: str, parts: Iterable[bytes]) -> bytes:
    """RFC 2046 §5.1: the line break in front of a delimiter belongs to the delimiter."""
    delimiter = b"--" + boundary.encode()
    opened = b"".join(delimiter + NEW_LINE + part + NEW_LINE for part in parts)
    return _multipart_field(subtype, boundary) + opened + delimiter + b"--\r\n"


def _multipart_field(subtype: str, boundary: str) -> bytes:
    return f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'.encode()


def _text(subtype: str, text: str) -> bytes:
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    return head.encode() + b2a_qp(text.encode(), istext=True).replace(b"\n", NEW_LINE)


def _picture(one: Picture) -> bytes:
    part = EmailMessage(policy=SMTP)
    part.set_content(one.content, "image", "png", disposition="inline", filename=one.name, cid=f"<{one.content_id}>")
    del part["MIME-Version"]
    return part.as_bytes()


def _file_header(one: Enclosure) -> bytes:
    """The fields of a part in base64, with the empty line below them."""
    maintype, _, subtype = one.content_type.partition("/")
    part = EmailMessage(policy=SMTP)
    part.set_content(b"", maintype=maintype, subtype=subtype, filename=one.filename)
    del part["MIME-Version"]
    return part.as_bytes()
