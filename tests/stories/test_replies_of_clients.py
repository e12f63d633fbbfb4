"""Replies in the shapes of many mail clients: the customer reads the staff member's words, and nothing else of that mail."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import policy
from email.utils import parseaddr
from itertools import cycle
from pathlib import Path

import pytest
from sqlalchemy import update
from support.desk.story import Person, StoryDesk, configured, direct_desk
from support.mails.client_shapes import CLIENTS, Client, Original, answered
from support.oracles.plain_counts import recount
from support.slices import some_of

from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.schema import ticket
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status, WaitingOn

WORDS = """\
Please open flap B, then pull the grey lever.

It should click twice:
- once on the left
- once on the right

Tell me if it does not."""
CUSTOMERS = "The sheet is stuck in drawer seven of the Brindlemark."
QUOTED = re.compile(r"<blockquote.*?</blockquote>", re.DOTALL)  # the customer's own line above an answer to it
MOBILE = "Sent from my iPhone"


@pytest.fixture
def desk(tmp_path: Path, reader: MailReader) -> Iterator[StoryDesk]:
    with direct_desk(configured(tmp_path / "desk", undo_window="30s"), reader) as one:
        yield one


def sends(person: Person, notice: Notice, words: str, client: Client) -> str:
    """The person answers the newest letter of that notice in that client."""
    letter = person.letter(notice)
    author = f"{person.name} <{person.address}>"
    message = answered(client, words, Original(letter, person.desk.now), author)
    person.mail(message.as_bytes(policy=policy.SMTP), [parseaddr(str(message["To"]))[1]])
    return str(message["Message-ID"]).strip("<>")


def said(text: str) -> list[str]:
    """The lines with something on them: clients differ in the blank ones. Without the customer's own line above an answer to it."""
    return [" ".join(line.split()) for line in text.split("\n") if line.strip() and line != f"> {CUSTOMERS}"]


def told(desk: StoryDesk, anna: Person) -> list[str]:
    """What the customer reads in all letters but the confirmation, as the platform shows it, and no letter says more than that."""
    shown = [row.body_text for row in desk.inbox() if row.direction == "support" and row.notice != Notice.CONFIRMATION]
    letters = [letter for letter in anna.letters() if letter.notice is not Notice.CONFIRMATION]
    for letter in letters:
        for part in (letter.text, letter.html):
            assert CUSTOMERS not in QUOTED.sub("", part.replace(f"> {CUSTOMERS}", ""))
            assert "stays internal" not in part
            assert part.lower().count("please type your reply above this line") == 1
    assert len(shown) == len(letters)
    return shown


@dataclass(frozen=True)
class Asked:
    """What a staff member writes above or below WORDS, and what must be so afterwards."""

    commands: str
    notice: Notice | None
    check: Callable[[StoryDesk], bool]


ASKED = {
    "answer": Asked("", Notice.ANSWER, lambda desk: desk.ticket().status is Status.IN_PROGRESS),
    "note": Asked("#note", None, lambda desk: [said(note.text) for note in desk.history().notes] == [said(WORDS)]),
    "ask": Asked("#ask", Notice.INFORMATION_REQUEST, lambda desk: desk.ticket().waiting_on is WaitingOn.CUSTOMER),
    "resolve": Asked("#resolve", Notice.RESOLUTION, lambda desk: desk.ticket().status is Status.RESOLVED),
    "two commands": Asked(
        "#priority high\n#ask",
        Notice.INFORMATION_REQUEST,
        lambda desk: (desk.ticket().priority, desk.ticket().waiting_on) == ("high", WaitingOn.CUSTOMER),
    ),
}
PLACES = ("top", "end")
FAMILIES = ["gmail_en", "outlook_card", "outlook_web", "outlook_telephone", "apple_en", "iphone_de", "thunderbird_signature",
            "below_signature", "interleaved", "roundcube", "k9", "yahoo_android", "gmx"]  # fmt: skip


def placed(commands: str, place: str) -> str:
    return {"top": f"{commands}\n\n{WORDS}", "end": f"{WORDS}\n\n{commands}"}[place].strip()


def cases() -> list[tuple[str, str, str]]:
    """One client of each family with everything that can be asked; each of the others with one of them, in turn."""
    everything = [(client, asked, place) for client in FAMILIES for asked, place in zip(ASKED, PLACES * 3, strict=False)]
    turns = zip(cycle(ASKED), cycle(PLACES), CLIENTS, strict=False)
    return everything + [(client, asked, place) for asked, place, client in turns if client not in FAMILIES]


@pytest.mark.parametrize(("client", "asked", "place"), some_of(cases(), 3))
def test_the_customer_reads_the_words_and_nothing_else(
    desk: StoryDesk, anna: Person, omar: Person, client: str, asked: str, place: str
) -> None:
    anna.writes("Printer", CUSTOMERS)
    sends(omar, Notice.NEW_TICKET, placed(ASKED[asked].commands, place), CLIENTS[client])
    desk.passes(minutes=1)
    assert ASKED[asked].check(desk), omar.letters()[-1].text
    notice = ASKED[asked].notice
    if notice is None:
        assert told(desk, anna) == []
        return
    (text,) = told(desk, anna)
    assert said(desk.history().messages[-1].text) == said(WORDS)
    assert "\n".join(said(WORDS)) in "\n".join(said(text))
    assert "\n".join(said(WORDS)) in "\n".join(said(anna.letter(notice).text))
    assert "#" not in text


@pytest.mark.parametrize("client", FAMILIES)
def test_an_answer_is_taken_back_and_one_mail_serves_two_requests(
    desk: StoryDesk, anna: Person, omar: Person, client: str
) -> None:
    anna.writes("Scanner", "It blinks.")
    anna.writes("Printer", CUSTOMERS)
    sends(omar, Notice.NEW_TICKET, WORDS, CLIENTS[client])
    assert said(desk.history(2).messages[-1].text) == said(WORDS)
    sends(omar, Notice.NEW_TICKET, "#undo", CLIENTS[client])
    assert "Taken back" in omar.letter(Notice.RECEIPT).text
    desk.passes(minutes=1)
    assert told(desk, anna) == []
    assert len(desk.history(2).messages) == 1
    other = desk.ticket(1).reference
    sends(omar, Notice.NEW_TICKET, f"#take\n\n{WORDS}\n\n#on {other}\n#note\nAsk the caretaker first.", CLIENTS[client])
    desk.passes(minutes=1)
    assert [note.text for note in desk.history(1).notes] == ["Ask the caretaker first."], omar.letters()[-1].text
    assert (desk.ticket(2).assignee, desk.history(2).notes) == (omar.address, ())
    (text,) = told(desk, anna)
    assert "\n".join(said(WORDS)) in "\n".join(said(text))
    assert "caretaker" not in text


@pytest.mark.parametrize(
    "signature",
    [
        "Best regards\nOmar",
        "-- \nOmar Haddad",
        MOBILE,
        "Mit freundlichen Grüßen\n\nOmar Haddad\nTel. +49 30 5557788",
    ],
)
@pytest.mark.parametrize("client", ["gmail_en", "outlook_en", "gmx"])
def test_a_command_below_the_signature_is_not_overlooked(
    desk: StoryDesk, anna: Person, omar: Person, signature: str, client: str
) -> None:
    """A note whose command were lost would go to the customer."""
    anna.writes("Printer", CUSTOMERS)
    sends(omar, Notice.NEW_TICKET, f"{WORDS}\n\n{signature}\n\n#note", CLIENTS[client])
    desk.passes(minutes=1)
    assert told(desk, anna) == []
    assert [said(note.text) for note in desk.history().notes] == [said(WORDS)]


@pytest.mark.parametrize("client", some_of(CLIENTS, 2))
def test_a_customers_reply_is_read_without_our_letter(desk: StoryDesk, anna: Person, omar: Person, client: str) -> None:
    """Both letters that a customer gets come back as that client quotes them."""
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#ask\nWhich colour has the handle of the Brindlemark?")
    desk.passes(minutes=1)
    sends(anna, Notice.INFORMATION_REQUEST, WORDS, CLIENTS[client])
    message = desk.history().messages[-1]
    assert desk.ticket().waiting_on is WaitingOn.SUPPORT
    if client == "interleaved":  # what stands between the answers is their context
        assert [line for line in said(message.text) if line[:1] != ">"] == said(WORDS)
        assert "please type" not in message.text.lower()
    else:
        assert said(message.text) == said(WORDS)
    assert "Brindlemark" in f"{message.text}\n{message.elided_text}"
    assert desk.inbox()[-1].body_text == message.text


@pytest.mark.parametrize("client", ["outlook_en", "gmx"])
def test_an_answer_to_an_early_letter_has_no_word_of_it_however_many_letters_came_since(
    desk: StoryDesk, anna: Person, omar: Person, client: str
) -> None:
    """Seventeen messages of which two people are told are more letters to staff than the thirty that are compared with every quote."""
    anna.writes("Printer", CUSTOMERS)
    with desk.database.writing() as connection:
        connection.execute(update(ticket).values(assignee=None))
        recount(connection)
    early = omar.letter(Notice.NEW_TICKET)
    key = desk.ticket().thread_key
    for number in range(17):
        desk.writes_in_platform("acme", anna.address, f"Page {number} jams too.", key)
    message = answered(CLIENTS[client], WORDS, Original(early, desk.now), "Omar Haddad <omar@desk.example>")
    omar.mail(message.as_bytes(policy=policy.SMTP), [parseaddr(str(message["To"]))[1]])
    omar.replies(Notice.HELD, "#send", quote=False)  # the customer has written since
    desk.passes(minutes=1)
    assert said(desk.history().messages[-1].text) == said(WORDS)
    assert said(told(desk, anna)[-1])[: len(said(WORDS))] == said(WORDS)
