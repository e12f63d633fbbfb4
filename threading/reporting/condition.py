"""The condition of a desk at a moment, and what somebody has to look at.

Everything is judged by its effect, which is age: mail that nobody has decided, letters that have not left, timers that nothing has taken up.
A number alone says little, because a busy hour makes large numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum


class StatusLevel(IntEnum):
    """How bad it is. The values are the exit codes of monitoring plugins."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The last sign of life of a node, with the policy that it decides by."""

    node: str
    host: str
    version: str
    policy: str
    started_at: datetime
    beat_at: datetime


@dataclass(frozen=True, slots=True)
class Queue:
    """Things that wait: how many, and since when the oldest of them could have been done. None says that nothing waits."""

    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Condition:
    """What the store says about a desk at one moment."""

    at: datetime
    nodes: tuple[Heartbeat, ...]
    mails: Queue  # accepted and not decided
    replies: Queue  # written in the platform and not taken
    timers: Queue  # due and not fired
    letters: Queue  # due and not sent
    unfetched: Queue  # mails in mailboxes with which something is left to do
    quarantined: int
    held_reason: str  # why no letter is sent; "" where letters are sent


@dataclass(frozen=True, slots=True)
class StatusLine:
    """One line of `helpdesk status`."""

    level: StatusLevel
    subject: str
    text: str


SILENT = timedelta(seconds=90)  # since the last sign of life of a node that runs
DIFFERENT = timedelta(minutes=10)  # for which nodes may have different policies while an operator brings them a new one
SLOW = timedelta(minutes=5)
MANY_SHOWN = 3


@dataclass(frozen=True, slots=True)
class _Limit:
    """From which age on something that waits is worth a warning, and from which age on it is critical."""

    warning: timedelta
    critical: timedelta


LIMITS = {
    "mail": _Limit(timedelta(minutes=2), SLOW),
    "platform replies": _Limit(timedelta(minutes=2), SLOW),
    "timers": _Limit(SLOW, timedelta(minutes=15)),
    "letters": _Limit(SLOW, timedelta(minutes=15)),
    "mailboxes": _Limit(timedelta(hours=1), timedelta(hours=6)),
}
WAITS_FOR = {
    "mail": "to be decided",
    "platform replies": "to be taken",
    "timers": "to be done",
    "letters": "to be sent",
    "mailboxes": "to be fetched or filed",
}


def findings_of(condition: Condition) -> list[StatusLine]:
    """Every line about a condition, the worst first."""
    found = [*_nodes(condition), *_queues(condition), *_set_aside(condition)]
    return sorted(found, key=lambda finding: -finding.level)


def _nodes(condition: Condition) -> Iterator[StatusLine]:
    alive = [node for node in condition.nodes if condition.at - node.beat_at <= SILENT]
    silent = [node for node in condition.nodes if node not in alive]
    for node in silent:
        text = f"{node.node} has given no sign of life for {span(condition.at - node.beat_at)}, and it was not stopped"
        yield StatusLine(StatusLevel.WARNING if alive else StatusLevel.CRITICAL, "nodes", text)
    if not alive:
        yield StatusLine(StatusLevel.CRITICAL, "nodes", "no node is running; start one with `helpdesk serve`")
        return
    policies = {node.policy for node in alive}
    settled = max(node.started_at for node in alive) + DIFFERENT < condition.at
    if len(policies) > 1 and settled:
        names = ", ".join(f"{node.node} ({node.policy[:8]})" for node in alive)
        yield StatusLine(
            StatusLevel.CRITICAL, "policy", f"nodes decide by different policies: {names}; give all of them the same files"
        )
    names = ", ".join(node.node for node in alive[:MANY_SHOWN]) + (" …" if len(alive) > MANY_SHOWN else "")
    yield StatusLine(StatusLevel.OK, "nodes", f"{len(alive)} running: {names}")


def _queues(condition: Condition) -> Iterator[StatusLine]:
    queues = {
        "mail": condition.mails,
        "platform replies": condition.replies,
        "timers": condition.timers,
        "mailboxes": condition.unfetched,
    }
    if not condition.held_reason:  # letters that are held do not leave, and the hold is told by itself
        queues["letters"] = condition.letters
    for subject, queue in queues.items():
        yield _queue(subject, queue, condition.at)


def _queue(subject: str, queue: Queue, now: datetime) -> StatusLine:
    if queue.oldest is None:
        return StatusLine(StatusLevel.OK, subject, "nothing waits")
    age, limit = now - queue.oldest, LIMITS[subject]
    level = StatusLevel.CRITICAL if age > limit.critical else StatusLevel.WARNING if age > limit.warning else StatusLevel.OK
    return StatusLine(level, subject, f"{queue.count} {WAITS_FOR[subject]}, the oldest for {span(max(age, timedelta()))}")


def _set_aside(condition: Condition) -> Iterator[StatusLine]:
    if condition.held_reason:
        text = f"no letter is sent: {condition.held_reason}; to release them: helpdesk outbox release"
        yield StatusLine(StatusLevel.CRITICAL, "letters", text)
    if condition.quarantined:
        text = f"{condition.quarantined} mails could not be worked on; see helpdesk quarantine list"
        yield StatusLine(StatusLevel.WARNING, "quarantine", text)
    else:
        yield StatusLine(StatusLevel.OK, "quarantine", "empty")


def span(duration: timedelta) -> str:
    """A duration in its largest unit, rounded down: `40 s`, `12 min`, `5 h`, `3 d`."""
    seconds = int(duration.total_seconds())
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
