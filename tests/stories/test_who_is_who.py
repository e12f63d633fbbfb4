"""Staff stay staff wherever their address stands, and are nobody once they have left."""

import pytest
from support.desk.staff_rows import add_staff, change_staff
from support.desk.story import SUPPORT, Person, StoryDesk

from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status


def reply_address(person: Person, notice: Notice) -> str:
    return person.letter(notice).header("Reply-To").rpartition("<")[2].rstrip(">")


def leaves(person: Person) -> None:
    change_staff(person.desk, person.address, active=False)


def joins(person: Person) -> None:
    add_staff(person.desk, person.address, person.name)


def test_staff_whom_a_customer_puts_in_cc_are_told_all_the_same(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.", cc="Omar <Omar@desk.example>, bela@desk.example, ines@desk.example")
    assert desk.notices_to(omar) == [Notice.NEW_TICKET]
    assert all(
        participant.role == "staff" for participant in desk.ticket().participants if participant.address.endswith("@desk.example")
    )


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
    assert [mail.state for mail in desk.mails()[-2:]] == [Disposition.OPENED] * 2
    assert not any("Goodbye" in row.body_text for row in desk.inbox("acme"))


def test_who_has_left_is_a_stranger_with_a_customers_reply_address(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    leaves(omar)
    omar.writes("Re: Printer", "Thanks!", to=reply_address(anna, Notice.RESOLUTION))
    assert desk.ticket().status is Status.IN_PROGRESS
    assert "unverified_sender" in [event.kind for event in desk.history().events]


def test_who_has_left_has_no_reply_address_any_more(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    leaves(omar)
    omar.replies(Notice.NEW_TICKET, "#resolve\nGoodbye to you all.")
    assert desk.ticket(1).status is Status.IN_REVIEW
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    assert not any("Goodbye" in row.body_text for row in desk.inbox("acme"))


def from_two(first: str, second: str, number: int, parent: str = "") -> bytes:
    answers = f"In-Reply-To: {parent}\r\n" if parent else ""
    return (
        f"From: {first}\r\nFrom: {second}\r\nTo: {SUPPORT}\r\nSubject: x\r\nMessage-ID: <two{number}@evil.example>\r\n{answers}\r\nHello\r\n"
    ).encode()


def test_a_staff_address_in_reply_to_or_beside_another_author_is_held(desk: StoryDesk, anna: Person, omar: Person) -> None:
    """Neither a colleague, nor a customer of that address, nor a participant of the tickets that the address takes part in."""
    anna.writes("Printer", "It jams.")
    parent = omar.letter(Notice.NEW_TICKET).header("Message-ID")
    token = reply_address(omar, Notice.NEW_TICKET)
    form = desk.person("noreply@evil.example")
    form.writes("x", "Kilroy", headers={"Reply-To": omar.address})
    form.writes("x", "Kilroy again", headers={"Reply-To": omar.address, "In-Reply-To": parent})
    form.writes("x", "#resolve\nHello", to=token, headers={"Reply-To": omar.address})
    omar.mail(from_two(omar.address, "eve@evil.example", 1), [SUPPORT])
    omar.mail(from_two(omar.address, "eve@evil.example", 2, parent), [SUPPORT])
    assert [mail.state for mail in desk.mails()[1:]] == [Disposition.HELD] * 5
    assert len(desk.tickets()) == 1
    assert desk.ticket().status is Status.IN_REVIEW
    assert not any("Kilroy" in row.body_text for row in desk.inbox("acme"))
    # Three letters an hour about mail in his name, and one alarm; what came to his own reply address counts apart.
    assert desk.notices_to(omar) == [Notice.NEW_TICKET] + [Notice.HELD] * 4 + [Notice.ALARM]


def test_nothing_goes_to_ourselves_whoever_else_wrote_it(desk: StoryDesk) -> None:
    desk.person("eve@evil.example").mail(from_two(SUPPORT, "eve@evil.example", 1), [SUPPORT])
    assert desk.notices_to(desk.person(SUPPORT)) == []
    assert desk.ticket().participants[0].address == ""
    assert desk.inbox() == []  # what nobody certain wrote is nobody's own words
    assert "No confirmation was sent" in desk.person("omar@desk.example").letter(Notice.NEW_TICKET).text


@pytest.mark.parametrize("reverse_path", ["omar@desk.example", ""])
def test_a_staff_mailbox_that_answers_by_itself_gets_no_letter_for_it(desk: StoryDesk, omar: Person, reverse_path: str) -> None:
    header = "Auto-Submitted: auto-replied\r\n" if reverse_path else ""
    content = f"From: {omar.address}\r\nTo: {SUPPORT}\r\nSubject: Received\r\n{header}Message-ID: <a@desk.example>\r\n\r\nThank you.\r\n"
    omar.mail(content.encode(), [SUPPORT], reverse_path)
    assert desk.mails()[-1].state in (Disposition.HELD, Disposition.NOTED)
    assert desk.notices_to(omar) == []
    assert desk.tickets() == []


def test_an_address_of_ours_in_cc_is_nobody(desk: StoryDesk, anna: Person) -> None:
    anna.writes("Printer", "It jams.", cc="billing@support.example.com, help+x@support.example.com, bounces@support.example.com")
    assert [participant.address for participant in desk.ticket().participants] == [anna.address, "omar@desk.example"]


def test_our_postmaster_is_a_person_who_may_write(desk: StoryDesk) -> None:
    message_id = desk.person("postmaster@support.example.com").writes("Disk", "The disk is nearly full.")
    assert desk.why(message_id).state is Disposition.OPENED


def test_a_form_that_names_two_people_is_answered_at_the_first(desk: StoryDesk) -> None:
    form, omar = desk.person("no-reply@website.example"), desk.person("omar@desk.example")
    form.writes("Form", "my printer jams", headers={"Reply-To": "carl@other.example, eve@evil.example"})
    assert desk.ticket().participants[0].address == "carl@other.example"
    assert "carl@other.example, eve@evil.example" in omar.letter(Notice.NEW_TICKET).text
    assert desk.notices_to(desk.person("eve@evil.example")) == desk.notices_to(form) == []
    form.writes("Form", "mine too", headers={"Reply-To": SUPPORT})
    assert desk.ticket(2).participants[0].address == form.address
    form.writes("Form", "and mine", headers={"Reply-To": "carl@other.example"})
    assert desk.ticket(3).participants[0].address == "carl@other.example"
    assert desk.ticket(3).assurance is Assurance.UNVERIFIED


def test_a_customer_who_joins_the_staff_stays_the_customer_of_his_own_ticket(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    joins(anna)
    omar.replies(Notice.NEW_TICKET, "#assign anna")
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    assert desk.notices_to(anna) == [Notice.CONFIRMATION, Notice.ANSWER]
    message_id = anna.replies(Notice.ANSWER, "#resolve\nIt was me.")
    assert desk.why(message_id).state is Disposition.HELD


def test_staff_follow_a_reply_address_by_a_word(desk: StoryDesk, anna: Person, omar: Person) -> None:
    """The mail asks to be answered elsewhere: nobody follows that by themselves, and staff can."""
    anna.writes("Printer", "Please answer to my private address.", headers={"Reply-To": "anna@private.example"})
    assert "anna@private.example" in omar.letter(Notice.NEW_TICKET).text
    omar.replies(Notice.NEW_TICKET, "#author anna@private.example")
    private = desk.person("anna@private.example")
    assert desk.ticket().account is None
    assert desk.ticket().assurance is Assurance.UNVERIFIED
    assert desk.inbox("acme") == []
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    assert desk.notices_to(private) == [Notice.CONFIRMATION, Notice.ANSWER]
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]


def test_nobody_changes_whose_request_it_is_after_an_answer(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    omar.replies(Notice.NEW_TICKET, "#author eve@evil.example")
    assert [
        participant.address for participant in desk.ticket().participants if participant.number == desk.ticket().requester
    ] == [anna.address]
    assert "somebody has answered already" in omar.letter(Notice.RECEIPT).text
