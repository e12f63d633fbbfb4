"""`helpdesk outbox list|show|hold|release`."""

import os
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import click

from helpdesk.gateway.cli.options import Instant, Number, config_option, load_or_exit
from helpdesk.gateway.cli.store import as_json, moment, opened, shown
from helpdesk.gateway.cli.ticket import letter_row
from helpdesk.gateway.terminal import echo, echo_octets
from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database
from helpdesk.store.hold import held, hold_letters, release_hold
from helpdesk.store.letter_files import FilesAway
from helpdesk.store.outbox import (
    Attempt,
    OutboxLetter,
    attempts_of,
    content_of_letter,
    find_letter,
    list_letters,
    words_of_letter,
)
from helpdesk.threading.trust.addresses import canonical

STATES = ("held", "queued", "sending", "sent", "deferred", "failed", "suppressed")
COLUMNS = ("id", "ticket", "notice", "to", "state", "attempts", "uncertain", "next_attempt_at", "last_reply")
HEADERS = ("Date", "From", "Reply-To", "To", "Subject", "Auto-Submitted")


class NoSuchLetter(click.ClickException):
    exit_code = os.EX_DATAERR


@click.group("outbox")
def outbox_group() -> None:
    """Look at letters on their way, hold them, and let them go."""


@outbox_group.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only these.")
@click.option("--to", metavar="ADDRESS", help="Only those to this address.")
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1))
@click.option("json_lines", "--json", is_flag=True, help="One JSON object a line.")
@config_option
def list_command(state: str | None, to: str | None, limit: int, json_lines: bool, config: Path) -> None:
    """The newest letters, newest first."""
    with opened(config) as database, database.reading() as connection:
        found = list_letters(connection, state, to=canonical(to) if to else None, limit=limit)
        hold = held(connection)
    if hold is not None:
        echo(f"letters are held since {moment(hold.since)} UTC: {hold.reason}", err=True)
    shown([letter_row(one) for one in found], COLUMNS, json_lines=json_lines)


@outbox_group.command("show")
@click.argument("letter_id", metavar="ID", type=Number())
@click.option("--raw", is_flag=True, help="The bytes as they are sent.")
@click.option("as_object", "--json", is_flag=True, help="One JSON object, with the log of attempts.")
@config_option
def show_command(letter_id: int, raw: bool, as_object: bool, config: Path) -> None:
    """One letter as a person reads it."""
    with opened(config) as database:
        with database.reading() as connection:
            letter, content = find_letter(connection, letter_id), words_of_letter(connection, letter_id)
            attempts = attempts_of(connection, letter_id)
        whole = _whole(database, letter_id, config) if raw else b""
    if letter is None or content is None:
        raise NoSuchLetter(f"{letter_id}: there is no letter of this id; `helpdesk outbox list` shows them")
    if raw:
        echo_octets(whole)
    elif as_object:
        echo(as_json({**letter_row(letter), "log": attempts, "text": text_of(content)}))
    else:
        echo(_page(letter, content, attempts))


@outbox_group.command("hold")
@click.option(
    "--reason", default="an operator holds them", show_default=True, help="Shown wherever it is told that they are held."
)
@config_option
def hold_command(reason: str, config: Path) -> None:
    """Let no letter go out, on no node, until they are released. Everything else goes on."""
    with opened(config) as database:
        begun = hold_letters(database, reason, datetime.now(UTC))
    echo("letters are held; helpdesk outbox release lets them go" if begun else "letters are held already")


@outbox_group.command("release")
@click.option("--gone-before", type=Instant(), metavar="TIME", help="Letters that were written before then have gone already.")
@config_option
def release_command(gone_before: datetime | None, config: Path) -> None:
    """Let letters go out again that were held."""
    with opened(config) as database:
        taken = release_hold(database, gone_before)
    if taken is None:
        raise click.ClickException("no letters are held; `helpdesk outbox hold` holds them")
    echo(f"letters go out again; taken as gone: {taken}")


def _whole(database: Database, letter_id: int, config: Path) -> bytes:
    blobs = BlobStore(Path(load_or_exit(config).settings.database.blobs))
    try:
        with database.reading() as connection:
            return content_of_letter(connection, letter_id, blobs) or b""
    except FilesAway as fault:
        raise NoSuchLetter(f"{letter_id}: {fault}") from None


def text_of(content: bytes) -> str:
    """The text part of one of our own letters."""
    return _text(_parsed(content))


def _parsed(content: bytes) -> EmailMessage:
    return BytesParser(EmailMessage, policy=policy.default).parsebytes(content)


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    return str(body.get_content()) if body is not None else ""


def _page(letter: OutboxLetter, content: bytes, attempts: list[Attempt]) -> str:
    message = _parsed(content)
    lines = [f"{name}: {message[name]}" for name in HEADERS if message[name]]
    names = [str(part.get_filename()) for part in message.iter_attachments()]
    tries = [f"{moment(one.at)}  {one.outcome}  {one.code or ''}  {one.reply}".rstrip() for one in attempts]
    doubt = f", uncertain {letter.uncertain} times: the relay may have it already" if letter.uncertain else ""
    state = [f"[{letter.state}{doubt}]", *tries]
    text = _text(message).replace("\r\n", "\n").rstrip()  # the terminal's escapes would show each CR as \x0d
    return "\n".join([*lines, *(f"Attachment: {name}" for name in names), "", text, "", *state])
