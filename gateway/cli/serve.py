"""`helpdesk serve`, `tick` and `migrate`: run a node, do one round of its work, or bring the database to the present schema."""

import asyncio
import os
import signal
from datetime import datetime, timedelta
from pathlib import Path

import click

from helpdesk.gateway.cli.options import InstantParam, config_option, load_or_exit
from helpdesk.gateway.node import Node, serve, tick
from helpdesk.gateway.observe import log_to_standard_error
from helpdesk.gateway.terminal import echo
from helpdesk.store.database import COMMAND, Database
from helpdesk.store.migrate import is_current, migrate

CHECKED_WITHIN = timedelta(seconds=2)  # for SQLite's check of its file


class DatabaseDamaged(Exception):
    """SQLite's own check found a damaged file. Writing on would damage it more."""


@click.command("serve")
@config_option
def serve_command(config: Path) -> None:
    """Run a node until SIGTERM."""
    configuration = load_or_exit(config)
    log_to_standard_error(configuration.settings.log_format)
    for warning in configuration.warnings:
        echo(f"warning: {warning}", err=True)
    node = Node(configuration)
    try:
        prepare(node)
        asyncio.run(run_until_signalled(node))
    finally:
        node.close()


def prepare(node: Node) -> None:
    """Check the database and prepare the node. Raise ClickException or DatabaseDamaged.

    On SQLite the schema is brought up to date. The nodes of a database server share one schema, which `helpdesk migrate`
    updates once.
    """
    if not node.database.is_sqlite and not is_current(node.database):
        raise click.ClickException("the database schema is not up to date; run: helpdesk migrate")
    if damage := node.database.damage(CHECKED_WITHIN):
        raise DatabaseDamaged(f"the database file is damaged ({damage}); keep a copy of the file, and restore a backup")
    node.prepare()


async def run_until_signalled(node: Node, greeting: str = "") -> None:
    """Print a line for each door, then `ready`, and run until SIGTERM or SIGINT; then drain."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stop.set)

    def ready(doors: list[str]) -> None:
        for line in [*doors, *greeting.splitlines(), "ready"]:
            echo(line)

    await serve(node, ready, stop)


@click.command("tick")
@click.option("--at", type=InstantParam(), metavar="TIME", help="Act as if it were this moment; default: now.")
@config_option
def tick_command(at: datetime | None, config: Path) -> None:
    """Do everything that is due, once, and exit."""
    configuration = load_or_exit(config)
    log_to_standard_error(configuration.settings.log_format)
    node = Node(configuration) if at is None else Node(configuration, lambda: at)
    try:
        prepare(node)
        done = asyncio.run(tick(node))
    finally:
        node.close()
    echo(f"done: {done}")


@click.command("migrate")
@config_option
def migrate_command(config: Path) -> None:
    """Bring the database to the schema of this program."""
    database = Database(load_or_exit(config).settings.database.url, role=COMMAND)
    try:
        before = is_current(database)
        migrate(database)
    finally:
        database.close()
    echo("the schema was up to date already" if before else "the schema is up to date now")
    raise click.exceptions.Exit(os.EX_OK)
