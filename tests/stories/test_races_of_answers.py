"""Staff answer while a customer and a colleague write, each on a node of its own: no answer leaves that its author would have unsaid.

Between looking up and recording anything may happen. All orders of these steps are gone through.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Barrier, Thread, current_thread
from types import ModuleType

import pytest
from sqlalchemy import select, update
from support.campaigns.turns import Turns, every_order, some_orders
from support.desk.story import Person, StoryDesk, configured, direct_desk
from support.mails.plain_reader import PlainReader

from helpdesk.gateway.work import mail as mail_module
from helpdesk.gateway.work import settle as settle_module
from helpdesk.gateway.work.kind import Tools
from helpdesk.gateway.work.worker import Worker
from helpdesk.store.database import Database
from helpdesk.store.mail_claims import ClaimedMail
from helpdesk.store.schema import inbound, message
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice

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
        for name in NODES[: len(self.sent)]:
            database = Database(url)
            here = replace(self.desk.node.desk, node=name)
            tools = Tools(database, self.desk.node.blobs, here, PlainReader(), lambda: self.desk.now)
            made.append((Worker(tools), database))
        return made

    def check(self, order: Sequence[str]) -> tuple[str, ...]:
        """Who was held, in this order of steps."""
        with self.desk.database.reading() as connection:
            said = connection.execute(select(message.c.author, message.c.version).order_by(message.c.version)).all()
        begun, *since = [one.author for one in said]
        assert begun == ANNA, order
        states = {author: self.desk.why(message_id).state for author, message_id in self.sent.items()}
        assert states.get(ANNA, Disposition.THREADED) is Disposition.THREADED, order
        staff = [author for author in self.sent if author != ANNA]
        for author in staff:
            went = states[author] is Disposition.THREADED
            # Nobody has read anything but the first mail: an answer may leave only as the first word after it.
            assert went == (author in since) == (since[0] == author), f"{states} after {order}"
            assert went or states[author] is Disposition.HELD, order
        answers = self.desk.notices_to(self.desk.person(ANNA)).count(Notice.ANSWER)
        assert answers == sum(states[author] is Disposition.THREADED for author in staff), order
        for author in staff:
            asked = [letter.text for letter in self.desk.person(author).letters() if letter.notice is Notice.HELD]
            assert len(asked) == (states[author] is Disposition.HELD), order
            assert all(WORDS[since[0]] in text for text in asked), order
        return tuple(author for author, state in states.items() if state is Disposition.HELD)


def prepared(desk: StoryDesk) -> None:
    """Anna has asked, Omar and Ines have read it."""
    desk.person(ANNA).writes("Printer", "It jams.")
    desk.person(OMAR).replies(Notice.NEW_TICKET, "#assign Ines")


def written(desk: StoryDesk, *authors: str) -> dict[str, str]:
    """Now these write, and nobody has worked it off yet."""
    settle, desk.settle = desk.settle, _wait  # type: ignore[method-assign]
    answered = {ANNA: Notice.CONFIRMATION, OMAR: Notice.NEW_TICKET, INES: Notice.ASSIGNMENT}
    try:
        sent = {author: desk.person(author).replies(answered[author], WORDS[author]) for author in authors}
    finally:
        desk.settle = settle  # type: ignore[method-assign]
    _cut_ties(desk)
    return sent


def _cut_ties(desk: StoryDesk) -> None:
    """Make the mails ones whose headers do not show that they belong together, so that workers do not wait for each other."""
    with desk.database.writing() as connection:
        connection.execute(update(inbound).values(turn_ticket=None, turn_thread=None))


def _wait() -> None:
    """The mails lie in the store."""


@pytest.fixture
def gates(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str], None]], None]:
    """Puts a gate before each look into the store and before each recording; every node claims one mail at a time."""
    mails: ModuleType = mail_module
    settling: ModuleType = settle_module
    claim, look_up, record = mails.claim_mail, settling.look_up_many, settling.record_all

    def put(gate: Callable[[str], None]) -> None:
        def claims(*arguments: object, **more: object) -> list[ClaimedMail]:
            return claim(*arguments, **more | {"limit": 1})  # type: ignore[no-any-return]

        def looks(*arguments: object) -> object:
            gate("looks")
            return look_up(*arguments)

        def records(*arguments: object) -> object:
            gate("records")
            return record(*arguments)

        monkeypatch.setattr(mails, "claim_mail", claims)
        monkeypatch.setattr(settling, "look_up_many", looks)
        monkeypatch.setattr(settling, "record_all", records)

    return put


def run_in_turns(race: Race, turns: Turns) -> tuple[str, ...]:
    made = race.workers()
    try:
        turns.run(*((name, worker.work) for name, (worker, _) in zip(NODES, made, strict=False)))
    finally:
        for worker, database in made:
            worker.close()
            database.close()
    race.desk.settle()
    return race.check(turns.order)


Story = Callable[..., Race]
Gates = Callable[[Callable[[str], None]], None]


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """The same desk as often as it is wanted, in copies of one folder; who is named writes."""
    with direct_desk(configured(tmp_path / "first"), PlainReader()) as desk:
        prepared(desk)
        now = desk.now
    with ExitStack() as opened:

        def another(*authors: str) -> Race:
            opened.close()
            shutil.rmtree(tmp_path / "copy", ignore_errors=True)
            shutil.copytree(tmp_path / "first", tmp_path / "copy")
            desk = opened.enter_context(direct_desk(tmp_path / "copy" / "helpdesk.toml", PlainReader()))
            desk.now = now
            return Race(desk, written(desk, *authors))

        yield another


@pytest.mark.parametrize("others", [(ANNA,), (INES,)])
def test_no_stale_answer_leaves_in_any_order_of_two_nodes(story: Story, gates: Gates, others: tuple[str, ...]) -> None:
    orders, outcomes = set(), set()
    for turns in every_order():
        gates(turns.gate)
        outcomes.add(run_in_turns(story(OMAR, *others), turns))
        orders.add(tuple(turns.order))
    assert len(orders) >= 6
    assert outcomes == ({(), (OMAR,)} if others == (ANNA,) else {(OMAR,), (INES,)})


def test_no_stale_answer_leaves_when_three_nodes_work(story: Story, gates: Gates) -> None:
    outcomes = set()
    for turns in some_orders(1, 25):
        gates(turns.gate)
        outcomes.add(run_in_turns(story(OMAR, ANNA, INES), turns))
    assert outcomes == {(OMAR,), (INES,), (OMAR, INES)}


def test_the_same_on_postgresql(tmp_path: Path, postgresql_server: object, gates: Gates) -> None:
    """A few of the orders; each on a new database."""
    outcomes = set()
    for number, turns in enumerate(some_orders(5, 8)):
        with direct_desk(configured(tmp_path / str(number), database=postgresql_server.create()), PlainReader()) as desk:  # type: ignore[attr-defined]
            prepared(desk)
            race = Race(desk, written(desk, OMAR, ANNA, INES))
            gates(turns.gate)
            outcomes.add(run_in_turns(race, turns))
    assert outcomes <= {(OMAR,), (INES,), (OMAR, INES)}


def test_three_that_record_at_once_on_postgresql_are_put_in_order(
    tmp_path: Path, postgresql_server: object, gates: Gates
) -> None:
    """All have looked before anybody records; then their transactions overlap as they like."""
    for number in range(4):
        with direct_desk(configured(tmp_path / str(number), database=postgresql_server.create()), PlainReader()) as desk:  # type: ignore[attr-defined]
            prepared(desk)
            race = Race(desk, written(desk, OMAR, ANNA, INES))
            meeting, met = Barrier(3), set[str]()
            gates(lambda name, meeting=meeting, met=met: _meet(name, meeting, met))  # type: ignore[misc]
            made = race.workers()
            threads = [Thread(target=worker.work, name=name) for name, (worker, _) in zip(NODES, made, strict=False)]
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


def test_somebody_reads_what_was_held(story: Story) -> None:
    """Held answers are not lost: their author lets them go after he has read what came between."""
    race = story(OMAR, ANNA, INES)
    race.desk.settle()
    held: Person = race.desk.person(INES)
    held.replies(Notice.HELD, "#send")
    assert race.desk.why(race.sent[INES]).state is Disposition.THREADED
