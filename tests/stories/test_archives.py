"""Mail of earlier years becomes history: threaded, dated, closed, and nobody gets a letter."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import pytest
from support.desk.story import MONDAY, SUPPORT, StoryDesk

from helpdesk.gateway.doors.archive import Archive
from helpdesk.gateway.importing import Importer, Progress
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.message import Direction
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Role
from helpdesk.threading.model.status import Status, WaitingOn

ANNA, PAUL, OMAR, LINA = "anna@acme.example", "paul@acme.example", "omar@desk.example", "lina@globex.example"
YEARS_AGO = datetime(2021, 5, 3, 8, 0, tzinfo=UTC)


def mail(
    number: int, author: str, to: str, text: str, answers: int | None = None, *, at: datetime | None = None, **fields: str
) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = author, to
    message["Subject"] = fields.pop("subject", "Export" if answers is None else "Re: Export")
    message["Date"] = format_datetime(at or YEARS_AGO + timedelta(days=number))
    message["Message-ID"] = f"<{number}@old.example>"
    if answers is not None:
        message["In-Reply-To"] = message["References"] = f"<{answers}@old.example>"
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return bytes(message)


CONVERSATION = (
    mail(1, ANNA, SUPPORT, "How do I export?"),
    mail(2, OMAR, ANNA, "#resolve\nUse the menu.", 1, cc=SUPPORT),
    mail(3, OMAR, "ines@desk.example", "She will ask again.", 1),
    mail(4, PAUL, SUPPORT, "I have the same question.", 2),
    mail(5, SUPPORT, PAUL, "The menu, too.", 4),
)


def brought_in(desk: StoryDesk, folder: Path, *mails: bytes, open_since: datetime | None = None) -> Progress:
    path = folder / "archive.mbox"
    path.write_bytes(
        b"".join(b"From x@y Mon May  3 08:00:00 2021\n" + one.replace(b"\nFrom ", b"\n>From ") + b"\n" for one in mails)
    )
    archive = Archive(desk.now)
    list(archive.add(path, "auto", recursive=False))
    node = desk.node
    importer = Importer(node.database, node.blobs, 100_000, node.worker, node.clock, open_since, lambda: False)
    return importer.run(archive.in_order(), len(archive), lambda _: None)


def test_a_conversation_stands_on_one_closed_ticket_with_its_dates(desk: StoryDesk, tmp_path: Path) -> None:
    brought_in(desk, tmp_path, *reversed(CONVERSATION))
    history = desk.history()
    assert len(desk.tickets()) == 1
    ticket = history.ticket
    assert (ticket.status, ticket.waiting_on, ticket.account, ticket.assignee) == (Status.CLOSED, WaitingOn.NOBODY, "acme", OMAR)
    assert (ticket.created_at, ticket.updated_at) == (YEARS_AGO + timedelta(days=1), YEARS_AGO + timedelta(days=5))
    assert [(message.direction, message.author, message.at) for message in history.messages] == [
        (Direction.CUSTOMER, ANNA, YEARS_AGO + timedelta(days=1)),
        (Direction.SUPPORT, OMAR, YEARS_AGO + timedelta(days=2)),
        (Direction.CUSTOMER, PAUL, YEARS_AGO + timedelta(days=4)),
        (Direction.SUPPORT, SUPPORT, YEARS_AGO + timedelta(days=5)),
    ]
    assert [(note.author, note.at) for note in history.notes] == [(OMAR, YEARS_AGO + timedelta(days=3))]
    assert ticket.first_response_at == YEARS_AGO + timedelta(days=2)


def test_nothing_is_sent_and_no_timer_runs(desk: StoryDesk, tmp_path: Path) -> None:
    brought_in(desk, tmp_path, *CONVERSATION, mail(6, LINA, SUPPORT, "Hello?", subject="Other"), open_since=YEARS_AGO)
    for _ in range(3):
        desk.passes(days=30)
    assert [(one.letters, one.timers) for one in (desk.history(1), desk.history(2))] == [((), ()), ((), ())]
    assert desk.inbox("acme") == desk.inbox("globex") == []


def test_a_second_run_adds_nothing(desk: StoryDesk, tmp_path: Path) -> None:
    first = brought_in(desk, tmp_path, *CONVERSATION)
    second = brought_in(desk, tmp_path, *CONVERSATION)
    assert (first.stored, first.already, second.stored, second.already) == (5, 0, 0, 5)
    assert len(desk.mails()) == 5
    assert len(desk.history().messages) == 4


@pytest.mark.parametrize(
    ("last", "status", "waiting_on"),
    [
        (mail(9, ANNA, SUPPORT, "And now?", 2, at=MONDAY - timedelta(days=3)), Status.IN_PROGRESS, WaitingOn.SUPPORT),
        (mail(9, OMAR, ANNA, "Is it solved?", 1, at=MONDAY - timedelta(days=3)), Status.IN_PROGRESS, WaitingOn.CUSTOMER),
        (mail(9, ANNA, SUPPORT, "And now?", 2, at=MONDAY - timedelta(days=60)), Status.CLOSED, WaitingOn.NOBODY),
    ],
)
def test_a_conversation_with_recent_mail_stays_open(
    desk: StoryDesk, tmp_path: Path, last: bytes, status: Status, waiting_on: WaitingOn
) -> None:
    brought_in(desk, tmp_path, *CONVERSATION, last, open_since=MONDAY - timedelta(days=30))
    assert (desk.ticket().status, desk.ticket().waiting_on) == (status, waiting_on)
    brought_in(desk, tmp_path, mail(8, ANNA, SUPPORT, "Found later.", 2), open_since=MONDAY - timedelta(days=30))
    assert (desk.ticket().status, desk.ticket().waiting_on) == (status, waiting_on)


def test_an_older_mail_that_is_found_later_moves_nothing(desk: StoryDesk, tmp_path: Path) -> None:
    month = MONDAY - timedelta(days=30)
    newest = MONDAY - timedelta(days=3)
    brought_in(desk, tmp_path, *CONVERSATION, mail(9, OMAR, ANNA, "Is it solved?", 1, at=newest), open_since=month)
    brought_in(desk, tmp_path, mail(8, ANNA, SUPPORT, "Wait.", 2, at=newest - timedelta(days=1)), open_since=month)
    ticket = desk.ticket()
    assert (ticket.status, ticket.waiting_on, ticket.updated_at) == (Status.IN_PROGRESS, WaitingOn.CUSTOMER, newest)
    assert [message.text for message in desk.history().messages][-2:] == ["Wait.", "Is it solved?"]


def test_who_only_joined_in_is_marked_and_gets_no_later_letter(desk: StoryDesk, tmp_path: Path) -> None:
    month = MONDAY - timedelta(days=30)
    brought_in(desk, tmp_path, *CONVERSATION, mail(9, OMAR, ANNA, "Solved?", 1, at=MONDAY - timedelta(days=3)), open_since=month)
    anna, omar = desk.person(ANNA), desk.person(OMAR)
    anna.writes("Re: Export", "Not yet.", headers={"In-Reply-To": "<9@old.example>"})
    omar.replies(Notice.CUSTOMER_REPLY, "Now it is.")
    assert desk.notices_to(anna) == [Notice.ANSWER]
    assert desk.notices_to(desk.person(PAUL)) == []


def test_a_reply_of_today_finds_the_open_conversation_of_the_archive(desk: StoryDesk, tmp_path: Path) -> None:
    recent = mail(9, OMAR, ANNA, "Is it solved?", 1, at=MONDAY - timedelta(days=3))
    brought_in(desk, tmp_path, *CONVERSATION, recent, open_since=MONDAY - timedelta(days=30))
    desk.person(ANNA).writes("Re: Export", "No, not yet.", headers={"In-Reply-To": "<9@old.example>"})
    assert len(desk.tickets()) == 1
    assert desk.ticket().waiting_on is WaitingOn.SUPPORT
    assert desk.notices_to(desk.person(OMAR)) == [Notice.CUSTOMER_REPLY]


def test_a_reply_to_an_old_conversation_opens_a_linked_ticket(desk: StoryDesk, tmp_path: Path) -> None:
    brought_in(desk, tmp_path, *CONVERSATION)
    desk.person(ANNA).writes("Re: Export", "Once more.", headers={"In-Reply-To": "<2@old.example>"})
    assert [ticket.status for ticket in desk.tickets()] == [Status.CLOSED, Status.IN_REVIEW]
    assert desk.history(2).related == (desk.ticket(1).reference,)
    assert desk.notices_to(desk.person(ANNA)) == [Notice.CONFIRMATION]


def test_a_conversation_that_the_desk_began_is_its_customers(desk: StoryDesk, tmp_path: Path) -> None:
    brought_in(
        desk, tmp_path, mail(1, OMAR, f"ines@desk.example, Lina <{LINA}>", "Your invoice."), mail(2, LINA, SUPPORT, "Thanks!", 1)
    )
    history = desk.history()
    assert history.ticket.participants[0].address == LINA
    assert [message.direction for message in history.messages] == [Direction.SUPPORT, Direction.CUSTOMER]
    assert [participant.address for participant in history.ticket.participants if participant.role is Role.STAFF] == [OMAR]


def test_robots_are_noted_and_what_is_no_mail_is_set_aside(desk: StoryDesk, tmp_path: Path) -> None:
    absent = mail(7, ANNA, SUPPORT, "I am out of office.", 2, auto_submitted="auto-replied", subject="Out of office")
    progress = brought_in(desk, tmp_path, *CONVERSATION, absent, b"\x00\x01garbage\n")
    assert progress.outcomes == {"opened": 1, "threaded": 4, "noted": 1, "quarantined": 1}
    assert len(desk.history().messages) == 4
    [aside] = [one for one in desk.mails() if one.state is Disposition.QUARANTINED]
    assert "probably no mail" in aside.decision["reason"]


def test_what_came_by_a_living_door_is_not_brought_in_again(desk: StoryDesk, tmp_path: Path) -> None:
    anna = desk.person(ANNA)
    content = mail(1, ANNA, SUPPORT, "How do I export?", at=MONDAY)
    anna.mail(content, [SUPPORT])
    [letter] = anna.letters()
    copy = bytes(letter.message)
    progress = brought_in(desk, tmp_path, content, copy)
    assert progress.outcomes == {"discarded": 2}
    assert (len(desk.tickets()), len(desk.history().messages)) == (1, 1)


def test_an_archive_moves_no_ticket_that_people_work_on(desk: StoryDesk, tmp_path: Path) -> None:
    anna = desk.person(ANNA)
    message_id = anna.writes("Export", "How?")
    desk.person(OMAR).replies(Notice.NEW_TICKET, "#resolve\nBy the menu.")
    answer = mail(5, ANNA, SUPPORT, "Old words.", at=MONDAY + timedelta(hours=5)).replace(
        b"Message-ID:", f"In-Reply-To: <{message_id}>\nMessage-ID:".encode()
    )
    desk.now += timedelta(days=1)
    brought_in(desk, tmp_path, answer, open_since=YEARS_AGO)
    assert desk.ticket().status is Status.RESOLVED
    assert [message.text for message in desk.history().messages if message.author == ANNA] == ["How?", "Old words."]
