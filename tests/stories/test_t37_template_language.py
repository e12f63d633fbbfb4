"""Template language in anything that people write is text, in every letter that quotes it."""

import re
from pathlib import Path

from support.desk.story import StoryDesk

from helpdesk.threading.model.notice import Notice

PAYLOADS = [
    "{{ 7 * 1191 }}", "{{7*1191}}", "{% for x in range(9) %}8337{% endfor %}", "{% include '/etc/passwd' %}", "{# gone #}", "${7*1191}", "#{7*1191}",
    "{{ self.__init__.__globals__ }}", "{{ ''.__class__.__mro__ }}", "{{ config }}", "{{ body|safe }}", "{{ cycler.__init__ }}", "<%= 7*1191 %>", "{{ undefined }}",
]  # fmt: skip
ROOT = Path(__file__).resolve().parents[2]


def test_it_stands_in_the_letters_as_it_was_written(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example", PAYLOADS[0]), desk.person("omar@desk.example", PAYLOADS[1])
    text = "\n".join(f"I see {payload} here." for payload in PAYLOADS)
    anna.writes(PAYLOADS[0], text)
    omar.replies(Notice.NEW_TICKET, text)
    heard, answered = omar.letter(Notice.NEW_TICKET), anna.letter(Notice.ANSWER)
    for letter in (heard, answered):
        assert all(payload in letter.text for payload in PAYLOADS)
        assert "8337" not in letter.text.replace(PAYLOADS[2], "") + letter.html.replace("8337{", "")
    assert heard.header("Subject").endswith(PAYLOADS[0])


OWN_MARKUP = re.compile(r"\{\{ message\.html ?\| ?safe \}\}")  # a message on a page: the desk has written it itself


def test_no_template_takes_words_for_markup_but_through_the_filter_that_escapes() -> None:
    for file in (ROOT / "templates").rglob("*.j2"):
        text = OWN_MARKUP.sub("", file.read_text())
        assert "|safe" not in text.replace(" ", "").replace("|as_html|safe", "") and "autoescape false" not in text, file
