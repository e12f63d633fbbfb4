"""The outbox of the store, as one sender uses it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from helpdesk.gateway.delivery.watermark import Watermark
from helpdesk.gateway.observe import Log
from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database
from helpdesk.store.hold import hold_letters, newest_attempt
from helpdesk.store.identifiers import ClaimTokens
from helpdesk.store.outbox import (
    ClaimedLetter,
    SendOutcome,
    claim_letters,
    give_back_letters,
    give_up_letters,
    release_letters,
    settle_all,
)

WENT_BACK = (
    "the database lacks attempts that this node has made: a backup was restored, or the database server lost its last commits"
)

log = Log("helpdesk.outbox")


class Outbox:
    """Claim letters under leases of one length, and write their outcomes. All calls block.

    With a `watermark`, letters are held where the database has gone back in time, because letters that went out already
    would be sent again. An operator lets them go. `blobs` has the files of letters; without it, only letters without files
    are complete.
    """

    def __init__(
        self,
        database: Database,
        lease: timedelta,
        watermark: Watermark | None = None,
        blobs: BlobStore | None = None,
        tokens: ClaimTokens | None = None,
    ) -> None:
        self._database = database
        self._lease = lease
        self._watermark = watermark
        self._blobs = blobs
        self._tokens = tokens or ClaimTokens()
        self._doubtful: int | None = None

    def claim(self, now: datetime, limit: int) -> list[ClaimedLetter]:
        """Claim up to `limit` due letters. Raise DatabaseAway.

        If an earlier claim failed in its commit, its letters are released first: otherwise they would wait until its lease
        ends.
        """
        self.hold_if_gone_back(now)
        if self._doubtful is not None:
            release_letters(self._database, self._doubtful, now)
        self._doubtful = token = self._tokens.new()
        letters = claim_letters(self._database, now, limit=limit, lease=self._lease, token=token, blobs=self._blobs)
        self._doubtful = None
        return letters

    def hold_if_gone_back(self, now: datetime) -> None:
        """Hold all letters where the database has gone back in time. A database without any letter is a new one.

        The loss is forgotten only when the hold is written.
        """
        if self._watermark is None:
            return
        with self._database.reading() as connection:
            newest, any_letter = newest_attempt(connection)
        if self._watermark.is_ahead_of(newest) and any_letter and hold_letters(self._database, WENT_BACK, now):
            log.error("letters.held", reason=WENT_BACK, do="compare with what was delivered, then run: helpdesk outbox release")
        self._watermark.keep(newest)

    def settle(self, settled: Sequence[tuple[ClaimedLetter, SendOutcome]], now: datetime) -> list[bool]:
        """Write outcomes. False for each letter whose lease was lost."""
        return settle_all(self._database, settled, now)

    def give_back(self, claimed: Sequence[ClaimedLetter], due: datetime) -> int:
        """Release letters that were not tried; they are due again at `due`."""
        return give_back_letters(self._database, claimed, due)

    def give_up(self, created_before: datetime, reply: str, now: datetime) -> int:
        """Fail due letters that were created before that moment, and return how many."""
        return give_up_letters(self._database, created_before, reply, now)
