"""What commands need that look into the store without running a node."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import click

from helpdesk.gateway.cli.options import load_or_exit
from helpdesk.gateway.terminal import echo, in_one_line, json_text
from helpdesk.store.database import Database
from helpdesk.store.migrate import is_current

WIDEST_CELL = 60  # characters


@contextmanager
def opened(config: Path) -> Iterator[Database]:
    """The configured database, with the present schema. Leaves with one line where it has none yet."""
    loaded = load_or_exit(config)
    database = Database(loaded.settings.database.url)
    try:
        if not is_current(database):
            raise click.ClickException(
                "the database has no present schema: run `helpdesk migrate` or start `helpdesk serve` once"
            )
        yield database
    finally:
        database.close()


def as_json(value: object) -> str:
    """One object on one line; times are ISO 8601 in UTC."""
    return json_text(_plain(value))


def shown(rows: Iterable[Mapping[str, object]], columns: tuple[str, ...], *, json_lines: bool) -> None:
    """A listing: one JSON object a line, or columns for people."""
    if json_lines:
        for row in rows:
            echo(as_json(row))
        return
    table = [tuple(columns)] + [tuple(_cell(row[name]) for name in columns) for row in rows]
    widths = [max(len(line[index]) for line in table) for index in range(len(columns))]
    for line in table:
        echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _cell(value: object) -> str:
    if value is None:
        return "-"
    text = moment(value) if isinstance(value, datetime) else str(value)
    return in_one_line(text[:WIDEST_CELL])[:WIDEST_CELL]


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
