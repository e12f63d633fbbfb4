"""Since when a mail has waited: by the times of our own hosts alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.config.settings import Authentication
from helpdesk.threading.model.mail import Envelope, RawMessage
from helpdesk.threading.parsing.read import read
from helpdesk.threading.trust.arrival import LONGEST_WAIT, accepted_at

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
OURS = Authentication(trusted_relays=("10.0.0.0/8", "2001:db8::/32"))
MX, BACKUP, STRANGER = "10.0.0.1", "10.0.0.2", "203.0.113.9"


def received(peer: str, clock: str, day: str = "Mon, 23 Nov 2026") -> str:
    return f"Received: from host.example (unknown [{peer}])\r\n by mx.example with ESMTP id 4; {day} {clock} +0000 (UTC)\r\n"


def when(header: str, *, peer: str = MX, door: str = "smtp", login: str | None = None) -> datetime:
    content = f"{header}From: anna@acme.example\r\nSubject: Printer\r\n\r\nIt jams.\r\n".encode()
    raw = RawMessage(door, Envelope("anna@acme.example", ("help@support.example.com",)), content, NOW, peer, "", login)
    return accepted_at(raw, read(content).message, OURS)


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-23T{clock}+00:00")


OLD = received(STRANGER, "03:00:00")
CASES = {
    "no trace": ("", "12:00:00"),
    "one relay": (received(STRANGER, "09:30:00"), "09:30:00"),
    "what a stranger wrote below": (received(STRANGER, "09:30:00") + OLD, "09:30:00"),
    "two relays": (received(BACKUP, "11:00:00") + received(STRANGER, "09:30:00") + OLD, "09:30:00"),
    "a relay by IPv6": (received("IPv6:2001:db8::7", "11:00:00") + received(STRANGER, "09:30:00"), "09:30:00"),
    "a greeting that looks like ours": (
        f"Received: from x (x [{MX}]) (unknown [{STRANGER}]) by mx.example; Mon, 23 Nov 2026 09:30:00 +0000\r\n" + OLD, "09:30:00"
    ),
    "no address": ("Received: by mx.example (from userid 0) id 4; Mon, 23 Nov 2026 09:30:00 +0000\r\n" + OLD, "09:30:00"),
    "a time to come": (received(STRANGER, "12:00:01"), "12:00:00"),
    "older than any queue": (received(STRANGER, "11:00:00", "Mon, 16 Nov 2026"), "12:00:00"),
    "an older time above": (received(BACKUP, "08:00:00") + received(STRANGER, "09:30:00"), "08:00:00"),
    "another zone": (received(STRANGER, "12:30:00").replace("+0000 (UTC)", "+0300 (MSK)"), "09:30:00"),
    "no time": (received(STRANGER, "25:61:00"), "12:00:00"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_since_when_it_waits(name: str) -> None:
    header, clock = CASES[name]
    assert when(header) == at(clock)


@pytest.mark.parametrize(
    ("way", "clock"),
    [
        ({"peer": STRANGER}, "12:00:00"),
        ({"peer": ""}, "12:00:00"),
        ({"peer": MX, "login": "omar@desk.example"}, "12:00:00"),
        ({"peer": "", "door": "imap"}, "09:30:00"),
        ({"peer": "", "door": "pop3"}, "09:30:00"),
        ({"peer": "", "door": "pipe"}, "09:30:00"),
    ],
)
def test_whose_first_field_counts(way: dict[str, str], clock: str) -> None:
    assert when(received(STRANGER, "09:30:00"), **way) == at(clock)


FIELD = st.builds(received, st.sampled_from((MX, BACKUP, STRANGER)), st.times().map(lambda one: f"{one:%H:%M:%S}"))


@given(st.lists(FIELD, max_size=14).map("".join), st.sampled_from((MX, STRANGER)))
def test_it_is_never_later_and_never_absurd(header: str, peer: str) -> None:
    found = when(header, peer=peer)
    assert NOW - LONGEST_WAIT <= found <= NOW
    assert peer == MX or found == NOW


def test_no_stranger_moves_the_time() -> None:
    ours = received(STRANGER, "09:30:00")
    for forged in (OLD, received(MX, "04:00:00"), "Received: x [10.0.0.1]; Mon, 23 Nov 2026 05:00:00 +0000\r\n"):
        assert when(ours + forged) == at("09:30:00")
    assert timedelta(days=7) == LONGEST_WAIT
