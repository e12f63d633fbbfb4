"""`helpdesk parse`: what the gateway reads from mails in files, for people or, with --json, for programs.

The exit code is 0, or 66 where a file could not be read (sysexits.h).
"""

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from helpdesk.gateway.cli.options import unused_config_option
from helpdesk.gateway.terminal import echo, json_text

if TYPE_CHECKING:
    from helpdesk.gateway.reader import Reader
    from helpdesk.threading.model.attachment import Attachment
    from helpdesk.threading.reading.parsed import DeliveryReport, Forward, Mailbox, OutOfOffice, ParsedMessage

EX_OK = 0
EX_USAGE = 64
EX_NOINPUT = 66
LONGEST_FILE = 26 * 1024 * 1024  # octets read of one file: enough to notice that a mail is too large


@click.command("parse")
@click.option("as_json", "--json", is_flag=True, help="Print one JSON object a line for each file.")
@click.option("--keep-signature", is_flag=True, help="Keep the signature in the reply text.")
@click.option(
    "from_stdin", "--stdin", is_flag=True, help="Read file names from standard input, one a line, and answer each at once."
)
@click.argument("files", nargs=-1, type=click.Path())
@unused_config_option
def parse_command(as_json: bool, keep_signature: bool, from_stdin: bool, files: tuple[str, ...]) -> None:
    """Show what the gateway reads from mails in FILES."""
    from helpdesk.gateway.reader import Reader

    if not files and not from_stdin:
        raise click.UsageError("name a file, or use --stdin")
    missed = False
    with Reader(processes=1) as reader:
        for name in _names(files, from_stdin=from_stdin):
            answer = _answer(reader, name, keep_signature=keep_signature)
            missed = missed or "error" in answer
            echo(json_text(answer) if as_json else _summary(answer))
    sys.exit(EX_NOINPUT if missed else EX_OK)


def _names(files: Iterable[str], *, from_stdin: bool) -> Iterator[str]:
    yield from files
    if from_stdin:
        for line in sys.stdin:
            if line.strip():
                yield line.rstrip("\r\n")


def _answer(reader: "Reader", name: str, *, keep_signature: bool) -> dict[str, object]:
    from helpdesk.gateway.reader import ReaderDied
    from helpdesk.threading.parsing.degraded import read_degraded

    shown = name.encode("utf-8", "replace").decode("utf-8")
    try:
        with Path(name).open("rb") as file:
            content = file.read(LONGEST_FILE)
    except (OSError, ValueError) as fault:
        return {"file": shown, "error": getattr(fault, "strerror", None) or str(fault)}
    try:
        reading = reader.read(content, keep_signature)
    except ReaderDied as fault:
        reading = read_degraded(content, str(fault))
    return {"file": shown, **as_json_object(reading.message)}


def as_json_object(message: "ParsedMessage") -> dict[str, object]:
    """A parsed mail under the names of the JSON contract; times are in ISO 8601 UTC."""
    return {
        "message_id": message.message_id,
        "in_reply_to": list(message.in_reply_to),
        "references": list(message.references),
        "date": message.date.astimezone(UTC).isoformat().replace("+00:00", "Z") if message.date else None,
        "subject": message.subject,
        "base_subject": message.base_subject,
        "author": _mailbox(message.author),
        "authors": [_mailbox(author) for author in message.authors],
        "sender": _mailbox(message.sender),
        "reply_to": [_mailbox(mailbox) for mailbox in message.reply_to],
        "to": [_mailbox(recipient) for recipient in message.to],
        "cc": [_mailbox(recipient) for recipient in message.cc],
        "text": message.text,
        "html": message.html,
        "html_safe": _own_markup(message) if message.html is not None else None,
        "reply_text": message.reply_text,
        "elided_text": message.elided_text,
        "signature": message.signature,
        "language": message.language,
        "attachments": [_attachment(attachment) for attachment in message.attachments],
        "kind": str(message.kind),
        "delivery_report": _report(message.delivery_report),
        "out_of_office": _absence(message.out_of_office),
        "forward": _forward(message.forward),
        "encryption": message.encryption or None,
        "fingerprint": message.fingerprint,
        "defects": list(message.defects),
        "degraded": message.degraded,
    }


def _own_markup(message: "ParsedMessage") -> str:
    """The document of a mail as markup of our own, with the pictures of the mail itself."""
    from helpdesk.threading.reading.markup import markup_of

    pictures = {file.sha256: f"cid:{quote(file.content_id, safe='@.$+=')}" for file in message.attachments if file.content_id}
    return markup_of(message.shaped or message.labelled.lines, pictures=pictures)


def _mailbox(mailbox: "Mailbox | None") -> dict[str, str] | None:
    return {"name": mailbox.name, "address": mailbox.address} if mailbox else None


def _attachment(attachment: "Attachment") -> dict[str, object]:
    return {
        "filename": attachment.filename if attachment.named else None,
        "content_type": attachment.content_type,
        "size": attachment.size,
        "sha256": attachment.sha256,
        "content_id": attachment.content_id,
        "inline": attachment.inline,
    }


def _report(report: "DeliveryReport | None") -> dict[str, object] | None:
    if report is None:
        return None
    recipients = [
        {
            "address": recipient.address,
            "action": recipient.action,
            "status": recipient.status,
            "permanent": recipient.permanent,
            "diagnostic": recipient.diagnostic,
        }
        for recipient in report.recipients
    ]
    return {
        "recipients": recipients,
        "original_message_id": report.original_message_id,
        "original_envelope_id": report.original_envelope_id,
    }


def _absence(absence: "OutOfOffice | None") -> dict[str, object] | None:
    if absence is None:
        return None
    returns_on = absence.returns_on.isoformat() if absence.returns_on else None
    return {"returns_on": returns_on, "deputy": _mailbox(absence.deputy)}


def _forward(forward: "Forward | None") -> dict[str, object] | None:
    if forward is None:
        return None
    return {
        "author": _mailbox(forward.author),
        "date": forward.date,
        "subject": forward.subject,
        "to": [_mailbox(recipient) for recipient in forward.to],
        "cc": [_mailbox(recipient) for recipient in forward.cc],
        "comment": forward.comment,
        "text": forward.text,
    }


def _summary(answer: dict[str, object]) -> str:
    """A mail in a few lines, for people."""
    if "error" in answer:
        return f"{answer['file']}: {answer['error']}"
    author = answer["author"]
    written_by = f"{author['name']} <{author['address']}>".strip() if isinstance(author, dict) else "nobody"
    attachments = answer["attachments"]
    names = (
        ", ".join(str(file["filename"] or file["content_type"]) for file in attachments) if isinstance(attachments, list) else ""
    )
    defects = answer["defects"]
    rows = (
        ("file", answer["file"]),
        ("kind", answer["kind"]),
        ("author", written_by),
        ("subject", answer["subject"]),
        ("date", answer["date"] or ""),
        ("attachments", names),
        ("defects", "; ".join(defects) if isinstance(defects, list) else ""),
    )
    head = "\n".join(f"{name:<12}{value}" for name, value in rows if value)
    return f"{head}\n\n{answer['reply_text']}\n"


if __name__ == "__main__":
    parse_command()
