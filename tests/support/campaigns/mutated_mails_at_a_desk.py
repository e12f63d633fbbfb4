"""Mutated mails through a whole desk: each is kept as it came and is decided at the first attempt."""

import tempfile
from collections import Counter
from pathlib import Path

from support.desk.story import SUPPORT, StoryDesk, configured, direct_desk
from support.mails.mutated_mails import mail_of

from helpdesk.gateway.reader import Reader
from helpdesk.store.inbound import content_of, list_inbound
from helpdesk.threading.model.mail import Disposition

AT_ONCE = 50
UNFINISHED = (Disposition.PENDING, Disposition.QUARANTINED)


def run(seed: int, count: int) -> str:
    """Take `count` mutated mails through a desk of their own."""
    with tempfile.TemporaryDirectory() as folder, Reader() as reader, direct_desk(configured(Path(folder)), reader) as desk:
        return take_through_desk(desk, seed, count)


def take_through_desk(desk: StoryDesk, seed: int, count: int) -> str:
    """Raises AssertionError with the mails that were changed, lost, or not decided at the first attempt."""
    for number in range(count):
        desk.deliver("anna@acme.example", [SUPPORT], mail_of(seed, number), "127.0.0.1")
        if number % AT_ONCE == AT_ONCE - 1:
            desk.settle()
    desk.settle()
    with desk.database.reading() as connection:
        stored = list_inbound(connection, limit=count + 1)
        kept = Counter(content_of(connection, desk.node.blobs, mail.id) for mail in stored)
    lost = [number for number in range(count) if not kept[mail_of(seed, number)]]
    assert not lost and kept.total() == count, f"mails {lost} of seed {seed} are not kept as they came"
    stuck = [(mail.id, mail.last_error) for mail in stored if mail.state in UNFINISHED or mail.attempts > 1]
    assert not stuck, f"mails of seed {seed} were not decided at the first attempt: {stuck}"
    assert all(mail.decision["reason"] for mail in stored)
    return f"{count} mails, {len(desk.tickets())} tickets"
