"""Promised times: due rows that the clock reaches, each once, whatever else happens."""

from datetime import timedelta

from support.desk.story import StoryDesk

from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status


def test_a_missed_first_response_escalates_once_and_so_does_the_answer_that_was_promised_then(desk: StoryDesk) -> None:
    anna, omar, ines = desk.person("anna@acme.example"), desk.person("omar@desk.example"), desk.person("ines@desk.example")
    anna.writes("Printer", "It jams.")  # Monday 09:00, business: four working hours
    desk.passes(hours=3, minutes=59)
    assert desk.ticket().status is Status.IN_REVIEW
    desk.passes(minutes=2)
    ticket = desk.ticket()
    assert (ticket.status, ticket.escalation_level, ticket.assignee) == (Status.ESCALATED, 1, ines.address)
    assert desk.notices_to(ines) == [Notice.TARGET_MISSED]
    desk.passes(days=10)
    assert desk.notices_to(anna) == [Notice.CONFIRMATION, Notice.ESCALATION, Notice.ESCALATION]
    assert desk.ticket().escalation_level == 2
    assert desk.notices_to(omar) == [Notice.NEW_TICKET, Notice.TARGET_WARNING, Notice.TARGET_MISSED]  # the last: it has moved


def test_an_answer_in_time_stops_the_clock(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    desk.passes(hours=3)
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    desk.passes(days=3)
    assert desk.ticket().status is Status.IN_PROGRESS
    assert desk.ticket().first_response_at is not None


def test_a_note_is_no_answer(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#note\nI know that printer.")
    desk.passes(hours=5)
    assert desk.ticket().status is Status.ESCALATED


def test_the_clock_counts_working_hours_alone(desk: StoryDesk) -> None:
    carl = desk.person("carl@globex.example")
    desk.now += timedelta(hours=7, minutes=30)  # Monday 16:30; starter: eight working hours
    carl.writes("Printer", "It jams.")
    desk.passes(hours=23, minutes=50)  # Tuesday 16:20
    assert desk.ticket().status is Status.IN_REVIEW
    desk.passes(minutes=15)
    assert desk.ticket().status is Status.ESCALATED


def test_a_plan_without_a_promise_has_no_clock_and_tells_no_time(desk: StoryDesk) -> None:
    eve = desk.person("eve@nowhere.example")
    eve.writes("Printer", "It jams.")
    desk.passes(days=30)
    assert desk.ticket().status is Status.IN_REVIEW
    assert "Answer by" not in eve.letter(Notice.CONFIRMATION).text


def test_the_confirmation_says_the_promised_time(desk: StoryDesk) -> None:
    anna, carl = desk.person("anna@acme.example"), desk.person("carl@globex.example")
    anna.writes("Printer", "It jams.")
    carl.writes("Printer", "It jams.")
    assert "Answer by: Monday, 23 November 2026 at 13:00 (UTC)" in anna.letter(Notice.CONFIRMATION).text
    assert "Answer by: Tuesday, 24 November 2026 at 09:00 (UTC)" in carl.letter(Notice.CONFIRMATION).text


def test_silence_after_a_resolution_closes(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    desk.passes(days=6, hours=23)  # five days end on a Saturday: it waits for the desk's Monday
    assert desk.ticket().status is Status.RESOLVED
    desk.passes(hours=2)
    assert desk.ticket().status is Status.CLOSED
    assert desk.notices_to(anna)[-1] is Notice.CLOSING
    desk.passes(days=60)
    assert desk.notices_to(anna).count(Notice.CLOSING) == 1


def test_a_reopened_ticket_does_not_close_by_the_old_timer_and_a_new_resolution_has_a_new_one(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    desk.passes(days=4)
    anna.replies(Notice.RESOLUTION, "It still jams.")
    desk.passes(days=4)
    assert desk.ticket().status is Status.IN_PROGRESS
    omar.replies(Notice.REOPENED, "#resolve\nReplaced.")
    desk.passes(days=4)
    assert desk.ticket().status is Status.RESOLVED
    desk.passes(days=2)
    assert desk.ticket().status is Status.CLOSED


def test_the_solved_address_confirms_and_that_of_an_older_resolution_is_told(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    first = mailto(anna.letter(Notice.RESOLUTION).html, "solved")
    anna.replies(Notice.RESOLUTION, "It still jams.")
    anna.writes("Solved", "", to=first)
    assert desk.ticket().status is Status.IN_PROGRESS
    remark = "pressed “It is solved” in the letter about an earlier resolution"
    assert remark in omar.letter(Notice.CUSTOMER_REPLY).text
    omar.replies(Notice.CUSTOMER_REPLY, "#resolve\nReplaced.")
    second = mailto(anna.letter(Notice.RESOLUTION).html, "solved")
    assert first != second
    for words in ("", "what an ordinary sentence"):
        anna.writes("Solved", words, to=first)
        assert desk.ticket().status is Status.RESOLVED
        assert remark in omar.letter(Notice.CUSTOMER_REPLY).text
    assert desk.notices_to(anna).count(Notice.REOPENED) == 1
    anna.writes("Solved", "No, it fails again.", to=first)
    assert desk.ticket().status is Status.IN_PROGRESS
    omar.replies(Notice.REOPENED, "#resolve\nReplaced again.")
    anna.writes("Solved", "what an ordinary sentence", to=mailto(anna.letter(Notice.RESOLUTION).html, "solved"))
    assert desk.ticket().status is Status.CLOSED


def test_the_still_broken_address_reopens_even_with_thanks(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    anna.writes("Still broken", "Thanks", to=mailto(anna.letter(Notice.RESOLUTION).html, "not solved"))
    assert desk.ticket().status is Status.IN_PROGRESS


def mailto(html: str, word: str) -> str:
    """The address behind a shortcut whose subject or text has that word."""
    import re

    for address, rest in re.findall(r'href="mailto:([^"?]+)([^"]*"[^>]*>[^<]*)', html):
        if word in rest.lower():
            return str(address)
    raise AssertionError(f"no mailto for {word}")


def test_the_solved_address_confirms_whatever_was_noted_meanwhile(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    omar.replies(Notice.NEW_TICKET, "#note\nPaper was wet.")
    anna.replies(Notice.RESOLUTION, "I am out of the office.", headers={"Auto-Submitted": "auto-replied"})
    anna.writes("Solved", "what an ordinary sentence", to=mailto(anna.letter(Notice.RESOLUTION).html, "solved"))
    assert desk.ticket().status is Status.CLOSED
