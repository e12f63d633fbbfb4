"""A staff member's mail that is doubtful is held: nothing of it happens until its author, and nobody else, says so by mail."""

import pytest
from support.desk.story import SUPPORT, Person, StoryDesk

from helpdesk.threading.model.held import HoldReason
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status

STRANGE = "203.0.113.9"  # a peer that proves nothing


def over(desk: StoryDesk, message_id: str) -> str | None:
    mail = desk.why(message_id)
    return mail.decision.get("held_over") if mail.state is Disposition.HELD else None


def test_an_unproved_answer_goes_out_once_its_author_says_so(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    message_id = omar.replies(Notice.NEW_TICKET, "#resolve\nOpen flap B.", peer=STRANGE)
    assert over(desk, message_id) == HoldReason.AUTHORITY
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    omar.replies(Notice.HELD, "#send", peer=STRANGE)
    assert "Open flap B." in anna.letter(Notice.RESOLUTION).text
    assert desk.why(message_id).state is Disposition.THREADED
    assert desk.ticket().status is Status.RESOLVED
    omar.replies(Notice.HELD, "#send", peer=STRANGE)
    assert "dealt with already" in omar.letter(Notice.RECEIPT).text
    assert desk.notices_to(anna).count(Notice.RESOLUTION) == 1


def test_it_can_stay_inside_or_be_dropped(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    inside = omar.replies(Notice.NEW_TICKET, "She is difficult.", peer=STRANGE)
    omar.replies(Notice.HELD, "#note")
    assert [note.text for note in desk.history().notes] == ["She is difficult."]
    dropped = omar.replies(Notice.NEW_TICKET, "Hello!", peer=STRANGE)
    omar.replies(Notice.HELD, "#discard")
    assert (desk.why(inside).state, desk.why(dropped).state) == (Disposition.THREADED, Disposition.DISCARDED)
    assert "dropped" in omar.letter(Notice.RECEIPT).text
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]


@pytest.mark.parametrize("text", ["", "yes please", "#take", "#frobnicate"])
def test_any_other_answer_says_what_would_work(desk: StoryDesk, anna: Person, omar: Person, text: str) -> None:
    anna.writes("Printer", "It jams.")
    message_id = omar.replies(Notice.NEW_TICKET, "Hello!", peer=STRANGE)
    omar.replies(Notice.HELD, text)
    assert over(desk, message_id) == HoldReason.AUTHORITY
    assert '"#send", "#note" or "#discard"' in omar.letter(Notice.RECEIPT).text


def test_nobody_else_can_let_it_go(desk: StoryDesk, anna: Person, omar: Person, ines: Person) -> None:
    anna.writes("Printer", "It jams.")
    message_id = omar.replies(Notice.NEW_TICKET, "Hello!", peer=STRANGE)
    address = omar.letter(Notice.HELD).header("Reply-To").rpartition("<")[2].rstrip(">")
    for other in (ines, anna, desk.person("eve@evil.example")):
        other.writes("Re: Held", "#send", to=address)
    assert over(desk, message_id) == HoldReason.AUTHORITY
    assert Notice.ANSWER not in desk.notices_to(anna)


def test_the_proof_does_not_last(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    message_id = omar.replies(Notice.NEW_TICKET, "Hello!", peer=STRANGE)
    desk.passes(minutes=31)
    omar.replies(Notice.HELD, "#send", peer=STRANGE)
    assert over(desk, message_id) == HoldReason.AUTHORITY
    assert "too long ago" in omar.letter(Notice.RECEIPT).text


def test_a_mail_without_a_ticket_is_told_which_one(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.writes("Printer", "#take\nOpen flap B.", to=SUPPORT)
    omar.replies(Notice.HELD, "#send")
    assert "names no request" in omar.letter(Notice.RECEIPT).text
    omar.writes("Printer", "Open flap C.", to=SUPPORT, peer="203.0.113.9")
    assert "opened as a request of your own" in omar.letter(Notice.HELD).text
    omar.replies(Notice.HELD, f"#on {desk.ticket().reference}\n#send")
    assert "Open flap C." in anna.letter(Notice.ANSWER).text


def test_an_answer_is_held_when_the_customer_wrote_meanwhile(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    anna.replies(Notice.CONFIRMATION, "Forget it, now it burns!")
    message_id = omar.replies(Notice.NEW_TICKET, "Just open flap B.")
    assert over(desk, message_id) == HoldReason.STALE
    letter = omar.letter(Notice.HELD).text
    assert "now it burns" in letter
    assert "Just open flap B." in letter
    omar.replies(Notice.HELD, "#send")
    assert "Just open flap B." in anna.letter(Notice.ANSWER).text
    fresh = omar.replies(Notice.CUSTOMER_REPLY, "Take the stairs.")
    assert desk.why(fresh).state is Disposition.THREADED


def test_an_answer_is_held_when_a_colleague_answered_meanwhile(desk: StoryDesk, anna: Person, omar: Person, ines: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#assign ines")
    ines.replies(Notice.ASSIGNMENT, "Open flap A.")
    message_id = omar.replies(Notice.NEW_TICKET, "Open flap B.")
    assert over(desk, message_id) == HoldReason.STALE
    assert "Open flap A." in omar.letter(Notice.HELD).text
    inside = omar.replies(Notice.NEW_TICKET, "#note\nI agree with Ines.")
    assert desk.why(inside).state is Disposition.THREADED
    assert desk.notices_to(anna).count(Notice.ANSWER) == 1


def test_ones_own_earlier_answer_is_no_news(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "Open flap A.")
    assert desk.why(omar.replies(Notice.NEW_TICKET, "And flap B.")).state is Disposition.THREADED


def test_words_of_a_note_do_not_leave_the_house(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#note\nThe customer is on the blocklist since the unpaid invoice of March.")
    message_id = omar.replies(
        Notice.NEW_TICKET,
        "Hello Anna, sorry!\nthe Customer is on the block­list since the\nunpaid invoice of March\n".replace("\xad", ""),
    )
    assert over(desk, message_id) == HoldReason.FIREWALL
    assert "words of an internal note" in omar.letter(Notice.HELD).text
    assert Notice.ANSWER not in desk.notices_to(anna)
    omar.replies(Notice.HELD, "#note")
    assert len(desk.history().notes) == 2
    assert Notice.ANSWER not in desk.notices_to(anna)


def test_what_the_customer_said_is_no_secret_though_a_note_quotes_it(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "The printer in room five jams every morning at nine.")
    omar.replies(Notice.NEW_TICKET, '#note\nShe says "the printer in room five jams every morning", I doubt it.')
    message_id = omar.replies(Notice.NEW_TICKET, "You say the printer in room five jams every morning: open flap B.")
    assert desk.why(message_id).state is Disposition.THREADED


def test_a_merge_asks_who_it_is(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    anna.writes("Printer", "It still jams.")
    message_id = omar.replies(Notice.NEW_TICKET, f"#merge {desk.ticket(1).reference}")
    assert over(desk, message_id) == HoldReason.STEP_UP
    assert desk.ticket(1).lineage.merged_into is None
    omar.replies(Notice.HELD, "#send")
    assert desk.ticket(1).lineage.merged_into == desk.ticket(2).id


def test_a_sensitive_answer_to_somebody_unproved_asks_first(desk: StoryDesk, omar: Person) -> None:
    eve = desk.person("eve@else.example")
    eve.writes("Invoice", "Please send me my last invoice.", peer=STRANGE)
    message_id = omar.replies(Notice.NEW_TICKET, "#take\nIt was about 120 euros.")
    assert over(desk, message_id) == HoldReason.DISCLOSURE
    assert Notice.ANSWER not in desk.notices_to(eve)
    omar.replies(Notice.HELD, "#send")
    assert "120 euros" in eve.letter(Notice.ANSWER).text


def test_a_sensitive_answer_to_an_unproved_contact_may_stand_in_the_inbox_alone(
    desk: StoryDesk, anna: Person, omar: Person
) -> None:
    anna.writes("Invoice", "Please send me my last invoice.", peer=STRANGE)
    message_id = omar.replies(Notice.NEW_TICKET, "#take\nIt was about 120 euros.")
    assert over(desk, message_id) == HoldReason.DISCLOSURE
    assert "Nothing proves who asks" in omar.letter(Notice.NEW_TICKET).text
    assert "support inbox of acme alone" in omar.letter(Notice.HELD).text
    omar.replies(Notice.HELD, "#inbox")
    letter = anna.letter(Notice.ANSWER)
    assert "120 euros" not in letter.message.as_string()
    assert "in your support inbox" in letter.text
    assert "120 euros" in desk.inbox("acme")[-1].body_text


def test_a_stranger_without_an_inbox_is_not_answered_there(desk: StoryDesk, omar: Person) -> None:
    eve = desk.person("eve@else.example")
    eve.writes("Invoice", "Please send me my last invoice.", peer=STRANGE)
    omar.replies(Notice.NEW_TICKET, "It was about 120 euros.")
    assert "#inbox" not in omar.letter(Notice.HELD).text
    omar.replies(Notice.HELD, "#inbox")
    assert Notice.ANSWER not in desk.notices_to(eve)
    assert "no support inbox" in omar.letter(Notice.RECEIPT).text


def test_a_reply_to_a_letter_ends_the_doubt_about_its_reader(desk: StoryDesk, anna: Person, omar: Person) -> None:
    """Whoever answers at the address of a letter reads the mailbox that it went to."""
    anna.writes("Invoice", "Please send me my last invoice.", peer=STRANGE)
    anna.replies(Notice.CONFIRMATION, "The one of October.", peer=STRANGE)
    omar.replies(Notice.CUSTOMER_REPLY, "It was about 120 euros.")
    assert "120 euros" in anna.letter(Notice.ANSWER).text


def test_one_doubt_after_the_other(desk: StoryDesk, anna: Person, omar: Person) -> None:
    """Unproved, stale, and with words of a note: three questions, and each is asked once."""
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#note\nThe customer is on the blocklist since March.")
    anna.replies(Notice.CONFIRMATION, "It burns.")
    message_id = omar.replies(Notice.NEW_TICKET, "The customer is on the blocklist since March.", peer=STRANGE)
    doubts = []
    while (doubt := over(desk, message_id)) is not None:
        doubts.append(doubt)
        omar.replies(Notice.HELD, "#send")
    assert doubts == [HoldReason.AUTHORITY, HoldReason.STALE, HoldReason.FIREWALL]
    assert desk.notices_to(anna).count(Notice.ANSWER) == 1


def test_an_absent_colleagues_mailbox_lets_nothing_go(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    message_id = omar.replies(Notice.NEW_TICKET, "Hello!", peer=STRANGE)
    omar.replies(Notice.HELD, "#send\nI am out of office until Monday.", headers={"Auto-Submitted": "auto-replied"})
    assert over(desk, message_id) == HoldReason.AUTHORITY


def test_what_comes_from_the_null_path_is_no_word_of_its_author(desk: StoryDesk, anna: Person, omar: Person) -> None:
    """A mailbox that answers by itself has its owner's origin and the address of his letter; only the path shows it."""
    anna.writes("Printer", "It jams.")
    asked = omar.replies(Notice.NEW_TICKET, "Open flap B.", peer=STRANGE)
    held = omar.letter(Notice.HELD)
    for letter in (omar.letter(Notice.NEW_TICKET), held):
        to = letter.header("Reply-To").rpartition("<")[2].rstrip(">")
        content = f"From: omar@desk.example\r\nTo: {to}\r\nSubject: Hello\r\n\r\n#send\r\nHere I am.\r\n".encode()
        omar.mail(content, [to], reverse_path="")
    assert over(desk, asked) == HoldReason.AUTHORITY
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    assert desk.ticket().status is Status.IN_REVIEW
    assert desk.notices_to(omar).count(Notice.HELD) == 1


def test_a_second_word_about_one_doubt_does_not_overrule_the_next(desk: StoryDesk, anna: Person, omar: Person) -> None:
    """Whoever sends his `#send` twice has not read why the mail is held once more."""
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#note\nShe has not paid the last three invoices and the bank has refused her card.")
    asked = omar.replies(Notice.NEW_TICKET, "The bank has refused her card again.", peer=STRANGE)
    first = omar.letter(Notice.HELD).header("Reply-To").rpartition("<")[2].rstrip(">")
    for _ in range(2):
        omar.writes("Re: Held", "#send", to=first, peer=STRANGE)
    assert over(desk, asked) == HoldReason.FIREWALL
    assert "for another reason by now" in omar.letter(Notice.RECEIPT).text
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    omar.replies(Notice.HELD, "#send", peer=STRANGE)
    assert "The bank has refused" in anna.letter(Notice.ANSWER).text


def test_an_answer_that_nothing_places_is_held_and_goes_where_its_author_says(
    desk: StoryDesk, anna: Person, omar: Person
) -> None:
    anna.writes("Printer", "It jams.")
    message_id = omar.writes("Re: Printer", "I cleaned the roller.", headers={"In-Reply-To": "<lost@desk.example>"})
    assert desk.why(message_id).state is Disposition.HELD
    assert 'Write "#on REFERENCE" above the word to name the request.' in " ".join(omar.letter(Notice.HELD).text.split())
    omar.replies(Notice.HELD, f"#on {desk.ticket().reference}\n#send", quote=False)
    assert "I cleaned the roller." in anna.letter(Notice.ANSWER).text
    assert len(desk.tickets()) == 1
