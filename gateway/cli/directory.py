"""`helpdesk account`, `helpdesk contact` and `helpdesk staff`: the directory, as the running desk knows it."""

import getpass
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from helpdesk.config.policy import Policy
from helpdesk.gateway.cli.options import Number, config_option, load_or_exit, unused_config_option
from helpdesk.gateway.cli.secret_input import ask_secret, read_secret
from helpdesk.gateway.cli.store import as_json, open_store, print_rows
from helpdesk.gateway.doors.passwords import hash_password
from helpdesk.gateway.terminal import echo, echo_again, echo_octets, is_terminal
from helpdesk.store.directory import list_accounts, list_contacts, list_staff, owner_of
from helpdesk.store.directory_changes import (
    API,
    TOML,
    ChangeWord,
    DirectoryChange,
    DirectoryDiff,
    DirectoryEntry,
    DirectoryKind,
    DirectoryOrder,
    DirectoryOutcome,
    RefusedRow,
    Tell,
    change_directory,
    recorded_changes,
    undo_change,
)
from helpdesk.store.directory_renames import NoRename, entries_of_rename

CHANGES_AHEAD = 2  # exit code of a dry run that would change something, as that of diff
MOST_LINES = 200  # of a diff, for people
MOST_RECORDS = 100
PROGRESS_EVERY = 2.0  # seconds between two lines about progress
UNNAMED = "file"  # name of the source of an import without --source
RENAME_HELP = {
    DirectoryKind.ACCOUNT: "Give account OLD the id NEW. Contacts, domains, requests and inbox rows go along.\n\n"
    "Where the id was changed in helpdesk.toml or by an import, this only says who the heir is.",
    DirectoryKind.STAFF: "Give the staff member at OLD the address NEW. What is open in their hands goes along; what they wrote stays.\n\n"
    "Where the address was changed in helpdesk.toml or by an import, this only says who the heir is.",
}
JOIN_HELP = "Make one account of two: contacts, domains, requests and inbox rows of OLD belong to NEW from then on."
MOVES = "These belong to another account from now on, and may read its requests instead:"


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
                own = {"address": person.address, "name": person.name, "role": person.role, "queues": list(person.queues)}
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

        of_source = source and _source(source)
        names = LAYOUTS[kind].columns
        rows = (
            {name: row[name] for name in names} for row in _rows(kind, config) if of_source is None or row["source"] == of_source
        )
        for line in written_json(rows) if json_lines or form == "json" else written_csv(kind, rows):
            echo_octets(line.encode())

    return export_command


def _import_command(kind: DirectoryKind) -> click.Command:
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
            _report(outcome, dry_run=dry_run, json_lines=json_lines)
        assert file is not None
        policy = load_or_exit(config).policy
        order, lines = _order_of_file(kind, file, policy, _source(source or UNNAMED), complete=complete)
        order = _with_leave(order, allow_removals, skip_bad=skip_bad)
        with open_store(config) as database:
            outcome = change_directory(database, order, now, dry_run=dry_run, tell=_progress())
        _report(outcome, dry_run=dry_run, json_lines=json_lines, lines=lines)

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


def _add_command(kind: DirectoryKind) -> click.Command:
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
        _report(outcome, json_lines=json_lines)

    return add_command


def _set_command(kind: DirectoryKind) -> click.Command:
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


def _deactivate_command(kind: DirectoryKind) -> click.Command:
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


def _rename_command(kind: DirectoryKind, *, join: bool = False) -> click.Command:
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
        _report(outcome, dry_run=dry_run, json_lines=json_lines)

    rename_command.help = JOIN_HELP if join else RENAME_HELP[kind]
    return rename_command


def _check_owner(kind: DirectoryKind, key: str, owner: str, source: str | None) -> None:
    """Let an operator change rows of their own, and those of a source that they name."""
    if owner == TOML:
        raise click.ClickException(f"{kind} {key} stands in helpdesk.toml; change it there")
    if owner not in (API, source and _source(source)):
        raise click.ClickException(
            f"{kind} {key} belongs to {owner}, whose next import may change it again; "
            f"change it there, or say --source {owner.removeprefix('import:')}"
        )


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
    _report(outcome, json_lines=json_lines)


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


def _source(name: str) -> str:
    """The source of an operator's name for it."""
    return name if name in (API, TOML) else f"import:{name.removeprefix('import:')}"


def _operator() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _progress() -> Tell:
    started = told = time.monotonic()
    on_terminal = is_terminal(err=True)

    def tell(done: int, total: int) -> None:
        nonlocal told
        now = time.monotonic()
        if (now - told < PROGRESS_EVERY and not (done == total and told > started)) or total == 0:
            return
        told = now
        line = f"{done} of {total} differences written"
        if on_terminal:
            echo_again(line, err=True, last=done == total)
        else:
            echo(line, err=True)

    return tell


def _report(outcome: DirectoryOutcome, *, dry_run: bool = False, json_lines: bool = False, lines: int | None = None) -> None:
    """Print the diff and what became of it, and exit."""
    diff = outcome.diff
    summary = {
        "change": outcome.number,
        "dry_run": dry_run,
        "refused": outcome.refused,
        "lines": lines,
        "unchanged": diff.unchanged,
        "faulty": len(diff.refusals),
        "counts": diff.counts,
    }
    if json_lines:
        for row in (*map(_change_object, diff.changes), *map(_refusal_object, diff.refusals), summary):
            echo(as_json(row))
    else:
        for line in _describe(diff):
            echo(line)
        echo(_conclusion(outcome, dry_run=dry_run), err=bool(outcome.refused))
    if outcome.refused:
        raise click.exceptions.Exit(os.EX_DATAERR)
    raise click.exceptions.Exit(CHANGES_AHEAD if dry_run and diff.changes else os.EX_OK)


def _change_object(change: DirectoryChange) -> dict[str, Any]:
    differences = change.differences
    return {
        "kind": change.kind,
        "key": change.key,
        "what": change.word,
        "before": None if change.before is None else {name: before for name, (before, _) in differences.items()},
        "after": None if change.after is None else {name: after for name, (_, after) in differences.items()},
    }


def _refusal_object(refusal: RefusedRow) -> Mapping[str, str]:
    return {"place": refusal.place, "reason": refusal.reason}


def _describe(diff: DirectoryDiff) -> Iterator[str]:
    """The lines of a diff for people. Moves come last, apart from the others."""
    moves = [change for change in diff.changes if change.word is ChangeWord.MOVED]
    others = [change for change in diff.changes if change.word is not ChangeWord.MOVED]
    yield from map(_line, others[:MOST_LINES])
    if len(others) > MOST_LINES:
        yield f"… and {len(others) - MOST_LINES} more; --json shows all"
    if moves:
        yield MOVES
        yield from (f"  {_line(change)}" for change in moves)
    for refusal in diff.refusals:
        yield f"{refusal.place}: {refusal.reason}" if refusal.place else refusal.reason


def _line(change: DirectoryChange) -> str:
    head = f"{change.word} {change.kind} {change.key}"
    if change.before is None or change.after is None:
        return head
    return f"{head}: " + ", ".join(
        f"{name} {_value_words(before)} → {_value_words(after)}" for name, (before, after) in change.differences.items()
    )


def _value_words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value) if value not in (None, "") else "-"


def _conclusion(outcome: DirectoryOutcome, *, dry_run: bool) -> str:
    diff = outcome.diff
    counted = ", ".join(f"{count} {word}" for word, count in diff.counts.items())
    left_out = f", {len(diff.refusals)} left out" if diff.refusals else ""
    if outcome.refused:
        return outcome.refused
    if not diff.changes:
        return f"nothing to change: {diff.unchanged} rows are as they should be{left_out}"
    if dry_run:
        return f"dry run, nothing was changed: {counted}, {diff.unchanged} unchanged{left_out}"
    return f"change {outcome.number}: {counted}, {diff.unchanged} unchanged{left_out}"


MAKERS: tuple[Callable[[DirectoryKind], click.Command], ...] = (
    _import_command,
    _export_command,
    _add_command,
    _set_command,
    _deactivate_command,
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
        group.add_command(_rename_command(kind))
account_group.add_command(_rename_command(DirectoryKind.ACCOUNT, join=True))
