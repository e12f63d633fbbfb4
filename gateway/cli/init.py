"""`helpdesk init`: a new desk's folder, with its configuration and its secret."""

import os
from importlib.resources import files
from pathlib import Path

import click

from helpdesk.config.private_files import make_folder, write_new
from helpdesk.gateway.cli.options import unused_config_option
from helpdesk.gateway.first_files import CONFIGURATION, FIRST_KEY, SECRET, new_key
from helpdesk.gateway.terminal import echo


class AlreadyThere(Exception):
    """A file that would have been overwritten."""


def init(folder: Path) -> tuple[Path, ...]:
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


@click.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@unused_config_option
def init_command(folder: Path) -> None:
    """Write helpdesk.toml and secret into DIR. Never overwrites."""
    try:
        written = init(folder)
    except AlreadyThere as fault:
        _leave(f"{fault} exists and is never overwritten; name another folder, or move it away first")
    except OSError as fault:
        _leave(f"{folder}: cannot be written: {fault.strerror}")
    for path in written:
        echo(f"wrote {path}")
    configuration = written[0]
    echo(f"Next: put your desk's domain, addresses, staff and accounts into {configuration}, then run")
    for command in ("migrate", "check", "serve"):
        echo(f"  helpdesk {command} --config {configuration}")
    echo(f"Keep a copy of {written[1]} in a safe place: without it, replies to letters already sent lose their token.")


def _leave(reason: str) -> None:
    echo(reason, err=True)
    raise click.exceptions.Exit(os.EX_CANTCREAT)
