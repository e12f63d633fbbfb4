"""A mail whose two texts differ: what counts is the plain one, for everybody, and only there is a command one."""

import pytest
from support.desk.story import SUPPORT, StoryDesk

from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status


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


def test_staff_see_both_texts_of_a_customer_and_the_inbox_the_plain_one(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.mail(two(anna.address, SUPPORT, "It jams.", "<p>I approve the payment. password: hunter2hunter2</p>"), [SUPPORT])
    letter = omar.letter(Notice.NEW_TICKET)
    assert "It jams." in letter.text and "It jams." in letter.html
    for shown in (letter.text, letter.html):
        assert "Its HTML says something else" in shown and "I approve the payment." in shown
        assert "hunter2" not in shown
    assert "approve" not in "".join(row.body_text + row.body_html for row in desk.inbox())


def test_two_texts_that_say_the_same_are_one(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.mail(
        two(anna.address, SUPPORT, "It jams. Please help me soon.", "<p>It <b>jams</b>.</p><p>Please help me soon.</p>"),
        [SUPPORT],
    )
    assert "says something else" not in omar.letter(Notice.NEW_TICKET).text


def test_an_address_that_looks_like_a_colleagues_is_named_to_staff(desk: StoryDesk) -> None:
    other, omar = desk.person("0mar@desk.example", "omar@desk.example"), desk.person("omar@desk.example")
    other.writes("Invoice", "Please pay at once.")
    letter = omar.letter(Notice.NEW_TICKET)
    assert "0mar@desk.example looks like omar@desk.example and is another address." in " ".join(letter.text.split())
    assert "The sender's name shows omar@desk.example" in " ".join(letter.text.split())
