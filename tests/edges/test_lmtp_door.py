"""The LMTP door: the scripts of tests/dialogs/*.lmtp, and what becomes of each recipient (RFC 2033)."""

import smtplib
import socket
import stat
from pathlib import Path

import pytest
from support.servers.dialog import Client, play
from support.servers.smtp_door import NOON, ListStore, is_ours, running_door, running_lmtp_door

from helpdesk.threading.model.mail import Envelope, RawMessage

DIALOGS = Path(__file__).parents[1] / "dialogs"
ANNA, HELP, BILLING = "anna@acme.test", "help@desk.test", "billing@desk.test"
LEFT_IN_STORE = {
    "first_mail": [(Envelope(ANNA, (HELP, BILLING, HELP)), b"Subject: hello\r\n\r\nhello\r\n")],
    "refused_for_all": [(Envelope("", (HELP,)), b"report\r\n")],
}


def greeted(port: int) -> Client:
    client = Client(port, greet=False)
    assert client.reply() == "220 desk.test LMTP"
    assert client.says("LHLO client.test").startswith("250-desk.test")
    return client


def to_both(client: Client, content: bytes = b"Subject: x\r\n\r\nx\r\n") -> list[str]:
    client.envelope()
    assert client.says(f"RCPT TO:<{BILLING}>").startswith("250 2.1.5")
    return [client.data(content), client.reply()]


@pytest.mark.parametrize("script", sorted(DIALOGS.glob("*.lmtp")), ids=lambda script: script.stem)
def test_the_dialogue_goes_as_written(script: Path) -> None:
    with running_lmtp_door() as door:
        play(script, door.port)
        door.settled()
        assert [(mail.envelope, mail.content) for mail in door.mails] == LEFT_IN_STORE.get(script.stem, [])


def test_a_mail_says_how_it_came() -> None:
    with running_lmtp_door() as door:
        play(DIALOGS / "first_mail.lmtp", door.port)
        (mail,) = door.mails
    assert (mail.door, mail.peer, mail.helo, mail.transmission, mail.received_at) == (
        "lmtp", "127.0.0.1", "client.test", "LMTP", NOON,
    )  # fmt: skip


def test_a_recipient_that_has_gone_meanwhile_has_a_reply_of_its_own() -> None:
    gone: set[str] = set()
    with running_lmtp_door(ours=lambda address: address not in gone and is_ours(address)) as door, greeted(door.port) as client:
        client.envelope()
        assert client.says(f"RCPT TO:<{BILLING}>").startswith("250")
        assert client.says("RCPT TO:<postmaster>").startswith("250")
        gone.add(HELP)
        assert client.data(b"x\r\n").startswith("550 5.1.1")
        assert [reply[:9] for reply in client.replies(2)] == ["250 2.0.0", "250 2.0.0"]
        assert [mail.envelope for mail in door.mails] == [Envelope(ANNA, (BILLING, "postmaster"))]


def test_when_all_have_gone_nothing_is_stored() -> None:
    gone: set[str] = set()
    with running_lmtp_door(ours=lambda address: address not in gone and is_ours(address)) as door, greeted(door.port) as client:
        client.envelope()
        gone.add(HELP)
        assert client.data(b"x\r\n").startswith("550 5.1.1")
        assert client.says("NOOP").startswith("250 2.0.0")
        assert door.mails == []


def test_a_store_that_fails_keeps_it_with_the_client_for_every_recipient() -> None:
    def poisoned(raw: RawMessage) -> bool:
        return b"poison" in raw.content

    with running_lmtp_door(store=ListStore(failure=poisoned)) as door, greeted(door.port) as client:
        assert to_both(client, b"poison\r\n") == ["451 4.3.0 try again later"] * 2
        assert to_both(client) == ["250 2.0.0 message stored"] * 2
        assert [mail.content for mail in door.mails] == [b"Subject: x\r\n\r\nx\r\n"]


def test_a_fault_of_ours_after_the_dot_still_has_as_many_replies() -> None:
    asked = []

    def faulty(address: str) -> bool:
        asked.append(address)
        if len(asked) > 2:
            raise RuntimeError("password=secret")
        return True

    with running_lmtp_door(ours=faulty) as door, greeted(door.port) as client:
        assert to_both(client) == ["451 4.3.0 try again later"] * 2
        assert client.says("NOOP").startswith("250")
        assert door.mails == []


@pytest.mark.parametrize(("content", "reply"), [(b"x" * 70_000 + b"\r\n", "552 5.3.4"), (b"Received: x\r\n" * 101, "554 5.4.6")])
def test_what_is_refused_is_refused_for_each(content: bytes, reply: str) -> None:
    with running_lmtp_door(max_size=65536) as door, greeted(door.port) as client:
        assert [line[:9] for line in to_both(client, content)] == [reply] * 2
        assert client.says("DATA").startswith("503 5.5.1")
        assert door.mails == []


def test_a_local_socket_is_a_door_too(tmp_path: Path) -> None:
    path = tmp_path / "new" / "lmtp"
    for _ in range(2):  # a second start finds the socket of the first
        with running_lmtp_door(listen=f"unix:{path}", socket_mode="600") as door:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert door.door.address == f"unix:{path}"
            with smtplib.LMTP(str(path), timeout=20) as client:
                assert client.sendmail(ANNA, [HELP], b"Subject: x\r\n\r\nx\r\n") == {}
            assert [(mail.peer, mail.transmission) for mail in door.mails] == [("127.0.0.1", "LMTP")]


def test_a_file_in_the_sockets_place_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "lmtp"
    path.write_text("precious")
    with pytest.raises(OSError), running_lmtp_door(listen=f"unix:{path}"):
        pass
    assert path.read_text() == "precious"


def test_the_transmission_type_is_that_of_the_session() -> None:
    with running_door() as door, Client(door.port, greet=False) as client:
        client.reply()
        for greeting, parameters in (("HELO a", ""), ("EHLO a", ""), ("EHLO a", " SMTPUTF8"), ("HELO a", "")):
            assert client.says(greeting).startswith("250")
            assert client.says(f"MAIL FROM:<anna@acme.test>{parameters}").startswith("250")
            assert client.says("RCPT TO:<help@desk.test>").startswith("250")
            assert client.data(b"x\r\n").startswith("250")
        assert [mail.transmission for mail in door.mails] == ["SMTP", "ESMTP", "UTF8SMTP", "SMTP"]


def test_draining_lets_the_mail_on_its_way_finish() -> None:
    store = ListStore()
    store.open.clear()
    with running_lmtp_door(store=store) as door, greeted(door.port) as client:
        client.envelope()
        assert client.says("DATA").startswith("354")
        client.send(b"x\r\n.\r\n")
        assert store.entered.wait(30)
        drained = door.drain()
        store.open.set()
        assert client.reply() == "250 2.0.0 message stored"
        assert client.reply().startswith("421 4.3.2")
        assert client.is_closed()
        drained.result(30)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", door.port), timeout=5)
