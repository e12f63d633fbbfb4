"""A number in the subject is a hint and no key, whatever its shape: it opens a ticket that is linked, and no more."""

import pytest
from support.desk.story import StoryDesk

from helpdesk.threading.model.notice import Notice

SHAPES = ["{}", "[{}] Printer", "Re: [#{}] Printer", "#{}", "Ticket {}", "[ticket:{}]"]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_strangers_subject_joins_nothing(desk: StoryDesk, shape: str) -> None:
    anna, eve = desk.person("anna@acme.example"), desk.person("eve@evil.example")
    anna.writes("Printer", "It jams.")
    reference = desk.ticket().reference
    eve.writes(shape.format(reference), "Any news?")
    assert [len(desk.history(place).messages) for place in (1, 2)] == [1, 1]
    assert desk.history(2).related == (reference,)
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]


@pytest.mark.parametrize(
    "local_part", ["help+{reference}", "help+id{number}", "help-{reference}", "{reference}", "help+{number}"]
)
def test_an_address_with_a_plain_number_joins_nothing(desk: StoryDesk, local_part: str) -> None:
    anna, eve = desk.person("anna@acme.example"), desk.person("eve@evil.example")
    anna.writes("Printer", "It jams.")
    one = desk.ticket()
    address = local_part.format(reference=one.reference.lower(), number=one.id) + "@support.example.com"
    eve.writes("Printer", "Any news?", to=address, headers={})
    assert len(desk.history(1).messages) == 1
    assert all(participant.address != eve.address for participant in desk.ticket(1).participants)
