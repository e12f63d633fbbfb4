"""What may stand in the configuration file: its sections, lists, tables and single keys, derived from Settings and Policy.

A new section is a new field of one of them; nothing else lists the sections.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from helpdesk.config.policy import Policy
from helpdesk.config.section import NameInFile, OneOrMore, Section, inner_section, mark_of
from helpdesk.config.settings import Settings


class PartForm(Enum):
    """How a part of the file is written. A door is a section that may be left out: then there is none. Doors may stand there several times."""

    KEY = auto()
    SECTION = auto()
    DOOR = auto()
    DOORS = auto()
    LIST = auto()
    TABLE = auto()


@dataclass(frozen=True, slots=True)
class FilePart:
    """One top-level name of the file. `field` is where Settings or Policy keep it, `model` the section that stands there.

    `allowed` lists the values of a KEY that takes only some. `description` is "" where the section's own docstring says what it is.
    """

    name: str
    field: str
    form: PartForm
    model: type[Section]
    default: Any
    allowed: tuple[str, ...] = ()
    completed: bool = False
    description: str = ""


def _parts(root: type[Section]) -> Iterator[FilePart]:
    for field, info in root.model_fields.items():
        written = mark_of(info, NameInFile) or NameInFile(field)
        if written.name:
            kind = info.annotation
            allowed = get_args(kind) if get_origin(kind) is Literal else ()
            default = info.get_default(call_default_factory=True)
            description = info.description or ""
            model = inner_section(kind) or root
            form = PartForm.DOORS if mark_of(info, OneOrMore) else form_of(kind)
            yield FilePart(written.name, field, form, model, default, allowed, written.completed, description)


def form_of(kind: object) -> PartForm:
    """How a field of this type is written."""
    if inner_section(kind) is None:
        return PartForm.KEY
    forms = {tuple: PartForm.LIST, dict: PartForm.TABLE, Union: PartForm.DOOR, UnionType: PartForm.DOOR}
    return next((form for origin, form in forms.items() if get_origin(kind) is origin), PartForm.SECTION)


NODE = tuple(_parts(Settings))  # may differ between nodes
DESK = tuple(_parts(Policy))  # equal on all nodes
PARTS = (*NODE, *DESK)
