"""Mail fetched from a real Dovecot by IMAP: what is stored, what the ledger says, and what is left on the server."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme
from sqlalchemy import delete, select
from support.servers import dovecot as support
from support.servers.dovecot import Dovecot, dovecot
from support.servers.mailbox_rig import MailboxRig, mail
from support.servers.peers import missing, wait_for

from helpdesk.gateway.doors.mailbox import imap_session
from helpdesk.gateway.doors.mailbox.session import MailboxAway, MailboxTrouble
from helpdesk.store.database import Database
from helpdesk.store.mailboxes import Seen, folder_states
from helpdesk.store.schema import inbound, mailbox_mail

A, B, C = mail("a"), mail("b"), mail("c")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def endpoint() -> Iterator[ThreadingHTTPServer]:
    """Says whose an access token is: of whoever stands in it, while it is good."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            token = parse_qs(urlsplit(self.path).query).get("access_token", [""])[0]
            good = token.startswith("good-")
            content = b'{"email": "%s"}' % token.removeprefix("good-").encode() if good else b'{"error": "invalid_token"}'
            self.send_response(200 if good else 401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(30)


@pytest.fixture(scope="module")
def server(authority: trustme.CA, endpoint: ThreadingHTTPServer) -> Iterator[Dovecot]:
    if support.DOVECOT is None:
        missing("dovecot")
    running = dovecot()
    issued = authority.issue_cert("localhost")
    running.certificate = b"".join(pem.bytes() for pem in issued.cert_chain_pems)
    running.key = issued.private_key_pem.bytes()
    running.tokens = endpoint.server_port
    running.start()
    yield running
    running.close()


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    return f"u{hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:12]}"


@pytest.fixture
def rig(tmp_path: Path, server: Dovecot, user: str, sqlite_url: str) -> Iterator[MailboxRig]:
    database = Database(sqlite_url)
    yield MailboxRig(tmp_path, database, f"imap://{user}@127.0.0.1:{server.imap}")
    database.close()


@pytest.mark.parametrize(
    ("after", "left", "moved"),
    [("move:Processed", 0, 3), ("flag", 3, 0), ("flag:$Helpdesk", 3, 0), ("delete", 0, 0), ("keep", 3, 0)],
)
def test_mail_is_stored_once_and_then_tidied_up(
    rig: MailboxRig, server: Dovecot, user: str, after: str, left: int, moved: int
) -> None:
    server.put(user, A, B, C)
    for _ in range(2):
        rig.watcher(after=after).look_once()
        assert rig.stored() == [A, B, C]
    assert rig.ledger() == [("1", "stored"), ("2", "stored"), ("3", "stored")]
    assert rig.unsettled() == 0
    assert len(server.contents(user)) == left
    assert server.contents(user, "Processed") == [A, B, C][:moved]
    assert server.count(user, "SEEN") == (left if after == "flag" else 0)
    assert server.count(user, "KEYWORD $Helpdesk") == (left if after == "flag:$Helpdesk" else 0)


def test_a_watcher_hears_of_new_mail_at_once(rig: MailboxRig, server: Dovecot, user: str) -> None:
    """It idles for much longer than this test may take."""
    woken: list[float] = []
    watcher = rig.watcher(lambda: woken.append(time.monotonic()), poll_every="9m", after="move:Processed")
    watcher.start()
    try:
        for content in (A, B):
            server.put(user, content)
            wait_for(lambda content=content: content in rig.stored(), "the mail has been fetched")  # type: ignore[misc]
        wait_for(lambda: server.contents(user, "Processed") == [A, B], "both have been moved")
    finally:
        watcher.stop()
        watcher.join(30)
    assert not watcher._thread.is_alive()
    assert len(woken) == 2


def test_only_what_comes_after_the_first_look_where_that_is_wanted(rig: MailboxRig, server: Dovecot, user: str) -> None:
    server.put(user, A)
    rig.options["start_at"] = "new"
    rig.watcher().look_once()
    assert rig.stored() == []
    server.put(user, B)
    [compared] = rig.watcher().look_once(reconcile=True)
    assert rig.stored() == [B]
    assert (compared.on_server, compared.in_ledger, compared.missing) == (1, 1, ())


def test_several_folders_are_read(rig: MailboxRig, server: Dovecot, user: str, open_states: Callable[[], list[str]]) -> None:
    server.put(user, A)
    server.put(user, B, folder="Support")
    rig.watcher(folders=["INBOX", "Support"], after="keep").look_once()
    assert sorted(rig.stored()) == [A, B]
    assert open_states() == ["INBOX", "Support"]


@pytest.fixture
def open_states(rig: MailboxRig) -> Callable[[], list[str]]:
    def states() -> list[str]:
        with rig.database.reading() as connection:
            return [state.folder for state in folder_states(connection)]

    return states


def test_a_renumbered_folder_is_read_anew_and_nothing_comes_twice(rig: MailboxRig, server: Dovecot, user: str) -> None:
    server.put(user, A, B)
    rig.watcher().look_once()
    server.doveadm("mailbox", "update", "-u", user, "--uid-validity", "4000000000", "INBOX")
    server.put(user, C)
    rig.watcher().look_once()
    assert rig.stored() == [A, B, C]
    assert [outcome for _, outcome in rig.ledger()] == ["stored", "stored", "duplicate", "duplicate", "stored"]
    assert rig.unsettled() == 0


def test_a_folder_that_was_deleted_and_made_again(rig: MailboxRig, server: Dovecot, user: str) -> None:
    server.put(user, A, folder="Support")
    rig.options |= {"folders": ["Support"], "after": "keep"}
    rig.watcher().look_once()
    server.doveadm("mailbox", "delete", "-u", user, "Support")
    with pytest.raises(MailboxAway, match="Support") as caught:
        rig.watcher().look_once()
    assert caught.value.trouble is MailboxTrouble.BUSY
    server.put(user, A, B, folder="Support")
    rig.watcher().look_once()
    assert rig.stored() == [A, B]


def test_what_came_before_the_start_stays_out_after_a_renumbering(rig: MailboxRig, server: Dovecot, user: str) -> None:
    """Numbers say nothing any more then, but times do."""
    with server.client(user) as client:
        client.append("INBOX", "", '"01-Nov-2026 10:00:00 +0000"', A)
    rig.options["start_at"] = "new"
    rig.watcher().look_once()
    server.doveadm("mailbox", "update", "-u", user, "--uid-validity", "4000000000", "INBOX")
    server.put(user, B)
    rig.watcher().look_once()
    assert rig.stored() == [B]
    with server.client(user) as client:
        client.append("INBOX", "", '"01-Nov-2026 10:00:00 +0000"', C)
    rig.watcher().look_once()
    assert rig.stored() == [B, C]
    assert {outcome for _, outcome in rig.ledger()} == {Seen.EARLIER, Seen.STORED}


def test_an_old_mail_that_somebody_moves_into_the_folder_is_new_there(rig: MailboxRig, server: Dovecot, user: str) -> None:
    rig.options["start_at"] = "new"
    rig.watcher().look_once()
    with server.client(user) as client:
        client.append("INBOX", "", '"01-Nov-2026 10:00:00 +0000"', A)
    rig.watcher().look_once()
    assert rig.stored() == [A]


def test_the_time_of_arrival_is_the_servers(rig: MailboxRig, server: Dovecot, user: str) -> None:
    with server.client(user) as client:
        client.append("INBOX", "", '"01-Nov-2026 10:00:00 +0300"', A)
    rig.watcher().look_once()
    with rig.database.reading() as connection:
        row = connection.execute(select(inbound)).one()
    assert (row.received_at, row.door, row.reverse_path) == (datetime(2026, 11, 1, 7, tzinfo=UTC), "imap", None)


def test_a_large_mail_comes_in_pieces(rig: MailboxRig, server: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of them exactly as long as two pieces."""
    monkeypatch.setattr(imap_session, "PIECE", 4096)
    odd = mail("odd", "x" * 70 + "\r\n" * 9000)
    even = mail("even", "y" * (8192 - len(mail("even", ""))))
    assert len(even) == 8192
    server.put(user, odd, even)
    rig.watcher().look_once()
    assert rig.stored() == [odd, even]


def test_of_a_mail_above_the_limit_the_beginning_comes_and_the_whole_stays_where_it_is(
    rig: MailboxRig, server: Dovecot, user: str, caplog: pytest.LogCaptureFixture
) -> None:
    rig.limit = 5000
    big = mail("big", "x" * 6000)
    server.put(user, A, big, B, b"Received: x\r\n" * 101 + C)
    rig.limit = 7000 - 1500
    with caplog.at_level("WARNING", "helpdesk.mailbox"):
        for _ in range(2):
            rig.watcher(after="delete").look_once()
    assert rig.stored() == [A, big[:5500], B]
    assert rig.ledger("uid", "outcome", "size") == [
        ("1", "stored", len(A)),
        ("2", "too_large", len(big)),
        ("3", "stored", len(B)),
        ("4", "loops", len(C) + 101 * 13),
    ]
    assert len(server.contents(user)) == 2
    assert [record.message for record in caplog.records] == ["mailbox.beginning_only", "mailbox.not_taken"]


def test_what_the_ledger_misses_is_fetched(rig: MailboxRig, server: Dovecot, user: str) -> None:
    server.put(user, A, B, C)
    rig.watcher().look_once()
    with rig.database.writing() as connection:
        connection.execute(delete(mailbox_mail).where(mailbox_mail.c.uid == "2"))
        connection.execute(delete(inbound).where(inbound.c.sha256 == hashlib.sha256(B).hexdigest()))
    rig.watcher().look_once()
    assert rig.stored() == [A, C]
    [compared] = rig.watcher().look_once(reconcile=True)
    assert (compared.on_server, compared.in_ledger, compared.missing) == (3, 2, ("2",))
    assert rig.stored() == [A, C, B]
    [compared] = rig.watcher().look_once(reconcile=True)
    assert (compared.on_server, compared.in_ledger, compared.missing) == (3, 3, ())


def test_server_and_ledger_are_compared_every_day(rig: MailboxRig, server: Dovecot, user: str) -> None:
    server.put(user, A, B)
    rig.watcher().look_once()
    with rig.database.writing() as connection:
        connection.execute(delete(mailbox_mail).where(mailbox_mail.c.uid == "1"))
    rig.clock.by = timedelta(hours=23)
    assert rig.watcher().look_once() == []
    rig.clock.by = timedelta(hours=25)
    [compared] = rig.watcher().look_once()
    assert compared.missing == ("1",)
    assert rig.watcher().look_once() == []


def test_a_move_into_a_full_mailbox_is_tried_again(rig: MailboxRig, server: Dovecot, user: str) -> None:
    """Copying needs room for both; the mails wait where they are, and are not fetched again."""
    server.stop()
    server.quota, server.capability = "8k", "IMAP4rev1 IDLE UIDPLUS QUOTA"
    server.start()
    try:
        large = mail("large", "z" * 5000)
        server.put(user, large)
        rig.options["after"] = "move:Processed"
        rig.watcher().look_once()
        assert (rig.stored(), rig.unsettled()) == ([large], 1)
        assert "quota" in str(rig.ledger("reason")[0][0]).lower()
    finally:
        server.stop()
        server.quota, server.capability = "1G", ""
        server.start()
    rig.clock.by = timedelta(minutes=2)
    rig.watcher().look_once()
    assert (rig.stored(), rig.unsettled(), server.contents(user), server.contents(user, "Processed")) == ([large], 0, [], [large])


def test_a_server_that_restarts_is_found_again(rig: MailboxRig, server: Dovecot, user: str) -> None:
    watcher = rig.watcher(poll_every="1s")
    server.put(user, A)
    watcher.start()
    try:
        wait_for(lambda: rig.stored() == [A], "the first mail")
        server.stop()
        server.start()
        server.put(user, B)
        wait_for(lambda: rig.stored() == [A, B], lambda: f"the second mail; Dovecot says: {server.log[-2000:]}")
    finally:
        watcher.stop()
        watcher.join(30)


def test_two_nodes_read_one_mailbox_and_every_mail_comes_once(
    server: Dovecot, user: str, tmp_path: Path, open_database: Callable[[], Database]
) -> None:
    """They share the database; one holds the lease until it stops, then the other takes over."""
    rigs = [MailboxRig(tmp_path, open_database(), f"imap://{user}@127.0.0.1:{server.imap}") for _ in range(2)]
    watchers = [rig.watcher(poll_every="1s", after="keep") for rig in rigs]
    contents = [mail(f"n{number}") for number in range(30)]
    for watcher in watchers:
        watcher.start()
    try:
        server.put(user, *contents[:20])
        wait_for(lambda: rigs[0].stored() == contents[:20], "the first twenty")
        [holder] = [candidate for candidate in watchers if candidate._leases]
        holder.stop()
        holder.join(30)
        server.put(user, *contents[20:])
        wait_for(lambda: rigs[1].stored() == contents, "the rest, by the other node")
    finally:
        for watcher in watchers:
            watcher.stop()
            watcher.join(30)
    assert len(rigs[0].ledger()) == 30


def test_a_node_that_was_stopped_for_too_long_stores_nothing(rig: MailboxRig, server: Dovecot, user: str) -> None:
    """Another one has read the folder meanwhile."""
    server.put(user, A)
    late, other = rig.watcher(), rig.watcher()
    late._lease()
    session = late._connect()
    rig.clock.by = timedelta(minutes=3)
    other.look_once()
    with pytest.raises(Exception, match="another node|UNIQUE"):
        late._look(session)
    session.close()
    assert rig.stored() == [A]


@pytest.mark.parametrize("scheme", ["imaps", "imap+starttls"])
def test_tls_is_used_and_the_certificate_is_checked(
    rig: MailboxRig, server: Dovecot, user: str, authority: trustme.CA, scheme: str
) -> None:
    port = server.imaps if scheme == "imaps" else server.imap
    rig.url = f"{scheme}://{user}@localhost:{port}"
    server.put(user, A)
    with pytest.raises(MailboxAway, match="certificate"):
        rig.watcher().look_once()
    authority.cert_pem.write_to_path(str(rig.folder / "ca"))
    rig.watcher(ca_file=str(rig.folder / "ca")).look_once()
    assert rig.stored() == [A]


class Tokens:
    """An access token that has expired, and the one after it."""

    def __init__(self, user: str) -> None:
        self.user = user
        self.renewals = 0

    def current(self) -> str:
        return f"good-{self.user}" if self.renewals else "expired"

    def renew(self, rejected: str = "") -> str:
        self.renewals += 1
        return self.current()


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_an_access_token_lets_us_in(
    rig: MailboxRig, server: Dovecot, user: str, mechanism: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dovecot asks an endpoint of ours whose it is; the first one has expired."""
    if mechanism == "XOAUTH2":
        monkeypatch.setattr(imap_session, "STANDARD_BEARER", "none")
    server.put(user, A)
    rig.tokens = tokens = Tokens(user)
    rig.watcher().look_once()
    assert rig.stored() == [A]
    assert tokens.renewals == 1
    assert f"user=<{user}>, method={mechanism}" in server.log


def test_a_wrong_password_is_told_as_such(rig: MailboxRig, user: str) -> None:
    watcher = rig.watcher()
    (rig.folder / "password").write_text("wrong")
    with pytest.raises(MailboxAway) as caught:
        watcher.look_once()
    assert caught.value.trouble is MailboxTrouble.REFUSED
