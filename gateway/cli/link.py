"""`helpdesk link list|revoke`: links to files that were too large for a letter."""

from datetime import UTC, datetime
from pathlib import Path

import click

from helpdesk.gateway.cli.options import config_option
from helpdesk.gateway.cli.store import open_store, print_rows
from helpdesk.gateway.terminal import echo, in_one_line
from helpdesk.store.file_links import linked_files, revoke_links

MOST = 1000
LISTED = ("file", "filename", "contact", "used", "last_used_at", "revoked_at")


@click.group("link")
def link_group() -> None:
    """Links to files that were too large for a letter."""


@link_group.command("list")
@click.option("json_lines", "--json", is_flag=True, help="Print one JSON object a line.")
@config_option
def list_command(json_lines: bool, config: Path) -> None:
    """Show the files whose links were used or revoked, the newest first."""
    with open_store(config) as database, database.reading() as connection:
        rows = [{name: getattr(entry, name) for name in LISTED} for entry in linked_files(connection, MOST)]
    print_rows(rows, LISTED, json_lines=json_lines)


@link_group.command("revoke")
@click.argument("file")
@config_option
def revoke_command(file: str, config: Path) -> None:
    """Let all links to a file lead nowhere from now on. FILE is its id, such as att_17_1: the numbers stand at the beginning of the link."""
    with open_store(config) as database, database.writing() as connection:
        is_revoked = revoke_links(connection, file, datetime.now(UTC))
    if not is_revoked:
        raise click.ClickException(
            f"{in_one_line(file[:60])}: no letter has a file of this id; a link /file/17-1-… is about att_17_1"
        )
    echo(f"links to {file} lead nowhere from now on")
