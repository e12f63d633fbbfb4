"""Opaque signed mail, written here by the grammar of CMS: with definite lengths, and as streaming signers write it."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.mails.containers import signed, streamed
from support.mails.mails import mail

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.smime import SIGNED_DATA, signed_entity

ENTITY = b"Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n\r\nSigned words\r\n--q\r\nContent-Type: text/csv; name=a.csv\r\n\r\n1;2\r\n--q--\r\n"


@pytest.mark.parametrize("wrap", [signed, streamed])
def test_the_entity_is_taken_out(wrap: object) -> None:
    assert callable(wrap)
    assert signed_entity(wrap(ENTITY)) == ENTITY


@pytest.mark.parametrize("content", [b"", b"0", signed(ENTITY)[:40], SIGNED_DATA, b"\x30\x80" * 500, signed(b"")])
def test_what_encloses_nothing_gives_none(content: bytes) -> None:
    assert signed_entity(content) is None


def wrapped(content: bytes) -> bytes:
    return mail(
        base64.encodebytes(content),
        mime_version="1.0",
        content_type='application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"',
        content_transfer_encoding="base64",
    )


def test_opaque_signed_mail_is_read() -> None:
    message = read(wrapped(streamed(ENTITY))).message
    assert message.text == "Signed words"
    assert [attachment.filename for attachment in message.attachments] == ["smime.p7m", "a.csv"]


def test_signed_mail_in_signed_mail_is_opened_a_few_times() -> None:
    entity = b"Content-Type: text/plain\r\n\r\nDeep\r\n"
    for _ in range(3):
        entity = b"Content-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\n" + signed(entity)
    head, _, content = entity.partition(b"\r\n\r\n")
    assert read(wrapped(content)).message.text == "Deep"
    deeper = b"Content-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\n" + signed(entity)
    assert read(wrapped(deeper.partition(b"\r\n\r\n")[2])).message.text == ""
    assert head


@given(st.binary(max_size=200), st.integers(0, 300), st.integers(0, 30))
def test_any_octets_give_an_entity_or_none(octets: bytes, at: int, dropped: int) -> None:
    for whole in (signed(ENTITY), streamed(ENTITY)):
        signed_entity(whole[:at] + octets[:10] + whole[at + dropped :])
    signed_entity(octets)
