"""The sender: what is due goes out, and each letter ends with an outcome, whatever the relay and the store do."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from support.servers.scripted_relay import CUT_SILENTLY, HANG, ScriptedRelay, scripted_relay

from helpdesk.config.conduct import Retry
from helpdesk.config.settings import Relay as RelaySettings
from helpdesk.gateway.delivery.maildir import MaildirRelay
from helpdesk.gateway.delivery.relay import LetterRelay, relay_for
from helpdesk.gateway.delivery.reply import RelayReply, always
from helpdesk.gateway.delivery.sender import Sender
from helpdesk.gateway.observe import Log
from helpdesk.store.outbox import ClaimedLetter, SendOutcome
from helpdesk.threading.model.letter_state import LetterState

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
LEASE = timedelta(minutes=15)


def letter(number: int, recipient: str = "anna@acme.test") -> ClaimedLetter:
    message_id = f"token.{number}@desk.test"
    content = f"Message-ID: <{message_id}>\r\nSubject: Received\r\n\r\nLetter {number}\r\n".encode()
    return ClaimedLetter(
        id=number,
        lease_token=0,
        attempts=0,
        uncertain=0,
        recipient=recipient,
        reverse_path="bounce+x@desk.test",
        content=content,
        message_id=message_id,
        created_at=START,
        notice="confirmation",
        ticket_id=1,
        for_staff=False,
    )


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Outbox:
    """In memory, with leases and tokens as the store has them. Calls come from threads."""

    clock: Clock
    due: dict[int, datetime] = field(default_factory=dict)
    letters: dict[int, ClaimedLetter] = field(default_factory=dict)
    outcomes: list[tuple[int, SendOutcome]] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def queue(self, *letters: ClaimedLetter) -> None:
        with self.lock:
            for queued in letters:
                self.letters[queued.id] = queued
                self.due[queued.id] = self.clock.now

    def claim(self, now: datetime, limit: int) -> list[ClaimedLetter]:
        with self.lock:
            self.asked.append(limit)
            self.threads.add(threading.get_ident())
            numbers = [number for number, at in self.due.items() if at <= now][:limit]
            for number in numbers:
                one = self.letters[number]
                self.letters[number] = replace(one, attempts=one.attempts + 1, lease_token=one.lease_token + 1)
                self.due[number] = now + LEASE
            return [self.letters[number] for number in numbers]

    def settle(self, settled: Sequence[tuple[ClaimedLetter, SendOutcome]], now: datetime) -> list[bool]:
        with self.lock:
            self.threads.add(threading.get_ident())
            self.groups.append(len(settled))
            return [self._settle(claimed, outcome) for claimed, outcome in settled]

    def _settle(self, claimed: ClaimedLetter, outcome: SendOutcome) -> bool:
        if self.letters[claimed.id].lease_token != claimed.lease_token:
            return False
        self.outcomes.append((claimed.id, outcome))
        del self.due[claimed.id]
        if outcome.next_attempt_at:
            self.due[claimed.id] = outcome.next_attempt_at
        return True

    def give_back(self, claimed: Sequence[ClaimedLetter], due: datetime) -> int:
        with self.lock:
            ours = [claim.id for claim in claimed if self.letters[claim.id].lease_token == claim.lease_token]
            for number in ours:
                self.letters[number] = replace(self.letters[number], attempts=self.letters[number].attempts - 1)
                self.due[number] = due
            return len(ours)

    def give_up(self, created_before: datetime, reply: str, now: datetime) -> int:
        with self.lock:
            old = [number for number, at in self.due.items() if at <= now and self.letters[number].created_at <= created_before]
            for number in old:
                self.outcomes.append((number, SendOutcome(LetterState.FAILED, None, reply)))
                del self.due[number]
            return len(old)

    def letters_under_way(self) -> list[int]:
        with self.lock:
            return [number for number, at in self.due.items() if at > self.clock.now]

    def states(self) -> dict[int, str]:
        return {number: outcome.state for number, outcome in self.outcomes}


class Heard(Log):
    """A log that remembers."""

    def __init__(self) -> None:
        super().__init__("helpdesk.test.sender")
        self.events: list[str] = []

    def info(self, event: str, /, **keys: object) -> None:
        self.events.append(event)

    warning = exception = info


@dataclass
class ScriptedSend:
    """A relay without a network: each recipient has an answer of its own."""

    answers: dict[str, Callable[[], RelayReply]] = field(default_factory=dict)
    connections: int = 4
    longest_transfer: timedelta = timedelta(minutes=11)
    trouble: str = ""
    room: int = 4
    taken: list[bytes] = field(default_factory=list)
    asked: list[bool] = field(default_factory=list)
    rests: int = 0

    async def send(
        self,
        reverse_path: str,
        recipient: str,
        content: bytes,
        *,
        envelope_id: str = "",
        claim_lasts: Callable[[timedelta], bool] = always,
    ) -> RelayReply:
        self.asked.append(claim_lasts(self.longest_transfer))
        reply = self.answers.get(recipient, lambda: RelayReply(250, "ok"))()
        if reply.code == 250:
            self.taken.append(content)
        return reply

    async def rest(self) -> None:
        self.rests += 1

    async def close(self) -> None: ...


def sender(outbox: Outbox, relay: LetterRelay, log: Log | None = None, lease: timedelta = LEASE) -> Sender:
    return Sender(outbox, relay, Retry(), outbox.clock, log or Heard(), lease=lease)


@pytest.fixture
def outbox() -> Outbox:
    return Outbox(Clock())


def smtp(server: ScriptedRelay, *, connections: int = 4, timeout: float = 20) -> LetterRelay:
    settings = RelaySettings(url=f"smtp://127.0.0.1:{server.port}", connections=connections, timeout=timedelta(seconds=timeout))
    return relay_for(settings, "mail.desk.test")


def test_everything_due_is_sent_once_and_nothing_else(outbox: Outbox) -> None:
    outbox.queue(*(letter(number) for number in range(50)))
    outbox.due[49] = START + timedelta(seconds=1)
    relay = ScriptedSend()
    assert asyncio.run(sender(outbox, relay).send_due()) == 49
    assert sorted(relay.taken) == sorted(letter(number).content for number in range(49))
    assert set(outbox.states().values()) == {"sent"} and len(outbox.outcomes) == 49
    assert asyncio.run(sender(outbox, relay).send_due()) == 0
    assert relay.rests == 2  # the relay is told where a round begins


def test_claims_grow_with_what_the_relay_takes_and_the_store_is_called_off_the_loop(outbox: Outbox) -> None:
    outbox.queue(*(letter(number) for number in range(400)))
    relay = ScriptedSend(connections=2)
    asyncio.run(sender(outbox, relay).send_due())
    assert outbox.asked == [4, 8, 16, 32, 64, 100, 100, 100]
    assert set(relay.taken[:28]) == {letter(number).content for number in range(28)}  # those that were due first
    assert threading.get_ident() not in outbox.threads


def test_outcomes_are_written_by_the_hundred(outbox: Outbox) -> None:
    outbox.queue(*(letter(number) for number in range(1000)))
    asyncio.run(sender(outbox, ScriptedSend()).send_due())
    assert len(outbox.outcomes) == 1000 and len(outbox.groups) <= 15


class Hanging(ScriptedSend):
    """A relay that takes so many letters, and then hangs."""

    def __init__(self, takes: int) -> None:
        super().__init__(connections=2)
        self.takes = takes
        self.hangs = asyncio.Event()

    async def send(self, *arguments: Any, **words: Any) -> RelayReply:
        if len(self.taken) >= self.takes:
            self.hangs.set()
            await asyncio.Event().wait()
        return await super().send(*arguments, **words)


def test_letters_that_wait_while_all_connections_hang_are_released(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox.queue(*(letter(number) for number in range(400)))

    async def story() -> None:
        relay = Hanging(takes=30)
        running = asyncio.create_task(sender(outbox, relay).send_due())
        await relay.hangs.wait()
        assert len(outbox.letters_under_way()) > 2
        monkeypatch.setattr("helpdesk.gateway.delivery.sender.STUCK_FOR", 0.0)
        while len(outbox.letters_under_way()) > 2:
            await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.wait([running])

    asyncio.run(story())
    assert outbox.letters_under_way() == []
    assert {letter.attempts for letter in outbox.letters.values()} == {0, 1} and len(outbox.outcomes) == 30


def test_nothing_is_claimed_while_letters_wait_for_a_connection(outbox: Outbox) -> None:
    class Slow(ScriptedSend):
        async def send(
            self,
            reverse_path: str,
            recipient: str,
            content: bytes,
            *,
            envelope_id: str = "",
            claim_lasts: Callable[[timedelta], bool] = always,
        ) -> RelayReply:
            if content != letter(0).content:
                await gate.wait()
            return RelayReply(250, "ok")

    gate = asyncio.Event()
    log = Heard()
    outbox.queue(*(letter(number) for number in range(8)))

    async def story() -> None:
        running = asyncio.create_task(sender(outbox, Slow(connections=2), log).send_due())
        while not log.events:
            await asyncio.sleep(0)
        gate.set()
        assert await running == 8

    asyncio.run(story())
    assert outbox.asked[0] == 4 and min(outbox.asked) >= 2


def test_one_refused_recipient_fails_alone(outbox: Outbox) -> None:
    outbox.queue(letter(1), letter(2, "nobody@acme.test"), letter(3, "grey@acme.test"), letter(4, "login@acme.test"))
    answers = {
        "nobody@acme.test": lambda: RelayReply(550, "5.1.1 unknown"),
        "grey@acme.test": lambda: RelayReply(451, "4.7.1 come back"),
        "login@acme.test": lambda: RelayReply(530, "5.7.0 log in first", permanent=False),
    }
    log = Heard()
    assert asyncio.run(sender(outbox, ScriptedSend(answers), log).send_due()) == 4
    assert outbox.states() == {1: "sent", 2: "failed", 3: "deferred", 4: "deferred"}
    assert dict(outbox.outcomes)[2] == SendOutcome(LetterState.FAILED, 550, "5.1.1 unknown", status="5.1.1")
    assert dict(outbox.outcomes)[3].next_attempt_at == START + timedelta(minutes=1)
    assert sorted(log.events) == ["letter.deferred", "letter.deferred", "letter.failed", "letter.sent"]


def test_a_fault_of_ours_defers_that_letter_alone(outbox: Outbox) -> None:
    def fault() -> RelayReply:
        raise RuntimeError("secret detail")

    outbox.queue(letter(1, "fault@acme.test"), letter(2))
    log = Heard()
    assert asyncio.run(sender(outbox, ScriptedSend({"fault@acme.test": fault}), log).send_due()) == 2
    assert outbox.states() == {1: "deferred", 2: "sent"}
    assert "letter.fault" in log.events and "secret" not in dict(outbox.outcomes)[1].reply


def test_a_store_that_is_away_ends_the_round_and_nothing_more(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox.queue(letter(1))
    log = Heard()

    def away(*_: object) -> bool:
        raise OSError("database away")

    relay = ScriptedSend()
    monkeypatch.setattr(outbox, "settle", away)
    assert asyncio.run(sender(outbox, relay, log).send_due()) == 1
    monkeypatch.setattr(outbox, "claim", away)
    assert asyncio.run(sender(outbox, relay, log).send_due()) == 0
    assert log.events == ["letters.not_settled", "outbox.not_claimed"]


def test_a_letter_that_went_while_the_store_was_away_is_settled_later_and_not_sent_again(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox.queue(letter(1))
    relay, log, away, settle = ScriptedSend(), Heard(), [True], outbox.settle

    def sometimes(settled: Sequence[tuple[ClaimedLetter, SendOutcome]], now: datetime) -> list[bool]:
        if away:
            raise OSError("database away")
        return settle(settled, now)

    monkeypatch.setattr(outbox, "settle", sometimes)
    one = sender(outbox, relay, log)
    assert asyncio.run(one.send_due()) == 1
    asked = len(outbox.asked)
    assert asyncio.run(one.send_due()) == 0  # still away: nothing new is claimed
    assert len(outbox.asked) == asked
    away.clear()
    outbox.clock.now += timedelta(minutes=1)
    assert asyncio.run(one.send_due()) == 0
    assert outbox.states() == {1: "sent"}
    outbox.clock.now += LEASE
    assert asyncio.run(one.send_due()) == 0
    assert log.events.count("letter.sent") == 1


def test_a_settlement_after_the_lease_was_lost_is_only_reported(outbox: Outbox) -> None:
    def taken_over() -> RelayReply:
        outbox.clock.now += LEASE
        outbox.claim(outbox.clock.now, 1)
        return RelayReply(250, "ok")

    outbox.queue(letter(1, "slow@acme.test"))
    log = Heard()
    asyncio.run(sender(outbox, ScriptedSend({"slow@acme.test": taken_over}), log).send_due())
    assert outbox.outcomes == [] and log.events == ["letter.claim_lost"]


def test_content_goes_only_while_the_lease_covers_a_whole_transfer(outbox: Outbox) -> None:
    """A node that was stopped and goes on must not send what another node has taken over."""

    class Stopped(ScriptedSend):
        async def send(self, *_: object, claim_lasts: Callable[[timedelta], bool] = always, **__: object) -> RelayReply:
            answers = []
            for moment in (timedelta(), LEASE - self.longest_transfer, LEASE - self.longest_transfer + timedelta(seconds=1)):
                outbox.clock.now = START + moment
                answers.append(claim_lasts(self.longest_transfer))
            self.asked = answers
            return RelayReply(None, "stop")

    outbox.queue(letter(1))
    relay = Stopped()
    asyncio.run(sender(outbox, relay).send_due())
    assert relay.asked == [True, True, False]


@dataclass
class Interrupted(ScriptedRelay):
    """Something happens when a verb has come and has not been answered yet, once."""

    at: str = ""
    happens: Callable[[], object] = lambda: None

    def answer(self, verb: str) -> str:
        if verb == self.at:
            self.at = ""
            self.happens()
        return super().answer(verb)


@pytest.mark.parametrize("verb", ["EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("wall_clock", ["goes on", "was set back"])
def test_a_node_that_was_stopped_while_another_took_its_letter_over_does_not_send_it(
    outbox: Outbox, verb: str, wall_clock: str
) -> None:
    seconds = 0.0

    def stopped() -> None:
        nonlocal seconds
        seconds += LEASE.total_seconds()
        if wall_clock == "goes on":
            outbox.clock.now += LEASE
        (taken_over,) = outbox.claim(START + LEASE, 1)
        outbox.settle([(taken_over, SendOutcome(LetterState.SENT, 250, "by another node"))], START + LEASE)

    server = Interrupted(script={"EHLO": ["250 relay.test"]}, at=verb, happens=stopped)
    outbox.queue(letter(1))

    async def story() -> None:
        async with scripted_relay(server):
            relay = smtp(server)
            ours = Sender(outbox, relay, Retry(), outbox.clock, Heard(), lease=LEASE, monotonic=lambda: seconds)
            assert await ours.send_due() == 1
            await relay.close()

    asyncio.run(story())
    assert server.at == "" and server.letters == []
    assert server.count("DATA") == (verb == "DATA")  # content for which the lease is too short is not begun
    assert [outcome.reply for _, outcome in outbox.outcomes] == ["by another node"]


def test_a_lease_shorter_than_a_transfer_is_refused(outbox: Outbox) -> None:
    with pytest.raises(ValueError, match="lease"):
        sender(outbox, ScriptedSend(), lease=timedelta(minutes=11))


def test_a_drained_sender_claims_nothing_more(outbox: Outbox) -> None:
    outbox.queue(letter(1))
    ours = sender(outbox, ScriptedSend())
    ours.drain()
    assert asyncio.run(ours.send_due()) == 0
    assert outbox.outcomes == []


def test_draining_finishes_what_is_under_way(outbox: Outbox) -> None:
    outbox.queue(*(letter(number) for number in range(40)))

    def drained() -> RelayReply:
        ours.drain()
        return RelayReply(250, "ok")

    relay = ScriptedSend({"anna@acme.test": drained})
    ours = sender(outbox, relay)
    handled = asyncio.run(ours.send_due())
    assert handled == len(outbox.outcomes) == len(relay.taken) <= relay.connections  # what waited for a connection is released
    assert outbox.letters_under_way() == []


def test_a_letter_that_hangs_holds_up_neither_the_others_nor_later_ones(outbox: Outbox) -> None:
    server = ScriptedRelay({"RCPT": [HANG, "250 ok"]})
    outbox.queue(letter(0, "stuck@acme.test"), *(letter(number) for number in range(1, 30)))

    async def story() -> int:
        async with scripted_relay(server):
            relay = smtp(server)
            running = asyncio.create_task(sender(outbox, relay).send_due())
            while len(outbox.outcomes) < 29:
                await asyncio.sleep(0.01)
            outbox.queue(letter(99))
            while 99 not in outbox.states():
                await asyncio.sleep(0.01)
            assert not running.done()
            server.released.set()
            handled = await running
            await relay.close()
            return handled

    assert asyncio.run(story()) == 31
    assert sorted(outbox.states().values()) == ["deferred"] + ["sent"] * 30
    assert server.most_at_once == 4


@pytest.mark.parametrize(("verb", "due"), [("BANNER", START), ("RCPT", START), ("DATA", START + LEASE), ("DOT", START + LEASE)])
def test_when_sending_is_cut_off_no_letter_is_half_sent_and_what_had_not_begun_is_given_back(
    outbox: Outbox, verb: str, due: datetime
) -> None:
    """A letter whose content may be under way is left to the end of its lease."""
    server = ScriptedRelay({verb: [HANG]})
    outbox.queue(letter(1), letter(2))

    async def story() -> None:
        async with scripted_relay(server):
            running = asyncio.create_task(sender(outbox, smtp(server, connections=1)).send_due())
            while server.count(verb) == 0 and not (verb == "BANNER" and server.connections):
                await asyncio.sleep(0.01)
            running.cancel()
            await asyncio.wait([running])
            assert running.cancelled()

    asyncio.run(story())
    assert outbox.outcomes == [] and server.letters == []
    assert sorted(outbox.due.values()) == [START, due]
    assert sorted(queued.attempts for queued in outbox.letters.values()) == [0, int(due > START)]


def test_a_lost_answer_gives_one_copy_more_with_the_same_bytes(outbox: Outbox) -> None:
    server = ScriptedRelay({"DOT": [CUT_SILENTLY, "250 ok"]})
    outbox.queue(letter(1))

    async def story() -> None:
        async with scripted_relay(server):
            relay = smtp(server)
            for _ in range(3):
                await sender(outbox, relay).send_due()
                outbox.clock.now += timedelta(minutes=1)
            await relay.close()

    asyncio.run(story())
    assert [outcome.state for _, outcome in outbox.outcomes] == ["deferred", "sent"]
    assert [sent.content for sent in server.letters] == [letter(1).content] * 2


def test_refusals_for_three_days_follow_the_retry_table(outbox: Outbox) -> None:
    server = ScriptedRelay({"RCPT": ["451 4.3.0 full"]})
    outbox.queue(*(letter(number) for number in range(5)))
    tries: list[datetime] = []

    async def story() -> None:
        async with scripted_relay(server):
            relay = smtp(server)
            while (moment := min(outbox.due.values(), default=None)) is not None:
                if moment >= START + timedelta(days=3):
                    server.script.clear()
                outbox.clock.now = moment
                tries.append(moment)
                assert await sender(outbox, relay).send_due() == 5
            await relay.close()

    asyncio.run(story())
    waits = [round((after - before) / timedelta(minutes=1)) for before, after in pairwise(tries)]
    assert waits[:8] == [1, 5, 15, 30, 60, 120, 240, 240] and set(waits[8:]) == {240}
    assert set(outbox.states().values()) == {"sent"} and outbox.due == {}
    assert sorted(sent.content for sent in server.letters) == [letter(number).content for number in range(5)]


class Outage:
    """A sender whose relay is away, and time that passes in steps of ten minutes. `claims` of each round, and what was logged."""

    def __init__(self, outbox: Outbox) -> None:
        self.outbox = outbox
        self.server = ScriptedRelay()
        self.log = Heard()
        self.claims: list[list[int]] = []

    def seconds(self) -> float:
        return (self.outbox.clock.now - START).total_seconds()

    async def run(self, away: timedelta, after: int) -> None:
        """So long without a server, then some rounds with one."""
        async with scripted_relay(self.server):
            pass  # now its port is known, and nobody listens there
        settings = RelaySettings(url=f"smtp://127.0.0.1:{self.server.port}")
        relay = relay_for(settings, "mail.desk.test", self.seconds)
        ours = Sender(self.outbox, relay, Retry(), self.outbox.clock, self.log, lease=LEASE, monotonic=self.seconds)
        while self.outbox.clock.now < START + away:
            await self.round(ours)
        async with scripted_relay(self.server):
            for _ in range(after):
                await self.round(ours)
            await relay.close()

    async def round(self, ours: Sender) -> None:
        self.outbox.asked.clear()
        await ours.send_due()
        self.claims.append(list(self.outbox.asked))
        self.outbox.clock.now += timedelta(minutes=10)


def test_an_outage_of_three_days_costs_no_letter_an_attempt(outbox: Outbox) -> None:
    outbox.queue(*(letter(number) for number in range(40)))
    outage = Outage(outbox)
    asyncio.run(outage.run(timedelta(days=3), after=1))
    assert set(outbox.states().values()) == {"sent"} and len(outbox.outcomes) == 40
    assert {queued.attempts for queued in outbox.letters.values()} == {1}
    assert sorted(sent.content for sent in outage.server.letters) == sorted(letter(number).content for number in range(40))
    assert outage.claims[0][0] == 8 and all(limits == [1] for limits in outage.claims[1:-1])
    told = [event for event in outage.log.events if event.startswith("relay.")]
    assert told == ["relay.stalled", "relay.recovered"]


def test_a_relay_that_stays_away_ends_in_visible_failures_of_all_that_waited(outbox: Outbox) -> None:
    outbox.queue(*(letter(number) for number in range(40)))
    outage = Outage(outbox)
    asyncio.run(outage.run(timedelta(days=5), after=0))
    assert outbox.outcomes == []
    asyncio.run(outage.run(timedelta(days=5, minutes=20), after=0))
    assert sorted(outbox.states()) == list(range(40)) and set(outbox.states().values()) == {"failed"}
    assert outbox.due == {} and all(outcome.reply for _, outcome in outbox.outcomes)


def test_refusals_that_never_end_end_in_a_visible_failure(outbox: Outbox) -> None:
    outbox.queue(letter(1))
    relay = ScriptedSend({"anna@acme.test": lambda: RelayReply(451, "4.3.0 full")})
    while outbox.due:
        outbox.clock.now = min(outbox.due.values())
        asyncio.run(sender(outbox, relay).send_due())
    *before, last = [outcome.state for _, outcome in outbox.outcomes]
    assert last == "failed" and set(before) == {"deferred"}
    assert timedelta(days=5) <= outbox.clock.now - START <= timedelta(days=5, hours=4)


def test_outcomes_that_come_together_are_written_together(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the first is written, the others of the claim get theirs."""
    written, settle = threading.Event(), outbox.settle

    def slow(settled: Sequence[tuple[ClaimedLetter, SendOutcome]], now: datetime) -> list[bool]:
        written.wait()
        return settle(settled, now)

    class Counting(ScriptedSend):
        async def send(self, *_: object, **__: object) -> RelayReply:
            self.taken.append(b"")
            if len(self.taken) == 8:
                asyncio.get_running_loop().call_soon(written.set)
            return RelayReply(250, "ok")

    monkeypatch.setattr(outbox, "settle", slow)
    outbox.queue(*(letter(number) for number in range(8)))
    assert asyncio.run(sender(outbox, Counting()).send_due()) == 8
    assert len(outbox.outcomes) == 8 and len(outbox.groups) <= 2


def test_what_was_sent_is_written_down_also_when_sending_is_cut_off(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go, settle = threading.Event(), threading.Event(), outbox.settle

    def slow(settled: Sequence[tuple[ClaimedLetter, SendOutcome]], now: datetime) -> list[bool]:
        begun.set()
        go.wait()
        return settle(settled, now)

    monkeypatch.setattr(outbox, "settle", slow)
    outbox.queue(*(letter(number) for number in range(8)))
    relay = ScriptedSend()

    async def story() -> None:
        running = asyncio.create_task(sender(outbox, relay).send_due())
        while not begun.is_set() or len(relay.taken) < 8:
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.sleep(0)
        go.set()
        await asyncio.wait([running])
        assert running.cancelled()

    asyncio.run(story())
    assert outbox.states() == dict.fromkeys(range(8), "sent")


def test_a_crash_between_relay_and_store_doubles_no_file(outbox: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox.queue(letter(1))

    def crash(*_: object) -> bool:
        raise OSError("gone")

    relay = MaildirRelay(tmp_path)
    with monkeypatch.context() as store:
        store.setattr(outbox, "settle", crash)
        asyncio.run(sender(outbox, relay).send_due())
    outbox.clock.now += LEASE
    asyncio.run(sender(outbox, relay).send_due())
    assert outbox.states() == {1: "sent"}
    assert [file.read_bytes() for file in (tmp_path / "new").iterdir()] == [letter(1).content]
