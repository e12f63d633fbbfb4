"""The bytes of a letter: header fields, two texts, enclosed files. The door to the standard library's MIME writer.

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

NEW_LINE = b"\r\n"


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
) -> bytes:
    """A whole mail. `fields` are ready words; `boundary` must not be able to stand in quoted-printable or base64 text."""
    shown = _text("html", html)
    if pictures:
        shown = _multipart("related", boundary + "r", (shown, *(_picture(one) for one in pictures)))
    body = _multipart("alternative", boundary, (_text("plain", text), shown))
    if enclosed:
        body = _multipart("mixed", boundary + "m", (body, *(_file(one) for one in enclosed)))
    head = "".join(folded(field, value) for field, value in fields.items())
    return head.encode() + b"MIME-Version: 1.0\r\n" + body


def _multipart(subtype: str, boundary: str, parts: Iterable[bytes]) -> bytes:
    """RFC 2046 §5.1: the line break in front of a delimiter belongs to the delimiter."""
    delimiter = b"--" + boundary.encode()
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'.encode()
    opened = b"".join(delimiter + NEW_LINE + part + NEW_LINE for part in parts)
    return head + opened + delimiter + b"--\r\n"


def _text(subtype: str, text: str) -> bytes:
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    return head.encode() + b2a_qp(text.encode(), istext=True).replace(b"\n", NEW_LINE)


def _picture(one: Picture) -> bytes:
    part = EmailMessage(policy=SMTP)
    part.set_content(one.content, "image", "png", disposition="inline", filename=one.name, cid=f"<{one.content_id}>")
    del part["MIME-Version"]
    return part.as_bytes()


def _file(one: Enclosure) -> bytes:
    maintype, _, subtype = one.content_type.partition("/")
    part = EmailMessage(policy=SMTP)
    part.set_content(one.content, maintype=maintype, subtype=subtype, filename=one.filename)
    del part["MIME-Version"]
    return part.as_bytes()
