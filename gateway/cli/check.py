"""`helpdesk check`: is the configuration sound, what does it promise, and do the database, the relay and the mailboxes answer?

It changes nothing and does not log in at the relay; without --round-trip it sends no letter. It logs in to mailboxes and opens them read-only. DNS records that are
missing are warnings, because this node works without them.
"""

import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from socket import create_connection, socket
from urllib.parse import unquote, urlsplit

import click

from helpdesk.config.load import Configuration
from helpdesk.config.our_addresses import our_addresses
from helpdesk.config.postfix_maps import differences
from helpdesk.config.private_files import exposure_of, first_exposure
from helpdesk.config.sentences import sentences
from helpdesk.config.settings import DatabaseSettings, MailboxSettings, Relay, Settings
from helpdesk.config.shapes import socket_path
from helpdesk.gateway.cli.options import SpanParam, config_option, load_or_exit
from helpdesk.gateway.terminal import echo

POSTFIX = Path("/etc/postfix")
SQLITE = "sqlite:///"
SQLITE_FILES = ("", "-wal", "-shm", "-journal", "-next", "-turn")
MAILDIR = "maildir:"
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
PATIENCE = 10.0  # seconds, or the relay's own timeout where that is shorter
LONGEST_LINE = 1024
# Relays that put the mailbox of their login into the place of a letter's return path, or refuse any other one.
RETURN_PATH_OF_LOGIN = frozenset({"smtp.gmail.com", "smtp.googlemail.com", "smtp.office365.com", "smtp-mail.outlook.com"})


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one trial. `fault` says what is wrong and what to do; "" where all is well."""

    subject: str
    fault: str = ""

    def __str__(self) -> str:
        return f"problem: {self.subject}: {self.fault}" if self.fault else f"ok: {self.subject}"


@click.command("check")
@click.option("--round-trip", "goes_round", is_flag=True, help="Send a letter round, and one that must fail; a node has to run.")
@click.option("--patience", type=SpanParam(), default="2m", show_default=True, help="How long --round-trip waits.")
@config_option
def check_command(goes_round: bool, patience: timedelta, config: Path) -> None:
    """Say what the configuration promises, and try what it needs: database, folders, relay, mailboxes, DNS."""
    loaded = load_or_exit(config)
    shown = loaded.settings.desk.model_copy(update={"request_page": loaded.settings.request_page})
    for sentence in sentences(shown, loaded.policy):
        echo(sentence)
    for warning in loaded.warnings:
        echo(f"warning: {warning}")
    sound = True
    for finding in (*trials(loaded.settings), *_templates(loaded)):
        echo(str(finding))
        sound = sound and not finding.fault
    if goes_round:
        for finding in _round_trip(loaded, patience):
            echo(str(finding))
            sound = sound and not finding.fault
    for line in _durability_faults(loaded.settings.database):
        echo(f"warning: database: {line}")
    for line in _older_versions(loaded.settings.database):
        echo(f"warning: {line}")
    for line in _orphans(loaded):
        echo(f"warning: {line}")
    for line in open_to_others(config, loaded.settings):
        echo(f"warning: {line}")
    for line in return_path_warnings(loaded.settings):
        echo(f"warning: {line}")
    for line in postfix_differences(loaded, POSTFIX):
        echo(f"warning: {line}")
    for line in _dns(loaded.settings):
        echo(line)
    raise click.exceptions.Exit(os.EX_OK if sound else os.EX_UNAVAILABLE)


def postfix_differences(loaded: Configuration, folder: Path) -> list[str]:
    """A line for each table of Postfix, in its folder, that is not what the configuration says."""
    desk = loaded.settings.desk
    ours = our_addresses(desk.domain, desk.reply_address, (address.address for address in loaded.policy.addresses))
    return differences(ours, folder)


def _templates(loaded: Configuration) -> Iterator[Finding]:
    """Trials of the desk's own words and templates, where it has some. Letters are imported only here, because that takes a moment."""
    if not loaded.settings.desk.templates:
        return
    from helpdesk.gateway.cli.template import template_problems

    subject = f"templates {loaded.settings.desk.templates}"
    problems = template_problems(loaded)
    yield from (Finding(subject, problem) for problem in problems)
    if not problems:
        yield Finding(subject)


def _dns(settings: Settings) -> Iterator[str]:
    """A line for each DNS record that the desk's domain should have. The resolver is imported only here, because that takes a moment."""
    from helpdesk.gateway.origin.own_domain import own_domain
    from helpdesk.gateway.origin.resolver import Resolver

    for record in own_domain(settings, Resolver(settings.authentication.nameservers)):
        yield f"{'ok' if record.sound else 'warning'}: {record.sentence}"


def open_to_others(config: Path, settings: Settings) -> Iterator[str]:
    """A line for each file, folder or tree with mail or secrets that others than its owner can use, with the command that mends it.

    Secrets that the configuration names are left out, because `load` warns of them. So are folders on the way to the local socket of LMTP, which
    must be open to others.
    """
    database = sqlite_file(settings.database.url)
    trees = [settings.database.blob_folder] if settings.database.blob_folder else []
    if settings.relay.url.startswith(MAILDIR):
        trees.append(Path(settings.relay.url.removeprefix(MAILDIR)))
    places = [config.absolute(), config.absolute().parent]
    if database is not None:
        places += [database.parent, *(database.with_name(database.name + suffix) for suffix in SQLITE_FILES)]
    on_the_way = Path(socket_path(settings.lmtp.listen) or "/").parents if settings.lmtp else ()
    for place in dict.fromkeys((*places, *trees)):
        if place not in on_the_way and (fault := exposure_of(place)):
            yield f"{place}: {fault}"
    for tree in trees:
        if found := first_exposure(tree):
            yield f"{found[0]}: {found[1]}"


def return_path_warnings(settings: Settings) -> Iterator[str]:
    """A line where the relay sends delivery reports to the mailbox of its login, and the desk does not look there."""
    relay = urlsplit(settings.relay.url)
    if (relay.hostname or "").lower() not in RETURN_PATH_OF_LOGIN:
        return
    login = unquote(relay.username or "")
    if login not in {unquote(urlsplit(mailbox.url).username or "") for mailbox in settings.mailboxes}:
        yield (
            f"relay {relay.hostname}: it keeps no return path but that of its login, so delivery reports come to {login or 'that mailbox'}; "
            "let a [[mailbox]] read it, or nobody hears that a letter did not arrive"
        )


def sqlite_file(url: str) -> Path | None:
    """The file of a database on SQLite; None for a server."""
    return Path(url.removeprefix(SQLITE).partition("?")[0].removeprefix("file:")) if url.startswith(SQLITE) else None


def trials(settings: Settings) -> Iterator[Finding]:
    """Try each thing that the node needs, once."""
    yield _database(settings.database)
    yield _blobs(settings.database)
    socket = socket_path(settings.lmtp.listen) if settings.lmtp else None
    if socket is not None:
        yield _folder("lmtp", Path(socket).parent)
    yield _relay(settings.relay)
    for mailbox in settings.mailboxes:
        yield _mailbox(mailbox)


def _database(settings: DatabaseSettings) -> Finding:
    """Try the database. The store is imported only here, because that takes half a second."""
    from helpdesk.gateway.beginning import is_away
    from helpdesk.gateway.blobs import blobs_of
    from helpdesk.store.database import COMMAND, Database, DatabaseAway, StaleTicket, Unstorable
    from helpdesk.store.desk_identity import strange_folder
    from helpdesk.store.hold import current_hold
    from helpdesk.store.migrate import revision_fault, schema_faults

    subject = f"database {_without_password(settings.url)}"
    file = sqlite_file(settings.url)
    blobs = blobs_of(settings)
    if file is not None and not file.exists():
        if blobs.is_there:
            return Finding(subject, "it is not there, and the folder of blobs says that this desk has begun; restore a backup")
        return Finding(subject, "there is none yet; run: helpdesk migrate")
    database = Database(settings.url, role=COMMAND)
    try:
        revision = revision_fault(database)
        current = not revision
        with database.reading() as connection:
            hold = current_hold(connection) if current else None
        faults = schema_faults(database) if current else []
        away = current and not faults and is_away(database, blobs)
        strange = strange_folder(database, blobs) if current and not faults else ""
    except (DatabaseAway, StaleTicket, Unstorable) as fault:
        return Finding(subject, f"does not answer: {fault}")
    finally:
        database.close()
    if faults:
        return Finding(subject, f"its schema is not what its revision says: {', '.join(faults)}; restore a backup")
    if away:
        return Finding(subject, f"its folder of blobs {settings.blobs} is away or is another one; mount it, or put it back")
    if strange:
        return Finding(subject, strange)
    if hold is not None:
        return Finding(subject, f"letters are held ({hold.reason}); to let them go: helpdesk outbox release")
    return Finding(subject, revision)


def _blobs(settings: DatabaseSettings) -> Finding:
    """Whether large mail can be written: the folder is there or could be made; the bucket answers, and a trial is written and taken away."""
    if settings.blob_folder is not None:
        return _folder("blobs", settings.blob_folder)
    from helpdesk.gateway.blobs import NoBucketClient, blobs_of

    subject = f"blobs {settings.blobs}"
    try:
        blobs_of(settings).try_writing()
    except (OSError, NoBucketClient) as fault:
        return Finding(subject, str(fault))
    return Finding(subject)


def _round_trip(loaded: Configuration, patience: timedelta) -> list[Finding]:
    """Whether a letter comes back, and whether a report about one that fails does. What sends is imported only here."""
    from asyncio import run

    from helpdesk.gateway.delivery.relay import relay_for
    from helpdesk.gateway.monitor.round_trip import RoundTrip
    from helpdesk.gateway.node.watching import letterbox_of
    from helpdesk.store.database import COMMAND, Database, DatabaseAway

    settings = loaded.settings
    if settings.relay.url.startswith(MAILDIR):
        return [Finding("round trip", "no letter leaves this machine; name a relay (relay.url)")]
    database = Database(settings.database.url, role=COMMAND)
    letterbox = letterbox_of(loaded)
    to = settings.canary.to if settings.canary else ""

    async def go() -> list[Finding]:
        relay = relay_for(settings.relay, settings.desk.hostname or settings.desk.domain)
        try:
            trip = RoundTrip(database, relay, letterbox, patience)
            return [Finding(way.what, way.fault) async for way in trip.run(to or letterbox.address)]
        finally:
            await relay.close()

    try:
        return run(go())
    except DatabaseAway as fault:
        return [Finding("round trip", f"the database does not answer: {fault}")]
    finally:
        database.close()


def _older_versions(settings: DatabaseSettings) -> Iterator[str]:
    from helpdesk.gateway.blobs import NoBucketClient, blobs_of

    with suppress(OSError, NoBucketClient):
        if blobs_of(settings).keeps_versions:
            yield (
                f"the bucket {settings.blobs} keeps older versions, so that erased contents stay there; "
                "give it a lifecycle rule that expires noncurrent versions"
            )


def _durability_faults(settings: DatabaseSettings) -> list[str]:
    """What the database does less durably than the gateway promises; nothing if there is no database yet or it does not answer."""
    from helpdesk.store.database import COMMAND, Database, DatabaseAway, Unstorable

    file = sqlite_file(settings.url)
    if file is not None and not file.exists():
        return []
    database = Database(settings.url, role=COMMAND)
    try:
        return database.durability_faults()
    except (DatabaseAway, Unstorable):
        return []
    finally:
        database.close()


def _orphans(loaded: Configuration) -> list[str]:
    """What open requests name that is not there after the next start; nothing if there is no database of this version yet."""
    from datetime import UTC, datetime

    from helpdesk.gateway.orphans import orphans_after_start
    from helpdesk.store.database import COMMAND, Database, DatabaseAway, Unstorable
    from helpdesk.store.migrate import is_current

    file = sqlite_file(loaded.settings.database.url)
    if file is not None and not file.exists():
        return []
    database = Database(loaded.settings.database.url, role=COMMAND)
    try:
        if not is_current(database):
            return []
        with database.reading() as connection:
            return list(orphans_after_start(connection, loaded.policy, datetime.now(UTC)))
    except (DatabaseAway, Unstorable):
        return []
    finally:
        database.close()


def _folder(subject: str, folder: Path) -> Finding:
    """Whether a folder is there and can be written to, or could be made."""
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    name = f"{subject} {folder}"
    if not nearest.is_dir():
        return Finding(name, f"{nearest} is not a folder; name another one")
    return (
        Finding(name)
        if os.access(nearest, os.W_OK | os.X_OK)
        else Finding(name, f"{nearest} cannot be written; change its owner")
    )


def _relay(relay: Relay) -> Finding:
    if relay.url.startswith(MAILDIR):
        return _folder("relay", Path(relay.url.removeprefix(MAILDIR)))
    subject = f"relay {relay.url}"
    return _answers(subject, lambda: _banner(relay))


def _mailbox(mailbox: MailboxSettings) -> Finding:
    """Log in to a mailbox, and look at each of its folders."""
    from helpdesk.gateway.doors.mailbox.connect import connector
    from helpdesk.gateway.doors.mailbox.session import MailboxAway, StepRefused

    subject = f"mailbox {mailbox.name}"
    try:
        session = connector(mailbox)()
    except MailboxAway as fault:
        return Finding(subject, str(fault))
    try:
        mails = [f"{session.open(folder, read_only=True).count} in {folder}" for folder in mailbox.folders]
    except (MailboxAway, StepRefused) as fault:
        return Finding(subject, str(fault))
    finally:
        session.close()
    return Finding(f"{subject}: {', '.join(mails)}")


def _answers(subject: str, ask: Callable[[], str]) -> Finding:
    try:
        banner = ask()
    except (OSError, UnicodeError) as fault:
        return Finding(subject, f"does not answer: {fault}")
    return Finding(subject) if banner.startswith("220") else Finding(subject, f"does not speak SMTP; it says: {banner!r}")


def _banner(relay: Relay) -> str:
    """The first line that the relay says. It begins with 220 when the relay is ready (RFC 5321 §4.2)."""
    url = urlsplit(relay.url)
    host, patience = url.hostname or "", min(PATIENCE, relay.timeout.total_seconds())
    with create_connection((host, url.port or PORTS[url.scheme]), timeout=patience) as plain:
        if url.scheme != "smtps":
            return _greeting(plain)
        context = ssl.create_default_context(cafile=relay.ca_file or None)
        with context.wrap_socket(plain, server_hostname=host) as secured:
            return _greeting(secured)


def _greeting(connection: socket) -> str:
    line = connection.makefile("rb").readline(LONGEST_LINE)
    connection.sendall(b"QUIT\r\n")
    return line.decode("ascii", "replace").strip()


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return url.replace(f":{parts.password}@", ":…@") if parts.password else url
