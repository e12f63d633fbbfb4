"""How an operator hears of an alarm: by which way, once for all nodes, and of test letters that come round or do not."""

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.desk.outcomes import NOW
from support.desk.story import SUPPORT, StoryDesk, configured
from support.servers.token_endpoint import token_endpoint

from helpdesk.config.load import load
from helpdesk.gateway.delivery.reply import RelayReply
from helpdesk.gateway.monitor.canary import CanarySender
from helpdesk.gateway.monitor.certificates import not_after
from helpdesk.gateway.monitor.door_look import fault_of_door
from helpdesk.gateway.monitor.monitor import SILENT_AFTER, Monitor
from helpdesk.gateway.monitor.tell import AlarmPaths, Letterbox
from helpdesk.gateway.node.editions import edition_of
from helpdesk.gateway.node.node import Node
from helpdesk.gateway.node.watching import MonitorRole, monitor_of
from helpdesk.store.alarms import claim_telling, open_alarms
from helpdesk.store.canary import begin_canary, canary_round, take_canary
from helpdesk.store.database import Database, DatabaseAway
from helpdesk.store.migrate import migrate
from helpdesk.threading.reporting.alarms import AlarmStage, OpenAlarm, Telling, TroubleKind
from helpdesk.threading.reporting.canary import canary_id, canary_token

OPERATOR = "operator@other.example"
M, D = timedelta(minutes=1), timedelta(days=1)
TAKEN, REFUSED, AWAY = RelayReply(250, "queued"), RelayReply(550, "no"), RelayReply(None, "away", untried=True)


@dataclass
class RelayDouble:
    """A relay that says the same of every letter."""

    reply: RelayReply
    letters: list[tuple[str, str, bytes]] = field(default_factory=list)
    hangs: bool = False

    async def send(self, reverse_path: str, recipient: str, content: bytes, **_: object) -> RelayReply:
        self.letters.append((reverse_path, recipient, content))
        if self.hangs:
            await asyncio.Event().wait()
        return self.reply

    async def close(self) -> None:
        """Nothing is open."""


LETTERBOX = Letterbox("Support", SUPPORT, "support.example.com", "one", None)


def telling(kind: TroubleKind = TroubleKind.DISK, stage: AlarmStage = AlarmStage.BEGAN, at: timedelta = 0 * M) -> Telling:
    return Telling(stage, OpenAlarm(f"{kind}@one", kind, "The disk is full.", NOW, NOW), NOW + at)


def settings_of(**keys: object) -> Any:
    return SimpleNamespace(**{"mail_to": (OPERATOR,), "webhook": "", "heartbeat_url": "", **keys})


# What each relay says, whose trouble is told, and which relay gets the letter; "" where nobody can be told.
WAYS = [
    (TAKEN, TAKEN, TroubleKind.DISK, AlarmStage.BEGAN, "first", True),
    (AWAY, TAKEN, TroubleKind.DISK, AlarmStage.BEGAN, "first second", True),
    (REFUSED, TAKEN, TroubleKind.DISK, AlarmStage.BEGAN, "first second", True),
    (TAKEN, TAKEN, TroubleKind.RELAY, AlarmStage.BEGAN, "second", True),
    (TAKEN, TAKEN, TroubleKind.RELAY, AlarmStage.OVER, "first", True),
    (AWAY, None, TroubleKind.RELAY, AlarmStage.BEGAN, "first", False),
    (AWAY, AWAY, TroubleKind.DISK, AlarmStage.BEGAN, "first second", False),
]


@pytest.mark.parametrize("first, second, kind, stage, used, taken", WAYS)
def test_a_letter_never_takes_only_the_way_that_is_broken(
    first: RelayReply, second: RelayReply | None, kind: TroubleKind, stage: AlarmStage, used: str, taken: bool
) -> None:
    relays = {"first": RelayDouble(first), "second": RelayDouble(second or AWAY)}
    paths = AlarmPaths(settings_of(), LETTERBOX, relays["first"], relays["second"] if second else None)  # type: ignore[arg-type]
    assert asyncio.run(paths.tell(telling(kind, stage))) is taken
    assert " ".join(name for name, relay in relays.items() if relay.letters) == used


def test_a_letter_says_what_happened_since_when_and_what_to_do() -> None:
    relay = RelayDouble(TAKEN)
    paths = AlarmPaths(settings_of(), LETTERBOX, relay, None)  # type: ignore[arg-type]
    for stage, at in ((AlarmStage.BEGAN, 0 * M), (AlarmStage.LASTS, D), (AlarmStage.OVER, 90 * M)):
        assert asyncio.run(paths.tell(telling(stage=stage, at=at)))
    letters = [message_from_bytes(content, policy=default) for _, _, content in relay.letters]
    assert [str(letter["Subject"]) for letter in letters] == [
        "[Support] The disk takes no mail",
        "[Support] The disk takes no mail, for 24 h now",
        "[Support] The disk takes mail again (after 90 min)",
    ]
    assert {(letter["Auto-Submitted"], letter["To"], letter["From"]) for letter in letters} == {
        ("auto-generated", OPERATOR, f"Support <{SUPPORT}>")
    }
    began, _, over = (letter.get_content().replace("\r\n", "\n") for letter in letters)
    since = f"{NOW:%Y-%m-%d %H:%M} UTC"
    assert began == f"The disk is full.\n\nSince {since}.\n\nMake room, or look at the disk.\n\nHost one, desk Support.\n"
    assert over.startswith(f"It was: The disk is full.\n\nFrom {since} to {NOW + 90 * M:%Y-%m-%d %H:%M} UTC, 90 min.")


def test_a_webhook_gets_the_alarm_and_counts_as_a_way_of_its_own() -> None:
    with token_endpoint((200, {}), (500, {})) as endpoint:
        said: list[Any] = []
        endpoint.before_answer = lambda: said.append(len(endpoint.forms))
        paths = AlarmPaths(settings_of(webhook=endpoint.url), LETTERBOX, RelayDouble(AWAY), None)  # type: ignore[arg-type]
        assert asyncio.run(paths.tell(telling())) is True
        assert asyncio.run(paths.tell(telling())) is False
        assert len(said) == 2
    hook = json.loads(json.dumps(paths.hook(telling(stage=AlarmStage.OVER, at=M))))
    assert hook["text"].startswith("[Support] The disk takes mail again (after 60 s). It was: The disk is full.")
    assert (hook["stage"], hook["kind"], hook["host"], hook["until"]) == ("over", "disk", "one", (NOW + M).isoformat())


def test_of_two_nodes_one_tells(open_database: Callable[[], Database]) -> None:
    one, two = open_database(), open_database()
    began, lasts, over = (telling(stage=stage) for stage in AlarmStage)
    assert [claim_telling(node, began, NOW) for node in (one, two, one)] == [True, False, False]
    assert [claim_telling(node, lasts, NOW + D) for node in (two, one)] == [True, False]
    with one.reading() as connection:
        assert [alarm.name for alarm in open_alarms(connection, NOW + D)] == ["disk@one"]
        assert open_alarms(connection, NOW + 3 * D + M) == []  # nobody reminds of it: its host is gone
    assert [claim_telling(node, over, NOW + D + M) for node in (two, one)] == [True, False]


MONITORED = f'[metrics]\nlisten = "127.0.0.1:0"\n[alarm]\nmail_to = ["{OPERATOR}"]\nheartbeat_url = "http://127.0.0.1:9/"\n[canary]\nto = "{SUPPORT}"\n'


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Node, Monitor, RelayDouble, list[float]]]:
    """A monitor with a clock of our own, whose letters go into a list."""
    now = [0.0]
    node = Node(load(configured(tmp_path / "desk", more=MONITORED), {}), lambda: NOW + timedelta(seconds=now[0]))
    migrate(node.database)
    node.blobs.begin()
    monitor, relay = monitor_of(node), RelayDouble(TAKEN)
    assert monitor.paths is not None
    monitor.paths = Paths(monitor.paths._settings, LETTERBOX, relay, None)  # type: ignore[arg-type]
    monitor.relay = relay  # type: ignore[assignment]
    around = {name: getattr(monitor.around, name) for name in type(monitor.around).__dataclass_fields__}
    monitor.around = type(monitor.around)(**{**around, "monotonic": lambda: now[0], "host": "one"})
    yield node, monitor, relay, now
    node.close()


class Paths(AlarmPaths):
    """The ways to an operator; visits of the heartbeat are counted."""

    beats = 0

    async def beat(self) -> None:
        self.beats += 1


def subjects(relay: RelayDouble) -> list[str]:
    return [str(message_from_bytes(content, policy=default)["Subject"]) for _, _, content in relay.letters]


def pass_time(monitor: Monitor, now: list[float], minutes: float) -> None:
    end = now[0] + 60 * minutes
    while now[0] < end:
        asyncio.run(turn(monitor))
        now[0] += 15


async def turn(monitor: Monitor) -> None:
    await monitor.take_turn()
    await monitor.finish_errands()


def test_a_way_that_hangs_holds_up_no_look(watched: tuple[Node, Monitor, RelayDouble, list[float]]) -> None:
    _, monitor, relay, now = watched

    async def run() -> None:
        relay.hangs = True
        for _ in range(3):
            await monitor.take_turn()
            now[0] += 15
        await monitor.finish_errands(0.01)

    asyncio.run(run())
    assert len(relay.letters) == 1  # the test letter is still under way


def test_a_node_watches_itself(watched: tuple[Node, Monitor, RelayDouble, list[float]], monkeypatch: pytest.MonkeyPatch) -> None:
    """A quiet time; then the database goes away, and comes back; then the disk; then the node is stopped."""
    node, monitor, relay, now = watched
    assert isinstance(monitor.paths, Paths)
    pass_time(monitor, now, 3)
    assert subjects(relay) == ["Test letter"] and monitor.paths.beats == 3
    with monkeypatch.context() as patched:
        patched.setattr(node.database, "reading", refuse)
        patched.setattr(node.database, "writing", refuse)
        pass_time(monitor, now, 5)
        assert asyncio.run(monitor.readyz()).status == 503 and asyncio.run(monitor.healthz()).status == 200
    assert subjects(relay)[1:] == ["[Support] The database does not answer"] and monitor.paths.beats == 3
    pass_time(monitor, now, 2)
    assert subjects(relay)[2:] == ["[Support] The database answers again (after 5 min)"]
    assert asyncio.run(monitor.readyz()).status == 200
    with monkeypatch.context() as patched:
        patched.setattr("helpdesk.gateway.disk.Disk.try_blobs", fail_to_write)
        pass_time(monitor, now, 2)
        assert asyncio.run(monitor.readyz()).status == 503
    assert subjects(relay)[3:] == ["[Support] The disk takes no mail"]
    with node.database.reading() as connection:
        [alarm] = open_alarms(connection, node.clock())
    assert alarm.text == "A trial write into the folder of blobs failed: [Errno 5] no."
    pass_time(monitor, now, 2)
    assert subjects(relay)[4:] == ["[Support] The disk takes mail again (after 2 min)"] and monitor.paths.beats >= 5
    node.bells.draining.set(True)
    assert asyncio.run(monitor.readyz()).status == 503 and asyncio.run(monitor.healthz()).status == 200


def test_what_no_way_takes_is_told_later(
    watched: tuple[Node, Monitor, RelayDouble, list[float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, monitor, relay, now = watched
    relay.reply = AWAY
    monkeypatch.setattr("helpdesk.gateway.disk.Disk.try_blobs", fail_to_write)
    pass_time(monitor, now, 1)
    relay.letters.clear()
    relay.reply = TAKEN
    pass_time(monitor, now, 1)
    assert subjects(relay) == ["[Support] The disk takes no mail"]


def test_a_reload_gives_the_letters_of_the_monitor_their_new_name(tmp_path: Path) -> None:
    config = configured(tmp_path / "desk", more=MONITORED)
    node = Node(load(config, {}), lambda: NOW)
    role = MonitorRole(node)
    config.write_text(config.read_text().replace('name = "', 'name = "New ', 1))
    put, changes = role.renewal(edition_of(load(config, {})))
    paths, canary = role._monitor.paths, role._monitor.canary
    assert paths is not None and canary is not None and not paths.letterbox.name.startswith("New ")
    put()
    assert paths.letterbox.name == canary.letterbox.name == f"New {paths.letterbox.name.removeprefix('New ')}" and changes == ()
    node.close()


def refuse(*_: object) -> Any:
    raise DatabaseAway("refused")


def fail_to_write(*_: object) -> None:
    raise OSError(5, "no")


def test_a_process_that_is_silent_for_a_minute_does_not_turn(watched: tuple[Node, Monitor, RelayDouble, list[float]]) -> None:
    node, monitor, _, now = watched
    for process in ("door", "worker 1"):
        node.bells.counts.tell(process)
    monitor.hear(node.bells.counts.heard())
    now[0] += SILENT_AFTER
    node.bells.counts.tell("door")
    monitor.hear(node.bells.counts.heard())
    assert asyncio.run(monitor.healthz()).status == 200
    now[0] += 1
    assert monitor.silent == ("worker 1",) and asyncio.run(monitor.healthz()).status == 503


FORGED = "From: mallory@evil.example\r\nTo: {to}\r\nSubject: Hello\r\nMessage-ID: <canary.{token}@support.example.com>\r\n\r\nHello\r\n"


def test_a_test_letter_that_comes_back_opens_no_request_and_a_forged_one_does(desk: StoryDesk) -> None:
    node = desk.node
    sender = CanarySender(node.database, SUPPORT, 15 * M, LETTERBOX)
    letter = sender.begin(desk.now)
    assert letter is not None and sender.begin(desk.now) is None
    assert CanarySender(node.database, SUPPORT, 15 * M, LETTERBOX).begin(desk.now) is None  # another node, in the same span
    sent = desk.now
    desk.now += M
    desk.deliver(SUPPORT, [SUPPORT], letter, "127.0.0.1")
    desk.settle()
    with node.database.reading() as connection:
        found = canary_round(connection)
    assert (found.first_sent_at, found.last_return_at, found.took) == (sent, desk.now, M)
    assert desk.tickets() == []
    forged = FORGED.format(token=TOKEN, to=SUPPORT).encode()
    desk.deliver("mallory@evil.example", [SUPPORT], forged, "192.0.2.7")
    desk.settle()
    assert [ticket.subject for ticket in desk.tickets()] == ["Hello"]
    with node.database.reading() as connection:
        assert canary_round(connection) == found


def test_a_test_letter_is_sent_once_in_a_span_and_old_ones_are_forgotten(database: Database) -> None:
    tokens = [f"{number:032x}" for number in range(4)]
    assert begin_canary(database, 1, tokens[0], NOW) and not begin_canary(database, 1, tokens[1], NOW)
    assert take_canary(database, tokens[0], NOW + M) and take_canary(database, tokens[0], NOW + 9 * M)
    assert not take_canary(database, tokens[1], NOW)
    assert begin_canary(database, 2, tokens[2], NOW + 5 * D) and begin_canary(database, 3, tokens[3], NOW + 9 * D)
    with database.reading() as connection:
        found = canary_round(connection)
    assert (found.first_sent_at, found.last_return_at, found.took) == (NOW, NOW + M, M)  # the last that came back stays


TOKEN = "0123456789abcdef" * 2
IDS = {
    canary_id(TOKEN, "support.example.com"): TOKEN, f"canary.{TOKEN}@x": TOKEN, f"<canary.{TOKEN}>": None, f"<canary.{TOKEN[:-1]}@x>": None,
    f"<canary.{TOKEN.upper()}@x>": None, f"<other.{TOKEN}@x>": None, "": None, f"<canary.{TOKEN}0@x>": None,
}  # fmt: skip


@pytest.mark.parametrize("message_id, token", IDS.items())
def test_the_message_ids_of_test_letters(message_id: str, token: str | None) -> None:
    assert canary_token(message_id) == token


GREETINGS = {b"220 desk ready\r\n": "", b"421 4.3.2 too many\r\n": "says: 421 4.3.2 too many.", b"": "hangs up."}


@pytest.mark.parametrize("greeting, fault", GREETINGS.items())
def test_a_door_is_known_by_its_greeting(greeting: bytes, fault: str, tmp_path: Path) -> None:
    async def look() -> tuple[str, str]:
        async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(greeting)
            writer.close()

        server = await asyncio.start_unix_server(greet, tmp_path / "door")
        found = await fault_of_door(f"unix:{tmp_path}/door")
        server.close()
        os.unlink(tmp_path / "door")
        return found, await fault_of_door(f"unix:{tmp_path}/door")

    found, gone = asyncio.run(look())
    assert found == fault and gone.startswith("cannot be reached: ")


def test_the_end_of_a_certificate_is_read_from_its_file(tmp_path: Path) -> None:
    trustme = pytest.importorskip("trustme")
    for year in (2031, 2057):
        end = NOW.replace(year=year, month=5, day=4, microsecond=0)
        made = trustme.CA().issue_cert("desk.example", not_after=end)
        made.private_key_and_cert_chain_pem.write_to_path(tmp_path / "pem")
        assert not_after(tmp_path / "pem") == end
    whole = (tmp_path / "pem").read_bytes()
    for damaged in (b"", whole[:-400], whole.replace(b"-----BEGIN CERTIFICATE-----\nMII", b"-----BEGIN CERTIFICATE-----\nAII")):
        (tmp_path / "pem").write_bytes(damaged)
        with pytest.raises(ValueError):
            not_after(tmp_path / "pem")


def test_a_test_letter_to_a_relay_that_refuses_is_no_fault(desk: StoryDesk) -> None:
    relay = RelayDouble(REFUSED)
    asyncio.run(CanarySender(desk.node.database, SUPPORT, 15 * M, LETTERBOX).send(relay, b"x"))  # type: ignore[arg-type]
    assert relay.letters == [(SUPPORT, SUPPORT, b"x")]
