"""Generates identifiers: numeric keys that grow with time, and random names from which nobody can count tickets."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
RANDOM_BITS = 12
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's Base32 without I, L, O and U, which are easily misread

TOKEN_BITS = 63  # what a signed column of 64 bits holds
OWNER_BITS = 23  # of these, for the process that claims
CLAIM_BITS = TOKEN_BITS - OWNER_BITS


def new_id(now: datetime) -> int:
    """Return a 63-bit key: microseconds since 2025, then 12 random bits.

    Rows that one process writes after another are in their order, which milliseconds would not give. Two keys of one microsecond are equal in
    one of four thousand cases; the unique key of the table detects that. The microseconds last until 2096.
    """
    return first_id(now) | secrets.randbits(RANDOM_BITS)


def first_id(at: datetime) -> int:
    """Return the smallest key of a moment. Rows created later have greater keys."""
    return max((at - EPOCH) // MICROSECOND, 0) << RANDOM_BITS


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


class ClaimTokens:
    """Fencing tokens of one process: a claim writes a new one, and a result is recorded only where it still stands.

    Every token of a process begins with its `owner`, a random number, so that the claims of a process that died can be found and ended.
    """

    def __init__(self, owner: int | None = None) -> None:
        self.owner = secrets.randbits(OWNER_BITS) if owner is None else owner

    def new(self) -> int:
        return self.owner << CLAIM_BITS | secrets.randbits(CLAIM_BITS)

    def span(self) -> tuple[int, int]:
        """Return the smallest and the largest token of this process."""
        return self.owner << CLAIM_BITS, (self.owner + 1 << CLAIM_BITS) - 1


def new_token() -> int:
    """Return a fencing token that was never used, of a process that makes no other claim."""
    return ClaimTokens().new()
