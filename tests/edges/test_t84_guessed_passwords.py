"""Passwords are guessed at the door: few guesses are tried, they are told of, and whoever is known there does not notice."""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from support.campaigns import strangers_rig
from support.campaigns.strangers_rig import OMAR, OWNER, PASSWORD, addresses, attempt, login, secured, storm, unverified
from support.servers.smtp_door import NOON, MemoryCounts, running_door

from helpdesk.gateway.doors import logins, replies
from helpdesk.gateway.doors.logins import MOST_WAITING, NOBODIES, STRANGERS, LoginCounts, Logins, StoredCounts
from helpdesk.gateway.doors.replies import Reply
from helpdesk.gateway.observe import keys_of
from helpdesk.store.database import Database, DatabaseAway
from helpdesk.threading.trust import guessing
from helpdesk.threading.trust.guessing import LANES, LaneName, Place

HERE, HOME = "192.0.2.7", "198.51.100.9"
KNOWN = {(HOME, OMAR)}


class Passwords:
    """Who knows Omar's password; a guess that is `slow` takes until it is let go."""

    def __init__(self) -> None:
        self.tried: list[str] = []
        self.begun = threading.Semaphore(0)
        self.let_go = threading.Event()

    def __call__(self, name: str, password: str) -> str | None:
        self.tried.append(password)
        if password == "slow":
            self.begun.release()
            assert self.let_go.wait(30)
        if password == "fault":
            raise RuntimeError("no memory for this")
        return OMAR if (name, password) == (OMAR, PASSWORD) else None


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = Passwords()
    yield made
    made.let_go.set()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a turn; who has to wait is turned away."""
    monkeypatch.setattr(guessing, "LANES", {name: replace(lane, patience=timedelta()) for name, lane in LANES.items()})


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("tls") / "server.pem"
    trustme.CA().issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(path))
    return str(path)


def play(passwords: Passwords, counts: LoginCounts, story: Callable[[Logins], Coroutine[Any, Any, None]]) -> None:
    async def played() -> None:
        made = Logins(passwords, [OMAR], counts, lambda: NOON)
        try:
            await story(made)
        finally:
            passwords.let_go.set()
            made.close()

    asyncio.run(played())


def events(caplog: pytest.LogCaptureFixture, name: str) -> list[dict[str, Any]]:
    return [dict(keys_of(record)) for record in caplog.records if record.message == name]


@pytest.mark.parametrize("sources", [1, 10])
def test_of_many_guesses_few_are_tried_and_the_right_password_of_a_known_source_is_always_taken(
    sources: int, certificate: str, sqlite_url: str, impatient: None
) -> None:
    """`make campaign` does it with 10,000 guesses from one and from a hundred addresses, at a node of its own."""
    passwords, database = Passwords(), Database(sqlite_url)
    with running_door(passwords=passwords, accounts=[OMAR], counts=StoredCounts(database), certificate=certificate) as door:
        assert login(door.port, OWNER, unverified()) == 235
        found = storm(door.port, addresses(sources), 120)
    database.close()
    assert found.codes.total() >= 120 and found.refused == []
    assert set(found.codes) <= {421, 454, 535}
    guessed = [password for password in passwords.tried if password != PASSWORD]
    assert 0 < len(guessed) <= 3 + 15  # free ones of an address, and of an account in both lanes


def test_a_known_source_is_answered_while_strangers_stand_in_a_queue(passwords: Passwords) -> None:
    async def story(door: Logins) -> None:
        strangers = [
            asyncio.create_task(door.prove(f"192.0.2.{number}", f"x{number}@desk.example", "slow")) for number in range(8)
        ]
        assert await asyncio.to_thread(passwords.begun.acquire, True, 30)
        assert await door.prove(HOME, OMAR, PASSWORD) == OMAR
        assert passwords.tried.count("slow") == STRANGERS
        assert not any(stranger.done() for stranger in strangers)
        passwords.let_go.set()
        assert await asyncio.gather(*strangers) == [replies.BAD_CREDENTIALS] * 8

    play(passwords, MemoryCounts(known=set(KNOWN)), story)


def test_strangers_beyond_the_queue_are_told_to_come_again_and_are_not_counted(passwords: Passwords) -> None:
    async def story(door: Logins) -> None:
        strangers = [
            asyncio.create_task(door.prove(f"192.0.2.{number}", f"x{number}@desk.example", "slow")) for number in range(80)
        ]
        done: set[asyncio.Task[str | Reply]] = set()
        while len(done) < 80 - STRANGERS - MOST_WAITING:
            done, _ = await asyncio.wait(strangers, return_when=asyncio.FIRST_COMPLETED, timeout=0.05)
        assert {login.result() for login in done} == {replies.LOGIN_LATER}
        assert await door.prove(HOME, OMAR, PASSWORD) == OMAR
        passwords.let_go.set()
        said = await asyncio.gather(*strangers)
        tried = said.count(replies.BAD_CREDENTIALS)
        failures = [count.failures for place, count in counts.counts.items() if place.lane is LaneName.SOURCE]
        assert MOST_WAITING <= tried == sum(failures) <= STRANGERS + MOST_WAITING

    counts = MemoryCounts(known=set(KNOWN))
    play(passwords, counts, story)


def test_a_client_that_leaves_keeps_its_seat_until_the_hash_is_done(passwords: Passwords) -> None:
    """Otherwise guessers who hang up at once would have as many hashes beside each other as they like."""

    async def story(door: Logins) -> None:
        gone = asyncio.create_task(door.prove(HERE, OMAR, "slow"))
        assert await asyncio.to_thread(passwords.begun.acquire, True, 30)
        gone.cancel()
        await asyncio.wait([gone])
        another = asyncio.create_task(door.prove("192.0.2.8", OMAR, "slow"))
        while Place(LaneName.SOURCE, "192.0.2.8", "") not in counts.counts:
            await asyncio.sleep(0)
        assert await door.prove(HOME, OMAR, PASSWORD) == OMAR
        assert passwords.tried.count("slow") == STRANGERS
        passwords.let_go.set()
        assert await another == replies.BAD_CREDENTIALS

    counts = MemoryCounts(known=set(KNOWN))
    play(passwords, counts, story)


def test_a_fault_in_a_password_leaves_its_seat_to_the_next(passwords: Passwords) -> None:
    async def story(door: Logins) -> None:
        for number in range(STRANGERS + 2):
            with pytest.raises(RuntimeError):
                await door.prove(f"192.0.2.{number}", OMAR, "fault")
        assert await door.prove(HERE, OMAR, PASSWORD) == OMAR

    play(passwords, MemoryCounts(), story)


def test_whoever_waits_for_a_turn_is_told_when_the_door_closes(passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = {
        name: replace(lane, free=0, first=timedelta(hours=1), longest=timedelta(hours=1), patience=timedelta(days=1))
        for name, lane in LANES.items()
    }
    monkeypatch.setattr(guessing, "LANES", slow)

    async def story(door: Logins) -> None:
        assert await door.prove(HERE, OMAR, "guess") == replies.BAD_CREDENTIALS
        waiting = asyncio.create_task(door.prove(HERE, OMAR, PASSWORD))
        while len(counts.counts) < 3:  # its turn is counted in a thread
            await asyncio.sleep(0)
        assert await door.prove(HOME, OMAR, PASSWORD) == OMAR
        assert passwords.tried == ["guess", PASSWORD] and not waiting.done()
        door.end_waits()
        assert await waiting == replies.LOGIN_LATER
        assert passwords.tried == ["guess", PASSWORD]

    counts = MemoryCounts(known=set(KNOWN))
    play(passwords, counts, story)


def test_whoever_waits_for_a_turn_is_tried_after_it(passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    instant = timedelta(microseconds=1)
    monkeypatch.setattr(
        guessing, "LANES", {name: replace(lane, free=0, first=instant, longest=instant) for name, lane in LANES.items()}
    )

    async def story(door: Logins) -> None:
        assert await door.prove(HERE, OMAR, "guess") == replies.BAD_CREDENTIALS
        assert await door.prove(HERE, OMAR, PASSWORD) == OMAR

    play(passwords, MemoryCounts(), story)


@pytest.mark.parametrize("password", [PASSWORD, "guess"])
def test_while_the_database_is_away_nobody_is_let_in_and_nobody_is_judged(
    password: str, passwords: Passwords, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(door: Logins) -> None:
        for source in (HERE, HOME) * 2:
            assert await door.prove(source, OMAR, password) == replies.LOGIN_LATER
        assert passwords.tried == []
        counts.failure = None
        assert await door.prove(HOME, OMAR, PASSWORD) == OMAR

    counts = MemoryCounts(known=set(KNOWN), failure=DatabaseAway("gone"))
    with caplog.at_level(logging.WARNING, "helpdesk.logins"):
        play(passwords, counts, story)
    assert len(events(caplog, "login.not_counted")) == 1


def test_a_right_password_that_cannot_be_noted_is_right(passwords: Passwords) -> None:
    class Forgetful(MemoryCounts):
        def record_success(self, attempt: Any, now: Any) -> None:
            raise DatabaseAway("gone meanwhile")

    async def story(door: Logins) -> None:
        assert await door.prove(HERE, OMAR, PASSWORD) == OMAR

    play(passwords, Forgetful(), story)


def test_the_log_tells_of_each_failure_and_once_an_hour_of_guessing(
    passwords: Passwords, impatient: None, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(door: Logins) -> None:
        for number in range(40):
            await door.prove(f"192.0.2.{number}", OMAR, "guess")
        for _ in range(6):
            await door.prove(HERE, "hunter22", "omar")
        assert await door.prove(HOME, OMAR, PASSWORD) == OMAR

    with caplog.at_level(logging.INFO, "helpdesk.logins"):
        play(passwords, MemoryCounts(known=set(KNOWN)), story)
    failed = events(caplog, "login.failed")
    assert failed[0] == {"peer": "192.0.2.0", "account": OMAR, "turned_away": None}
    assert len(failed) == len(passwords.tried) - 1
    assert {line["account"] for line in failed} == {OMAR, None}
    assert events(caplog, "login.guessing") == [
        {"alarm": True, "peer": None, "account": OMAR, "failures": 10, "turned_away": None}
    ]
    assert sum(line["turned_away"] or 0 for line in failed) > 10
    assert not any("hunter22" in str(line) for line in failed)  # may be a password in the wrong place


def test_names_that_are_nobodys_are_as_slow_and_fill_no_table(passwords: Passwords, impatient: None) -> None:
    async def story(door: Logins) -> None:
        said: dict[str, list[Reply | str]] = {OMAR: [], "nobody@desk.example": [], "\ud800 no address": []}
        for number in range(20):
            for name, told in said.items():
                told.append(await door.prove(f"192.0.{len(name)}.{number}", name, "guess"))
        one, *others = said.values()
        assert one.count(replies.BAD_CREDENTIALS) == 11 and all(other == one for other in others)
        for number in range(50):
            await door.prove(HERE, f"name{number}@desk.example", "guess")
        numbers = [int(place.account.removeprefix("nobody ")) for place in counts.counts if place.account.startswith("nobody ")]
        assert numbers and max(numbers) < NOBODIES

    counts = MemoryCounts()
    play(passwords, counts, story)


def test_addresses_of_one_ipv6_network_are_one_guesser(passwords: Passwords, impatient: None) -> None:
    async def story(door: Logins) -> None:
        for number in range(20):
            await door.prove(f"2001:db8:1:2::{number:x}", f"x{number}@desk.example", "guess")
        assert len(passwords.tried) == 4
        assert Place(LaneName.SOURCE, "2001:db8:1:2::/64", "") in counts.counts
        assert await door.prove("2001:db8:1:3::1", OMAR, PASSWORD) == OMAR
        assert await door.prove("2001:db8:1:3:ffff::2", OMAR, PASSWORD) == OMAR
        assert counts.known == {("2001:db8:1:3::/64", OMAR)}

    counts = MemoryCounts()
    play(passwords, counts, story)


def test_a_session_ends_after_three_refusals_of_whatever_kind(certificate: str, passwords: Passwords, impatient: None) -> None:
    with running_door(passwords=passwords, accounts=[OMAR], certificate=certificate) as door:
        for _ in range(2):
            with secured(door.port, "127.0.1.1", unverified()) as client:
                codes = [attempt(client, f"guess {number}") for number in range(3)]
        assert codes == [535, 454, 421]


def test_a_login_is_progress_and_a_refusal_is_none(certificate: str, passwords: Passwords) -> None:
    """For whoever gives place when the door is full."""
    with (
        running_door(passwords=passwords, accounts=[OMAR], certificate=certificate) as door,
        secured(door.port, "127.0.1.1", unverified()) as client,
    ):
        (session,) = door.clients()
        begin = session.last_progress
        assert attempt(client, "guess") == 535
        assert session.last_progress == begin
        assert attempt(client, PASSWORD) == 235
        assert session.last_progress > begin


def test_a_login_takes_longer_than_a_command_may(certificate: str, passwords: Passwords) -> None:
    """A client that waits for its turn is not idle."""
    with (
        running_door(passwords=passwords, accounts=[OMAR], certificate=certificate, command_timeout="1s") as door,
        secured(door.port, "127.0.1.1", unverified()) as slow,
    ):
        slow.send("AUTH PLAIN " + strangers_rig.credentials("slow") + "\r\n")
        assert passwords.begun.acquire(timeout=30)
        with secured(door.port, "127.0.1.2", unverified()) as idle:
            assert idle.getreply()[0] == 421
        passwords.let_go.set()
        assert slow.getreply()[0] == 535
        assert logins.STRANGERS < logins.SEATS
