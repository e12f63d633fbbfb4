"""A relay that cannot serve one domain delays that domain's letters, in turns, and no others."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from edges.test_sender import LEASE, START, Clock, Heard, Outbox, letter
from support.servers.relay_stories import over_the_wire
from support.servers.scripted_relay import CLOSE, ScriptedRelay

from helpdesk.config.conduct import Retry
from helpdesk.gateway.delivery.breaker import FAILURES
from helpdesk.gateway.delivery.destinations import DELAYS, PAUSES, Destinations
from helpdesk.gateway.delivery.relay import LetterRelay
from helpdesk.gateway.delivery.reply import RelayReply, always
from helpdesk.gateway.delivery.sender import Sender
from helpdesk.store.outbox import ClaimedLetter

LATER = "4.4.2 slow.test: try again later"


@dataclass
class RelayByDomain:
    """A relay without a network that has a reply for each domain. It remembers for whom it was asked."""

    replies: dict[str, RelayReply] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    connections: int = 2
    longest_transfer: timedelta = timedelta(minutes=1)
    trouble: str = ""
    room: int = 2

    async def send(
        self,
        reverse_path: str,
        recipient: str,
        content: bytes,
        *,
        envelope_id: str = "",
        claim_lasts: Callable[[timedelta], bool] = always,
    ) -> RelayReply:
        assert claim_lasts(self.longest_transfer)
        self.asked.append(recipient)
        return self.replies.get(recipient.partition("@")[2], RelayReply(250, "ok"))

    async def rest(self) -> None: ...

    async def close(self) -> None: ...


class ForgetfulOutbox(Outbox):
    """An outbox that is away whenever it is to take letters back."""

    takes_back = True

    def give_back(self, claimed: Sequence[ClaimedLetter], due: datetime) -> int:
        if not self.takes_back:
            raise ConnectionError("the database has gone")
        return super().give_back(claimed, due)


class DomainDesk:
    """A sender with an outbox in memory and a clock that the story moves; its monotonic clock goes with it."""

    def __init__(self, relay: RelayByDomain) -> None:
        self.outbox, self.relay, self.log, self.seconds = ForgetfulOutbox(Clock()), relay, Heard(), 0.0
        self.sender = Sender(
            self.outbox,
            relay,
            Retry(),
            self.outbox.clock,
            self.log,
            lease=LEASE,
            monotonic=lambda: self.seconds,
        )

    def go(self, seconds: float = 0.0) -> list[str]:
        """Let time pass, send what is due, and return for whom the relay was asked."""
        self.seconds += seconds
        self.outbox.clock.now += timedelta(seconds=seconds)
        self.relay.asked.clear()
        asyncio.run(self.sender.send_due())
        return list(self.relay.asked)


@pytest.mark.parametrize("reply", [RelayReply(421, LATER), RelayReply(450, LATER), RelayReply(None, "broke off")], ids=str)
def test_a_domain_that_is_delayed_takes_turns_and_others_go_at_once(reply: RelayReply) -> None:
    desk = DomainDesk(RelayByDomain({"slow.test": reply}))
    desk.outbox.queue(*(letter(number, f"c{number}@slow.test") for number in range(1, 16)))
    first = desk.go()
    assert DELAYS <= len(first) <= DELAYS + desk.relay.connections  # those under way when the pause began are tried as well
    desk.outbox.queue(letter(99, "anna@acme.test"))
    assert desk.go() == ["anna@acme.test"]
    assert len(desk.go(PAUSES[0].total_seconds())) == 1  # one letter probes
    assert desk.go(PAUSES[1].total_seconds() - 1) == []
    assert len(desk.go(1.0)) == 1
    desk.relay.replies.clear()
    desk.go(PAUSES[2].total_seconds())
    desk.go(600.0)
    assert set(desk.outbox.states().values()) == {"sent"} and len(desk.outbox.states()) == 16
    told = [event for event in desk.log.events if event.startswith("relay.")]
    assert told == ["relay.domain_delayed", "relay.domain_served"]


def test_letters_that_wait_for_a_turn_lose_no_attempt_and_fail_when_their_time_is_over() -> None:
    desk = DomainDesk(RelayByDomain({"slow.test": RelayReply(421, LATER)}))
    desk.outbox.queue(*(letter(number, f"c{number}@slow.test") for number in range(1, 31)))
    desk.go()
    waiting = [number for number, queued in desk.outbox.letters.items() if queued.attempts == 0]
    assert len(waiting) >= 30 - DELAYS - desk.relay.connections
    desk.go(Retry().give_up_after.total_seconds())
    assert set(desk.outbox.states().values()) == {"failed"} and len(desk.outbox.states()) == 30


@pytest.mark.parametrize("reply", [RelayReply(250, "ok"), RelayReply(550, "5.1.1 unknown")], ids=["taken", "refused"])
def test_an_answer_about_a_letter_ends_the_count_of_its_domain(reply: RelayReply) -> None:
    turns = Destinations(lambda: 0.0)
    for number in range(DELAYS - 1):
        turns.record(number, "a@slow.test", RelayReply(450, LATER))
    turns.record(7, "b@SLOW.test", reply)
    assert turns.record(8, "a@slow.test", RelayReply(450, LATER)) == ""
    assert turns.wait_for(9, "a@slow.test") is None


@pytest.mark.parametrize(
    "reply",
    [
        RelayReply(452, "4.3.1 disk full", before_recipient=True),
        RelayReply(None, "no connection", untried=True),
        RelayReply(530, "5.7.0 log in", permanent=False, before_recipient=True),
    ],
    ids=["at MAIL", "not tried", "login"],
)
def test_what_says_nothing_about_a_domain_delays_none(reply: RelayReply) -> None:
    turns = Destinations(lambda: 0.0)
    for number in range(5 * DELAYS):
        assert turns.wait_for(number, "a@slow.test") is None
        turns.record(number, "a@slow.test", reply)


@pytest.mark.parametrize("verb", ["RCPT", "DATA", "DOT"])
@pytest.mark.parametrize("answer", ["421 slow.test is down", CLOSE])
def test_a_relay_that_fails_for_one_domain_alone_is_not_away(verb: str, answer: str) -> None:
    async def story(relay: LetterRelay) -> None:
        for _ in range(3 * FAILURES):
            await relay.send("b@desk.test", "c@slow.test", b"Subject: x\r\n\r\nHello\r\n")
            assert not relay.trouble

    over_the_wire(ScriptedRelay({verb: [answer]}), story)


def test_a_store_that_is_away_gets_the_letters_back_when_it_is_there_again() -> None:
    """Else they would wait for the end of their leases."""
    desk = DomainDesk(RelayByDomain({"slow.test": RelayReply(421, LATER)}))
    desk.outbox.queue(*(letter(number, f"c{number}@slow.test") for number in range(1, 31)))
    desk.outbox.takes_back = False
    desk.go()
    assert START + LEASE in desk.outbox.due.values()
    desk.outbox.takes_back = True
    assert asyncio.run(desk.sender.settle_late())
    assert START + LEASE not in desk.outbox.due.values()


def test_a_relay_that_knows_helo_alone_gets_its_letters() -> None:
    server = ScriptedRelay({"EHLO": ["502 5.5.1 not implemented"], "HELO": ["250 relay.test"]})

    async def story(relay: LetterRelay) -> RelayReply:
        return await relay.send("b@desk.test", "anna@acme.test", b"Subject: x\r\n\r\nHello\r\n")

    assert over_the_wire(server, story).code == 250
    assert server.commands[:3] == ["EHLO", "HELO", "MAIL"] and server.lines[2] == "MAIL FROM:<b@desk.test>"


def test_a_relay_that_puts_off_ehlo_is_asked_again_later() -> None:
    server = ScriptedRelay({"EHLO": ["421 4.3.2 closing"]})

    async def story(relay: LetterRelay) -> RelayReply:
        return await relay.send("b@desk.test", "anna@acme.test", b"Subject: x\r\n\r\nHello\r\n")

    assert over_the_wire(server, story).untried and "HELO" not in server.commands


@pytest.mark.parametrize(
    ("said", "octets", "fails"),
    [
        ("SIZE 1000", 1000, False),
        ("SIZE 1000", 1001, True),
        ("SIZE 0", 5000, False),
        ("SIZE", 5000, False),
        ("SIZE x", 5000, False),
    ],
)
def test_a_letter_over_the_relays_size_fails_at_once_with_that_reason(said: str, octets: int, fails: bool) -> None:
    server = ScriptedRelay(extensions=(said,))
    head = b"Subject: x\r\n\r\n"
    content = head + b"x" * (octets - len(head) - 2) + b"\r\n"

    async def story(relay: LetterRelay) -> RelayReply:
        return await relay.send("b@desk.test", "anna@acme.test", content)

    reply = over_the_wire(server, story)
    assert (reply.code, reply.permanent) == ((552, True) if fails else (250, None))
    assert ("1001 octets" in reply.text and "1000" in reply.text) is fails
    assert server.count("MAIL") == (not fails)


def test_the_end_of_trouble_is_told_although_the_process_that_told_of_it_died() -> None:
    desk = DomainDesk(RelayByDomain())
    desk.sender.resume(stalled=True)
    desk.outbox.queue(letter(1))
    desk.go()
    assert [event for event in desk.log.events if event.startswith("relay.")] == ["relay.recovered"]
