"""Limits of what the HTML libraries are given."""

from helpdesk.threading.reading.html import MOST_COPIED, lines, safe


def test_a_run_of_ampersands_that_would_take_long_has_no_safe_form_but_text() -> None:
    count = int(MOST_COPIED**0.5) + 1
    assert safe("&" * count) is None
    assert lines("&" * count)[0].text == "&" * count
    assert safe("<p>& ok" * (count // 2)) is not None


def test_small_html_is_still_held_against_the_limits() -> None:
    assert safe("<div>" * 400) is not None
    assert safe("<div>" * 501) is None
    assert safe("<a " + "x=1 " * 2_100 + ">") is None
