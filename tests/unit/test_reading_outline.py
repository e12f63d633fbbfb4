"""The scan for parts: what breaks parsers in the wild is read, and what is made to be slow is cut short."""

import pytest
from support.mails.mails import mail, multipart

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading import limits
from helpdesk.threading.reading.encodings import from_base64, undo_encoding
from helpdesk.threading.reading.fields import split_header

PLAIN = "Content-Type: text/plain\n\nHello"


def attached(name: str) -> str:
    return f'Content-Type: application/pdf; name="{name}"\nContent-Disposition: attachment; filename="{name}"\n\n%PDF\n'


@pytest.mark.parametrize(
    "content_type",
    [
        'multipart/mixed; boundary="frontier"',
        "multipart/mixed; boundary=frontier",
        "multipart/mixed;boundary = frontier ",
        'Multipart/Mixed; BOUNDARY="frontier" ; charset=utf-8',
        "multipart/mixed boundary=frontier",
        "multipart/mixed; boundary*=us-ascii''frontier",
        "multipart/mixed; boundary*0=front; boundary*1=ier",
        "multipart/x-unheard-of; boundary=frontier",
        'multipart/mixed; boundary="frontier',
        'multipart/mixed; type="a;b"; boundary="frontier"',
    ],
)
def test_parts_are_found_by_any_way_to_write_the_boundary(content_type: str) -> None:
    body = f"preamble\n--frontier\n{PLAIN}\n--frontier \t\n{attached('a.pdf')}--frontier--\nepilogue\n"
    message = read(mail(body, mime_version="1.0", content_type=content_type)).message
    assert (message.text, [attachment.filename for attachment in message.attachments]) == ("Hello", ["a.pdf"])


def test_a_mail_whose_lines_end_in_cr_is_read() -> None:
    content = multipart("mixed", PLAIN, attached("a.pdf")).replace(b"\r\n", b"\n").replace(b"\n", b"\r")
    message = read(content).message
    assert (message.text, message.message_id, len(message.attachments)) == ("Hello", "one@example.org", 1)


def test_nested_containers_of_one_boundary_keep_their_texts() -> None:
    inner = "Content-Type: multipart/mixed; boundary=frontier\n"
    message = read(multipart("mixed", PLAIN, inner, PLAIN, inner, PLAIN)).message
    assert message.text.split() == ["Hello"] * 3


def test_a_part_that_goes_on_after_its_container_was_ended_is_a_part() -> None:
    inner = f"Content-Type: multipart/mixed; boundary=inner\n\n--inner\n{PLAIN}"
    message = read(multipart("mixed", inner, f"{PLAIN}\n--inner\n{attached('a.pdf')}")).message
    assert (message.text, [attachment.filename for attachment in message.attachments]) == ("Hello\nHello", ["a.pdf"])


def test_a_part_without_header_and_one_without_blank_line_are_read() -> None:
    assert read(multipart("mixed", "\nHello", "you")).message.text == "Hello\nyou"


def test_the_last_part_needs_no_closing_delimiter() -> None:
    content = multipart("mixed", PLAIN, attached("a.pdf")).replace(b"--frontier--", b"")
    message = read(content).message
    assert (message.text, len(message.attachments)) == ("Hello", 1)
    assert "a multipart without its closing delimiter" in message.defects


def test_a_nested_mail_keeps_its_octets() -> None:
    inner = "From:   b@example.org\nSubject: inner\nContent-Type: multipart/mixed; boundary=frontier2\n\n--frontier2\n\nx\n--frontier2--\n\n"
    reading = read(multipart("mixed", PLAIN, f"Content-Type: message/rfc822\n\n{inner}"))
    assert reading.contents[reading.message.attachments[0].sha256].decode() == inner


def test_a_delimiter_inside_an_encoded_nested_mail_is_not_ours() -> None:
    nested = "Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\nSubject: =3D\n\nx\n"
    reading = read(multipart("mixed", PLAIN, nested))
    assert reading.contents[reading.message.attachments[0].sha256] == b"Subject: =\n\nx\n"


def test_lines_that_look_like_delimiters_are_bounded() -> None:
    body = "--x\n" * (limits.LOOKALIKES + 1)
    message = read(multipart("mixed", f"{PLAIN}\n{body}")).message
    assert message.degraded
    assert message.text.startswith("Hello")
    assert any("look like delimiters" in defect for defect in message.defects)
    assert not read(multipart("mixed", f"{PLAIN}\n{body[:400]}")).message.degraded


@pytest.mark.timeout(60)
@pytest.mark.parametrize("pattern", [b"\n", b"--\n", b"--frontier\n", b"\r", b"--frontier-\n", b"--frontier--\n", b"x", b"--"])
def test_a_large_mail_of_any_pattern_is_read_to_its_end(pattern: bytes) -> None:
    head = multipart("mixed", PLAIN).removesuffix(b"--frontier--\n")
    assert read(head + pattern * (24_000_000 // len(pattern))).message.text.startswith("Hello")


@pytest.mark.parametrize(
    ("encoding", "content", "octets"),
    [
        ("base64", b"SGVs\r\nbG8=\r\n", b"Hello"),
        ("BASE64 ", b"SGVsbG8", b"Hello"),
        ("base64;", b"SGVsbG8=SGVsbG8=", b"HelloHello"),
        ("base64", b"!S G*VsbG8=\n_____\nfooter of a list\n", b"Hello"),
        ("quoted-printable", b"a=3Db=\r\nc", b"a=bc"),
        ("quoted-printable (really)", b"a=ZZ", b"a=ZZ"),
        ("x-uuencode", b"begin 644 a\n%2&5L;&\\\n`\nend\n", b"Hello"),
        ("7bit", b"a=3D", b"a=3D"),
        ("unheard-of", b"a=3D", b"a=3D"),
    ],
)
def test_an_encoding_is_undone_as_far_as_it_goes(encoding: str, content: bytes, octets: bytes) -> None:
    header = split_header(b"Content-Transfer-Encoding: " + encoding.encode() + b"\n\n")
    assert undo_encoding(header, content) == octets


def test_base64_of_any_length_gives_something() -> None:
    assert [from_base64(b"QUJD"[:length]) for length in range(5)] == [b"", b"", b"A", b"AB", b"ABC"]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Content-Type: application/pdf\nContent-Disposition: attachment; name=a.pdf", "a.pdf"),
        ("Content-Type: application/pdf; filename=a.pdf", "a.pdf"),
        ("Content-Type: application/pdf name=a.pdf", "a.pdf"),
        (
            'Content-Type: application/pdf; name="=?utf-8?q?=C4=85.pdf?="\nContent-Disposition: attachment; filename="?.pdf"',
            "ą.pdf",
        ),
        ('Content-Type: application/pdf; name="b.pdf"\nContent-Disposition: attachment; filename="a.pdf"', "a.pdf"),
    ],
)
def test_the_name_of_an_attachment_is_found_where_it_stands(given: str, name: str) -> None:
    [attachment] = read(multipart("mixed", f"{given}\n\n%PDF")).message.attachments
    assert attachment.filename == name


def test_a_recipient_without_an_address_is_none() -> None:
    assert [one.address for one in read(mail(to="Mary Smith, a@b.org, undisclosed-recipients:;")).message.to] == ["a@b.org"]
