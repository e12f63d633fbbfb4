"""The store's outbox as one sender uses it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from helpdesk.store.database import Database
from helpdesk.store.outbox import (
    ClaimedLetter,
    SendOutcome,
    claim_letters,
    give_back_letters,
    give_up_letters,
    new_token,
    release_letters,
    settle_all,
)


class Outbox:
    """Claims under leases of one length. All calls block."""

    def __init__(self, database: Database, lease: timedelta) -> None:
        self._database = database
        self._lease = lease
        self._doubtful: int | None = None

    def claim(self, now: datetime, limit: int) -> list[ClaimedLetter]:
        """A claim of whose commit nobody learnt is let go of before the next one; it would wait for the end of its lease."""
        if self._doubtful is not None:
            release_letters(self._database, self._doubtful, now)
        self._doubtful = token = new_token()
        letters = claim_letters(self._database, now, limit=limit, lease=self._lease, token=token)
        self._doubtful = None
        return letters

    def settle(self, settled: Sequence[tuple[ClaimedLetter, SendOutcome]], now: datetime) -> list[bool]:
        return settle_all(self._database, settled, now)

    def give_back(self, claimed: Sequence[ClaimedLetter], due: datetime) -> int:
        return give_back_letters(self._database, claimed, due)

    def give_up(self, created_before: datetime, reply: str, now: datetime) -> int:
        return give_up_letters(self._database, created_before, reply, now)
