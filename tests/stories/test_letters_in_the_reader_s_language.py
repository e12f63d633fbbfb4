"""Whoever writes in German is answered in German: by mail and in the platform, from the first letter to the last."""

from pathlib import Path

import pytest
from support.desk.story import SUPPORT, StoryDesk, configured, direct_desk

from helpdesk.gateway.reader import Reader
from helpdesk.threading.model.notice import Notice

ASKS = {
    "de": "Guten Tag, ich kann mich seit heute Morgen nicht mehr anmelden. Die Seite sagt nur, dass mein Konto gesperrt ist. Können Sie mir bitte helfen?",
    "fr": "Bonjour, je ne peux plus me connecter depuis ce matin. La page dit seulement que mon compte est bloqué. Pouvez-vous m'aider, s'il vous plaît ?",
    "es": "Hola, desde esta mañana no puedo iniciar sesión. La página solo dice que mi cuenta está bloqueada. ¿Me pueden ayudar, por favor?",
    "it": "Buongiorno, da questa mattina non riesco più ad accedere. La pagina dice solo che il mio account è bloccato. Potete aiutarmi, per favore?",
    "pt": "Bom dia, desde esta manhã não consigo entrar. A página só diz que a minha conta está bloqueada. Podem ajudar-me, por favor? Não sei o que fazer.",
    "nl": "Goedemorgen, ik kan sinds vanmorgen niet meer inloggen. De pagina zegt alleen dat mijn account geblokkeerd is. Kunt u mij helpen?",
}
SAID = {
    "de": ("vielen Dank für Ihre Nachricht", "Antwort spätestens: Montag, 23. November 2026", "Noch nicht gelöst", "danke für die Rückmeldung. Ihre Anfrage ist geschlossen"),
    "fr": ("Merci de nous avoir écrit", "lundi 23 novembre 2026 à", "Toujours pas résolu", "Merci de votre retour. Votre demande est clôturée"),
    "es": ("Gracias por escribirnos", "Respuesta a más tardar: lunes, 23 de noviembre de 2026", "Sigue sin resolverse", "Gracias por avisarnos. Su solicitud está cerrada"),
    "it": ("grazie per averci scritto", "Risposta entro: lunedì 23 novembre 2026", "Non è ancora risolto", "grazie per il riscontro. La Sua richiesta è chiusa"),
    "pt": ("Agradecemos a sua mensagem", "Resposta até: segunda-feira, 23 de novembro de 2026", "Ainda por resolver", "Agradecemos a sua resposta. O seu pedido está encerrado"),
    "nl": ("Bedankt voor uw bericht", "Antwoord uiterlijk: maandag 23 november 2026", "Nog niet opgelost", "Bedankt voor uw bericht. Uw verzoek is gesloten"),
}  # fmt: skip
MORE = """
[[account]]
id = "umbra"
domains = ["umbra.example"]
language = "it"
"""


@pytest.mark.parametrize("language", ASKS)
def test_a_request_goes_its_way_in_the_language_that_it_came_in(desk: StoryDesk, language: str) -> None:
    anna, omar = desk.person("anna@acme.example", "Anna Petrova"), desk.person("omar@desk.example")
    thanks, within, still, closed = SAID[language]

    anna.writes("Login", ASKS[language])
    letter = anna.letter(Notice.CONFIRMATION)
    assert desk.ticket().language == language
    assert thanks in letter.text and within in letter.text and f'<html lang="{language}"' in letter.html
    assert "New request" in omar.letter(Notice.NEW_TICKET).text

    omar.replies(Notice.NEW_TICKET, "#resolve\nEs geht wieder.")
    assert still in anna.letter(Notice.RESOLUTION).text

    pressed = next(line for line in anna.letter(Notice.RESOLUTION).text.splitlines() if "mailto:" in line and "?subject=" in line)
    solved = pressed.partition("mailto:")[2].partition("?")[0]
    anna.writes("Re: Login", "", to=solved)
    assert closed in anna.letter(Notice.CLOSING).text

    rows = {row.notice: row.body_text for row in desk.inbox(account_id="acme") if row.notice}
    assert thanks in rows["confirmation"] and within in rows["confirmation"] and closed in rows["closing"]


def test_a_reply_above_the_line_of_its_language_is_all_that_is_new(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Login", ASKS["fr"])
    letter = anna.letter(Notice.CONFIRMATION)
    assert "##- Merci de répondre au-dessus de cette ligne -##" in letter.text
    anna.replies(Notice.CONFIRMATION, f"C'est urgent.\n\n{letter.text}", quote=False)
    assert desk.history().messages[-1].text == "C'est urgent."
    assert "C'est urgent." in omar.letter(Notice.CUSTOMER_REPLY).text


@pytest.mark.parametrize(
    ("text", "header", "language", "said"),
    [
        ("?", "X-Nothing: said", "it", "grazie per averci scritto"),
        ("?", "Content-Language: de-AT", "de-AT", "vielen Dank für Ihre Nachricht"),
        ("?", "Content-Language: pl", "pl", "Thank you for writing to us"),
        ("?", "Content-Language: abcdefghijklmnopqrstuvwxyz", "it", "grazie per averci scritto"),
        (ASKS["nl"], "X-Nothing: said", "nl", "Bedankt voor uw bericht"),
    ],
)
def test_a_short_mail_is_answered_in_the_language_of_its_account(
    tmp_path: Path, reader: Reader, text: str, header: str, language: str, said: str
) -> None:
    with direct_desk(configured(tmp_path / "desk", more=MORE), reader) as desk:
        paul = desk.person("paul@umbra.example")
        head = f"From: paul@umbra.example\r\nTo: {SUPPORT}\r\nSubject: ?\r\nMessage-ID: <1@umbra.example>\r\n{header}\r\n"
        paul.mail(f"{head}\r\n{text}\r\n".encode(), [SUPPORT])
        assert desk.ticket().language == language
        assert said in paul.letter(Notice.CONFIRMATION).text


def test_without_an_account_the_desk_s_language_counts(tmp_path: Path, reader: Reader) -> None:
    config = configured(tmp_path / "desk")
    config.write_text('default_language = "pt-BR"\n' + config.read_text())
    with direct_desk(config, reader) as desk:
        carla = desk.person("carla@nowhere.example")
        carla.writes("?", "?")
        assert desk.ticket().language == "pt-BR"
        assert "Agradecemos o seu contato" in carla.letter(Notice.CONFIRMATION).text
        desk.writes_in_platform("acme", "anna@acme.example", ASKS["de"])
        assert desk.ticket(2).language == "de"


BRAZILIAN = "Bom dia, não consigo acessar a minha conta desde ontem. A tela só mostra um erro. Vocês podem me ajudar, por favor?"


@pytest.mark.parametrize(
    ("address", "text", "language"),
    [
        ("carla@globex.example", BRAZILIAN, "pt-BR"),
        ("carla@globex.example", ASKS["pt"], "pt"),
        ("carla@globex.com.br", ASKS["pt"], "pt-BR"),
    ],
)
def test_whoever_writes_from_brazil_reads_the_portuguese_of_brazil(
    desk: StoryDesk, address: str, text: str, language: str
) -> None:
    carla, omar = desk.person(address), desk.person("omar@desk.example")
    carla.writes("Entrar", text)
    assert desk.ticket().language == language
    brazilian = "a sua solicitação" in carla.letter(Notice.CONFIRMATION).text
    assert brazilian is (language == "pt-BR")
    omar.replies(Notice.NEW_TICKET, "#language pt-br\n#ask\nQual navegador?")
    assert "Temos uma pergunta sobre a sua solicitação:" in carla.letter(Notice.INFORMATION_REQUEST).text


ENGLISH = (
    "I have taken this over from a colleague, and I do not read German well.",
    "The page says the same as yesterday. What shall I do next with this account?",
)


def test_letters_follow_two_whole_messages_in_another_language(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example", "Anna Petrova"), desk.person("omar@desk.example")
    anna.writes("Login", ASKS["de"])
    anna.replies(Notice.CONFIRMATION, ENGLISH[0], headers={"Content-Language": "de-DE"})
    anna.replies(Notice.CONFIRMATION, "Thanks a lot!")
    assert desk.ticket().language == "de"
    anna.replies(Notice.CONFIRMATION, ASKS["de"] + " Das ist dringend.")
    anna.replies(Notice.CONFIRMATION, ENGLISH[1])
    assert desk.ticket().language == "de"
    anna.replies(Notice.CONFIRMATION, ENGLISH[0], headers={"Content-Language": "de-DE"})
    assert desk.ticket().language == "en"
    assert "language_changed" in [event.kind for event in desk.history().events]
    omar.replies(Notice.CUSTOMER_REPLY, "#ask\nWhich page is it?")
    assert '<html lang="en"' in anna.letter(Notice.INFORMATION_REQUEST).html


def test_staff_set_the_language_of_letters_and_take_it_back(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Login", ASKS["de"])
    omar.replies(Notice.NEW_TICKET, "#sprache fr\n#ask\nQuelle page ?")
    assert '<html lang="fr"' in anna.letter(Notice.INFORMATION_REQUEST).html
    omar.replies(Notice.NEW_TICKET, "#language nl")
    assert desk.ticket().language == "nl"
    omar.replies(Notice.NEW_TICKET, "#undo")
    assert desk.ticket().language == "fr"
    omar.replies(Notice.NEW_TICKET, "#language klingon")
    assert "one of these would work: en, de, fr, es, it, pt, nl, pt-BR" in omar.letter(Notice.RECEIPT).text
