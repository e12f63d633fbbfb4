"""Two features at once: what one of them did is still true when the other comes along."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from support.desk.story import FORWARDED, SUPPORT, Person, StoryDesk, configured, direct_desk
from support.mails.reports import letters_to, returns

from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.quarantine import replay
from helpdesk.store.schema import suppression
from helpdesk.threading.model.held import HoldReason
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import ParticipantState, Role
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Ticket


def suppress(desk: StoryDesk, address: str, reason: str = "hard_bounce") -> None:
    row = {"address": address, "reason": reason, "diagnostic": "5.1.1", "since": desk.now, "until": desk.now + timedelta(days=9)}
    with desk.database.writing() as connection:
        connection.execute(insert(suppression).values(**row))


def suppressed(desk: StoryDesk) -> set[str]:
    with desk.database.reading() as connection:
        return set(connection.execute(select(suppression.c.address)).scalars())


def about(omar: Person, one: Ticket, text: str) -> str:
    """A reply to his newest letter about that request which is not a receipt."""
    wanted = [
        letter
        for letter in omar.letters()
        if one.reference in letter.header("Subject") and letter.notice not in (Notice.RECEIPT, Notice.HELD)
    ]
    to = wanted[-1].header("Reply-To").rpartition("<")[2].rstrip(">")
    return omar.writes(f"Re: {wanted[-1].header('Subject')}", text, to=to)


def merged(desk: StoryDesk, omar: Person, survivor: Ticket, other: Ticket) -> None:
    about(omar, survivor, f"#merge {other.reference}")
    omar.replies(Notice.HELD, "#send")
    assert next(ticket for ticket in desk.tickets() if ticket.id == other.id).lineage.merged_into == survivor.id


def both_his(desk: StoryDesk, anna: Person, omar: Person) -> tuple[Ticket, Ticket]:
    """Two requests of Anna's in the hands of Omar."""
    anna.writes("Printer", "It jams.")
    anna.writes("Scanner", "It blinks.")
    his(desk, omar)
    return desk.ticket(1), desk.ticket(2)


def his(desk: StoryDesk, omar: Person) -> None:
    for ticket in desk.tickets():
        if ticket.assignee != omar.address:
            about(desk.person(str(ticket.assignee)), ticket, "#assign omar")


def reply_address(person: Person, notice: Notice, place: int = -1) -> str:
    found = [letter for letter in person.letters() if letter.notice == notice]
    return found[place].header("Reply-To").rpartition("<")[2].rstrip(">")


@pytest.mark.parametrize("text", ["#new carla@globex.example\nHello Carla.", FORWARDED.format(comment="Please look.")])
def test_a_request_begun_for_a_suppressed_customer_sends_nothing(desk: StoryDesk, omar: Person, text: str) -> None:
    suppress(desk, "carla@globex.example")
    omar.writes("Scanner", text)
    assert [letter.state for letter in letters_to(desk, desk.person("carla@globex.example"))] == ["suppressed"]


def test_no_automatic_letter_goes_to_a_forwarded_customer_who_complained(desk: StoryDesk, omar: Person) -> None:
    suppress(desk, "carla@globex.example", "complaint")
    omar.writes("Fwd: Scanner", FORWARDED.format(comment="Please look."))
    assert [letter.state for letter in letters_to(desk, desk.person("carla@globex.example"))] == ["suppressed"]


def test_who_is_copied_in_by_command_may_be_suppressed(desk: StoryDesk, anna: Person, paul: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    suppress(desk, paul.address)
    omar.replies(Notice.NEW_TICKET, f"#cc {paul.address}\nOpen flap B.")
    assert [letter.state for letter in letters_to(desk, paul)] == ["suppressed"]
    assert [letter.state for letter in letters_to(desk, anna, Notice.ANSWER)] == ["sent"]


def test_the_next_address_of_a_person_may_be_suppressed_too(desk: StoryDesk, tmp_path: Path, reader: MailReader) -> None:
    more = '[[account]]\nid = "weber"\n[account.people]\n"Mia Weber" = ["mia@weber.example", "mia@home.example"]\n'
    with direct_desk(configured(tmp_path / "w", more=more), reader) as one:
        mia, omar = one.person("mia@weber.example"), one.person("omar@desk.example")
        mia.writes("Printer", "It jams.")
        suppress(one, "mia@home.example")
        omar.replies(Notice.NEW_TICKET, "Open flap B.")
        returns(one, letters_to(one, mia, Notice.ANSWER)[0])
        assert letters_to(one, one.person("mia@home.example")) == []


def test_who_asked_in_the_merged_request_takes_part_in_the_other(
    desk: StoryDesk, anna: Person, paul: Person, omar: Person
) -> None:
    anna.writes("Printer", "It jams.", cc=paul.address)
    paul.writes("Printer, too", "It jams here.")
    his(desk, omar)
    first, second = desk.ticket(1), desk.ticket(2)
    merged(desk, omar, first, second)
    about(omar, first, "Open flap B.")
    assert "Open flap B." in paul.letter(Notice.ANSWER).text
    paul.replies(Notice.CONFIRMATION, "It works.")
    one = desk.ticket(1).participant_at(paul.address, Role.CUSTOMER)
    assert one is not None
    assert one.state is ParticipantState.ACTIVE
    assert Notice.CONSENT_REQUEST not in desk.notices_to(anna) + desk.notices_to(paul)


def choice(anna: Person, label: str, place: int = -1) -> str:
    questions = [letter for letter in anna.letters() if letter.notice == Notice.CONSENT_REQUEST]
    line = next(line for line in questions[place].text.splitlines() if line.startswith(label))
    return line.partition("mailto:")[2].partition("?")[0]


def test_an_answer_about_a_stranger_is_about_that_one_after_a_merge(desk: StoryDesk, anna: Person, omar: Person) -> None:
    eve, mallory = desk.person("eve@elsewhere.example"), desk.person("mallory@elsewhere.example")
    anna.writes("Printer", "It jams.")
    anna.writes("Scanner", "It blinks.")
    mallory.writes("Re: Printer", "Let me in.", to=reply_address(anna, Notice.CONFIRMATION, 0))
    eve.writes("Re: Scanner", "I am her colleague.", to=reply_address(anna, Notice.CONFIRMATION, 1))
    first, second = desk.ticket(1), desk.ticket(2)
    his(desk, omar)
    merged(desk, omar, first, second)
    anna.writes("Yes, always", "", to=choice(anna, "Yes, always"))
    states = {participant.address: participant.state for participant in desk.ticket(1).participants}
    assert states[eve.address] is ParticipantState.ACTIVE
    assert states[mallory.address] is ParticipantState.UNVERIFIED


def test_who_takes_no_part_any_more_lets_nobody_in(desk: StoryDesk, anna: Person, paul: Person, omar: Person) -> None:
    eve = desk.person("eve@elsewhere.example")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, f"#cc {paul.address}\nOpen flap B.")
    eve.writes("Re: Printer", "Hello.", to=reply_address(paul, Notice.ANSWER))
    omar.replies(Notice.NEW_TICKET, f"#uncc {paul.address}")
    message_id = paul.writes("Yes, always", "", to=choice(paul, "Yes, always"))
    assert desk.why(message_id).state is Disposition.NOTED
    one = desk.ticket().participant_at(eve.address)
    assert one is not None
    assert one.state is ParticipantState.UNVERIFIED


def test_solved_was_said_of_the_merged_request_alone(desk: StoryDesk, anna: Person, omar: Person) -> None:
    first, second = both_his(desk, anna, omar)
    about(omar, second, "#resolve\nCleaned.")
    solved = next(
        line.partition("mailto:")[2].partition("?")[0]
        for line in anna.letter(Notice.RESOLUTION).text.splitlines()
        if "mailto:" in line and "?" in line
    )
    about(omar, first, "#resolve\nRepaired.")
    merged(desk, omar, first, second)
    assert desk.ticket(1).status is Status.RESOLVED
    anna.writes("Solved", "The scanner works now, but the printer jams as before.", to=solved)
    assert desk.ticket(1).status is Status.IN_PROGRESS


def undo_addresses(omar: Person) -> list[str]:
    lines = [
        line
        for letter in omar.letters()
        if letter.notice == Notice.RECEIPT
        for line in letter.text.splitlines()
        if line.startswith("Undo:")
    ]
    return [line.partition("mailto:")[2].partition("?")[0] for line in lines]


def test_an_undo_address_of_a_merged_request_takes_back_nothing_else(desk: StoryDesk, anna: Person, omar: Person) -> None:
    first, second = both_his(desk, anna, omar)
    second = desk.ticket(2)
    about(omar, second, "#priority high")
    undo = undo_addresses(omar)[-1]
    version = desk.ticket(2).version
    while desk.ticket(1).version < version - 1:
        about(omar, first, "#note\nJust a word more about it all.")
    merged(desk, omar, first, second)
    assert desk.ticket(1).version == version
    omar.writes("Undo", "", to=undo)
    assert desk.ticket(2).lineage.merged_into == first.id


def test_letting_letters_go_again_is_taken_back(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    suppress(desk, anna.address)
    omar.replies(Notice.NEW_TICKET, f"#unsuppress {anna.address}")
    assert suppressed(desk) == set()
    omar.replies(Notice.NEW_TICKET, "#undo")
    assert suppressed(desk) == {anna.address}


def test_notes_of_a_merged_request_do_not_leave_the_house(desk: StoryDesk, anna: Person, omar: Person) -> None:
    first, second = both_his(desk, anna, omar)
    about(omar, second, "#note\nThe customer is on the blocklist since March.")
    merged(desk, omar, first, second)
    message_id = about(omar, first, "The customer is on the blocklist since March.")
    assert desk.why(message_id).decision["held_over"] == HoldReason.FIREWALL


def test_words_of_a_merged_request_are_known_where_only_the_other_one_is_named(
    desk: StoryDesk, anna: Person, omar: Person
) -> None:
    first, second = both_his(desk, anna, omar)
    about(omar, second, "Please clean the long roller with a soft cloth and a little alcohol.")
    merged(desk, omar, first, second)
    answer = anna.letter(Notice.ANSWER)
    said = [line for line in answer.text.splitlines() if "long roller" in line]
    quote = "\n".join(f"> {line}" for line in said)
    reply_to = next(
        letter for letter in anna.letters() if first.reference in letter.text and letter.notice is Notice.CONFIRMATION
    )
    to = reply_to.header("Reply-To").rpartition("<")[2].rstrip(">")
    anna.writes(
        "Re: Printer",
        f"It jams all the same.\n\nOn Mon, 23 Nov 2026 at 09:10, Support <help@support.example.com> wrote:\n{quote}\n",
        to=to,
        headers={"In-Reply-To": reply_to.header("Message-ID")},
    )
    assert desk.history(1).messages[-1].text == "It jams all the same."


def test_a_closing_of_a_merged_request_that_never_arrived_wakes_nothing(desk: StoryDesk, anna: Person, omar: Person) -> None:
    first, second = both_his(desk, anna, omar)
    about(omar, second, "#close")
    merged(desk, omar, first, second)
    returns(desk, letters_to(desk, anna, Notice.CLOSING)[0])
    assert desk.ticket(2).status is Status.CLOSED
    assert "delivery_failed" in [event.kind for event in desk.history(1).events]
    assert first.reference in omar.letter(Notice.DELIVERY_FAILURE).header("Subject")


def test_a_strangers_message_that_is_split_off_is_a_strangers(desk: StoryDesk, anna: Person, omar: Person) -> None:
    eve = desk.person("eve@elsewhere.example")
    anna.writes("Printer", "It jams.")
    his(desk, omar)
    eve.writes("Re: Printer", "What is my invoice?", to=reply_address(anna, Notice.CONFIRMATION))
    about(omar, desk.ticket(), "#split")
    assert (desk.ticket(2).account, desk.ticket(2).plan, desk.ticket(2).assurance) == (None, "free", "unverified")


@pytest.mark.parametrize("proof", ["her reply address", "nothing"])
def test_words_that_only_named_a_request_are_doubted_when_they_are_split_off(
    desk: StoryDesk, anna: Person, omar: Person, proof: str
) -> None:
    """The request's own proof is no proof of what anybody wrote in her name."""
    anna.writes("Printer", "It jams.")
    his(desk, omar)
    to = reply_address(anna, Notice.CONFIRMATION) if proof != "nothing" else SUPPORT
    anna.writes(f"Re: {desk.ticket().reference}", "Refund my invoice to IBAN DE00.", to=to, peer="203.0.113.9")
    about(omar, desk.ticket(), "#split")
    assert (desk.ticket(2).account, desk.ticket(2).assurance) == ("acme", "unverified" if proof == "nothing" else "authenticated")


def test_a_forward_that_is_taken_back_leaves_the_platform(desk: StoryDesk, tmp_path: Path, reader: MailReader) -> None:
    with direct_desk(configured(tmp_path / "u", undo_window="30s"), reader) as one:
        omar = one.person("omar@desk.example")
        omar.writes("Fwd: Scanner", FORWARDED.format(comment="Please look."))
        assert one.inbox()
        omar.writes("Undo", "", to=undo_addresses(omar)[-1])
        assert "Taken back" in omar.letter(Notice.RECEIPT).text
        assert one.inbox() == []


@pytest.mark.parametrize("place", [1, 12])
def test_a_reference_may_be_written_in_small_letters(desk: StoryDesk, anna: Person, omar: Person, place: int) -> None:
    for number in range(place):
        desk.person(f"c{number}@acme.example").writes("Printer", "It jams.")
    blocks = [f"#on {ticket.reference.lower()}\n#priority high" for ticket in desk.tickets()]
    omar.writes("All of them", "\n".join(blocks))
    assert {ticket.priority for ticket in desk.tickets()} == {"high"}


def test_the_platform_goes_on_in_the_survivor(desk: StoryDesk, anna: Person, omar: Person) -> None:
    first, second = both_his(desk, anna, omar)
    merged(desk, omar, first, second)
    desk.writes_in_platform("acme", anna.address, "More about the scanner.", second.thread_key)
    assert desk.history(1).messages[-1].text == "More about the scanner."
    desk.writes_in_platform("globex", "carla@globex.example", "Let me in.", second.thread_key)
    assert desk.history(1).messages[-1].text == "More about the scanner."
    assert len(desk.tickets()) == 2
    assert desk.inbox()[-1].thread_key == first.thread_key


STRANGE = "203.0.113.9"


@pytest.mark.parametrize("meanwhile", ["#close", "#split", "#merge"])
def test_a_held_mail_goes_where_the_conversation_goes_on(desk: StoryDesk, anna: Person, omar: Person, meanwhile: str) -> None:
    first, second = both_his(desk, anna, omar)
    anna.replies(Notice.CONFIRMATION, "Red.")
    message_id = omar.replies(Notice.CUSTOMER_REPLY, f"Press the button.\n#on {first.reference}\nOpen flap B.", peer=STRANGE)
    assert desk.why(message_id).decision["held_over"] == HoldReason.AUTHORITY
    send = reply_address(omar, Notice.HELD)
    if meanwhile == "#merge":
        merged(desk, omar, first, second)
    else:
        about(omar, second, meanwhile)
    omar.writes("Re: Held", "#send", to=send)
    released = desk.why(message_id)
    if meanwhile == "#merge":
        assert released.state is Disposition.REFUSED
        assert "this mail has two things to do there" in omar.letter(Notice.RECEIPT).text
        return
    assert released.state is Disposition.THREADED
    answers = [letter.text for letter in anna.letters() if letter.notice is Notice.ANSWER]
    assert ["Press the button." in answer for answer in answers] == [True, False]
    assert desk.ticket(2).status is (Status.CLOSED if meanwhile == "#close" else Status.IN_PROGRESS)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (FORWARDED.format(comment="#on {reference}\n#note\nThis belongs here."), "about that one alone"),
        ("#on {reference}\n#undo", "answer a letter about the request with it"),
        ("#on {reference}\n#send", "answers no letter about a mail that is held"),
    ],
)
def test_a_command_in_the_wrong_place_says_where_it_works(
    desk: StoryDesk, anna: Person, omar: Person, text: str, sentence: str
) -> None:
    anna.writes("Printer", "It jams.")
    message_id = omar.writes("Fwd: Scanner", text.replace("{reference}", desk.ticket().reference))
    assert desk.why(message_id).state is Disposition.REFUSED
    assert sentence in omar.letter(Notice.RECEIPT).text
    assert len(desk.tickets()) == 1


@pytest.mark.parametrize(("text", "peer"), [("Open flap B.", STRANGE), ("#bogus", "127.0.0.1")])
def test_what_told_its_author_by_letter_is_replayed(desk: StoryDesk, anna: Person, omar: Person, text: str, peer: str) -> None:
    anna.writes("Printer", "It jams.")
    message_id = omar.replies(Notice.NEW_TICKET, text, peer=peer)
    first, letters = desk.why(message_id), len(omar.letters())
    for times in (1, 2):
        assert replay(desk.database, first.id)
        desk.settle()
        again = desk.why(message_id)
        assert (again.state, again.decision["reason"]) == (first.state, first.decision["reason"])
        assert len(omar.letters()) == letters + times
