"""Robots' mail moves nothing, and nothing automatic ever answers it."""

import pytest
from support.desk.staff_rows import change_staff
from support.desk.story import Person, StoryDesk

from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Participant, Role
from helpdesk.threading.model.status import Status

AUTO = {"Auto-Submitted": "auto-replied"}


@pytest.mark.parametrize("status", ["open", "resolved", "closed"])
def test_an_out_of_office_reply_never_moves_a_ticket(desk: StoryDesk, status: str) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    if status != "open":
        omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    if status == "closed":
        anna.replies(Notice.RESOLUTION, "Thanks!")
    before, letters = desk.ticket(), desk.notices_to(anna)
    message_id = anna.replies(Notice.CONFIRMATION, "I am out of the office until Monday.", headers=AUTO)
    after = desk.ticket()
    assert desk.why(message_id).state is Disposition.NOTED
    assert (after.status, after.waiting_on) == (before.status, before.waiting_on)
    assert desk.notices_to(anna) == letters


def test_a_robots_mail_without_a_ticket_is_kept_for_staff_and_not_answered(desk: StoryDesk) -> None:
    robot, omar = desk.person("monitor@acme.example"), desk.person("omar@desk.example")
    robot.writes("Disk full", "Volume 7 is full.", headers={"Auto-Submitted": "auto-generated"})
    assert desk.notices_to(robot) == []
    assert "Volume 7 is full." in omar.letter(Notice.NEW_TICKET).text
    assert "No confirmation was sent" in omar.letter(Notice.NEW_TICKET).text


def test_a_person_on_a_mailing_list_is_heard_but_not_answered_automatically(desk: StoryDesk) -> None:
    carl = desk.person("carl@other.example")
    carl.writes("Question", "How do I export?", headers={"List-Id": "<users.lists.example>"})
    assert desk.ticket().status is Status.IN_REVIEW
    assert desk.notices_to(carl) == []


def test_the_null_path_is_never_answered(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    anna.mail(
        b"From: anna@acme.example\r\nTo: help@support.example.com\r\nSubject: x\r\n\r\nhello\r\n",
        ["help@support.example.com"],
        "",
    )
    assert desk.notices_to(anna) == []


def test_mail_written_as_the_desk_is_a_request_that_answers_nobody(desk: StoryDesk) -> None:
    form = desk.person("help@support.example.com")
    form.writes("Hello", "from the web site to the desk")
    assert desk.ticket().participant(1) == Participant(1, Role.CUSTOMER, "", "Help")
    assert desk.notices_to(form) == []
    assert "nobody to answer" in desk.person("omar@desk.example").letter(Notice.NEW_TICKET).text


def test_mail_written_as_the_desk_joins_no_request_whatever_it_names(desk: StoryDesk) -> None:
    """The desk's own web form speaks for whoever it names; it takes part in nobody's conversation."""
    anna, form = desk.person("anna@acme.example"), desk.person("help@support.example.com")
    anna.writes("Printer", "It jams.")
    token = anna.letter(Notice.CONFIRMATION).header("Reply-To").rpartition("<")[2].rstrip(">")
    form.writes("Re: Printer", "Never mind.", to=token, headers={"Reply-To": "ida@home.example"})
    assert [message.text for message in desk.history(1).messages] == ["It jams."]
    assert desk.ticket(2).participant(1) == Participant(1, Role.CUSTOMER, "ida@home.example", "Help")


def test_nothing_goes_to_an_address_that_nobody_reads_and_staff_are_told(desk: StoryDesk) -> None:
    shop, omar = desk.person("noreply@shop.example"), desk.person("omar@desk.example")
    shop.writes("Order 4711", "Please call back.")
    assert "nobody to answer" in omar.letter(Notice.NEW_TICKET).text
    omar.replies(Notice.NEW_TICKET, "We call you.")
    assert shop.letters() == []


@pytest.mark.parametrize("author", ["team@corp.example", "anna@acme.example", "help@support.example.com"])
def test_a_letter_of_ours_that_comes_back_opens_and_moves_nothing(desk: StoryDesk, author: str) -> None:
    """A list or a forwarding rule sends it on, with its own address or the customer's in From; the Message-ID is still ours."""
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    returned = anna.letter(Notice.ANSWER).message
    returned.replace_header("From", author)
    before = desk.ticket()
    anna.mail(returned.as_bytes(), ["help@support.example.com"], author)
    assert [mail.state for mail in desk.mails()][-1] is Disposition.DISCARDED
    assert desk.ticket() == before


def test_a_letter_of_ours_comes_back_with_another_id_and_is_still_known_by_its_reply_address(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    returned = anna.letter(Notice.CONFIRMATION).message
    returned.replace_header("Message-ID", "<rewritten@exchange.example>")
    anna.mail(returned.as_bytes(), ["help@support.example.com"], "anna@acme.example")
    assert [mail.state for mail in desk.mails()][-1] is Disposition.DISCARDED


def bounce(to: str, recipient: str, action: str = "failed", status: str = "5.1.1") -> bytes:
    return f"""From: MAILER-DAEMON@mx.acme.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <{action}{status}@mx.acme.example>
Date: Mon, 23 Nov 2026 09:05:00 +0000
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your mail could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.acme.example

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b--
""".replace("\n", "\r\n").encode()


def reverse_path(desk: StoryDesk) -> str:
    from sqlalchemy import select

    from helpdesk.store.outbox import list_letters
    from helpdesk.store.schema import outbox

    with desk.database.reading() as connection:
        letter = next(one for one in list_letters(connection) if one.notice == Notice.CONFIRMATION)
        return str(connection.execute(select(outbox.c.reverse_path).where(outbox.c.id == letter.id)).scalar_one())


def test_a_delivery_report_is_tied_to_its_letter_and_the_team_is_told(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    before = desk.ticket()
    path = reverse_path(desk)
    assert path.startswith("bounces+")
    desk.person("MAILER-DAEMON@mx.acme.example").mail(bounce(path, anna.address), [path], "")
    after = desk.ticket()
    assert (after.status, after.waiting_on) == (before.status, before.waiting_on)
    assert desk.mails()[-1].state is Disposition.REPORTED
    assert desk.history().events[-1].kind == "delivery_failed"
    assert "5.1.1" in omar.letter(Notice.DELIVERY_FAILURE).text


def test_a_delayed_delivery_is_recorded_and_nobody_is_troubled(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    path = reverse_path(desk)
    desk.person("MAILER-DAEMON@mx.acme.example").mail(bounce(path, anna.address, "delayed", "4.4.1"), [path], "")
    assert desk.history().events[-1].kind == "delivery_delayed"
    assert Notice.DELIVERY_FAILURE not in desk.notices_to(omar)


@pytest.mark.parametrize("forged", ["wrong token", "support address", "not the null path"])
def test_a_forged_delivery_report_does_nothing(desk: StoryDesk, forged: str) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    path = reverse_path(desk)
    wrong = path[:-30] + ("q" if path[-30] != "q" else "r") + path[-29:]
    to = {"wrong token": wrong, "support address": "help@support.example.com", "not the null path": path}[forged]
    events = len(desk.history().events)
    sender = "eve@evil.example" if forged == "not the null path" else ""
    desk.person("eve@evil.example").mail(bounce(to, anna.address), [to], sender)
    assert len(desk.history().events) == events
    assert Notice.DELIVERY_FAILURE not in desk.notices_to(omar)
    assert len(desk.tickets()) == 1


@pytest.mark.parametrize("opener", ["monitor", "list", "null path", "no-reply"])
def test_nothing_automatic_goes_to_a_robot_later_either(desk: StoryDesk, opener: str) -> None:
    """Neither a missed target nor a resolution without words nor closing writes to it; a person's answer does."""
    headers = {"monitor": "Auto-Submitted: auto-generated\r\n", "list": "List-Id: <users.lists.example>\r\n"}.get(opener, "")
    address = "no-reply@shop.example" if opener == "no-reply" else "robot@acme.example"
    robot, ines = desk.person(address), desk.person("ines@desk.example")
    content = f"From: {address}\r\nTo: help@support.example.com\r\nSubject: x\r\n{headers}\r\nVolume 7 is full.\r\n"
    robot.mail(content.encode(), ["help@support.example.com"], "" if opener == "null path" else None)
    desk.person("omar@desk.example").replies(Notice.NEW_TICKET, "#escalate")
    ines.replies(Notice.ESCALATION, "#resolve")
    desk.passes(days=7)
    assert desk.ticket().status is Status.CLOSED
    assert desk.notices_to(robot) == []
    ines.replies(Notice.ESCALATION, "We have made room.")
    assert desk.notices_to(robot) == [Notice.ANSWER]


def test_a_web_form_is_answered_at_its_reply_to_and_proves_nothing(desk: StoryDesk) -> None:
    carl, omar = desk.person("carl@other.example"), desk.person("omar@desk.example")
    form = desk.person("no-reply@website.example")
    form.writes("Contact form", "secret-word: my printer jams", headers={"Reply-To": carl.address})
    assert desk.notices_to(form) == []
    assert desk.notices_to(carl) == [Notice.CONFIRMATION]
    assert "secret-word" not in carl.letter(Notice.CONFIRMATION).message.as_string()
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    carl.replies(Notice.ANSWER, "That helped.")
    assert desk.history().messages[-1].author == carl.address
    assert len(desk.tickets()) == 1


def test_two_dead_mailboxes_of_the_team_do_not_report_each_other_for_ever(desk: StoryDesk) -> None:
    """A queue without members on a desk without seniors: everybody is told of the ticket, and nobody's mailbox takes letters."""
    from sqlalchemy import select

    from helpdesk.store.schema import outbox

    change_staff(desk, queues=["elsewhere"], role="agent")
    desk.person("carl@other.example").writes("Printer", "It jams.")
    daemon, returned = desk.person("MAILER-DAEMON@mx.desk.example"), set()
    for _ in range(4):
        with desk.database.reading() as connection:
            letters = connection.execute(select(outbox).where(outbox.c.audience == "staff")).all()
        for letter in letters:
            if letter.id not in returned:
                returned.add(letter.id)
                content = bounce(letter.reverse_path, letter.recipient).replace(b"<failed", f"<{letter.id}".encode())
                daemon.mail(content, [letter.reverse_path], "")
    assert len(returned) == 3 + 3 * 2
    assert [event.kind for event in desk.history().events].count("delivery_failed") == 9


def test_a_web_form_does_not_take_the_account_of_its_no_reply_address(desk: StoryDesk) -> None:
    form = desk.person("no-reply@globex.example")
    form.writes("Contact form", "my printer jams", headers={"Reply-To": "carl@other.example"}, peer="203.0.113.9")
    assert (desk.ticket().account, desk.ticket().plan) == (None, "free")
    assert desk.inbox("globex") == []


def test_a_receipt_names_nobody_where_no_letter_goes(desk: StoryDesk) -> None:
    robot, omar = desk.person("monitor@acme.example"), desk.person("omar@desk.example")
    robot.writes("Disk full", "Volume 7 is full.", headers={"Auto-Submitted": "auto-generated"})
    omar.replies(Notice.NEW_TICKET, "#resolve")
    assert "resolution letter goes to nobody" in omar.letter(Notice.RECEIPT).text


GMAIL_LIKE = "👍 Anna reacted via Gmail"


def resolved(desk: StoryDesk) -> tuple[Person, Person]:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    return anna, omar


@pytest.mark.parametrize(
    ("text", "status"),
    [(GMAIL_LIKE, Status.CLOSED), ("❤️", Status.CLOSED), ("😢", Status.RESOLVED), ("👍 but it jams", Status.IN_PROGRESS), ("Ok", Status.RESOLVED), ("-- \nAnna Weber", Status.RESOLVED)],
)  # fmt: skip
def test_a_reaction_to_a_resolution_confirms_it_or_changes_nothing(desk: StoryDesk, text: str, status: Status) -> None:
    anna, _ = resolved(desk)
    before = desk.notices_to(anna)
    anna.replies(Notice.RESOLUTION, text)
    assert desk.ticket().status is status
    assert (desk.notices_to(anna) == before) is (status is not Status.IN_PROGRESS)


def test_a_reaction_of_staff_is_no_answer(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    letters = desk.notices_to(anna)
    message_id = omar.replies(Notice.NEW_TICKET, "👍")
    assert desk.why(message_id).state is Disposition.NOTED
    assert desk.notices_to(anna) == letters


@pytest.mark.parametrize("headers", [{"Auto-Submitted": "auto-generated"}, {}])
def test_an_alert_from_the_null_path_opens_a_request_that_nobody_is_told_about(desk: StoryDesk, headers: dict[str, str]) -> None:
    monitor, omar = desk.person("monitor@acme.example"), desk.person("omar@desk.example")
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    content = (
        f"From: monitor@acme.example\r\nTo: help@support.example.com\r\nSubject: Disk full\r\n{fields}\r\nVolume 7 is full.\r\n"
    )
    monitor.mail(content.encode(), ["help@support.example.com"], "")
    assert "Volume 7 is full." in omar.letter(Notice.NEW_TICKET).text
    assert desk.notices_to(monitor) == []


@pytest.mark.parametrize(
    "fields",
    [
        "Auto-Submitted: auto-replied\r\n",
        "Auto-Submitted: auto-generated\r\nIn-Reply-To: <x@y.example>\r\n",
        "X-Autoreply: yes\r\n",
    ],
)
def test_a_response_from_the_null_path_stays_a_note(desk: StoryDesk, fields: str) -> None:
    monitor = desk.person("monitor@acme.example")
    content = f"From: monitor@acme.example\r\nTo: help@support.example.com\r\nSubject: Your mail\r\n{fields}\r\nWe have it.\r\n"
    monitor.mail(content.encode(), ["help@support.example.com"], "")
    assert desk.mails()[-1].state is Disposition.NOTED


def test_an_answer_within_the_letter_below_a_reaction_is_a_message(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nWe have cleaned the long roller.\nDoes the lamp at the back go out now?")
    desk.passes(minutes=1)
    letter = anna.letter(Notice.RESOLUTION).text.replace("\r\n", "\n").replace("go out now?", "go out now?\nIt is still red.")
    quote = "\n".join(f"> {line}" for line in letter.split("\n"))
    anna.replies(Notice.RESOLUTION, f"👍\n\nOn Monday, Accoraze Support <help@support.example.com> wrote:\n{quote}", quote=False)
    assert desk.ticket().status is Status.IN_PROGRESS
    assert "It is still red." in omar.letters()[-1].text
