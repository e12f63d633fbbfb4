"""Clocks of targets as JSON, exact to the microsecond: in the ticket's row, and in what an undone step restores."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from helpdesk.threading.model.promise import Clock, TargetKind

MICROSECOND = timedelta(microseconds=1)


def clocks_written(clocks: Sequence[Clock] | None) -> list[dict[str, Any]] | None:
    return None if clocks is None else [_written(one) for one in clocks]


def clocks_read(rows: Sequence[Mapping[str, Any]] | None) -> tuple[Clock, ...] | None:
    return None if rows is None else tuple(_read(one) for one in rows)


def _written(one: Clock) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "since": one.since.isoformat(),
        "spent": one.spent // MICROSECOND,
        "paused_at": one.paused_at and one.paused_at.isoformat(),
        "ended_at": one.ended_at and one.ended_at.isoformat(),
        "warned": one.warned,
        "missed": one.missed,
    }


def _read(row: Mapping[str, Any]) -> Clock:
    return Clock(
        kind=TargetKind(row["kind"]),
        since=datetime.fromisoformat(row["since"]),
        spent=row["spent"] * MICROSECOND,
        paused_at=_moment(row["paused_at"]),
        ended_at=_moment(row["ended_at"]),
        warned=row["warned"],
        missed=row["missed"],
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
