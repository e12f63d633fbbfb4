"""The Message-ID of a letter to a colleague only threads, and his reply address is half a proof: without the other half nothing happens."""

import pytest
from support.desk.story import SUPPORT, StoryDesk

from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice

HOUSE, STRANGE = "127.0.0.1", "203.0.113.9"


@pytest.mark.parametrize("field", ["In-Reply-To", "References"])
@pytest.mark.parametrize("text", ["#resolve\nDone.", "#note Seen.", "Send us your password."])
def test_a_known_message_id_in_a_colleagues_name_does_nothing(desk: StoryDesk, field: str, text: str) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    before, letter = desk.ticket(), omar.letter(Notice.NEW_TICKET)
    token = letter.header("Reply-To").rpartition("<")[2].rstrip(">")
    parent = {field: letter.header("Message-ID")}
    for to, peer in ((SUPPORT, STRANGE), (token, STRANGE), (SUPPORT, HOUSE)):
        omar.writes("Re: Printer", text, to=to, headers=parent, peer=peer)
    assert {mail.state for mail in desk.mails()[1:]} == {Disposition.HELD}
    assert desk.ticket() == before
    assert (len(desk.history().messages), desk.history().notes) == (1, ())
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
