"""The newest attempt to send a letter that a node has seen, in a file beside the database."""

import os
from pathlib import Path

from helpdesk.config.private_files import make_folder, write_private
from helpdesk.gateway.observe import Log

NAME = "newest-attempt"
LONGEST = 20  # digits

log = Log("helpdesk.outbox")


class Watermark:
    """A database that knows only older attempts has gone back in time: a backup was restored, or a server lost its last commits.

    The file may lag behind the database, as after a power cut; it never runs ahead of it. Where it cannot be written the node goes on
    with what it remembers.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / NAME
        self._seen = _number_in(self._file)

    def went_back(self, newest: int) -> bool:
        """Whether attempts that were seen are gone. From then on the present one counts."""
        back = newest < self._seen
        if newest != self._seen:
            self._seen = newest
            self._keep()
        return back

    def _keep(self) -> None:
        unfinished = self._file.with_name(f"{NAME}.{os.getpid()}")
        try:
            make_folder(self._file.parent)
            write_private(unfinished, f"{self._seen}\n".encode("ascii"))
            unfinished.replace(self._file)
        except OSError as fault:
            log.warning("watermark.not_kept", file=str(self._file), reason=str(fault))


def _number_in(file: Path) -> int:
    """0 for a file that is not there or holds something else."""
    try:
        words = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return 0
    return int(words) if words.isdigit() and len(words) <= LONGEST else 0
