"""`helpdesk suppress list|add|lift`: addresses to which no letters are sent."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from helpdesk.gateway.cli.options import SpanParam, config_option
from helpdesk.gateway.cli.store import open_store, operator_of, print_rows
from helpdesk.gateway.terminal import echo
from helpdesk.store.suppressions import list_suppressions
from helpdesk.threading.trust.addresses import reachable

COLUMNS = ("address", "reason", "since", "until", "diagnostic")


@click.group("suppress")
def suppress_group() -> None:
    """Addresses to which no letters are sent."""


@suppress_group.command("list")
@click.option("json_lines", "--json", is_flag=True, help="Print one JSON object a line.")
@config_option
def list_command(json_lines: bool, config: Path) -> None:
    """List all suppressions that are in force, newest first."""
    with open_store(config) as database, database.reading() as connection:
        found = list_suppressions(connection, datetime.now(UTC))
    rows = [
        {
            "address": suppression.address,
            "reason": suppression.reason,
            "diagnostic": suppression.diagnostic,
            "since": suppression.since,
            "until": suppression.until,
            "letter": suppression.letter_id,
        }
        for suppression in found
    ]
    print_rows(rows, COLUMNS, json_lines=json_lines)


@suppress_group.command("add")
@click.argument("address")
@click.option("--for", "span", type=SpanParam(), help='For how long, such as "30d"; default: until it is lifted.')
@click.option("--reason", "why", default="", metavar="TEXT", help="The reason, printed with the suppression.")
@config_option
def add_command(address: str, span: timedelta | None, why: str, config: Path) -> None:
    """Send no more letters to ADDRESS. Its inbox on the platform is not affected."""
    addr_spec = _valid_address(address)
    with open_store(config) as database:
        until = operator_of(database).suppress_address(addr_spec, why, span)
    end = f"until {until:%Y-%m-%d %H:%M} UTC" if until else f"until `helpdesk suppress lift {addr_spec}`"
    echo(f"no letter goes to {addr_spec} {end}")


@suppress_group.command("lift")
@click.argument("address")
@config_option
def lift_command(address: str, config: Path) -> None:
    """Send letters to ADDRESS again."""
    addr_spec = _valid_address(address)
    with open_store(config) as database:
        lifted = operator_of(database).lift_address(addr_spec)
    if not lifted:
        raise click.ClickException(f"{addr_spec}: this address is not suppressed; `helpdesk suppress list` shows those that are")
    echo(f"letters go to {addr_spec} again")
    raise click.exceptions.Exit(os.EX_OK)


def _valid_address(address: str) -> str:
    addr_spec = reachable(address)
    if not addr_spec:
        raise click.UsageError(f"{address}: not a mail address; write one such as anna@example.com")
    return addr_spec
