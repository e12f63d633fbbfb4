"""The folder of an export: new, private, with a list of its files and their SHA-256 that is written last."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from helpdesk.config.private_files import make_folder, make_new_folder, open_private, sync_folder

MANIFEST = "manifest.json"
LONGEST_NAME = 100  # characters of a file's name


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """One file of the folder, by its path within it."""

    path: str
    size: int
    sha256: str


class ExportFolder:
    """Writes files once each. A folder without a manifest is not finished."""

    def __init__(self, place: Path) -> None:
        """Raises FileExistsError if there is anything at this place, and other OSError."""
        make_folder(place.absolute().parent)
        make_new_folder(place)
        self._place = place
        self.files: list[WrittenFile] = []

    @contextmanager
    def writing(self, path: str) -> Iterator["HashedFile"]:
        """Open a new file at a path within the folder. Raises OSError."""
        make_folder((self._place / path).parent)
        with os.fdopen(open_private(self._place / path, os.O_EXCL), "wb") as stream:
            written = HashedFile(stream)
            yield written
            stream.flush()
            os.fsync(stream.fileno())
        self.files.append(WrittenFile(path, written.size, written.digest()))

    def write(self, path: str, content: bytes) -> None:
        """Write a whole new file. Raises OSError."""
        with self.writing(path) as file:
            file.write(content)

    def finish(self, facts: Mapping[str, Any]) -> None:
        """Write the manifest: these facts, and every file. Raises OSError."""
        files = [{"path": file.path, "size": file.size, "sha256": file.sha256} for file in self.files]
        self.write(MANIFEST, json.dumps({**facts, "files": files}, ensure_ascii=False, indent=2).encode() + b"\n")
        sync_folder(self._place)


class HashedFile:
    """A file that is being written, and its SHA-256 so far."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, content: bytes) -> None:
        self._stream.write(content)
        self._hash.update(content)
        self.size += len(content)

    def add_mail(self, content: bytes, sender: str, at: datetime) -> None:
        """Append a mail as an mbox has it (RFC 4155), with `>` before lines that begin with "From " (the variant mboxrd)."""
        lines = content.replace(b"\r\n", b"\n").split(b"\n")
        quoted = (b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in lines)
        written_by = "".join(sender.split()) or "MAILER-DAEMON"
        first = f"From {written_by} {at.astimezone(UTC).strftime('%a %b %d %H:%M:%S %Y')}\n"
        self.write(first.encode("utf-8", "replace") + b"\n".join(quoted).rstrip(b"\n") + b"\n\n")

    def digest(self) -> str:
        return self._hash.hexdigest()


def safe_name(digest: str, filename: str) -> str:
    """Return a name for a file that no path and no shell misreads, and that no other content has."""
    kept = "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in filename).lstrip(".")
    return f"{digest[:16]}-{kept[-LONGEST_NAME:] or 'file'}"
