"""Problems of a configuration: each says file and key, what is wrong, and what is allowed."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from helpdesk.config.section import Section, ValidationError, inner_section

# Our words for pydantic's kinds of error. {…} is filled from the error's context. A kind without a line here keeps pydantic's own sentence.
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


NOT_POSSIBLE = "is not possible"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `key` is "" for a whole file. `reason` never shows a secret."""

    file: str
    key: str
    reason: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.key, self.reason) if part)


class ConfigurationProblems(Exception):
    """A configuration that cannot be used. Its text has one line for each problem."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown word: the known word that is nearest to it, or all known words."""
    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1)
    return f'did you mean "{near[0]}"?' if near else f"allowed: {', '.join(names)}"


def reasons(model: type[Section], error: ValidationError) -> list[tuple[tuple[str | int, ...], str]]:
    """The errors of one section: where each stands, and what is wrong. A place that fits none of several types has one line."""
    found: dict[tuple[str | int, ...], str] = {}
    for fault in error.errors(include_url=False):
        place = _place(fault["loc"], model)
        reason = _reason(model, fault["type"], fault["loc"], fault["msg"], cast(Mapping[str, Any], fault))
        if found.get(place, NOT_POSSIBLE) == NOT_POSSIBLE:  # of "" or something else, only the other says what is allowed
            found[place] = reason
    return list(found.items())


def _inner(location: tuple[str | int, ...], model: type[Section]) -> type[Section] | None:
    """The section that stands at a key of another, such as `oauth` in [relay]."""
    key = location[0] if len(location) > 1 else None
    return inner_section(model.model_fields[key].annotation) if isinstance(key, str) and key in model.model_fields else None


def _place(location: tuple[str | int, ...], model: type[Section]) -> tuple[str | int, ...]:
    """The key, and the number in its list where it has one. What pydantic adds behind them, such as names of its own types, is left out."""
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
        return f'"{error["input"]}" is not possible, allowed: {expected}' if expected else NOT_POSSIBLE
    return REASONS[kind].format(**context) if kind in REASONS else message
