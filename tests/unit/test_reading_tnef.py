"""winmail.dat, written here by its grammar."""

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.mails.containers import RENDERING, attribute, tnef
from support.mails.mails import multipart

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.rtf import FIRST, LARGEST, decompress, plain_text
from helpdesk.threading.reading.tnef import is_tnef, read_tnef


def properties(*given: tuple[int, int, bytes]) -> bytes:
    return struct.pack("<I", len(given)) + b"".join(_property(*one) for one in given)


def _property(identity: int, kind: int, value: bytes) -> bytes:
    head = struct.pack("<HH", kind, identity)
    if kind in (0x03, 0x40):
        return head + value
    return head + struct.pack("<II", 1, len(value)) + value + b"\0" * (-len(value) % 4)


def stored(rtf: bytes) -> bytes:
    return struct.pack("<II4sI", len(rtf) + 12, len(rtf), b"MELA", 0) + rtf


FILE = tnef(
    attribute(0x9007, struct.pack("<II", 1251, 0), level=1),
    attribute(0x800C, "Привет".encode("cp1251") + b"\0", level=1),
    RENDERING,
    attribute(0x8010, b"REPORT~1.PDF\0"),
    attribute(0x800F, b"%PDF"),
    attribute(
        0x9005,
        properties(
            (0x0E20, 0x03, b"\1\0\0\0"),
            (0x3707, 0x1F, "Bericht für Anna.pdf\0".encode("utf-16-le")),
            (0x370E, 0x1E, b"application/pdf\0"),
            (0x3712, 0x1E, b"<one@x>\0"),
        ),
    ),
    RENDERING,
    attribute(0x8010, b"note.txt\0"),
    attribute(0x800F, b"hello"),
)


def test_files_have_their_long_names_and_types() -> None:
    found = read_tnef(FILE)
    assert [
        (attachment.name, attachment.content_type, attachment.content_id, attachment.content) for attachment in found.attachments
    ] == [
        ("Bericht für Anna.pdf", "application/pdf", "one@x", b"%PDF"),
        ("note.txt", "application/octet-stream", None, b"hello"),
    ]
    assert found.text == "Привет"


def test_content_may_stand_in_a_property() -> None:
    file = tnef(RENDERING, attribute(0x9005, properties((0x3701, 0x102, b"data!"), (0x3001, 0x1E, b"a.bin\0"))))
    assert [(attachment.name, attachment.content) for attachment in read_tnef(file).attachments] == [("a.bin", b"data!")]


def test_an_embedded_message_is_kept_instead_of_the_sentence_for_old_readers() -> None:
    embedded = tnef(attribute(0x800C, b"Inner words\0", level=1))
    given = properties((0x3701, 0x0D, b"I" * 16 + embedded), (0x3001, 0x1E, b"Fwd: order\0"))
    file = tnef(RENDERING, attribute(0x800F, b"This attachment is a MAPI 1.0 embedded message"), attribute(0x9005, given))
    [message] = read_tnef(file).attachments
    assert (message.name, message.content_type) == ("Fwd: order", "application/ms-tnef")
    assert message.content.startswith(embedded)


def test_an_object_that_is_no_message_is_taken_from_its_attribute() -> None:
    file = tnef(RENDERING, attribute(0x800F, b"whole"), attribute(0x9005, properties((0x3701, 0x0D, b"I" * 16 + b"who"))))
    assert [found.content for found in read_tnef(file).attachments] == [b"whole"]


def test_a_named_property_does_not_end_the_walk() -> None:
    named = (
        struct.pack("<HH", 0x1F, 0x8001)
        + b"G" * 16
        + struct.pack("<II", 1, 6)
        + b"a\0b\0\0\0"
        + b"\0\0"
        + struct.pack("<II", 1, 2)
        + b"x\0\0\0"
    )
    text = struct.pack("<HHII", 0x1E, 0x1000, 1, 5) + b"Words\0\0\0"
    assert read_tnef(tnef(attribute(0x9003, struct.pack("<I", 2) + named + text, level=1))).text == "Words"


def mailed(content: bytes, *before: str) -> bytes:
    encoded = base64.encodebytes(content).decode()
    return multipart(
        "mixed", *before, f'Content-Type: application/ms-tnef; name="winmail.dat"\nContent-Transfer-Encoding: base64\n\n{encoded}'
    )


def test_the_files_of_a_winmail_are_attachments_of_the_mail() -> None:
    reading = read(mailed(FILE, "Content-Type: text/plain\n\nSee file"))
    assert [attachment.filename for attachment in reading.message.attachments] == [
        "winmail.dat",
        "Bericht für Anna.pdf",
        "note.txt",
    ]
    assert reading.contents[reading.message.attachments[1].sha256] == b"%PDF"
    assert reading.message.text == "See file"


def test_the_text_of_a_winmail_is_read_where_the_mail_has_no_other() -> None:
    assert read(mailed(FILE)).message.text == "Привет"


def test_html_of_a_winmail_is_read() -> None:
    html = tnef(attribute(0x9003, properties((0x1013, 0x102, b"<p>Hello <b>you</b></p>")), level=1))
    assert read(mailed(html)).message.text == "Hello you"


RTF = rb"{\rtf1\ansi\ansicpg1251{\fonttbl{\f0 Arial;}}{\*\generator X;}Hello\par \u8364?5 \'ef\'f0\{a\}\tab b}"


def test_rtf_is_read_as_text() -> None:
    assert plain_text(RTF) == "Hello\n€5 пр{a}\tb"
    packed = tnef(attribute(0x9003, properties((0x1009, 0x102, stored(RTF))), level=1))
    assert read(mailed(packed)).message.text.startswith("Hello\n€5")


def test_encapsulated_html_loses_its_tags() -> None:
    assert (
        plain_text(rb"{\rtf1\fromhtml1 {\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Hi\htmlrtf\par}\htmlrtf0 {\*\htmltag72 </p>}}")
        == "Hi"
    )


def test_lines_of_encapsulated_html_stay_apart() -> None:
    """As Outlook writes them: the line break of the RTF is hidden, that of the HTML stands in its tag."""
    line = rb"{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 %s\htmlrtf\par}\htmlrtf0 {\*\htmltag72 </p>}"
    rtf = (
        rb"{\rtf1\fromhtml1 {\*\htmltag64 <body>}"
        + line % rb"One {\*\htmltag84 <b>}two{\*\htmltag92 </b>}"
        + line % b"Three"
        + b"}\0"
    )
    assert plain_text(rtf).split("\n") == ["One two", "", "Three"]


@pytest.mark.parametrize(
    ("rtf", "text"),
    [
        (rb"{\uc0 \u8364 5}", "€5"),
        (rb"{\uc2 \u8364\'a4\'805}", "€5"),
        (rb"{\u8364?5}", "€5"),
        (rb"{\uc0{\uc1 \u8364?}\u8364 5}", "€€5"),
        (rb"{\uc-3 \u8364 5}", "€5"),
    ],
)
def test_the_replacements_of_a_letter_are_as_many_as_their_group_says(rtf: bytes, text: str) -> None:
    assert plain_text(rtf) == text


def test_compressed_rtf_refers_back_into_its_dictionary() -> None:
    """The worked example of the format: `{\\rtf1\\ansi\\ansicpg1252\\pard hello world}`."""
    sample = bytes.fromhex("2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0")
    assert decompress(sample) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert len(FIRST) == 207


def test_expansion_is_bounded() -> None:
    run = b"\xff" + b"\x00\x0f" * 8
    assert len(decompress(struct.pack("<II4sI", 0, 2**32 - 1, b"LZFu", 0) + run * 80_000)) <= LARGEST


@pytest.mark.parametrize("length", range(0, len(FILE), 7))
def test_a_winmail_that_is_cut_off_gives_what_was_found(length: int) -> None:
    assert len(read_tnef(FILE[:length]).attachments) <= 2


def test_only_its_signature_makes_a_winmail() -> None:
    assert is_tnef("application/octet-stream", "winmail.dat", FILE)
    assert not is_tnef("application/ms-tnef", "winmail.dat", b"words")


@given(st.binary(max_size=400), st.integers(0, len(FILE)), st.integers(0, 40))
def test_any_octets_give_a_winmail(octets: bytes, at: int, dropped: int) -> None:
    read_tnef(tnef(octets))
    read_tnef(FILE[:at] + octets[:8] + FILE[at + dropped :])
    decompress(struct.pack("<II4sI", 0, 500, b"LZFu", 0) + octets)
    plain_text(octets)
    plain_text(b"{\\rtf1" + octets + b"\\u99999999999 \\ansicpg9999999999 \\'zz}")
