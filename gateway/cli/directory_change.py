"""Commands that change the directory: `import`, `add`, `set`, `deactivate`, `rename` and `join`."""

import getpass
import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import click

from helpdesk.config.policy import Policy
from helpdesk.gateway.cli.directory_report import report_change, tell_progress
from helpdesk.gateway.cli.options import Number, config_option, load_or_exit
from helpdesk.gateway.cli.store import open_store
from helpdesk.gateway.terminal import echo
from helpdesk.store.directory.change import DirectoryEntry, DirectoryOrder
from helpdesk.store.directory.listing import owner_of
from helpdesk.store.directory.renames import NoRename, entries_of_rename
from helpdesk.store.directory.rows import API, TOML, DirectoryKind
from helpdesk.store.directory.undo import undo_change
from helpdesk.store.directory.write import change_directory

UNNAMED = "file"  # name of the source of an import without --source
RENAME_HELP = {
    DirectoryKind.ACCOUNT: "Give account OLD the id NEW. Contacts, domains, requests and inbox rows go along.\n\n"
    "Where the id was changed in helpdesk.toml or by an import, this only says who the heir is.",
    DirectoryKind.STAFF: "Give the staff member at OLD the address NEW. What is open in their hands goes along; what they wrote stays.\n\n"
    "Where the address was changed in helpdesk.toml or by an import, this only says who the heir is.",
}
JOIN_HELP = "Make one account of two: contacts, domains, requests and inbox rows of OLD belong to NEW from then on."


def make_import_command(kind: DirectoryKind) -> click.Command:
    @click.command("import")
    @click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
    @click.option(
        "--source", metavar="NAME", help="Name of the system from which the file comes, such as crm. Its rows are its own."
    )
    @click.option("--dry-run", is_flag=True, help="Show the differences and write nothing. Exit code 2 if there are any.")
    @click.option(
        "--complete", is_flag=True, help="The file has all rows of this source: deactivate those that it does not name."
    )
    @click.option("--allow-removals", type=int, metavar="N", help="With --complete: exactly N rows may go, where that is many.")
    @click.option("--skip-bad", is_flag=True, help="Take the other lines where some are faulty or belong to another source.")
    @click.option("--undo", type=Number(), metavar="ID", help="Restore what this change touched, unless something newer did too.")
    @click.option("json_lines", "--json", is_flag=True, help="One JSON object a line: each difference, then the summary.")
    @config_option
    def import_command(
        file: Path | None,
        source: str | None,
        dry_run: bool,
        complete: bool,
        allow_removals: int | None,
        skip_bad: bool,
        undo: int | None,
        json_lines: bool,
        config: Path,
    ) -> None:
        """Bring rows from FILE into the directory: CSV with a header, or JSON lines, in UTF-8.

        Rows that the file does not name stay as they are, unless --complete says otherwise. Exit codes: 0 done, 65 refused and nothing
        changed, 2 a dry run that would change something.
        """
        if (file is None) == (undo is None):
            raise click.UsageError("name a FILE to import, or --undo ID to take an import back")
        if complete and source is None:
            raise click.UsageError("--complete needs --source NAME, because it deactivates the other rows of that source")
        now = datetime.now(UTC)
        if undo is not None:
            with open_store(config) as database:
                outcome = undo_change(database, undo, now, who=_operator(), dry_run=dry_run)
            report_change(outcome, dry_run=dry_run, json_lines=json_lines)
        assert file is not None
        policy = load_or_exit(config).policy
        order, lines = _order_of_file(kind, file, policy, source_of_name(source or UNNAMED), complete=complete)
        order = _with_leave(order, allow_removals, skip_bad=skip_bad)
        with open_store(config) as database:
            outcome = change_directory(database, order, now, dry_run=dry_run, tell=tell_progress())
        report_change(outcome, dry_run=dry_run, json_lines=json_lines, lines=lines)

    return import_command


def _order_of_file(kind: DirectoryKind, file: Path, policy: Policy, source: str, *, complete: bool) -> tuple[DirectoryOrder, int]:
    """What a file orders, and how many lines it has. Exit with 65 where it cannot be read."""
    from helpdesk.gateway.directory_files import WrongFile, read_file

    content = file.read_bytes()
    try:
        found = read_file(kind, content, policy)
    except WrongFile as fault:
        echo(f"{file}: {fault}", err=True)
        raise click.exceptions.Exit(os.EX_DATAERR) from None
    order = DirectoryOrder(
        source,
        found.entries,
        found.names_all_of if complete else frozenset(),
        who=_operator(),
        file=file.name,
        sha256=sha256(content).hexdigest(),
        refused=found.refused,
    )
    return order, found.lines


def _with_leave(order: DirectoryOrder, allowed: int | None, *, skip_bad: bool) -> DirectoryOrder:
    return replace(order, allowed=allowed, skip_bad=skip_bad)


def make_add_command(kind: DirectoryKind) -> click.Command:
    @click.command("add")
    @click.argument("key", metavar="KEY")
    @click.argument("values", nargs=-1, metavar="[COLUMN=VALUE]…")
    @click.option("json_lines", "--json", is_flag=True, help="One JSON object a line.")
    @config_option
    def add_command(key: str, values: tuple[str, ...], json_lines: bool, config: Path) -> None:
        """Add a row. KEY is the id of an account, or an address; the columns are those of a file to import."""
        policy = load_or_exit(config).policy
        entries = _entries(kind, key, values, policy)
        with open_store(config) as database:
            with database.reading() as connection:
                owner = owner_of(connection, kind, entries[0].key)
            if owner is not None and owner.active:
                raise click.ClickException(f"{kind} {entries[0].key} is there already; `helpdesk {kind} set` changes it")
            outcome = change_directory(database, DirectoryOrder(API, entries, who=_operator()), datetime.now(UTC))
        report_change(outcome, json_lines=json_lines)

    return add_command


def make_set_command(kind: DirectoryKind) -> click.Command:
    @click.command("set")
    @click.argument("key", metavar="KEY")
    @click.argument("values", nargs=-1, required=True, metavar="COLUMN=VALUE…")
    @click.option("--source", metavar="NAME", help="Change a row of this source too. Its next import may change it again.")
    @click.option("json_lines", "--json", is_flag=True, help="One JSON object a line.")
    @config_option
    def set_command(key: str, values: tuple[str, ...], source: str | None, json_lines: bool, config: Path) -> None:
        """Change a row. KEY is the id of an account, or an address; active=true brings it back."""
        entries = _entries(kind, key, values, load_or_exit(config).policy)
        _change_row(kind, entries, source, config, json_lines=json_lines)

    return set_command


def make_deactivate_command(kind: DirectoryKind) -> click.Command:
    with_heir = kind is not DirectoryKind.CONTACT
    heir_option = click.option(
        "--heir",
        metavar="KEY",
        default="",
        help="Who takes over what is open. Default: the deputy, else the queue.",
        hidden=not with_heir,
    )

    @click.command("deactivate")
    @click.argument("key", metavar="KEY")
    @heir_option
    @click.option("--source", metavar="NAME", help="Deactivate a row of this source too. Its next import may bring it back.")
    @click.option("json_lines", "--json", is_flag=True, help="One JSON object a line.")
    @config_option
    def deactivate_command(key: str, heir: str, source: str | None, json_lines: bool, config: Path) -> None:
        """Take a row out of force. It stays in the database, because requests refer to it."""
        values = ("active=false", *((f"heir={heir}",) if heir else ()))
        entries = _entries(kind, key, values, load_or_exit(config).policy)
        _change_row(kind, entries, source, config, json_lines=json_lines)

    return deactivate_command


def make_rename_command(kind: DirectoryKind, *, join: bool = False) -> click.Command:
    @click.command("join" if join else "rename")
    @click.argument("old")
    @click.argument("new")
    @click.option("--source", metavar="NAME", help="Change a row of this source too. Its next import has to know the new name.")
    @click.option("--dry-run", is_flag=True, help="Show the differences and write nothing. Exit code 2 if there are any.")
    @click.option("json_lines", "--json", is_flag=True, help="One JSON object a line.")
    @config_option
    def rename_command(old: str, new: str, source: str | None, dry_run: bool, json_lines: bool, config: Path) -> None:
        [former] = _entries(kind, old, (), load_or_exit(config).policy)
        [heir] = _entries(kind, new, (), load_or_exit(config).policy)
        with open_store(config) as database:
            try:
                with database.reading() as connection:
                    owner, entries = entries_of_rename(connection, kind, former.key, heir.key, join=join)
                    present = owner_of(connection, kind, former.key)
            except NoRename as fault:
                raise click.ClickException(str(fault)) from None
            if present is not None and present.active:
                _check_owner(kind, former.key, owner, source)
            order = DirectoryOrder(owner, entries, who=_operator())
            outcome = change_directory(database, order, datetime.now(UTC), dry_run=dry_run)
        report_change(outcome, dry_run=dry_run, json_lines=json_lines)

    rename_command.help = JOIN_HELP if join else RENAME_HELP[kind]
    return rename_command


def _check_owner(kind: DirectoryKind, key: str, owner: str, source: str | None) -> None:
    """Let an operator change rows of their own, and those of a source that they name."""
    if owner == TOML:
        raise click.ClickException(f"{kind} {key} stands in helpdesk.toml; change it there")
    if owner not in (API, source and source_of_name(source)):
        raise click.ClickException(
            f"{kind} {key} belongs to {owner}, whose next import may change it again; "
            f"change it there, or say --source {owner.removeprefix('import:')}"
        )


def _change_row(
    kind: DirectoryKind, entries: list[DirectoryEntry], source: str | None, config: Path, *, json_lines: bool
) -> None:
    """Change one row in the name of its source, where the operator may do that."""
    [entry] = entries
    with open_store(config) as database:
        with database.reading() as connection:
            owner = owner_of(connection, kind, entry.key)
        if owner is None:
            raise click.ClickException(f"there is no {kind} {entry.key}; `helpdesk {kind} add` adds one")
        _check_owner(kind, entry.key, owner.source, source)
        values = {"active": owner.active, **entry.values}
        order = DirectoryOrder(owner.source, [DirectoryEntry(kind, entry.key, values)], who=_operator())
        outcome = change_directory(database, order, datetime.now(UTC))
    report_change(outcome, json_lines=json_lines)


def _entries(kind: DirectoryKind, key: str, values: Iterable[str], policy: Policy) -> list[DirectoryEntry]:
    """The entries of a row that the command line describes. Exit with a usage error where it is not sound."""
    from helpdesk.gateway.directory_files import LAYOUTS, entries_of_cells

    layout = LAYOUTS[kind]
    cells: dict[str, str] = {layout.key: key}
    for word in values:
        column, equals, value = word.partition("=")
        if not equals or column not in layout.columns or column == layout.key:
            raise click.UsageError(f"{word}: write COLUMN=VALUE; the columns are {', '.join(layout.columns[1:])}")
        cells[column] = value
    try:
        return entries_of_cells(kind, cells, policy)
    except ValueError as fault:
        raise click.UsageError(str(fault)) from None


def source_of_name(name: str) -> str:
    """The source of an operator's name for it."""
    return name if name in (API, TOML) else f"import:{name.removeprefix('import:')}"


def _operator() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
