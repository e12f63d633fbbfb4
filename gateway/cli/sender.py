"""`helpdesk sender list|allow|block|remove`: whose mail comes in whatever a spam filter says, and whose is kept out."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from helpdesk.config.rules import address_or_domain
from helpdesk.gateway.cli.options import config_option, load_or_exit
from helpdesk.gateway.cli.store import open_store, operator_name, print_rows
from helpdesk.gateway.node.node import addresses_of
from helpdesk.gateway.terminal import echo
from helpdesk.store.listed_senders import list_sender, list_senders, unlist_sender
from helpdesk.threading.model.listed_sender import ListedSender, Listing

COLUMNS = ("sender", "list", "since", "by", "ticket", "reason")
DONE = {
    Listing.ALLOW: "mail of {entry} that proves its author is not kept out as spam",
    Listing.BLOCK: "mail of {entry} is kept out; `helpdesk quarantine list --all` shows it",
}


@click.group("sender")
def sender_group() -> None:
    """Senders whose mail is allowed or blocked: addresses, and domains with those below them."""


@sender_group.command("list")
@click.option("json_lines", "--json", is_flag=True, help="Print one JSON object a line.")
@config_option
def list_command(json_lines: bool, config: Path) -> None:
    """List all allowed and blocked senders."""
    with open_store(config) as database, database.reading() as connection:
        entries = list_senders(connection)
    print_rows([_row(entry) for entry in entries], COLUMNS, json_lines=json_lines)


@sender_group.command("allow")
@click.argument("sender", metavar="ADDRESS|DOMAIN")
@click.option("--reason", default="", metavar="TEXT", help="The reason, printed with the entry.")
@config_option
def allow_command(sender: str, reason: str, config: Path) -> None:
    """Never keep out mail of ADDRESS or DOMAIN as spam, where the mail proves its author."""
    _enter(sender, Listing.ALLOW, reason, config)


@sender_group.command("block")
@click.argument("sender", metavar="ADDRESS|DOMAIN")
@click.option("--reason", default="", metavar="TEXT", help="The reason, printed with the entry.")
@config_option
def block_command(sender: str, reason: str, config: Path) -> None:
    """Keep out all mail of ADDRESS or DOMAIN. Nobody is told, and `helpdesk quarantine release` lets a mail in."""
    _enter(sender, Listing.BLOCK, reason, config)


@sender_group.command("remove")
@click.argument("sender", metavar="ADDRESS|DOMAIN")
@config_option
def remove_command(sender: str, config: Path) -> None:
    """Neither allow nor block ADDRESS or DOMAIN any more."""
    entry = _entry_of(sender)
    with open_store(config) as database, database.writing() as connection:
        removed = unlist_sender(connection, entry)
    if not removed:
        raise click.ClickException(f"{entry}: this sender is not listed; `helpdesk sender list` shows those that are")
    echo(f"{entry} is not listed any more")
    raise click.exceptions.Exit(os.EX_OK)


def _enter(sender: str, listing: Listing, reason: str, config: Path) -> None:
    entry = _entry_of(sender)
    configuration = load_or_exit(config)
    policy = configuration.policy
    of_staff = {member.address.lower() for member in policy.staff} | set(policy.first_addresses)
    if listing is Listing.BLOCK and (entry in of_staff or addresses_of(configuration).is_ours(entry)):
        raise click.UsageError(f"{entry} belongs to the desk or its staff, whose mail is never kept out")
    wanted = ListedSender(entry, listing, operator_name(), datetime.now(UTC), reason)
    with open_store(config) as database, database.writing() as connection:
        list_sender(connection, wanted)
    echo(DONE[listing].format(entry=entry))


def _entry_of(sender: str) -> str:
    try:
        return address_or_domain(sender)
    except ValueError as fault:
        raise click.UsageError(str(fault)) from None


def _row(entry: ListedSender) -> dict[str, object]:
    return {
        "sender": entry.entry,
        "list": entry.listing,
        "since": entry.since,
        "by": entry.by,
        "ticket": entry.ticket or None,
        "reason": entry.reason,
        "unproved_only": entry.unproved_only,
    }
