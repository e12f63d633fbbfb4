"""`helpdesk purge`: what has been kept for its time goes now, and what went before."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from helpdesk.gateway.blobs import blobs_of
from helpdesk.gateway.cli.options import config_option, load_or_exit
from helpdesk.gateway.cli.store import as_json, open_store
from helpdesk.gateway.retention import purge
from helpdesk.gateway.terminal import echo, time_text
from helpdesk.store.retention import Purged

WORDS = {
    Purged.MAIL: "octets of mails",
    Purged.LETTER: "octets of letters",
    Purged.FILE: "files of the platform",
    Purged.TICKET: "closed requests",
    Purged.LOOSE: "mails, letters and lists of no request",
    Purged.BLOB: "large contents",
}


@click.command("purge")
@click.option("as_object", "--json", is_flag=True, help="Print one JSON object.")
@config_option
def purge_command(as_object: bool, config: Path) -> None:
    """Take now what has been kept for its time by [retention]. Nodes go on, and do the same every ten minutes."""
    configuration = load_or_exit(config)
    blobs = blobs_of(configuration.settings.database)
    with open_store(config) as database:
        taken = purge(database, blobs, configuration.policy.retention, datetime.now(UTC))
    if as_object:
        echo(as_json({kind.value: taken.get(kind, 0) for kind in Purged}))
    else:
        echo("\n".join(f"{WORDS[kind]}: {taken[kind]}" for kind in Purged if kind in taken) or "nothing is over")


def purged_lines(purged: Mapping[str, tuple[int, datetime]]) -> Iterator[str]:
    """What retention has taken since the desk began, for the report. Nothing where it took nothing."""
    if purged:
        yield ""
        yield "Purged by retention since the desk began"
        yield from (f"  {WORDS[Purged(kind)]}: {count}, the last on {time_text(at)}" for kind, (count, at) in purged.items())
