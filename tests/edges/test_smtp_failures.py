"""When we fail, the client keeps its mail: 451, no word of why, and nothing of the failed transaction left over."""

import re
import socket
import struct

import pytest
from support.servers.dialog import Client
from support.servers.smtp_door import ListStore, is_ours, running_door

from helpdesk.threading.model.mail import RawMessage

INSIDE = re.compile(r"secret|10\.0\.0\.5|Error:|Exception|Traceback|Runtime|\.py|sql", re.IGNORECASE)


def failing(raw: RawMessage) -> bool:
    return b"poison" in raw.content


def test_a_store_that_fails_is_a_451_and_tells_nothing() -> None:
    with running_door(store=ListStore(failure=failing)) as door, Client(door.port) as client:
        reply = client.mail(b"poison\r\n")
        assert reply == "451 4.3.0 try again later"
        assert not INSIDE.search(reply)
        assert client.says("DATA") == "503 5.5.1 bad sequence of commands"  # the old envelope is gone
        assert client.mail(b"good\r\n").startswith("250 2.0.0")
        assert [mail.content for mail in door.mails] == [b"good\r\n"]


def test_a_fault_in_any_command_is_a_451_and_empties_the_envelope() -> None:
    def faulty(address: str) -> bool:
        if address.startswith("fault"):
            raise RuntimeError("password=secret at 10.0.0.5")
        return is_ours(address)

    with running_door(ours=faulty) as door, Client(door.port) as client:
        client.envelope()
        assert client.says("RCPT TO:<fault@desk.test>") == "451 4.3.0 try again later"
        assert client.says("DATA").startswith("503 5.5.1")
        assert client.mail().startswith("250 2.0.0")
        assert len(door.mails) == 1


def test_a_client_that_leaves_after_the_dot_does_not_stop_the_commit() -> None:
    store = ListStore()
    store.open.clear()
    with running_door(store=store) as door:
        client = Client(door.port)
        client.envelope()
        assert client.says("DATA").startswith("354")
        client.send(b"kept\r\n.\r\n")
        assert store.entered.wait(30)
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.socket.close()  # a reset
        door.settled()
        store.open.set()
    assert [mail.content for mail in store.mails] == [b"kept\r\n"]


@pytest.mark.parametrize("content", [b"half a mail\r\n", b"half a mail\r\n.", b"half a mail\r\n.\r", b""])
def test_a_connection_that_ends_before_the_dot_leaves_nothing(content: bytes) -> None:
    with running_door() as door:
        with Client(door.port) as client:
            client.envelope()
            assert client.says("DATA").startswith("354")
            client.send(content)
            client.socket.shutdown(socket.SHUT_WR)
            assert client.is_closed()
        door.settled()
        assert door.mails == []


@pytest.mark.parametrize(
    ("content", "reply"),
    [
        (b"a\nb\r\n", "550 5.6.11"),
        (b"a\0b\r\n", "550 5.6.11"),
        (b"Received: x\r\n" * 101, "554 5.4.6"),
        (b"x" * 70_000 + b"\r\n", "552 5.3.4"),
    ],
)
def test_every_refused_mail_empties_the_envelope(content: bytes, reply: str) -> None:
    with running_door(max_size=65536) as door, Client(door.port) as client:
        assert client.mail(content).startswith(reply)
        assert client.says("DATA").startswith("503 5.5.1")
        assert client.says("RCPT TO:<help@desk.test>").startswith("503 5.5.1")
        assert client.mail().startswith("250 2.0.0")
        assert len(door.mails) == 1


def test_a_mail_is_acknowledged_only_when_it_is_stored() -> None:
    store = ListStore()
    store.open.clear()
    with running_door(store=store) as door, Client(door.port) as client:
        client.envelope()
        assert client.says("DATA").startswith("354")
        client.send(b"x\r\n.\r\nNOOP\r\n")
        assert store.entered.wait(30)
        with Client(door.port) as other:  # a whole session later there is still no reply
            assert other.says("QUIT").startswith("221")
        client.socket.setblocking(False)
        with pytest.raises(BlockingIOError):
            client.socket.recv(1)
        client.socket.settimeout(30)
        store.open.set()
        assert [reply[:9] for reply in client.replies(2)] == ["250 2.0.0", "250 2.0.0"]
        assert len(door.mails) == 1
