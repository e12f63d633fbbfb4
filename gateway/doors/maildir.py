"""Maildir folders: one file for each mail in `cur` and `new`; `tmp` has what was never finished."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

PARTS = ("cur", "new")


def is_maildir(folder: Path) -> bool:
    return any((folder / part).is_dir() for part in PARTS)


def maildirs_below(folder: Path) -> Iterator[Path]:
    """Itself and every Maildir below it, in the order of their names; links are not followed."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        if is_maildir(here):
            yield here
        below = (one for one in here.iterdir() if one.is_dir() and not one.is_symlink())
        waiting.extend(sorted((one for one in below if one.name not in (*PARTS, "tmp")), reverse=True))


def files_of(folder: Path) -> Iterator[Path]:
    for part in PARTS:
        if (folder / part).is_dir():
            yield from sorted(one for one in (folder / part).iterdir() if one.is_file() and not one.name.startswith("."))


def delivered_at(name: str) -> datetime | None:
    """The moment in a file's name, which begins with seconds since 1970."""
    seconds = name.partition(".")[0]
    if not seconds.isascii() or not seconds.isdigit() or len(seconds) > 11:
        return None
    return datetime.fromtimestamp(int(seconds), UTC)
