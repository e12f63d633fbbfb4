"""`#consult`: a third person reads the text and nothing else, and what they answer stays among staff."""

from pathlib import Path

import pytest
from support.desk.story import Person, StoryDesk, configured, direct_desk
from support.mails.reports import letters_to, returns

from helpdesk.gateway.work.kind import MailReader
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Role
from helpdesk.threading.model.status import WaitingOn

SECRET = "The scanner in building seven forgets its address since the update of Tuesday."
QUESTION = "Hello Lea,\n\nis there a known fault in firmware 5.2?"
ADVICE = "Yes: firmware 5.2 loses its settings after a restart, so go back to 5.1 until June."


@pytest.fixture
def lea(desk: StoryDesk) -> Person:
    return desk.person("lea@supplier.example", "Lea Horn")


def consulted(anna: Person, omar: Person) -> None:
    anna.writes("Zebra scanner", SECRET)
    omar.replies(Notice.NEW_TICKET, f"#consult lea@supplier.example\n{QUESTION}")


def test_the_third_person_reads_the_text_and_no_word_of_the_request(
    desk: StoryDesk, anna: Person, omar: Person, lea: Person
) -> None:
    consulted(anna, omar)
    [letter] = lea.letters()
    raw = letter.message.as_string()
    ticket = desk.ticket()
    for word in ("Zebra", "building seven", "Anna", "anna@", "acme", ticket.reference, ticket.thread_key):
        assert word not in raw and word not in letter.text and word not in letter.html
    assert "firmware 5.2" in letter.text and letter.header("Subject") == "A question for you"
    assert not letter.header("References") and not letter.header("In-Reply-To") and not letter.header("Thread-Topic")
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    assert [person.address for person in ticket.participants if person.role is Role.CUSTOMER] == [anna.address]
    assert ticket.waiting_on is WaitingOn.SUPPORT
    assert "To lea@supplier.example" in desk.history().notes[0].text


def test_the_answer_is_a_note_with_its_files_and_never_reaches_the_customer(
    desk: StoryDesk, anna: Person, omar: Person, lea: Person
) -> None:
    consulted(anna, omar)
    lea.replies(Notice.CONSULTATION, ADVICE, files={"firmware.pdf": b"%PDF-1.4 old"})
    note = omar.letter(Notice.INTERNAL_NOTE)
    assert "go back to 5.1 until June" in note.text and "firmware.pdf" in note.files
    assert desk.history().notes[-1].author == lea.address
    assert desk.notices_to(anna) == [Notice.CONFIRMATION] and len(desk.inbox("acme")) == 2
    assert "5.1" not in str(desk.inbox("acme")) and "firmware" not in str(desk.inbox("acme"))
    assert len(lea.letters()) == 1
    omar.replies(Notice.NEW_TICKET, f"Our supplier says: {ADVICE}")
    assert "words of an internal note" in " ".join(omar.letter(Notice.HELD).text.split())
    assert Notice.ANSWER not in desk.notices_to(anna)


def test_the_side_conversation_goes_on_in_one_thread(desk: StoryDesk, anna: Person, omar: Person, lea: Person) -> None:
    consulted(anna, omar)
    answered = lea.replies(Notice.CONSULTATION, ADVICE)
    omar.replies(Notice.INTERNAL_NOTE, "#consult lea@supplier.example\nThank you. And where do we get it?")
    assert lea.letter(Notice.CONSULTATION).header("In-Reply-To") == f"<{answered}>"
    assert [row.number for row in desk.ticket().consultations] == [1]
    lea.replies(Notice.CONSULTATION, "From our page.")
    assert "From our page." in omar.letter(Notice.INTERNAL_NOTE).text


def test_words_of_a_note_are_held_before_they_reach_a_third_person(
    desk: StoryDesk, anna: Person, omar: Person, lea: Person
) -> None:
    anna.writes("Zebra scanner", SECRET)
    ines = desk.person("ines@desk.example", "Ines Duarte")
    omar.replies(Notice.NEW_TICKET, "#assign Ines Duarte")
    ines.replies(Notice.ASSIGNMENT, "#note\nThis customer leaves us in spring if nothing happens, says their boss.")
    omar.replies(
        Notice.NEW_TICKET,
        "#consult lea@supplier.example\nThis customer leaves us in spring if nothing happens, says their boss. Please help.",
    )
    assert lea.letters() == []
    assert omar.letters()[-1].notice is Notice.HELD


@pytest.mark.parametrize("who", ["eve@evil.example", "anna@acme.example", "ines@desk.example"])
def test_somebody_else_at_that_address_is_told_of_and_not_taken(
    desk: StoryDesk, anna: Person, omar: Person, lea: Person, who: str
) -> None:
    consulted(anna, omar)
    to = lea.letter(Notice.CONSULTATION).header("Reply-To").strip("<>")
    message_id = desk.person(who).writes("Re: A question for you", "Buy my firmware, it is much better than theirs.", to)
    assert desk.why(message_id).state is Disposition.NOTED
    told = omar.letter(Notice.INTERNAL_NOTE).text
    assert f"{who} wrote to the address that was given to lea@supplier.example" in " ".join(told.split())
    assert "Buy my firmware" not in told and len(desk.history().notes) == 1
    assert desk.notices_to(anna) == [Notice.CONFIRMATION] and len(desk.tickets()) == 1


def test_a_consultation_that_does_not_arrive_is_told_to_its_author(
    desk: StoryDesk, anna: Person, omar: Person, lea: Person
) -> None:
    consulted(anna, omar)
    (letter,) = letters_to(desk, lea, Notice.CONSULTATION)
    returns(desk, letter)
    assert "lea@supplier.example did not arrive" in " ".join(omar.letter(Notice.DELIVERY_FAILURE).text.split())
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]


@pytest.mark.parametrize(
    "line", ["#consult anna@acme.example\nHi", "#consult ines@desk.example\nHi", "#consult help@support.example.com\nHi",
             "#consult noreply@x.example\nHi", "#consult lea@supplier.example"]
)  # fmt: skip
def test_what_is_no_third_person_is_refused(desk: StoryDesk, anna: Person, omar: Person, line: str) -> None:
    anna.writes("Zebra scanner", SECRET)
    message_id = omar.replies(Notice.NEW_TICKET, line)
    assert desk.why(message_id).state is Disposition.REFUSED


def test_an_undo_takes_it_back_before_it_leaves(tmp_path: Path, reader: MailReader) -> None:
    with direct_desk(configured(tmp_path / "undo", undo_window="10m"), reader) as desk:
        anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
        consulted(anna, omar)
        omar.replies(Notice.RECEIPT, "#undo")
        desk.passes(hours=1)
        assert desk.person("lea@supplier.example").letters() == []
        assert desk.ticket().consultations == () and desk.history().notes == ()
