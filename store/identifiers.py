"""Generates identifiers: numeric keys that grow with time, and random names from which nobody can count tickets."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Lock

EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
UNIT = timedelta(microseconds=16)
RANDOM_BITS = 16
STEP_BITS = 6  # between two keys of one moment
NEARLY_NOW = 1 << (RANDOM_BITS + 8)  # keys of four milliseconds: a moment that is repeated, not one of the past
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's Base32 without I, L, O and U, which are easily misread

TOKEN_BITS = 63  # what a signed column of 64 bits holds
OWNER_BITS = 23  # of these, for the process that claims
CLAIM_BITS = TOKEN_BITS - OWNER_BITS


class _Drawn:
    """The last key that this process has drawn, so that keys of one moment are different and in order."""

    def __init__(self) -> None:
        self._last = 0
        self._one_at_a_time = Lock()

    def next(self, now: datetime) -> int:
        drawn = first_id(now) | secrets.randbits(RANDOM_BITS)
        with self._one_at_a_time:
            if 0 <= self._last - drawn < NEARLY_NOW or drawn >> RANDOM_BITS == self._last >> RANDOM_BITS:
                drawn = self._last + 1 + secrets.randbits(STEP_BITS)
            self._last = drawn
        return drawn


_drawn = _Drawn()


def new_id(now: datetime) -> int:
    """Return a 63-bit key: units of 16 microseconds since 2025, then 16 random bits.

    Keys that one process draws are in their order. Two processes draw equal keys in one of 65,536 cases in which they do so within the same
    16 microseconds; the unique key of the table detects that. The 47 bits of time last until 2096.
    """
    return _drawn.next(now)


def first_id(at: datetime) -> int:
    """Return the smallest key of a moment. Rows created later have greater keys."""
    return max((at - EPOCH) // UNIT, 0) << RANDOM_BITS


def new_ids(now: datetime) -> Iterator[int]:
    """Generate any number of keys, each larger than the one before."""
    while True:
        yield new_id(now)


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
