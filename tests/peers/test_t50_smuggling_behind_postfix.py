"""What a sender writes in place of the end of data is one mail behind a real Postfix too, with the settings of docs/doors.md."""

import smtplib
from collections.abc import Iterator

import pytest
from support.hostile.false_ends import FALSE_ENDS
from support.servers import postfix
from support.servers.dialog import Client
from support.servers.milter import Milter
from support.servers.peers import missing, wait_for
from support.servers.postfix import PostOffice, post_office
from support.servers.smtp_door import RunningDoor, running_door
from support.slices import some_of

DOMAIN = "support.example.com"
HELP = f"help@{DOMAIN}"
SECOND = f"MAIL FROM:<omar@desk.example>\r\nRCPT TO:<{HELP}>\r\nDATA\r\nSubject: smuggled\r\n\r\nsmuggled".encode()


@pytest.fixture(scope="module")
def office() -> Iterator[PostOffice]:
    if postfix.POSTFIX is None:
        missing("postfix")
    opened = post_office()
    milter = Milter(opened.milter, "mx.support.example.com")
    yield opened
    milter.close()
    opened.close()


@pytest.fixture(scope="module")
def door(office: PostOffice) -> Iterator[RunningDoor]:
    with running_door(ours=lambda address: address.endswith(f"@{DOMAIN}"), listen=f"127.0.0.1:{office.gateway}") as running:
        yield running


@pytest.mark.parametrize("false_end", some_of(FALSE_ENDS, 2), ids=repr)
def test_one_mail_arrives_and_never_a_smuggled_one(office: PostOffice, door: RunningDoor, false_end: bytes) -> None:
    door.mails.clear()
    with Client(office.mx, greet=False, timeout=60) as client:
        assert client.reply().startswith("220 ")
        assert client.says("EHLO client.example").startswith("250")
        assert client.says("MAIL FROM:<anna@acme.example>").startswith("250")
        assert client.says(f"RCPT TO:<{HELP}>").startswith("250")
        reply = client.data(b"Subject: first\r\n\r\nfirst" + false_end + SECOND + b"\r\n")
        assert reply.startswith("250 2.0.0")
        assert client.says("QUIT").startswith("221")
    wait_for(lambda: office.front.queued() == 0, lambda: f"Postfix has nothing left: {office.front.log[-2000:]}")
    assert [(mail.envelope and mail.envelope.reverse_path, b"Subject: first" in mail.content) for mail in door.mails] == [
        ("anna@acme.example", True)
    ]
    assert b"smuggled" in door.mails[0].content


def test_postfix_ends_a_session_that_talks_out_of_turn(office: PostOffice) -> None:
    with Client(office.mx, greet=False, timeout=60) as client:
        assert client.reply().startswith("220 ")
        client.send(b"HELO client.example\r\nMAIL FROM:<anna@acme.example>\r\n")
        assert client.reply() == "554 5.5.0 Error: SMTP protocol synchronization"


def test_an_honest_mail_goes_as_before(office: PostOffice, door: RunningDoor) -> None:
    door.mails.clear()
    with smtplib.SMTP("127.0.0.1", office.mx, timeout=60) as client:
        client.sendmail("anna@acme.example", [HELP], b"Subject: honest\r\n\r\n.\r\n..dots\r\n")
    wait_for(lambda: len(door.mails) == 1, lambda: f"the mail is there: {office.front.log[-2000:]}")
    assert door.mails[0].content.endswith(b"\r\n\r\n.\r\n..dots\r\n")
