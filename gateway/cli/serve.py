"""`helpdesk serve`, `tick` and `migrate`: run a node, do one round of its work, or bring the database to the present schema."""

import asyncio
import json
import os
import signal
from dataclasses import asdict
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import click

from helpdesk.gateway.beginning import begin_store, is_away
from helpdesk.gateway.blobs import blobs_of
from helpdesk.gateway.cli.faults import exit_code_of_run
from helpdesk.gateway.cli.options import InstantParam, config_option, load_or_exit
from helpdesk.gateway.clock import clock_for
from helpdesk.gateway.node.editions import SharedEditions, edition_of
from helpdesk.gateway.node.node import Node, tick
from helpdesk.gateway.node.one_process import serve
from helpdesk.gateway.node.processes import FirstLook, supervisor_of
from helpdesk.gateway.node.ringing import ring_once
from helpdesk.gateway.node.supervisor import ProcessFailed
from helpdesk.gateway.observe import end_where_a_thread_fails, log_to_standard_error
from helpdesk.gateway.service_manager import tell_ready
from helpdesk.gateway.terminal import echo, flush_output
from helpdesk.store.database import MIGRATION, Database
from helpdesk.store.leases import end_leases
from helpdesk.store.migrate import Contracting, check_revision, is_current

CHECKED_WITHIN = timedelta(seconds=2)  # for SQLite's check of its file


class DatabaseDamaged(Exception):
    """SQLite's own check found a damaged file. Writing on would damage it more."""


NEW = click.option(
    "--new",
    "anew",
    is_flag=True,
    help="Begin anew a desk whose database is empty, or whose folder of blobs is gone for good.",
)


@click.command("serve")
@NEW
@config_option
def serve_command(anew: bool, config: Path) -> None:
    """Run a node until SIGTERM."""
    serve_node(config, anew=anew)


def serve_node(config: Path, greeting: str = "", *, anew: bool = False) -> None:
    """Run the node of a configuration until SIGTERM or SIGINT. `greeting` is printed when it is ready."""
    editions = SharedEditions()
    first = look_first(config, editions, anew=anew)
    log_to_standard_error(first.log_format)
    end_where_a_thread_fails()  # every process of the node is forked from this one
    if first.workers == 0:
        _serve_in_one_process(config, greeting)
        return
    try:
        code = supervisor_of(config, first, editions).run(lambda lines: _say_ready(lines, greeting))
    except ProcessFailed as fault:
        raise click.exceptions.Exit(fault.code or os.EX_SOFTWARE) from None
    raise click.exceptions.Exit(code)


def look_first(config: Path, editions: SharedEditions, *, anew: bool = False) -> FirstLook:
    """Read the configuration and prepare the database in a process of its own, so that this one holds no secret. Raise Exit with its code.

    What was read is the first edition, with which all processes start.
    """
    heard, say = os.pipe()
    flush_output()
    pid = os.fork()
    if pid == 0:
        os._exit(exit_code_of_run(lambda: _look_and_prepare(config, editions, say, anew)))
    os.close(say)
    with open(heard, "rb") as pipe:
        said = pipe.read()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code or not said:
        raise click.exceptions.Exit(code or os.EX_SOFTWARE)
    return FirstLook(**json.loads(said))


def _look_and_prepare(config: Path, editions: SharedEditions, say: int, anew: bool) -> None:
    configuration = load_or_exit(config)
    settings = configuration.settings
    log_to_standard_error(settings.log_format)
    for warning in configuration.warnings:
        echo(f"warning: {warning}", err=True)
    node = Node(configuration)
    try:
        prepare(node, anew=anew)
        if is_away(node.database, node.blobs):
            folder = settings.database.blobs
            echo(
                f"warning: the folder of blobs {folder} is not that of this desk, or is empty: large mail waits until it is back; "
                "if its files are lost for good: helpdesk migrate --new",
                err=True,
            )
        if node.database.is_sqlite:
            # A database file has one node, so claims from before this start belong to processes that have ended.
            end_leases(node.database, node.clock())
    finally:
        node.close()
    editions.write(editions.running, edition_of(configuration))
    cores = len(os.sched_getaffinity(0))
    first = FirstLook(
        workers=cores if settings.node.workers is None else settings.node.workers,
        mailboxes=bool(settings.mailboxes),
        watched=settings.is_watched,
        http=settings.has_api,
        operator=settings.has_operator_page,
        log_format=settings.log_format,
        control=settings.node.control,
    )
    os.write(say, json.dumps(asdict(first)).encode())


def _serve_in_one_process(config: Path, greeting: str) -> None:
    node = Node(load_or_exit(config))
    try:
        asyncio.run(run_until_signalled(node, greeting, config))
    finally:
        node.close()


def _say_ready(doors: list[str], greeting: str) -> None:
    for line in [*doors, *greeting.splitlines(), "ready"]:
        echo(line)
    flush_output()
    tell_ready()


def prepare(node: Node, *, anew: bool = False) -> None:
    """Check the database and prepare the node. Raise DatabaseDamaged, or what `begin_store` raises.

    On SQLite the schema is brought up to date. The nodes of a database server share one schema, which `helpdesk migrate`
    updates once.
    """
    if not node.database.is_sqlite:
        check_revision(node.database)
    if not node.database.is_missing and (damage := node.database.damage(CHECKED_WITHIN)):
        raise DatabaseDamaged(f"the database file is damaged ({damage}); keep a copy of the file, and restore a backup")
    node.prepare(anew=anew)


async def run_until_signalled(node: Node, greeting: str, config: Path) -> None:
    """Print a line for each door, then `ready`, and run until SIGTERM or SIGINT; then drain. SIGHUP reloads."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stop.set)
    await serve(node, lambda doors: _say_ready(doors, greeting), stop, config)


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
        done = asyncio.run(tick(node)) + ring_once(node)
    finally:
        node.close()
    echo(f"done: {done}")


@click.command("migrate")
@NEW
@click.option("--contract", is_flag=True, help="Also take away what only older programs use; no node of another version may run.")
@config_option
def migrate_command(anew: bool, contract: bool, config: Path) -> None:
    """Bring the database to the schema of this program, and make the folder of blobs.

    Without --contract, nodes of the version before go on beside those of this one.
    """
    settings = load_or_exit(config).settings.database
    database = Database(settings.url, role=MIGRATION)
    try:
        before = not database.is_missing and is_current(database)
        clock = clock_for(database)
        if contract:
            clock.tick()
        contracting = Contracting(version("helpdesk-gateway"), clock()) if contract else None
        migrated = begin_store(database, blobs_of(settings), anew=anew, contracting=contracting)
    finally:
        database.close()
    is_changed = not before or migrated.applied
    echo("the schema is up to date now" if is_changed else "the schema was up to date already")
    if migrated.waiting:
        echo(f"migration {migrated.waiting} waits until no older node runs; then run: helpdesk migrate --contract")
    raise click.exceptions.Exit(os.EX_OK)
