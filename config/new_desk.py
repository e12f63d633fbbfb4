"""The files of a new desk: its configuration and its secret."""

import os
import secrets
from importlib.resources import files
from pathlib import Path

from helpdesk.config.private_files import make_folder, write_new

CONFIGURATION = "helpdesk.toml"
SECRET = "secret"
FIRST_KEY = "a"
KEY_OCTETS = 32


class AlreadyThere(Exception):
    """A file that would have been overwritten."""


def write_new_desk(folder: Path) -> tuple[Path, ...]:
    """Write the documented configuration and a new secret, which their owner alone can read; make the folder where it is missing.

    Raises AlreadyThere, and writes nothing, when one of the files exists.
    """
    contents = {
        folder / CONFIGURATION: files("helpdesk.config").joinpath(CONFIGURATION).read_bytes(),
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
    return tuple(contents)


def new_key(name: str) -> str:
    """A line of the secret file: 256 random bits under a name of one letter."""
    return f"{name} {secrets.token_hex(KEY_OCTETS)}\n"
