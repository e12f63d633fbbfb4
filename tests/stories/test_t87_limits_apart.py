"""Floods of mail that proves nobody: whoever proves who they are has every letter, and nothing of the flood is lost."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk.story import SUPPORT, Person, StoryDesk, configured, direct_desk
from support.mails.reports import letters_to

from helpdesk.gateway.reader import Reader
from helpdesk.store.digests import gathered_letters
from helpdesk.store.schema import staff
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.held import HoldReason
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice

STRANGE = "203.0.113.9"  # a peer that proves nothing
SMALL = """
[automatic]
desk_minute = 4
desk_hour = 20
domain_hour = 6
unsure_desk_minute = 99
unsure_domain_hour = 3
unsure_staff_ten_minutes = 5
[[staff]]
name = "Mia"
address = "mia@desk.example"
role = "manager"
queues = ["nothing"]
"""


@pytest.fixture
def small(tmp_path: Path, reader: Reader) -> Iterator[StoryDesk]:
    with direct_desk(configured(tmp_path, more=SMALL), reader) as made:
        yield made


def flood(desk: StoryDesk, count: int, author: str = "a@firm{}.example", to: str = SUPPORT, first: int = 0) -> None:
    """Mails at one moment that prove nothing."""
    for number in range(first, first + count):
        address = author.format(number)
        head = f"From: {address}\r\nTo: {to}\r\nSubject: Offer {number}\r\nMessage-ID: <{number}.{desk.now:%H%M%S}@x.example>\r\n"
        desk.deliver(address, [to], f"{head}\r\nBuy number {number} now.\r\n".encode(), STRANGE)
    desk.settle()


def reply_address(letter_to: Person, notice: Notice) -> str:
    return letter_to.letter(notice).header("Reply-To").rpartition("<")[2].rstrip(">")


@pytest.mark.parametrize("author", ["a@firm{}.example", "a{}@acme.example", "anna@acme.example", "x{}@freemail.example"])
def test_a_flood_costs_nobody_a_confirmation_who_proves_who_they_are(small: StoryDesk, author: str) -> None:
    """From many domains, from hers, in her own name, and from a provider that she and the flood share."""
    anna = small.person("anna@acme.example")
    carl = small.person("carl@freemail.example")
    flood(small, 12, author)
    anna.writes("Everything is down", "Since nine, for all of us.")
    carl.writes("Export", "Where is it?")
    assert letters_to(small, anna)[-1].state == "sent"
    assert "Everything is down" in anna.letter(Notice.CONFIRMATION).header("Subject")
    assert letters_to(small, carl)[-1].state == "sent"
    assert [ticket.assurance for ticket in small.tickets()][-2:] == [Assurance.AUTHENTICATED] * 2


def test_proved_mail_uses_up_nothing_of_the_others_either(small: StoryDesk) -> None:
    """Confirmations to a provider's proved users are no reason to leave an unproved one without."""
    for number in range(3):
        small.person(f"p{number}@freemail.example").writes("Question", f"How do I do {number}?")
    victim = small.person("v@freemail.example")
    victim.writes("Question", "And I?")
    victim.writes("Question", "Who asks in my name?", peer=STRANGE)
    assert [letter.state for letter in letters_to(small, victim)] == ["sent", "sent"]


def test_whoever_is_in_charge_hears_of_either_limit(small: StoryDesk) -> None:
    mia = small.person("mia@desk.example")
    flood(small, 12)
    assert [letter.text.count("whom nothing proves") for letter in mia.letters()] == [1]
    for number in range(9):
        small.person(f"anna@shop{number}.example").writes("Question", f"How do I do {number}?")
    assert small.notices_to(mia) == [Notice.ALARM] * 2
    assert "whom nothing proves" not in mia.letter(Notice.ALARM).text


def test_questions_about_strangers_cost_a_customer_no_confirmation(desk: StoryDesk) -> None:
    """Whoever has found her reply address writes there under many names; she is asked about some, and confirmed as ever."""
    anna = desk.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    flood(desk, 14, "eve{}@evil.example", reply_address(anna, Notice.CONFIRMATION))
    assert desk.notices_to(anna).count(Notice.CONSENT_REQUEST) == 14
    assert [letter.state for letter in letters_to(desk, anna) if letter.notice == Notice.CONSENT_REQUEST].count("sent") == 5
    anna.writes("Scanner", "It blinks.")
    assert "Scanner" in anna.letter(Notice.CONFIRMATION).header("Subject")


def test_a_colleagues_own_held_mail_always_has_its_letter(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    anna.replies(Notice.CONFIRMATION, "And it burns.")
    flood(desk, 9, "omar@desk.example")
    assert desk.notices_to(omar).count(Notice.HELD) == 3
    held = [omar.replies(Notice.NEW_TICKET, f"Open flap {number}.") for number in range(5)]
    assert [desk.why(mail).decision["held_over"] for mail in held] == [HoldReason.STALE] * 5
    assert desk.notices_to(omar).count(Notice.HELD) == 8
    omar.replies(Notice.HELD, "#send")
    assert "Open flap 4." in anna.letter(Notice.ANSWER).text


def test_held_mail_that_is_proved_uses_up_nothing(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    anna.replies(Notice.CONFIRMATION, "And it burns.")
    for number in range(4):
        omar.replies(Notice.NEW_TICKET, f"Open flap {number}.")
    omar.writes("Printer", "Open flap B.", peer=STRANGE)
    assert desk.notices_to(omar).count(Notice.HELD) == 5
    assert Notice.ALARM not in desk.notices_to(omar)


def test_a_strangers_proved_mail_to_a_colleagues_address_is_no_proof_of_the_colleague(desk: StoryDesk) -> None:
    """Who has a domain can prove mail in it: that fills no colleague's mailbox."""
    omar = desk.person("omar@desk.example")
    desk.person("anna@acme.example").writes("Printer", "It jams.")
    to = reply_address(omar, Notice.NEW_TICKET)
    for number in range(7):
        desk.person(f"eve{number}@evil.example").writes("Hello", f"Number {number}.", to=to)
    assert desk.notices_to(omar).count(Notice.HELD) == 3
    assert [mail.state for mail in desk.mails()].count(Disposition.HELD) == 7


def test_a_flood_comes_to_staff_in_one_letter_that_lists_every_request(small: StoryDesk) -> None:
    omar, anna = small.person("omar@desk.example"), small.person("anna@acme.example")
    flood(small, 30)
    assert small.notices_to(omar) == [Notice.NEW_TICKET] * 30
    assert len(omar.letters()) == 5
    anna.writes("Everything is down", "Since nine.")
    assert "Since nine." in omar.letter(Notice.NEW_TICKET).text
    anna.replies(Notice.CONFIRMATION, "And it burns.")
    assert "it burns" in omar.letter(Notice.CUSTOMER_REPLY).text
    small.passes(minutes=9)
    assert Notice.DIGEST not in small.notices_to(omar)
    small.passes(minutes=2)
    digest = omar.letter(Notice.DIGEST).text
    assert small.notices_to(omar).count(Notice.DIGEST) == 1
    told = {letter.message["Subject"][1:11] for letter in omar.letters() if letter.notice is Notice.NEW_TICKET}
    for ticket in small.tickets():
        author = ticket.participants[0].address
        listed = f"{ticket.subject} | {ticket.reference} | {author} |" in digest
        assert listed != (ticket.reference in told)
    with small.database.reading() as connection:
        assert omar.address not in {letter.staff for letter in gathered_letters(connection, small.now, 10)}
    small.passes(minutes=20)
    assert small.notices_to(omar).count(Notice.DIGEST) == 1


def test_what_is_listed_can_be_read_and_worked_on(small: StoryDesk) -> None:
    omar = small.person("omar@desk.example")
    flood(small, 7)
    small.passes(minutes=11)
    rows = re.findall(r"^(\d)\. Offer (\d) \| (\S+) \|", omar.letter(Notice.DIGEST).text, re.MULTILINE)
    assert [row[0] for row in rows] == ["1", "2"]
    omar.replies(Notice.DIGEST, "1 spam\n2 take")
    for _, number, reference in rows:
        omar.writes("Look", f"#show {reference}")
        assert f"Buy number {number} now." in "".join(letter.text for letter in omar.letters()[-2:])
    by_reference = {ticket.reference: ticket for ticket in small.tickets()}
    assert by_reference[rows[0][2]].status == "closed"
    assert by_reference[rows[1][2]].assignee == omar.address


def test_a_flood_of_mail_that_names_one_request_is_gathered_too(small: StoryDesk) -> None:
    """In the customer's name with the reference alone, and by strangers with the reply address of a letter."""
    omar, anna = small.person("omar@desk.example"), small.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    reference = small.ticket().reference
    for number in range(6):
        anna.writes(f"{reference} again", f"Number {number}.", peer=STRANGE)
    flood(small, 6, "eve{}@evil.example", reply_address(anna, Notice.CONFIRMATION))
    assert len([letter for letter in omar.letters() if letter.notice is Notice.CUSTOMER_REPLY]) == 5
    anna.replies(Notice.CONFIRMATION, "It burns.", peer=STRANGE)
    assert "It burns." in omar.letter(Notice.CUSTOMER_REPLY).text
    small.passes(minutes=11)
    assert f"Printer | {reference} | anna@acme.example (7) |" in omar.letter(Notice.DIGEST).text


def test_promises_to_a_flood_do_not_flood_staff_when_they_fall_due(tmp_path: Path, reader: Reader) -> None:
    more = "[plans]\nfree = { first_response = '1h' }\nstarter = {}\nbusiness = {}\n[automatic]\nunsure_staff_ten_minutes = 5\n"
    with direct_desk(configured(tmp_path, more=more), reader) as desk:
        omar = desk.person("omar@desk.example")
        flood(desk, 9)
        desk.passes(minutes=46)
        assert desk.notices_to(omar).count(Notice.TARGET_WARNING) == 9
        assert len([letter for letter in omar.letters() if letter.notice is Notice.TARGET_WARNING]) == 5


def test_no_letter_is_gathered_for_who_has_left(small: StoryDesk) -> None:
    omar = small.person("omar@desk.example")
    flood(small, 7)
    with small.database.writing() as connection:
        connection.execute(staff.update().where(staff.c.address == omar.address).values(active=False))
    small.passes(minutes=11)
    assert Notice.DIGEST not in small.notices_to(omar)
    with small.database.reading() as connection:
        assert gathered_letters(connection, small.now, 10) == []
