"""`helpdesk outbox list|show|hold|release`: the letters of the desk, and whether they may go out."""

import os
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import click

from helpdesk.gateway.blobs import blobs_of
from helpdesk.gateway.cli.options import InstantParam, Number, config_option, load_or_exit
from helpdesk.gateway.cli.store import as_json, open_store, operator_of, print_rows
from helpdesk.gateway.cli.ticket import letter_row
from helpdesk.gateway.terminal import echo, echo_octets, time_text
from helpdesk.store.database import Database
from helpdesk.store.hold import current_hold
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
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.trust.addresses import canonical

STATES = ("held", *LetterState)
COLUMNS = ("id", "ticket", "notice", "to", "state", "attempts", "uncertain", "next_attempt_at", "last_reply")
HEADERS = ("Date", "From", "Reply-To", "To", "Subject", "Auto-Submitted")


class NoSuchLetter(click.ClickException):
    """No letter has this id, or its files cannot be read."""

    exit_code = os.EX_DATAERR


@click.group("outbox")
def outbox_group() -> None:
    """Letters that the desk sends: look at them, hold them, release them."""


@outbox_group.command("list")
@click.option("--state", type=click.Choice(STATES), help="List only letters in this state.")
@click.option("--to", metavar="ADDRESS", help="List only letters to this address.")
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1), help="Print at most so many.")
@click.option("json_lines", "--json", is_flag=True, help="Print one JSON object a line.")
@config_option
def list_command(state: str | None, to: str | None, limit: int, json_lines: bool, config: Path) -> None:
    """List the newest letters, newest first."""
    with open_store(config) as database, database.reading() as connection:
        found = list_letters(connection, state, to=canonical(to) if to else None, limit=limit)
        hold = current_hold(connection)
    if hold is not None:
        echo(f"letters have been held since {time_text(hold.since)} UTC: {hold.reason}", err=True)
    print_rows([letter_row(letter) for letter in found], COLUMNS, json_lines=json_lines)


@outbox_group.command("show")
@click.argument("letter_id", metavar="ID", type=Number())
@click.option("--raw", is_flag=True, help="Print the octets that are sent.")
@click.option("as_object", "--json", is_flag=True, help="Print one JSON object, with the log of attempts.")
@config_option
def show_command(letter_id: int, raw: bool, as_object: bool, config: Path) -> None:
    """Show one letter as its reader sees it, and the attempts to send it."""
    with open_store(config) as database:
        with database.reading() as connection:
            letter, content = find_letter(connection, letter_id), words_of_letter(connection, letter_id)
            attempts = attempts_of(connection, letter_id)
        whole = _whole(database, letter_id, config) if raw else b""
    if letter is None or content is None:
        raise NoSuchLetter(f"{letter_id}: no letter has this id; `helpdesk outbox list` shows the ids")
    if raw:
        echo_octets(whole)
    elif as_object:
        echo(as_json({**letter_row(letter), "log": attempts, "text": text_of(content)}))
    else:
        echo(_page(letter, content, attempts))


@outbox_group.command("hold")
@click.option(
    "--reason",
    default="an operator holds them",
    show_default=True,
    help="The reason, printed wherever held letters are mentioned.",
)
@config_option
def hold_command(reason: str, config: Path) -> None:
    """Stop all letters on all nodes until they are released. Everything else goes on."""
    with open_store(config) as database:
        begun = operator_of(database).hold_letters(reason)
    echo("letters are held; to release them: helpdesk outbox release" if begun else "letters were held already")


@outbox_group.command("release")
@click.option(
    "--gone-before",
    type=InstantParam(),
    metavar="TIME",
    help="Treat letters that were written before this moment as sent. It counts to the microsecond, as `outbox list --json` prints it.",
)
@config_option
def release_command(gone_before: datetime | None, config: Path) -> None:
    """Release held letters, so that letters go out again."""
    with open_store(config) as database:
        taken = operator_of(database).release_letters(gone_before)
    if taken is None:
        raise click.ClickException("letters are not held; to hold them: helpdesk outbox hold")
    echo(f"letters go out again; treated as sent: {taken}")


def _whole(database: Database, letter_id: int, config: Path) -> bytes:
    blobs = blobs_of(load_or_exit(config).settings.database)
    try:
        with database.reading() as connection:
            return content_of_letter(connection, letter_id, blobs) or b""
    except FilesAway as fault:
        raise NoSuchLetter(f"{letter_id}: {fault}") from None


def text_of(content: bytes) -> str:
    """The text part of one of our own letters."""
    return _text(_parse(content))


def _parse(content: bytes) -> EmailMessage:
    return BytesParser(EmailMessage, policy=policy.default).parsebytes(content)


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    return str(body.get_content()) if body is not None else ""


def _page(letter: OutboxLetter, content: bytes, attempts: list[Attempt]) -> str:
    message = _parse(content)
    lines = [f"{name}: {message[name]}" for name in HEADERS if message[name]]
    names = [str(part.get_filename()) for part in message.iter_attachments()]
    tries = [
        f"{time_text(attempt.at)}  {attempt.outcome}  {attempt.code or ''}  {attempt.reply}".rstrip() for attempt in attempts
    ]
    doubt = f", uncertain {letter.uncertain} times: the relay may have taken it" if letter.uncertain else ""
    state = [f"[{letter.state}{doubt}]", *tries]
    text = _text(message).replace("\r\n", "\n").rstrip()  # the terminal's escapes would show each CR as \x0d
    return "\n".join([*lines, *(f"Attachment: {name}" for name in names), "", text, "", *state])
