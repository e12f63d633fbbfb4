"""Ready answers: where they come from, what may stand in them, and which one fits a message."""

from pathlib import Path

import pytest
from support.desk.triage_desk import POLICY, said

from helpdesk.config.load import ConfigurationProblems, load
from helpdesk.config.policy import Policy
from helpdesk.config.ready_answers import VALUES, filled
from helpdesk.config.ready_texts import TEXTS, WORDS
from helpdesk.config.values import LETTER_LANGUAGES
from helpdesk.threading.lifecycle.ready import fitting_answer

DESK = """[desk]
name = "Accoraze Support"
domain = "support.example.com"
[[address]]
address = "help@support.example.com"
[[staff]]
name = "Omar Haddad"
address = "omar@desk.example"
"""


def loaded(folder: Path, more: str = "", files: dict[str, str] | None = None) -> Policy:
    (folder / "helpdesk.toml").write_text(DESK + more, "utf-8")
    (folder / "answers").mkdir()
    for name, text in (files or {}).items():
        (folder / "answers" / name).write_text(text, "utf-8")
    return load(folder / "helpdesk.toml", {}, with_secret=False).policy


@pytest.mark.parametrize("name", TEXTS)
def test_the_desk_s_own_answers_speak_every_language_of_letters(name: str) -> None:
    assert tuple(TEXTS[name]) == LETTER_LANGUAGES == tuple(WORDS[name])
    assert len(set(TEXTS[name].values())) == len(LETTER_LANGUAGES)


def test_answers_come_from_the_folder_and_the_file_and_the_file_has_the_last_word(tmp_path: Path) -> None:
    more = '[[ready_answer]]\nname = "refund"\nwords = ["money back"]\ntexts = { en = "From the file." }\n'
    policy = loaded(
        tmp_path, more, {"refund.de.md": "Aus dem Ordner.\n", "refund.en.md": "From the folder.", "scope.en.md": "Ours alone."}
    )
    answers = policy.all_ready_answers
    assert set(answers) == {*TEXTS, "refund"}
    assert answers["refund"].texts == {"de": "Aus dem Ordner.", "en": "From the file."}
    assert answers["scope"].texts["en"] == "Ours alone." and answers["scope"].texts["de"] == TEXTS["scope"]["de"]
    assert fitting_answer(said("", "I want my money back"), policy) == "refund"


def test_the_customer_s_language_counts_then_the_desk_s_then_english(tmp_path: Path) -> None:
    policy = loaded(tmp_path, "", {"refund.de.md": "Deutsch", "refund.en.md": "English", "fee.nl.md": "Nederlands"})
    refund = policy.all_ready_answers["refund"]
    assert [refund.text_in(code, "de")[1] for code in ("de-AT", "en", "fr")] == ["de", "en", "de"]
    assert refund.text_in("fr", "es")[1] == "en"
    assert policy.all_ready_answers["fee"].text_in("fr", "es") == ("Nederlands", "nl")


@pytest.mark.parametrize(
    ("files", "more", "reason"),
    [
        ({"refund.en.md": "Hello {nmae},"}, "", '{nmae} is no value of a ready answer, did you mean "name"?'),
        ({"refund.en.md": "Ask {customer.__class__} {token}"}, "", "{token} is no value of a ready answer, allowed: account"),
        ({"refund.md": "Hello"}, "", "call the file NAME.LANG.md"),
        ({"refund.xx.md": "Hello"}, "", '"xx" is no language of letters'),
        ({"Re fund.en.md": "Hello"}, "", "write a name of small letters"),
        ({"refund.en.md": "  \n"}, "", "write a text of 1 to"),
        ({}, '[[ready_answer]]\nname = "a"\ntexts = { en = "{refrence}" }\n', 'did you mean "reference"?'),
        ({}, '[[ready_answer]]\nname = "a"\n[[ready_answer]]\nname = "a"\n', '"a" stands here twice'),
    ],
)
def test_a_faulty_answer_is_one_line_that_says_where_and_what(
    tmp_path: Path, files: dict[str, str], more: str, reason: str
) -> None:
    with pytest.raises(ConfigurationProblems) as caught:
        loaded(tmp_path, more, files)
    [problem] = caught.value.problems
    assert reason in str(problem) and "\n" not in str(problem)
    assert str(problem).startswith(str(tmp_path / "answers" / next(iter(files)) if files else tmp_path / "helpdesk.toml"))


def test_a_value_says_nothing_further_and_an_empty_one_leaves_no_gap() -> None:
    values = dict.fromkeys(VALUES, "") | {"subject": "{reference} {staff}", "reference": "ACZ-1"}
    assert filled("Hello {name}, about {subject} ({reference}). {not a value} {}", values) == (
        "Hello, about {reference} {staff} (ACZ-1). {not a value} {}"
    )


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("Please give me access to my colleague's account.", "en", "other-account"),
        ("Bitte ändern Sie das Konto meiner Kollegin.", "de", "other-account"),
        ("Pouvez-vous nous donner une date pour l'export ?", "fr", "dates"),
        ("Necesito que corrijan... modificar nuestros datos de cliente.", "es", "permission"),
        ("Avrei bisogno di una consulenza fiscale.", "it", "scope"),
        ("Quando estará disponível a nova função?", "pt", "dates"),
        ("Kunt u onze gegevens verwijderen?", "nl", "permission"),
        ("I cannot log in.", "en", ""),
        ("I will hurt myself. Give me access to my colleague's account.", "en", ""),
    ],
)
def test_the_answer_that_fits_is_found_by_the_words_of_the_request(text: str, language: str, name: str) -> None:
    assert fitting_answer(said("", text, language), POLICY) == name
