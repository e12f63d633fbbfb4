"""What one press of a button sends is no message; the same with words of its author is one."""

import pytest
from support.mails.mails import mail, multipart

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.parsed import GestureKind, Kind, ParsedMessage

ANSWER = {"in_reply_to": "<letter.1@desk.example>", "content_type": "text/plain; charset=utf-8"}
QUOTE = "\n\nOn Fri, 20 Nov 2026 at 14:25, Help <help@desk.example> wrote:\n> Please restart it.\n> Omar"


def answer(text: str, subject: str = "Re: Scanner", **fields: str) -> ParsedMessage:
    return read(mail(text, subject=subject, **{**ANSWER, **fields})).message


# What is written, and whether it approves.
REACTIONS = (
    ("👍", True), ("❤️", True), ("🎉", True), ("👍🏽", True), ("💙", True), ("👍👍", True), ("😢", False), ("👎", False), ("😂", False), ("👍😢", False), ("<3", True), (":-(", False),
    ("👍 Ida Moss reacted via Gmail", True), ("😮 Ida Moss hat über Gmail reagiert", False), ("🎉 Léa Petit a réagi via Gmail", True), ("❤️ Ana Ruiz reaccionó a través de Gmail", True), ("😀 Ugo Neri ha reagito tramite Gmail", False), ("👍 Rui Dias reagiu pelo Gmail", True), ("👍 Jan Bos heeft gereageerd via Gmail", True),
    ("[Like] Ida Moss reacted to your message:", True), ("Ida Moss reacted to your message:\n👎", False), ("[Herz] Eva Roth hat auf Ihre Nachricht reagiert:", True), ("[Surprised] Ida Moss reacted to your message:", False),
    ("Liked “Please restart it.”", True), ("Ida Moss liked “Please restart it.”", True), ("+1", True), ("[image: Like] Ida Moss reacted to your message:", True), ("Laughed at “Please restart it.”", False), ("Reacted 👍 to “Please restart it.”", True), ("Reacted 😢 to “Please restart it.”", False), ("Disliked \"Please restart it.\"", False), ("Gefällt „Bitte neu starten.“", True), ("A aimé « Merci de redémarrer. »", True), ("N’a pas aimé « Merci de redémarrer. »", False), ("Le encantó “Reinicie, por favor.”", True), ("Ha riso a “Riavvii, per favore.”", False), ("Gostou de “Reinicie, por favor.”", True), ("Vond “Start hem opnieuw.” leuk", True), ("Vond “Start hem opnieuw.” niet leuk", False),
)  # fmt: skip


@pytest.mark.parametrize(("text", "approves"), REACTIONS)
@pytest.mark.parametrize("quote", ["", QUOTE])
def test_a_reaction_is_no_message(text: str, approves: bool, quote: str) -> None:
    message = answer(text + quote)
    assert message.gesture is not None
    assert (message.kind, message.gesture.kind, message.gesture.approves) == (Kind.AUTOMATIC, GestureKind.REACTION, approves)


def test_a_reaction_of_gmail_is_known_by_its_part_in_any_language() -> None:
    content = multipart(
        "alternative",
        "Content-Type: text/plain; charset=utf-8\n\n🥳 Ida – Gmail 経由\n",
        'Content-Type: text/vnd.google.email-reaction+json; charset=utf-8\n\n{"version":1,"emoji":"🥳"}\n',
        "Content-Type: text/html; charset=utf-8\n\n<p>🥳</p><p>Ida – Gmail 経由</p>\n",
    )
    found = read(content).message.gesture
    assert found is not None
    assert (found.kind, found.shown, found.approves) == (GestureKind.REACTION, "🥳", True)


OTHERS = (
    ("Rückruf: Angebot", "Eva Roth möchte die Nachricht \"Angebot\" zurückrufen.", GestureKind.RECALL), ("Recall: Offer", "Ida Moss would like to recall the message, \"Offer\".", GestureKind.RECALL), ("Rappel : Offre", "Léa Petit souhaite rappeler le message « Offre ».", GestureKind.RECALL), ("Recuperar: Oferta", "Ana Ruiz desea recuperar el mensaje \"Oferta\".", GestureKind.RECALL), ("Richiamo: Offerta", "Ugo Neri desidera richiamare il messaggio \"Offerta\".", GestureKind.RECALL), ("Recolher: Oferta", "Rui Dias gostaria de recolher a mensagem \"Oferta\".", GestureKind.RECALL), ("Intrekken: Offerte", "Jan Bos wil het bericht \"Offerte\" intrekken.", GestureKind.RECALL),
    ("Read: Scanner", "Your message\n\n   To: Ida Moss\n   Subject: Scanner\n   Sent: Friday, November 20, 2026\n\nwas read on Friday, November 20, 2026.", GestureKind.RECEIPT), ("Gelesen: Scanner", "Ihre Nachricht\n\nAn: Eva\nBetreff: Scanner\n\nwurde am Freitag, 20. November 2026 gelesen.", GestureKind.RECEIPT), ("Lu : Scanner", "Votre message\n\na été lu le vendredi 20 novembre 2026.", GestureKind.RECEIPT), ("Leído: Escáner", "El mensaje se leyó el viernes 20 de noviembre.", GestureKind.RECEIPT), ("Letto: Scanner", "Il messaggio è stato letto venerdì 20 novembre.", GestureKind.RECEIPT), ("Lida: Scanner", "A mensagem foi lida em sexta-feira.", GestureKind.RECEIPT), ("Gelezen: Scanner", "Uw bericht is gelezen op vrijdag 20 november.", GestureKind.RECEIPT), ("Gelesen: Scanner", "", GestureKind.RECEIPT),
    ("Accepted: Visit on Tuesday", "", GestureKind.CALENDAR_ANSWER), ("Zugesagt: Termin", "", GestureKind.CALENDAR_ANSWER), ("Refusé : Visite", "Quand : mardi", GestureKind.CALENDAR_ANSWER), ("Declined: Visit", "Ida Moss has declined this invitation.\n\nVisit\nWhen: Tuesday 10:00\nWhere: Room 4", GestureKind.CALENDAR_ANSWER),
)  # fmt: skip


@pytest.mark.parametrize(("subject", "text", "kind"), [row for row in OTHERS if row[2] is not GestureKind.CALENDAR_ANSWER])
def test_a_recall_and_a_receipt_in_words_are_no_messages(subject: str, text: str, kind: GestureKind) -> None:
    found = answer(text, subject).gesture
    assert found is not None
    assert found.kind is kind


CALENDAR = "BEGIN:VCALENDAR\nMETHOD:{}\nBEGIN:VEVENT\nDTSTART:20261124T100000Z\nSUMMARY:Visit\nATTENDEE;PARTSTAT=ACCEPTED:mailto:ida@x.example\nEND:VEVENT\nEND:VCALENDAR\n"


def calendar_answer(text: str, method: str = "REPLY", subject: str = "Accepted: Visit") -> ParsedMessage:
    parts = (
        f"Content-Type: text/plain; charset=utf-8\n\n{text}\n",
        f"Content-Type: text/calendar; method={method}\n\n{CALENDAR.format(method)}",
    )
    return read(multipart("alternative", *parts, subject=subject)).message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ida Moss has accepted this invitation.\n\nVisit\nWhen: Tuesday 10:00",
        "Visit",
        "Léa a accepté cette invitation\nQuand : mardi",
        "Uhrzeit\nWann: Dienstag\nEva hat diese Einladung angenommen",
    ],
)
def test_an_answer_to_an_invitation_is_no_message(text: str) -> None:
    found = calendar_answer(text.replace("Uhrzeit\n", "")).gesture
    assert found is not None
    assert found.kind is GestureKind.CALENDAR_ANSWER


@pytest.mark.parametrize(("subject", "text", "kind"), [row for row in OTHERS if row[2] is GestureKind.CALENDAR_ANSWER])
def test_an_answer_to_an_invitation_may_have_no_calendar(subject: str, text: str, kind: GestureKind) -> None:
    found = answer(text, subject).gesture
    assert found is not None
    assert found.kind is kind


def test_words_beside_an_answer_to_an_invitation_are_heard() -> None:
    assert calendar_answer("I come, but please bring the blue cable.").gesture is None
    assert calendar_answer("", method="REQUEST", subject="Visit").gesture is None
    assert calendar_answer("Could we meet at noon?", method="COUNTER", subject="New time proposed: Visit").gesture is None


HEARD = (
    ("Re: Scanner", "👍 but the second one still jams"), ("Re: Scanner", "👍 2"), ("Re: Scanner", "Ida reacted to your message with tears, please call her."), ("Re: Scanner", "I liked “Please restart it.” It helped, and then it stopped again."), ("Read: chapter 3", "I have read it and have a question."), ("Re: Scanner", "Omar would like to recall the message? I do not understand."), ("Accepted: Visit", "See you there. Is parking free?"), ("Gelesen: Ihr Angebot", "Wir nehmen es an, bitte liefern Sie am Montag."), ("Re: Scanner", "Loved it"), ("Re: Scanner", "I liked “Please restart it.”"), ("Re: Scanner", "“Please restart it.”"),
)  # fmt: skip


@pytest.mark.parametrize(("subject", "text"), HEARD)
def test_a_person_with_words_is_heard(subject: str, text: str) -> None:
    message = answer(text, subject)
    assert (message.gesture, message.kind) == (None, Kind.PERSON)


def test_an_emoji_that_answers_nothing_or_carries_a_file_is_a_message() -> None:
    assert read(mail("🔥", subject="Office 🔥", content_type="text/plain; charset=utf-8")).message.gesture is None
    with_file = multipart(
        "mixed", "Content-Type: text/plain; charset=utf-8\n\n😢\n", "Content-Type: image/png\nContent-Disposition: attachment; filename=screen.png\n\nx\n",
        subject="Re: Scanner", in_reply_to="<a@b.example>",
    )  # fmt: skip
    assert read(with_file).message.gesture is None
