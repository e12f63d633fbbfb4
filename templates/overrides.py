"""A desk's own words and templates in place of ours: a folder, read once, with everything that is wrong in it told.

`de.toml` has strings, `customer/closing.html.j2` a template for all languages, `de/customer/closing.html.j2` for one. What is wrong is left
out, and ours stands in its place. Files are the operator's, but a mistake in one must not keep a letter from a customer.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from helpdesk.templates.catalogue import BRACE, LANGUAGES, LAST_RESORT, PLACEHOLDER, Strings, flat, ours, placeholders

LARGEST_FILE = 256 * 1024  # octets
KINDS = ("html", "txt")
# By it the desk knows its own letters in replies; the sample stands in previews alone.
KEPT = ("letter.boundary",)
CATEGORY = "category."


@dataclass(frozen=True, slots=True)
class Overrides:
    """`strings` by language, `templates` by their path in the folder. `problems` has one line each."""

    strings: Mapping[str, Strings] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def read_overrides(folder: Path | None) -> Overrides:
    """What stands in a folder; nothing without one. Never raises for what it finds."""
    strings: dict[str, Strings] = {}
    templates: dict[str, str] = {}
    problems: list[str] = []
    for name, path in _files(folder) if folder is not None else ():
        text = _text(path)
        if text is None:
            problems.append(f"{name}: cannot be read as UTF-8 text of at most {LARGEST_FILE} octets")
        elif name in {f"{one}.toml" for one in LANGUAGES}:
            found = _strings(name, text, problems)
            strings[name.removesuffix(".toml")] = found
        elif _plain(name) in replaceable():
            templates[name] = text
        else:
            problems.append(f"{name}: replaces nothing; `helpdesk template list` names what there is")
    alone = dict(_alone(templates))
    problems += alone.values()
    paired = {name: text for name, text in templates.items() if name not in alone}
    return Overrides(strings, paired, tuple(problems))


def replaceable() -> frozenset[str]:
    """Paths of our templates for letters to customers."""
    return frozenset(_ours(files("helpdesk.templates"), ""))


def notices() -> tuple[str, ...]:
    """Of letters to customers, by name."""
    return tuple(
        sorted(one.removeprefix("customer/").removesuffix(".txt.j2") for one in replaceable() if _is_text_of_notice(one))
    )


def _is_text_of_notice(name: str) -> bool:
    return name.startswith("customer/") and name.endswith(".txt.j2")


def _ours(folder: Traversable, above: str) -> Iterator[str]:
    for one in folder.iterdir():
        name = f"{above}{one.name}"
        if one.is_dir() and name in ("customer", "layout"):
            yield from _ours(one, f"{name}/")
        elif name.endswith(".j2"):
            yield name


def _plain(name: str) -> str:
    """A template's path without the language that it is for."""
    language, _, rest = name.partition("/")
    return rest if language in LANGUAGES and rest.startswith("customer/") else name


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """In the order of their names; what begins with a dot is an editor's."""
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
    """The sound ones of a file."""
    try:
        written = dict(flat(tomllib.loads(text)))
    except tomllib.TOMLDecodeError as fault:
        problems.append(f"{file}: not TOML: {fault}")
        return {}
    sound = {}
    for key, value in written.items():
        wrong = _wrong(key, value)
        if wrong:
            problems.append(f"{file}: {key}: {wrong}")
        else:
            sound[key] = str(value).strip(" \t\r\n")
    return sound


def _wrong(key: str, value: object) -> str:
    """What is wrong with a string of a desk, "" for nothing. It may leave a word out, but ask for none that ours has not."""
    english = ours(LAST_RESORT)
    if key in KEPT:
        return "cannot be replaced: replies are read by it"
    if key not in english and not key.startswith(CATEGORY):
        return f"no such string{_nearest(key)}"
    if not isinstance(value, str):
        return "is no text"
    if not value.strip():
        return "is empty; leave the line out to have ours"
    unknown = sorted(placeholders(value) - placeholders(english.get(key, "")))
    if unknown:
        known = ", ".join(f"{{{one}}}" for one in sorted(placeholders(english.get(key, "")))) or "none"
        return f"unknown placeholder {{{unknown[0]}}}; known here: {known}"
    return "a brace that belongs to no placeholder" if BRACE.search(PLACEHOLDER.sub("", value)) else ""


def _nearest(key: str) -> str:
    section = key.rpartition(".")[0]
    near = [one for one in ours(LAST_RESORT) if one.startswith(f"{section}.")]
    return f"; [{section}] has {', '.join(one.rpartition('.')[2] for one in near)}" if near else ""


def _alone(templates: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Templates whose HTML is the desk's and whose text is ours, or the other way round, each with a problem: they would say two things."""
    for name in templates:
        stem, kind = name.removesuffix(".j2").rsplit(".", 1)
        other = f"{stem}.{KINDS[kind == 'html']}.j2"
        if _plain(name).startswith("customer") and other not in templates:
            yield name, f"{name}: missing beside it: {other}; text and HTML of the letter would differ"
