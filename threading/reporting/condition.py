"""The condition of a desk at a moment, and what somebody has to look at.

Everything is judged by its effect, which is age: mail that nobody has decided, letters that have not left, timers that nothing has taken up.
A number alone says little, because a busy hour makes large numbers.
"""

from collections.abc import Iterator, Sequence
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
    """The last sign of life of a node, with the policy that it decides by.

    `keys` are those of reply tokens that it knows, each with its print, the one that signs first: "b:3f2a11d0 a:9c0e44d1". `refusal` says why
    it keeps an earlier configuration than its files have, "" where it does not.
    """

    node: str
    host: str
    version: str
    policy: str
    started_at: datetime
    beat_at: datetime
    policy_since: datetime | None = None  # when it took its policy; None: when it started
    keys: str = ""
    refusal: str = ""
    refused_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """Things that wait: how many, and since when the oldest of them could have been done. None says that nothing waits."""

    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Filling:
    """How far a migration has come that fills the rows of a table in batches."""

    revision: str
    table: str
    filled: int
    expected: int  # rows that the table had at the beginning
    began_at: datetime
    moved_at: datetime  # when the last batch was filled


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
    fillings: tuple[Filling, ...]  # of migrations that have begun and not ended


@dataclass(frozen=True, slots=True)
class StatusLine:
    """One line of `helpdesk status`."""

    level: StatusLevel
    subject: str
    text: str


SILENT = timedelta(seconds=90)  # since the last sign of life of a node that runs
DIFFERENT = timedelta(minutes=10)  # for which nodes may have different policies while an operator brings them a new one
SLOW = timedelta(minutes=5)
STOPPED = timedelta(minutes=2)  # since the last batch of a backfill that nobody works on
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
    found = [*_nodes(condition), *_queues(condition), *_set_aside(condition), *lines_of(condition.fillings, condition.at)]
    return sorted(found, key=lambda finding: -finding.level)


def alive_nodes(condition: Condition) -> list[Heartbeat]:
    return alive_at(condition.at, condition.nodes)


def alive_at(moment: datetime, nodes: Sequence[Heartbeat]) -> list[Heartbeat]:
    """The nodes that have given a sign of life lately."""
    return [node for node in nodes if moment - node.beat_at <= SILENT]


def policies_differ_for(condition: Condition) -> timedelta | None:
    """How long nodes that run have decided by different policies; None where they do not.

    While an operator brings them a new policy one after another they differ for a while, so it is worth an alarm only after `DIFFERENT`.
    """
    alive = alive_nodes(condition)
    if len({node.policy for node in alive}) < 2:
        return None
    return condition.at - max(node.policy_since or node.started_at for node in alive)


def who_lacks(key: str, nodes: Sequence[Heartbeat]) -> list[Heartbeat]:
    """The nodes that do not verify with a key, "b:3f2a11d0": they would take replies to its letters for mail of strangers.

    A node that does not say which keys it knows is one of them.
    """
    return [node for node in nodes if key not in node.keys.split()]


def who_signs_with(key: str, nodes: Sequence[Heartbeat]) -> list[Heartbeat]:
    return [node for node in nodes if node.keys.split()[:1] == [key]]


def unknown_keys(nodes: Sequence[Heartbeat]) -> list[tuple[Heartbeat, Heartbeat]]:
    """Pairs of nodes whose first signs with a key that the second, which says what it knows, does not know."""
    speaking = [node for node in nodes if node.keys]
    return [(signer, other) for signer in speaking for other in who_lacks(signer.keys.split()[0], speaking)]


def _of_policies(condition: Condition) -> Iterator[StatusLine]:
    for_long = policies_differ_for(condition)
    if for_long is None:
        return
    names = ", ".join(f"{node.node} ({node.policy[:8]})" for node in alive_nodes(condition))
    level = StatusLevel.CRITICAL if for_long > DIFFERENT else StatusLevel.OK
    text = f"nodes decide by different policies: {names}; give all of them the same files, then run helpdesk reload on each"
    yield StatusLine(level, "policy", text)


def _of_keys(alive: Sequence[Heartbeat]) -> Iterator[StatusLine]:
    for signer, other in unknown_keys(alive)[:1]:
        name = signer.keys.partition(":")[0]
        text = f"{signer.node} signs letters with key {name}, which {other.node} does not know: it takes replies to them for mail of strangers"
        yield StatusLine(StatusLevel.CRITICAL, "keys", f"{text}; give it the same secret file, then run helpdesk reload there")


def _nodes(condition: Condition) -> Iterator[StatusLine]:
    alive = alive_nodes(condition)
    silent = [node for node in condition.nodes if node not in alive]
    for node in silent:
        text = f"{node.node} has given no sign of life for {span(condition.at - node.beat_at)}, and it was not stopped"
        yield StatusLine(StatusLevel.WARNING if alive else StatusLevel.CRITICAL, "nodes", text)
    if not alive:
        yield StatusLine(StatusLevel.CRITICAL, "nodes", "no node is running; start one with `helpdesk serve`")
        return
    yield from _of_policies(condition)
    yield from _of_keys(alive)
    for node in alive:
        if node.refusal:
            since = f" for {span(condition.at - node.refused_at)}" if node.refused_at else ""
            text = f"{node.node} has refused its files{since} and keeps the earlier ones: {node.refusal}; correct them, then run helpdesk reload"
            yield StatusLine(StatusLevel.WARNING, "configuration", text)
    names = ", ".join(node.node for node in alive[:MANY_SHOWN]) + (" …" if len(alive) > MANY_SHOWN else "")
    yield StatusLine(StatusLevel.OK, "nodes", f"{len(alive)} running: {names}")


def lines_of(fillings: Sequence[Filling], now: datetime) -> Iterator[StatusLine]:
    """A line for each backfill. One that has not moved for a while was interrupted."""
    for filling in fillings:
        since = now - filling.moved_at
        text = f"{filling.revision} has filled {filling.filled} of about {max(filling.expected, filling.filled)} rows of {filling.table}"
        if since > STOPPED:
            text = f"{text} and was interrupted {span(since)} ago; run helpdesk migrate, which goes on from there"
        yield StatusLine(StatusLevel.WARNING if since > STOPPED else StatusLevel.OK, "migration", text)


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
