"""What became of a reload, as the node tells it to `helpdesk reload`."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

MOST_LINES, LONGEST_LINE = 50, 500  # of what a message says


@dataclass(frozen=True, slots=True)
class ReloadOutcome:
    """What became of a reload. `code` is 0 or the exit code of the refusal, whose reasons are in `problems`."""

    code: int = os.EX_OK
    changed: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    policy: str = ""


def outcome_as_json(outcome: ReloadOutcome) -> bytes:
    return json.dumps(shortened(asdict(outcome))).encode()


def shortened(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """The message with lists that fit into a packet."""
    return {key: _short(value) if isinstance(value, list | tuple) else value for key, value in message.items()}


def _short(lines: Sequence[str]) -> list[str]:
    kept = [line[:LONGEST_LINE] for line in lines[:MOST_LINES]]
    return kept if len(lines) <= MOST_LINES else [*kept, f"and {len(lines) - MOST_LINES} more"]
