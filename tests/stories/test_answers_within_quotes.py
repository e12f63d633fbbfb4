"""Only what the desk knows is cut from a reply: words of a ticket's letters and messages. All other words are shown, wherever they stand."""

import pytest
from support.desk.story import Person, StoryDesk

from helpdesk.threading.model.held import HoldReason
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status

QUESTION = (
    "Hello Anna,\n\nplease check two things:\n\n1. Is the lamp at the back green?\n2. Which number is on the label?\n\nThank you."
)


def outlook(letter: str) -> str:
    """The letter below the header block of Outlook, without marks."""
    return f"From: Acme Support <help@support.example.com>\nSent: Monday, 23 November 2026 10:00\nTo: Anna\nSubject: Re: Printer\n\n{letter}"


def asked(desk: StoryDesk) -> tuple[Person, Person, str]:
    """A request that staff have answered with a question: customer, staff member, text of the letter."""
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, QUESTION)
    desk.passes(minutes=1)
    return anna, omar, anna.letter(Notice.ANSWER).text.replace("\r\n", "\n")


def test_answers_between_the_lines_of_an_unmarked_quote_reach_staff_with_their_questions(desk: StoryDesk) -> None:
    anna, omar, letter = asked(desk)
    inside = letter.replace("green?", "green? It is red.").replace("label?", "label?\nNumber 88-1204.")
    anna.replies(Notice.ANSWER, "My answers are below.\nAnna" + "\n\n" + outlook(inside), quote=False)
    message = desk.history().messages[-1]
    expected = "My answers are below.\nAnna\n\n> 1. Is the lamp at the back green?\nIt is red.\n\n> 2. Which number is on the label?\nNumber 88-1204."
    assert message.text == expected
    assert "Number 88-1204." in omar.letter(Notice.CUSTOMER_REPLY).text
    assert "two things" in message.elided_text


def test_a_reply_that_only_quotes_the_letter_has_no_text(desk: StoryDesk) -> None:
    anna, omar, letter = asked(desk)
    anna.replies(Notice.ANSWER, "" + "\n\n" + outlook(letter), quote=False)
    assert desk.history().messages[-1].text == ""
    assert "(no text)" in omar.letter(Notice.CUSTOMER_REPLY).text


def test_a_colleague_s_mail_below_is_part_of_the_message(desk: StoryDesk) -> None:
    anna, _, _ = asked(desk)
    anna.replies(Notice.ANSWER, "See what Ben says." + "\n\n" + outlook("Lamp four is broken since Tuesday.\n\nBen"), quote=False)
    text = desk.history().messages[-1].text
    assert text.startswith("See what Ben says.")
    assert "Lamp four is broken since Tuesday." in text


def test_a_mail_that_opens_a_ticket_is_shown_whole(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes(
        "Press 12", "Can you help with the problem below?\n\n" + outlook("Press 12 stops with lamp 4.\nSerial number 88-1204.")
    )
    shown = omar.letter(Notice.NEW_TICKET)
    assert "----- Below the message -----" in shown.text
    assert "Serial number 88-1204." in shown.text
    assert "<details" in shown.html and "Serial number 88-1204." in shown.html
    assert desk.history().messages[0].text.endswith("Serial number 88-1204.")


def test_a_linked_follow_up_shows_the_old_letter_to_staff_and_not_as_the_customer_s_words(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned the long roller.")
    anna.replies(Notice.RESOLUTION, "Thanks!")
    assert desk.ticket().status is Status.CLOSED
    desk.passes(days=40)
    letter = anna.letter(Notice.RESOLUTION).text
    anna.replies(Notice.RESOLUTION, "It jams again." + "\n\n" + outlook(letter.replace("\r\n", "\n")), quote=False)
    assert desk.history(2).messages[0].text == "It jams again."
    assert "Cleaned the long roller." in omar.letter(Notice.NEW_TICKET).text


def test_an_answer_of_staff_between_the_lines_goes_out_with_the_customer_s_line_and_nothing_of_the_letter(
    desk: StoryDesk,
) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams since Monday.\n\nWho may open the rear cover?\n\nAnd where is the manual kept?")
    letter = omar.letter(Notice.NEW_TICKET).text.replace("\r\n", "\n")
    inside = letter.replace("rear cover?", "rear cover?\nYou may do it yourself.").replace(
        "manual kept?", "manual kept?\nIn drawer seven."
    )
    omar.replies(Notice.NEW_TICKET, "My answers stand below." + "\n\n" + outlook(inside), quote=False)
    desk.passes(minutes=1)
    expected = "My answers stand below.\n\n> Who may open the rear cover?\nYou may do it yourself.\n\n> And where is the manual kept?\nIn drawer seven."
    assert desk.history().messages[-1].text == expected
    assert "Assignee" not in anna.letter(Notice.ANSWER).text


def test_a_command_between_the_lines_of_a_quoted_letter_is_refused(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams since Monday.\n\nWho may open the rear cover?")
    letter = omar.letter(Notice.NEW_TICKET).text.replace("\r\n", "\n")
    omar.replies(
        Notice.NEW_TICKET,
        "See below." + "\n\n" + outlook(letter.replace("rear cover?", "rear cover?\nYou may.\n#resolve")),
        quote=False,
    )
    assert "not within the letter that you quote" in omar.letter(Notice.RECEIPT).text
    assert len(desk.history().messages) == 1


def test_staff_get_what_was_left_out_and_nobody_else_does(desk: StoryDesk) -> None:
    anna, omar, letter = asked(desk)
    anna.replies(Notice.ANSWER, "It is green.\n\n" + outlook(letter), quote=False)
    letters_before = len(anna.letters())
    omar.replies(Notice.CUSTOMER_REPLY, "#show")
    shown = next(letter for letter in omar.letters() if "Left out of the last message" in letter.text)
    assert "Which number is on the label?" in shown.text
    omar.writes("", f"#show {desk.ticket().reference}")
    assert sum("Left out of the last message" in letter.text for letter in omar.letters()) == 2
    omar.replies(Notice.CUSTOMER_REPLY, "#show ACZ-ZZZZZZ\nThank you.")
    assert "it is about another request" in omar.letter(Notice.RECEIPT).text
    desk.passes(minutes=1)
    assert len(anna.letters()) == letters_before


# A mail that staff paste, as a client shows it or with marks, with words of their own below it.
PASTED_MAILS = (
    "From: Lea Horn <lea@supplier.example>\nSent: Friday, 20 November 2026 09:12\nTo: Omar Haddad\nSubject: Rollers\n\nRoller 7 was called back.",
    "> Roller 7 was called back.\n> We send a new one.",
)


@pytest.mark.parametrize("pasted", PASTED_MAILS)
def test_a_pasted_mail_in_an_answer_is_sent_when_its_author_says_so(desk: StoryDesk, pasted: str) -> None:
    anna, omar, _ = asked(desk)
    message_id = omar.replies(
        Notice.NEW_TICKET, f"Hello Anna,\n\nour supplier writes:\n\n{pasted}\n\nThe new one comes on Friday."
    )
    assert desk.why(message_id).decision["held_over"] == HoldReason.PASTED
    assert "called back" in omar.letter(Notice.HELD).text and "comes on Friday" in omar.letter(Notice.HELD).text
    assert desk.notices_to(anna).count(Notice.ANSWER) == 1
    omar.replies(Notice.HELD, "#send", quote=False)
    desk.passes(minutes=1)
    answer = anna.letter(Notice.ANSWER)
    for words in ("our supplier writes", "Roller 7 was called back.", "The new one comes on Friday."):
        assert words in answer.text and words in answer.html
    assert "Assignee" not in answer.text


@pytest.mark.parametrize("introduction", ["our supplier writes:", "The supplier wrote:", "Lena wrote:"])
def test_a_pasted_mail_at_the_end_is_asked_about(desk: StoryDesk, introduction: str) -> None:
    """The staff member's own sentence above it looks like the one with which a mail client introduces a quote."""
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    message_id = omar.replies(
        Notice.NEW_TICKET, f"Hello Anna,\n\n{introduction}\n\n> Version four is called back.\n> We replace it.", quote=False
    )
    assert desk.why(message_id).decision["held_over"] == HoldReason.PASTED
    assert "called back" in omar.letter(Notice.HELD).text


def test_a_quote_that_a_client_puts_below_an_answer_is_not_asked_about(desk: StoryDesk) -> None:
    """The mail that it quotes went to the staff member alone."""
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    quote = "On Mon, 23 Nov 2026 at 08:00, Anna Berg <anna@acme.example> wrote:\n> Will you be at your desk on Friday?"
    omar.replies(Notice.NEW_TICKET, f"Please empty the tray.\n\n{quote}", quote=False)
    desk.passes(minutes=1)
    assert "empty the tray" in anna.letter(Notice.ANSWER).text
    assert "on Friday" not in anna.letter(Notice.ANSWER).text


def test_whoever_quotes_their_own_answer_with_its_command_is_not_asked(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "Please empty the tray.\n\n#working", quote=False)
    own = "On Mon, 23 Nov 2026 at 09:00, Omar <omar@desk.example> wrote:\n> Please empty the tray.\n>\n> #working"
    omar.replies(Notice.NEW_TICKET, f"And switch it off.\n\n{own}", quote=False)
    desk.passes(minutes=1)
    assert "switch it off" in anna.letter(Notice.ANSWER).text


@pytest.mark.parametrize("pasted", PASTED_MAILS)
def test_a_pasted_mail_in_a_note_is_a_part_of_it(desk: StoryDesk, pasted: str) -> None:
    _, omar, _ = asked(desk)
    omar.replies(Notice.NEW_TICKET, f"#note\nOur supplier writes:\n\n{pasted}\n\nI order a new one.")
    [note] = desk.history().notes
    assert "Roller 7 was called back." in note.text and note.text.endswith("I order a new one.")
    omar.writes("", f"#on {desk.ticket().reference}\n#note\nOnce more:\n\n{pasted}\n\nIt is ordered.")
    assert "Roller 7" in desk.history().notes[1].text and desk.history().notes[1].text.endswith("It is ordered.")


def test_a_command_within_a_pasted_mail_is_none(desk: StoryDesk) -> None:
    _, omar, _ = asked(desk)
    omar.replies(Notice.NEW_TICKET, f"#note\nOur supplier writes:\n\n{PASTED_MAILS[0]}\n#resolve")
    assert desk.history().notes == () and desk.ticket().status is not Status.RESOLVED
    assert "#resolve" in omar.letter(Notice.RECEIPT).text


def test_a_colleague_s_mail_below_an_answer_goes_to_nobody_unasked(desk: StoryDesk) -> None:
    anna, omar, _ = asked(desk)
    omar.replies(Notice.NEW_TICKET, f"We send a new one.\n\n{outlook('He must not know what this costs us.')}", quote=False)
    assert omar.letter(Notice.HELD)
    omar.replies(Notice.HELD, "#discard", quote=False)
    desk.passes(minutes=1)
    assert "costs us" not in "".join(letter.text for letter in anna.letters())


def test_a_mail_pasted_below_an_unmarked_letter_is_held_too(desk: StoryDesk) -> None:
    _, omar, _ = asked(desk)
    letter = omar.letter(Notice.NEW_TICKET).text.replace("\r\n", "\n")
    own = f"Our supplier says this about it, and he writes:\n\n{PASTED_MAILS[1]}\n\nThe new one comes on Friday."
    omar.replies(Notice.NEW_TICKET, f"{outlook(letter)}\n\n{own}", quote=False)
    assert "comes on Friday" in omar.letter(Notice.HELD).text


def test_a_receipt_that_is_quoted_is_no_part_of_the_note(desk: StoryDesk) -> None:
    _, omar, _ = asked(desk)
    omar.replies(Notice.NEW_TICKET, "#take")
    omar.replies(Notice.RECEIPT, "The roller is on its way.")
    assert [note.text for note in desk.history().notes] == ["The roller is on its way."]
