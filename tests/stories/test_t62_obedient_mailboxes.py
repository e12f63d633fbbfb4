"""A colleague's mailbox that answers by itself is proved to be his, and repeats what others write: it is obeyed in nothing."""

import pytest
from support.desk.story import SUPPORT, StoryDesk

from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice

MARKS = [{"Auto-Submitted": "auto-replied"}, {"X-Autoreply": "yes"}, {"Precedence": "bulk"}, {}]


@pytest.mark.parametrize("marks", MARKS)
@pytest.mark.parametrize("command", ["#close", "#resolve", "#assign ines"])
def test_an_answer_of_a_mailbox_is_no_command(desk: StoryDesk, marks: dict[str, str], command: str) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes(command, f"{command}\nIt jams.")
    token = omar.letter(Notice.NEW_TICKET).header("Reply-To").rpartition("<")[2].rstrip(">")
    before = desk.ticket()
    text = f"I am out of the office until 12 June.\n\n{command}"
    for to in (token, SUPPORT):
        omar.writes(f"Automatic reply: {command}", text, to=to, headers=marks)
    head = f"From: {omar.address}\r\nTo: {token}\r\nSubject: {command}\r\nMessage-ID: <null@desk.example>\r\n\r\n{command}\r\n"
    omar.mail(head.encode(), [token], "")
    after = desk.ticket()
    assert (after.status, after.assignee, after.waiting_on) == (before.status, before.assignee, before.waiting_on)
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    assert not {mail.state for mail in desk.mails()[1:]} & {Disposition.THREADED, Disposition.OPENED}


@pytest.mark.parametrize("subject", ["#close", "Re: #resolve", "#assign ines"])
def test_a_subject_is_no_command_of_a_person_either(desk: StoryDesk, subject: str) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes(subject, "It jams.")
    before = desk.ticket()
    token = omar.letter(Notice.NEW_TICKET).header("Reply-To").rpartition("<")[2].rstrip(">")
    omar.writes(subject, "I look at it.", to=token)
    assert (desk.ticket().assignee, desk.ticket().resolutions) == (before.assignee, 0)
    assert "I look at it." in anna.letter(Notice.ANSWER).text
