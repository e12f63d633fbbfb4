"""The commands of staff, one story each, as they are written in a mail client."""

import pytest
from support.desk.story import SUPPORT, Person, StoryDesk

from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import ParticipantState, Role
from helpdesk.threading.model.status import Status, WaitingOn

SECOND = "scanner blinks"


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("#priority high", "priority", "high"),
        ("!severity crit", "severity", "critical"),
        ("#category billing", "category", "billing and plans"),
        ("#queue billing", "queue", "billing"),
        ("#Priorität critical", "priority", "critical"),
        ("#gravité low", "severity", "low"),
        ("#assign Bela Kovacs", "assignee", "bela@desk.example"),
    ],
)
def test_a_heading_is_corrected(desk: StoryDesk, anna: Person, omar: Person, line: str, field: str, value: str) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, line)
    assert getattr(desk.ticket(), field) == value
    assert value.split("@")[0] in omar.letter(Notice.RECEIPT).text.lower()
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]


@pytest.mark.parametrize("line", ["#priority urgent", "#queue kitchen", "#category x", "#cc nobody", "#cc omar@desk.example",
                                  "#uncc anna@acme.example", "#uncc eve@acme.example", "#merge ACZ-ZZZZZZ", "#link nothing", "#split",
                                  "#snooze yesterday", "#snooze 2020-01-01", "#reopen", "#send", "#undo", "#spam\nBuy less!",
                                  "#take\n#undo", "#take\n#take", "#on ACZ-ZZZZZZ\n#take", "#take\n#on ACZ-ZZZZZZ"])  # fmt: skip
def test_what_makes_no_sense_is_refused_with_its_reason(desk: StoryDesk, anna: Person, omar: Person, line: str) -> None:
    anna.writes("Printer", "It jams.")
    before = desk.ticket()
    message_id = omar.replies(Notice.NEW_TICKET, line)
    assert desk.why(message_id).state is Disposition.REFUSED
    after = desk.ticket()
    assert (after.status, after.assignee, after.priority, after.queue) == (
        before.status,
        before.assignee,
        before.priority,
        before.queue,
    )
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    assert "Nothing of this mail was carried out." in omar.letter(Notice.RECEIPT).text


def test_close_tells_the_customer_once(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#close\nAs agreed on the phone.")
    assert (desk.ticket().status, desk.ticket().waiting_on) == (Status.CLOSED, WaitingOn.NOBODY)
    assert "As agreed on the phone." in anna.letter(Notice.CLOSING).text
    desk.passes(days=10)
    assert desk.notices_to(anna) == [Notice.CONFIRMATION, Notice.CLOSING]


def test_who_is_copied_gets_later_letters_and_no_history(desk: StoryDesk, anna: Person, omar: Person) -> None:
    eve = desk.person("eve@acme.example")
    anna.writes("Printer", "It jams, and my password is hunter22.")
    omar.replies(Notice.NEW_TICKET, "Open flap A.")
    omar.replies(Notice.NEW_TICKET, f"#cc {eve.address}")
    assert desk.notices_to(eve) == []
    omar.replies(Notice.NEW_TICKET, "Now close flap B.")
    letter = eve.letter(Notice.ANSWER)
    assert "flap B" in letter.text
    assert "jams" not in letter.message.as_string()
    assert "flap A" not in letter.message.as_string()
    eve.replies(Notice.ANSWER, "It works here too.")
    assert [message.text for message in desk.history().messages][-1].startswith("It works here too.")
    omar.replies(Notice.CUSTOMER_REPLY, f"#uncc {eve.address}")
    omar.replies(Notice.CUSTOMER_REPLY, "Fine.")
    assert desk.notices_to(eve) == [Notice.ANSWER]
    person = desk.ticket().participant_at(eve.address, Role.CUSTOMER)
    assert person is not None
    assert person.state is ParticipantState.LEFT


def test_merged_conversations_go_on_as_one(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    first = desk.ticket()
    anna.writes("Printer again", "It still jams.")
    second = desk.ticket(2)
    omar.replies(Notice.NEW_TICKET, f"#merge {first.reference}")
    omar.replies(Notice.HELD, "#send")
    assert "goes on in" in omar.letter(Notice.RECEIPT).text
    assert desk.ticket(1).lineage.merged_into == second.id
    old = (
        next(letter for letter in anna.letters() if first.reference in letter.text)
        .header("Reply-To")
        .rpartition("<")[2]
        .rstrip(">")
    )
    message_id = anna.writes("Re: Printer", "To the old address.", to=old)
    assert desk.why(message_id).ticket_id == second.id
    assert desk.ticket(1).status is Status.CLOSED
    omars_old = next(letter for letter in omar.letters() if first.reference in letter.header("Subject")).header("Reply-To")
    omar.writes("Re: Printer", "Answered from the old letter.", to=omars_old.rpartition("<")[2].rstrip(">"))
    assert "To the old address." in omar.letter(Notice.HELD).text
    omar.replies(Notice.HELD, "#send")
    assert "Answered from the old letter." in anna.letter(Notice.ANSWER).text
    assert [message.text for message in desk.history(2).messages][-2:] == ["To the old address.", "Answered from the old letter."]


def test_requests_of_two_customers_are_never_joined(desk: StoryDesk, anna: Person, omar: Person) -> None:
    carla = desk.person("carla@globex.example")
    anna.writes("Printer", "It jams.")
    carla.writes("Printer", "Ours too.")
    omar.replies(Notice.NEW_TICKET, f"#merge {desk.ticket(1).reference}")
    assert "belongs to another customer" in omar.letter(Notice.RECEIPT).text
    assert desk.ticket(1).lineage.merged_into is None


def test_a_message_that_is_split_off_takes_its_replies_along(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    about_scanner = anna.replies(Notice.CONFIRMATION, f"By the way, the {SECOND}.")
    omar.replies(Notice.CUSTOMER_REPLY, "#split")
    first, second = desk.tickets()
    assert [message.text for message in desk.history(1).messages] == ["It jams."]
    assert SECOND in desk.history(2).messages[0].text
    assert (second.status, second.assignee, second.created_at < desk.now) == (Status.IN_REVIEW, omar.address, True)
    anna.writes("Re: Printer", "More about the scanner.", headers={"In-Reply-To": f"<{about_scanner}>"})
    assert [len(desk.history(place).messages) for place in (1, 2)] == [1, 2]
    omar.replies(Notice.CUSTOMER_REPLY, "We send a new one.")
    assert second.reference not in first.reference
    assert desk.history(2).messages[-1].text == "We send a new one."


def test_a_snooze_pauses_and_ends_by_time_or_by_the_customer(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#snooze 2d")
    assert desk.ticket().waiting_on is WaitingOn.NOBODY
    assert f"{desk.ticket().waiting.snoozed_until:%Y-%m-%d %H:%M}" == "2026-11-25 09:00"
    desk.passes(days=1, hours=23)
    assert Notice.WOKEN not in desk.notices_to(omar)
    desk.passes(hours=2)
    assert desk.notices_to(omar).count(Notice.WOKEN) == 1
    assert (desk.ticket().waiting_on, desk.ticket().waiting.snoozed_until) == (WaitingOn.SUPPORT, None)
    omar.replies(Notice.WOKEN, "#snooze friday")
    anna.replies(Notice.CONFIRMATION, "Any news?")
    assert (desk.ticket().waiting_on, desk.ticket().waiting.snoozed_until) == (WaitingOn.SUPPORT, None)
    desk.passes(days=9)
    assert desk.notices_to(omar).count(Notice.WOKEN) == 1


def test_spam_is_closed_without_a_word_for_ever(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Cheap pills", "Buy now.")
    omar.replies(Notice.NEW_TICKET, "#spam")
    assert desk.ticket().status is Status.CLOSED
    anna.replies(Notice.CONFIRMATION, "Really cheap!")
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]


def test_one_mail_serves_many_requests_and_needs_no_letter(desk: StoryDesk, anna: Person, omar: Person) -> None:
    for subject in ("Printer", "Scanner", "Phone"):
        anna.writes(subject, "Broken.")
    references = [ticket.reference for ticket in desk.tickets()]
    omar.writes(
        "Morning round",
        f"#on {references[0]}\n#resolve\nReplaced.\n\n#on {references[1]}\n#note\nwaiting for parts\n#priority high\n\n"
        f"#on {references[2]}\n#take",
        to=SUPPORT,
    )
    assert [ticket.status for ticket in desk.tickets()] == [Status.RESOLVED, Status.IN_REVIEW, Status.IN_REVIEW]
    assert (desk.ticket(2).priority, [note.text for note in desk.history(2).notes]) == ("high", ["waiting for parts"])
    assert desk.notices_to(omar).count(Notice.RECEIPT) == 1
    told = omar.letter(Notice.RECEIPT).text
    named = [line.count(reference) for reference in references for line in told.splitlines() if line.startswith(reference)]
    assert named == [1, 1, 1, 1]  # each line names its request, and once
    assert "Replaced." in anna.letter(Notice.RESOLUTION).text
    assert "waiting for parts" not in "".join(letter.text for letter in anna.letters())


def test_one_bad_line_stops_all_blocks(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "Broken.")
    anna.writes("Scanner", "Broken.")
    one, other = (known.reference for known in desk.tickets())
    omar.writes("Round", f"#on {one}\n#resolve\nDone.\n#on {other}\n#prioritise high", to=SUPPORT)
    assert [known.status for known in desk.tickets()] == [Status.IN_REVIEW, Status.IN_REVIEW]
    assert "#prioritise high" in omar.letter(Notice.RECEIPT).text
    assert Notice.RESOLUTION not in desk.notices_to(anna)


def test_help_and_status_answer_and_send_nothing(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#help\n\nOmar from the third floor")
    assert "#escalate payments are down" in omar.letter(Notice.RECEIPT).text
    omar.replies(Notice.NEW_TICKET, "#status")
    assert "waiting for us" in omar.letter(Notice.RECEIPT).text
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    assert len(desk.history().messages) == 1


@pytest.mark.parametrize(
    ("text", "answer", "notes"),
    [
        ("", "Note saved. Only staff see it.", ["She has not paid."]),
        ("She is difficult.", '"#note": put commands at the top or the end of your text, not within it', []),
    ],
)
def test_a_command_below_the_quoted_letter_is_not_overlooked(desk: StoryDesk, text: str, answer: str, notes: list[str]) -> None:
    """Whoever answers below the quoted letter has his commands there too; what was to be a note must not go to the customer."""
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    quoted = "\n".join(f"> {line}" for line in omar.letter(Notice.NEW_TICKET).text.splitlines())
    body = f"{text}\n\nOn Mon, 23 Nov 2026, Accoraze Support wrote:\n{quoted}\n\n#note\nShe has not paid.\n"
    omar.replies(Notice.NEW_TICKET, body, quote=False, files={"unpaid.pdf": b"%PDF"})
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    assert answer in omar.letter(Notice.RECEIPT).text
    assert [note.text for note in desk.history().notes] == notes
