"""Nothing that a stranger writes becomes a field or a recipient of a letter, by whichever way his words come in."""

from email.message import Message

import pytest
from support.desk.story import SUPPORT, StoryDesk

from helpdesk.threading.model.notice import Notice

WAYS = {
    "a folded subject": "Subject: x\r\n Bcc: eve@evil.example",
    "an encoded line end": "Subject: =?utf-8?q?x=0D=0ABcc:_eve@evil.example?=",
    "an encoded NUL": "Subject: =?utf-8?q?x=00=0ABcc:_eve@evil.example?=",
    "a name": "Subject: x\r\nFrom: =?utf-8?b?QW5uYQ0KQmNjOiBldmVAZXZpbC5leGFtcGxl?= <anna@acme.example>",
    "a quoted name": 'Subject: x\r\nFrom: "Anna\\\r\n Bcc: eve@evil.example" <anna@acme.example>',
    "separators of lines": "Subject: =?utf-8?b?eOKAqEJjYzogZXZlQGV2aWwuZXhhbXBsZcKFQmNjOiBldmVAZXZpbC5leGFtcGxl?=",
    "an id": "Subject: x\r\nReferences: <a@b>\r\n <c\rBcc:eve@evil.example>",
    "a file": 'Subject: x\r\nContent-Type: application/pdf; name="=?utf-8?q?x=0D=0ABcc:_eve@evil.example?="\r\nContent-Disposition: attachment',
    "an address": "Subject: x\r\nReply-To: <anna@acme.example\r\n >, <eve@evil.example>",
}


def fields(message: Message) -> list[str]:
    return sorted(name.lower() for name, _ in message.items())


@pytest.mark.parametrize("way", WAYS)
def test_the_fields_are_the_usual_ones(desk: StoryDesk, way: str) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("x", "It jams.")
    usual = fields(omar.letter(Notice.NEW_TICKET).message), fields(anna.letter(Notice.CONFIRMATION).message)
    author = "" if "From:" in WAYS[way] else f"From: Anna <{anna.address}>\r\n"
    head = f"{author}{WAYS[way]}\r\nTo: {SUPPORT}\r\nMessage-ID: <1@acme.example>\r\n"
    anna.mail(f"{head}\r\nIt jams again.\r\n".encode(), [SUPPORT])
    assert len(desk.tickets()) == 2
    found = fields(omar.letter(Notice.NEW_TICKET).message), fields(anna.letter(Notice.CONFIRMATION).message)
    assert set(found[0]) <= {*usual[0], "references", "in-reply-to"}
    assert set(found[1]) <= {*usual[1], "references", "in-reply-to"}
    assert all(len(names) == len(set(names)) for names in found)
    assert desk.notices_to(desk.person("eve@evil.example")) == []
