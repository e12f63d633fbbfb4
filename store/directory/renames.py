"""Accounts and staff under another name, and accounts that become one: what has to change in the directory."""

from sqlalchemy import Connection, select

from helpdesk.store.directory.change import DirectoryEntry
from helpdesk.store.directory.rows import SHAPES, TOML, DirectoryKind
from helpdesk.store.schema import account_domain, contact


class NoRename(Exception):
    """What was asked for cannot be done, and why."""


def entries_of_rename(
    connection: Connection, kind: DirectoryKind, old: str, new: str, *, join: bool = False
) -> tuple[str, list[DirectoryEntry]]:
    """Return the source in whose name a row is renamed, and its entries: the new row, what belonged to the old one, and the old one with
    its heir. With `join` the new row is there already, and takes over. Raises NoRename.
    """
    shape = SHAPES[kind]
    table, key = shape.table, shape.table.c[shape.key]
    rows = {row[shape.key]: row for row in connection.execute(select(table).where(key.in_([old, new]))).mappings()}
    if old not in rows:
        raise NoRename(f"there is no {kind} {old}")
    former, heir = rows[old], rows.get(new)
    if former["source"] == TOML and former["active"]:
        raise NoRename(f"{kind} {old} stands in helpdesk.toml; give it its new name there, and start the node again")
    if old == new:
        raise NoRename(f"{new} is its name already")
    if heir is not None and not heir["active"]:
        raise NoRename(f"{kind} {new} is not in force; bring it back first, by `helpdesk {kind} set {new} active=true`")
    if heir is None and (join or not former["active"]):
        raise NoRename(f"there is no {kind} {new}")
    if heir is not None and former["active"] and not join and kind is DirectoryKind.ACCOUNT:
        raise NoRename(f"account {new} is there already; `helpdesk account join {old} {new}` makes one of both")
    entries = [DirectoryEntry(kind, old, {"active": False, "heir": new})]
    if heir is None:
        names = (*shape.defaults, *shape.required, "external_id")
        values = {**{name: former[name] for name in names}, "heir": ""}
        if kind is DirectoryKind.STAFF:
            values["addresses"] = [further for further in former["addresses"] if further != new]
        entries.append(DirectoryEntry(kind, new, values))
    if kind is DirectoryKind.ACCOUNT and former["active"]:
        entries += _belongings(connection, old, new)
    return former["source"], entries


def _belongings(connection: Connection, old: str, new: str) -> list[DirectoryEntry]:
    found = []
    for kind, key in ((DirectoryKind.CONTACT, contact.c.address), (DirectoryKind.DOMAIN, account_domain.c.domain)):
        mine = select(key).where(key.table.c.account_id == old, key.table.c.active).order_by(key)
        found += [DirectoryEntry(kind, name, {"account_id": new}) for name in connection.execute(mine).scalars()]
    return found
