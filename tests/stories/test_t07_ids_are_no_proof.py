"""The Message-ID of a letter to a colleague only threads: who knows it, and writes in that name, is not that colleague."""

import pytest
from story import StoryDesk

from helpdesk.threading.model import Notice

STRANGE = "203.0.113.9"


@pytest.mark.parametrize("field", ["In-Reply-To", "References"])
@pytest.mark.parametrize("text", ["#resolve\nDone.", "#note Seen.", "Send us your password."])
def test_a_known_message_id_in_a_colleagues_name_does_nothing(desk: StoryDesk, field: str, text: str) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    before = desk.ticket()
    parent = omar.letter(Notice.NEW_TICKET).header("Message-ID")
    omar.writes("Re: Printer", text, headers={field: parent}, peer=STRANGE)
    assert desk.ticket() == before
    assert (len(desk.history().messages), desk.history().notes) == (1, ())
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
