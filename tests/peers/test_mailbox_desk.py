"""A desk that reads a mailbox: the installed program, a real Dovecot, and what people see of it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.desk.story import configured
from support.servers import dovecot as support
from support.servers.dovecot import Dovecot, dovecot
from support.servers.mailbox_rig import mail
from support.servers.peers import missing, wait_for

from helpdesk.store.database import Database
from helpdesk.store.inbound import list_inbound
from helpdesk.store.tickets import list_tickets
from helpdesk.threading.model.mail import Disposition

PROGRAM = Path(sys.executable).with_name("helpdesk")
MAILBOX = """
[[mailbox]]
name = "old"
url = "imap://{user}@127.0.0.1:{port}"
password_file = "password"
after = "move:Processed"
support_address = "billing@support.example.com"
start_at = "all"
poll_every = "1s"
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    if support.DOVECOT is None:
        missing("dovecot")
    running = dovecot()
    running.start()
    yield running
    running.close()


def desk(folder: Path, server: Dovecot, user: str) -> Path:
    config = configured(folder)
    config.write_text(config.read_text() + MAILBOX.format(user=user, port=server.imap))
    password = folder / "password"
    password.touch(mode=0o600)
    password.write_text("secret\n")
    return config


def helpdesk(config: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, "--config", config, *words], capture_output=True, text=True, timeout=120, check=False)


@contextmanager
def serving(config: Path) -> Iterator[list[str]]:
    """A running node; the lines in which it said what is open. It must end with 0 when it is asked to."""
    node = subprocess.Popen([PROGRAM, "--config", config, "serve"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert node.stdout is not None
        lines: list[str] = []
        while not lines or lines[-1] != "ready":
            lines.append(node.stdout.readline().strip())
            assert lines[-1], node.communicate()[1]
        yield lines
        node.send_signal(signal.SIGTERM)
        _, errors = node.communicate(timeout=60)
        assert node.returncode == os.EX_OK, errors
    finally:
        node.kill()
        node.communicate()


def test_a_node_serves_a_mailbox(tmp_path: Path, server: Dovecot) -> None:
    config = desk(tmp_path, server, "serve")
    unnamed = mail("forwarded", To="undisclosed-recipients:;")
    server.put("serve", mail("first"), unnamed)
    database = Database(f"sqlite:///{tmp_path / 'helpdesk.db'}")

    def decided() -> list[str]:
        with database.reading() as connection:
            return sorted(mail.message_id or "" for mail in list_inbound(connection, Disposition.OPENED))

    with serving(config) as lines:
        assert f"mailbox: old, imap://serve@127.0.0.1:{server.imap}" in lines
        wait_for(lambda: len(decided()) == 2, "both are tickets")
        server.put("serve", mail("later"))
        wait_for(lambda: "later@acme.example" in decided(), "the third is one too")
        wait_for(lambda: len(server.contents("serve", "Processed")) == 3, "all have been moved")
        asked = helpdesk(config, "mailbox", "reconcile", "--json")
        assert (asked.returncode, "running node" in json.loads(asked.stdout)["note"]) == (os.EX_OK, True)
    with database.reading() as connection:
        queues = {ticket.ticket.subject: ticket.ticket.queue for ticket in list_tickets(connection)}
    assert queues == {"first": "general", "forwarded": "billing", "later": "general"}

    [listed] = [json.loads(line) for line in helpdesk(config, "mailbox", "list", "--json").stdout.splitlines()]
    assert (listed["mailbox"], listed["folder"], listed["stored"], listed["to_do"]) == ("old", "INBOX", 3, 0)
    assert (listed["last_uid"], listed["read_until"]) == (3, None)
    database.close()


def test_check_and_reconcile_say_what_is_wrong(tmp_path: Path, server: Dovecot) -> None:
    config = desk(tmp_path, server, "check")
    server.put("check", mail("a"), mail("b"))
    assert helpdesk(config, "migrate").returncode == os.EX_OK
    assert "ok: mailbox old: 2 in INBOX" in helpdesk(config, "check").stdout
    done = helpdesk(config, "mailbox", "reconcile")
    assert (done.returncode, done.stdout.splitlines()[1].split()[:4]) == (os.EX_OK, ["old", "INBOX", "2", "2"]), done

    (tmp_path / "password").write_text("wrong\n")
    checked, reconciled = helpdesk(config, "check"), helpdesk(config, "mailbox", "reconcile", "--json")
    assert (checked.returncode, reconciled.returncode) == (os.EX_UNAVAILABLE, os.EX_UNAVAILABLE)
    assert "problem: mailbox old: " in checked.stdout
    assert "AUTHENTICATIONFAILED" in json.loads(reconciled.stdout)["note"]
    unknown = helpdesk(config, "mailbox", "reconcile", "new")
    assert (unknown.returncode, "known: old" in unknown.stderr) == (1, True)


def test_tick_looks_into_the_mailbox_too(tmp_path: Path, server: Dovecot) -> None:
    config = desk(tmp_path, server, "tick")
    server.put("tick", mail("a"))
    assert helpdesk(config, "tick").returncode == os.EX_OK
    database = Database(f"sqlite:///{tmp_path / 'helpdesk.db'}")
    with database.reading() as connection:
        assert [mail.state for mail in list_inbound(connection)] == [Disposition.OPENED]
    database.close()
    (tmp_path / "password").unlink()
    assert helpdesk(config, "tick").returncode == os.EX_CONFIG


def test_the_same_mail_by_two_doors_is_one_ticket(tmp_path: Path, server: Dovecot) -> None:
    config = desk(tmp_path, server, "doors")
    one = mail("twice")
    server.put("doors", one, b"Received: from elsewhere.example by mail.example; Mon, 23 Nov 2026 09:00:00 +0000\r\n" + one)
    assert helpdesk(config, "migrate").returncode == os.EX_OK
    delivered = subprocess.run([PROGRAM, "deliver", "--config", config], input=one, capture_output=True, timeout=60, check=False)
    assert delivered.returncode == os.EX_OK
    assert helpdesk(config, "tick").returncode == os.EX_OK
    database = Database(f"sqlite:///{tmp_path / 'helpdesk.db'}")
    with database.reading() as connection:
        assert len(list_tickets(connection)) == 1
        assert sorted(mail.state for mail in list_inbound(connection)) == ["discarded", "discarded", "opened"]
    database.close()
