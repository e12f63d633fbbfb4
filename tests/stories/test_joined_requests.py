"""`#join`: a request that turned out to belong to another one goes on there, and comes back by undo."""

import pytest
from support.desk.story import Person, StoryDesk

from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import ParticipantState
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.ticket import Ticket

VENDOR = "carl@vendor.example"


def state(desk: StoryDesk) -> list[tuple[object, ...]]:
    return [
        (ticket.status, ticket.waiting_on, ticket.lineage, ticket.assignee, [person.state for person in ticket.participants])
        for ticket in desk.tickets()
    ]


def joins(omar: Person, ticket: Ticket, command: str) -> None:
    omar.writes("", f"#on {ticket.reference}\n{command}")
    omar.replies(Notice.HELD, "#send", quote=False)


def stranger_names(desk: StoryDesk, anna: Person) -> None:
    """Anna's request, and one of a vendor who names it and takes no part."""
    anna.writes("Printer", "It jams.")
    desk.person(VENDOR).writes(f"Re: {desk.ticket().reference}", "The roller is on its way.")


def test_a_linked_request_joins_by_one_word_and_comes_back_by_undo(desk: StoryDesk, anna: Person, omar: Person) -> None:
    stranger_names(desk, anna)
    first, second = desk.tickets()
    assert f"It may belong to {first.reference}, which is open: #join puts it there." in omar.letter(Notice.NEW_TICKET).text
    before = state(desk)
    omar.replies(Notice.NEW_TICKET, "#join")
    assert "joins two conversations" in omar.letter(Notice.HELD).text
    assert state(desk) == before
    omar.replies(Notice.HELD, "#send", quote=False)
    joined = desk.ticket(2)
    assert (joined.status, joined.lineage.merged_into) == (Status.CLOSED, first.id)
    receipt = omar.letter(Notice.RECEIPT).text
    assert f"{second.reference} goes on in {first.reference}; replies to either land here." in receipt
    assert f"{VENDOR} takes no part here and gets no letter; #cc {VENDOR} changes that." in receipt
    omar.replies(Notice.RECEIPT, "#undo", quote=False)
    assert "Taken back" in omar.letter(Notice.RECEIPT).text
    assert state(desk) == before


def test_a_stranger_who_is_joined_gets_no_letter_and_stands_in_no_inbox(desk: StoryDesk, anna: Person, omar: Person) -> None:
    stranger_names(desk, anna)
    vendor = desk.person(VENDOR)
    joins(omar, desk.ticket(2), "#join")
    person = desk.ticket(1).participant_at(VENDOR)
    assert person is not None and person.state is ParticipantState.SEEN
    omar.writes("", f"#on {desk.ticket(1).reference}\nThey send a new roller.")
    assert "They send a new roller." in anna.letter(Notice.ANSWER).text
    assert {letter.notice for letter in vendor.letters()} == {Notice.CONFIRMATION}
    assert all("roller is on its way" not in row.body_text for row in desk.inbox("acme"))


def test_duplicates_of_one_customer_go_on_as_one_and_wait_for_support(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#ask\nWhich one?")
    anna.writes("Printer", "The one in the hall.")
    first, second = desk.tickets()
    assert first.waiting_on is WaitingOn.CUSTOMER
    joins(omar, second, f"#join {first.reference}")
    assert desk.ticket(1).waiting_on is WaitingOn.SUPPORT
    anna.replies(Notice.CONFIRMATION, "It is urgent.", quote=False)
    assert [message.text for message in desk.history(1).messages][-1] == "It is urgent."


def test_who_has_the_other_request_reads_what_came_to_it(desk: StoryDesk, anna: Person, omar: Person) -> None:
    ines = desk.person("ines@desk.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#assign Ines")
    anna.writes("Scanner", "It blinks when the printer jams.")
    joins(omar, desk.ticket(2), f"#join {desk.ticket(1).reference}")
    letter = ines.letter(Notice.CUSTOMER_REPLY).text
    assert "It blinks when the printer jams." in letter
    assert f"has joined {desk.ticket(2).reference} to this request" in letter


REFUSED = {
    "#join": "is linked to no other request",
    "#join ACZ-ZZZZZZ": "there is no other request of this reference",
    "#join {own}": "there is no other request of this reference",
    "#join {other}\n#answer\nThe same as before.": "it goes without an answer to the customer",
    "#join {other}\n#resolve\nThe same as before.": "it goes without an answer to the customer",
    "#join {solved}": "is resolved; #reopen it first",
    "#join {globex}": "belongs to another customer; #link keeps both apart",
}


@pytest.mark.parametrize("line", REFUSED)
def test_a_join_that_cannot_be_is_refused_in_one_line(desk: StoryDesk, anna: Person, omar: Person, line: str) -> None:
    for subject in ("Export", "Scanner"):
        anna.writes(subject, "It fails.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nDone.")
    desk.person("carla@globex.example").writes("Copier", "It hums.")
    anna.writes("Printer", "It jams.")
    names = dict(zip(("other", "solved", "globex", "own"), (ticket.reference for ticket in desk.tickets()), strict=True))
    before = state(desk)
    message_id = omar.replies(Notice.NEW_TICKET, line.format(**names), quote=False)
    assert desk.why(message_id).state is Disposition.REFUSED
    assert REFUSED[line] in " ".join(omar.letter(Notice.RECEIPT).text.split())
    assert state(desk) == before


def test_a_customers_words_never_go_on_with_a_stranger(desk: StoryDesk, anna: Person, omar: Person) -> None:
    desk.person(VENDOR).writes("Printer", "The roller is on its way.")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, f"#join {desk.ticket(1).reference}", quote=False)
    assert "belongs to another customer" in omar.letter(Notice.RECEIPT).text
    assert desk.ticket(2).lineage.merged_into is None


def test_a_row_of_the_digest_says_how_to_join(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    anna.writes("Scanner", "It blinks.")
    omar.writes("", "#status")
    omar.replies(Notice.DIGEST, f"1 join {desk.ticket(2).reference}", quote=False)
    assert desk.ticket(1).lineage.merged_into is None
    assert "send it in answer to a letter about the request" in " ".join(omar.letters()[-1].text.split())


def test_words_beside_a_join_become_a_note_where_the_request_goes_on(desk: StoryDesk, anna: Person, omar: Person) -> None:
    for subject in ("Printer", "Export"):
        anna.writes(subject, "It jams.")
    reference = desk.ticket(1).reference
    letters = len(anna.letters())
    omar.replies(Notice.NEW_TICKET, f"#join {reference}\nBoth are about the blue tray.", files={"tray.pdf": b"%PDF tray"})
    assert f"its text becomes an internal note on {reference}" in omar.letter(Notice.HELD).text
    omar.replies(Notice.HELD, "#send", quote=False)
    place = [ticket.reference for ticket in desk.tickets()].index(reference) + 1
    (note,) = desk.history(place).notes
    assert (note.text, [file["filename"] for file in note.attachments]) == ("Both are about the blue tray.", ["tray.pdf"])
    receipt = omar.letter(Notice.RECEIPT).text
    assert f"goes on in {reference}" in receipt
    assert "Note saved. Only staff see it." in receipt
    assert "#answer" not in receipt
    assert len(anna.letters()) == letters
    omar.replies(Notice.RECEIPT, "#undo")
    assert not any(desk.history(place).notes for place in (1, 2))
