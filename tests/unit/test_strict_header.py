"""One split of a header into fields and body, or none where two readers may split it differently."""

import pytest

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.fields import split_header
from helpdesk.threading.reading.strict import header_doubt, strict_header
from helpdesk.threading.trust.assurance import identity_of
from helpdesk.threading.trust.signature_fields import strict_fields

SOUND = b"From: a@acme.example\r\nSubject: one\r\n two\r\n\r\nhello\r\n"

HARMLESS = [
    ("by the book", SOUND),
    ("lines of a mailbox file", SOUND.replace(b"\r\n", b"\n")),
    ("a line of a mailbox file above it", b"From a@acme.example Mon Nov 23 09:00:00 2026\n" + SOUND.replace(b"\r\n", b"\n")),
    ("letters of eight bits", SOUND.replace(b"one", b"Gr\xfc\xdfe")),
    ("a long line", SOUND.replace(b"one", b"x" * 5000)),
    ("a field that nobody knows", b"X-Novel-Thing: {!}\r\n" + SOUND),
    ("an odd date", b"Date: yesterday\r\n" + SOUND),
    ("many people in Cc", b"Cc: " + b"a@x.example, " * 90 + b"\r\n" + SOUND),
    ("an empty value", b"Cc:\r\n" + SOUND),
    ("no blank after the colon", SOUND.replace(b"Subject: ", b"Subject:")),
    ("a body of other lines", SOUND + b"one\ntwo\rthree\0\r\n\r\nFrom: x\r\n"),
    ("no body", b"From: a@acme.example\r\nSubject: x\r\n"),
    ("no end of its last line", b"From: a@acme.example"),
    ("a fold of blanks alone", SOUND.replace(b"\r\n two", b"\r\n \t \r\n two")),
    ("folds of tabs", SOUND.replace(b" two", b"\ttwo\r\n\t\tthree")),
]


@pytest.mark.parametrize(("name", "content"), HARMLESS, ids=[one[0] for one in HARMLESS])
def test_harmless_oddities_are_no_doubt(name: str, content: bytes) -> None:
    assert header_doubt(content) == ""
    assert identity_of(read(content).message) == "a@acme.example"
    strict, tolerant = strict_header(content), split_header(content)
    assert strict is not None
    assert (strict.body_at, [field.name for field in strict.fields]) == (
        tolerant.body_at,
        [field.name for field in tolerant.fields],
    )


DOUBTFUL = [
    ("nothing", b"", "no header"),
    ("a blank line first", b"\r\n" + SOUND, "blank line"),
    ("a blank line of a mailbox file first", b"\n" + SOUND, "blank line"),
    ("a fold first", b" x\r\n" + SOUND, "continued"),
    ("a bare CR", SOUND.replace(b"one", b"o\rne"), "different ways"),
    ("a bare LF", SOUND.replace(b"one", b"o\nX: e"), "different ways"),
    ("a bare LF at the end of the header", SOUND.replace(b"\r\n\r\n", b"\r\n\n"), "different ways"),
    ("a CR that ends the header for some", SOUND.replace(b"one", b"one\r\r\nX: y"), "different ways"),
    ("lines that end in CR alone", SOUND.replace(b"\n", b""), "different ways"),
    ("a NUL", SOUND.replace(b"one", b"o\0ne"), "NUL"),
    ("a line that is no field", b"hello\r\n" + SOUND, "no field"),
    ("a quoted line of a mailbox file", b">From a@x\r\n" + SOUND, "no field"),
    ("a line of a mailbox file between fields", SOUND.replace(b"Subject", b"From x\r\nSubject"), "no field"),
    ("a space before the colon", SOUND.replace(b"Subject:", b"Subject :"), "no field"),
    ("a space before the first colon", SOUND.replace(b"From:", b"From :"), "two ways"),
    ("a name that is not ASCII", b"Fr\xc3\xb6m: x\r\n" + SOUND, "no field"),
    ("a name that is empty", b": x\r\n" + SOUND, "no field"),
    ("a name beyond eighty octets", b">" + b"A" * 90 + b":x\r\n" + SOUND, "by the book"),
    ("a parameter at the begin of a line", b"Content-Type: text/plain;\r\ncharset=x:y\r\n" + SOUND, "parameter"),
    ("no blank line", b"From: a@acme.example\r\nhello\r\nyou\r\n", "no field"),
    ("too many fields", b"X: y\r\n" * 1000 + SOUND, "limit"),
    ("too long", b"X: " + b"y" * 110_000 + b"\r\n" + SOUND, "limit"),
]


@pytest.mark.parametrize(("name", "content", "doubt"), DOUBTFUL, ids=[one[0] for one in DOUBTFUL])
def test_where_two_readers_may_differ_nobody_is_the_author(name: str, content: bytes, doubt: str) -> None:
    assert doubt in header_doubt(content)
    message = read(content).message
    assert message.header_doubt
    assert identity_of(message) == ""
    assert strict_fields(content) is None


def test_what_a_verifier_is_not_given() -> None:
    """It has an author all the same: only a signature would prove nothing."""
    for name in ("a line of a mailbox file above it", "no body", "a fold of blanks alone"):
        content = dict(HARMLESS)[name]
        assert strict_fields(content) is None
        assert not header_doubt(content)


def test_a_mail_without_one_header_is_read_all_the_same() -> None:
    message = read(b"hello\r\nyou\r\n" + SOUND).message
    assert "hello" in message.text
