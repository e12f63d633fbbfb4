"""Comparing what a source wants of the directory with the rows that are there. Nothing is written here.

A source changes and takes away its own rows only, and may take over an inactive row of another one.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from helpdesk.store.directory.change import (
    ChangeWord,
    DirectoryChange,
    DirectoryDiff,
    DirectoryEntry,
    DirectoryOrder,
    RefusedRow,
    word_of_change,
)
from helpdesk.store.directory.rows import SHAPES, TOML, DirectoryKind, RowShape, Values, read_rows, rows_of_keys, select_rows
from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import account, staff

MOST_LEAVING = 50  # rows that a complete file may take away, or a tenth of all, without being asked


def why_refused(order: DirectoryOrder, diff: DirectoryDiff) -> str:
    """Why nothing of a change is written; "" if it may be."""
    bad = len(diff.refusals)
    if bad and not order.skip_bad:
        return f"{bad} lines cannot be taken, so nothing was changed; correct them, or leave them out by --skip-bad"
    many = diff.leaving > MOST_LEAVING or diff.leaving * 10 > diff.owned
    if order.allowed is None and many:
        return (
            f"{diff.leaving} of the {diff.owned} rows of {order.source} would be taken away, so nothing was changed; "
            f"if that is right, say --allow-removals {diff.leaving}"
        )
    if order.allowed not in (None, -1, diff.leaving):
        return f"{diff.leaving} rows would be taken away and {order.allowed} are allowed, so nothing was changed"
    return ""


def compare(connection: Connection, order: DirectoryOrder, now: datetime) -> DirectoryDiff:
    """Compare entries with the rows that are there. Nothing is written."""
    comparison = _Comparison(connection, order, now)
    for kind in DirectoryKind:
        entries = [entry for entry in order.entries if entry.kind is kind]
        if entries or kind in order.complete:
            comparison.add(kind, entries)
    return comparison.diff()


class _Comparison:
    """Compares the entries of one kind after the other. Accounts come first, because domains and contacts refer to them."""

    def __init__(self, connection: Connection, order: DirectoryOrder, now: datetime) -> None:
        self._connection = connection
        self._order = order
        self._now = now.isoformat()
        self._changes: list[DirectoryChange] = []
        self._refusals = list(order.refused)
        self._unchanged = self._leaving = self._owned = 0
        self._new_accounts: dict[str, bool] = {}  # accounts that the entries name, and whether they are in force afterwards

    def diff(self) -> DirectoryDiff:
        changes = tuple(self._changes)
        put_off = 0
        if self._order.only_new:
            changes = tuple(change for change in changes if change.word is ChangeWord.ADDED)
            put_off = len(self._changes) - len(changes)
        return DirectoryDiff(changes, tuple(self._refusals), self._unchanged, self._leaving, self._owned, put_off)

    def add(self, kind: DirectoryKind, entries: Sequence[DirectoryEntry]) -> None:
        shape, source = SHAPES[kind], self._order.source
        complete = kind in self._order.complete
        named = {entry.key for entry in entries}
        rows = rows_of_keys(self._connection, shape, named, source if complete or kind is DirectoryKind.STAFF else None)
        former = self._former_keys(kind, entries, rows, named)
        strangers = self._unknown_accounts(kind, entries)
        taken = self._taken_addresses(kind, entries, rows, former)
        for entry in entries:
            if entry.key in taken:
                self._refusals.append(RefusedRow(entry.place, taken[entry.key]))
            elif (owner := entry.values.get("account_id")) in strangers:
                self._refusals.append(RefusedRow(entry.place, f"there is no account {owner}"))
            else:
                self._compare_entry(entry, shape, rows.get(entry.key), former.get(entry.key))
        if complete:
            self._take_away(kind, rows, named | {key for key, _ in former.values()})

    def _compare_entry(
        self, entry: DirectoryEntry, shape: RowShape, before: Values | None, former: tuple[str, Values] | None
    ) -> None:
        source = self._order.source
        if before is not None and before["active"] and before["source"] != source:
            owner = before["source"]
            reason = f"{entry.kind} {entry.key} belongs to {owner}, and {source} does not change it"
            self._refusals.append(RefusedRow(entry.place, reason))
            return
        if entry.kind is DirectoryKind.ACCOUNT:
            self._new_accounts[entry.key] = bool(entry.values.get("active", True))
        if before is None:
            self._add_entry(entry, shape, former)
            return
        wanted = {"active": True, **entry.values, "source": source}
        if all(before[name] == value for name, value in wanted.items()):
            self._unchanged += 1
            return
        if not before["active"] and wanted["active"] and "heir" in before:
            wanted.setdefault("heir", "")
        after = {**before, **wanted, "updated_at": self._now}
        self._changes.append(DirectoryChange(entry.kind, entry.key, word_of_change(before, after), before, after))

    def _add_entry(self, entry: DirectoryEntry, shape: RowShape, former: tuple[str, Values] | None) -> None:
        base: Values = {name: list(value) if isinstance(value, tuple) else value for name, value in shape.defaults.items()}
        word = ChangeWord.ADDED
        if former is not None:
            key, row = former
            base |= {name: row[name] for name in (*shape.defaults, *shape.required)}
            word = ChangeWord.RENAMED
            gone = {**row, "active": False, "updated_at": self._now}
            if "heir" in row:
                gone["heir"] = entry.key
            self._changes.append(DirectoryChange(entry.kind, key, ChangeWord.GONE, row, gone))
        lacking = [name for name in shape.required if name not in entry.values and name not in base]
        if lacking:
            self._refusals.append(RefusedRow(entry.place, f"a new {entry.kind} needs {' and '.join(lacking)}"))
            return
        fixed = {"source": self._order.source, "external_id": None, "active": True}
        after = {**base, **fixed, **entry.values, "updated_at": self._now}
        self._changes.append(DirectoryChange(entry.kind, entry.key, word, None, after))

    def _take_away(self, kind: DirectoryKind, rows: Mapping[str, Values], kept: Collection[str]) -> None:
        own = {key: row for key, row in rows.items() if row["active"] and row["source"] == self._order.source}
        self._owned += len(own)
        for key, row in own.items():
            if key not in kept:
                self._leaving += 1
                after = {**row, "active": False, "updated_at": self._now}
                self._changes.append(DirectoryChange(kind, key, ChangeWord.GONE, row, after))

    def _former_keys(
        self, kind: DirectoryKind, entries: Sequence[DirectoryEntry], rows: Mapping[str, Values], named: Collection[str]
    ) -> dict[str, tuple[str, Values]]:
        """Return for new entries the row of the same person or account, which the source has under another key that it names no more.

        They are the same by their external id. Staff in the configuration have none, so that their name tells.
        """
        new = [entry for entry in entries if entry.key not in rows]
        mark = "name" if self._order.source == TOML and kind is DirectoryKind.STAFF else "external_id"
        wanted = Counter(entry.values[mark] for entry in new if entry.values.get(mark))
        if not wanted:
            return {}
        others = rows if kind in self._order.complete or mark == "name" else self._rows_marked(kind, mark, wanted)
        left: dict[Any, list[tuple[str, Values]]] = {}
        for key, row in others.items():
            if row["active"] and row["source"] == self._order.source and key not in named and row[mark] in wanted:
                left.setdefault(row[mark], []).append((key, row))
        found = {}
        for entry in new:
            same = left.get(entry.values.get(mark), [])
            if len(same) == 1 and wanted[entry.values[mark]] == 1:
                found[entry.key] = same[0]
        return found

    def _rows_marked(self, kind: DirectoryKind, mark: str, wanted: Collection[Any]) -> dict[str, Values]:
        shape = SHAPES[kind]
        statement = select_rows(shape).where(shape.table.c.source == self._order.source, shape.table.c.active)
        return {row[shape.key]: row for row in read_rows(self._connection, statement) if row[mark] in wanted}

    def _taken_addresses(
        self,
        kind: DirectoryKind,
        entries: Sequence[DirectoryEntry],
        rows: Mapping[str, Values],
        former: Mapping[str, tuple[str, Values]],
    ) -> dict[str, str]:
        if kind is not DirectoryKind.STAFF:
            return {}
        coming = {
            entry.key: entry.values.get("addresses", rows[entry.key]["addresses"] if entry.key in rows else ())
            for entry in entries
            if entry.values.get("active", True)
        }
        going = {entry.key for entry in entries} | {key for key, _ in former.values()}
        if kind in self._order.complete:
            going |= {key for key, row in rows.items() if row["source"] == self._order.source}
        return clashes_of_staff(self._connection, coming, going)

    def _unknown_accounts(self, kind: DirectoryKind, entries: Sequence[DirectoryEntry]) -> set[str]:
        if kind not in (DirectoryKind.DOMAIN, DirectoryKind.CONTACT):
            return set()
        named = (entry.values.get("account_id") for entry in entries if entry.values.get("active", True))
        owners: set[str] = {owner for owner in named if owner is not None}
        unsure = {owner for owner in owners if owner not in self._new_accounts}
        known = {row.id for row in rows_among(self._connection, KNOWN_ACCOUNTS, unsure)}
        gone = {owner for owner in owners if self._new_accounts.get(owner) is False}
        return (unsure - known) | gone


def clashes_of_staff(connection: Connection, coming: Mapping[str, Sequence[str]], going: Collection[str]) -> dict[str, str]:
    """Return why staff rows cannot be in force, by their key: an address of theirs is that of another member.

    `coming` has the further addresses of the rows that will be in force, `going` the keys of those that will not, or will be others.
    """
    owners: dict[str, str] = {}
    for row in connection.execute(ADDRESSES_OF_STAFF):
        if row.address not in going:
            owners |= dict.fromkeys((row.address, *row.addresses), row.address)
    found = {}
    for key, further in coming.items():
        clash = next((address for address in (key, *further) if owners.get(address, key) != key), None)
        if clash is None:
            owners |= dict.fromkeys((key, *further), key)
        else:
            found[key] = f"{clash} is an address of {owners[clash]}; an address belongs to one member of staff"
    return found


ADDRESSES_OF_STAFF = select(staff.c.address, staff.c.addresses).where(staff.c.active).order_by(staff.c.address)
KNOWN_ACCOUNTS = select(account.c.id).where(among(account.c.id), account.c.active)
