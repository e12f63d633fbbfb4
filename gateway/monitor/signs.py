"""The signs of trouble in what a look at a node found. Everything is judged by its effect, such as the age of the oldest mail."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from helpdesk.config.settings import MailboxSettings
from helpdesk.store.watched import DeskFigures
from helpdesk.threading.reporting.alarms import Sign, TroubleKind
from helpdesk.threading.reporting.condition import LIMITS, SILENT, Heartbeat, Queue, span

MAILBOX_STALE = timedelta(minutes=15)  # since a folder was last read to its end
LOOKS_MISSED = 3  # the same for a mailbox that is looked into seldom
CERTIFICATE_ENDS = timedelta(days=14)
CLOCK_APART = timedelta(seconds=2)
NAMED = 3

Ending = datetime | str  # when a certificate ends, or why that is not known


@dataclass(frozen=True, slots=True)
class Facts:
    """What one look found. `figures` is None while the database is away, and `database` says why.

    `doors` and `certificates` are by listener: a fault in one line or "", and the end. `silent` are processes of this node that do not turn.
    `clock_ahead` is by how much the clock of this host differs from that of the database.
    """

    at: datetime
    started_at: datetime  # of this watch
    figures: DeskFigures | None
    database: str = ""
    disk: str = ""
    relay: str = ""
    doors: Mapping[str, str] = field(default_factory=dict)
    silent: tuple[str, ...] = ()
    silent_since: datetime | None = None
    certificates: Mapping[str, Ending] = field(default_factory=dict)
    clock_ahead: timedelta = timedelta()
    mailboxes: tuple[MailboxSettings, ...] = ()
    canary_late_after: timedelta | None = None
    webhooks: tuple[str, ...] = ()  # names of those that are configured


def signs_of(facts: Facts) -> list[Sign]:
    """One sign for each thing of which this look knows whether it works."""
    own = [
        Sign(TroubleKind.DATABASE, facts.database),
        Sign(TroubleKind.DISK, facts.disk),
        Sign(TroubleKind.RELAY, facts.relay),
        Sign(TroubleKind.PROCESS, _silent(facts.silent), since=facts.silent_since),
        Sign(TroubleKind.CLOCK, _apart(facts.clock_ahead)),
        *(Sign(TroubleKind.DOOR, f"The {door} door {fault}" if fault else "", door) for door, fault in facts.doors.items()),
        *(
            Sign(TroubleKind.CERTIFICATE, _ending(listener, end, facts.at), listener)
            for listener, end in facts.certificates.items()
        ),
    ]
    return own if facts.figures is None else [*own, *_of_desk(facts, facts.figures)]


def _of_desk(facts: Facts, figures: DeskFigures) -> Iterator[Sign]:
    condition = figures.condition
    yield _waiting(TroubleKind.MAIL, "mail", "{count} mails are not decided, the oldest for {age}.", condition.mails, facts.at)
    if condition.held_reason:
        yield Sign(TroubleKind.LETTERS, f"No letter is sent: {condition.held_reason}; `helpdesk outbox release` releases them.")
    else:
        said = "{count} letters have not left, the oldest is due for {age}."
        yield _waiting(TroubleKind.LETTERS, "letters", said, condition.letters, facts.at)
    said = "{count} timers have not been done, the oldest is due for {age}."
    yield _waiting(TroubleKind.TIMERS, "timers", said, condition.timers, facts.at)
    alive = [node for node in condition.nodes if facts.at - node.beat_at <= SILENT]
    for node in condition.nodes:
        text = f"{node.node} has given no sign of life for {span(facts.at - node.beat_at)}, and it was not stopped."
        yield Sign(TroubleKind.NODE, "" if node in alive else text, node.host, node.beat_at)
    yield Sign(TroubleKind.POLICY, _policies(alive))
    yield from _mailboxes(facts, figures)
    yield from _webhooks(facts, figures)
    if facts.canary_late_after is not None:
        yield _canary(facts, figures, facts.canary_late_after)


def _waiting(kind: TroubleKind, subject: str, said: str, queue: Queue, now: datetime) -> Sign:
    age = now - queue.oldest if queue.oldest else timedelta()
    if queue.oldest is None or age <= LIMITS[subject].critical:
        return Sign(kind, "")
    return Sign(kind, said.format(count=queue.count, age=span(age)), since=queue.oldest)


def _mailboxes(facts: Facts, figures: DeskFigures) -> Iterator[Sign]:
    looked = {(folder.mailbox, folder.folder): folder.looked_at for folder in figures.folders}
    for mailbox in facts.mailboxes:
        limit = max(MAILBOX_STALE, LOOKS_MISSED * mailbox.poll_every)
        for folder in mailbox.folders:
            # A node that has just started has had no time to look: it does not judge by what was before.
            looked_at = looked.get((mailbox.name, folder))
            since = max(looked_at or facts.started_at, facts.started_at)
            stale = facts.at - since > limit
            when = f"since {looked_at:%Y-%m-%d %H:%M} UTC" if looked_at else "as long as it is known"
            text = f"Mailbox {mailbox.name}, folder {folder}: it has not been read {when}."
            yield Sign(TroubleKind.MAILBOX, text if stale else "", f"{mailbox.name}/{folder}", since)
    for read in figures.folders:
        text = (
            f"Mailbox {read.mailbox}, folder {read.folder}: the server lists {read.withheld} mails and does not hand them over."
        )
        yield Sign(TroubleKind.MAILBOX, text if read.withheld else "", f"{read.mailbox}/{read.folder}/mails")


def _webhooks(facts: Facts, figures: DeskFigures) -> Iterator[Sign]:
    for webhook in figures.webhooks:
        if webhook.name in facts.webhooks:
            yield Sign(TroubleKind.WEBHOOK, f"{webhook.fault}." if webhook.fault else "", webhook.name)


def _canary(facts: Facts, figures: DeskFigures, late_after: timedelta) -> Sign:
    returned, sent = figures.canary.last_return_at, figures.canary.first_sent_at
    since = returned or sent
    if since is None or facts.at - since <= late_after:
        return Sign(TroubleKind.CANARY, "")
    text = (
        f"The last one came back {span(facts.at - since)} ago."
        if returned
        else f"None has come back in {span(facts.at - since)}."
    )
    return Sign(TroubleKind.CANARY, text, since=since)


def _policies(alive: list[Heartbeat]) -> str:
    if len({node.policy for node in alive}) < 2:
        return ""
    names = ", ".join(f"{node.node} ({node.policy[:8]})" for node in alive[:NAMED]) + (", …" if len(alive) > NAMED else "")
    return f"The nodes decide by different policies: {names}."


def _silent(processes: tuple[str, ...]) -> str:
    return f"These processes do not turn: {', '.join(processes)}." if processes else ""


def _apart(ahead: timedelta) -> str:
    if abs(ahead) <= CLOCK_APART:
        return ""
    direction = "ahead of" if ahead > timedelta() else "behind"
    return f"The clock of this host is {abs(ahead).total_seconds():.0f} seconds {direction} the clock of the database."


def _ending(listener: str, end: Ending, now: datetime) -> str:
    subject = f"The certificate of the {listener} door"
    if isinstance(end, str):
        return f"{subject} cannot be read: {end}."
    if end - now > CERTIFICATE_ENDS:
        return ""
    if end <= now:
        return f"{subject} ended on {end:%Y-%m-%d %H:%M} UTC."
    return f"{subject} ends on {end:%Y-%m-%d %H:%M} UTC, in {span(end - now)}."
