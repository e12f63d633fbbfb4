"""Which troubles an operator is told of, when, and when they are told that one is over.

Each look at a node gives one sign for everything that can be in trouble. A trouble is told when it has lasted for some time; while it lasts
there is one reminder a day; when it is over, that is told with how long it lasted. A trouble that follows from another one is not told: when
the database is away, so are mailboxes, queues and all the rest, and one alarm says enough.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from helpdesk.threading.reporting.condition import span

REMINDED_AFTER = timedelta(days=1)
CALM = timedelta(minutes=1)  # without trouble, after which it is over
AFTERMATH = timedelta(minutes=10)  # after the end of a cause in which what followed from it may still be in trouble


class TroubleKind(StrEnum):
    """What can be in trouble."""

    DATABASE = "database"
    DISK = "disk"
    DOOR = "door"
    PROCESS = "process"
    RELAY = "relay"
    MAILBOX = "mailbox"
    MAIL = "mail"
    LETTERS = "letters"
    TIMERS = "timers"
    NODE = "node"
    CANARY = "canary"
    POLICY = "policy"
    CERTIFICATE = "certificate"
    CLOCK = "clock"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """When a kind of trouble is told, and from which other troubles it follows.

    `after` is how long it must have lasted. Where that is a matter of age (the oldest mail, the last look into a mailbox), the sign itself waits
    for that age, and `after` only says that one look alone is not believed.
    """

    title: str  # of the letter, while it lasts
    title_over: str
    do: str  # what to look at
    after: timedelta
    follows_from: frozenset[TroubleKind] = frozenset()
    of_node: bool = False  # each node has its own


def _kinds(*kinds: TroubleKind) -> frozenset[TroubleKind]:
    return frozenset(kinds)


K = TroubleKind
AT_ONCE, SOON, LATER = timedelta(), timedelta(seconds=30), timedelta(minutes=5)
# fmt: off
RULES: Mapping[TroubleKind, AlarmRule] = {
    K.DATABASE: AlarmRule("The database does not answer", "The database answers again", "Look at the database server and at the way to it.", timedelta(minutes=1), _kinds(K.DISK), of_node=True),
    K.DISK: AlarmRule("The disk takes no mail", "The disk takes mail again", "Make room, or look at the disk.", AT_ONCE, of_node=True),
    K.DOOR: AlarmRule("A door does not answer", "The door answers again", "Run `helpdesk status` on this host, and look at the log.", timedelta(minutes=1), _kinds(K.PROCESS), of_node=True),
    K.PROCESS: AlarmRule("A process of the node hangs", "The process of the node works again", "Look at the log of this host, and restart the node where the process hangs.", timedelta(minutes=1), of_node=True),
    K.RELAY: AlarmRule("The relay takes no letters", "The relay takes letters again", "Look at the relay; `helpdesk outbox list` shows what it said.", LATER, _kinds(), of_node=True),
    K.MAILBOX: AlarmRule("A mailbox is not read", "The mailbox is read again", "Look at the mail server and the login; `helpdesk mailbox list` shows each folder.", SOON, _kinds(K.DATABASE, K.DISK)),
    K.MAIL: AlarmRule("Mail waits to be decided", "No mail waits any more", "Run `helpdesk status`, and look at the log of the nodes.", SOON, _kinds(K.DATABASE, K.DISK, K.PROCESS)),
    K.LETTERS: AlarmRule("Letters wait to be sent", "No letters wait any more", "`helpdesk outbox list` shows what waits and what the relay said.", SOON, _kinds(K.DATABASE, K.DISK, K.RELAY, K.PROCESS)),
    K.TIMERS: AlarmRule("Reminders and deadlines are late", "Reminders and deadlines are on time again", "Run `helpdesk status`, and look at the log of the nodes.", SOON, _kinds(K.DATABASE, K.DISK, K.PROCESS)),
    K.NODE: AlarmRule("A node gives no sign of life", "The node gives signs of life again", "Look at that host; start the node again.", SOON, _kinds(K.DATABASE)),
    K.CANARY: AlarmRule("A test letter did not come back", "Test letters come back again", "Follow the way of a test letter: the relay's log, the receiving server, the door.", SOON, _kinds(K.DATABASE, K.DISK, K.DOOR, K.PROCESS, K.RELAY, K.MAILBOX, K.MAIL)),
    K.POLICY: AlarmRule("The nodes have different policies", "The nodes have the same policy again", "Give all nodes the same configuration; `helpdesk status` names them.", timedelta(minutes=10), _kinds(K.DATABASE)),
    K.CERTIFICATE: AlarmRule("A certificate ends soon", "The certificate was renewed", "Renew the certificate; `helpdesk reload` takes the new one.", AT_ONCE, of_node=True),
    K.WEBHOOK: AlarmRule("A webhook does not take events", "The webhook takes events again", "Look at the receiver; `helpdesk webhook test NAME` tries it, and `helpdesk webhook replay NAME` goes on.", AT_ONCE, _kinds(K.DATABASE)),
    K.CLOCK: AlarmRule("The clock of a host is wrong", "The clock of the host is right again", "Set the clock of this host, and look at its time service.", timedelta(minutes=1), _kinds(K.DATABASE), of_node=True),
}
# fmt: on


CAN_WAIT = _kinds(K.POLICY, K.CERTIFICATE, K.CLOCK, K.WEBHOOK)


@dataclass(frozen=True, slots=True)
class Sign:
    """What a look found: the trouble of one thing in one sentence, "" where it works. `subject` names the thing where there are several.

    `since` is when the trouble began, where that is known; else it began with the first sign of it.
    """

    kind: TroubleKind
    trouble: str
    subject: str = ""
    since: datetime | None = None


class AlarmStage(StrEnum):
    """What is told of a trouble."""

    BEGAN = "began"
    LASTS = "lasts"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class OpenAlarm:
    """A trouble of which the operator was told. `name` is the same on all nodes that see the same trouble."""

    name: str
    kind: TroubleKind
    text: str
    since: datetime
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Telling:
    """What is to be told now. `at` is when the trouble was over where it is over, and else this moment."""

    stage: AlarmStage
    alarm: OpenAlarm
    at: datetime

    @property
    def lasted(self) -> timedelta:
        return self.at - self.alarm.since

    @property
    def subject(self) -> str:
        """The subject line of the letter."""
        rule = RULES[self.alarm.kind]
        if self.stage is AlarmStage.OVER:
            return f"{rule.title_over} (after {span(self.lasted)})"
        return f"{rule.title}, for {span(self.lasted)} now" if self.stage is AlarmStage.LASTS else rule.title

    @property
    def lines(self) -> tuple[str, ...]:
        """The letter in sentences."""
        since = f"Since {_moment(self.alarm.since)}."
        if self.stage is AlarmStage.OVER:
            return (f"It was: {self.alarm.text}", f"From {_moment(self.alarm.since)} to {_moment(self.at)}, {span(self.lasted)}.")
        reminder = ("This is a reminder; the next one comes in a day.",) if self.stage is AlarmStage.LASTS else ()
        return (self.alarm.text, since, RULES[self.alarm.kind].do, *reminder)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A trouble that lasts, told or not."""

    kind: TroubleKind
    text: str
    since: datetime  # when it began
    seen_since: datetime  # the first sign of it
    told_at: datetime | None = None
    calm_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class AlarmWatch:
    """What is known from one look to the next: troubles by name, and when the last trouble of a kind was seen."""

    host: str
    troubles: Mapping[str, Trouble] = field(default_factory=dict)
    ended: Mapping[TroubleKind, datetime] = field(default_factory=dict)

    @property
    def is_well(self) -> bool:
        """Whether mail comes and goes: nothing is in trouble of which an operator was told, except what can wait for a day."""
        return not any(trouble.told_at and trouble.kind not in CAN_WAIT for trouble in self.troubles.values())


def remembering(host: str, alarms: Iterable[OpenAlarm]) -> AlarmWatch:
    """The watch of a node that starts: it knows of the alarms that all nodes share, and of its own."""
    troubles = {
        alarm.name: Trouble(alarm.kind, alarm.text, alarm.since, alarm.since, alarm.told_at)
        for alarm in alarms
        if not RULES[alarm.kind].of_node or alarm.name.endswith(f"@{host}")
    }
    return AlarmWatch(host, troubles)


def look_at(watch: AlarmWatch, signs: Iterable[Sign], now: datetime) -> tuple[AlarmWatch, list[Telling]]:
    """Take the signs of one look, and return what is known now and what is to be told.

    What has no sign in this look, because nothing can be known of it, stays as it is.
    """
    troubles = dict(watch.troubles)
    for sign in signs:
        name = name_of(sign, watch.host)
        if sign.trouble:
            troubles[name] = _begun(troubles.get(name), sign, now)
        elif name in troubles:
            troubles[name] = replace(troubles[name], calm_since=troubles[name].calm_since or now)
    seen = {trouble.kind for trouble in troubles.values() if trouble.calm_since is None}
    ended = {**watch.ended, **dict.fromkeys(seen, now)}
    watch = replace(watch, troubles=troubles, ended={kind: at for kind, at in ended.items() if now - at < AFTERMATH})
    return watch, list(_tellings(watch, now))


def note_told(watch: AlarmWatch, telling: Telling) -> AlarmWatch:
    """The watch after something was told, by this node or by another one."""
    troubles = dict(watch.troubles)
    if telling.stage is AlarmStage.OVER:
        troubles.pop(telling.alarm.name, None)
    elif telling.alarm.name in troubles:
        troubles[telling.alarm.name] = replace(troubles[telling.alarm.name], told_at=telling.at)
    return replace(watch, troubles=troubles)


def forget_untold(watch: AlarmWatch, now: datetime) -> AlarmWatch:
    """The watch without troubles that were over before anybody was told."""
    lasting = {
        name: trouble
        for name, trouble in watch.troubles.items()
        if trouble.told_at or trouble.calm_since is None or now - trouble.calm_since < CALM
    }
    return replace(watch, troubles=lasting)


def name_of(sign: Sign, host: str) -> str:
    named = f"{sign.kind}/{sign.subject}" if sign.subject else str(sign.kind)
    return f"{named}@{host}" if RULES[sign.kind].of_node else named


def _begun(known: Trouble | None, sign: Sign, now: datetime) -> Trouble:
    if known is None:
        return Trouble(sign.kind, sign.trouble, sign.since or now, now)
    if known.calm_since is not None and known.told_at is None:  # it was over before it was told: this is another one
        return Trouble(sign.kind, sign.trouble, sign.since or now, now)
    return replace(known, text=sign.trouble, calm_since=None)


def _tellings(watch: AlarmWatch, now: datetime) -> Iterator[Telling]:
    for name, trouble in watch.troubles.items():
        rule = RULES[trouble.kind]
        alarm = OpenAlarm(name, trouble.kind, trouble.text, trouble.since, trouble.told_at or now)
        if trouble.calm_since is not None:
            if trouble.told_at is not None and now - trouble.calm_since >= CALM:
                yield Telling(AlarmStage.OVER, alarm, trouble.calm_since)
        elif any(cause in watch.ended for cause in rule.follows_from):
            continue
        elif trouble.told_at is None:
            if now - trouble.seen_since >= rule.after:
                yield Telling(AlarmStage.BEGAN, alarm, now)
        elif now - trouble.told_at >= REMINDED_AFTER:
            yield Telling(AlarmStage.LASTS, alarm, now)


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
