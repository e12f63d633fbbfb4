"""The mark in each form by which it is known again: when it was made, and that it was made here.

A program that sends forms without having read the page has no mark, and one that answers at once is faster than anybody can type.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum

FASTEST = timedelta(seconds=3)
LIFE = timedelta(hours=12)
SEALED = 32  # octets of the hash


class Freshness(StrEnum):
    """How a mark stands to the time at which its form is sent."""

    GOOD = "good"
    EARLY = "early"
    LATE = "late"
    FOREIGN = "foreign"


class FormSeal:
    """Makes marks, and tells them. All nodes of a desk have the same secret, so that each takes the forms of the others.

    `secret` is asked once, with the first form: the process itself holds no key of the desk.
    """

    def __init__(self, secret: Callable[[], bytes]) -> None:
        self._ask_secret = secret
        self._secret = b""

    def mark(self, now: datetime) -> str:
        """A new mark: the time in seconds, something unique, and the seal on both."""
        words = f"{int(now.timestamp())}.{secrets.token_hex(12)}"
        return f"{words}.{self._seal(words)}"

    def freshness(self, mark: str, now: datetime) -> Freshness:
        """Whether a form with this mark can be taken."""
        words, _, seal = mark[:200].rpartition(".")
        if not hmac.compare_digest(self._seal(words).encode(), seal.encode("utf-8", "replace")):
            return Freshness.FOREIGN
        age = now - datetime.fromtimestamp(int(words.partition(".")[0]), UTC)
        return Freshness.EARLY if age < FASTEST else Freshness.LATE if age > LIFE else Freshness.GOOD

    def _seal(self, words: str) -> str:
        self._secret = self._secret or hmac.new(self._ask_secret(), b"request form", hashlib.sha256).digest()
        return hmac.new(self._secret, words.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:SEALED]
