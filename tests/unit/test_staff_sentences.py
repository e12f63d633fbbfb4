"""Every sentence of a letter to staff is said in each language, and every letter to staff is in its reader's language throughout."""

import re
from dataclasses import replace

import pytest
from support.desk.letter_orders import CONTENTS, LETTERHEAD, NOW, OMAR, TO_STAFF, order
from support.desk.staff_sentences import sentences_in_code, unresolved
from support.mails.composed_mail import html_of, read, words_of_html

from helpdesk.templates.catalogue import LANGUAGES, PLACEHOLDER, Speech, sentences
from helpdesk.templates.compose import compose
from helpdesk.templates.letterhead import StaffReader
from helpdesk.threading.letters.order import Choice, StaffFacts, TriageFacts
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.sentence import Day, Recorded, joined, packed, plain, recalled, sentence, unpacked

OTHERS = [language for language in LANGUAGES if language != "en"]
COMMAND = re.compile(r"#[a-z]+")
# Words of English that no sentence in another of the languages has.
ENGLISH = frozenset("the your reply this request requests letter with been there their which".split())
TAKEN = sentence("{reference} is assigned to {name}.", reference="ACZ-K7Q2M9", name="Omar")


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_in_the_code_is_in_the_table_and_none_too_many(language: str) -> None:
    assert sorted(sentences(language)) == sorted(sentences_in_code())


def test_the_code_names_the_template_of_each_sentence() -> None:
    """A template that is put together where nobody sees it would be in no table."""
    assert unresolved() == {
        "templates/report_words.py": ["template"],
        "threading/decisions/staff/steps/speech.py": ["template"],
    }


@pytest.mark.parametrize("language", OTHERS)
def test_the_same_values_and_commands_are_in_each_language(language: str) -> None:
    for template, text in sentences(language).items():
        assert sorted(set(PLACEHOLDER.findall(text))) == sorted(set(PLACEHOLDER.findall(template))), template
        assert set(COMMAND.findall(text)) == set(COMMAND.findall(template)), template
        assert text.strip() and not ENGLISH & set(re.findall(r"[a-z]+", PLACEHOLDER.sub("", text).replace("#", " ").lower())), (
            text
        )


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("notice", TO_STAFF)
def test_a_letter_to_staff_has_no_word_of_english(notice: Notice, language: str) -> None:
    letterhead = replace(LETTERHEAD, readers={OMAR.address.lower(): StaffReader(language)})
    usual = order("staff", notice)
    assert isinstance(usual.facts, StaffFacts)
    said = (TAKEN, sentence("Letters go to {address} again.", address="a@b.example"))
    facts = replace(
        usual.facts, warnings=said, outcome=said, related=(), history=(), copied=(), remarks=said, permissions=said,
        last_messages=(), listed=None if usual.facts.listed is None else replace(usual.facts.listed, requests=()),
        choices=(Choice("send", sentence("it is carried out as it is.")),), triage=TriageFacts((said[0],), (sentence("which account"),), "?"),
    )  # fmt: skip
    if facts.digest is not None:
        rows = tuple(replace(row, ticket=replace(row.ticket, subject="X")) for row in facts.digest.open_tickets)
        facts = replace(facts, digest=replace(facts.digest, open_tickets=rows))
    ticket = replace(usual.ticket, subject="X") if usual.ticket else None
    letter = compose(
        replace(usual, facts=facts, ticket=ticket, subject="X", words=replace(usual.words, body="X")), letterhead, CONTENTS, NOW
    )
    html = re.sub(r"(?s)<img[^>]*>", "", html_of(read(letter.content)))
    assert f'<html lang="{language}"' in html
    assert not ENGLISH & {word.lower() for word in words_of_html(html)}


def test_a_sentence_is_said_with_its_values_in_each_place() -> None:
    speech = Speech("de", "Europe/Berlin")
    row = sentence("{reference}, of another queue", reference="ACZ-1")
    assert speech.line(row) == "ACZ-1, aus einer anderen Warteschlange"
    assert (
        speech.line(sentence("{state} {day} by staff", state=sentence("closed"), day=Day(NOW)))
        == "geschlossen 2026-11-22 vom Team"
    )
    assert speech.line(joined((TAKEN, row), "; ")) == "ACZ-K7Q2M9 ist Omar zugewiesen.; ACZ-1, aus einer anderen Warteschlange"
    listed = sentence("{words} in the mail", words=("a", sentence("the text")))
    assert (listed, speech.line(listed)) == ("a, the text in the mail", "a, dem Text in der E-Mail")


def test_a_moment_of_a_record_has_its_year_and_a_text_that_was_stored_is_said_again() -> None:
    speech = Speech("de", "Europe/Berlin")
    assert speech.line(sentence("until {until}", until=Recorded(NOW))) == "bis 2026-11-22 22:40 MEZ"
    assert [speech.line(recalled(text)) for text in ("DMARC failed", "{DMARC} failed")] == [
        "DMARC ist gescheitert",
        "{DMARC} failed",
    ]


@pytest.mark.parametrize(
    "said",
    [
        TAKEN,
        plain("as it is, {so}"),
        sentence("{state} {day} by staff", state=sentence("closed"), day=Day(NOW)),
        sentence("until {until}", until=NOW),
        sentence("until {until}", until=Recorded(NOW)),
        joined((TAKEN, sentence("{words} in {place}", words=("a", "b"), place=sentence("the text"))), "\n"),
        sentence("{words} and {count} more", words=("a",), count=3),
    ],
)
def test_a_stored_sentence_is_said_in_any_language_later(said: str) -> None:
    back = unpacked(packed(said))
    assert back == said
    assert [Speech(language).line(back) for language in LANGUAGES] == [Speech(language).line(said) for language in LANGUAGES]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        '{"say": ',
        '{"say": "{x}", "with": {}}',
        '{"say": 1}',
        '{"say": "a", "with": {"at": {"at": "?"}}}',
        '{"say": ' + "[" * 2_000,
    ],
)
def test_any_other_stored_text_stays_as_it_is(text: str) -> None:
    assert unpacked(text) == text == packed(text)
