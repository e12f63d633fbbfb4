"""Whoever stands in Cc is written down and gets nothing, whoever put him there; who is taken in by staff gets later letters alone."""

import pytest
from support.desk.story import StoryDesk

from helpdesk.threading.model.notice import Notice

STRANGE = "203.0.113.9"


@pytest.mark.parametrize("peer", ["127.0.0.1", STRANGE])
def test_a_mail_in_her_name_brings_nobody_into_her_conversation(desk: StoryDesk, peer: str) -> None:
    anna, omar, eve = desk.person("anna@acme.example"), desk.person("omar@desk.example"), desk.person("eve@evil.example")
    anna.writes("Printer", "It jams, and my door code is 4711.")
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    anna.writes("Re: Printer", "Copy my colleague.", cc=eve.address, headers={"In-Reply-To": f"<{anna.sent[0]}>"}, peer=peer)
    anna.writes("Other things", "Her too.", cc=eve.address, headers={"Reply-To": eve.address}, peer=peer)
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    assert desk.notices_to(eve) == []


def test_who_is_taken_in_by_staff_gets_no_word_of_before(desk: StoryDesk) -> None:
    anna, omar, eve = desk.person("anna@acme.example"), desk.person("omar@desk.example"), desk.person("eve@elsewhere.example")
    anna.writes("Printer", "It jams, and my door code is 4711.", cc=eve.address)
    omar.replies(Notice.NEW_TICKET, "The code 4711 works.")
    omar.replies(Notice.NEW_TICKET, f"#cc {eve.address}")
    assert desk.notices_to(eve) == []
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    assert [letter.notice for letter in eve.letters()] == [Notice.ANSWER]
    assert "4711" not in eve.letters()[0].text + eve.letters()[0].message.as_string()
