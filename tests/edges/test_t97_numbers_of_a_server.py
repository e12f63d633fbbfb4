"""Numbers that a mailbox server makes up: none of them hides mail that comes later, and an absurd one concerns its own mail alone."""

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from support.servers.mailbox_rig import MailboxRig, mail
from support.servers.scripted_imap import ScriptedImap, scripted_imap

from helpdesk.gateway.doors.mailbox import listed_uids, look
from helpdesk.gateway.doors.mailbox.session import LARGEST_SIZE, MailboxAway, octets_of
from helpdesk.store.database import Database
from helpdesk.store.schema import mailbox_folder

A, B, C = mail("a"), mail("b"), mail("c")
LATE = 4_294_967_290
Said = Callable[[str], bytes | None]


@pytest.fixture
def rig(tmp_path: Path, sqlite_url: str) -> Iterator[MailboxRig]:
    database = Database(sqlite_url)
    yield MailboxRig(tmp_path, database, "", {"after": "keep"})
    database.close()


@contextmanager
def serving(rig: MailboxRig, mails: dict[int, bytes], **untagged: Said) -> Iterator[ScriptedImap]:
    named = {name.replace("_", " ").upper(): said for name, said in untagged.items()}
    with scripted_imap(mails, untagged=named) as server:
        rig.url = f"imap://help@127.0.0.1:{server.port}"
        yield server


def listing(*numbers: object) -> bytes:
    return b"* SEARCH " + " ".join(map(str, numbers)).encode() + b"\r\n"


def shown(exists: int, next_uid: object, validity: object = 7) -> bytes:
    return f"* {exists} EXISTS\r\n* OK [UIDVALIDITY {validity}] x\r\n* OK [UIDNEXT {next_uid}] x\r\n".encode()


def once(said: bytes) -> Said:
    left = [said]
    return lambda command: left.pop() if left else None


def cursor(rig: MailboxRig) -> int:
    with rig.database.reading() as connection:
        return int(connection.execute(mailbox_folder.select()).one().last_uid)


def look_at(rig: MailboxRig, times: int = 1, **options: object) -> list[str]:
    """Looks of one node, some of which may fail; what they failed with."""
    watcher, faults = rig.watcher(**options), []
    for _ in range(times):
        try:
            watcher.look_once()
        except MailboxAway as fault:
            faults.append(str(fault))
    watcher.close()
    return faults


@pytest.mark.parametrize("number", [2, 7, LATE, 2**32 - 1, 2**32, 2**63, 10**30])
@pytest.mark.parametrize("always", [False, True], ids=["once", "always"])
def test_a_uid_that_is_not_there_hides_nothing(rig: MailboxRig, number: int, always: bool) -> None:
    """It is listed once, or for as long as the server likes, and no mail stands behind it."""
    mails: dict[int, bytes] = {}
    said = (lambda command: listing(*sorted(mails), number)) if always else once(listing(number))
    with serving(rig, mails, uid_search=said) as server:
        assert look_at(rig) == []
        assert cursor(rig) == 0
        server.mails[1] = A
        look_at(rig)
    assert rig.stored() == [A]
    assert cursor(rig) == 1


def test_a_number_that_was_made_up_may_be_a_mails_later(rig: MailboxRig) -> None:
    with serving(rig, {}, uid_search=once(listing(1))) as server:
        look_at(rig)
        server.mails[1] = A
        look_at(rig)
    assert rig.stored() == [A]


def test_what_is_listed_and_not_handed_out_is_told_and_tried_again(rig: MailboxRig, caplog: pytest.LogCaptureFixture) -> None:
    with serving(rig, {2: B}, uid_search=lambda command: listing(1, *sorted(server.mails))) as server:
        look_at(rig, 2)
        assert rig.ledger() == [("1", "unreadable"), ("2", "stored")]
        assert [record.message for record in caplog.records].count("mailbox.not_handed_out") == 1
        server.mails[1] = A
        rig.clock.by += timedelta(minutes=2)
        look_at(rig)
    assert rig.stored() == [B, A]


def test_what_is_not_listed_any_more_has_vanished(rig: MailboxRig) -> None:
    with serving(rig, {2: B}, uid_search=once(listing(1, 2))):
        look_at(rig)
    assert rig.ledger() == [("1", "vanished"), ("2", "stored")]


def described(uid: int, size: object) -> bytes:
    return f'* 1 FETCH (UID {uid} RFC822.SIZE {size} INTERNALDATE "01-Nov-2026 10:00:00 +0000")\r\n'.encode()


@pytest.mark.parametrize("size", [100, 10**12], ids=["refused", "too large"])
def test_a_made_up_mail_that_is_described_and_not_had_hides_nothing(rig: MailboxRig, size: int) -> None:
    """The cursor follows what was fetched."""
    made_up = {"there": True}

    def search(command: str) -> bytes | None:
        return listing(*sorted(server.mails), LATE) if made_up["there"] else None

    def fetch(command: str) -> bytes | None:
        if str(LATE) not in command or not made_up["there"]:
            return None
        return b"* 1 FETCH (UID %d BODY[] NIL)\r\n" % LATE if "BODY" in command else described(LATE, size)

    mails: dict[int, bytes] = {}
    examine = lambda command: shown(len(mails), LATE + 1)
    with serving(rig, mails, examine=examine, uid_search=search, uid_fetch=fetch) as server:
        look_at(rig)
        made_up["there"] = False
        server.mails[1] = A
        look_at(rig)
    assert rig.stored() == [A]


@pytest.mark.parametrize("next_uid", [4_000_000_000, 2**32, 2**63, 10**30, 0])
def test_uidnext_is_not_believed(rig: MailboxRig, next_uid: int) -> None:
    """Reading begins behind what is there, not behind what is promised."""
    with serving(
        rig, {3: A}, select=lambda command: shown(len(server.mails), next_uid), uid_search=lambda command: None
    ) as server:
        server.untagged["EXAMINE"] = server.untagged["SELECT"]
        look_at(rig, start_at="new")
        server.mails[4] = B
        look_at(rig, start_at="new")
        [compared] = rig.watcher(start_at="new").look_once(reconcile=True)
    assert rig.stored() == [B]
    assert (compared.on_server, compared.in_ledger) == (1, 1)


def test_a_made_up_uid_at_the_first_look_hides_nothing(rig: MailboxRig) -> None:
    with serving(rig, {3: A}, examine=lambda command: shown(1, LATE + 1), uid_search=once(listing(3, LATE))) as server:
        look_at(rig, start_at="new")
        server.mails[4] = B
        server.untagged.clear()
        look_at(rig, start_at="new")
    assert rig.stored() == [B]


def test_a_server_that_describes_nothing_decides_nothing(rig: MailboxRig) -> None:
    with serving(rig, {3: A}, uid_fetch=lambda command: b"") as server:
        assert "describes none" in look_at(rig, start_at="new")[0]
        server.untagged.clear()
        look_at(rig, start_at="new")
        server.mails[4] = B
        look_at(rig, start_at="new")
    assert rig.stored() == [B]


@pytest.mark.parametrize("column", ["last_uid", "start_uid"])
def test_books_that_believed_a_number_are_put_right(rig: MailboxRig, column: str) -> None:
    """What was there before the first look is not answered then, and what came since is."""
    with serving(rig, {3: A}) as server:
        look_at(rig, start_at="new")
        numbers = {"last_uid": LATE, column: LATE}
        with rig.database.writing() as connection:
            connection.execute(update(mailbox_folder).values(**numbers))
        server.mails[4] = B
        server.untagged["UID FETCH"] = lambda command: (
            None if "BODY" in command else described(3, 9) + described(4, 9).replace(b"01-Nov-2026", b"01-Nov-2999")
        )
        look_at(rig, start_at="new")
        server.mails[5] = C
        server.untagged.clear()
        look_at(rig, start_at="new")
    assert rig.stored() == [B, C]
    assert cursor(rig) == 5


def test_a_mail_that_came_below_the_cursor_is_noticed(rig: MailboxRig) -> None:
    """The server gave a mail of a large number away; then its count grows, and nothing new is above it."""
    with serving(rig, {LATE: A}) as server:
        watcher = rig.watcher()
        watcher.look_once()
        server.mails[2] = B
        watcher.look_once()
        watcher.close()
    assert rig.stored() == [A, B]


def test_many_that_are_not_there_keep_no_mail_back(rig: MailboxRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor do they fill the ledger at the server's pace: a look that brings nothing but such is the last of its session."""
    monkeypatch.setattr(look, "MOST_MAILS", 3)
    with serving(rig, {90: A}, uid_search=lambda command: listing(*range(10, 16), 90)):
        assert all("but sends none" in line for line in look_at(rig))
        assert len(rig.ledger()) == 3
        assert len(look_at(rig, 2)) == 1
    assert rig.stored() == [A]


def test_many_that_cannot_be_read_keep_no_other_from_being_moved(rig: MailboxRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look, "MOST_MAILS", 3)
    with serving(rig, {90: A}, uid_search=lambda command: listing(*range(10, 30))) as server:
        look_at(rig, 7)
        rig.clock.by += timedelta(minutes=2)
        server.untagged.clear()
        look_at(rig, after="move:Processed")
    assert rig.stored() == [A]
    assert server.moved == [90]


@pytest.mark.parametrize("size", [2**63, 2**64, 10**30, "x", "(1 2)", "007", "NIL", "1" * 5000, ""])
def test_an_absurd_size_stops_no_neighbour(rig: MailboxRig, size: object) -> None:
    def fetch(command: str) -> bytes | None:
        sizes = {1: len(A), 2: size, 3: len(C)}
        wanted = [int(uid) for uid in command.split()[2].split(",")]
        return None if "BODY" in command else b"".join(described(uid, sizes[uid]) for uid in wanted)

    with serving(rig, {1: A, 2: B, 3: C}, uid_fetch=fetch):
        look_at(rig)
    assert [content for content in rig.stored() if content != B] == [A, C]


@pytest.mark.parametrize(
    "answer", [b"(" * 3000 + b"\r\n", b"* 2 FETCH " + b"(" * 3000 + b"\r\n", b"\xff\r\n", b"* 2 FETCH (UID 2 {9999999999}\r\n"]
)
def test_a_mail_whose_description_breaks_the_session_stops_no_neighbour(rig: MailboxRig, answer: bytes) -> None:
    def fetch(command: str) -> bytes | None:
        return answer if "BODY" not in command and "2" in command.split()[2].split(",") else None

    with serving(rig, {1: A, 2: B, 3: C}, uid_fetch=fetch):
        look_at(rig, 6)
    assert rig.stored() == [A, C]
    assert rig.ledger() == [("1", "stored"), ("2", "unreadable"), ("3", "stored")]


@pytest.mark.parametrize("validity", [2**32, 2**63, 10**30, "9" * 5000, "x"])
def test_an_absurd_uidvalidity_stops_no_other_folder(rig: MailboxRig, validity: object, caplog: pytest.LogCaptureFixture) -> None:
    """Its folder waits, and people hear of it once."""
    with serving(rig, {1: A}, examine=lambda command: shown(1, 2, validity if "Odd" in command else 7)) as server:
        watcher = rig.watcher(folders=["INBOX", "Odd"])
        for uid in (1, 2, 3):
            server.mails[uid] = mail(f"m{uid}")
            with pytest.raises(MailboxAway, match="Odd"):
                watcher.look_once()
        watcher.close()
    assert len(rig.stored()) == 3
    assert [record.message for record in caplog.records].count("mailbox.folder_refused") == 1


@pytest.mark.parametrize("said", [b"* 9999999999999999999999 EXISTS\r\n", b"* OK [HIGHESTMODSEQ 99999999999999999999] x\r\n"])
def test_other_absurd_numbers_of_a_folder_do_no_harm(rig: MailboxRig, said: bytes) -> None:
    with serving(rig, {1: A}, examine=lambda command: shown(1, 2) + said):
        assert look_at(rig, 2) == []
    assert rig.stored() == [A]


@contextmanager
def pop3(rig: MailboxRig, uidl: bytes, sizes: bytes) -> Iterator[None]:
    listener = socket.create_server(("127.0.0.1", 0))
    rig.url = f"pop3://help@127.0.0.1:{listener.getsockname()[1]}"
    answers = {"TOP": b"-ERR not known\r\n", "UIDL": b"+OK\r\n" + uidl + b".\r\n", "LIST": b"+OK\r\n" + sizes + b".\r\n"}

    def converse() -> None:
        connection, _ = listener.accept()
        with suppress(OSError), connection, connection.makefile("rwb", buffering=0) as stream:
            stream.write(b"+OK\r\n")
            while line := stream.readline():
                word, _, number = line.decode().strip().partition(" ")
                answers["RETR"] = b"+OK\r\nSubject: " + number.encode() + b"\r\n\r\nhello\r\n.\r\n"
                stream.write(answers.get(word, b"+OK\r\n"))

    thread = threading.Thread(target=converse, daemon=True)
    thread.start()
    try:
        yield
    finally:
        listener.close()
        thread.join(30)


@pytest.mark.parametrize(
    ("uidl", "sizes"),
    [
        (b"1 one\r\n2 two\r\n3 three\r\n", b"1 40\r\n2 %d\r\n3 40\r\n" % 10**30),
        (b"1 one\r\n2 two\r\n3 three\r\n", b"1 40\r\n3 40\r\n%d 7\r\n" % 10**30),
        (b"1 one\r\n" + b"9" * 5000 + b" two\r\n3 three\r\n", b"1 40\r\n2 40\r\n3 40\r\n"),
    ],
    ids=["size", "not described", "number"],
)
def test_an_absurd_number_by_pop3_concerns_its_own_mail(rig: MailboxRig, uidl: bytes, sizes: bytes) -> None:
    with pop3(rig, uidl, sizes):
        assert look_at(rig) == []
    assert [content.splitlines()[0] for content in rig.stored()] == [b"Subject: 1", b"Subject: 3"]


@pytest.mark.parametrize(
    ("said", "octets"),
    [
        (7, 7),
        (-7, 0),
        (2**70, LARGEST_SIZE),
        (b"7", 7),
        (b"007", 7),
        (b"9" * 5000, LARGEST_SIZE),
        (b"-7", 0),
        (b"x", 0),
        (None, 0),
        ((1,), 0),
    ],
)
def test_a_size_is_a_size(said: object, octets: int) -> None:
    assert octets_of(said) == octets


@pytest.mark.parametrize("word", [b"0", b"-1", b"x", b"4294967296", b"9223372036854775808", b"9" * 30, b"9" * 5000])
def test_what_is_no_number_of_32_bits_is_no_uid(word: bytes) -> None:
    assert listed_uids.smallest_uids([b"3 " + word + b" 7"], 0) == [3, 7]


def in_pages(lines: Sequence[bytes]) -> Iterator[list[int]]:
    last = 0
    while page := listed_uids.smallest_uids(lines, last):
        yield page
        last = page[-1]


def test_every_uid_of_a_long_search_comes_in_some_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """In whatever order, in one line or in several, with what servers write behind it."""
    monkeypatch.setattr(listed_uids, "MOST_UIDS", 10)
    monkeypatch.setattr(listed_uids, "PART", 16)
    numbers = [(17 * step) % 1009 + 1 for step in range(500)]
    words = [str(number).encode() for number in numbers]
    lines = [b" ".join(words[:200]), b" ".join([*words[200:], b"9" * 30, b"x", b"-3", b"(MODSEQ 4)"])]
    pages = list(in_pages(lines))
    assert [uid for page in pages for uid in page] == sorted(numbers)
    assert all(len(page) <= 10 for page in pages)
