"""`helpdesk suppress list|add|lift`: addresses to which letters are kept back."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from helpdesk.config.section import duration
from helpdesk.gateway.cli.options import config_option
from helpdesk.gateway.cli.store import opened, shown
from helpdesk.gateway.terminal import echo
from helpdesk.store.suppressions import lift, list_suppressions, suppress
from helpdesk.threading.model.suppression import Suppression, SuppressionReason
from helpdesk.threading.trust.addresses import reachable

COLUMNS = ("address", "reason", "since", "until", "diagnostic")


class Span(click.ParamType[timedelta]):
    name = "span"

    def convert(self, value: object, parameter: click.Parameter | None, context: click.Context | None) -> timedelta:
        try:
            return duration(value)
        except ValueError as fault:
            self.fail(str(fault), parameter, context)


@click.group("suppress")
def suppress_group() -> None:
    """Addresses to which letters are kept back."""


@suppress_group.command("list")
@click.option("json_lines", "--json", is_flag=True, help="One JSON object a line.")
@config_option
def list_command(json_lines: bool, config: Path) -> None:
    """All that are in force, newest first."""
    with opened(config) as database, database.reading() as connection:
        found = list_suppressions(connection, datetime.now(UTC))
    rows = [
        {
            "address": one.address,
            "reason": one.reason,
            "diagnostic": one.diagnostic,
            "since": one.since,
            "until": one.until,
            "letter": one.letter_id,
        }
        for one in found
    ]
    shown(rows, COLUMNS, json_lines=json_lines)


@suppress_group.command("add")
@click.argument("address")
@click.option("--for", "span", type=Span(), help='How long, such as "30d"; without it until somebody lifts it.')
@click.option("--reason", "why", default="", metavar="TEXT", help="Shown wherever the suppression is.")
@config_option
def add_command(address: str, span: timedelta | None, why: str, config: Path) -> None:
    """Send nothing more to ADDRESS. Its platform inbox goes on as ever."""
    known, now = _known(address), datetime.now(UTC)
    one = Suppression(known, SuppressionReason.MANUAL, why, now, now + span if span else None)
    with opened(config) as database, database.writing() as connection:
        suppress(connection, one)
    until = f"until {one.until:%Y-%m-%d %H:%M} UTC" if one.until else f"until `helpdesk suppress lift {known}`"
    echo(f"no letter goes to {known} {until}")


@suppress_group.command("lift")
@click.argument("address")
@config_option
def lift_command(address: str, config: Path) -> None:
    """Letters go to ADDRESS again."""
    known = _known(address)
    with opened(config) as database, database.writing() as connection:
        lifted = lift(connection, known)
    if not lifted:
        raise click.ClickException(f"{known}: nothing is kept back from this address; `helpdesk suppress list` shows all")
    echo(f"letters go to {known} again")
    raise click.exceptions.Exit(os.EX_OK)


def _known(address: str) -> str:
    known = reachable(address)
    if not known:
        raise click.UsageError(f"{address}: this is no mail address; write one such as anna@example.com")
    return known
