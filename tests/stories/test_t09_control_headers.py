"""No field of a mail that comes in commands anything, not even those of our own letters and those of other ticket systems."""

from dataclasses import replace

from support.desk.story import SUPPORT, StoryDesk

from helpdesk.threading.model.message import Message
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.ticket import Ticket

FIELDS = {
    "X-Helpdesk-Status": "closed", "X-Helpdesk-Assignee": "ines@desk.example", "X-Helpdesk-Internal": "yes", "X-Ticket": "1",
    "X-Priority-Ticket": "1", "RT-Squelch-Replies-To": "anna@acme.example", "RT-Send-Cc": "eve@evil.example", "RT-Ticket": "1",
    "X-Zammad-Ticket-Owner": "ines", "X-Zammad-Ticket-State": "closed", "X-Zammad-Article-Internal": "true",
    "X-OTRS-Queue": "billing", "X-OTRS-Priority": "5 very high", "X-OTRS-SenderType": "agent", "X-Entity-Ref-Id": "1",
    "X-GitLab-NotificationReason": "own", "X-Redmine-Issue-Status": "closed", "X-Freescout-Reply": "1", "Commands": "#close",
    "X-Auto-Response": "", "Keywords": "#close", "Comments": "#close", "X-Spam-Flag": "NO", "Bcc": "eve@evil.example",
    "Thread-Topic": "#close", "X-Our-Login": "omar@desk.example", "Resent-From": "omar@desk.example", "Sender": "omar@desk.example",
}  # fmt: skip


def plain(ticket: Ticket) -> Ticket:
    """Without what is drawn anew for each ticket."""
    return replace(ticket, id=0, reference="", thread_key="")


def words(message: Message) -> tuple[object, ...]:
    return (message.text, message.direction, message.author)


def test_the_state_is_the_same_with_and_without_them(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    names = set(omar.letter(Notice.NEW_TICKET).message.keys()) | set(anna.letter(Notice.CONFIRMATION).message.keys())
    own = {name: "closed" for name in names if name.startswith("X-") and name not in ("X-Auto-Response-Suppress",)}
    anna.writes("Printer", "It jams.", headers=FIELDS | own)
    first, second = desk.history(1), desk.history(2)
    assert (second.ticket.status, second.ticket.assignee, second.ticket.queue, second.ticket.priority) == (
        first.ticket.status, first.ticket.assignee, first.ticket.queue, first.ticket.priority,
    )  # fmt: skip
    assert [participant.address for participant in second.ticket.participants] == [
        participant.address for participant in first.ticket.participants
    ]
    assert [words(message) for message in second.messages] == [words(message) for message in first.messages]
    assert [event.kind for event in second.events] == [event.kind for event in first.events]
    assert second.notes == ()
    assert desk.notices_to(desk.person("eve@evil.example")) == []
    assert desk.notices_to(anna) == [Notice.CONFIRMATION] * 2
    assert SUPPORT not in [participant.address for participant in second.ticket.participants]
