"""The import of archives: store each mail that is not stored yet, process it, and report the progress.

A batch is stored and processed before the next one, so that live mail never waits behind a whole archive. If a run ends
early, the next run goes on: mails that are stored already are recognised by their octets.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from helpdesk.gateway.doors.archive import ArchivedMail
from helpdesk.gateway.work.mail import Mails
from helpdesk.gateway.work.worker import Worker
from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database
from helpdesk.store.inbound import archived_already, outcomes_of, store_raw
from helpdesk.store.turns import ARCHIVE
from helpdesk.threading.model.mail import Disposition, RawMessage

BATCH = 200
BATCH_BYTES = 32 * 1024 * 1024


@dataclass
class Progress:
    """How far an import is. `outcomes` counts the mails of this run; `already` counts mails that were stored before."""

    total: int
    read: int = 0
    already: int = 0
    stored: int = 0
    too_large: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Mails a second."""
        return self.read / self.seconds if self.seconds else 0.0

    @property
    def remaining(self) -> timedelta:
        return timedelta(seconds=round((self.total - self.read) / self.rate)) if self.rate else timedelta(0)


@dataclass(frozen=True, slots=True)
class Importer:
    """Import mails. Conversations with mail since `open_since` stay open; `stopping` is asked after each batch."""

    database: Database
    blobs: BlobStore
    threshold: int
    worker: Worker
    clock: Callable[[], datetime]
    open_since: datetime | None
    stopping: Callable[[], bool]

    def run(self, mails: Iterable[ArchivedMail], total: int, tell: Callable[[Progress], None]) -> Progress:
        """Import all mails, or stop early where `stopping` says so. `tell` is called after each batch. Raise DatabaseAway or
        OSError.
        """
        progress, started_at = Progress(total), time.monotonic()
        for batch in _batches(mails):
            self._take(batch, progress)
            progress.read += len(batch)
            progress.seconds = time.monotonic() - started_at
            tell(progress)
            if self.stopping():
                break
        return progress

    def _take(self, batch: list[ArchivedMail], progress: Progress) -> None:
        progress.too_large.extend(mail.place for mail in batch if mail.content is None)
        new = {mail.content: mail for mail in batch if mail.content is not None}
        twice = sum(mail.content is not None for mail in batch) - len(new)
        with self.database.reading() as connection:
            known = archived_already(connection, list(new))
        raws = [self._raw(content, mail.sent_at) for content, mail in new.items() if content not in known]
        progress.already += len(known) + twice
        progress.stored += len(raws)
        ids = store_raw(self.database, self.blobs, self.threshold, raws, self.clock())
        self.worker.work(only=Mails)
        with self.database.reading() as connection:
            progress.outcomes.update({state.value: count for state, count in outcomes_of(connection, ids).items()})

    def _raw(self, content: bytes, sent_at: datetime) -> RawMessage:
        recent = self.open_since is not None and sent_at >= self.open_since
        return RawMessage(ARCHIVE, None, content, sent_at, recent=recent)


def summary(progress: Progress) -> dict[str, object]:
    """The outcome of an import under the names of the JSON contract."""
    return {
        "found": progress.total,
        "read": progress.read,
        "already": progress.already,
        "stored": progress.stored,
        "too_large": len(progress.too_large),
        **{state.value: progress.outcomes[state.value] for state in Disposition},
        "seconds": round(progress.seconds, 1),
        "mails_per_second": round(progress.rate, 1),
    }


def _batches(mails: Iterable[ArchivedMail]) -> Iterator[list[ArchivedMail]]:
    batch: list[ArchivedMail] = []
    size = 0
    for mail in mails:
        batch.append(mail)
        size += len(mail.content or b"")
        if len(batch) >= BATCH or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
