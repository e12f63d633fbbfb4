"""Customers copy people on their mail, and these answer all: their words reach staff, and nobody gets more than they may read."""

from pathlib import Path

import pytest
from support.desk.story import SUPPORT, Person, StoryDesk, configured, direct_desk

from helpdesk.gateway.reader import Reader
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import ParticipantState
from helpdesk.threading.model.status import Status, WaitingOn

STRANGE = "203.0.113.9"
CARL, PAUL = "carl@vendor.example", "paul@acme.example"


def answers_all(person: Person, parent: str, text: str, peer: str = "127.0.0.1") -> str:
    headers = {"In-Reply-To": f"<{parent}>", "References": f"<{parent}>"}
    return person.writes("Re: Interface", text, headers=headers, peer=peer)


def state(desk: StoryDesk, address: str) -> ParticipantState:
    person = desk.ticket().participant_at(address)
    assert person is not None
    return person.state


@pytest.fixture
def anna(desk: StoryDesk) -> Person:
    anna = desk.person("anna@acme.example")
    anna.writes("Interface", "It is broken.", cc=f"Carl Vogt <{CARL}>, {PAUL}, ines@desk.example, billing@support.example.com")
    return anna


def test_staff_read_who_stands_in_to_and_cc_and_what_they_are(desk: StoryDesk, anna: Person) -> None:
    letter = desk.person("omar@desk.example").letter(Notice.NEW_TICKET).text
    line = next(line for line in letter.splitlines() if line.startswith("In To and Cc"))
    assert f"Carl Vogt <{CARL}>, a stranger" in line
    assert f"{PAUL}, of the same account" in line
    assert "ines@desk.example, staff" in line
    assert "billing@support.example.com, of this desk" in line


@pytest.mark.parametrize("peer", ["127.0.0.1", STRANGE])
def test_a_vendors_reply_to_all_is_kept_there_shown_and_moves_nothing(desk: StoryDesk, anna: Person, peer: str) -> None:
    carl, omar = desk.person(CARL), desk.person("omar@desk.example")
    omar.replies(Notice.NEW_TICKET, "#resolve\nIt works again.")
    answers_all(carl, anna.sent[0], "Which version?", peer=peer)
    assert len(desk.tickets()) == 1
    assert [message.author for message in desk.history().messages][-1] == CARL
    assert (desk.ticket().status, desk.ticket().waiting_on) == (Status.RESOLVED, WaitingOn.NOBODY)
    letter = omar.letter(Notice.CUSTOMER_REPLY).text
    assert "Which version?" in letter and f"#cc {CARL}" in letter
    assert ("Nothing proves" in letter) == (peer == STRANGE)
    assert desk.notices_to(carl) == []
    assert not any("Which version?" in row.body_text for row in desk.inbox())


def test_staff_let_them_take_part_by_a_word(desk: StoryDesk, anna: Person) -> None:
    carl, omar = desk.person(CARL), desk.person("omar@desk.example")
    answers_all(carl, anna.sent[0], "Which version?")
    omar.replies(Notice.CUSTOMER_REPLY, f"#cc {CARL}\nVersion seven.")
    assert [letter.notice for letter in carl.letters()] == [Notice.ANSWER]
    assert "It is broken" not in carl.letters()[0].text


def test_an_answer_to_our_own_letter_joins_too(desk: StoryDesk, anna: Person) -> None:
    parent = anna.letter(Notice.CONFIRMATION).header("Message-ID").strip("<>")
    answers_all(desk.person(CARL), parent, "Which version?")
    assert len(desk.tickets()) == 1


def test_a_proved_colleague_takes_part_from_then_on_and_gets_nothing_of_before(desk: StoryDesk, anna: Person) -> None:
    paul, omar = desk.person(PAUL), desk.person("omar@desk.example")
    omar.replies(Notice.NEW_TICKET, "#ask\nSince when?")
    answers_all(paul, anna.sent[0], "Since Monday.")
    assert state(desk, PAUL) is ParticipantState.ACTIVE
    assert desk.ticket().waiting_on is WaitingOn.SUPPORT
    assert desk.notices_to(paul) == []
    omar.replies(Notice.CUSTOMER_REPLY, "Thank you both.")
    assert [letter.notice for letter in paul.letters()] == [Notice.ANSWER]
    assert "Since when?" not in paul.letters()[0].text


def test_a_colleague_whom_nothing_proves_takes_no_part(desk: StoryDesk, anna: Person) -> None:
    answers_all(desk.person(PAUL), anna.sent[0], "Since Monday.", peer=STRANGE)
    assert state(desk, PAUL) is ParticipantState.SEEN
    assert len(desk.tickets()) == 1


@pytest.mark.parametrize(
    ("policy", "after", "asked"),
    [("ask", ParticipantState.UNVERIFIED, True), ("record", ParticipantState.SEEN, False)],
)
def test_the_policy_may_ask_first_or_only_record(
    tmp_path: Path, reader: Reader, policy: str, after: ParticipantState, asked: bool
) -> None:
    with direct_desk(configured(tmp_path, more=f'[participants]\ncolleagues = "{policy}"'), reader) as desk:
        anna, paul = desk.person("anna@acme.example"), desk.person(PAUL)
        anna.writes("Interface", "It is broken.", cc=PAUL)
        answers_all(paul, anna.sent[0], "Since Monday.")
        assert state(desk, PAUL) is after
        assert (Notice.CONSENT_REQUEST in desk.notices_to(anna)) is asked
        if asked:
            anna.replies(Notice.CONSENT_REQUEST, "Yes, always")
            assert state(desk, PAUL) is ParticipantState.ACTIVE


def test_an_id_that_was_only_seen_catches_nobodys_mail(desk: StoryDesk) -> None:
    """Somebody names the id of a mail that she will answer, and copies her: her answer stays her own."""
    anna, eve = desk.person("anna@acme.example"), desk.person("eve@evil.example")
    eve.writes("Your code", "I am waiting.", cc=anna.address, headers={"References": "<order.4711@shop.example>"})
    answers_all(anna, "order.4711@shop.example", "It is 482913.")
    assert len(desk.tickets()) == 2
    assert not any("482913" in message.text for message in desk.history(1).messages)


def test_a_list_in_cc_joins_nothing(desk: StoryDesk) -> None:
    anna, service = desk.person("anna@acme.example"), desk.person("codes@service.example")
    anna.writes("Interface", "It is broken.", cc=service.address)
    marks = {"In-Reply-To": f"<{anna.sent[0]}>", "Auto-Submitted": "auto-generated"}
    service.writes("Your code", "482913", headers=marks)
    assert not any("482913" in message.text for message in desk.history(1).messages)


def test_people_in_to_are_recorded_as_those_in_cc(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    content = f"From: {anna.address}\r\nTo: Carl <{CARL}>, {SUPPORT}\r\nSubject: Interface\r\nMessage-ID: <1@acme.example>\r\n\r\nBroken.\r\n"
    anna.mail(content.encode(), [SUPPORT])
    assert state(desk, CARL) is ParticipantState.SEEN
    assert desk.ticket().assurance is Assurance.AUTHENTICATED
    answers_all(desk.person(CARL), "1@acme.example", "Which version?")
    assert len(desk.tickets()) == 1
