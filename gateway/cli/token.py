"""`helpdesk token`: the keys that sign reply addresses, and the content of a token."""

import os
import string
from pathlib import Path

import click

from helpdesk.config.new_desk import new_key
from helpdesk.config.private_files import write_private
from helpdesk.config.secret import VARIABLE, prints_of, with_first_key, with_new_key, without_key
from helpdesk.gateway.cli.options import config_option, load_or_exit
from helpdesk.gateway.cli.secret_input import STANDARD_INPUT, read_secret
from helpdesk.gateway.cli.store import as_json, print_rows
from helpdesk.gateway.clock import clock_for
from helpdesk.gateway.terminal import echo
from helpdesk.gateway.work.desk import desk_of
from helpdesk.store.condition import nodes_of
from helpdesk.store.database import COMMAND, Database
from helpdesk.store.migrate import is_current
from helpdesk.threading.reporting.condition import Heartbeat, alive_at, who_lacks, who_signs_with
from helpdesk.threading.trust.tokens import verify

NAMES = string.ascii_lowercase + string.digits


@click.group("token")
def token_group() -> None:
    """The tokens in reply addresses, and the keys that sign them."""


@token_group.command("list")
@click.option("json_lines", "--json", is_flag=True, help="Print one JSON object a line.")
@config_option
def list_command(json_lines: bool, config: Path) -> None:
    """Show the keys of the secret file, and what each running node does with them."""
    keys = _Keys(config)
    nodes = keys.nodes()
    rows = [
        {
            "key": name,
            "print": key_print,
            "does": "signs" if place == 0 else "verifies",
            "signs_on": ", ".join(node.node for node in who_signs_with(f"{name}:{key_print}", nodes)),
            "unknown_on": ", ".join(node.node for node in who_lacks(f"{name}:{key_print}", nodes)),
        }
        for place, (name, key_print) in enumerate(keys.prints)
    ]
    print_rows(rows, ("key", "print", "does", "signs_on", "unknown_on"), json_lines=json_lines)


@token_group.command("add")
@config_option
def add_command(config: Path) -> None:
    """Add a new key that verifies and does not sign yet: the first step of a change of keys.

    Give all nodes the same secret file and reload each of them. Then `helpdesk token use` lets the key sign.
    """
    keys = _Keys(config)
    name = keys.free_name()
    keys.write(with_new_key(keys.text, new_key(name)))
    echo(f"key {name} verifies and does not sign yet; give every node this secret file, run helpdesk reload on each,")
    echo(f"then helpdesk token use {name}")


@token_group.command("use")
@click.argument("name")
@config_option
def use_command(name: str, config: Path) -> None:
    """Let a key sign that every running node verifies with: the second step of a change of keys."""
    keys = _Keys(config)
    nodes = keys.nodes()
    if lacking := who_lacks(keys.key_of(name), nodes):
        raise click.ClickException(
            f"{', '.join(node.node for node in lacking)} does not verify with key {name} yet, and would take replies for mail of "
            "strangers; give it this secret file and run helpdesk reload there first"
        )
    keys.write(with_first_key(keys.text, name))
    echo(f"key {name} signs from the next reload on; give every node this secret file and run helpdesk reload on each")


@token_group.command("remove")
@click.argument("name")
@config_option
def remove_command(name: str, config: Path) -> None:
    """Remove a key with which no node signs: the last step of a change of keys.

    Replies to letters that it signed are then taken for new mail, so wait until nobody answers them any more.
    """
    keys = _Keys(config)
    if name == keys.prints[0][0]:
        raise click.ClickException(f"key {name} signs; let another one sign first: helpdesk token use")
    if signing := who_signs_with(keys.key_of(name), keys.nodes()):
        raise click.ClickException(f"{', '.join(node.node for node in signing)} still signs with key {name}; reload it first")
    keys.write(without_key(keys.text, name))
    echo(f"key {name} verifies until the next reload; give every node this secret file and run helpdesk reload on each")


@token_group.command("rotate")
@config_option
def rotate_command(config: Path) -> None:
    """Add a new key that signs at once, at the top of the secret file, for a desk of one node. Older keys still verify.

    Several nodes change their keys in steps, with add, use and remove, because a node may not sign with a key that another does not know.
    """
    keys = _Keys(config)
    if len(nodes := keys.nodes()) > 1:
        raise click.ClickException(
            f"{len(nodes)} nodes are running, and a key has to verify on all of them before it signs: helpdesk token add, then token use"
        )
    name = keys.free_name()
    keys.write(new_key(name) + keys.text)
    echo(f"new letters are signed with key {name} from the next reload on: helpdesk reload; remove an old key when nobody")
    echo("answers its letters any more: helpdesk token remove")


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


class _Keys:
    """The secret file of a desk, and the nodes that run with it."""

    def __init__(self, config: Path) -> None:
        self._loaded = load_or_exit(config)
        self._path = Path(self._loaded.settings.desk.secret_file)
        self.prints = prints_of(self._loaded.secret)

    @property
    def text(self) -> str:
        return self._path.read_text("ascii")

    def nodes(self) -> list[Heartbeat]:
        """The nodes that run. Raises DatabaseAway. Before its first start a desk has none."""
        database = Database(self._loaded.settings.database.url, role=COMMAND)
        try:
            if not is_current(database):
                return []
            clock = clock_for(database)
            clock.tick()
            with database.reading() as connection:
                return alive_at(clock(), nodes_of(connection))
        finally:
            database.close()

    def key_of(self, name: str) -> str:
        """The key with its print. Raises ClickException where the file has no such key."""
        found = dict(self.prints).get(name)
        if found is None:
            raise click.ClickException(f"the secret file has no key {name}; it has {', '.join(dict(self.prints))}")
        return f"{name}:{found}"

    def free_name(self) -> str:
        used = dict(self.prints)
        free = next((name for name in NAMES if name not in used), None)
        if free is None:
            raise click.ClickException("all 36 key names are in use; remove the oldest keys: helpdesk token remove")
        return free

    def write(self, text: str) -> None:
        if VARIABLE in os.environ:
            raise click.ClickException(f"the keys come from the variable {VARIABLE}; change them there, and restart the nodes")
        _replace(self._path, text)


def _replace(path: Path, content: str) -> None:
    """Replace the file as a whole; only its owner can read it."""
    new = path.with_name(path.name + ".new")
    write_private(new, content.encode("ascii"), durably=True)
    os.replace(new, path)
