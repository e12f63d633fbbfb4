"""Every language says all that English says, with the same words filled in, and no string is there for nothing."""

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.config.triage import DEFAULT_CATEGORIES
from helpdesk.templates import render
from helpdesk.templates.catalogue import (
    BRACE,
    LANGUAGES,
    OVERLAYS,
    PLACEHOLDER,
    Speech,
    UnknownString,
    built_in_strings,
    fill,
    flatten,
    language_for,
    placeholders,
    sentences,
)
from helpdesk.threading.lifecycle.own_letters import SENTENCES, SORTED_BY
from helpdesk.threading.reading.quote_words import REPLY_MARKERS

FOLDER = Path(render.__file__).parent
OTHERS = [one for one in LANGUAGES if one != "en"]
ASKED = re.compile(r"""say\(\s*["']([a-z_.]+)["'](?: if [\w.]+ else "([a-z_.]+)")?""")
BREAKING = re.compile(r"(?<=\S) (?:[;?!»]|:(?!\w))|« ")
AT = datetime(2026, 11, 23, 12, 5, tzinfo=UTC)


def test_each_language_has_its_file() -> None:
    assert {path.stem for path in (FOLDER / "catalogue").iterdir()} == {*LANGUAGES, *OVERLAYS}


@pytest.mark.parametrize("region", OVERLAYS)
def test_a_region_says_some_strings_otherwise_with_the_same_words_filled_in(region: str) -> None:
    usual, here = built_in_strings(language_for(region)), built_in_strings(region)
    assert here and set(here) < set(usual)
    assert not [key for key, text in here.items() if placeholders(text) != placeholders(usual[key]) or text == usual[key]]
    speech = Speech(region.lower())
    assert [speech.say(key) for key in ("letter.closing", "letter.greeting")] == ["Atenciosamente,", "Olá,"]


@pytest.mark.parametrize("language", OTHERS)
def test_no_string_is_missing_and_none_too_many(language: str) -> None:
    assert sorted(built_in_strings(language)) == sorted(built_in_strings("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_words_are_filled_in(language: str) -> None:
    assert {key: placeholders(text) for key, text in built_in_strings(language).items()} == {
        key: placeholders(text) for key, text in built_in_strings("en").items()
    }
    assert not [key for key, text in built_in_strings(language).items() if BRACE.search(PLACEHOLDER.sub("", text))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_string_is_empty_or_ends_in_blanks(language: str) -> None:
    tree = tomllib.loads((FOLDER / "catalogue" / f"{language}.toml").read_text())
    assert all(isinstance(text, str) and text.strip() and text == text.strip(" \n\t") for _, text in flatten(tree))


def test_no_line_breaks_before_a_mark_of_french() -> None:
    """French has a space before `:`, `;`, `?`, `!` and inside quotation marks, at which no line may end."""
    texts = [*built_in_strings("fr").values(), *sentences("fr").values()]
    assert [text for text in texts if BREAKING.search(text)] == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated(language: str) -> None:
    """Single words may be the same: "Referentie" is not, "No" is."""
    same = {key for key, text in built_in_strings(language).items() if text == built_in_strings("en")[key] and " " in text}
    assert same == set()


def test_every_string_is_asked_for_and_every_one_asked_for_is_there() -> None:
    sources = [*FOLDER.rglob("*.j2"), *FOLDER.rglob("*.py"), *(FOLDER.parent / "gateway" / "http").rglob("*.py")]
    asked = {
        key for source in sources for found in ASKED.findall(source.read_text()) for key in found if key and not key.endswith(".")
    }
    made = {f"category.{name}" for name in DEFAULT_CATEGORIES}
    made |= {
        key for key in built_in_strings("en") if key.startswith("sample.") and f'"{key}"' in (FOLDER / "samples.py").read_text()
    }
    made |= {key for key in built_in_strings("en") if key.startswith(("staff.target.", "staff.status.", "staff.proof."))}
    made |= {
        key
        for key in built_in_strings("en")
        if key.startswith(("page.fault.", "page.refused.", "page.request.refused.", "page.status."))
    }
    made |= {f"page.permission.{answer}" for answer in ("yes", "no")}
    assert asked | made == set(built_in_strings("en"))


def test_the_firewall_knows_letters_to_staff_in_every_language() -> None:
    for language, labels in zip(LANGUAGES, SORTED_BY, strict=True):
        strings = built_in_strings(language)
        facts = ("category", "severity", "priority", "queue", "assignee")
        assert labels == tuple(strings[f"staff.{fact}"].lower() for fact in facts)
        feet = (" ".join(strings[f"staff.{foot}"].lower().rstrip(".").split()) for foot in ("answer_public", "answer_internal"))
        assert set(feet) <= set(SENTENCES)


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_sentences_to_staff_are_the_same_in_every_language_and_keep_their_words(language: str) -> None:
    assert set(sentences(language)) == set(sentences("de"))
    assert all(placeholders(template) == placeholders(text) for template, text in sentences(language).items())


def test_replies_are_read_by_the_line_that_each_language_has() -> None:
    assert [built_in_strings(language)["letter.boundary"].lower() for language in LANGUAGES] == list(REPLY_MARKERS)


@pytest.mark.parametrize(
    ("tag", "language"),
    [("de", "de"), ("de-AT", "de"), ("pt-BR", "pt"), ("pt_PT", "pt"), ("zh-Hant-TW", "en"), ("pl", "en"), ("", "en"), ("DE", "de"),
     ("../../etc", "en"), ("de.txt", "en"), ("x-klingon", "en"), ("en-GB-oed", "en")],
)  # fmt: skip
def test_a_reader_gets_the_own_language_or_english(tag: str, language: str) -> None:
    assert language_for(tag) == language


@pytest.mark.parametrize(
    ("tag", "zone", "words"),
    [
        ("en", "UTC", "Monday, 23 November 2026 at 12:05 (UTC)"),
        ("en-US", "America/New_York", "Monday, November 23, 2026 at 7:05\u202fAM (EST)"),
        ("de", "Europe/Berlin", "Montag, 23. November 2026 um 13:05 Uhr (MEZ)"),
        ("fr", "Europe/Berlin", "lundi 23 novembre 2026 à 13:05 (UTC+01:00)"),
        ("es", "Europe/Madrid", "lunes, 23 de noviembre de 2026, a las 13:05 (CET)"),
        ("it", "Europe/Rome", "lunedì 23 novembre 2026 alle ore 13:05 (CET)"),
        ("pt", "Europe/Lisbon", "segunda-feira, 23 de novembro de 2026, às 12:05 (WET)"),
        ("nl", "Europe/Amsterdam", "maandag 23 november 2026 om 13:05 uur (CET)"),
        ("pl", "Asia/Kolkata", "Monday, 23 November 2026 at 17:35 (GMT+05:30)"),
    ],
)
def test_a_moment_is_written_in_the_reader_s_form(tag: str, zone: str, words: str) -> None:
    assert Speech(tag, zone).moment(AT) == words


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(st.text(max_size=40), st.from_regex(r"[a-zA-Z]{2,3}([-_][A-Za-z0-9]{1,8}){0,3}", fullmatch=True)),
    st.sampled_from(sorted(available_timezones())),
)
def test_whatever_is_declared_as_a_language_there_is_a_letter_in_one(tag: str, zone: str) -> None:
    speech = Speech(tag, zone)
    assert speech.language in LANGUAGES
    assert speech.moment(AT)


@given(st.text(max_size=60), st.text(max_size=60))
def test_braces_in_a_word_stay_what_they_are(name: str, files: str) -> None:
    assert fill("<{name}|{files}>", {"name": "{files}" + name, "files": files}) == f"<{{files}}{name}|{files}>"


def test_a_string_or_a_word_that_is_not_there_is_a_fault() -> None:
    with pytest.raises(UnknownString, match="no string letter.nothing"):
        Speech().say("letter.nothing")
    with pytest.raises(UnknownString, match="needs the word reference"):
        Speech().say("letter.why")


def test_a_category_of_the_desk_s_own_keeps_its_name() -> None:
    assert Speech("de").category("account access") == "Zugang zum Konto"
    assert Speech("de").category("Lagerverwaltung") == "Lagerverwaltung"
    assert Speech("de", own={"category.stock": "Lager"}).category("stock") == "Lager"
