"""Recorded mails that are decided differently today."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from helpdesk.gateway.replaying.scratch_desk import ScratchDesk, TicketNames, effects_in
from helpdesk.gateway.work.desk import Desk
from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.blobs import BlobDamaged, BlobStore
from helpdesk.store.database import Database
from helpdesk.store.directory.listing import Transaction
from helpdesk.store.inbound import content_of
from helpdesk.store.scratch import copy_before, mails_since, names_of_ticket, row_of_mail
from helpdesk.threading.model.mail import Disposition

Progress = Callable[[int, int], None]  # how many of how many mails have been decided again


@dataclass(frozen=True, slots=True)
class Difference:
    """A mail with what was decided about it and what would be decided today. `fields` names what differs."""

    inbound: int
    message_id: str | None
    received_at: datetime
    fields: tuple[str, ...]
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(slots=True)
class ReplayCounts:
    """How many mails were decided again, were decided differently, and could not be decided again because their content is gone."""

    decided: int = 0
    changed: int = 0
    gone: int = 0


def replay_mails(
    database: Database,
    blobs: BlobStore,
    desk: Desk,
    reader: MailReader,
    folder: Path,
    since: datetime,
    counts: ReplayCounts,
    progress: Progress,
) -> Iterator[Difference]:
    """Decide the mails since a moment again in a scratch database in `folder`, and return those that are decided differently.

    `database` is only read.
    """
    with closing(ScratchDesk(folder, desk, reader)) as scratch:
        with database.reading() as source, scratch.database.writing() as target:
            copy_before(source, target, since)
            numbers = list(mails_since(source, since))
        for place, number in enumerate(numbers, 1):
            difference = _replay(number, database, blobs, scratch, counts)
            if difference is not None:
                counts.changed += 1
                yield difference
            progress(place, len(numbers))


def _replay(number: int, database: Database, blobs: BlobStore, scratch: ScratchDesk, counts: ReplayCounts) -> Difference | None:
    before = effects_in(database, number)
    with database.reading() as source:
        row, content = row_of_mail(source, number), _content(source, blobs, number)
        opened = before["disposition"] == Disposition.OPENED and row["ticket_id"] is not None
        opens = TicketNames(row["ticket_id"], *names_of_ticket(source, row["ticket_id"])) if opened else None
    if content is None or len(content) != row["size"]:
        counts.gone += 1
        return None
    after = scratch.decide(row, content, opens)
    counts.decided += 1
    fields = tuple(name for name in before if before[name] != after[name])
    return Difference(number, row["message_id"], row["received_at"], fields, before, after) if fields else None


def _content(source: Transaction, blobs: BlobStore, number: int) -> bytes | None:
    try:
        return content_of(source, blobs, number)
    except (OSError, BlobDamaged):
        return None
