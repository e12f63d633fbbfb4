"""Writes all that the desk has about people into a folder: their rows as JSON, mail as mbox files, files, and a page to read.

The rows are those of `store.person_rows`. Everything is written as it is read, except what the page shows, which is in memory.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from typing import Any

from helpdesk.gateway.export_folder import ExportFolder, HashedFile, safe_name
from helpdesk.gateway.export_page import PersonPage, page
from helpdesk.store.blobs import BlobDamaged, BlobStore
from helpdesk.store.database import Database
from helpdesk.store.inbound import content_of
from helpdesk.store.kept_files import content_of_file, mail_of_cause, octets_of_file
from helpdesk.store.letter_files import FilesAway
from helpdesk.store.mentions import Person
from helpdesk.store.outbox import content_of_letter
from helpdesk.store.own_rows import names_author
from helpdesk.store.person_findings import Findings
from helpdesk.store.person_rows import PersonRow, PersonRows, words_of_letter
from helpdesk.threading.reading.parsed import Reading

PAGE = "index.html"
FROM_THEM, TO_THEM = "mail/from-them.mbox", "mail/to-them.mbox"
MAIL_GONE = "mails whose octets retention has taken"
LETTER_GONE = "letters whose octets retention has taken (their words stand in data/outbox.jsonl)"
FILE_GONE = "files that are no longer there"
DOUBTFUL = "mails whose author has a similar address"
Progress = Callable[[str], None]


ReadMail = Callable[[bytes], Reading]  # reads a mail, under limits; raises what the reader raises


@dataclass(slots=True)
class Exported:
    """What was written: rows by table, mails and letters, files; and how many things are not given, by what they are."""

    rows: dict[str, int] = field(default_factory=dict)
    mails: int = 0
    letters: int = 0
    files: int = 0
    left_out: dict[str, int] = field(default_factory=dict)

    def leave_out(self, what: str) -> None:
        self.left_out[what] = self.left_out.get(what, 0) + 1


class Exporting:
    """One export of people, by canonical addresses, into a new folder."""

    def __init__(
        self, database: Database, blobs: BlobStore, read: ReadMail, folder: ExportFolder, addresses: Sequence[str]
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._read = read
        self._folder = folder
        self._addresses = tuple(addresses)
        self._mentioned = Person(self._addresses, self._addresses)
        self._paths: dict[str, str] = {}  # of files, by their SHA-256
        self._done = Exported()

    def write(self, findings: Findings, desk: str, now: datetime, tell: Progress, *, with_notes: bool) -> Exported:
        """Write everything. Raises OSError or DatabaseAway; the folder has no manifest then."""
        rows = PersonRows(self._database, findings, self._addresses, with_notes=with_notes)
        person = PersonPage(desk, self._addresses, findings.names, now)
        for table, found in groupby(rows.walk(), key=lambda row: row.table):
            tell(f"writing {table}")
            shown = person.rows.setdefault(table, [])
            with ExitStack() as open_files:
                lines: HashedFile | None = None
                for row in self._with_contents(table, found, open_files):
                    lines = lines or open_files.enter_context(self._folder.writing(f"data/{table}.jsonl"))
                    lines.write(json_line(row.values))
                    shown.append(row.values)
            self._done.rows[table] = len(shown)
        for what, count in rows.left_out.items():
            self._done.left_out[what] = self._done.left_out.get(what, 0) + count
        person.left_out = self._done.left_out
        self._folder.write(PAGE, page(person).encode())
        facts = {"desk": desk, "addresses": self._addresses, "names": findings.names, "at": in_utc(now)}
        self._folder.finish({**facts, "rows": self._done.rows, "left_out": self._done.left_out})
        return self._done

    def _with_contents(self, table: str, rows: Iterator[PersonRow], open_files: ExitStack) -> Iterator[PersonRow]:
        """Write what belongs to each row: mails and letters into their mbox file, and files."""
        mbox: HashedFile | None = None
        for row in rows:
            if table == "inbound":
                content = self._mail(row)
                if content is None:
                    self._done.leave_out(DOUBTFUL)
                    continue
            elif table == "outbox":
                content = self._letter(row)
            else:
                content = b""
                self._write_files(table, row)
            if content:
                path, sender, at = (
                    (FROM_THEM, row.row.reverse_path or "", row.row.received_at)
                    if table == "inbound"
                    else (TO_THEM, "", row.row.created_at)
                )
                mbox = mbox or open_files.enter_context(self._folder.writing(path))
                mbox.add_mail(content, sender, at)
            yield row

    def _mail(self, row: PersonRow) -> bytes | None:
        """The octets of a mail; nothing where they are gone, None where its header does not say that it is theirs."""
        try:
            with self._database.reading() as connection:
                content = content_of(connection, self._blobs, row.row.id)
        except (OSError, BlobDamaged):
            content = None
        if not content:
            self._done.leave_out(MAIL_GONE)
            return None if row.is_doubtful else b""
        if row.is_doubtful and not names_author(content, [self._mentioned]):
            return None
        self._done.mails += 1
        return content

    def _letter(self, row: PersonRow) -> bytes:
        with self._database.reading() as connection:
            row.values["text"] = words_of_letter(connection, row.row.id)
            try:
                content = content_of_letter(connection, row.row.id, self._blobs)
            except FilesAway:
                content = None
        if not content:
            self._done.leave_out(LETTER_GONE)
            return b""
        self._done.letters += 1
        return content

    def _write_files(self, table: str, row: PersonRow) -> None:
        if table == "platform_attachment" and row.row.sha256:
            self._write_file(row.row.sha256, row.row.filename, partial(self._file_of_platform, row.row.id))
        if table in ("message", "internal_note"):
            row.values["attachments"] = [self._attachment(entry, row.row.cause) for entry in row.values["attachments"]]

    def _attachment(self, entry: Mapping[str, Any], cause: str) -> dict[str, Any]:
        """Write a file that a message lists, and return its entry with its path; "" where it is gone."""
        digest, filename = str(entry.get("sha256") or ""), str(entry.get("filename") or "")
        path = self._write_file(digest, filename, partial(self._file_of, digest, str(entry.get("kept_by") or cause)))
        return {name: entry.get(name) for name in ("filename", "content_type", "size", "sha256")} | {"path": path}

    def _write_file(self, digest: str, filename: str, find: Callable[[], bytes | None]) -> str:
        if digest in self._paths:
            return self._paths[digest]
        content = find()
        if content is None:
            self._done.leave_out(FILE_GONE)
            return ""
        path = f"files/{safe_name(digest, filename)}"
        self._folder.write(path, content)
        self._paths[digest] = path
        self._done.files += 1
        return path

    def _file_of_platform(self, key: str) -> bytes | None:
        try:
            with self._database.reading() as connection:
                return content_of_file(connection, self._blobs, key)
        except FilesAway:
            return None

    def _file_of(self, digest: str, cause: str) -> bytes | None:
        """A file of a message: from the blob store, the platform's table, or the mail that brought it."""
        with self._database.reading() as connection:
            octets = octets_of_file(connection, self._blobs, digest)
            mail = None if octets is not None else mail_of_cause(connection, self._blobs, cause)
        if octets is not None or not mail:
            return octets
        try:
            return self._read(mail).contents.get(digest)
        except Exception:  # the reader ended on it: the mail itself is in the mbox
            return None


def json_line(values: Mapping[str, Any]) -> bytes:
    """Return one row as a line of JSON; times are in ISO 8601 UTC."""
    return json.dumps(values, ensure_ascii=False, default=_plain).encode("utf-8", "replace") + b"\n"


def in_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _plain(value: object) -> str:
    return in_utc(value) if isinstance(value, datetime) else str(value)
