"""Generates identifiers: numeric keys that grow with time, and random names from which nobody can count tickets."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
RANDOM_BITS = 22
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's Base32 without I, L, O and U, which are easily misread

TOKEN_BITS = 63  # what a signed column of 64 bits holds


def new_id(now: datetime) -> int:
    """Return a 63-bit key: milliseconds since 2025, then 22 random bits.

    Two keys of one millisecond are equal in one of four million cases; the unique key of the table detects that.
    """
    return first_id(now) | secrets.randbits(RANDOM_BITS)


def first_id(at: datetime) -> int:
    """Return the smallest key of a moment. Rows created later have greater keys."""
    return max(int((at - EPOCH).total_seconds() * 1000), 0) << RANDOM_BITS


def new_ids(now: datetime) -> Iterator[int]:
    """Generate any number of keys, each larger than the one before."""
    last = 0
    while True:
        last = max(new_id(now), last + 1)
        yield last


def new_reference(prefix: str, length: int = 6) -> str:
    """Return the public name of a new ticket, such as `ACZ-K7Q2M9`. It is random, so it does not tell how many tickets there are."""
    return f"{prefix}-" + "".join(secrets.choice(CROCKFORD) for _ in range(length))


def new_thread_key() -> str:
    """Return the name of a new conversation in the platform inbox."""
    return secrets.token_hex(16)


def new_token() -> int:
    """A fencing token that was never used: a claim writes it, and a result is recorded only where it still stands."""
    return secrets.randbits(TOKEN_BITS)
