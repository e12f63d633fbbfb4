"""Two nodes on one database, one of which stands still at the worst moment; and what is missed without each safeguard."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random

import psycopg
import pytest
from support.campaigns import crash_driver, crash_faults, kill_audit
from support.campaigns.crash_driver import Order
from support.campaigns.kill_audit import Books
from support.campaigns.kill_rig import Letters, Writers
from support.desk.story import MONDAY, configured
from support.mails.plain_reader import PlainReader

from helpdesk.config.load import load
from helpdesk.gateway import beginning
from helpdesk.gateway.node.node import Node
from helpdesk.gateway.work import mail as mail_module
from helpdesk.gateway.work import settle as settle_module
from helpdesk.store import mail_claims
from helpdesk.store.inbound import store_raw
from helpdesk.store.mail_claims import MailCause
from helpdesk.store.outbox import SendOutcome, claim_letters, settle
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.model.mail import Envelope, RawMessage

LEASE = timedelta(minutes=5)


def pending(folder: Path, url: str) -> Books:
    """Two copies of one mail wait."""
    books = Books()
    node = Node(load(configured(folder, database=url), {}), lambda: MONDAY, PlainReader())
    node.prepare()
    mail = Writers(Letters(folder / "outgoing"))._request(Random(1))
    raw = RawMessage("smtp", Envelope(mail.sender, (mail.to,)), mail.content, MONDAY, "127.0.0.1")
    store_raw(node.database, node.blobs, 65536, [raw, raw], MONDAY)
    mail.sends = mail.acknowledged = 2
    books.open(mail)
    node.close()
    return books


@pytest.fixture
def played(tmp_path: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    for place, name in ((settle_module, "record_all"), (mail_module, "BATCH"), (MailCause, "claim"), (mail_claims, "in_turn")):
        monkeypatch.setattr(place, name, getattr(place, name))  # puts back what the flow and the defect replace

    def play(flow: Callable[..., None], *statements: str) -> list[str]:
        """What the audit finds after a flow with two workers; `statements` change the database first."""
        books = pending(tmp_path, postgresql_url)
        order = Order("", str(tmp_path), MONDAY.isoformat())
        with crash_driver.node_of(order) as node, node.database.writing() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        flow(order, lambda _: None, 0)
        crash_driver.recover(order, lambda _: None, 0)
        return kill_audit.audit(postgresql_url, tmp_path / "outgoing", books)[1]

    return play


@pytest.mark.parametrize("flow", [crash_driver.overtaken, crash_driver.copies])
def test_two_workers_have_one_effect(played: Callable[..., list[str]], flow: Callable[..., None]) -> None:
    assert played(flow) == []


def test_a_missing_fencing_token_is_noticed(played: Callable[..., list[str]]) -> None:
    crash_faults.build_in("no fencing")
    assert played(crash_driver.overtaken) != []


KEYS = ["inbound_one_effect", "inbound_opens_once"]


def test_a_missing_unique_key_is_noticed(
    played: Callable[..., list[str]], postgresql_url: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = _definitions(postgresql_url)
    request.addfinalizer(lambda: _restore(postgresql_url, kept))
    monkeypatch.setattr(beginning, "check_schema", lambda _: None)  # a node would refuse such a schema at its start
    assert played(crash_driver.copies, *(f"DROP INDEX {name}" for name in kept)) != []


def _definitions(url: str) -> dict[str, str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT indexname, indexdef FROM pg_indexes WHERE indexname = ANY(%s)", [KEYS]).fetchall()
    return {str(name): str(definition) for name, definition in rows}


def _restore(url: str, kept: dict[str, str]) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM inbound")
        for definition in kept.values():
            connection.execute(definition.encode())


def test_a_sender_that_stood_still_neither_begins_nor_settles(tmp_path: Path, postgresql_url: str) -> None:
    """Its lease is over, another node has sent the letter: what it has to say is refused."""
    pending(tmp_path, postgresql_url)
    with crash_driver.node_of(Order("", str(tmp_path), MONDAY.isoformat())) as node:
        node.worker.work()
        later = MONDAY + 2 * LEASE
        stopped = claim_letters(node.database, MONDAY, limit=9, lease=LEASE)
        taken_over = claim_letters(node.database, later, limit=9, lease=LEASE)
        assert {letter.id for letter in stopped} == {letter.id for letter in taken_over} != set()
        assert {letter.uncertain for letter in taken_over} == {1}
        sent = SendOutcome(LetterState.SENT, 250, "ok")
        assert [settle(node.database, letter, sent, later) for letter in stopped] == [False] * len(stopped)
        assert [settle(node.database, letter, sent, later) for letter in taken_over] == [True] * len(stopped)
