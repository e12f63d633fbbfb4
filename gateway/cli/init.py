"""`helpdesk init`: a new desk's folder, with its configuration and its secret."""

import os
import secrets
from importlib.resources import files
from pathlib import Path

import click

from helpdesk.gateway.cli.options import unused_config_option

CONFIGURATION = "helpdesk.toml"
SECRET = "secret"
FIRST_KEY = "a"
KEY_OCTETS = 32


class AlreadyThere(Exception):
    """A file that would have been overwritten."""


def init(folder: Path) -> tuple[Path, ...]:
    """Write the documented configuration and a new secret, which its owner alone can read; make the folder where it is missing.

    Raises AlreadyThere, and writes nothing, when one of the files exists.
    """
    contents = {
        folder / CONFIGURATION: (files("helpdesk.config").joinpath(CONFIGURATION).read_bytes(), 0o644),
        folder / SECRET: (new_key(FIRST_KEY).encode("ascii"), 0o600),
    }
    for path in contents:
        if os.path.lexists(path):
            raise AlreadyThere(path)
    folder.mkdir(parents=True, exist_ok=True)
    for path, (content, mode) in contents.items():
        _write_new(path, content, mode)
    return tuple(contents)


def new_key(name: str) -> str:
    """A line of the secret file: 256 random bits under a name of one letter."""
    return f"{name} {secrets.token_hex(KEY_OCTETS)}\n"


def _write_new(path: Path, content: bytes, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise AlreadyThere(path) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


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
        click.echo(f"wrote {path}")
    configuration = written[0]
    click.echo(f"Next: put your desk's domain, addresses, staff and accounts into {configuration}, then run")
    for command in ("migrate", "check", "serve"):
        click.echo(f"  helpdesk {command} --config {configuration}")
    click.echo(f"Keep a copy of {written[1]} in a safe place: without it, replies to letters already sent lose their token.")


def _leave(reason: str) -> None:
    click.echo(reason, err=True)
    raise click.exceptions.Exit(os.EX_CANTCREAT)
