"""Slow, endless and numerous clients cost little, and are told to come again."""

import asyncio
import socket
from dis import get_instructions
from inspect import isfunction
from threading import Thread

import pytest
from aiosmtpd.smtp import SMTP
from support.servers.dialog import Client
from support.servers.smtp_door import ListStore, running_door

from helpdesk.gateway.doors import smtp, watch
from helpdesk.gateway.doors.admission import Admission
from helpdesk.gateway.doors.commands import LONGEST_LINE, CommandLines
from helpdesk.gateway.doors.door import Door


def test_the_101st_recipient_is_to_come_in_another_transaction() -> None:
    with running_door() as door, Client(door.port) as client:
        assert client.says("MAIL FROM:<anna@acme.test>").startswith("250")
        client.send("".join(f"RCPT TO:<help+{number}@desk.test>\r\n" for number in range(102)))
        codes = [reply[:9] for reply in client.replies(102)]
        assert codes == ["250 2.1.5"] * 100 + ["452 4.5.3"] * 2
        assert client.data(b"x\r\n").startswith("250 2.0.0")
        (mail,) = door.mails
        assert mail.envelope is not None
        assert len(mail.envelope.forward_paths) == 100


def test_endless_recipients_end_the_session() -> None:
    with running_door() as door, Client(door.port) as client:
        assert client.says("MAIL FROM:<anna@acme.test>").startswith("250")
        for _ in range(smtp.MOST_COMMANDS // 2 - 1):
            client.send("RCPT TO:<help@desk.test>\r\n" * 2)
            assert [reply[:3] in ("250", "452") for reply in client.replies(2)] == [True, True]
        assert client.says("RCPT TO:<help@desk.test>").startswith("421 4.7.0")
        assert client.is_closed()


def test_guessing_recipients_ends_the_session() -> None:
    with running_door() as door, Client(door.port) as client:
        assert client.says("MAIL FROM:<anna@acme.test>").startswith("250")
        client.send("RCPT TO:<nobody@desk.test>\r\n" * 21)
        assert [reply[:3] for reply in client.replies(21)] == ["550"] * 20 + ["421"]
        assert client.is_closed()


def test_a_stored_mail_forgives_earlier_errors() -> None:
    with running_door() as door, Client(door.port) as client:
        for _ in range(3):
            for _ in range(15):
                assert client.says("XYZZY").startswith("500")
            assert client.mail().startswith("250")
        assert len(door.mails) == 3


def test_longest_things_that_must_be_accepted() -> None:
    local_part = "a" * 64
    domain = ".".join(["d" * 63] * 3) + "." + "d" * 61
    with running_door(ours=lambda address: True) as door, Client(door.port) as client:
        assert client.says(f"MAIL FROM:<{local_part}@{domain}>").startswith("250")
        assert client.says(f"RCPT TO:<{local_part}@{domain}>").startswith("250")
        assert client.says("NOOP " + "x" * (512 - 7)).startswith("250")
        assert client.data(b"x" * 998 + b"\r\n" + b"y" * (1 << 20) + b"\r\n").startswith("250 2.0.0")
        assert len(door.mails[0].content) == 998 + 2 + (1 << 20) + 2


def test_a_command_that_is_too_long_is_refused_and_an_endless_one_ends_the_session() -> None:
    with running_door() as door, Client(door.port) as client:
        assert client.says("MAIL FROM:<" + "a" * 600 + "@acme.test>").startswith("553 5.1.7")
        assert client.says("NOOP " + "x" * 3000).startswith("500 5.5.2")
        assert client.says("NOOP").startswith("250")
        client.send("x" * (LONGEST_LINE + 1))
        assert client.reply().startswith("500 5.5.2")
        assert client.is_closed()


def test_command_lines_come_out_as_they_went_in() -> None:
    lines = CommandLines()
    for byte in b"NOOP\r\n\nQUIT":
        lines.feed(bytes([byte]))
    assert [lines.next(), lines.next(), lines.next(), len(lines)] == [b"NOOP\r\n", b"\n", None, 4]
    lines.feed(b"x" * LONGEST_LINE)
    assert lines.next() == b"QUIT" + b"x" * LONGEST_LINE
    assert len(lines) == 0


def test_a_mail_beyond_the_limit_is_read_to_its_end_and_refused() -> None:
    with running_door(max_size=65536) as door, Client(door.port) as client:
        assert client.says("MAIL FROM:<anna@acme.test> SIZE=65537").startswith("552 5.3.4")
        assert client.mail(b"x" * 98 + b"\r\n").startswith("250")
        assert client.mail((b"x" * 1022 + b"\r\n") * 64).startswith("250")
        assert client.mail((b"x" * 1022 + b"\r\n") * 64 + b"x\r\n").startswith("552 5.3.4")
        assert client.mail(b"x" * 10_000_000 + b"\r\n").startswith("552 5.3.4")
        assert len(door.mails) == 2
        assert door.door.buffered == 0


def test_many_large_mails_at_once_wait_for_another_time() -> None:
    with running_door(max_size=1 << 20, most_memory=1_500_000) as door, Client(door.port) as one, Client(door.port) as two:
        for client in (one, two):
            client.envelope()
            assert client.says("DATA").startswith("354")
        one.send(b"x" * 1_000_000)
        with Client(door.port) as third:
            while door.door.buffered < 1_000_000:
                assert third.says("NOOP").startswith("250")
        two.send(b"y" * 1_000_000 + b"\r\n.\r\n")
        assert two.reply().startswith("452 4.3.1")
        one.send(b"\r\n.\r\n")
        assert one.reply().startswith("250 2.0.0")
        assert two.mail().startswith("250 2.0.0")
        assert door.door.buffered == 0


def test_sessions_are_counted_for_each_peer() -> None:
    with running_door(max_sessions_per_peer=2) as door:
        with Client(door.port), Client(door.port) as second:
            with Client(door.port, greet=False) as third:
                assert third.reply().startswith("421 4.3.2")
                assert third.is_closed()
            assert second.says("QUIT").startswith("221")
            assert second.is_closed()
        door.settled()
        with Client(door.port) as again:
            assert again.says("NOOP").startswith("250")


def test_admission_counts_in_all_and_for_each_peer() -> None:
    admission = Admission(3, 2)
    assert [admission.enter(peer) for peer in "aaabb"] == [True, True, False, True, False]
    admission.leave("a")
    assert [admission.enter(peer) for peer in "ba"] == [True, False]


def test_an_idle_client_is_told_and_closed() -> None:
    with running_door(command_timeout="1s") as door, Client(door.port) as client:
        assert client.reply() == "421 4.4.2 timeout, closing connection"
        assert client.is_closed()
        door.settled()


def test_data_has_an_end_in_time() -> None:
    with running_door(data_timeout="1s") as door, Client(door.port) as client:
        client.envelope()
        assert client.says("DATA").startswith("354")
        client.send(b"x" * 100_000)
        assert client.reply() == "421 4.4.2 timeout, closing connection"
        assert client.is_closed()
        door.settled()
        assert door.mails == []
        assert door.door.buffered == 0


def test_data_has_a_least_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "PACE_WINDOW", 0.3)
    with running_door() as door, Client(door.port) as client:
        client.envelope()
        assert client.says("DATA").startswith("354")
        client.send(b"x" * 100)
        assert client.reply() == "421 4.4.2 too slow, closing connection"
        assert client.is_closed()
        assert door.mails == []


def test_a_long_commit_is_no_idle_client() -> None:
    store = ListStore()
    store.open.clear()
    with running_door(store=store, command_timeout="1s") as door, Client(door.port) as client:
        client.envelope()
        assert client.says("DATA").startswith("354")
        client.send(b"x\r\n.\r\n")
        with Client(door.port) as idle:  # is closed for idleness while the other one waits
            assert idle.reply().startswith("421 4.4.2")
        store.open.set()
        assert client.reply().startswith("250 2.0.0")


def test_a_commit_that_takes_too_long_is_a_451(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "COMMIT_PATIENCE", 0.1)
    store = ListStore()
    store.open.clear()
    with running_door(store=store) as door, Client(door.port) as client:
        client.envelope()
        assert client.data(b"x\r\n") == "451 4.3.0 try again later"
        assert client.says("DATA").startswith("503")
        store.open.set()
    assert len(store.mails) == 1  # late, but kept: the sender's second copy will be recognised


def test_what_is_sent_before_the_banner_ends_the_session() -> None:
    """One thread plays both sides, so that the bytes are there before the door looks."""

    async def talk(door: Door) -> bytes:
        with socket.create_connection(("127.0.0.1", door.port)) as early:
            early.sendall(b"EHLO client.test\r\n")
            return await asyncio.get_running_loop().run_in_executor(None, early.makefile("rb").read)

    with running_door() as door:
        said = asyncio.run_coroutine_threadsafe(talk(door.door), door.loop).result(30)
    assert said == b"554 5.5.0 data sent too early\r\n"


def test_a_client_that_reads_no_reply_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "LINGER", 0.1)
    monkeypatch.setattr(smtp, "MOST_COMMANDS", 10**9)
    with running_door(command_timeout="1s") as door, Client(door.port) as client:
        client.socket.settimeout(0.5)
        with pytest.raises((TimeoutError, ConnectionError)):
            while True:
                client.send("NOOP\r\n" * 10_000)
        door.settled()


def test_a_long_group_of_commands_waits_for_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "MOST_COMMANDS", 10**9)
    store = ListStore()
    store.open.clear()
    with running_door(store=store) as door, Client(door.port) as client:
        client.envelope()
        assert client.says("DATA").startswith("354")
        client.send(b"x\r\n.\r\n")
        assert store.entered.wait(30)
        sending = Thread(target=client.send, args=("NOOP\r\n" * 300_000,))  # the commit goes on meanwhile
        sending.start()
        with Client(door.port) as other:
            while (unread := max(len(session._lines) for session in door.clients())) <= smtp.MOST_UNREAD:
                assert other.says("NOOP").startswith("250")
            for _ in range(50):  # time for more, if the door would take it
                assert other.says("NOOP").startswith("250")
                unread = max(len(session._lines) for session in door.clients())
        assert unread <= smtp.MOST_UNREAD + 256 * 1024
        store.open.set()
        assert client.reply() == "250 2.0.0 message stored"
        assert set(client.replies(300_000)) == {"250 2.0.0 OK"}
        sending.join()
        client.socket.shutdown(socket.SHUT_WR)
        assert client.is_closed()


def test_a_session_takes_no_name_that_aiosmtpd_uses() -> None:
    """It is a subclass, so a name taken twice would be one attribute with two meanings."""
    on_purpose = {"_handle_client", "_reset_timeout", "_timeout_cb", "_timeout_handle", "connection_lost", "connection_made"}
    on_purpose |= {
        "data_received",
        "eof_received",
        "pause_writing",
        "push",
        "resume_writing",
        "tls_context",
        "transport",
        "__init__",
        "__annotations__",
        "__dir__",
        "__doc__",
        "__module__",
    }
    defined = vars(smtp.SmtpSession)
    written = {
        step.argval
        for function in defined.values()
        if isfunction(function)
        for step in get_instructions(function)
        if step.opname == "STORE_ATTR"
    }
    loop = asyncio.new_event_loop()
    theirs = set(dir(SMTP(None, hostname="x", loop=loop)))
    loop.close()
    assert (set(defined) | written) & theirs == on_purpose
    assert "_in_data" in written


def test_a_drained_door_says_421_to_idle_and_new_clients_and_finishes_mails_on_their_way() -> None:
    store = ListStore()
    store.open.clear()
    with running_door(store=store) as door, Client(door.port) as busy, Client(door.port) as sending, Client(door.port) as idle:
        for client in (busy, sending):
            client.envelope()
            assert client.says("DATA").startswith("354")
        idle.envelope()
        busy.send(b"busy\r\n.\r\n")
        assert store.entered.wait(30)
        drained = door.drain(30)
        assert idle.reply() == "421 4.3.2 service shutting down, try again later"
        assert idle.is_closed()
        sending.send(b"sending\r\n.\r\n")
        store.open.set()
        for client in (busy, sending):
            assert client.reply().startswith("250 2.0.0")
            assert client.reply().startswith("421 4.3.2")
            assert client.is_closed()
        drained.result(30)
        with pytest.raises(ConnectionRefusedError):
            Client(door.port)
    assert sorted(mail.content for mail in store.mails) == [b"busy\r\n", b"sending\r\n"]


def test_a_drain_does_not_wait_for_ever() -> None:
    with running_door() as door, Client(door.port) as client:
        client.envelope()
        assert client.says("DATA").startswith("354")
        door.drain(0.1).result(30)
        assert client.is_closed()
        door.settled()
