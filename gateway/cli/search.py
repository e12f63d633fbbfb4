"""`helpdesk search rebuild`: the words by which `#find` finds messages and notes, written anew."""

import time
from pathlib import Path

import click

from helpdesk.gateway.cli.options import config_option
from helpdesk.gateway.cli.store import as_json, open_store
from helpdesk.gateway.terminal import echo, echo_again, is_terminal
from helpdesk.store.search import drop_forgotten, rebuild_next

PROGRESS_EVERY = 2.0  # seconds between two lines about progress


@click.group("search")
def search_group() -> None:
    """The words by which staff find messages and notes."""


@search_group.command("rebuild")
@click.option("as_object", "--json", is_flag=True, help="Print one JSON object.")
@config_option
def rebuild_command(as_object: bool, config: Path) -> None:
    """Write the words of all messages and notes anew, and take those of deleted ones out of the index.

    Nodes may go on meanwhile. If it is interrupted, all that was found before is still found; run it again.
    """
    began = told_at = time.monotonic()
    written = 0
    with open_store(config) as database:
        count, last = 1, 0
        while count:
            with database.writing() as connection:
                count, last = rebuild_next(connection, last)
            written += count
            if time.monotonic() - told_at > PROGRESS_EVERY:
                told_at = time.monotonic()
                _tell(f"{written} messages and notes", last=False)
        _tell(f"{written} messages and notes; words of deleted ones are taken out of the index", last=True)
        drop_forgotten(database)
    seconds = round(time.monotonic() - began, 1)
    echo(as_json({"written": written, "seconds": seconds}) if as_object else f"{written} messages and notes in {seconds} s")


def _tell(line: str, *, last: bool) -> None:
    """Print the progress on standard error: one line that changes on a terminal, else a line each time."""
    if is_terminal(err=True):
        echo_again(line, err=True, last=last)
    else:
        echo(line, err=True)
