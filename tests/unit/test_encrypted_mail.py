"""An encrypted mail is told as such, because the desk cannot read it. A mail with a file that was encrypted by itself is not."""

from base64 import b64encode

import pytest
from support.mails.containers import element, signed
from support.mails.mails import mail, multipart

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.smime import ENVELOPED

ARMOURED = "-----BEGIN PGP MESSAGE-----\n\nhQEMA5xy\n=ab12\n-----END PGP MESSAGE-----\n"
VERSION = "Content-Type: application/pgp-encrypted\n\nVersion: 1\n"
BODY = f"Content-Type: application/octet-stream; name=encrypted.asc\n\n{ARMOURED}"
WORDS = "Content-Type: text/plain\n\nThe key is in your hands.\n"
ENCLOSED = element(0x30, ENVELOPED[0] + element(0xA0, b"secret"))
SIGNED = signed(b"Content-Type: text/plain\r\n\r\nHello\r\n")


def smime(content: bytes, content_type: str = "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m") -> bytes:
    fields = {"content_type": content_type, "content_transfer_encoding": "base64", "mime_version": "1.0"}
    return mail(b64encode(content).decode(), **fields)


def smime_part(content: bytes, content_type: str) -> str:
    encoded = b64encode(content).decode()
    return f"Content-Type: {content_type}\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment\n\n{encoded}\n"


NAMED = "application/octet-stream; name=smime.p7m"


@pytest.mark.parametrize(
    ("content", "encryption"),
    [
        (multipart("encrypted", VERSION, BODY), "PGP"),
        (multipart("mixed", "Content-Type: text/plain\n\n", VERSION, BODY), "PGP"),  # as Exchange passes it on
        (multipart("mixed", WORDS, VERSION, BODY), "PGP"),  # with the footer of a list
        (mail(f"{ARMOURED}"), "PGP"),
        (mail(f"Dear team,\n\n{ARMOURED}"), "PGP"),
        (multipart("mixed", "Content-Type: text/plain\n\n", BODY), "PGP"),
        (smime(ENCLOSED), "S/MIME"),
        (smime(element(0x30, ENVELOPED[1] + b"secret"), "application/x-pkcs7-mime; name=smime.p7m"), "S/MIME"),
        (smime(b"cut off"), "S/MIME"),
        (smime(b"cut off", NAMED), "S/MIME"),
        (multipart("mixed", WORDS, smime_part(ENCLOSED, "application/pkcs7-mime; name=smime.p7m")), "S/MIME"),
        (smime(SIGNED, "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m"), ""),
        (smime(SIGNED, NAMED), ""),
        (multipart("mixed", WORDS, smime_part(SIGNED, "application/pkcs7-mime; name=invoice.xml.p7m")), ""),
        (multipart("mixed", WORDS, smime_part(b"cut off", NAMED)), ""),
        (multipart("mixed", WORDS, f"Content-Type: application/octet-stream; name=list.pgp\n\n{ARMOURED}"), ""),
        (mail("Your page says -----BEGIN PGP MESSAGE----- and nothing more."), ""),
        (mail("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello\n"), ""),
        (mail("I agree.\n\nOn Mon, 2 Nov 2026, Paul wrote:\n> -----BEGIN PGP MESSAGE-----\n> hQEMA\n", subject="Re: Keys"), ""),
        (mail("Hello"), ""),
    ],
)
def test_a_mail_that_nobody_here_can_read_says_how_it_is_encrypted(content: bytes, encryption: str) -> None:
    assert read(content).message.encryption == encryption
