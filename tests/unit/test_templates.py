"""Templates: both kinds say the same, nothing that a person wrote is ever run, and only plain links can be followed."""

import re
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args, get_type_hints

import jinja2
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from support.desk.letter_orders import (
    ANNA,
    CONTENTS,
    CUSTOMER_FACTS,
    EVERY,
    LETTERHEAD,
    NOW,
    STAFF_FACTS,
    TICKET,
    TO_CUSTOMERS,
    TO_STAFF,
    WEEKS,
    order,
)
from support.mails.composed_mail import html_of, read, seen, text_of, words_of_html, words_of_text

from helpdesk.templates import render
from helpdesk.templates.compose import compose
from helpdesk.templates.render import NO_OVERRIDES, OutputTooLarge, OwnRenderer, Renderer
from helpdesk.templates.view import CustomerView
from helpdesk.templates.words import as_html, many_lines, one_line
from helpdesk.threading.letters.letter import Letter
from helpdesk.threading.letters.order import DigestFacts, LetterWords, ListedRequest, OpenTicket, RequestList
from helpdesk.threading.model.digest import DigestRow
from helpdesk.threading.model.message import Direction, InternalNote, PastMessage
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.sentence import plain

FOLDER = Path(render.__file__).parent
# Each is short enough for a name, the shortest of the places that it goes to.
PAYLOADS = [
    "{{7*7}} ${7*7} #{7*7} <%= 7*7 %> {# a comment #} {{ letter.note_address }}",
    "{% include 'en/staff/new_ticket.txt.j2' %} {{ self.__init__.__globals__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{% for x in range(10**9) %}x{% endfor %} {% raw %} {% endblock %}",
]
SCRIPTS = [
    '<script>alert(1)</script> "><img src=x onerror=alert(1)>',
    "<a href='javascript:alert(1)'>here</a> javascript:alert(1) &lt;script&gt;",
    'https://a.example/"onmouseover="alert(1) https://a.example/<b>',
    "<!--x ]]> </style></title></td></table></div>",
]
HARMLESS_TAGS = {"a", "br", "p", "blockquote"}
PICTURE_OF_THE_MAIL = r'<img src="cid:([^"]+)" alt="[^"]+"[^>]*>'


def letter(audience: str, notice: Notice, **changes: object) -> Letter:
    return compose(order(audience, notice, **changes), LETTERHEAD, CONTENTS, NOW)


def filled_with(words: str, audience: str, notice: Notice) -> Letter:
    """A letter in which everything that can come from outside is these words."""
    ticket = replace(
        TICKET, subject=words, category=words, plan=words, severity=words, priority=words, queue=words, assignee=words
    )
    past = (PastMessage(words, Direction.CUSTOMER, words, datetime(2026, 11, 22, 20, 10, tzinfo=UTC)),)
    staff = replace(STAFF_FACTS, customer=replace(ANNA, name=words), account=words, answer_goes_to=(words,), last_messages=past)
    staff = replace(staff, digest=DigestFacts((OpenTicket(1, ticket, NOW, None),)), history=(plain(words),))
    listed = ListedRequest(DigestRow(1, 7231, "ACZ-K7Q2M9", 3), words, words, plain(words), NOW, words)
    staff = replace(staff, listed=RequestList(plain(words), (listed,)))
    staff = replace(staff, attachments=(words,), warnings=(plain(words),), outcome=(plain(words),), related=(plain(words),))
    staff = replace(staff, weeks=replace(WEEKS, last=replace(WEEKS.last, queues=(replace(WEEKS.last.queues[0], name=words),))))
    customer = replace(CUSTOMER_FACTS, received_attachments=(words,))
    usual = order(audience, notice)
    facts = staff if usual.for_staff else customer
    changed = replace(usual, ticket=ticket, facts=facts, to=replace(usual.to, name=words), words=LetterWords(words, words))
    return compose(changed, LETTERHEAD, CONTENTS, NOW)


@pytest.mark.parametrize(("audience", "notice"), EVERY)
def test_text_and_html_say_the_same_words(audience: str, notice: Notice) -> None:
    composed = letter(audience, notice)
    mail = read(composed.content)
    text, html = words_of_text(text_of(mail)), words_of_html(html_of(mail))
    assert without_warning_marks(text) == without_warning_marks(html)
    assert without_warning_marks(words_of_text(composed.body_text)) == without_warning_marks(words_of_html(composed.body_html))
    assert len(words_of_text(composed.body_text)) > 5


def without_warning_marks(words: list[str]) -> list[str]:
    """Text marks each warning, HTML the box that holds them all."""
    return [word for word in words if word != "Warning"]


def test_a_letter_without_any_facts_still_renders() -> None:
    bare = replace(STAFF_FACTS, account=None, answer_goes_to=(), targets=(), last_messages=(), attachments=())
    for audience, notice in EVERY:
        facts = bare if audience == "staff" else type(CUSTOMER_FACTS)()
        composed = letter(
            audience, notice, facts=facts, body="", author_name="", ticket=replace(TICKET, subject="", assignee=None)
        )
        mail = read(composed.content)
        assert without_warning_marks(words_of_text(text_of(mail))) == without_warning_marks(words_of_html(html_of(mail)))
        assert letter(audience, notice, facts=facts, body="", ticket=None).body_text


def test_every_notice_has_its_pair_and_every_pair_its_notice() -> None:
    assert set(TO_CUSTOMERS) | set(TO_STAFF) == set(Notice)
    for folder, notices in (("customer", TO_CUSTOMERS), ("en/staff", TO_STAFF)):
        found = {path.name for path in (FOLDER / folder).iterdir()}
        assert found == {f"{notice}.{kind}.j2" for notice in notices for kind in ("txt", "html")}


def says_no_words(audience: str, notice: Notice) -> bool:
    """Whether a letter has no words but the name of its reader. What is no name greets nobody."""
    return audience == "customer" and notice in (Notice.REMINDER, Notice.CONSENT_REQUEST, Notice.INCOMPLETE)


def in_turns(words: list[str], first: int) -> list[tuple[str, str, Notice]]:
    """Every second letter with one of the words, and every one of the words in several letters."""
    return [(words[number % len(words)], audience, notice) for number, (audience, notice) in enumerate(EVERY[first::2])]


@pytest.mark.parametrize(("payload", "audience", "notice"), in_turns(PAYLOADS, 0))
def test_template_language_in_words_stays_words(payload: str, audience: str, notice: Notice) -> None:
    composed = filled_with(payload, audience, notice)
    mail = read(composed.content)
    if not says_no_words(audience, notice):
        assert payload in text_of(mail) or one_line(payload) in text_of(mail)
        assert payload in "".join(seen(html_of(mail)).pieces)
    assert "49" not in re.findall(r"\d+", text_of(mail) + "".join(seen(html_of(mail)).pieces))


@pytest.mark.parametrize(("script", "audience", "notice"), in_turns(SCRIPTS, 1))
def test_markup_in_words_stays_words(script: str, audience: str, notice: Notice) -> None:
    usual, changed = letter(audience, notice), filled_with(script, audience, notice)
    for html in (html_of(read(changed.content)), changed.body_html):
        assert script in " ".join("".join(seen(html).pieces).split()) or says_no_words(audience, notice)
        assert set(seen(html).tags) <= set(seen(html_of(read(usual.content))).tags) | HARMLESS_TAGS | {
            "div",
            "table",
            "tr",
            "td",
            "span",
        }
        assert all(link.startswith(("http://", "https://", "mailto:", "cid:")) for link in seen(html).links)
        assert not re.search(r"<[^>]*\son\w+=", html)


def test_no_letter_loads_anything() -> None:
    for audience, notice in EVERY:
        page = re.sub(PICTURE_OF_THE_MAIL, "", html_of(read(letter(audience, notice).content)))
        assert not re.search(r"<(img|link|script|iframe|object|form|input)\b|\bsrc=|url\(|@import|@font-face", page)
        assert '<html lang="en"' in page and "prefers-color-scheme: dark" in page
        tables = page.count("<table") - page.count('<table role="presentation"')
        assert tables == len(re.findall(r'<table[^>]*>\s*<tr><th scope="col"', page)) and (
            not tables or notice is Notice.WEEKLY_REPORT
        )


def test_every_picture_of_a_letter_is_in_the_mail() -> None:
    mail = read(letter("staff", Notice.WEEKLY_REPORT).content)
    shown = re.findall(PICTURE_OF_THE_MAIL, html_of(mail))
    enclosed = [part["Content-ID"].strip("<>") for part in mail.walk() if part.get_content_type() == "image/png"]
    assert shown == enclosed and len(shown) == 3


def test_no_link_of_a_letter_leads_to_the_desk_over_http() -> None:
    for audience, notice in EVERY:
        links = seen(html_of(read(letter(audience, notice, body="").content))).links
        assert all(link.startswith(("mailto:", "cid:")) for link in links)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
@example(">")
def test_words_in_html_show_what_was_written(words: str) -> None:
    clean = many_lines(words, 1000)
    quotes = any(line.startswith(">") and line.strip("> ") for line in clean.splitlines())
    assume(not quotes)  # a quotation is shown without its marks
    shown = "".join(seen(as_html(clean)).pieces)
    assert shown.split() == clean.split()
    assert set(seen(as_html(clean)).tags) <= HARMLESS_TAGS


@pytest.mark.parametrize(
    ("written", "links"),
    [
        ("see https://a.example/x?y=1&z=2.", ["https://a.example/x?y=1&z=2"]),
        ("https://a.example/?a=1&lt=2", ["https://a.example/?a=1&lt=2"]),
        ("(http://a.example)", ["http://a.example"]),
        ("<https://a.example>", ["https://a.example"]),
        ("javascript:alert(1) data:text/html,x ftp://a.example mailto:a@b.example www.a.example", []),
        ("https://a.example/" + "x" * 3000, []),
    ],
)
def test_only_plain_http_addresses_become_links(written: str, links: list[str]) -> None:
    assert seen(as_html(written)).links == links


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.integers(2, 50))
def test_a_line_is_one_line_of_bounded_length(words: str, limit: int) -> None:
    line = one_line(words + "\r\n\x00\ud800\u202e" + words, limit)
    assert len(line) <= limit and len(line.splitlines()) <= 1
    assert not set(line) & set("\r\n\x00\u202e\u2028\x85") and line.encode()


def test_letters_in_false_order_do_not_survive() -> None:
    assert many_lines("a\u202egpj.exe \u200fb", 100) == "agpj.exe \u200fb"


def test_a_long_name_never_hides_the_address() -> None:
    spoof = "Billing <billing@acme.example> " + "x" * 500
    composed = letter("staff", Notice.NEW_TICKET, facts=replace(STAFF_FACTS, customer=replace(ANNA, name=spoof)))
    assert " · Address: anna@acme.example · " in text_of(read(composed.content))


def test_a_very_long_body_is_cut_and_says_so() -> None:
    composed = letter("staff", Notice.NEW_TICKET, body="word " * 100_000)
    text = text_of(read(composed.content))
    assert len(text) < 210_000 and " …" in text


def test_output_of_a_runaway_template_is_stopped() -> None:
    renderer = Renderer()
    view = CustomerView(desk="d" * 5_000_000, subject="", reference="")
    with pytest.raises(OutputTooLarge, match=r"answer\.txt\.j2"):
        renderer.render("answer", replace(view, body="b" * 5_000_000))


def test_an_unknown_value_or_notice_is_a_fault() -> None:
    renderer = Renderer()
    with pytest.raises(jinja2.TemplateNotFound):
        renderer.render("no_such_notice", CustomerView(desk="", subject="", reference=""))
    customer = CustomerView(desk="", subject="", reference="")
    with pytest.raises(jinja2.UndefinedError):
        render._built_in_template("txt", ("en/staff/new_ticket.txt.j2",)).render(
            letter=customer, boundary="", lang="en", inner=""
        )


def test_a_template_of_a_desk_cannot_reach_into_python() -> None:
    template = OwnRenderer(NO_OVERRIDES)._environment.from_string("{{ letter.__class__.__mro__ }}{{ letter.append('x') }}")
    with pytest.raises(jinja2.exceptions.SecurityError):
        template.render(letter=[])


def test_templates_are_compiled_once() -> None:
    closing = ("en/customer/closing.txt.j2", "customer/closing.txt.j2")
    assert render._built_in_template("txt", closing) is render._built_in_template("txt", closing)
    environment = render._built_in_environment("html")
    assert environment.get_template("layout/letter.html.j2") is environment.get_template("layout/letter.html.j2")


def test_a_view_for_customers_has_no_place_for_internal_notes_or_staff() -> None:
    hints = get_type_hints(CustomerView)
    used = {one for hint in hints.values() for one in (hint, *get_args(hint))}
    assert not used & {InternalNote, StaffMember, type(STAFF_FACTS), type(TICKET), PastMessage}
    assert not {"note", "note_address", "warnings", "assurance", "assignee"} & {field.name for field in fields(CustomerView)}
