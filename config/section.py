"""The door to pydantic: what a section of the configuration is made of.

A section is one class. Each of its keys is one field with its type, its default and its description; from them come the checks, the file that
`helpdesk init` writes, and the reference. A new key is one new field.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Self, TypeVar, cast, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic.fields import FieldInfo

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST = timedelta(days=3650)
DERIVED = "_derived"  # where a section keeps what was computed from it; pydantic neither compares nor writes what is no field
Mark = TypeVar("Mark")
Derived = TypeVar("Derived")

__all__ = [
    "AfterValidator",
    "BeforeValidator",
    "Duration",
    "DurationOrNever",
    "Field",
    "FieldInfo",
    "NameInFile",
    "OneOrMore",
    "PathValue",
    "Section",
    "Timeout",
    "ValidationError",
    "ValueType",
    "duration",
    "duration_or_never",
    "inner_section",
    "mark_of",
    "model_validator",
]


class Section(BaseModel):
    """A table of the configuration file: it cannot be changed, and refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def derived(self, build: Callable[[Self], Derived]) -> Derived:
        """What `build` makes of this section, such as an index of its rows. It is made once, and lives as long as the section.

        Two threads that ask at the same time may both make it; they are equal, and one of them stays.
        """
        made = self.__dict__.setdefault(DERIVED, {})
        if build not in made:
            made.setdefault(build, build(self))
        return cast(Derived, made[build])

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with other values. Nothing that was computed from the old values goes with it."""
        copied = super().model_copy(update=update, deep=deep)
        object.__setattr__(copied, "__dict__", copied._values())
        return copied

    def __getstate__(self) -> dict[Any, Any]:
        """What another process gets: the values alone."""
        return super().__getstate__() | {"__dict__": self._values()}

    def _values(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name in type(self).model_fields}


@dataclass(frozen=True, slots=True)
class ValueType:
    """Says in words what to write for a type of values. `plural` is for lists of them, where an s behind the words is not enough."""

    words: str
    plural: str = ""


@dataclass(frozen=True, slots=True)
class NameInFile:
    """How a field of Settings or Policy is called in the file, where it is called otherwise; "" for one that does not stand there.

    With `completed` an entry that the default has too takes from there what it does not say.
    """

    name: str
    completed: bool = False


@dataclass(frozen=True, slots=True)
class OneOrMore:
    """Marks a list of sections of which one may be written as a section of its own: [smtp] stands for one [[smtp]]."""


@dataclass(frozen=True, slots=True)
class PathValue:
    """Marks a value that names a file or a folder, relative to the folder of the configuration file.

    Where the value is a URL, the path stands behind `scheme`. `must_be` is "file" or "folder" for what has to be there already. A `secret`
    file is for its owner's eyes alone.
    """

    scheme: str = ""
    must_be: str = ""
    secret: bool = False


def inner_section(annotation: object) -> type[Section] | None:
    """The section in a type: of itself, of `X | None`, `tuple[X, ...]` and `dict[str, X]`; None where there is none."""
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, Section):
            return candidate
    return None


def mark_of(info: FieldInfo, kind: type[Mark]) -> Mark | None:
    """The mark of one kind that a field's type carries."""
    return next((mark for mark in info.metadata if isinstance(mark, kind)), None)


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


def duration_or_never(value: object) -> timedelta | None:
    """A span, or None for "", which stands for never. Raises ValueError that says what is allowed."""
    if value is None or value == "":
        return None
    span = duration(value)
    if not span:
        raise ValueError('write "" for never, or a span that is longer than nothing')
    return span


Duration = Annotated[timedelta, BeforeValidator(duration), ValueType('span, as "30s", "15m", "4h" or "5d"')]
Timeout = Annotated[Duration, Field(gt=timedelta(0))]
DurationOrNever = Annotated[timedelta | None, BeforeValidator(duration_or_never), ValueType('span, as "5d", or "" for never')]
