"""Two claims at the same moment on PostgreSQL: the second waits for the first, which it could not see."""

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import psycopg
import pytest
from support.desk.outcomes import LEASE, NOW, blob_store, raw_mail
from support.servers.peers import wait_for

from helpdesk.store import mail_claims
from helpdesk.store.database import Database
from helpdesk.store.inbound import store_raw

WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def test_a_mail_that_comes_while_another_is_being_claimed_is_not_with_a_second_worker(
    tmp_path: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first worker has looked and has not committed; then a second mail of the same sender is stored, and a second worker looks."""
    one, other, blobs = Database(postgresql_url), Database(postgresql_url), blob_store(tmp_path)
    has_looked, may_commit = Event(), Event()
    really = mail_claims.in_turn

    def choose_slowly(*arguments: Any) -> list[int]:
        has_looked.set()
        assert may_commit.wait(60)
        return really(*arguments)

    def claim(database: Database) -> list[int]:
        later = NOW + timedelta(seconds=1)
        return [mail.id for mail in mail_claims.claim_mail(database, blobs, later, limit=9, lease=LEASE, max_bytes=2**30)]

    def is_waiting(claims: "Future[list[int]]") -> bool:
        with psycopg.connect(postgresql_url) as connection:
            row = connection.execute(WAITING).fetchone()
        return claims.done() or row == (1,)

    [first] = store_raw(one, blobs, 1024, [raw_mail()], NOW)
    with ThreadPoolExecutor(2) as pool:
        try:
            monkeypatch.setattr(mail_claims, "in_turn", choose_slowly)
            early = pool.submit(claim, one)
            assert has_looked.wait(60)
            monkeypatch.undo()
            [second] = store_raw(other, blobs, 1024, [raw_mail()], NOW + timedelta(milliseconds=1))
            late = pool.submit(claim, other)
            wait_for(lambda: is_waiting(late), "the second claim waits for the first, or ends")
        finally:
            may_commit.set()
    assert early.result() == [first]
    assert late.result() == [], f"mail {second} went to a second worker"
    one.close()
    other.close()
