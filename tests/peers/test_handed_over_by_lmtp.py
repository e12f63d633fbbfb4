"""A real Postfix hands mail over by LMTP: every recipient has its own fate, and no mail comes twice."""

import smtplib
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk.story import configured, wired_desk
from support.servers import postfix
from support.servers.milter import Milter
from support.servers.peers import missing, wait_for
from support.servers.postfix import PostOffice, post_office
from support.servers.smtp_door import ListStore, running_lmtp_door

from helpdesk.gateway.reader import Reader
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Disposition

DOMAIN = "support.example.com"
HELP, BILLING, TAGGED = f"help@{DOMAIN}", f"billing@{DOMAIN}", f"help+x@{DOMAIN}"
ALARMS = ("lost connection", "sent more than once", "fatal:", "panic:")


@pytest.fixture(scope="module")
def running_office() -> Iterator[PostOffice]:
    if postfix.POSTFIX is None:
        missing("postfix")
    office = post_office("lmtp")
    yield office
    office.close()


@pytest.fixture
def office(running_office: PostOffice) -> Iterator[PostOffice]:
    running_office.clear()
    milter = Milter(running_office.milter, "mx.support.example.com")
    milter.verdicts["acme.example"] = "pass"
    yield running_office
    milter.close()


def hand_in(office: PostOffice, message_id: str, *recipients: str) -> None:
    """One transaction from the world."""
    message = f"From: anna@acme.example\r\nTo: {HELP}\r\nSubject: {message_id}\r\nMessage-ID: <{message_id}@acme.example>\r\n\r\nHello.\r\n"
    with smtplib.SMTP("127.0.0.1", office.mx, timeout=60) as client:
        assert client.sendmail("anna@acme.example", recipients, message.encode()) == {}


def alarms(office: PostOffice) -> list[str]:
    """What Postfix has to say against the way in which its mail was taken."""
    lines = [line for line in office.front.log.splitlines() if "/lmtp[" in line or "/master[" in line]
    return [line for line in lines if any(alarm in line for alarm in ALARMS)]


def settled(office: PostOffice) -> None:
    wait_for(lambda: office.front.queued() == 0, lambda: f"Postfix has nothing left; its log: {office.front.log[-3000:]}")


def test_one_transaction_for_several_recipients_is_one_mail(tmp_path: Path, reader: Reader, office: PostOffice) -> None:
    lmtp = f'[lmtp]\nlisten = "unix:{office.socket}"\nsocket_mode = "666"'
    config = configured(tmp_path, more=lmtp)
    text = config.read_text()
    config.write_text(text.replace('assume_from = ["127.0.0.1/32"]', 'trusted_authserv_ids = ["mx.support.example.com"]'))
    with wired_desk(config, reader) as desk:
        hand_in(office, "several", HELP, BILLING, TAGGED)
        settled(office)
        office.front.flush()
        settled(office)
        desk.settle()
        (mail,) = desk.mails()
        assert mail.envelope is not None
        assert (mail.door, mail.state, mail.envelope.reverse_path) == ("lmtp", Disposition.OPENED, "anna@acme.example")
        assert set(mail.envelope.forward_paths) == {HELP, BILLING, TAGGED}
        assert desk.ticket().assurance is Assurance.AUTHENTICATED
    sent = [line for line in office.front.log.splitlines() if "/lmtp[" in line and "status=sent" in line]
    assert len(sent) == 3, office.front.log
    assert alarms(office) == []


def test_each_recipient_has_its_own_reply(office: PostOffice) -> None:
    """One has gone between RCPT and the end of the data: its sender is told, and nobody gets the mail twice."""
    asked: list[str] = []

    def ours(address: str) -> bool:
        asked.append(address)
        return address != BILLING or asked.count(BILLING) == 1

    with running_lmtp_door(ours=ours, listen=f"unix:{office.socket}", socket_mode="666") as door:
        hand_in(office, "gone", HELP, BILLING, TAGGED)
        settled(office)
        assert [mail.envelope and set(mail.envelope.forward_paths) for mail in door.mails] == [{HELP, TAGGED}]
    log = office.front.log
    assert [line for line in log.splitlines() if f"to=<{BILLING}>" in line and "dsn=5.1.1" in line and "status=bounced" in line]
    assert alarms(office) == []


def test_while_the_store_is_full_postfix_keeps_it_for_all(office: PostOffice) -> None:
    failing = [True]
    store = ListStore(failure=lambda raw: failing[0])
    with running_lmtp_door(ours=lambda _: True, store=store, listen=f"unix:{office.socket}", socket_mode="666") as door:
        hand_in(office, "full", HELP, BILLING)
        wait_for(lambda: office.front.log.count("dsn=4.3.0") >= 2, lambda: f"Postfix defers both: {office.front.log[-3000:]}")
        assert door.mails == []
        failing.clear()
        failing.append(False)
        office.front.flush()
        settled(office)
        assert [mail.envelope and set(mail.envelope.forward_paths) for mail in door.mails] == [{HELP, BILLING}]
    assert alarms(office) == []
