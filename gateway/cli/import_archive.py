"""`helpdesk import`: mail of earlier years becomes history on tickets. Nothing is sent."""

import os
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import click

from helpdesk.config.section import duration
from helpdesk.gateway.cli.options import config_option, load_or_exit
from helpdesk.gateway.cli.serve import prepared
from helpdesk.gateway.cli.store import as_json
from helpdesk.gateway.doors.archive import FORMATS, Archive, NoArchive
from helpdesk.gateway.importing import Importer, Progress, summary
from helpdesk.gateway.node import Node
from helpdesk.gateway.terminal import echo, echo_again, is_terminal

MOST_SKIPPED = 1000  # lines
TOLD_EVERY = 2.0  # seconds between two lines of progress
GO_ON = "run the same command again to go on: what is stored already is recognised"


class Since(click.ParamType[timedelta]):
    """A span back from now."""

    name = "span"

    def convert(self, value: object, parameter: click.Parameter | None, context: click.Context | None) -> timedelta:
        try:
            return duration(value)
        except ValueError as fault:
            self.fail(str(fault), parameter, context)


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH…")
@click.option("--format", "form", type=click.Choice(FORMATS), default="auto", help="What PATH is; auto sees for itself.")
@click.option("--recursive", is_flag=True, help="Every Maildir below a folder.")
@click.option(
    "--open-since", type=Since(), metavar="SPAN", help="Conversations with mail younger than this (30d) stay open; default: none."
)
@click.option("--json", "json_lines", is_flag=True, help="The sum at the end as one JSON object.")
@config_option
def import_command(
    paths: tuple[Path, ...], form: str, recursive: bool, open_since: timedelta | None, json_lines: bool, config: Path
) -> None:
    """Bring in old mail from mbox files and Maildirs.

    Every conversation becomes a ticket with the dates of its mails, closed unless --open-since keeps it open. No letter goes to anybody.
    """
    now = datetime.now(UTC)
    archive = _found(paths, form, now, recursive=recursive)
    stop = Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: stop.set())
    configuration = load_or_exit(config)
    node = Node(configuration)
    try:
        prepared(node)
        importer = Importer(
            node.database, node.blobs, configuration.settings.database.blob_threshold, node.worker, node.clock,
            now - open_since if open_since is not None else None, stop.is_set,
        )  # fmt: skip
        left_out = len(archive.skipped)
        progress = importer.run(archive.in_order(), len(archive), _Teller(len(archive)))
        progress.total -= len(archive.skipped) - left_out  # what has gone since it was found
    finally:
        node.close()
    _concluded(progress, archive.skipped, json_lines=json_lines)
    if progress.read < progress.total:
        echo(f"stopped after {progress.read} of {progress.total} mails; {GO_ON}", err=True)
        raise click.exceptions.Exit(130)
    raise click.exceptions.Exit(os.EX_OK)


def _found(paths: tuple[Path, ...], form: str, now: datetime, *, recursive: bool) -> Archive:
    archive, told = Archive(now), time.monotonic()
    for path in paths:
        try:
            for count in archive.add(path, form, recursive=recursive):
                if time.monotonic() - told > TOLD_EVERY:
                    told = time.monotonic()
                    echo(f"found {count} mails so far", err=True)
        except NoArchive as fault:
            echo(str(fault), err=True)
            raise click.exceptions.Exit(os.EX_NOINPUT) from None
        except OSError as fault:
            echo(f"{path}: cannot be read: {fault.strerror}", err=True)
            raise click.exceptions.Exit(os.EX_NOINPUT) from None
    echo(f"found {len(archive)} mails", err=True)
    return archive


class _Teller:
    """Says on standard error how far it is: one line that changes on a terminal, else a line now and then."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._told = 0.0
        self._is_terminal = is_terminal(err=True)

    def __call__(self, progress: Progress) -> None:
        ends = progress.read == self._total
        if not ends and not self._is_terminal and time.monotonic() - self._told < TOLD_EVERY:
            return
        self._told = time.monotonic()
        line = f"{progress.read} of {self._total} mails, {progress.rate:.0f} a second, {progress.remaining} left"
        if self._is_terminal:
            echo_again(line, err=True, last=ends)
        else:
            echo(line, err=True)


def _concluded(progress: Progress, skipped: list[str], *, json_lines: bool) -> None:
    for place in progress.too_large:
        echo(f"left out, too large: {place}", err=True)
    for line in skipped[:MOST_SKIPPED]:
        echo(f"left out, no mail: {line}", err=True)
    if len(skipped) > MOST_SKIPPED:
        echo(f"left out, no mail: {len(skipped) - MOST_SKIPPED} more", err=True)
    said = {**summary(progress), "skipped": len(skipped)}
    if json_lines:
        echo(as_json(said))
        return
    echo(
        "{stored} mails stored in {seconds} s ({mails_per_second} a second), {already} were here already: {opened} conversations opened, "
        "{threaded} mails joined them, {noted} noted, {discarded} known by another way, {quarantined} quarantined, {pending} waiting".format(
            **said
        )
    )
