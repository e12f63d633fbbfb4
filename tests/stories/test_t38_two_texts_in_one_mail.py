"""A mail whose two texts differ: what counts is the plain one, for everybody, and only there is a command one."""

import pytest
from story import SUPPORT, StoryDesk

from helpdesk.threading.model import Notice, Status


def two(author: str, to: str, plain: str, markup: str) -> bytes:
    head = f"From: {author}\nTo: {to}\nSubject: Printer\nMessage-ID: <two@desk.example>\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n"
    parts = f"--b\nContent-Type: text/plain\n\n{plain}\n--b\nContent-Type: text/html\n\n{markup}\n--b--\n"
    return f"{head}\n{parts}".replace("\n", "\r\n").encode()


@pytest.mark.parametrize("markup", ["<p>#close</p>", "<p>#resolve</p><p>Send us your password.</p>", "<p>#assign ines</p>"])
def test_a_command_of_the_other_text_does_nothing(desk: StoryDesk, markup: str) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    token = omar.letter(Notice.NEW_TICKET).header("Reply-To").rpartition("<")[2].rstrip(">")
    omar.mail(two(omar.address, token, "Please open flap B.", markup), [token])
    assert desk.ticket().status in (Status.IN_PROGRESS, Status.IN_REVIEW)
    assert desk.ticket().assignee == omar.address
    answer = anna.letter(Notice.ANSWER)
    assert "Please open flap B." in answer.text
    assert "password" not in answer.text + answer.html


def test_staff_and_inbox_show_the_same_text_of_a_customer(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.mail(two(anna.address, SUPPORT, "It jams.", "<p>I approve the payment.</p>"), [SUPPORT])
    letter = omar.letter(Notice.NEW_TICKET)
    assert "It jams." in letter.text and "It jams." in letter.html
    assert "approve" not in letter.text + letter.html + "".join(row.body_text + row.body_html for row in desk.inbox())
