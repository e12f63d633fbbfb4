"""The sender over the real store and a real socket: a crash, a second node, and a letter that is sent in the end."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from support.desk.story import StoryDesk
from support.servers.scripted_relay import ScriptedRelay, scripted_relay

from helpdesk.config.conduct import Retry
from helpdesk.config.settings import Relay as RelaySettings
from helpdesk.gateway.delivery.outbox import Outbox
from helpdesk.gateway.delivery.relay import relay_for
from helpdesk.gateway.delivery.sender import Sender
from helpdesk.gateway.observe import Log
from helpdesk.store.database import Database, DatabaseAway
from helpdesk.store.migrate import migrate
from helpdesk.store.outbox import OutboxLetter, attempts_of, claim_letters, list_letters, release_letters
from helpdesk.store.schema import outbox

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
LEASE = timedelta(minutes=15)


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


def content(number: int) -> bytes:
    return f"Message-ID: <token.{number}@desk.test>\r\n\r\n.{number}\r\n".encode()


def row(number: int) -> dict[str, object]:
    return {
        "id": number,
        "ticket_id": None,
        "participant": 0,
        "notice": "digest",
        "audience": "staff",
        "recipient": f"omar{number}@desk.test",
        "reverse_path": f"bounce+{number}@desk.test",
        "message_id": f"token.{number}@desk.test",
        "subject": "Open tickets",
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


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    one = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    migrate(one)
    yield one
    one.close()


def queue(database: Database, count: int) -> None:
    with database.writing() as connection:
        connection.execute(outbox.insert(), [row(number) for number in range(1, count + 1)])


def letters(database: Database) -> dict[int, OutboxLetter]:
    with database.reading() as connection:
        return {letter.id: letter for letter in list_letters(connection)}


async def send_round(database: Database, server: ScriptedRelay, clock: Clock, nodes: int = 1) -> int:
    """One round of each node, all at once."""
    relays = [relay_for(RelaySettings(url=f"smtp://127.0.0.1:{server.port}"), "mail.desk.test") for _ in range(nodes)]
    senders = [Sender(Outbox(database, LEASE), relay, Retry(), clock, Log("helpdesk.test"), lease=LEASE) for relay in relays]
    handled = await asyncio.gather(*(sender.send_due() for sender in senders))
    await asyncio.gather(*(relay.close() for relay in relays))
    return sum(handled)


def test_two_nodes_send_every_letter_once(database: Database) -> None:
    queue(database, 40)
    server = ScriptedRelay()

    async def story() -> int:
        async with scripted_relay(server):
            return await send_round(database, server, Clock(), nodes=2)

    assert asyncio.run(story()) == 40
    assert sorted(letter.content for letter in server.letters) == sorted(content(number) for number in range(1, 41))
    assert {letter.state for letter in letters(database).values()} == {"sent"}


def test_two_rounds_of_one_sender_send_every_letter_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The claim of one is no claim of whose commit the other has not learnt."""
    queue(database, 4)
    server, clock, overtaken = ScriptedRelay(), Clock(), Event()

    def claims_slowly(*arguments: object, **more: object) -> object:
        claimed = claim_letters(*arguments, **more)  # type: ignore[arg-type]
        overtaken.wait(0.3)
        return claimed

    def releases(*arguments: object) -> int:
        overtaken.set()
        return release_letters(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("helpdesk.gateway.delivery.outbox.claim_letters", claims_slowly)
    monkeypatch.setattr("helpdesk.gateway.delivery.outbox.release_letters", releases)

    async def story() -> None:
        async with scripted_relay(server):
            relay = relay_for(RelaySettings(url=f"smtp://127.0.0.1:{server.port}"), "mail.desk.test")
            sender = Sender(Outbox(database, LEASE), relay, Retry(), clock, Log("helpdesk.test"), lease=LEASE)
            await asyncio.gather(sender.send_due(), sender.send_due())
            await relay.close()

    asyncio.run(story())
    assert sorted(letter.content for letter in server.letters) == sorted(content(number) for number in range(1, 5))


def test_a_greylisted_letter_waits_and_a_refused_one_fails(database: Database) -> None:
    queue(database, 2)
    server = ScriptedRelay({"RCPT": ["451 4.7.1 greylisted", "550 5.1.1 unknown", "250 ok"]})
    clock = Clock()

    async def story() -> None:
        async with scripted_relay(server):
            await send_round(database, server, clock)
            states = sorted((letter.state, letter.last_reply) for letter in letters(database).values())
            assert states == [("deferred", "451 4.7.1 greylisted"), ("failed", "550 5.1.1 unknown")]
            assert await send_round(database, server, clock) == 0
            clock.now += timedelta(minutes=1)
            assert await send_round(database, server, clock) == 1

    asyncio.run(story())
    assert sorted(letter.state for letter in letters(database).values()) == ["failed", "sent"]
    assert len(server.letters) == 1


def test_a_letter_of_a_node_that_died_is_sent_when_its_lease_ends(database: Database) -> None:
    queue(database, 1)
    (lost,) = claim_letters(database, START, limit=1, lease=LEASE)
    server, clock = ScriptedRelay(), Clock()

    async def story() -> None:
        async with scripted_relay(server):
            assert await send_round(database, server, clock) == 0
            clock.now += LEASE
            assert await send_round(database, server, clock) == 1

    asyncio.run(story())
    (sent,) = letters(database).values()
    assert (sent.state, sent.attempts, sent.uncertain) == ("sent", 2, 1)
    with database.reading() as connection:
        assert [attempt.outcome for attempt in attempts_of(connection, lost.id)] == ["uncertain", "sent"]


def test_a_claim_of_whose_commit_nobody_learnt_is_let_go_of_at_once(desk: StoryDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    cut: list[bool] = []

    def claimed(*arguments, **words):  # type: ignore[no-untyped-def]
        letters = claim_letters(*arguments, **words)
        if letters and not cut:
            cut.append(True)
            raise DatabaseAway("the connection was cut")
        return letters

    monkeypatch.setattr("helpdesk.gateway.delivery.outbox.claim_letters", claimed)
    desk.person("anna@acme.example").writes("Printer", "It jams.")
    assert cut
    desk.settle()  # at the same moment
    with desk.database.reading() as connection:
        assert {(letter.state, letter.attempts, letter.uncertain) for letter in list_letters(connection)} == {("sent", 1, 0)}
