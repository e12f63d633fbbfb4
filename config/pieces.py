"""Reads the sections of one file, each by itself, so that a fault in one hides no fault in another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from helpdesk.config.layout import PARTS, FilePart, PartForm
from helpdesk.config.overlay import ENVIRONMENT, Place
from helpdesk.config.problems import Problem, did_you_mean, reasons
from helpdesk.config.section import Section, ValidationError
from helpdesk.config.shapes import plain_name

S = TypeVar("S", bound=Section)


@dataclass(slots=True)
class Pieces:
    """Reads sections from the tree of a file, and collects what is wrong with them in `problems`."""

    file: str
    tree: Mapping[str, Any]
    origins: Mapping[Place, str]
    problems: list[Problem] = field(default_factory=list)

    def read(self, parts: Iterable[FilePart]) -> dict[str, Any]:
        """The sound contents of parts of the file, by their fields. A list is a mapping from keys such as `staff[0]` to its entries.

        None stands for a section that is faulty, or a door that is not written. Faults are noted.
        """
        return {part.field: self._part(part) for part in parts}

    def sound_keys(self, name: str, model: type[S], instead: Mapping[str, Any]) -> S | None:
        """The sound keys of a faulty section, with `instead` for keys that it must have; None where these are not enough."""
        written = self.tree.get(name)
        if not isinstance(written, dict):
            return None
        faulty = {problem.key.split(".")[1].split("[")[0] for problem in self.problems if problem.key.startswith(f"{name}.")}
        try:
            return model.model_validate({**instead, **{key: value for key, value in written.items() if key not in faulty}})
        except ValidationError:
            return None

    def note_unknown_names(self) -> None:
        """Note every name that the file may not have."""
        known = [part.name for part in PARTS]
        for name in self.tree:
            if name not in known:
                self.note(name, f"unknown section or key, {did_you_mean(name, known)}")

    def entry_names(self, name: str, default: Mapping[str, object]) -> frozenset[str]:
        """The names of a table's entries, sound or not."""
        entries = self.tree.get(name, default)
        return frozenset(entries if isinstance(entries, dict) else default)

    def texts_at(self, name: str, key: str, default: object = ()) -> frozenset[str]:
        """Every text that stands at a key of the entries of a list, sound or not."""
        entries = self.tree.get(name, [])
        values = [entry.get(key, default) for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
        texts = [text for value in values for text in (value if isinstance(value, list | tuple) else [value])]
        return frozenset(text.strip() for text in texts if isinstance(text, str))

    def note(self, key: str, reason: str) -> None:
        """Collect a problem. One whose value came from the environment names the variable."""
        variable = self.origins.get(tuple(key.partition("[")[0].split(".")))
        self.problems.append(Problem(ENVIRONMENT, variable, reason) if variable else Problem(self.file, key, reason))

    def _part(self, part: FilePart) -> Any:
        match part.form:
            case PartForm.KEY:
                return self._key(part)
            case PartForm.LIST:
                return self._rows(part.name, part.model)
            case PartForm.TABLE:
                return self._table(part)
            case PartForm.DOORS:
                return self._doors(part.name, part.model)
            case PartForm.DOOR if part.name not in self.tree:
                return None
        return self._read(part.name, part.model, self.tree.get(part.name, {}))

    def _key(self, part: FilePart) -> Any:
        """A key outside any section; the default where it is not written or faulty."""
        value = self.tree.get(part.name, part.default)
        if not isinstance(value, str):
            self.note(part.name, 'write text, in quotes: "…"')
        elif part.allowed and value not in part.allowed:
            self.note(part.name, f"allowed: {', '.join(part.allowed)}")
        else:
            return value
        return part.default

    def _rows(self, name: str, model: type[S]) -> dict[str, S]:
        """The sound entries of a list of tables, by their key such as `staff[0]`."""
        entries = self.tree.get(name, [])
        if not isinstance(entries, list):
            self.note(name, f"write [[{name}]], in two brackets, for each")
            return {}
        read = {f"{name}[{index}]": self._read(f"{name}[{index}]", model, entry) for index, entry in enumerate(entries)}
        return {key: row for key, row in read.items() if row is not None}

    def _doors(self, name: str, model: type[S]) -> dict[str, S]:
        """One section or a list of them, by their key such as `smtp` or `smtp[0]`. Two of them cannot listen in one place."""
        written = self.tree.get(name, [])
        if isinstance(written, list):
            found = self._rows(name, model)
        else:
            read = self._read(name, model, written)
            found = {} if read is None else {name: read}
        taken: set[object] = set()
        for key, door in found.items():
            listen = getattr(door, "listen", key)
            if listen in taken:
                self.note(f"{key}.listen", f"another [[{name}]] listens there already")
            taken.add(listen)
        return found

    def _table(self, part: FilePart) -> dict[str, Section]:
        """The sound entries of a table of tables, by their own names; the default where the file has none."""
        entries = self.tree.get(part.name, part.default)
        if not isinstance(entries, dict):
            self.note(part.name, f"write a table [{part.name}.NAME] for each")
            return {}
        if part.completed:
            entries = {name: _completed(entry, part.default.get(name)) for name, entry in entries.items()}
        read = {name: self._named(f"{part.name}.{_quoted(name)}", name, part.model, entry) for name, entry in entries.items()}
        return {name: row for name, row in read.items() if row is not None}

    def _named(self, key: str, name: str, model: type[S], value: Any) -> S | None:
        try:
            plain_name(name)
        except ValueError as fault:
            self.note(key, str(fault))
        return self._read(key, model, value)

    def _read(self, key: str, model: type[S], value: Any) -> S | None:
        try:
            return model.model_validate(value)
        except ValidationError as error:
            for place, reason in reasons(model, error):
                self.note(key + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place), reason)
            return None


def _completed(written: Any, default: Section | None) -> Any:
    if default is None or not isinstance(written, dict):
        return written
    return {**{name: getattr(default, name) for name in type(default).model_fields}, **written}


def _quoted(name: str) -> str:
    return name if name.replace("-", "").replace("_", "").isalnum() and name.isascii() else f'"{name}"'
