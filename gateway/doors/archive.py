"""Archives of mail (mbox files and Maildirs), read one mail at a time in the order of the mails' own dates.

The order is across all files together, so that an answer in `Sent` is read after its question in `Inbox` and joins its
conversation.

Limits: an index of about forty octets a mail is held in memory, and one mail of at most `LARGEST` octets. Only regular files
are read, and no link below a given path is followed: `skipped` names everything else that was found.
"""

import os
import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO

from helpdesk.gateway.doors.maildir import delivered_at, entries_of, is_maildir, maildirs_below
from helpdesk.gateway.doors.mbox import LONGEST_HEADER, is_mbox, mail_at, mails_in
from helpdesk.gateway.doors.regular_files import open_below, open_named

LARGEST = 100 * 1024 * 1024  # octets of one mail
MOST_OPEN = 50  # files at once
FORMATS = ("auto", "mbox", "maildir")
OLDEST = datetime(1980, 1, 1, tzinfo=UTC)
FOLDED = re.compile(rb"\r?\n[ \t]")
LONGEST_DATE = 256  # octets
DATE = re.compile(rb"^date[ \t]*:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
RECEIVED = re.compile(rb"^received[ \t]*:[^\r\n]*;([^;\r\n]*)", re.IGNORECASE | re.MULTILINE)


class NoArchive(Exception):
    """The given path is no archive. The text is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class ArchivedMail:
    """One mail of an archive. `content` is None where the mail is larger than `LARGEST`; `place` names the mail to the
    operator.
    """

    place: str
    content: bytes | None
    sent_at: datetime


class Archive:
    """The mails of all paths that were added. A mail's date is believed up to one day after `now`."""

    def __init__(self, now: datetime) -> None:
        self.skipped: list[str] = []
        self._now = now
        self._paths: list[_Place] = []
        self._path = array("Q")
        self._offset = array("Q")
        self._length = array("Q")
        self._whole = array("B")  # 1 where the mail is a whole file
        self._seconds = array("d")

    def __len__(self) -> int:
        return len(self._seconds)

    def add(self, path: Path, form: str, *, recursive: bool) -> Iterator[int]:
        """Find the mails of one path, and yield the number of all mails found so far after each. Raise NoArchive or OSError."""
        if not path.exists():
            raise NoArchive(f"{path}: no such file or folder")
        if path.is_dir():
            yield from self._add_folders(path, form, recursive=recursive)
        elif not path.is_file():
            raise NoArchive(f"{path}: neither a file nor a folder; name an mbox file or a Maildir")
        elif form == "maildir" or not is_mbox(path):
            raise NoArchive(f'{path}: not an mbox file (an mbox file begins with "From "); for a Maildir, name its folder')
        else:
            yield from self._add_mbox(path)

    def in_order(self) -> Iterator[ArchivedMail]:
        """Yield each mail, the oldest first; mails of the same moment in the order of the archive.

        A file of a Maildir that has gone, or that is no regular file any more, is skipped. Raise OSError for an mbox file
        that cannot be read.
        """
        with ExitStack() as stack:
            files = _Files(stack)
            for number in sorted(range(len(self)), key=self._seconds.__getitem__):
                mail = self._whole_file(number) if self._whole[number] else self._part(number, files)
                if mail is not None:
                    yield mail

    def _part(self, number: int, files: "_Files") -> ArchivedMail:
        place, offset, length = self._paths[self._path[number]], self._offset[number], self._length[number]
        content = mail_at(files.open(place.root), offset, length) if length <= LARGEST else None
        return ArchivedMail(f"{place} at octet {offset}", content, datetime.fromtimestamp(self._seconds[number], UTC))

    def _whole_file(self, number: int) -> ArchivedMail | None:
        place = self._paths[self._path[number]]
        try:
            with open_below(place.root, *place.names) as file:
                content = file.read(LARGEST + 1) if self._length[number] <= LARGEST else None
        except OSError as fault:
            self._skip(place, fault)
            return None
        if content is not None and len(content) > LARGEST:
            content = None
        return ArchivedMail(str(place), content, datetime.fromtimestamp(self._seconds[number], UTC))

    def _add_folders(self, path: Path, form: str, *, recursive: bool) -> Iterator[int]:
        folders = list(maildirs_below(path)) if recursive else [()] if is_maildir(path) else []
        if form == "mbox" or not folders:
            raise NoArchive(
                f"{path}: not a Maildir (a Maildir has cur and new); use --recursive to look below it, or name mbox files one by one"
            )
        for names in folders:
            yield from self._add_maildir(path, names)

    def _add_mbox(self, path: Path) -> Iterator[int]:
        self._paths.append(_Place(path))
        for mail in mails_in(path):
            self._append(mail.offset, mail.length, 0, mail.header, mail.filed_at)
            yield len(self)

    def _add_maildir(self, root: Path, names: tuple[str, ...]) -> Iterator[int]:
        for entry in entries_of(root, *names):
            place = _Place(root, (*names, *entry.names))
            if entry.fault:
                self.skipped.append(f"{place}: {entry.fault}")
                continue
            try:
                with open_below(root, *place.names) as file:
                    header, size = file.read(LONGEST_HEADER), os.fstat(file.fileno()).st_size
            except OSError as fault:
                self._skip(place, fault)
                continue
            self._paths.append(place)
            self._append(0, size, 1, header, delivered_at(entry.names[-1]))
            yield len(self)

    def _skip(self, place: "_Place", fault: OSError) -> None:
        self.skipped.append(f"{place}: {fault.strerror or fault}")

    def _append(self, offset: int, length: int, whole: int, header: bytes, filed_at: datetime | None) -> None:
        self._path.append(len(self._paths) - 1)
        self._offset.append(offset)
        self._length.append(length)
        self._whole.append(whole)
        self._seconds.append(sent_at(header, filed_at, self._now).timestamp())


@dataclass(frozen=True, slots=True)
class _Place:
    """A path that the operator named, and the names that lead from there to a file below it."""

    root: Path
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return str(self.root.joinpath(*self.names))


class _Files:
    """The open mbox files. The file that was used longest ago is closed when more than `MOST_OPEN` are open."""

    def __init__(self, stack: ExitStack) -> None:
        self._open: dict[Path, BinaryIO] = {}
        stack.callback(self.close)

    def open(self, path: Path) -> BinaryIO:
        file = self._open.pop(path, None) or open_named(path)
        self._open[path] = file
        if len(self._open) > MOST_OPEN:
            self._open.pop(next(iter(self._open))).close()
        return file

    def close(self) -> None:
        for file in self._open.values():
            file.close()


def sent_at(header: bytes, filed_at: datetime | None, now: datetime) -> datetime:
    """A mail's own date: Date, else the newest Received, else `filed_at` (when it was filed), else `now`.

    A date before `OLDEST` or more than a day after `now` does not count.
    """
    head = FOLDED.sub(b" ", _only_header(header))
    candidates: Sequence[Callable[[], datetime | None]] = (
        lambda: _parse_date(DATE.search(head)),
        lambda: _parse_date(RECEIVED.search(head)),
        lambda: filed_at,
    )
    for candidate in candidates:
        moment = candidate()
        if moment is not None and OLDEST <= moment <= now + timedelta(days=1):
            return moment
    return now


def _only_header(header: bytes) -> bytes:
    ends = [end for end in (header.find(b"\n\n"), header.find(b"\r\n\r\n")) if end >= 0]
    return header[: min(ends)] if ends else header


def _parse_date(found: re.Match[bytes] | None) -> datetime | None:
    if found is None:
        return None
    try:
        moment = parsedate_to_datetime(found[1].strip()[:LONGEST_DATE].decode("latin-1"))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
