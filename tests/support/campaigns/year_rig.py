"""Tickets played through a year against the pure core, with a clock of their own: every warning and every miss, to the second, and what a
report says of the promises.

`run(seed, count)` plays so many tickets and raises at the first that the oracle tells otherwise.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count as counted

from support.oracles.time_oracle import OFFICES, START, Office, Oracle, moment

from helpdesk.config.opening_hours import Calendar
from helpdesk.config.our_addresses import our_addresses
from helpdesk.config.people import Account, SupportAddress
from helpdesk.config.plans import Plan, Targets
from helpdesk.config.policy import Policy
from helpdesk.store.statistics import MARKS, mark_of
from helpdesk.threading.decisions.time.timers import decide_timer
from helpdesk.threading.lifecycle.context import Context, Fresh
from helpdesk.threading.lifecycle.decision import Decision, Grounds
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.state_changes import with_question_withdrawn
from helpdesk.threading.matching.known import Known
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.participant import Participant, Role
from helpdesk.threading.model.people import Contact, StaffMember, StaffRole
from helpdesk.threading.model.status import Status, Trigger, WaitingOn
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.model.timer import TimerKind
from helpdesk.threading.promises.targets import first_clocks, undo_pause, withdraw_answer
from helpdesk.threading.reporting.facts import DeskFacts, Mark, Move, TicketFacts
from helpdesk.threading.reporting.report import Span, report_of

ACTIONS = ("write", "write", "write", "answer", "answer", "ask", "snooze", "severity", "resolve", "bounce", "outage")
KINDS = ("first_response", "next_response", "resolution")
LEVELS = ("low", "high")
DONE = (Status.RESOLVED, Status.CLOSED)
YEAR = 365 * 86400
OURS = our_addresses("support.example.com", "{local}+{token}@{domain}", ["help@support.example.com"])
STAFF = (StaffMember("Omar", "omar@desk.example", StaffRole.AGENT, ("general",), 0),)


@dataclass(frozen=True)
class Script:
    """A ticket's life: when it begins, its promises by severity and kind, and what happens after which pause, with a number of its own."""

    office: Office
    opened: int
    promises: dict[tuple[str, str], int]
    steps: Sequence[tuple[int, str, int]]


@dataclass
class Life:
    """One ticket in the core and in the oracle."""

    script: Script
    ticket: Ticket = field(init=False)
    oracle: Oracle = field(init=False)
    policy: Policy = field(init=False)
    timers: dict[TimerKind, datetime] = field(default_factory=dict)
    told: list[tuple[int, str, tuple[str, ...]]] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    answered: int | None = None

    def __post_init__(self) -> None:
        self.policy, self.ticket = _policy(self.script), _ticket(self.script.opened)
        self.oracle = Oracle(self.script.office, self.script.promises, "low", self.script.opened)
        draft = self._draft(self.script.opened)
        self._take(draft.set_clocks(first_clocks(draft.ticket.created_at)))

    def plays(self) -> None:
        now = self.script.opened
        for pause, action, number in self.script.steps:
            if action == "outage":  # nothing is looked at meanwhile; in some a customer has written in the middle
                written, now = now + pause, now + pause + number
                self._passes(written)
                if number % 2:
                    self._writes(written, now)
            else:
                now += pause
                self._passes(now)
                getattr(self, f"_{action}")(now, number)
            self._passes(now, fired=True)
        self._passes(now + 60 * 86400)
        assert self.told == self.oracle.told, (self.script, self.told, self.oracle.told)
        reported, done = self.reported(now + 60 * 86400), self.ticket.status in DONE
        assert reported == self.oracle.score(done=done), (self.script, reported, self.oracle.score(done=done))

    def reported(self, until: int) -> dict[str, tuple[int, int, int]]:
        """What a report over all of it says of the promises: kept, missed and open, by their kind."""
        one = self.ticket
        facts = TicketFacts(
            one.created_at, one.queue, one.plan, one.category, one.status, one.waiting_on, one.first_response_at,
            tuple(self.moves), one.severity, one.clocks, tuple(self.marks),
        )  # fmt: skip
        span = Span(moment(self.script.opened), moment(until))
        promises = report_of(DeskFacts((facts,), 0, 0, 0), self.policy, span).promises
        return {kind.value: (counts.kept, counts.missed, counts.open) for kind, counts in promises.items()}

    def _passes(self, until: int, *, fired: bool = False) -> None:
        """Timers go off until then: before it, or with `fired` also at that moment itself, after what else happens in it."""
        while True:
            kind, due = min(self.timers.items(), key=lambda timer: (timer[1], timer[0]), default=(None, None))
            look = self.oracle.next_look()
            wanted = int(due.timestamp()) if due is not None and kind is not None else None
            if kind is None or wanted is None or due is None or wanted > until or (wanted == until and not fired):
                assert look is None or look > until or (look == until and not fired), (self.script, look, until)
                return
            now = max(wanted, until) if fired else wanted
            del self.timers[kind]
            self._goes_off(kind, due, now)

    def _goes_off(self, kind: TimerKind, due: datetime, now: int) -> None:
        if kind is TimerKind.TARGET:
            assert due == moment(int(due.timestamp())), "a due time that is no whole second"
            self.oracle.looks(now)
        elif kind is TimerKind.WAKE:
            self.oracle.goes_on(int(due.timestamp()), now)
        was_open = self.ticket.status not in DONE
        self._recorded(decide_timer(self.ticket, kind, self._context(now)), now)
        if was_open and self.ticket.status in DONE:
            self.oracle.is_over(now)

    def _recorded(self, decision: Decision, now: int) -> None:
        for line in decision.events:
            if line.from_status is not None and line.to_status is not None:
                self.moves.append(Move(line.at, line.from_status, line.to_status))
            if line.kind in MARKS:
                self.marks.append(mark_of(line.kind, line.at, line.detail))
            if line.kind in ("target_warning", "target_missed"):
                kinds = tuple(sorted(name.replace(" ", "_") for name in line.detail.split(";")[0].split(", ")))
                self.told.append((now, line.kind.removeprefix("target_"), kinds))
        if decision.ticket is not None:
            self.ticket = decision.ticket
            for timer in decision.timers.cancelled:
                self.timers.pop(timer, None)
            self.timers.update({timer.kind: timer.due_at for timer in decision.timers.started})

    def _context(self, now: int) -> Context:
        known = Known(Contact("", "", None, "business"), staff=STAFF)
        return Context(self.policy, known, moment(now), Fresh(counted(1), "ACZ-XXXXXX", "key"), OURS)

    def _draft(self, now: int) -> Draft:
        return Draft(self._context(now), self.ticket, self.ticket.version)

    def _take(self, draft: Draft) -> None:
        self._recorded(draft.decision(Disposition.THREADED, "", Grounds(Assurance.AUTHENTICATED)), 0)

    def _writes(self, at: int, now: int) -> None:
        self.oracle.customer_writes(at, now)
        self._take(self._draft(now).apply(Trigger.CUSTOMER_WROTE, "anna", at=moment(at)))

    def _write(self, now: int, number: int) -> None:
        self._writes(now, now)

    def _answer(self, now: int, number: int) -> None:
        if self.ticket.status not in DONE:
            self.oracle.pauses(now)
        self.oracle.staff_answers(now)
        self.answered = now
        self._take(self._draft(now).apply(Trigger.STAFF_ANSWERED, "omar").record_response())

    def _ask(self, now: int, number: int) -> None:
        if self._draft(now).allows(Trigger.INFORMATION_REQUESTED):
            self.oracle.pauses(now)
            self.oracle.staff_answers(now)
            self._take(self._draft(now).apply(Trigger.INFORMATION_REQUESTED, "omar").record_response())

    def _snooze(self, now: int, number: int) -> None:
        draft = self._draft(now)
        if draft.allows(Trigger.SNOOZED):
            self.oracle.pauses(now)
            until = moment(now + number)
            draft = draft.wake().apply(Trigger.SNOOZED, "omar")
            self._take(
                replace(
                    draft, ticket=replace(draft.ticket, waiting=replace(draft.ticket.waiting, snoozed_until=until))
                ).set_timer(TimerKind.WAKE, until)
            )

    def _severity(self, now: int, number: int) -> None:
        level = LEVELS[number % len(LEVELS)]
        self.oracle.severity_becomes(level, now)
        self._take(self._draft(now).change("severity", level, "omar"))

    def _resolve(self, now: int, number: int) -> None:
        draft = self._draft(now)
        if draft.allows(Trigger.RESOLVED):
            self.oracle.is_resolved(now)
            self._take(draft.apply(Trigger.RESOLVED, "omar").record_response())

    def _bounce(self, now: int, number: int) -> None:
        if self.answered is None:
            return
        self.oracle.answer_bounces(self.answered, now)
        draft, at = self._draft(now), moment(self.answered)
        first = None if self.ticket.first_response_at == at else self.ticket.first_response_at
        draft = replace(draft, ticket=replace(draft.ticket, first_response_at=first))
        draft = draft.set_clocks(withdraw_answer(draft.ticket, at))
        if self.ticket.waiting.answered_at == at:
            self.oracle.never_paused()
            draft = replace(draft, ticket=with_question_withdrawn(draft.ticket)).end_silence()
            draft = draft.set_clocks(undo_pause(draft.ticket))
        self._take(draft)


def _policy(script: Script) -> Policy:
    spans = {level: {} for level in LEVELS}  # type: dict[str, dict[str, timedelta]]
    for (level, kind), seconds in script.promises.items():
        spans[level][kind] = timedelta(seconds=seconds)
    plan = Plan(**{level: Targets(**times) for level, times in spans.items()})  # type: ignore[arg-type]
    return Policy(
        addresses=(SupportAddress(address="help@support.example.com"),),
        plans={"business": plan},
        accounts=(Account(id="acme", calendar="theirs"),),
        calendars={"theirs": Calendar.model_validate(script.office.keys())},
    )


def _ticket(opened: int) -> Ticket:
    """A request that gets no automatic letters: a letter about a miss would give a date, and the oracle knows the plan's promises alone."""
    return Ticket(
        id=1, reference="ACZ-AAAAAA", version=0, status=Status.IN_REVIEW, waiting_on=WaitingOn.SUPPORT, escalation_level=0,
        subject="Printer", requester=1, account="acme", plan="business", category="technical issue", severity="low", priority="low",
        queue="general", assignee="omar@desk.example", support_address="help@support.example.com", thread_key="key", language="en",
        assurance=Assurance.AUTHENTICATED, automatic_letters=False, resolutions=0, created_at=moment(opened),
        updated_at=moment(opened), event_count=0, first_response_at=None,
        participants=(Participant(1, Role.CUSTOMER, "anna@acme.example", "Anna"),),
    )  # fmt: skip


def script(draw: random.Random, opened: int) -> Script:
    """A life at random. Promises are multiples of four seconds, so that three quarters of them are whole ones."""
    promises = {
        (level, kind): 4 * draw.randint(1, 3 * 8 * 3600 // 4 * (3 if kind == "resolution" else 1))
        for level in LEVELS
        for kind in KINDS
        if draw.random() < 0.8
    }
    steps = [
        (draw.choice((1, 60, draw.randint(1, 7200), draw.randint(1, 259200))), draw.choice(ACTIONS), draw.randint(1, 400_000))
        for _ in range(draw.randint(0, 14))
    ]
    return Script(draw.choice(OFFICES), opened, promises, steps)


def run(seed: int, count: int) -> dict[str, int]:
    """So many tickets over the year 2026; how much was told of them."""
    draw, told = random.Random(seed), {"tickets": count, "warnings": 0, "misses": 0}
    for _ in range(count):
        life = Life(script(draw, START + draw.randrange(YEAR)))
        life.plays()
        told["warnings"] += sum(what == "warning" for _, what, _ in life.told)
        told["misses"] += sum(what == "missed" for _, what, _ in life.told)
    return told
