"""`helpdesk serve`, `tick` and `migrate`: a node, one round of its work, and its schema."""

import asyncio
import os
import signal
from datetime import datetime, timedelta
from pathlib import Path

import click

from helpdesk.gateway.cli.options import Instant, config_option, load_or_exit
from helpdesk.gateway.node import Node, serve, tick
from helpdesk.gateway.observe import log_to_standard_error
from helpdesk.gateway.terminal import echo
from helpdesk.store.database import Database
from helpdesk.store.migrate import is_current, migrate

CHECKED_WITHIN = timedelta(seconds=2)


class DatabaseDamaged(Exception):
    """SQLite's own check found something. Whoever goes on writing makes it worse."""


@click.command("serve")
@config_option
def serve_command(config: Path) -> None:
    """Run this node until SIGTERM."""
    configuration = load_or_exit(config)
    log_to_standard_error(configuration.settings.log_format)
    for warning in configuration.warnings:
        echo(f"warning: {warning}", err=True)
    node = Node(configuration)
    try:
        prepared(node)
        asyncio.run(until_signalled(node))
    finally:
        node.close()


def prepared(node: Node) -> None:
    """On SQLite the schema is brought up to date; several nodes on one server are migrated by `helpdesk migrate`, once."""
    if not node.database.is_sqlite and not is_current(node.database):
        raise click.ClickException("the database has no present schema: run `helpdesk migrate` first")
    if damage := node.database.damage(CHECKED_WITHIN):
        raise DatabaseDamaged(f"the database file is damaged ({damage}): stop here, keep a copy of it, and restore a backup")
    node.prepare()


async def until_signalled(node: Node, greeting: str = "") -> None:
    """A line for each door, then `ready`; SIGTERM or SIGINT drains."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)

    def ready(doors: list[str]) -> None:
        for line in [*doors, *greeting.splitlines(), "ready"]:
            echo(line)

    await serve(node, ready, stop)


@click.command("tick")
@click.option("--at", type=Instant(), metavar="TIME", help="As if it were that time; default: now.")
@config_option
def tick_command(at: datetime | None, config: Path) -> None:
    """Do once everything that is due, and end."""
    configuration = load_or_exit(config)
    log_to_standard_error(configuration.settings.log_format)
    node = Node(configuration) if at is None else Node(configuration, lambda: at)
    try:
        prepared(node)
        done = asyncio.run(tick(node))
    finally:
        node.close()
    echo(f"done: {done}")


@click.command("migrate")
@config_option
def migrate_command(config: Path) -> None:
    """Bring the database to the schema of this program."""
    database = Database(load_or_exit(config).settings.database.url)
    try:
        before = is_current(database)
        migrate(database)
    finally:
        database.close()
    echo("the schema was present already" if before else "the schema is present")
    raise click.exceptions.Exit(os.EX_OK)
