"""What must not happen, one story for each: every guard of the lifecycle is missed here when it is gone."""

from dataclasses import replace

import pytest
from support.desk.staff_rows import change_staff
from support.desk.story import SUPPORT, Person, StoryDesk

from helpdesk.store.identifiers import new_ids
from helpdesk.store.inbound import store_raw
from helpdesk.threading.decisions.time.timers import decide_timer
from helpdesk.threading.lifecycle.context import Context, Fresh
from helpdesk.threading.matching.known import Known
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Disposition, Envelope, RawMessage
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.people import Contact
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.timer import TimerKind

LIST = {"List-Id": "<users.lists.example>"}


def reply_address(person: Person, notice: Notice) -> str:
    return person.letter(notice).header("Reply-To").rpartition("<")[2].rstrip(">")


def mail(author: str, text: str, message_id: str, *fields: str) -> bytes:
    head = [f"From: {author}", f"To: {SUPPORT}", "Subject: Printer", f"Message-ID: <{message_id}>", *fields]
    return ("\r\n".join(head) + f"\r\n\r\n{text}\r\n").encode()


def submitted_by_another(desk: StoryDesk, author: str, text: str, message_id: str, to: str = SUPPORT, parent: str = "") -> None:
    """With the password of a third person: the author is false."""
    desk.now += desk.now.resolution * 1_000_000
    envelope = Envelope("ines@desk.example", (to,))
    content = mail(author, text, message_id, *([f"In-Reply-To: <{parent}>"] if parent else []))
    raw = RawMessage("smtp", envelope, content, desk.now, "203.0.113.9", authenticated_as="ines@desk.example")
    store_raw(desk.database, desk.node.blobs, 1_000_000, [raw], desk.now)
    desk.settle()


def test_a_false_author_gets_nothing_automatic_and_staff_are_warned(desk: StoryDesk, anna: Person, omar: Person) -> None:
    submitted_by_another(desk, anna.address, "It jams.", "1@x")
    assert desk.ticket().assurance is Assurance.FAILED
    assert desk.notices_to(anna) == []
    assert "may be forged" in omar.letter(Notice.NEW_TICKET).text


def test_a_false_author_goes_on_with_no_ticket_without_its_reply_address(desk: StoryDesk, anna: Person) -> None:
    sent = anna.writes("Printer", "It jams.")
    submitted_by_another(desk, anna.address, f"About {desk.ticket().reference}", "1@x")
    submitted_by_another(desk, anna.address, "About it", "2@x", parent=sent)
    assert [one.state for one in desk.mails()] == [Disposition.OPENED] * 3


def test_a_false_author_who_reopens_causes_no_letter_to_the_customer(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    submitted_by_another(desk, anna.address, "It jams again.", "1@x", reply_address(anna, Notice.RESOLUTION))
    assert desk.ticket().status is Status.IN_PROGRESS
    assert Notice.REOPENED not in desk.notices_to(anna)
    assert "may be forged" in omar.letter(Notice.REOPENED).text


def test_a_reply_over_a_mailing_list_reopens_and_is_not_answered(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    anna.replies(Notice.RESOLUTION, "It jams again.", headers=LIST)
    assert desk.ticket().status is Status.IN_PROGRESS
    assert Notice.REOPENED not in desk.notices_to(anna)


@pytest.mark.parametrize(("first", "second"), [("127.0.0.1", "203.0.113.9"), ("203.0.113.9", "127.0.0.1")])
def test_a_reopening_is_told_in_fixed_text_unless_both_mails_are_proved(
    desk: StoryDesk, anna: Person, omar: Person, first: str, second: str
) -> None:
    anna.writes("Cheap-pills", "It jams.", peer=first)
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    anna.replies(Notice.RESOLUTION, "It jams again.", peer=second)
    assert "Cheap-pills" not in anna.letter(Notice.REOPENED).message.as_string()


def test_a_reopening_of_what_is_proved_has_its_subject(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    anna.replies(Notice.RESOLUTION, "It jams again.")
    assert anna.letter(Notice.REOPENED).header("Subject") == "Re: Printer"


def solved_addresses(person: Person) -> tuple[str, str]:
    from helpdesk.threading.matching.gather import ADDRESS_IN_TEXT
    from helpdesk.threading.trust.tokens import Purpose

    found = {}
    for address in ADDRESS_IN_TEXT.findall(person.letter(Notice.RESOLUTION).text):
        for token in person.desk.node.desk.house.tokens_in([address]):
            found[token.purpose] = address
    return found[Purpose.SOLVED], found[Purpose.UNSOLVED]


def test_a_file_to_the_address_for_solved_is_looked_at_and_a_logo_is_not(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    anna.writes("Solved", "The signed form.", to=solved_addresses(anna)[0], files={"form.pdf": b"%PDF"})
    assert desk.ticket().status is Status.IN_PROGRESS
    assert omar.letter(Notice.REOPENED).files == {"form.pdf": b"%PDF"}
    omar.replies(Notice.REOPENED, "#resolve\nFiled.")
    anna.writes("Solved", "Yes", to=solved_addresses(anna)[0], logo={"logo.png": b"\x89PNG\r\n logo"})
    assert desk.ticket().status is Status.CLOSED


def test_thanks_to_the_address_for_still_broken_reopen(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    anna.writes("Re: Printer", "Thanks!", to=solved_addresses(anna)[1])
    assert desk.ticket().status is Status.IN_PROGRESS


@pytest.mark.parametrize("text", ["Thanks Omar!", "Danke Herr Haddad!", "Thank you, Ines.\n\nAnna"])
def test_thanks_by_name_close_and_thanks_to_whom_nobody_knows_reopen(
    desk: StoryDesk, anna: Person, omar: Person, text: str
) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    anna.replies(Notice.RESOLUTION, text)
    assert desk.ticket().status is Status.CLOSED
    anna.writes("Scanner", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    anna.replies(Notice.RESOLUTION, "Thanks zebra!")
    assert desk.ticket(2).status is Status.IN_PROGRESS


def test_thanks_with_a_file_reopen(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    anna.replies(Notice.RESOLUTION, "Thanks!", files={"photo.pdf": b"%PDF-1"})
    assert desk.ticket().status is Status.IN_PROGRESS


def test_thanks_in_a_mail_that_could_be_read_only_in_part_reopen(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    fields = [f"X-Field-{number}: x" for number in range(1_500)]
    anna.mail(mail(anna.address, "Thanks!", "t@acme.example", *fields), [reply_address(anna, Notice.RESOLUTION)])
    assert desk.ticket().status is Status.IN_PROGRESS
    assert "only in part" in omar.letter(Notice.REOPENED).text


def test_nothing_said_confirms_nothing(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    anna.replies(Notice.RESOLUTION, "", quote=False)
    assert desk.ticket().status is Status.IN_PROGRESS


@pytest.mark.parametrize("text", ["", "Thanks!", "#resolve"])
def test_a_stranger_with_the_solved_address_closes_and_reopens_nothing(
    desk: StoryDesk, anna: Person, omar: Person, text: str
) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    eve = desk.person("eve@evil.example")
    eve.writes("Re: Printer", text, to=solved_addresses(anna)[0])
    assert desk.ticket().status is Status.RESOLVED
    assert desk.notices_to(eve) == []
    assert Notice.REOPENED not in desk.notices_to(anna)
    told = omar.letter(Notice.CUSTOMER_REPLY).text
    assert "eve@evil.example, who takes no part in this request, pressed “It is solved” in a letter to anna@acme.example" in told
    eve.writes("Re: Printer", "It still jams!", to=solved_addresses(anna)[0])
    assert desk.ticket().status is Status.IN_PROGRESS
    assert "Unverified sender" in omar.letter(Notice.REOPENED).text
    assert [event.kind for event in desk.history().events].count("unverified_sender") == 2
    omar.replies(Notice.REOPENED, "We look at it.")
    assert desk.notices_to(eve) == []


def test_a_reply_of_a_signature_alone_moves_nothing_and_is_shown(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    anna.replies(Notice.RESOLUTION, "-- \nAnna Weber\nAcme GmbH\n+49 30 5550123")
    assert desk.ticket().status is Status.RESOLVED
    assert "Acme GmbH" in desk.history().messages[-1].text


def test_a_complaint_opens_no_ticket(desk: StoryDesk) -> None:
    report = (
        "From: abuse@isp.example\r\nTo: help@support.example.com\r\nSubject: complaint\r\nMessage-ID: <arf@isp.example>\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThis is an abuse report.\r\n"
        "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: x/1\r\nVersion: 1\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: help@support.example.com\r\nSubject: x\r\n\r\nx\r\n--b--\r\n"
    )
    desk.person("abuse@isp.example").mail(report.encode(), [SUPPORT])
    assert desk.mails()[-1].state is Disposition.REPORTED
    assert desk.tickets() == []


def test_words_from_the_null_path_at_a_return_address_open_nothing(desk: StoryDesk, anna: Person) -> None:
    from sqlalchemy import select

    from helpdesk.store.schema import outbox

    anna.writes("Printer", "It jams.")
    with desk.database.reading() as connection:
        path = connection.execute(select(outbox.c.reverse_path).where(outbox.c.notice == "confirmation")).scalar_one()
    events = len(desk.history().events)
    anna.mail(mail(anna.address, "I read your mail.", "n@acme.example"), [path], "")
    assert desk.mails()[-1].state is Disposition.REPORTED
    assert len(desk.tickets()) == 1
    assert len(desk.history().events) == events


def test_an_automatic_mail_from_the_null_path_opens_nothing(desk: StoryDesk) -> None:
    robot = desk.person("monitor@acme.example")
    robot.mail(mail(robot.address, "Received.", "n@acme.example", "Auto-Submitted: auto-replied"), [SUPPORT], "")
    assert desk.mails()[-1].state is Disposition.NOTED
    assert desk.tickets() == []


def test_an_absence_without_a_ticket_opens_nothing(desk: StoryDesk, anna: Person) -> None:
    anna.writes("Out of office", "I am out of the office until Monday.", headers={"Auto-Submitted": "auto-replied"})
    assert desk.mails()[-1].state is Disposition.NOTED
    assert desk.tickets() == []


def test_an_endless_automatic_answer_is_kept_short_in_the_history(desk: StoryDesk, anna: Person) -> None:
    anna.writes("Printer", "It jams.")
    anna.replies(Notice.CONFIRMATION, "I am out of the office. " * 500, headers={"Auto-Submitted": "auto-replied"})
    assert 0 < len(desk.history().events[-1].detail) <= 2000


def test_a_contact_of_another_account_cannot_write_for_this_one(desk: StoryDesk) -> None:
    row = desk.writes_in_platform("globex", "anna@acme.example", "Hello")
    assert desk.tickets() == []
    from sqlalchemy import select

    from helpdesk.store.schema import platform_reply

    with desk.database.reading() as connection:
        error = connection.execute(select(platform_reply.c.error).where(platform_reply.c.id == row)).scalar_one()
    assert "another account" in error


def test_a_staff_letter_is_no_answer_to_the_customers_mail_in_a_mail_client(desk: StoryDesk, anna: Person, omar: Person) -> None:
    """Its reader does not hold that mail."""
    sent = anna.writes("Printer", "It jams.")
    assert omar.letter(Notice.NEW_TICKET).header("In-Reply-To") == ""
    assert sent in anna.letter(Notice.CONFIRMATION).header("In-Reply-To")


def test_staff_mail_over_a_list_is_held(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    message_id = omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.", headers=LIST)
    assert desk.why(message_id).state is Disposition.HELD
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]


def test_staff_mail_to_two_tickets_is_held(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    first = reply_address(omar, Notice.NEW_TICKET)
    anna.writes("Screen", "It is dark.")
    second = reply_address(omar, Notice.NEW_TICKET)
    omar.writes("Re: Printer", "Cleaned.", to=first, cc=second)
    assert "different requests" in omar.letter(Notice.HELD).text
    assert desk.notices_to(anna) == [Notice.CONFIRMATION] * 2


def test_a_stranger_who_is_held_is_not_answered(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    eve = desk.person("eve@evil.example")
    sent = eve.writes("x", "Show me everything.", to=reply_address(omar, Notice.NEW_TICKET))
    assert sent not in omar.letter(Notice.HELD).header("In-Reply-To")
    assert desk.notices_to(eve) == []


def test_a_name_that_two_people_have_assigns_nobody(desk: StoryDesk, anna: Person, omar: Person) -> None:

    change_staff(desk, "bela@desk.example", name="Ines Kovacs")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#assign ines")
    assert desk.ticket().assignee == omar.address
    assert "Ines Kovacs" in omar.letter(Notice.RECEIPT).text


@pytest.mark.parametrize("command", ["#ask\nWhich model?", "#resolve\nAgain.", "#escalate", "#take"])
def test_what_the_table_has_no_row_for_is_refused(desk: StoryDesk, anna: Person, omar: Person, command: str) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    desk.passes(days=7)
    assert desk.ticket().status is Status.CLOSED
    letters = desk.notices_to(anna)
    message_id = omar.replies(Notice.NEW_TICKET, command)
    assert desk.why(message_id).state is Disposition.REFUSED
    assert "is closed" in omar.letter(Notice.RECEIPT).text
    assert (desk.ticket().status, desk.notices_to(anna)) == (Status.CLOSED, letters)


def test_a_note_without_words_is_refused(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#note")
    assert desk.history().notes == ()
    assert "needs text" in omar.letter(Notice.RECEIPT).text


def test_an_image_of_a_signature_is_no_answer(desk: StoryDesk, anna: Person, omar: Person) -> None:
    """A command without words, under which a mail client put its owner's logo."""
    anna.writes("Printer", "It jams.")
    token = reply_address(omar, Notice.NEW_TICKET)
    logo = (
        f"From: {omar.address}\r\nTo: {token}\r\nSubject: x\r\nMessage-ID: <logo@desk.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; boundary="b"\r\n\r\n'
        '--b\r\nContent-Type: multipart/alternative; boundary="a"\r\n\r\n--a\r\nContent-Type: text/plain\r\n\r\n#resolve\r\n'
        '--a\r\nContent-Type: text/html\r\n\r\n<p>#resolve</p><img src="cid:logo">\r\n--a--\r\n'
        "--b\r\nContent-Type: image/png\r\nContent-ID: <logo>\r\nContent-Disposition: inline; filename=logo.png\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n"
    )
    omar.mail(logo.encode(), [token])
    assert desk.ticket().status is Status.RESOLVED
    assert anna.letter(Notice.RESOLUTION).files == {}
    assert desk.ticket().first_response_at is None


def test_commands_between_the_words_of_html_are_refused_with_their_lines(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    token = reply_address(omar, Notice.NEW_TICKET)
    lines = "<p>Hello,</p><p>#note she is difficult</p><p>bye</p>"
    omar.mail(mail(omar.address, lines, "0@desk.example", "MIME-Version: 1.0", "Content-Type: text/html"), [token])
    assert [mail.state for mail in desk.mails()[1:]] == [Disposition.REFUSED]
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]


def test_a_senior_who_escalates_gets_a_receipt_and_no_letter_about_it(
    desk: StoryDesk, anna: Person, omar: Person, ines: Person
) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#escalate")
    ines.replies(Notice.ESCALATION, "#escalate")
    assert desk.notices_to(ines) == [Notice.ESCALATION, Notice.RECEIPT]


def test_who_reopens_is_not_told_of_it(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    omar.replies(Notice.NEW_TICKET, "#reopen\nNot clean after all.")
    assert desk.notices_to(omar) == [Notice.NEW_TICKET, Notice.RECEIPT, Notice.RECEIPT]


def test_a_note_goes_to_whom_the_ticket_concerns_and_not_to_its_author(
    desk: StoryDesk, anna: Person, omar: Person, ines: Person
) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#note\nplease look")
    assert desk.notices_to(omar) == [Notice.NEW_TICKET, Notice.RECEIPT]
    assert desk.notices_to(ines) == desk.notices_to(desk.person("bela@desk.example")) == []


def test_what_was_answered_or_resolved_is_late_for_nothing(desk: StoryDesk, anna: Person, omar: Person) -> None:
    for text in ("Open flap B.", "#resolve", "#ask\nWhich model?"):
        anna.writes("Printer", f"It jams. {text}")
        omar.replies(Notice.NEW_TICKET, text)
    desk.passes(days=4)
    assert {ticket.escalation_level for ticket in desk.tickets()} == {0}
    assert desk.ticket(3).waiting_on is WaitingOn.CUSTOMER
    assert {timer.state for place in (1, 2, 3) for timer in desk.history(place).timers if timer.kind == "target"} == {"cancelled"}


def test_a_reopened_ticket_does_not_close_by_the_old_silence(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    anna.replies(Notice.RESOLUTION, "It jams again.")
    assert [timer.state for timer in desk.history().timers if timer.kind == "close"] == ["cancelled"]
    desk.passes(days=4)
    omar.replies(Notice.REOPENED, "#resolve\nNew roller.")
    desk.passes(days=3)
    assert desk.ticket().status is Status.RESOLVED


def test_the_same_words_without_an_id_are_one_mail_a_day(desk: StoryDesk, anna: Person) -> None:
    """A device that sends alerts without a Message-ID sends the same one again tomorrow."""
    alert = f"From: {anna.address}\r\nTo: {SUPPORT}\r\nSubject: Full\r\n\r\nThe disk is full.\r\n".encode()
    for hours in (0, 1, 24):
        desk.passes(hours=hours)
        anna.mail(alert, [SUPPORT])
    assert [one.state for one in desk.mails()] == [Disposition.OPENED, Disposition.DISCARDED, Disposition.OPENED]


def test_a_message_id_of_another_house_is_none_of_ours(desk: StoryDesk, anna: Person) -> None:
    anna.writes("Printer", "It jams.")
    ours = anna.letter(Notice.CONFIRMATION).header("Message-ID")
    local_part = ours.partition("@")[0].strip("<").partition(".")[0]
    anna.writes("Another", "It smells.", headers={"In-Reply-To": f"<{local_part}.1@evil.example>"})
    assert len(desk.tickets()) == 2
    anna.writes("Another", "It smells.", headers={"In-Reply-To": f"<{local_part}.1@support.example.com>"})
    assert len(desk.tickets()) == 2


def test_recipients_and_parents_are_looked_at_up_to_a_limit(desk: StoryDesk, anna: Person) -> None:
    anna.writes("Printer", "It jams.")
    token = reply_address(anna, Notice.CONFIRMATION)
    many = [f"help+{number}@support.example.com" for number in range(100)]
    anna.mail(mail(anna.address, "More.", "1@acme.example"), [*many, token])
    anna.mail(mail(anna.address, "Even more.", "2@acme.example"), [*many[:99], token])
    parent = anna.sent[0]
    for count, host in ((50, "elsewhere"), (49, "nowhere")):
        strangers = " ".join(f"<{number}@{host}.example>" for number in range(count))
        anna.mail(mail(anna.address, host, f"{host}@acme.example", f"References: <{parent}> {strangers}"), [SUPPORT])
    assert [one.state for one in desk.mails()[1:]] == [Disposition.OPENED, Disposition.THREADED] * 2


def test_to_reopen_with_words_is_no_first_answer(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve")
    omar.replies(Notice.NEW_TICKET, "#reopen\nNot clean after all.")
    assert desk.ticket().first_response_at is None
    omar.replies(Notice.NEW_TICKET, "Now it is.")
    assert desk.ticket().first_response_at is not None


def test_who_only_stood_in_cc_is_not_named_as_a_reader(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.", cc="carl@other.example")
    omar.replies(Notice.NEW_TICKET, "#ask\nWhich model?")
    assert "goes to anna@acme.example;" in omar.letter(Notice.RECEIPT).text
    assert "carl@other.example" not in omar.letter(Notice.RECEIPT).text


def test_a_missed_target_escalates_no_higher_than_the_highest_level(
    desk: StoryDesk, anna: Person, omar: Person, ines: Person
) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#escalate")
    ines.replies(Notice.ESCALATION, "#escalate")
    desk.passes(days=4)
    assert Notice.TARGET_MISSED in desk.notices_to(ines)
    assert desk.ticket().escalation_level == 2


@pytest.mark.parametrize("kind", list(TimerKind))
@pytest.mark.parametrize("text", ["Open flap B.", "#resolve\nCleaned.\n", "#ask\nWhich model?"])
def test_a_time_that_comes_after_its_reason_has_gone_does_nothing(
    desk: StoryDesk, anna: Person, omar: Person, kind: TimerKind, text: str
) -> None:
    """As when the timer fires on one node while another records the answer."""
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, text)
    ticket = desk.ticket()
    context = Context(
        desk.node.desk.policy,
        Known(Contact("", "", None, "free")),
        desk.now,
        Fresh(new_ids(desk.now), "ACZ-XXXXXX", "key"),
        desk.node.desk.house.ours,
    )
    decision = decide_timer(ticket, kind, context)
    asked, answered = ticket.is_asked, ticket.is_answered
    assert (asked, answered) == (text.startswith("#ask"), not text.startswith("#"))
    silent = kind in (TimerKind.CLOSE, TimerKind.SILENCE) and (asked or ticket.status is Status.RESOLVED)
    if silent or (kind is TimerKind.REMIND and asked) or (kind is TimerKind.SETTLE and answered):
        assert decision.ticket is not None
    else:
        assert (decision.disposition, decision.ticket, decision.letters) == (Disposition.NOTED, None, ())
    resolved = decide_timer(replace(ticket, first_response_at=None, status=Status.CLOSED), kind, context)
    assert resolved.ticket is None


def test_notes_of_a_merged_request_stay_inside_too(desk: StoryDesk, anna: Person, omar: Person) -> None:
    """What staff noted on the request that ended is no less secret where its conversation goes on."""
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#note\nShe has not paid the last three invoices and the bank has refused her card.")
    anna.writes("Scanner", "It blinks.")
    omar.replies(Notice.NEW_TICKET, f"#merge {desk.ticket(1).reference}")
    omar.replies(Notice.HELD, "#send")
    assert desk.ticket(1).lineage.merged_into == desk.ticket(2).id
    before = desk.notices_to(anna)
    omar.replies(Notice.NEW_TICKET, "I see that the bank has refused her card, so please wait.")
    assert desk.notices_to(anna) == before
    assert "words of an internal note" in omar.letter(Notice.HELD).text


def test_a_note_on_one_request_does_not_leave_with_another(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    first = desk.ticket(1).reference
    omar.replies(Notice.NEW_TICKET, "#note\nShe has not paid the last three invoices and the bank has refused her card.")
    anna.writes("Scanner", "It blinks.")
    omar.replies(Notice.NEW_TICKET, f"I see that the bank has refused her card, so please wait.\n#on {first}\n#take")
    assert Notice.ANSWER not in desk.notices_to(anna)
    assert "words of an internal note" in omar.letter(Notice.HELD).text
