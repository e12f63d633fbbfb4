"""A mailbox server, or whoever stands before it, that sends without end: from its greeting to its goodbye little of it is kept, no look
takes long, and people are told."""

import socket
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from support.servers.mailbox_rig import MailboxRig, mail
from support.servers.peers import wait_for
from support.servers.scripted_imap import scripted_imap
from support.slices import some_of

from helpdesk.gateway.doors.mailbox import imap_session
from helpdesk.gateway.doors.mailbox import stream as stream_module
from helpdesk.gateway.doors.mailbox.session import MailboxAway, TooLong, TooMuch
from helpdesk.store.database import Database

MOST_MEMORY = 64 * 1024 * 1024
SENT = 96 * 1024 * 1024  # octets that such a server has at most; whoever takes all of them has kept too much
TIMEOUT = 10.0
Flood = Callable[[Any], None]


def endlessly(head: bytes, piece: bytes) -> Flood:
    def send(stream: Any) -> None:
        stream.write(head)
        for _ in range(SENT // len(piece)):
            stream.write(piece)

    return send


IMAP_FLOODS = {
    "lines": endlessly(b"", b"* OK [X ab]\r\n" * 5000),
    "a line": endlessly(b"* OK ", b"x" * 100_000),
    "a literal": endlessly(b"* OK {900001000}\r\n", b"x" * 100_000),
    "literals": endlessly(b"* OK ", b"{50000}\r\n" + b"x" * 50_000),
}
IMAP_PHASES = (
    "greeting", "CAPABILITY", "AUTHENTICATE", "SELECT", "UID SEARCH", "UID FETCH", "BODY", "UID MOVE", "LOGOUT", "IDLE",
)  # fmt: skip
POP3_FLOODS = {
    "lines": endlessly(b"+OK\r\n", b"1 9\r\n" * 10_000),
    "a line": endlessly(b"+OK ", b"x" * 100_000),
    "a listed line": endlessly(b"+OK\r\n1 ", b"x" * 100_000),
}
POP3_PHASES = ("", "USER", "PASS", "UIDL", "LIST", "RETR", "QUIT")
POP3 = {
    "UIDL": b"+OK\r\n1 one\r\n2 two\r\n.\r\n",
    "LIST": b"+OK\r\n1 100\r\n2 100\r\n.\r\n",
    "RETR": b"+OK\r\nSubject: x\r\n\r\nhello\r\n.\r\n",
}


class Seconds:
    """A clock on which each reading is half a second after the last: a wait for octets takes half a second, however few come."""

    def __init__(self) -> None:
        self.passed = 0.0

    def __call__(self) -> float:
        self.passed += 0.5
        return self.passed


@pytest.fixture
def rig(tmp_path: Path, sqlite_url: str) -> Iterator[MailboxRig]:
    database = Database(sqlite_url)
    yield MailboxRig(tmp_path, database, "", {"timeout": f"{TIMEOUT:.0f}s"})
    database.close()


@contextmanager
def imap(rig: MailboxRig, phase: str, flood: Flood) -> Iterator[None]:
    with scripted_imap({1: mail("a"), 2: mail("b")}, flood={phase: flood}) as server:
        rig.url = f"imap://help@127.0.0.1:{server.port}"
        rig.options["after"] = "move:Processed"
        yield


@contextmanager
def pop3(rig: MailboxRig, phase: str, flood: Flood) -> Iterator[None]:
    listener = socket.create_server(("127.0.0.1", 0))
    rig.url = f"pop3://help@127.0.0.1:{listener.getsockname()[1]}"
    rig.options["after"] = "keep"

    def converse() -> None:
        connection, _ = listener.accept()
        with suppress(OSError), connection, connection.makefile("rwb", buffering=0) as stream:
            word = ""
            while True:
                if word == phase:
                    flood(stream)
                    return
                stream.write(POP3.get(word, b"+OK\r\n"))
                word = stream.readline().decode().split()[0]

    thread = threading.Thread(target=converse, daemon=True)
    thread.start()
    try:
        yield
    finally:
        listener.close()
        thread.join(30)


def meet(rig: MailboxRig, phase: str) -> Exception | None:
    """One look at such a server, or one wait for it."""
    watcher = rig.watcher()
    try:
        if phase != "IDLE":
            watcher.look_once()
            return None
        session = watcher._connect()
        try:
            session.open("INBOX", read_only=True)
            session.wait(3600, watcher._woken)
        finally:
            session.close()
    except MailboxAway as fault:
        return fault
    finally:
        watcher.close()
    return None


def measured(rig: MailboxRig, phase: str) -> Exception | None:
    tracemalloc.start()
    try:
        fault = meet(rig, phase)
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()
    return fault


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("phase", "flood"), some_of(product(IMAP_PHASES, IMAP_FLOODS), 3))
def test_little_is_kept_of_what_an_imap_server_sends(rig: MailboxRig, phase: str, flood: str) -> None:
    with imap(rig, phase, IMAP_FLOODS[flood]):
        fault = measured(rig, phase)
    assert isinstance(fault, TooMuch) or (phase == "LOGOUT" and fault is None)


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("phase", "flood"), some_of(product(POP3_PHASES, POP3_FLOODS), 2))
def test_little_is_kept_of_what_a_pop3_server_sends(rig: MailboxRig, phase: str, flood: str) -> None:
    rig.limit = 7_000_000  # more would take long under tracemalloc, and less would fit twenty times over
    with pop3(rig, phase, POP3_FLOODS[flood]):
        fault = measured(rig, phase)
    ends_itself = phase == "QUIT" or (phase in ("", "USER", "PASS") and flood != "a line")  # one line is a whole answer there
    assert isinstance(fault, TooMuch) or (ends_itself and not isinstance(fault, TooLong))


SEARCHES = {
    "small numbers": b"1 2 3 4 5 6 7 8 9 " * 5000,
    "the same number": b"77 " * 30_000,
    "no numbers": b"a b (c " * 10_000,
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("numbers", SEARCHES)
def test_a_search_of_any_length_costs_little(rig: MailboxRig, numbers: str) -> None:
    with imap(rig, "UID SEARCH", endlessly(b"* SEARCH ", SEARCHES[numbers])):
        assert isinstance(measured(rig, "UID SEARCH"), TooMuch)


@pytest.mark.timeout(120)
def test_a_folder_of_very_many_mails_is_read_page_by_page(rig: MailboxRig) -> None:
    """As long a search as is taken: its mails are not there, and stop nothing but themselves."""
    line = b"* SEARCH " + b" ".join(b"%d" % uid for uid in range(4_000_000_000, 4_000_760_000)) + b"\r\n"
    with scripted_imap({}, untagged={"UID SEARCH": lambda _: line}) as server:
        rig.url = f"imap://help@127.0.0.1:{server.port}"
        assert isinstance(measured(rig, "UID SEARCH"), MailboxAway)
    assert len(rig.ledger()) == 500


def unique_ids(stream: Any) -> None:
    stream.write(b"+OK\r\n")
    for start in range(1, 1_000_000, 1000):
        stream.write(b"".join(b"%d u%d\r\n" % (number, number) for number in range(start, start + 1000)))


@pytest.mark.timeout(120)
def test_a_pop3_listing_of_very_many_mails_costs_little(rig: MailboxRig) -> None:
    with pop3(rig, "UIDL", unique_ids):
        assert isinstance(measured(rig, "UIDL"), TooMuch)


@pytest.mark.timeout(120)
def test_what_nobody_asked_for_is_forgotten_with_the_next_command(rig: MailboxRig) -> None:
    """Each answer stays below its bound, and a look has many."""
    mails = {uid: mail(f"m{uid}") for uid in range(1, 91)}
    with scripted_imap(mails, chatter=b"* XJUNK " + b"x" * 900_000 + b"\r\n") as server:
        rig.url = f"imap://help@127.0.0.1:{server.port}"
        assert measured(rig, "BODY") is None
    assert len(rig.stored()) == 90


@pytest.mark.timeout(120)
@pytest.mark.parametrize("pieces", [1, 12], ids=["whole pieces", "more than was asked for"])
def test_a_mail_in_pieces_ends_at_the_limit(rig: MailboxRig, pieces: int) -> None:
    """Its server always has one more."""
    piece = b"x" * (imap_session.PIECE * pieces)
    with scripted_imap({1: b"x" * 2_000_000, 2: mail("b")}) as server:
        server.answer_fetch = lambda uid, content: (
            b"* 1 FETCH (UID %d BODY[]<0> {%d}\r\n%b)\r\n"
            % ((uid, len(piece), piece) if uid == 1 else (uid, len(content), content))
        )
        rig.url = f"imap://help@127.0.0.1:{server.port}"
        rig.limit = 5_000_000
        watcher = rig.watcher()
        for _ in range(2):
            with suppress(MailboxAway):
                watcher.look_once()
        watcher.close()
        assert sum("BODY" in line for line in server.spoken) <= 1 + (rig.limit // imap_session.PIECE + 2 if pieces == 1 else 1)
    assert rig.stored() == [mail("b")]
    assert rig.ledger() == [("1", "unreadable"), ("2", "stored")]


@pytest.mark.timeout(120)
def test_no_line_is_kept_a_second_time(rig: MailboxRig) -> None:
    """imaplib has a log of the last lines, in which each octet may take four."""
    line = b"* SEARCH " + b"\xff" * 8_000_000 + b"\r\n"
    with scripted_imap({}, untagged={"UID SEARCH": lambda _: line}) as server:
        rig.url = f"imap://help@127.0.0.1:{server.port}"
        assert measured(rig, "UID SEARCH") is None


def dripping(stream: Any) -> None:
    """One octet at a time, and no end of a line."""
    for _ in range(10_000_000):
        stream.write(b"*")


@pytest.mark.timeout(120)
@pytest.mark.parametrize("phase", [*IMAP_PHASES, *POP3_PHASES])
def test_no_look_takes_long(rig: MailboxRig, phase: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the server keeps talking: the waits of one look are counted together."""
    seconds = Seconds()
    with (pop3 if phase in POP3_PHASES else imap)(rig, phase, dripping):
        monkeypatch.setattr(stream_module, "monotonic", seconds)
        fault = meet(rig, phase)
    # Where many octets come at once, the bound of a short POP3 answer is met before the time is over.
    ended = (TooLong, TooMuch) if phase in POP3_PHASES else TooLong
    assert isinstance(fault, ended) or (phase in ("LOGOUT", "QUIT") and fault is None)
    # Login and look have each their time, and each wait is read from the clock twice.
    assert seconds.passed <= 2 * 2 * stream_module.LOOK_TIMEOUTS * TIMEOUT


@pytest.mark.parametrize("earns", [True, False])
def test_octets_of_a_mail_earn_time_and_others_do_not(earns: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight thousand octets in half a second are more than the least pace, and take longer in all than one look may."""
    monkeypatch.setattr(stream_module, "monotonic", Seconds())
    reader = stream_module.BoundedReader(TIMEOUT)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        reader.begin_answer(10_000_000, earns=earns)

        def taken() -> int:
            count = 0
            for _ in range(100):
                theirs.sendall(b"x" * 8191 + b"\n")
                count += len(reader.line(ours))
            return count

        if earns:
            assert taken() == 100 * 8192
        else:
            with pytest.raises(TooLong):
                taken()


@pytest.mark.parametrize("flood", ["lines", "a literal"])
def test_people_are_told_at_once_and_once(rig: MailboxRig, flood: str, caplog: pytest.LogCaptureFixture) -> None:
    waits: list[float] = []
    with caplog.at_level("WARNING", "helpdesk.mailbox"), imap(rig, "greeting", IMAP_FLOODS[flood]):
        watcher = rig.watcher()

        def noted(seconds: float) -> None:
            waits.append(seconds)

        watcher._pause = noted  # type: ignore[method-assign]
        watcher.start()
        wait_for(lambda: len(waits) >= 1, "one failure")
        told_at_once = [record.message for record in caplog.records]
        wait_for(lambda: len(waits) >= 4, "four failures")
        watcher.stop()
        watcher.join(30)
    assert told_at_once == ["mailbox.away"]
    assert [record.message for record in caplog.records] == ["mailbox.away"]


def test_a_line_counts_for_what_keeping_it_costs() -> None:
    """Short lines take many times their octets."""
    reader = stream_module.BoundedReader(TIMEOUT)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"\n" * 4000)
        reader.begin_answer(4000)
        taken = 0
        with pytest.raises(TooMuch):
            for _ in range(4000):
                taken += len(reader.line(ours))
    assert taken < 100
