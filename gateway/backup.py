"""Backups of a desk: its database and its large contents, read back and checked; and a desk made of a backup again.

A folder of backups has one sub-folder for each backup, named by its moment, with the database and a manifest; and one folder `blobs` for all
of them, because a content never changes. The database is copied first: contents only come, so that all to which its rows refer are copied
after it. A backup that is not whole has no manifest.
"""

import hashlib
import json
import math
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from helpdesk.config.private_files import make_folder, sync, sync_folder, write_private
from helpdesk.config.settings import DatabaseSettings
from helpdesk.gateway.blobs import blobs_of
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
from helpdesk.store.blob_folder import BlobFolder, NoteFolder
from helpdesk.store.blobs import BlobDamaged, BlobStore, NoteStore
from helpdesk.store.condition import forget_nodes
from helpdesk.store.database import COMMAND, MIGRATION, Database
from helpdesk.store.hold import hold_letters
from helpdesk.store.migrate import revision_of

MANIFEST, BLOBS = "manifest.json", "blobs"
SQLITE, POSTGRESQL = "sqlite", "postgresql"
COPIES = {SQLITE: "helpdesk.db", POSTGRESQL: "helpdesk.dump"}
LAST = "last-backup"  # a note beside the contents, which all nodes share: when the last backup was made, and where
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
    blobs = blobs_of(settings)
    contents = _copy_blobs(blobs, BlobFolder(folder / BLOBS))
    manifest = Manifest(
        _moment(now), version("helpdesk-gateway"), schema, kind, copy.stat().st_size, _sha256(copy), contents, counts
    )
    write_private(place / MANIFEST, json.dumps(asdict(manifest), indent=2).encode() + b"\n", durably=True)
    sync_folder(place)
    sync_folder(folder)
    _keep_erased(blobs, NoteFolder(folder))
    blobs.write_note(LAST, json.dumps({"at": _moment(now), "place": str(place)}).encode() + b"\n")
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
    contents = BlobFolder(place.parent / BLOBS)
    damaged = [name for name in contents.names() if _is_damaged(contents, name)]
    if damaged:
        raise NoBackup(f"{contents.place}: {damaged[0]} is damaged, and {len(damaged) - 1} more contents")
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
        blobs = blobs_of(settings)
        blobs.begin()
        _copy_blobs(BlobFolder(place.parent / BLOBS), blobs)
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
        if entries := _keep_erased(blobs, NoteFolder(place.parent)):
            tell("erasing again who was erased since")
            erase_again(database, blobs, entries, now, prefix, tell)
    finally:
        database.close()
    return manifest


@dataclass(frozen=True, slots=True)
class LastBackup:
    """When the last whole backup of the desk was made, and where."""

    at: datetime
    place: str


def last_backup(blobs: NoteStore) -> LastBackup | None:
    """The last backup; None if none was made, or nothing can be read."""
    try:
        said = json.loads(blobs.note(LAST) or b"null")
        return LastBackup(datetime.fromisoformat(said["at"]), str(said["place"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep_erased(*places: NoteStore) -> tuple[ErasedAddress, ...]:
    """Bring the lists of erased people in these places together, and write the result to each. Nothing where there is none."""
    entries = tuple(dict.fromkeys(entry for notes in places for entry in read_list(notes)))
    for notes in places if entries else ():
        write_list(notes, entries)
    return entries


def _copy_database(url: str, database: Database, kind: str, copy: Path) -> dict[str, int]:
    """Copy the database, read the copy back, and return how much is in it."""
    if kind == SQLITE:
        assert database.file is not None
        copy_sqlite(database.file, copy)
        return read_sqlite(copy)
    counts = dump_postgresql(database, url, copy)
    read_dump(copy)
    return counts


def _copy_blobs(source: BlobStore, target: BlobStore) -> int:
    """Copy the contents that the target lacks, each checked by its name. Return how many the source has."""
    count = 0
    for name in source.names():
        count += 1
        there = target.size_of(name)
        if there is not None and there == source.size_of(name):
            continue
        if there is not None:  # it was cut off, and what is there is never written again
            target.discard(name, math.inf)
        try:
            target.put(source.get(name))
        except BlobDamaged as fault:
            raise CopyFailed(str(fault)) from None
    return count


def _is_damaged(contents: BlobStore, name: str) -> bool:
    try:
        contents.get(name)
    except BlobDamaged:
        return True
    return False


def _put_file(source: Path, target: Path) -> None:
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
    sync_folder(target.parent)


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while piece := stream.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
