"""Each limit at its edge and beyond: a mail within it is read in full, a mail past it is read degraded and still says who wrote what."""

from collections.abc import Callable

import pytest

from helpdesk.threading.parsing.degraded import read_degraded
from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading import limits
from helpdesk.threading.reading.parsed import ParsedMessage

HEAD = b"From: Anna <anna@example.org>\nSubject: Login\nMessage-ID: <one@example.org>\n"


def with_fields(count: int) -> bytes:
    return HEAD + b"X-N: y\n" * (count - 3) + b"\nHello\n"


def with_header_octets(count: int) -> bytes:
    return HEAD + b"X: " + b"y" * (count - len(HEAD) - 4) + b"\n\nHello\n"


def with_parts(count: int) -> bytes:
    head = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n"
    return head + b"--b\nContent-Disposition: attachment\n\nx\n" * (count - 1) + b"--b--\n"


def with_depth(count: int) -> bytes:
    levels = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(count))
    return HEAD + levels + b"Content-Type: text/plain\n\nHello\n"


def with_octets(count: int) -> bytes:
    head = HEAD + b"Content-Type: application/octet-stream\n\n"
    return head + b"x" * (count - len(head))


def with_structured_field(count: int) -> bytes:
    name = b"Content-Type: text/plain"
    return HEAD + name + b";" * (count - len(name) - 1) + b"\n\nHello\n"


STRUCTURAL: dict[str, tuple[Callable[[int], bytes], int]] = {
    "fields": (with_fields, limits.HEADER_FIELDS),
    "header": (with_header_octets, limits.HEADER_OCTETS),
    "parts": (with_parts, limits.PARTS),
    "depth": (with_depth, limits.DEPTH),
    "size": (with_octets, limits.MESSAGE_OCTETS),
    "structured": (with_structured_field, limits.STRUCTURED_FIELD_OCTETS),
}


def essentials(message: ParsedMessage) -> tuple[str, str, str | None]:
    return message.subject, message.author.address if message.author else "", message.message_id


@pytest.mark.parametrize("name", STRUCTURAL)
def test_a_mail_at_the_limit_is_read_in_full(name: str) -> None:
    generate, limit = STRUCTURAL[name]
    message = read(generate(limit)).message
    assert not message.degraded
    assert essentials(message) == ("Login", "anna@example.org", "one@example.org")


@pytest.mark.parametrize("name", STRUCTURAL)
@pytest.mark.parametrize("factor", [1, 3])
def test_a_mail_beyond_the_limit_is_read_degraded_and_says_why(name: str, factor: int) -> None:
    generate, limit = STRUCTURAL[name]
    message = read(generate(limit * factor + 1)).message
    assert message.degraded
    assert any(defect.startswith("read degraded: ") for defect in message.defects)
    assert essentials(message) == ("Login", "anna@example.org", "one@example.org")


@pytest.mark.parametrize("name", ["fields", "header", "parts", "depth"])
def test_the_first_text_is_found_in_a_degraded_mail(name: str) -> None:
    if name == "depth":
        assert read_degraded(with_depth(10)).message.text == "Hello"
        return
    generate, limit = STRUCTURAL[name]
    assert read(generate(limit + 1)).message.text == "Hello"


def test_html_is_read_without_its_tags_in_a_degraded_mail() -> None:
    assert read_degraded(HEAD + b"Content-Type: text/html\n\n<p>Hello<br>you &amp; me").message.text == "Hello\nyou & me"


def test_many_addresses_degrade_the_list_and_nothing_else() -> None:
    def addressed(count: int) -> bytes:
        return HEAD + b"To: " + b", ".join(b"a%d@x.org" % number for number in range(count)) + b"\n\nHello\n"

    full, cut = read(addressed(limits.ADDRESSES)).message, read(addressed(limits.ADDRESSES + 1)).message
    assert (full.degraded, len(full.to)) == (False, limits.ADDRESSES)
    assert (cut.degraded, len(cut.to), cut.text) == (True, limits.ADDRESSES, "Hello")


def test_a_long_address_field_degrades() -> None:
    def named(length: int) -> bytes:
        value = b'"%s" <a@x.org>' % (b"n" * (length - 12))
        assert len(value) == length
        return HEAD + b"To: " + value + b"\n\nHello\n"

    assert not read(named(limits.ADDRESS_FIELD_OCTETS)).message.degraded
    assert read(named(limits.ADDRESS_FIELD_OCTETS + 1)).message.degraded


def test_long_text_is_cut_and_said_to_be() -> None:
    full = read(HEAD + b"\n" + b"x" * limits.TEXT_CHARACTERS).message
    cut = read(HEAD + b"\n" + b"x" * (limits.TEXT_CHARACTERS + 1)).message
    assert (full.degraded, cut.degraded) == (False, True)
    assert len(cut.text) == limits.TEXT_CHARACTERS


MEBIBYTE = 1 << 20
SCANNED = ("> ", ">", "On ", "On 1\n", "\n", "From: a\n", "From: a@b\nDate: 1\n", "-", "--\n", "_____\n", "wrote:\n", "On 3 May 2024 at 10:12 <\n",
           "Sent from my iPhone\n", "-----Original\n", "a:", "a@", "=?utf-8?q?a?= ", "1/", "1.1.1.1 ", "A> \n", "---- Forwarded message ---- From:To:")  # fmt: skip
MARKUP = (
    "<",
    "<div>",
    "<!--",
    "&amp;",
    "<a x=1 ",
    "<br>",
    "<blockquote type=cite>",
    "<p><span>",
    "<table><tr><td>",
    "<script>",
    '<a href="',
    "<b id=1><p>",
)
HEADERS = (b"Subject: =?", b"Subject: =?a?q?", b'From: "', b"From: (", b"From: <", b"References: <", b"References: <a@b> ", b"Content-Type: text/plain;",
           b'Content-Type: text/plain;a="', b"Date: 1", b"Subject: Re: ", b"Received: from a by b; ")  # fmt: skip


@pytest.mark.timeout(60)
@pytest.mark.parametrize("pattern", SCANNED)
def test_a_mebibyte_of_any_pattern_is_read_to_its_end(pattern: str) -> None:
    assert read(HEAD + b"\n" + pattern.encode() * (MEBIBYTE // len(pattern))).message.subject == "Login"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("pattern", MARKUP)
def test_a_mebibyte_of_any_markup_is_read_to_its_end(pattern: str) -> None:
    assert read(HEAD + b"Content-Type: text/html\n\n" + pattern.encode() * (MEBIBYTE // len(pattern))).message.subject == "Login"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("pattern", HEADERS)
def test_a_full_header_of_any_pattern_is_read_to_its_end(pattern: bytes) -> None:
    name, _, value = pattern.partition(b": ")
    content = name + b": " + value * (90_000 // len(value)) + b"\n\nHello\n"
    assert read(content).message.text == "Hello"
    assert read_degraded(content).message.text == "Hello"
