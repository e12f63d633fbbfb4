import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.mails.absence_examples import MORE_NOTES, NOTES, PEOPLE
from support.mails.mails import mail
from support.mails.thanks_examples import CONFIRMED, STILL_OPEN
from support.mails.unseen_thanks import CONFIRMING, OPEN

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.language import LANGUAGES, language_of

LETTERS = [
    ("en", "Hello, I cannot log in to my account since yesterday. Could you please help me?"),
    ("de", "Guten Tag, ich kann mich seit gestern nicht mehr anmelden. Bitte helfen Sie mir."),
    ("fr", "Bonjour, je ne peux plus me connecter depuis hier. Pouvez-vous m'aider ? Merci"),
    ("es", "Hola, desde ayer no puedo entrar en mi cuenta. ¿Me pueden ayudar, por favor? Gracias"),
    ("pt", "Olá, não consigo entrar na minha conta desde ontem. Podem me ajudar? Obrigado"),
    ("it", "Buongiorno, da ieri non riesco ad accedere al mio account. Mi potete aiutare? Grazie"),
    ("nl", "Goedemorgen, ik kan sinds gisteren niet meer inloggen op mijn account. Kunt u mij helpen?"),
    ("pl", "Dzień dobry, od wczoraj nie mogę się zalogować na moje konto. Proszę o pomoc."),
    ("ru", "Здравствуйте, я не могу войти в свой аккаунт со вчерашнего дня. Помогите, пожалуйста."),
    ("uk", "Вітаю, я не можу увійти до свого облікового запису з учора. Будь ласка, допоможіть."),
    ("sv", "Hej, jag kan inte logga in på mitt konto sedan igår. Kan ni hjälpa mig?"),
    ("da", "Hej, jeg kan ikke logge ind på min konto siden i går. Kan I hjælpe mig? Venlig hilsen"),
    ("no", "Hei, jeg kan ikke logge inn på kontoen min siden i går. Kan dere hjelpe meg? Vennlig hilsen"),
    ("fi", "Hei, en ole päässyt kirjautumaan tilille eilisen jälkeen. Voisitteko auttaa? Kiitos, että on"),
    ("cs", "Dobrý den, od včera se nemohu přihlásit ke svému účtu. Prosím o pomoc, děkuji."),
    ("tr", "Merhaba, dünden beri hesabıma giriş yapamıyorum. Lütfen bu sorun için yardım eder misiniz?"),
    ("zh", "您好，我从昨天开始无法登录我的账户，请帮忙解决一下，谢谢。"),
    ("ja", "こんにちは。昨日からアカウントにログインできません。助けてください。"),
    ("ko", "안녕하세요. 어제부터 계정에 로그인이 되지 않습니다. 도와주세요."),
]


@pytest.mark.parametrize(("language", "text"), LETTERS)
def test_a_usual_request_says_its_language(language: str, text: str) -> None:
    assert language_of(text) == language


def test_a_short_mail_says_its_language_three_times_out_of_four_and_hardly_ever_another() -> None:
    """Half of these mails have at most 33 characters."""
    sets = (NOTES, MORE_NOTES, PEOPLE, CONFIRMED, STILL_OPEN, CONFIRMING, OPEN)
    mails = [(language, text.replace(" / ", "\n")) for texts in sets for language in texts for text in texts[language]]
    answers = [(language, language_of(text)) for language, text in mails]
    assert sum(answer == language for language, answer in answers) >= 0.75 * len(mails)
    assert sum(answer not in (language, None) for language, answer in answers) <= 3


FOREIGN = {
    "hu": "Jó napot, tegnap óta nem tudok bejelentkezni a fiókomba. Kérem, segítsenek.",
    "ro": "Bună ziua, de ieri nu mă pot conecta la contul meu. Vă rog să mă ajutați.",
    "sk": "Dobrý deň, od včera sa nemôžem prihlásiť do svojho účtu. Prosím o pomoc.",
    "bg": "Здравейте, от вчера не мога да вляза в профила си. Моля за помощ.",
}


@pytest.mark.parametrize(("language", "text"), FOREIGN.items())
def test_a_language_that_no_letter_is_written_in_is_taken_for_no_other(language: str, text: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("text", ["", "Thanks", "OK", "4711", "https://example.org/the/and/is/are/was", "Max Mustermann", "谢谢"])
def test_a_short_text_says_none(text: str) -> None:
    assert language_of(text) is None


def test_a_name_between_words_of_another_language_changes_nothing() -> None:
    assert language_of("Hello, this is Jürgen Müller, and I have a question about the invoice for my order.") == "en"


@given(st.text(max_size=500))
def test_any_text_gives_a_known_language_or_none(text: str) -> None:
    assert language_of(text) in {None, *LANGUAGES}


def test_the_declared_language_wins_over_the_text() -> None:
    german = LETTERS[1][1]
    plain = {"mime_version": "1.0", "content_type": "text/plain; charset=utf-8"}
    assert read(mail(german, **plain)).message.language == "de"
    assert read(mail(german, content_language="fr", **plain)).message.language == "fr"


FEW_WORDS = {
    "de": ("Der Scanner geht nicht", "Bitte Rechnung schicken", "Wo ist mein Paket", "Passwort vergessen", "Die Lampe brennt nicht mehr", "Guten Tag, meine Heizung ist kalt"), "nl": ("De scanner werkt niet", "Waar is mijn pakket", "Wachtwoord vergeten", "Ik kan niet inloggen", "Het doet het niet", "Goedemiddag, de verwarming is koud"), "it": ("La stampante non funziona", "Dove è il mio pacco", "Password dimenticata", "Non riesco ad accedere", "La lampada non si accende"),
    "en": ("The scanner is broken", "I forgot my password", "Where is my parcel"), "fr": ("Où est mon colis", "Ma lampe ne marche pas"), "es": ("¿Dónde está mi paquete?", "Mi cuenta no funciona"), "pt": ("A impressora não funciona", "Não consigo entrar"), "sv": ("Var är mitt paket",), "fi": ("Tulostin ei toimi",), "pl": ("Drukarka nie działa",),
}  # fmt: skip


@pytest.mark.parametrize(("language", "text"), [(language, text) for language, texts in FEW_WORDS.items() for text in texts])
def test_a_few_frequent_words_have_their_language(language: str, text: str) -> None:
    assert language_of(text) == language


MANY_WORDS = {
    "es": "Accoraze Support · HD-K7Q2M9\nHola, Anna Petrova:\nSu solicitud ya está cerrada. Gracias por su paciencia.",
    "no": "God service, takk!\nFlott, takk for hjelpen.\nDet fungerer fint nå, takk alle sammen.\nTakk for den gode hjelpen.",
    "en": "Hi,\nOn Tue, 2011-03-01 at 18:02 +0530, Abhishek Kona wrote:\n> What is the best way to clear a Riak bucket of all keys?",
}


@pytest.mark.parametrize(("language", "text"), MANY_WORDS.items())
def test_many_frequent_words_tell_the_language_among_names_and_numbers(language: str, text: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("text", ["Ida Moss", "Login", "Error 42", "Hamburg Berlin", "Moss Lamp X200", "die", "no"])
def test_names_and_single_words_have_none(text: str) -> None:
    assert language_of(text) is None
