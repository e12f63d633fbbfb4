"""A folder of large contents, each under the name of its own SHA-256."""

import hashlib
import os
import secrets
from pathlib import Path

from helpdesk.config.private_files import make_folder, write_new


class BlobDamaged(Exception):
    """The content under a name is not the content that had this name: the disk has changed it."""


class BlobStore:
    """Contents by SHA-256, in one folder with a level of sub-folders. Nothing is ever overwritten or changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Keep a content and return its SHA-256 in hex. When it returns, the content is on the disk. Raises OSError."""
        sha256 = hashlib.sha256(content).hexdigest()
        target = self._path(sha256)
        if not target.exists():
            self._make_folder(target.parent)
            _write_durably(target, content)
        # A folder is synced even when the file was there: who put it may have died before this line.
        _sync_folder(target.parent)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The content, checked. Raises OSError where it cannot be read, BlobDamaged where it is another one."""
        content = self._path(sha256).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise BlobDamaged(f"{self._path(sha256)}: the content does not match its name; restore it from a backup")
        return content

    def sweep(self, older_than: float) -> int:
        """Remove what writers left behind who died on the way: unfinished files last changed before this POSIX time."""
        leftovers = [path for path in self._folder.glob("*/*.tmp") if path.stat().st_mtime < older_than]
        for path in leftovers:
            path.unlink(missing_ok=True)
        return len(leftovers)

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def _make_folder(self, folder: Path) -> None:
        missing = [one for one in (folder, *folder.parents) if not one.exists()]
        make_folder(folder)
        for one in missing:
            _sync_folder(one.parent)


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
