"""Brings two nodes on one PostgreSQL server from one release to the next, one node after the other, while people write to both.

The next release adds a column to the table of messages, fills it, adds an index, and at last wants a value in each row. Its nodes write the
value by themselves, because the column has a default that only sessions of the next release have. Rows of older nodes have none, so
an older node could write no message any more after the last migration, which contracts.

A migration is killed in the midst of its backfill and goes on. No mail is refused for good, each has one effect, each letter leaves once.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random
from threading import Thread

import psycopg
from support.campaigns import kill_audit, upgrade_launch
from support.campaigns.kill_rig import Gateway
from support.campaigns.nodes_rig import (
    CONVERSATION,
    LONG_LEASE,
    SENDERS,
    NodesReport,
    Plan,
    RiggedNode,
    Run,
    _handed_over_twice,
    _mail,
    _message,
    _order,
)
from support.servers.databases import PostgresqlServer, _prepared_server
from support.servers.peers import PATIENCE, Hang, wait_for
from support.servers.releases import write_migrations

COPIED = 0.2  # of all mails arrive twice
MOST_WAITING = 40  # mails to be decided, with which people go on writing; doors are faster than workers
WATCHED_EVERY = 0.1  # seconds
UNFILLED = "UPDATE message SET writer = 'first' WHERE writer IS NULL AND id BETWEEN :first AND :last"
BATCH = 5
PAUSE_OF_ROW = "desk.pause_of_row"  # seconds; a setting of the session whose migration is killed, so that there is time for that
SLOWLY = f"pg_sleep(CAST(coalesce(current_setting('{PAUSE_OF_ROW}', true), '0') AS float)) IS NOT NULL"
LATER = {
    "0002": """
        def upgrade():
            op.add_column('message', sa.Column('writer', sa.Text()))
            own = "CASE current_setting('application_name') WHEN 'next' THEN 'next' END"
            op.execute('ALTER TABLE message ALTER writer SET DEFAULT ' + own)
    """,
    "0003": f"BACKFILL = Backfill('message', 'id', \"{UNFILLED} AND {SLOWLY}\", batch={BATCH})",
    "0004": "INDEXES = (AddedIndex('message_of_writer', 'message', 'writer, id'),)",
    "0005": f"""
        CONTRACTS = True
        BACKFILL = Backfill('message', 'id', "{UNFILLED}")
        def upgrade():
            op.alter_column('message', 'writer', nullable=False)
    """,
}


@dataclass(frozen=True, slots=True)
class Release:
    """One version of the program, and the migrations that it knows and needs."""

    version: str
    head: str
    needed: str


FIRST = Release("0.1.0", "0001", "0001")
NEXT = Release("0.2.0", "0005", "0004")


class UpgradedRun(Run):
    """Two nodes of the first release, and the operator who brings them the next one. People write until that is done."""

    def __init__(self, folder: Path, server: PostgresqlServer, url: str, plan: Plan, logs: ExitStack, pause: float) -> None:
        self._pause, self._is_over, self._waiting = pause, False, 0
        self._logs = logs
        for release in (FIRST, NEXT):
            later = {number: says for number, says in LATER.items() if number <= release.head}
            write_migrations(folder / release.version, later)
        super().__init__(folder, server, url, plan, logs)

    def _program(self) -> tuple[str, ...]:
        return self._program_of(FIRST)

    def _program_of(self, release: Release) -> tuple[str, ...]:
        migrations = str(self.folder / release.version)
        own = (str(self.plan.lease), str(self.folder / "handed-over"), migrations, release.version, release.head, release.needed)
        return (sys.executable, upgrade_launch.__file__, *own)

    def _write(self, random: Random, sender: int, begin: float) -> None:
        """The life of a sender, who goes on until all is done."""
        place, earlier = 0, None
        while not self._is_over or place * SENDERS < self.plan.mails:
            number = sender + SENDERS * place
            message = _message(number, f"c{sender}@globex.example", earlier if place % CONVERSATION else None)
            mail = _mail(number, message, is_reply=bool(place % CONVERSATION))
            self.books.open(mail)
            while not self.stopped.is_set() and not self._transmit(mail, random):
                self.stopped.wait(0.05)
            if self.stopped.is_set():
                return
            if random.random() < COPIED:
                self.copies.put(mail)
            self.books.close()
            self.stopped.wait(self._pause)
            while self._waiting > MOST_WAITING and not self.stopped.is_set():
                self.stopped.wait(WATCHED_EVERY)
            place, earlier = place + 1, message

    def watch(self) -> None:
        """Keep count of the mails that wait, until the end."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            while not self.stopped.wait(WATCHED_EVERY):
                [self._waiting] = connection.execute("SELECT count(*) FROM inbound WHERE state = 'pending'").fetchone() or (0,)

    def upgrade(self) -> None:
        """Every step of the upgrade, spread over the mails. Raises Hang."""
        steps: tuple[Callable[[], None], ...] = (
            self._interrupt_migration,
            self._migrate,
            self._contract_too_early,
            lambda: self._replace(self.nodes[0]),
            self._contract_too_early,
            lambda: self._replace(self.nodes[1]),
            self._contract,
            self._start_old_node,
        )
        for number, step in enumerate(steps, 1):
            enough = self.plan.mails * number // (len(steps) + 1)
            wait_for(lambda enough=enough: bool(self.books.closed >= enough or self.problems), "people write", 6 * PATIENCE)  # type: ignore[misc]  # mypy infers no default of a lambda
            before = self.books.closed
            step()
            wait_for(lambda before=before: bool(self.books.closed > before or self.problems), "people write on")  # type: ignore[misc]  # the same
            self.report.figures[f"mails during step {number}"] = self.books.closed - before
        self._is_over = True

    def _expect(self, what: str, holds: bool, said: object = "") -> None:
        if not holds:
            self.report.faults.append(f"{what}: {said}")

    def _command(self, release: Release, *words: str, pause_of_row: float = 0.0) -> subprocess.Popen[str]:
        config = self.folder / "node0" / "helpdesk.toml"
        command = [*self._program_of(release), *words, "--config", str(config)]
        environment = {**os.environ, "PGOPTIONS": f"-c {PAUSE_OF_ROW}={pause_of_row}"}
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)

    def _done(self, release: Release, *words: str) -> tuple[int, str]:
        with self._command(release, *words) as process:
            said, _ = process.communicate(timeout=4 * PATIENCE)
            return process.returncode, said

    def _interrupt_migration(self) -> None:
        """Kill a migration in the midst of its backfill."""
        wait_for(lambda: self._number("SELECT count(*) FROM heartbeat") == 2, "both nodes give a sign of life")
        wait_for(lambda: self._number("SELECT count(*) FROM message") >= 3 * BATCH, "there are messages to fill")
        with self._command(NEXT, "migrate", pause_of_row=0.05) as process:
            wait_for(lambda: self._number("SELECT count(*) FROM backfill") > 0 or process.poll() is not None, "a backfill begins")
            process.kill()
        self._expect("the migration was not interrupted", self._revision() == "0002", self._revision())
        _, said = self._done(NEXT, "status")
        self._expect("status says how far the migration is", "0003 has filled " in said, said)

    def _migrate(self) -> None:
        code, said = self._done(NEXT, "migrate")
        self._expect("the migration goes on", code == 0 and self._revision() == "0004", said)
        self._expect("what contracts waits", "migration 0005 waits" in said, said)
        valid = "SELECT count(*) FROM pg_index WHERE indisvalid AND indexrelid = to_regclass('message_of_writer')"
        self._expect("the index is built", self._number(valid) == 1)

    def _contract_too_early(self) -> None:
        code, said = self._done(NEXT, "migrate", "--contract")
        refused = code == os.EX_TEMPFAIL and "nodes of another version" in said and f"({FIRST.version})" in said
        self._expect("the schema contracts while an older node runs", refused, said)

    def _replace(self, node: RiggedNode) -> None:
        if code := node.gateway.stop():
            self.report.faults.append(f"SIGTERM ended a node with {code}")
        config = self.folder / f"node{self.nodes.index(node)}" / "helpdesk.toml"
        config.write_text(config.read_text().replace(self.url, f"{self.url}&application_name=next"))
        log = self._logs.enter_context(config.with_name("log").open("ab"))
        node.gateway = Gateway(config, log, self._program_of(NEXT))
        node.gateway.start()
        node.gateway.wait_until_ready()

    def _contract(self) -> None:
        code, said = self._done(NEXT, "migrate", "--contract")
        self._expect("the schema contracts when no older node is left", code == 0 and self._revision() == "0005", said)

    def _start_old_node(self) -> None:
        code, said = self._done(FIRST, "serve")
        self._expect(
            "an older program refuses the schema", code == os.EX_CONFIG and "has schema 0005, which this program" in said, said
        )

    def _revision(self) -> str:
        with psycopg.connect(self.url) as connection:
            [revision] = connection.execute("SELECT version_num FROM alembic_version").fetchone() or ("",)
        return str(revision)

    def _number(self, statement: str) -> int:
        with psycopg.connect(self.url) as connection:
            row = connection.execute(statement.encode()).fetchone()
        return int(row[0]) if row else 0


def campaign(folder: Path, server: PostgresqlServer, url: str, seed: int, mails: int, pause: float) -> NodesReport:
    """Upgrade two nodes in an empty folder and a database of its own while at least so many mails come, and check the books.

    `pause` is how long, in seconds, each of the senders waits between two mails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    with ExitStack() as logs:
        run = UpgradedRun(folder, server, url, Plan(seed, mails, nodes=2, faults=0, lease=LONG_LEASE), logs, pause)
        try:
            writers = run.begin()
            Thread(target=run.watch, daemon=True).start()
            run.upgrade()
            wait_for(lambda: not any(writer.is_alive() for writer in writers), "all mails are acknowledged", 6 * PATIENCE)
            run.rest()
        except Hang as hang:
            run.report.faults.append(str(hang))
        finally:
            run.end()
    report = run.report
    report.seconds = time.monotonic() - begin
    steps = dict(report.figures)
    figures, broken = kill_audit.audit(url, folder / "outgoing", run.books)
    report.figures = figures | steps
    with psycopg.connect(url) as connection:
        pairs, turned = _order(connection)
        report.faults += [*broken, *turned, *_handed_over_twice(connection, folder)]
        written = connection.execute("SELECT coalesce(writer, 'nobody'), count(*) FROM message GROUP BY 1").fetchall()
    report.figures |= {f"messages of {writer}": int(count) for writer, count in written}
    report.figures["pairs of one sender"] = pairs
    return report


def run(seed: int, count: int) -> str:
    """An upgrade while twice `count` mails come. Raises AssertionError when a promise was broken."""
    folder = Path(tempfile.mkdtemp(prefix="desk-upgrade-"))
    server = _prepared_server()
    server.start()
    try:
        report = campaign(folder, server, server.migrated(), seed, 2 * count, 0.1)
    finally:
        server.stop()
        shutil.rmtree(server.folder)
    assert not report.faults, f"{report}\nleft in {folder}"
    shutil.rmtree(folder)
    return str(report)
