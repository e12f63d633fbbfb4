"""`helpdesk init`: a new desk's folder, with its configuration and its secret."""

import os
import sys
from email.utils import parseaddr
from pathlib import Path

import click

from helpdesk.config.load import ConfigurationProblems, load
from helpdesk.config.new_desk import AlreadyThere, NewDesk, write_new_desk
from helpdesk.gateway.cli.options import unused_config_option
from helpdesk.gateway.terminal import echo

QUESTIONS = (
    ("domain", "Domain of the support addresses", "support.example.com"),
    ("name", "Name of the desk, as letters show it", "Support"),
    ("agent", 'First member of staff, as "Name <address>"', ""),
    ("relay", "Mail server for letters, such as smtp://127.0.0.1:25", ""),
    ("data", "Folder for database and mail", "/var/lib/helpdesk"),
    ("database", "Database, such as postgresql+psycopg://helpdesk@/helpdesk; empty for a file in that folder", ""),
)


@click.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--domain", metavar="DOMAIN", help="Domain of the support addresses.")
@click.option("--name", metavar="NAME", help="Name of the desk, as letters show it.")
@click.option("--prefix", metavar="LETTERS", help="Beginning of each reference, such as HD.")
@click.option("--address", metavar="ADDRESS", help="The first support address; default: help@DOMAIN.")
@click.option("--agent", metavar='"NAME <ADDRESS>"', help="The first member of staff.")
@click.option("--relay", metavar="URL", help="Where letters go out, such as smtp://127.0.0.1:25.")
@click.option("--data", metavar="FOLDER", help="Folder of the database, large mails and, without a relay, letters.")
@click.option("--database", metavar="URL", help="Database, such as postgresql+psycopg://helpdesk@/helpdesk.")
@click.option("--listen", metavar="HOST:PORT", help="Where the SMTP door listens.")
@unused_config_option
def init_command(folder: Path, **given: str | None) -> None:
    """Write helpdesk.toml and secret into DIR. Never overwrites.

    On a terminal the command asks for what is not given, unless anything is. Elsewhere it takes the documented example for it.
    """
    said = {key: value or "" for key, value in given.items()}
    if not any(said.values()) and sys.stdin.isatty():
        said |= {key: click.prompt(question, default=default) for key, question, default in QUESTIONS}
    try:
        written = write_new_desk(folder, _desk_of(said))
    except AlreadyThere as fault:
        _leave(f"{fault} exists and is never overwritten; name another folder, or move it away first")
    except OSError as fault:
        _leave(f"{folder}: cannot be written: {fault.strerror}")
    _keep_only_a_sound_one(written)
    for path in written:
        echo(f"wrote {path}")
    configuration = written[0]
    echo(f"Next: put your desk's domain, addresses, staff and accounts into {configuration}, then run")
    for command in ("migrate", "check", "serve"):
        echo(f"  helpdesk {command} --config {configuration}")
    echo(f"Keep a copy of {written[1]} in a safe place: without it, replies to letters already sent lose their token.")


def _desk_of(said: dict[str, str]) -> NewDesk:
    agent = said.pop("agent")
    name, address = parseaddr(agent)
    if agent and "@" not in address:
        _leave(f'{agent}: not a member of staff; write "Name <address>"')
    return NewDesk(**said, agent=(name or address, address) if agent else None)


def _keep_only_a_sound_one(written: tuple[Path, ...]) -> None:
    """Take the files away again where what was said makes no sound configuration."""
    try:
        load(written[0], {})
    except ConfigurationProblems as problems:
        for path in written:
            path.unlink()
        _leave(f"nothing was written: {problems}")


def _leave(reason: str) -> None:
    echo(reason, err=True)
    raise click.exceptions.Exit(os.EX_CANTCREAT)
