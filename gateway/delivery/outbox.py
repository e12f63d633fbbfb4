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
    settle_all,
)


class Outbox:
    """Claims under leases of one length. All calls block."""

    def __init__(self, database: Database, lease: timedelta) -> None:
        self._database = database
        self._lease = lease

    def claim(self, now: datetime, limit: int) -> list[ClaimedLetter]:
        return claim_letters(self._database, now, limit=limit, lease=self._lease)

    def settle(self, settled: Sequence[tuple[ClaimedLetter, SendOutcome]], now: datetime) -> list[bool]:
        return settle_all(self._database, settled, now)

    def give_back(self, claimed: Sequence[ClaimedLetter], due: datetime) -> int:
        return give_back_letters(self._database, claimed, due)

    def give_up(self, created_before: datetime, reply: str, now: datetime) -> int:
        return give_up_letters(self._database, created_before, reply, now)
