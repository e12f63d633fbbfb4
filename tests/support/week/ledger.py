"""What each person of the week must have been told, by the specification alone, and every promise that was broken.

Each thing that somebody writes has a mark, a word that stands nowhere else. Nothing here asks the gateway what it meant to do.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from support.conversations.books import MARK, Letter
from support.oracles.time_oracle import Oracle, Watch, moment, reached, worked
from support.week.cast import OFFICE, TEAM
from support.week.named_times import NamedTime

from helpdesk.threading.model.notice import Notice

PATIENCE = timedelta(minutes=3)  # an answer has left by then
LONGEST_THOUGHT = timedelta(days=1)  # in which the author of a held mail has decided


class Broken(StrEnum):
    LEAKED = "words that were not meant for this reader"
    LOST = "words that did not arrive"
    DOUBLED = "words that arrived twice"
    UNHELD = "a request in nobody's hands"
    UNTRUE = "a time that is not true"
    UNTOLD = "somebody was not told"


@dataclass(frozen=True, slots=True)
class Breach:
    """One promise that was broken."""

    broken: Broken
    at: datetime
    what: str

    def __str__(self) -> str:
        return f"{self.at:%a %H:%M}: {self.broken}: {self.what}"


class Aim(StrEnum):
    """For whom words are meant."""

    ANSWER = "the customer"
    NOTE = "staff alone"
    REQUEST = "the desk"


class Course(StrEnum):
    """What became of a mail of staff: it is to arrive, or somebody decided otherwise."""

    UNDER_WAY = "under way"
    STOPPED = "held, refused, or taken back: nobody outside may read it"
    DONE = "arrived"


@dataclass
class Remark:
    """What somebody wrote. `readers` are to get it, each in one letter; of `any_of` one is enough; `allowed` may read it besides."""

    mark: str
    author: str
    aim: Aim
    at: datetime
    case: "Case"
    readers: set[str] = field(default_factory=set)
    any_of: set[str] = field(default_factory=set)
    allowed: set[str] = field(default_factory=set)
    course: Course = Course.UNDER_WAY
    copies: Counter[str] = field(default_factory=Counter)  # who gets it in several conversations, and in how many
    accounts: set[str] = field(default_factory=set)  # beside that of its case
    had: Counter[str] = field(default_factory=Counter)


@dataclass
class Case:
    """One request as the people around it know it."""

    reference: str
    requester: str
    account: str
    zone: str
    plan: str
    readers: set[str]  # who gets the answers
    invited: set[str] = field(default_factory=set)  # who may get them: `#cc` stood in a mail that was held
    clock: Oracle | None = (
        None  # None where something happened of which this oracle knows nothing: then only the stored time counts
    )
    given: list[datetime] = field(default_factory=list)  # dates that its customer was promised
    stored: dict[str, datetime | None] = field(
        default_factory=dict
    )  # its promises as the desk had stored them at the last letter
    touched_at: datetime | None = None  # when somebody has last written about it
    continues_in: "Case | None" = None
    staff_letters: Counter[str] = field(default_factory=Counter)

    @property
    def surviving(self) -> "Case":
        case = self
        while case.continues_in is not None:
            case = case.continues_in
        return case

    def due(self, kind: str) -> datetime | None:
        """When a promise is due by the calendar; None where this is not known, or none runs."""
        if self.clock is None or not self.clock.runs:
            return None
        for watch in self.clock.watches:
            promise = self.clock.promises.get((self.clock.severity, watch.kind))
            if watch.kind == kind and watch.answered_at is None and promise is not None:
                return moment(reached(OFFICE, watch.stretches[-1][0], promise - _used_before(watch)))
        return None


def _used_before(watch: Watch) -> int:
    return sum(worked(OFFICE, begin, end) for begin, end in watch.stretches if end is not None)


@dataclass
class Ledger:
    """Everything that was written in the week, and what is wrong."""

    remarks: dict[str, Remark] = field(default_factory=dict)
    awaited: list[Remark] = field(default_factory=list)
    breaches: list[Breach] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    times_checked: int = 0
    unreachable: set[str] = field(default_factory=set)  # customers whose mailbox has sent a letter back

    def breach(self, broken: Broken, at: datetime, what: str) -> None:
        self.breaches.append(Breach(broken, at, what))

    def say(self, remark: Remark) -> Remark:
        self.remarks[remark.mark] = remark
        self.awaited.append(remark)
        return remark

    def arrives(self, letter: Letter, at: datetime) -> None:
        """Take a letter into account that somebody has got."""
        counts = Counter(MARK.findall(letter.text))
        for mark in letter.marks & self.remarks.keys():
            remark = self.remarks[mark]
            if letter.notice == Notice.REMINDER and remark.had[letter.to] and remark.aim is Aim.ANSWER:
                continue  # a reminder repeats the question, to those alone who have had it
            remark.had[letter.to] += 1
            if letter.to not in TEAM:
                self._check_reader(remark, letter, counts[mark], at)

    def _check_reader(self, remark: Remark, letter: Letter, count: int, at: datetime) -> None:
        where = f"{remark.mark} of {remark.author} ({remark.aim}, {remark.course}) in the letter {letter.notice} to {letter.to}"
        if remark.aim is Aim.NOTE or remark.course is Course.STOPPED or letter.to not in remark.readers | remark.allowed:
            self.breach(Broken.LEAKED, at, where)
        elif remark.aim is Aim.ANSWER and (remark.had[letter.to] > max(remark.copies[letter.to], 1) or count > 1):
            self.breach(Broken.DOUBLED, at, where)

    def check_arrivals(self, now: datetime) -> None:
        """Whatever was to arrive by now has arrived."""
        for remark in [remark for remark in self.awaited if now >= remark.at + PATIENCE]:
            if remark.course is Course.STOPPED and now < remark.at + LONGEST_THOUGHT:
                continue  # its author may still let it go
            self.awaited.remove(remark)
            if remark.course is Course.UNDER_WAY:
                remark.course = Course.DONE
                missing = {reader for reader in remark.readers if not remark.had[reader]} - self.unreachable
                if missing:
                    self.breach(Broken.LOST, now, f"{self._of(remark)} not at {', '.join(sorted(missing))}")
                if remark.any_of and not any(remark.had[reader] for reader in remark.any_of):
                    self.breach(Broken.LOST, now, f"{self._of(remark)} at none of {', '.join(sorted(remark.any_of))}")

    def _of(self, remark: Remark) -> str:
        return f"{remark.mark} of {remark.author} for {remark.aim} about {remark.case.reference} at {remark.at:%a %H:%M}"

    def check_inbox(self, rows: Iterable[tuple[str, str, str, str]], now: datetime) -> None:
        """Account, contact, direction and words of each row: an answer stands once for each reader, a note nowhere.

        Rows of reminders, which repeat a question, are not among them.
        """
        stands: Counter[tuple[str, str, str]] = Counter()
        places: Counter[tuple[str, str]] = Counter()
        for account, contact, direction, text in rows:
            for mark in set(MARK.findall(text)) & self.remarks.keys():
                stands[mark, contact, direction] += 1
                places[mark, account] += 1
                remark = self.remarks[mark]
                if (
                    remark.aim is Aim.NOTE
                    or remark.course is Course.STOPPED
                    or account not in remark.accounts | {remark.case.account}
                ):
                    self.breach(Broken.LEAKED, now, f"{self._of(remark)} ({remark.course}) in the inbox of {account or 'nobody'}")
        for (mark, contact, direction), count in stands.items():
            if count > max(self.remarks[mark].copies[contact], 1):
                self.breach(
                    Broken.DOUBLED, now, f"{self._of(self.remarks[mark])} {count} times in the inbox as {direction} of {contact}"
                )
        for mark, remark in self.remarks.items():
            is_due = remark.course is Course.DONE and remark.aim is not Aim.NOTE and remark.case.account
            if is_due and not places[mark, remark.case.account]:
                self.breach(Broken.LOST, now, f"{self._of(remark)} not in the inbox of {remark.case.account}")

    def check_time(self, named: NamedTime, possible: Collection[datetime | None], zone: str, where: str, now: datetime) -> None:
        """Whether a time that a letter names is one of those that it may stand for; where none is known, only that it may name one."""
        self.times_checked += 1
        known = [true for true in possible if true is not None]
        if known and not any(named.names(true, zone) for true in known):
            says = f"{named.what or 'a date'} as {named.weekday} {named.day} {named.month} {named.time} {named.zone}"
            true_words = " or ".join(true.astimezone(ZoneInfo(zone)).isoformat() for true in known)
            self.breach(Broken.UNTRUE, now, f"{where} names {says}; true is {true_words}")
