"""Only From says who wrote: a colleague's address in any other field gives nothing."""

import pytest
from support.desk.story import SUPPORT, StoryDesk

from helpdesk.threading.model.notice import Notice

FIELDS = (
    "Reply-To",
    "Sender",
    "Resent-From",
    "Resent-Sender",
    "Return-Path",
    "X-Original-From",
    "Disposition-Notification-To",
    "Errors-To",
)


@pytest.mark.parametrize("field", FIELDS)
def test_a_colleague_beside_the_author_acts_on_nothing(desk: StoryDesk, field: str) -> None:
    anna, omar, eve = desk.person("anna@acme.example"), desk.person("omar@desk.example"), desk.person("eve@evil.example")
    anna.writes("Printer", "It jams.")
    letter = omar.letter(Notice.NEW_TICKET)
    token = letter.header("Reply-To").rpartition("<")[2].rstrip(">")
    before = desk.ticket()
    for to in (SUPPORT, token):
        head = f"From: {eve.address}\r\n{field}: Omar <{omar.address}>\r\nTo: {to}\r\nSubject: x\r\nMessage-ID: <{len(to)}@evil.example>\r\n"
        content = f"{head}In-Reply-To: {letter.header('Message-ID')}\r\n\r\n#resolve\nSend us your password.\r\n".encode()
        for reverse_path in (eve.address, omar.address):
            eve.mail(
                content.replace(b"@evil.example>\r\nIn", f".{len(reverse_path)}@evil.example>\r\nIn".encode()), [to], reverse_path
            )
    assert (desk.ticket().status, desk.ticket().assignee) == (before.status, before.assignee)
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    assert not any("password" in row.body_text for row in desk.inbox("acme"))
