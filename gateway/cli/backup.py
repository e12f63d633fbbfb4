"""`helpdesk backup` and `helpdesk restore`: a checked copy of the desk, and a desk made of one."""

import os
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from helpdesk.gateway.backup import Manifest, NoBackup, NotRestored, Progress, check_backup, make_backup, restore_backup
from helpdesk.gateway.cli.options import config_option, load_or_exit
from helpdesk.gateway.cli.store import as_json
from helpdesk.gateway.terminal import echo
from helpdesk.store.backup import CopyFailed


class BackupFault(click.ClickException):
    """A backup or a restore that did not become whole. A scheduler that looks at the exit code tells somebody."""

    exit_code = os.EX_CANTCREAT


@click.command("backup")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--check", "only_check", is_flag=True, help="Write nothing: DIR is one backup, which is read again.")
@click.option("as_object", "--json", is_flag=True, help="Print one JSON object.")
@config_option
def backup_command(folder: Path, only_check: bool, as_object: bool, config: Path) -> None:
    """Copy the database and the large contents into DIR, while nodes go on, and read the copy back.

    The configuration and the secret are not copied: keep a copy of them in another place.
    """
    try:
        if only_check:
            place, manifest = folder, check_backup(folder)
        else:
            settings = load_or_exit(config).settings.database
            place, manifest = make_backup(settings, folder, datetime.now(UTC), _teller(as_object))
    except (CopyFailed, NoBackup, OSError) as fault:
        raise BackupFault(f"there is no backup: {fault}") from None
    if as_object:
        echo(as_json({"place": str(place), **asdict(manifest)}))
    else:
        echo(f"{'whole' if only_check else 'backed up'}: {place}: {_words(manifest)}")


@click.command("restore")
@click.argument("backup", metavar="BACKUP", type=click.Path(file_okay=False, path_type=Path))
@click.option("as_object", "--json", is_flag=True, help="Print one JSON object.")
@config_option
def restore_command(backup: Path, as_object: bool, config: Path) -> None:
    """Make the desk of one BACKUP, where the configuration names a database that is not there or is empty.

    All letters are held afterwards, because nobody knows which of them have gone since the backup was made.
    """
    settings = load_or_exit(config).settings
    try:
        manifest = restore_backup(settings.database, backup, datetime.now(UTC), _teller(as_object), settings.desk.prefix)
    except (CopyFailed, NoBackup, NotRestored, OSError) as fault:
        raise BackupFault(f"not restored: {fault}") from None
    if as_object:
        echo(as_json({"place": str(backup), **asdict(manifest)}))
        return
    echo(f"restored: {_words(manifest)}")
    echo("All letters are held. Next: start a node, look at `helpdesk outbox list`, then run")
    echo("  helpdesk outbox release --gone-before TIME   # TIME: when the old desk stopped; what is older counts as sent")


def _teller(quiet: bool) -> Progress:
    return (lambda text: None) if quiet else (lambda text: echo(f"{text} …"))


def _words(manifest: Manifest) -> str:
    counts = ", ".join(f"{name}: {count}" for name, count in manifest.counts.items())
    return f"{manifest.kind} database of {manifest.size} bytes ({counts}, large contents: {manifest.blobs}), made at {manifest.made_at}"
