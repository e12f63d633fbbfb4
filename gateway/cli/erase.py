"""`helpdesk erase`: deletes a person's mail, words and rows, and masks them in what other people wrote."""

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from helpdesk.gateway.backup import last_backup
from helpdesk.gateway.blobs import blobs_of
from helpdesk.gateway.cli.options import config_option, load_or_exit
from helpdesk.gateway.cli.store import as_json, open_store
from helpdesk.gateway.erasing import Erased, Progress, erase, obstacles, reasons_to_wait
from helpdesk.gateway.terminal import echo, in_one_line
from helpdesk.store.blobs import BlobStore
from helpdesk.store.legal_hold import LegalHold
from helpdesk.store.person_findings import Findings, find
from helpdesk.threading.trust.addresses import canonical


class NotErased(click.ClickException):
    """Something forbids the erasure. Nothing was changed."""

    exit_code = os.EX_DATAERR


class NotErasedYet(click.ClickException):
    """Something of theirs is under way, and is over within minutes. Nothing was changed."""

    exit_code = os.EX_TEMPFAIL


class NoAddress(click.ClickException):
    """A word of the command line is no mail address."""

    exit_code = os.EX_USAGE


def known_address(word: str) -> str:
    """An address as the store has it. Raises NoAddress for a word that is none."""
    address = canonical(word)
    if not address:
        raise NoAddress(f"{in_one_line(word)}: not a mail address; write all addresses of the person, such as anna@acme.example")
    return address


def addresses_of(words: Iterable[str]) -> list[str]:
    """The distinct addresses of people, as the store has them. Raises NoAddress."""
    return list(dict.fromkeys(map(known_address, words)))


@click.command("erase")
@click.argument("persons", metavar="ADDRESS…", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Erase. Without this option the command changes nothing and says what it would delete.")
@click.option("as_object", "--json", is_flag=True, help="Print one JSON object.")
@config_option
def erase_command(persons: tuple[str, ...], yes: bool, as_object: bool, config: Path) -> None:
    """Erase the person who has these addresses.

    The command deletes or empties the person's mail, words, files and rows, and replaces their addresses and names in what other
    people wrote. Nodes go on meanwhile. What is counted stays the same. Run the same command again to finish an erasure that was
    interrupted.
    """
    configuration = load_or_exit(config)
    settings = configuration.settings
    blobs = blobs_of(settings.database)
    addresses = addresses_of(persons)
    with open_store(config) as database:
        with database.reading() as connection:
            findings = find(connection, addresses, LegalHold(configuration.policy.retention.legal_hold))
        forbidding, waiting = obstacles(findings), reasons_to_wait(findings)
        told = tuple(_told_apart(findings, blobs))
        if yes and forbidding:
            raise NotErased(f"nothing was erased: {'; '.join(forbidding)}")
        if yes and waiting:
            raise NotErasedYet(f"nothing was erased yet: {'; '.join(waiting)}; try again in a minute")
        if not yes:
            _print_plan(findings, [*forbidding, *waiting], told, as_object=as_object)
            return
        done = erase(database, blobs, addresses, findings, datetime.now(UTC), settings.desk.prefix, _teller(as_object))
    _print_done(done, told, as_object=as_object)
    if done.remains or done.letters_waiting:
        raise click.exceptions.Exit(os.EX_TEMPFAIL)


def _told_apart(findings: Findings, blobs: BlobStore) -> Iterator[str]:
    """Return where else the person may be found. No command of the desk reaches these places."""
    for mailbox, count in findings.in_mailboxes.items():
        yield f"the mailbox {mailbox} may still have {count} of their mails: delete them on the server"
    for source in findings.listed_in:
        yield f"the directory's source {source} names them, and its next import brings them back: take them out of it"
    backup = last_backup(blobs)
    if backup is not None:
        yield f"backups have them until you delete these; the last is {backup.place} of {backup.at:%Y-%m-%d}; a restore erases them again"
    yield "the platform may have copied their inbox, and the relay and its log their addresses"


def _print_plan(findings: Findings, obstacles_now: list[str], told: tuple[str, ...], *, as_object: bool) -> None:
    own = findings.own
    if as_object:
        echo(
            as_json(
                {
                    "erased": False,
                    "names": findings.names,
                    "requests": findings.references,
                    "emptied": len(own.tickets),
                    "shared": len(own.shared),
                    "obstacles": obstacles_now,
                    "told": told,
                }
            )
        )
        return
    echo(f"names: {', '.join(findings.names) or 'none is known'}")
    echo(f"requests: {', '.join(findings.references) or 'none'}")
    echo(f"  emptied, with all mail, letters and files: {len(own.tickets)}")
    echo(f"  with others, whose own words stay with the mentions masked: {len(own.shared)}")
    echo("also: their contact, inbox, replies, suppressions, counts, files, mail of no request, and their mentions in all tables")
    for line in obstacles_now:
        echo(f"not yet: {line}")
    for line in told:
        echo(f"not reached: {line}")
    echo("Nothing was changed. With --yes all this goes, and nothing brings it back.")


def _print_done(done: Erased, told: tuple[str, ...], *, as_object: bool) -> None:
    if as_object:
        result: dict[str, Any] = {
            "erased": not done.remains,
            "changed": done.changed,
            "remains": done.remains,
            "contents_deleted": done.contents_deleted,
            "contents_left": done.contents_left,
            "letters_waiting": done.letters_waiting,
            "told": (*told, *done.problems),
        }
        echo(as_json(result))
        return
    echo(f"rows emptied, masked or deleted: {sum(done.changed.values())}; contents deleted: {done.contents_deleted}")
    if done.contents_left:
        echo(
            f"contents that are younger than a quarter of an hour, or needed by others: {done.contents_left}; nodes look again by themselves"
        )
    if done.letters_waiting:
        echo(
            f"letters of others that name them and are not sent yet: {done.letters_waiting}; run the same command when they have left"
        )
    for problem in done.problems:
        echo(f"deleted rows stay in the files until the next vacuum: {problem}")
    if not done.log_is_wiped and not done.problems:
        echo("a reader kept the log of the database from being cut off; run the same command again to do that")
    for line in told:
        echo(f"not reached: {line}")
    if done.remains:
        echo(f"a second look still finds them in {', '.join(done.remains)}; run the same command again")
    else:
        echo("a second look finds them nowhere")


def _teller(quiet: bool) -> Progress:
    return (lambda text: None) if quiet else (lambda text: echo(f"{text} …", err=True))
