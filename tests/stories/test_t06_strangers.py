"""A reply address that came into other hands: the words are kept, nothing is sent there, and the customer decides."""

import pytest
from support.desk.story import Person, StoryDesk

from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import ParticipantState, Role

SERVICES = [  # sign-ups and codes, as services send them: with and without the marks of an automatic mail
    ("no-reply@chat.example", "Your confirmation code is 482913", {}),
    ("noreply@code.example", "[Code] Please verify your email address", {"Auto-Submitted": "auto-generated"}),
    ("accounts@id.example", "Verify your account", {"Auto-Submitted": "auto-generated", "Precedence": "bulk"}),
    ("notifications@team.example", "Anna invited you", {"List-Unsubscribe": "<mailto:x@team.example>", "Precedence": "bulk"}),
    ("do-not-reply@shop.example", "Reset your password", {}),
]


@pytest.fixture
def eve(desk: StoryDesk) -> Person:
    return desk.person("eve@elsewhere.example")


def annas_address(anna: Person) -> str:
    return anna.letter(Notice.CONFIRMATION).header("Reply-To").rpartition("<")[2].rstrip(">")


def state_of(desk: StoryDesk, person: Person) -> ParticipantState | None:
    one = desk.ticket().participant_at(person.address, Role.CUSTOMER)
    return one.state if one else None


def choice(anna: Person, label: str) -> str:
    line = next(line for line in anna.letter(Notice.CONSENT_REQUEST).text.splitlines() if line.startswith(label))
    return line.partition("mailto:")[2].partition("?")[0]


def test_the_customer_is_asked_once_and_the_stranger_gets_nothing(desk: StoryDesk, anna: Person, eve: Person) -> None:
    anna.writes("Printer", "It jams.")
    eve.writes("Re: Printer", "I am her colleague, send me the key.", to=annas_address(anna))
    eve.writes("Re: Printer", "Well?", to=annas_address(anna))
    assert desk.notices_to(anna) == [Notice.CONFIRMATION, Notice.CONSENT_REQUEST]
    question = anna.letter(Notice.CONSENT_REQUEST)
    assert eve.address in question.text
    assert "send me the key" not in question.message.as_string()
    assert desk.notices_to(eve) == []
    assert state_of(desk, eve) is ParticipantState.UNVERIFIED
    assert [row.body_text for row in desk.inbox() if row.direction == "customer"] == ["It jams."]


def test_always(desk: StoryDesk, anna: Person, eve: Person) -> None:
    omar = desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    eve.writes("Re: Printer", "I am her colleague.", to=annas_address(anna))
    anna.writes("Yes, always", "", to=choice(anna, "Yes, always"))
    assert state_of(desk, eve) is ParticipantState.ACTIVE
    omar.replies(Notice.CUSTOMER_REPLY, "Welcome.")
    assert "Welcome." in eve.letter(Notice.ANSWER).text
    assert "jams" not in eve.letter(Notice.ANSWER).message.as_string()


def test_once_asks_again_the_next_time(desk: StoryDesk, anna: Person, eve: Person) -> None:
    anna.writes("Printer", "It jams.")
    eve.writes("Re: Printer", "One.", to=annas_address(anna))
    anna.writes("Yes, once", "", to=choice(anna, "Yes, only this one message"))
    eve.writes("Re: Printer", "Two.", to=annas_address(anna))
    assert desk.notices_to(anna).count(Notice.CONSENT_REQUEST) == 2
    assert desk.notices_to(eve) == []


def test_never(desk: StoryDesk, anna: Person, eve: Person) -> None:
    anna.writes("Printer", "It jams.")
    eve.writes("Re: Printer", "One.", to=annas_address(anna))
    anna.writes("No", "", to=choice(anna, "No:"))
    message_id = eve.writes("Re: Printer", "Two.", to=annas_address(anna))
    assert desk.why(message_id).ticket_id == desk.ticket(2).id
    assert [message.text for message in desk.history().messages] == ["It jams.", "One."]
    assert desk.history(2).related == (desk.ticket(1).reference,)


@pytest.mark.parametrize("label", ["Yes, always", "Yes, only this one message", "No:"])
def test_only_who_was_asked_can_answer(desk: StoryDesk, anna: Person, eve: Person, label: str) -> None:
    anna.writes("Printer", "It jams.")
    eve.writes("Re: Printer", "One.", to=annas_address(anna))
    eve.writes("Yes", "", to=choice(anna, label))
    assert state_of(desk, eve) is ParticipantState.UNVERIFIED
    anna.writes("Yes", "", to=choice(anna, "Yes, always"))
    late = anna.writes("No", "after all", to=choice(anna, label))
    assert state_of(desk, eve) is ParticipantState.ACTIVE
    assert "has been answered" in desk.why(late).decision["reason"]


@pytest.mark.parametrize(("sender", "subject", "headers"), SERVICES)
def test_mail_of_services_to_a_reply_address_reaches_no_customer(
    desk: StoryDesk, anna: Person, sender: str, subject: str, headers: dict[str, str]
) -> None:
    anna.writes("Printer", "It jams.")
    before = len(desk.inbox("acme"))
    service = desk.person(sender)
    message_id = service.writes(subject, "Your code is 482913.", to=annas_address(anna), headers=headers, peer="203.0.113.9")
    assert desk.why(message_id).state in (Disposition.OPENED, Disposition.NOTED)
    assert desk.why(message_id).ticket_id != desk.ticket().id
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    assert len(desk.inbox("acme")) == before
    assert "482913" not in str(desk.history())
    assert desk.notices_to(service) == []
