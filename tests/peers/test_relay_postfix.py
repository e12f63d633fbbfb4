"""The sender and a real Postfix as its smarthost: away, stopped in the middle, and asked for delivery reports."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import insert
from support.servers import postfix
from support.servers.peers import missing, wait_for
from support.servers.postfix import Postfix, PostOffice, post_office
from support.servers.relay_stories import section

from helpdesk.config.conduct import Retry
from helpdesk.gateway.delivery.breaker import FAILURES
from helpdesk.gateway.delivery.outbox import Outbox
from helpdesk.gateway.delivery.relay import LetterRelay, relay_for
from helpdesk.gateway.delivery.sender import GIVEN_BACK_FOR, Sender
from helpdesk.gateway.observe import Log
from helpdesk.store.database import Database
from helpdesk.store.migrate import migrate
from helpdesk.store.outbox import OutboxLetter, list_letters
from helpdesk.store.schema import outbox

ANNA = "anna@acme.example"
ESTABLISHED = "01"  # in /proc/net/tcp
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
Told = TypeVar("Told")


@pytest.fixture(scope="module")
def running_office() -> Iterator[PostOffice]:
    if postfix.POSTFIX is None:
        missing("postfix")
    office = post_office()
    yield office
    office.close()


@pytest.fixture
def office(running_office: PostOffice) -> PostOffice:
    running_office.clear()
    return running_office


def content(number: int) -> bytes:
    return f"From: help@support.example.com\r\nTo: {ANNA}\r\nMessage-ID: <{number}@desk.test>\r\n\r\nLetter {number}\r\n".encode()


def played(office: PostOffice, story: Callable[[LetterRelay], Awaitable[Told]], **settings: float) -> Told:
    async def play() -> Told:
        written = section(f"smtp://127.0.0.1:{office.smarthost}", timeout=settings.get("timeout", 20))
        relay = relay_for(written, "mail.desk.test")
        try:
            return await story(relay)
        finally:
            await relay.close()

    return asyncio.run(play())


def in_session(one: Postfix, port: int) -> list[int]:
    """The smtpd processes of an instance that hold a session on this port of its own.

    An idle smtpd is not among them: Postfix counts on it for the next connection, so stopping it would stop the port.
    """
    master = int((one.folder / "queue" / "pid" / "master.pid").read_text())
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    held = {f"socket:[{row[9]}]" for row in rows if row[3] == ESTABLISHED and int(row[1].partition(":")[2], 16) == port}
    return [int(child) for child in children if held & set(_opened(child))]


def _opened(process: str) -> Iterator[str]:
    """What a process has open; it opens and closes on while one looks."""
    with suppress(FileNotFoundError):
        for handle in os.listdir(f"/proc/{process}/fd"):
            with suppress(FileNotFoundError):
                yield os.readlink(f"/proc/{process}/fd/{handle}")


def test_a_session_that_is_stopped_holds_up_no_other_letter(office: PostOffice) -> None:
    async def story(relay: LetterRelay) -> list[int | None]:
        assert (await relay.send("", ANNA, content(0))).code == 250
        stopped = in_session(office.front, office.smarthost)
        assert stopped
        for process in stopped:
            os.kill(process, signal.SIGSTOP)
        try:
            return [
                reply.code for reply in await asyncio.gather(*(relay.send("", ANNA, content(number)) for number in range(1, 9)))
            ]
        finally:
            for process in stopped:
                os.kill(process, signal.SIGCONT)

    assert played(office, story, timeout=5) == [250] * 8
    expected = {f"{number}@desk.test" for number in range(9)}
    wait_for(lambda: set(office.mailbox(ANNA)) == expected, "each letter is in the mailbox")


def test_a_report_says_which_letter_of_ours_it_is_about(office: PostOffice) -> None:
    async def story(relay: LetterRelay) -> int | None:
        return (await relay.send(ANNA, "ghost@globex.example", content(1), envelope_id="4711")).code

    assert played(office, story) == 250
    wait_for(lambda: bool(office.mailbox(ANNA)), "the delivery report is in the mailbox")
    (report,) = office.mailbox(ANNA).values()
    assert "Original-Envelope-Id: 4711" in report.as_string()
    assert "Original-Recipient: rfc822;ghost@globex.example" in report.as_string()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    one = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    migrate(one)
    yield one
    one.close()


def queue(database: Database, count: int) -> None:
    rows = [
        {
            "id": number,
            "ticket_id": None,
            "participant": 0,
            "notice": "digest",
            "audience": "staff",
            "recipient": ANNA,
            "reverse_path": "",
            "message_id": f"{number}@desk.test",
            "subject": "",
            "words": b"",
            "content": content(number),
            "automatic": True,
            "cause": f"digest:{number}",
            "created_at": START,
            "state": "queued",
            "attempts": 0,
            "uncertain": 0,
            "unproved": False,
            "next_attempt_at": START,
        }
        for number in range(1, count + 1)
    ]
    with database.writing() as connection:
        connection.execute(insert(outbox), rows)


def letters(database: Database) -> list[OutboxLetter]:
    with database.reading() as connection:
        return list_letters(connection, limit=1000)


def test_a_postfix_that_is_stopped_costs_no_attempts_and_gets_every_letter_once(office: PostOffice, database: Database) -> None:
    queue(database, 40)
    now = START

    async def story() -> None:
        nonlocal now
        written = section(f"smtp://127.0.0.1:{office.smarthost}", timeout=20)
        relay = relay_for(written, "mail.desk.test", lambda: (now - START).total_seconds())
        lease = relay.longest_transfer + timedelta(minutes=2)
        ours = Sender(Outbox(database, lease), relay, Retry(), lambda: now, Log("helpdesk.test"), lease=lease)
        office.front.stop()
        try:
            for _ in range(FAILURES + 3):
                await ours.send_due()
                now += GIVEN_BACK_FOR
            assert ours.stalled
            assert {(letter.state, letter.attempts) for letter in letters(database)} == {("queued", 0)}
        finally:
            office.front.start()
        now += timedelta(minutes=10)
        await ours.send_due()
        assert not ours.stalled
        await relay.close()

    asyncio.run(story())
    assert {(letter.state, letter.attempts, letter.uncertain) for letter in letters(database)} == {("sent", 1, 0)}
    expected = {f"{number}@desk.test" for number in range(1, 41)}
    wait_for(lambda: set(office.mailbox(ANNA)) == expected, "each letter is in the mailbox")
    assert len(list((office.outside.folder / "mailboxes" / ANNA / "new").iterdir())) == 40
