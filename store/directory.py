"""The directory: staff, accounts, contacts and verified domains, copied from the configuration."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from helpdesk.store.database import Database, repeats_lost_races
from helpdesk.store.schema import account, account_domain, contact, staff


@dataclass(frozen=True, slots=True)
class ListedStaff:
    """A staff member; the address is canonical. Staff who left stay in the directory and are inactive."""

    address: str
    name: str
    role: str = "agent"
    queues: tuple[str, ...] = ()
    active: bool = True


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


@repeats_lost_races
def sync_directory(database: Database, people: Collection[ListedStaff], accounts: Collection[ListedAccount]) -> None:
    """Make the directory equal to these people and accounts.

    Staff who are not listed become inactive. Accounts that are not listed lose their contacts and domains; the account row stays, because
    tickets and inbox rows refer to it. Raises ValueError if two accounts claim the same address or domain.
    """
    contacts = _owners(accounts, "contacts")
    domains = _owners(accounts, "domains")
    with database.writing() as connection:
        connection.execute(update(staff).values(active=False))
        _upsert(connection, staff, [_staff_row(member) for member in people], "address")
        _upsert(connection, account, [{"id": listed.id, "plan": listed.plan} for listed in accounts], "id")
        connection.execute(update(contact).values(account_id=None))
        rows = [{"address": address, "name": "", "account_id": owner} for address, owner in contacts.items()]
        _upsert(connection, contact, rows, "address", ("account_id",))
        names = {address: name for listed in accounts for address, name in listed.names.items()}
        named = [{**row, "name": names[row["address"]]} for row in rows if row["address"] in names]
        _upsert(connection, contact, named, "address", ("name",))
        connection.execute(delete(account_domain))
        rows = [{"domain": domain, "account_id": owner} for domain, owner in domains.items()]
        _upsert(connection, account_domain, rows, "domain")


def list_staff(connection: Connection) -> list[ListedStaff]:
    """Return all staff, including inactive ones."""
    statement = select(staff).order_by(staff.c.address)
    return [ListedStaff(row.address, row.name, row.role, tuple(row.queues), row.active) for row in connection.execute(statement)]


def list_accounts(connection: Connection) -> list[ListedAccount]:
    contacts = _by_account(connection.execute(select(contact.c.account_id, contact.c.address).order_by(contact.c.address)))
    domains = _by_account(
        connection.execute(select(account_domain.c.account_id, account_domain.c.domain).order_by(account_domain.c.domain))
    )
    return [
        ListedAccount(row.id, row.plan, contacts.get(row.id, ()), domains.get(row.id, ()))
        for row in connection.execute(select(account).order_by(account.c.id))
    ]


def _owners(accounts: Iterable[ListedAccount], what: str) -> dict[str, str]:
    owners: dict[str, str] = {}
    for listed in accounts:
        for key in getattr(listed, what):
            if owners.setdefault(key, listed.id) != listed.id:
                raise ValueError(f"{what} of accounts {owners[key]} and {listed.id}: both claim {key}; it can belong to one only")
    return owners


def _staff_row(member: ListedStaff) -> dict[str, Any]:
    return {
        "address": member.address,
        "name": member.name,
        "role": member.role,
        "queues": list(member.queues),
        "active": member.active,
    }


def _by_account(rows: Iterable[Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for owner, value in rows:
        found[owner] = (*found.get(owner, ()), value)
    return found


def _upsert(
    connection: Connection, table: Table, rows: list[dict[str, Any]], key: str, changing: Collection[str] | None = None
) -> None:
    if not rows:
        return
    dialect: Any = {"sqlite": sqlite, "postgresql": postgresql}[connection.dialect.name]
    adding = dialect.insert(table)
    names = changing if changing is not None else [name for name in rows[0] if name != key]
    statement = adding.on_conflict_do_update(index_elements=[key], set_={name: adding.excluded[name] for name in names})
    connection.execute(statement, rows)
