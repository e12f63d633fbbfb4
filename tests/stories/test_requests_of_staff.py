"""A staff member has a request of their own and writes to the desk like everybody else."""

import pytest
from support.desk.story import SUPPORT, StoryDesk

from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status

STRANGE = "203.0.113.9"


def test_colleagues_work_on_it_and_its_author_is_its_customer(desk: StoryDesk) -> None:
    omar, ines = desk.person("omar@desk.example"), desk.person("ines@desk.example")
    omar.writes("My laptop", "It is broken.")
    assert desk.ticket().participants[0].address == omar.address
    assert desk.ticket().assignee == ines.address
    assert desk.notices_to(omar) == [Notice.CONFIRMATION]
    ines.replies(Notice.NEW_TICKET, "#resolve\nTake the one on my table.")
    assert "Take the one on my table." in omar.letter(Notice.RESOLUTION).text
    omar.replies(Notice.RESOLUTION, "That one is broken too.")
    assert desk.ticket().status is Status.IN_PROGRESS
    assert desk.history().messages[-1].text == "That one is broken too."
    assert (
        "broken too"
        in ines.letter(Notice.CUSTOMER_REPLY if Notice.CUSTOMER_REPLY in desk.notices_to(ines) else Notice.REOPENED).text
    )


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("Open flap B.", {"peer": STRANGE}),
        ("#take\nOpen flap B.", {}),
        ("Open flap B.", {"cc": "anna@acme.example"}),
        ("Open flap B.", {"headers": {"In-Reply-To": "<somewhere@else.example>"}}),
    ],
)
def test_what_may_be_meant_for_a_customer_is_held_as_before(desk: StoryDesk, text: str, options: dict[str, object]) -> None:
    omar = desk.person("omar@desk.example")
    message_id = omar.writes("Printer", text, SUPPORT, **options)
    assert desk.why(message_id).state is Disposition.HELD
    assert not desk.tickets()


def test_a_held_mail_that_is_let_go_becomes_the_request_that_its_letter_announces(desk: StoryDesk) -> None:
    omar = desk.person("omar@desk.example")
    omar.writes("My laptop", "It is broken.", peer=STRANGE)
    assert "#send: it is opened as a request of your own." in omar.letter(Notice.HELD).text
    omar.replies(Notice.HELD, "#send")
    assert desk.ticket().participants[0].address == omar.address
