"""Changes of the directory: compared with its rows, written in one transaction, recorded, and taken back.

Every row belongs to a source: the configuration, an import, or the operator's commands. A source changes and takes away its own rows only, and
may take over an inactive row of another one. Rows are never deleted, because tickets and inbox rows refer to them; they become inactive.
The rows are compared outside the transaction that writes. That transaction is short, and begins anew if the directory has changed meanwhile.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Select, Table, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from helpdesk.store.database import Database, repeats_lost_races
from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import (
    IN_FILE,
    CleanJson,
    account,
    account_domain,
    contact,
    directory_change,
    directory_import,
    directory_version,
    json_text,
    staff,
    ticket,
)

TOML = "toml"
API = "api"
PORTION = 1000  # rows that are written with one statement
FEW = 1000  # entries up to which rows are looked up by their keys, and not all of them read
MOST_LEAVING = 50  # rows that a complete file may take away, or a tenth of all, without being asked
TRIES = 3  # comparisons outside the writing transaction before one is made inside it

Values = dict[str, Any]
Tell = Callable[[int, int], None]


class DirectoryKind(StrEnum):
    """What a row of the directory is, in the order in which rows refer to each other."""

    ACCOUNT = "account"
    DOMAIN = "domain"
    CONTACT = "contact"
    STAFF = "staff"


class ChangeWord(StrEnum):
    """What becomes of a row. A moved contact or domain belongs to another account, whose requests its author may read from then on."""

    ADDED = "added"
    CHANGED = "changed"
    MOVED = "moved"
    RENAMED = "renamed"
    BACK = "reactivated"
    GONE = "deactivated"


@dataclass(frozen=True, slots=True)
class _Shape:
    """The table of a kind, its key, the values that a source gives, and what a new row has where the source gives none."""

    table: Table
    key: str
    defaults: Mapping[str, Any]
    required: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.defaults, *self.required, "source", "external_id", "active", "updated_at")


SHAPES = {
    DirectoryKind.ACCOUNT: _Shape(
        account, "id", {"plan": "starter", "severity": "low", "calendar": "", "language": "", "zone": "", "heir": ""}
    ),
    DirectoryKind.DOMAIN: _Shape(account_domain, "domain", {}, ("account_id",)),
    DirectoryKind.CONTACT: _Shape(contact, "address", {"name": "", "account_id": None}),
    DirectoryKind.STAFF: _Shape(
        staff,
        "address",
        {
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


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """A row as its source wants it. Values that are not named stay as they are; `active` is true where it is not named.

    `place` says where the entry is written, such as "line 7".
    """

    kind: DirectoryKind
    key: str
    values: Mapping[str, Any]
    place: str = ""


@dataclass(frozen=True, slots=True)
class DirectoryChange:
    """A line of the diff. `before` is None for a new row, `after` for one that is taken out again because its adding is undone."""

    kind: DirectoryKind
    key: str
    word: ChangeWord
    before: Values | None
    after: Values | None

    @property
    def differences(self) -> dict[str, tuple[Any, Any]]:
        """The values that differ, before and after."""
        before, after = self.before or {}, self.after or {}
        names = [name for name in after or before if name != "updated_at"]
        return {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """An entry that cannot be written, and why."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class DirectoryDiff:
    """What a change would do. `leaving` counts the rows that it takes away because a complete file does not name them, of `owned` rows."""

    changes: tuple[DirectoryChange, ...] = ()
    refusals: tuple[RefusedRow, ...] = ()
    unchanged: int = 0
    leaving: int = 0
    owned: int = 0
    put_off: int = 0  # differences that are left for another time

    @property
    def counts(self) -> dict[str, int]:
        """How many lines there are of each word."""
        counted = Counter(change.word.value for change in self.changes)
        return {word.value: counted[word.value] for word in ChangeWord if counted[word.value]}


@dataclass(frozen=True, slots=True)
class DirectoryOrder:
    """A change that somebody orders. `complete` has the kinds of which the source has no other rows than these entries.

    `allowed` is the number of rows that may be taken away, where somebody has allowed it; None for what needs no leave, and -1 for any number.
    """

    source: str
    entries: Sequence[DirectoryEntry]
    complete: frozenset[DirectoryKind] = frozenset()
    allowed: int | None = None
    skip_bad: bool = False
    who: str = ""
    file: str = ""
    sha256: str = ""
    refused: tuple[RefusedRow, ...] = ()  # lines of the file that could not be read
    only_new: bool = False  # add rows that nobody has, and leave the others as they are


@dataclass(frozen=True, slots=True)
class DirectoryOutcome:
    """What became of a change: its diff, why it was refused, or the number under which it can be undone."""

    diff: DirectoryDiff
    refused: str = ""
    number: int | None = None


@dataclass(frozen=True, slots=True)
class DirectoryRecord:
    """A recorded change of the directory."""

    number: int
    source: str
    at: datetime
    who: str
    file: str
    sha256: str
    complete: bool
    counts: Mapping[str, int]
    undoes: int | None
    undone: bool = False


class _DryRun(Exception):
    """Takes a transaction back whose effects nobody wants to keep."""


class _Changed(Exception):
    """The directory has changed since the rows were compared."""


def _tell_nobody(done: int, total: int) -> None:
    return


def change_directory(
    database: Database, order: DirectoryOrder, now: datetime, *, dry_run: bool = False, tell: Tell = _tell_nobody
) -> DirectoryOutcome:
    """Compare what a source wants with what is there, and write the difference, or nothing. Raises DatabaseAway."""
    for attempt in range(TRIES):
        with database.reading() as connection:
            version = directory_version_of(connection)
            diff = compare(connection, order, now)
        reason = why_refused(order, diff)
        if reason or not diff.changes:
            return DirectoryOutcome(diff, reason)
        if attempt < TRIES - 1:
            with suppress(_Changed):
                return DirectoryOutcome(diff, number=_write(database, order, diff, now, version, dry_run=dry_run, tell=tell))
    return _write_under_lock(database, order, now, dry_run=dry_run, tell=tell)


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


def directory_version_of(connection: Connection) -> int:
    """Return how often the directory has changed."""
    return connection.execute(VERSION).scalar() or 0


VERSION = select(directory_version.c.version).where(directory_version.c.id == 1)


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
        rows = _rows(self._connection, shape, named, source if complete or kind is DirectoryKind.STAFF else None)
        former = self._former_keys(kind, entries, rows, named)
        strangers = self._unknown_accounts(kind, entries)
        for entry in entries:
            if (owner := entry.values.get("account_id")) in strangers:
                self._refusals.append(RefusedRow(entry.place, f"there is no account {owner}"))
            else:
                self._compare_entry(entry, shape, rows.get(entry.key), former.get(entry.key))
        if complete:
            self._take_away(kind, rows, named | {key for key, _ in former.values()})

    def _compare_entry(
        self, entry: DirectoryEntry, shape: _Shape, before: Values | None, former: tuple[str, Values] | None
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
        self._changes.append(DirectoryChange(entry.kind, entry.key, _word(before, after), before, after))

    def _add_entry(self, entry: DirectoryEntry, shape: _Shape, former: tuple[str, Values] | None) -> None:
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
        statement = _select(shape).where(shape.table.c.source == self._order.source, shape.table.c.active)
        return {row[shape.key]: row for row in _read(self._connection, statement) if row[mark] in wanted}

    def _unknown_accounts(self, kind: DirectoryKind, entries: Sequence[DirectoryEntry]) -> set[str]:
        if kind not in (DirectoryKind.DOMAIN, DirectoryKind.CONTACT):
            return set()
        named = (entry.values.get("account_id") for entry in entries if entry.values.get("active", True))
        owners: set[str] = {owner for owner in named if owner is not None}
        unsure = {owner for owner in owners if owner not in self._new_accounts}
        known = {row.id for row in rows_among(self._connection, KNOWN_ACCOUNTS, unsure)}
        gone = {owner for owner in owners if self._new_accounts.get(owner) is False}
        return (unsure - known) | gone


KNOWN_ACCOUNTS = select(account.c.id).where(among(account.c.id), account.c.active)


def _word(before: Values, after: Values) -> ChangeWord:
    if before["active"] != after["active"]:
        return ChangeWord.BACK if after["active"] else ChangeWord.GONE
    if "account_id" in before and before["account_id"] not in (None, after["account_id"]):
        return ChangeWord.MOVED
    return ChangeWord.CHANGED


def _select(shape: _Shape) -> Select[Any]:
    return select(shape.table.c[shape.key], *(shape.table.c[name] for name in shape.columns))


def _read(connection: Connection, statement: Select[Any], values: Collection[str] | None = None) -> Iterator[Values]:
    """Read rows as they are recorded: moments as text, so that a row may go into a column of JSON."""
    rows = connection.execute(statement) if values is None else rows_among(connection, statement, values)
    for row in rows:
        found = dict(row._mapping)
        if found["updated_at"] is not None:
            found["updated_at"] = found["updated_at"].isoformat()
        yield found


def _rows(connection: Connection, shape: _Shape, keys: Collection[str], of_source: str | None) -> dict[str, Values]:
    """Return the rows with these keys, and with `of_source` all rows of that source too. More rows may be among them."""
    key = shape.table.c[shape.key]
    if len(keys) > FEW:
        return _by_key(_read(connection, _select(shape)), shape)
    found = _by_key(_read(connection, _select(shape).where(among(key)), keys), shape)
    if of_source is not None:
        own = IN_FILE if of_source == TOML else shape.table.c.source == of_source
        found |= _by_key(_read(connection, _select(shape).where(own)), shape)
    return found


def _by_key(rows: Iterable[Values], shape: _Shape) -> dict[str, Values]:
    return {row.pop(shape.key): row for row in rows}


@repeats_lost_races
def _write(
    database: Database, order: DirectoryOrder, diff: DirectoryDiff, now: datetime, version: int, *, dry_run: bool, tell: Tell
) -> int | None:
    """Write a diff if the directory is still of this version. Return the number of the change, or None after a dry run."""
    number = None
    with database.reading() as connection:
        writes = _writes_of(diff, connection.dialect)
    with suppress(_DryRun), database.writing() as connection:
        if _lock_version(connection) != version:
            raise _Changed
        number = _apply(connection, order, diff, writes, now, tell)
        if dry_run:
            raise _DryRun
    return None if dry_run else number


@repeats_lost_races
def _write_under_lock(database: Database, order: DirectoryOrder, now: datetime, *, dry_run: bool, tell: Tell) -> DirectoryOutcome:
    """Compare and write in one transaction, because the directory changes too often for the two to be apart."""
    outcome = DirectoryOutcome(DirectoryDiff())
    with suppress(_DryRun), database.writing() as connection:
        _lock_version(connection)
        diff = compare(connection, order, now)
        reason = why_refused(order, diff)
        if reason or not diff.changes:
            return DirectoryOutcome(diff, reason)
        writes = _writes_of(diff, connection.dialect)
        outcome = DirectoryOutcome(diff, number=_apply(connection, order, diff, writes, now, tell))
        if dry_run:
            outcome = DirectoryOutcome(diff)
            raise _DryRun
    return outcome


def _lock_version(connection: Connection) -> int:
    """Let no other change of the directory begin before the end of this transaction. Return the directory's version."""
    connection.execute(_dialect(connection).insert(directory_version).values(id=1, version=0).on_conflict_do_nothing())
    return int(connection.execute(VERSION.with_for_update()).scalar_one())


@dataclass(frozen=True, slots=True)
class _Write:
    """The rows of one kind that are written, as the driver takes them."""

    statement: str
    rows: Sequence[tuple[Any, ...]]


def _writes_of(diff: DirectoryDiff, dialect: Dialect) -> list[_Write]:
    """Make everything ready that the writing transaction writes, so that it is short: nobody else writes on SQLite meanwhile."""
    found = []
    for kind, shape in SHAPES.items():
        changed = [change for change in diff.changes if change.kind is kind and change.after is not None]
        if changed:
            names = (shape.key, *shape.columns)
            ready = [(name, _processor(shape.table.c[name], dialect)) for name in names]
            rows = ({shape.key: change.key, **_as_columns(change.after or {})} for change in changed)
            written = [tuple(make(row[name]) for name, make in ready) for row in rows]
            found.append(_Write(_upsert(shape, names, dialect), written))
    return found


def _processor(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any]:
    """What makes of a value of a column the value that the driver takes."""
    if dialect.name == "postgresql" and isinstance(column.type, CleanJson):
        return json_text
    return column.type.dialect_impl(dialect).bind_processor(dialect) or _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _upsert(shape: _Shape, names: Sequence[str], dialect: Dialect) -> str:
    mark = "?" if dialect.name == "sqlite" else "%s"
    marks = [
        f"{mark}::jsonb" if dialect.name == "postgresql" and isinstance(shape.table.c[name].type, CleanJson) else mark
        for name in names
    ]
    changing = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    return (
        f"INSERT INTO {shape.table.name} ({', '.join(names)}) VALUES ({', '.join(marks)}) "
        f"ON CONFLICT ({shape.key}) DO UPDATE SET {changing}"
    )


def _apply(
    connection: Connection,
    order: DirectoryOrder,
    diff: DirectoryDiff,
    writes: Sequence[_Write],
    now: datetime,
    tell: Tell,
    undoes: int | None = None,
) -> int:
    done = 0
    for write in writes:
        for start in range(0, len(write.rows), PORTION):
            part = write.rows[start : start + PORTION]
            connection.exec_driver_sql(write.statement, list(part))
            done += len(part)
            tell(done, len(diff.changes))
    for kind in reversed(DirectoryKind):
        keys = [change.key for change in diff.changes if change.kind is kind and change.after is None]
        if keys:
            rows_gone = delete(SHAPES[kind].table).where(among(SHAPES[kind].table.c[SHAPES[kind].key]))
            connection.execute(rows_gone, {"values": keys})
    values = {
        "source": order.source,
        "at": now,
        "who": order.who,
        "file": order.file,
        "sha256": order.sha256,
        "complete": bool(order.complete),
        "counts": diff.counts,
        "undoes": undoes,
    }
    number = int(connection.execute(insert(directory_import).values(**values).returning(directory_import.c.id)).scalar_one())
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    new = [(number, change.kind.value, change.key) for change in diff.changes if change.before is None]
    for start in range(0, len(new), PORTION):
        statement = f"INSERT INTO directory_change (import_id, kind, key) VALUES ({mark}, {mark}, {mark})"
        connection.exec_driver_sql(statement, new[start : start + PORTION])
    rows = [
        {"import_id": number, "kind": change.kind.value, "key": change.key, "before": change.before}
        for change in diff.changes
        if change.before is not None
    ]
    for start in range(0, len(rows), PORTION):
        connection.execute(insert(directory_change), rows[start : start + PORTION])
    connection.execute(update(directory_version).values(version=directory_version.c.version + 1))
    return number


def _as_columns(row: Values) -> Values:
    moment = row["updated_at"]
    return {**row, "updated_at": None if moment is None else datetime.fromisoformat(moment)}


def _dialect(connection: Connection) -> Any:
    return {"sqlite": sqlite, "postgresql": postgresql}[connection.dialect.name]


# Undoing


@repeats_lost_races
def undo_change(database: Database, number: int, now: datetime, *, who: str = "", dry_run: bool = False) -> DirectoryOutcome:
    """Restore every row that a change touched, as it was before, unless something newer has touched one of them: then nothing.

    A row that the change added is taken out again. An account, or a staff member, that tickets or other rows name stays and becomes inactive.
    Raises DatabaseAway.
    """
    with database.reading() as connection:
        record = connection.execute(select(directory_import).where(directory_import.c.id == number)).first()
    if record is None:
        return DirectoryOutcome(DirectoryDiff(), f"there is no change {number} of the directory; `changes` lists them")
    restored: int | None = None
    with suppress(_DryRun), database.writing() as connection:
        _lock_version(connection)
        diff = _diff_of_undo(connection, number, now)
        if diff.refusals:
            reason = f"{len(diff.refusals)} rows were changed again after change {number}, so nothing was undone"
            return DirectoryOutcome(diff, reason)
        order = DirectoryOrder(record.source, (), who=who, file=record.file, sha256=record.sha256)
        restored = _apply(connection, order, diff, _writes_of(diff, connection.dialect), now, _tell_nobody, undoes=number)
        if dry_run:
            raise _DryRun
    return DirectoryOutcome(diff, number=None if dry_run else restored)


def _diff_of_undo(connection: Connection, number: int, now: datetime) -> DirectoryDiff:
    later = directory_change.alias()
    newer = select(func.max(later.c.import_id)).where(
        later.c.kind == directory_change.c.kind, later.c.key == directory_change.c.key
    )
    statement = select(directory_change, newer.scalar_subquery().label("newest")).where(directory_change.c.import_id == number)
    touched = connection.execute(statement).all()
    refusals = [
        RefusedRow(f"{row.kind} {row.key}", f"change {row.newest} has touched it since") for row in touched if row.newest > number
    ]
    if refusals:
        return DirectoryDiff(refusals=tuple(refusals))
    before = {(DirectoryKind(row.kind), row.key): row.before for row in touched}
    present = {
        (kind, key): row
        for kind in DirectoryKind
        for key, row in _rows(connection, SHAPES[kind], {key for of, key in before if of is kind}, None).items()
        if (kind, key) in before
    }
    named = _named_elsewhere(connection, before)
    changes = []
    for (kind, key), row in before.items():
        now_there = present.get((kind, key))
        after = row
        if row is None and now_there is not None and key in named.get(kind, ()):
            after = {**now_there, "active": False, "updated_at": now.isoformat()}
        changes.append(DirectoryChange(kind, key, _word_of_undo(now_there, after), now_there, after))
    return DirectoryDiff(tuple(changes))


def _word_of_undo(before: Values | None, after: Values | None) -> ChangeWord:
    if after is None or before is None:
        return ChangeWord.GONE if after is None else ChangeWord.ADDED
    return _word(before, after)


def _named_elsewhere(
    connection: Connection, before: Mapping[tuple[DirectoryKind, str], Values | None]
) -> dict[DirectoryKind, set[str]]:
    """Return which of the added accounts and staff are named by tickets, or by rows that stay."""
    added = {kind: {key for (of, key), row in before.items() if of is kind and row is None} for kind in DirectoryKind}
    accounts, people = added[DirectoryKind.ACCOUNT], added[DirectoryKind.STAFF]
    found = {row.account for row in rows_among(connection, ACCOUNTS_OF_TICKETS, accounts)}
    for kind, statement in ((DirectoryKind.CONTACT, ACCOUNTS_OF_CONTACTS), (DirectoryKind.DOMAIN, ACCOUNTS_OF_DOMAINS)):
        found |= {row.account_id for row in rows_among(connection, statement, accounts) if row.key not in added[kind]}
    of_staff = {row.assignee for row in rows_among(connection, ASSIGNEES, people)}
    return {DirectoryKind.ACCOUNT: found, DirectoryKind.STAFF: of_staff}


ACCOUNTS_OF_TICKETS = select(ticket.c.account).where(among(ticket.c.account)).distinct()
ACCOUNTS_OF_CONTACTS = select(contact.c.account_id, contact.c.address.label("key")).where(among(contact.c.account_id))
ACCOUNTS_OF_DOMAINS = select(account_domain.c.account_id, account_domain.c.domain.label("key")).where(
    among(account_domain.c.account_id)
)
ASSIGNEES = select(ticket.c.assignee).where(among(ticket.c.assignee)).distinct()


def recorded_changes(connection: Connection, limit: int) -> list[DirectoryRecord]:
    """Return the newest recorded changes of the directory, the newest first."""
    undone = select(directory_import.c.undoes).where(directory_import.c.undoes.is_not(None))
    gone = set(connection.execute(undone).scalars())
    statement = select(directory_import).order_by(directory_import.c.id.desc()).limit(limit)
    return [
        DirectoryRecord(
            row.id, row.source, row.at, row.who, row.file, row.sha256, row.complete, row.counts, row.undoes, row.id in gone
        )
        for row in connection.execute(statement)
    ]
