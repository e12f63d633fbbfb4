"""Identifiers drawn at the edge: numbers that grow with time, and names that cannot be counted."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
RANDOM_BITS = 22
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: nothing to misread


def new_id(now: datetime) -> int:
    """A 63-bit key: milliseconds since 2025, then random bits. Two in one millisecond meet once in four million pairs,
    and a unique key catches them."""
    return first_id(now) | secrets.randbits(RANDOM_BITS)


def first_id(at: datetime) -> int:
    """The least key of that moment: rows from then on have greater ones."""
    return max(int((at - EPOCH).total_seconds() * 1000), 0) << RANDOM_BITS


def new_ids(now: datetime) -> Iterator[int]:
    """As many keys as are wanted, each larger than the one before."""
    last = 0
    while True:
        last = max(new_id(now), last + 1)
        yield last


def new_reference(prefix: str, length: int = 6) -> str:
    """A ticket's public name, `ACZ-K7Q2M9`: random, so nobody can count tickets by it."""
    return f"{prefix}-" + "".join(secrets.choice(CROCKFORD) for _ in range(length))


def new_thread_key() -> str:
    """A conversation's name in the platform inbox."""
    return secrets.token_hex(16)
