"""The store's outbox as one sender uses it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from helpdesk.gateway.delivery.watermark import Watermark
from helpdesk.gateway.observe import Log
from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database
from helpdesk.store.hold import has_letters, hold_letters, newest_attempt
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

WENT_BACK = "the database knows less than this node has seen of it: a backup was restored, or a server lost its last commits"

log = Log("helpdesk.outbox")


class Outbox:
    """Claims under leases of one length. All calls block.

    With a `watermark` no letter goes out from a database that has gone back in time, until somebody has looked: it would send again what
    has gone already. `blobs` has files of letters; without it, those that have none go out.
    """

    def __init__(
        self, database: Database, lease: timedelta, watermark: Watermark | None = None, blobs: BlobStore | None = None
    ) -> None:
        self._database = database
        self._lease = lease
        self._watermark = watermark
        self._blobs = blobs
        self._doubtful: int | None = None

    def claim(self, now: datetime, limit: int) -> list[ClaimedLetter]:
        """A claim of whose commit nobody learnt is let go of before the next one; it would wait for the end of its lease."""
        self.look_back(now)
        if self._doubtful is not None:
            release_letters(self._database, self._doubtful, now)
        self._doubtful = token = new_token()
        letters = claim_letters(self._database, now, limit=limit, lease=self._lease, token=token, blobs=self._blobs)
        self._doubtful = None
        return letters

    def look_back(self, now: datetime) -> None:
        """Hold all letters where the database has gone back in time. One that has no letter at all is a new one."""
        if self._watermark is None:
            return
        with self._database.reading() as connection:
            newest, any_letter = newest_attempt(connection), has_letters(connection)
        if self._watermark.went_back(newest) and any_letter and hold_letters(self._database, WENT_BACK, now):
            log.error("letters.held", reason=WENT_BACK, do="see what has gone already, then run: helpdesk outbox release")

    def settle(self, settled: Sequence[tuple[ClaimedLetter, SendOutcome]], now: datetime) -> list[bool]:
        return settle_all(self._database, settled, now)

    def give_back(self, claimed: Sequence[ClaimedLetter], due: datetime) -> int:
        return give_back_letters(self._database, claimed, due)

    def give_up(self, created_before: datetime, reply: str, now: datetime) -> int:
        return give_up_letters(self._database, created_before, reply, now)
