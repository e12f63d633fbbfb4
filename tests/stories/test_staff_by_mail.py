"""Staff work from their mail client alone: what they write is an answer, a note or a command, and only theirs counts."""

import pytest
from support.desk.story import SUPPORT, Person, StoryDesk

from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status, WaitingOn


def test_a_plain_reply_answers_the_customer_and_causes_no_receipt(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "Please open flap B.")
    letter = anna.letter(Notice.ANSWER)
    assert "Please open flap B." in letter.text
    assert "Please open flap B." in letter.html
    assert letter.header("Auto-Submitted") == ""
    assert "omar@desk.example" not in letter.message.as_string()
    assert desk.notices_to(omar) == [Notice.NEW_TICKET]


def test_an_answer_carries_its_attachments_and_so_does_the_letter_to_staff(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Invoice", "See the file.", files={"march.pdf": b"%PDF-1 from anna"})
    assert omar.letter(Notice.NEW_TICKET).files == {"march.pdf": b"%PDF-1 from anna"}
    omar.replies(Notice.NEW_TICKET, "Corrected.", files={"april.pdf": b"%PDF-1 from omar"})
    assert anna.letter(Notice.ANSWER).files == {"april.pdf": b"%PDF-1 from omar"}
    assert [attachment["filename"] for attachment in desk.inbox()[-1].attachments] == ["april.pdf"]


def test_every_command_is_answered_by_one_receipt(desk: StoryDesk, anna: Person, omar: Person, ines: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#take\n#ask\nWhich model?")
    assert desk.notices_to(omar) == [Notice.NEW_TICKET, Notice.RECEIPT]
    receipt = omar.letter(Notice.RECEIPT).text
    assert "assigned to Omar Haddad" in receipt
    assert "Your question goes to anna@acme.example" in receipt
    assert (desk.ticket().status, desk.ticket().waiting_on) == (Status.IN_REVIEW, WaitingOn.CUSTOMER)


def test_assign_by_a_part_of_the_name(desk: StoryDesk, anna: Person, omar: Person, ines: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#assign ines\n#note\nplease look")
    assert desk.ticket().assignee == ines.address
    assert desk.notices_to(ines) == [Notice.ASSIGNMENT]
    assert "please look" in ines.letter(Notice.ASSIGNMENT).text
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]


def test_a_reply_to_an_internal_note_stays_internal(desk: StoryDesk, anna: Person, omar: Person, ines: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#assign ines")
    omar.replies(Notice.NEW_TICKET, "#note\nplease look")
    ines.replies(Notice.INTERNAL_NOTE, "I know this customer.")
    assert [note.text for note in desk.history().notes] == ["please look", "I know this customer."]
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    assert "I know this customer." in omar.letter(Notice.INTERNAL_NOTE).text
    ines.replies(Notice.INTERNAL_NOTE, "#resolve\nDone.")
    assert "internal" in ines.letter(Notice.RECEIPT).text
    assert desk.ticket().status is not Status.RESOLVED
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("#frobnicate\nhello", "#frobnicate"),
        ("#assign nobody\nhello", "#assign nobody"),
        ("#reopen\nhello", "#reopen"),
        ("Hello,\n#note psst\nbye", "#note psst"),
        ("#ask", "#ask"),
        ("#take\n#frobnicate\nhello", "#frobnicate"),
    ],
)
def test_what_cannot_be_done_changes_nothing_and_quotes_the_line(
    desk: StoryDesk, anna: Person, omar: Person, text: str, quoted: str
) -> None:
    anna.writes("Printer", "It jams.")
    before = desk.ticket()
    message_id = omar.replies(Notice.NEW_TICKET, text)
    after = desk.ticket()
    assert (after.status, after.waiting_on, after.assignee) == (before.status, before.waiting_on, before.assignee)
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    assert desk.history().notes == ()
    assert quoted in omar.letter(Notice.RECEIPT).text
    assert desk.why(message_id).state is Disposition.REFUSED


def test_escalation_has_a_highest_level(desk: StoryDesk, anna: Person, omar: Person, ines: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#escalate on fire by 2026-11-25")
    assert "25 November 2026" in anna.letter(Notice.ESCALATION).text
    assert "on fire" not in anna.letter(Notice.ESCALATION).text
    ines.replies(Notice.ESCALATION, "#escalate still on fire")
    assert desk.ticket().escalation_level == 2
    ines.replies(Notice.ESCALATION, "#escalate more")
    assert desk.ticket().escalation_level == 2
    assert "highest level" in ines.letter(Notice.RECEIPT).text


def test_staff_reopen_and_answer_what_is_resolved(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    omar.replies(Notice.NEW_TICKET, "One more thing: use better paper.")
    assert desk.ticket().status is Status.RESOLVED
    assert "better paper" in anna.letter(Notice.ANSWER).text
    omar.replies(Notice.NEW_TICKET, "#reopen\nIt was not clean after all.")
    assert desk.ticket().status is Status.IN_PROGRESS
    assert "It was not clean after all." in anna.letter(Notice.REOPENED).text


def test_a_staff_address_alone_is_nobody(desk: StoryDesk, anna: Person, omar: Person) -> None:
    """Somebody writes with Omar's address, even with Omar's own token, but nothing proves it."""
    anna.writes("Printer", "It jams.")
    message_id = omar.replies(Notice.NEW_TICKET, "#resolve\nSend your password to me.", peer="203.0.113.9")
    assert desk.ticket().status is Status.IN_REVIEW
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    held = desk.why(message_id)
    assert (held.state, held.decision["held_for"]) == (Disposition.HELD, omar.address)
    assert "nothing proves the author" in omar.letter(Notice.HELD).text


def test_a_staff_member_with_a_token_of_somebody_else_is_held(desk: StoryDesk, anna: Person, omar: Person, ines: Person) -> None:
    anna.writes("Printer", "It jams.")
    omars = omar.letter(Notice.NEW_TICKET).header("Reply-To").rpartition("<")[2].rstrip(">")
    annas = anna.letter(Notice.CONFIRMATION).header("Reply-To").rpartition("<")[2].rstrip(">")
    for address in (omars, annas, SUPPORT):
        ines.writes("Re: Printer", "#resolve\nDone.", to=address)
    assert desk.ticket().status is Status.IN_REVIEW
    assert desk.notices_to(ines) == [Notice.HELD] * 3
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    assert len(desk.tickets()) == 1


def test_a_customer_with_a_staff_token_is_herself_and_commands_nothing(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omars = omar.letter(Notice.NEW_TICKET).header("Reply-To").rpartition("<")[2].rstrip(">")
    message_id = anna.writes("Re: Printer", "#resolve\nI close it myself.", to=omars)
    assert desk.why(message_id).state is Disposition.THREADED
    assert desk.ticket().status is Status.IN_REVIEW
    assert desk.history().messages[-1].author == anna.address
    assert "I close it myself." in omar.letter(Notice.CUSTOMER_REPLY).text


def test_commands_in_html_alone_are_carried_out(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    token = omar.letter(Notice.NEW_TICKET).header("Reply-To").rpartition("<")[2].rstrip(">")
    html = b"<p>#note</p><p>she is difficult</p>"
    omar.mail(
        b"From: omar@desk.example\r\nTo: " + token.encode() + b"\r\nSubject: x\r\nMessage-ID: <html@desk.example>\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html,
        [token],
    )
    assert desk.why("html@desk.example").state is Disposition.THREADED
    assert [note.text for note in desk.history().notes] == ["she is difficult"]
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]


def test_commands_in_the_quoted_text_or_the_subject_do_nothing(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("#resolve", "#resolve\n#note\nIt jams.")
    assert desk.ticket().status is Status.IN_REVIEW
    omar.replies(Notice.NEW_TICKET, "I see.")
    assert desk.ticket().status is Status.IN_PROGRESS
    assert desk.history().notes == ()


def test_the_least_loaded_member_of_the_queue_gets_it(desk: StoryDesk, omar: Person) -> None:
    desk.person("carl@nowhere.example").writes("Bill", "Where is it?", to="billing@support.example.com")
    assert desk.ticket().queue == "billing"
    assert desk.ticket().assignee == "bela@desk.example"


def test_a_mail_with_nothing_in_it_is_refused(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    message_id = omar.replies(Notice.NEW_TICKET, "")
    assert desk.why(message_id).state is Disposition.REFUSED
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]


def test_thanks_for_a_receipt_stay_internal(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#take\nI look at it.")
    omar.replies(Notice.RECEIPT, "Thanks, robot.")
    assert [note.text for note in desk.history().notes] == ["Thanks, robot."]
    assert desk.notices_to(anna) == [Notice.CONFIRMATION, Notice.ANSWER]


def test_what_goes_to_a_public_and_an_internal_address_at_once_is_a_note(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#assign ines")
    omar.replies(Notice.NEW_TICKET, "#note\nplease look")
    ines = desk.person("ines@desk.example")
    public, internal = (
        ines.letter(notice).header("Reply-To").rpartition("<")[2].rstrip(">")
        for notice in (Notice.ASSIGNMENT, Notice.INTERNAL_NOTE)
    )
    for first, second in ((public, internal), (internal, public)):
        ines.writes("Printer", f"She is difficult, says {first}.", to=first, cc=second)
    assert len(desk.history().notes) == 3
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]


def test_a_file_in_an_internal_reply_stays_internal(desk: StoryDesk, anna: Person, omar: Person, ines: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#assign ines")
    omar.replies(Notice.NEW_TICKET, "#note\nplease look")
    ines.replies(Notice.INTERNAL_NOTE, "#resolve", files={"internal.pdf": b"%PDF-1 internal"})
    assert desk.ticket().status is not Status.RESOLVED
    assert "internal" in ines.letter(Notice.RECEIPT).text
    ines.replies(Notice.INTERNAL_NOTE, "#resolve")
    assert desk.ticket().status is Status.RESOLVED
    assert not anna.letter(Notice.RESOLUTION).files


@pytest.mark.parametrize("day", ["2026-13-45", "2026-11-20", "2026-11-25 25:00"])
def test_a_day_that_cannot_be_promised_is_refused(desk: StoryDesk, anna: Person, omar: Person, day: str) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, f"#escalate on fire by {day}")
    assert desk.ticket().status is Status.IN_REVIEW
    assert day in omar.letter(Notice.RECEIPT).text
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]


@pytest.mark.parametrize(
    ("ending", "command"),
    [
        ("Best,\nOmar\n\n#resolve", "resolve"),
        ("Omar\n\n#resolve", "name alone"),
        ("Thanks\n#resolve", "thanks"),
        ("Mit freundlichen Grüßen\nOmar Haddad\n\n#gelöst", "German"),
        ("-- \nOmar Haddad\nTel 030 123\n#priority high\n#resolve", "signature"),
    ],
)
def test_commands_below_the_name_and_the_signature_are_the_end(
    desk: StoryDesk, anna: Person, omar: Person, ending: str, command: str
) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, f"Hello,\n\nplease try again.\n\n{ending}")
    assert desk.ticket().status is Status.RESOLVED
    letter = anna.letter(Notice.RESOLUTION)
    assert "please try again" in letter.text
    assert "#" not in letter.text.partition("Accoraze Support")[2]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("#asign ines\nHello", "Did you mean #assign?"),
        ("#resovle\nHello", "Did you mean #resolve?"),
        ("#zuweisne Ines\nHello", "Did you mean #zuweisen?"),
        ("please try again. #resolve\nBye", "on a line of its own"),
        ("Hello\n\n-- \nOmar\n#resolve\nTel 030 123", "#resolve"),
    ],
)
def test_a_refusal_names_the_nearest_word_that_would_work(
    desk: StoryDesk, anna: Person, omar: Person, text: str, hint: str
) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, text)
    assert hint in omar.letter(Notice.RECEIPT).text
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
