"""Limits of what the HTML parser is given."""

from helpdesk.threading.reading.html import readable_lines
from helpdesk.threading.reading.html_limits import MOST_TAGS, too_complex


def test_small_html_is_still_held_against_the_limits() -> None:
    assert not too_complex("<div>" * 400)
    assert too_complex("<div>" * 501)
    assert too_complex("<a " + "x=1 " * 2_100 + ">")


def test_more_tags_than_a_page_has_are_taken_off_without_a_tree() -> None:
    assert too_complex("<p>ok" * (MOST_TAGS + 1))
    assert [line.text for line in readable_lines("<p>ok" * (MOST_TAGS + 1))] == ["ok"] * (MOST_TAGS + 1)
