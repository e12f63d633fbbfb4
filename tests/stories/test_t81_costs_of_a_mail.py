"""One mail below all limits costs a few times as much as an ordinary one of its size, whatever is in it: the whole way through a node.

All patterns and shapes from everybody: `make campaign`, or `python tests/campaign.py --only costly_mails`.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import insert
from support.campaigns.costly_mails import MOST_TIMES, Till, till
from support.desk.story import StoryDesk
from support.hostile.costly_mails import mail_of, prose
from support.hostile.hostile_expressions import seconds
from support.slices import some_of

from helpdesk.store.conversations import conversations_of
from helpdesk.store.merges import merges_of
from helpdesk.store.schema import message
from helpdesk.threading.commands.grammar import MOST_LINES
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice

DEAREST = [  # the dearest of each sort, and what was dear once
    ("forged", "marks"),
    ("stranger", "marks"),
    ("stranger", "folded fields"),
    ("stranger", "named parts"),
    ("stranger", "HTML parts"),
    ("stranger", "100,000 parts"),
    ("stranger", "nested comments"),
    ("stranger", "signs that grow"),
    ("customer", "marks"),
    ("answer", "marks"),
    ("answer", "unknown commands"),
    ("rows", "rows"),
    ("rows", "parted by blanks"),
]


@pytest.fixture(scope="module")
def desk_with_till() -> Iterator[Till]:
    with till() as made:
        yield made


@pytest.mark.parametrize(("who", "mail"), some_of(DEAREST, 2))
def test_a_hostile_mail_costs_little_more_than_an_ordinary_one(desk_with_till: Till, who: str, mail: str) -> None:
    cost = desk_with_till.cost(who, mail, mail_of(who, mail))
    assert cost.times <= MOST_TIMES, str(cost)


def test_a_long_conversation_is_not_read_to_find_its_last_messages(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    anna.writes("Printer", "It does not print.")
    ticket = desk.ticket()
    row: dict[str, object] = {"direction": "customer", "author": anna.address, "assurance": "authenticated", "cause": ""}
    row |= {
        "ticket_id": ticket.id,
        "text": prose(300_000),
        "elided_text": "",
        "attachments": [],
        "at": desk.now,
        "version": 1,
        "subject": "",
    }

    def asked(messages: int, begin: int) -> float:
        with desk.database.writing() as connection:
            connection.execute(insert(message), [row | {"id": begin + at} for at in range(messages)])
        with desk.database.reading() as connection:
            return min(
                seconds(lambda: conversations_of(connection, {ticket.id: ticket}, merges_of(connection, {ticket.id})))
                for _ in range(5)
            )

    few, many = asked(10, 2**62), asked(90, 2**62 + 10)
    assert many < few * 4  # ten times as many messages: as long ones are read, the time grows tenfold


def test_no_word_in_a_colleagues_name_is_looked_at_without_authority(desk: StoryDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []
    monkeypatch.setattr("helpdesk.threading.decisions.staff.mail.staff_blocks", looked_at.append)
    omar = desk.person("omar@desk.example", "Omar Haddad")
    omar.writes("Nothing to see", "#note she\n" * 30, peer="203.0.113.9")
    assert [mail.state for mail in desk.mails()] == [Disposition.HELD]
    assert looked_at == []


def test_a_text_with_more_lines_than_are_searched_is_refused_and_the_reason_told(desk: StoryDesk) -> None:
    """Beyond them nobody has looked for what it quotes: words of a note could go to a customer."""
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example", "Omar Haddad")
    anna.writes("Printer", "It does not print.")
    omar.replies(Notice.NEW_TICKET, "line\n" * (MOST_LINES + 1) + "#resolve\n", quote=False)
    assert "5,000 lines" in omar.letter(Notice.RECEIPT).text
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]
    omar.replies(Notice.NEW_TICKET, "line\n" * (MOST_LINES - 1) + "#resolve\n", quote=False)
    assert desk.notices_to(anna)[-1] == Notice.RESOLUTION


def test_of_many_lines_that_are_no_commands_a_few_are_told(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example", "Omar Haddad")
    anna.writes("Printer", "It does not print.")
    omar.replies(Notice.NEW_TICKET, "Hello,\n" + "#note, she is difficult\n" * 500 + "bye\n", quote=False)
    told = omar.letter(Notice.RECEIPT).text
    assert told.count('": a command is') == 20
    assert "480 more lines" in told
