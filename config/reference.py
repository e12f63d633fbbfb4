"""Every section and key of the configuration file in words, as its models say it: for the reference and for the file that `helpdesk init` writes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from helpdesk.config.layout import PARTS, PartForm, form_of
from helpdesk.config.section import UNITS, FieldInfo, Section, ValueType, inner_section, mark_of

PLAIN_KINDS = {str: "text", int: "whole number", float: "number", bool: "true or false", timedelta: "span"}
BOUNDS = {"ge": "at least {}", "gt": "more than {}", "le": "at most {}", "lt": "less than {}"}
HEADERS = {
    PartForm.SECTION: "[{}]",
    PartForm.DOOR: "[{}]",
    PartForm.DOORS: "[{}]",
    PartForm.LIST: "[[{}]]",
    PartForm.TABLE: "[{}.NAME]",
}


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a section. `default` and `example` are written as in TOML, "" where there is none.

    A key with an example has no default of its own, or one of too many words for a line.
    """

    name: str
    kind: str
    default: str
    limits: str
    description: str
    required: bool
    example: str


@dataclass(frozen=True, slots=True)
class SectionReference:
    """One section of the file, or a table at one of its keys, such as `relay.oauth`. The keys outside any section have the name "".

    `keys` is empty where `description` names another section that has the same.
    """

    name: str
    form: PartForm
    description: str
    keys: tuple[Key, ...]

    @property
    def header(self) -> str:
        """How it is written: [relay], [[staff]] or [plans.NAME]; "" for the keys outside any section."""
        return HEADERS[self.form].format(self.name) if self.name else ""


def reference() -> Iterator[SectionReference]:
    """All sections in the order of the file, each followed by the tables at its keys. A table that has been described is not repeated."""
    for part in PARTS:
        if part.form is PartForm.KEY:
            yield SectionReference("", part.form, "", (_key(part.name, part.model.model_fields[part.field]),))
    described: dict[type[Section], str] = {}
    for part in PARTS:
        if part.form is PartForm.KEY:
            continue
        yield _reference(part.name, part.form, part.model, part.description, described)
        path = f"{part.name}.NAME" if part.form is PartForm.TABLE else part.name
        for name, info in part.model.model_fields.items():
            inner = inner_section(info.annotation)
            if inner is not None and inner not in described:
                yield _reference(f"{path}.{name}", form_of(info.annotation), inner, "", described)


def _reference(
    name: str, form: PartForm, model: type[Section], description: str, described: dict[type[Section], str]
) -> SectionReference:
    same = described.setdefault(model, name)
    if same != name:
        return SectionReference(name, form, f"{description} The keys are those of [{same}].".strip(), ())
    keys = tuple(_key(key, info) for key, info in model.model_fields.items())
    return SectionReference(name, form, description or cleandoc(model.__doc__ or ""), keys)


def toml(value: object) -> str:
    """A value as TOML writes it; a span with the largest unit that gives a whole number."""
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        unit = next((name for name in reversed(UNITS) if seconds % UNITS[name] == 0), "s") if seconds else "s"
        return f'"{seconds // UNITS[unit]}{unit}"'
    if isinstance(value, Section):
        value = {name: getattr(value, name) for name in type(value).model_fields if name in value.model_fields_set}
    if isinstance(value, dict):
        entries = ", ".join(f"{toml_key(name)} = {toml(entry)}" for name, entry in value.items())
        return f"{{ {entries} }}" if entries else "{ }"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _key(name: str, info: FieldInfo) -> Key:
    default = None if info.is_required() or info.examples else info.get_default(call_default_factory=True)
    return Key(
        name=name,
        kind=_kind(info),
        default="" if default is None else toml(default),
        limits=_limits(info),
        description=info.description or "",
        required=info.is_required(),
        example=toml(info.examples[0]) if info.examples else "",
    )


def toml_key(name: object) -> str:
    """A key as TOML writes it, in quotes where it needs them."""
    text = str(name)
    return text if text.replace("-", "").replace("_", "").isalnum() and text.isascii() else json.dumps(text, ensure_ascii=False)


def _kind(info: FieldInfo) -> str:
    mark = mark_of(info, ValueType)
    return mark.words if mark else _in_words(info.annotation)


def _in_words(kind: Any) -> str:
    """What to write for a type."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        mark = next((mark for mark in kind.__metadata__ if isinstance(mark, ValueType)), None)
        return mark.words if mark else _in_words(arguments[0])
    if origin is Literal:
        return " or ".join(filter(None, (", ".join(map(toml, arguments[:-1])), toml(arguments[-1]))))
    if origin in (Union, UnionType):
        return " or ".join(_in_words(choice) for choice in arguments if choice not in (NoneType, Literal[""]))
    if origin is tuple:
        return f"list of {_plural(arguments[0])}"
    if origin is dict:
        return f"table of {_plural(arguments[1])}, by name"
    return "table" if inner_section(kind) else PLAIN_KINDS[kind]


def _plural(kind: Any) -> str:
    words, mark = _in_words(kind), None
    if get_origin(kind) is Annotated:
        mark = next((mark for mark in kind.__metadata__ if isinstance(mark, ValueType)), None)
    if mark and mark.plural:
        return mark.plural
    if words.startswith("list of "):
        return words.replace("list of", "lists of")
    first, comma, rest = words.partition(",")
    return words if words.startswith('"') or " of " in words else f"{first}{'es' if first.endswith('s') else 's'}{comma}{rest}"


def _limits(info: FieldInfo) -> str:
    """The bounds of a number or a span; "" for none."""
    bounds = {name: getattr(mark, name) for mark in info.metadata for name in BOUNDS if hasattr(mark, name)}
    if bounds.get("gt") == timedelta(0):
        bounds.pop("gt")  # a span of nothing is no span
    written = {name: toml(bound).strip('"') for name, bound in bounds.items()}
    if {"ge", "le"} <= written.keys():
        return f"{written['ge']} to {written['le']}"
    return ", ".join(BOUNDS[name].format(bound) for name, bound in written.items())
