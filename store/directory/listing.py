"""What the directory has: staff, accounts, contacts and verified domains, as listings and look-ups."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sqlalchemy import Connection, Select, exists, func, select

from helpdesk.store.directory.rows import SHAPES, TOML, DirectoryKind
from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import account, account_domain, contact, staff

Transaction: TypeAlias = Connection  # what other rooms hand on from one function of the store to the next


@dataclass(frozen=True, slots=True)
class ListedStaff:
    """A staff member; the address is canonical. Staff who left stay in the directory and are inactive."""

    address: str
    name: str
    role: str = "agent"
    queues: tuple[str, ...] = ()
    active: bool = True
    source: str = TOML
    external_id: str | None = None
    settings: Mapping[str, str] = field(
        default_factory=dict, compare=False
    )  # hours, deputy, zone, language, signature, letters, heir
    addresses: tuple[str, ...] = ()  # further ones, from which they write too


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """A customer account: its plan, the addresses of its contacts, and its domains. Every address in such a domain belongs to it.

    `names` maps some of the contacts' addresses to the names of people. Two addresses with the same name belong to one person.
    """

    id: str
    plan: str
    contacts: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    active: bool = True
    source: str = TOML
    external_id: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict, compare=False)  # severity, calendar, language, zone, heir


@dataclass(frozen=True, slots=True)
class ListedContact:
    """A contact of a customer account."""

    address: str
    name: str
    account: str | None
    active: bool
    source: str
    external_id: str | None


@dataclass(frozen=True, slots=True)
class RowOwner:
    """To whom a row of the directory belongs, and whether it is in force."""

    source: str
    active: bool


def list_staff(connection: Connection) -> list[ListedStaff]:
    """Return all staff, including inactive ones."""
    return [listed_member(row) for row in connection.execute(ALL_STAFF)]


ALL_STAFF = select(staff).order_by(staff.c.address)
SETTINGS_OF_STAFF = ("hours", "deputy", "zone", "language", "signature", "letters", "heir")
SETTINGS_OF_ACCOUNTS = ("severity", "calendar", "language", "zone", "heir")


def listed_member(row: Any) -> ListedStaff:
    """A staff member from their row."""
    return ListedStaff(
        row.address,
        row.name,
        row.role,
        tuple(row.queues),
        row.active,
        row.source,
        row.external_id,
        {name: getattr(row, name) for name in SETTINGS_OF_STAFF},
        tuple(row.addresses),
    )


def list_accounts(connection: Connection) -> list[ListedAccount]:
    """Return all accounts with the contacts and domains that are in force. An inactive account has none."""
    contacts = _by_account(connection.execute(_in_force(contact.c.account_id, contact.c.address)))
    domains = _by_account(connection.execute(_in_force(account_domain.c.account_id, account_domain.c.domain)))
    return [
        _listed_account(row, contacts.get(row.id, ()) if row.active else (), domains.get(row.id, ()) if row.active else ())
        for row in connection.execute(select(account).order_by(account.c.id))
    ]


def active_staff(connection: Connection) -> list[ListedStaff]:
    """Return the staff who are in force."""
    return [listed_member(row) for row in connection.execute(ALL_STAFF.where(staff.c.active))]


def has_accounts_of_others(connection: Connection) -> bool:
    """Return whether the directory has accounts that no configuration names."""
    return bool(connection.execute(select(exists(select(account.c.id).where(account.c.source != TOML)))).scalar())


def plans_of_accounts(connection: Connection) -> dict[str, int]:
    """Return how many accounts in force have each plan. Every account is read."""
    statement = select(account.c.plan, func.count()).where(account.c.active).group_by(account.c.plan).order_by(account.c.plan)
    return {row[0]: row[1] for row in connection.execute(statement)}


def accounts_by_id(connection: Connection, ids: Collection[str]) -> list[ListedAccount]:
    """Return the accounts with these ids, without their contacts and domains."""
    return [_listed_account(row) for row in rows_among(connection, ACCOUNTS, ids)]


ACCOUNTS = select(account).where(among(account.c.id))


def _listed_account(row: Any, contacts: tuple[str, ...] = (), domains: tuple[str, ...] = ()) -> ListedAccount:
    settings = {name: getattr(row, name) for name in SETTINGS_OF_ACCOUNTS}
    return ListedAccount(row.id, row.plan, contacts, domains, {}, row.active, row.source, row.external_id, settings)


def list_contacts(connection: Connection) -> list[ListedContact]:
    """Return all contacts, including inactive ones."""
    statement = select(
        contact.c.address, contact.c.name, contact.c.account_id, contact.c.active, contact.c.source, contact.c.external_id
    )
    return [ListedContact(*row) for row in connection.execute(statement.order_by(contact.c.address))]


def owner_of(connection: Connection, kind: DirectoryKind, key: str) -> RowOwner | None:
    """Return to whom a row belongs; None if there is no such row."""
    shape = SHAPES[kind]
    statement = select(shape.table.c.source, shape.table.c.active).where(shape.table.c[shape.key] == key)
    row = connection.execute(statement).first()
    return None if row is None else RowOwner(row.source, row.active)


def _in_force(owner: Any, key: Any) -> Select[Any]:
    return select(owner, key).where(key.table.c.active).order_by(key)


def _by_account(rows: Iterable[Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for owner, value in rows:
        found.setdefault(owner, []).append(value)
    return {owner: tuple(values) for owner, values in found.items()}
