"""A mailbox server that wants to cost memory or time: what it announces is not believed, and its next mail is fetched all the same."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.servers.mailbox_rig import MailboxRig, mail
from support.servers.scripted_imap import ScriptedImap, scripted_imap

from helpdesk.gateway.doors.mailbox.session import MailboxAway
from helpdesk.store.database import Database

MOST_MEMORY = 96 * 1024 * 1024
GOOD = mail("good")


@pytest.fixture
def hostile(tmp_path: Path, sqlite_url: str) -> Iterator[tuple[ScriptedImap, MailboxRig]]:
    database = Database(sqlite_url)
    options: dict[str, Any] = {"after": "move:Processed"}
    with scripted_imap({1: mail("bad"), 2: GOOD}) as server:
        yield server, MailboxRig(tmp_path, database, f"imap://help@127.0.0.1:{server.port}", options)
    database.close()


ANSWERS = {
    "a literal without end": b"* 1 FETCH (UID 1 BODY[] {999999999999}\r\n",
    "a large literal": b"* 1 FETCH (UID 1 BODY[] {99999999}\r\n" + b"x" * 1000,
    "a number beyond all": b"* 1 FETCH (UID 1 BODY[] {" + b"9" * 5000 + b"}\r\n",
    "a literal where none belongs": b"* 1 FETCH (UID 1 FLAGS ({99999999}\r\n",
    "a line without end": b"* OK " + b"x" * (17 * 1024 * 1024),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_little_is_taken_and_the_next_mail_comes(hostile: tuple[ScriptedImap, MailboxRig], answer: str) -> None:
    server, rig = hostile
    good = b"* 2 FETCH (UID 2 BODY[] {%d}\r\n%b)\r\n" % (len(GOOD), GOOD)
    server.answer_fetch = lambda uid, content: ANSWERS[answer] if uid == 1 else good
    watcher = rig.watcher(timeout="2s")
    tracemalloc.start()
    try:
        with pytest.raises(MailboxAway, match="announces|cannot be understood|line of more than"):
            watcher.look_once()
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()
    for _ in range(4):
        try:
            watcher.look_once()
        except MailboxAway:
            continue
    assert rig.stored() == [GOOD]
