"""Limits of what the HTML parser is given."""

import pytest

from helpdesk.threading.reading.html import readable_lines
from helpdesk.threading.reading.html_limits import MOST_TAGS, too_complex
from helpdesk.threading.reading.tags import is_only_text


def test_small_html_is_still_held_against_the_limits() -> None:
    assert not too_complex("<div>" * 400)
    assert too_complex("<div>" * 501)
    assert too_complex("<a " + "x=1 " * 2_100 + ">")


def test_more_tags_than_a_page_has_are_taken_off_without_a_tree() -> None:
    assert too_complex("<p>ok" * (MOST_TAGS + 1))
    assert [line.text for line in readable_lines("<p>ok" * (MOST_TAGS + 1))] == ["ok"] * (MOST_TAGS + 1)


PLAIN_PAGES = {
    '<html><body><div dir="ltr">Hello<br>\r\n<br>you</div></body></html>': True,
    "<DIV dir=auto><p>Hello</p></DIV>": True,
    "a < b and 3 > 2": False,  # a tag may begin there
    "<div><b>Hello</b></div>": False,
    '<div style="font-weight:bold">Hello</div>': False,
    '<div class="gmail_quote">Hello</div>': False,
    "<div><!-- x -->Hello</div>": False,
    '<p>Hello<img src="cid:x"></p>': False,
    "<div hidden>Hello</div>": False,
}


@pytest.mark.parametrize("page", PLAIN_PAGES)
def test_a_page_without_shape_needs_no_tree(page: str) -> None:
    assert is_only_text(page) is PLAIN_PAGES[page]
