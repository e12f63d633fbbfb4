"""Whatever a sender writes in place of the end of data, it is one mail or none, never two."""

import pytest
from support.hostile.false_ends import FALSE_ENDS
from support.servers.dialog import Client
from support.servers.smtp_door import running_door

SECOND = b"MAIL FROM:<omar@desk.test>\r\nRCPT TO:<help@desk.test>\r\nDATA\r\nSubject: smuggled\r\n\r\nsmuggled"
CLEAN = {b"\x85.\x85", b"\xe2\x80\xa8.\xe2\x80\xa8", b"\r\n. \r\n", b"\r\n .\r\n", b"\r\n..\r\n"}


@pytest.mark.parametrize("false_end", FALSE_ENDS, ids=repr)
def test_a_false_end_of_data_never_makes_two_mails(false_end: bytes) -> None:
    with running_door() as door, Client(door.port) as client:
        client.envelope()
        reply = client.data(b"Subject: x\r\n\r\nx" + false_end + SECOND + b"\r\n")
        assert client.says("NOOP") == "250 2.0.0 OK"  # nothing else was taken for a command
        if false_end in CLEAN:
            assert reply.startswith("250 2.0.0")
            assert [b"smuggled" in mail.content for mail in door.mails] == [True]
        else:
            assert reply.startswith("550 5.6.11")
            assert door.mails == []


def test_a_carriage_return_before_the_true_end_is_refused_and_still_the_end() -> None:
    with running_door() as door, Client(door.port) as client:
        client.envelope()
        assert client.data(b"x\r\r\n").startswith("550 5.6.11")
        assert client.says("NOOP") == "250 2.0.0 OK"
        assert door.mails == []


def test_commands_behind_the_true_end_are_commands() -> None:
    with running_door() as door, Client(door.port) as client:
        client.envelope()
        assert client.says("DATA").startswith("354")
        client.send(b"one\r\n.\r\nMAIL FROM:<>\r\n.\r\n")
        assert [reply[:9] for reply in client.replies(3)] == ["250 2.0.0", "250 2.1.0", "500 5.5.1"]
        assert [mail.content for mail in door.mails] == [b"one\r\n"]
