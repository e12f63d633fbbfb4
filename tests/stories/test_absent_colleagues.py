"""While a staff member is away, their waiting requests are in the list of a colleague who is at work."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.desk.story import Person, StoryDesk, configured, direct_desk

from helpdesk.gateway.work.kind import MailReader
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice

NORA = """
[[staff]]
name = "Nora Lind"
address = "nora@desk.example"
queues = ["other"]
language = "de"
[[staff]]
name = "Karl Stein"
address = "karl@desk.example"
role = "senior"
queues = ["other"]
"""


@contextmanager
def desk_of_nora(folder: Path, reader: MailReader, *, with_deputy: bool = False) -> Iterator[StoryDesk]:
    config = configured(folder / "desk", more=NORA, digest_at="08:00")
    if with_deputy:
        omar = 'address = "omar@desk.example"'
        config.write_text(config.read_text("utf-8").replace(omar, f'{omar}\ndeputy = "nora@desk.example"'), "utf-8")
    with direct_desk(config, reader) as made:
        yield made


@pytest.fixture
def desk(tmp_path: Path, reader: MailReader) -> Iterator[StoryDesk]:
    with desk_of_nora(tmp_path, reader) as made:
        yield made


def responds(person: Person, subject: str, text: str) -> None:
    """What a vacation responder makes of the newest list."""
    letter = person.letter(Notice.DIGEST)
    to = letter.header("Reply-To").strip("<>")
    fields = {
        "From": person.address, "To": to, "Subject": subject, "Auto-Submitted": "auto-replied", "Message-ID": "<away@desk.example>",
        "In-Reply-To": letter.header("Message-ID"), "Date": "Mon, 23 Nov 2026 09:10:00 +0000",
    }  # fmt: skip
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    person.mail(f"{head}\r\n{text}\r\n".encode(), [to])


def rows(person: Person) -> list[str]:
    """The rows of the newest list."""
    return [line for line in person.letter(Notice.DIGEST).text.splitlines() if " | " in line]


@pytest.mark.parametrize("with_deputy", [True, False], ids=["deputy", "queue"])
def test_the_morning_s_list_of_whoever_stands_in_has_what_waits_on_an_absent_colleague(
    tmp_path: Path, reader: MailReader, with_deputy: bool
) -> None:
    with desk_of_nora(tmp_path, reader, with_deputy=with_deputy) as desk:
        zed, omar, ines, nora = (
            desk.person(address)
            for address in ("zed@other.example", *(f"{name}@desk.example" for name in ("omar", "ines", "nora")))
        )
        for subject in ("Printer", "Scanner"):
            zed.writes(subject, "It jams.")
            omar.replies(Notice.NEW_TICKET, "#take")
        omar.replies(Notice.NEW_TICKET, "Open flap B.")  # the scanner waits on its customer
        omar.writes("Away", "#away 2026-11-30")
        there, other = (nora, ines) if with_deputy else (ines, nora)
        told = there.letter(Notice.RECEIPT).text
        assert desk.ticket(1).reference in told and desk.ticket(2).reference not in told, "what waits is told at once"
        assert Notice.RECEIPT not in desk.notices_to(other)
        omar.writes("Away", "#away 2026-12-01")
        assert desk.notices_to(there).count(Notice.RECEIPT) == 1
        desk.passes(days=1)
        [row] = rows(there)
        assert "Printer" in row and desk.ticket(1).reference in row
        assert ("liegt bei Omar Haddad, zurzeit abwesend" if with_deputy else "assigned to Omar Haddad, who is away") in row
        assert Notice.DIGEST not in desk.notices_to(other)
        if with_deputy:
            nora.writes("Printer", f"#on {desk.ticket(1).reference}\n#assign zoe")
            refusal = nora.letter(Notice.RECEIPT).text
            assert "niemand" in refusal and "nobody" not in refusal, "no word of a refusal stays in English"
        there.replies(Notice.DIGEST, "1 answer Open flap C.")
        assert "Open flap C." in zed.letter(Notice.ANSWER).text
        assert desk.ticket(1).assignee == omar.address
        zed.replies(Notice.ANSWER, "It still jams.")
        omar.writes("Back", "#back")
        desk.passes(days=1)
        assert desk.notices_to(there).count(Notice.DIGEST) == 1 and Notice.DIGEST in desk.notices_to(omar)


def test_an_escalated_request_goes_to_a_senior_who_is_there(desk: StoryDesk) -> None:
    anna, omar, ines, karl = (
        desk.person(address) for address in ("anna@acme.example", "omar@desk.example", "ines@desk.example", "karl@desk.example")
    )
    ines.writes("Away", "#away 2026-11-30")
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#escalate The second time this week.")
    assert desk.ticket().assignee == karl.address
    assert "The second time this week." in karl.letter(Notice.ESCALATION).text
    assert Notice.ESCALATION not in desk.notices_to(ines)
    omar.replies(Notice.RECEIPT, "#assign ines\nShe knows it.")
    assert omar.letter(Notice.RECEIPT).text.count("is away until") == 1


@pytest.mark.parametrize(
    ("subject", "text", "away"),
    [
        ("Out of office: Your open requests", "I am ill and back on Monday, 30 November 2026.", True),
        ("Abwesend: Your open requests", "Ich bin krank und ab Montag, 30. November 2026, wieder da.", True),
        ("Automatic confirmation", "Your mail has reached Omar.", False),
    ],
)
def test_a_responder_that_answers_a_list_says_that_its_owner_is_away_and_is_not_held(
    desk: StoryDesk, subject: str, text: str, away: bool
) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    omar.writes("list", "#status")
    responds(omar, subject, text)
    assert max(desk.mails(), key=lambda mail: mail.id).state is Disposition.NOTED
    assert Notice.HELD not in desk.notices_to(omar)
    anna.writes("Scanner", "It blinks.")
    assert (desk.ticket(2).assignee != omar.address) is away, subject
