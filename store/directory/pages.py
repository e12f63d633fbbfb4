"""Pages of the directory: its rows by key, for those who may see some accounts or all of them."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select, true

from helpdesk.store.directory.rows import SHAPES, DirectoryKind, RowShape, Values, read_rows, select_rows
from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import account, account_domain, contact, storable

Accounts = Sequence[str] | None  # ids of accounts; None for all of them, and for people of none


def page_of_rows(
    connection: Connection, kind: DirectoryKind, accounts: Accounts, *, after: str = "", limit: int
) -> list[tuple[str, Values]]:
    """Return rows of accounts, contacts or staff whose keys come after one, in the order of the keys. Staff belong to no account."""
    key = SHAPES[kind].key
    return [(row.pop(key), row) for row in read_rows(connection, select_page(kind, accounts, after, limit))]


def select_page(kind: DirectoryKind, accounts: Accounts, after: str, limit: int) -> Select[Any]:
    shape = SHAPES[kind]
    key = shape.table.c[shape.key]
    return select_rows(shape).where(key > storable(after), _of(shape, accounts)).order_by(key).limit(limit)


def row_of_key(connection: Connection, kind: DirectoryKind, key: str) -> Values | None:
    """Return a row, in force or not; None if there is none."""
    shape = SHAPES[kind]
    rows = list(read_rows(connection, select_rows(shape).where(shape.table.c[shape.key] == storable(key))))
    return {name: value for name, value in rows[0].items() if name != shape.key} if rows else None


def domains_of_accounts(connection: Connection, accounts: Collection[str]) -> dict[str, list[str]]:
    """Return the domains in force of accounts, in order."""
    found: dict[str, list[str]] = {}
    for row in rows_among(connection, DOMAINS_OF_ACCOUNTS, accounts):
        found.setdefault(row.account_id, []).append(row.domain)
    return found


def owner_of_domain(connection: Connection, domain: str) -> str | None:
    """Return the account to which the addresses of a domain belong."""
    statement = select(account_domain.c.account_id).where(account_domain.c.domain == storable(domain), account_domain.c.active)
    return connection.execute(statement).scalar()


DOMAINS_OF_ACCOUNTS = (
    select(account_domain.c.account_id, account_domain.c.domain)
    .where(among(account_domain.c.account_id), account_domain.c.active)
    .order_by(account_domain.c.domain)
)
OWNERS: dict[str, ColumnElement[Any]] = {account.name: account.c.id, contact.name: contact.c.account_id}


def _of(shape: RowShape, accounts: Accounts) -> ColumnElement[bool]:
    if accounts is None:
        return true()
    owner = OWNERS[shape.table.name]
    return owner.in_([storable(account_id) for account_id in accounts])
