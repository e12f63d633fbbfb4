"""Brings archives in: stores each mail that is not stored yet, works it off, and says how far it is.

A batch is stored and worked off before the next one, so that live mail never waits behind a whole archive. Whatever ends a run, the next
one goes on: what is stored already is recognised octet for octet.
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
    """How far an import is. Dispositions count the mails of this run; `already` are those of earlier ones."""

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
    """`open_since` is the moment from which on a conversation is still to be worked on; `stopping` is asked after each batch."""

    database: Database
    blobs: BlobStore
    threshold: int
    worker: Worker
    clock: Callable[[], datetime]
    open_since: datetime | None
    stopping: Callable[[], bool]

    def run(self, mails: Iterable[ArchivedMail], total: int, tell: Callable[[Progress], None]) -> Progress:
        """All of them, or until it is to stop. `tell` is called after each batch. Raises DatabaseAway or OSError."""
        progress, begun = Progress(total), time.monotonic()
        for batch in _batches(mails):
            self._take(batch, progress)
            progress.read += len(batch)
            progress.seconds = time.monotonic() - begun
            tell(progress)
            if self.stopping():
                break
        return progress

    def _take(self, batch: list[ArchivedMail], progress: Progress) -> None:
        progress.too_large.extend(one.place for one in batch if one.content is None)
        new = {one.content: one for one in batch if one.content is not None}
        twice = sum(one.content is not None for one in batch) - len(new)
        with self.database.reading() as connection:
            known = archived_already(connection, list(new))
        raws = [self._raw(content, one.sent_at) for content, one in new.items() if content not in known]
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
    """What became of it, by the names of the command's JSON."""
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
    for one in mails:
        batch.append(one)
        size += len(one.content or b"")
        if len(batch) >= BATCH or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
