"""The limits of this machine: a server that forgets every mail, and a database that only stores mails."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from helpdesk.gateway.bench.client import send
from helpdesk.gateway.bench.measure import Measure, Stopwatch
from helpdesk.gateway.bench.server import null_handler
from helpdesk.gateway.bench.workload import Mail


def measure_null_handler(name: str, folder: Path, mails: Sequence[Mail]) -> Measure:
    """Measure aiosmtpd as it comes, with its null handler."""
    with null_handler(folder) as server:
        watch = server.stopwatch()
        with watch:
            send(server.port, mails)
        return watch.measure(name, len(mails))


def measure_sqlite(name: str, folder: Path, mails: Sequence[Mail], rows: int) -> Measure:
    """Measure bare SQLite with the settings of our store: `rows` mails in each transaction, each transaction durable."""
    watch, file = Stopwatch(), folder / f"limit_{rows}.db"
    file.unlink(missing_ok=True)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE mail (id INTEGER PRIMARY KEY, reverse_path TEXT, recipient TEXT, content BLOB)")
        batches = [[_row(mail) for mail in mails[at : at + rows]] for at in range(0, len(mails), rows)]
        with watch:
            for batch in batches:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("INSERT INTO mail (reverse_path, recipient, content) VALUES (?, ?, ?)", batch)
                connection.execute("COMMIT")
    return watch.measure(name, len(mails))


def _row(mail: Mail) -> tuple[str, str, bytes]:
    return (mail.reverse_path, mail.recipient, mail.content)
