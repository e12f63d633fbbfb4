"""One mail to several support addresses: one request, or one in each of their queues where the desk says so."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk.story import SUPPORT, StoryDesk, configured, direct_desk

from helpdesk.gateway.reader import Reader
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status

BILLING, SALES = "billing@support.example.com", "sales@support.example.com"
EACH = f"""
[threading]
several_addresses = "each"
[[address]]
address = "{SALES}"
[[staff]]
name = "Nora Weiss"
address = "nora@desk.example"
queues = ["general", "billing"]
"""


@pytest.fixture
def each(tmp_path: Path, reader: Reader) -> Iterator[StoryDesk]:
    with direct_desk(configured(tmp_path, more=EACH), reader) as desk:
        yield desk


def test_a_mail_to_two_queues_is_a_request_in_each_and_each_names_the_other(each: StoryDesk) -> None:
    anna, bela, omar = (each.person(address) for address in ("anna@acme.example", "bela@desk.example", "omar@desk.example"))
    message_id = anna.writes(
        "Seats", "We need twelve more, and the invoice for them.", cc=BILLING, files={"order.pdf": b"%PDF-1"}
    )
    general, billing = each.tickets()
    assert [(ticket.queue, ticket.support_address) for ticket in (general, billing)] == [
        ("general", SUPPORT),
        ("billing", BILLING),
    ]
    assert each.why(message_id).ticket == general.reference
    assert f"Related: {general.reference}, of another queue" in bela.letter(Notice.NEW_TICKET).text
    assert f"Related: {billing.reference}, of another queue" in omar.letter(Notice.NEW_TICKET).text
    assert bela.letter(Notice.NEW_TICKET).files == {"order.pdf": b"%PDF-1"}
    assert each.history(1).related == (billing.reference,)
    assert [message.text for place in (1, 2) for message in each.history(place).messages] == [
        "We need twelve more, and the invoice for them."
    ] * 2
    assert {letter.header("From").rpartition("<")[2] for letter in anna.letters()} == {f"{SUPPORT}>", f"{BILLING}>"}


def test_replies_lead_to_the_request_whose_letter_they_answer(each: StoryDesk) -> None:
    anna, bela = each.person("anna@acme.example"), each.person("bela@desk.example")
    anna.writes("Seats", "We need twelve more.", cc=BILLING)
    bela.replies(Notice.NEW_TICKET, "#resolve\nThe invoice is on its way.")
    general, billing = each.tickets()
    assert (general.status, billing.status) == (Status.IN_REVIEW, Status.RESOLVED)
    anna.replies(Notice.RESOLUTION, "It has not come yet.")
    assert [ticket.status for ticket in each.tickets()] == [Status.IN_REVIEW, Status.IN_PROGRESS]


def test_the_copy_of_the_other_address_has_no_effect_of_its_own(each: StoryDesk) -> None:
    anna = each.person("anna@acme.example")
    mail = (
        f"From: Anna <{anna.address}>\r\nTo: {SUPPORT}, {BILLING}\r\nSubject: Seats\r\n"
        "Date: Mon, 23 Nov 2026 09:00:00 +0000\r\nMessage-ID: <one@acme.example>\r\n\r\nTwelve more.\r\n"
    ).encode()
    anna.mail(mail, [BILLING])
    anna.mail(mail, [SUPPORT])
    assert [ticket.queue for ticket in each.tickets()] == ["general", "billing"]
    assert [mail.state for mail in each.mails()] == [Disposition.OPENED, Disposition.DISCARDED]


def test_two_addresses_of_one_queue_are_one_request(each: StoryDesk) -> None:
    each.person("anna@acme.example").writes("Seats", "We need twelve more.", cc=SALES)
    assert [ticket.queue for ticket in each.tickets()] == ["general"]


def test_letters_of_all_these_requests_count_against_the_limits(tmp_path: Path, reader: Reader) -> None:
    more = f"{EACH}\n[automatic]\naddress_hour = 1\n"
    with direct_desk(configured(tmp_path, more=more), reader) as desk:
        anna = desk.person("anna@acme.example")
        anna.writes("Seats", "We need twelve more.", cc=BILLING)
        assert [letter.notice for letter in anna.letters()] == [Notice.CONFIRMATION]


def test_a_desk_that_says_nothing_opens_one_request(desk: StoryDesk) -> None:
    desk.person("anna@acme.example").writes("Seats", "We need twelve more.", cc=BILLING)
    assert [ticket.queue for ticket in desk.tickets()] == ["general"]
