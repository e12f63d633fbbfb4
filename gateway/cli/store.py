"""What commands share that look into the store without running a node."""

import os
import pwd
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any

from helpdesk.gateway.cli.options import load_or_exit
from helpdesk.gateway.operator_acts import Operator
from helpdesk.gateway.terminal import echo, in_one_line, json_text, time_text
from helpdesk.store.database import COMMAND, Database
from helpdesk.store.migrate import check_revision

WIDEST_CELL = 60  # characters


@contextmanager
def open_store(config: Path) -> Iterator[Database]:
    """The configured database. Raise UnknownSchema or DatabaseAway."""
    loaded = load_or_exit(config)
    database = Database(loaded.settings.database.url, role=COMMAND)
    try:
        check_revision(database)
        yield database
    finally:
        database.close()


def as_json(value: object) -> str:
    """A value as JSON on one line; times are in ISO 8601 UTC."""
    return json_text(_plain(value))


def print_rows(rows: Iterable[Mapping[str, object]], columns: tuple[str, ...], *, json_lines: bool) -> None:
    """Print rows: one JSON object a line, or a table for people."""
    if json_lines:
        for row in rows:
            echo(as_json(row))
        return
    table = [tuple(columns)] + [tuple(_cell(row[name]) for name in columns) for row in rows]
    widths = [max(len(line[index]) for line in table) for index in range(len(columns))]
    for line in table:
        echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: object) -> str:
    if value is None:
        return "-"
    text = time_text(value) if isinstance(value, datetime) else str(value)
    return in_one_line(text[:WIDEST_CELL])[:WIDEST_CELL]


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(field) for key, field in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def operator_name() -> str:
    """The user who runs the command; behind sudo the person, not root."""
    try:
        return os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def operator_of(database: Database) -> Operator:
    """The user who runs the command, as who acts on a desk now."""
    return Operator(database, operator_name(), datetime.now(UTC))
