"""The sections of one file, each read by itself, so that a fault in one hides no fault in another."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from helpdesk.config.overlay import ENVIRONMENT, Place
from helpdesk.config.policy import (
    Account,
    Answering,
    Automatic,
    Busy,
    Calendar,
    Closing,
    Escalation,
    Form,
    Incidents,
    Permissions,
    Plan,
    Retry,
    Staff,
    SupportAddress,
    SuppressionSpans,
)
from helpdesk.config.problems import Problem, did_you_mean, reasons
from helpdesk.config.section import Section, ValidationError
from helpdesk.config.settings import Authentication, Database, Desk, Dkim, Lmtp, Mailbox, Relay, Smtp
from helpdesk.config.shapes import one_line
from helpdesk.config.triage import Category, Priorities, Route, Severities, Triage

SECTIONS: dict[str, type[Section]] = {
    "desk": Desk,
    "database": Database,
    "smtp": Smtp,
    "lmtp": Lmtp,
    "relay": Relay,
    "authentication": Authentication,
    "calendar": Calendar,
    "escalation": Escalation,
    "closing": Closing,
    "answering": Answering,
    "permissions": Permissions,
    "retry": Retry,
    "automatic": Automatic,
    "suppression": SuppressionSpans,
    "busy": Busy,
    "incidents": Incidents,
    "severities": Severities,
    "priorities": Priorities,
    "triage": Triage,
}
LISTS: dict[str, type[Section]] = {
    "address": SupportAddress,
    "staff": Staff,
    "account": Account,
    "route": Route,
    "form": Form,
    "mailbox": Mailbox,
    "dkim": Dkim,
}
TABLES: dict[str, type[Section]] = {"plans": Plan, "categories": Category, "calendars": Calendar}
SCALARS = ("log_format", "default_category", "default_plan", "default_queue", "default_language")

S = TypeVar("S", bound=Section)


@dataclass(slots=True)
class Pieces:
    """Takes the sections out of a file's tree and notes what is wrong with them."""

    file: str
    tree: Mapping[str, Any]
    origins: Mapping[Place, str]
    problems: list[Problem] = field(default_factory=list)

    def section(self, name: str, model: type[S]) -> S | None:
        """A table of the file, from its defaults where it is not written; None where it is faulty."""
        return self._read(name, model, self.tree.get(name, {}))

    def remains(self, name: str, model: type[S], instead: Mapping[str, Any]) -> S | None:
        """What is sound of a faulty table, with `instead` for keys that it must have; None where too little is left."""
        written = self.tree.get(name)
        if not isinstance(written, dict):
            return None
        faulty = {problem.key.split(".")[1].split("[")[0] for problem in self.problems if problem.key.startswith(f"{name}.")}
        try:
            return model.model_validate({**instead, **{key: value for key, value in written.items() if key not in faulty}})
        except ValidationError:
            return None

    def rows(self, name: str, model: type[S]) -> dict[str, S]:
        """The sound entries of a list of tables, by their key such as `staff[0]`."""
        entries = self.tree.get(name, [])
        if not isinstance(entries, list):
            self.problem(name, f"write [[{name}]], in two brackets, for each")
            return {}
        read = {f"{name}[{index}]": self._read(f"{name}[{index}]", model, entry) for index, entry in enumerate(entries)}
        return {key: row for key, row in read.items() if row is not None}

    def table(self, name: str, model: type[S], default: dict[str, S], *, inherits: bool = False) -> dict[str, S]:
        """The sound entries of a table of tables, by their own names; the default where the file has none.

        With `inherits` an entry that the default has too takes from there what it does not say.
        """
        entries = self.tree.get(name, default)
        if not isinstance(entries, dict):
            self.problem(name, f"write a table [{name}.NAME] for each")
            return {}
        if inherits:
            entries = {entry: _completed(value, default.get(entry)) for entry, value in entries.items()}
        read = {entry: self._named(f"{name}.{_quoted(entry)}", entry, model, value) for entry, value in entries.items()}
        return {entry: row for entry, row in read.items() if row is not None}

    def scalar(self, name: str, model: type[Section]) -> str:
        """A key outside any section; its default where it is not written or faulty."""
        default = model.model_fields[name].default
        value = self.tree.get(name, default)
        if isinstance(value, str):
            return value
        self.problem(name, 'write text, in quotes: "…"')
        return str(default)

    def unknown(self) -> None:
        """Note the keys that no section of ours has."""
        known = [*SECTIONS, *LISTS, *TABLES, *SCALARS]
        for name in self.tree:
            if name not in known:
                self.problem(name, f"unknown section or key, {did_you_mean(name, known)}")

    def names(self, name: str, default: Mapping[str, object]) -> frozenset[str]:
        """The names of a table's entries, sound or not."""
        entries = self.tree.get(name, default)
        return frozenset(entries if isinstance(entries, dict) else default)

    def written(self, name: str, key: str, default: object = ()) -> frozenset[str]:
        """Every text that a key says in the entries of a list, sound or not."""
        entries = self.tree.get(name, [])
        values = [one.get(key, default) for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []
        texts = [text for value in values for text in (value if isinstance(value, list | tuple) else [value])]
        return frozenset(text.strip() for text in texts if isinstance(text, str))

    def problem(self, key: str, reason: str) -> None:
        variable = self.origins.get(tuple(key.partition("[")[0].split(".")))
        self.problems.append(Problem(ENVIRONMENT, variable, reason) if variable else Problem(self.file, key, reason))

    def _named(self, key: str, name: str, model: type[S], value: Any) -> S | None:
        try:
            one_line(name)
        except ValueError as fault:
            self.problem(key, str(fault))
        return self._read(key, model, value)

    def _read(self, key: str, model: type[S], value: Any) -> S | None:
        try:
            return model.model_validate(value)
        except ValidationError as error:
            for place, reason in reasons(model, error):
                self.problem(key + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place), reason)
            return None


def _completed(written: Any, default: Section | None) -> Any:
    if default is None or not isinstance(written, dict):
        return written
    return {**{name: getattr(default, name) for name in type(default).model_fields}, **written}


def _quoted(name: str) -> str:
    return name if name.replace("-", "").replace("_", "").isalnum() and name.isascii() else f'"{name}"'
