"""Sign our own letters, with every key of the desk, once, when a letter is composed (DKIM: RFC 6376, RFC 8463). Knows
dkimpy.
"""

import base64
import binascii
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import dkim
from dkim.crypto import UnparsableKeyError, parse_pem_private_key

from helpdesk.config.settings import Dkim

# Signed once more often than they occur, so that nobody can add another field of that name (RFC 6376 §8.15).
OVERSIGNED = (
    b"from",
    b"to",
    b"subject",
    b"date",
    b"message-id",
    b"reply-to",
    b"auto-submitted",
    b"list-unsubscribe",
)
SIGNED = (b"in-reply-to", b"references", b"mime-version", b"content-type", b"content-transfer-encoding")
SEED = 32  # octets of an ed25519 private key
RELAXED = (b"relaxed", b"relaxed")
SILENT = logging.getLogger("helpdesk.dkimpy")


class UnusableKey(Exception):
    """The file of a signing key has no usable key. The text is one sentence."""


@dataclass(frozen=True, slots=True)
class _Key:
    selector: bytes
    domain: bytes
    algorithm: bytes
    private: bytes


class Signer:
    """Sign letters with all keys of the desk. Raise UnusableKey for a file without a usable key, OSError for one that cannot
    be read.
    """

    def __init__(self, keys: Sequence[Dkim]) -> None:
        self._keys = tuple(_read_key(key) for key in keys)

    def sign(self, letter: bytes) -> bytes:
        """The letter with one DKIM-Signature field for each key above it."""
        return b"".join(_signature(key, letter) for key in self._keys) + letter


def _signature(key: _Key, letter: bytes) -> bytes:
    mail = dkim.DKIM(letter, logger=SILENT, signature_algorithm=key.algorithm)
    present = [name.lower() for name, _ in mail.headers]
    covered = [name for name in (*OVERSIGNED, *SIGNED) for _ in range(present.count(name) + (name in OVERSIGNED))]
    field: bytes = mail.sign(key.selector, key.domain, key.private, canonicalize=RELAXED, include_headers=covered)
    return field


def _read_key(key: Dkim) -> _Key:
    text = Path(key.key_file).read_bytes().replace(b"\r\n", b"\n").strip() + b"\n"
    algorithm = b"rsa-sha256" if text.startswith(b"-----BEGIN") else b"ed25519-sha256"
    if not (_is_rsa(text) if algorithm == b"rsa-sha256" else _is_seed(text)):
        raise UnusableKey(f"{key.key_file} holds no key to sign with; `helpdesk dkim key` makes one")
    return _Key(key.selector.encode(), key.domain.encode(), algorithm, text)


def _is_rsa(text: bytes) -> bool:
    try:
        return bool(parse_pem_private_key(text)["modulus"].bit_length() >= 1024)
    except (UnparsableKeyError, ValueError, IndexError, KeyError):
        return False


def _is_seed(text: bytes) -> bool:
    try:
        return len(base64.b64decode(text.strip(), validate=True)) == SEED
    except binascii.Error:
        return False
