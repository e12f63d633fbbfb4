"""A real Cyrus as the mailbox: its dots between the levels of folders, its UIDs, and mail that others move."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.servers.cyrus import PROGRAMS, Cyrus, cyrus
from support.servers.mailbox_rig import MailboxRig, mail
from support.servers.peers import missing, wait_for

from helpdesk.gateway.doors.mailbox.session import MailboxAway
from helpdesk.store.database import Database

A, B, C = mail("a"), mail("b"), mail("c")
Rigs = Callable[[str], MailboxRig]


@pytest.fixture(scope="module")
def server() -> Iterator[Cyrus]:
    if not (PROGRAMS / "master").exists() or os.geteuid():
        missing("Cyrus")
    running = cyrus()
    yield running
    running.close()


@pytest.fixture
def rigs(tmp_path: Path, server: Cyrus, sqlite_url: str) -> Iterator[Rigs]:
    """The mailbox of the user of a name, as the desk reads it."""
    database = Database(sqlite_url)
    yield lambda user: MailboxRig(tmp_path, database, f"imap://{user}@127.0.0.1:{server.port}")
    database.close()


@pytest.mark.parametrize("after", ["move:Done/2026", "flag:$Helpdesk"])
def test_each_mail_comes_once_and_is_tidied_up(server: Cyrus, rigs: Rigs, after: str) -> None:
    """The folder is written with a slash, and is found below the prefix with dots."""
    user = "tidy" + after.partition(":")[0]
    rig = rigs(user)
    server.add_user(user)
    server.put(user, A, B, C)
    for _ in range(2):
        rig.watcher(after=after).look_once()
    assert rig.stored() == [A, B, C] and rig.unsettled() == 0
    assert len(server.contents(user)) == (3 if after.startswith("flag") else 0)
    assert server.contents(user, "INBOX.Done.2026") == ([A, B, C] if after.startswith("move") else [])


def test_folders_are_read_and_a_missing_one_stops_no_other(server: Cyrus, rigs: Rigs) -> None:
    rig = rigs("folders")
    server.add_user("folders", "Work", "Work.Old")
    server.put("folders", A)
    server.put("folders", B, folder="INBOX.Work")
    server.put("folders", C, folder="INBOX.Work.Old")
    watcher = rig.watcher(folders=["INBOX", "Nowhere", "Work", "Work/Old"], after="move:Done")
    with pytest.raises(MailboxAway, match="folder Nowhere: select failed"):
        watcher.look_once()
    assert sorted(rig.stored()) == [A, B, C]
    assert sorted(server.contents("folders", "INBOX.Done")) == [A, B, C]


def test_mail_that_a_colleague_moves_comes_once(server: Cyrus, rigs: Rigs) -> None:
    """What is moved before it was read is read in the folder to which it was moved."""
    rig = rigs("moved")
    server.add_user("moved", "Work")
    server.put("moved", A)
    options = {"folders": ["INBOX", "Work"], "after": "keep"}
    rig.watcher(**options).look_once()
    server.put("moved", B)
    with server.client("moved") as client:
        client.select("INBOX")
        kind, _ = client.uid("MOVE", "1:*", "INBOX.Work")
        assert kind == "OK"
    rig.watcher(**options).look_once()
    assert rig.stored() == [A, A, B], rig.ledger()


def test_a_folder_that_is_made_anew_brings_no_mail_twice(server: Cyrus, rigs: Rigs) -> None:
    """It has another UIDVALIDITY, and the numbers in it begin again."""
    rig = rigs("anew")
    server.add_user("anew", "Work")
    server.put("anew", A, B, folder="INBOX.Work")
    options = {"folders": ["Work"], "after": "keep"}
    rig.watcher(**options).look_once()
    with server.client("anew") as client:
        assert client.delete("INBOX.Work")[0] == "OK" and client.create("INBOX.Work")[0] == "OK"
    server.put("anew", A, B, C, folder="INBOX.Work")
    rig.clock.by += timedelta(hours=1)
    rig.watcher(**options).look_once()
    assert rig.stored() == [A, B, C]


def test_new_mail_is_told_at_once(server: Cyrus, rigs: Rigs) -> None:
    """Also where the server announces it with its answer to MOVE, and not to IDLE."""
    rig = rigs("idle")
    server.add_user("idle")
    watcher = rig.watcher(poll_every="9m", after="move:Done")
    watcher.start()
    try:
        for content in (A, B):
            server.put("idle", content)
            wait_for(lambda content=content: content in rig.stored(), "the mail has been fetched")  # type: ignore[misc]
    finally:
        watcher.stop()
        watcher.join(30)
