import pytest
from support.mails.mails import mail, multipart

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.parsed import Kind, ReportedAction, ReportedRecipient

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
    assert [(recipient.address, recipient.permanent) for recipient in report.recipients] == [("bob@example.org", True)]


def test_failed_recipients_may_stand_in_a_header() -> None:
    fields = {"from": "Mailer <x@example.net>", "x_failed_recipients": "bob@example.org, eve@example.org"}
    report = read(mail("Sorry.\n\nbob@example.org\n  mailbox is full", **fields)).message.delivery_report
    assert report is not None
    assert report.recipients[0] == ReportedRecipient("bob@example.org", ReportedAction.FAILED, "5.2.2", True, "")
    assert [recipient.address for recipient in report.recipients] == ["bob@example.org", "eve@example.org"]


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


# What responders write without any header of theirs: subject, first line.
ABSENCES = (
    ("Automatic reply: Login", "I am out of the office until 12 June. For urgent matters contact bob@example.org."), ("Out of Office: Login", "Thank you for your mail. I am on vacation."), ("AUTO: Anna is out of the office (returning 17.06.2024)", "I am out of the office until 17.06.2024."), ("Abwesenheitsnotiz: Anmeldung", "Ich bin bis 12. Juni nicht im Büro."), ("Automatische Antwort: Anmeldung", "Ich bin im Urlaub."), ("AUTO: Eva ist außer Haus", "Ich bin außer Haus."),
    ("Réponse automatique : Connexion", "Je suis absent du bureau."), ("Respuesta automática: Acceso", "Estoy fuera de la oficina."), ("Risposta automatica: Accesso", "Sono in ferie."), ("Resposta automática: Acesso", "Estou de férias."), ("Automatisch antwoord: Inloggen", "Ik ben afwezig."), ("Autosvar: Inloggning", "Jag är på semester."), ("Automatisk svar: Login", "Jeg holder ferie."), ("Automaattinen vastaus: Kirjautuminen", "Olen lomalla."), ("Automatyczna odpowiedź: Logowanie", "Jestem na urlopie."), ("Automatická odpověď: Přihlášení", "Jsem na dovolené."),
    ("Automatikus válasz: Belépés", "Szabadságon vagyok."), ("Автоматический ответ: Вход", "Я в отпуске."), ("Автоматична відповідь: Вхід", "Я у відпустці."), ("Otomatik yanıt: Giriş", "İzindeyim."), ("自动回复: 登录", "我在休假。"), ("自動応答: ログイン", "休暇をいただいております。"), ("자동 회신: 로그인", "휴가입니다."), ("رد تلقائي: دخول", "أنا في إجازة"), ("מענה אוטומטי: כניסה", "אני בחופשה"),
)  # fmt: skip


@pytest.mark.parametrize(("subject", "text"), ABSENCES)
def test_an_absence_is_known_without_a_header(subject: str, text: str) -> None:
    assert read(mail(text, subject=subject, content_type="text/plain; charset=utf-8")).message.kind is Kind.OUT_OF_OFFICE


@pytest.mark.parametrize(("subject", "text"), ABSENCES)
def test_neither_its_subject_nor_its_text_is_enough(subject: str, text: str) -> None:
    for given_subject, given_text in (
        (subject, "Please help me to log in."),
        ("Login", text),
        (f"Re: {subject}", f"You wrote: {text}"),
    ):
        content = mail(given_text, subject=given_subject, content_type="text/plain; charset=utf-8")
        assert read(content).message.kind is Kind.PERSON


BARE_RESPONSES = (
    "This is an automatic reply. We have received your message.", "Hello,\n\nThis is an automated response - please do not answer it.", "*** This is an automated reply. ***\n\nOur shop is closed.",
    "Guten Tag,\ndies ist eine automatische Antwort.", "Ceci est une réponse automatique.\nMerci.", "Esto es una respuesta automática.", "Dit is een automatisch antwoord.", "Это автоматический ответ.", "これは自動返信です。", "Bu otomatik bir yanıttır.",
)  # fmt: skip
PEOPLE_ON_RESPONSES = (
    "This is an automatic reply that I get each time.", "This is an automatic reply. Why do I get it?", "> This is an automatic reply.\nIs anybody there?", "Hello,\nI only got this:\nThis is an automatic reply.", "Is this an automatic reply?", "Dies ist eine automatische Antwort, sagt Ihr System. Wer hilft mir?", "This is an automated message from the form: Anna Jones wrote: I cannot log in.",
)  # fmt: skip


@pytest.mark.parametrize("text", BARE_RESPONSES)
def test_a_response_that_says_so_first_needs_no_header(text: str) -> None:
    content = mail(text, subject="Re: Login", in_reply_to="<x@example.com>", content_type="text/plain; charset=utf-8")
    assert read(content).message.kind is Kind.AUTOMATIC


@pytest.mark.parametrize("text", PEOPLE_ON_RESPONSES)
def test_a_person_who_speaks_of_a_response_is_none(text: str) -> None:
    assert read(mail(text, content_type="text/plain; charset=utf-8")).message.kind is Kind.PERSON


def test_a_response_that_is_forwarded_is_a_person_s_mail() -> None:
    assert read(mail(BARE_RESPONSES[0], subject="Fwd: Login")).message.kind is Kind.PERSON


OTHERS: dict[str, tuple[dict[str, str], str, Kind]] = {
    "a robot that tells of an absence of nobody": ({"auto_submitted": "auto-generated"}, "Ticket received.", Kind.AUTOMATIC),
    "a robot's newsletter about holidays": ({"auto_submitted": "auto-generated"}, "Who is on vacation?", Kind.AUTOMATIC),
    "bulk of nobody": ({"precedence": "bulk"}, "News", Kind.AUTOMATIC),
    "bulk of a person's client": ({"precedence": "bulk", "user_agent": "Mutt"}, "Hello", Kind.LIST),
    "bulk of an old list": ({"precedence": "bulk", "sender": "owner-users@example.org"}, "Hello", Kind.LIST),
    "a list's administrator": ({"precedence": "bulk", "return_path": "<users-bounces@example.org>"}, "Hello", Kind.LIST),
    "a robot on a list": ({"list_id": "<users.example.org>", "auto_submitted": "auto-generated"}, "Build failed", Kind.AUTOMATIC),
    "mirrored": ({"x_autogenerated": "Mirror"}, "Hello", Kind.PERSON),
    "an answer of a robot": ({"x_autogenerated": "Reply"}, "Received.", Kind.AUTOMATIC),
    "precedence of a responder": ({"precedence": "auto_reply"}, "Received.", Kind.AUTOMATIC),
    "challenge": ({"return_path": "<>", "subject": "Confirmation required"}, "Click the link to prove that you are a human.", Kind.CHALLENGE),
    "challenge in German": ({"auto_submitted": "auto-replied", "subject": "Bitte bestätigen Sie Ihre Nachricht"}, "Nur einmal nötig.", Kind.CHALLENGE),
    "a question for confirmation": ({"subject": "Please confirm your message"}, "Did you write it?", Kind.PERSON),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_each_mark_is_worth_what_it_says(name: str) -> None:
    fields, text, kind = OTHERS[name]
    assert read(mail(text, content_type="text/plain; charset=utf-8", **fields)).message.kind is kind
