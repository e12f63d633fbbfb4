"""`helpdesk why` and `helpdesk simulate`: what was or would be decided about a mail, and on what evidence, in sentences or
JSON.
"""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from helpdesk.gateway.cli.options import config_option, load_or_exit
from helpdesk.gateway.cli.store import as_json, open_store
from helpdesk.gateway.explaining import explain_mail, sentences
from helpdesk.gateway.terminal import echo
from helpdesk.store.inbound import find_inbound
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.model.mail import Envelope, RawMessage
from helpdesk.threading.model.origin import origin_as_json
from helpdesk.threading.reading.parsed import Reading
from helpdesk.threading.rules.sorting import sorting_as_json

if TYPE_CHECKING:  # it takes a while to import, and `why` does not need it
    from helpdesk.gateway.reader import Reader


@click.command("why")
@click.argument("key", metavar="MESSAGE_ID|INBOUND_ID")
@click.option("json_lines", "--json", is_flag=True, help="Print one JSON object a line; a mail that came twice has two.")
@config_option
def why_command(key: str, json_lines: bool, config: Path) -> None:
    """Explain what became of a mail, and why."""
    with open_store(config) as database, database.reading() as connection:
        mails = find_inbound(connection, key)
    if not mails:
        raise click.ClickException(
            f"{key}: no mail has this Message-ID or number; `helpdesk quarantine list --all` shows mails without a ticket"
        )
    for mail in mails:
        answer = explain_mail(mail)
        echo(as_json(answer) if json_lines else answer["text"])


@click.command("simulate")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--from", "reverse_path", metavar="ADDRESS", help="Reverse-path of the envelope; default: a mail without envelope.")
@click.option("--to", "recipients", multiple=True, metavar="ADDRESS", help="Forward-path of the envelope; may be repeated.")
@click.option(
    "--peer",
    default="",
    metavar="IP",
    help="Treat the mail as received from this host; its origin is then checked, as at the door.",
)
@click.option("--helo", default="", metavar="NAME", help="The name that the host gave in HELO or EHLO.")
@click.option("json_lines", "--json", is_flag=True, help="Print one JSON object a line.")
@config_option
def simulate_command(
    files: tuple[Path, ...],
    reverse_path: str | None,
    recipients: tuple[str, ...],
    peer: str,
    helo: str,
    json_lines: bool,
    config: Path,
) -> None:
    """Show what would become of the mail in each FILE now. Nothing is written."""
    from helpdesk.gateway.origin.check import OriginCheck
    from helpdesk.gateway.origin.resolver import Resolver
    from helpdesk.gateway.reader import Reader
    from helpdesk.gateway.work.desk import desk_of
    from helpdesk.gateway.work.rehearsal import Rehearsal

    loaded = load_or_exit(config)
    authentication = loaded.settings.authentication
    envelope = Envelope(reverse_path or "", recipients) if reverse_path is not None or recipients else None
    with Reader(processes=1) as reader, open_store(config) as database:
        origins = OriginCheck(authentication, Resolver(authentication.nameservers), reader)
        read = partial(_read, reader, banners=loaded.policy.reading.banners)
        rehearsal = Rehearsal(desk_of(loaded, "simulate"), read, origins, database)
        for file in files:
            raw = RawMessage("simulate", envelope, file.read_bytes(), datetime.now(UTC), peer, helo)
            raw, decision = rehearsal.decide(raw)
            answer = _would_be(file, raw, decision, rehearsal.policy_digest)
            echo(as_json(answer) if json_lines else answer["text"])
    raise click.exceptions.Exit(os.EX_OK)


def _read(reader: "Reader", content: bytes, *, banners: Sequence[str]) -> Reading:
    from helpdesk.gateway.reader import ReaderDied
    from helpdesk.threading.parsing.degraded import read_degraded

    try:
        return reader.read(content, banners=banners)
    except ReaderDied:
        return read_degraded(content)


def _would_be(file: Path, raw: RawMessage, decision: Decision, policy: str) -> dict[str, Any]:
    """What would become of a mail, under the names of the JSON contract."""
    answer = {
        "inbound": None,
        "disposition": decision.disposition,
        "ticket": decision.ticket.reference if decision.ticket and decision.expected_version is not None else None,
        "clues": decision.grounds.clues,
        "assurance": decision.grounds.assurance,
        "rule": decision.rule,
        "rules": list(decision.grounds.sorting.rules),
        "sorting": sorting_as_json(decision.grounds.sorting, decision.grounds.stop),
        "policy": policy,
        "events": [
            {"kind": event.kind, "from": event.from_status, "to": event.to_status, "detail": event.detail}
            for event in decision.events
        ],
        "letters": [{"notice": letter.notice, "to": letter.to.address} for letter in decision.letters],
        "held_for": decision.hold.staff if decision.hold else None,
        "origin": None if raw.origin is None else origin_as_json(raw.origin),
        "triage": _triage(decision),
    }
    told = sentences(f"{file} would be", answer, decision.reason, decision.grounds.row, raw.origin)
    return {**answer, "text": "\n".join([told, *_reasons(decision)])}


def _triage(decision: Decision) -> dict[str, Any] | None:
    """How a new ticket would be sorted; None where the mail opens no ticket."""
    ticket, found = decision.ticket, decision.opening.triage
    if ticket is None or found is None:
        return None
    fields = {name: getattr(ticket, name) for name in ("category", "severity", "priority", "queue", "assignee")}
    fields |= {"tags": ticket.labels.tags, "fields": ticket.labels.fields}
    return {**fields, "missing": list(found.missing), "question": found.question, "reasons": list(found.reasons)}


def _reasons(decision: Decision) -> list[str]:
    found = decision.opening.triage
    if found is None:
        return []
    missing = f"Missing in it: {', '.join(found.missing)}." if found.missing else "Nothing that staff need is missing in it."
    return [*(f"{reason}." for reason in found.reasons), missing]
