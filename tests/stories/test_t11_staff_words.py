"""What staff write for staff alone reaches no customer. A short walk of the long one: see `canary_rig`."""

import pytest
from support.campaigns.canary_rig import CANARY, Leak, decoded, run
from support.desk.story import StoryDesk

from helpdesk.threading.model.notice import Notice

SECRET = "zqn1234567q"


def test_five_hundred_steps_leak_nothing() -> None:
    assert "canaries" in run(11, 500)


@pytest.mark.parametrize("text", [f"#note {SECRET}", f"#assign ines\n#note {SECRET}"])
def test_a_note_and_what_quotes_it_stay_inside(desk: StoryDesk, text: str) -> None:
    anna, omar, ines = (desk.person(one) for one in ("anna@acme.example", "omar@desk.example", "ines@desk.example"))
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#assign ines")
    omar.replies(Notice.NEW_TICKET, text)
    if Notice.INTERNAL_NOTE in desk.notices_to(ines):
        ines.replies(Notice.INTERNAL_NOTE, "I see.")
    ines.replies(Notice.ASSIGNMENT, "#resolve\nCleaned.")
    desk.passes(days=8)
    assert desk.history().notes
    assert not any(SECRET in decoded(letter.message.as_bytes()) for letter in anna.letters())
    assert not any(CANARY.search(row.body_text + row.body_html + row.subject) for row in desk.inbox())


def test_a_leak_would_be_seen() -> None:
    assert issubclass(Leak, AssertionError)
    assert CANARY.search(decoded(b"Subject: =?utf-8?b?enFuMTIzNDU2N3E=?=\r\n\r\n"))
