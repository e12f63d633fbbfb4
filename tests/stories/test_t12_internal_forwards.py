"""The address decides where an answer goes: what comes back to the address for notes is a note, whoever writes it."""

import pytest
from support.desk.story import StoryDesk

from helpdesk.threading.model.notice import Notice


@pytest.mark.parametrize("author", ["omar@desk.example", "ines@desk.example", "vendor@elsewhere.example", "anna@acme.example"])
def test_an_answer_to_a_note_never_goes_to_the_customer(desk: StoryDesk, author: str) -> None:
    anna, omar, ines = (desk.person(one) for one in ("anna@acme.example", "omar@desk.example", "ines@desk.example"))
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#assign ines")
    omar.replies(Notice.NEW_TICKET, "#note This one has been a bad payer for years.")
    letter = ines.letter(Notice.INTERNAL_NOTE)
    address = letter.header("Reply-To").rpartition("<")[2].rstrip(">")
    shown = desk.inbox("acme")
    desk.person(author).writes("Re: Printer", "Then let her wait for a month.", to=address)
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    assert [row for row in desk.inbox("acme") if row.direction == "support"] == [
        row for row in shown if row.direction == "support"
    ]
