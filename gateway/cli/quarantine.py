"""`helpdesk quarantine list` and `helpdesk replay`: mail that could not be processed, and how it gets another chance."""

from pathlib import Path

import click

from helpdesk.gateway.cli.options import config_option
from helpdesk.gateway.cli.store import opened, shown
from helpdesk.store.inbound import list_inbound, replay
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
