"""Servers that misbehave, seen through a proxy: whatever one session meets, no mail is lost, doubled or booked as gone, and others keep their pace.

hypothesis draws the faults of each session (delay, cut, duplicate, reorder, refusal, wrong tag, empty OK, split literal). Between sessions an
owned clock moves on; pace is counted in its turns, never in time. `run_imap`, `run_pop3` and `run_relay` play `SESSIONS` sessions for each
count, so that `make campaign` with its usual count plays more than ten thousand.
"""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from support.servers.fault_proxy import (
    FAULTS,
    FaultPlan,
    FaultProxy,
    fault_proxy,
    imap_answer,
    imap_refusal,
    line_answer,
    pop3_answer,
    pop3_refusal,
    smtp_refusal,
)
from support.servers.mailbox_rig import MailboxRig, mail
from support.servers.scripted_imap import scripted_imap
from support.servers.scripted_pop3 import scripted_pop3
from support.servers.scripted_relay import ScriptedRelay, scripted_relay

from helpdesk.config.conduct import Retry
from helpdesk.config.settings import Relay
from helpdesk.gateway.delivery.relay import relay_for
from helpdesk.gateway.delivery.sender import Sender
from helpdesk.gateway.doors.mailbox.session import MailboxAway, StepRefused
from helpdesk.store.database import Database
from helpdesk.store.mailboxes import Seen
from helpdesk.store.migrate import migrate

SESSIONS = 4  # of each protocol, for each count
PEACE = 40  # looks at peace in which everything must have come

# An IMAP session has some thirty answers, a POP3 session some twenty lines.
PLANS = st.dictionaries(st.sampled_from(range(41)), st.sampled_from(FAULTS), min_size=1, max_size=4)
LIVES = st.lists(PLANS, min_size=1, max_size=4)


class FaultFound(AssertionError):
    """A promise did not hold."""


@dataclass
class Played:
    """What was played so far: sessions, and how often each fault came to pass."""

    sessions: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    mails: int = 0

    def __str__(self) -> str:
        met = ", ".join(f"{count} {fault}" for fault, count in sorted(self.faults.items()))
        return f"{self.sessions} sessions, {self.mails} mails or letters, each once; {met}"


@dataclass
class Stage:
    """A folder with an empty database to be copied for each life."""

    folder: Path
    played: Played = field(default_factory=Played)
    lives: int = 0

    def rig(self, url: str, after: str) -> MailboxRig:
        self.lives += 1
        place = self.folder / str(self.lives)
        place.mkdir()
        shutil.copy(self.folder / "template.db", place / "desk.db")
        return MailboxRig(
            place, Database(f"sqlite:///{place / 'desk.db'}"), url, {"after": after, "timeout": "5s", "idle": False}
        )

    def end(self, rig: MailboxRig) -> None:
        rig.database.close()
        shutil.rmtree(rig.folder)


def run_imap(seed: int, count: int) -> str:
    """IMAP sessions through the proxy."""
    return _play(seed, count * SESSIONS, _live_imap)


def run_pop3(seed: int, count: int) -> str:
    """POP3 sessions through the proxy."""
    return _play(seed, count * SESSIONS, _live_pop3)


def run_relay(seed: int, count: int) -> str:
    """Sessions with a relay through the proxy."""
    return _play(seed, count * SESSIONS, _live_relay)


def _play(number: int, sessions: int, live: Callable[[Stage, list[dict[int, str]]], None]) -> str:
    stage = Stage(Path(tempfile.mkdtemp(prefix="desk-faults-")))
    try:
        template = Database(f"sqlite:///{stage.folder / 'template.db'}")
        migrate(template)
        template.close()

        @seed(number)
        @settings(
            max_examples=max(sessions // 2, 1),
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
        )
        @given(LIVES)
        def lives(plans: list[dict[int, str]]) -> None:
            if stage.played.sessions < sessions:
                live(stage, plans)

        lives()
    finally:
        shutil.rmtree(stage.folder)
    return str(stage.played)


# ---- mailboxes


def _live_imap(stage: Stage, plans: list[dict[int, str]]) -> None:
    contents = {number: mail(f"mail {number}", "line\r\n" * number) for number in range(1, 7)}
    mails = dict(contents)
    with scripted_imap(mails) as server, fault_proxy(lambda: server.port, imap_answer, imap_refusal) as proxy:
        rig = stage.rig(f"imap://help@127.0.0.1:{proxy.port}", "move:Processed")
        _live_through(stage, rig, proxy, plans, list(contents.values()), lambda: {str(uid) for uid in mails})


def _live_pop3(stage: Stage, plans: list[dict[int, str]]) -> None:
    contents = {f"id{number}": mail(f"mail {number}", ".\r\nline\r\n" * number) for number in range(1, 7)}
    mails = dict(contents)
    with scripted_pop3(mails) as server, fault_proxy(lambda: server.port, pop3_answer, pop3_refusal) as proxy:
        rig = stage.rig(f"pop3://help@127.0.0.1:{proxy.port}", "delete")
        _live_through(stage, rig, proxy, plans, list(contents.values()), lambda: set(mails))


def _live_through(
    stage: Stage,
    rig: MailboxRig,
    proxy: FaultProxy,
    plans: list[dict[int, str]],
    contents: list[bytes],
    listed: Callable[[], set[str]],
) -> None:
    """Sessions with faults, each followed by a look at the books, and then peace."""
    watcher = rig.watcher()
    try:
        for plan in plans:
            proxy.plan = FaultPlan(plan)
            with suppress(MailboxAway, StepRefused):
                watcher.look_once()
            stage.played.sessions += 1
            stage.played.faults.update(proxy.plan.done)
            _look_into_books(rig, contents, listed())
            rig.clock.by += timedelta(minutes=2)
        proxy.plan = FaultPlan()
        for _ in range(PEACE):
            rig.clock.by += timedelta(hours=1)
            with suppress(MailboxAway, StepRefused):
                watcher.look_once()
            if not listed():
                break
        _look_into_books(rig, contents, listed())
        missing = [content for content in contents if content not in rig.stored()]
        if missing or listed():
            raise FaultFound(f"{len(missing)} mails are lost, {len(listed())} are left on the server: {plans}")
        stage.played.mails += len(contents)
    finally:
        watcher.close()
        stage.end(rig)


def _look_into_books(rig: MailboxRig, contents: list[bytes], listed: set[str]) -> None:
    stored = Counter(rig.stored())
    if twice := [content for content, count in stored.items() if count > 1]:
        raise FaultFound(f"{len(twice)} mails are stored twice")
    if set(stored) - set(contents):
        raise FaultFound("a mail is stored that nobody sent in this form")
    gone = {str(uid) for uid, outcome in rig.ledger() if outcome == Seen.VANISHED}
    if gone & listed:
        raise FaultFound(f"booked as gone, and listed by the server: {sorted(gone & listed)}")


# ---- the relay


def _live_relay(stage: Stage, plans: list[dict[int, str]]) -> None:
    """Letters to one domain meet faults; those to another go through the same relay, and keep their pace."""
    from edges.test_sender import Clock, Heard, Outbox, letter

    clock = Clock()
    outbox = Outbox(clock)
    outbox.queue(*(letter(number, f"c{number}@acme.test") for number in range(6)))
    server, uncertain = ScriptedRelay(), Counter[int]()

    async def story() -> None:
        seconds = 0.0
        async with scripted_relay(server):
            with fault_proxy(lambda: server.port, line_answer, smtp_refusal) as proxy:
                url = f"smtp://127.0.0.1:{proxy.port}"
                relay = relay_for(Relay(url=url, connections=1, timeout=timedelta(seconds=5)), "mail.desk.test", lambda: seconds)
                ours = Sender(outbox, relay, Retry(), clock, Heard(), lease=timedelta(minutes=15), monotonic=lambda: seconds)
                for plan in [*plans, *({} for _ in range(PEACE))]:
                    proxy.plan = FaultPlan(plan)
                    await ours.send_due()
                    await relay.close()
                    stage.played.faults.update(proxy.plan.done)
                    seconds += 3600.0
                    clock.now += timedelta(hours=1)
                    if not outbox.due:
                        break

    asyncio.run(story())
    stage.played.sessions += len(plans)
    for number, outcome in outbox.outcomes:
        # A refusal that the proxy put in the place of the relay's consent makes a second copy, which nobody can know.
        uncertain[number] += outcome.uncertain or "not now" in outcome.reply
    copies = Counter(taken.content for taken in server.letters)
    for number in range(6):
        count = copies[letter(number).content]
        if count < 1:
            raise FaultFound(f"letter {number} is lost: {plans}")
        if count > 1 + uncertain[number]:
            raise FaultFound(f"letter {number} went {count} times, and {uncertain[number]} outcomes were uncertain: {plans}")
    stage.played.mails += 6
