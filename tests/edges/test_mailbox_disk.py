"""A disk in trouble, and mail in mailboxes: it stays there, one line says so, and it comes by itself when the disk keeps things again."""

import errno
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from support.desk.story import configured, wired_desk
from support.servers.mailbox_rig import MailboxRig, mail
from support.servers.peers import wait_for
from support.servers.scripted_imap import ScriptedImap, scripted_imap

from helpdesk.gateway.disk import DiskTrouble
from helpdesk.gateway.doors.mailbox import look
from helpdesk.gateway.doors.mailbox.session import MailboxAway, MailboxTrouble
from helpdesk.gateway.reader import Reader
from helpdesk.store.database import Database, DiskFault
from helpdesk.store.schema import inbound

MAILS = {uid: mail(f"m{uid}") for uid in range(1, 6)}
MAILBOX = """
[[mailbox]]
name = "old"
url = "imap://support@127.0.0.1:{port}"
password_file = "password"
start_at = "all"
poll_every = "1s"
idle = false
"""


@pytest.fixture
def server() -> Iterator[ScriptedImap]:
    with scripted_imap(dict(MAILS)) as running:
        yield running


@pytest.fixture
def rig(tmp_path: Path, sqlite_url: str, server: ScriptedImap) -> Iterator[MailboxRig]:
    database = Database(sqlite_url)
    yield MailboxRig(tmp_path, database, f"imap://support@127.0.0.1:{server.port}")
    database.close()


@pytest.mark.parametrize("trouble", DiskTrouble)
def test_nobody_logs_in_while_the_disk_is_in_trouble(rig: MailboxRig, server: ScriptedImap, trouble: DiskTrouble) -> None:
    rig.trouble = lambda: trouble
    with pytest.raises(MailboxAway, match=f"the disk is {trouble}: mail stays in its mailbox") as away:
        rig.watcher().look_once()
    assert (away.value.trouble, server.connections, rig.stored()) == (MailboxTrouble.DISK, 0, [])
    rig.trouble = lambda: None
    rig.watcher().look_once()
    assert rig.stored() == list(MAILS.values())


def test_a_disk_that_fills_up_during_a_look_gets_no_further_mail(rig: MailboxRig, server: ScriptedImap) -> None:
    """What was fetched before is in the books; no mail is taken for unreadable, however often it comes to this."""
    answers: list[DiskTrouble | None] = [None] * 4  # before the login, at the look's beginning, and for two mails
    rig.trouble = lambda: answers.pop() if answers else DiskTrouble.FULL
    watcher = rig.watcher()
    with pytest.raises(MailboxAway):
        watcher.look_once()
    assert rig.stored() == [MAILS[1], MAILS[2]]
    for _ in range(5):
        answers += [None] * 2
        with pytest.raises(MailboxAway):
            watcher.look_once()
    answers += [None] * 100
    watcher.look_once()
    watcher.close()
    assert rig.stored() == list(MAILS.values())
    assert [outcome for _, outcome in rig.ledger()] == ["stored"] * 5


def test_the_disk_hears_of_what_could_not_be_stored(rig: MailboxRig, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Exception] = []
    rig.failed = heard.append
    faults = [DiskFault("disk I/O error"), OSError(errno.ENOSPC, "No space left on device")]
    for fault in faults:

        def failing(*_: object, fault: Exception = fault) -> Any:
            raise fault

        monkeypatch.setattr(look, "record_seen", failing)
        with pytest.raises(type(fault)):
            rig.watcher().look_once()
    assert heard == faults


def test_a_node_fetches_again_by_itself_when_the_disk_keeps_things_again(
    tmp_path: Path, reader: Reader, server: ScriptedImap, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(*_: object) -> Any:
        raise DiskFault("disk I/O error")

    caplog.set_level(logging.INFO, "helpdesk.mailbox")
    config = configured(tmp_path, more=MAILBOX.format(port=server.port))
    (tmp_path / "password").touch(mode=0o600)
    (tmp_path / "password").write_text("secret\n")
    monkeypatch.setattr(look, "record_seen", failing)
    monkeypatch.setattr("helpdesk.store.database.Database.probe", failing)
    with wired_desk(config, reader) as desk:
        wait_for(lambda: desk.node.disk.trouble() is DiskTrouble.BROKEN, "the disk is known to be broken")
        wait_for(lambda: _told(caplog, logging.WARNING) == 1, "people are told")
        connections = server.connections
        wait_for(lambda: _told(caplog, logging.INFO) > 1, "the mailbox has come round again")
        assert server.connections == connections
        assert _stored(desk.database) == 0
        monkeypatch.undo()
        wait_for(lambda: _stored(desk.database) == len(MAILS), "the mail has been fetched")
        wait_for(lambda: "mailbox.back" in caplog.text, "people are told of that, too")
    assert _told(caplog, logging.WARNING) == 1


def _told(caplog: pytest.LogCaptureFixture, level: int) -> int:
    return sum(record.levelno == level and record.getMessage() == "mailbox.away" for record in caplog.records)


def _stored(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(inbound)).scalar_one())
