"""A code that a service sends to the desk's address never reaches a customer: nobody can sign up in the desk's name and read along."""

import pytest
from support.desk.story import SUPPORT, StoryDesk

from helpdesk.threading.model.notice import Notice

CODE = "482913"
SERVICES = [
    ("no-reply@chat.example", {}),
    ("accounts@id.example", {"Auto-Submitted": "auto-generated"}),
    ("notifications@code.example", {"Precedence": "bulk", "List-Unsubscribe": "<mailto:x@code.example>"}),
    ("feedback@team.example", {"X-Auto-Response-Suppress": "All"}),
    ("hello@shop.example", {}),
    (SUPPORT, {}),
    ("noreply@support.example.com", {}),
]


@pytest.mark.parametrize(("address", "marks"), SERVICES)
def test_no_customer_reads_the_code(desk: StoryDesk, address: str, marks: dict[str, str]) -> None:
    eve, omar, service = desk.person("eve@evil.example"), desk.person("omar@desk.example"), desk.person(address)
    eve.writes("Printer", "It jams.")
    letter = eve.letter(Notice.CONFIRMATION)
    token = letter.header("Reply-To").rpartition("<")[2].rstrip(">")
    answering = {"In-Reply-To": letter.header("Message-ID")}
    for to, fields, cc in (
        (SUPPORT, {}, eve.address),
        (token, {}, ""),
        (token, answering, eve.address),
        (SUPPORT, answering, ""),
    ):
        service.writes(f"Your code is {CODE}", f"Enter {CODE} to go on.", to, headers=marks | fields, cc=cc)
    assert len([message for message in desk.history(1).messages if CODE in message.text]) <= 2  # what came to her address alone
    desk.passes(days=1)
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    assert not any(CODE in one.message.as_string() + one.text + one.html for one in eve.letters())
    assert not any(CODE in row.body_text + row.subject for row in desk.inbox() if row.contact_address == eve.address)
