"""Backups of a desk: its database and its large contents, read back and checked; and a desk made of a backup again.

A folder of backups has one sub-folder for each backup, named by its moment, with the database and a manifest; and one folder `blobs` for all
of them, because a content never changes. The database is copied first: contents only come, so that all to which its rows refer are copied
after it. A backup that is not whole has no manifest.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from helpdesk.config.private_files import make_folder, sync, sync_folder, write_private
from helpdesk.config.settings import DatabaseSettings
from helpdesk.gateway.erased_list import ErasedAddress, read_list, write_list
from helpdesk.gateway.erasing import erase_again
from helpdesk.store.backup import (
    CopyFailed,
    copy_sqlite,
    counts_of,
    dump_postgresql,
    read_dump,
    read_sqlite,
    restore_postgresql,
)
from helpdesk.store.blobs import BlobStore
from helpdesk.store.condition import forget_nodes
from helpdesk.store.database import COMMAND, MIGRATION, Database
from helpdesk.store.hold import hold_letters
from helpdesk.store.migrate import revision_of

MANIFEST, BLOBS = "manifest.json", "blobs"
SQLITE, POSTGRESQL = "sqlite", "postgresql"
COPIES = {SQLITE: "helpdesk.db", POSTGRESQL: "helpdesk.dump"}
LAST = "last-backup"  # a file beside the contents, which all nodes share: when the last backup was made, and where
NAME = "helpdesk-%Y-%m-%dT%H%M%S.%fZ"
PIECE = 1024 * 1024
FORMAT = 1

Progress = Callable[[str], None]


class NoBackup(Exception):
    """A folder has no whole backup of this desk's kind, or what it has is damaged."""


class NotRestored(Exception):
    """The place of the restored desk is not free. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup has. `counts` are numbers of rows, `blobs` is the number of large contents, all of which were read back."""

    made_at: str
    version: str
    schema: str
    kind: str
    size: int
    sha256: str
    blobs: int
    counts: dict[str, int]
    format: int = FORMAT


def make_backup(settings: DatabaseSettings, folder: Path, now: datetime, tell: Progress) -> tuple[Path, Manifest]:
    """Write a backup into a folder of backups. Raises CopyFailed, NoBackup, DatabaseAway or OSError; then no manifest is written."""
    database = Database(settings.url, role=COMMAND)
    place = folder / now.astimezone(UTC).strftime(NAME)
    try:
        schema = revision_of(database)
        if schema is None:
            raise NoBackup("the database is empty: there is nothing to copy")
        make_folder(place)
        kind = SQLITE if database.is_sqlite else POSTGRESQL
        copy = place / COPIES[kind]
        tell("copying the database")
        counts = _copy_database(settings.url, database, kind, copy)
    finally:
        database.close()
    sync(copy)
    tell("copying the large contents")
    blobs = _copy_blobs(Path(settings.blobs), folder / BLOBS)
    manifest = Manifest(
        _moment(now), version("helpdesk-gateway"), schema, kind, copy.stat().st_size, _sha256(copy), blobs, counts
    )
    write_private(place / MANIFEST, json.dumps(asdict(manifest), indent=2).encode() + b"\n", durably=True)
    sync_folder(place)
    sync_folder(folder)
    _keep_erased(Path(settings.blobs), folder)
    _keep_last(Path(settings.blobs), place, now)
    return place, manifest


def check_backup(place: Path) -> Manifest:
    """Read a backup again: its database and every content of its folder. Raises NoBackup, CopyFailed or OSError."""
    try:
        manifest = Manifest(**json.loads((place / MANIFEST).read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise NoBackup(f"{place} has no {MANIFEST}: it is no backup, or one that did not become whole") from None
    except (ValueError, TypeError) as fault:
        raise NoBackup(f"{place / MANIFEST} cannot be read: {fault}") from None
    if manifest.format != FORMAT or manifest.kind not in COPIES:
        raise NoBackup(f"{place} was written by a version that this program does not know ({manifest.version})")
    copy = place / COPIES[manifest.kind]
    if _sha256(copy) != manifest.sha256:
        raise NoBackup(f"{copy} is damaged: it is not what was written")
    if manifest.kind == SQLITE:
        read_sqlite(copy)
    else:
        read_dump(copy)
    damaged = [path for path in _contents(place.parent / BLOBS) if _sha256(path) != path.name]
    if damaged:
        raise NoBackup(f"{damaged[0]} is damaged, and {len(damaged) - 1} more contents")
    return manifest


def restore_backup(settings: DatabaseSettings, place: Path, now: datetime, tell: Progress, prefix: str = "HD") -> Manifest:
    """Make the desk of a backup in a place that is free, with all letters held. Raises NotRestored, NoBackup, CopyFailed, OSError.

    Contents that are there stay, because they never change. Whoever is on the list of erased people is erased again; `prefix` begins the new
    references of their emptied requests.
    """
    tell("reading the backup")
    manifest = check_backup(place)
    database = Database(settings.url, role=MIGRATION)
    try:
        if (SQLITE if database.is_sqlite else POSTGRESQL) != manifest.kind:
            raise NotRestored(f"the backup is of a database on {manifest.kind}, and the configuration names another one")
        if not database.is_missing and revision_of(database) is not None:
            raise NotRestored(
                f"the database {database.name} is not empty and is never overwritten; stop all nodes and move its file away, "
                "or name an empty database"
            )
        tell("restoring the large contents")
        _copy_blobs(place.parent / BLOBS, Path(settings.blobs))
        BlobStore(Path(settings.blobs), must_be_there=True).begin()
        tell("restoring the database")
        copy = place / COPIES[manifest.kind]
        if database.file is not None:
            database.close()
            _put_file(copy, database.file)
        else:
            restore_postgresql(settings.url, copy)
        with database.reading() as connection:
            counts = counts_of(connection)
        if counts != manifest.counts:
            raise CopyFailed("the restored database has not as many mails, tickets and letters as the backup")
        forget_nodes(database)
        hold_letters(database, f"the backup of {manifest.made_at} was restored", now)
        if entries := _keep_erased(Path(settings.blobs), place.parent):
            tell("erasing again who was erased since")
            blobs = BlobStore(Path(settings.blobs), must_be_there=True)
            erase_again(database, blobs, Path(settings.blobs), entries, now, prefix, tell)
    finally:
        database.close()
    return manifest


@dataclass(frozen=True, slots=True)
class LastBackup:
    """When the last whole backup of the desk was made, and where."""

    at: datetime
    place: str


def last_backup(blobs: Path) -> LastBackup | None:
    """The last backup; None if none was made, or nothing can be read."""
    try:
        said = json.loads((blobs / LAST).read_text(encoding="utf-8"))
        return LastBackup(datetime.fromisoformat(said["at"]), str(said["place"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep_erased(*folders: Path) -> tuple[ErasedAddress, ...]:
    """Bring the lists of erased people in these folders together, and write the result to each. Nothing where there is none."""
    entries = tuple(dict.fromkeys(entry for folder in folders for entry in read_list(folder)))
    for folder in folders if entries else ():
        write_list(folder, entries)
    return entries


def _keep_last(blobs: Path, place: Path, now: datetime) -> None:
    unfinished = blobs / f"{LAST}.{os.getpid()}"
    write_private(unfinished, json.dumps({"at": _moment(now), "place": str(place)}).encode() + b"\n")
    unfinished.replace(blobs / LAST)


def _copy_database(url: str, database: Database, kind: str, copy: Path) -> dict[str, int]:
    """Copy the database, read the copy back, and return how much is in it."""
    if kind == SQLITE:
        assert database.file is not None
        copy_sqlite(database.file, copy)
        return read_sqlite(copy)
    counts = dump_postgresql(database, url, copy)
    read_dump(copy)
    return counts


def _copy_blobs(source: Path, target: Path) -> int:
    """Copy the contents that the target lacks, each read back by its name. Return how many the source has."""
    made: set[Path] = set()
    contents = _contents(source)
    for path in contents:
        wanted = target / path.parent.name / path.name
        if wanted.exists() and wanted.stat().st_size == path.stat().st_size:
            continue
        make_folder(wanted.parent)
        _put_file(path, wanted, synced=False)
        if _sha256(wanted) != wanted.name:
            raise CopyFailed(f"{path} is damaged: its content does not match its name; restore it from an older backup")
        made.add(wanted.parent)
    for folder in made:
        sync_folder(folder)
    return len(contents)


def _contents(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("[0-9a-f][0-9a-f]/*") if len(path.name) == 64)


def _put_file(source: Path, target: Path, *, synced: bool = True) -> None:
    """Copy a file under a temporary name, and give it its own when all of it is on the disk."""
    make_folder(target.parent)
    unfinished = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    try:
        write_private(unfinished, b"")
        shutil.copyfile(source, unfinished)
        sync(unfinished)
        unfinished.rename(target)
    finally:
        unfinished.unlink(missing_ok=True)
    if synced:
        sync_folder(target.parent)


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while piece := stream.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
