"""A decision that is being built: the changed ticket, its events and its letters. Each step returns a new draft; `decision` completes it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from helpdesk.config.calendar import working_time
from helpdesk.threading.incidents.likeness import features, repeats, words_of
from helpdesk.threading.letters.order import NO_WORDS, CustomerFacts, LetterOrder, LetterThread, LetterWords, StaffFacts
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import (
    NO_OPENING,
    NO_TIMERS,
    NOTHING_ADDED,
    SAME_REACH,
    UNCHANGED,
    Contribution,
    Decision,
    FailedLetter,
    Grounds,
    Opening,
    Past,
    ReachChanges,
    TimerChanges,
)
from helpdesk.threading.lifecycle.gate import TRIPPED, TRIPPED_UNPROVED, alarm_letters, pass_gate
from helpdesk.threading.lifecycle.past_requests import lines_about_past, named_requests
from helpdesk.threading.lifecycle.permission import may
from helpdesk.threading.lifecycle.relations import lines_about_related, related_tickets
from helpdesk.threading.lifecycle.table import Rule, rule_for
from helpdesk.threading.model.assurance import SURE
from helpdesk.threading.model.event import Event
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Participant, ParticipantState, Role
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.promise import Clock, TargetKind
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.model.status import Status, Trigger, WaitingOn
from helpdesk.threading.model.suppression import Suppression
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.model.timer import Timer, TimerKind
from helpdesk.threading.promises.busy import Answered
from helpdesk.threading.promises.silence import after_answer, after_question, closing_at
from helpdesk.threading.promises.targets import (
    ANSWERS,
    DONE,
    clock_replaced,
    clocks_after,
    end_answered,
    in_words,
    next_look,
    overdue,
)

LONGEST_DETAIL = 2000
ANSWERED = frozenset({Trigger.STAFF_ANSWERED, Trigger.MESSAGE_MOVED})  # nothing of the customer waits for an answer
# Letters to staff about what somebody wrote, which `[[staff]] letters` may leave to the digest.
ABOUT_WORDS = frozenset({Notice.NEW_TICKET, Notice.CUSTOMER_REPLY, Notice.REOPENED, Notice.INTERNAL_NOTE, Notice.WOKEN})
GATE = "gate"
CLOCKS = "clocks"
WITH_HISTORY = frozenset({Notice.NEW_TICKET, Notice.CUSTOMER_REPLY, Notice.REOPENED})  # letters with a customer's words
TARGET_LATE, TARGET_OVER = "target_late", "target_over"  # events that say how a promise was kept
# Events of mail whose author proves neither who they are nor a place on the ticket.
OF_STRANGERS = frozenset({"unproved_mail", "unverified_sender"})
WITHHELD = (
    sentence("Tickets are opened and told of as ever, and what staff write goes out."),
    sentence("`helpdesk outbox list --state suppressed` shows for whom. The limits stand in helpdesk.toml under [automatic]."),
)
# What whoever is in charge is told, and as what it counts, where the whole desk has sent as many automatic letters as it may.
BREAKERS: dict[str, tuple[str, tuple[Sentence, ...]]] = {
    TRIPPED: ("desk", (sentence("The desk has sent as many automatic letters as it may; further ones are withheld."), *WITHHELD)),
    TRIPPED_UNPROVED: (
        "desk-unproved",
        (
            sentence(
                "The desk has sent as many automatic letters as it may to authors whom nothing proves; further ones are withheld."
            ),
            sentence(
                "Somebody may be flooding the desk with mail in other people's names. Who proves who they are is answered as ever."
            ),
            *WITHHELD,
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft. `written_by` and `written_id` are the author's address and the Message-ID of the mail that caused it, if a mail did."""

    context: Context
    ticket: Ticket
    expected_version: int | None
    written_by: str = ""
    written_id: str | None = None
    events: tuple[Event, ...] = ()
    rules: tuple[Rule, ...] = ()
    letters: tuple[LetterOrder, ...] = ()
    timers: TimerChanges = NO_TIMERS
    reach: ReachChanges = SAME_REACH
    opening: Opening = NO_OPENING  # of a ticket that begins with it
    proposed: tuple[int, ...] = ()  # ids of tickets that a letter to a senior lists as one incident
    related: tuple[int, ...] = ()  # ids of tickets that the decision links to this one, as its letters to staff tell
    only_warns: bool = False  # the desk itself warns its team, and nothing about the ticket is news

    def allows(self, trigger: Trigger) -> bool:
        return rule_for(self.ticket.status, trigger) is not None

    def apply(self, trigger: Trigger, actor: str, detail: str = "", at: datetime | None = None) -> "Draft":
        """Apply one row of the lifecycle table. Raises KeyError where the table has none: ask `allows` first.

        `at` is when it happened, if that was earlier than now: a mail may have waited during an outage of the gateway.
        """
        rule = rule_for(self.ticket.status, trigger)
        if rule is None:
            raise KeyError(f"the lifecycle has no rule for {trigger} in {self.ticket.status}")
        before = self.ticket.status
        closed_at = (self.ticket.closed_at or self.context.now) if rule.target is Status.CLOSED else None
        waiting_on = rule.waiting_on or self.ticket.waiting_on
        event = self._next_event(trigger, actor, detail, before, rule.target)
        waiting = self.ticket.waiting
        if rule.waiting_on is not None:
            answered = trigger in ANSWERED and waiting_on is WaitingOn.CUSTOMER
            waiting = replace(waiting, answered_at=self.context.now if answered else None)
        ticket = replace(
            self.ticket,
            status=rule.target,
            waiting_on=waiting_on,
            waiting=waiting,
            closed_at=closed_at,
            event_count=event.number,
        )
        moved = replace(self, ticket=ticket, rules=(*self.rules, rule), events=(*self.events, event))
        # Whoever's move it is now, nobody is to sleep over it.
        moved = moved.wake() if rule.waiting_on is not None and trigger is not Trigger.SNOOZED else moved
        moved = moved._time_closing(before, rule.target)._time_silence(trigger, self.ticket.waiting_on)
        if self.ticket.is_self_served and not moved.ticket.is_self_served:
            moved = moved.cancel_timer(TimerKind.SILENCE)
        moved = moved.set_clocks(clocks_after(self.ticket, moved.ticket, trigger, at or self.context.now, self.context.policy))
        return moved._record_promises(self.ticket)

    def wake(self) -> "Draft":
        """End the snooze, because its time has come or because something happened."""
        if self.ticket.waiting.snoozed_until is None:
            return self
        return replace(self, ticket=replace(self.ticket, waiting=replace(self.ticket.waiting, snoozed_until=None))).cancel_timer(
            TimerKind.WAKE
        )

    def change(self, field: str, value: str, actor: str) -> "Draft":
        """Change one field of the ticket. The history names the field and its former value."""
        before = getattr(self.ticket, field)
        ticket = replace(self.ticket, **{field: value})  # type: ignore[arg-type]  # a field of text, by its name
        changed = replace(self, ticket=ticket).add_event(f"{field}_changed", actor, f"from {before} to {value}")
        return changed.set_clocks(ticket.clocks, anew=True) if field in ("severity", "plan") else changed

    def set_clocks(self, clocks: tuple[Clock, ...], *, anew: bool = False) -> "Draft":
        """Replace the clocks, and start the timer for the next promised time. `anew` says that the promised times themselves have changed."""
        if clocks == self.ticket.clocks and not anew:
            return self
        ticket = replace(self.ticket, clocks=clocks)
        started = tuple(timer for timer in self.timers.started if timer.kind is not TimerKind.TARGET)
        cancelled = self.timers.cancelled
        if TimerKind.TARGET not in cancelled:
            cancelled = (*cancelled, TimerKind.TARGET)
        at = next_look(ticket, self.context.policy)
        if at is not None:
            started = (*started, self._timer(TimerKind.TARGET, at))
        return replace(self, ticket=ticket, timers=replace(self.timers, started=started, cancelled=cancelled))

    def add_event(
        self, kind: str, actor: str, detail: str = "", before: Status | None = None, after: Status | None = None
    ) -> "Draft":
        """Add a line to the ticket's history. The statuses are given only where the line is about a change of status."""
        event = self._next_event(kind, actor, detail, before, after)
        return replace(self, ticket=replace(self.ticket, event_count=event.number), events=(*self.events, event))

    def _next_event(self, kind: str, actor: str, detail: str, before: Status | None, after: Status | None) -> Event:
        number = self.ticket.event_count + 1
        return Event(
            number,
            str(kind),
            actor,
            self.context.now,
            before,
            after,
            detail if len(detail) <= LONGEST_DETAIL else detail[:LONGEST_DETAIL],
        )

    def _record_promises(self, before: Ticket) -> "Draft":
        """Record what the clocks alone do not keep: that a resolution came too late, and how the promise for the message before this one ended."""
        draft, over = self, clock_replaced(before, self.ticket, self.context.policy)
        if self.ticket.status in DONE and before.status not in DONE:
            draft = draft._record_late(before, (TargetKind.RESOLUTION,))
        if over is not None and over.ended_at is not None:
            draft = draft.add_event(TARGET_OVER, CLOCKS, f"{in_words((over.kind,))}; {over.ended_at.isoformat()}")
        return draft

    def _record_late(self, before: Ticket, kinds: Iterable[TargetKind]) -> "Draft":
        """Record promises that are overdue although no timer has found them missed yet."""
        late = overdue(kinds, before, self.context.now, self.context.policy)
        return self.add_event(TARGET_LATE, CLOCKS, in_words(late)) if late else self

    def _time_closing(self, before: Status, after: Status) -> "Draft":
        """Start the timer that closes a resolved ticket after silence, and cancel it when the ticket leaves that status.

        A ticket that goes back from closed to resolved keeps its resolution.
        """
        if after is Status.RESOLVED and before is not Status.RESOLVED:
            resolutions = self.ticket.resolutions + (before is not Status.CLOSED)
            counted = replace(self, ticket=replace(self.ticket, resolutions=resolutions))
            return counted.set_timer(TimerKind.CLOSE, closing_at(self.context.now, self.context.policy))
        ended = before is Status.RESOLVED and after is not Status.RESOLVED
        return self.cancel_timer(TimerKind.CLOSE).cancel_timer(TimerKind.SILENCE) if ended else self

    def _time_silence(self, trigger: Trigger, before: WaitingOn) -> "Draft":
        """Start to wait for the reply to a question or an answer, and stop when it is no longer the customer's move."""
        now, policy = self.context.now, self.context.policy
        if trigger is Trigger.INFORMATION_REQUESTED:
            ended = self.end_silence()
            asked = replace(ended, ticket=replace(self.ticket, waiting=replace(self.ticket.waiting, reminders=0)))
            at = after_question(now, 0, policy)
            return asked.set_timer(TimerKind.REMIND, at) if at is not None and self.ticket.automatic_letters else asked
        if trigger is Trigger.PERMISSION_ASKED:  # its own timer repeats the question and ends it
            return self.end_silence()
        if self.ticket.waiting.answered_at is not None and trigger in ANSWERED:
            at = after_answer(now, policy)
            return self.end_silence().set_timer(TimerKind.SETTLE, at) if at is not None else self.end_silence()
        if before is WaitingOn.CUSTOMER and self.ticket.waiting_on is not WaitingOn.CUSTOMER:
            return self.end_silence()
        return self

    def end_silence(self) -> "Draft":
        """Cancel what would follow from the customer's silence."""
        return self.cancel_timer(TimerKind.REMIND).cancel_timer(TimerKind.SILENCE).cancel_timer(TimerKind.SETTLE)

    def set_timer(self, kind: TimerKind, due_at: datetime) -> "Draft":
        return replace(self, timers=replace(self.timers, started=(*self.timers.started, self._timer(kind, due_at))))

    def _timer(self, kind: TimerKind, due_at: datetime) -> Timer:
        """The next timer of a kind."""
        return Timer(kind, self.context.conversation(self.ticket).timers.get(kind, 0) + 1, due_at)

    def cancel_timer(self, kind: TimerKind) -> "Draft":
        cancelled = self.timers.cancelled
        return self if kind in cancelled else replace(self, timers=replace(self.timers, cancelled=(*cancelled, kind)))

    def record_response(self) -> "Draft":
        """Record that a staff member has answered, which keeps the promises that waited for an answer."""
        draft = self._record_late(self.ticket, ANSWERS)
        ticket = replace(draft.ticket, first_response_at=self.ticket.first_response_at or self.context.now)
        return replace(draft, ticket=ticket).set_clocks(end_answered(self.ticket, self.context.now))

    def add_participant(self, role: Role, address: str, name: str, state: ParticipantState) -> "Draft":
        """Add a participant, unless the address has one. A person who stood in Cc and later became staff gets a second one.

        An address of the desk never takes part: the desk would write to itself.
        """
        if self.context.ours.is_ours(address):
            return self
        if not address or self.ticket.participant_at(address, role if role is Role.STAFF else None):
            return self
        number = max((person.number for person in self.ticket.participants), default=0) + 1
        participant = Participant(number, role, address, name, state)
        return replace(self, ticket=replace(self.ticket, participants=(*self.ticket.participants, participant)))

    def notify_customers(
        self, notice: Notice, facts: CustomerFacts, words: LetterWords = NO_WORDS, *, automatic: bool, fixed_text: bool = False
    ) -> "Draft":
        """Write to each active customer of the ticket. A customer without an address gets a row in the platform inbox alone.

        No automatic letter goes out on a ticket that a robot, a list or the null path has opened.
        """
        draft = self
        if automatic and not self.ticket.automatic_letters:
            return self
        for person in self.ticket.participants:
            if person.role is Role.CUSTOMER and person.state is ParticipantState.ACTIVE:
                draft = draft.notify(person, notice, facts, words, automatic=automatic, fixed_text=fixed_text)
        return draft

    def notify(
        self,
        to: Participant,
        notice: Notice,
        facts: CustomerFacts | StaffFacts,
        words: LetterWords = NO_WORDS,
        *,
        automatic: bool = True,
        fixed_text: bool = False,
    ) -> "Draft":
        """Write to one participant, as far as the gate allows. The history names letters to customers that the gate withholds."""
        references = self._references(to)
        order = LetterOrder(
            id=next(self.context.fresh.ids),
            notice=notice,
            to=to,
            ticket=self.ticket,
            facts=facts,
            automatic=automatic,
            fixed_text=fixed_text,
            words=words,
            thread=LetterThread(references[-1] if references else None, references),
        )
        by_staff = self.context.staff_member(self.written_by) is not None
        order = pass_gate(order, self.context, self.letters, by_staff=by_staff, strange=self._is_strange(facts))
        draft = replace(self, letters=(*self.letters, order))
        why = order.limits.suppressed
        if not why or order.for_staff:
            return draft
        draft = draft.add_event("letter_withheld", GATE, f"{notice} to {to.address}: {why}")
        return draft.raise_alarm(*BREAKERS[why]) if why in BREAKERS else draft

    def _is_strange(self, facts: CustomerFacts | StaffFacts) -> bool:
        """Whether any stranger could have caused this letter, with mail to another person's reply address or in another person's name.

        A reply to the author's own letter does not count, whatever its origin proves: a stranger who floods the desk has had no letter.
        """
        if any(event.kind in OF_STRANGERS for event in self.events):
            return True
        replied = self.written_by != "" and self.expected_version is not None
        return isinstance(facts, StaffFacts) and facts.assurance not in SURE and not replied

    def raise_alarm(self, about: str, lines: tuple[Sentence, ...]) -> "Draft":
        """Write to those in charge, at most once an hour."""
        return replace(self, letters=(*self.letters, *alarm_letters(self.context, about, lines, self.letters)))

    def record_failed_letter(self, letter_id: int, reason: str) -> "Draft":
        """Record that a letter which had left did not arrive."""
        failed_letters = (*self.reach.failed_letters, FailedLetter(letter_id, reason))
        return replace(self, reach=replace(self.reach, failed_letters=failed_letters))

    def suppress(self, suppression: Suppression) -> "Draft":
        """Suppress an address; the letters of this decision are withheld too."""
        known = self.context.known
        there = (*known.suppressions.get(suppression.address, ()), suppression)
        context = replace(self.context, known=replace(known, suppressions={**known.suppressions, suppression.address: there}))
        suppressions = (*self.reach.suppressions, suppression)
        return replace(self, context=context, reach=replace(self.reach, suppressions=suppressions))

    def lift_suppressions(self, address: str) -> "Draft":
        """Lift the suppressions of an address; the letters of this decision go there again."""
        known = self.context.known
        context = replace(self.context, known=replace(known, suppressions={**known.suppressions, address: ()}))
        lifted = (*self.reach.lifted, *known.suppressions.get(address, ()))
        return replace(self, context=context, reach=replace(self.reach, lifted=lifted))

    def notify_customer(
        self, customer: Participant, notice: Notice, facts: CustomerFacts, *, fixed_text: bool = False
    ) -> "Draft":
        """Write an automatic letter to one customer of the ticket alone."""
        return self.notify(customer, notice, facts, fixed_text=fixed_text) if self.ticket.automatic_letters else self

    def notify_staff(self, member: StaffMember, notice: Notice, facts: StaffFacts, words: LetterWords = NO_WORDS) -> "Draft":
        """Write to a staff member, who becomes a participant, so that their reply has a token of its own.

        A staff member who may not read the request gets no letter about it.
        """
        if not may(member, self.ticket, self.context) or self._is_unwanted(member, notice, facts):
            return self
        customer = self.ticket.participant_at(member.address, Role.CUSTOMER)
        if customer is not None and customer.state is ParticipantState.ACTIVE:
            return self  # a staff member who is the customer here gets the customer's letters
        draft = self.add_participant(Role.STAFF, member.address, member.name, ParticipantState.ACTIVE)
        participant = draft.ticket.participant_at(member.address, Role.STAFF)
        assert participant is not None
        linked = related_tickets(self.ticket, self.related, self.context)
        facts = replace(facts, related=lines_about_related(linked, member, self.context)) if linked else facts
        if notice in WITH_HISTORY and (history := self._history_for(member, words, {other.id for other in linked})):
            facts = replace(facts, history=history)
        return draft.notify(participant, notice, facts, words)

    def _history_for(self, member: StaffMember, words: LetterWords, named: Collection[int]) -> tuple[Sentence, ...]:
        """What the reader is told of the earlier requests of the customer and their account, without those of the ids `named`."""
        customer = self.ticket.participant(self.ticket.requester)
        past = self.context.known.past.get(customer.address, ()) if customer else ()
        if customer is None or not past:
            return ()
        requests = named_requests(past, {self.ticket.id, *named})
        new = features(words_of(self.ticket.subject, words.body))
        like = {request.id for request in requests if repeats(new, features(request.words))}
        return lines_about_past(requests, like, customer.address, member, self.context)

    def _is_unwanted(self, member: StaffMember, notice: Notice, facts: StaffFacts) -> bool:
        """Whether a staff member has chosen not to get this letter about what somebody wrote. A warning always reaches them."""
        wanted = self.context.policy.letters_of(member.address)
        if wanted == "all" or notice not in ABOUT_WORDS or facts.warnings:
            return False
        return wanted == "digest" or self.ticket.assignee != member.address

    def _references(self, to: Participant) -> tuple[str, ...]:
        """The Message-IDs of all mail between the desk and this participant, the newest last."""
        thread = self.context.conversation(self.ticket).threads.get(to.number, ())
        if self.written_id and self.written_by == to.address and self.written_id not in thread:
            return (*thread, self.written_id)
        return thread

    def decision(
        self,
        disposition: Disposition,
        reason: str,
        grounds: Grounds,
        adds: Contribution = NOTHING_ADDED,
        *,
        past: Past = UNCHANGED,
        also: tuple[Decision, ...] = (),
    ) -> Decision:
        """Complete the draft: the ticket gets its next version, and the letters show the ticket as it is then."""
        ticket = self._ticket_of_history() if grounds.from_archive else self.ticket_recorded
        adds, files = _with_numbers(adds, ticket.files)
        ticket = replace(ticket, files=files)
        return Decision(
            disposition=disposition,
            reason=reason,
            grounds=grounds,
            rule="; ".join(rule.name for rule in self.rules),
            ticket=ticket,
            expected_version=self.expected_version,
            events=self.events,
            adds=adds,
            letters=tuple(replace(letter, ticket=ticket) if letter.ticket else letter for letter in self.letters),
            timers=NO_TIMERS if grounds.from_archive else self.timers,
            reach=self.reach,
            opening=self.opening,
            proposed=self.proposed,
            past=past,
            also=also,
            answered=self._first_answer(),
        )

    @property
    def ticket_recorded(self) -> Ticket:
        """The ticket as the store will record it, with its next version."""
        version = (self.expected_version or 0) + 1
        changed = self.ticket.changed_version if self.only_warns else version
        return replace(self.ticket, version=version, changed_version=changed, updated_at=self.context.now)

    def _ticket_of_history(self) -> Ticket:
        """The ticket after a mail of an archive: its promises stay as they are, and its last change never becomes an earlier one.

        The mails of an archive do not always come in the order in which they were written.
        """
        ticket, before = self.ticket_recorded, self.context.known.tickets.get(self.ticket.id)
        if before is None:
            return replace(ticket, clocks=())
        return replace(ticket, clocks=before.clocks, updated_at=max(ticket.updated_at, before.updated_at))

    def _first_answer(self) -> Answered | None:
        """The change of the first answer: the ticket gets it, loses it, or ends or begins again without one; None for no change."""
        ticket, before = self.ticket, self.context.known.tickets.get(self.ticket.id)
        if before is None or (before.first_response_at, _is_over_unanswered(before)) == (
            ticket.first_response_at,
            _is_over_unanswered(ticket),
        ):
            return None
        at = ticket.first_response_at
        took = None if at is None else working_time(ticket.created_at, at, self.context.policy.calendar)
        return Answered(ticket.id, at, took, _is_over_unanswered(ticket))


def _is_over_unanswered(ticket: Ticket) -> bool:
    """Whether the ticket ended without a first answer."""
    return ticket.first_response_at is None and ticket.status in DONE


def _with_numbers(adds: Contribution, before: int) -> tuple[Contribution, int]:
    """Number the files of a message and a note after those that the ticket has. Return the number of the newest, too."""
    message, note = adds.message, adds.note
    if message is not None and message.attachments:
        message = replace(message, attachments=_numbered(message.attachments, before))
        before += len(message.attachments)
    if note is not None and note.attachments:
        note = replace(note, attachments=_numbered(note.attachments, before))
        before += len(note.attachments)
    return replace(adds, message=message, note=note), before


def _numbered(attachments: Iterable[dict[str, object]], before: int) -> tuple[dict[str, object], ...]:
    return tuple({**entry, "number": number} for number, entry in enumerate(attachments, start=before + 1))
