"""Whatever charset a mail claims, and whatever stands in it: text comes out that every database takes."""

import pytest
from support.mails.mails import mail

from helpdesk.threading.parsing.read import read

CHARSETS = [
    "", "utf-7", "utf-16", "utf-32", "idna", "punycode", "rot13", "rot_13", "hex", "base64", "zlib", "bz2", "uu", "quopri", "unicode_escape", "raw_unicode_escape",
    "undefined", "mbcs", "oem", "charmap", "x" * 300, "utf-8\x00", "../../x", "cp65001", "iso-2022-kr", "hz", "utf_8_sig", "\u00fc", "%s", "latin-1; x=y", "None",
]  # fmt: skip
OCTETS = [
    b"plain", b"+ADw-script+AD4-", b"\x00\x01", b"\xff\xfe<\x00", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf", b"\\ud800 \\x00", b"\x1b$B\x00", b"7b7d", b"x" * 50 + b"\xff",
]  # fmt: skip
FIELDS = [
    b"=?utf-8?b?7aCA?=",
    b"=?utf-7?q?+AAA-?=",
    b"=?rot13?q?uryyb?=",
    b"=?utf-8?q?=00=ED=A0=80?=",
    b"\xed\xa0\x80\x00",
    b"=?x?b?" + b"A" * 500 + b"?=",
]
HUGE = ["9" * 5000, "-1", "1e400", "0x7fffffffffffffff", "٣"]


def assert_plain(*texts: str) -> None:
    for text in texts:
        assert "\x00" not in text
        text.encode("utf-8")


@pytest.mark.parametrize("charset", CHARSETS)
def test_any_charset_gives_text(charset: str) -> None:
    for octets in OCTETS:
        message = read(mail(octets, content_type=f'text/plain; charset="{charset}"', subject="x")).message
        assert_plain(message.text, *message.defects)
    assert read(mail(b"plain", content_type=f'text/plain; charset="{charset}"')).message.text == "plain" or charset in (
        "utf-16",
        "utf-32",
    )


@pytest.mark.parametrize("value", FIELDS)
def test_any_field_gives_text(value: bytes) -> None:
    message = read(b"From: " + value + b" <a@b.example>\r\nSubject: " + value + b"\r\nX-" + value + b": y\r\n\r\nHi\r\n").message
    assert_plain(message.subject, message.authors[0].name, *(text for pair in message.headers for text in pair))


@pytest.mark.parametrize("number", HUGE)
def test_numbers_of_any_size_are_no_fault(number: str) -> None:
    fields = {
        "date": f"Mon, {number} May {number} 10:12:{number} +{number}",
        "x_priority": number,
        "content_length": number,
        "mime_version": number,
    }
    message = read(mail("Hi", content_type=f"multipart/mixed; boundary*{number}=x; charset*{number}*=y", **fields)).message
    assert_plain(message.text)
