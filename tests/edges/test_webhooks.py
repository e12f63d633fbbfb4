"""Webhooks: a bell for the feed, over real sockets and both databases, to receivers that misbehave in every way."""

import asyncio
import json
import random
import re
import runpy
import socket
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import HTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete, insert, update
from support.desk.outcomes import NOW
from support.desk.story import configured
from support.servers.hook_receiver import CLOSE, DRIP, HANG, MUMBLE, RESET, SILENT, HookAnswer, HookReceiver, hook_receiver

from helpdesk.config.settings import WebhookSettings
from helpdesk.gateway import web
from helpdesk.gateway.cli.serve import migrate_command
from helpdesk.gateway.cli.webhook import webhook_group
from helpdesk.gateway.node.ringing import WebhookRounds
from helpdesk.gateway.webhooks import ringer as ringing
from helpdesk.gateway.webhooks.ringer import LEASE, Ringer
from helpdesk.gateway.webhooks.schedule import WAITS
from helpdesk.store import webhooks
from helpdesk.store.database import Database
from helpdesk.store.hold import hold_letters, release_hold
from helpdesk.store.identifiers import ClaimTokens
from helpdesk.store.inbox_positions import give_positions
from helpdesk.store.leases import end_claims_of, end_leases
from helpdesk.store.schema import platform_inbox
from helpdesk.store.webhooks import WebhookFigures, WebhookState, replay_webhook, webhook_figures

FIRST = "whsec_" + "QUJD" * 8
SECOND = "whsec_" + "REVG" * 8
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where the other database makes no difference
S, M, H, D = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))


@dataclass
class Desk:
    """A feed, the clock of everybody, and the process that rings."""

    database: Database
    folder: Path
    now: datetime = NOW
    rows: int = 0
    tokens: ClaimTokens = field(default_factory=ClaimTokens)

    def __post_init__(self) -> None:
        self.file.write_text(FIRST + "\n")
        self.ringer = self.another_process(self.tokens)

    @property
    def file(self) -> Path:
        return self.folder / "secret"

    def clock(self) -> datetime:
        return self.now

    def another_process(self, tokens: ClaimTokens | None = None) -> Ringer:
        return Ringer(self.database, tokens or ClaimTokens(), self.clock, chance=lambda: 0.5)

    def target(self, url: str, **keys: Any) -> WebhookSettings:
        return WebhookSettings(name="portal", url=url, secret_file=str(self.file), **keys)

    def tells(self, *threads: str, account: str | None = "acme") -> None:
        """Rows of the inbox, one for each letter, each in its conversation."""
        rows: list[dict[str, object]] = []
        for thread in threads:
            self.rows += 1
            rows.append(
                {
                    "account_id": account, "contact_address": "anna@acme.example", "ticket": "ACZ-K7Q2M9", "thread_key": thread,
                    "direction": "customer", "subject": "Printer", "body_text": "It jams: ü€" * 3000, "body_html": "", "attachments": [],
                    "status_after": "in_review", "created_at": self.now + self.rows * S, "proved": True,
                }
            )  # fmt: skip
        with self.database.writing() as connection:
            connection.execute(insert(platform_inbox), rows)
        give_positions(self.database)

    @property
    def figures(self) -> WebhookFigures:
        with self.database.reading() as connection:
            [figures] = webhook_figures(connection)
        return figures

    def works(self, target: WebhookSettings, until: timedelta = 9 * D) -> None:
        """Let time go on to each next attempt, until nothing waits or the webhook is not on."""
        end = self.now + until
        while self.now < end:
            self.ringer.take_turn(target)
            figures = self.figures
            if figures.state is not WebhookState.ON or not (figures.waiting or figures.behind):
                return
            self.now = max(self.now + S, min(figures.next_attempt_at or self.now, end))


@pytest.fixture
def desk(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(ringing, "LIMIT", 0.3)  # of the receivers that hang
    return Desk(database, tmp_path)


@pytest.fixture
def receiving(desk: Desk) -> Iterator[Callable[..., tuple[HookReceiver, WebhookSettings]]]:
    """Begins a receiver with a webhook to it, which has begun before the first event."""
    opened = []

    def begin(script: object, **keys: Any) -> tuple[HookReceiver, WebhookSettings]:
        context = hook_receiver(desk.clock, script, FIRST)  # type: ignore[arg-type]  # lists of answers of several kinds
        receiver = context.__enter__()
        opened.append(context)
        target = desk.target(receiver.url, **keys)
        desk.ringer.take_turn(target)
        return receiver, target

    yield begin
    for context in opened:
        context.__exit__(None, None, None)


Receiving = Callable[..., tuple[HookReceiver, WebhookSettings]]


def in_order(receiver: HookReceiver) -> bool:
    """Whether the events of each conversation were taken in the order of the feed."""
    by_thread: dict[str, list[int]] = defaultdict(list)
    for entry in receiver.received:
        if entry.is_taken:
            by_thread[entry.body["data"]["thread"]].append(entry.position)
    return all(positions == sorted(positions) for positions in by_thread.values())


def test_feed_and_bell_are_equal_as_sets_whatever_the_receiver_does(desk: Desk, receiving: Receiving) -> None:
    feed_and_bell(desk, receiving, random.Random(7))


def feed_and_bell(desk: Desk, receiving: Receiving, chance: random.Random) -> None:
    bad: list[HookAnswer] = [
        500,
        502,
        302,
        307,
        404,
        304,
        (429, "30"),
        (503, "Wed, 21 Oct 2015 07:28:00 GMT"),
        RESET,
        CLOSE,
        MUMBLE,
    ]
    slow: list[HookAnswer] = [HANG, DRIP]
    answers = chance.sample(slow, 1) + [chance.choice([*bad, 200, 204, 200]) for _ in range(24)] + [200]
    receiver, target = receiving(answers)
    for _ in range(3):
        desk.tells(*chance.choices("abcd", k=5))
        desk.works(target, until=chance.choice([0, 1, 10]) * M)
    desk.works(target)
    assert set(receiver.taken) == set(range(1, desk.rows + 1))
    assert len(receiver.taken) == desk.rows
    assert in_order(receiver)
    assert all(entry.signed for entry in receiver.received)
    assert set(receiver.paths) == {"/hooks"}
    ids = {entry.position: entry.id for entry in receiver.received}
    assert all(entry.id == ids[entry.position] for entry in receiver.received)
    assert len(set(ids.values())) == desk.rows
    assert (desk.figures.state, desk.figures.waiting, desk.figures.given_up) == (WebhookState.ON, 0, 0)


@ON_SQLITE
def test_an_event_says_where_to_look_and_no_word_of_anybody(desk: Desk, receiving: Receiving) -> None:
    receiver, target = receiving([200])
    desk.tells("a", "b", "a")
    desk.works(target)
    *_, last = receiver.received
    assert last.body["type"] == "message.created"
    assert last.body["timestamp"] == "2026-11-22T10:00:03Z" or last.body["timestamp"].endswith("Z")
    assert set(last.body["data"]) == {
        "event",
        "position",
        "thread",
        "message",
        "account",
        "direction",
        "status",
        "previous",
        "gap",
    }
    assert (last.body["data"]["event"], last.body["data"]["previous"], last.body["data"]["gap"]) == (last.id, "1", False)
    assert last.headers["content-type"] == "application/json; charset=utf-8"
    assert "Printer" not in str(last.body)
    assert "jams" not in str(last.body)


@ON_SQLITE
def test_words_go_along_where_the_operator_wants_them(desk: Desk, receiving: Receiving) -> None:
    receiver, target = receiving([200], include="words")
    desk.tells("a")
    desk.works(target)
    [entry] = receiver.received
    assert (entry.body["data"]["subject"], entry.body["data"]["text_is_cut"], entry.signed) == ("Printer", True, True)
    assert int(entry.headers["content-length"]) < 20_000


def test_only_the_accounts_that_are_named_are_told_of(desk: Desk, receiving: Receiving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "LONGEST_STEP", 3)
    receiver, target = receiving([200], accounts=("acme",))
    desk.tells("a", "b", account="globex")
    desk.tells("c", account=None)
    desk.tells("d")
    desk.ringer.take_turn(target)
    assert receiver.taken == [4]
    desk.tells(*"abcd", account="globex")
    desk.ringer.take_turn(target)
    assert (desk.figures.position, desk.figures.behind) == (8, 0)  # nobody looks through the rows of others again and again


@ON_SQLITE
@pytest.mark.parametrize("answer", [302, 307, 308])
def test_a_redirect_is_no_success_and_is_not_followed(desk: Desk, receiving: Receiving, answer: int) -> None:
    receiver, target = receiving([answer, 200])
    desk.tells("a")
    desk.ringer.take_turn(target)
    assert (receiver.paths, desk.figures.waiting, desk.figures.answer) == (["/hooks"], 1, f"answered {answer}")


@ON_SQLITE
@pytest.mark.parametrize("how", SILENT)
def test_a_receiver_that_does_not_answer_rests_and_the_event_waits(desk: Desk, receiving: Receiving, how: str) -> None:
    receiver, target = receiving([how, 200])
    desk.tells("a", "b")
    assert desk.ringer.take_turn(target) == 1
    assert desk.ringer.take_turn(target) == 0
    desk.now += 6 * S
    assert desk.ringer.take_turn(target) == 2
    assert receiver.taken == [1, 2]


@ON_SQLITE
def test_a_receiver_that_asks_for_time_gets_it(desk: Desk, receiving: Receiving) -> None:
    receiver, target = receiving([(429, "600"), 200])
    desk.tells("a", "b")
    desk.ringer.take_turn(target)
    desk.now += 9 * M
    assert desk.ringer.take_turn(target) == 0
    desk.now += 1 * M
    desk.ringer.take_turn(target)
    assert receiver.taken == [1, 2]


def test_later_events_of_a_conversation_wait_and_others_do_not(desk: Desk, receiving: Receiving) -> None:
    receiver, target = receiving([500, 200])
    desk.tells("a", "b", "a", "c", "a")
    desk.ringer.take_turn(target)
    assert receiver.taken == [2, 4]
    desk.now += 5 * S
    desk.ringer.take_turn(target)
    assert receiver.taken == [2, 4, 1, 3, 5]


@ON_SQLITE
def test_after_the_last_attempt_the_webhook_is_paused_and_loses_nothing(desk: Desk, receiving: Receiving) -> None:
    receiver, target = receiving([500])
    desk.tells("a")
    desk.works(target)
    assert len(receiver.received) == len(WAITS) + 1
    assert desk.now - NOW >= sum(WAITS, timedelta())
    assert desk.figures.state is WebhookState.PAUSED
    assert desk.figures.fault == "Webhook portal is paused after the last attempt: it answered 500"
    receiver.script = [200]
    desk.tells("a", "b")
    desk.now += 9 * D
    assert desk.ringer.take_turn(target) == 0
    replay_webhook(desk.database, "portal", desk.now)
    desk.works(target)
    assert receiver.taken == [1, 2, 3]
    assert not any(entry.body["data"]["gap"] for entry in receiver.received)
    assert desk.figures.fault == ""


def test_an_event_that_alone_is_refused_is_given_up_and_its_conversation_goes_on_with_a_gap(
    desk: Desk, receiving: Receiving
) -> None:
    receiver, target = receiving(lambda body: 400 if body["data"]["position"] == "1" else 200)
    desk.tells("a", "b", "a")
    desk.now += 1 * M
    desk.ringer.take_turn(target)
    desk.now += 1 * M
    desk.tells("c")
    desk.works(target)
    assert (receiver.taken, desk.figures.state, desk.figures.given_up) == ([2, 4, 3], WebhookState.ON, 1)
    gaps = {entry.position: entry.body["data"]["gap"] for entry in receiver.received if entry.is_taken}
    assert gaps == {2: False, 4: False, 3: True}
    assert "has not taken 1 events" in desk.figures.fault
    receiver.script = [200]
    replay_webhook(desk.database, "portal", desk.now)
    desk.tells("a")
    desk.works(target)
    assert receiver.taken == [2, 4, 3, 1, 5]
    assert receiver.received[-1].body["data"]["gap"] is False


@ON_SQLITE
def test_gone_switches_a_webhook_off(desk: Desk, receiving: Receiving) -> None:
    receiver, target = receiving([410])
    desk.tells("a", "b")
    desk.works(target)
    assert (len(receiver.received), desk.figures.state) == (1, WebhookState.OFF)
    desk.now += 9 * D
    assert desk.ringer.take_turn(target) == 0
    assert "answered 410" in desk.figures.fault
    receiver.script = [200]
    replay_webhook(desk.database, "portal", desk.now)
    desk.works(target)
    assert receiver.taken == [1, 2]


def test_events_may_be_asked_for_again(desk: Desk, receiving: Receiving) -> None:
    receiver, target = receiving([200])
    desk.tells("a", "b", "a")
    desk.works(target)
    replay_webhook(desk.database, "portal", desk.now, after=1)
    desk.works(target)
    assert receiver.taken == [1, 2, 3, 2, 3]
    assert receiver.received[1].id == receiver.received[3].id


def test_a_webhook_begins_with_what_is_new(desk: Desk, receiving: Receiving) -> None:
    desk.tells("a", "b")
    receiver, target = receiving([200])
    desk.tells("a")
    desk.works(target)
    assert (receiver.taken, receiver.received[0].body["data"]["previous"]) == ([3], "1")


class Killed(BaseException):
    """The process has gone."""


@pytest.mark.parametrize("successor", ["restart", "the only node", "lease"])
def test_a_process_that_dies_between_post_and_record_loses_nothing(
    desk: Desk, receiving: Receiving, monkeypatch: pytest.MonkeyPatch, successor: str
) -> None:
    receiver, target = receiving([200])
    desk.tells("a", "b")

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched, suppress(Killed):
        patched.setattr(ringing, "settle_event", die)
        patched.setattr(ringing, "release_webhook", die)
        desk.ringer.take_turn(target)
    assert receiver.taken == [1]
    other = desk.another_process()
    assert other.take_turn(target) == 0  # the claim stands
    if successor == "restart":
        end_claims_of(desk.database, desk.tokens, desk.now)
    elif successor == "the only node":
        end_leases(desk.database, desk.now)
    else:
        desk.now += LEASE
    other.take_turn(target)
    assert receiver.taken == [1, 1, 2]
    assert receiver.received[0].id == receiver.received[1].id


def test_a_process_that_has_lost_its_claim_moves_nothing(desk: Desk, receiving: Receiving) -> None:
    """An operator asks for everything again while an event is under way."""
    receiver, target = receiving([200])
    desk.tells("a", "b", "c")
    receiver.before_answer = lambda: replay_webhook(desk.database, "portal", desk.now, after=0)
    assert desk.ringer.take_turn(target) == 1
    receiver.before_answer = lambda: None
    desk.works(target)
    assert receiver.taken == [1, 1, 2, 3]


def test_one_process_at_a_time_posts_to_a_webhook(desk: Desk, receiving: Receiving) -> None:
    receiver, target = receiving([200])
    desk.tells(*"abcdefgh")
    with ThreadPoolExecutor(3) as nodes:
        list(nodes.map(lambda ringer: ringer.take_turn(target), [desk.another_process() for _ in range(3)]))
    desk.works(target)
    assert receiver.taken == list(range(1, 9))


def test_what_left_the_inbox_is_not_told(desk: Desk, receiving: Receiving) -> None:
    receiver, target = receiving([500, 200])
    desk.tells("a", "a", "b")
    desk.ringer.take_turn(target)
    with desk.database.writing() as connection:
        connection.execute(delete(platform_inbox).where(platform_inbox.c.position == 1))
        connection.execute(update(platform_inbox).where(platform_inbox.c.position == 2).values(body_text="erased"))
    desk.now += H
    desk.works(target)
    assert receiver.taken == [3, 2]
    assert desk.figures.waiting == 0


@ON_SQLITE
def test_a_receiver_that_is_away_for_long_costs_a_bounded_number_of_rows(
    desk: Desk, receiving: Receiving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "MOST_TRIED", 3)
    receiver, target = receiving([500])
    desk.tells(*"abcdefgh")
    desk.ringer.take_turn(target)
    assert (desk.figures.waiting, desk.figures.behind) == (3, 5)
    receiver.script = [200]
    desk.works(target)
    assert set(receiver.taken) == set(range(1, 9))


@ON_SQLITE
def test_while_a_secret_is_changed_both_sign(desk: Desk, receiving: Receiving) -> None:
    receiver, target = receiving([200])
    for lines, known in (((SECOND, FIRST), FIRST), ((SECOND, FIRST), SECOND), ((SECOND,), SECOND)):
        desk.file.write_text("\n".join(lines))
        receiver.secrets = [known]
        desk.tells("a")
        desk.works(target)
        assert receiver.received[-1].signed
        assert len(receiver.received[-1].headers["webhook-signature"].split()) == len(lines)
    receiver.secrets = [FIRST]
    desk.tells("a")
    desk.works(target)
    assert not receiver.received[-1].signed


@ON_SQLITE
def test_no_bell_rings_while_letters_are_held(desk: Desk, receiving: Receiving) -> None:
    receiver, target = receiving([200])
    hold_letters(desk.database, "restored", desk.now)
    desk.tells("a")
    assert desk.ringer.take_turn(target) == 0
    release_hold(desk.database)
    desk.works(target)
    assert receiver.taken == [1]


@ON_SQLITE
def test_a_name_that_leads_to_the_metadata_of_a_machine_is_not_followed(
    desk: Desk, receiving: Receiving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address that was looked up is the one that is judged and connected to, so that no second look-up can differ."""
    receiver, _ = receiving([200])
    port = int(receiver.url.rsplit(":", 1)[1].split("/")[0])
    target = desk.target(f"http://rebind.example:{port}/hooks")
    asked: list[str] = []

    def resolve(host: str, port: int, **_: object) -> list[Any]:
        asked.append(host)
        address = "169.254.169.254" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    connected: list[object] = []
    connect = socket.create_connection

    def note(place: tuple[str, int], **keys: Any) -> socket.socket:
        connected.append(place[0])
        return connect(place, **keys)

    monkeypatch.setattr(web, "socket", SimpleNamespace(**vars(socket) | {"getaddrinfo": resolve, "create_connection": note}))
    desk.tells("a")
    desk.ringer.take_turn(target)
    assert (connected, desk.figures.answer) == ([], "rebind.example has no address that may be reached")
    desk.now += 5 * S
    desk.ringer.take_turn(target)
    assert (connected, receiver.taken) == (["127.0.0.1"], [1])
    assert asked == ["rebind.example"] * 2


@ON_SQLITE
def test_the_process_that_sends_goes_its_rounds_and_drains(desk: Desk, receiving: Receiving) -> None:
    receiver, target = receiving([200])
    desk.tells("a")
    settings = SimpleNamespace(webhook=(target,))
    node: Any = SimpleNamespace(
        database=desk.database, tokens=desk.tokens, clock=desk.clock, configuration=SimpleNamespace(settings=settings)
    )

    async def live() -> None:
        rounds = WebhookRounds(node)
        rounds.start()
        await asyncio.to_thread(receiver.came.wait, 30)
        await rounds.drain()

    asyncio.run(live())
    assert receiver.taken == [1]
    assert desk.figures.position == 1


PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Callable[..., Result]]:
    """An operator with a desk whose webhook leads to the receiver of the page about webhooks."""
    [example] = EXAMPLE.findall(PAGE)
    (tmp_path / "bell.py").write_text(example)
    bell = runpy.run_path(str(tmp_path / "bell.py"))["Bell"]
    bell.secret, bell.log_message = FIRST, lambda *_: None
    with HTTPServer(("127.0.0.1", 0), bell) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        (tmp_path / "portal-webhook").write_text(FIRST)
        (tmp_path / "portal-webhook").chmod(0o600)
        more = f'[[webhook]]\nname = "portal"\nurl = "http://127.0.0.1:{server.server_address[1]}/"\nsecret_file = "portal-webhook"\n'
        config = configured(tmp_path, more=more)
        CliRunner().invoke(migrate_command, ["--config", str(config)])
        yield lambda *words: CliRunner().invoke(webhook_group, [*words, "--config", str(config)])
        server.shutdown()
        thread.join()


def test_an_operator_tries_a_webhook_and_goes_on_with_it(operator: Callable[..., Result], tmp_path: Path) -> None:
    listed = operator("list", "--json")
    assert (json.loads(listed.output)["webhook"], json.loads(listed.output)["state"]) == ("portal", "new")
    tried = operator("test", "portal")
    assert (tried.exit_code, tried.output) == (0, "webhook portal: answered 204\n")
    (tmp_path / "portal-webhook").write_text(SECOND)
    tried = operator("test", "portal")
    assert (tried.exit_code, tried.output) == (69, "webhook portal: answered 401\n")
    (tmp_path / "portal-webhook").write_text("hunter2")
    assert "line 1: write whsec_" in operator("test", "portal").output
    assert operator("replay", "portal").output == "webhook portal is on, and gets what it has missed\n"
    assert operator("replay", "portal", "--after", "7").output == "webhook portal is on, and gets every event beyond position 7\n"
    entry = json.loads(operator("list", "--json").output)
    assert (entry["state"], entry["position"], entry["waiting"]) == ("on", 7, 0)
    assert "it has: portal" in operator("replay", "shop").output
