"""Files of letters: one copy, however many letters carry it.

A file in a letter has come with a mail, and that mail is stored. So a letter that waits keeps its skeleton and says for each file where in
the mail it lies (`threading.reading.places`); its octets are put together when it is sent, and the file's SHA-256 is compared then. A copy
of the decoded file beside the raw mail would be simpler to read, but costs three quarters of the mail again; and giving the raw mail up in
exchange for its files would put a decoder between the door and the disk, where nothing may go wrong. A file that lies nowhere in one piece,
such as one in uuencode, is kept once in the blob store. Nothing large goes through the database and its log.

What a letter needs stays for as long as it may be sent: contents in the blob store are never removed, and `inbound.forget_dropped` leaves
alone the mails that letters on their way refer to.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from helpdesk.store.blobs import BlobDamaged, BlobStore
from helpdesk.store.database import AnyRow
from helpdesk.store.schema import inbound
from helpdesk.threading.letters.files import LetterFile, leave_out, put_together
from helpdesk.threading.letters.letter import Letter
from helpdesk.threading.reading.places import NoPlace, OpenedMail, Place, Step

IN_BLOBS: Place = ()
FilePlaces = Mapping[str, Place]  # by SHA-256: where in the mail that is the cause, or IN_BLOBS under its own digest


class FilesAway(Exception):
    """A file of a letter cannot be read now, or is not what it was. Its text is one line."""


def content_columns(letter: Letter, places: FilePlaces, mail_id: int | None) -> dict[str, Any]:
    """What the outbox keeps of a letter's octets. A file that has no place is written into them."""
    reachable = frozenset(digest for digest, place in places.items() if place == IN_BLOBS or mail_id is not None)
    skeleton, files = leave_out(letter.skeleton, letter.files, reachable)
    in_mail = any(places[one.sha256] for one in files)
    return {
        "content": skeleton,
        "files": [_entry(one, places[one.sha256]) for one in files] or None,
        "files_of": mail_id if in_mail else None,
    }


class LetterReader:
    """Puts letters together. Of the mail that was needed last it keeps what was read, because letters with one file come together."""

    def __init__(self, connection: Connection, blobs: BlobStore | None) -> None:
        self._connection = connection
        self._blobs = blobs
        self._mail_id: int | None = None
        self._mail = OpenedMail(b"")
        self._contents: dict[str, bytes] = {}

    def content(self, row: AnyRow) -> bytes:
        """The octets of a letter, of which `row` has `content`, `files` and `files_of`. Raises FilesAway."""
        skeleton = bytes(row.content)
        if not row.files:
            return skeleton
        files = [LetterFile(one["at"], one["sha256"], self._file(row.files_of, one)) for one in row.files]
        return put_together(skeleton, files)

    def _file(self, mail_id: int | None, entry: Mapping[str, Any]) -> bytes:
        digest = str(entry["sha256"])
        place = tuple(Step(start, end, encoding) for start, end, encoding in entry["place"])
        try:
            return self._blob(digest) if place == IN_BLOBS else self._of_mail(mail_id, digest, place)
        except (OSError, BlobDamaged, NoPlace) as fault:
            said = " ".join(str(fault).split())
            raise FilesAway(f"a file of this letter cannot be read, restore it from a backup: {said}") from fault

    def _of_mail(self, mail_id: int | None, digest: str, place: Place) -> bytes:
        if mail_id != self._mail_id:
            self._mail, self._contents, self._mail_id = OpenedMail(self._raw(mail_id)), {}, mail_id
        if digest not in self._contents:
            content = self._mail.octets(place)
            if hashlib.sha256(content).hexdigest() != digest:
                raise NoPlace(f"mail {mail_id} has other octets where the file was")
            self._contents[digest] = content
        return self._contents[digest]

    def _raw(self, mail_id: int | None) -> bytes:
        row = self._connection.execute(select(inbound.c.content, inbound.c.sha256).where(inbound.c.id == mail_id)).one_or_none()
        if row is None:
            raise NoPlace(f"mail {mail_id} is no longer there")
        return self._blob(row.sha256) if row.content is None else bytes(row.content)

    def _blob(self, digest: str) -> bytes:
        if self._blobs is None:
            raise NoPlace("nobody said where the folder of blobs is")
        return self._blobs.get(digest)


def _entry(one: LetterFile, place: Place) -> dict[str, Any]:
    return {"at": one.at, "sha256": one.sha256, "place": [[step.start, step.end, step.encoding] for step in place]}
