"""Tells other processes at the same PostgreSQL that there is something to do.

A notification is only a hint that saves waiting for the next look: it may be lost with a process or a connection, and nothing but time is
lost with it. It is sent after the commit, in a transaction of its own that waits for no disk. PostgreSQL holds a lock of the whole server
while a transaction with a notification commits, so that such commits wait for the disk one after another: with four writers at once half
as many transactions a second were committed.
"""

from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

PENDING_WAKES = "helpdesk_wakes"


class Wake(StrEnum):
    """What there is to do: the name of a channel of PostgreSQL."""

    MAIL = "helpdesk_mail"  # mails have been stored
    LETTERS = "helpdesk_letters"  # letters have been written


def notify(connection: Connection, wake: Wake) -> None:
    """Tell the listeners of all nodes once this writing transaction has been committed. Does nothing on SQLite.

    Several calls in one transaction send one notification for each kind.
    """
    if connection.dialect.name == "postgresql":
        connection.info.setdefault(PENDING_WAKES, set()).add(wake)


def forget_wakes(connection: Connection) -> None:
    """Drop what an earlier transaction of the same connection has left."""
    connection.info.pop(PENDING_WAKES, None)


def send_wakes(connection: Connection) -> None:
    """Send what `notify` was asked for. Faults are ignored, because the transaction has been committed."""
    wakes = connection.info.pop(PENDING_WAKES, None)
    if not wakes:
        return
    raw: Any = connection.connection.driver_connection
    try:
        raw.autocommit = True
        raw.execute("; ".join(f"NOTIFY {wake}" for wake in sorted(wakes)))
        raw.autocommit = False
    except Exception:
        connection.invalidate()  # whatever state it is in, no transaction shall begin on it
