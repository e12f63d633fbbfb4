"""Values from the environment replace those of the file: HELPDESK_RELAY__URL stands for `url` in [relay]."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpdesk.config.layout import PARTS, PartForm
from helpdesk.config.problems import Problem, did_you_mean

ENVIRONMENT = "environment"
MARK = "HELPDESK_"
ELSEWHERE = ("HELPDESK_CONFIG", "HELPDESK_SECRET", "HELPDESK_REQUIRE_PEERS")  # read by others, not keys of the file

Place = tuple[str, ...]  # ("relay", "url"), or ("log_format",) for a key outside any section


@dataclass(frozen=True, slots=True)
class Overlay:
    """The file's tree with the environment's values in it; `origins` names the variable that each such value came from."""

    tree: dict[str, Any]
    origins: dict[Place, str]
    problems: tuple[Problem, ...]


def overlay_of(tree: Mapping[str, Any], environment: Mapping[str, str]) -> Overlay:
    """The tree with the value of every HELPDESK_ variable in it. A list or a table is written as in TOML: ["10.0.0.0/8"]."""
    known = _places()
    origins: dict[Place, str] = {}
    problems: list[Problem] = []
    merged: dict[str, Any] = dict(tree)
    others = {*ELSEWHERE, *_named(tree)}
    for name in sorted(variable for variable in environment if variable.startswith(MARK) and variable not in others):
        if name not in known:
            problems.append(Problem(ENVIRONMENT, name, f"unknown variable, {_nearest(name, known)}"))
            continue
        origins[known[name]] = name
        merged = _with(merged, known[name], _value(environment[name]))
    return Overlay(merged, origins, tuple(problems))


def _named(tree: Mapping[str, Any]) -> set[str]:
    """The variables that mailboxes name in `password_variable`; they are no keys."""
    mailboxes = tree.get("mailbox", [])
    entries = [mailbox for mailbox in mailboxes if isinstance(mailbox, dict)] if isinstance(mailboxes, list) else []
    return {str(mailbox.get("password_variable", "")) for mailbox in entries}


def _places() -> dict[str, Place]:
    """Every key that a variable can stand for: those of single sections, and those outside any section."""
    places: list[Place] = [(part.name,) for part in PARTS if part.form is PartForm.KEY]
    for part in PARTS:
        if part.form in (PartForm.SECTION, PartForm.DOOR, PartForm.DOORS):
            places += [(part.name, key) for key in part.model.model_fields]
    return {MARK + "__".join(place).upper(): place for place in places}


def _nearest(name: str, known: Mapping[str, Place]) -> str:
    hint = did_you_mean(name, [*known, *ELSEWHERE])
    return hint if hint.startswith("did") else "the form is HELPDESK_<SECTION>__<KEY>, such as HELPDESK_RELAY__URL"


def _value(text: str) -> Any:
    """The list or table that a text is in TOML; any other text as it is, for the types of its section to read."""
    if not text.startswith(("[", "{")):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except ValueError:
        return text


def _with(tree: dict[str, Any], place: Place, value: Any) -> dict[str, Any]:
    if len(place) == 1:
        return {**tree, place[0]: value}
    section = tree.get(place[0], {})
    return {**tree, place[0]: {**section, place[1]: value}} if isinstance(section, dict) else tree
