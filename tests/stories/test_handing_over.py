"""A request that changes hands: words beside the command are for the colleague, who gets all that the desk knows of the request."""

import pytest
from support.desk.story import Person, StoryDesk

from helpdesk.threading.model.notice import Notice


@pytest.mark.parametrize("command", ["#assign ines", "#escalate", "#snooze 2d", "!zuweisen Ines"])
def test_words_beside_a_hand_over_are_for_the_colleague_and_never_reach_the_customer(
    desk: StoryDesk, anna: Person, omar: Person, ines: Person, command: str
) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, f"{command}\nShe never pays, can you take her?")
    assert [note.text for note in desk.history().notes] == ["She never pays, can you take her?"]
    assert all("never pays" not in letter.text + letter.html for letter in anna.letters())
    assert all("never pays" not in row.body_text for row in desk.inbox())
    receipt = omar.letter(Notice.RECEIPT).text
    assert "Only staff see it" in receipt
    assert "#answer" in receipt


def test_the_text_above_the_command_at_the_end_is_for_the_colleague_too(
    desk: StoryDesk, anna: Person, omar: Person, ines: Person
) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "Ines, can you tell Anna that we cannot?\n\n#assign ines")
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    assert "can you tell Anna" in ines.letter(Notice.ASSIGNMENT).text


def test_answer_says_that_the_text_beside_a_hand_over_is_for_the_customer(
    desk: StoryDesk, anna: Person, omar: Person, ines: Person
) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#assign ines\n#answer\nMy colleague Ines will call you.")
    assert "will call you" in anna.letter(Notice.ANSWER).text
    assert desk.history().notes == ()
    ines.replies(Notice.ASSIGNMENT, "#escalate beyond me\n#answer\nWe look into it together.")
    assert "look into it together" in anna.letter(Notice.ESCALATION).text
    assert [note.text for note in desk.history().notes] == ["beyond me"]


@pytest.mark.parametrize("command", ["#take", "#assign omar", "#priority high", "#assign ines\n#resolve", "#escalate\n#answer"])
def test_words_that_a_command_gives_to_the_customer_go_there(
    desk: StoryDesk, anna: Person, omar: Person, ines: Person, command: str
) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, f"{command}\nPlease open flap B.")
    assert "open flap B" in anna.letters()[-1].text
    assert desk.history().notes == ()


def test_a_text_cannot_be_a_note_and_an_answer(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#note\n#answer\nPlease open flap B.")
    omar.replies(Notice.NEW_TICKET, "#answer")
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    assert desk.history().notes == ()


def test_whoever_gets_a_request_gets_its_files_notes_answers_and_people_as_they_are_after_the_mail(
    desk: StoryDesk, anna: Person, omar: Person, ines: Person
) -> None:
    """Six messages are one more than other letters show."""
    anna.writes("Report", "The first words of the conversation.", files={"screen.pdf": b"%PDF-1 anna"})
    omar.replies(Notice.NEW_TICKET, "#note\nThe totals are negative, that is bug 4711.")
    for number in range(5):
        anna.replies(Notice.CONFIRMATION, f"More about it, part {number}.")
    omar.replies(
        Notice.CUSTOMER_REPLY,
        "Hello Anna, delete row 3 meanwhile.\n\n#answer\n#cc paul@acme.example\n#assign ines",
        files={"howto.pdf": b"%PDF-1 omar"},
    )
    letter = ines.letter(Notice.ASSIGNMENT)
    assert letter.files == {"screen.pdf": b"%PDF-1 anna", "howto.pdf": b"%PDF-1 omar"}
    assert "screen.pdf" in letter.text
    assert "The first words of the conversation." in letter.text
    assert "bug 4711" in letter.text
    assert "internal note" in letter.text
    assert "delete row 3" in letter.text
    assert "paul@acme.example" in letter.text
    assert "First answer" not in letter.text
    assert desk.notices_to(ines) == [Notice.ASSIGNMENT]
    ines.replies(Notice.ASSIGNMENT, "#escalate cannot solve it")


def test_a_senior_gets_an_escalated_request_with_its_notes_and_files(
    desk: StoryDesk, anna: Person, omar: Person, ines: Person
) -> None:
    anna.writes("Report", "See the screenshot.", files={"screen.pdf": b"%PDF-1 anna"})
    omar.replies(Notice.NEW_TICKET, "#note\nThat is bug 4711.")
    omar.replies(Notice.NEW_TICKET, "#escalate cannot solve it\nShe called twice.", files={"log.pdf": b"%PDF-1 log"})
    letter = ines.letter(Notice.ESCALATION)
    assert letter.files == {"screen.pdf": b"%PDF-1 anna", "log.pdf": b"%PDF-1 log"}
    assert "bug 4711" in letter.text
    assert "cannot solve it" in letter.text
    assert "She called twice." in letter.text
    assert [note.text for note in desk.history().notes] == ["That is bug 4711.", "cannot solve it\n\nShe called twice."]
    assert Notice.INTERNAL_NOTE not in desk.notices_to(ines)
    assert anna.letter(Notice.ESCALATION).files == {}


def test_who_had_the_request_for_one_line_only_hears_nothing(desk: StoryDesk, anna: Person, omar: Person, ines: Person) -> None:
    bela = desk.person("bela@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#assign bela\n#escalate")
    assert desk.notices_to(bela) == []
    assert Notice.ESCALATION in desk.notices_to(ines)


def test_a_row_of_a_digest_is_handed_over_with_its_notes_and_files(
    desk: StoryDesk, anna: Person, omar: Person, ines: Person
) -> None:
    anna.writes("Report", "See the screenshot.", files={"screen.pdf": b"%PDF-1 anna"})
    omar.replies(Notice.NEW_TICKET, "#note\nThat is bug 4711.")
    omar.writes("", "#status")
    omar.replies(Notice.DIGEST, "1 assign ines\nShe never pays.")
    letter = ines.letter(Notice.ASSIGNMENT)
    assert letter.files == {"screen.pdf": b"%PDF-1 anna"}
    assert "bug 4711" in letter.text
    assert "She never pays." in letter.text
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
