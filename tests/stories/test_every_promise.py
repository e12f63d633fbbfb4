"""What each of the people around a desk is promised, told with a customer who writes in English and one who writes in German."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from support.desk.story import Person, StoryDesk, configured, direct_desk

from helpdesk.gateway.reader import Reader
from helpdesk.store.inbound import find_inbound
from helpdesk.store.quarantine import replay_quarantined
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status

FOREIGN = ("carl@globex.example", "paul@other.example")


@dataclass(frozen=True)
class Words:
    """What a customer writes, and how the desk's letters begin for him."""

    asks: str
    adds: str
    doubts: str
    thanks: str
    received: str
    reopened: str
    closed: str


WORDS = {
    "en": Words(
        "Hello, the printer on the second floor jams with every page since this morning. Could you please help me with it?",
        "It is the grey one next to the window.",
        "It jams again. What shall I do now?",
        "Thank you very much!",
        "Thank you for writing to us",
        "We have reopened your request",
        "Thank you for telling us. Your request is closed",
    ),
    "de": Words(
        "Guten Tag, der Drucker im zweiten Stock zieht seit heute Morgen kein Papier mehr ein. Können Sie mir bitte helfen?",
        "Es ist der graue neben dem Fenster.",
        "Es klemmt schon wieder. Was soll ich jetzt tun?",
        "Vielen Dank!",
        "vielen Dank für Ihre Nachricht",
        "wir haben Ihre Anfrage wieder geöffnet",
        "danke für die Rückmeldung. Ihre Anfrage ist geschlossen",
    ),
}
SECRET = "The session store is a mess, tell nobody."


@pytest.fixture(params=WORDS)
def words(request: pytest.FixtureRequest) -> Words:
    return WORDS[request.param]


@pytest.fixture
def anna(desk: StoryDesk) -> Person:
    return desk.person("anna@acme.example", "Anna Petrova")


@pytest.fixture
def omar(desk: StoryDesk) -> Person:
    return desk.person("omar@desk.example", "Omar Haddad")


def texts(desk: StoryDesk) -> list[str]:
    return [message.text for message in desk.history().messages]


# -- a customer


def test_every_request_is_confirmed(desk: StoryDesk, anna: Person, words: Words) -> None:
    for number in (1, 2, 3):
        anna.writes(f"Printer {number}", words.asks)
    confirmations = [letter.text for letter in anna.letters() if letter.notice is Notice.CONFIRMATION]
    assert [one.reference in text for one, text in zip(desk.tickets(), confirmations, strict=True)] == [True] * 3
    assert all(words.received in text for text in confirmations)


def test_every_reply_on_either_channel_is_in_the_same_conversation(
    desk: StoryDesk, anna: Person, omar: Person, words: Words
) -> None:
    anna.writes("Printer", words.asks)
    anna.replies(Notice.CONFIRMATION, words.adds)
    desk.writes_in_platform("acme", anna.address, words.doubts, desk.ticket().thread_key)
    omar.replies(Notice.CUSTOMER_REPLY, "Open flap B.")
    anna.replies(Notice.ANSWER, words.doubts)
    assert texts(desk) == [words.asks, words.adds, words.doubts, "Open flap B.", words.doubts]
    rows = desk.inbox(account_id="acme")
    assert {row.thread_key for row in rows} == {desk.ticket().thread_key}
    assert [row.body_text for row in rows if row.direction == "customer"] == [words.asks, words.adds, words.doubts, words.doubts]


def test_a_reply_opens_again_what_was_not_solved(desk: StoryDesk, anna: Person, omar: Person, words: Words) -> None:
    anna.writes("Printer", words.asks)
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned.")
    anna.replies(Notice.RESOLUTION, words.doubts)
    assert (desk.ticket().status, desk.ticket().assignee) == (Status.IN_PROGRESS, omar.address)
    assert words.reopened in anna.letter(Notice.REOPENED).text
    omar.replies(Notice.REOPENED, "#resolve\nReplaced.")
    anna.replies(Notice.RESOLUTION, words.thanks)
    assert desk.ticket().status is Status.CLOSED
    assert words.closed in anna.letter(Notice.CLOSING).text


def test_nobody_else_reads_it(desk: StoryDesk, anna: Person, omar: Person, words: Words) -> None:
    anna.writes("Printer", words.asks)
    omar.replies(Notice.NEW_TICKET, f"Open flap B.\n#note\n{SECRET}")
    for address in FOREIGN:
        stranger = desk.person(address)
        stranger.writes(
            f"Re: [{desk.ticket().reference}] Printer", "And what was the answer?", headers={"References": f"<{anna.sent[0]}>"}
        )
        assert not any(words.asks in letter.text or "flap B" in letter.text for letter in stranger.letters())
    assert texts(desk)[0] == words.asks and not any("what was the answer" in text for text in texts(desk))
    assert not any(words.asks in row.body_text for row in desk.inbox(account_id="globex"))


# -- a staff member


def test_every_ticket_is_a_mail_thread(desk: StoryDesk, anna: Person, omar: Person, words: Words) -> None:
    anna.writes("Printer", words.asks)
    anna.replies(Notice.CONFIRMATION, words.adds)
    omar.replies(Notice.CUSTOMER_REPLY, "#ask\nWhich model is it?")
    anna.replies(Notice.INFORMATION_REQUEST, words.adds)
    first, *later = [letter for letter in omar.letters() if letter.notice in (Notice.NEW_TICKET, Notice.CUSTOMER_REPLY)]
    assert len(later) == 2
    assert all(first.header("Message-ID") in one.header("References") for one in later)
    assert all(words.asks in first.text and desk.ticket().reference in one.header("Subject") for one in (first, *later))


def test_a_reply_answers_a_note_stays_and_a_command_acts(desk: StoryDesk, anna: Person, omar: Person, words: Words) -> None:
    anna.writes("Printer", words.asks)
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    omar.replies(Notice.NEW_TICKET, f"#note\n{SECRET}")
    omar.replies(Notice.NEW_TICKET, "#priority high\n#assign bela@desk.example")
    assert texts(desk) == [words.asks, "Open flap B."]
    assert [note.text for note in desk.history().notes] == [SECRET]
    assert (desk.ticket().priority, desk.ticket().assignee) == ("high", "bela@desk.example")
    read = "\n".join(letter.message.as_string() for letter in anna.letters()) + str(desk.inbox())
    assert "Open flap B." in read and "session store" not in read


@pytest.mark.parametrize(
    "mistake", ["#resolve\nDone.", "#escalate", "#close", "#spam", "#assign bela@desk.example", "#snooze 2d"]
)
def test_every_mistake_is_taken_back(tmp_path: Path, reader: Reader, words: Words, mistake: str) -> None:
    with direct_desk(configured(tmp_path / "patient", undo_window="30s"), reader) as desk:
        takes_back(desk, words, mistake)


def takes_back(desk: StoryDesk, words: Words, mistake: str) -> None:
    anna, omar = desk.person("anna@acme.example", "Anna Petrova"), desk.person("omar@desk.example")
    anna.writes("Printer", words.asks)
    before = desk.ticket()
    omar.replies(Notice.NEW_TICKET, mistake)
    changed = desk.ticket()
    assert changed != before
    omar.replies(Notice.RECEIPT, "#undo")
    after = desk.ticket()
    same = ("status", "waiting_on", "assignee", "escalation_level", "waiting")
    assert [getattr(after, field) for field in same] == [getattr(before, field) for field in same]
    desk.passes(minutes=2)
    assert [letter.notice for letter in anna.letters()] == [Notice.CONFIRMATION]


# -- the operator


def test_every_decision_is_explained(desk: StoryDesk, anna: Person, omar: Person, words: Words) -> None:
    opened = anna.writes("Printer", words.asks)
    threaded = anna.replies(Notice.CONFIRMATION, words.adds)
    answered = omar.replies(Notice.CUSTOMER_REPLY, "Open flap B.")
    stranger = desk.person("paul@other.example").writes("Re: Printer", words.adds, headers={"References": f"<{opened}>"})
    for message_id in (opened, threaded, answered, stranger):
        mail = desk.why(message_id)
        assert mail.state is not Disposition.PENDING
        assert mail.decision["reason"] and mail.decision["rule"] and mail.decision["assurance"]


def test_failed_mail_is_replayed(desk: StoryDesk, anna: Person, words: Words, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> Incoming:
        raise ZeroDivisionError("a fault of ours")

    with monkeypatch.context() as broken:
        broken.setattr("helpdesk.gateway.work.settle.decide", failing)
        message_id = anna.writes("Printer", words.asks)
        for _ in range(10):
            desk.passes(hours=1)
    with desk.database.reading() as connection:
        assert [one.state for one in find_inbound(connection, message_id)] == [Disposition.QUARANTINED]
    assert replay_quarantined(desk.database) == 1
    desk.passes(seconds=1)
    assert words.received in anna.letter(Notice.CONFIRMATION).text
    assert len(desk.tickets()) == 1


# -- whoever builds the platform


def test_letters_are_in_the_inbox_of_the_right_account_and_notes_are_not(
    desk: StoryDesk, anna: Person, omar: Person, words: Words
) -> None:
    carl = desk.person("carl@globex.example")
    anna.writes("Printer", words.asks)
    carl.writes("Scanner", words.asks)
    omar.replies(Notice.NEW_TICKET, f"#note\n{SECRET}")
    omar.replies(Notice.NEW_TICKET, "Open flap B.")
    rows = {account: desk.inbox(account_id=account) for account in ("acme", "globex")}
    assert [row.contact_address for row in rows["acme"]] == [anna.address] * len(rows["acme"])
    assert [row.notice for row in rows["acme"]] == [None, Notice.CONFIRMATION]
    assert [row.notice for row in rows["globex"]] == [None, Notice.CONFIRMATION, Notice.ANSWER]
    assert "session store" not in str(rows)


def test_a_row_of_the_platform_becomes_a_reply(desk: StoryDesk, anna: Person, omar: Person, words: Words) -> None:
    anna.writes("Printer", words.asks)
    desk.writes_in_platform("acme", anna.address, words.adds, desk.ticket().thread_key)
    assert texts(desk) == [words.asks, words.adds]
    assert words.adds in omar.letter(Notice.CUSTOMER_REPLY).text
    assert len(desk.tickets()) == 1
