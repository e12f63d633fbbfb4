"""What a customer should not have sent is masked wherever words are shown; the raw mail keeps it, and staff are told."""

from support.desk.story import StoryDesk

from helpdesk.store.inbound import content_of
from helpdesk.threading.model.notice import Notice

CARD = "4111 1111 1111 1111"


def test_a_card_number_and_a_password_are_masked_for_everybody(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes(f"Refund to {CARD}", f"My card is {CARD}.\nPassword: hunter22secret\nThanks, Anna")
    anna.replies(Notice.CONFIRMATION, f"Once more: {CARD}")
    shown = "".join(letter.message.as_string() + letter.text for person in (anna, omar) for letter in person.letters())
    shown += str(desk.inbox()) + str(desk.history())
    assert CARD not in shown
    assert "hunter22secret" not in shown
    assert "card number" in omar.letter(Notice.NEW_TICKET).text
    assert "My card is" in omar.letter(Notice.NEW_TICKET).text
    with desk.database.reading() as connection:
        assert CARD.encode() in (content_of(connection, desk.node.blobs, desk.mails()[0].id) or b"")


def test_a_staff_members_own_words_are_left_alone(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Locked", "Please help.")
    omar.replies(Notice.NEW_TICKET, "Your password: start-4711-now")
    assert "start-4711-now" in anna.letter(Notice.ANSWER).text
