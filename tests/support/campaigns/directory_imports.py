"""Imports of many accounts while mail comes in: what does not change is not written, and what is undone was never done."""

import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Self

from sqlalchemy import func, select, text
from support.desk.outcomes import raw_mail
from support.desk.story import configured
from support.servers.databases import _prepared_server

from helpdesk.config.load import load
from helpdesk.config.people import SupportAddress
from helpdesk.config.policy import Policy
from helpdesk.gateway.directory_files import read_file
from helpdesk.store.blob_folder import BlobFolder
from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database, DatabaseAway
from helpdesk.store.directory.change import DirectoryOrder
from helpdesk.store.directory.rows import DirectoryKind
from helpdesk.store.directory.undo import undo_change
from helpdesk.store.directory.write import change_directory
from helpdesk.store.inbound import store_raw
from helpdesk.store.migrate import migrate
from helpdesk.store.schema import account

ACCOUNTS_EACH = 100  # accounts for each step of the count
POLICY = Policy(addresses=(SupportAddress(address="help@support.example.com"),))
BEGIN = datetime(2026, 11, 30, 9, tzinfo=UTC)
PLANS = ("free", "starter", "business")


def run(seed: int, count: int) -> str:
    """Accounts in both databases, a hundred for each step of the count: new, the same again, one percent changed, undone."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as ends:
        server = _prepared_server()
        ends.callback(shutil.rmtree, server.folder)
        server.start()
        ends.callback(server.stop)
        told = [measured_imports(f"sqlite:///{folder}/directory.db", Path(folder), seed, count * ACCOUNTS_EACH)]
        told.append(measured_imports(server.create(), Path(folder), seed, count * ACCOUNTS_EACH))
    return "; ".join(told)


def run_start(seed: int, count: int) -> str:
    """The commands start as fast with many accounts in the database, and half of `count` staff, as with five."""
    with tempfile.TemporaryDirectory() as folder:
        config = configured(Path(folder) / "desk")
        database = Database(load(config, {}).settings.database.url)
        migrate(database)
        few = {name: _cpu_of_children(partial(_command, config, *words)) for name, words in COMMANDS.items()}
        _import(database, _file(random.Random(seed), count * ACCOUNTS_EACH, 0), BEGIN)
        staff = Path(folder) / "staff.csv"
        staff.write_bytes(_staff_file(count // 2))
        _command(config, "staff", "import", str(staff), "--source", "hr")
        many = {name: _cpu_of_children(partial(_command, config, *words)) for name, words in COMMANDS.items()}
        database.close()
    return ", ".join(f"{name}: {few[name]:.2f} s of CPU with few accounts, {many[name]:.2f} s with many" for name in COMMANDS)


COMMANDS = {"deliver": ("deliver", "--from", "x@y.example", "help@support.example.com"), "outbox list": ("outbox", "list")}


def _command(config: Path, *words: str) -> None:
    program = str(Path(sys.executable).with_name("helpdesk"))
    mail = b"From: x@y.example\r\nSubject: x\r\nMessage-ID: <%d@y.example>\r\n\r\nHello\r\n" % time.monotonic_ns()
    subprocess.run([program, *words, "--config", str(config)], input=mail, check=True, capture_output=True, timeout=120)


def _staff_file(members: int) -> bytes:
    lines = (f"Agent {number},agent{number}@desk.example,agent,general" for number in range(members))
    return "\n".join(["name,address,role,queues", *lines, ""]).encode()


def measured_imports(url: str, folder: Path, seed: int, accounts: int) -> str:
    """Import accounts four times while mail comes in, and say what it took beside a bare insert of as many rows."""
    draw, database = random.Random(seed), Database(url)
    migrate(database)
    bare = _seconds(lambda: _bare_inserts(database, accounts))
    first = _file(draw, accounts, 0)
    changed = _file(random.Random(seed), accounts, accounts // 100)
    with Mail(database, BlobFolder(folder / f"blobs-{database.is_sqlite}")) as mail:
        new = _seconds(lambda: _import(database, first, BEGIN))
        before = _picture(database)
        same = _seconds(lambda: _import(database, first, BEGIN + timedelta(days=1)))
        assert _picture(database) == before, "an import of the same file has written something"
        number: list[int] = []
        some = _seconds(lambda: number.append(_import(database, changed, BEGIN + timedelta(days=2)) or 0))
        with database.reading() as connection:
            touched = connection.execute(select(func.count()).where(account.c.updated_at > BEGIN)).scalar()
        assert touched == accounts // 100, f"{touched} rows were written"
        undone = _seconds(lambda: undo_change(database, number[0], BEGIN))
    assert _picture(database) == before, "the undoing has left something"
    database.close()
    name = "SQLite" if url.startswith("sqlite") else "PostgreSQL"
    parts = {"new": new, "the same": same, "1 % changed": some, "undone": undone}
    ratios = ", ".join(f"{what} {seconds:.1f} s ({seconds / bare:.1f})" for what, seconds in parts.items())
    return f"{name}, {accounts} accounts: bare executemany {bare:.1f} s, {ratios}; mail waited {mail.longest:.2f} s at most, {mail.put_off} put off"


class Mail:
    """Mails that come in one after the other until the end."""

    def __init__(self, database: Database, blobs: BlobStore) -> None:
        self._database, self._blobs = database, blobs
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._come)
        self.longest = 0.0
        self.put_off = 0  # mails that a door would have put off

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _come(self) -> None:
        while not self._ended.wait(0.02):
            try:
                took = _seconds(lambda: store_raw(self._database, self._blobs, 65536, [raw_mail()], BEGIN))
            except DatabaseAway:
                self.put_off += 1
            else:
                self.longest = max(self.longest, took)


def _file(draw: random.Random, accounts: int, changed: int) -> bytes:
    """Accounts of a system; the first of them have another plan than the file without changes."""
    plans = [draw.choice(PLANS) for _ in range(accounts)]
    lines = [f"acct{number};{'custom' if number < changed else plan};de;{number}\n" for number, plan in enumerate(plans)]
    return ("id;plan;language;external_id\n" + "".join(lines)).encode()


def _import(database: Database, content: bytes, now: datetime) -> int | None:
    found = read_file(DirectoryKind.ACCOUNT, content, POLICY)
    order = DirectoryOrder(
        "import:crm", found.entries, found.names_all_of, refused=found.refused, sha256=sha256(content).hexdigest()
    )
    return change_directory(database, order, now).number


def _bare_inserts(database: Database, accounts: int) -> None:
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE bare (id text PRIMARY KEY, plan text, language text, external_id text)"))
        rows = [
            {"id": f"acct{number}", "plan": "free", "language": "de", "external_id": str(number)} for number in range(accounts)
        ]
        connection.execute(text("INSERT INTO bare VALUES (:id, :plan, :language, :external_id)"), rows)


def _picture(database: Database) -> str:
    digest = sha256()
    with database.reading() as connection:
        for row in connection.execute(select(account).order_by(account.c.id)):
            digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def _cpu_of_children(step: Callable[[], object]) -> float:
    """The least of three runs."""
    found = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        step()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    return min(found)


def _seconds(step: Callable[[], object]) -> float:
    begin = time.monotonic()
    step()
    return time.monotonic() - begin
