"""When a certificate ends, read from its file (X.509, RFC 5280 §4.1), as the standard library does not say it of a file."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
SEQUENCE, UTC_TIME, GENERALIZED_TIME, VERSION = 0x30, 0x17, 0x18, 0xA0  # tags of DER (X.690)
LARGEST = 1024 * 1024


def not_after(file: Path) -> datetime:
    """When the first certificate of a PEM file ends. Raise OSError or ValueError."""
    with file.open("rb") as stream:
        text = stream.read(LARGEST).decode("ascii", "replace")
    begin = text.find(BEGIN)
    end = text.find(END, begin)
    if begin < 0 or end < 0:
        raise ValueError("there is no certificate in the file")
    return not_after_of(ssl.PEM_cert_to_DER_cert(text[begin : end + len(END)]))


def not_after_of(certificate: bytes) -> datetime:
    """When a certificate in DER ends. Raise ValueError."""
    try:
        [(_, signed), *_] = list(_values(_only(certificate)))
        fields = [value for tag, value in _values(signed) if tag != VERSION]
        _, _, _, validity, *_ = fields  # serial number, signature algorithm, issuer
        _, (tag, ends) = list(_values(validity))[:2]
        return _moment(tag, ends.decode("ascii"))
    except (IndexError, UnicodeDecodeError) as fault:
        raise ValueError("the certificate cannot be read") from fault


def _only(octets: bytes) -> bytes:
    [(tag, value)] = list(_values(octets))
    if tag != SEQUENCE:
        raise ValueError("the certificate cannot be read")
    return value


def _values(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """The values that stand one behind the other, each with its tag."""
    at = 0
    while at < len(octets):
        tag, length, at = octets[at], octets[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(octets[at : at + size]), at + size
        if at + length > len(octets):
            raise ValueError("the certificate is cut off")
        yield tag, octets[at : at + length]
        at += length


def _moment(tag: int, text: str) -> datetime:
    if tag == UTC_TIME:  # two digits of the year: 50 stands for 1950 (RFC 5280 §4.1.2.5.1)
        text = ("19" if int(text[:2]) >= 50 else "20") + text
    elif tag != GENERALIZED_TIME:
        raise ValueError("the certificate cannot be read")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
