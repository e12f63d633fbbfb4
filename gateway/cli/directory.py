"""`helpdesk account`, `helpdesk contact` and `helpdesk staff`: the directory, as the running desk knows it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from helpdesk.gateway.cli.directory_change import (
    RENAME_HELP,
    make_add_command,
    make_deactivate_command,
    make_import_command,
    make_rename_command,
    make_set_command,
    source_of_name,
)
from helpdesk.gateway.cli.options import config_option, unused_config_option
from helpdesk.gateway.cli.secret_input import ask_secret, read_secret
from helpdesk.gateway.cli.store import open_store, print_rows
from helpdesk.gateway.doors.passwords import hash_password
from helpdesk.gateway.terminal import echo, echo_octets
from helpdesk.store.directory.listing import list_accounts, list_contacts, list_staff
from helpdesk.store.directory.rows import DirectoryKind
from helpdesk.store.directory.undo import recorded_changes

MOST_RECORDS = 100


@click.group("staff")
def staff_group() -> None:
    """Staff members: list, import, change."""


@click.group("account")
def account_group() -> None:
    """Customer accounts: list, import, change."""


@click.group("contact")
def contact_group() -> None:
    """Contacts of customer accounts: list, import, change."""


@staff_group.command("list")
@click.option("json_lines", "--json", is_flag=True, help="One JSON object a line.")
@config_option
def staff_list_command(json_lines: bool, config: Path) -> None:
    """List all staff members, including those who have left."""
    rows = list(_rows(DirectoryKind.STAFF, config))
    print_rows(rows, ("address", "name", "role", "queues", "active", "source"), json_lines=json_lines)


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


@account_group.command("list")
@click.option("json_lines", "--json", is_flag=True, help="One JSON object a line.")
@config_option
def account_list_command(json_lines: bool, config: Path) -> None:
    """List all accounts with their plan, contacts and domains."""
    rows = list(_rows(DirectoryKind.ACCOUNT, config))
    print_rows(rows, ("id", "plan", "contacts", "domains", "active", "source"), json_lines=json_lines)


@contact_group.command("list")
@click.option("json_lines", "--json", is_flag=True, help="One JSON object a line.")
@config_option
def contact_list_command(json_lines: bool, config: Path) -> None:
    """List all contacts with their account, including inactive ones."""
    rows = list(_rows(DirectoryKind.CONTACT, config))
    print_rows(rows, ("address", "name", "account", "active", "source"), json_lines=json_lines)


def _rows(kind: DirectoryKind, config: Path) -> Iterator[dict[str, Any]]:
    """The rows of a kind under the names of their columns in files."""
    with open_store(config) as database, database.reading() as connection:
        if kind is DirectoryKind.STAFF:
            for person in list_staff(connection):
                own = {
                    "address": person.address,
                    "name": person.name,
                    "addresses": list(person.addresses),
                    "role": person.role,
                    "queues": list(person.queues),
                }
                yield {**own, **person.settings, **_common_values(person)}
        elif kind is DirectoryKind.ACCOUNT:
            for account in list_accounts(connection):
                own = {"id": account.id, "plan": account.plan}
                lists = {"contacts": list(account.contacts), "domains": list(account.domains)}
                yield {**own, **lists, **account.settings, **_common_values(account)}
        else:
            for contact in list_contacts(connection):
                yield {"address": contact.address, "name": contact.name, "account": contact.account, **_common_values(contact)}


def _common_values(row: Any) -> dict[str, Any]:
    return {"external_id": row.external_id, "active": row.active, "source": row.source}


def _export_command(kind: DirectoryKind) -> click.Command:
    @click.command("export")
    @click.option("--format", "form", type=click.Choice(("csv", "json")), default="csv", help="CSV (default) or JSON lines.")
    @click.option("json_lines", "--json", is_flag=True, help="The same as --format json.")
    @click.option("--source", metavar="NAME", help="Only the rows of this source, such as crm, api or toml.")
    @config_option
    def export_command(form: str, json_lines: bool, source: str | None, config: Path) -> None:
        """Write all rows in the form that `import` reads. No cell is a formula for a spreadsheet."""
        from helpdesk.gateway.directory_files import LAYOUTS, written_csv, written_json

        of_source = source and source_of_name(source)
        names = LAYOUTS[kind].columns
        rows = (
            {name: row[name] for name in names} for row in _rows(kind, config) if of_source is None or row["source"] == of_source
        )
        for line in written_json(rows) if json_lines or form == "json" else written_csv(kind, rows):
            echo_octets(line.encode())

    return export_command


def _changes_command() -> click.Command:
    @click.command("changes")
    @click.option("json_lines", "--json", is_flag=True, help="One JSON object a line.")
    @config_option
    def changes_command(json_lines: bool, config: Path) -> None:
        """List the newest changes of the whole directory: imports, commands and changed configurations."""
        with open_store(config) as database, database.reading() as connection:
            found = recorded_changes(connection, MOST_RECORDS)
        rows = [
            {
                "id": record.number,
                "at": record.at,
                "who": record.who,
                "source": record.source,
                "file": record.file,
                "sha256": record.sha256,
                "complete": record.complete,
                "counts": dict(record.counts),
                "undoes": record.undoes,
                "undone": record.undone,
            }
            for record in found
        ]
        print_rows(rows, ("id", "at", "who", "source", "file", "counts", "undoes", "undone"), json_lines=json_lines)

    return changes_command


MAKERS: tuple[Callable[[DirectoryKind], click.Command], ...] = (
    make_import_command,
    _export_command,
    make_add_command,
    make_set_command,
    make_deactivate_command,
)
for group, kind in (
    (account_group, DirectoryKind.ACCOUNT),
    (contact_group, DirectoryKind.CONTACT),
    (staff_group, DirectoryKind.STAFF),
):
    for make in MAKERS:
        group.add_command(make(kind))
    group.add_command(_changes_command())
    if kind in RENAME_HELP:
        group.add_command(make_rename_command(kind))
account_group.add_command(make_rename_command(DirectoryKind.ACCOUNT, join=True))
