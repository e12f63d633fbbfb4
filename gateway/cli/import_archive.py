"""`helpdesk import`: old mail from archives becomes history of tickets. No letter is sent."""

import os
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import click

from helpdesk.gateway.cli.options import SpanParam, config_option, load_or_exit
from helpdesk.gateway.cli.serve import prepare
from helpdesk.gateway.cli.store import as_json
from helpdesk.gateway.doors.archive import FORMATS, LARGEST, Archive, NoArchive
from helpdesk.gateway.importing import Importer, Progress, summary
from helpdesk.gateway.node.node import Node
from helpdesk.gateway.terminal import echo, echo_again, is_terminal

MOST_SKIPPED = 1000  # lines about files that were skipped
PROGRESS_EVERY = 2.0  # seconds between two lines about progress
GO_ON = "run the same command again to go on; mails that are stored already are recognised"


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH…")
@click.option("--format", "form", type=click.Choice(FORMATS), default="auto", help="The format of PATH; auto recognises it.")
@click.option("--recursive", is_flag=True, help="Import every Maildir below a folder.")
@click.option(
    "--open-since",
    type=SpanParam(),
    metavar="SPAN",
    help="Keep conversations open that have mail younger than this, such as 30d; default: none.",
)
@click.option("--json", "json_lines", is_flag=True, help="Print the summary as one JSON object.")
@config_option
def import_command(
    paths: tuple[Path, ...], form: str, recursive: bool, open_since: timedelta | None, json_lines: bool, config: Path
) -> None:
    """Import old mail from mbox files and Maildirs.

    Every conversation becomes a ticket with the dates of its mails, closed unless --open-since keeps it open. No letter is
    sent to anybody.
    """
    now = datetime.now(UTC)
    archive = _find_mails(paths, form, now, recursive=recursive)
    stop = Event()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, lambda *_: stop.set())
    configuration = load_or_exit(config)
    node = Node(configuration)
    try:
        prepare(node)
        importer = Importer(
            database=node.database,
            blobs=node.blobs,
            threshold=configuration.settings.database.blob_threshold,
            worker=node.worker,
            clock=node.clock,
            open_since=now - open_since if open_since is not None else None,
            stopping=stop.is_set,
        )
        left_out = len(archive.skipped)
        progress = importer.run(archive.in_order(), len(archive), _ProgressLine(len(archive)))
        progress.total -= len(archive.skipped) - left_out  # files that have gone since they were found
    finally:
        node.close()
    _print_summary(progress, archive.skipped, json_lines=json_lines)
    if progress.read < progress.total:
        echo(f"stopped after {progress.read} of {progress.total} mails; {GO_ON}", err=True)
        raise click.exceptions.Exit(130)
    raise click.exceptions.Exit(os.EX_OK)


def _find_mails(paths: tuple[Path, ...], form: str, now: datetime, *, recursive: bool) -> Archive:
    archive, reported_at = Archive(now), time.monotonic()
    for path in paths:
        try:
            for count in archive.add(path, form, recursive=recursive):
                if time.monotonic() - reported_at > PROGRESS_EVERY:
                    reported_at = time.monotonic()
                    echo(f"found {count} mails so far", err=True)
        except NoArchive as fault:
            echo(str(fault), err=True)
            raise click.exceptions.Exit(os.EX_NOINPUT) from None
        except OSError as fault:
            echo(f"{path}: cannot be read: {fault.strerror}", err=True)
            raise click.exceptions.Exit(os.EX_NOINPUT) from None
    echo(f"found {len(archive)} mails", err=True)
    return archive


class _ProgressLine:
    """Print the progress on standard error: one line that changes on a terminal, else a line every few seconds."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._reported_at = 0.0
        self._is_terminal = is_terminal(err=True)

    def __call__(self, progress: Progress) -> None:
        ends = progress.read == self._total
        if not ends and not self._is_terminal and time.monotonic() - self._reported_at < PROGRESS_EVERY:
            return
        self._reported_at = time.monotonic()
        line = f"{progress.read} of {self._total} mails, {progress.rate:.0f} a second, {progress.remaining} left"
        if self._is_terminal:
            echo_again(line, err=True, last=ends)
        else:
            echo(line, err=True)


def _print_summary(progress: Progress, skipped: list[str], *, json_lines: bool) -> None:
    for place in progress.too_large:
        echo(f"left out, larger than {LARGEST >> 20} MB: {place}", err=True)
    for line in skipped[:MOST_SKIPPED]:
        echo(f"left out, not a mail: {line}", err=True)
    if len(skipped) > MOST_SKIPPED:
        echo(f"left out, not mails: {len(skipped) - MOST_SKIPPED} more", err=True)
    figures = {**summary(progress), "skipped": len(skipped)}
    if json_lines:
        echo(as_json(figures))
        return
    echo(
        "{stored} mails stored in {seconds} s ({mails_per_second} a second), {already} were stored already: "
        "{opened} conversations opened, {threaded} mails joined them, {noted} noted, "
        "{discarded} discarded as copies, {quarantined} quarantined, {pending} not processed yet".format(**figures)
    )
