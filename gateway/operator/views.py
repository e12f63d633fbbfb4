"""What the operator's page shows, as values. Markup is made of them in `templates/page/operator`, and decides nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from helpdesk.store.hold import Hold
from helpdesk.store.inbound import InboundMail
from helpdesk.store.open_requests import OpenRequests
from helpdesk.store.operator_acts import ActKind, OperatorAct
from helpdesk.store.outbox import OutboxLetter
from helpdesk.store.watched import DeskFigures, WatchedFolder
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.suppression import Suppression
from helpdesk.threading.reporting.condition import Condition, Heartbeat, StatusLevel, StatusLine, alive_nodes, span

LONGEST_REASON = 200  # characters of a reason in a list; the page of the mail has it whole
ACTS = {
    ActKind.MAIL_REPLAYED: "let mail be processed again",
    ActKind.MAIL_RELEASED: "let a mail in",
    ActKind.MAIL_DROPPED: "dropped a mail",
    ActKind.LETTERS_HELD: "held all letters",
    ActKind.LETTERS_RELEASED: "released the letters",
    ActKind.ADDRESS_SUPPRESSED: "suppressed an address",
    ActKind.ADDRESS_LIFTED: "lifted a suppression",
}


@dataclass(frozen=True, slots=True)
class QueueRow:
    """The open requests of a queue. `oldest` says for how long the oldest of those waits whose turn is support's; "" where none does."""

    name: str
    open: int
    waiting: int
    unanswered: int
    oldest: str


@dataclass(frozen=True, slots=True)
class DoorRow:
    """A door and where it listens. `fault` says in one line what a client meets there; "" where all is well."""

    name: str
    listen: str
    fault: str


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A node and its last sign of life."""

    name: str
    version: str
    policy: str
    runs_for: str
    silent_for: str
    is_alive: bool
    refusal: str


@dataclass(frozen=True, slots=True)
class MailboxRow:
    """A folder of a mailbox: when it was last read to its end, and how many of its mails are left to fetch or to file."""

    mailbox: str
    folder: str
    read: str  # how long ago; "never"
    unfetched: int
    withheld: int


@dataclass(frozen=True, slots=True)
class RelayView:
    """The way of letters out. `held` says why none is sent; "" where they are."""

    url: str
    is_stalled: bool
    held: str
    states: tuple[tuple[str, int], ...]
    canary: str


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """What was decided about a mail. `number` is that of `helpdesk why`."""

    number: int
    received_at: datetime
    disposition: str
    ticket: str
    sender: str
    reason: str


@dataclass(frozen=True, slots=True)
class ActRow:
    """Something that an operator did."""

    at: datetime
    who: str
    what: str
    subject: str


@dataclass(frozen=True, slots=True)
class DeskNow:
    """All that the first page shows."""

    at: datetime
    level: str  # ok, warning, critical or unknown
    findings: tuple[StatusLine, ...]
    queues: tuple[QueueRow, ...]
    doors: tuple[DoorRow, ...]
    nodes: tuple[NodeRow, ...]
    mailboxes: tuple[MailboxRow, ...]
    relay: RelayView
    decisions: tuple[DecisionRow, ...]
    acts: tuple[ActRow, ...]


@dataclass(frozen=True, slots=True)
class SetAside:
    """A mail that was set aside, and what may be done with it."""

    decision: DecisionRow
    attempts: int
    can_replay: bool
    can_release: bool


@dataclass(frozen=True, slots=True)
class FoundMail:
    """Where a mail is, in the sentences of `helpdesk why`."""

    number: int
    sentences: tuple[str, ...]
    set_aside: SetAside | None


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter that has not left, or that no way took."""

    number: int
    ticket: str
    notice: str
    to: str
    state: str
    attempts: int
    next_attempt_at: datetime | None
    last_reply: str


@dataclass(frozen=True, slots=True)
class LettersView:
    """The letters that wait or have failed, and the hold."""

    hold: Hold | None
    letters: tuple[LetterRow, ...]


@dataclass(frozen=True, slots=True)
class AddressRow:
    """An address to which no letters are sent."""

    address: str
    reason: str
    since: datetime
    until: datetime | None
    diagnostic: str


def queue_rows(found: Sequence[OpenRequests], configured: Sequence[str], now: datetime) -> tuple[QueueRow, ...]:
    """A row for each queue that has open requests or stands in the configuration, by name."""
    known = {queue.queue: queue for queue in found}
    rows = (known.get(name) or OpenRequests(name, 0, 0, 0, None) for name in sorted({*known, *configured}))
    return tuple(QueueRow(row.queue, row.open, row.waiting, row.unanswered, _age(row.oldest, now)) for row in rows)


def node_rows(condition: Condition) -> tuple[NodeRow, ...]:
    """A row for each node, those that run first."""
    alive = set(alive_nodes(condition))

    def row(node: Heartbeat) -> NodeRow:
        started, beat = _age(node.started_at, condition.at), _age(node.beat_at, condition.at)
        return NodeRow(node.node, node.version, node.policy[:8], started, beat, node in alive, node.refusal)

    return tuple(sorted((row(node) for node in condition.nodes), key=lambda node: (not node.is_alive, node.name)))


def mailbox_rows(
    configured: Mapping[str, Sequence[str]], folders: Sequence[WatchedFolder], now: datetime
) -> tuple[MailboxRow, ...]:
    """A row for each configured folder, also where no node has looked at it."""
    known = {(folder.mailbox, folder.folder): folder for folder in folders}
    rows = []
    for mailbox, names in configured.items():
        for name in names:
            folder = known.get((mailbox, name))
            read = f"{_age(folder.looked_at, now)} ago" if folder and folder.looked_at else "never"
            rows.append(MailboxRow(mailbox, name, read, folder.unfetched if folder else 0, folder.withheld if folder else 0))
    return tuple(rows)


def relay_view(url: str, figures: DeskFigures, *, is_stalled: bool) -> RelayView:
    """How letters leave. The address is shown without the user in it."""
    scheme, _, rest = url.partition("://")
    shown = f"{scheme}://{rest.rpartition('@')[2]}" if rest else url
    canary = figures.canary
    told = f"came back after {span(canary.took)}" if canary.took else ""
    return RelayView(shown, is_stalled, figures.condition.held_reason, tuple(sorted(figures.letters.items())), told)


def decision_row(mail: InboundMail) -> DecisionRow:
    """A mail as a list shows it. While it is pending, the reason is that of its last failure."""
    reason = _short(str(mail.decision.get("reason") or mail.last_error or ""))
    sender = (mail.envelope.reverse_path or "<>") if mail.envelope else ""
    dropped = f"dropped by {mail.dropped_by}; before: {reason}" if mail.dropped_at else reason
    return DecisionRow(mail.id, mail.received_at, mail.state.value, mail.ticket or "", sender, dropped)


def act_rows(acts: Sequence[OperatorAct]) -> tuple[ActRow, ...]:
    return tuple(ActRow(act.at, act.who, ACTS[act.kind], act.subject) for act in acts)


def set_aside(mail: InboundMail) -> SetAside | None:
    """What may be done with a mail; None for one that is in a conversation or waits for a worker."""
    if mail.state not in (Disposition.QUARANTINED, Disposition.HELD):
        return None
    return SetAside(decision_row(mail), mail.attempts, can_replay=True, can_release=mail.stopped_by is not None)


def found_mail(mail: InboundMail, explained: Mapping[str, Any]) -> FoundMail:
    return FoundMail(mail.id, tuple(str(explained["text"]).split("\n")), set_aside(mail))


def letter_row(letter: OutboxLetter) -> LetterRow:
    return LetterRow(
        letter.id,
        letter.ticket or "",
        letter.notice,
        letter.to,
        letter.state.value,
        letter.attempts,
        letter.next_attempt_at,
        letter.last_reply or "",
    )


def address_row(found: Suppression) -> AddressRow:
    return AddressRow(found.address, found.reason.value, found.since, found.until, found.diagnostic)


def worst(findings: Sequence[StatusLine]) -> str:
    """The worst level of all lines, as `helpdesk status` ends with it."""
    return max((finding.level for finding in findings), default=StatusLevel.UNKNOWN).name.lower()


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1].rstrip()}…"


def _age(since: datetime | None, now: datetime) -> str:
    return "" if since is None else span(max(now - since, now - now))
