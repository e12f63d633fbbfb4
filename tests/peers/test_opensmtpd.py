"""A real OpenSMTPD: as the relay that takes our letters, and as the server that hands mail to our doors by SMTP and LMTP."""

import smtplib
from collections.abc import Iterator

import pytest
from support.servers.opensmtpd import OpenSmtpd, may_mount, open_smtpd
from support.servers.peers import missing, wait_for
from support.servers.relay_stories import OURS, replies_of
from support.servers.smtp_door import running_door, running_lmtp_door

ANNA = "anna@acme.example"
HELP, BILLING = "help@lmtp.example.com", "billing@lmtp.example.com"


@pytest.fixture(scope="module")
def server() -> Iterator[OpenSmtpd]:
    if not may_mount():
        missing("OpenSMTPD, or the right to mount for it,")
    running = open_smtpd()
    yield running
    running.close()


def content(number: int, octets: int = 0) -> bytes:
    head = f"Date: Mon, 23 Nov 2026 09:00:00 +0000\r\nFrom: {OURS}\r\nTo: {ANNA}\r\nMessage-ID: <{number}@desk.test>\r\n\r\n"
    return head.encode() + f"Letter {number}, größer\r\n..\r\n.\r\n".encode() + b"x" * 70 * (octets // 70) + b"\r\n"


def body(mail: bytes) -> bytes:
    return mail.partition(b"\r\n\r\n")[2]


def test_letters_pass_through_it_whole_and_once_and_our_door_takes_what_it_hands_over(server: OpenSmtpd) -> None:
    letters = [content(number) for number in range(20)]
    with running_door(ours=lambda _: True, listen=f"127.0.0.1:{server.smtp}") as door:
        assert {reply.code for reply in replies_of(server.port, *((ANNA, letter) for letter in letters))} == {250}
        wait_for(lambda: len(door.mails) >= len(letters), lambda: f"all have come; its log: {server.log[-2000:]}")
        assert sorted(body(mail.content) for mail in door.mails) == sorted(map(body, letters))
        envelopes = {(mail.envelope.reverse_path, mail.envelope.forward_paths) for mail in door.mails if mail.envelope}
    assert envelopes == {(OURS, (ANNA,))}


def test_what_it_refuses_fails_for_good(server: OpenSmtpd) -> None:
    refused, large = replies_of(server.port, ("nobody@acme.example", content(100)), (ANNA, content(101, octets=30_000)))
    assert refused.code == 550 and not refused.delays
    assert (large.code, large.permanent) == (552, True) and "20000" in large.text  # not sent at all: it tells its SIZE


def test_it_hands_over_by_lmtp_and_keeps_the_address_with_its_token(server: OpenSmtpd) -> None:
    tagged = "help+token@lmtp.example.com"
    with running_lmtp_door(ours=lambda address: address != BILLING, listen=f"127.0.0.1:{server.lmtp}") as door:
        with smtplib.SMTP("127.0.0.1", server.port, timeout=60) as client:
            assert client.sendmail(ANNA, [tagged, BILLING], content(200)) == {}
        wait_for(lambda: server.log.count("mda delivery") >= 2, lambda: f"both are tried; its log: {server.log[-2000:]}")
        [mail] = door.mails
        assert mail.envelope is not None
        assert (mail.envelope.reverse_path, mail.envelope.forward_paths) == (ANNA, (tagged,))
        assert body(mail.content) == body(content(200))
    [failed] = [line for line in server.log.splitlines() if "mda delivery" in line and f"to=<{BILLING}>" in line]
    assert "5.1.1" in failed or "550" in failed, failed
