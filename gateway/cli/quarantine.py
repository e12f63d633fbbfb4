"""`helpdesk quarantine list|show` and `helpdesk replay`: mail that could not be processed, and how it gets another chance."""

import sys
from dataclasses import asdict
from pathlib import Path

import click

from helpdesk.gateway.cli.options import config_option, load_or_exit
from helpdesk.gateway.cli.store import as_json, opened, shown
from helpdesk.gateway.doors.trace import with_trace
from helpdesk.store.blobs import BlobStore
from helpdesk.store.inbound import find_inbound, list_inbound, raw_mail, replay
from helpdesk.threading.model import Disposition

COLUMNS = ("inbound", "state", "received_at", "message_id", "attempts", "reason")
SET_ASIDE = (Disposition.QUARANTINED, Disposition.HELD)


@click.group("quarantine")
def quarantine_group() -> None:
    """Look at mail that was set aside."""


@quarantine_group.command("list")
@click.option("json_lines", "--json", is_flag=True, help="One JSON object a line.")
@config_option
def list_command(json_lines: bool, config: Path) -> None:
    """Quarantined and held mails, newest first."""
    with opened(config) as database, database.reading() as connection:
        mails = [mail for state in SET_ASIDE for mail in list_inbound(connection, state, 1000)]
    rows = [
        {
            "inbound": mail.id,
            "state": mail.state,
            "received_at": mail.received_at,
            "message_id": mail.message_id,
            "attempts": mail.attempts,
            "reason": mail.decision.get("reason") or mail.last_error,
        }
        for mail in sorted(mails, key=lambda mail: mail.id, reverse=True)
    ]
    shown(rows, COLUMNS, json_lines=json_lines)


@quarantine_group.command("show")
@click.argument("inbound_id", type=int)
@click.option("--raw", is_flag=True, help="The mail as it came, below the trace of its way here.")
@config_option
def show_command(inbound_id: int, raw: bool, config: Path) -> None:
    """One mail: its line in the books, or its octets."""
    settings = load_or_exit(config).settings
    with opened(config) as database, database.reading() as connection:
        mail = raw_mail(connection, BlobStore(Path(settings.database.blobs)), inbound_id)
        lines = find_inbound(connection, str(inbound_id))
    if mail is None:
        raise click.ClickException(f"{inbound_id}: no such mail; `helpdesk quarantine list` has the numbers")
    if raw:
        sys.stdout.buffer.write(with_trace(mail, settings.desk.hostname or settings.desk.domain, inbound_id))
        return
    for one in lines:
        click.echo(as_json({field: value for field, value in asdict(one).items() if field != "decision"} | one.decision))


@click.command("replay")
@click.argument("inbound_id", type=int)
@config_option
def replay_command(inbound_id: int, config: Path) -> None:
    """Process once more a mail that had no effect."""
    with opened(config) as database:
        again = replay(database, inbound_id)
    if not again:
        raise click.ClickException(
            f"{inbound_id}: no such mail, or it has had its effect; `helpdesk why {inbound_id}` says which"
        )
    click.echo(f"{inbound_id} is pending again; a running node takes it up, or run `helpdesk tick`")
