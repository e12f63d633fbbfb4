"""Every letter to customers in every language but English, next to this file as `<language>/<notice>.txt`.

`RENEW_LETTERS=1 pytest tests/letters` writes them anew; the difference is reviewed as text.
"""

import os
import re
from pathlib import Path

import pytest
from support.mails.composed_mail import html_of, read, text_of, words_of_html, words_of_text

from helpdesk.templates.catalogue import LANGUAGES
from helpdesk.templates.overrides import customer_notices
from helpdesk.templates.render import Renderer
from helpdesk.templates.samples import Sample, sample_letter, sample_order, samples
from helpdesk.threading.model.notice import Notice

FOLDER = Path(__file__).parent
CASES = [(language, Notice(notice)) for language in LANGUAGES for notice in customer_notices()]
FOREIGN = [case for case in CASES if case[0] != "en"]
EVERY = [(language, notice, variant) for language, notice in CASES for variant in samples(notice, language)]
RENDERER = Renderer()


@pytest.mark.parametrize(("language", "notice"), FOREIGN)
def test_the_letter_reads_as_agreed(language: str, notice: Notice) -> None:
    letter = sample_letter(sample_order(notice, language), RENDERER, "Accoraze Support", "Europe/Berlin")
    shown = f"Subject: {letter.subject}\n\n" + text_of(read(letter.content))
    golden = FOLDER / language / f"{notice}.txt"
    if os.environ.get("RENEW_LETTERS"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(shown, encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == shown


def test_no_golden_letter_is_left_over() -> None:
    there = {(path.parent.name, path.stem) for path in FOLDER.glob("*/*.txt")}
    assert there == {(language, notice.value) for language, notice in FOREIGN}


@pytest.mark.parametrize(("language", "notice", "sample"), EVERY, ids=lambda value: getattr(value, "name", value))
def test_both_parts_say_the_same_in_the_language_that_the_letter_names(language: str, notice: Notice, sample: Sample) -> None:
    letter = sample_letter(sample.order, RENDERER, "Accoraze Support", "Europe/Berlin")
    mail = read(letter.content)
    assert words_of_text(text_of(mail)) == words_of_html(html_of(mail))
    assert words_of_text(letter.body_text) == words_of_html(letter.body_html)
    assert set(re.findall(r' lang="(\w+)"', html_of(mail))) == {language}
    assert "{" not in letter.body_text
