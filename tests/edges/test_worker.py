"""The worker under faults: a mail that kills its reader, code that fails, and another node that is faster."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Connection, select, update
from support.desk.story import SUPPORT, StoryDesk, configured, direct_desk

from helpdesk.config.load import load
from helpdesk.gateway.limited_child import NoChild
from helpdesk.gateway.origin.verification import Verification
from helpdesk.gateway.reader import Reader, ReaderDied
from helpdesk.gateway.work.item import WorkItem
from helpdesk.gateway.work.kind import REST, TRIES, RestingKind, Tools
from helpdesk.gateway.work.mail import Mails
from helpdesk.gateway.work.spine import decide as really_decided
from helpdesk.gateway.work.worker import Worker
from helpdesk.store.cause import Cause, Outcome
from helpdesk.store.database import DatabaseAway, Unstorable
from helpdesk.store.directory.listing import Transaction
from helpdesk.store.effects.counts import CounterChanges
from helpdesk.store.known import look_up_many
from helpdesk.store.quarantine import replay
from helpdesk.store.record import _write as really_written
from helpdesk.store.record import record_all
from helpdesk.store.schema import inbound, platform_reply
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision, Grounds
from helpdesk.threading.matching.known import Known, Question
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status
from helpdesk.threading.reading.lines import Line, NamedPicture
from helpdesk.threading.reading.parsed import Reading
from helpdesk.threading.trust.signature_fields import SignatureClaim


class Fragile:
    """A reader that dies on every mail with a certain word in it."""

    def __init__(self, reader: Reader, word: bytes) -> None:
        self._reader, self._word = reader, word
        self.deaths = 0

    def read(self, content: bytes, keep_signature: bool = False, banners: Sequence[str] = ()) -> Reading:
        if self._word in content:
            self.deaths += 1
            raise ReaderDied("the reader ended on this mail")
        return self._reader.read(content, keep_signature, banners)

    def verify(self, content: bytes, claims: Sequence[SignatureClaim], keys: Mapping[str, bytes]) -> tuple[Verification, ...]:
        return self._reader.verify(content, claims, keys)

    def verify_chain(self, content: bytes, keys: Mapping[str, bytes]) -> Verification:
        return self._reader.verify_chain(content, keys)

    def language(self, text: str) -> str:
        return self._reader.language(text)

    def document(self, page: str, pictures: Mapping[str, NamedPicture]) -> tuple[Line, ...]:
        return self._reader.document(page, pictures)


def test_a_mail_that_kills_its_reader_becomes_a_degraded_ticket_and_holds_up_nobody(tmp_path: Path, reader: Reader) -> None:
    fragile = Fragile(reader, b"poison")
    with direct_desk(configured(tmp_path), fragile) as desk:
        anna, carl, omar = desk.person("anna@acme.example"), desk.person("carl@other.example"), desk.person("omar@desk.example")
        anna.writes("Hello", "This is poison.")
        carl.writes("Printer", "It jams.")
        assert [mail.state for mail in desk.mails()] == [Disposition.PENDING, Disposition.OPENED]
        desk.passes(minutes=10)
        desk.passes(minutes=10)
        assert fragile.deaths == TRIES
        assert [mail.state for mail in desk.mails()] == [Disposition.OPENED, Disposition.OPENED]
        assert len(desk.tickets()) == 2
        assert any("only in part" in letter.text for letter in omar.letters())
        assert Notice.CONFIRMATION in desk.notices_to(anna)


def test_a_mail_loses_no_attempt_while_no_child_can_be_started(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    with direct_desk(configured(tmp_path), reader) as desk:
        anna = desk.person("anna@acme.example")

        def read(content: bytes, keep_signature: bool = False, banners: Sequence[str] = ()) -> Reading:
            raise NoChild("no child can be started")

        with monkeypatch.context() as away:
            away.setattr(reader, "read", read)
            anna.writes("Hello", "The export stops.")
            for _ in range(2 * TRIES):
                desk.now += timedelta(minutes=1)
                desk.settle()
        assert [(mail.state, mail.attempts) for mail in desk.mails()] == [(Disposition.PENDING, 0)]
        desk.now += timedelta(minutes=1)
        desk.settle()
        assert desk.history().messages[0].text == "The export stops."


def test_code_that_fails_on_one_mail_quarantines_it_and_it_can_be_replayed(
    desk: StoryDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decided(heard, known, made, now):  # type: ignore[no-untyped-def]
        if heard.incoming is not None and "poison" in heard.incoming.text:
            raise ZeroDivisionError("a fault of ours")
        return really_decided(heard, known, made, now)

    anna, carl = desk.person("anna@acme.example"), desk.person("carl@other.example")
    monkeypatch.setattr("helpdesk.gateway.work.settle.decide", decided)
    anna.writes("Hello", "This is poison.")
    carl.writes("Printer", "It jams.")
    for _ in range(TRIES):
        desk.passes(minutes=10)
    quarantined = desk.mails()[0]
    assert (quarantined.state, quarantined.attempts) == (Disposition.QUARANTINED, TRIES)
    assert "ZeroDivisionError" in quarantined.decision["reason"]
    assert len(desk.tickets()) == 1
    monkeypatch.undo()
    assert replay(desk.database, quarantined.id)
    desk.settle()
    assert desk.mails()[0].state is Disposition.OPENED
    assert len(desk.tickets()) == 2


def test_a_worker_that_lost_its_lease_records_nothing(desk: StoryDesk, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one node decides, its lease runs out and another node takes the mail to its end."""
    anna = desk.person("anna@acme.example")
    later = desk.now + timedelta(hours=1)
    other = Worker(replace(desk.node.tools, desk=replace(desk.node.desk, node="other"), reader=reader, clock=lambda: later))
    overtaken: list[bool] = []

    def overtaken_look_up(*arguments):  # type: ignore[no-untyped-def]
        if not overtaken:
            overtaken.append(True)
            other.work()
        return look_up_many(*arguments)

    monkeypatch.setattr("helpdesk.gateway.work.settle.look_up_many", overtaken_look_up)
    try:
        anna.writes("Printer", "It jams.")
    finally:
        other.close()
    assert desk.why(anna.sent[0]).decision["node"] == "other"
    assert len(desk.tickets()) == 1
    assert len(desk.history().messages) == 1
    assert desk.notices_to(anna) == [Notice.CONFIRMATION]


def away(*_: object) -> None:
    raise DatabaseAway("the disk is full")


@pytest.mark.parametrize("step", ["settle.record_all", "settle.with_kept_files", "mail.with_refused_mails"])
def test_mails_of_a_round_that_the_database_ended_wait_for_no_lease(
    desk: StoryDesk, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(f"helpdesk.gateway.work.{step}", away)
    anna = desk.person("anna@acme.example")
    for _ in range(2 * TRIES):
        with suppress(DatabaseAway):  # a step before the decisions says nothing; its mail waits
            anna.writes("Printer", "It jams.")
    monkeypatch.undo()
    assert desk.node.worker.has_unfinished  # so that this worker looks again even if another one hears the bell
    desk.settle()  # at the same moment
    assert not desk.node.worker.has_unfinished
    assert {(mail.state, mail.attempts) for mail in desk.mails()} == {(Disposition.OPENED, 1)}


def test_a_reply_of_the_platform_waits_for_a_database_that_is_away(desk: StoryDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpdesk.gateway.work.reply.files_of_reply", away)
    with pytest.raises(DatabaseAway):
        desk.writes_in_platform("acme", "anna@acme.example", "It jams.", subject="Printer")
    monkeypatch.undo()
    desk.settle()
    assert [ticket.subject for ticket in desk.tickets()] == ["Printer"]


def test_a_round_that_was_recorded_after_all_is_left_alone(desk: StoryDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection ends while the answer to COMMIT is on its way."""
    cut: list[bool] = []

    def recorded(*arguments):  # type: ignore[no-untyped-def]
        answer = record_all(*arguments)
        if not cut:
            cut.append(True)
            raise DatabaseAway("the connection was cut")
        return answer

    monkeypatch.setattr("helpdesk.gateway.work.settle.record_all", recorded)
    with pytest.raises(DatabaseAway):
        desk.person("anna@acme.example").writes("Printer", "It jams.")
    desk.settle()
    assert [(mail.state, mail.attempts) for mail in desk.mails()] == [(Disposition.OPENED, 1)]
    assert (len(desk.tickets()), len(desk.history().messages)) == (1, 1)


def test_two_replies_to_one_ticket_in_one_batch_both_land_in_order(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    token = str(anna.letter(Notice.CONFIRMATION).message["Reply-To"]).rpartition("<")[2].rstrip(">")
    for number in range(5):
        content = f"From: anna@acme.example\r\nTo: {token}\r\nSubject: x\r\nMessage-ID: <{number}@acme.example>\r\n\r\nreply {number}\r\n"
        desk.now += timedelta(seconds=1)
        desk.deliver(anna.address, [token], content.encode(), "127.0.0.1")
    desk.settle()
    history = desk.history()
    assert [message.text for message in history.messages] == ["It jams.", *(f"reply {number}" for number in range(5))]
    assert [event.number for event in history.events] == list(range(1, len(history.events) + 1))
    assert history.ticket.version == 6


def test_a_new_request_in_one_batch_is_not_decided_before_its_author_s_earlier_replies(
    desk: StoryDesk, caplog: pytest.LogCaptureFixture
) -> None:
    anna = desk.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    token = str(anna.letter(Notice.CONFIRMATION).message["Reply-To"]).rpartition("<")[2].rstrip(">")
    for number, to in enumerate([token, token, token, "help@support.example.com"]):
        content = (
            f"From: anna@acme.example\r\nTo: {to}\r\nSubject: x\r\nMessage-ID: <{number}@acme.example>\r\n\r\nmail {number}\r\n"
        )
        desk.now += timedelta(seconds=1)
        desk.deliver(anna.address, [to], content.encode(), "127.0.0.1")
    with caplog.at_level("INFO", "helpdesk.worker"):
        desk.settle()
    decided = [record.getMessage().split()[0] for record in caplog.records if record.name == "helpdesk.worker"]
    assert decided == ["mail.threaded", "mail.threaded", "mail.threaded", "mail.opened"]


def test_copies_of_one_mail_in_one_batch_have_one_effect(desk: StoryDesk) -> None:
    content = b"From: anna@acme.example\r\nTo: help@support.example.com\r\nSubject: x\r\nMessage-ID: <same@acme.example>\r\n\r\nhello\r\n"
    for _ in range(5):
        desk.deliver("anna@acme.example", ["help@support.example.com"], content, "127.0.0.1")
    desk.settle()
    assert sorted(mail.state for mail in desk.mails()) == [Disposition.DISCARDED] * 4 + [Disposition.OPENED]
    assert len(desk.tickets()) == 1


@pytest.mark.parametrize("to_token", [True, False])
def test_what_must_wait_for_an_earlier_mail_of_the_batch_is_decided_once(
    desk: StoryDesk, monkeypatch: pytest.MonkeyPatch, to_token: bool
) -> None:
    """Five replies to one letter, or five copies of a new request."""
    anna = desk.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    letter = anna.letter(Notice.CONFIRMATION).message
    to = str(letter["Reply-To"]).rpartition("<")[2].rstrip(">") if to_token else SUPPORT
    decided: list[Cause] = []

    def decide(item: WorkItem, *more: Any) -> Decision:
        decided.append(item.cause)
        return really_decided(item, *more)

    monkeypatch.setattr("helpdesk.gateway.work.settle.decide", decide)
    for number in range(5):
        name = number if to_token else "same"
        content = f"From: anna@acme.example\r\nTo: {to}\r\nSubject: x\r\nMessage-ID: <{name}@acme.example>\r\n\r\nmail {name}\r\n"
        desk.deliver(anna.address, [to], content.encode(), "127.0.0.1")
    desk.settle()
    assert (len(decided), len(set(decided))) == (5, 5)


def test_new_tickets_of_one_batch_are_shared_out(tmp_path: Path, reader: Reader) -> None:
    more = '[[staff]]\nname = "Zoe"\naddress = "zoe@desk.example"\n'
    with direct_desk(configured(tmp_path, more=more), reader) as desk:
        for number in range(6):
            content = f"From: anna@acme.example\r\nSubject: x\r\nMessage-ID: <{number}@acme.example>\r\n\r\nhello {number}\r\n"
            desk.deliver("anna@acme.example", ["help@support.example.com"], content.encode(), "127.0.0.1")
        desk.settle()
        assignees = [ticket.assignee for ticket in desk.tickets()]
        assert assignees.count("omar@desk.example") == assignees.count("zoe@desk.example") == 3


def test_code_that_fails_on_a_platform_reply_or_a_timer_does_not_spin(desk: StoryDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.person("anna@acme.example").writes("Printer", "It jams.")

    def failing(heard, known, made, now):  # type: ignore[no-untyped-def]
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr("helpdesk.gateway.work.settle.decide", failing)
    reply = desk.writes_in_platform("acme", "anna@acme.example", "Hello")
    desk.passes(hours=5)  # the first-response target is due
    with desk.database.reading() as connection:
        row = connection.execute(select(platform_reply).where(platform_reply.c.id == reply)).one()
    assert (row.taken_at, "fault of the gateway" in row.error) == (None, True)
    assert desk.ticket().status is Status.IN_REVIEW
    monkeypatch.undo()
    desk.passes(minutes=2)
    assert desk.ticket().status is Status.ESCALATED


def test_a_mail_whose_node_was_killed_often_is_still_read_in_full(desk: StoryDesk) -> None:
    content = b"From: anna@acme.example\r\nSubject: x\r\nMessage-ID: <k@acme.example>\r\n\r\nhello\r\n"
    desk.deliver("anna@acme.example", ["help@support.example.com"], content, "127.0.0.1")
    with desk.database.writing() as connection:
        connection.execute(update(inbound).values(attempts=5))
    desk.settle()
    assert "read only in part" not in str([letter.text for letter in desk.person("omar@desk.example").letters()])
    assert desk.history().messages[0].text == "hello"


ODD_ROWS = [
    ("x", "1700000000", "'[]'"),
    ("x", "'0001-01-01T00:00:00+05:00'", "'[]'"),
    ("x", "'9999-12-31T23:59:59-05:00'", "'[]'"),
    ("x", "'2026-11-23'", "7"),
    ("x", "'2026-11-23'", """'[{"filename": "\\ud800", "size": -1e400, "sha256": [1]}]'"""),
    ("cast(x'ff41' as text)", "'2026-11-23'", "'[]'"),
    ("x'ff41'", "'2026-11-23'", "'[]'"),
]


@pytest.mark.parametrize(("body", "at", "attachments"), ODD_ROWS)
def test_an_odd_row_of_the_platform_holds_up_nothing(desk: StoryDesk, body: str, at: str, attachments: str) -> None:
    """SQLite keeps whatever another program writes: numbers for times, octets that are no text."""
    columns = "account_id, contact_address, body_text, created_at, attachments"
    words = "'x'" if body == "x" else body
    with desk.database.writing() as connection:
        connection.exec_driver_sql(
            f"insert into platform_reply ({columns}) values ('acme', 'anna@acme.example', {words}, {at}, {attachments})"
        )
        connection.exec_driver_sql(f"insert into platform_reply ({columns}) values ('acme', x'ff', {words}, {at}, {attachments})")
    desk.writes_in_platform("acme", "paul@acme.example", "fine")
    assert any(entry.body_text == "fine" for entry in desk.inbox("acme"))
    with desk.database.reading() as connection:
        ends = connection.execute(select(platform_reply.c.taken_at, platform_reply.c.error)).all()
    assert all(taken_at or error for taken_at, error in ends)


@pytest.mark.parametrize("fault", [Unstorable("a value out of range"), ZeroDivisionError("a fault of ours")], ids=repr)
def test_a_question_that_the_store_cannot_answer_holds_up_nobody(
    desk: StoryDesk, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def looked_up(connection, questions, plan, now, team):  # type: ignore[no-untyped-def]
        if any(question.author.startswith("anna") for question in questions):
            raise fault
        return look_up_many(connection, questions, plan, now, team)

    monkeypatch.setattr("helpdesk.gateway.work.settle.look_up_many", looked_up)
    for author in ("anna@acme.example", "carl@other.example", "dora@other.example"):
        content = f"From: {author}\r\nSubject: x\r\nMessage-ID: <{author}>\r\n\r\nhello {author}\r\n".encode()
        desk.deliver(author, ["help@support.example.com"], content, "127.0.0.1")
    desk.settle()
    assert sorted(mail.state for mail in desk.mails()) == [Disposition.OPENED, Disposition.OPENED, Disposition.PENDING]
    for _ in range(TRIES):
        desk.passes(minutes=10)
    set_aside = desk.why("anna@acme.example")
    assert (set_aside.state, set_aside.attempts) == (Disposition.QUARANTINED, TRIES)


@pytest.mark.parametrize("step", ["look up", "decide", "record"])
def test_a_mail_that_is_put_back_is_not_overtaken_by_a_later_one_of_its_sender(
    desk: StoryDesk, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    authors = ("anna@acme.example", "anna@acme.example", "carl@other.example")
    for number, author in enumerate(authors):
        content = f"From: {author}\r\nSubject: mail {number}\r\nMessage-ID: <{number}@x.example>\r\n\r\nhello\r\n"
        desk.deliver(author, [SUPPORT], content.encode(), "127.0.0.1")
    first = desk.mails()[0].id

    def fail(where: str, ids: Sequence[int | None]) -> None:
        if where == step and first in ids:
            raise Unstorable("a value out of range")

    def look_up(connection: Transaction, questions: Sequence[Question], *more: Any) -> list[Known]:
        fail("look up", [question.own_inbound_id for question in questions])
        return look_up_many(connection, questions, *more)

    def decide(item: WorkItem, *more: Any) -> Decision:
        fail("decide", [item.cause.mail_id])
        return really_decided(item, *more)

    def write(connection: Connection, outcomes: Sequence[Outcome]) -> CounterChanges:
        fail("record", [outcome.cause.mail_id for outcome in outcomes])
        return really_written(connection, outcomes)

    monkeypatch.setattr("helpdesk.gateway.work.settle.look_up_many", look_up)
    monkeypatch.setattr("helpdesk.gateway.work.settle.decide", decide)
    monkeypatch.setattr("helpdesk.store.record._write", write)
    desk.settle()
    assert [mail.state for mail in desk.mails()] == [Disposition.PENDING, Disposition.PENDING, Disposition.OPENED]
    assert [mail.attempts for mail in desk.mails()] == [1, 0, 1]
    monkeypatch.undo()
    desk.passes(minutes=1)
    assert sorted(ticket.subject for ticket in desk.tickets()) == ["mail 0", "mail 1", "mail 2"]


def test_a_mail_that_even_the_plain_scanner_cannot_read_is_quarantined_alone(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_degraded(content: bytes) -> Reading:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr("helpdesk.gateway.work.mail.read_degraded", read_degraded)
    with direct_desk(configured(tmp_path), Fragile(reader, b"poison")) as desk:
        desk.person("anna@acme.example").writes("Hello", "This is poison.")
        desk.passes(minutes=10)
        desk.passes(minutes=10)
        desk.person("carl@other.example").writes("Printer", "It jams.")
        assert [mail.state for mail in desk.mails()] == [Disposition.QUARANTINED, Disposition.OPENED]


@dataclass(frozen=True, slots=True)
class Errand(Cause):
    """A cause that only this test knows."""

    number: int

    def __str__(self) -> str:
        return f"errand:{self.number}"

    @classmethod
    def claim(cls, connection: Connection, outcomes: Sequence[Outcome]) -> None:
        """Nobody else can have it."""


@dataclass(frozen=True, slots=True)
class ErrandItem(WorkItem):
    def question(self) -> Question:
        return Question(author="")

    def decide(self, context: Context) -> Decision:
        if str(self.cause) == "errand:2":
            raise ZeroDivisionError("a fault of ours")
        return Decision(Disposition.NOTED, "it is done", Grounds(Assurance.UNVERIFIED))


class Errands(RestingKind):
    name = "errand"

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self.waiting = [ErrandItem(Errand(number)) for number in (1, 2, 3)]

    def due(self) -> Sequence[ErrandItem]:
        taken, self.waiting = self.waiting, []
        return taken


def test_a_new_kind_of_cause_needs_no_word_of_the_worker(desk: StoryDesk, caplog: pytest.LogCaptureFixture) -> None:
    """One that fails makes its kind rest, and holds up neither its neighbours nor another kind."""
    caplog.set_level("INFO")
    worker = Worker(desk.node.tools, (Errands, Mails))
    try:
        assert worker.work() == 2
        [errands, _] = worker._kinds
        assert isinstance(errands, Errands)
        errands.waiting = [ErrandItem(Errand(4))]
        assert worker.work() == 0
        desk.now += REST
        assert worker.work() == 1
    finally:
        worker.close()
    assert [record.message for record in caplog.records].count("errand.noted") == 3


class Waiting(Fragile):
    """A reader that reads one mail no sooner than it is told to."""

    def __init__(self, reader: Reader, word: bytes) -> None:
        super().__init__(reader, b"never")
        self._slow, self.go_on = word, Event()

    def read(self, content: bytes, keep_signature: bool = False, banners: Sequence[str] = ()) -> Reading:
        if self._slow in content:
            assert self.go_on.wait(60)
        return super().read(content, keep_signature, banners)


def test_a_mail_is_understood_and_decided_by_one_policy_also_where_another_comes_meanwhile(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second mail is read, and waits for the first one of its sender; then comes a policy that knows the address that it was written to."""
    waiting, config = Waiting(reader, b"slow"), configured(tmp_path)
    with direct_desk(config, waiting) as desk:
        sales = "sales@support.example.com"
        config.write_text(
            config.read_text().replace("[[staff]]", f'[[address]]\naddress = "{sales}"\nqueue = "billing"\n[[staff]]', 1)
        )
        later = desk.node.desk_for(load(config, {}), None)
        # The old desk goes when the worker has taken the new one; then the first mail is read.
        monkeypatch.setattr(desk.node.desk.letterhead.renderer, "close", waiting.go_on.set)
        for to, word in ((SUPPORT, "slow"), (sales, "quick")):
            mail = f"From: anna@acme.example\r\nTo: {to}\r\nSubject: {word}\r\n\r\nA {word} one.\r\n"
            desk.deliver("anna@acme.example", [to], mail.encode(), "127.0.0.1")
        read = waiting.read

        def read_then_renew(content: bytes, keep_signature: bool = False, banners: Sequence[str] = ()) -> Reading:
            found = read(content, keep_signature, banners)
            if b"quick" in content:
                desk.node.worker.use(later)  # from the next batch on
            return found

        monkeypatch.setattr(waiting, "read", read_then_renew)
        desk.node.worker.work()
        assert [ticket.queue for ticket in desk.tickets()] == ["general", "billing"]
