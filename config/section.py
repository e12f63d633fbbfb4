"""The door to pydantic: a section of the configuration file, frozen and without unknown keys."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST = timedelta(days=3650)

__all__ = [
    "AfterValidator",
    "BeforeValidator",
    "Duration",
    "Field",
    "Section",
    "Timeout",
    "ValidationError",
    "duration",
    "model_validator",
]


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def duration(value: object) -> timedelta:
    """A span written as a number with one unit: 30s, 15m, 4h, 5d; ten years at most.

    Raises ValueError that says what is allowed.
    """
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str) and value[:-1].isascii() and value[:-1].isdigit() and value[-1] in UNITS:
        seconds = int(value[:-1]) * UNITS[value[-1]] if len(value) <= 12 else LONGEST.total_seconds() + 1
        if seconds <= LONGEST.total_seconds():
            return timedelta(seconds=seconds)
        raise ValueError("at most 3650d")
    raise ValueError('write a span as a number with a unit: "30s", "15m", "4h" or "5d"')


Duration = Annotated[timedelta, BeforeValidator(duration)]
Timeout = Annotated[Duration, Field(gt=timedelta(0))]
