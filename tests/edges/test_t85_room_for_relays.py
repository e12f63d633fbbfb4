"""Strangers who stand about shut nobody out: there is room for trusted relays, and who brings no mail gives place."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from support.servers.memory_door import MemoryClient, MemoryIntake, memory_lmtp_door, memory_smtp_door
from support.servers.smtp_door import is_ours

from helpdesk.gateway.doors import admission
from helpdesk.gateway.doors.admission import Admission, session_to_close
from helpdesk.gateway.doors.lmtp import LmtpDoor
from helpdesk.gateway.doors.smtp import SmtpDoor

RELAY, RELAYS = "192.0.2.25", ("192.0.2.25/32", "2001:db8:1:2::25/128")
FULL = "421 4.3.2 too many connections"


@dataclass
class Standing:
    """A session as `session_to_close` sees it."""

    name: str
    last_progress: float
    is_at_work: bool = False
    is_in_transaction: bool = False


def play(story: Callable[[SmtpDoor], Awaitable[None]], most: int = 500, of_a_peer: int = 20) -> MemoryIntake:
    """A story at a door, in its own loop."""
    intake = MemoryIntake(lambda raw: False)

    async def played() -> None:
        await story(memory_smtp_door(intake, is_ours, most, of_a_peer, RELAYS))

    asyncio.run(played())
    return intake


async def connected(door: SmtpDoor | LmtpDoor, peer: str) -> tuple[MemoryClient, str]:
    client = MemoryClient(door, peer)
    return client, await client.reply()


async def filled(door: SmtpDoor, count: int) -> tuple[list[MemoryClient], list[str]]:
    """So many strangers, twenty from each address; and what they were told."""
    pairs = [await connected(door, f"198.51.{number // 20 // 250}.{number // 20 % 250}") for number in range(count)]
    return [client for client, _ in pairs], [told for _, told in pairs]


async def delivered(client: MemoryClient) -> str:
    for line in (
        "EHLO client.test",
        "MAIL FROM:<anna@acme.test>",
        "RCPT TO:<help@desk.test>",
        "DATA",
        "Subject: x\r\n\r\nx\r\n.",
    ):
        told = await client.says(line)
    return told


def test_two_thousand_idle_strangers_and_the_relay_delivers_a_mail() -> None:
    async def story(door: SmtpDoor) -> None:
        _, told = await filled(door, 2000)
        assert len([reply for reply in told if reply.startswith("220")]) == 450
        for _ in range(20):
            client, greeting = await connected(door, RELAY)
            assert greeting.startswith("220")
            assert (await delivered(client)).startswith("250 2.0.0")

    assert len(play(story).of_peer[RELAY]) == 20


def test_a_relay_takes_more_than_the_room_that_is_kept_from_who_stands_about() -> None:
    async def story(door: SmtpDoor) -> None:
        await filled(door, 18)
        told = [(await connected(door, RELAY))[1][:3] for _ in range(20)]
        assert told == ["220"] * 20
        assert len(door.sessions) == 20

    play(story, most=20)


def test_a_stranger_is_no_relay_because_of_a_neighbours_address() -> None:
    """A relay is counted by its own address: whoever shares its /64 takes no place of it."""

    async def story(door: SmtpDoor) -> None:
        told = [(await connected(door, f"2001:db8:1:2::{number:x}"))[1][:3] for number in range(0x100, 0x104)]
        assert told == ["220", "220", "421", "421"]
        assert (await connected(door, "2001:db8:1:2::25"))[1].startswith("220")

    play(story, of_a_peer=2)


def test_sessions_are_counted_by_the_network_of_an_ipv6_peer() -> None:
    async def story(door: SmtpDoor) -> None:
        peers = ("2001:db8:7:7::1", "2001:db8:7:7:ffff::2", "2001:db8:7:7::3", "2001:db8:7:8::1", "::ffff:198.51.100.1")
        assert [(await connected(door, peer))[1][:3] for peer in peers] == ["220", "220", "421", "220", "220"]
        assert [(await connected(door, "198.51.100.1"))[1][:3] for _ in range(2)] == ["220", "421"]

    play(story, of_a_peer=2)


def test_a_relay_that_comes_as_ipv4_in_ipv6_is_the_same_relay() -> None:
    async def story(door: SmtpDoor) -> None:
        await filled(door, 30)
        assert (await connected(door, f"::ffff:{RELAY}"))[1].startswith("220")

    play(story, most=20)


def test_whoever_stands_about_gives_place_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(door: SmtpDoor) -> None:
        first, greeting = await connected(door, "198.51.100.1")
        monkeypatch.setattr(admission, "PATIENCE", -1.0)
        busy = [await connected(door, f"198.51.100.{number}") for number in range(2, 19)]
        assert greeting.startswith("220") and all(told.startswith("220") for _, told in busy)
        newcomer, told = await connected(door, "198.51.100.99")
        assert told.startswith("220")
        assert await first.reply() == "421 4.3.2 too many connections and this one is idle, try again later"
        assert await first.reply() == ""
        assert (await delivered(newcomer)).startswith("250")
        assert len(door.sessions) == 18

    play(story, most=20)


@pytest.mark.parametrize("busy", ["has brought a mail", "has begun one"])
def test_whoever_does_something_stays_and_whoever_does_nothing_goes(busy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(door: SmtpDoor) -> None:
        monkeypatch.setattr(admission, "PATIENCE", -1.0)
        (one, _), (idle, _) = [await connected(door, f"198.51.100.{number}") for number in (1, 2)]
        if busy == "has brought a mail":
            assert (await delivered(one)).startswith("250")
        else:
            for line in ("EHLO client.test", "MAIL FROM:<anna@acme.test>"):
                assert (await one.says(line)).startswith("250")
        assert (await connected(door, "198.51.100.3"))[1].startswith("220")
        assert (await one.says("NOOP")).startswith("250")
        assert (await idle.reply()).startswith(FULL)

    play(story, most=3)


def test_nobody_gives_place_before_their_time() -> None:
    async def story(door: SmtpDoor) -> None:
        clients, _ = await filled(door, 18)
        assert (await connected(door, "203.0.113.1"))[1].startswith(FULL)
        assert (await clients[0].says("NOOP")).startswith("250")

    play(story, most=20)


def test_a_peer_with_all_its_sessions_makes_nobody_else_go(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(door: SmtpDoor) -> None:
        monkeypatch.setattr(admission, "PATIENCE", -1.0)
        clients, _ = await filled(door, 18)
        await connected(door, "203.0.113.1")
        for _ in range(10):
            assert (await connected(door, "198.51.0.0"))[1].startswith(FULL)
        assert len(door.sessions) == 18
        assert (await clients[0].says("NOOP")).startswith("250")

    play(story, most=20, of_a_peer=17)


def test_mail_under_way_keeps_its_place() -> None:
    async def story(door: SmtpDoor) -> None:
        clients, _ = await filled(door, 18)
        for client in clients:
            for line in ("EHLO client.test", "MAIL FROM:<anna@acme.test>", "RCPT TO:<help@desk.test>", "DATA"):
                told = await client.says(line)
            assert told.startswith("354")
        assert [(await connected(door, RELAY))[1][:3] for _ in range(2)] == ["220", "220"]
        assert (await connected(door, RELAY))[1].startswith(FULL)
        for client in clients:
            assert (await client.says("Subject: x\r\n\r\nx\r\n.")).startswith("250 2.0.0")

    play(story, most=20)


def test_the_lmtp_door_keeps_no_room() -> None:
    """It is for a mail system of our own alone, and all of its sessions have one address."""

    async def story() -> None:
        door = memory_lmtp_door(MemoryIntake(lambda raw: False), is_ours, 3)
        assert [(await connected(door, ""))[1][:3] for _ in range(4)] == ["220", "220", "220", "421"]

    asyncio.run(story())


@pytest.mark.parametrize(
    ("most", "strangers", "relays"),
    [(500, 450, 500), (20, 18, 20), (5, 4, 5), (2, 1, 2), (1, 1, 1)],
)
def test_room_for_strangers_and_for_relays(most: int, strangers: int, relays: int) -> None:
    full = Admission(most, most, RELAYS)
    assert [full.enter("198.51.100.1") for _ in range(most + 1)].count(True) == strangers
    assert full.enter(RELAY)
    of_relays = Admission(most, most, RELAYS)
    assert [of_relays.enter(RELAY) for _ in range(most + 1)].count(True) == relays
    assert not of_relays.enter("198.51.100.1")


def test_without_relays_no_room_is_kept() -> None:
    full = Admission(20, 20)
    assert [full.enter("198.51.100.1") for _ in range(21)].count(True) == 20


def test_whoever_leaves_makes_room() -> None:
    full = Admission(20, 20, RELAYS)
    for peer in ("198.51.100.1", RELAY, "2001:db8::1"):
        for _ in range(3):
            assert full.enter(peer)
            full.leave(peer)
    assert [full.enter("2001:db8::2") for _ in range(20)].count(True) == 18


@pytest.mark.parametrize(
    ("now", "at_once", "gone"),
    [
        (10.0, False, None),
        (10.5, False, "idle"),
        (10.5, True, "idle"),
        (0.0, True, "idle"),
        (100.0, False, "idle"),
    ],
)
def test_who_gives_place(now: float, at_once: bool, gone: str | None) -> None:
    guests = [
        Standing("at work", -1000.0, is_at_work=True),
        Standing("in transaction", 0.0, is_in_transaction=True),
        Standing("idle", 0.0),
        Standing("idle, but not for long", 5.0),
    ]
    found = session_to_close(guests, now, at_once)
    assert (found.name if found else None) == gone


def test_a_transaction_that_stands_still_gives_place_in_the_end() -> None:
    guests = [Standing("in transaction", 0.0, is_in_transaction=True)]
    assert [session_to_close(guests, now, at_once=False) is not None for now in (59.0, 61.0)] == [False, True]
    assert session_to_close([Standing("at work", 0.0, is_at_work=True)], 1e9, at_once=True) is None
