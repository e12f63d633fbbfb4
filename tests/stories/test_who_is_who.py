"""Staff stay staff wherever their address stands, and are nobody once they have left."""

import pytest
from sqlalchemy import insert, update
from story import Person, StoryDesk

from helpdesk.store.schema import staff
from helpdesk.threading.model import Disposition, Notice, Status


@pytest.fixture
def anna(desk: StoryDesk) -> Person:
    return desk.person("anna@acme.example")


@pytest.fixture
def omar(desk: StoryDesk) -> Person:
    return desk.person("omar@desk.example")


def reply_address(person: Person, notice: Notice) -> str:
    return person.letter(notice).header("Reply-To").rpartition("<")[2].rstrip(">")


def leaves(person: Person) -> None:
    with person.desk.database.writing() as connection:
        connection.execute(update(staff).where(staff.c.address == person.address).values(active=False))


def joins(person: Person) -> None:
    row = {"address": person.address, "name": person.name, "role": "agent", "queues": ["general"], "active": True}
    with person.desk.database.writing() as connection:
        connection.execute(insert(staff).values(**row))


def test_staff_whom_a_customer_puts_in_cc_are_told_all_the_same(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.", cc="Omar <Omar@desk.example>, bela@desk.example, ines@desk.example")
    assert desk.notices_to(omar) == [Notice.NEW_TICKET]
    assert all(one.role == "staff" for one in desk.ticket().participants if one.address.endswith("@desk.example"))


def test_who_stood_in_cc_and_joins_the_staff_works_like_any_other(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.", cc="nora@desk.example")
    nora = desk.person("nora@desk.example")
    joins(nora)
    omar.replies(Notice.NEW_TICKET, "#assign nora")
    assert desk.notices_to(nora) == [Notice.ASSIGNMENT]
    nora.replies(Notice.ASSIGNMENT, "Please open flap B.")
    assert "Please open flap B." in anna.letter(Notice.ANSWER).text
    assert desk.notices_to(nora) == [Notice.ASSIGNMENT]


def test_who_has_left_goes_on_with_no_ticket_by_its_message_ids_or_reference(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    parent = omar.letter(Notice.NEW_TICKET).header("Message-ID")
    leaves(omar)
    omar.writes("Re: Printer", "Goodbye to you all.", headers={"In-Reply-To": parent})
    omar.writes(f"About {desk.ticket().reference}", "Goodbye once more.")
    assert [one.state for one in desk.mails()[-2:]] == [Disposition.OPENED] * 2
    assert not any("Goodbye" in one.body_text for one in desk.inbox("acme"))


def test_who_has_left_is_a_stranger_with_a_customers_reply_address(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    leaves(omar)
    omar.writes("Re: Printer", "Thanks!", to=reply_address(anna, Notice.RESOLUTION))
    assert desk.ticket().status is Status.IN_PROGRESS
    assert "unverified_sender" in [one.kind for one in desk.history().events]


def test_who_has_left_has_no_reply_address_any_more(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    leaves(omar)
    omar.replies(Notice.NEW_TICKET, "#resolve\nGoodbye to you all.")
    assert desk.ticket(1).status is Status.IN_REVIEW
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    assert not any("Goodbye" in one.body_text for one in desk.inbox("acme"))
