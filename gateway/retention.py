"""One pass of retention: everything that has been kept for its time goes, in small steps.

Any number of passes may run at once, and any of them may be interrupted. Each begins anew with what is oldest.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from helpdesk.config.conduct import Retention
from helpdesk.store.blob_uses import discard_unused
from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database
from helpdesk.store.legal_hold import LegalHold
from helpdesk.store.retention import (
    Purged,
    PurgeStep,
    count_purged,
    delete_files,
    delete_loose,
    delete_tickets,
    empty_letters,
    empty_mails,
)

FIRST = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_ID = 0


def purge(
    database: Database,
    blobs: BlobStore,
    policy: Retention,
    now: datetime,
    *,
    unused_too: bool = False,
    stopping: Callable[[], bool] = lambda: False,
) -> dict[str, int]:
    """Take all that is over by now, and return how much of each kind was taken. Raises OSError or DatabaseAway; what was taken stays taken.

    Contents of the blob store that nothing needs go with it where anything has a span, or with `unused_too`.
    """
    hold = LegalHold(policy.legal_hold)
    mail, files, letters, tickets = (
        _before(now, span) for span in (policy.raw_mail, policy.mail_with_files, policy.letters, policy.closed_tickets)
    )
    taken: dict[str, int] = {}

    def run(kind: Purged, first: Any, step: Callable[[Any], PurgeStep]) -> None:
        after = first
        while after is not None and not stopping():
            done = step(after)
            after = done.last
            if done.taken:
                taken[kind] = taken.get(kind, 0) + done.taken

    if tickets is not None:
        run(Purged.TICKET, (FIRST, FIRST_ID), lambda after: delete_tickets(database, after, tickets, hold, now))
        run(Purged.LOOSE, FIRST_ID, lambda after: delete_loose(database, after, tickets, hold, now))
    if mail is not None or files is not None:
        run(Purged.MAIL, FIRST_ID, lambda after: empty_mails(database, after, mail, files, hold, now))
    if letters is not None:
        run(Purged.LETTER, FIRST_ID, lambda after: empty_letters(database, after, letters, hold, now))
    if files is not None:
        run(Purged.FILE, (FIRST, ""), lambda after: delete_files(database, after, files, hold, now))
    if (tickets or mail or files or letters or unused_too) and not stopping():
        discarded = discard_unused(database, blobs, blobs.names(), now, files_before=files)
        count_purged(database, Purged.BLOB, discarded, now)
        taken |= {Purged.BLOB: discarded} if discarded else {}
    return taken


def _before(now: datetime, span: timedelta | None) -> datetime | None:
    return None if span is None else now - span
