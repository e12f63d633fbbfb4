"""Accounts that have taken over others, which were renamed or joined."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select

from helpdesk.store.database import AnyRow
from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import account

MOST_STEPS = 10  # from one heir to the next
STATES_OF_ACCOUNTS = select(account.c.id, account.c.active, account.c.heir).where(among(account.c.id))


def states_of_accounts(connection: Connection, ids: Collection[str]) -> dict[str, AnyRow]:
    """Return the rows of accounts, and of their heirs."""
    found: dict[str, AnyRow] = {}
    wanted = set(ids)
    for _ in range(MOST_STEPS):
        rows = rows_among(connection, STATES_OF_ACCOUNTS, sorted(wanted - found.keys()))
        found |= {row.id: row for row in rows}
        wanted = {row.heir for row in rows if row.heir}
        if not wanted - found.keys():
            break
    return found


def last_heir_of(owner: str, accounts: Mapping[str, AnyRow], going: Collection[str]) -> str:
    """Return the account in force at the end of the heirs of one; "" where there is none."""
    heir = accounts[owner].heir
    for _ in range(MOST_STEPS):
        if heir not in accounts or not is_gone(accounts[heir], going, "id"):
            break
        heir = accounts[heir].heir
    return heir if heir in accounts and not is_gone(accounts[heir], going, "id") else ""


def heirs_of_accounts(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """Return the account in force that has taken over each of these, for those that have an heir."""
    accounts = states_of_accounts(connection, ids)
    found = {owner: last_heir_of(owner, accounts, ()) for owner in ids if owner in accounts and not accounts[owner].active}
    return {owner: heir for owner, heir in found.items() if heir}


def is_gone(row: AnyRow, going: Collection[str], key: str) -> bool:
    """Whether a row of the directory is out of force, or about to be."""
    return not row.active or getattr(row, key) in going
