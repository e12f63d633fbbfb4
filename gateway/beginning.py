"""The beginning of a desk, and every start after it: the database and the folder of blobs must be those of before.

A new desk begins where database and folder are both missing. If a desk has begun already, an empty database or a strange folder is a fault:
a file was removed, a file system is not mounted, or a path is wrong. The gateway then refuses to start, and begins no new desk in silence.
"""

from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database
from helpdesk.store.desk_identity import give_desk_id, strange_folder
from helpdesk.store.inbound import has_received_anything
from helpdesk.store.migrate import Contracting, Migrated, migrate, revision_of, schema_faults


class StoreVanished(Exception):
    """The folder of blobs says that this desk has begun, and the database is empty."""


class WrongFolder(Exception):
    """The folder of blobs is that of another desk than the database."""


class WrongSchema(Exception):
    """The database has the revision of this program, and lacks tables, columns or unique indexes of it."""


def begin_store(database: Database, blobs: BlobStore, *, anew: bool = False, contracting: Contracting | None = None) -> Migrated:
    """Bring the schema up to date and mark the folder of blobs. With `anew`, begin whatever is missing.

    Raises StoreVanished, WrongFolder, WrongSchema, UnknownSchema, OlderNodes, DatabaseAway or OSError. A folder of blobs that is away is no fault here: what needs
    no blobs goes on without it.
    """
    is_new = database.is_missing or revision_of(database) is None
    if is_new and blobs.is_there and not anew:
        raise StoreVanished(_vanished(database))
    migrated = migrate(database, contracting)
    check_schema(database)
    if not anew and (fault := strange_folder(database, blobs)):
        raise WrongFolder(fault)
    if anew or is_new or not is_away(database, blobs):
        blobs.begin()
        blobs.belong_to(give_desk_id(database))
    return migrated


def is_away(database: Database, blobs: BlobStore) -> bool:
    """Whether the desk has begun and its folder of blobs is not there. Raises DatabaseAway."""
    if blobs.is_there:
        return False
    with database.reading() as connection:
        return has_received_anything(connection)


def check_schema(database: Database) -> None:
    """Raise WrongSchema if the database lacks anything that this program needs."""
    if faults := schema_faults(database):
        named = ", ".join(faults[:3]) + (f" and {len(faults) - 3} more" if len(faults) > 3 else "")
        raise WrongSchema(f"the schema of the database is not what its revision says: {named}; restore a backup")


def _vanished(database: Database) -> str:
    return (
        f"the database {database.name} is empty, and the folder of blobs says that this desk has begun: the database was removed, emptied "
        "or is another one; put it back, or restore a backup; to begin a new desk all the same: helpdesk migrate --new"
    )
