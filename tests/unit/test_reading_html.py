"""Limits of what the HTML libraries are given."""

from helpdesk.threading.reading.html import MOST_COPIED, MOST_TAGS, readable_lines, sanitise


def test_a_run_of_ampersands_that_would_take_long_has_no_safe_form_but_text() -> None:
    count = int(MOST_COPIED**0.5) + 1
    assert sanitise("&" * count) is None
    assert readable_lines("&" * count)[0].text == "&" * count
    assert sanitise("\u00a0" * count) is None
    assert sanitise("<p>& ok" * MOST_TAGS) is not None


def test_small_html_is_still_held_against_the_limits() -> None:
    assert sanitise("<div>" * 400) is not None
    assert sanitise("<div>" * 501) is None
    assert sanitise("<a " + "x=1 " * 2_100 + ">") is None


def test_more_tags_than_a_page_has_are_taken_off_without_a_tree() -> None:
    assert sanitise("<p>ok" * (MOST_TAGS + 1)) is None
    assert [line.text for line in readable_lines("<p>ok" * (MOST_TAGS + 1))] == ["ok"] * (MOST_TAGS + 1)
