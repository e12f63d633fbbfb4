"""Mail fetched by POP3, from a real Dovecot and from a server that is none."""

import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from support.servers import dovecot as support
from support.servers.dovecot import Dovecot, dovecot
from support.servers.mailbox_rig import MailboxRig, mail
from support.servers.peers import missing, wait_for

from helpdesk.gateway.doors.mailbox.session import MailboxAway, MailboxTrouble
from helpdesk.store.database import Database

A, B, C = mail("a"), mail("b"), mail("c", ".\r\n..\r\n.dot")
LONG = mail("long", "<td>" + "x" * 5000 + "</td>")


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    if support.DOVECOT is None or not support.POP3.exists():
        missing("dovecot with pop3d")
    running = dovecot()
    running.start()
    yield running
    running.close()


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    return f"u{hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:12]}"


@pytest.fixture
def rig(tmp_path: Path, sqlite_url: str) -> Iterator[MailboxRig]:
    database = Database(sqlite_url)
    yield MailboxRig(tmp_path, database, "", {"after": "keep"})
    database.close()


@pytest.fixture
def kept(rig: MailboxRig, server: Dovecot, user: str) -> MailboxRig:
    rig.url = f"pop3://{user}@127.0.0.1:{server.pop3}"
    return rig


@pytest.mark.parametrize(("after", "left"), [("keep", 4), ("delete", 0)])
def test_mail_is_stored_once(kept: MailboxRig, server: Dovecot, user: str, after: str, left: int) -> None:
    server.put(user, A, B, C, LONG)
    for _ in range(2):
        kept.watcher(after=after).look_once()
        assert kept.stored() == [A, B, C, LONG]
    assert len(server.contents(user)) == left
    assert [outcome for _, outcome in kept.ledger()] == ["stored"] * 4
    assert kept.unsettled() == 0


def test_only_what_comes_after_the_first_look(kept: MailboxRig, server: Dovecot, user: str) -> None:
    server.put(user, A)
    kept.options["start_at"] = "new"
    kept.watcher().look_once()
    server.put(user, B)
    [compared] = kept.watcher().look_once(reconcile=True)
    assert kept.stored() == [B]
    assert (compared.on_server, compared.in_ledger, compared.missing) == (2, 2, ())


def test_of_a_mail_above_the_limit_the_beginning_comes_and_the_whole_stays(kept: MailboxRig, server: Dovecot, user: str) -> None:
    kept.limit = 3000
    server.put(user, A, LONG, B)
    kept.watcher(after="delete").look_once()
    assert kept.stored() == [A, LONG[:3000], B]
    assert server.contents(user) == [LONG]


def test_a_server_without_top_is_asked_for_no_beginning(rig: MailboxRig) -> None:
    rig.limit = 50
    with answering(rig, MAILBOX | {"TOP": b"-ERR not known\r\n"}):
        rig.watcher().look_once()
    assert (rig.stored(), rig.ledger()) == ([], [("one", "too_large"), ("two", "too_large")])


def test_a_watcher_polls(kept: MailboxRig, server: Dovecot, user: str) -> None:
    watcher = kept.watcher(poll_every="1s")
    watcher.start()
    try:
        for number, content in enumerate((A, B), 1):
            server.put(user, content)
            wait_for(lambda number=number: len(kept.stored()) == number, "the mail has been fetched")  # type: ignore[misc]
    finally:
        watcher.stop()
        watcher.join(30)
    assert kept.stored() == [A, B]


def test_a_wrong_password_is_told_as_such(kept: MailboxRig) -> None:
    watcher = kept.watcher()
    (kept.folder / "password").write_text("wrong")
    with pytest.raises(MailboxAway) as caught:
        watcher.look_once()
    assert caught.value.trouble is MailboxTrouble.REFUSED


@contextmanager
def answering(rig: MailboxRig, answers: dict[str, bytes]) -> Iterator[list[str]]:
    """A server that says the same thing to each command, by its first word; what it was told."""
    listener, told = socket.create_server(("127.0.0.1", 0)), []
    rig.url = f"pop3://help@127.0.0.1:{listener.getsockname()[1]}"

    def converse() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, connection.makefile("rwb", buffering=0) as stream:
                    stream.write(answers.get("", b"+OK ready\r\n"))
                    while line := stream.readline():
                        told.append(line.decode().strip())
                        stream.write(answers.get(told[-1].split(" ")[0], b"+OK\r\n"))
                        if told[-1] == "QUIT":
                            break

    thread = threading.Thread(target=converse, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(30)


MAILBOX = {
    "UIDL": b"+OK\r\n1 one\r\n2 two\r\n.\r\n",
    "LIST": b"+OK\r\n1 100\r\n2 100\r\n.\r\n",
    "RETR": b"+OK\r\nSubject: x\r\n\r\nhello\r\n.\r\n",
}


@pytest.mark.parametrize(
    ("answers", "trouble"),
    [
        ({"PASS": b"-ERR [IN-USE] elsewhere\r\n"}, MailboxTrouble.BUSY),
        ({"PASS": b"-ERR [LOGIN-DELAY] wait\r\n"}, MailboxTrouble.BUSY),
        ({"PASS": b"-ERR [SYS/TEMP] wait\r\n"}, MailboxTrouble.BUSY),
        ({"PASS": b"-ERR [AUTH] wrong\r\n"}, MailboxTrouble.REFUSED),
        ({"": b"-ERR not now\r\n"}, MailboxTrouble.AWAY),
        ({"UIDL": b"-ERR not known\r\n"}, MailboxTrouble.BUSY),
        ({"UIDL": b"+OK\r\nnonsense\r\n.\r\n"}, MailboxTrouble.AWAY),
        ({"UIDL": b"+OK\r\n1 \xff\xff\r\n.\r\n"}, MailboxTrouble.AWAY),
        ({"LIST": b"+OK\r\n1 many\r\n.\r\n"}, MailboxTrouble.AWAY),
        ({"UIDL": b"+OK\r\n" + b"x" * 2_000_000}, MailboxTrouble.AWAY),
        ({"RETR": b"+OK\r\n" + b"y" * 70 + b"\r\n" * 1_000_000}, MailboxTrouble.AWAY),
    ],
)
def test_a_server_that_fails_us(rig: MailboxRig, answers: dict[str, bytes], trouble: MailboxTrouble) -> None:
    rig.limit = 100_000
    with answering(rig, MAILBOX | answers), pytest.raises(MailboxAway) as caught:
        rig.watcher().look_once()
    assert caught.value.trouble is trouble
    assert rig.stored() == []


@pytest.mark.parametrize("count", [b"+OK 2 200\r\n", b"+OK\r\n", b"+OK none\r\n"])
def test_an_empty_list_is_believed_only_where_the_count_is_none(rig: MailboxRig, count: bytes) -> None:
    """A busy server answers UIDL with OK and no data. Its mails are not gone: they would come a second time when it lists them again."""
    answers = dict(MAILBOX)
    with answering(rig, answers):
        rig.watcher().look_once()
        books = rig.ledger("uid", "outcome", "settled_at")
        answers |= {"UIDL": b"+OK\r\n.\r\n", "STAT": count}
        with pytest.raises(MailboxAway) as caught:
            rig.watcher().look_once()
        assert caught.value.trouble is MailboxTrouble.AWAY and rig.ledger("uid", "outcome", "settled_at") == books
        answers["STAT"] = b"+OK 0 0\r\n"
        rig.watcher().look_once()


def test_a_mail_that_is_not_handed_out_is_noted(rig: MailboxRig) -> None:
    with answering(rig, MAILBOX | {"RETR": b"-ERR cannot\r\n"}):
        rig.watcher().look_once()
    assert rig.ledger() == [("one", "unreadable"), ("two", "unreadable")]


def test_nothing_is_deleted_unless_quit_is_reached(rig: MailboxRig) -> None:
    with answering(rig, MAILBOX | {"QUIT": b"-ERR some were not deleted\r\n"}) as told:
        rig.watcher(after="delete").look_once()
    assert (told.count("DELE 1"), told.count("DELE 2"), rig.unsettled()) == (1, 1, 2)


class Tokens:
    def current(self) -> str:
        return "abc"

    def renew(self, rejected: str = "") -> str:
        return "def"


def test_an_access_token_by_pop3(rig: MailboxRig) -> None:
    rig.tokens = Tokens()
    with answering(rig, MAILBOX | {"AUTH": b"+ \r\n"}) as told:
        rig.watcher().look_once()
    assert told[0] == "AUTH XOAUTH2"
    assert not any(line.startswith(("USER", "PASS")) for line in told)
    assert len(rig.stored()) == 2


def test_a_refused_access_token_by_pop3(rig: MailboxRig) -> None:
    rig.tokens = Tokens()
    with answering(rig, MAILBOX | {"AUTH": b"-ERR [AUTH] no\r\n"}) as told, pytest.raises(MailboxAway) as caught:
        rig.watcher().look_once()
    assert caught.value.trouble is MailboxTrouble.REFUSED
    assert [line for line in told if line.startswith(("AUTH", "USER", "PASS"))] == ["AUTH XOAUTH2"] * 2
