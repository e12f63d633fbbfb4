"""Converts the clocks of targets to JSON and back, exact to the microsecond, for ticket rows and for undo steps."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from helpdesk.threading.model.promise import Clock, TargetKind

MICROSECOND = timedelta(microseconds=1)


def clocks_as_json(clocks: Sequence[Clock]) -> list[dict[str, Any]]:
    return [_clock_as_json(clock) for clock in clocks]


def clocks_from_json(rows: Sequence[Mapping[str, Any]]) -> tuple[Clock, ...]:
    return tuple(_clock_from_json(row) for row in rows)


def _clock_as_json(clock: Clock) -> dict[str, Any]:
    return {
        "kind": clock.kind.value,
        "since": clock.since.isoformat(),
        "spent": clock.spent // MICROSECOND,
        "paused_at": clock.paused_at and clock.paused_at.isoformat(),
        "ended_at": clock.ended_at and clock.ended_at.isoformat(),
        "warned": clock.warned,
        "missed": clock.missed,
        "due_at": clock.due_at and clock.due_at.isoformat(),
    }


def _clock_from_json(row: Mapping[str, Any]) -> Clock:
    return Clock(
        kind=TargetKind(row["kind"]),
        since=datetime.fromisoformat(row["since"]),
        spent=row["spent"] * MICROSECOND,
        paused_at=_moment(row["paused_at"]),
        ended_at=_moment(row["ended_at"]),
        warned=row["warned"],
        missed=row["missed"],
        due_at=_moment(row.get("due_at")),  # clocks of earlier releases have none
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
