"""The id of a desk: one random word in its database and in its folder of blobs, by which a folder of another desk is noticed."""

from contextlib import suppress
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database
from helpdesk.store.schema import desk_identity

ONLY = 1  # key of the only row
DIALECTS = {"sqlite": sqlite, "postgresql": postgresql}


def desk_id(database: Database) -> str:
    """Return the id of the desk whose database this is; "" if it has none yet. Raises DatabaseAway."""
    with database.reading() as connection:
        return connection.execute(select(desk_identity.c.desk)).scalar() or ""


def give_desk_id(database: Database) -> str:
    """Return the id of the desk, and give it one if it has none. Nodes that start at once get the same. Raises DatabaseAway."""
    if known := desk_id(database):
        return known
    with database.writing() as connection:
        new = DIALECTS[connection.dialect.name].insert(desk_identity).values(id=ONLY, desk=uuid4().hex)
        connection.execute(new.on_conflict_do_nothing())
    return desk_id(database)


def strange_folder(database: Database, blobs: BlobStore) -> str:
    """Say in one line that the folder of blobs is that of another desk; "" where it is this desk's, or nobody's yet. Raises DatabaseAway."""
    known, there = desk_id(database), ""
    with suppress(OSError):  # a folder that is away is told by others
        there = blobs.desk
    if not known or not there or known == there:
        return ""
    return (
        f"the folder of blobs {blobs.place} is that of another desk ({there[:8]}) than the database {database.name} ({known[:8]}): one of "
        "the two paths is wrong; if both are right: helpdesk migrate --new"
    )
