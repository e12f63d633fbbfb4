"""Somebody writes in her name first, so that her later mail would land in his conversation: it does not."""

import pytest
from support.desk.story import StoryDesk

from helpdesk.threading.model.notice import Notice

STRANGE = "203.0.113.9"


@pytest.mark.parametrize("subject", ["Your code", "Re: Your code"])
def test_her_own_mail_opens_a_ticket_of_its_own(desk: StoryDesk, subject: str) -> None:
    anna, eve = desk.person("anna@acme.example"), desk.person("eve@evil.example")
    anna.writes("Your code", "I am waiting for the code.", cc=eve.address, peer=STRANGE, headers={"Reply-To": eve.address})
    anna.writes(subject, "The code is 482913.")
    assert len(desk.tickets()) == 2
    assert [message.text for message in desk.history(1).messages] == ["I am waiting for the code."]
    assert desk.notices_to(eve) == []


def test_his_guess_at_an_id_that_she_will_answer_joins_nothing_of_hers(desk: StoryDesk) -> None:
    anna, eve = desk.person("anna@acme.example"), desk.person("eve@evil.example")
    eve.writes("Your code", "I am waiting.", headers={"References": "<order.4711@shop.example>"})
    anna.writes("Re: Your code", "It is 482913.", headers={"In-Reply-To": "<order.4711@shop.example>"})
    assert len(desk.tickets()) == 2
    assert not any("482913" in letter.message.as_string() + letter.text for letter in eve.letters())
    assert Notice.CUSTOMER_REPLY not in desk.notices_to(desk.person("omar@desk.example"))
