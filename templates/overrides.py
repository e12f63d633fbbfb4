"""A desk's own strings and templates, read once from a folder, with one line for everything that is wrong in it.

`de.toml` has strings, `customer/closing.html.j2` is a template for all languages, `de/customer/closing.html.j2` one for
German. A part that is wrong is left out and the built-in one is used: a mistake in a file must not keep a letter from a
customer.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from helpdesk.templates.catalogue import (
    BRACE,
    LANGUAGES,
    LAST_RESORT,
    PLACEHOLDER,
    Strings,
    built_in_strings,
    flatten,
    placeholders,
)

LARGEST_FILE = 256 * 1024  # octets
KINDS = ("html", "txt")
# Strings that cannot be replaced: by this one the desk finds its own letters in replies.
FIXED = ("letter.boundary",)
CATEGORY = "category."


@dataclass(frozen=True, slots=True)
class Overrides:
    """A desk's own `strings` by language, and `templates` by their path in the folder. `problems` has one line for each
    problem.
    """

    strings: Mapping[str, Strings] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def read_overrides(folder: Path | None) -> Overrides:
    """The content of a folder; empty without one. Never raises for what is in it."""
    strings: dict[str, Strings] = {}
    templates: dict[str, str] = {}
    problems: list[str] = []
    for name, path in _files(folder) if folder is not None else ():
        text = _text(path)
        if text is None:
            problems.append(f"{name}: cannot be read as UTF-8 text of at most {LARGEST_FILE} octets")
        elif name in {f"{language}.toml" for language in LANGUAGES}:
            found = _strings(name, text, problems)
            strings[name.removesuffix(".toml")] = found
        elif _without_language(name) in replaceable():
            templates[name] = text
        else:
            problems.append(f"{name}: replaces nothing; `helpdesk template list` shows what can be replaced")
    alone = dict(_missing_halves(templates))
    problems += alone.values()
    paired = {name: text for name, text in templates.items() if name not in alone}
    return Overrides(strings, paired, tuple(problems))


def replaceable() -> frozenset[str]:
    """The paths of our templates for letters to customers."""
    return frozenset(_built_in_templates(files("helpdesk.templates"), ""))


def customer_notices() -> tuple[str, ...]:
    """The names of all notices to customers."""
    return tuple(
        sorted(name.removeprefix("customer/").removesuffix(".txt.j2") for name in replaceable() if _is_text_of_notice(name))
    )


def _is_text_of_notice(name: str) -> bool:
    return name.startswith("customer/") and name.endswith(".txt.j2")


def _built_in_templates(folder: Traversable, above: str) -> Iterator[str]:
    for entry in folder.iterdir():
        name = f"{above}{entry.name}"
        if entry.is_dir() and name in ("customer", "layout"):
            yield from _built_in_templates(entry, f"{name}/")
        elif name.endswith(".j2"):
            yield name


def _without_language(name: str) -> str:
    """A template's path without the language that it is for."""
    language, _, rest = name.partition("/")
    return rest if language in LANGUAGES and rest.startswith("customer/") else name


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files below the folder in the order of their names, without those whose names begin with a dot."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not any(part.startswith(".") for part in name.split("/")):
            yield name, path


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8") if path.stat().st_size <= LARGEST_FILE else None
    except (OSError, UnicodeDecodeError):
        return None


def _strings(file: str, text: str, problems: list[str]) -> Strings:
    """The usable strings of a file. Every problem is added to `problems`."""
    try:
        written = dict(flatten(tomllib.loads(text)))
    except tomllib.TOMLDecodeError as fault:
        problems.append(f"{file}: not TOML: {fault}")
        return {}
    sound = {}
    for key, value in written.items():
        wrong = _fault_of(key, value)
        if wrong:
            problems.append(f"{file}: {key}: {wrong}")
        else:
            sound[key] = str(value).strip(" \t\r\n")
    return sound


def _fault_of(key: str, value: object) -> str:
    """What is wrong with a desk's own string; "" for nothing. It may leave out a placeholder of the built-in string, but
    have no other.
    """
    english = built_in_strings(LAST_RESORT)
    if key in FIXED:
        return "cannot be replaced, because replies are recognised by it"
    if key not in english and not key.startswith(CATEGORY):
        return f"no such string{_nearest(key)}"
    if not isinstance(value, str):
        return "is not text"
    if not value.strip():
        return "is empty; remove the line to use the built-in string"
    unknown = sorted(placeholders(value) - placeholders(english.get(key, "")))
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in sorted(placeholders(english.get(key, "")))) or "none"
        return f"unknown placeholder {{{unknown[0]}}}; known here: {known}"
    return "a brace that belongs to no placeholder" if BRACE.search(PLACEHOLDER.sub("", value)) else ""


def _nearest(key: str) -> str:
    section = key.rpartition(".")[0]
    near = [name for name in built_in_strings(LAST_RESORT) if name.startswith(f"{section}.")]
    return f"; [{section}] has {', '.join(name.rpartition('.')[2] for name in near)}" if near else ""


def _missing_halves(templates: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Templates whose HTML is the desk's own and whose text is not, or the other way round, each with a problem: the two
    would differ.
    """
    for name in templates:
        stem, kind = name.removesuffix(".j2").rsplit(".", 1)
        other = f"{stem}.{KINDS[kind == 'html']}.j2"
        if _without_language(name).startswith("customer") and other not in templates:
            yield name, f"{name}: missing beside it: {other}; text and HTML of the letter would differ"
