"""The file of an SQLite database. It is made for its owner alone, and is compared with its path before and after each commit.

A process that has a file open goes on writing to it after it was removed, moved away or replaced. A mail that is acknowledged then is lost
at the end of the process.
"""

import os
from pathlib import Path

from helpdesk.config.private_files import ensure_file

LOG = "-wal"  # appended to the name of the file


class FileGone(Exception):
    """The path of the database does not name the file that this process uses, or there is none. The text says which, and what to do."""


class DatabaseFile:
    """Knows the file that was opened first by its inode. Never opens it: closing any descriptor of it would drop SQLite's locks.

    Only if `may_create`, a missing file is made, and an empty one is used.
    """

    def __init__(self, path: Path, *, may_create: bool) -> None:
        self.path = path
        self._may_create = may_create
        self._identity: tuple[int, int] | None = None
        self._has_log = False

    @property
    def is_empty(self) -> bool:
        """Whether there is no file, or nothing in it."""
        try:
            return self.path.stat().st_size == 0
        except FileNotFoundError:
            return True

    def before_opening(self) -> None:
        """Make the file privately where that is allowed. Raises FileGone or OSError."""
        if self._identity is None and self._may_create:
            ensure_file(self.path)  # SQLite would make it by the umask
        elif self.is_empty:
            raise FileGone(self._absence())
        found = self.path.stat()
        if self._identity is None:
            self._identity = (found.st_dev, found.st_ino)
        elif self._identity != (found.st_dev, found.st_ino):
            raise FileGone(self._replacement())

    def opened(self, *, with_log: bool) -> None:
        """A connection has been opened. `with_log`: SQLite writes a log beside the file."""
        self._has_log = with_log

    def check(self, *, wrote: bool) -> None:
        """Raise FileGone if what a connection will write, or `wrote`, is not in the file that the path names."""
        if self._identity is None:
            return
        try:
            found = self.path.stat()
        except FileNotFoundError:
            raise FileGone(self._absence()) from None
        if (found.st_dev, found.st_ino) != self._identity:
            raise FileGone(self._replacement())
        if found.st_size == 0:
            raise FileGone(self._absence())
        if wrote and self._has_log and not os.path.exists(f"{self.path}{LOG}"):
            raise FileGone(f"the log {self.path}{LOG} of the database was removed; stop the node, and restore a backup")

    def _absence(self) -> str:
        what = "is empty" if self.path.exists() else "is not there"
        return f"the database file {self.path} {what}; put it back, or restore a backup; for a new desk run: helpdesk migrate"

    def _replacement(self) -> str:
        return f"the database file {self.path} was replaced while it was in use; start the node again"
