"""Mail with DKIM signatures and ARC seals whose keys are made for the test, and published in its own DNS."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from types import SimpleNamespace
from unittest.mock import patch

import dkim
from support.servers.dns_server import Zone

from helpdesk.gateway.origin.keys import SigningKey, new_key, new_rsa_key

COVERED = (b"from", b"to", b"subject", b"date", b"message-id")


def key_of(kind: str, which: int = 0) -> SigningKey:
    """A key of this run; another one for another number. `rsa768` is too short to prove anything."""
    return _made(kind, which)


@cache
def _made(kind: str, which: int) -> SigningKey:
    return new_rsa_key(768) if kind == "rsa768" else new_key(kind)


@dataclass(frozen=True)
class Stamp:
    """How one signature is made. `length` signs with l=; `algorithm` "" is the key's own; `signed_at` None is the Date of the mail.

    A story has its own clock. A signature with the time of the machine would be as old to the story as the machine's day is far from it.
    """

    domain: str
    selector: str = "s1"
    kind: str = "rsa"
    which: int = 0
    covered: Sequence[bytes] = COVERED
    length: bool = False
    algorithm: str = ""
    canonical: tuple[bytes, bytes] = (b"relaxed", b"relaxed")
    signed_at: datetime | None = None

    def publish(self, zone: Zone) -> "Stamp":
        zone.text(f"{self.selector}._domainkey.{self.domain}", key_of(self.kind, self.which).record)
        return self

    def sign(self, content: bytes) -> bytes:
        """The mail with one more signature above it."""
        algorithm = self.algorithm or ("ed25519-sha256" if self.kind == "ed25519" else "rsa-sha256")
        mail = dkim.DKIM(content, signature_algorithm=algorithm.encode())
        seconds = self.signed_at.timestamp() if self.signed_at else _seconds_of_date(content)
        clock = SimpleNamespace(time=lambda: seconds)
        with patch.object(dkim, "time", clock):  # dkimpy takes t= from the clock and has no argument for it
            field: bytes = mail.sign(
                self.selector.encode(), self.domain.encode(), key_of(self.kind, self.which).private.encode(),
                canonicalize=self.canonical, include_headers=list(self.covered), length=self.length,
            )  # fmt: skip
        return field + content

    def attached(self, content: bytes) -> bytes:
        """The same, and the signature of another mail where this one has a header that cannot be signed."""
        try:
            return self.sign(content)
        except (dkim.MessageFormatError, IndexError):
            other = self.sign(b"From: x@evil.example\r\nSubject: x\r\n\r\nHello.\r\n")
            return other.partition(b"From:")[0] + content


def _seconds_of_date(content: bytes) -> float:
    date = re.search(rb"(?im)^date: *(\S.*?)\r?$", content.partition(b"\r\n\r\n")[0])
    try:
        return parsedate_to_datetime(date[1].decode()).timestamp() if date else time.time()
    except ValueError:
        return time.time()


def seal(content: bytes, domain: str, authserv_id: str, zone: Zone, selector: str = "arc") -> bytes:
    """The mail with an ARC set that carries on what its Authentication-Results of that server say."""
    zone.text(f"{selector}._domainkey.{domain}", key_of("rsa").record)
    lines = dkim.ARC(content).sign(selector.encode(), domain.encode(), key_of("rsa").private.encode(), authserv_id.encode())
    return b"".join(lines) + content
