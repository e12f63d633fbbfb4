"""`helpdesk mailbox list|reconcile`: what the ledger says about the mailboxes, and whether their servers say the same."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from helpdesk.config.load import Configuration
from helpdesk.gateway.cli.options import config_option, load_or_exit
from helpdesk.gateway.cli.store import opened, shown
from helpdesk.gateway.disk import disk_of
from helpdesk.gateway.doors.mailbox.connect import connector
from helpdesk.gateway.doors.mailbox.look import MailboxLedger, Reconciliation
from helpdesk.gateway.doors.mailbox.session import MailboxAway
from helpdesk.gateway.doors.mailbox.watcher import Watcher
from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database
from helpdesk.store.mailboxes import FolderState, ask_to_reconcile, folder_states

LISTED = ("mailbox", "folder", "stored", "other", "to_do", "last_uid", "reconciled_at", "read_until")
COMPARED = ("mailbox", "folder", "server", "ledger", "missing", "note")


@click.group("mailbox")
def mailbox_group() -> None:
    """Look at the mailboxes that mail is fetched from."""


@mailbox_group.command("list")
@click.option("json_lines", "--json", is_flag=True, help="One JSON object a line, with every outcome.")
@config_option
def list_command(json_lines: bool, config: Path) -> None:
    """Every folder that was ever read, and what became of its mails."""
    with opened(config) as database, database.reading() as connection:
        states = folder_states(connection)
    shown([_row(one) for one in states], LISTED, json_lines=json_lines)


@mailbox_group.command("reconcile")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("json_lines", "--json", is_flag=True, help="One JSON object a line.")
@config_option
def reconcile_command(names: tuple[str, ...], json_lines: bool, config: Path) -> None:
    """Compare servers and ledger, and fetch what is missing; without NAME, of every mailbox.

    A folder that a running node reads is compared by that node, at its next look. Exit code 69 where a server cannot be asked.
    """
    loaded = load_or_exit(config)
    known = [one.name for one in loaded.settings.mailboxes]
    for name in names:
        if name not in known:
            raise click.ClickException(f"{name}: there is no such [[mailbox]]; known: {', '.join(known) or 'none'}")
    with opened(config) as database:
        answers = [_reconciled(loaded, database, name) for name in known if not names or name in names]
    shown([row for _, rows in answers for row in rows], COMPARED, json_lines=json_lines)
    raise click.exceptions.Exit(os.EX_OK if all(answered for answered, _ in answers) else os.EX_UNAVAILABLE)


def _reconciled(loaded: Configuration, database: Database, name: str) -> tuple[bool, list[dict[str, object]]]:
    """Whether the server could be asked, and a row for each folder."""
    settings = loaded.settings
    [mailbox] = [one for one in settings.mailboxes if one.name == name]
    blobs = BlobStore(Path(settings.database.blobs))
    disk = disk_of(settings.database, database)
    ledger = MailboxLedger(
        database, blobs, settings.database.blob_threshold, lambda: datetime.now(UTC), disk.trouble, disk.failed
    )
    watcher = Watcher(mailbox, connector(mailbox), ledger, settings.largest_mail, lambda: None)
    try:
        found = {one.folder: one for one in watcher.look_once(reconcile=True)}
    except MailboxAway as fault:
        return False, [_compared(name, folder, None, str(fault)) for folder in mailbox.folders]
    finally:
        watcher.close()
    for folder in mailbox.folders:
        if folder not in found:
            ask_to_reconcile(database, name, folder)
    busy = "a running node reads it, and compares it at its next look"
    return True, [_compared(name, one, found.get(one), "" if one in found else busy) for one in mailbox.folders]


def _compared(name: str, folder: str, one: Reconciliation | None, note: str) -> dict[str, object]:
    numbers = {"server": one.on_server, "ledger": one.in_ledger, "missing": one.missing} if one else {}
    return {"mailbox": name, "folder": folder, "server": None, "ledger": None, "missing": None, **numbers, "note": note}


def _row(one: FolderState) -> dict[str, object]:
    stored = one.outcomes.get("stored", 0)
    return {
        "mailbox": one.mailbox,
        "folder": one.folder,
        "stored": stored,
        "other": sum(one.outcomes.values()) - stored,
        "to_do": one.unsettled,
        "last_uid": one.last_uid,
        "reconciled_at": one.reconciled_at,
        "read_until": one.lease_until,
        "outcomes": one.outcomes,
    }
