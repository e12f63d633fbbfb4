"""Permission is asked for when a mail is worked on: who has left meanwhile does nothing with letters of before."""

from support.desk.staff_rows import change_staff
from support.desk.story import StoryDesk

from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice

TEXTS = ("#resolve\nDone.", "#note Seen.", "#close", "#assign me", "Send us your password.")


def test_nothing_that_a_former_colleague_answers_has_an_effect(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    change_staff(desk, omar.address, active=False)
    before = desk.ticket()
    for text in TEXTS:
        omar.replies(Notice.NEW_TICKET, text)
    after = desk.history(1)
    assert (after.ticket.status, after.ticket.assignee, after.notes) == (before.status, before.assignee, ())
    assert [message.text for message in after.messages] == ["It jams."]
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    assert Disposition.THREADED not in [mail.state for mail in desk.mails()[1:]]
