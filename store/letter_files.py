"""Stores each file of letters once, however many letters carry it.

A file in a letter came with a mail, and that mail is stored. So a waiting letter has a skeleton, and for each file its place in the mail
(`threading.reading.places`). The octets of the letter are put together when it is sent; the SHA-256 of the file is checked then. A file
that is nowhere in one piece in the mail, such as one in uuencode, is stored once in the blob store. Large contents do not go through the
database and its log.

Two simpler designs were rejected. Decoded files beside the raw mail take three quarters of its size again. Storing the files instead of the
raw mail needs a decoder before the mail is on the disk, where a fault would lose mail.

The contents stay as long as the letter may be sent: the blob store removes nothing, and `quarantine.forget_dropped` keeps the mails to which
unsent letters refer.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from helpdesk.store.blobs import BlobDamaged, BlobStore
from helpdesk.store.database import AnyRow
from helpdesk.store.schema import inbound
from helpdesk.threading.letters.files import LetterFile, leave_out, put_together
from helpdesk.threading.letters.letter import Letter
from helpdesk.threading.reading.places import NoPlace, OpenedMail, Place, Step

IN_BLOBS: Place = ()
FilePlaces = Mapping[str, Place]  # by SHA-256: the place in the mail that is the cause, or IN_BLOBS


class FilesAway(Exception):
    """A file of a letter cannot be read now, or its content has changed. The text of the exception is one line."""


def content_columns(letter: Letter, places: FilePlaces, mail_id: int | None) -> dict[str, Any]:
    """Return the columns of `outbox` for the octets of a letter. A file without a place stays in `content`."""
    reachable = frozenset(digest for digest, place in places.items() if place == IN_BLOBS or mail_id is not None)
    skeleton, files = leave_out(letter.skeleton, letter.files, reachable)
    in_mail = any(places[file.sha256] for file in files)
    return {
        "content": skeleton,
        "files": [_entry(file, places[file.sha256]) for file in files] or None,
        "files_of": mail_id if in_mail else None,
    }


class LetterReader:
    """Puts the octets of letters together.

    The reader caches the last mail and its files, because the letters that carry the same file are read in succession.
    """

    def __init__(self, connection: Connection, blobs: BlobStore | None) -> None:
        self._connection = connection
        self._blobs = blobs
        self._mail_id: int | None = None
        self._mail = OpenedMail(b"")
        self._contents: dict[str, bytes] = {}

    def content(self, row: AnyRow) -> bytes:
        """Return the octets of a letter from the columns `content`, `files` and `files_of` of `row`. Raises FilesAway."""
        skeleton = bytes(row.content)
        if not row.files:
            return skeleton
        files = [
            LetterFile(entry["at"], entry["sha256"], self.file(row.files_of, entry["sha256"], entry["place"]))
            for entry in row.files
        ]
        return put_together(skeleton, files)

    def file(self, mail_id: int | None, digest: str, steps: Sequence[Sequence[Any]]) -> bytes:
        """Return the octets of a file at its place in a mail, or in the blob store where it has no steps. Raises FilesAway."""
        place = tuple(Step(start, end, encoding) for start, end, encoding in steps)
        try:
            return self._blob(digest) if place == IN_BLOBS else self._of_mail(mail_id, digest, place)
        except (OSError, BlobDamaged, NoPlace) as fault:
            said = " ".join(str(fault).split())
            raise FilesAway(f"a file cannot be read, restore it from a backup: {said}") from fault

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


def _entry(file: LetterFile, place: Place) -> dict[str, Any]:
    return {"at": file.at, "sha256": file.sha256, "place": place_as_json(place)}


def place_as_json(place: Place) -> list[list[Any]]:
    """Return a place as the columns `outbox.files` and `platform_attachment.place` have it."""
    return [[step.start, step.end, step.encoding] for step in place]
