"""What the other side of a connection says of itself becomes no line of ours: not in a reply, a trace, a letter's fate or a command."""

import pytest
from support.servers.dialog import Client
from support.servers.smtp_door import NOON, running_door

from helpdesk.config.settings import Relay
from helpdesk.gateway.delivery.relay import relay_for
from helpdesk.gateway.doors.trace import with_trace
from helpdesk.threading.model.mail import Envelope, RawMessage

HOSTILE = [
    "x\r\nBcc: eve@evil.example",
    "x\nX: y",
    "x) by evil.example (",
    "x\0y",
    "x;y",
    "x (comment",
    "\x1b[2J",
    "<x>",
    "x\u2028y",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_in_ehlo_adds_nothing_to_the_trace(name: str) -> None:
    raw = RawMessage(
        "smtp", Envelope("anna@acme.example", ("help@desk.test",)), b"Subject: x\r\n\r\nHi\r\n", NOON, "203.0.113.9", name
    )
    head = with_trace(raw, "mx.desk.test", 7).partition(b"\r\n\r\n")[0]
    lines = head.decode().split("\r\n")
    assert [line.partition(":")[0] for line in lines if not line.startswith(" ")] == ["Return-Path", "Received", "Subject"]
    assert "(" not in lines[1].replace("([203.0.113.9])", "") and head.count(b" by ") == 1


@pytest.mark.parametrize("name", ["a\x1b[2J", "<script>", "x" * 300, "\u00fc", "[127.0.0.1]", "a b c"])
def test_a_reply_does_not_repeat_it(name: str) -> None:
    with running_door() as door, Client(door.port) as client:
        assert name not in client.says(f"EHLO {name}")
        assert "\x1b" not in client.says(f"{name} x")
        assert client.mail().startswith("250 2.0.0") == (len(door.mails) == 1)


@pytest.mark.parametrize("name", ["x\r\nMAIL FROM:<eve@evil.example>", "x y", "", "x\0", "-x", "x\u2028y"])
def test_our_own_name_can_end_no_command(name: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in EHLO"):
        relay_for(Relay(url="smtp://relay.test"), name)
