"""Delivery reports in the shapes of many mail systems, written for these tests; and mails that only look like them."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.mails.mails import mail, multipart

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.parsed import Kind

DAEMON = {"from": "Mail Delivery System <MAILER-DAEMON@mx.example.net>", "to": "desk@example.com"}
RETURNED = "From: desk@example.com\nTo: bob@example.org\nSubject: Your ticket\nMessage-ID: <letter.1@example.com>\n\nHello\n"

# Shape → subject, text; then recipients, action, status, permanent.
SHAPES: dict[str, tuple[str, str, tuple[str, ...], str, str, bool]] = {
    "address, colon, reply": ("Undelivered Mail Returned to Sender", "Sorry.\n\n<bob@example.org>: host mx.example.org said: 550 5.1.1 User unknown", ("bob@example.org",), "failed", "5.1.1", True),
    "address on a line, reason below": ("failure notice", "Hi. This is the mail program at example.net.\n\n<bob@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nMessage-ID: <letter.1@example.com>", ("bob@example.org",), "failed", "5.1.1", True),
    "indented address": ("Mail delivery failed: returning message to sender", "A message that you sent could not be delivered to one or more recipients.\nThe following address(es) failed:\n\n  bob@example.org\n    all relevant MX records point to non-existent hosts\n", ("bob@example.org",), "failed", "5.0.0", True),
    "two of them, each with its reason": ("Returned mail", "   ----- The following addresses had permanent fatal errors -----\n<bob@example.org>\n<eve@example.org>\n\n   ----- Transcript of session follows -----\n550 5.1.1 <bob@example.org>... User unknown\n550 5.1.1 <eve@example.org>... User unknown\n", ("bob@example.org", "eve@example.org"), "failed", "5.1.1", True),
    "address and a day": ("Undeliverable: Your ticket", "Your message\n\n  To: team@example.com\n  Subject: Your ticket\n\ndid not reach the following recipient(s):\n\nbob@example.org on Wed, 5 Jun 2024 12:00:00\n    The e-mail account does not exist", ("bob@example.org",), "failed", "5.1.1", True),
    "labelled": ("Delivery Notification: Delivery has failed", "Your message cannot be delivered to the following recipients:\n\n  Recipient address: bob@example.org\n  Reason: mailbox full\n", ("bob@example.org",), "failed", "5.2.2", True),
    "in brackets on a star": ("Undeliverable: x", "Delivery has failed to these recipients:\n\n\t* [bob@example.org]: 550 account is over quota\n\nDetails:\n\t* From: desk@example.com\n\t* To: team@example.com", ("bob@example.org",), "failed", "5.2.2", True),
    "in a sentence": ("Mail delivery failed", "There was an error delivering your mail to <bob@example.org>.\n\nmx.example.org did not like our final DATA:\n554 5.7.9 Message not accepted for policy reasons.\n\nMessage headers follow.\n\nMessage-ID: <letter.1@example.com>", ("bob@example.org",), "failed", "5.7.9", True),
    "a name without a domain": ("Mail Delivery Problem", "Your mail to the following recipients could not be delivered:\n\tbob.jones\n", ("bob.jones@mx.example.net",), "failed", "5.0.0", True),
    "quoted": ("Mail delivery failure", "The following message, addressed to 'bob@example.org',\nfailed because it has not been collected after 30 days", ("bob@example.org",), "failed", "5.0.0", True),
    "a session": ("Postmaster notify", "Transcript of session follows.\n\n Out: 220 mx\n In:  MAIL FROM:<desk@example.com>\n Out: 250 2.1.0 Ok\n In:  RCPT TO:<bob@example.org>\n Out: 250 2.1.5 Ok\n In:  DATA\n Out: 451 4.3.0 Error: queue file write error", ("bob@example.org",), "failed", "4.3.0", False),
    "reply code alone": ("Undelivered Mail", "This is a permanent error.\n\nbob@example.org Error, ERROR_CODE :421, Host not reachable.", ("bob@example.org",), "failed", "4.4.1", False),
    "waiting": ("Delayed Mail (still being retried)", "YOU DO NOT NEED TO RESEND YOUR MESSAGE.\n\nDelivery to the following recipient has been delayed:\n\n   bob@example.org\n", ("bob@example.org",), "delayed", "4.0.0", False),
    "waiting, with a code": ("Warning: message 1abc delayed 24 hours", "The address to which the message has not yet been delivered is:\n\n  bob@example.org\n    Delay reason: 450 4.2.0 greylisted\n", ("bob@example.org",), "delayed", "4.2.0", False),
    "given up": ("Undelivered Mail", "<bob@example.org>: connect to mx.example.org: Connection timed out", ("bob@example.org",), "failed", "5.4.1", True),
    "whom it was for": ("Undeliverable mail", "Addresses here look like first.last@corp.example.net, and so\nno mailbox is there: the mail was addressed to bob@example.org, see below.", ("bob@example.org",), "failed", "5.0.0", True),
    "only its envelope": ("Undeliverable mail", "Not delivered: the filter of admin@gw.example.net rejected it.\n\nFrom: desk@example.com\nTo: bob@example.org", ("bob@example.org",), "failed", "5.7.1", True),
    "German": ("Unzustellbar: Ihre Anfrage", "Die Nachricht konnte nicht an die folgenden Empfänger zugestellt werden:\n\nbob@example.org\nEmpfänger unbekannt", ("bob@example.org",), "failed", "5.1.1", True),
    "French": ("Non remis : Votre demande", "Votre message n'a pas pu être remis aux destinataires suivants :\n\nbob@example.org\nLa boîte n'existe pas", ("bob@example.org",), "failed", "5.1.1", True),
    "Spanish": ("No se puede entregar: Consulta", "No se pudo entregar el mensaje a los destinatarios:\n\nbob@example.org\nbuzón lleno", ("bob@example.org",), "failed", "5.2.2", True),
    "Russian": ("Недоставленное сообщение", "Не удалось доставить письмо:\n\nbob@example.org\nпользователь не существует", ("bob@example.org",), "failed", "5.1.1", True),
    "Japanese": ("配信不能", "次の宛先に配信できませんでした。\n\nbob@example.org\nユーザーが存在しません", ("bob@example.org",), "failed", "5.1.1", True),
    "Chinese": ("系统退信", "您的邮件无法送达以下收件人：\n\nbob@example.org\n用户不存在", ("bob@example.org",), "failed", "5.1.1", True),
    "Turkish": ("Teslim edilemedi: Talep", "İleti şu alıcılara teslim edilemedi:\n\nbob@example.org\n550 5.1.1 bilinmiyor", ("bob@example.org",), "failed", "5.1.1", True),
}  # fmt: skip
# Who may say so, besides MAILER-DAEMON.
REPORTERS: dict[str, dict[str, str]] = {
    "a system by its name": {"from": "Mail Delivery Subsystem <x123@example.net>"},
    "nobody": {"from": "MAILER-DAEMON <>"},
    "postmaster from the null path": {"from": "Postmaster <postmaster@example.net>", "return_path": "<>"},
    "postmaster without a person's name": {"from": "postmaster@example.net"},
    "a gateway": {"from": "Antivirus_for_SMTP_Gateway@example.net"},
    "an automatic mail": {"from": "x@example.net", "auto_submitted": "auto-generated"},
    "a bare address with nothing of its own": {"from": "x@example.net"},
    "Exim's header": {"from": "x@example.net", "x_failed_recipients": "bob@example.org"},
}


def sent(text: str, subject: str, **fields: str) -> bytes:
    return mail(text, subject=subject, content_type="text/plain; charset=utf-8", **{**DAEMON, **fields})


@pytest.mark.parametrize("shape", SHAPES)
def test_a_report_in_words_is_read(shape: str) -> None:
    subject, text, recipients, action, status, permanent = SHAPES[shape]
    message = read(sent(text, subject)).message
    assert message.kind is Kind.DELIVERY_REPORT
    assert message.delivery_report is not None
    assert tuple(recipient.address for recipient in message.delivery_report.recipients) == recipients
    first = message.delivery_report.recipients[0]
    assert (first.action, first.status, first.permanent) == (action, status, permanent)
    assert message.delivery_report.original_message_id == ("letter.1@example.com" if "letter.1@" in text else None)


@pytest.mark.parametrize("reporter", REPORTERS)
def test_reporters_are_known_by_what_no_person_has(reporter: str) -> None:
    text = "Your message could not be delivered to\nbob@example.org\n\n550 5.1.1 User unknown\n"
    assert read(sent(text, "Mail delivery failed", **REPORTERS[reporter])).message.kind is Kind.DELIVERY_REPORT


NOT_REPORTS: dict[str, tuple[dict[str, str], str]] = {
    "a postmaster with a name": ({"from": "Pat Smith <postmaster@example.net>"}, "Your message could not be delivered to bob@example.org: 550"),
    "a postmaster who greets": ({"from": "postmaster@example.net"}, "Hi,\nyour message could not be delivered to bob@example.org."),
    "a postmaster who asks": ({"from": "postmaster@example.net"}, "Why could the message not be delivered to bob@example.org?"),
    "a bare address that greets": ({"from": "x@example.net"}, "Hello,\nmy message could not be delivered to bob@example.org."),
    "a bare address in a thread": ({"from": "x@example.net", "in_reply_to": "<1@example.org>"}, "Your message could not be delivered to\nbob@example.org"),
    "a bare address that quotes": ({"from": "x@example.net"}, "> Your message could not be delivered to\n> bob@example.org"),
    "a named author": ({"from": "Anna <x@example.net>"}, "Your message could not be delivered to\nbob@example.org"),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_REPORTS)
def test_a_person_is_no_reporter(name: str) -> None:
    fields, text = NOT_REPORTS[name]
    message = read(sent(text, "Mail delivery failed", **fields)).message
    assert (message.kind, message.delivery_report) == (Kind.PERSON, None)


def test_a_person_who_attaches_a_report_is_no_reporter() -> None:
    parts = ("Content-Type: text/plain\n\nWhat is this?", "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; bob@example.org\nAction: failed\n")  # fmt: skip
    message = read(multipart("mixed", *parts, subject="Fwd: Undelivered Mail Returned to Sender")).message
    assert (message.kind, message.delivery_report) == (Kind.PERSON, None)


FIELDS = "Reporting-MTA: dns; mx.example.net\n\n{}\n"
LAYOUTS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "by the book": ("Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.1.1", (("bob@example.org", "5.1.1"),)),
    "no blank line between two": (
        "Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.1.1\nFinal-Recipient: rfc822; eve@example.org\nAction: failed\nStatus: 5.2.2",
        (("bob@example.org", "5.1.1"), ("eve@example.org", "5.2.2")),
    ),
    "a blank line too many": ("Final-Recipient: rfc822; bob@example.org\n\nAction: failed\nStatus: 5.1.1", (("bob@example.org", "5.1.1"),)),
    "action first": ("Action: failed\nStatus: 5.0.0 (no)\nFinal-Recipient: rfc822;bob@example.org\nDiagnostic-Code: smtp;550 5.7.1 no", (("bob@example.org", "5.7.1"),)),
    "the address that was written to": ("Original-Recipient: rfc822;bob@example.org\nFinal-Recipient: rfc822; b0b@inner.example.org\nAction: failed\nStatus: 5.1.1", (("bob@example.org", "5.1.1"),)),
    "another kind of address": ("Original-Recipient: rfc822; bob@example.org\nFinal-Recipient: x400; /S=bob/O=example/\nAction: failed\nStatus: 5.1.1", (("bob@example.org", "5.1.1"),)),
    "folded": ("Final-Recipient: rfc822;\n bob@example.org\nAction: failed\nDiagnostic-Code: smtp;\n 550 mailbox\n full", (("bob@example.org", "5.2.2"),)),
    "internationalised": ("Final-Recipient: utf-8; bøb@example.org\nAction: failed\nStatus: 5.1.1", (("bøb@example.org", "5.1.1"),)),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_fields_are_read_in_each_layout(layout: str) -> None:
    fields, found = LAYOUTS[layout]
    parts = ("Content-Type: text/plain\n\nSorry.", f"Content-Type: message/delivery-status\n\n{FIELDS.format(fields)}")
    report = read(multipart("report; report-type=delivery-status", *parts, **DAEMON)).message.delivery_report
    assert report is not None
    assert tuple((recipient.address, recipient.status) for recipient in report.recipients) == found


def test_fields_that_lost_their_part_are_read_in_the_text() -> None:
    text = f"Your message was not delivered.\n\n{FIELDS.format(LAYOUTS['no blank line between two'][0])}"
    report = read(sent(text, "Returned mail")).message.delivery_report
    assert report is not None
    assert [recipient.address for recipient in report.recipients] == ["bob@example.org", "eve@example.org"]


def test_a_gateway_may_enclose_another_systems_report() -> None:
    inner = f"Content-Type: message/rfc822\n\nFrom: postmaster@example.org\nContent-Type: text/plain\n\n{FIELDS.format(LAYOUTS['by the book'][0])}"
    report = read(multipart("mixed", "Content-Type: text/plain\n\n", inner, subject="Undelivered Mail", **DAEMON)).message
    assert report.delivery_report is not None
    assert report.delivery_report.recipients[0].address == "bob@example.org"


def test_the_returned_mail_may_be_all_that_names_the_recipient() -> None:
    parts = ("Content-Type: text/plain\n\nThe following addresses had errors:\n", f"Content-Type: message/rfc822\n\n{RETURNED}")
    report = read(multipart("mixed", *parts, subject="Returned mail: User unknown", **DAEMON)).message.delivery_report
    assert report is not None
    assert ([recipient.address for recipient in report.recipients], report.original_message_id) == (
        ["bob@example.org"],
        "letter.1@example.com",
    )


def notification(kind: str, section: Mapping[str, object], name: str) -> str:
    return json.dumps(
        {"notificationType": kind, name: section, "mail": {"commonHeaders": {"messageId": "<letter.1@example.com>"}}}
    )


BOUNCED = {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": "bob@example.org", "status": "5.1.1"}]}


def test_a_service_may_notify_by_an_object() -> None:
    plain = notification("Bounce", BOUNCED, "bounce")
    for text in (plain, json.dumps({"Type": "Notification", "Message": plain}, indent=1), plain + "\n\n--\nunsubscribe: x"):
        message = read(sent(text, "Notification", **{"from": "x@example.net"})).message
        assert message.delivery_report is not None
        [recipient] = message.delivery_report.recipients
        assert (recipient.address, recipient.status, recipient.permanent) == ("bob@example.org", "5.1.1", True)
        assert message.delivery_report.original_message_id == "letter.1@example.com"


OBJECTS: dict[str, tuple[Mapping[str, object], str, str, tuple[str, str]]] = {
    "passing": ({"bounceType": "Transient", "bouncedRecipients": [{"emailAddress": "bob@example.org"}]}, "Bounce", "bounce", ("failed", "4.0.0")),
    "waiting": ({"delayedRecipients": [{"emailAddress": "bob@example.org", "status": "4.4.1"}]}, "DeliveryDelay", "deliveryDelay", ("delayed", "4.4.1")),
    "delivered": ({"recipients": ["bob@example.org"]}, "Delivery", "delivery", ("delivered", "2.0.0")),
}  # fmt: skip


@pytest.mark.parametrize("name", OBJECTS)
def test_an_object_says_what_happened(name: str) -> None:
    section, kind, key, found = OBJECTS[name]
    report = read(sent(notification(kind, section, key), "Notification", **{"from": "x@example.net"})).message.delivery_report
    assert report is not None
    assert [(recipient.action, recipient.status) for recipient in report.recipients] == [found]


def test_an_object_may_be_a_complaint() -> None:
    text = notification("Complaint", {"complainedRecipients": []}, "complaint")
    assert read(sent(text, "Notification", **{"from": "x@example.net"})).message.kind is Kind.COMPLAINT


@pytest.mark.parametrize("text", ['{"notificationType": ' + "[" * 5000, '{"notificationType": 1}', '{"eventType": "Bounce", "bounce": 3}', 'Look: {"notificationType": "Bounce"}'])  # fmt: skip
def test_other_objects_say_nothing(text: str) -> None:
    assert read(sent(text, "Question", **{"from": "Anna <x@example.net>"})).message.kind is Kind.PERSON


@given(st.text(alphabet=st.sampled_from("ab@.<>: \n50-{}\"'"), max_size=400))
def test_every_text_of_a_daemon_has_an_answer(text: str) -> None:
    message = read(sent(text, "Undelivered Mail")).message
    for one in message.delivery_report.recipients if message.delivery_report else ():
        assert one.address
        assert one.action in ("failed", "delayed", "delivered", "relayed")
        assert one.status[0] in "245"
        assert one.permanent == (one.action == "failed" and one.status[0] != "4")
