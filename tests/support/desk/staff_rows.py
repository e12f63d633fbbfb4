"""Changes of staff in the directory, without the command that makes them. The version of the directory counts up, as at every change."""

from typing import Any

from sqlalchemy import Executable, insert, update
from support.desk.story import StoryDesk

from helpdesk.store.directory.write import lock_version
from helpdesk.store.schema import directory_version, staff


def change_staff(desk: StoryDesk, *addresses: str, **values: Any) -> None:
    """Give the staff at these addresses, or all of them, other values."""
    changed = update(staff).values(**values)
    _write(desk, changed.where(staff.c.address.in_(addresses)) if addresses else changed)


def add_staff(desk: StoryDesk, address: str, name: str) -> None:
    """Add an agent who works in the queue "general"."""
    row = {"address": address, "name": name, "role": "agent", "queues": ["general"], "active": True}
    _write(desk, insert(staff).values(**row))


def _write(desk: StoryDesk, statement: Executable) -> None:
    with desk.database.writing() as connection:
        lock_version(connection)
        connection.execute(statement)
        connection.execute(update(directory_version).values(version=directory_version.c.version + 1))
