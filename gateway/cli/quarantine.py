"""`helpdesk quarantine list|show|replay|drop` and `helpdesk replay`: mail that did not become part of a conversation."""

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from helpdesk.gateway.blobs import blobs_of
from helpdesk.gateway.cli.options import Number, SinceParam, config_option, load_or_exit
from helpdesk.gateway.cli.store import as_json, open_store, operator_of, print_rows
from helpdesk.gateway.doors.trace import with_trace
from helpdesk.gateway.operator_acts import Operator
from helpdesk.gateway.terminal import echo, echo_octets, in_one_line, time_text
from helpdesk.store.blobs import BlobDamaged
from helpdesk.store.database import Database
from helpdesk.store.inbound import InboundMail, find_inbound, list_inbound, raw_mail
from helpdesk.threading.model.mail import Disposition

COLUMNS = ("inbound", "state", "received_at", "message_id", "attempts", "reason")
SET_ASIDE = (Disposition.QUARANTINED, Disposition.HELD)
NO_CONVERSATION = (*SET_ASIDE, Disposition.REFUSED, Disposition.DISCARDED)
LIMIT = 1000


class NoSuchMail(click.ClickException):
    """No mail has this number, or the command cannot be applied to it."""

    exit_code = os.EX_DATAERR


@click.group("quarantine")
def quarantine_group() -> None:
    """Mail that was set aside: look at it, process it again, or drop it."""


@quarantine_group.command("list")
@click.option(
    "every", "--all", is_flag=True, help="List refused and discarded mails too: all that did not become part of a conversation."
)
@click.option(
    "--limit", default=LIMIT, show_default=True, type=click.IntRange(1, 1_000_000), help="Print at most so many of each state."
)
@click.option("json_lines", "--json", is_flag=True, help="Print one JSON object a line.")
@config_option
def list_command(every: bool, limit: int, json_lines: bool, config: Path) -> None:
    """List quarantined and held mails, newest first."""
    states = NO_CONVERSATION if every else SET_ASIDE
    with open_store(config) as database, database.reading() as connection:
        mails = [mail for state in states for mail in list_inbound(connection, state, limit)]
    print_rows([_row(mail) for mail in sorted(mails, key=lambda mail: mail.id, reverse=True)], COLUMNS, json_lines=json_lines)


@quarantine_group.command("show")
@click.argument("number", metavar="N", type=Number())
@click.option(
    "--raw", is_flag=True, help="Print the octets of the mail as they came, below a Received field for their last step."
)
@click.option("as_object", "--json", is_flag=True, help="Print one JSON object.")
@config_option
def show_command(number: int, raw: bool, as_object: bool, config: Path) -> None:
    """Show what is known about one mail."""
    with open_store(config) as database:
        if raw:
            echo_octets(_content(database, number, config))
            return
        mail = _mail_of(database, number)
    row = {**_row(mail), **_origin_of(mail)}
    echo(as_json(row) if as_object else "\n".join(_lines(row)))


@quarantine_group.command("replay")
@click.argument("numbers", metavar="[N]…", type=Number(), nargs=-1)
@click.option("every", "--all", is_flag=True, help="Process every quarantined mail again.")
@config_option
def replay_many_command(numbers: tuple[int, ...], every: bool, config: Path) -> None:
    """Process mails again that had no effect. Doing it twice changes nothing more.

    With --all, mails that were kept out as spam stay where they are.
    """
    if every == bool(numbers):
        raise click.UsageError("name the mails by number, or use --all")
    with open_store(config) as database:
        if every:
            echo(f"pending again: {operator_of(database).replay_all()}")
            return
        _replay(operator_of(database), numbers)


@quarantine_group.command("release")
@click.argument("numbers", metavar="N…", type=Number(), nargs=-1, required=True)
@config_option
def release_command(numbers: tuple[int, ...], config: Path) -> None:
    """Let in mails that a rule, the list of senders or a spam filter kept out. They are processed as if nothing had kept them out."""
    with open_store(config) as database:
        operator = operator_of(database)
        refused = [number for number in numbers if not operator.release_mail(number)]
    echo(f"pending again: {len(numbers) - len(refused)}")
    if refused:
        raise NoSuchMail(
            f"not released, because nothing kept them out or their content is gone: {_number_list(refused)}; `helpdesk why N` tells which"
        )


@quarantine_group.command("drop")
@click.argument("numbers", metavar="N…", type=Number(), nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Confirm that the mails are to be discarded.")
@config_option
def drop_command(numbers: tuple[int, ...], yes: bool, config: Path) -> None:
    """Discard quarantined or held mails for good. Who did it is recorded."""
    if not yes:
        raise click.UsageError(f"this discards {len(numbers)} mail(s) for good; confirm with --yes")
    with open_store(config) as database:
        operator = operator_of(database)
        kept = [number for number in numbers if not operator.drop_mail(number)]
    echo(f"dropped: {len(numbers) - len(kept)}")
    if kept:
        raise NoSuchMail(
            f"not dropped, because neither quarantined nor held: {_number_list(kept)}; `helpdesk why N` tells what became of them"
        )


@click.command("replay")
@click.argument("inbound_id", metavar="[N]", type=Number(), required=False)
@click.option(
    "--since",
    type=SinceParam(),
    help="With --diff: decide again what came since this moment, in ISO 8601, or so long ago, such as 7d.",
)
@click.option(
    "diff", "--diff", is_flag=True, help="Only tell what would be decided differently today. Nothing is changed or sent."
)
@click.option("json_lines", "--json", is_flag=True, help="With --diff: print one JSON object a line.")
@config_option
def replay_command(inbound_id: int | None, since: datetime | None, diff: bool, json_lines: bool, config: Path) -> None:
    """Process mail N again that had no effect; or, with --since and --diff, tell which recorded mails today's program and
    policy would decide differently.

    That is tried in a scratch database in a temporary folder (TMPDIR). The desk's own database is only read.
    """
    if (inbound_id is None) == (since is None) or diff != (since is not None):
        raise click.UsageError("write a number to process that mail again, or --since TIME --diff to compare decisions")
    if since is not None:
        from helpdesk.gateway.cli.differences import print_differences

        print_differences(config, since, json_lines=json_lines)
        return
    assert inbound_id is not None
    with open_store(config) as database:
        _replay(operator_of(database), (inbound_id,))


def _replay(operator: Operator, numbers: Iterable[int]) -> None:
    """Make mails pending. One that is pending already, as after a first replay, is no error."""
    refused = []
    for number in numbers:
        if operator.replay_mail(number) or _mail_of(operator.database, number).state is Disposition.PENDING:
            echo(f"{number} is pending again; a running node will process it, or run `helpdesk tick`")
        else:
            refused.append(number)
    if refused:
        raise NoSuchMail(
            f"not replayed, because it had its effect or its content is gone: {_number_list(refused)}; `helpdesk why N` tells which"
        )


def _mail_of(database: Database, number: int) -> InboundMail:
    with database.reading() as connection:
        found = find_inbound(connection, str(number))
    if not found:
        raise NoSuchMail(f"{number}: no mail has this number; `helpdesk quarantine list --all` shows the numbers")
    return found[0]


def _content(database: Database, number: int, config: Path) -> bytes:
    """The mail as it came, below trace fields for its last step (RFC 5321 §4.4)."""
    settings = load_or_exit(config).settings
    mail = _mail_of(database, number)
    try:
        with database.reading() as connection:
            raw = raw_mail(connection, blobs_of(settings.database), number)
    except (OSError, BlobDamaged) as fault:
        raise NoSuchMail(f"{number}: its content cannot be read: {fault}") from None
    if raw is None or len(raw.content) != mail.size:
        raise NoSuchMail(f"{number}: the mail was dropped, and its content is gone")
    return with_trace(raw, settings.desk.hostname or settings.desk.domain, number)


def _row(mail: InboundMail) -> dict[str, Any]:
    reason = mail.decision.get("reason") or mail.last_error
    return {
        "inbound": mail.id,
        "state": mail.state,
        "received_at": mail.received_at,
        "message_id": mail.message_id,
        "attempts": mail.attempts,
        "reason": f"dropped by {mail.dropped_by}; before: {reason}" if mail.dropped_at else reason,
    }


def _origin_of(mail: InboundMail) -> dict[str, Any]:
    return {
        "door": mail.door,
        "peer": mail.peer,
        "from": mail.envelope.reverse_path if mail.envelope else None,
        "to": list(mail.envelope.forward_paths) if mail.envelope else [],
        "size": mail.size,
        "sha256": mail.sha256,
        "last_error": mail.last_error,
        "finished_at": mail.finished_at,
        "dropped_at": mail.dropped_at,
        "dropped_by": mail.dropped_by,
        "stopped_by": mail.stopped_by,
    }


def _lines(row: dict[str, Any]) -> list[str]:
    texts = {name: ", ".join(value) if isinstance(value, list) else value for name, value in row.items()}
    return [
        f"{name.replace('_', ' ')}: {_printable(value)}" for name, value in texts.items() if value is not None and value != ""
    ]


def _printable(value: object) -> str:
    text = time_text(value) if isinstance(value, datetime) else str(value)
    return in_one_line(text)


def _number_list(numbers: Iterable[int]) -> str:
    return ", ".join(str(number) for number in numbers)
