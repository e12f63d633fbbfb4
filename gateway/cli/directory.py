"""`helpdesk staff` and `helpdesk account`: who is who, as the running desk knows it."""

from pathlib import Path

import click

from helpdesk.gateway.cli.options import config_option, unused_config_option
from helpdesk.gateway.cli.secret_input import asked_secret, secret_line
from helpdesk.gateway.cli.store import opened, shown
from helpdesk.gateway.doors.passwords import hash_password
from helpdesk.gateway.terminal import echo
from helpdesk.store.directory import list_accounts, list_staff


@click.group("staff")
def staff_group() -> None:
    """The team."""


@staff_group.command("list")
@click.option("json_lines", "--json", is_flag=True, help="One JSON object a line.")
@config_option
def staff_list_command(json_lines: bool, config: Path) -> None:
    """Everybody of the team, also who has left."""
    with opened(config) as database, database.reading() as connection:
        people = list_staff(connection)
    rows = [
        {"address": one.address, "name": one.name, "role": one.role, "queues": list(one.queues), "active": one.active}
        for one in people
    ]
    shown(rows, ("address", "name", "role", "queues", "active"), json_lines=json_lines)


@staff_group.command("password")
@click.option(
    "--password-file", "file", metavar="FILE", help="Its first line is the password; - is standard input. Default: a question."
)
@unused_config_option
def password_command(file: str | None) -> None:
    """Print the line for a staff member's `password` in helpdesk.toml, so that their mail client can submit here.

    The password is asked for twice, without showing it. It is never an argument, because everybody on this machine can list those.
    """
    password = secret_line(file) if file is not None else asked_secret("Password")
    echo(f'password = "{hash_password(password)}"')


@click.group("account")
def account_group() -> None:
    """Customer accounts."""


@account_group.command("list")
@click.option("json_lines", "--json", is_flag=True, help="One JSON object a line.")
@config_option
def account_list_command(json_lines: bool, config: Path) -> None:
    """All accounts with their plan, contacts and domains."""
    with opened(config) as database, database.reading() as connection:
        accounts = list_accounts(connection)
    rows = [{"id": one.id, "plan": one.plan, "contacts": list(one.contacts), "domains": list(one.domains)} for one in accounts]
    shown(rows, ("id", "plan", "contacts", "domains"), json_lines=json_lines)
