"""Who is who: staff, accounts, contacts and verified domains, as the configuration names them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from helpdesk.store.database import Database
from helpdesk.store.schema import account, account_domain, contact, staff


@dataclass(frozen=True, slots=True)
class ListedStaff:
    """Somebody of the team; addresses are canonical. Nobody is deleted: who left is inactive."""

    address: str
    name: str
    role: str = "agent"
    queues: tuple[str, ...] = ()
    active: bool = True


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """A customer account: its plan, the addresses of its contacts, and the domains whose every address belongs to it.

    `names` has the owners of some of those addresses; two addresses of one name belong to one person.
    """

    id: str
    plan: str
    contacts: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


def sync_directory(database: Database, people: Collection[ListedStaff], accounts: Collection[ListedAccount]) -> None:
    """Make the directory equal to what is listed. Staff and accounts no longer listed lose their authority and their people.

    An account row stays, because tickets and inbox rows name it. Raises ValueError where two accounts claim one address or domain.
    """
    contacts = _owners(accounts, "contacts")
    domains = _owners(accounts, "domains")
    with database.writing() as connection:
        connection.execute(update(staff).values(active=False))
        _upsert(connection, staff, [_staff_row(one) for one in people], "address")
        _upsert(connection, account, [{"id": one.id, "plan": one.plan} for one in accounts], "id")
        connection.execute(update(contact).values(account_id=None))
        rows = [{"address": address, "name": "", "account_id": owner} for address, owner in contacts.items()]
        _upsert(connection, contact, rows, "address", ("account_id",))
        names = {address: name for one in accounts for address, name in one.names.items()}
        named = [{**row, "name": names[row["address"]]} for row in rows if row["address"] in names]
        _upsert(connection, contact, named, "address", ("name",))
        connection.execute(delete(account_domain))
        _upsert(connection, account_domain, [{"domain": one, "account_id": owner} for one, owner in domains.items()], "domain")


def list_staff(connection: Connection) -> list[ListedStaff]:
    """The whole team, also who is inactive."""
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
    for one in accounts:
        for key in getattr(one, what):
            if owners.setdefault(key, one.id) != one.id:
                raise ValueError(f"{what} of accounts {owners[key]} and {one.id}: both claim {key}; it can belong to one only")
    return owners


def _staff_row(one: ListedStaff) -> dict[str, Any]:
    return {"address": one.address, "name": one.name, "role": one.role, "queues": list(one.queues), "active": one.active}


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
