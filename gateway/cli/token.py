"""`helpdesk token`: the keys that sign reply addresses, and the content of a token."""

import os
import string
from pathlib import Path

import click

from helpdesk.config.new_desk import new_key
from helpdesk.config.private_files import write_private
from helpdesk.gateway.cli.options import config_option, load_or_exit
from helpdesk.gateway.cli.secret_input import STANDARD_INPUT, read_secret
from helpdesk.gateway.cli.store import as_json
from helpdesk.gateway.terminal import echo
from helpdesk.gateway.work.desk import desk_of
from helpdesk.threading.trust.tokens import verify

NAMES = string.ascii_lowercase + string.digits


@click.group("token")
def token_group() -> None:
    """The tokens in reply addresses, and the keys that sign them."""


@token_group.command("rotate")
@config_option
def rotate_command(config: Path) -> None:
    """Add a new key at the top of the secret file. New letters are signed with it; older keys still verify."""
    configuration = load_or_exit(config)
    if "HELPDESK_SECRET" in os.environ:
        raise click.ClickException("the keys come from the variable HELPDESK_SECRET; put a new key before the others there")
    used = {name for name, _ in configuration.secret}
    free = next((name for name in NAMES if name not in used), None)
    if free is None:
        raise click.ClickException("all 36 key names are in use; remove the oldest lines of the secret file")
    path = Path(configuration.settings.desk.secret_file)
    _replace(path, new_key(free) + path.read_text("ascii"))
    echo(
        f"new letters are signed with key {free}; restart every node; remove an old line when nobody answers its letters any more"
    )


@token_group.command("show")
@click.argument("address_or_token")
@config_option
def show_command(address_or_token: str, config: Path) -> None:
    """Show the content of a token of this desk, if its signature is valid. With - the token is read from standard input.

    Whoever has a token can write as its reader, so a token should not be a command-line argument on a shared machine.
    """
    if address_or_token == STANDARD_INPUT:
        address_or_token = read_secret(address_or_token)
    house = desk_of(load_or_exit(config), "token").house
    text = house.reply_addresses.token_in(address_or_token) or address_or_token.partition(".")[0]
    token = verify(text, house.keyring)
    if token is None:
        raise click.ClickException("not a token of this desk")
    echo(
        as_json(
            {
                "purpose": token.purpose.name.lower(),
                "subject": token.subject,
                "participant": token.participant,
                "version": token.version,
            }
        )
    )


def _replace(path: Path, content: str) -> None:
    """Replace the file as a whole; only its owner can read it."""
    new = path.with_name(path.name + ".new")
    write_private(new, content.encode("ascii"), durably=True)
    os.replace(new, path)
