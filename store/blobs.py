"""A blob store: a folder of large contents, each in a file that is named by its SHA-256."""

import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from helpdesk.config.private_files import make_folder, sync_folder, write_new

MARK = "helpdesk-blobs"  # a file in the folder; without it the folder is another one, such as the empty place of a file system that is not mounted
DESK = "helpdesk-desk"  # a file in the folder with the id of the desk to which it belongs
DOOMED = ".doomed"  # appended to the name of a content that is being removed
LENGTH = 64
EXPLANATION = b"A folder of blobs of helpdesk. This file shows that the folder is there: keep it, also in backups.\n"


class BlobDamaged(Exception):
    """The SHA-256 of a stored file no longer matches its name, because the disk changed its content."""


class BlobsAway(OSError):
    """The folder of blobs is not there, or is not the one that the desk began with. Nothing is stored in its place."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            errno.ENOENT, f"the folder of blobs is away: {folder} has no file {MARK}; mount it, put it back, or restore a backup"
        )

    def __str__(self) -> str:
        return str(self.args[1])


class BlobStore:
    """Stores contents by SHA-256 in one folder with one level of sub-folders. A stored file is never overwritten or changed.

    A store that `must_be_there` makes no new folder by itself: contents in a new folder would be hidden when the right one is back. Such a
    store begins with `begin`.
    """

    def __init__(self, folder: Path, *, must_be_there: bool = False) -> None:
        self._folder = folder
        self._must_be_there = must_be_there
        self._durable: set[Path] = set()  # sub-folders whose names this process has brought to the disk

    @property
    def is_there(self) -> bool:
        """Whether the folder has its mark or contents. An operator may restore the contents without the mark; `begin` writes it again."""
        return (self._folder / MARK).exists() or any(self._folder.glob("[0-9a-f][0-9a-f]/"))

    def begin(self) -> None:
        """Make the folder and its mark durably. Raises OSError."""
        make_folder(self._folder)
        with suppress(FileExistsError):
            write_new(self._folder / MARK, EXPLANATION, durably=True)
        sync_folder(self._folder)

    @property
    def folder(self) -> Path:
        return self._folder

    @property
    def desk(self) -> str:
        """The id of the desk to which the folder belongs; "" where it has none. Raises OSError."""
        try:
            return (self._folder / DESK).read_text("ascii", "replace").strip()
        except FileNotFoundError:
            return ""

    def belong_to(self, desk: str) -> None:
        """Write the id of a desk into the folder, durably. Raises OSError."""
        if self.desk == desk:
            return
        (self._folder / DESK).unlink(missing_ok=True)
        with suppress(FileExistsError):  # another node of the desk has just done it
            write_new(self._folder / DESK, f"{desk}\n".encode(), durably=True)
        sync_folder(self._folder)

    def put(self, content: bytes) -> str:
        """Store a content and return its SHA-256 in hex. The content is on the disk when this returns. Raises OSError."""
        self._need_folder()
        sha256 = hashlib.sha256(content).hexdigest()
        target = self._path(sha256)
        self._make_folder(target.parent)
        if not _refresh(target):
            _write_durably(target, content)
        # The folder is synced even when the file exists: the process that wrote the file may have died before this line.
        sync_folder(target.parent)
        return sha256

    def get(self, sha256: str) -> bytes:
        """Return a content whose SHA-256 has been checked. Raises OSError if the file cannot be read, BlobDamaged if the check fails."""
        try:
            content = self._path(sha256).read_bytes()
        except FileNotFoundError:
            self._need_folder()
            raise
        if hashlib.sha256(content).hexdigest() != sha256:
            raise BlobDamaged(f"{self._path(sha256)}: the content does not match its name; restore it from a backup")
        return content

    def has(self, sha256: str) -> bool:
        """Whether there is a file of this name. Its content is not looked at."""
        return self._path(sha256).exists()

    def names(self) -> Iterator[str]:
        """The SHA-256 of every content, in their order. Those of one sub-folder are read at a time."""
        for folder in sorted(self._folder.glob("[0-9a-f][0-9a-f]/")):
            yield from sorted({path.name[:LENGTH] for path in folder.iterdir() if len(path.name.removesuffix(DOOMED)) == LENGTH})

    def discard(self, sha256: str, older_than: float) -> bool:
        """Remove a content that was last put before the POSIX time `older_than`. Return whether it is gone. Raises OSError.

        The caller has seen that no row refers to it. A writer that puts it again at this moment finds its file renamed and writes it anew, or
        has made it younger before, and then it gets its name back.
        """
        target = self._path(sha256)
        doomed = target.with_name(f"{sha256}{DOOMED}")
        with suppress(FileNotFoundError):
            target.rename(doomed)
        try:
            is_old = doomed.stat().st_mtime < older_than
        except FileNotFoundError:
            return True
        if is_old:
            doomed.unlink(missing_ok=True)
            sync_folder(doomed.parent)
            return True
        doomed.rename(target)
        return False

    def is_doomed(self, sha256: str) -> bool:
        """Whether a process died while it removed this content."""
        target = self._path(sha256)
        return target.with_name(f"{sha256}{DOOMED}").exists() and not target.exists()

    def keep(self, sha256: str) -> None:
        """Give a content its name back that a process was removing when it died."""
        target = self._path(sha256)
        with suppress(FileNotFoundError):
            target.with_name(f"{sha256}{DOOMED}").rename(target)

    def sweep(self, older_than: float) -> int:
        """Remove the unfinished files of writers that died: those last changed before the POSIX time `older_than`. Return their number."""
        leftovers = [path for path in self._folder.glob("*/*.tmp") if path.stat().st_mtime < older_than]
        for path in leftovers:
            path.unlink(missing_ok=True)
        return len(leftovers)

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def _need_folder(self) -> None:
        if self._must_be_there and not self.is_there:
            raise BlobsAway(self._folder)

    def _make_folder(self, folder: Path) -> None:
        """Make a sub-folder whose name is on the disk. Another process may have made it and not have synced it yet."""
        if folder not in self._durable or not folder.exists():
            make_folder(folder)
            sync_folder(folder.parent)
            self._durable.add(folder)


def _refresh(target: Path) -> bool:
    """Set the time of a stored content to now, so that no other process discards it. Return False if there is no such content."""
    try:
        os.utime(target)
    except FileNotFoundError:
        return False
    return True


def _write_durably(target: Path, content: bytes) -> None:
    unfinished = target.with_name(f"{target.name}.{secrets.token_hex(8)}.tmp")
    try:
        write_new(unfinished, content, durably=True)
        unfinished.rename(target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
