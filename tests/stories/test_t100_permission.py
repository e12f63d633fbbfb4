"""Agents act on and read what is in their queues or hands, or was: asked when a mail is worked on, whatever they had before."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk.staff_rows import change_staff
from support.desk.story import Person, StoryDesk, configured, direct_desk

from helpdesk.gateway.work.kind import MailReader
from helpdesk.threading.model.notice import Notice

BILLING = "billing@support.example.com"
REFUSAL = "neither in your queues nor in your hands"


@pytest.fixture
def everywhere(tmp_path: Path, reader: MailReader) -> Iterator[StoryDesk]:
    with direct_desk(configured(tmp_path / "all", more='[permissions]\nagents = "all"'), reader) as made:
        yield made


def works_in(desk: StoryDesk, person: Person, *queues: str) -> None:
    """The directory as the next configuration has it."""
    change_staff(desk, person.address, queues=list(queues))


def receipt(person: Person) -> str:
    return person.letter(Notice.RECEIPT).text


def test_an_agent_neither_acts_on_nor_reads_a_request_of_another_queue(
    desk: StoryDesk, anna: Person, omar: Person, bela: Person, ines: Person
) -> None:
    anna.writes("Zebra crossing", "The invoice counts it twice.", to=BILLING)
    before = desk.history(1)
    for line in ("#status", "#resolve\nDone.", "#take", "It is free."):
        omar.writes("x", f"#on {before.ticket.reference}\n{line}")
        assert REFUSAL in receipt(omar) and "Bela Kovacs, who has it, or a senior" in receipt(omar)
        assert "Zebra" not in omar.letter(Notice.RECEIPT).message.as_string() and "anna@" not in receipt(omar)
    after = desk.history(1)
    assert (after.ticket, after.events, len(after.messages)) == (before.ticket, before.events, 1)
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    ines.writes("x", f"#on {before.ticket.reference}\n#status")
    assert "assignee bela@desk.example" in receipt(ines)


def test_one_block_about_somebody_elses_request_stops_the_whole_mail(
    desk: StoryDesk, anna: Person, omar: Person, bela: Person
) -> None:
    anna.writes("Invoice", "It counts twice.", to=BILLING)
    anna.writes("Printer", "It jams.")
    first, second = desk.ticket(1), desk.ticket(2)
    omar.writes("x", f"#on {second.reference}\n#priority high\n#on {first.reference}\n#priority high")
    assert REFUSAL in receipt(omar)
    assert (desk.ticket(1).priority, desk.ticket(2).priority) == (first.priority, second.priority)
    omar.replies(Notice.NEW_TICKET, f"#merge {first.reference}")
    assert REFUSAL in receipt(omar) and desk.ticket(1).lineage.merged_into is None and desk.history(2).related == ()


def test_who_lost_a_queue_keeps_what_they_had_in_hand_and_nothing_else(desk: StoryDesk, anna: Person, omar: Person) -> None:
    """Fifty answers to old letters, none of which proves that their author may still act."""
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    works_in(desk, desk.person("ines@desk.example"), "billing")
    anna.writes("Scanner", "It blinks.")
    omar.replies(Notice.NEW_TICKET, "#assign Bela")
    anna.writes("Copier", "It smokes.")
    desk.person("ines@desk.example").writes("x", f"#on {desk.ticket(3).reference}\n#take")
    change_staff(desk, omar.address, queues=["other"])
    before = desk.history(2)
    bela = desk.person("bela@desk.example")
    assert bela.letter(Notice.ASSIGNMENT)
    omar.writes("x", f"#on {before.ticket.reference}\n#note\nIt is the lamp.")  # it was in his hands
    assert [note.text for note in desk.history(2).notes] == ["It is the lamp."]
    omar.writes("x", f"#on {desk.ticket(1).reference}\n#resolve\nDone.")  # he has answered it
    assert desk.ticket(1).status == "resolved"


def test_a_request_that_moved_to_another_queue_stays_readable_where_it_was(
    desk: StoryDesk, anna: Person, omar: Person, ines: Person
) -> None:
    """For those who work in its earlier queue now; who has left that queue, and never had the request, has no part in it."""
    anna.writes("Printer", "It jams.")
    ines.writes("x", f"#on {desk.ticket().reference}\n#queue billing\n#assign Bela")
    assert set(desk.ticket().past.queues) == {"general", "billing"}
    assert set(desk.ticket().past.hands) == {omar.address, ines.address, "bela@desk.example"}
    omar.writes("x", f"#on {desk.ticket().reference}\n#status")
    assert "queue billing" in receipt(omar)
    omar.replies(Notice.NEW_TICKET, "#status")
    assert "queue billing" in receipt(omar)


def test_old_letters_of_a_queue_give_no_part_in_it_any_more(
    desk: StoryDesk, anna: Person, omar: Person, ines: Person, bela: Person
) -> None:
    """Nobody had it in hand, so all of the queue were told of it; then Omar leaves the queue."""
    works_in(desk, ines, "billing")
    change_staff(desk, omar.address, away_until=desk.now.replace(year=2027))
    anna.writes("Zebra crossing", "It jams.")
    assert desk.ticket().assignee is None and Notice.NEW_TICKET in desk.notices_to(omar)
    works_in(desk, omar, "other")
    works_in(desk, bela, "general")
    before = desk.ticket()
    for text in ("#take", "#note Seen.", "#resolve\nDone.", "Open flap B.", "#nonsense"):
        omar.replies(Notice.NEW_TICKET, text)
        assert "Zebra" not in receipt(omar).partition("Nothing of this mail")[2].partition("wrote:")[0]
    assert desk.ticket() == before and desk.history().notes == ()
    bela.writes("x", f"#on {before.reference}\n#note\nI look at it.")
    assert Notice.INTERNAL_NOTE not in desk.notices_to(omar)


def test_undo_and_rows_of_an_old_list_are_asked_about_too(desk: StoryDesk, anna: Person, omar: Person, ines: Person) -> None:
    anna.writes("Printer", "It jams.")
    ines.writes("x", f"#on {desk.ticket().reference}\n#priority high")
    change_staff(desk, omar.address, away_until=desk.now.replace(year=2027))
    works_in(desk, ines, "billing")
    anna.writes("Zebra crossing", "It jams.")
    omar.writes("list", "#status")
    assert "Zebra" in omar.letter(Notice.DIGEST).text
    works_in(desk, omar, "other")
    ines.writes("x", f"#on {desk.ticket(2).reference}\n#priority high")
    omar.replies(Notice.DIGEST, "2 take")
    assert REFUSAL in receipt(omar) and "priority high" not in receipt(omar).partition("On ")[0]
    assert desk.ticket(2).assignee is None


def test_a_held_answer_is_asked_about_when_it_is_let_go(desk: StoryDesk, anna: Person, omar: Person, ines: Person) -> None:
    works_in(desk, omar, "other")
    anna.writes("Printer", "It jams.")
    works_in(desk, omar, "general")
    omar.writes("x", f"#on {desk.ticket().reference}\nOpen flap B.", peer="203.0.113.9")
    assert omar.letter(Notice.HELD)
    works_in(desk, omar, "other")
    omar.replies(Notice.HELD, "#send")
    assert REFUSAL in receipt(omar) and Notice.ANSWER not in desk.notices_to(anna)


def test_a_small_team_lets_its_agents_act_everywhere(everywhere: StoryDesk) -> None:
    desk = everywhere
    desk.person("anna@acme.example").writes("Invoice", "It counts twice.", to=BILLING)
    omar = desk.person("omar@desk.example")
    omar.writes("x", f"#on {desk.ticket().reference}\n#take")
    assert desk.ticket().assignee == omar.address


@pytest.mark.parametrize("peer", ["127.0.0.1", "203.0.113.9"])
@pytest.mark.parametrize("to", ["a reply address of a colleague", "a customer's reply address"])
def test_a_letter_about_held_mail_tells_nothing_of_a_request_of_another_queue(
    desk: StoryDesk, anna: Person, omar: Person, bela: Person, to: str, peer: str
) -> None:
    """Somebody writes in his name, or he writes himself, to an address that was not given to him."""
    anna.writes("Zebra crossing", "The invoice counts it twice.", to=BILLING)
    letter = bela.letter(Notice.NEW_TICKET) if "colleague" in to else anna.letter(Notice.CONFIRMATION)
    omar.writes("Hello", "What is it?", to=letter.header("Reply-To").rpartition("<")[2].rstrip(">"), peer=peer)
    told = omar.letter(Notice.HELD).message.as_string() + omar.letter(Notice.HELD).text
    assert "#send: it is carried out as it is." in told
    assert desk.ticket().reference not in told and anna.address not in told
    omar.replies(Notice.HELD, "#note")
    assert not desk.history().notes
