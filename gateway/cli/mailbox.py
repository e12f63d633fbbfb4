"""`helpdesk mailbox list|reconcile`: what the ledger says about the mailboxes, and whether their servers agree."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from helpdesk.config.load import Configuration
from helpdesk.gateway.blobs import blobs_of
from helpdesk.gateway.cli.options import config_option, load_or_exit
from helpdesk.gateway.cli.store import open_store, print_rows
from helpdesk.gateway.disk import disk_of
from helpdesk.gateway.doors.mailbox.connect import connector
from helpdesk.gateway.doors.mailbox.look import MailboxLedger, Reconciliation
from helpdesk.gateway.doors.mailbox.session import MailboxAway
from helpdesk.gateway.doors.mailbox.watcher import Watcher
from helpdesk.store.database import Database
from helpdesk.store.mailboxes import FolderState, Seen, ask_to_reconcile, folder_states

LISTED = ("mailbox", "folder", "stored", "withheld", "other", "to_do", "last_uid", "reconciled_at", "read_until")
COMPARED = ("mailbox", "folder", "server", "ledger", "missing", "note")


@click.group("mailbox")
def mailbox_group() -> None:
    """The mailboxes that mail is fetched from."""


@mailbox_group.command("list")
@click.option("json_lines", "--json", is_flag=True, help="Print one JSON object a line, with every outcome.")
@config_option
def list_command(json_lines: bool, config: Path) -> None:
    """List every folder that was ever read, and what became of its mails."""
    with open_store(config) as database, database.reading() as connection:
        states = folder_states(connection)
    print_rows([_row(folder) for folder in states], LISTED, json_lines=json_lines)


@mailbox_group.command("reconcile")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("json_lines", "--json", is_flag=True, help="Print one JSON object a line.")
@config_option
def reconcile_command(names: tuple[str, ...], json_lines: bool, config: Path) -> None:
    """Compare mailboxes with the ledger, and fetch mails that are missing. Without NAME, every mailbox is compared.

    A folder that a running node reads is compared by that node, at its next look. The exit code is 69 where a server cannot
    be reached.
    """
    loaded = load_or_exit(config)
    known = [mailbox.name for mailbox in loaded.settings.mailboxes]
    for name in names:
        if name not in known:
            raise click.ClickException(
                f"{name}: the configuration has no [[mailbox]] of this name; it has: {', '.join(known) or 'none'}"
            )
    with open_store(config) as database:
        answers = [_reconcile(loaded, database, name) for name in known if not names or name in names]
    print_rows([row for _, rows in answers for row in rows], COMPARED, json_lines=json_lines)
    raise click.exceptions.Exit(os.EX_OK if all(answered for answered, _ in answers) else os.EX_UNAVAILABLE)


def _reconcile(loaded: Configuration, database: Database, name: str) -> tuple[bool, list[dict[str, object]]]:
    """Compare one mailbox. Return whether its server could be reached, and a row for each folder."""
    settings = loaded.settings
    [mailbox] = [mailbox for mailbox in settings.mailboxes if mailbox.name == name]
    blobs = blobs_of(settings.database)
    disk = disk_of(settings.database, database)
    ledger = MailboxLedger(
        database, blobs, settings.database.blob_threshold, lambda: datetime.now(UTC), disk.trouble, disk.failed
    )
    watcher = Watcher(mailbox, connector(mailbox), ledger, settings.largest_mail, lambda: None)
    try:
        found = {comparison.folder: comparison for comparison in watcher.look_once(reconcile=True)}
    except MailboxAway as fault:
        return False, [_comparison_row(name, folder, None, str(fault)) for folder in mailbox.folders]
    finally:
        watcher.close()
    for folder in mailbox.folders:
        if folder not in found:
            ask_to_reconcile(database, name, folder)
    busy = "a running node reads this folder, and will compare it at its next look"
    return True, [_comparison_row(name, folder, found.get(folder), "" if folder in found else busy) for folder in mailbox.folders]


def _comparison_row(name: str, folder: str, found: Reconciliation | None, note: str) -> dict[str, object]:
    numbers = {"server": found.on_server, "ledger": found.in_ledger, "missing": found.missing} if found else {}
    return {"mailbox": name, "folder": folder, "server": None, "ledger": None, "missing": None, **numbers, "note": note}


def _row(folder: FolderState) -> dict[str, object]:
    stored, withheld = folder.outcomes.get(Seen.STORED, 0), folder.outcomes.get(Seen.UNREADABLE, 0)
    return {
        "mailbox": folder.mailbox,
        "folder": folder.folder,
        "stored": stored,
        "withheld": withheld,
        "other": sum(folder.outcomes.values()) - stored - withheld,
        "to_do": folder.unsettled,
        "last_uid": folder.last_uid,
        "reconciled_at": folder.reconciled_at,
        "read_until": folder.lease_until,
        "outcomes": folder.outcomes,
    }
