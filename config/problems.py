"""What is wrong with a configuration: each problem with its file, its key and what is allowed, all of them at once."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from helpdesk.config.section import Section, ValidationError, inner_section

# pydantic's kinds of error in our words; {…} are filled from its context, and kinds without a line here keep its own sentence.
REASONS = {
    "missing": "is missing; write it",
    "string_type": 'write text, in quotes: "…"',
    "tuple_type": 'write a list: ["…", "…"]',
    "model_type": "write a table, with keys of its own",
    "model_attributes_type": "write a table, with keys of its own",
    "int_type": "write a whole number",
    "int_parsing": "write a whole number",
    "int_from_float": "write a whole number",
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "greater_than": "longer than 0s",
    "string_too_short": "write something",
    "too_short": "write at least {min_length}",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """`key` is "" where a whole file is meant. Secrets never stand in `reason`."""

    file: str
    key: str
    reason: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.key, self.reason) if part)


class ConfigurationProblems(Exception):
    """A configuration that cannot be used, printed as one line for each problem."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown word: the nearest known one, else all."""
    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1)
    return f'did you mean "{near[0]}"?' if near else f"allowed: {', '.join(names)}"


def reasons(model: type[Section], error: ValidationError) -> list[tuple[tuple[str | int, ...], str]]:
    """Each error of one section: where in it, and what is wrong in words; one line for a place that fits none of several types."""
    found: dict[tuple[str | int, ...], str] = {}
    for one in error.errors(include_url=False):
        place = _place(one["loc"], model)
        found.setdefault(place, _reason(model, one["type"], one["loc"], one["msg"], cast(Mapping[str, Any], one)))
    return list(found.items())


def _inner(location: tuple[str | int, ...], model: type[Section]) -> type[Section] | None:
    """The section that stands at a key of another, such as `oauth` in [relay]."""
    key = location[0] if len(location) > 1 else None
    return inner_section(model.model_fields[key].annotation) if isinstance(key, str) and key in model.model_fields else None


def _place(location: tuple[str | int, ...], model: type[Section]) -> tuple[str | int, ...]:
    """The key and the number in its list; pydantic adds the names of its own types behind them."""
    inner = _inner(location, model)
    if inner is not None:
        return location[:1] + _place(location[1:], inner)
    if location and location[0] in model.model_fields:
        inside = tuple(part for part in location[1:] if part != "")  # "" stands for every language
        return location[:1] + tuple(part for part in inside[:1] if isinstance(part, int))
    return location


def _reason(model: type[Section], kind: str, location: tuple[str | int, ...], message: str, error: Mapping[str, Any]) -> str:
    context = error.get("ctx", {})
    inner = _inner(location, model)
    if inner is not None:
        return _reason(inner, kind, location[1:], message, error)
    if kind == "extra_forbidden":
        return f"unknown key, {did_you_mean(str(location[-1]), model.model_fields)}"
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        expected = str(context["expected"]).replace(" or ", ", ").replace("'", "")
        return f'"{error["input"]}" is not possible, allowed: {expected}' if expected else "is not possible"
    return REASONS[kind].format(**context) if kind in REASONS else message
