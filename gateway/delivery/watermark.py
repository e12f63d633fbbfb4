"""The newest attempt to send a letter that a node has made, in a note beside the large contents."""

import time

from helpdesk.gateway.observe import Log
from helpdesk.store.blobs import NoteStore

NAME = "newest-attempt"
LONGEST = 20  # digits

log = Log("helpdesk.outbox")


class Watermark:
    """Notice a database that has gone back in time: a backup was restored, or a database server lost its last commits.

    The note may lag behind the database, as after a power cut; it never runs ahead of it. Where it cannot be written, the
    node goes on with the number in its memory.
    """

    def __init__(self, notes: NoteStore) -> None:
        self._notes = notes
        self._seen = _number_in(notes)
        self._written_at: float | None = None

    def is_ahead_of(self, newest: int) -> bool:
        """Whether `newest`, the newest attempt in the database, is older than one seen before."""
        return newest < self._seen

    def keep(self, newest: int) -> None:
        """From now on `newest` counts."""
        if newest != self._seen:
            self._seen = newest
            self._write()

    def _write(self) -> None:
        now = time.monotonic()
        if self._written_at is not None and now - self._written_at < self._notes.note_pause:
            return
        self._written_at = now
        try:
            self._notes.write_note(NAME, f"{self._seen}\n".encode("ascii"), durably=False)
        except OSError as fault:
            log.warning("watermark.not_kept", note=NAME, reason=str(fault))


def _number_in(notes: NoteStore) -> int:
    """The number in the note; 0 where there is no note, or none with a number."""
    try:
        words = (notes.note(NAME) or b"").decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return 0
    return int(words) if words.isdigit() and len(words) <= LONGEST else 0
