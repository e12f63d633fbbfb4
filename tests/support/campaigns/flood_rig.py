"""A flood of mail that proves nobody, in front of two mails that are proved: how long a customer and a colleague wait for their letters.

The flood has as many names as mails, so that no fairness among senders helps; half of it is in the names of the two. All of it waits in the
store when the proved mails come.
"""

import asyncio
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from support.desk.story import StoryDesk, configured, direct_desk

from helpdesk.gateway.reader import Reader
from helpdesk.gateway.work.mail import Mails
from helpdesk.store.inbound import pending_count, store_raw
from helpdesk.store.outbox import list_letters
from helpdesk.store.schema import outbox
from helpdesk.threading.model.mail import Envelope, RawMessage
from helpdesk.threading.model.notice import Notice

STRANGE = "203.0.113.9"
NAMES = ("anna@acme.example", "omar@desk.example", "a{}@firm{}.example", "b{}@freemail.example")
LONGEST = 10.0  # seconds until a proved author has the letter


@dataclass
class Figures:
    """Seconds from the moment at which the proved mails are stored, and what the letters of the first minute were."""

    flood: int
    waiting: int
    confirmation: float = 0.0
    held: float = 0.0
    whole: float = 0.0
    letters: Counter[str] | None = None


def measured(folder: Path, count: int, *, to_the_end: bool = True) -> Figures:
    with Reader() as reader, direct_desk(configured(folder), reader) as desk:
        anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
        anna.writes("Printer", "It jams.")
        anna.replies(Notice.CONFIRMATION, "And it burns.")
        _flood(desk, count)
        desk.now = datetime.now(UTC)
        desk.settle, settle = lambda: None, desk.settle  # type: ignore[method-assign]
        omar.replies(Notice.NEW_TICKET, "Open flap B.")
        anna.writes("Everything is down", "Since nine.")
        begin = time.monotonic()
        with desk.database.reading() as connection:
            figures = Figures(count, pending_count(connection))
        while not (figures.confirmation and figures.held):
            _step(desk)
            waited = time.monotonic() - begin
            figures.confirmation = figures.confirmation or waited * _has(
                desk, anna.address, Notice.CONFIRMATION, "Everything is down"
            )
            figures.held = figures.held or waited * _has(desk, omar.address, Notice.HELD, "Printer")
        if to_the_end:
            settle()
            figures.whole = time.monotonic() - begin
            with desk.database.reading() as connection:
                rows = connection.execute(select(outbox.c.audience, outbox.c.notice, outbox.c.state)).all()
            figures.letters = Counter(f"{row.audience} {row.notice} {row.state}" for row in rows)
        return figures


def _flood(desk: StoryDesk, count: int) -> None:
    settings = desk.node.configuration.settings.database
    mails = []
    for number in range(count):
        author = NAMES[number % 4].format(number, number)
        head = f"From: {author}\r\nTo: help@support.example.com\r\nSubject: Offer {number}\r\nMessage-ID: <{number}@flood.example>\r\n"
        content = f"{head}\r\nBuy number {number} now, word{number * 7919 % 9973} word{number * 31 % 997}.\r\n".encode()
        envelope = Envelope(f"r{number}@firm{number}.example", ("help@support.example.com",))
        mails.append(RawMessage("smtp", envelope, content, desk.now, STRANGE))
    store_raw(desk.database, desk.node.blobs, settings.blob_threshold, mails, datetime.now(UTC))


def _step(desk: StoryDesk) -> None:
    """One batch of mails, and the letters of it."""
    desk.now = datetime.now(UTC)
    worker = desk.node.worker
    worker._work_on(next(kind for kind in worker._kinds if isinstance(kind, Mails)))
    asyncio.run(desk.node.sender.send_due())


def _has(desk: StoryDesk, address: str, notice: Notice, subject: str) -> bool:
    with desk.database.reading() as connection:
        letters = list_letters(connection, limit=2000)
    return any(
        letter.to == address and letter.notice == notice and subject in letter.subject and letter.state == "sent"
        for letter in letters
    )


def run(seed: int, count: int) -> Figures:
    """Raises where a proved author waits too long; `--count 10000` is the flood that is promised to be withstood."""
    with tempfile.TemporaryDirectory() as folder:
        figures = measured(Path(folder), count)
    print(figures)
    assert max(figures.confirmation, figures.held) <= LONGEST, figures
    return figures
