"""What is written the short way has the octets of the plain way (`support.oracles.plain_letters`)."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.desk.letter_orders import CONTENTS, EVERY, LETTERHEAD, NOW, STAFF_WORDS, TICKET, order
from support.oracles import plain_letters

from helpdesk.templates import mime
from helpdesk.templates.catalogue import LANGUAGES, Speech
from helpdesk.templates.compose import compose
from helpdesk.templates.enclosures import SHOWN_TYPES, Enclosure, safe_name
from helpdesk.templates.headers import fold
from helpdesk.templates.mime import Picture, quoted_printable
from helpdesk.templates.overrides import Overrides
from helpdesk.templates.render import Renderer, Words
from helpdesk.templates.view import CustomerView, StaffView
from helpdesk.templates.words import many_lines, one_line
from helpdesk.threading.letters.letter import Letter
from helpdesk.threading.letters.order import LetterOrder
from helpdesk.threading.model.notice import Notice

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=300)
# What breaks lines, hides, is cut, quoted or escaped, between ordinary words.
TRICKY = st.lists(
    st.sampled_from(
        [
            "word",
            " ",
            "  ",
            "\n",
            "\r\n",
            "\t",
            "=",
            ".",
            "é",
            "日本",
            "🙂",
            "\u202e",
            "\xa0",
            "\x00",
            "\ud800",
            "\u2028",
            "<b>&'\"",
        ]
    ),
    max_size=60,
).map("".join)
WORDS = ANYTHING | TRICKY
LINES = TRICKY.map(lambda text: text.replace("\ud800", ""))
IDS = st.from_regex(r"[a-z]{1,12}\.[a-z0-9]{1,10}@[a-z]{1,12}\.example", fullmatch=True)
STAFF_LANGUAGE = ("en",)
ORDERS = [
    pytest.param(audience, notice, language, id=f"{language}-{audience}-{notice}")
    for audience, notice in EVERY
    for language in (LANGUAGES if audience == "customer" else STAFF_LANGUAGE)
]


class PlainRenderer(Renderer):
    """Our templates in the sandbox."""

    def render(self, notice: str, view: CustomerView | StaffView, speech: Speech = Speech()) -> Words:  # noqa: B008
        words = plain_letters.words_in_the_sandbox(notice, view, speech)
        assert isinstance(words, Words)
        return words


def composed(one: LetterOrder, renderer: Renderer) -> Letter:
    return compose(one, replace(LETTERHEAD, renderer=renderer, zone="Europe/Berlin"), CONTENTS, NOW)


def changed_order(audience: str, notice: Notice, language: str, **changes: Any) -> LetterOrder:
    usual = order(audience, notice, **changes)
    return replace(usual, ticket=replace(usual.ticket, language=language) if usual.ticket else None)


@pytest.mark.parametrize(("audience", "notice", "language"), ORDERS)
def test_our_templates_say_the_same_without_the_sandbox(audience: str, notice: Notice, language: str) -> None:
    hostile = "{{ 7 * 7 }} <b>&'\" https://a.example/?b=c&d=e."
    named = replace(TICKET.participants[0], name=hostile)
    for changes in (
        {},
        {"body": f"{STAFF_WORDS}\n{hostile}", "author_name": hostile},
        {"to": named} if audience == "customer" else {},
    ):
        one = changed_order(audience, notice, language, **changes)
        assert composed(one, Renderer()) == composed(one, PlainRenderer())


@pytest.mark.parametrize(("audience", "notice", "language"), ORDERS)
def test_our_templates_show_no_address_that_is_not_written_for_them(audience: str, notice: Notice, language: str) -> None:
    one = changed_order(audience, notice, language)
    with_all_addresses = Renderer(Overrides(templates={"customer/none.txt.j2": ""}))
    assert composed(one, Renderer()) == composed(one, with_all_addresses)


@given(st.lists(WORDS, max_size=4).map(" ".join), st.sampled_from((*SHOWN_TYPES, "application/octet-stream")))
@example("0" * 34, "image/png")  # as long as a line may be
@example("é" + "a" * 22, "image/png")
@settings(max_examples=150)
def test_the_header_of_a_file(name: str, content_type: str) -> None:
    file = Enclosure(safe_name(name), content_type, b"", "")
    assert mime._file_header(file, shown=False) == plain_letters.file_header(file.filename, content_type)


@given(IDS, st.binary(max_size=200))
def test_the_part_of_a_picture(content_id: str, content: bytes) -> None:
    assert mime._picture(Picture("volumes.png", content_id, content)) == plain_letters.picture_part(
        "volumes.png", content_id, content
    )


@given(st.lists(LINES, max_size=20).map("\n".join), st.booleans())
def test_quoted_printable(text: str, ends: bool) -> None:
    whole = text + "\n" * ends
    assert quoted_printable(whole) == plain_letters.quoted_printable(whole)


@given(st.lists(st.sampled_from("aaaa=. é\t"), min_size=70, max_size=80).map("".join), st.integers(0, 80))
def test_quoted_printable_where_a_line_is_broken(text: str, begin: int) -> None:
    line = "a" * begin + text + "\n"
    assert quoted_printable(line) == plain_letters.quoted_printable(line)


@given(st.sampled_from(("To", "Subject", "Auto-Submitted")), WORDS)
def test_a_folded_field(field: str, value: str) -> None:
    assert fold(field, value) == plain_letters.folded(field, value)


@given(WORDS, st.integers(2, 400))
@settings(max_examples=150)
def test_words_on_one_line_and_on_many(text: str, limit: int) -> None:
    assert one_line(text, limit) == plain_letters.one_line(text, limit)
    assert many_lines(text, limit) == plain_letters.many_lines(text, limit)
