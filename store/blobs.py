"""A blob store: a folder of large contents, each in a file that is named by its SHA-256."""

import hashlib
import os
import secrets
from pathlib import Path

from helpdesk.config.private_files import make_folder, write_new


class BlobDamaged(Exception):
    """The SHA-256 of a stored file no longer matches its name, because the disk changed its content."""


class BlobStore:
    """Stores contents by SHA-256 in one folder with one level of sub-folders. A stored file is never overwritten or changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Store a content and return its SHA-256 in hex. The content is on the disk when this returns. Raises OSError."""
        sha256 = hashlib.sha256(content).hexdigest()
        target = self._path(sha256)
        if not target.exists():
            self._make_folder(target.parent)
            _write_durably(target, content)
        # The folder is synced even when the file exists: the process that wrote the file may have died before this line.
        _sync_folder(target.parent)
        return sha256

    def get(self, sha256: str) -> bytes:
        """Return a content whose SHA-256 has been checked. Raises OSError if the file cannot be read, BlobDamaged if the check fails."""
        content = self._path(sha256).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise BlobDamaged(f"{self._path(sha256)}: the content does not match its name; restore it from a backup")
        return content

    def sweep(self, older_than: float) -> int:
        """Remove the unfinished files of writers that died: those last changed before the POSIX time `older_than`. Return their number."""
        leftovers = [path for path in self._folder.glob("*/*.tmp") if path.stat().st_mtime < older_than]
        for path in leftovers:
            path.unlink(missing_ok=True)
        return len(leftovers)

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def _make_folder(self, folder: Path) -> None:
        missing = [place for place in (folder, *folder.parents) if not place.exists()]
        make_folder(folder)
        for place in missing:
            _sync_folder(place.parent)


def _write_durably(target: Path, content: bytes) -> None:
    unfinished = target.with_name(f"{target.name}.{secrets.token_hex(8)}.tmp")
    try:
        write_new(unfinished, content, durably=True)
        unfinished.rename(target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
