"""Servers that do what they should not, or what they may and seldom do."""

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.servers.cutting_proxy import Plan, proxy_to
from support.servers.mailbox_rig import MailboxRig, mail
from support.servers.peers import wait_for
from support.servers.scripted_imap import ScriptedImap, scripted_imap

from helpdesk.gateway.doors.mailbox import watcher as watcher_module
from helpdesk.gateway.doors.mailbox.session import MailboxAway, MailboxTrouble
from helpdesk.gateway.doors.mailbox.waits import WAITS
from helpdesk.store.database import Database

A, B, C = mail("a"), mail("b"), mail("c")
CHATTER = b"* OK Still here\r\n* 9 EXISTS\r\n* 1 FETCH (FLAGS (\\Answered))\r\n* 77 EXPUNGE\r\n* FLAGS (\\Seen x)\r\n"
Serve = Callable[..., tuple[ScriptedImap, MailboxRig]]


@pytest.fixture
def serve(tmp_path: Path, sqlite_url: str) -> Iterator[Serve]:
    database, open_servers = Database(sqlite_url), []

    def begin(mails: dict[int, bytes], **options: Any) -> tuple[ScriptedImap, MailboxRig]:
        manager = scripted_imap(mails, **options)
        server = manager.__enter__()
        open_servers.append(manager)
        return server, MailboxRig(tmp_path, database, f"imap://help@127.0.0.1:{server.port}", {"after": "move:Processed"})

    yield begin
    for opened in open_servers:
        opened.__exit__(None, None, None)
    database.close()


def away(rig: MailboxRig) -> MailboxAway:
    with pytest.raises(MailboxAway) as caught:
        rig.watcher().look_once()
    return caught.value


def test_untagged_data_may_come_at_any_time(serve: Serve) -> None:
    server, rig = serve({1: A, 5: B}, chatter=CHATTER, before_idling=CHATTER)
    rig.watcher().look_once()
    assert rig.stored() == [A, B]
    assert server.moved == [1, 5]


@pytest.mark.timeout(60)
def test_news_before_the_consent_to_idle_ends_the_wait(serve: Serve) -> None:
    _server, rig = serve({}, before_idling=b"* 1 EXISTS\r\n")
    watcher = rig.watcher()
    session = watcher._connect()
    session.open("INBOX", read_only=False)
    session.wait(3600, watcher._woken)
    session.close()
    watcher.join(0)


@pytest.mark.timeout(60)
def test_news_that_come_with_the_consent_to_idle_end_the_wait(serve: Serve) -> None:
    """They are read together with it, and no poll would ever tell."""
    server, rig = serve({})
    server.announce.set()
    watcher = rig.watcher()
    session = watcher._connect()
    session.open("INBOX", read_only=False)
    session.wait(3600, watcher._woken)
    session.close()
    watcher.join(0)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("announces", [1, 9], ids=["once", "with each answer"])
def test_mail_that_was_announced_before_idle_began_does_not_wait_for_the_next_look(serve: Serve, announces: int) -> None:
    """A server that tells of it in its answer to MOVE does not tell it to IDLE again. One that always tells it is not asked for ever."""
    server, rig = serve({1: A})
    told: list[str] = []

    def move(command: str) -> bytes:
        server._uid_move(None, command)
        server.mails |= {2: B} if not told else {}
        told.append(command)
        return b"* 1 EXISTS\r\n" if len(told) <= announces else b""

    server.untagged["UID MOVE"] = move
    watcher = rig.watcher(poll_every="9m", after="move:Done")
    watcher.start()
    try:
        wait_for(lambda: rig.stored() == [A, B], "both have come")
        wait_for(server.idling.is_set, "it idles")
    finally:
        watcher.stop()
        watcher.join(30)
    assert len([command for command in server.spoken if command.startswith("UID SEARCH")]) <= 5


@pytest.mark.parametrize("command", ["AUTHENTICATE", "SELECT", "UID SEARCH", "UID FETCH", "UID MOVE"])
def test_a_server_that_hangs_up_loses_nothing(serve: Serve, command: str) -> None:
    server, rig = serve({1: A, 2: B}, hang_up={command})
    assert away(rig).trouble is MailboxTrouble.AWAY
    server.hang_up.clear()
    rig.watcher().look_once()
    assert rig.stored() == [A, B]
    assert server.moved == [1, 2]


@pytest.mark.parametrize(
    ("reply", "trouble"),
    [
        ("NO [UNAVAILABLE] later", MailboxTrouble.BUSY),
        ("NO [INUSE] elsewhere", MailboxTrouble.BUSY),
        ("NO [LIMIT] too many", MailboxTrouble.BUSY),
        ("NO [AUTHENTICATIONFAILED] wrong", MailboxTrouble.REFUSED),
        ("NO [EXPIRED] old", MailboxTrouble.REFUSED),
        ("NO wrong", MailboxTrouble.REFUSED),
        ("BAD what", MailboxTrouble.REFUSED),
    ],
)
def test_a_refused_login_is_told_from_a_busy_server(serve: Serve, reply: str, trouble: MailboxTrouble) -> None:
    server, rig = serve({1: A}, refuse={"AUTHENTICATE": [reply]})
    assert away(rig).trouble is trouble
    assert server.spoken.count("SELECT INBOX") == 0
    rig.watcher().look_once()
    assert rig.stored() == [A]


def test_a_greeting_that_says_bye(serve: Serve) -> None:
    _server, rig = serve({1: A}, greeting=b"* BYE [UNAVAILABLE] shutting down\r\n")
    assert "shutting down" in str(away(rig))


@pytest.mark.parametrize("reply", ["NO [OVERQUOTA] full", "NO [UNAVAILABLE] later", "NO [LIMIT] slower"])
def test_a_move_that_is_refused_is_tried_again_and_nothing_comes_twice(serve: Serve, reply: str) -> None:
    server, rig = serve({1: A, 2: B}, refuse={"UID MOVE": [reply]})
    rig.watcher().look_once()
    assert (rig.stored(), rig.unsettled(), server.moved) == ([A, B], 2, [])
    rig.watcher().look_once()
    assert server.moved == []  # its time has not come
    rig.clock.by += timedelta(minutes=2)
    server.mails[3] = C
    rig.watcher().look_once()
    assert (rig.stored(), rig.unsettled(), server.moved) == ([A, B, C], 0, [1, 2, 3])


def test_a_mail_that_the_server_does_not_hand_out_hides_no_other(serve: Serve) -> None:
    server, rig = serve({1: A, 2: B, 3: C})
    server.refuse["UID FETCH"] = []
    server.answer_fetch = lambda uid, content: (
        b"* 2 FETCH (UID 2 BODY[] NIL)\r\n"
        if uid == 2
        else b"* 1 FETCH (UID %d BODY[] {%d}\r\n%b)\r\n" % (uid, len(content), content)
    )
    rig.watcher().look_once()
    assert rig.stored() == [A, C]
    assert rig.ledger() == [("1", "stored"), ("2", "unreadable"), ("3", "stored")]
    server.answer_fetch = None
    rig.watcher().look_once()
    assert rig.stored() == [A, C]
    rig.clock.by += timedelta(minutes=2)
    rig.watcher().look_once()
    assert rig.stored() == [A, C, B]
    assert (rig.unsettled(), server.moved) == (0, [1, 3, 2])


def test_a_mail_at_which_the_session_always_breaks_off_is_passed_over(serve: Serve) -> None:
    server, rig = serve({1: A, 2: B, 3: C})

    def answer(uid: int, content: bytes) -> bytes:
        if uid == 2:
            raise OSError
        return b"* 1 FETCH (UID %d BODY[] {%d}\r\n%b)\r\n" % (uid, len(content), content)

    server.answer_fetch = answer
    watcher = rig.watcher()
    for _ in range(3):
        with pytest.raises(MailboxAway):
            watcher.look_once()
    assert rig.stored() == [A]
    watcher.look_once()
    assert rig.stored() == [A, C]
    assert rig.ledger() == [("1", "stored"), ("2", "unreadable"), ("3", "stored")]


@pytest.mark.parametrize(
    "answer",
    [
        b"* 1 FETCH (UID 1 BODY[] {99999999999}\r\n",
        b"* 1 FETCH (UID 1 BODY[] {99999999}\r\n" + b"x" * 1000,
    ],
)
def test_a_literal_is_not_believed_beyond_what_is_taken(serve: Serve, answer: bytes) -> None:
    server, rig = serve({1: A, 2: B})
    server.answer_fetch = lambda uid, content: answer if uid == 1 else b"* 1 FETCH (UID 2 BODY[] {%d}\r\n%b)\r\n" % (len(B), B)
    watcher = rig.watcher()
    with pytest.raises(MailboxAway, match="announces"):
        watcher.look_once()
    watcher.look_once()
    assert rig.stored() == [B]


@pytest.mark.parametrize(
    "garbage",
    [
        b"* SEARCH 1 2 x\r\n",
        b"* SEARCH (1\r\n",
        b"* \xff\xfe\r\n",
        b"\r\n",
        b"* 1 FETCH (UID\r\n",
        b"* 1 FETCH ((((((\r\n",
        b")(\r\n",
    ],
)
def test_nonsense_ends_the_session_or_is_passed_over(serve: Serve, garbage: bytes) -> None:
    server, rig = serve({1: A}, chatter=garbage)
    with suppress(MailboxAway):
        rig.watcher().look_once()
    server.chatter = b""
    rig.clock.by += timedelta(hours=2)
    rig.watcher().look_once()
    assert rig.stored() == [A]


def test_a_preauthenticated_greeting_is_no_way_around_tls(serve: Serve) -> None:
    _server, rig = serve({1: A}, greeting=b"* PREAUTH welcome\r\n")
    rig.url = rig.url.replace("imap://", "imap+starttls://")
    assert away(rig).trouble is MailboxTrouble.AWAY
    assert rig.stored() == []


def test_a_server_without_starttls_gets_no_password(serve: Serve) -> None:
    server, rig = serve({1: A})
    rig.url = rig.url.replace("imap://", "imap+starttls://")
    assert "STARTTLS" in str(away(rig))
    assert server.tokens == []


def test_without_move_mails_are_copied_and_only_they_are_expunged(serve: Serve) -> None:
    server, rig = serve({1: A, 2: B}, capabilities="IMAP4rev1 UIDPLUS AUTH=PLAIN")
    rig.watcher().look_once()
    assert server.spoken[-4:-1] == ['UID COPY 1,2 "Processed"', "UID STORE 1,2 +FLAGS.SILENT (\\Deleted)", "UID EXPUNGE 1,2"]


def test_without_uidplus_nothing_is_expunged(serve: Serve) -> None:
    server, rig = serve({1: A}, capabilities="IMAP4rev1 AUTH=PLAIN")
    rig.watcher(after="delete").look_once()
    assert not any("EXPUNGE" in line for line in server.spoken)
    assert rig.unsettled() == 0


def test_a_search_from_the_next_uid_on_names_the_last_mail_and_it_is_not_new(serve: Serve) -> None:
    """RFC 9051 §9: `8:*` is `7:8` where 7 is the last one."""
    server, rig = serve({3: A, 7: B})
    watcher = rig.watcher()
    session = watcher._connect()
    session.open("INBOX", read_only=True)
    assert [session.uids_after(last) for last in (0, 3, 7)] == [["3", "7"], ["7"], []]
    session.close()
    watcher.join(0)
    assert "SEARCH UID 8:*" in server.spoken[-2]


def test_only_uid_commands_and_no_seen_flag(serve: Serve) -> None:
    server, rig = serve({1: A})
    rig.watcher().look_once()
    named = [line.split()[0] for line in server.spoken]
    assert set(named) <= {"CAPABILITY", "AUTHENTICATE", "SELECT", "UID", "LOGOUT"}
    assert all("BODY.PEEK[]" in line for line in server.spoken if "BODY" in line)


class Tokens:
    """Tokens in turn; `asked` says how."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def current(self) -> str:
        self.asked.append("current")
        return "old"

    def renew(self, rejected: str = "") -> str:
        self.asked.append(f"instead of {rejected}")
        return "new"


@pytest.mark.parametrize(("mechanism", "form"), [("XOAUTH2", "user=help\1auth=Bearer {}\1\1"), ("OAUTHBEARER", "n,a=help,\1")])
def test_a_refused_token_is_renewed_once(serve: Serve, mechanism: str, form: str) -> None:
    capabilities = f"IMAP4rev1 UIDPLUS MOVE AUTH={mechanism} AUTH=PLAIN"
    server, rig = serve({1: A}, capabilities=capabilities, refuse={"AUTHENTICATE": ["NO [AUTHENTICATIONFAILED] expired"]})
    rig.tokens = tokens = Tokens()
    rig.watcher().look_once()
    assert tokens.asked == ["current", "instead of old"]
    [said] = [base64.b64decode(token).decode() for token in server.tokens]
    assert said.startswith(form.format("new"))
    assert "auth=Bearer new" in said
    assert not any("PLAIN" in line or "LOGIN" in line for line in server.spoken)


def test_a_token_that_is_refused_twice_is_no_reason_to_send_a_password(serve: Serve) -> None:
    refusals = {"AUTHENTICATE": ["NO expired", "NO expired"]}
    server, rig = serve({1: A}, capabilities="IMAP4rev1 AUTH=XOAUTH2 AUTH=PLAIN", refuse=refusals)
    rig.tokens = tokens = Tokens()
    assert away(rig).trouble is MailboxTrouble.REFUSED
    assert tokens.asked == ["current", "instead of old"]
    assert [line.split()[1] for line in server.spoken if line.startswith("AUTH")] == ["XOAUTH2", "XOAUTH2"]


def test_an_error_challenge_is_answered_with_nothing(serve: Serve) -> None:
    """The server says why, the client says that it has heard, the server says no."""
    challenge = base64.b64encode(b'{"status":"401"}')
    server, rig = serve({1: A}, capabilities="IMAP4rev1 AUTH=OAUTHBEARER", challenge=challenge)
    rig.tokens = Tokens()
    assert away(rig).trouble is MailboxTrouble.REFUSED
    assert [base64.b64decode(token) for token in server.tokens[1::2]] == [b"\1", b"\1"]


@contextmanager
def watching(rig: MailboxRig, waits: list[float], **options: str) -> Iterator[None]:
    """A running watcher whose waits after failures are written down, and are over at once."""
    watcher = rig.watcher(**options)
    pause = watcher._pause

    def noted(seconds: float) -> None:
        if seconds > 0:
            waits.append(seconds)
        pause(min(seconds, 0.01))

    watcher._pause = noted  # type: ignore[method-assign]
    watcher.start()
    try:
        yield
    finally:
        watcher.stop()
        watcher.join(30)


def test_a_server_that_ends_each_session_is_left_alone_for_longer_and_longer(serve: Serve) -> None:
    _server, rig = serve({1: A}, hang_up={"AUTHENTICATE"})
    waits: list[float] = []
    with watching(rig, waits):
        wait_for(lambda: len(waits) >= 10, "ten failures")
    assert waits[:10] == [*WAITS[MailboxTrouble.AWAY], 300, 300]


def test_the_end_of_an_idle_connection_is_no_news(serve: Serve) -> None:
    """The server consents to idle and ends: the connection is over, and is not asked again and again."""
    server, rig = serve({})
    watcher = rig.watcher()
    session = watcher._connect()
    session.open("INBOX", read_only=False)

    def idle(stream: Any, command: str) -> bytes:
        stream.write(b"+ idling\r\n")
        raise OSError

    server.__dict__["_idle"] = idle
    with pytest.raises(MailboxAway):
        session.wait(3600, watcher._woken)
    session.close()
    watcher.join(0)


def test_a_server_that_never_stops_talking_costs_one_look_a_second(serve: Serve) -> None:
    server, rig = serve({1: A})
    server.announce.set()
    waits: list[float] = []
    with watching(rig, waits):
        wait_for(lambda: len(waits) >= 5, "five idle looks")
    assert all(0 < wait <= 1 for wait in waits)
    assert rig.stored() == [A]


def test_a_connection_that_is_silently_gone_is_noticed(serve: Serve) -> None:
    """The server's answers get lost on the way; after `timeout` the mail is fetched by a new connection."""
    server, rig = serve({1: A})
    with proxy_to(server.port) as proxy:
        rig.url = f"imap://help@127.0.0.1:{proxy.port}"
        waits: list[float] = []
        with watching(rig, waits, poll_every="1s", timeout="1s"):
            wait_for(server.idling.is_set, "it idles")
            proxy.plan.silent_down = 0
            wait_for(proxy.silenced.is_set, "the network has gone silent")
            proxy.plan = Plan()
            server.mails[2] = B
            wait_for(lambda: rig.stored() == [A, B], "the mail was fetched")
    assert server.connections >= 2


def test_a_node_stops_while_its_server_says_nothing(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher_module, "PATIENCE", 0.2)
    server, rig = serve({1: A})
    with proxy_to(server.port) as proxy:
        rig.url = f"imap://help@127.0.0.1:{proxy.port}"
        watcher = rig.watcher(timeout="1h", poll_every="1s")
        watcher.start()
        wait_for(server.idling.is_set, "it idles")
        proxy.plan.silent_down = 0
        wait_for(proxy.silenced.is_set, "the network has gone silent")
        watcher.stop()
        watcher.join(30)
        assert not watcher._thread.is_alive()


def test_people_are_told_once_and_once_more_when_it_is_over(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    server, rig = serve({1: A}, hang_up={"SELECT"})
    waits: list[float] = []
    with caplog.at_level("WARNING", "helpdesk.mailbox"), watching(rig, waits):
        wait_for(lambda: len(waits) >= 5, "five failures")
        server.hang_up.clear()
        wait_for(lambda: rig.stored() == [A], "it works again")
        wait_for(lambda: any(record.message == "mailbox.back" for record in caplog.records), "people are told")
    assert [record.message for record in caplog.records] == ["mailbox.away", "mailbox.back"]
