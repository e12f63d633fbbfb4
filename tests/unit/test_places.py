"""Where files lie in a mail: what is found there is the file, or there is no place."""

import base64
import binascii
import hashlib
import os
from collections.abc import Callable

import pytest
from support.mails.containers import RENDERING, attribute, signed, streamed, tnef

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading import places
from helpdesk.threading.reading.places import NoPlace, OpenedMail, Step

FILE = bytes(range(256)) * 9
OTHER = b"".join(bytes([number, 255 - number]) for number in range(256)) * 3
TEXT = b"name;amount\r\nAnna;1\r\n\r\nZo\xc3\xab;2\r\n" * 40


def mail(*parts: bytes, boundary: bytes = b"q") -> bytes:
    inner = b"".join(b"\r\n--%s\r\n%s" % (boundary, part) for part in parts)
    return b"From: anna@acme.example\r\nSubject: Files\r\n" + container(inner, boundary)


def container(inner: bytes, boundary: bytes) -> bytes:
    return b'Content-Type: multipart/mixed; boundary="%s"\r\n\r\nHello%s\r\n--%s--\r\n' % (boundary, inner, boundary)


def part(encoded: bytes, encoding: str, kind: str = "application/pdf", name: str = "a.bin") -> bytes:
    fields = (
        f"Content-Type: {kind}; name={name}\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    )
    return fields.encode() + encoded


def lines(content: bytes, length: int = 76, end: bytes = b"\r\n") -> bytes:
    words = base64.b64encode(content)
    return end.join(words[at : at + length] for at in range(0, len(words), length))


def winmail(*contents: bytes) -> bytes:
    files = [one for content in contents for one in (RENDERING, attribute(0x8010, b"a.bin\0"), attribute(0x800F, content))]
    return part(lines(tnef(*files)), "base64", "application/ms-tnef", "winmail.dat")


def nested(*parts: bytes) -> bytes:
    inner = b"".join(b"\r\n--w\r\n" + one for one in parts)
    return container(inner, b"w")


def enveloped(entity: bytes) -> bytes:
    return part(lines(signed(entity)), "base64", "application/pkcs7-mime", "smime.p7m")


FOUND: dict[str, tuple[bytes, bytes]] = {
    "base64": (mail(part(lines(FILE), "base64")), FILE),
    "base64 in short lines": (mail(part(lines(FILE, 60), "BASE64")), FILE),
    "base64 in one line": (mail(part(lines(FILE, 10**6), "base64")), FILE),
    "base64 in bare line feeds": (mail(part(lines(FILE, 76, b"\n"), "base64")).replace(b"\r\n", b"\n"), FILE),
    "base64 by a wrong name": (mail(part(lines(FILE), "b64")), FILE),
    "quoted-printable": (mail(part(binascii.b2a_qp(TEXT, istext=False), "quoted-printable", "text/csv")), TEXT),
    "8bit": (mail(part(TEXT, "8bit", "text/csv")), TEXT),
    "binary": (mail(part(FILE.replace(b"\n--", b""), "binary")), FILE),
    "no encoding that anybody knows": (mail(part(TEXT, "x-own", "text/csv")), TEXT),
    "in a container in a container": (mail(nested(part(b"hi", "7bit"), part(lines(FILE), "base64"))), FILE),
    "a forwarded mail": (mail(part(mail(part(lines(FILE), "base64"), boundary=b"z"), "7bit", "message/rfc822")), mail(part(lines(FILE), "base64"), boundary=b"z")),
    "the second file of two": (mail(part(lines(OTHER), "base64"), part(lines(FILE), "base64")), FILE),
    "winmail.dat": (mail(winmail(OTHER, FILE)), FILE),
    "inside what is signed": (mail(enveloped(nested(part(b"hi", "7bit"), part(lines(FILE), "base64")))), FILE),
    "winmail.dat inside what is signed": (mail(enveloped(nested(winmail(FILE)))), FILE),
    "below base64 the footer of a list": (mail(part(lines(FILE[:-1]) + b"\r\n___________\r\nTo leave, write to leave@list.example", "base64")), FILE[:-1]),
    "the only part": (b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + lines(FILE), FILE),
}  # fmt: skip


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("shape", FOUND)
def test_a_file_lies_where_its_place_says(shape: str) -> None:
    content, file = FOUND[shape]
    reading = read(content)
    assert reading.contents[digest(file)] == file
    assert OpenedMail(content).octets(reading.places[digest(file)]) == file
    mail_opened = OpenedMail(content)
    for one, place in reading.places.items():
        assert mail_opened.octets(place) == reading.contents[one]


ELSEWHERE: dict[str, bytes] = {
    "uuencode": mail(part(b"begin 644 a.bin\r\n" + b"".join(binascii.b2a_uu(FILE[at : at + 45]) for at in range(0, len(FILE), 45)) + b"`\r\nend", "x-uuencode")),
    "base64 in two pieces": mail(part(lines(FILE[:1000]) + lines(FILE[1000:]), "base64")),
    "base64 without its padding": mail(part(lines(FILE[:-1]).rstrip(b"="), "base64")),
    "signed in pieces": mail(part(lines(streamed(nested(part(lines(FILE), "base64")))), "base64", "application/pkcs7-mime", "smime.p7m")),
    "lines that end in a bare CR": mail(part(lines(FILE), "base64")).replace(b"\r\n", b"\r"),
}  # fmt: skip


@pytest.mark.parametrize("shape", ELSEWHERE)
def test_what_has_no_place_gives_no_wrong_octets(shape: str) -> None:
    """Such a file is read, and its octets are elsewhere or nowhere; whoever compares them notices."""
    content = ELSEWHERE[shape]
    reading = read(content)
    apart = 0
    for one, file in reading.contents.items():
        try:
            apart += OpenedMail(content).octets(reading.places.get(one, ())) != file
        except NoPlace:
            apart += 1
    assert apart >= 1


@pytest.mark.parametrize(
    "place",
    [
        (),
        (Step(-1, 4),),
        (Step(4, 3),),
        (Step(0, 1000),),
        (Step(0, 4, "uuencode"),),
        (Step(0, 3, "base64"),),
        (Step(0, 4), Step(0, 5)),
    ],
)
def test_a_place_that_is_none_is_told(place: places.Place) -> None:
    with pytest.raises(NoPlace):
        OpenedMail(b"abcdefgh").octets(place)


def test_a_container_of_many_files_is_opened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    files = [os.urandom(300) for _ in range(50)]
    content = mail(winmail(*files))
    reading = read(content)
    opened: list[int] = []

    def counting(octets: bytes) -> bytes:
        opened.append(len(octets))
        return binascii.a2b_base64(octets)

    decoders: dict[str, Callable[[bytes], bytes]] = {**places.DECODERS, "base64": counting}
    monkeypatch.setattr(places, "DECODERS", decoders)
    one = OpenedMail(content)
    assert [one.octets(reading.places[digest(file)]) for file in files] == files
    assert len(opened) == 1
