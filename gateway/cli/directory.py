"""`helpdesk staff` and `helpdesk account`: the directory, as the running desk knows it."""

from pathlib import Path

import click

from helpdesk.gateway.cli.options import config_option, unused_config_option
from helpdesk.gateway.cli.secret_input import ask_secret, read_secret
from helpdesk.gateway.cli.store import open_store, print_rows
from helpdesk.gateway.doors.passwords import hash_password
from helpdesk.gateway.terminal import echo
from helpdesk.store.directory import list_accounts, list_staff


@click.group("staff")
def staff_group() -> None:
    """Staff members."""


@staff_group.command("list")
@click.option("json_lines", "--json", is_flag=True, help="One JSON object a line.")
@config_option
def staff_list_command(json_lines: bool, config: Path) -> None:
    """List all staff members, including those who have left."""
    with open_store(config) as database, database.reading() as connection:
        people = list_staff(connection)
    columns = ("address", "name", "role", "queues", "active")
    rows = [
        {
            "address": person.address,
            "name": person.name,
            "role": person.role,
            "queues": list(person.queues),
            "active": person.active,
        }
        for person in people
    ]
    print_rows(rows, columns, json_lines=json_lines)


@staff_group.command("password")
@click.option(
    "--password-file", "file", metavar="FILE", help="A file whose first line is the password; - for standard input. Default: ask."
)
@unused_config_option
def password_command(file: str | None) -> None:
    """Print the `password` line for a staff member in helpdesk.toml, which lets their mail client submit mail here.

    The password is asked for twice, without showing it. It is never a command-line argument, because all users of a machine
    can list those.
    """
    password = read_secret(file) if file is not None else ask_secret("Password")
    echo(f'password = "{hash_password(password)}"')


@click.group("account")
def account_group() -> None:
    """Customer accounts."""


@account_group.command("list")
@click.option("json_lines", "--json", is_flag=True, help="One JSON object a line.")
@config_option
def account_list_command(json_lines: bool, config: Path) -> None:
    """List all accounts with their plan, contacts and domains."""
    with open_store(config) as database, database.reading() as connection:
        accounts = list_accounts(connection)
    rows = [
        {"id": account.id, "plan": account.plan, "contacts": list(account.contacts), "domains": list(account.domains)}
        for account in accounts
    ]
    print_rows(rows, ("id", "plan", "contacts", "domains"), json_lines=json_lines)
