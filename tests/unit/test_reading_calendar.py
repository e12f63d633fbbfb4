import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.mails.mails import multipart

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.calendar import summary

EVENT = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:16010101T030000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
SUMMARY;LANGUAGE=en:Call about your\\, order
DTSTART;TZID="Europe/Berlin":20240506T101500
DTEND;TZID="Europe/Berlin":20240506T110000
LOCATION:Room 5 on the
  second floor
BEGIN:VALARM
SUMMARY:alarm
END:VALARM
END:VEVENT
BEGIN:VEVENT
SUMMARY:another
END:VEVENT
END:VCALENDAR
"""


def changed(*replacements: tuple[str, str]) -> str:
    text = EVENT
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (EVENT, "[Invitation: Call about your, order, 2024-05-06 10:15 to 11:00 Europe/Berlin, Room 5 on the second floor]"),
        (EVENT.replace("\n", "\r\n"), "[Invitation: Call about your, order, 2024-05-06 10:15 to 11:00 Europe/Berlin, Room 5 on the second floor]"),
        (changed(("METHOD:REQUEST", "METHOD:CANCEL"), ("LOCATION", "X-PLACE")), "[Cancelled: Call about your, order, 2024-05-06 10:15 to 11:00 Europe/Berlin]"),
        (changed(("20240506T110000", "20240507T090000Z"), ("20240506T101500", "20240506T101500Z"), ("LOCATION", "X")), "[Invitation: Call about your, order, 2024-05-06 10:15 to 2024-05-07 09:00 UTC]"),
        (changed((';TZID="Europe/Berlin":20240506T101500', ";VALUE=DATE:20240506"), ("LOCATION", "X")), "[Invitation: Call about your, order, 2024-05-06]"),
        (changed(("METHOD:REQUEST", "METHOD:REPLY"), ("LOCATION", 'ATTENDEE;CN="a;b:c";PARTSTAT=DECLINED:mailto:x\nX')), "[Answer to an invitation: declined, Call about your, order, 2024-05-06 10:15 to 11:00 Europe/Berlin]"),
    ],
)  # fmt: skip
def test_an_invitation_is_told_in_one_line(source: str, told: str) -> None:
    assert summary(source) == told


@pytest.mark.parametrize(
    "source", ["", "words", EVENT.replace("METHOD:REQUEST\n", ""), "BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR"]
)
def test_what_is_no_invitation_says_nothing(source: str) -> None:
    assert summary(source) == ""


def test_the_line_stands_in_the_text_and_the_calendar_is_attached() -> None:
    part = f"Content-Type: text/calendar; method=REQUEST; charset=utf-8\n\n{EVENT}"
    message = read(multipart("alternative", "Content-Type: text/plain\n\nPlease come", part)).message
    assert message.text.startswith("Please come\n[Invitation: Call about")
    assert [attachment.content_type for attachment in message.attachments] == ["text/calendar"]


@given(st.lists(st.sampled_from([*EVENT.splitlines(), "END:VEVENT", "DTSTART:2024", ":", ";", '"']), max_size=20))
def test_any_lines_give_one_line(lines: list[str]) -> None:
    assert "\n" not in summary("\n".join(lines))
