"""Passwords of staff who send by SMTP AUTH: scrypt (RFC 7914), stored as "scrypt$n$r$p$salt$hash" with base64 parts.

One check takes tens of milliseconds and 16 MiB on purpose. Call it outside the event loop.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from helpdesk.threading.trust.addresses import canonical

SALT_BYTES = HASH_BYTES = 16
MOST_MEMORY = 256 * 1024 * 1024  # octets of memory that checking a stored line may take
MOST_WORK = 2**22  # n x r x p of a stored line that is checked at all
LONGEST_PASSWORD = 1024
STORED = re.compile(r"scrypt\$([0-9]{1,8})\$([0-9]{1,3})\$([0-9]{1,3})\$([A-Za-z0-9+/]+={0,2})\$([A-Za-z0-9+/]+={0,2})")


@dataclass(frozen=True, slots=True)
class ScryptWork:
    """The parameters of scrypt (RFC 7914 §2): cost, block size and parallelization."""

    n: int
    r: int
    p: int

    @property
    def is_bearable(self) -> bool:
        """Whether checking a line with these parameters takes an acceptable time."""
        return self.n * self.r * self.p <= MOST_WORK


WORK = ScryptWork(2**14, 8, 5)


def hash_password(password: str) -> str:
    """The line to store for a password, with a new salt each time."""
    salt = secrets.token_bytes(SALT_BYTES)
    digest = _scrypt(password, salt, WORK, HASH_BYTES)
    return "$".join(("scrypt", str(WORK.n), str(WORK.r), str(WORK.p), _text(salt), _text(digest)))


def verify_password(password: str, stored: str) -> bool:
    """Whether the password belongs to the stored line. False also for a line of another form, or one that asks for too much
    work.

    No password has a NUL (RFC 4616 §2): scrypt takes one at the end for nothing at all.
    """
    found = STORED.fullmatch(stored)
    if not found or len(password) > LONGEST_PASSWORD or "\0" in password:
        return False
    work = ScryptWork(int(found[1]), int(found[2]), int(found[3]))
    try:
        salt, digest = base64.b64decode(found[4], validate=True), base64.b64decode(found[5], validate=True)
        if len(digest) < HASH_BYTES or not work.is_bearable:
            return False
        return hmac.compare_digest(_scrypt(password, salt, work, len(digest)), digest)
    except (ValueError, binascii.Error):
        return False


def password_prover(stored: Mapping[str, str]) -> Callable[[str, str], str | None] | None:
    """A function that gives the staff address which a user name and a password prove, or None. None where no address has a
    stored line.

    `stored` has lines by staff address. An unknown name takes as much time as a wrong password, so that names cannot be
    found out by trying.
    """
    lines = {canonical(address): line for address, line in stored.items() if line}
    if not lines:
        return None
    nobody = hash_password(secrets.token_hex())

    def prove(name: str, password: str) -> str | None:
        address = canonical(name)
        known = address in lines
        return address if verify_password(password, lines[address] if known else nobody) and known else None

    return prove


def _scrypt(password: str, salt: bytes, work: ScryptWork, size: int) -> bytes:
    secret = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt, n=work.n, r=work.r, p=work.p, maxmem=MOST_MEMORY, dklen=size)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
