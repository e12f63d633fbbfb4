"""Mutated mails through the whole desk: each is kept as it came and comes to its end at the first attempt.

`run(seed, count)` is the campaign; the test runs a small slice of it.
"""

import tempfile
from collections import Counter
from pathlib import Path

import pytest
from support.desk.story import SUPPORT, StoryDesk, configured, direct_desk
from support.mails.mutated_mails import mail_of

from helpdesk.gateway.reader import Reader
from helpdesk.store.inbound import content_of, list_inbound
from helpdesk.threading.model.mail import Disposition

AT_ONCE = 50
NOT_AN_END = (Disposition.PENDING, Disposition.QUARANTINED)


def run(seed: int, count: int) -> str:
    """Raises AssertionError with the mails that were changed or lost, or came to no end."""
    with tempfile.TemporaryDirectory() as folder, Reader() as reader, direct_desk(configured(Path(folder)), reader) as desk:
        return went_through(desk, seed, count)


def went_through(desk: StoryDesk, seed: int, count: int) -> str:
    for number in range(count):
        desk.deliver("anna@acme.example", [SUPPORT], mail_of(seed, number), "127.0.0.1")
        if number % AT_ONCE == AT_ONCE - 1:
            desk.settle()
    desk.settle()
    with desk.database.reading() as connection:
        stored = list_inbound(connection, limit=count + 1)
        kept = Counter(content_of(connection, desk.node.blobs, one.id) for one in stored)
    lost = [number for number in range(count) if not kept[mail_of(seed, number)]]
    assert not lost and kept.total() == count, f"mails {lost} of seed {seed} are not kept as they came"
    stuck = [(one.id, one.last_error) for one in stored if one.state in NOT_AN_END or one.attempts > 1]
    assert not stuck, f"of seed {seed} these came to no end: {stuck}"
    assert all(one.decision["reason"] for one in stored)
    return f"{count} mails, {len(desk.tickets())} tickets"


@pytest.mark.parametrize("seed", [1, 2])
def test_mutated_mails_are_kept_and_decided(desk: StoryDesk, seed: int) -> None:
    went_through(desk, seed, 100)
