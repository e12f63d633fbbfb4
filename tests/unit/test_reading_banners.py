"""Banners that mail filters put into mail from outside, and words of people that only look like one."""

import pytest
from support.mails.mails import html_mail, mail

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.parsed import ParsedMessage

BANNERS = {
    "tag": "[EXTERNAL]",
    "tag in stars": "*** EXTERNAL EMAIL ***",
    "en": "CAUTION: This message was sent from outside the company. Please do not click links or open attachments unless you know the sender.",
    "en, hard-wrapped": "WARNING: This e-mail originated from\noutside of our organisation. Do not click any links or\nopen attachments unless you recognise the sender and know that the\ncontent is safe.",
    "en, of a mail program": "Some people who received this message don't often get email from anna@example.org. Learn why this is important<https://aka.example/why>",
    "en, below a tag": "[EXTERNAL EMAIL]\nThis mail comes from outside the organization. Be careful with links and attachments.",
    "de": "ACHTUNG: Diese E-Mail stammt von einem externen Absender. Öffnen Sie keine Anhänge und klicken Sie nicht auf Links, wenn Sie den Absender nicht kennen.",
    "fr": "ATTENTION : ce courriel provient de l'extérieur de l'organisation. Ne cliquez pas sur les liens et n'ouvrez pas les pièces jointes.",
    "es": "PRECAUCIÓN: Este mensaje procede de fuera de la organización. No haga clic en enlaces ni abra archivos adjuntos.",
    "it": "ATTENZIONE: questo messaggio proviene dall'esterno. Non cliccare sui link e non aprire gli allegati.",
    "pt": "ATENÇÃO: este e-mail veio de fora da organização. Não clique em links nem abra anexos.",
    "nl": "LET OP: Deze e-mail komt van buiten de organisatie. Klik niet op links en open geen bijlagen.",
}
SAID = "Vielen Dank, jetzt kann ich mich wieder anmelden!"


def read_body(body: str, subject: str = "Re: Anmeldung") -> ParsedMessage:
    return read(mail(body, subject=subject, content_type="text/plain; charset=utf-8", mime_version="1.0")).message


@pytest.mark.parametrize("kind", BANNERS)
def test_a_banner_above_is_nobody_s_words(kind: str) -> None:
    for subject in ("Re: Anmeldung", "Anmeldung"):
        message = read_body(f"{BANNERS[kind]}\n\n{SAID}\n", subject)
        assert (message.reply_text, message.language) == (SAID, "de")
        assert message.elided_text == BANNERS[kind]
    assert read_body(f"________________\n{BANNERS[kind]}\n________________\n\n{SAID}\n").reply_text == SAID


@pytest.mark.parametrize("kind", [kind for kind in BANNERS if kind != "tag"])
def test_a_banner_below_is_nobody_s_words_either(kind: str) -> None:
    message = read_body(f"{SAID}\n\n-- \nAnna Weber\n\n{BANNERS[kind]}\n")
    assert (message.reply_text, message.signature, message.elided_text) == (SAID, "-- \nAnna Weber", BANNERS[kind])
    quoted = "On Mon, 23 Nov 2026 at 10:00, Support <help@support.example.com> wrote:\n> Please try again."
    assert read_body(f"{SAID}\n\n{BANNERS[kind]}\n\n{quoted}\n").reply_text == SAID


def test_a_banner_in_html_is_a_table_or_a_paragraph() -> None:
    for html in (
        f"<table><tr><td><b>CAUTION:</b> {BANNERS['en'][9:]}</td></tr></table><p>{SAID}</p>",
        f"<div style='background:#ff0'>{BANNERS['de']}</div><br><div>{SAID}</div>",
    ):
        assert read(html_mail(html)).message.reply_text == SAID


PEOPLE = {
    "about external mail": "External email does not arrive here since Monday.\nBefore opening this request I have restarted the server.",
    "an instruction": "The mail was sent from outside the company. What shall we do with such senders? Do not click on links is all that we were told.",
    "a word": "External",
    "a tag within words": "[EXTERNAL] stands in each subject. Why is that so?",
    "a quotation": "“This email originated from outside of the organization. Do not click links or open attachments.”\nThis stands above each mail. Please remove it.",
    "an announced one": "Please remove this text from all mails:\n\nCAUTION: This email originated from outside of the organization. Do not click links.",
    "words in one line with it": "CAUTION: This email originated from outside of the organization. Do not click links. The invoice is wrong.",
    "origin alone": "This came from outside the company.\n\nPlease look at it.",
    "warning alone": "Do not click links in the mail that I forward.\n\nIt looks bad.",
}


@pytest.mark.parametrize("kind", PEOPLE)
def test_words_of_people_about_such_mail_stay(kind: str) -> None:
    assert read_body(PEOPLE[kind]).reply_text == PEOPLE[kind]
    assert read_body(PEOPLE[kind], "Mail").reply_text == PEOPLE[kind]


OWN = ("Mail from the Globex gateway: think twice before you answer!", "[EXT-GLX]", "Globex")
OWN_BANNERS = {
    "as written": "Mail from the Globex gateway: think twice before you answer!",
    "hard-wrapped": "*Mail from the Globex gateway*\nthink twice\nbefore you answer",
    "a tag": "[EXT-GLX]",
    "capitals": "GLOBEX",
}


@pytest.mark.parametrize("kind", OWN_BANNERS)
def test_a_desk_names_the_banners_of_its_own_filters(kind: str) -> None:
    def read_mail(body: str, banners: tuple[str, ...]) -> ParsedMessage:
        content = mail(body, subject="Re: Anmeldung", content_type="text/plain; charset=utf-8", mime_version="1.0")
        return read(content, banners=banners).message

    banner = OWN_BANNERS[kind]
    above, below = f"{banner}\n\n{SAID}\n", f"{SAID}\n\n{banner}\n"
    message = read_mail(above, OWN)
    assert (message.reply_text, message.plain_text_reply, message.elided_text) == (SAID, SAID, banner)
    assert read_mail(below, OWN).reply_text == SAID
    assert read_mail(above, ()).reply_text != SAID
    for words in (f"{banner} Why does this stand above each mail?", "Globex\n\nasked us.", f"Please remove it:\n\n{banner}"):
        assert read_mail(words, OWN).reply_text == words
