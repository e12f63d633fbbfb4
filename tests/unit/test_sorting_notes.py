"""Absences that no header marks, closing notes of other desks, refusals in receipts, reports of unknown systems."""

import pytest
from support.mails.mails import mail, multipart

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.parsed import DeliveryReport, Kind, ParsedMessage

TEXT = {"content_type": "text/plain; charset=utf-8"}
ANSWER = {**TEXT, "in_reply_to": "<letter.1@desk.example>"}


def kind_of(text: str, subject: str = "Re: Heating", **fields: str) -> Kind:
    return read(mail(text, subject=subject, **{**ANSWER, **fields})).message.kind


# Fields that a responder leaves, beside words of absence.
TRACES = {
    "iCloud": {"x_apple_action": "VACATION", "subject": "Auto reply: Heating"}, "a rule of Exchange": {"x_ms_exchange_inbox_rules_loop": "ida@x.example"}, "suppression": {"x_auto_response_suppress": "All"}, "partial suppression": {"x_auto_response_suppress": "OOF, DR, RN"}, "bulk": {"precedence": "bulk"}, "junk": {"precedence": "junk"},
}  # fmt: skip
AWAY = (
    "I am out of the office until 4 December.", "Ich bin bis 4. Dezember nicht im Büro.", "Je suis absente du bureau jusqu'au 4 décembre.", "Estaré ausente hasta el 4 de diciembre.", "Sono in ferie fino al 4 dicembre.", "Estou de férias até 4 de dezembro.", "Ik ben tot 4 december afwezig.",
)  # fmt: skip


@pytest.mark.parametrize("trace", TRACES)
@pytest.mark.parametrize("text", AWAY)
def test_a_trace_of_a_responder_and_an_absence_are_an_absence_note(trace: str, text: str) -> None:
    assert kind_of(text, **TRACES[trace]) is Kind.OUT_OF_OFFICE


@pytest.mark.parametrize("trace", [name for name in TRACES if name != "iCloud"])
def test_the_trace_alone_is_on_mail_of_people(trace: str) -> None:
    assert kind_of("The heating is cold again.", **TRACES[trace]) in (Kind.PERSON, Kind.LIST)
    assert kind_of("I am out of the office until 4 December. Why is the heating cold?", **TRACES[trace]) in (
        Kind.PERSON,
        Kind.LIST,
    )


NOTES = (
    "Thank you for your message. I am on vacation and will answer when I return.\n\nIda", "Hello,\n\nI am out of the office. In urgent cases please contact Rosa.", "Vielen Dank für Ihre Nachricht. Ich bin im Urlaub und nicht erreichbar.", "Guten Tag,\nich bin derzeit nicht im Büro. In dringenden Fällen wenden Sie sich an Rosa Feld.", "Merci pour votre message. Je suis en congé et vous répondrai à mon retour.", "Gracias por su mensaje. Estoy fuera de la oficina. Para asuntos urgentes, póngase en contacto con Rosa.", "Grazie per la Sua mail. Sono in ferie e risponderò al mio rientro.", "Obrigada pela sua mensagem. Estou de férias e responderei quando regressar.", "Bedankt voor uw bericht. Ik ben met vakantie. Bij spoed kunt u Rosa bellen.",
)  # fmt: skip


@pytest.mark.parametrize("text", NOTES)
def test_an_answer_that_is_only_a_note_of_absence(text: str) -> None:
    assert kind_of(text) is Kind.OUT_OF_OFFICE
    assert (
        kind_of(f"{text}\n\nOn Fri, 20 Nov 2026 at 10:00, Help <help@desk.example> wrote:\n> Is it warm?") is Kind.OUT_OF_OFFICE
    )


PEOPLE = (
    "I am on vacation next week, but the heating is still cold.", "I was on holiday; now the heating is warm, and the water is cold.", "Ich bin ab Montag im Urlaub, bitte rufen Sie vorher an?", "Thanks, I will be out of the office tomorrow. Send it to Rosa.", "I keep getting your out of office note instead of an answer.",
)  # fmt: skip


@pytest.mark.parametrize("text", PEOPLE)
def test_a_person_who_mentions_an_absence_is_heard(text: str) -> None:
    assert kind_of(text) is Kind.PERSON


ABOUT_ROBOTS = (
    "This is an automatic reply. That is all I get each time I write to you. Why?", "This is an automated response, says your system. I want a real person.", "Dies ist eine automatische Antwort. Mehr bekomme ich nicht von Ihnen. Warum?", "Ceci est une réponse automatique. Pourquoi est-ce tout ce que je reçois ?", "Esta es una respuesta automática. Es lo único que recibo cada vez.", "Questa è una risposta automatica. Ricevo solo questo.", "Esta é uma resposta automática. É só o que recebo.", "Dit is een automatisch antwoord. Dat krijg ik elke keer.",
)  # fmt: skip


@pytest.mark.parametrize("text", ABOUT_ROBOTS)
def test_a_person_who_writes_about_automatic_replies_is_heard(text: str) -> None:
    assert kind_of(text, subject="Your robot", in_reply_to="") is Kind.PERSON


CLOSING = (
    "Your ticket #4711 has been closed.", "Hello,\n\nyour request 4711 has been resolved. If you do not agree, answer this mail.", "Ihre Anfrage 4711 wurde geschlossen.", "Guten Tag,\n\nIhr Ticket #4711 ist abgeschlossen.", "Votre demande n° 4711 a été clôturée.", "Su solicitud 4711 ha sido cerrada.", "La Sua richiesta 4711 è stata chiusa.", "O seu pedido 4711 foi encerrado.", "Uw melding 4711 is afgehandeld.",
)  # fmt: skip


@pytest.mark.parametrize("text", CLOSING)
def test_the_closing_note_of_another_desk_is_automatic(text: str) -> None:
    assert kind_of(text, subject="[#4711] Heating") is Kind.AUTOMATIC


@pytest.mark.parametrize(
    "text",
    [
        "My request has been closed, please open it.",
        "Your ticket says it was closed, but the heating is still cold.",
        "This ticket was closed. Why?",
        "Ihre Anfrage wurde geschlossen? Es ist aber noch kalt.",
    ],
)
def test_a_customer_who_writes_about_a_closed_request_is_heard(text: str) -> None:
    assert kind_of(text) is Kind.PERSON


def test_a_mail_that_a_rule_passed_on_is_as_much_a_person_s_as_before() -> None:
    for value in ("auto-forwarded", "Auto-Forwarded; rule=7"):
        assert kind_of("The heating is cold.", auto_submitted=value) is Kind.PERSON


# --- reports


def refusal(
    text: str, disposition: str = "automatic-action/MDN-sent-automatically; deleted", subject: str = "Rejected: Heating"
) -> ParsedMessage:
    return read(
        multipart(
            "report; report-type=disposition-notification",
            f"Content-Type: text/plain; charset=utf-8\n\n{text}\n",
            f"Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; bob@x.example\nOriginal-Message-ID: <letter.1@desk.example>\nDisposition: {disposition}\n",
            subject=subject,
            return_path="<>",
        )
    ).message  # fmt: skip


REFUSED = {"Your message was automatically rejected:\nNo mail from strangers": "5", "Your message to <bob@x.example> was automatically rejected:\nQuota exceeded (mailbox for user is full)": "5.2.2", "Ihre Nachricht wurde abgelehnt.": "5", "Votre message a été refusé.": "5", "The message was refused by the recipient's mail filtering program.": "5"}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_a_receipt_that_refuses_is_a_report(text: str) -> None:
    message = refusal(text)
    assert message.kind is Kind.DELIVERY_REPORT
    report = message.delivery_report
    assert isinstance(report, DeliveryReport)
    assert (report.recipients[0].address, report.recipients[0].action, report.original_message_id) == (
        "bob@x.example",
        "failed",
        "letter.1@desk.example",
    )
    assert report.recipients[0].status.startswith(REFUSED[text])


@pytest.mark.parametrize(
    ("text", "disposition"),
    [
        ("Your message was deleted without being read.", "automatic-action/MDN-sent-automatically; deleted"),
        ("Your message was displayed.", "manual-action/MDN-sent-manually; displayed"),
    ],
)
def test_a_receipt_that_refuses_nothing_is_no_report(text: str, disposition: str) -> None:
    message = refusal(text, disposition, subject="Read: Heating")
    assert (message.kind, message.delivery_report) == (Kind.AUTOMATIC, None)


UNKNOWN_SUBJECTS = ("Mail", "Hinweis zu Ihrer E-Mail", "", "Information", "Heating")


@pytest.mark.parametrize("subject", UNKNOWN_SUBJECTS)
def test_a_report_from_the_null_path_may_have_any_subject(subject: str) -> None:
    message = read(
        multipart(
            "mixed", "Content-Type: text/plain\n\nYour mail could not be delivered to: <bob@x.example>\nTheir mailbox is full.\n",
            "Content-Type: message/rfc822\n\nTo: bob@x.example\nMessage-ID: <letter.1@desk.example>\nSubject: Heating\n\nHello\n", subject=subject, return_path="<>", **{"from": "post@x.example"},
        )
    ).message  # fmt: skip
    assert message.delivery_report is not None
    assert [recipient.address for recipient in message.delivery_report.recipients] == ["bob@x.example"]
    assert message.delivery_report.original_message_id == "letter.1@desk.example"


def test_a_note_from_the_null_path_with_a_mail_in_it_is_no_report() -> None:
    enclosed = "Content-Type: message/rfc822\n\nTo: bob@x.example\nSubject: Heating\n\nHello\n"
    for text in ("Thank you for your mail.", "I am away until Monday."):
        assert (
            read(multipart("mixed", f"Content-Type: text/plain\n\n{text}\n", enclosed, return_path="<>")).message.delivery_report
            is None
        )


X400 = {
    "X400; /C=DE/A=VIAT/P=LAMP/O=SALES/S=MOSS/DD.RFC-822=ida(a)x.example/": "ida@x.example", "x400; /RFC-822=ida(u)moss(a)x.example/C=DE/ADMD= /": "ida_moss@x.example", "X400; C=DE; A=VIAT; P=LAMP; S=MOSS; DDA:RFC-822=ida(a)x.example": "ida@x.example", "X400; /S=MOSS/C=DE": "/S=MOSS/C=DE",
}  # fmt: skip


@pytest.mark.parametrize("field", X400)
def test_an_internet_address_is_found_inside_an_x_400_address(field: str) -> None:
    message = read(
        multipart(
            "report; report-type=delivery-status", "Content-Type: text/plain\n\nSorry.",
            f"Content-Type: message/delivery-status\n\nReporting-MTA: x400; mta\n\nFinal-Recipient: {field}\nAction: failed\nStatus: 5.1.1\n", return_path="<>",
        )
    ).message  # fmt: skip
    assert message.delivery_report is not None
    assert message.delivery_report.recipients[0].address == X400[field]
