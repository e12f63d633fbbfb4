"""The rows of the directory: what a row of each kind has, whose it is, and how rows are read.

Every row belongs to a source: the configuration, an import, or the operator's commands. Rows are never deleted where tickets or inbox rows
refer to them; they become inactive.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, Table, select

from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import IN_FILE, account, account_domain, contact, directory_version, staff

TOML = "toml"
API = "api"
FEW = 1000  # entries up to which rows are looked up by their keys, and not all of them read

Values = dict[str, Any]


class DirectoryKind(StrEnum):
    """What a row of the directory is, in the order in which rows refer to each other."""

    ACCOUNT = "account"
    DOMAIN = "domain"
    CONTACT = "contact"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class RowShape:
    """The table of a kind, its key, the values that a source gives, and what a new row has where the source gives none."""

    table: Table
    key: str
    defaults: Mapping[str, Any]
    required: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.defaults, *self.required, "source", "external_id", "active", "updated_at")


SHAPES = {
    DirectoryKind.ACCOUNT: RowShape(
        account, "id", {"plan": "starter", "severity": "low", "calendar": "", "language": "", "zone": "", "heir": ""}
    ),
    DirectoryKind.DOMAIN: RowShape(account_domain, "domain", {}, ("account_id",)),
    DirectoryKind.CONTACT: RowShape(contact, "address", {"name": "", "account_id": None}),
    DirectoryKind.STAFF: RowShape(
        staff,
        "address",
        {
            "addresses": (),
            "role": "agent",
            "queues": ("general",),
            "hours": "",
            "deputy": "",
            "zone": "",
            "language": "en",
            "signature": "",
            "letters": "all",
            "heir": "",
        },
        ("name",),
    ),
}


def directory_version_of(connection: Connection) -> int:
    """Return how often the directory has changed."""
    return connection.execute(VERSION).scalar() or 0


VERSION = select(directory_version.c.version).where(directory_version.c.id == 1)


def select_rows(shape: RowShape) -> Select[Any]:
    return select(shape.table.c[shape.key], *(shape.table.c[name] for name in shape.columns))


def read_rows(connection: Connection, statement: Select[Any], values: Collection[str] | None = None) -> Iterator[Values]:
    """Read rows as they are recorded: moments as text, so that a row may go into a column of JSON."""
    rows = connection.execute(statement) if values is None else rows_among(connection, statement, values)
    for row in rows:
        found = dict(row._mapping)
        if found["updated_at"] is not None:
            found["updated_at"] = found["updated_at"].isoformat()
        yield found


def rows_of_keys(connection: Connection, shape: RowShape, keys: Collection[str], of_source: str | None) -> dict[str, Values]:
    """Return the rows with these keys, and with `of_source` all rows of that source too. More rows may be among them."""
    key = shape.table.c[shape.key]
    if len(keys) > FEW:
        return _by_key(read_rows(connection, select_rows(shape)), shape)
    found = _by_key(read_rows(connection, select_rows(shape).where(among(key)), keys), shape)
    if of_source is not None:
        own = IN_FILE if of_source == TOML else shape.table.c.source == of_source
        found |= _by_key(read_rows(connection, select_rows(shape).where(own)), shape)
    return found


def _by_key(rows: Iterable[Values], shape: RowShape) -> dict[str, Values]:
    return {row.pop(shape.key): row for row in rows}
