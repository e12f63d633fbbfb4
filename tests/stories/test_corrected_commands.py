"""The answer to the letter about refused commands is carried out as if the refused mail had said so."""

from support.desk.story import StoryDesk

from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status


def test_corrected_commands_in_answer_to_the_refusal_carry_their_words_to_the_customer(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#reslove\nCleaned the roller.")
    assert "Reply with the corrected commands" in omar.letter(Notice.RECEIPT).text
    omar.replies(Notice.RECEIPT, "#assign Nobody\n#resolve\nCleaned the roller.")
    assert "Nothing of this mail was carried out" in omar.letter(Notice.RECEIPT).text
    omar.replies(Notice.RECEIPT, "#resolve\nCleaned the roller.")
    desk.passes(minutes=1)
    assert desk.ticket().status is Status.RESOLVED
    assert "Cleaned the roller." in anna.letter(Notice.RESOLUTION).text


def test_words_alone_in_answer_to_the_refusal_stay_inside(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#reslove\nCleaned the roller.")
    omar.replies(Notice.RECEIPT, "What did I misspell?")
    desk.passes(minutes=1)
    assert [note.text for note in desk.history().notes] == ["What did I misspell?"]
    assert {letter.notice for letter in anna.letters()} == {Notice.CONFIRMATION}


def test_a_note_that_was_refused_is_corrected_as_a_note(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#note\nTheir contract ends.")
    omar.replies(Notice.RECEIPT, "#reslove\nThey do not know yet.")
    assert "stays internal. To write to the customer" in omar.letter(Notice.RECEIPT).text
    omar.replies(Notice.RECEIPT, "#resolve\nThey do not know yet.")
    desk.passes(minutes=1)
    assert {letter.notice for letter in anna.letters()} == {Notice.CONFIRMATION}
