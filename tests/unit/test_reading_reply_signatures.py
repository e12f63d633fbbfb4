"""Signatures below the words of an author, and words that only look like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.mails.mails import html_mail, mail

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.lines import Line
from helpdesk.threading.reading.parsed import ParsedMessage
from helpdesk.threading.reading.signature_words import SIGN_OFFS, THANKS
from helpdesk.threading.reading.signatures import is_footer, signature_lines

SAID = "It is 4711."


def read_body(body: str, *, keep_signature: bool = False) -> ParsedMessage:
    content = mail(body, subject="Re: Your order", content_type="text/plain; charset=utf-8", mime_version="1.0")
    return read(content, keep_signature=keep_signature).message


@pytest.mark.parametrize("language", SIGN_OFFS)
def test_a_sign_off_with_a_name_is_a_signature_in_each_language(language: str) -> None:
    for phrase in SIGN_OFFS[language]:
        closing = f"{phrase.capitalize()},\nAnna Weber"
        message = read_body(f"Hello,\n\n{SAID}\n\n{closing}\n")
        assert (message.reply_text, message.signature) == (f"Hello,\n\n{SAID}", closing)


@pytest.mark.parametrize("language", THANKS)
def test_thanks_above_a_name_sign_off_in_each_language(language: str) -> None:
    for phrase in THANKS[language]:
        message = read_body(f"{SAID}\n\n{phrase.capitalize()},\nAnna\n")
        assert message.reply_text == SAID


SIGNATURES = {
    "sign-off and name": "Best regards,\nAnna",
    "two sign-offs": "Many thanks,\nKind regards\nAnna Weber",
    "on one line": "Best regards, Anna",
    "card": "Mit freundlichen Grüßen\n\nDr. Anna Weber\nBeispiel GmbH\nHauptstraße 5, 10115 Berlin\nTel. +49 30 1234567\nwww.beispiel.example",
    "card alone": "Anna Weber\nanna@example.org\n+49 30 1234567\nwww.example.org",
    "rule and card": "----------------\n\nLOGO\n\nAnna Weber\n\nBeispiel\n\nt. 555-931-0702\n\nhttps://example.org/",
    "dash and name": "- Anna",
    "slash and name": "/Anna",
    "usenet": "-- \nAnna\nsome saying that is a whole sentence, and long.",
    "disclaimer": "This message is confidential and may be read by the intended recipient only. If it came to you by mistake, delete it.",
    "card and disclaimer": "Regards\nAnna\n\nDiese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat sind, löschen Sie sie.",
    "footer with apology": "Sent from my cell, please excuse any typos.",
    "footer with link": "Get [Outlook for Android](https://aka.example/abc)",
    "footer in angle brackets": "<<sent by galaxy>>",
    "two footers": "Gesendet von meinem iPhone\nHolen Sie sich Outlook für iOS",
}


@pytest.mark.parametrize("kind", SIGNATURES)
def test_a_signature_is_kept_apart_and_can_be_left_in(kind: str) -> None:
    signature = SIGNATURES[kind]
    message = read_body(f"{SAID}\n\n{signature}\n")
    assert (message.reply_text, message.signature) == (SAID, signature)
    assert read_body(f"{SAID}\n\n{signature}\n", keep_signature=True).reply_text == f"{SAID}\n\n{signature}"


@pytest.mark.parametrize("kind", SIGNATURES)
def test_a_signature_above_the_quote_is_found_too(kind: str) -> None:
    message = read_body(
        f"{SAID}\n\n{SIGNATURES[kind]}\n\nOn 6 May 2024 at 10:12, Help <help@example.com> wrote:\n> Which order?\n"
    )
    assert message.reply_text == SAID


WORDS = (
    "Thanks,\nAnna",
    "Hi Anna,\n\nThank you,\nNoam",
    "Hello\n\nBest regards\nAnna",
    "It works now.\n\nThank you!",
    "It works now.\n\nThanks, support team",
    "It is done.\n\nBest regards",
    "The parcel arrived.\n\nThank you\nfor the quick help with it!",
    "It fails again.\n\nThanks\nfor looking at it",
    "Please send it to:\n\nAnna Weber\nHauptstraße 5\n10115 Berlin\n+49 30 1234567\nanna@example.org",
    "These are my numbers:\n\nAnna\n+49 30 1234567\n+49 30 7654321\nanna@example.org",
    "We need\n\nScrews\nhttps://shop.example/1\nNails\nhttps://shop.example/2",
    "Greetings from Berlin\nThe printer is broken and shows E5.",
    "I chose best\nbut it says worst. Why?",
    "My options:\n- red\n- blue",
    "The list:\n----------------\none\ntwo",
    "The log says:\n--------------------\n<anna@example.org>: host\n    mx.example.org[192.0.2.1] said: 550\n    www.example.org",
    "The error is in\n/var",
    "It is in /Users",
    "Is this mail confidential?",
    "I sent it from my iPhone.",
    "Regards to Anna and everyone.\nThe second invoice is wrong, please look again.",
    "Anna",
    "Cheers",
    "5 x 20\n3 x 10",
    "It fails.\n\nBest\nThe one in the shop works, this one does not.",
)


@pytest.mark.parametrize("text", WORDS)
def test_words_that_only_look_like_a_signature_are_kept(text: str) -> None:
    message = read_body(text)
    assert (message.reply_text, message.signature) == (text, "")


def test_the_signature_of_another_in_a_forward_is_not_the_author_s() -> None:
    header = "From: Carla <carla@x.example>\nDate: Mon, May 6, 2024\nSubject: Printer\nTo: omar@desk.example"
    body = f"Please take this.\n\nRegards,\nOmar\n\n---------- Forwarded message ---------\n{header}\n\nIt smokes.\n\nRegards,\nCarla\n"
    message = read(mail(body, subject="Fwd: Printer")).message
    assert message.signature == "Regards,\nOmar"
    assert message.reply_text.endswith("It smokes.\n\nRegards,\nCarla")


@pytest.mark.parametrize(
    "mark", ['class="gmail_signature"', 'class="moz-signature"', 'id="Signature"', 'id="ms-outlook-mobile-signature"']
)
def test_the_container_of_a_client_is_a_signature(mark: str) -> None:
    message = read(html_mail(f"<div>{SAID}</div><div {mark}>Anna<br>A saying that is a whole sentence.</div>")).message
    assert (message.reply_text, message.signature) == (SAID, "Anna\nA saying that is a whole sentence.")


@pytest.mark.parametrize("text", ["Sent from Mailbox for iPad", "(Sent from mobile device)", "從我的 iPhone 傳送", "Von meinem Samsung Galaxy Smartphone gesendet.", "Trimis de pe iPhone",
                                  "Poslano s mog iPhone uređaja", "Изпратено от моя iPhone", "נשלח מה-iPhone שלי", "أرسلت من الـ iPhone", "ส่งจาก iPhone ของฉัน", "Đã gửi từ iPhone của tôi", "Dikirim dari iPhone saya",
                                  "Στάλθηκε από το iPhone μου", "Enviat des del meu iPhone", "Az iPhone-omról küldve", "Nosūtīts no mana iPhone", "Išsiųsta iš mano iPhone", "Saadetud minu iPhone'ist"])  # fmt: skip
def test_footers_of_telephones(text: str) -> None:
    assert is_footer(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sent from my desk, is much easier than my telephone.",
        "It came from my iPhone.",
        "I cannot read what was sent from my iPhone.",
        "Send from: address is wrong",
    ],
)
def test_sentences_are_no_footers(text: str) -> None:
    assert not is_footer(text)


LINE = st.sampled_from(
    [
        "",
        SAID,
        "Regards,",
        "Anna",
        "-- ",
        "----",
        "/Anna",
        "- Anna",
        "+49 30 1234567",
        "Sent from my iPhone",
        "confidential and may be",
        "Thanks",
        "> old",
    ]
)


@given(st.lists(st.one_of(LINE, st.text(max_size=30)), max_size=25), st.data())
def test_only_lines_of_the_author_are_a_signature(texts: list[str], data: st.DataObject) -> None:
    mine = data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)))
    found = signature_lines([Line(text) for text in texts], mine)
    assert all(mine[at] for at in found)


@pytest.mark.parametrize(
    "text",
    [
        "Two things for today\n--\nPlease send four hundred screws in two boxes.\nAnd please check the nuts of last week again.",
        "It jams.\n-- \nAnna Weber\nWeber Ltd\n\nPlease also look at the lamp at the back of it.",
    ],
    ids=["dashes part paragraphs", "a paragraph below the signature"],
)
def test_a_paragraph_below_dashes_is_no_signature(text: str) -> None:
    assert read_body(text).reply_text.endswith(text.splitlines()[-1])


DIVIDED = {
    "sentences below": "Order for May\n{mark}\nBlue paint, four tins, and please not the large ones.\nTwo brushes.",
    "rooms": "Rooms to look at:\n\nRoom 3: window does not close\n{mark}\nRoom 9: no hot water\n{mark}\nRoom 11: lamp",
    "second matter": "The export fails.\n\n{mark}\n\nThe invoice of May names our old address. Can you write it once more?",
}


@pytest.mark.parametrize("mark", ["--", "---", "__", "—", "____________________________", "==========", "- - - - -", "*****"])
@pytest.mark.parametrize("kind", DIVIDED)
def test_a_row_of_dashes_parts_topics_in_a_mail_that_answers_nothing(kind: str, mark: str) -> None:
    body = DIVIDED[kind].format(mark=mark)
    message = read(mail(body, subject="Order", content_type="text/plain; charset=utf-8", mime_version="1.0")).message
    assert (message.reply_text, message.signature) == (body, "")


def test_the_mark_of_the_rfc_between_several_parts_is_a_divider() -> None:
    body = DIVIDED["rooms"].format(mark="-- ")
    message = read(mail(body, subject="Rooms", content_type="text/plain; charset=utf-8", mime_version="1.0")).message
    assert (message.reply_text, message.signature) == (body, "")


@pytest.mark.parametrize("mark", ["--", "-- ", "__", "—", "______________________"])
@pytest.mark.parametrize("card", ["Anna Weber\nAcme GmbH", "Acme GmbH, Berlin\nTel. +49 30 5550123", "Sent from my iPhone"])
def test_a_card_below_a_mark_is_a_signature_in_a_first_mail_too(mark: str, card: str) -> None:
    body = f"The printer in room 4 jams.\n\n{mark}\n{card}"
    message = read(mail(body, subject="Printer", content_type="text/plain; charset=utf-8", mime_version="1.0")).message
    assert (message.reply_text, message.signature) == ("The printer in room 4 jams.", f"{mark}\n{card}")
