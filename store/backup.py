"""Copies of a whole database: by SQLite's online backup, or by PostgreSQL's own programs. Each copy is read back before it counts as one.

A copy is one moment of the database: nodes go on writing meanwhile, and wait for nothing.
"""

import os
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, Connection, func, make_url, select

from helpdesk.config.private_files import ensure_file
from helpdesk.store.database import Database
from helpdesk.store.schema import inbound, metadata, outbox, ticket

COUNTED = {"mails": inbound, "tickets": ticket, "letters": outbox}
NOTHING_TO_SAY = "it ended without a word"


class CopyFailed(Exception):
    """The database could not be copied, read back or restored. The text is one line."""


def counts_of(connection: Connection) -> dict[str, int]:
    """How many mails, tickets and letters there are."""
    return {name: connection.execute(select(func.count()).select_from(table)).scalar_one() for name, table in COUNTED.items()}


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database that may be in use. The copy is one file without a log. Raises CopyFailed or OSError."""
    ensure_file(target)
    try:
        with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as one, closing(sqlite3.connect(target)) as other:
            one.backup(other)
            other.execute("PRAGMA journal_mode=DELETE").close()
    except sqlite3.Error as fault:
        raise CopyFailed(f"SQLite cannot copy {source}: {fault}") from None


def read_sqlite(copy: Path) -> dict[str, int]:
    """Read the whole copy, check it, and count what is in it. Raises CopyFailed."""
    try:
        with closing(sqlite3.connect(f"file:{copy}?mode=ro&immutable=1", uri=True)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(1)")]
            if found != ["ok"]:
                raise CopyFailed(f"{copy} is damaged: {' '.join(found)}")
            return {
                name: int(connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0])
                for name, table in COUNTED.items()
            }
    except sqlite3.Error as fault:
        raise CopyFailed(f"{copy} cannot be read: {fault}") from None


def dump_postgresql(database: Database, url: str, target: Path) -> dict[str, int]:
    """Write a dump by pg_dump, which must not be older than the server, and return how much is in it.

    pg_dump and the counts see the same moment. Raises CopyFailed, DatabaseAway or OSError.
    """
    ensure_file(target)
    with database.one_moment() as connection:
        moment = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
        counts = counts_of(connection)
        options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={moment}", f"--file={target}"]
        _run(["pg_dump", *options, f"--dbname={_address(url)}"], url)
    return counts


def read_dump(dump: Path) -> None:
    """Read the whole dump back, and look for every table in it. Raises CopyFailed."""
    listed = _run(["pg_restore", "--list", str(dump)])
    named = {words[6] for line in listed.splitlines() if (words := line.split())[3:5] == ["TABLE", "DATA"] and len(words) > 6}
    if missing := {table.name for table in metadata.sorted_tables} - named:
        raise CopyFailed(f"{dump} lacks the rows of {', '.join(sorted(missing))}")
    _run(["pg_restore", f"--file={os.devnull}", str(dump)])


def restore_postgresql(url: str, dump: Path) -> None:
    """Bring a dump into an empty database, all or nothing. Raises CopyFailed or OSError."""
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    _run(["pg_restore", *options, f"--dbname={_address(url)}", str(dump)], url)


def _address(url: str) -> str:
    """The address of a database as PostgreSQL's programs read it, without the password: other users can see their arguments."""
    address = make_url(url).set(drivername="postgresql")
    return URL.create(
        address.drivername, address.username, None, address.host, address.port, address.database, address.query
    ).render_as_string(hide_password=False)


def _run(words: Sequence[str], url: str = "") -> str:
    """Run a program of PostgreSQL, and return its output. Raises CopyFailed unless its exit code is 0."""
    environment: Mapping[str, str] = os.environ
    if url and (password := make_url(url).password):
        environment = {**os.environ, "PGPASSWORD": str(password)}
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    except FileNotFoundError:
        raise CopyFailed(f"{words[0]} is not there; install PostgreSQL's client programs, not older than the server") from None
    if done.returncode:
        said = " ".join(done.stderr.split()) or NOTHING_TO_SAY
        raise CopyFailed(f"{words[0]} failed with exit code {done.returncode}: {said}")
    return done.stdout
