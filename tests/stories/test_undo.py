"""Whatever a staff member does by mail can be taken back, exactly, as long as nobody outside has seen it."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import select, update
from support.desk.story import Person, StoryDesk, configured, direct_desk
from support.mails.reports import letters_to, returns
from support.slices import some_of

from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.schema import internal_note, known_id, message, platform_inbox, ticket, timer
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Role
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Ticket

GROWS = {"version", "changed_version", "updated_at", "event_count", "past_queues", "past_hands"}  # what was is not undone
COMMANDS = [
    "#take", "#assign ines", "#ask\nWhich model?", "#resolve\nCleaned.", "#resolve", "#close\nBye.", "#close", "#escalate on fire",
    "#priority critical", "#severity critical", "#category billing and plans", "#queue billing", "#note\npsst", "#cc eve@acme.example",
    "#uncc paul@acme.example", "#merge {other}", "#link {other}", "#join {other}", "#split", "#snooze 2d", "#spam", "Just an answer.",
    "#take\n#priority critical\n#cc eve@acme.example\n#snooze 1d\nOne moment, please.", "#take\n#on {other}\n#resolve\nSame thing.",
]  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path, reader: MailReader) -> Iterator[StoryDesk]:
    with direct_desk(configured(tmp_path / "desk", undo_window="30s"), reader) as one:
        yield one


def everything(desk: StoryDesk, one: Ticket) -> dict[str, object]:
    """All that is known of a ticket but its history: fields, customers, timers, what was said, where Message-IDs lead."""
    with desk.database.reading() as connection:
        row = dict(connection.execute(select(ticket).where(ticket.c.id == one.id)).one()._mapping)
        rows = {
            "timers": select(timer.c.kind, timer.c.occurrence, timer.c.due_at).where(timer.c.ticket_id == one.id, timer.c.state == "pending"),
            "messages": select(message.c.id, message.c.text).where(message.c.ticket_id == one.id),
            "notes": select(internal_note.c.id).where(internal_note.c.ticket_id == one.id),
            "inbox": select(platform_inbox.c.id, platform_inbox.c.body_text).where(platform_inbox.c.thread_key == one.thread_key),
        }  # fmt: skip
        found: dict[str, object] = {name: sorted(map(tuple, connection.execute(query))) for name, query in rows.items()}
        theirs = select(known_id.c.message_id).where(known_id.c.ticket_id == one.id, known_id.c.message_id.like("%@acme.example"))
        found["ids"] = sorted(connection.execute(theirs).scalars())
    people = [person for person in desk_ticket(desk, one).participants if person.role is Role.CUSTOMER]
    return {name: value for name, value in row.items() if name not in GROWS} | found | {"customers": people}


def desk_ticket(desk: StoryDesk, one: Ticket) -> Ticket:
    return next(known for known in desk.tickets() if known.id == one.id)


@pytest.mark.parametrize(("text", "way"), some_of(product(COMMANDS, ["#undo", "address"]), 3))
def test_taken_back_exactly(desk: StoryDesk, anna: Person, omar: Person, text: str, way: str) -> None:
    first, second = two_requests(desk, anna, omar)
    before = [everything(desk, first), everything(desk, second)]
    count = len(desk.tickets())
    newest_letter_about(omar, first, text.format(other=second.reference))
    if "#merge" in text or "#join" in text:
        omar.replies(Notice.HELD, "#send")
    assert [everything(desk, first), everything(desk, second)] != before or len(desk.tickets()) > count or "#link" in text
    if way == "#undo" or not text.startswith("#"):
        newest_letter_about(omar, first, "#undo")
    else:
        omar.writes("Undo", "", to=undo_address(omar))
    assert omar.letter(Notice.RECEIPT).text.count("Taken back") == 1, omar.letter(Notice.RECEIPT).text
    assert [everything(desk, first), everything(desk, second)] == before
    customers_before = len(anna.letters())
    desk.passes(minutes=2)
    assert len(anna.letters()) == customers_before
    assert all(one.status is Status.CLOSED for one in desk.tickets()[count:])


@pytest.mark.parametrize("text", ["#broadcast\nWe know why.", "#resolve\nIt works again."])
def test_what_went_to_all_of_an_incident_is_taken_back_from_all(desk: StoryDesk, anna: Person, omar: Person, text: str) -> None:
    first, second = two_requests(desk, anna, omar)
    ines = desk.person("ines@desk.example")
    bare = everything(desk, second)
    ines.writes("Requests", f"#on {first.reference}\n#incident")
    ines.writes("Requests", f"#on {second.reference}\n#incident {first.reference}")
    attached, heard = [everything(desk, first), everything(desk, second)], len(anna.letters())
    ines.writes("Requests", f"#on {first.reference}\n{text}")
    changed = [everything(desk, first), everything(desk, second)]
    assert changed[0] != attached[0] and changed[1] != attached[1]
    ines.replies(Notice.RECEIPT, "#undo")
    assert [everything(desk, first), everything(desk, second)] == attached
    desk.passes(minutes=2)
    assert len(anna.letters()) == heard
    assert {name for name, value in attached[1].items() if bare[name] != value} - GROWS == {"incident"}


def two_requests(desk: StoryDesk, anna: Person, omar: Person) -> tuple[Ticket, Ticket]:
    """Two requests of Anna's; Paul reads along on the first one, which has two messages."""
    anna.writes("Printer", "It jams.")
    anna.replies(Notice.CONFIRMATION, "And it smokes.")
    omar.replies(Notice.CUSTOMER_REPLY, "#cc paul@acme.example\n#assign bela")
    anna.writes("Scanner", "It blinks.")
    return desk.ticket(1), desk.ticket(2)


def newest_letter_about(omar: Person, one: Ticket, text: str) -> str:
    """A reply to his newest letter about that request which is not a receipt."""
    letters = [
        letter
        for letter in omar.letters()
        if one.reference in letter.header("Subject") and letter.notice not in (Notice.RECEIPT, Notice.HELD)
    ]
    address = letters[-1].header("Reply-To").rpartition("<")[2].rstrip(">")
    return omar.writes(f"Re: {letters[-1].header('Subject')}", text, to=address)


def undo_address(omar: Person) -> str:
    line = next(line for line in omar.letter(Notice.RECEIPT).text.splitlines() if line.startswith("Undo:"))
    return line.partition("mailto:")[2].partition("?")[0]


def test_a_letter_that_has_left_cannot_be_taken_back(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    desk.passes(seconds=31)
    assert "flap B" in anna.letter(Notice.ANSWER).text
    message_id = omar.replies(Notice.NEW_TICKET, "#undo")
    assert "has left already" in omar.letter(Notice.RECEIPT).text
    assert desk.why(message_id).state is Disposition.REFUSED
    assert len(desk.history().messages) == 2


def test_a_letter_that_was_read_in_the_platform_cannot_be_taken_back(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    with desk.database.writing() as connection:
        connection.execute(update(platform_inbox).values(read_at=desk.now))
    omar.replies(Notice.NEW_TICKET, "#undo")
    assert "has left already" in omar.letter(Notice.RECEIPT).text


def test_only_the_last_step_and_only_ones_own(desk: StoryDesk, anna: Person, omar: Person) -> None:
    ines = desk.person("ines@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#assign ines")
    ines.replies(Notice.ASSIGNMENT, "#priority critical")
    newest_letter_about(omar, desk.ticket(), "#undo")
    assert "was made by ines@desk.example" in omar.letter(Notice.RECEIPT).text
    assert desk.ticket().priority == "critical"
    newest_letter_about(ines, desk.ticket(), "#undo")
    newest_letter_about(omar, desk.ticket(), "#undo")
    assert (desk.ticket().priority, desk.ticket().assignee) == ("high", omar.address)


def test_what_somebody_else_moved_meanwhile_is_not_turned_back(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#snooze 2d")
    anna.replies(Notice.CONFIRMATION, "Any news?")
    omar.replies(Notice.NEW_TICKET, "#undo")
    assert "has changed since then" in omar.letter(Notice.RECEIPT).text
    assert desk.ticket().waiting.snoozed_until is None


def test_an_undo_that_comes_twice_has_one_effect(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#priority critical")
    omar.replies(Notice.NEW_TICKET, "#priority low")
    address = undo_address(omar)
    omar.writes("Undo", "", to=address)
    omar.writes("Undo", "again", to=address)
    assert desk.ticket().priority == "critical"
    assert "something else was done" in omar.letter(Notice.RECEIPT).text


def test_a_merge_is_not_taken_back_once_somebody_has_written(desk: StoryDesk) -> None:
    """Nobody could say to which of the two requests the words belong."""
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Export", "It is broken.")
    anna.writes("Import", "It is broken too.")
    export, kept = desk.tickets()
    omar.writes("", f"#on {kept.reference}\n#merge {export.reference}")
    if Notice.HELD in desk.notices_to(omar):
        omar.replies(Notice.HELD, "#send")
    assert desk.ticket(1).status is Status.CLOSED
    anna.writes("Re: Export", "The EXPORT fails with error 12.", headers={"In-Reply-To": f"<{anna.sent[0]}>"})
    omar.replies(Notice.RECEIPT, "#undo", quote=False)
    assert "that stays there" in omar.letter(Notice.RECEIPT).text
    assert desk.ticket(1).status is Status.CLOSED
    assert desk.history(2).messages[-1].text == "The EXPORT fails with error 12."


def test_an_answer_to_somebody_whose_mailbox_is_full_is_taken_back_too(desk: StoryDesk, anna: Person, omar: Person) -> None:
    """A letter to a suppressed address never leaves. The note about that in the history does not count as a later change."""
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    desk.passes(minutes=1)
    returns(desk, letters_to(desk, anna, Notice.ANSWER)[0], status="5.2.2", diagnostic="mailbox full")
    omar.replies(Notice.NEW_TICKET, "Open flap C.")
    omar.replies(Notice.NEW_TICKET, "#undo")
    assert "Taken back" in omar.letter(Notice.RECEIPT).text
    assert all("flap C" not in row.body_text for row in desk.inbox("acme"))
