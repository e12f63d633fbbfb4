"""The SMTP door in conversation: the scripts of tests/dialogs over real sockets, and what they leave in the store."""

import re
from pathlib import Path

import pytest
from support.servers.dialog import play
from support.servers.smtp_door import NOON, running_door

from helpdesk.gateway.doors import replies
from helpdesk.threading.model.mail import Envelope

DIALOGS = Path(__file__).parents[1] / "dialogs"
ANNA, HELP = "anna@acme.test", "help@desk.test"
LEFT_IN_STORE = {
    "first_mail": [(Envelope(ANNA, (HELP,)), b"Subject: hello\r\n\r\nhello\r\n")],
    "helo_is_enough": [(Envelope("", ("HELP@Desk.Test",)), b"")],
    "internationalised": [(Envelope("änne@acme.test", ("hilfe-ü@desk.test",)), "Subject: Grüße\r\n\r\n".encode())],
    "pipelining": [(Envelope(ANNA, (HELP,)), b"one\r\n"), (Envelope("", ("billing@desk.test",)), b"two\r\n")],
    "half_closed_client": [(Envelope(ANNA, (HELP,)), b"Subject: x\r\n\r\nx\r\n")],
    "some_recipients": [(Envelope(ANNA, (HELP, "billing@desk.test")), b"Subject: both\r\n\r\nboth\r\n")],
    "dots": [(Envelope(ANNA, (HELP,)), b".first\r\n.\r\n..\r\na.\r\n")],
}


@pytest.mark.parametrize("script", sorted(DIALOGS.glob("*.smtp")), ids=lambda script: script.stem)
def test_the_dialogue_goes_as_written(script: Path) -> None:
    with running_door() as door:
        play(script, door.port)
        door.settled()
        assert [(mail.envelope, mail.content) for mail in door.mails] == LEFT_IN_STORE.get(script.stem, [])


def test_a_mail_says_where_it_came_from() -> None:
    with running_door() as door:
        play(DIALOGS / "first_mail.smtp", door.port)
        (mail,) = door.mails
    assert (mail.door, mail.peer, mail.helo, mail.received_at, mail.authenticated_as) == (
        "smtp",
        "127.0.0.1",
        "client.test",
        NOON,
        None,
    )


def test_every_reply_carries_an_enhanced_code_of_its_own_class() -> None:
    table = [reply for reply in vars(replies).values() if isinstance(reply, replies.Reply)]
    assert len(table) > 40
    for reply in table:
        assert re.fullmatch(r"[245][0-9]{2} [245]\.[0-9]{1,3}\.[0-9]{1,3} [!-~ ]+\r\n|354 [!-~ ]+\r\n", reply.line.decode())
        assert reply.code == 354 or reply.line[0] == reply.line[4]
        assert len(reply.line) <= 512
