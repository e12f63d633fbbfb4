"""Passwords of staff who send by SMTP AUTH: scrypt (RFC 7914), stored as "scrypt$n$r$p$salt$hash" with base64 parts.

Each check takes tens of milliseconds and 16 MiB on purpose: call it outside the event loop.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Callable, Mapping

from helpdesk.threading.trust.addresses import canonical

COST, BLOCK, LANES = 2**14, 8, 5
SALT_BYTES = HASH_BYTES = 16
MOST_MEMORY = 256 * 1024 * 1024  # bytes, and
MOST_WORK = 2**22  # cost x block x lanes: what a stored line may ask of this machine
LONGEST_PASSWORD = 1024
STORED = re.compile(r"scrypt\$([0-9]{1,8})\$([0-9]{1,3})\$([0-9]{1,3})\$([A-Za-z0-9+/]+={0,2})\$([A-Za-z0-9+/]+={0,2})")


def hashed(password: str) -> str:
    """The line to store for a password, with a new salt each time."""
    salt = secrets.token_bytes(SALT_BYTES)
    digest = _scrypt(password, salt, COST, BLOCK, LANES, HASH_BYTES)
    return "$".join(("scrypt", str(COST), str(BLOCK), str(LANES), _text(salt), _text(digest)))


def verified(password: str, stored: str) -> bool:
    """Whether the password is the stored one; False also for a line that is none of ours."""
    found = STORED.fullmatch(stored)
    if not found or len(password) > LONGEST_PASSWORD:
        return False
    cost, block, lanes = int(found[1]), int(found[2]), int(found[3])
    try:
        salt, digest = base64.b64decode(found[4], validate=True), base64.b64decode(found[5], validate=True)
        if len(digest) < HASH_BYTES or cost * block * lanes > MOST_WORK:
            return False
        return hmac.compare_digest(_scrypt(password, salt, cost, block, lanes, len(digest)), digest)
    except (ValueError, binascii.Error):
        return False


def login(stored: Mapping[str, str]) -> Callable[[str, str], str | None] | None:
    """From the stored lines by staff address: who a user name and a password prove to be. None where nobody may log in.

    An unknown name costs as much time as a wrong password, so that names cannot be tried out.
    """
    lines = {canonical(address): line for address, line in stored.items() if line}
    if not lines:
        return None
    nobody = hashed(secrets.token_hex())

    def prove(name: str, password: str) -> str | None:
        address = canonical(name)
        known = address in lines
        return address if verified(password, lines[address] if known else nobody) and known else None

    return prove


def _scrypt(password: str, salt: bytes, cost: int, block: int, lanes: int, size: int) -> bytes:
    secret = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt, n=cost, r=block, p=lanes, maxmem=MOST_MEMORY, dklen=size)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
