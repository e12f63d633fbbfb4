"""The trace that the gateway adds where it shows a mail (RFC 5321 §4.4, RFC 3848)."""

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.gateway.doors.trace import transmission_type, with_trace
from helpdesk.threading.model.mail import Envelope, RawMessage

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ANNA, HELP = "anna@acme.test", "help@desk.test"
FROM_ANNA = Envelope(ANNA, (HELP,))
MAIL = b"Received: from a by b; Mon, 2 Mar 2026 11:00:00 +0000\r\nSubject: x\r\n\r\nReturn-Path: not a field\r\n"


def raw(
    content: bytes = MAIL,
    envelope: Envelope | None = FROM_ANNA,
    peer: str = "192.0.2.1",
    helo: str = "mx.acme.test",
    transmission: str = "ESMTPS",
) -> RawMessage:
    return RawMessage("smtp", envelope, content, NOON, peer, helo, transmission=transmission)


def test_it_stands_above_what_came_and_alters_nothing() -> None:
    assert with_trace(raw(), "desk.test", 7) == (
        b"Return-Path: <anna@acme.test>\r\n"
        b"Received: from mx.acme.test ([192.0.2.1])\r\n"
        b" by desk.test with ESMTPS id 7 for <help@desk.test>;\r\n"
        b" Mon, 02 Mar 2026 12:00:00 +0000\r\n" + MAIL
    )


@pytest.mark.parametrize(
    ("mail", "part"),
    [
        (raw(envelope=Envelope("", (HELP,))), b"Return-Path: <>\r\n"),
        (raw(peer="2001:db8::1"), b"([IPv6:2001:db8::1])"),
        (raw(peer=""), b"Received: from local\r\n by desk.test"),
        (raw(helo="a) by evil; (\r\nX: y"), b"from a??by?evil?????X:?y ([192.0.2.1])"),
        (raw(transmission=""), b"by desk.test id 7 for"),
        (raw(envelope=Envelope(ANNA, (HELP, "billing@desk.test"))), b"id 7;\r\n"),
        (raw(content=b"Subject: x\n\nbody\n"), b"+0000\nSubject: x\n\nbody\n"),
    ],
)
def test_the_fields_say_what_is_known(mail: RawMessage, part: bytes) -> None:
    assert part in with_trace(mail, "desk.test", 7)


@pytest.mark.parametrize(
    "claim",
    [b"Return-Path: <forged@evil.test>\r\n", b"RETURN-PATH:\r\n <forged@evil.test>\r\n\t(folded)\r\n", b"return-path : x\r\n"],
)
def test_the_return_path_is_the_envelopes_alone(claim: bytes) -> None:
    for content in (claim + MAIL, MAIL.replace(b"Subject: x\r\n", b"Subject: x\r\n" + claim)):
        assert with_trace(raw(content), "desk.test", 7) == with_trace(raw(), "desk.test", 7)


def test_a_mail_that_was_not_handed_over_stays_as_it_is() -> None:
    assert with_trace(raw(envelope=None), "desk.test", 7) == MAIL


@given(content=st.binary(max_size=200), helo=st.text(max_size=30))
def test_whatever_came_is_still_there(content: bytes, helo: str) -> None:
    shown = with_trace(raw(content, helo=helo), "desk.test", 7)
    if b"return-path" not in content.lower():
        assert shown.endswith(content)
    header = message_from_bytes(shown, policy=policy.compat32)
    assert header.get_all("Return-Path", [])[0] == f"<{ANNA}>"
    assert "id 7 for" in str(header.get_all("Received", [])[0])


@pytest.mark.parametrize(
    ("extended", "utf8", "secure", "authenticated", "names"),
    [
        (False, False, True, False, ("SMTP", "LMTP")),
        (True, False, False, False, ("ESMTP", "LMTP")),
        (True, False, True, False, ("ESMTPS", "LMTPS")),
        (True, False, False, True, ("ESMTPA", "LMTPA")),
        (True, False, True, True, ("ESMTPSA", "LMTPSA")),
        (True, True, False, False, ("UTF8SMTP", "UTF8LMTP")),
        (True, True, True, True, ("UTF8SMTPSA", "UTF8LMTPSA")),
    ],
)
def test_the_registered_names(extended: bool, utf8: bool, secure: bool, authenticated: bool, names: tuple[str, str]) -> None:
    for protocol, name in zip(("SMTP", "LMTP"), names, strict=True):
        assert transmission_type(protocol, extended=extended, utf8=utf8, secure=secure, authenticated=authenticated) == name
