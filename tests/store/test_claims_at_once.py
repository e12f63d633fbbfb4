"""Two claims at the same moment on PostgreSQL: one of them waits for the other, whose effect it could miss."""

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import psycopg
from sqlalchemy import event
from support.desk.outcomes import LEASE, NOW, blob_store, raw_mail
from support.servers.peers import wait_for

from helpdesk.store import mail_claims
from helpdesk.store.database import Database
from helpdesk.store.inbound import store_raw

WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def test_a_mail_that_comes_while_another_is_being_claimed_is_not_with_a_second_worker(
    tmp_path: Path, postgresql_url: str
) -> None:
    """A worker has asked what others hold, and not yet what is free. Another one claims a mail then, and a second mail of its sender comes."""
    slow, other, blobs = Database(postgresql_url), Database(postgresql_url), blob_store(tmp_path)
    has_asked, may_go_on = Event(), Event()

    def wait_before_the_free(*call: Any) -> None:
        if "ORDER BY inbound.turn_at" in call[2]:
            has_asked.set()
            assert may_go_on.wait(60)

    def claim(database: Database) -> list[int]:
        later = NOW + timedelta(seconds=1)
        return [mail.id for mail in mail_claims.claim_mail(database, blobs, later, limit=9, lease=LEASE, max_bytes=2**30)]

    def is_waiting(claims: "Future[list[int]]") -> bool:
        with psycopg.connect(postgresql_url) as connection:
            row = connection.execute(WAITING).fetchone()
        return claims.done() or row == (1,)

    event.listen(slow._engine, "before_cursor_execute", wait_before_the_free)
    [first] = store_raw(other, blobs, 1024, [raw_mail()], NOW)
    with ThreadPoolExecutor(2) as pool:
        try:
            early = pool.submit(claim, slow)
            assert has_asked.wait(60)
            late = pool.submit(claim, other)
            wait_for(lambda: is_waiting(late), "the second claim waits for the first, or ends")
            [second] = store_raw(other, blobs, 1024, [raw_mail()], NOW + timedelta(milliseconds=1))
        finally:
            may_go_on.set()
    assert early.result() == [first, second], "the mails of one sender went to two workers"
    assert late.result() == []
    slow.close()
    other.close()
