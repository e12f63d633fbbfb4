"""Converts permissions and side conversations to JSON and back, for ticket rows and for undo steps."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from helpdesk.threading.model.consultation import Consultation
from helpdesk.threading.model.permission import Permission, PermissionAnswer, PermissionProof
from helpdesk.threading.model.scheduled import Scheduled

MOMENTS = frozenset({"at", "asked_at", "until", "answered_at", "contradicted_at"})


def asides_as_json(values: Sequence[Permission | Consultation | Scheduled]) -> list[dict[str, Any]]:
    return [_plain(asdict(value)) for value in values]


def permissions_from_json(rows: Sequence[Mapping[str, Any]]) -> tuple[Permission, ...]:
    return tuple(_permission(_with_moments(row)) for row in rows)


def consultations_from_json(rows: Sequence[Mapping[str, Any]]) -> tuple[Consultation, ...]:
    return tuple(Consultation(**_with_moments(row) | {"message_ids": tuple(row["message_ids"])}) for row in rows)


def scheduled_from_json(rows: Sequence[Mapping[str, Any]]) -> tuple[Scheduled, ...]:
    return tuple(Scheduled(**_with_moments(row)) for row in rows)


def _permission(row: dict[str, Any]) -> Permission:
    return Permission(**row | {"answer": PermissionAnswer(row["answer"]), "proof": PermissionProof(**row["proof"])})


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def _with_moments(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: datetime.fromisoformat(value) if name in MOMENTS and value else value for name, value in row.items()}
