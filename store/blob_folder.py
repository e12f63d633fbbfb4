"""A blob store in a folder: each content is a file that is named by its SHA-256, and each note a file beside them."""

import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from helpdesk.config.private_files import make_folder, open_private, sync_folder, write_new, write_private
from helpdesk.store.blobs import DESK, LENGTH, MARK, BlobDamaged, BlobsAway, BlobStore, IncomingBlob, NoteStore

DOOMED = ".doomed"  # appended to the name of a content that is being removed
INCOMING = "incoming"  # a sub-folder for contents that are not whole yet
PROBE = b"probe" * 1024
EXPLANATION = b"A folder of blobs of helpdesk. This file shows that the folder is there: keep it, also in backups.\n"


class NoteFolder(NoteStore):
    """A folder with one file for each note."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def note(self, name: str) -> bytes | None:
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def write_note(self, name: str, content: bytes, *, durably: bool = True) -> None:
        make_folder(self._folder)
        unfinished = self._folder / f"{name}.{secrets.token_hex(4)}"
        try:
            write_private(unfinished, content, durably=durably)
            unfinished.replace(self._folder / name)
        finally:
            unfinished.unlink(missing_ok=True)
        if durably:
            sync_folder(self._folder)

    def written_at(self, name: str) -> float | None:
        try:
            return (self._folder / name).stat().st_mtime
        except FileNotFoundError:
            return None


class BlobFolder(NoteFolder, BlobStore):
    """Stores contents by SHA-256 in one folder with one level of sub-folders. A stored file is never overwritten or changed.

    A store that `must_be_there` makes no new folder by itself: contents in a new folder would be hidden when the right one is back. Such a
    store begins with `begin`.
    """

    def __init__(self, folder: Path, *, must_be_there: bool = False) -> None:
        super().__init__(folder)
        self.place = str(folder)
        self._must_be_there = must_be_there
        self._durable: set[Path] = set()  # sub-folders whose names this process has brought to the disk

    @property
    def is_there(self) -> bool:
        return (self._folder / MARK).exists() or any(self._folder.glob("[0-9a-f][0-9a-f]/"))

    def begin(self) -> None:
        make_folder(self._folder)
        with suppress(FileExistsError):
            write_new(self._folder / MARK, EXPLANATION, durably=True)
        sync_folder(self._folder)

    def belong_to(self, desk: str) -> None:
        if self.desk == desk:
            return
        (self._folder / DESK).unlink(missing_ok=True)
        with suppress(FileExistsError):  # another node of the desk has just done it
            write_new(self._folder / DESK, f"{desk}\n".encode(), durably=True)
        sync_folder(self._folder)

    def put(self, content: bytes) -> str:
        self._need_folder()
        sha256 = hashlib.sha256(content).hexdigest()
        target = self._path(sha256)
        self._make_folder(target.parent)
        if not _refresh(target):
            _write_durably(target, content)
        # The folder is synced even when the file exists: the process that wrote the file may have died before this line.
        sync_folder(target.parent)
        return sha256

    def incoming(self) -> "IncomingFile":
        self._need_folder()
        folder = self._folder / INCOMING
        self._make_folder(folder)
        return IncomingFile(self, folder / f"{secrets.token_hex(8)}.tmp")

    def take_file(self, file: Path, sha256: str) -> None:
        """Store a content that stands in a file of this folder, durably. The file goes. Raises OSError."""
        target = self._path(sha256)
        self._make_folder(target.parent)
        if _refresh(target):
            file.unlink()
        else:
            file.rename(target)
        sync_folder(target.parent)

    def get(self, sha256: str) -> bytes:
        try:
            content = self._path(sha256).read_bytes()
        except FileNotFoundError:
            self._need_folder()
            raise
        if hashlib.sha256(content).hexdigest() != sha256:
            raise BlobDamaged(f"{self._path(sha256)}: the content does not match its name; restore it from a backup")
        return content

    def size_of(self, sha256: str) -> int | None:
        try:
            return self._path(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def names(self) -> Iterator[str]:
        # Those of one sub-folder are read at a time.
        for folder in sorted(self._folder.glob("[0-9a-f][0-9a-f]/")):
            yield from sorted({path.name[:LENGTH] for path in folder.iterdir() if len(path.name.removesuffix(DOOMED)) == LENGTH})

    def discard(self, sha256: str, older_than: float) -> bool:
        # A writer that puts it again at this moment finds its file renamed and writes it anew, or has made it younger before, and then it
        # gets its name back.
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
        target = self._path(sha256)
        return target.with_name(f"{sha256}{DOOMED}").exists() and not target.exists()

    def keep(self, sha256: str) -> None:
        target = self._path(sha256)
        with suppress(FileNotFoundError):
            target.with_name(f"{sha256}{DOOMED}").rename(target)

    def sweep(self, older_than: float) -> int:
        leftovers = [path for path in self._folder.glob("*/*.tmp") if path.stat().st_mtime < older_than]
        for path in leftovers:
            path.unlink(missing_ok=True)
        return len(leftovers)

    def try_writing(self) -> None:
        if self._folder.exists():  # one that is away is another trouble, and its place stays empty
            try_writing(self._folder)

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def _need_folder(self) -> None:
        if self._must_be_there and not self.is_there:
            raise BlobsAway(
                errno.ENOENT,
                f"the folder of blobs is away: {self._folder} has no file {MARK}; mount it, put it back, or restore a backup",
            )

    def _make_folder(self, folder: Path) -> None:
        """Make a sub-folder whose name is on the disk. Another process may have made it and not have synced it yet."""
        if folder not in self._durable or not folder.exists():
            make_folder(folder)
            sync_folder(folder.parent)
            self._durable.add(folder)


class IncomingFile(IncomingBlob):
    """A file beside the contents, which gets the name of its SHA-256 when it is whole. `sweep` removes those of writers that died."""

    def __init__(self, store: BlobFolder, path: Path) -> None:
        self._store, self._path = store, path
        self._hash = hashlib.sha256()
        self._file = os.fdopen(open_private(path, os.O_EXCL), "wb")

    def write(self, piece: bytes) -> None:
        self._hash.update(piece)
        self._file.write(piece)

    def keep(self) -> str:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        sha256 = self._hash.hexdigest()
        self._store.take_file(self._path, sha256)
        return sha256

    def drop(self) -> None:
        with suppress(OSError):
            self._file.close()
        self._path.unlink(missing_ok=True)


def try_writing(folder: Path) -> None:
    """Write a little durably in a folder that is there, and take it away. Raise OSError."""
    path = folder / f".probe.{os.getpid()}"
    try:
        write_private(path, PROBE, durably=True)
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


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
