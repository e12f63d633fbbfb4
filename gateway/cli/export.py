"""`helpdesk export`: all that the desk has about a person, in a folder for them."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

import click

from helpdesk.gateway.blobs import blobs_of
from helpdesk.gateway.cli.erase import addresses_of
from helpdesk.gateway.cli.options import config_option, load_or_exit
from helpdesk.gateway.cli.store import as_json, open_store
from helpdesk.gateway.terminal import echo
from helpdesk.store.legal_hold import LegalHold
from helpdesk.store.person_findings import Findings, find

if TYPE_CHECKING:
    from helpdesk.gateway.export_folder import ExportFolder
    from helpdesk.gateway.reader import Reader
    from helpdesk.threading.reading.parsed import Reading


@click.command("export")
@click.argument("persons", metavar="ADDRESS…", nargs=-1, required=True)
@click.option(
    "--to", "place", metavar="FOLDER", required=True, type=click.Path(path_type=Path), help="A folder that is not there yet."
)
@click.option("--without-notes", is_flag=True, help="Leave out the internal notes on requests that are theirs alone.")
@click.option("as_object", "--json", is_flag=True, help="Print one JSON object.")
@config_option
def export_command(persons: tuple[str, ...], place: Path, without_notes: bool, as_object: bool, config: Path) -> None:
    """Write all that the desk has about the person with these addresses into a folder.

    The folder has a page to read, every row as JSON, mail as mbox files, files, and a manifest with hashes. It has no words of
    other customers. Nothing in the desk changes, and nodes go on meanwhile.
    """
    from helpdesk.gateway.exporting import Exporting

    configuration = load_or_exit(config)
    settings = configuration.settings
    addresses = addresses_of(persons)
    with open_store(config) as database, LazyReader() as reader:
        with database.reading() as connection:
            findings = find(connection, addresses, LegalHold(configuration.policy.retention.legal_hold))
        blobs = blobs_of(settings.database)
        exporting = Exporting(database, blobs, reader.read, _folder_at(place), addresses)
        done = exporting.write(
            findings,
            settings.desk.name,
            datetime.now(UTC),
            lambda text: None if as_object else echo(f"{text} …", err=True),
            with_notes=not without_notes,
        )
    told = tuple(_told_apart(findings))
    if as_object:
        echo(
            as_json(
                {
                    "folder": str(place),
                    "rows": done.rows,
                    "mails": done.mails,
                    "letters": done.letters,
                    "files": done.files,
                    "left_out": done.left_out,
                    "told": told,
                }
            )
        )
        return
    echo(f"{place}: rows {sum(done.rows.values())}, mails {done.mails}, letters {done.letters}, files {done.files}")
    for what, count in sorted(done.left_out.items()):
        echo(f"not given: {what}: {count}")
    for line in told:
        echo(f"not reached: {line}")
    echo("Read the notes and the files before you hand the folder over: no program knows whom else they describe.")


class NoFolder(click.ClickException):
    """The folder of the export cannot be made."""

    exit_code = os.EX_CANTCREAT


def _folder_at(place: Path) -> "ExportFolder":
    """A new folder. Raises NoFolder."""
    from helpdesk.gateway.export_folder import ExportFolder

    try:
        return ExportFolder(place)
    except FileExistsError as fault:
        raise NoFolder(f"{place}: there is something already; name a folder that is not there yet") from fault
    except OSError as fault:
        raise NoFolder(f"{place}: cannot be made ({fault.strerror}); name a folder in a place where you may write") from fault


class LazyReader:
    """A reading child that begins with the first mail: most files need none."""

    def __init__(self) -> None:
        self._children = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *fault: object) -> None:
        self._children.close()

    @cached_property
    def _reader(self) -> "Reader":
        from helpdesk.gateway.reader import Reader

        return self._children.enter_context(Reader(processes=1))

    def read(self, content: bytes) -> "Reading":
        """Read a mail. Raises ReaderDied."""
        return self._reader.read(content)


def _told_apart(findings: Findings) -> Iterator[str]:
    """Where else they are, which the export does not read."""
    for mailbox, count in findings.in_mailboxes.items():
        yield f"the mailbox {mailbox} may still have {count} of their mails"
    yield "backups have what the desk had; the platform may have copied their inbox; the relay has its own log"
