"""The documented example configuration that `helpdesk init` writes: every key with its meaning and its default, and a small desk to start from.

`config/helpdesk.toml` is this text: `make reference` writes it, and a test compares them.
"""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from helpdesk.config.layout import PartForm
from helpdesk.config.plans import DEFAULT_PLANS
from helpdesk.config.reference import Key, SectionReference, reference, toml, toml_key
from helpdesk.config.triage import DEFAULT_CATEGORIES

WIDTH = 132
COLUMN = 37  # where the meaning of a key begins
ABOUT = """The configuration of a helpdesk: every key with its meaning and its default.

A key in comment shows its default, or an example where it has none. Relative paths are relative to this file's folder. Spans are a number
with a unit: "30s", "15m", "4h", "5d". A key of a single section can also come from the environment: HELPDESK_RELAY__URL stands for `url` in
[relay]. `helpdesk check` reads this file, says in plain words what it promises, and tries what it can.

First comes this node, which may differ from other nodes: [desk] to [canary], and log_format. From the first [[address]] on, and in
the keys whose names begin with default_, stands the desk's policy, which is equal on all nodes."""

# What stands there without comment. Built-in plans and categories are written with what they say.
EXAMPLE: Mapping[str, Any] = {
    "desk": {
        "name": "Example Support",
        "prefix": "HD",
        "domain": "support.example.com",
        "secret_file": "secret",
        "reply_address": "{local}+{token}@{domain}",
    },
    "database": {"url": "sqlite:///var/helpdesk.db", "blobs": "var/blobs"},
    "smtp": {"listen": "127.0.0.1:2525"},
    "relay": {"url": "maildir:var/outgoing"},
    "address": [{"address": "help@support.example.com", "queue": "general"}],
    "staff": [
        {"name": "Omar Haddad", "address": "omar@desk.example", "role": "agent", "queues": ["general"]},
        {"name": "Ines Duarte", "address": "ines@desk.example", "role": "senior", "queues": ["general"]},
    ],
    "account": [
        {"id": "acme", "plan": "business", "contacts": ["anna@acme.example"]},
        {"id": "globex", "plan": "starter", "domains": ["globex.example"]},
    ],
    "plans": {name: plan.model_dump(exclude_unset=True) for name, plan in DEFAULT_PLANS.items()},
    "categories": {
        name: category.model_dump(include={"severity", "sensitive"}, exclude_unset=True)
        for name, category in DEFAULT_CATEGORIES.items()
    },
}


def example_configuration() -> str:
    """The whole file."""
    lines = [*_comment(ABOUT), ""]
    for section in reference():
        if "." not in section.name or section.form is PartForm.DOOR:  # other tables are explained by the key at which they stand
            lines += _section(section)
    return "\n".join([*lines, ""])


def _section(section: SectionReference) -> Iterator[str]:
    """The first entry of a list or of a table of tables shows every key, the others only what they say."""
    if section.name:
        yield ""
        yield from _comment(section.description)
    for number, (header, entry) in enumerate(_entries(section) if section.keys else ()):
        if number:
            yield ""
        if header:
            yield from [header] if entry is not None else ["#", f"# {header}"]
        for key in section.keys:
            if not number or key.name in entry:
                yield from _line(key, entry or {}, explained=not number)


def _entries(section: SectionReference) -> list[tuple[str, Any]]:
    """The headers of a section, each with what is written below it; None where it stands in comment as a whole."""
    written = EXAMPLE.get(section.name, {} if section.form is PartForm.SECTION else None)
    if section.form is PartForm.TABLE:
        return [(f"[{section.name}.{toml_key(name)}]", entry) for name, entry in written.items()]
    return [(section.header, entry) for entry in (written if section.form is PartForm.LIST and written else [written])]


def _line(key: Key, written: Mapping[str, Any], *, explained: bool) -> list[str]:
    value = toml(written[key.name]) if key.name in written else key.default or key.example or "{ }"
    line = f"{'' if key.name in written else '# '}{key.name} = {value}"
    if not explained:
        return [line]
    limits = "" if key.limits.startswith("at least") else f" {key.limits[:1].upper()}{key.limits[1:]}."
    meaning = key.description + (limits if key.limits else "")
    first = f"{line}   # " if len(line) > COLUMN - 2 else f"{line:<{COLUMN}}# "
    return textwrap.wrap(
        meaning,
        WIDTH,
        initial_indent=first,
        subsequent_indent=f"{'':<{COLUMN}}# ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _comment(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(text.split("\n\n")):
        if number:
            yield "#"
        yield from textwrap.wrap(paragraph, WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)
