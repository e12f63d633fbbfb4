"""The lists of senders: whose mail the operator allows, and whose is kept out."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from helpdesk.store.database import AnyRow
from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import listed_sender
from helpdesk.threading.model.listed_sender import ListedSender, Listing

UNDER_NAMES = select(listed_sender).where(among(listed_sender.c.entry))
COLUMNS = tuple(column.name for column in listed_sender.c)
# What `#spam` wrote is taken back by `#undo`, but never an entry that the operator has made since.
UNLIST = delete(listed_sender).where(
    listed_sender.c.entry == bindparam("of_entry"), listed_sender.c.ticket == bindparam("of_ticket")
)


def listing_upsert() -> dict[str, Any]:
    """Return the statement that writes an entry, by dialect. It replaces an earlier entry for the same sender."""
    statements = {}
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql)):
        adding: Any = dialect.insert(listed_sender)
        new = {column: adding.excluded[column] for column in COLUMNS if column != "entry"}
        statements[name] = adding.on_conflict_do_update(index_elements=["entry"], set_=new)
    return statements


def listing_if_new() -> dict[str, Any]:
    """Return the statement that writes an entry, by dialect, unless the sender is listed already."""
    return {
        name: dialect.insert(listed_sender).on_conflict_do_nothing(index_elements=["entry"])
        for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
    }


def listed_under(connection: Connection, names: Collection[str]) -> dict[str, ListedSender]:
    """Return the entries for addresses and domains, by their names."""
    return {row.entry: _entry(row) for row in rows_among(connection, UNDER_NAMES, names)} if names else {}


def list_senders(connection: Connection) -> list[ListedSender]:
    """Return all entries in the order of their names."""
    return [_entry(row) for row in connection.execute(select(listed_sender).order_by(listed_sender.c.entry))]


def list_sender(connection: Connection, entry: ListedSender) -> None:
    """Write an entry, in place of any earlier one for the same sender."""
    connection.execute(listing_upsert()[connection.dialect.name], listing_row(entry))


def unlist_sender(connection: Connection, entry: str) -> bool:
    """Delete an entry. Return False if there is none."""
    return connection.execute(delete(listed_sender).where(listed_sender.c.entry == entry)).rowcount == 1


def listing_row(entry: ListedSender) -> dict[str, object]:
    """Return the row of an entry by column names."""
    return {column: getattr(entry, column) for column in COLUMNS}


def _entry(row: AnyRow) -> ListedSender:
    return ListedSender(row.entry, Listing(row.listing), row.by, row.since, row.reason, row.unproved_only, row.ticket)
