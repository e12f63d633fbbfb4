"""A blob store in a bucket of S3 or of a server that speaks its protocol: the door to obstore.

Contents and notes have the names that they have in a folder, so that a folder can be copied into a bucket as it is. A bucket cannot rename.
Therefore a process that removes a content marks it first, and a process that writes a content looks for such a mark afterwards:

    remover: writes the mark, looks whether the content is old, deletes it, takes the mark away
    writer:  writes the content or makes it young, sees no mark, sees the content

If the writer saw no mark because the remover came later, then the remover finds the content young. If it came after the remover, then the last
look shows whether the content was deleted. A bucket answers a read after a write with what was written (S3 since December 2020).
"""

import errno
import hashlib
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import S3Store

from helpdesk.store.blobs import DESK, MARK, BlobDamaged, BlobsAway, BlobStore
from helpdesk.store.pause import pause

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ClientConfig, S3Config

DOOMED = "doomed"  # folder of the marks of contents that are being removed
CONTENT = re.compile(r"[0-9a-f]{2}/([0-9a-f]{64})")
DURATION = re.compile(r" in [0-9.]+[a-zµ]*s\b")  # in what the client says of a fault
EXPLANATION = b"Blobs of helpdesk. This object shows that the bucket is the right one: keep it, also in backups.\n"
ANSWER, TRANSFER = timedelta(seconds=5), timedelta(minutes=1)  # how long a look and a transfer may take
YOUNG = timedelta(minutes=1)  # a content of this age need not be made younger
MARKED = timedelta(minutes=15)  # after that the process that wrote a mark has died
REMOVING = 60.0  # seconds within which a remover deletes what it has marked, or leaves it
TRIES, BETWEEN = 10, 0.2  # of a writer that meets a remover; seconds
LONGEST_FAULT = 200
REGION = "us-east-1"  # what servers beside AWS expect


@dataclass(frozen=True, slots=True)
class BucketLogin:
    """How a bucket is reached. Without `key_id` the environment or the machine's own role logs in; without `endpoint` it is AWS."""

    endpoint: str = ""
    region: str = ""
    key_id: str = ""
    secret: str = ""
    ca_file: str = ""


class BlobBucket(BlobStore):
    """Stores contents by SHA-256 below the path of `s3://BUCKET/PATH`. The bucket itself is never made.

    A process that has talked to a bucket cannot be forked into another one that does, because the client's threads stay behind: the child is
    told that the bucket is away.
    """

    note_pause = 60.0

    def __init__(self, url: str, login: BucketLogin = BucketLogin(), *, must_be_there: bool = False) -> None:
        self.place = url
        self._login = login
        self._must_be_there = must_be_there

    @property
    def is_there(self) -> bool:
        try:
            return self._look(MARK) is not None or next(self.names(), None) is not None
        except OSError:
            return False

    @property
    def keeps_versions(self) -> bool:
        mark = self._look(MARK)
        return mark is not None and mark["version"] not in (None, "null")

    def begin(self) -> None:
        self._create(MARK, EXPLANATION)

    def belong_to(self, desk: str) -> None:
        known = self.note(DESK)
        if known is None:
            self._create(DESK, f"{desk}\n".encode())  # where another desk was faster, the next start finds it there
        elif known.decode("ascii", "replace").strip() != desk:
            self.write_note(DESK, f"{desk}\n".encode())

    def note(self, name: str) -> bytes | None:
        return self._read(name)

    def write_note(self, name: str, content: bytes, *, durably: bool = True) -> None:
        with self._asking():
            self._quick.put(name, content, use_multipart=False)

    def written_at(self, name: str) -> float | None:
        found = self._look(name)
        return None if found is None else found["last_modified"].timestamp()

    def put(self, content: bytes) -> str:
        if self._must_be_there and self._look(MARK) is None:
            self._need_mark()
        sha256 = hashlib.sha256(content).hexdigest()
        for _ in range(TRIES):
            self._write(_path(sha256), content)
            if not self._is_being_removed(sha256) and self._look(_path(sha256)) is not None:
                return sha256
            pause(BETWEEN)
        raise BlobsAway(errno.EAGAIN, f"{self.place}: {sha256} is being removed at this moment; try again")

    def get(self, sha256: str) -> bytes:
        content = self._read(_path(sha256))
        if content is None:
            if self._must_be_there:
                self._need_mark()
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), f"{self.place}/{_path(sha256)}")
        if hashlib.sha256(content).hexdigest() != sha256:
            raise BlobDamaged(f"{self.place}/{_path(sha256)}: the content does not match its name; restore it from a backup")
        return content

    def size_of(self, sha256: str) -> int | None:
        found = self._look(_path(sha256))
        return None if found is None else found["size"]

    def names(self) -> Iterator[str]:
        for found in self._list(None):
            if match := CONTENT.fullmatch(found["path"]):
                yield match.group(1)

    def discard(self, sha256: str, older_than: float) -> bool:
        path, mark = _path(sha256), f"{DOOMED}/{sha256}"
        if (settled := self._is_kept(path, older_than)) is not None:
            return not settled
        began = time.monotonic()
        self.write_note(mark, b"")
        try:
            if (settled := self._is_kept(path, older_than)) is not None:
                return not settled
            if time.monotonic() - began > REMOVING:
                return False
            with self._asking():
                self._quick.delete(path)
        finally:
            with suppress(OSError):  # `sweep` takes what stays
                self.keep(sha256)
        return True

    def is_doomed(self, sha256: str) -> bool:
        return False  # a content keeps its name until it is gone, and `sweep` takes the marks of removers that died

    def keep(self, sha256: str) -> None:
        with self._asking():
            self._quick.delete(f"{DOOMED}/{sha256}")

    def sweep(self, older_than: float) -> int:
        leftovers = [found["path"] for found in self._list(DOOMED) if found["last_modified"].timestamp() < older_than]
        for path in leftovers:
            with self._asking():
                self._quick.delete(path)
        return len(leftovers)

    def try_writing(self) -> None:
        probe = f".probe.{os.uname().nodename}.{os.getpid()}"
        self.write_note(probe, b"probe")
        with self._asking():
            self._quick.delete(probe)

    @cached_property
    def _quick(self) -> S3Store:
        return self._client(ANSWER, retries=0)

    @cached_property
    def _patient(self) -> S3Store:
        return self._client(TRANSFER, retries=2)

    def _client(self, patience: timedelta, retries: int) -> S3Store:
        url, login = urlsplit(self.place), self._login
        client: ClientConfig = {
            "connect_timeout": ANSWER,
            "timeout": patience,
            "allow_http": login.endpoint.startswith("http:"),
        }
        if login.ca_file:
            client["root_certificate"] = Path(login.ca_file).read_bytes()
        config: S3Config = {"virtual_hosted_style_request": not login.endpoint}
        if login.endpoint:
            config["endpoint"] = login.endpoint
        if login.region or login.endpoint:
            config["region"] = login.region or REGION
        if login.key_id:
            config |= {"access_key_id": login.key_id, "secret_access_key": login.secret}
        return S3Store(
            url.netloc,
            prefix=url.path.strip("/") or None,
            config=config,
            client_options=client,
            retry_config={"max_retries": retries, "retry_timeout": patience},
        )

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Turn whatever the client says into BlobsAway, but for what is not there."""
        _forbid_forks()
        try:
            yield
        except FileNotFoundError as fault:
            raise BlobsAway(errno.ENOENT, f"{self.place} is away: {_in_one_line(fault)}") from None
        except BaseError as fault:
            raise BlobsAway(errno.EAGAIN, f"{self.place} is away: {_in_one_line(fault)}") from None

    def _look(self, path: str) -> "ObjectMeta | None":
        with self._asking(), suppress(FileNotFoundError):
            return self._quick.head(path)
        return None

    def _read(self, path: str) -> bytes | None:
        with self._asking(), suppress(FileNotFoundError):
            return bytes(self._patient.get(path).bytes())
        return None

    def _list(self, prefix: str | None) -> Iterator["ObjectMeta"]:
        with self._asking():
            for chunk in self._patient.list(prefix):
                yield from chunk

    def _create(self, path: str, content: bytes) -> None:
        """Write what is not there yet; what is there stays."""
        with self._asking(), suppress(AlreadyExistsError):
            self._patient.put(path, content, mode="create", use_multipart=False)

    def _write(self, path: str, content: bytes) -> None:
        """Write a content, or make it as young as if it was written now."""
        with self._asking():
            try:
                self._patient.put(path, content, mode="create", use_multipart=False)
                return
            except AlreadyExistsError:
                pass
            found = self._look(path)
            if found is None or time.time() - found["last_modified"].timestamp() < YOUNG.total_seconds():
                return
            with suppress(PreconditionError, FileNotFoundError):  # another writer has just done it, or a remover
                self._patient.put(path, content, mode={"e_tag": found["e_tag"]}, use_multipart=False)

    def _is_kept(self, path: str, older_than: float) -> bool | None:
        """Whether a content stays because it is young; False where there is none; None where it may go."""
        found = self._look(path)
        if found is None:
            return False
        return True if found["last_modified"].timestamp() >= older_than else None

    def _is_being_removed(self, sha256: str) -> bool:
        mark = self._look(f"{DOOMED}/{sha256}")
        return mark is not None and time.time() - mark["last_modified"].timestamp() < MARKED.total_seconds()

    def _need_mark(self) -> None:
        if not self.is_there:
            raise BlobsAway(
                errno.ENOENT,
                f"the bucket of blobs is away: {self.place} has no object {MARK}; name the right one, or restore a backup",
            )


_process: list[int] = []  # the process whose threads talk to buckets


def _forbid_forks() -> None:
    if not _process:
        _process.append(os.getpid())
    elif _process[0] != os.getpid():
        raise BlobsAway(errno.EAGAIN, "this process was forked from one that talks to a bucket, and cannot talk to it")


def _path(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


def _in_one_line(fault: Exception) -> str:
    """What the client says, without the body of the answer and without how long it took."""
    first = str(fault).partition("\n")[0]
    return DURATION.sub("", first[: 2 * LONGEST_FAULT])[:LONGEST_FAULT]
