"""Maildir folders: one file for each mail in `cur` and `new`; `tmp` has what was never finished. No link below the given folder is followed."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from helpdesk.gateway.doors.regular_files import folder_below, kind_of

PARTS = ("cur", "new")


@dataclass(frozen=True, slots=True)
class MaildirEntry:
    """One name in `cur` or `new`. `fault` says why it is no mail, and is "" for a regular file."""

    names: tuple[str, str]
    fault: str = ""


def is_maildir(folder: Path) -> bool:
    """Whether the folder has `cur` or `new`."""
    return any(_is_folder(folder / part) for part in PARTS)


def maildirs_below(folder: Path) -> Iterator[tuple[str, ...]]:
    """The Maildirs at and below a folder, each as the names that lead to it, in the order of the names. Links are not
    followed. Raise OSError.
    """
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        names = waiting.pop()
        here = folder.joinpath(*names)
        if is_maildir(here):
            yield names
        below = (place.name for place in here.iterdir() if _is_folder(place))
        waiting.extend((*names, name) for name in sorted((name for name in below if name not in (*PARTS, "tmp")), reverse=True))


def entries_of(root: Path, *names: str) -> Iterator[MaildirEntry]:
    """The entries of `cur` and `new` of a Maildir, in the order of their names. Raise OSError.

    Names that begin with a dot are a mail server's own files and are left out.
    """
    for part in PARTS:
        here = root.joinpath(*names, part)
        if not os.path.lexists(here):
            continue
        if not _is_folder(here):
            yield MaildirEntry((part, ""), "it is a link or no folder")
            continue
        with folder_below(root, *names, part) as folder:
            for name in sorted(name for name in os.listdir(folder) if not name.startswith(".")):
                yield MaildirEntry((part, name), _fault(name, folder))


def _fault(name: str, folder: int) -> str:
    try:
        found = kind_of(os.lstat(name, dir_fd=folder).st_mode)
    except OSError as fault:
        return fault.strerror or str(fault)
    return f"it is {found}" if found else ""


def _is_folder(path: Path) -> bool:
    """Whether the path is a folder, and not a link to one."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def delivered_at(name: str) -> datetime | None:
    """The moment of delivery that begins a file's name as seconds since 1970; None where there is none."""
    seconds = name.partition(".")[0]
    if not seconds.isascii() or not seconds.isdigit() or len(seconds) > 11:
        return None
    return datetime.fromtimestamp(int(seconds), UTC)
