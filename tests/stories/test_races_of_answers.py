"""Staff answer while a customer and a colleague write, each on a node of its own: no answer leaves that its author would have unsaid.

Between looking up and recording anything may happen. All orders of these steps are gone through.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from threading import Barrier, Thread
from types import ModuleType

import pytest
from plain_reader import PlainReader
from sqlalchemy import select
from story import Person, StoryDesk, configured, direct_desk
from turns import Turns, every_order

import helpdesk.gateway.worker as worker_module
from helpdesk.gateway.worker import Worker
from helpdesk.store.database import Database
from helpdesk.store.inbound import ClaimedMail
from helpdesk.store.schema import message
from helpdesk.threading.model import Disposition, Notice

ANNA, OMAR, INES = "anna@acme.example", "omar@desk.example", "ines@desk.example"
WORDS = {ANNA: "Now it smokes.", OMAR: "Just open flap B.", INES: "A mechanic will come."}
NODES = ("one", "two", "three")


@dataclass
class Race:
    """A desk on which three mails wait, and the words that each author had read when he wrote."""

    desk: StoryDesk
    sent: dict[str, str]  # author → Message-ID

    def workers(self) -> list[tuple[Worker, Database]]:
        """Nodes with databases of their own."""
        url = self.desk.node.configuration.settings.database.url
        made = []
        for name in NODES:
            database = Database(url)
            here = replace(self.desk.node.desk, node=name)
            made.append((Worker(database, self.desk.node.blobs, here, PlainReader(), lambda: self.desk.now), database))
        return made

    def check(self, order: Sequence[str]) -> tuple[str, ...]:
        """Who was held, in this order of steps."""
        with self.desk.database.reading() as connection:
            said = connection.execute(select(message.c.author, message.c.version).order_by(message.c.version)).all()
        begun, *since = [one.author for one in said]
        assert begun == ANNA, order
        states = {author: self.desk.why(message_id).state for author, message_id in self.sent.items()}
        assert states[ANNA] is Disposition.THREADED, order
        for author in (OMAR, INES):
            went = states[author] is Disposition.THREADED
            # Nobody has read anything but the first mail: an answer may leave only as the first word after it.
            assert went == (author in since) == (since[0] == author), f"{states} after {order}"
            assert went or states[author] is Disposition.HELD, order
        answers = self.desk.notices_to(self.desk.person(ANNA)).count(Notice.ANSWER)
        assert answers == sum(state is Disposition.THREADED for state in states.values()) - 1, order
        for author in (OMAR, INES):
            asked = [one.text for one in self.desk.person(author).letters() if one.notice is Notice.HELD]
            assert len(asked) == (states[author] is Disposition.HELD), order
            assert all(WORDS[since[0]] in text for text in asked), order
        return tuple(author for author, state in states.items() if state is Disposition.HELD)


def prepared(desk: StoryDesk) -> dict[str, str]:
    """Anna has asked, Omar and Ines have read it; now all three write."""
    anna, omar, ines = (desk.person(one) for one in (ANNA, OMAR, INES))
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#assign Ines")
    settle, desk.settle = desk.settle, _wait  # type: ignore[method-assign]
    try:
        return {
            OMAR: omar.replies(Notice.NEW_TICKET, WORDS[OMAR]),
            ANNA: anna.replies(Notice.CONFIRMATION, WORDS[ANNA]),
            INES: ines.replies(Notice.ASSIGNMENT, WORDS[INES]),
        }
    finally:
        desk.settle = settle  # type: ignore[method-assign]


def _wait() -> None:
    """The mails lie in the store."""


@pytest.fixture
def gates(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str], None]], None]:
    """Puts a gate before each look into the store and before each recording; every node claims one mail at a time."""
    really: ModuleType = worker_module
    claim, look_up, record = really.claim_mail, really.look_up_many, really.record_all

    def put(gate: Callable[[str], None]) -> None:
        def claims(*arguments: object, **more: object) -> list[ClaimedMail]:
            return claim(*arguments, **more | {"limit": 1})  # type: ignore[no-any-return]

        def looks(*arguments: object) -> object:
            gate("looks")
            return look_up(*arguments)

        def records(*arguments: object) -> object:
            gate("records")
            return record(*arguments)

        monkeypatch.setattr(worker_module, "claim_mail", claims)
        monkeypatch.setattr(worker_module, "look_up_many", looks)
        monkeypatch.setattr(worker_module, "record_all", records)

    return put


def run_in_turns(race: Race, turns: Turns) -> tuple[str, ...]:
    made = race.workers()
    try:
        turns.run(*((name, worker.work) for name, (worker, _) in zip(NODES, made, strict=True)))
    finally:
        for worker, database in made:
            worker.close()
            database.close()
    race.desk.settle()
    return race.check(turns.order)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Callable[[], Race]]:
    """The same desk as often as it is wanted: copies of one folder."""
    with direct_desk(configured(tmp_path / "first"), PlainReader()) as desk:
        sent, now = prepared(desk), desk.now
    open_desks: list[AbstractContextManager[StoryDesk]] = []

    def another() -> Race:
        while open_desks:
            open_desks.pop().__exit__(None, None, None)
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        shutil.copytree(tmp_path / "first", tmp_path / "copy")
        opened = direct_desk(tmp_path / "copy" / "helpdesk.toml", PlainReader())
        desk = opened.__enter__()
        desk.now = now
        open_desks.append(opened)
        return Race(desk, sent)

    yield another
    while open_desks:
        open_desks.pop().__exit__(None, None, None)


Gates = Callable[[Callable[[str], None]], None]


def test_no_stale_answer_leaves_in_whatever_order_three_nodes_work(story: Callable[[], Race], gates: Gates) -> None:
    orders, outcomes = 0, set()
    for turns in every_order():
        gates(turns.gate)
        outcomes.add(run_in_turns(story(), turns))
        orders += 1
    assert orders >= 90
    assert outcomes == {(OMAR,), (INES,), (OMAR, INES)}


def test_the_same_on_postgresql(tmp_path: Path, postgresql_server: object, gates: Gates) -> None:
    """A few of the orders; each on a new database."""
    outcomes = set()
    for number, turns in enumerate(islice(every_order(), 0, 60, 6)):
        with direct_desk(configured(tmp_path / str(number), database=postgresql_server.create()), PlainReader()) as desk:  # type: ignore[attr-defined]
            race = Race(desk, prepared(desk))
            gates(turns.gate)
            outcomes.add(run_in_turns(race, turns))
    assert outcomes <= {(OMAR,), (INES,), (OMAR, INES)}


def test_three_that_record_at_once_on_postgresql_are_put_in_order(
    tmp_path: Path, postgresql_server: object, gates: Gates
) -> None:
    """All have looked before anybody records; then their transactions overlap as they like."""
    for number in range(6):
        with direct_desk(configured(tmp_path / str(number), database=postgresql_server.create()), PlainReader()) as desk:  # type: ignore[attr-defined]
            race = Race(desk, prepared(desk))
            meeting, met = Barrier(3), set[str]()
            gates(lambda name, meeting=meeting, met=met: _meet(name, meeting, met))  # type: ignore[misc]
            made = race.workers()
            threads = [Thread(target=worker.work, name=name) for name, (worker, _) in zip(NODES, made, strict=True)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
            for worker, database in made:
                worker.close()
                database.close()
            desk.settle()
            race.check(["at once"])


def _meet(gate: str, meeting: Barrier, met: set[str]) -> None:
    """Everybody's first recording waits for the others'."""
    from threading import current_thread

    who = current_thread().name
    if gate == "records" and who in NODES and who not in met:
        met.add(who)
        meeting.wait(60)


def test_the_orders_are_all_there_are() -> None:
    """Two threads with two gates each: six orders."""
    seen = set()
    for turns in every_order():

        def work(turns: Turns = turns) -> None:
            turns.gate("first")
            turns.gate("second")

        turns.run(("a", work), ("b", work))
        seen.add(tuple(turns.order))
    assert len(seen) == 6


def test_somebody_reads_what_was_held(story: Callable[[], Race]) -> None:
    """Held answers are not lost: their author lets them go after he has read what came between."""
    race = story()
    race.desk.settle()
    held: Person = race.desk.person(INES)
    held.replies(Notice.HELD, "#send")
    assert race.desk.why(race.sent[INES]).state is Disposition.THREADED
