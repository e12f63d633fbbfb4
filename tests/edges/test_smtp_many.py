"""Many sessions at once against a real database: every mail that got its 250 is in the store, and nothing else."""

import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select
from support.servers.dialog import Client
from support.servers.smtp_door import NOON, ListStore, running_door

from helpdesk.store.blob_folder import BlobFolder
from helpdesk.store.database import Database
from helpdesk.store.inbound import store_raw
from helpdesk.store.migrate import migrate
from helpdesk.store.schema import inbound


def test_fifty_sessions_and_every_acknowledged_mail_is_in_the_database(tmp_path: Path) -> None:
    database, blobs = Database(f"sqlite:///{tmp_path}/desk.db"), BlobFolder(tmp_path / "blobs")
    migrate(database)
    contents = [[b"Subject: %d-%d\r\n\r\nhello\r\n" % (session, mail) for mail in range(8)] for session in range(50)]

    def session(own: list[bytes]) -> list[bytes]:
        with Client(door.port) as client:
            return [content for content in own if client.mail(content).startswith("250 2.0.0")]

    with (
        running_door(max_sessions_per_peer=50, keep=lambda raws: store_raw(database, blobs, 256 * 1024, raws, NOON)) as door,
        ThreadPoolExecutor(50) as pool,
    ):
        acknowledged = [content for own in pool.map(session, contents) for content in own]
        with database.reading() as connection:
            stored = list(connection.execute(select(inbound.c.content)).scalars())
    database.close()
    assert len(acknowledged) == 400
    assert sorted(stored) == sorted(acknowledged)


def test_sessions_that_wait_share_one_transaction() -> None:
    store = ListStore()
    store.open.clear()
    with running_door(store=store, max_sessions_per_peer=50) as door:
        clients = [Client(door.port) for _ in range(21)]
        for number, client in enumerate(clients):
            client.envelope()
            assert client.says("DATA").startswith("354")
            client.send(b"%d\r\n.\r\n" % number)
            if number == 0:
                assert store.entered.wait(30)
        while door.intake.waiting < 20:
            with Client(door.port) as other:  # a session's time, instead of a sleep
                other.says("QUIT")
        store.open.set()
        for client in clients:
            assert client.reply().startswith("250 2.0.0")
            client.socket.close()
    assert store.batches == [1, 20]


def test_swaks_delivers_with_every_extension_it_knows() -> None:
    """A client that we have not written."""
    if not shutil.which("swaks"):
        if os.environ.get("HELPDESK_REQUIRE_PEERS") == "1":
            pytest.fail("swaks is not installed")
        pytest.skip("swaks is not installed")
    with running_door() as door:
        command = [
            "swaks",
            "--server",
            f"127.0.0.1:{door.port}",
            "--from",
            "anna@acme.test",
            "--to",
            "help@desk.test,billing@desk.test",
        ]
        done = subprocess.run(
            [*command, "--pipeline", "--header", "Subject: swaks", "--body", "one\n.\n..two\n"],
            capture_output=True,
            check=False,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        (mail,) = door.mails
    assert mail.envelope is not None
    assert mail.envelope.forward_paths == ("help@desk.test", "billing@desk.test")
    assert b"\r\nSubject: swaks\r\n" in mail.content
    assert mail.content.replace(b"\r\n", b"\n").rstrip().endswith(b"one\n.\n..two")
