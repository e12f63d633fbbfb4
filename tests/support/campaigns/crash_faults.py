"""Defects that are built into a node on purpose, to see that its promises are checked: each takes one safeguard away."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, bindparam, update

from helpdesk.gateway.intake import Intake
from helpdesk.gateway.work import mail
from helpdesk.store import blob_folder, outbox, record
from helpdesk.store.cause import Outcome
from helpdesk.store.database import Database
from helpdesk.store.mail_claims import MailCause
from helpdesk.store.schema import outbox as letters
from helpdesk.threading.decisions import decide
from helpdesk.threading.model.mail import RawMessage


def swap(place: Any, name: str, instead: Any) -> Any:
    """Put something else where a name was; what was there."""
    really = getattr(place, name)
    setattr(place, name, instead)
    return really


def build_in(fault: str) -> None:
    """Nothing for ""."""
    if fault:
        FAULTS[fault]()


def _reply_before_commit() -> None:
    kept: list[Any] = []

    async def accept(self: Intake, raw: RawMessage) -> int:
        kept.append(asyncio.ensure_future(really(self, raw)))
        await asyncio.sleep(0)
        return 0

    really = swap(Intake, "accept", accept)


def _no_fsync() -> None:
    _at_each_connection("PRAGMA synchronous=OFF")


def _no_unique_keys() -> None:
    _at_each_connection("DROP INDEX IF EXISTS inbound_one_effect", "DROP INDEX IF EXISTS inbound_opens_once")


def _at_each_connection(*statements: str) -> None:
    def prepare(self: Database, connection: sqlite3.Connection, entry: Any) -> None:
        really(self, connection, entry)
        for statement in statements:
            connection.execute(statement).close()

    really = swap(Database, "_prepare_sqlite", prepare)


def _no_folder_fsync() -> None:
    swap(blob_folder, "sync_folder", lambda folder: None)


def _no_dedupe() -> None:
    """Neither the look-up nor the unique keys know a fingerprint, and no mail is compared with what came earlier under its Message-ID."""

    def incoming_mail(*arguments: Any) -> Any:
        return replace(really(*arguments), fingerprint=None)

    really = swap(mail, "incoming_mail", incoming_mail)
    swap(decide, "later_copy", lambda arrival: None)


def _no_fencing() -> None:
    swap(MailCause, "claim", lambda connection, outcomes: None)


def _no_attempts_first() -> None:
    """A letter is not marked as on its way before it goes."""
    held: dict[str, Any] = {
        "next_attempt_at": bindparam("until"),
        "lease_until": bindparam("until"),
        "lease_token": bindparam("token"),
    }
    taken = update(letters).where(letters.c.id.in_(bindparam("ids", expanding=True))).values(held)
    swap(outbox, "TAKE", taken.returning(*letters.c))
    ours = (letters.c.id == bindparam("key"), letters.c.lease_token == bindparam("token"))
    swap(outbox, "SETTLE", update(letters).where(*ours).values(state=bindparam("new_state")))


def _two_transactions() -> None:
    """The ticket is committed before what belongs to it."""

    def write_tickets(connection: Connection, outcomes: Sequence[Outcome]) -> None:
        really(connection, outcomes)
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    really = swap(record, "write_tickets", write_tickets)


FAULTS: dict[str, Callable[[], None]] = {
    "reply before commit": _reply_before_commit,
    "no fsync": _no_fsync,
    "no fsync of folders": _no_folder_fsync,
    "no dedupe": _no_dedupe,
    "no fencing": _no_fencing,
    "no unique keys": _no_unique_keys,
    "no attempts first": _no_attempts_first,
    "two transactions": _two_transactions,
}
