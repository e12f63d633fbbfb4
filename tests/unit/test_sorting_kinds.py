import pytest
from mails import mail, multipart

from helpdesk.threading.reading.parsed import Kind, ReportedRecipient
from helpdesk.threading.reading.read import read

ROBOTS = {
    "auto-submitted": ({"auto_submitted": "auto-generated"}, Kind.AUTOMATIC),
    "auto-replied": ({"auto_submitted": "auto-replied (vacation)"}, Kind.OUT_OF_OFFICE),
    "absence": ({"auto_submitted": "auto-replied", "subject": "Out of Office: Anna"}, Kind.OUT_OF_OFFICE),
    "absence without a header": ({"subject": "Automatic reply: your question"}, Kind.OUT_OF_OFFICE),
    "German absence": ({"subject": "Abwesenheitsnotiz: Anna"}, Kind.OUT_OF_OFFICE),
    "autoreply": ({"x_autoreply": "yes"}, Kind.OUT_OF_OFFICE),
    "precedence": ({"precedence": "bulk"}, Kind.AUTOMATIC),
    "null path": ({"return_path": "<>"}, Kind.AUTOMATIC),
    "list": ({"list_id": "<users.example.org>", "precedence": "list"}, Kind.LIST),
    "challenge": ({"subject": "Please confirm your message", "auto_submitted": "auto-replied"}, Kind.CHALLENGE),
}


@pytest.mark.parametrize("name", ROBOTS)
def test_a_robot_is_known_by_its_fields(name: str) -> None:
    fields, kind = ROBOTS[name]
    assert read(mail("I am away.", **fields)).message.kind is kind


PEOPLE: tuple[dict[str, str], ...] = (
    {"subject": "Login"},
    {"subject": "Automatic reply does not work"},
    {"subject": "Out of office printer is broken"},
    {"subject": "Re: Out of office: Anna"},
    {"subject": "Undelivered mail"},
    {"subject": "Vacation days are wrong"},
    {"auto_submitted": "no"},
    {"x_auto_response_suppress": "All"},
    {"list_unsubscribe": "<mailto:x@example.org>"},
    {"x_autoreply": "no"},
    {"from": "Postmaster Pat <postmaster@example.org>", "subject": "Our mail server"},
    {"from": "Support <bounce@example.org>", "subject": "Question about bounces"},
)


@pytest.mark.parametrize("fields", PEOPLE, ids=str)
def test_a_person_is_never_called_a_robot(fields: dict[str, str]) -> None:
    body = "Your letter to bob@example.org came back: 550 5.1.1 user unknown. What shall I do?"
    assert read(mail(body if "subject" not in fields else "Please help.", **fields)).message.kind is Kind.PERSON


def test_a_person_who_asks_about_a_bounce_is_a_person() -> None:
    body = "I got this:\n\nUndelivered Mail Returned to Sender\n<bob@example.org>: 550 5.1.1 user unknown\n\nWhy?"
    for subject in ("Bounce", "Fwd: Undelivered Mail Returned to Sender", "Re: Delivery failure"):
        message = read(mail(body, subject=subject)).message
        assert (message.kind, message.delivery_report) == (Kind.PERSON, None)


def standard_report(fields: str, text: str = "Sorry.") -> bytes:
    return multipart(
        "report; report-type=delivery-status",
        f"Content-Type: text/plain\n\n{text}",
        f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n{fields}\n",
        "Content-Type: text/rfc822-headers\n\nMessage-ID: <letter.1@desk.example>\nSubject: Your ticket\n",
        subject="Undelivered Mail Returned to Sender",
        **{"from": "MAILER-DAEMON@mx.example.net"},
    )


STANDARD = {
    "Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user": (
        "failed",
        "5.1.1",
        True,
    ),
    "Final-Recipient: rfc822; bob@example.org\nAction: delayed\nStatus: 4.4.1": ("delayed", "4.4.1", False),
    "Final-Recipient: rfc822; bob@example.org\nAction: delivered\nStatus: 2.1.5": ("delivered", "2.1.5", False),
    "Final-Recipient: rfc822; bob@example.org\nAction: relayed\nStatus: 2.1.9": ("relayed", "2.1.9", False),
    "Original-Recipient: rfc822;bob@example.org\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 552 5.2.2 full": (
        "failed",
        "5.2.2",
        True,
    ),
    "Final-Recipient: rfc822; <bob@example.org>\nDiagnostic-Code: smtp; 550 user unknown": ("failed", "5.1.1", True),
    "Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 4.4.7": ("failed", "4.4.7", False),
}


@pytest.mark.parametrize("fields", STANDARD)
def test_a_standard_report_is_read_by_its_fields(fields: str) -> None:
    message = read(standard_report(fields)).message
    assert message.kind is Kind.DELIVERY_REPORT
    assert message.delivery_report is not None
    [recipient] = message.delivery_report.recipients
    assert (recipient.address, recipient.action, recipient.status, recipient.permanent) == ("bob@example.org", *STANDARD[fields])
    assert message.delivery_report.original_message_id == "letter.1@desk.example"


TEXTS = {
    "postfix": "I'm sorry to have to inform you that your message could not be delivered.\n\n<bob@example.org>: host mx.example.org said: 550 5.1.1 User unknown",
    "qmail": "Hi. This is the qmail-send program at example.net.\n\n<bob@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n",
    "exim": "A message that you sent could not be delivered:\n\n  bob@example.org\n    Unrouteable address\n\n------ This is a copy of the message",
    "exchange": "Your message did not reach some or all of the intended recipients.\n\nbob@example.org on 6/5/2024\n  The e-mail account does not exist. 5.1.1",
}


@pytest.mark.parametrize("system", TEXTS)
def test_a_report_in_words_is_read_when_a_machine_wrote_it(system: str) -> None:
    fields = {"from": "Mail Delivery System <MAILER-DAEMON@example.net>", "subject": "Mail delivery failed"}
    report = read(mail(TEXTS[system], **fields)).message.delivery_report
    assert report is not None
    assert [(one.address, one.permanent) for one in report.recipients] == [("bob@example.org", True)]


def test_failed_recipients_may_stand_in_a_header() -> None:
    fields = {"from": "Mailer <x@example.net>", "x_failed_recipients": "bob@example.org, eve@example.org"}
    report = read(mail("Sorry.\n\nbob@example.org\n  mailbox is full", **fields)).message.delivery_report
    assert report is not None
    assert report.recipients[0] == ReportedRecipient("bob@example.org", "failed", "5.2.2", True, "")
    assert [one.address for one in report.recipients] == ["bob@example.org", "eve@example.org"]


def test_an_absence_of_a_mailer_daemon_is_no_report() -> None:
    fields = {"from": "MAILER-DAEMON@example.net", "subject": "Out of office: bob@example.org", "auto_submitted": "auto-replied"}
    message = read(mail("I am away. Write to eve@example.org, errors included.", **fields)).message
    assert (message.kind, message.delivery_report) == (Kind.OUT_OF_OFFICE, None)


def test_a_complaint_is_known_by_its_report_type() -> None:
    content = multipart(
        "report; report-type=feedback-report",
        "Content-Type: text/plain\n\nabuse",
        "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n",
    )
    assert read(content).message.kind is Kind.COMPLAINT


def test_a_read_receipt_is_automatic() -> None:
    content = multipart(
        "report; report-type=disposition-notification",
        "Content-Type: text/plain\n\nread",
        "Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; bob@example.org\n",
    )
    message = read(content).message
    assert (message.kind, message.delivery_report) == (Kind.AUTOMATIC, None)
