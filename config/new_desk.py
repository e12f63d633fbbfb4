"""The files of a new desk: its configuration and its secret."""

import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from helpdesk.config.private_files import make_folder, sync_folder, write_new

CONFIGURATION = "helpdesk.toml"
SECRET = "secret"
FIRST_KEY = "a"
KEY_OCTETS = 32


class AlreadyThere(Exception):
    """A file that would have been overwritten."""


@dataclass(frozen=True, slots=True)
class NewDesk:
    """What somebody says about their desk. What they leave out stays as in the documented configuration."""

    domain: str = ""
    name: str = ""
    prefix: str = ""
    address: str = ""  # the first support address; "" stands for help@ the domain
    agent: tuple[str, str] | None = None  # name and address of the first member
    relay: str = ""
    database: str = ""
    data: str = ""  # folder of database, blobs and letters
    listen: str = ""


def write_new_desk(folder: Path, about: NewDesk | None = None) -> tuple[Path, ...]:
    """Write the documented configuration and a new secret, which their owner alone can read; make the folder where it is missing.

    Raises AlreadyThere, and writes nothing, when one of the files exists.
    """
    contents = {
        folder / CONFIGURATION: new_configuration(about or NewDesk()).encode(),
        folder / SECRET: new_key(FIRST_KEY).encode("ascii"),
    }
    for path in contents:
        if os.path.lexists(path):
            raise AlreadyThere(path)
    make_folder(folder)
    for path, content in contents.items():
        try:
            write_new(path, content, durably=True)
        except FileExistsError:
            raise AlreadyThere(path) from None
    sync_folder(folder)
    return tuple(contents)


def new_configuration(about: NewDesk) -> str:
    """The documented configuration with what is known about the desk in its places, and without the people of the example."""
    text = files("helpdesk.config").joinpath(CONFIGURATION).read_text(encoding="utf-8")
    data = about.data.rstrip("/")
    values = {
        ("node", "control"): f"{data}/control" if data else "",
        ("desk", "name"): about.name,
        ("desk", "prefix"): about.prefix,
        ("desk", "domain"): about.domain,
        ("database", "url"): about.database or (f"sqlite:///{data}/helpdesk.db" if data else ""),
        ("database", "blobs"): f"{data}/blobs" if data else "",
        ("smtp", "listen"): about.listen,
        ("relay", "url"): about.relay or (f"maildir:{data}/outgoing" if data else ""),
    }
    if about.domain or about.address:
        values["[address]", "address"] = about.address or f"help@{about.domain}"
    if about.agent:
        values |= {("[staff]", "name"): about.agent[0], ("[staff]", "address"): about.agent[1], ("[staff]", "role"): "senior"}
    lines = text.splitlines(keepends=True)
    for (section, key), value in values.items():
        if value:
            lines = list(_with_value(lines, section, key, value))
    return "".join(_without_example_people(lines) if about.agent else lines)


def new_key(name: str) -> str:
    """A line of the secret file: 256 random bits under a name of one letter."""
    return f"{name} {secrets.token_hex(KEY_OCTETS)}\n"


def _with_value(lines: Iterable[str], section: str, key: str, value: str) -> Iterable[str]:
    """Put a value at the first place of a key, which may be a comment, in the first section of this name. The comment behind it keeps its column if it can."""
    is_here, is_done = False, False
    for line in lines:
        if line.startswith("["):
            is_here = line.strip() == f"[{section}]"
        if is_here and not is_done and line.removeprefix("# ").startswith(f"{key} = "):
            is_done = True
            at = line.find(" # ")
            written = f"{key} = {json.dumps(value, ensure_ascii=False)}"
            line = f"{written.ljust(at)}{line[at:].rstrip() if at >= 0 else ''}\n"
        yield line


def _without_example_people(lines: Iterable[str]) -> Iterable[str]:
    """Leave out the second member of staff, and make the accounts of the example comments."""
    seen = 0
    table = ""
    for line in lines:
        if line.startswith("["):
            table = line.strip()
            seen += table == "[[staff]]"
        if table == "[[staff]]" and seen > 1 and not line.startswith("#"):
            continue
        if table == "[[account]]" and line.strip() and not line.startswith("#"):
            line = f"# {line.removeprefix('  ')}"
        yield line
