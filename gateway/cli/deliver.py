"""`helpdesk deliver`: store one mail from standard input, for a local mail system that keeps the mail unless the exit code
is 0.
"""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from helpdesk.config.load import ConfigurationProblems, load
from helpdesk.gateway.blobs import blobs_of
from helpdesk.gateway.cli.options import config_option
from helpdesk.gateway.disk import disk_of
from helpdesk.gateway.doors.pipe import deliver
from helpdesk.gateway.intake import NotStored
from helpdesk.gateway.terminal import echo
from helpdesk.gateway.work.desk import desk_of
from helpdesk.store.database import COMMAND, Database
from helpdesk.store.inbound import store_raw
from helpdesk.threading.model.mail import Envelope, RawMessage


@click.command("deliver")
@click.option(
    "--from",
    "reverse_path",
    default="",
    metavar="ADDRESS",
    help="Reverse-path of the envelope; empty (the default) for the null path.",
)
@click.argument("recipients", nargs=-1)
@config_option
def deliver_command(reverse_path: str, recipients: tuple[str, ...], config: Path) -> None:
    """Store the mail on standard input. Without RECIPIENTS the mail has no envelope recipients.

    Exit codes: 0 stored, 65 or 67 refused, 75 not stored: try again later.
    """
    if misplaced := [word for word in recipients if word.startswith("-") and "@" not in word]:
        # A mail system would return the mail on 64. With 75 it keeps the mail until the call has been corrected.
        echo(f"{misplaced[0]}: stands behind `--`, where only recipients stand; write options before it", err=True)
        raise click.exceptions.Exit(os.EX_TEMPFAIL)
    try:
        configuration = load(config, os.environ)
    except ConfigurationProblems as fault:
        # A mail system returns the mail on 78. With 75 it keeps the mail until the configuration has been corrected.
        echo(str(fault), err=True)
        raise click.exceptions.Exit(os.EX_TEMPFAIL) from None
    settings = configuration.settings
    largest = settings.largest_mail
    content = sys.stdin.buffer.read(largest + 1)

    def store(raws: Sequence[RawMessage]) -> list[int]:
        database = Database(settings.database.url, role=COMMAND)
        try:
            if trouble := disk_of(settings.database, database).trouble():
                raise NotStored(f"the disk is {trouble}")
            blobs = blobs_of(settings.database)
            return store_raw(database, blobs, settings.database.blob_threshold, raws, datetime.now(UTC))
        finally:
            database.close()

    envelope = Envelope("" if reverse_path in ("<>", "MAILER-DAEMON") else reverse_path, recipients)
    is_ours = desk_of(configuration, "pipe").house.ours.takes_mail_for
    code = deliver(content, envelope, is_ours=is_ours, store=store, received_at=datetime.now(UTC), max_size=largest)
    if code:
        echo(REFUSALS[code], err=True)
    raise click.exceptions.Exit(code)


REFUSALS = {
    os.EX_DATAERR: "refused: the mail is larger than smtp.max_size, or has more than 100 Received fields",
    os.EX_NOUSER: "refused: no recipient is an address of this desk",
    os.EX_TEMPFAIL: "not stored: the database cannot be written, or its disk is nearly full; try again later",
}
