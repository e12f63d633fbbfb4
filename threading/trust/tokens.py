"""Reply tokens: the part of a reply address that names a ticket, a participant and a purpose, and that nobody can guess.

A token stands in the Reply-To and the Message-ID of each letter. It names its purpose, a ticket (for a bounce: a letter), a participant of
the ticket, and the ticket's version. HMAC-SHA-256, cut to 96 bits, authenticates it (RFC 2104 §5 allows half of 256 or more than 80).
The spelling is lower-case base32, because mail systems change the case of local parts. A token has at most 44 characters.

Limits: a token never expires by itself. The code that acts on it checks ticket, participant and version as they are at that time.
"""

import base64
import binascii
import hmac
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

MAC_SIZE = 12
SUBJECT_SIZE = 8
LARGEST = (1 << 21) - 1  # of participant and version: three bytes in the variable-length form
LONGEST_TOKEN = 45


class Purpose(StrEnum):
    """What mail to the address means. The value is the token's first letter."""

    REPLY = "r"
    NOTE = "n"
    BOUNCE = "b"
    SOLVED = "s"
    UNSOLVED = "k"
    UNDO = "u"
    RECEIPT = "c"
    CORRECTION = "f"
    HELD = "h"
    DIGEST = "d"
    ALLOW_ONCE = "o"
    ALLOW_ALWAYS = "a"
    ALLOW_NEVER = "x"
    GOOD = "g"
    OKAY = "y"
    BAD = "w"
    PERMIT = "p"
    REFUSE = "v"
    CONSULT = "e"


APART = frozenset({Purpose.BOUNCE, Purpose.HELD, Purpose.DIGEST})  # tokens that name no ticket
OUTSIDE = APART | {Purpose.CONSULT}  # tokens that give their holder no place in a conversation
PERMISSION = frozenset({Purpose.PERMIT, Purpose.REFUSE})  # answers to the question whether data may be changed
CONSENT = frozenset({Purpose.ALLOW_ONCE, Purpose.ALLOW_ALWAYS, Purpose.ALLOW_NEVER})
RATINGS = frozenset(
    {Purpose.GOOD, Purpose.OKAY, Purpose.BAD}
)  # answers to the question how it went, which the closing letter asks
INTERNAL = frozenset({Purpose.NOTE, Purpose.RECEIPT, Purpose.UNDO})  # mail to these addresses is for staff alone
PURPOSES = {purpose.value: purpose for purpose in Purpose}


@dataclass(frozen=True, slots=True)
class Token:
    """`subject` is the id of a ticket; for a bounce of a letter, for held mail of that mail, for a digest of the digest.

    `version` is the version of the ticket when the letter was written. For "solved" and "unsolved" it is the number of the resolution, for
    consent the number of the participant who is asked about, for permission and side conversations their number on the ticket, for held mail the number of doubts that had been overruled before.
    """

    purpose: Purpose
    subject: int
    participant: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True)
class Keyring:
    """Keys with one-letter names, newest first. The newest key signs; all keys verify."""

    keys: tuple[tuple[str, bytes], ...]

    def key(self, name: str) -> bytes | None:
        return next((key for key_name, key in self.keys if key_name == name), None)


def mint(token: Token, keyring: Keyring) -> str:
    """The token as it stands in an address."""
    name, key = keyring.keys[0]
    payload = token.subject.to_bytes(SUBJECT_SIZE, "big") + _pack(token.participant) + _pack(token.version)
    head = token.purpose.value + name
    return head + _text(payload + _mac(key, head, payload))


def verify(text: str, keyring: Keyring) -> Token | None:
    """The token that a text spells in any case; None if the text is no token, or its HMAC is wrong."""
    head, body = text[:2].lower(), text[2:].lower()
    purpose, key = PURPOSES.get(head[:1]), keyring.key(head[1:])
    signed = _bytes(body) if len(text) <= LONGEST_TOKEN else None
    if purpose is None or key is None or signed is None or len(signed) < SUBJECT_SIZE + 2 + MAC_SIZE:
        return None
    payload, mac = signed[:-MAC_SIZE], signed[-MAC_SIZE:]
    if not hmac.compare_digest(mac, _mac(key, head, payload)):
        return None
    participant, rest = _unpack(payload[SUBJECT_SIZE:])
    version, _ = _unpack(rest)
    return Token(purpose, int.from_bytes(payload[:SUBJECT_SIZE], "big"), participant, version)


def unverified_ticket(text: str) -> int | None:
    """The ticket that a text names as a token would, without a check of its HMAC; None if it is no token or names no ticket.

    It serves only the order of work. Anybody can write such a text, so it must never lead to a ticket.
    """
    purpose, signed = PURPOSES.get(text[:1].lower()), _bytes(text[2:].lower()) if len(text) <= LONGEST_TOKEN else None
    if purpose is None or purpose in APART or signed is None or len(signed) < SUBJECT_SIZE + 2 + MAC_SIZE:
        return None
    return int.from_bytes(signed[:SUBJECT_SIZE], "big")


def _mac(key: bytes, head: str, payload: bytes) -> bytes:
    return hmac.digest(key, b"helpdesk token " + head.encode() + payload, sha256)[:MAC_SIZE]


def _text(value: bytes) -> str:
    return base64.b32encode(value).decode("ascii").rstrip("=").lower()


def _bytes(text: str) -> bytes | None:
    """The bytes of a text that `_text` has written; None for any other text, so that a token has one spelling but for case."""
    try:
        value = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError):
        return None
    return value if _text(value) == text else None


def _pack(number: int) -> bytes:
    """A number in seven bits a byte; the high bit says that more bytes follow."""
    number = min(max(number, 0), LARGEST)
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _unpack(data: bytes) -> tuple[int, bytes]:
    number = 0
    for index, byte in enumerate(data):
        number |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return number, data[index + 1 :]
    return number, b""
