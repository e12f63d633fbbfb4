"""A customer who cannot use the links of the question about a stranger answers it by plain words in a reply."""

from collections.abc import Iterator

import pytest
from support.desk.story import Person, StoryDesk

from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import ParticipantState

PRIVATE = "anna@private.example"


@pytest.fixture
def anna(desk: StoryDesk) -> Iterator[Person]:
    """She has been asked about an address from which somebody wrote into her request."""
    anna = desk.person("anna@acme.example")
    anna.writes("Seats", "We need seats.")
    writes_with_her_address(anna, desk.person(PRIVATE))
    yield anna


def writes_with_her_address(anna: Person, other: Person) -> None:
    to = anna.letter(Notice.CONFIRMATION).header("Reply-To").rpartition("<")[2].rstrip(">")
    other.writes("Re: Seats", "Twelve seats.", to=to)


def state(desk: StoryDesk, address: str) -> ParticipantState:
    person = desk.ticket().participant_at(address)
    assert person is not None
    return person.state


@pytest.mark.parametrize("quote", [True, False])
@pytest.mark.parametrize(
    ("words", "after"),
    [("Yes, always", ParticipantState.ACTIVE), ("Yes", ParticipantState.SEEN), ("No.", ParticipantState.BLOCKED)],
)
def test_plain_words_are_the_choice(desk: StoryDesk, anna: Person, words: str, after: ParticipantState, quote: bool) -> None:
    message_id = anna.replies(Notice.CONSENT_REQUEST, words, quote=quote)
    assert state(desk, PRIVATE) is after
    assert desk.why(message_id).state is Disposition.NOTED


def test_words_that_say_more_are_a_message(desk: StoryDesk, anna: Person) -> None:
    anna.replies(Notice.CONSENT_REQUEST, "Yes, always the same trouble with you.")
    assert state(desk, PRIVATE) is ParticipantState.UNVERIFIED


def test_a_yes_to_another_letter_is_no_consent(desk: StoryDesk, anna: Person) -> None:
    desk.person("omar@desk.example").replies(Notice.CUSTOMER_REPLY, "Shall I order them?")
    anna.replies(Notice.ANSWER, "Yes, always")
    assert state(desk, PRIVATE) is ParticipantState.UNVERIFIED


def test_the_stranger_consents_to_nothing(desk: StoryDesk, anna: Person) -> None:
    letter = anna.letter(Notice.CONSENT_REQUEST)
    to = letter.header("Reply-To").rpartition("<")[2].rstrip(">")
    headers = {"In-Reply-To": letter.header("Message-ID")}
    desk.person(PRIVATE).writes("Re: Seats", "Yes, always", to=to, headers=headers)
    assert state(desk, PRIVATE) is ParticipantState.UNVERIFIED


def test_of_several_strangers_the_quoted_letter_says_who_is_meant(desk: StoryDesk, anna: Person) -> None:
    writes_with_her_address(anna, desk.person("paul@partner.example"))
    anna.replies(Notice.CONSENT_REQUEST, "Yes, always", quote=False)
    assert state(desk, PRIVATE) is state(desk, "paul@partner.example") is ParticipantState.UNVERIFIED
    anna.replies(Notice.CONSENT_REQUEST, "Yes, always")
    assert (state(desk, PRIVATE), state(desk, "paul@partner.example")) == (ParticipantState.UNVERIFIED, ParticipantState.ACTIVE)
