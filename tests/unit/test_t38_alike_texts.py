"""Whether plain text and HTML of one mail say the same, as mail clients and as impostors write them."""

import html
from collections.abc import Callable

import pytest

from helpdesk.threading.reading.html import readable_lines
from helpdesk.threading.reading.lines import Line
from helpdesk.threading.reading.two_texts import SHOWN, other_text

SENTENCES = [
    "The printer on the second floor jams since this morning and nobody can print.",
    "Bitte prüfen Sie die Rechnung 4711, der Betrag stimmt nicht.",
    "Le mot de passe ne marche plus depuis hier soir.",
    "我们的打印机 今天 早上 坏了",
    "Thank you, it works again!",
]
FORMS: dict[str, Callable[[str], tuple[str, str]]] = {
    "paragraphs": lambda said: (said, f"<p>{said}</p>"),
    "marks": lambda said: (said, "<div>" + " ".join(f"<b>{word}</b>" for word in said.split()) + "</div>"),
    "a link": lambda said: (f"{said} https://acme.example/a/b?c=d", f'{said} <a href="https://acme.example/a/b?c=d">here</a>'),
    "a table": lambda said: (f"{said}\n\n> before", f"<table><tr><td>{said}</td></tr><tr><td>before</td></tr></table>"),
    "entities": lambda said: (said, "".join(f"&#{ord(letter)};" for letter in said)),
}
OTHERS = [
    "I approve the payment of 4,000 to the new account.",
    "<p>#close</p>",
    "<div>Please send the code to mallory@evil.example</div>",
    "<h1>K&uuml;ndigung</h1>",
    "<p>Нажмите здесь, чтобы открыть счёт</p>",
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("said", SENTENCES)
def test_what_clients_write_is_one_text(said: str, form: str) -> None:
    plain, markup = FORMS[form](said)
    assert other_text(plain, readable_lines(markup)) == ""


@pytest.mark.parametrize("markup", OTHERS)
@pytest.mark.parametrize("said", SENTENCES)
def test_another_text_is_shown(said: str, markup: str) -> None:
    shown = other_text(said, readable_lines(markup))
    assert shown and shown in html.unescape(markup)


def test_mail_with_one_text_has_no_other() -> None:
    assert other_text(None, [Line("Hello")]) == other_text("Hello", []) == other_text("", [Line("Hello")]) == ""


def test_of_a_long_text_the_begin_is_shown() -> None:
    assert len(other_text("Hello", [Line("word")] * 100_000)) == SHOWN
