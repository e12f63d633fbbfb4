"""What Gmail, Exchange, Courier and other mailbox servers do differently, and what must come of it: every mail once, in its time."""

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from edges.test_mailbox_oddities import A, B, C, Serve, away, serve
from sqlalchemy import select
from support.desk.story import StoryDesk
from support.servers.mailbox_rig import mail
from support.servers.scripted_imap import Gone, Refused, ScriptedImap

from helpdesk.gateway.doors.mailbox.session import MailboxAway, MailboxTrouble
from helpdesk.store.inbound import store_raw
from helpdesk.store.schema import inbound
from helpdesk.threading.model.mail import Envelope, RawMessage
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status

__all__ = ["serve"]

OVERQUOTA = "NO [OVERQUOTA] Account exceeded command or bandwidth limits."
BACKOFF = "BAD Request is throttled. Suggested Backoff Time: 201317 milliseconds"
LOST = "BAD User is authenticated but not connected."


# ---- answers that leave something out


@pytest.mark.parametrize("which", ["describe", "content", "both"])
def test_an_answer_without_its_uid_belongs_to_the_mail_that_was_asked_for(serve: Serve, which: str) -> None:
    server, rig = serve({10: A, 20: B, 30: C})
    whole = server._fetched

    def without_uid(uid: int, command: str) -> bytes:
        hit = which == "both" or ("BODY" in command) == (which == "content")
        return whole(uid, command).replace(b"UID %d " % uid, b"", 1) if hit else whole(uid, command)

    server._fetched = without_uid  # type: ignore[method-assign]  # the server's own answer, without a part
    rig.watcher().look_once()
    assert rig.stored() == [A, B, C]
    assert rig.ledger() == [("10", "stored"), ("20", "stored"), ("30", "stored")]


def test_a_sequence_number_is_never_taken_for_a_uid(serve: Serve) -> None:
    """UID 2 is the first mail, and UID 7 the second: an answer about number 2 that names no UID is about UID 7."""
    server, rig = serve({2: A, 7: B})
    whole = server._fetched
    server._fetched = lambda uid, command: whole(uid, command).replace(b"UID 7 ", b"", 1)  # type: ignore[method-assign]  # as above
    rig.watcher().look_once()
    assert rig.ledger("uid", "size") == [("2", len(A)), ("7", len(B))]


# ---- what stays listed


def test_an_empty_answer_is_missing_until_it_is_asked_for_again(serve: Serve) -> None:
    server, rig = serve({1: A, 2: B, 3: C})
    whole = server._fetched
    said: list[str] = []

    def nothing_once(uid: int, command: str) -> bytes:
        if uid == 2 and "BODY" in command and not said:
            said.append(command)
            return b""
        return whole(uid, command)

    server._fetched = nothing_once  # type: ignore[method-assign]  # as above
    rig.watcher(after="keep").look_once()
    assert rig.stored() == [A, C]
    rig.watcher(after="keep").look_once()
    assert rig.stored() == [A, C]  # a minute has not passed
    [compared] = rig.watcher(after="keep").look_once(reconcile=True)
    assert (compared.on_server, compared.missing) == (3, ())
    assert rig.stored() == [A, C, B]


@pytest.mark.parametrize("withheld", [2, 3], ids=["below the cursor", "above the cursor"])
def test_what_the_server_lists_and_never_hands_over_is_missing_in_each_comparison(serve: Serve, withheld: int) -> None:
    server, rig = serve({1: A, 2: B, 3: C})
    whole = server._fetched
    server._fetched = lambda uid, command: b"" if uid == withheld else whole(uid, command)  # type: ignore[method-assign]  # as above
    rig.watcher(after="keep").look_once()
    for _ in range(3):
        [compared] = rig.watcher(after="keep").look_once(reconcile=True)
        assert (compared.on_server, compared.in_ledger, compared.missing) == (3, 2, (str(withheld),))
        rig.clock.by += timedelta(hours=2)
    del server.mails[withheld]
    [compared] = rig.watcher(after="keep").look_once(reconcile=True)
    assert (compared.on_server, compared.missing) == (2, ())


def test_a_mail_that_breaks_each_session_keeps_new_mail_back_for_no_look(serve: Serve) -> None:
    server, rig = serve({1: A})
    whole = server._fetched

    def breaks(uid: int, command: str) -> bytes:
        if uid == 1 and "BODY" in command:
            raise Gone
        return whole(uid, command)

    server._fetched = breaks  # type: ignore[method-assign]  # as above
    watcher = rig.watcher()
    for _ in range(3):
        with pytest.raises(MailboxAway):
            watcher.look_once()
    watcher.look_once()
    for number in range(2, 6):
        rig.clock.by += timedelta(hours=2)
        server.mails[number] = mail(f"new {number}")
        with pytest.raises(MailboxAway):  # the bad mail is tried once more, after the new one
            watcher.look_once()
        assert rig.stored()[-1] == mail(f"new {number}")
        watcher.look_once()  # and is put off again


def test_a_content_without_any_octet_is_no_mail(serve: Serve) -> None:
    server, rig = serve({1: A, 2: B})
    server.answer_fetch = lambda uid, content: (
        b"* 1 FETCH (UID %d BODY[] {0}\r\n)\r\n" % uid if uid == 1 else b'* 2 FETCH (UID 2 BODY[] "")\r\n'
    )
    rig.watcher(after="delete").look_once()
    assert rig.stored() == [] and sorted(server.mails) == [1, 2]
    server.answer_fetch = None
    rig.watcher(after="delete").look_once(reconcile=True)
    assert rig.stored() == [A, B]


def test_a_list_that_is_cut_short_proves_nothing(serve: Serve) -> None:
    """Neither the mail nor the second search is answered: the mail is still there, and is not booked as gone."""
    server, rig = serve({1: A, 2: B})
    whole, searches = server._fetched, server._uid_search
    server._fetched = lambda uid, command: b"" if uid == 2 else whole(uid, command)  # type: ignore[method-assign]  # as above
    asked: list[str] = []

    def search(stream: Any, command: str) -> bytes:
        asked.append(command)
        return searches(stream, command) if len(asked) == 1 else b""

    server._uid_search = search  # type: ignore[method-assign]  # as above
    rig.watcher().look_once()
    assert rig.ledger() == [("1", "stored"), ("2", "unreadable")]


# ---- servers that want a pause


@pytest.mark.parametrize(
    ("command", "reply", "trouble", "pause"),
    [
        ("UID FETCH", OVERQUOTA, MailboxTrouble.BUSY, 0.0),
        ("UID FETCH", BACKOFF, MailboxTrouble.BUSY, 201.317),
        ("UID SEARCH", "NO [UNAVAILABLE] System Error (Failure)", MailboxTrouble.BUSY, 0.0),
        ("UID FETCH", LOST, MailboxTrouble.AWAY, 0.0),
        ("SELECT", LOST, MailboxTrouble.AWAY, 0.0),
        ("SELECT", BACKOFF, MailboxTrouble.BUSY, 201.317),
        ("AUTHENTICATE", "NO [ALERT] Too many simultaneous connections. (Failure)", MailboxTrouble.BUSY, 0.0),
        ("UID FETCH", "BAD Suggested Backoff Time: 999999999 milliseconds, Request is throttled", MailboxTrouble.BUSY, 3600.0),
    ],
)
def test_a_server_that_wants_a_pause_gets_it_and_no_mail_is_blamed(
    serve: Serve, command: str, reply: str, trouble: MailboxTrouble, pause: float
) -> None:
    _server, rig = serve({1: A, 2: B}, refuse={command: [reply]})
    fault = away(rig)
    assert (fault.trouble, fault.pause) == (trouble, pause)
    assert rig.ledger() == []
    rig.watcher().look_once()
    assert rig.stored() == [A, B]


@pytest.mark.parametrize("command", ["UID SEARCH", "UID FETCH", "SELECT"])
def test_bye_names_its_reason(serve: Serve, command: str) -> None:
    def says_bye(stream: Any) -> None:
        stream.write(b"* BYE [UNAVAILABLE] Server busy, try later\r\n")

    server, rig = serve({1: A}, flood={command: says_bye})
    fault = away(rig)
    assert fault.trouble is MailboxTrouble.BUSY and "try later" in str(fault)
    server.flood.clear()
    rig.watcher().look_once()
    assert rig.stored() == [A]


def test_a_quota_of_the_target_folder_is_no_pause(serve: Serve) -> None:
    _server, rig = serve({1: A, 2: B}, refuse={"UID MOVE": ["NO [OVERQUOTA] Quota exceeded"]})
    rig.watcher().look_once()
    assert rig.stored() == [A, B] and rig.unsettled() == 2


# ---- names and passwords


class DottedServer:
    """A server with a dot between the levels of its folders, all of them below INBOX, as Courier has them."""

    def __init__(self, server: ScriptedImap, *, tells: str) -> None:
        self.made: list[str] = []
        server.capabilities += " NAMESPACE" if tells == "NAMESPACE" else ""
        server.untagged["NAMESPACE"] = lambda command: b'* NAMESPACE (("INBOX." ".")) NIL NIL\r\n'
        server.untagged["LIST"] = lambda command: b'* LIST (\\Noselect) "." ""\r\n'
        self._select, self._move = server._select, server._uid_move
        server.untagged["SELECT"] = server.untagged["EXAMINE"] = lambda command: self.select(server, command)
        server.untagged["UID MOVE"] = lambda command: self.move(server, command)
        server.untagged["CREATE"] = self.create

    def select(self, server: ScriptedImap, command: str) -> bytes:
        if '"INBOX"' not in command and "INBOX.Sales.2026" not in command:
            raise Refused
        return self._select(None, command)

    def move(self, server: ScriptedImap, command: str) -> bytes:
        if command.split()[3].strip('"') not in self.made:
            raise Refused
        return self._move(None, command)

    def create(self, command: str) -> bytes:
        name = command.split()[1].strip('"')
        if not name.startswith("INBOX.") or "/" in name:
            raise Refused
        self.made.append(name)
        return b""


def test_a_folder_is_found_under_the_servers_own_spelling(serve: Serve) -> None:
    server, rig = serve({1: A})
    DottedServer(server, tells="NAMESPACE")
    rig.watcher(folders=["Sales/2026"], after="keep").look_once()
    assert rig.stored() == [A]


def test_mail_is_moved_under_the_servers_own_spelling(serve: Serve) -> None:
    server, rig = serve({1: A})
    dotted = DottedServer(server, tells="NAMESPACE")
    dotted.made.append("INBOX.Done.2026")
    rig.watcher(after="move:Done/2026").look_once()
    assert server.moved == [1] and rig.unsettled() == 0


def test_a_missing_folder_is_missing_whatever_the_server_is_asked(serve: Serve) -> None:
    server, rig = serve({1: A})
    DottedServer(server, tells="LIST")
    with pytest.raises(MailboxAway, match="folder Away/Gone"):
        rig.watcher(folders=["Away/Gone"], after="keep").look_once()
    assert rig.stored() == []


@pytest.mark.parametrize("password", ["pässwört", "пароль", 'quo"te\\', "ÿ"])
@pytest.mark.parametrize("mechanism", ["AUTH=PLAIN SASL-IR", ""])
def test_a_password_in_any_script_logs_in(serve: Serve, password: str, mechanism: str) -> None:
    server, rig = serve({1: A}, capabilities=f"IMAP4rev1 {mechanism}".strip())
    literals: list[bytes] = []
    obeys = ScriptedImap._command

    def hears_literals(stream: Any, tag: str, command: str) -> None:
        if found := re.search(r"\{(\d+)\}$", command):
            stream.write(b"+ go on\r\n")
            literals.append(stream.read(int(found[1])))
            stream.readline()
        obeys(server, stream, tag, command)

    server._command = hears_literals  # type: ignore[method-assign]  # a server that takes literals
    (rig.folder / "given").write_text(f"{password}\n")
    watcher = rig.watcher(password_file=str(rig.folder / "given"))
    watcher.look_once()
    assert rig.stored() == [A]
    [login] = [text for text in server.spoken if text.split()[0] in ("LOGIN", "AUTHENTICATE")]
    if mechanism:
        assert base64.b64decode(server.tokens[0] if server.tokens else login.split()[-1]).endswith(password.encode())
    elif password.isascii():
        assert not literals
    else:
        assert literals == [password.encode()]


# ---- a mail above the limit, at the desk


def test_a_mail_above_the_limit_becomes_a_request_and_staff_are_told(desk: StoryDesk) -> None:
    content = mail("Huge scan", "Please look at page 3.\n\n" + "x" * 500)
    raw = RawMessage("imap", None, content, desk.now, whole_size=41_200_000)
    store_raw(desk.database, desk.node.blobs, 65536, [raw], desk.now)
    desk.settle()
    shown = desk.person("omar@desk.example").letter(Notice.NEW_TICKET)
    assert "Please look at page 3." in shown.text and "42 MB" in shown.text and "still in the mailbox" in shown.text
    confirmation = desk.person("anna@acme.example").letter(Notice.CONFIRMATION)
    for text in (confirmation.text, confirmation.html):
        assert "Your email is 42 MB, more than we can receive" in " ".join(text.split())
    with desk.database.reading() as connection:
        assert connection.execute(select(inbound.c.whole_size)).scalars().all() == [41_200_000]


ONLY_PART = "It is 42 MB, more than we can receive, so only its beginning reached us"


@contextmanager
def large_mails(desk: StoryDesk) -> Iterator[None]:
    """Every mail of the block has 41.2 MB on its server, which gave its beginning alone."""

    def deliver(reverse_path: str, to: list[str], content: bytes, peer: str) -> None:
        raw = RawMessage("smtp", Envelope(reverse_path, tuple(to)), content, desk.now, peer, whole_size=41_200_000)
        store_raw(desk.database, desk.node.blobs, 65536, [raw], desk.now)

    usual, desk.deliver = desk.deliver, deliver
    yield
    desk.deliver = usual


def test_a_reply_above_the_limit_is_told_to_its_writer_and_to_staff(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example", "Anna"), desk.person("omar@desk.example", "Omar")
    anna.writes("Scan", "The scan is grey.")
    with large_mails(desk):
        anna.replies(Notice.CONFIRMATION, "Please look at page 3.")
    told = anna.letter(Notice.INCOMPLETE)
    assert all(ONLY_PART in " ".join(text.split()) for text in (told.text, told.html))
    shown = omar.letter(Notice.CUSTOMER_REPLY)
    assert "Please look at page 3." in shown.text and "42 MB" in shown.text
    assert desk.notices_to(anna) == [Notice.CONFIRMATION, Notice.INCOMPLETE]


def test_a_press_of_solved_above_the_limit_closes_nothing(desk: StoryDesk) -> None:
    """What such a mail brings is not known, and nobody would look for it on a closed request."""
    anna, omar = desk.person("anna@acme.example", "Anna"), desk.person("omar@desk.example", "Omar")
    anna.writes("Scan", "The scan is grey.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nPlease press the green key.")
    [solved] = re.findall(r"It is solved: mailto:([^?]+)", anna.letter(Notice.RESOLUTION).text)
    with large_mails(desk):
        anna.writes("It is solved", "", to=solved)
    assert desk.ticket().status is Status.IN_PROGRESS
    assert desk.notices_to(anna)[-2:] == [Notice.REOPENED, Notice.INCOMPLETE]


def test_a_staff_mail_above_the_limit_says_nothing_to_a_customer(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example", "Anna"), desk.person("omar@desk.example", "Omar")
    anna.writes("Scan", "The scan is grey.")
    with large_mails(desk):
        omar.replies(Notice.NEW_TICKET, "Please see the file.")
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    omar.replies(Notice.HELD, "#send")  # nothing of a part proves its author, so it was held
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    assert "42 MB, more than the desk takes" in " ".join(omar.letter(Notice.RECEIPT).text.split())
