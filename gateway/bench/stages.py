"""The steps of processing, one after another in one process, to show where the time goes."""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from helpdesk.gateway.bench.folder import Folder
from helpdesk.gateway.bench.measure import Measure, Stopwatch, cpu_of
from helpdesk.gateway.bench.workload import Mail
from helpdesk.gateway.reader import Reader
from helpdesk.gateway.work.desk import desk_of
from helpdesk.gateway.work.item import WorkItem
from helpdesk.gateway.work.mail import mail_item
from helpdesk.gateway.work.spine import decide, outcome_of
from helpdesk.store.blobs import BlobStore
from helpdesk.store.inbound import store_raw
from helpdesk.store.known import look_up_many
from helpdesk.store.mail_claims import ClaimedMail, claim_mail
from helpdesk.store.record import record_all
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.model.mail import Envelope, RawMessage
from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.fields import split_header
from helpdesk.threading.reading.mime import structure
from helpdesk.threading.reading.outline import outline_of

BATCH = 50
WARM_UP = 4  # one mail in 4 is processed first and not counted, so that one-time work such as compiling templates is not measured
BATCH_BYTES = 64 * 1024 * 1024
LEASE = timedelta(minutes=5)
STEPS = ("store raw", "claim", "gather", "look up", "match and decide", "compose", "record")


def measure_reading(mails: Sequence[Mail]) -> list[Measure]:
    """Measure the bare MIME parser, the whole reading of a mail, and the same in a child process."""
    return [
        _each("parse the MIME tree (bare mail-parser)", mails, _bare),
        _each("read", mails, read),
        _in_child("read, in a child process", mails),
    ]


def _each(name: str, mails: Sequence[Mail], step: Callable[[bytes], object], watch: Stopwatch | None = None) -> Measure:
    for mail in mails[: len(mails) // WARM_UP]:
        step(mail.content)
    watch = watch or Stopwatch()
    with watch:
        for mail in mails:
            step(mail.content)
    return watch.measure(name, len(mails))


def _bare(content: bytes) -> object:
    return structure(outline_of(split_header(content), content))


def _in_child(name: str, mails: Sequence[Mail]) -> Measure:
    with Reader(1) as reader:
        return _each(name, mails, reader.read, Stopwatch(partial(cpu_of, os.getpid())))


class Steps:
    """Take mails from the store to their recorded effects, as a worker does, with a stopwatch for each step."""

    def __init__(self, folder: Folder) -> None:
        settings = folder.configuration.settings.database
        self._database = folder.database
        self._blobs = BlobStore(Path(settings.blobs))
        self._threshold = settings.blob_threshold
        self._desk = desk_of(folder.configuration, "steps")
        self._watches: dict[str, Stopwatch] = {}

    def take(self, mails: Sequence[Mail]) -> list[Measure]:
        """Process all mails in batches. Nothing else may use this store meanwhile."""
        first = len(mails) // WARM_UP
        self._take(mails[:first])
        return self._take(mails[first:])

    def _take(self, mails: Sequence[Mail]) -> list[Measure]:
        self._watches = {name: Stopwatch() for name in STEPS}
        for at in range(0, len(mails), BATCH):
            self._store(mails[at : at + BATCH])
        while claimed := self._claim():
            self._batch(claimed)
        return [watch.measure(name, len(mails)) for name, watch in self._watches.items()]

    def _store(self, mails: Sequence[Mail]) -> None:
        raws = [
            RawMessage("smtp", Envelope(mail.reverse_path, (mail.recipient,)), mail.content, _now(), "127.0.0.1")
            for mail in mails
        ]
        with self._watches["store raw"]:
            store_raw(self._database, self._blobs, self._threshold, raws, _now())

    def _claim(self) -> list[ClaimedMail]:
        with self._watches["claim"]:
            return claim_mail(self._database, self._blobs, _now(), limit=BATCH, lease=LEASE, max_bytes=BATCH_BYTES)

    def _batch(self, claimed: Sequence[ClaimedMail]) -> None:
        readings = [read(mail.raw.content) for mail in claimed]
        with self._watches["gather"]:
            waiting: Sequence[WorkItem] = [
                mail_item(mail, reading, self._desk) for mail, reading in zip(claimed, readings, strict=True)
            ]
        while waiting:
            waiting = self._round(waiting)

    def _round(self, waiting: Sequence[WorkItem]) -> list[WorkItem]:
        """Process all mails about different tickets in one transaction. Return the others, which wait for the next round."""
        with self._watches["look up"], self._database.reading() as connection:
            known = look_up_many(connection, [item.question() for item in waiting], self._desk.policy, _now())
        with self._watches["match and decide"]:
            decisions = [decide(item, answer, self._desk, _now()) for item, answer in zip(waiting, known, strict=True)]
        now, later = _one_for_each_ticket(waiting, decisions)
        with self._watches["compose"]:
            outcomes = [outcome_of(item, decision, self._desk, _now()) for item, decision in now]
        with self._watches["record"]:
            record_all(self._database, outcomes)
        return later


def _one_for_each_ticket(
    waiting: Sequence[WorkItem], decisions: Sequence[Decision]
) -> tuple[list[tuple[WorkItem, Decision]], list[WorkItem]]:
    now: dict[int | str, tuple[WorkItem, Decision]] = {}
    later = []
    for item, decision in zip(waiting, decisions, strict=True):
        key = decision.ticket.id if decision.ticket else str(item.cause)
        if key in now:
            later.append(item)
        else:
            now[key] = (item, decision)
    return list(now.values()), later


def _now() -> datetime:
    return datetime.now(UTC)
