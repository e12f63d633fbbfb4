"""`helpdesk init`: a new desk's folder, with its configuration and its secret."""

import os
from pathlib import Path

import click

from helpdesk.config.new_desk import AlreadyThere, write_new_desk
from helpdesk.gateway.cli.options import unused_config_option
from helpdesk.gateway.terminal import echo


@click.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@unused_config_option
def init_command(folder: Path) -> None:
    """Write helpdesk.toml and secret into DIR. Never overwrites."""
    try:
        written = write_new_desk(folder)
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
