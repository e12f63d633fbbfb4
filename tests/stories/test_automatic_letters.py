"""One gate for letters that nobody wrote: how many may go out, what happens to the others, and who hears of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from support.desk.story import StoryDesk, configured, direct_desk
from support.mails.reports import letters_to

from helpdesk.gateway.reader import Reader
from helpdesk.store.outbox import list_letters
from helpdesk.store.schema import outbox, participant
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status

STRANGE = "203.0.113.9"  # not a network whose authors are believed


def sent(desk: StoryDesk, notice: Notice = Notice.CONFIRMATION) -> int:
    with desk.database.reading() as connection:
        counted = select(func.count()).where(outbox.c.notice == notice, outbox.c.state == "sent")
        return connection.execute(counted).scalar_one()


def test_a_stranger_in_whose_name_somebody_writes_gets_one_confirmation_an_hour(desk: StoryDesk) -> None:
    victim, omar = desk.person("victim@other.example"), desk.person("omar@desk.example")
    for number in range(4):
        victim.writes(f"Offer {number}", f"Buy {number} now.", peer=STRANGE)
    assert [letter.state for letter in letters_to(desk, victim)] == ["sent", "suppressed", "suppressed", "suppressed"]
    assert len(desk.tickets()) == 4
    assert [ticket.status for ticket in desk.tickets()] == [Status.IN_REVIEW] * 4
    withheld = desk.history(2).events
    assert [one.detail for one in withheld if one.kind == "letter_withheld"] == [
        "confirmation to victim@other.example: victim@other.example has had 1 automatic letters in an hour"
    ]
    assert "No confirmation was sent: victim@other.example has had 1" in omar.letter(Notice.NEW_TICKET).text
    assert [row.notice for row in desk.inbox() if row.direction == "support"] == ["confirmation"] * 4
    desk.passes(hours=2)
    victim.writes("Offer 5", "Buy 5 now.", peer=STRANGE)
    assert letters_to(desk, victim)[-1].state == "sent"


def test_no_more_than_five_letters_a_day_go_to_such_a_stranger(desk: StoryDesk) -> None:
    victim = desk.person("victim@other.example")
    for number in range(8):
        victim.writes(f"Offer {number}", f"Buy {number} now.", peer=STRANGE)
        desk.passes(hours=2)
    assert [letter.state for letter in letters_to(desk, victim)].count("sent") == 5


@pytest.mark.parametrize("spelling", ["v.ictim@other.example", "victim+7@other.example", "VICTIM@Other.Example"])
def test_spellings_of_one_address_count_as_one(desk: StoryDesk, spelling: str) -> None:
    desk.person("victim@other.example").writes("Offer", "Buy now.", peer=STRANGE)
    desk.person(spelling).writes("Offer again", "Buy it now.", peer=STRANGE)
    assert len(desk.tickets()) == 2
    assert sent(desk) == 1


def test_mails_that_come_at_once_are_counted_within_one_transaction(desk: StoryDesk) -> None:
    victim = desk.person("victim@other.example")
    for number in range(20):
        content = f"From: {victim.address}\r\nSubject: {number}\r\nMessage-ID: <{number}@x.example>\r\n\r\nBuy {number}.\r\n"
        desk.deliver(victim.address, ["help@support.example.com"], content.encode(), STRANGE)
    desk.settle()
    assert len(desk.tickets()) == 20
    assert sent(desk) == 1


def test_what_people_write_is_never_capped(desk: StoryDesk) -> None:
    victim, omar = desk.person("victim@other.example"), desk.person("omar@desk.example")
    for number in range(7):
        victim.writes(f"Question {number}", f"How do I {number}?", peer=STRANGE)
        omar.replies(Notice.NEW_TICKET, f"Like this {number}.")
        omar.replies(Notice.NEW_TICKET, "#resolve")
    assert sent(desk, Notice.ANSWER) == 7
    assert sent(desk, Notice.RESOLUTION) == 7
    assert sent(desk) == 1


@pytest.fixture
def small(tmp_path: Path, reader: Reader) -> Iterator[StoryDesk]:
    """A desk that falls silent after six automatic letters a minute."""
    more = '[automatic]\ndesk_minute = 6\nunsure_domain_hour = 4\n[[staff]]\nname = "Mia"\naddress = "mia@desk.example"\nrole = "manager"\n'
    with direct_desk(configured(tmp_path, more=more), reader) as made:
        yield made


def test_the_whole_desk_falls_silent_and_managers_hear_it_once(small: StoryDesk) -> None:
    mia = small.person("mia@desk.example")
    for number in range(12):
        small.person(f"anna@firm{number}.example").writes("Offer", f"Buy {number} now.", peer=STRANGE)
    assert (len(small.tickets()), sent(small)) == (12, 6)
    assert small.notices_to(mia) == [Notice.ALARM]
    assert "further ones are withheld" in mia.letter(Notice.ALARM).text
    small.passes(minutes=2)
    small.person("anna@firm99.example").writes("Offer", "Buy 99 now.", peer=STRANGE)
    assert sent(small) == 7
    small.passes(hours=2)
    for number in range(12):
        small.person(f"paul@firm{number}.example").writes("Offer", f"Buy {number} now.", peer=STRANGE)
    assert small.notices_to(mia) == [Notice.ALARM] * 2


def test_letters_of_one_decision_are_counted_among_themselves(small: StoryDesk) -> None:
    small.person("anna@acme.example").writes("Printer", "It jams.")
    people = [{"number": number, "address": f"p{number}@firm{number}.example"} for number in range(10, 19)]
    shared = {"ticket_id": small.ticket().id, "role": "customer", "name": "", "state": "active"}
    with small.database.writing() as connection:
        connection.execute(participant.insert(), [{**shared, **person} for person in people])
    small.person("omar@desk.example").replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    small.passes(days=7)
    assert small.ticket().status is Status.CLOSED
    assert sent(small, Notice.CLOSING) == 6
    assert sorted(small.notices_to(small.person("mia@desk.example"))) == [Notice.ALARM, Notice.WEEKLY_REPORT]
    assert [row.notice for row in small.inbox("acme")].count("closing") == 10


def test_a_domain_that_is_flooded_is_spared_and_others_are_served(small: StoryDesk) -> None:
    for number in range(9):
        small.person(f"anna{number}@firm.example").writes("Offer", f"Buy {number} now.", peer=STRANGE)
        small.passes(minutes=1)
    assert sent(small) == 4
    small.person("carl@other.example").writes("Printer", "It jams.", peer=STRANGE)
    assert sent(small) == 5


def test_forged_mail_of_staff_fills_no_mailbox(desk: StoryDesk) -> None:
    omar, ines = desk.person("omar@desk.example"), desk.person("ines@desk.example")
    for number in range(9):
        omar.writes(f"Hello {number}", f"#resolve {number}", peer=STRANGE)
    assert [mail.state for mail in desk.mails()] == [Disposition.HELD] * 9
    assert desk.notices_to(omar) == [Notice.HELD] * 3 + [Notice.ALARM]
    assert desk.notices_to(ines) == [Notice.ALARM]
    assert "claim to be from Omar Haddad" in ines.letter(Notice.ALARM).text
    desk.passes(hours=2)
    omar.writes("Hello again", "#resolve again", peer=STRANGE)
    assert desk.notices_to(omar)[-1] == Notice.HELD


def test_letters_that_do_not_go_out_count_for_nothing(desk: StoryDesk) -> None:
    victim = desk.person("victim@other.example")
    victim.writes("Offer", "Buy now.", peer=STRANGE)
    desk.passes(minutes=50)
    victim.writes("Offer 2", "Buy two now.", peer=STRANGE)
    desk.passes(minutes=20)
    victim.writes("Offer 3", "Buy three now.", peer=STRANGE)
    assert [letter.state for letter in letters_to(desk, victim)] == ["sent", "suppressed", "sent"]
    with desk.database.reading() as connection:
        assert len(list_letters(connection, LetterState.SUPPRESSED)) == 1
