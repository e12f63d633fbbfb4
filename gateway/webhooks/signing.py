"""Signatures of webhooks (Standard Webhooks 1.0.0): HMAC-SHA-256 over id, time and the octets that are posted."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64  # octets of a secret
MOST = 2  # secrets that sign at once


class UnusableSecret(Exception):
    """The file of a webhook's secret cannot be read, or holds something else. The text says where and what to do."""


def read_secrets(file: Path) -> tuple[bytes, ...]:
    """The secrets of a webhook, one a line. Raises UnusableSecret."""
    try:
        lines = [line.strip() for line in file.read_text("ascii").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as fault:
        raise UnusableSecret(f"{file}: cannot be read as text: {fault}") from None
    if not 1 <= len(lines) <= MOST:
        raise UnusableSecret(f"{file}: write one secret a line, and two while you change it; there are {len(lines)} lines")
    return tuple(_secret(file, number, line) for number, line in enumerate(lines, 1))


def signature_fields(secrets: Sequence[bytes], event: str, at: datetime, body: bytes) -> dict[str, str]:
    """The header fields of one attempt. The time is that of the attempt, so that a receiver can refuse what is old."""
    second = str(int(at.timestamp()))
    signed = f"{event}.{second}.".encode() + body
    signatures = [base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode() for secret in secrets]
    return {
        "webhook-id": event,
        "webhook-timestamp": second,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def _secret(file: Path, number: int, line: str) -> bytes:
    try:
        secret = base64.b64decode(line.removeprefix(PREFIX), validate=True) if line.startswith(PREFIX) else b""
    except ValueError:
        secret = b""
    if not SHORTEST <= len(secret) <= LONGEST:
        wanted = f"{PREFIX} and {SHORTEST} to {LONGEST} octets in base64"
        raise UnusableSecret(f"{file}, line {number}: write {wanted}, such as from `openssl rand -base64 32`")
    return secret
