"""Changes of the directory as values: what a source wants, how that differs from what is there, and what became of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from helpdesk.store.directory.rows import DirectoryKind, Values


class ChangeWord(StrEnum):
    """What becomes of a row. A moved contact or domain belongs to another account, whose requests its author may read from then on."""

    ADDED = "added"
    CHANGED = "changed"
    MOVED = "moved"
    RENAMED = "renamed"
    BACK = "reactivated"
    GONE = "deactivated"


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


def word_of_change(before: Values, after: Values) -> ChangeWord:
    if before["active"] != after["active"]:
        return ChangeWord.BACK if after["active"] else ChangeWord.GONE
    if "account_id" in before and before["account_id"] not in (None, after["account_id"]):
        return ChangeWord.MOVED
    return ChangeWord.CHANGED
