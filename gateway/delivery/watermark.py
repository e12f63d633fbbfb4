"""The newest attempt to send a letter that a node has made, in a file beside the database."""

import os
from pathlib import Path

from helpdesk.config.private_files import write_private
from helpdesk.gateway.observe import Log

NAME = "newest-attempt"
LONGEST = 20  # digits

log = Log("helpdesk.outbox")


class Watermark:
    """Notice a database that has gone back in time: a backup was restored, or a database server lost its last commits.

    The file may lag behind the database, as after a power cut; it never runs ahead of it. Where it cannot be written, the
    node goes on with the number in its memory.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / NAME
        self._seen = _number_in(self._file)

    def is_ahead_of(self, newest: int) -> bool:
        """Whether `newest`, the newest attempt in the database, is older than one seen before."""
        return newest < self._seen

    def keep(self, newest: int) -> None:
        """From now on `newest` counts."""
        if newest != self._seen:
            self._seen = newest
            self._write()

    def _write(self) -> None:
        unfinished = self._file.with_name(f"{NAME}.{os.getpid()}")
        try:
            write_private(unfinished, f"{self._seen}\n".encode("ascii"))
            unfinished.replace(self._file)
        except OSError as fault:
            log.warning("watermark.not_kept", file=str(self._file), reason=str(fault))


def _number_in(file: Path) -> int:
    """The number in the file; 0 where there is no file, or none with a number."""
    try:
        words = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return 0
    return int(words) if words.isdigit() and len(words) <= LONGEST else 0
