"""Archives of mail, mbox files and Maildirs: every mail of them in the order of its own date, read one at a time.

The order across all files together is what threads conversations: an answer in `Sent` comes after its question in `Inbox`.
Limits: an index of some forty octets a mail is held in memory, and one mail.
"""

import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO

from helpdesk.gateway.doors.maildir import delivered_at, files_of, is_maildir, maildirs_below
from helpdesk.gateway.doors.mbox import LONGEST_HEADER, is_mbox, mail_at, mails_in

LARGEST = 100 * 1024 * 1024  # octets of one mail
MOST_OPEN = 50  # files at once
FORMATS = ("auto", "mbox", "maildir")
OLDEST = datetime(1980, 1, 1, tzinfo=UTC)
FOLDED = re.compile(rb"\r?\n[ \t]")
DATE = re.compile(rb"^date[ \t]*:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
RECEIVED = re.compile(rb"^received[ \t]*:[^\r\n]*;([^;\r\n]*)", re.IGNORECASE | re.MULTILINE)


class NoArchive(Exception):
    """There is no archive in that place. Its text is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class ArchivedMail:
    """`content` is None where the mail is larger than `LARGEST`; `place` names it to the operator."""

    place: str
    content: bytes | None
    sent_at: datetime


class Archive:
    """What stands in all paths. `now` bounds the dates that are believed: none later than a day ahead."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._paths: list[Path] = []
        self._path = array("Q")
        self._offset = array("Q")
        self._length = array("Q")
        self._whole = array("B")  # a file that is one mail
        self._seconds = array("d")

    def __len__(self) -> int:
        return len(self._seconds)

    def add(self, path: Path, form: str, *, recursive: bool) -> Iterator[int]:
        """Find the mails of one path; gives the number of all that are found, after each. Raises NoArchive or OSError."""
        if not path.exists():
            raise NoArchive(f"{path}: there is no such file or folder")
        if path.is_dir():
            yield from self._add_folders(path, form, recursive=recursive)
        elif form == "maildir" or not is_mbox(path):
            raise NoArchive(f'{path}: this is no mbox file, which begins with "From "; for a Maildir name its folder')
        else:
            yield from self._add_mbox(path)

    def in_order(self) -> Iterator[ArchivedMail]:
        """Each mail, the oldest first; of one moment, in the order of the archive. Raises OSError."""
        with ExitStack() as stack:
            files = _Files(stack)
            for number in sorted(range(len(self)), key=self._seconds.__getitem__):
                yield self._mail(number, files)

    def _mail(self, number: int, files: "_Files") -> ArchivedMail:
        path, offset, length = self._paths[self._path[number]], self._offset[number], self._length[number]
        sent_at = datetime.fromtimestamp(self._seconds[number], UTC)
        place = str(path) if self._whole[number] else f"{path} at octet {offset}"
        if length > LARGEST:
            return ArchivedMail(place, None, sent_at)
        content = path.read_bytes() if self._whole[number] else mail_at(files.open(path), offset, length)
        return ArchivedMail(place, content, sent_at)

    def _add_folders(self, path: Path, form: str, *, recursive: bool) -> Iterator[int]:
        folders = list(maildirs_below(path)) if recursive else [path] if is_maildir(path) else []
        if form == "mbox" or not folders:
            raise NoArchive(
                f"{path}: this folder is no Maildir, which has cur and new; --recursive looks below it, mbox files are named"
            )
        for folder in folders:
            yield from self._add_maildir(folder)

    def _add_mbox(self, path: Path) -> Iterator[int]:
        self._paths.append(path)
        for found in mails_in(path):
            self._append(found.offset, found.length, 0, found.header, found.filed_at)
            yield len(self)

    def _add_maildir(self, folder: Path) -> Iterator[int]:
        for path in files_of(folder):
            self._paths.append(path)
            with path.open("rb") as file:
                header = file.read(LONGEST_HEADER)
            self._append(0, path.stat().st_size, 1, header, delivered_at(path.name))
            yield len(self)

    def _append(self, offset: int, length: int, whole: int, header: bytes, filed_at: datetime | None) -> None:
        self._path.append(len(self._paths) - 1)
        self._offset.append(offset)
        self._length.append(length)
        self._whole.append(whole)
        self._seconds.append(sent_at(header, filed_at, self._now).timestamp())


class _Files:
    """The mbox files that are open, the one used longest ago closed when there are too many."""

    def __init__(self, stack: ExitStack) -> None:
        self._open: dict[Path, BinaryIO] = {}
        stack.callback(self.close)

    def open(self, path: Path) -> BinaryIO:
        file = self._open.pop(path, None) or path.open("rb")
        self._open[path] = file
        if len(self._open) > MOST_OPEN:
            self._open.pop(next(iter(self._open))).close()
        return file

    def close(self) -> None:
        for file in self._open.values():
            file.close()


def sent_at(header: bytes, filed_at: datetime | None, now: datetime) -> datetime:
    """A mail's own date: Date, else the newest Received, else where it was filed; else `now`. What cannot be true does not count."""
    head = FOLDED.sub(b" ", _only_header(header))
    candidates: Sequence[Callable[[], datetime | None]] = (
        lambda: _moment(DATE.search(head)),
        lambda: _moment(RECEIVED.search(head)),
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


def _moment(found: re.Match[bytes] | None) -> datetime | None:
    if found is None:
        return None
    try:
        moment = parsedate_to_datetime(found[1].decode("latin-1").strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
