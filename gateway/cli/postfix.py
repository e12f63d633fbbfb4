"""`helpdesk postfix`: the files by which Postfix hands the desk's mail over, written from the configuration."""

import os
import shlex
import sys
from pathlib import Path

import click

from helpdesk.config.our_addresses import our_addresses
from helpdesk.config.postfix_maps import WRITTEN, HandOver, PostfixSetup, postfix_setup
from helpdesk.config.settings import Settings
from helpdesk.config.shapes import endpoint, socket_path
from helpdesk.gateway.cli.options import config_option, load_or_exit
from helpdesk.gateway.terminal import echo

FOLDER = Path("/etc/postfix")
READABLE = 0o644  # Postfix's daemons read the tables as an account of their own
ANY_HOST = ("0.0.0.0", "::")


class NotWritten(click.ClickException):
    """A file that somebody else has written, or a folder that cannot be written to."""

    exit_code = os.EX_CANTCREAT


@click.command("postfix")
@click.argument("folder", metavar="[DIR]", default=FOLDER, type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--by",
    "way",
    type=click.Choice([str(way) for way in HandOver]),
    default="smtp",
    show_default=True,
    help="How Postfix hands mail over.",
)
@click.option("--mx", default="", metavar="NAME", help="Postfix's own name (myhostname); default: what the configuration trusts.")
@click.option("--host", default="", metavar="NAME", help="The gateway's machine, as Postfix finds it; default: this one.")
@click.option("--commands", is_flag=True, help="Print nothing but the commands, for a shell.")
@click.option("--force", is_flag=True, help="Overwrite files that this command has not written.")
@config_option
def postfix_command(folder: Path, way: str, mx: str, host: str, commands: bool, force: bool, config: Path) -> None:
    """Write Postfix's tables into DIR (/etc/postfix), and print the commands that make Postfix use them.

    Run it again whenever a support address comes or goes; `helpdesk check` says when the tables are out of date.
    """
    loaded = load_or_exit(config)
    desk = loaded.settings.desk
    ours = our_addresses(desk.domain, desk.reply_address, (address.address for address in loaded.policy.addresses))
    name = mx or next(iter(loaded.settings.authentication.trusted_authserv_ids), "") or desk.hostname or desk.domain
    program = f"{Path(sys.argv[0]).absolute()} deliver --config {config.absolute()} --from ${{sender}} -- ${{recipient}}"
    hop = _next_hop(loaded.settings, HandOver(way), host)
    setup = postfix_setup(ours, hop, HandOver(way), name, loaded.settings.largest_mail, folder, program)
    try:
        _write(setup, folder, force=force)
    except OSError as fault:
        raise NotWritten(f"{folder}: cannot be written: {fault.strerror}") from None
    if not commands:
        for table in setup.tables:
            echo(f"wrote {folder / table}")
        echo("Postfix uses them after:")
    for key, value in setup.settings.items():
        echo(f"  postconf -e {shlex.quote(f'{key} = {value}')}")
    for service, line in setup.services.items():
        echo(f"  postconf -M {shlex.quote(f'{service}/unix={line}')}")
    echo("  postfix reload")


def _write(setup: PostfixSetup, folder: Path, *, force: bool) -> None:
    """Write all tables, or none. Raises NotWritten or OSError."""
    for table in setup.tables:
        place = folder / table
        if not force and place.exists() and not place.read_text(encoding="utf-8", errors="replace").startswith(WRITTEN):
            raise NotWritten(f"{place} was not written by this command; move it away, or use --force")
    for table, text in setup.tables.items():
        unfinished = folder / f".{table}.{os.getpid()}"
        unfinished.write_text(text, encoding="utf-8")
        unfinished.chmod(READABLE)
        unfinished.replace(folder / table)


def _next_hop(settings: Settings, way: HandOver, seen_as: str) -> str:
    """Where Postfix finds the door."""
    if way is HandOver.PIPE:
        return ""
    door = settings.smtp if way is HandOver.SMTP else settings.lmtp
    if door is None:
        raise NotWritten(f"the configuration has no section [{way}]: the gateway does not listen there")
    if path := socket_path(door.listen):
        return f"unix:{path}"
    host, port = endpoint(door.listen)
    host = seen_as or ("127.0.0.1" if host in ANY_HOST else host)
    return f"[{host}]:{port}" if way is HandOver.SMTP else f"inet:{host}:{port}"
