"""Suppressions: addresses to which the desk does not send letters."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from helpdesk.store.database import AnyRow
from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import suppression
from helpdesk.threading.model.suppression import Suppression, SuppressionReason

NOT_OVER = or_(suppression.c.until.is_(None), suppression.c.until > bindparam("now"))
IN_FORCE = select(suppression).where(among(suppression.c.address), NOT_OVER).order_by(suppression.c.reason)
CHANGING = ("diagnostic", "since", "until", "letter_id")


def suppression_upsert() -> dict[str, Any]:
    """Return the statement that writes a suppression, by dialect. It replaces an earlier suppression for the same reason."""
    statements = {}
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql)):
        adding: Any = dialect.insert(suppression)
        new = {column: adding.excluded[column] for column in CHANGING}
        statements[name] = adding.on_conflict_do_update(index_elements=["address", "reason"], set_=new)
    return statements


def suppressions_of(connection: Connection, addresses: Collection[str], now: datetime) -> dict[str, tuple[Suppression, ...]]:
    """Return the suppressions in force, by address."""
    found: dict[str, list[Suppression]] = defaultdict(list)
    for row in rows_among(connection, IN_FORCE, addresses, now=now):
        found[row.address].append(_suppression(row))
    return {address: tuple(known) for address, known in found.items()}


def list_suppressions(connection: Connection, now: datetime) -> list[Suppression]:
    """Return all suppressions in force, newest first."""
    statement = select(suppression).where(NOT_OVER).order_by(suppression.c.since.desc(), suppression.c.address)
    return [_suppression(row) for row in connection.execute(statement, {"now": now})]


def suppress(connection: Connection, wanted: Suppression) -> None:
    row = {"address": wanted.address, "reason": wanted.reason, **{name: getattr(wanted, name) for name in CHANGING}}
    connection.execute(suppression_upsert()[connection.dialect.name], row)


def lift(connection: Connection, address: str) -> int:
    """Delete all suppressions of an address, so that letters go there again. Return how many there were."""
    return connection.execute(delete(suppression).where(suppression.c.address == address)).rowcount


def _suppression(row: AnyRow) -> Suppression:
    return Suppression(row.address, SuppressionReason(row.reason), row.diagnostic, row.since, row.until, row.letter_id)
