"""The way of a few mails through a node whose PostgreSQL connection is cut at one message of the protocol."""

import asyncio
import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from random import Random

from sqlalchemy import insert, make_url
from support.campaigns import kill_audit
from support.campaigns.kill_audit import Books, Mail, Reply
from support.campaigns.kill_rig import Letters, Writers
from support.desk.story import MONDAY, UNCAPPED, configured
from support.mails.plain_reader import PlainReader
from support.servers.databases import PostgresqlServer, _prepared_server
from support.servers.postgresql_proxy import Message, PostgresqlProxy

from helpdesk.config.load import load
from helpdesk.gateway.node.node import Node, tick
from helpdesk.store.database import Database, DatabaseAway
from helpdesk.store.inbound import store_raw
from helpdesk.store.schema import platform_reply
from helpdesk.threading.model.mail import Envelope, RawMessage

ROUNDS = 4  # of a node that goes on: by then all is done that no lease holds back


class CutRig:
    """One server; each run has an empty database, a folder and a proxy of its own."""

    def __init__(self, server: PostgresqlServer, folder: Path, seed: int = 1) -> None:
        self._server, self._folder, self._seed = server, folder, seed
        self._runs = 0

    def messages(self) -> list[Message]:
        """Those of an undisturbed run."""
        return self._run(0)[0].passed

    def run(self, cut_at: int) -> tuple[bool, list[str]]:
        """Whether the cut came, and every promise that it broke."""
        proxy, faults = self._run(cut_at)
        return proxy.was_cut, [f"cut at message {cut_at}: {fault}" for fault in faults]

    def _run(self, cut_at: int) -> tuple[PostgresqlProxy, list[str]]:
        url = self._server.migrated()
        self._runs += 1
        folder = self._folder / str(self._runs)
        with PostgresqlProxy(self._server.folder / ".s.PGSQL.5432", cut_at) as proxy:
            config = configured(folder, database=_through(url, proxy.port), more=UNCAPPED, stale_guard="off")
            config.write_text(config.read_text().replace('blobs = "blobs"', 'blobs = "blobs"\nblob_threshold = 1024'))
            books = self._story(folder, url)
        try:
            _, faults = kill_audit.audit(url, folder / "outgoing", books)
            return proxy, faults
        finally:
            self._server.empty()

    def _story(self, folder: Path, url: str) -> Books:
        books, now = Books(), [MONDAY]
        writers = Writers(Letters(folder / "outgoing"))
        random = Random(self._seed)  # the same mails in each run, so that the messages keep their numbers
        mails = [writers._request(random) for _ in range(3)]
        _platform_writes(url, books)
        node = Node(load(folder / "helpdesk.toml", {}), lambda: now[0], PlainReader())
        try:
            _started(node)
            for mail in mails:
                _transmitted(node, books, mail)
            for _ in range(ROUNDS):
                now[0] += timedelta(seconds=2)
                with suppress(DatabaseAway):
                    asyncio.run(tick(node))
        finally:
            node.close()
        return books


def _started(node: Node) -> None:
    """As whoever looks after a service starts it again."""
    for _ in range(ROUNDS):
        with suppress(DatabaseAway):
            node.prepare()
            return


def _transmitted(node: Node, books: Books, mail: Mail) -> None:
    """Sent until it is acknowledged, and one of them once more."""
    raw = RawMessage("smtp", Envelope(mail.sender, (mail.to,)), mail.content, node.clock(), "127.0.0.1")
    while mail.acknowledged < 1 + mail.attached:
        mail.sends += 1
        with suppress(DatabaseAway):
            store_raw(node.database, node.blobs, 1024, [raw], node.clock())
            mail.acknowledged += 1
    books.open(mail)


def _platform_writes(url: str, books: Books) -> None:
    words = "No. 500: written in the platform."
    row = {"account_id": "globex", "contact_address": "c1@globex.example", "body_text": words, "created_at": MONDAY}
    database = Database(url)
    with database.writing() as connection:
        made = connection.execute(insert(platform_reply).values(**row)).inserted_primary_key
        assert made is not None
    database.close()
    books.replies.append(Reply(int(made[0]), 500, None, words))


def _through(url: str, port: int) -> str:
    parts = make_url(url)
    return f"postgresql://{parts.username}@127.0.0.1:{port}/{parts.database}?sslmode=disable&gssencmode=disable"


def around_commits(messages: Sequence[Message]) -> list[int]:
    """The numbers of each COMMIT and of the server's word that it is done: between them nobody knows."""
    return [number for number, message in enumerate(messages, start=1) if message.is_commit]


@contextmanager
def _own_server() -> Iterator[PostgresqlServer]:
    server = _prepared_server()
    server.start()
    try:
        yield server
    finally:
        server.stop()


def run(seed: int, count: int) -> str:
    """A cut at each of `count` messages of the protocol. Raises AssertionError when a promise was broken."""
    logging.disable()
    with _own_server() as server, tempfile.TemporaryDirectory(prefix="desk-cut-") as folder:
        rig = CutRig(server, Path(folder), seed)
        total = len(rig.messages())
        numbers = [1 + index * total // count for index in range(count)] if count < total else range(1, total + 1)
        outcomes = [rig.run(number) for number in numbers]
        faults = [fault for _, found in outcomes for fault in found]
        assert not faults, "\n".join(faults[:20])
        return f"{len(outcomes)} of {total} messages, {sum(cut for cut, _ in outcomes)} cuts"
