"""Many people are exported and erased while mail flows: nothing of them is left, and everybody else has what they had.

    .venv/bin/python tests/campaign.py --only erase --count 100

`count` is the number of people, on SQLite and then on PostgreSQL. Each has a closed request with a secret, a large file and an answer, and
others wrote about them. A backup from before the erasure is restored at the end, and has nothing of them either.
"""

import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import make_msgid
from itertools import count as counted
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any

from click.testing import CliRunner
from sqlalchemy import select
from support.desk.story import SUPPORT, StoryDesk, configured, direct_desk
from support.servers.databases import _prepared_server
from support.week.post import Post

from helpdesk.gateway.backup import make_backup, restore_backup
from helpdesk.gateway.cli.main import helpdesk
from helpdesk.gateway.reader import Reader
from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.database import Database
from helpdesk.store.schema import metadata
from helpdesk.threading.model.notice import Notice

EXPORTED = 10  # of so many people, one is exported
TRIES = 20  # of an erasure that waits for a letter that is being sent
FILE = 90_000  # octets, more than what the database holds
# Tables in which nothing of a request stands as it was written, or that the work of the node changes.
CHANGING = {"heartbeat", "counter", "letter_count", "search_words", "purge_total", "inbox_numbering", "digest", "ticket_words"}
Rows = dict[tuple[str, str], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody who will be erased, and what only they have said."""

    number: int

    @property
    def address(self) -> str:
        return f"pia{self.number}@house{self.number}.example"

    @property
    def name(self) -> str:
        return f"Pia Quell{self.number:03}x"

    @property
    def secret(self) -> str:
        return f"zirconium{self.number}x"

    @property
    def traces(self) -> tuple[str, ...]:
        return self.address, self.name.lower(), self.secret


@dataclass
class Figures:
    """What a run measured, times in seconds."""

    rows: int = 0
    export: float = 0
    erase: float = 0
    restore: float = 0
    mails: int = 0  # that came meanwhile

    def __str__(self) -> str:
        return (
            f"{self.rows} rows; exports {self.export:.1f} s, erasure {self.erase:.1f} s with {self.mails} mails meanwhile, "
            f"restore {self.restore:.1f} s"
        )


@dataclass
class Load:
    """Other people write all the time, and the desk works."""

    desk: StoryDesk
    mails: int = 0
    fault: Exception | None = None
    _stop: Event = field(default_factory=Event)

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = Thread(target=self._writes)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()
        if self.fault is not None:
            raise self.fault

    def _writes(self) -> None:
        try:
            for number in counted():
                if self._stop.is_set():
                    return
                author = f"uma{number}@elsewhere.example"
                message = mail(author, "Uma Lund", "Label printer", f"It prints label {number} twice.")
                self.desk.deliver(author, [SUPPORT], message.as_bytes(policy=policy.SMTP), "127.0.0.1")
                self.desk.settle()
                self.mails += 1
        except Exception as fault:  # told by the thread that waits
            self.fault = fault


def mail(address: str, name: str, subject: str, text: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"{name} <{address}>", SUPPORT, subject
    message["Message-ID"] = make_msgid(domain="elsewhere.example")
    message.set_content(text)
    return message


def tell_the_stories(desk: StoryDesk, subjects: list[Subject]) -> None:
    """Each asks, is answered, and says that it is solved. Then others write about them."""
    post = Post(desk, Random(1))
    for subject in subjects:
        files = {"plan.pdf": b"%PDF-1.4 " + f"{subject.secret} {subject.address} ".encode() * (FILE // 40)}
        post.writes(subject.name, subject.address, f"About {subject.secret}", f"It opens with {subject.secret}.", files=files)
    by_address = {subject.address: subject for subject in subjects}
    for letter in post.collect():
        if letter.notice == Notice.NEW_TICKET:
            words = next(
                subject
                for subject in subjects
                if subject.secret in letter.received.text.split("It opens with ")[-1].split(".")[0]
            )
            post.answers(
                "Omar Haddad", "omar@desk.example", "gmail_en", letter, f"#resolve\nDear {words.name}, try {words.secret} again."
            )
    for letter in post.collect():
        if letter.notice == Notice.RESOLUTION and letter.to in by_address:
            post.presses(by_address[letter.to].name, letter.to, letter, solved=True)
    for number, subject in enumerate(subjects):
        post.writes(
            "Carla Rossi",
            f"carla{number}@globex.example",
            f"Scanner {number}",
            f"{subject.name} ({subject.address}) told me to ask.",
        )
        post.writes("Paul Kern", f"paul{number}@acme.example", f"Invoice {number}", f"Where is invoice {number}? Nobody answers.")
    for path in blob_files(desk):
        os.utime(path, (0, 0))


def blob_files(desk: StoryDesk) -> list[Path]:
    return sorted(Path(desk.node.configuration.settings.database.blobs).glob("[0-9a-f][0-9a-f]/*"))


def rows_of(database: Database) -> Rows:
    """Every row of every table, by its key."""
    found: Rows = {}
    with database.reading() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                values = dict(row._mapping)
                found[table.name, str([values[column.name] for column in table.primary_key.columns])] = values
    return found


def text_of(row: dict[str, Any]) -> str:
    """Everything in a row in lower case, mails as a mail client reads them."""
    texts = [
        json.dumps({name: value for name, value in row.items() if not isinstance(value, bytes)}, default=str, ensure_ascii=False)
    ]
    for value in row.values():
        if isinstance(value, bytes):
            texts.append(value.decode("utf-8", "replace"))
            parsed = message_from_bytes(value, policy=policy.default)
            texts += [f"{name}: {field_}" for name, field_ in parsed.items()]
            contents = [part.get_payload(decode=True) for part in parsed.walk()]
            texts += [content.decode("utf-8", "replace") for content in contents if isinstance(content, bytes)]
    return "\n".join(texts).lower()


def traces_in(text: str, subjects: list[Subject]) -> list[str]:
    return [trace for subject in subjects for trace in subject.traces if trace in text]


def check_gone(database: Database, subjects: list[Subject], where: str) -> None:
    """Raises AssertionError if a row names one of them."""
    for (table, key), row in rows_of(database).items():
        left = traces_in(text_of(row), subjects)
        assert not left, f"{where}: {table} {key} still has {left[:3]}"


def run_command(desk: StoryDesk, *words: str) -> tuple[int, str]:
    config = desk.node.configuration.settings.folder / "helpdesk.toml"
    result = CliRunner().invoke(helpdesk, [words[0], "--config", str(config), *words[1:]])
    return result.exit_code, result.output


def export_all(desk: StoryDesk, subjects: list[Subject], folder: Path) -> None:
    """Each tenth of them gets all of theirs and nothing of anybody else, but three at least."""
    for subject in subjects[:: max(1, min(EXPORTED, len(subjects) // 3))]:
        place = folder / str(subject.number)
        code, output = run_command(desk, "export", subject.address, "--to", str(place))
        assert code == 0, output
        text = "\n".join(path.read_text(errors="replace") for path in place.rglob("*") if path.is_file()).lower()
        assert set(traces_in(text, [subject])) == set(subject.traces), f"the export of {subject.address} lacks something"
        others = traces_in(text, [other for other in subjects if other is not subject])
        assert not others, f"the export of {subject.address} has {others[:3]}"


def erase_all(desk: StoryDesk, subjects: list[Subject]) -> None:
    """Erase all of them at once; again while a letter that names them has not left."""
    for _ in range(TRIES):
        code, output = run_command(desk, "erase", *(subject.address for subject in subjects), "--yes", "--json")
        if code == 0:
            return
        assert code == os.EX_TEMPFAIL, output
    raise AssertionError(f"not erased after {TRIES} tries: {output}")


def run_on(reader: MailReader, url: str, other_url: str, folder: Path, count: int) -> Figures:
    """One run on one database. Raises AssertionError where something of somebody is left, or taken from somebody else."""
    folder.mkdir()
    subjects, figures, log = [Subject(number) for number in range(count)], Figures(), folder / "log"
    handler = logging.FileHandler(log)
    logging.getLogger("helpdesk").addHandler(handler)
    try:
        with direct_desk(configured(folder / "desk", database=url), reader) as desk:
            tell_the_stories(desk, subjects)
            settings = desk.node.configuration.settings.database
            backup, _ = make_backup(settings, folder / "backups", datetime.now(UTC), lambda text: None)
            before = rows_of(desk.database)
            figures.rows = len(before)
            load = Load(desk)
            with load.running():
                figures.export = _seconds_of(lambda: export_all(desk, subjects, folder / "exports"))
                figures.erase = _seconds_of(lambda: erase_all(desk, subjects))
            figures.mails = load.mails
            check_gone(desk.database, subjects, "the database")
            for path in blob_files(desk):
                assert not traces_in(path.read_bytes().decode("utf-8", "replace").lower(), subjects), f"{path} names them"
            check_others(before, rows_of(desk.database), subjects, load.mails)
            make_backup(settings, folder / "backups", datetime.now(UTC), lambda text: None)  # takes the list of the erased along
            other = settings.model_copy(update={"url": other_url, "blobs": str(folder / "restored" / "blobs")})
            figures.restore = _seconds_of(lambda: restore_backup(other, backup, datetime.now(UTC), lambda text: None, "ACZ"))
            restored = Database(other_url)
            check_gone(restored, subjects, "the restored database")
            restored.close()
    finally:
        logging.getLogger("helpdesk").removeHandler(handler)
        handler.close()
    assert not traces_in(log.read_text().lower(), subjects), "the log names them"
    return figures


def check_others(before: Rows, after: Rows, subjects: list[Subject], mails: int) -> None:
    """Rows that never named them are what they were; those of other people's requests that did are still there; counts are equal."""
    theirs = {
        row["ticket_id"]
        for (table, _), row in before.items()
        if table == "participant" and row["address"] in {s.address for s in subjects}
    }
    letters = {row["id"] for (table, _), row in before.items() if table == "outbox" and row["ticket_id"] in theirs}
    for (table, key), row in before.items():
        of = row.get("ticket_id", row["id"] if table == "ticket" else None)
        if table in CHANGING or of in theirs or row.get("outbox_id") in letters or traces_in(text_of(row), subjects):
            continue
        assert after.get((table, key)) == row, f"{table} {key} was {row} and is {after.get((table, key))}"
    for table in ("ticket", "message", "event", "outbox", "inbound", "participant", "measurement", "attempt"):
        counts = [sum(name == table for name, _ in rows) for rows in (before, after)]
        assert counts[1] >= counts[0] + (mails if table in ("ticket", "message", "inbound") else 0), (
            f"{table}: {counts}, mails {mails}"
        )


def _seconds_of(work: Any) -> float:
    begin = time.monotonic()
    work()
    return time.monotonic() - begin


def run(seed: int, count: int) -> str:
    """Export and erase `count` people on both databases; the figures."""
    logging.disable(logging.NOTSET)  # what the log says is looked through
    told = []
    with Reader() as reader, tempfile.TemporaryDirectory(prefix="desk-erase-") as folder:
        made = Path(folder)
        urls = ("sqlite:///helpdesk.db", f"sqlite:///{made}/sqlite/restored/helpdesk.db")
        told.append(f"SQLite: {run_on(reader, *urls, made / 'sqlite', count)}")
        server = _prepared_server()
        server.start()
        try:
            told.append(f"PostgreSQL: {run_on(reader, server.create(), server.create(), made / 'postgresql', count)}")
        finally:
            server.stop()
            shutil.rmtree(server.folder)
    return "; ".join(told)
