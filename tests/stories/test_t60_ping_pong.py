"""Other ticket systems: what they send moves nothing, and a loop ends also where no header says that a machine writes."""

from collections.abc import Iterator
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest
from support.desk.story import SUPPORT, Person, StoryDesk, configured, direct_desk
from support.mails.reports import letters_to

from helpdesk.gateway.reader import Reader
from helpdesk.store.outbox import content_of_letter, list_letters
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.model.notice import Notice

KEPT = ("from", "to", "subject", "message-id", "date", "mime-version", "content-type", "content-transfer-encoding")
MOST_MAILS = 12


@pytest.fixture
def robot(desk: StoryDesk) -> Person:
    return desk.person("cases@machine.example")


def test_a_machine_without_marks_gets_three_confirmations_and_no_more(desk: StoryDesk, robot: Person) -> None:
    omar = desk.person("omar@desk.example")
    for number in range(8):
        robot.writes(f"[#4{number}] We have received your mail", f"Thank you for your mail. Your case has the number 4{number}.")
        desk.passes(seconds=20)
    assert [letter.state for letter in letters_to(desk, robot)] == ["sent"] * 3
    assert [ticket.automatic_letters for ticket in desk.tickets()] == [True] * 3 + [False] * 5
    assert "a machine seems to answer our letters" in omar.letter(Notice.NEW_TICKET).text
    assert "ping_pong" in [event.kind for event in desk.history(4).events]


def test_somebody_with_many_questions_is_no_machine(desk: StoryDesk) -> None:
    """He writes as soon as he has our confirmation, and each time something else."""
    anna = desk.person("anna@acme.example")
    questions = (
        "How do I export the invoices of last year?",
        "The printer on the second floor jams whenever it rains.",
        "Who can give my colleague Paul access to the archive, please?",
        "Your status page says that all is well, but nothing loads here.",
        "Can the monthly report be sent to two addresses at once?",
    )
    for question in questions:
        anna.writes(question.split()[1], question)
        desk.passes(seconds=30)
    assert [letter.state for letter in letters_to(desk, anna)] == ["sent"] * 5


def test_alike_mails_that_take_their_time_are_no_loop(desk: StoryDesk, robot: Person) -> None:
    for number in range(6):
        robot.writes(f"Backup of host {number} failed", f"The nightly backup of host {number} has failed. Please have a look.")
        desk.passes(minutes=5)
    assert [letter.state for letter in letters_to(desk, robot)] == ["sent"] * 6


def test_however_much_somebody_writes_at_once_is_no_loop_where_nothing_is_alike(desk: StoryDesk, robot: Person) -> None:
    """Twice as many rounds and more: number and cadence are those of a busy customer."""
    for letter in "abcdefghi":
        robot.writes(letter, " ".join(letter * length for length in range(3, 20)))
        desk.passes(seconds=5)
    assert [one.state for one in letters_to(desk, robot)] == ["sent"] * 9
    assert [ticket.automatic_letters for ticket in desk.tickets()] == [True] * 9


def test_a_machine_in_one_conversation_is_silenced_there_and_its_reference_echoed(desk: StoryDesk, robot: Person) -> None:
    """Each resolution is acknowledged, which reopens the ticket, and the letter about that is acknowledged too."""
    omar = desk.person("omar@desk.example")
    robot.writes("Printer", "It jams.")
    acknowledges(robot, Notice.CONFIRMATION)
    for _ in range(4):
        newest = [
            letter.notice
            for letter in omar.letters()
            if letter.notice in (Notice.NEW_TICKET, Notice.CUSTOMER_REPLY, Notice.REOPENED)
        ][-1]
        omar.replies(newest, "#resolve\nCleaned.")
        reopened = desk.notices_to(robot).count(Notice.REOPENED)
        acknowledges(robot, Notice.RESOLUTION)
        if desk.notices_to(robot).count(Notice.REOPENED) > reopened:
            acknowledges(robot, Notice.REOPENED)
    assert len(desk.tickets()) == 1
    assert not desk.ticket().automatic_letters
    assert desk.notices_to(robot).count(Notice.REOPENED) == 2
    assert desk.ticket().their_reference == "[Case#4711]"
    assert [event.kind for event in desk.history().events].count("ping_pong") == 1
    told = [letter for letter in omar.letters() if "No automatic letter goes to this ticket's customers any more" in letter.text]
    assert len(told) == 1
    omar.replies(Notice.NEW_TICKET, "A person speaks.")
    omar.replies(Notice.HELD, "#send")
    assert robot.letter(Notice.ANSWER).header("Subject") == "Re: [Case#4711] Printer"


def acknowledges(robot: Person, notice: Notice) -> None:
    to = robot.letter(notice).header("Reply-To").strip("<>")
    robot.writes("[Case#4711] Printer", "Thank you for your mail. We have added it to your case.", to=to)


def test_the_reference_of_a_marked_machine_stands_in_later_subjects(desk: StoryDesk, robot: Person) -> None:
    omar = desk.person("omar@desk.example")
    robot.writes("Printer", "It jams.")
    to = robot.letter(Notice.CONFIRMATION).header("Reply-To").strip("<>")
    robot.writes("[Case#4711] Printer", "We have opened a case.", to=to, headers={"Auto-Submitted": "auto-replied"})
    assert desk.ticket().their_reference == "[Case#4711]"
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    assert robot.letter(Notice.ANSWER).header("Subject") == "Re: [Case#4711] Printer"
    assert robot.letter(Notice.ANSWER).header("References").count("<") == 2


@pytest.fixture
def other(tmp_path: Path, reader: Reader) -> Iterator[StoryDesk]:
    config = configured(tmp_path / "other")
    (config.parent / "secret").write_text(
        "a " + "7c" * 32 + "\n"
    )  # two desks never share their keys, or each takes the other for itself
    with direct_desk(config, reader) as made:
        yield made


def stripped(content: bytes, author: str, to: str) -> bytes:
    """As a proxy hands it on that knows no header but the plainest."""
    mail = BytesParser(EmailMessage, policy=policy.default).parsebytes(content)
    for name in {name for name in mail if name.lower() not in KEPT}:
        del mail[name]
    mail.replace_header("From", author)
    mail.replace_header("To", to)
    return mail.as_bytes(policy=policy.SMTP)


@pytest.mark.parametrize("peer", ["127.0.0.1", "203.0.113.9"])
@pytest.mark.parametrize("seconds", [1, 40])
def test_two_gateways_behind_a_proxy_that_strips_every_header_fall_silent(
    desk: StoryDesk, other: StoryDesk, peer: str, seconds: int
) -> None:
    """Each writes as a customer of the other; nothing says that the other is a machine, nor which ticket a mail belongs to."""
    sides = {"one@left.example": desk, "two@right.example": other}
    desk.person("two@right.example").writes("Hello", "Is anybody there?", peer=peer)
    passed: set[tuple[str, int]] = set()
    for _ in range(40):
        for author, side in sides.items():
            ((to, far),) = ((name, one) for name, one in sides.items() if one is not side)
            for number, content in _new(side, to, passed):
                passed.add((author, number))
                far.now += timedelta(seconds=seconds)
                far.deliver(author, [SUPPORT], stripped(content, author, SUPPORT), peer)
            far.now += timedelta(seconds=seconds)
            far.settle()
    assert 2 <= len(passed) <= MOST_MAILS, len(passed)
    silenced = [ticket for side in sides.values() for ticket in side.tickets() if not ticket.automatic_letters]
    assert silenced or peer != "127.0.0.1"
    assert (
        any("No confirmation was sent" in letter.text for letter in desk.person("omar@desk.example").letters())
        or peer != "127.0.0.1"
    )


def _new(side: StoryDesk, to: str, passed: set[tuple[str, int]]) -> list[tuple[int, bytes]]:
    """Letters that went to the other side and have not been handed on."""
    with side.database.reading() as connection:
        rows = [
            letter
            for letter in list_letters(connection, LetterState.SENT, to=to)
            if not any(number == letter.id for _, number in passed)
        ]
        return [(row.id, content_of_letter(connection, row.id) or b"") for row in reversed(rows)]
