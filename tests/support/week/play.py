"""A week at a desk: requests arrive, staff work through their letters in their shifts, customers answer, and a ledger is kept of all of it."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from heapq import heappop, heappush
from itertools import count as counted
from random import Random
from statistics import median
from zoneinfo import ZoneInfo

from support.conversations.wording import NOTE_SENTENCES, STAFF_SENTENCES, Pen
from support.desk.story import StoryDesk
from support.mails.reports import report
from support.oracles.time_oracle import Oracle, moment, reached
from support.week.cast import DIGEST_AT, OFFICE, PROMISES, SENIORS, SEVERITIES, TEAM, UNDO_WINDOW, Buyer, Colleague, buyers
from support.week.ledger import Aim, Broken, Case, Course, Ledger, Remark
from support.week.named_times import dates_in, due_times
from support.week.post import Delivered, Post

from helpdesk.gateway.node.node import number_inbox
from helpdesk.store.database import Database
from helpdesk.store.platform import list_inbox
from helpdesk.store.tickets import list_tickets, tickets_by_id
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.promises.targets import targets_of

BERLIN = ZoneInfo("Europe/Berlin")
FIRST_DAY = date(2026, 11, 23)  # a Monday
DAYS = 5
AFTERWARDS = 1  # days behind the last week, on which what it has begun goes on
REFUSED = ("Nothing of this mail was carried out", "Nichts aus dieser E-Mail wurde ausgeführt")
TAKEN_BACK = ("Taken back", "Rückgängig gemacht")
PUBLIC = {
    Notice.NEW_TICKET, Notice.CUSTOMER_REPLY, Notice.ASSIGNMENT, Notice.REOPENED, Notice.ESCALATION, Notice.TARGET_MISSED,
    Notice.TARGET_WARNING, Notice.WOKEN,
}  # fmt: skip
ANSWER_BY = {"en": "Answer by:", "de": "Antwort spätestens:"}  # in a confirmation, before the moment
MARK_BEGINS = " mk"
MOST_OTHERS, MOST_MESSAGES = 3, 2  # in a letter about an ordinary request: requests of its customer, and messages
REFERENCE = re.compile(r"ACZ-[0-9A-Z]{6,8}")
NO_DAY = datetime(1970, 1, 1, tzinfo=UTC)  # where nobody has promised anything
CLOSE_AFTER = 5  # days
SORRY = ("haven’t kept that promise", "longer than we planned", "nicht eingehalten", "länger, als wir vorgesehen")
THANKS = {"en": "Thank you very much!", "de": "Vielen Dank!"}
BROKEN_AGAIN = {"en": "It is not solved.", "de": "Es ist noch nicht gelöst."}
FAULT = (
    ("Login page is down", "Since this morning the login page only says error 503, nobody here can work."),
    ("Cannot log in", "Nobody in our office can log in, the login page shows error 503."),
    ("503", "Your login page answers with error 503 service unavailable."),
    ("Login broken", "The login gives us error 503 as well since this morning."),
    ("No login possible", "We see error 503 on the login page, please help."),
    ("Error 503", "Login fails, the page shows error 503 after a while."),
)
SUBJECTS = (
    "Printer", "Scanner", "Invoice", "Report is empty", "Export", "Question about plans", "Calendar import", "Labels", "New colleague",
    "Access for our partner", "Wrong total", "Language of the menu", "Copy of a project", "Mobile app", "Notifications", "Search",
)  # fmt: skip


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A time by the clock in the office."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


@dataclass
class Measured:
    """The figures of a week."""

    requests: int = 0
    mails: int = 0
    letters: int = 0
    staff_letters: list[int] = field(default_factory=list)  # per request
    notices: Counter[str] = field(default_factory=Counter)
    longest: dict[str, int] = field(
        default_factory=dict
    )  # lines of text of the longest letter of a notice about an ordinary request
    longest_of_all: dict[str, int] = field(default_factory=dict)  # of those about others
    deeds: Counter[str] = field(default_factory=Counter)
    times: int = 0

    @property
    def median_staff_letters(self) -> float:
        return median(self.staff_letters)

    @property
    def longest_letter(self) -> int:
        return max(self.longest.values(), default=0)

    def __str__(self) -> str:
        return (
            f"{self.requests} requests, {self.mails} mails, {self.letters} letters; letters to staff per request: median "
            f"{self.median_staff_letters:g}, mean {sum(self.staff_letters) / len(self.staff_letters):.1f}; longest letter about an ordinary "
            f"request {self.longest_letter} lines; {self.times} times compared"
        )


@dataclass
class Week:
    """The desk, the people around it, and what is on their minds."""

    desk: StoryDesk
    dice: Random
    requests: int
    deeds: "dict[Act, int] | None" = None  # what staff do, and how often; None for `DEEDS`
    ends_at_fault: bool = False
    weeks: int = 1  # each with so many requests
    ledger: Ledger = field(default_factory=Ledger)
    measured: Measured = field(default_factory=Measured)
    cases: dict[str, Case] = field(default_factory=dict)
    agenda: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    absent: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)  # from and until, as the desk has been told
    gone: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)  # from and until, as it is
    has_replied: set[str] = field(default_factory=set)  # absent staff whose mailbox has said so
    customers: dict[str, Buyer] = field(default_factory=dict)
    post: Post = field(init=False)
    numbers: "counted[int]" = field(default_factory=lambda: counted(1))
    order: "counted[int]" = field(default_factory=counted)

    def __post_init__(self) -> None:
        self.post = Post(self.desk, self.dice)

    # The clock

    def later(self, when: datetime, act: Callable[[], None]) -> None:
        heappush(self.agenda, (when, next(self.order), act))

    def after(self, act: Callable[[], None], **span: float) -> None:
        self.later(self.desk.now + timedelta(**span), act)

    def plays(self) -> None:
        """The whole week, to its end."""
        self.desk.now = at(FIRST_DAY, 7)
        self._plan()
        end = at(self.last_day, 17)
        while self.agenda and self.agenda[0][0] <= end and not (self.ends_at_fault and self.ledger.breaches):
            when, _, act = heappop(self.agenda)
            if when > self.desk.now:
                self.desk.now = when
                self.desk.settle()
                self._look()
            act()
            self._look()
        self.desk.passes(minutes=10)
        self._look()
        self._finish()

    @property
    def last_day(self) -> date:
        return FIRST_DAY + timedelta(days=7 * self.weeks + AFTERWARDS)

    def _plan(self) -> None:
        """Who writes when, who is away when, and when things are looked at."""
        people = buyers(max(6, self.requests // 3))
        self.customers = {buyer.address: buyer for buyer in people}
        for number in range(self.requests * self.weeks):
            day = FIRST_DAY + timedelta(days=number // self.requests * 7 + self.dice.randrange(DAYS))
            hour = self.dice.randrange(8, 17) if self.dice.random() < 0.85 else self.dice.randrange(24)
            buyer = self.dice.choice(people)
            self.later(at(day, hour, self.dice.randrange(60)), lambda buyer=buyer: self._asks(buyer))  # type: ignore[misc]
        day = FIRST_DAY
        while day <= self.last_day:
            if day.weekday() < 5:
                for half_hour in range(2 * DIGEST_AT, 2 * 18):
                    self.later(at(day, half_hour // 2, half_hour % 2 * 30) + timedelta(seconds=7), lambda: None)
                self.later(at(day, DIGEST_AT, 4), self._check_hands)
                for member in TEAM.values():
                    self.later(
                        at(day, member.hours[0], self.dice.randrange(2, 20)),
                        lambda member=member: self._works_through_list(member),  # type: ignore[misc]
                    )
            day += timedelta(days=1)
        self._plan_absences()
        if self.requests >= 15:
            self._plan_incident()

    def _plan_absences(self) -> None:
        """Omar says that he is away; Lena's mailbox says it for her; Ines has a day off."""
        tuesday, wednesday, thursday, friday = (FIRST_DAY + timedelta(days=number) for number in (1, 2, 3, 4))
        self.gone["omar@desk.example"] = (at(tuesday, 12, 30), at(friday, 0))
        self.gone["lena@desk.example"] = (at(wednesday, 8), at(FIRST_DAY + timedelta(days=7), 0))
        self.gone["ines@desk.example"] = (at(thursday, 0), at(friday, 0))
        self.later(at(tuesday, 12, 30), lambda: self._goes_away("omar@desk.example", "#away 2026-11-27"))
        self.later(at(wednesday, 16, 55), lambda: self._goes_away("ines@desk.example", "#away 2026-11-27"))

    def _goes_away(self, address: str, line: str) -> None:
        member = TEAM[address]
        self.post.writes(member.name, address, "Away", line)
        self.absent[address] = (self.desk.now, self.gone[address][1])
        self.measured.deeds["goes away"] += 1

    def is_there(self, address: str, when: datetime | None = None) -> bool:
        """Whether somebody is there, as far as the desk has been told."""
        begin, end = self.absent.get(address, (None, None))
        moment_ = when or self.desk.now
        return begin is None or end is None or not begin <= moment_ < end

    def _next_work(self, member: Colleague, when: datetime) -> datetime:
        """The next moment from `when` at which this person is really at work."""
        begin, end = self.gone.get(member.address, (when, when))
        if begin <= when < end:
            when = end
        there = when.astimezone(BERLIN)
        day = there.date()
        while True:
            opens, closes = at(day, member.hours[0]), at(day, member.hours[1])
            candidate = max(when, opens)
            is_gone = begin <= candidate < end
            if day.weekday() < 5 and candidate < closes and not is_gone:
                return candidate
            day += timedelta(days=1)

    # Looking

    def tickets(self) -> dict[str, Ticket]:
        with self.desk.database.reading() as connection:
            return {row.ticket.reference: row.ticket for row in list_tickets(connection, limit=10_000)}

    def ticket(self, reference: str) -> Ticket:
        return self._tickets_named({reference})[reference]

    def _tickets_named(self, references: set[str]) -> dict[str, Ticket]:
        ids = {self.post.numbers[reference] for reference in references if reference in self.post.numbers}
        with self.desk.database.reading() as connection:
            return {ticket.reference: ticket for ticket in tickets_by_id(connection, ids).values()}

    def _look(self) -> list[Delivered]:
        """New letters arrive: they are compared with the ledger, and their readers will do something about them."""
        letters = self.post.collect()
        named = {letter.reference for letter in letters if letter.reference}
        for letter in letters:
            if letter.notice == Notice.DIGEST:
                named.update(REFERENCE.findall(letter.received.text))
        known = self._tickets_named(named) if named else {}
        for letter in letters:
            self.measured.letters += 1
            self.measured.notices[letter.notice] += 1
            self.ledger.arrives(letter.shown, letter.at)
            if letter.to in TEAM:
                self._staff_letter(letter, known)
            else:
                self._customer_letter(letter, known)
        self.ledger.check_arrivals(self.desk.now)
        return letters

    def _staff_letter(self, letter: Delivered, known: dict[str, Ticket]) -> None:
        member = TEAM[letter.to]
        case = self.cases.get(letter.reference)
        if case is not None:
            case.staff_letters[letter.notice] += 1
            self._measure(letter, known)
            self._check_due_times(letter.received.text, member, case, known, f"the letter {letter.notice} to {letter.to}")
            if letter.notice in (Notice.TARGET_MISSED, Notice.WOKEN):
                self._touch(case)  # the desk itself has changed something, and says so
        elif letter.notice == Notice.DIGEST:
            for line in letter.received.text.splitlines():
                found = REFERENCE.search(line)
                listed = self.cases.get(found[0]) if found else None
                if listed is not None:
                    self._check_due_times(line, member, listed, known, f"the digest to {letter.to}")
        begin, end = self.gone.get(letter.to, (None, None))
        if letter.to == "lena@desk.example" and begin and end and begin <= self.desk.now < end:
            if letter.to not in self.has_replied:
                self.has_replied.add(letter.to)
                self.after(lambda: self._mailbox_says_away(member, letter), seconds=20)
        elif letter.notice in PUBLIC and case is not None:
            pause = timedelta(minutes=self.dice.choice((4, 9, 17, 30, 55, 120)))
            self.later(self._next_work(member, self.desk.now + pause), lambda: self._works_on(member, letter))
        elif letter.notice == Notice.INCIDENT_PROPOSAL:
            self.later(
                self._next_work(member, self.desk.now + timedelta(minutes=6)), lambda: self._makes_incident(member, letter)
            )

    def _measure(self, letter: Delivered, known: dict[str, Ticket]) -> None:
        """Lines of text of a letter about a request; ordinary is one with few messages of a customer with few other requests."""
        lines = [line for line in letter.received.text.splitlines() if line.strip()][2:]  # not the invisible ones for answers
        if letter.notice not in PUBLIC:
            return
        others = sum(line.startswith("- ACZ-") for line in lines)
        is_ordinary = others <= MOST_OTHERS and letter.received.text.count(MARK_BEGINS) <= MOST_MESSAGES
        longest = self.measured.longest if is_ordinary else self.measured.longest_of_all
        longest[letter.notice] = max(longest.get(letter.notice, 0), len(lines))

    def _check_due_times(self, text: str, member: Colleague, case: Case, known: dict[str, Ticket], where: str) -> None:
        stored_ticket = known.get(case.reference)
        if stored_ticket is None:
            return
        stored = {target.kind.value: target.due_at for target in targets_of(stored_ticket, self.desk.node.desk.policy)}
        for named in due_times(text):
            for true in ([stored.get(named.what), case.stored.get(named.what)], [case.due(named.what)]):
                self.ledger.check_time(named, true, member.zone, f"{where} about {case.reference}", self.desk.now)
        case.stored = stored

    def _customer_letter(self, letter: Delivered, known: dict[str, Ticket]) -> None:
        buyer = self.customers.get(letter.to)
        case = self.cases.get(letter.reference)
        if buyer is None:
            return
        if letter.notice in (Notice.ESCALATION, Notice.RESOLUTION) and case is not None:
            self._check_dates(letter, case, buyer)
        if case is not None:
            pause = timedelta(minutes=self.dice.choice((10, 40, 90, 200, 400, 900)))
            self.later(self.desk.now + pause, lambda: self._reads(buyer, letter))

    def _check_dates(self, letter: Delivered, case: Case, buyer: Buyer) -> None:
        """A letter about an escalation names the day that somebody promised, or one response time from the miss; a resolution the closing."""
        where = f"the letter {letter.notice} to {letter.to} about {letter.reference}"
        apology = " ".join(letter.received.text.split())
        if letter.notice == Notice.RESOLUTION:
            true = [_closing(self.desk.now), _closing(self.desk.now - timedelta(seconds=2 * UNDO_WINDOW))]
        elif any(words in apology for words in SORRY):
            span = PROMISES[case.plan].get("next_response") or PROMISES[case.plan].get("first_response")
            true = [moment(reached(OFFICE, int(self.desk.now.timestamp()), span))] if span else []
        else:
            true = case.given[-1:]
        for named in dates_in(letter.received.text):
            self.ledger.check_time(named, true or [NO_DAY], buyer.zone, where, self.desk.now)

    # Customers

    def _take_pen(self, language: str = "en", sentences: tuple[tuple[str, ...], ...] = ()) -> Pen:
        return Pen(next(self.numbers), self.dice, language, sentences)

    def _request_words(self, buyer: Buyer) -> tuple[str, str]:
        """The text of a customer's mail, and its mark."""
        pen = self._take_pen(buyer.language)
        sentence = pen.sentence()
        hello = "Guten Tag," if buyer.language == "de" else "Hello,"
        return f"{hello}\n\n{sentence}\n\n{buyer.name}", pen.marks[0]

    def _asks(self, buyer: Buyer, subject: str = "", extra: str = "") -> None:
        """A new request."""
        text, mark = self._request_words(buyer)
        if extra:
            text = text.replace("\n\n", f"\n\n{extra} ", 1)
        now = self.desk.now
        mail = self.post.writes(buyer.name, buyer.address, subject or self.dice.choice(SUBJECTS), text, files=self._files())
        self.measured.deeds["asks"] += 1
        ticket = self.post.opened_by(mail)
        if ticket is None or ticket.reference in self.cases:
            self.ledger.breach(Broken.LOST, now, f"the mail with {mark} of {buyer.address} opened no request")
            return
        reference = ticket.reference
        promises = {(severity, kind): seconds for severity in SEVERITIES for kind, seconds in PROMISES[buyer.plan].items()}
        clock = Oracle(OFFICE, promises, ticket.severity, int(now.timestamp()))
        case = Case(reference, buyer.address, buyer.account, buyer.zone, buyer.plan, {buyer.address}, clock=clock)
        self.cases[reference] = case
        self.measured.requests += 1
        self._touch(case)
        if ticket.plan != buyer.plan:
            self.ledger.breach(Broken.UNTOLD, now, f"{reference} of {buyer.address} has the plan {ticket.plan}")
        self._check_assignee(ticket, now)
        self._expect_request(mark, buyer, case, ticket)
        self._expect_confirmation(case, buyer)

    def _files(self) -> dict[str, bytes]:
        """What a customer attaches to a new request."""
        return {}

    def _check_assignee(self, ticket: Ticket, now: datetime) -> None:
        """A new request goes to somebody who is at work, or who is when the desk opens."""
        if ticket.assignee is None:
            return
        moment_ = now
        while not any(self._works_at(member, moment_) for member in TEAM.values()):
            moment_ += timedelta(minutes=1)
        if not self._works_at(TEAM[ticket.assignee], moment_):
            self.ledger.breach(Broken.UNHELD, now, f"{ticket.reference} is new and goes to {ticket.assignee}, who is not at work")

    def _works_at(self, member: Colleague, when: datetime) -> bool:
        there = when.astimezone(BERLIN)
        return there.weekday() < 5 and member.hours[0] <= there.hour < member.hours[1] and self.is_there(member.address, when)

    def _expect_request(self, mark: str, buyer: Buyer, case: Case, ticket: Ticket) -> None:
        """Who of the team must read a customer's words."""
        must, any_of = self._team_of(ticket)
        self.ledger.say(
            Remark(mark, buyer.address, Aim.REQUEST, self.desk.now, case, must, any_of, allowed={buyer.address, *case.readers})
        )

    def _team_of(self, ticket: Ticket) -> tuple[set[str], set[str]]:
        """Who must be told about a request, and of whom one must be."""
        queue = {member.address for member in TEAM.values() if ticket.queue in member.queues}
        if ticket.assignee is None:
            return set(), queue
        if self.is_there(ticket.assignee):
            return {ticket.assignee}, set()
        deputy = TEAM[ticket.assignee].deputy
        if deputy and self.is_there(deputy):
            return {deputy}, set()
        return set(), {address for address in queue if self.is_there(address)} - {ticket.assignee} or queue

    def _expect_confirmation(self, case: Case, buyer: Buyer) -> None:
        letters = [letter for letter in self._look() if letter.to == buyer.address and letter.reference == case.reference]
        confirmations = [letter for letter in letters if letter.notice == Notice.CONFIRMATION]
        if len(confirmations) != 1:
            self.ledger.breach(
                Broken.UNTOLD, self.desk.now, f"{buyer.address} got {len(confirmations)} confirmations of {case.reference}"
            )
            return
        lines = confirmations[0].received.text.splitlines()
        promised = next((line for line in lines if line.startswith(ANSWER_BY[buyer.language])), "")
        where, due = f"the confirmation of {case.reference}", case.due("first_response")
        named = list(dates_in(promised))
        if (due is None) != (not named):
            self.ledger.breach(Broken.UNTRUE, self.desk.now, f"{where} promises {promised or 'nothing'}; true is {due}")
        for moment_ in named:
            self.ledger.check_time(moment_, [due], buyer.zone, where, self.desk.now)

    def _reads(self, buyer: Buyer, letter: Delivered) -> None:
        """What a customer does about a letter."""
        newest = self.post.mailboxes[buyer.address][-1]
        chance, case = self.dice.random(), self.cases[letter.reference].surviving
        if letter.notice == Notice.CONFIRMATION:
            if chance < 0.06:
                self._replies(buyer, letter, case)
        elif letter.notice == Notice.ANSWER:
            if chance < 0.32:
                self._replies(buyer, letter, case)
            elif chance < 0.42:
                self._thanks(buyer, letter)
            elif chance < 0.47:
                self._is_out(buyer, letter)
            elif chance < 0.5 and newest is letter:
                self._bounces(buyer, letter, case)
        elif letter.notice == Notice.INFORMATION_REQUEST:
            if chance < 0.7:
                self._replies(buyer, letter, case)
            elif chance < 0.8:
                self._is_out(buyer, letter)
        elif letter.notice == Notice.RESOLUTION:
            if chance < 0.35:
                self._presses(buyer, letter, case, solved=True)
            elif chance < 0.45:
                self._presses(buyer, letter, case, solved=False)
            elif chance < 0.55:
                self._thanks(buyer, letter)
            elif chance < 0.62:
                self._replies(buyer, letter, case)
        elif letter.notice in (Notice.ESCALATION, Notice.REMINDER) and chance < 0.2:
            self._replies(buyer, letter, case)

    def _replies(self, buyer: Buyer, letter: Delivered, case: Case) -> None:
        """Words that want an answer, by mail or in the platform."""
        ticket = self.ticket(case.reference)
        text, mark = self._request_words(buyer)
        self.ledger.unreachable.discard(buyer.address)
        if buyer.account and self.dice.random() < 0.15:
            self.measured.deeds["replies in the platform"] += 1
            self.desk.writes_in_platform(buyer.account, buyer.address, text, ticket.thread_key)
        else:
            self.measured.deeds["replies"] += 1
            self.post.answers(buyer.name, buyer.address, buyer.client, letter, text)
        self._touch(case)
        self._expect_request(mark, buyer, case, ticket)
        self._clock(case, lambda clock, now: clock.customer_writes(now, now))
        if ticket.status in (Status.RESOLVED, Status.CLOSED):
            case.clock = None

    def _clock(self, case: Case, act: Callable[[Oracle, int], None]) -> None:
        if case.clock is not None:
            act(case.clock, int(self.desk.now.timestamp()))

    def _thanks(self, buyer: Buyer, letter: Delivered) -> None:
        self._touch(self.cases[letter.reference])
        self.measured.deeds["thanks"] += 1
        self.post.answers(buyer.name, buyer.address, buyer.client, letter, THANKS[buyer.language])

    def _is_out(self, buyer: Buyer, letter: Delivered) -> None:
        """The customer's mailbox says that they are away: nothing moves, and no machine is answered."""
        self.measured.deeds["is out of office"] += 1
        before, mails = self.ticket(letter.reference), len(self.post.mailboxes[buyer.address])
        text = "I am out of the office until 30 November 2026 and read no mail."
        headers = {"Auto-Submitted": "auto-replied", "Subject": "Automatic reply: your mail", "X-Auto-Response-Suppress": "All"}
        self.post.answers(buyer.name, buyer.address, buyer.client, letter, text, headers)
        self._look()
        ticket = self.ticket(letter.reference)
        if (ticket.status, ticket.waiting_on) != (before.status, before.waiting_on):
            self.ledger.breach(Broken.UNTOLD, self.desk.now, f"a note of absence has moved {letter.reference}")
        if len(self.post.mailboxes[buyer.address]) != mails:
            self.ledger.breach(Broken.UNTOLD, self.desk.now, f"a note of absence of {buyer.address} was answered")

    def _bounces(self, buyer: Buyer, letter: Delivered, case: Case) -> None:
        """The answer comes back: somebody of the team is told, and the request waits on support again."""
        self.measured.deeds["answer comes back"] += 1
        self._touch(case)
        content = report(
            letter.reverse_path, buyer.address, status="5.2.2", diagnostic="mailbox full", returned_id=letter.message_id
        )
        self.desk.deliver("", [letter.reverse_path], content, "127.0.0.1")
        self.desk.settle()
        letters = self._look()
        if not any(delivered.notice == Notice.DELIVERY_FAILURE and delivered.to in TEAM for delivered in letters):
            self.ledger.breach(
                Broken.UNTOLD, self.desk.now, f"the answer {letter.message_id} came back, and nobody of the team reads it"
            )
        self.ledger.unreachable.add(buyer.address)
        case.clock = None

    def _presses(self, buyer: Buyer, letter: Delivered, case: Case, *, solved: bool) -> None:
        self.measured.deeds["presses solved" if solved else "presses not solved"] += 1
        before = self.ticket(case.reference)
        self._touch(case)
        if self.post.presses(buyer.name, buyer.address, letter, solved=solved) is None:
            return
        self._look()
        after = self.ticket(case.reference)
        if (
            solved
            and before.status is Status.RESOLVED
            and after.status is not Status.CLOSED
            and before.resolutions == after.resolutions
        ):
            newest = [
                delivered
                for delivered in self.post.mailboxes[buyer.address]
                if delivered.notice == Notice.RESOLUTION and delivered.reference == letter.reference
            ]
            if newest[-1] is letter:
                self.ledger.breach(Broken.UNTOLD, self.desk.now, f"solved was pressed, and {case.reference} is {after.status}")
        if not solved and before.status is Status.RESOLVED and after.waiting_on is not WaitingOn.SUPPORT:
            self.ledger.breach(
                Broken.UNTOLD, self.desk.now, f"not solved was pressed, and {case.reference} waits on {after.waiting_on}"
            )
        case.clock = None

    # Staff

    def _mailbox_says_away(self, member: Colleague, letter: Delivered) -> None:
        """A vacation responder of a staff member: the customer reads nothing of it, and the desk knows."""
        self.measured.deeds["mailbox says away"] += 1
        headers = {"Auto-Submitted": "auto-replied", "Subject": "Abwesend: Ihre Nachricht", "X-Auto-Response-Suppress": "All"}
        text = "Ich bin krank und ab Montag, 30. November 2026, wieder da."
        self.post.answers(member.name, member.address, member.client, letter, text, headers)
        self.absent[member.address] = (self.desk.now, self.gone[member.address][1])

    def _works_on(self, member: Colleague, letter: Delivered) -> None:
        """What a staff member does about a letter that tells of something to do."""
        case = self.cases[letter.reference].surviving
        ticket = self.ticket(case.reference)
        if ticket.waiting_on is not WaitingOn.SUPPORT or ticket.status in (Status.RESOLVED, Status.CLOSED):
            return  # somebody was faster
        if ticket.assignee not in (None, member.address) and letter.notice in (
            Notice.ESCALATION,
            Notice.TARGET_MISSED,
            Notice.ASSIGNMENT,
        ):
            return  # it has moved on
        if ticket.assignee not in (None, member.address) and self.is_there(ticket.assignee or "") and self.dice.random() < 0.8:
            return
        if ticket.waiting.snoozed_until is not None and ticket.waiting.snoozed_until > self.desk.now:
            return
        deeds = self.deeds or DEEDS
        [deed] = self.dice.choices(list(deeds), list(deeds.values()))
        if ticket.assignee is None and deed in (Week.hands_over, Week.notes):
            deed = Week.takes_and_answers
        self.measured.deeds[deed.__name__] += 1
        deed(self, member, letter, case)

    def _staff_text(self, member: Colleague, words: str) -> str:
        return f"{'Hallo,' if member.language == 'de' else 'Hello,'}\n\n{words}\n\n{member.first_name}"

    def _sends(self, member: Colleague, letter: Delivered, text: str, remarks: list[Remark]) -> list[Delivered]:
        """A mail of staff and the letters that tell its author of it. Whoever is told that it was held or refused decides."""
        for remark in remarks:
            self.ledger.say(remark)
        if letter.reference in self.cases:
            self._touch(self.cases[letter.reference])
        mail = self.post.answers(member.name, member.address, member.client, letter, text)
        letters = self._look()
        answers_itself = "#undo" in text  # the letter about it answers the mail that was taken back
        own = [
            delivered
            for delivered in letters
            if delivered.to == member.address and (answers_itself or delivered.in_reply_to == mail)
        ]
        held = next((delivered for delivered in own if delivered.notice == Notice.HELD), None)
        refused = next((delivered for delivered in own if _is_refusal(delivered)), None)
        if held is not None or refused is not None:
            for remark in remarks:
                remark.course = Course.STOPPED
        if held is not None:
            self.measured.deeds["is held"] += 1
            self.after(lambda: self._decides(member, held, remarks), minutes=3)
        if refused is not None:
            self.measured.deeds["is refused"] += 1
        return own

    def _decides(self, member: Colleague, held: Delivered, remarks: list[Remark]) -> None:
        """The author of a held mail insists or gives up."""
        insists = self.dice.random() < 0.8
        for remark in remarks:
            remark.course, remark.at = (Course.UNDER_WAY if insists else Course.STOPPED), self.desk.now
            if remark.aim is Aim.ANSWER:
                remark.readers |= remark.case.surviving.readers  # those whom another mail has taken in since get it too
            remark.case.clock = None
            self._touch(remark.case)
        mail = self.post.answers(member.name, member.address, member.client, held, "#send" if insists else "#discard")
        own = [
            delivered
            for delivered in self._look()
            if delivered.to == member.address and delivered.in_reply_to in (mail, held.in_reply_to)
        ]
        again = next((delivered for delivered in own if delivered.notice == Notice.HELD), None)
        if again is not None or any(_is_refusal(delivered) for delivered in own):
            for remark in remarks:
                remark.course = Course.STOPPED
        if again is not None:
            self.after(lambda: self._decides(member, again, remarks), minutes=1)
        for remark in remarks:  # rows of a list that have changed meanwhile
            if any(
                remark.case.reference in line and is_left_alone(line)
                for delivered in own
                for line in delivered.received.text.splitlines()
            ):
                remark.course = Course.STOPPED

    def _answer(self, member: Colleague, case: Case, language: str = "en") -> tuple[str, Remark]:
        pen = self._take_pen(sentences=STAFF_SENTENCES)
        words = pen.sentence()
        readers = set(case.readers)
        return words, Remark(
            pen.marks[0], member.address, Aim.ANSWER, self.desk.now, case, readers, allowed=case.readers | case.invited
        )

    def _note(self, member: Colleague, case: Case, readers: set[str], any_of: set[str] = frozenset()) -> tuple[str, Remark]:  # type: ignore[assignment]
        pen = self._take_pen(sentences=NOTE_SENTENCES)
        words = pen.sentence()
        return words, Remark(
            pen.marks[0], member.address, Aim.NOTE, self.desk.now, case, set(readers) - {member.address}, set(any_of)
        )

    def _touch(self, case: Case) -> None:
        case.touched_at = case.surviving.touched_at = self.desk.now

    def _stops_there(self, remarks: list[Remark]) -> bool:
        return any(remark.course is Course.STOPPED for remark in remarks)

    def answers(self, member: Colleague, letter: Delivered, case: Case, above: str = "") -> None:
        words, remark = self._answer(member, case)
        own = self._sends(member, letter, f"{above}{self._staff_text(member, words)}", [remark])
        if not self._stops_there([remark]):
            self._clock(case, _end_with_answer)
            if not above and any(delivered.notice == Notice.RECEIPT for delivered in own):
                self.ledger.breach(Broken.UNTOLD, self.desk.now, f"a plain answer about {case.reference} brought a receipt")

    def takes_and_answers(self, member: Colleague, letter: Delivered, case: Case) -> None:
        self.answers(member, letter, case, "#take\n")

    def raises_and_answers(self, member: Colleague, letter: Delivered, case: Case) -> None:
        self.answers(member, letter, case, "#priority high\n")

    def keeps_the_move(self, member: Colleague, letter: Delivered, case: Case) -> None:
        """An answer with a promised day."""
        words, remark = self._answer(member, case)
        day = (self.desk.now.astimezone(BERLIN) + timedelta(days=2)).date()
        while day.weekday() > 4:
            day += timedelta(days=1)
        self._sends(member, letter, f"#working by {day.isoformat()}\n{self._staff_text(member, words)}", [remark])
        if not self._stops_there([remark]):
            case.given.append(at(day, 23, 59))
            self._clock(case, lambda clock, now: clock.staff_answers(now))
            self.later(self._next_work(member, self.desk.now + timedelta(hours=5)), lambda: self._works_on(member, letter))

    def asks_back(self, member: Colleague, letter: Delivered, case: Case) -> None:
        self.answers(member, letter, case, "#ask\n")

    def _last_answer(self, member: Colleague, case: Case) -> tuple[str, Remark]:
        """The answer beside `#resolve`. On an incident it may go to the customers of all its requests."""
        words, remark = self._answer(member, case)
        ticket = self.ticket(case.reference)
        if ticket.lineage.incident == ticket.id:
            attached = [self.cases[other.reference] for other in self.tickets().values() if other.lineage.incident == ticket.id]
            _spread(remark, attached)
        return words, remark

    def resolves(self, member: Colleague, letter: Delivered, case: Case) -> None:
        words, remark = self._last_answer(member, case)
        self._sends(member, letter, f"{self._staff_text(member, words)}\n\n#resolve", [remark])
        if not self._stops_there([remark]):
            self._clock(case, lambda clock, now: clock.is_resolved(now))

    def notes(self, member: Colleague, letter: Delivered, case: Case) -> None:
        """A note, and the answer later."""
        ticket = self.ticket(case.reference)
        readers = {ticket.assignee} if ticket.assignee else set()
        words, remark = self._note(member, case, {reader for reader in readers if reader})
        self._sends(member, letter, f"#note\n{words}", [remark])
        self.later(self._next_work(member, self.desk.now + timedelta(minutes=40)), lambda: self._works_on(member, letter))

    def hands_over(self, member: Colleague, letter: Delivered, case: Case) -> None:
        """Words beside `#assign` are for the colleague."""
        ticket = self.ticket(case.reference)
        others = [
            other
            for other in TEAM.values()
            if other.address != member.address and ticket.queue in other.queues and self.is_there(other.address)
        ]
        other = self.dice.choice(others)
        words, remark = self._note(member, case, {other.address})
        self._sends(member, letter, f"#assign {other.first_name}\n{words}", [remark])

    def escalates(self, member: Colleague, letter: Delivered, case: Case) -> None:
        """Words beside `#escalate` are for the senior; the customer reads the day."""
        words, remark = self._note(member, case, set(), {senior for senior in SENIORS if self.is_there(senior)})
        day = (self.desk.now.astimezone(BERLIN) + timedelta(days=1)).date()
        while day.weekday() > 4:
            day += timedelta(days=1)
        before = self.ticket(case.reference).escalation_level
        case.given.append(at(day, 23, 59))
        self._sends(member, letter, f"#escalate {words} by {day.isoformat()}", [remark])
        after = self.ticket(case.reference)
        if after.escalation_level > before and after.assignee is not None and not self.is_there(after.assignee):
            self.ledger.breach(Broken.UNHELD, self.desk.now, f"{case.reference} was escalated to {after.assignee}, who is away")

    def misspells(self, member: Colleague, letter: Delivered, case: Case) -> None:
        """A command with a slip does nothing; the corrected text, in answer to the letter about it, does all of it."""
        words, remark = self._answer(member, case)
        text = self._staff_text(member, words)
        own = self._sends(member, letter, f"#reslove\n{text}", [remark])
        if not self._stops_there([remark]):
            self.ledger.breach(Broken.UNTOLD, self.desk.now, f"#reslove about {case.reference} was not refused")
            return
        receipt = next((delivered for delivered in own if delivered.notice == Notice.RECEIPT), None)
        if receipt is None:
            return
        if "#resolve" not in receipt.received.text and "#gelöst" not in receipt.received.text:
            self.ledger.breach(
                Broken.UNTOLD, self.desk.now, f"the letter about #reslove does not name #resolve: {receipt.received.text}"
            )
        self.after(lambda: self._corrects(member, receipt, case), minutes=2)

    def _corrects(self, member: Colleague, receipt: Delivered, case: Case) -> None:
        words, remark = self._last_answer(member, case)
        self._sends(member, receipt, f"#resolve\n{self._staff_text(member, words)}", [remark])
        if not self._stops_there([remark]):
            self._clock(case, lambda clock, now: clock.is_resolved(now))

    def takes_back(self, member: Colleague, letter: Delivered, case: Case) -> None:
        """An answer that its author takes back before it leaves, and another one."""
        words, remark = self._answer(member, case)
        self._sends(member, letter, self._staff_text(member, words), [remark])
        if self._stops_there([remark]):
            return
        remark.course = Course.STOPPED
        case.clock = None
        self.desk.now += timedelta(seconds=UNDO_WINDOW // 3)
        own = self._sends(member, letter, "#undo", [])
        if not any(words in delivered.received.text for delivered in own for words in TAKEN_BACK):
            self.ledger.breach(
                Broken.UNTOLD,
                self.desk.now,
                f"an answer about {case.reference} could not be taken back: {[delivered.received.text for delivered in own]}",
            )
        self.later(self._next_work(member, self.desk.now + timedelta(minutes=9)), lambda: self._works_on(member, letter))

    def sets_aside(self, member: Colleague, letter: Delivered, case: Case) -> None:
        self._sends(member, letter, "#snooze 4h", [])
        case.clock = None

    def takes_in(self, member: Colleague, letter: Delivered, case: Case) -> None:
        """A colleague of the customer gets the letters from now on."""
        colleague = next(
            (
                buyer
                for buyer in self.customers.values()
                if case.account and buyer.account == case.account and buyer.address != case.requester
            ),
            None,
        )
        if colleague is None:
            self.answers(member, letter, case)
            return
        words, remark = self._answer(member, case)
        remark.readers.add(colleague.address)
        self._sends(member, letter, f"#cc {colleague.address}\n{self._staff_text(member, words)}", [remark])
        if self._stops_there([remark]):
            case.invited.add(colleague.address)
        else:
            case.readers.add(colleague.address)
            self._clock(case, _end_with_answer)

    def merges(self, member: Colleague, letter: Delivered, case: Case) -> None:
        """Another open request of the same person goes on in this one."""
        known = self.tickets()
        other = next(
            (
                open_case for open_case in self.cases.values()
                if open_case.requester == case.requester and open_case is not case and open_case.continues_in is None
                and open_case.reference in known
            and known[open_case.reference].status not in (Status.RESOLVED, Status.CLOSED) and known[open_case.reference].queue == known[case.reference].queue
            ), None,
        )  # fmt: skip
        if other is None:
            self.answers(member, letter, case)
            return
        own = self._sends(member, letter, f"#merge {other.reference}", [])
        held = next((delivered for delivered in own if delivered.notice == Notice.HELD), None)
        if held is not None:
            self.desk.now += timedelta(minutes=1)
            self.post.answers(member.name, member.address, member.client, held, "#send")
            self._look()
        merged = self.ticket(other.reference)
        if merged.lineage.merged_into is None:
            self.ledger.breach(
                Broken.UNTOLD,
                self.desk.now,
                f"{other.reference} was not merged into {case.reference}: {[delivered.received.text for delivered in own]}",
            )
            return
        other.continues_in, case.clock = case, None
        self._touch(other)
        case.readers |= other.readers
        self.later(self._next_work(member, self.desk.now + timedelta(minutes=20)), lambda: self._works_on(member, letter))

    def answers_receipt(self, member: Colleague, letter: Delivered, case: Case) -> None:
        """An answer that is written to a receipt stays inside until its author sends it by one word."""
        own = self._sends(member, letter, "#category feature guidance", [])
        receipt = next((delivered for delivered in own if delivered.notice == Notice.RECEIPT), None)
        if receipt is None:
            self.ledger.breach(Broken.UNTOLD, self.desk.now, f"#category about {case.reference} brought no receipt")
            return
        self.desk.now += timedelta(minutes=2)
        words, remark = self._answer(member, case)
        remark.course = Course.STOPPED
        told = self._sends(member, receipt, self._staff_text(member, words), [remark])
        if not told:
            self.ledger.breach(Broken.UNTOLD, self.desk.now, f"an answer to a receipt about {case.reference} brought no letter")
            return
        self.desk.now += timedelta(minutes=1)
        remark.course, remark.at = Course.UNDER_WAY, self.desk.now
        case.clock = None
        self.post.answers(member.name, member.address, member.client, told[-1], "#send")

    def forgets(self, member: Colleague, letter: Delivered, case: Case) -> None:
        """Nothing is done about the letter."""

    def _works_through_list(self, member: Colleague) -> None:
        """At the beginning of a shift, two rows of the morning's list are answered in one mail."""
        lists = [letter for letter in self.post.mailboxes.get(member.address, []) if letter.notice == Notice.DIGEST]
        begin, end = self.gone.get(member.address, (self.desk.now, self.desk.now))
        if not lists or begin <= self.desk.now < end or lists[-1].at < self.desk.now - timedelta(hours=9):
            return
        lines: list[str] = []
        remarks: list[Remark] = []
        since = lists[-1].at
        for row in lists[-1].received.text.splitlines():
            number, _, rest = row.partition(". ")
            found = REFERENCE.search(rest)
            case = self.cases.get(found[0]) if found and number.isdigit() else None
            if case is None or len(lines) == 2:
                continue
            ticket = self.ticket(case.reference)
            if ticket.waiting_on is not WaitingOn.SUPPORT or ticket.assignee not in (None, member.address):
                continue
            words, remark = self._answer(member, case)
            remarks.append(remark)
            case.clock = None
            lines.append(f"{number} answer {words}")
        if lines:
            self.measured.deeds["answers rows of a list"] += 1
            own = self._sends(member, lists[-1], "\n".join(lines), remarks)
            for remark in remarks:
                self._check_row(remark, own, since)

    def _check_row(self, remark: Remark, own: list[Delivered], since: datetime) -> None:
        """A row is left alone where somebody has written since, and nowhere else."""
        skipped = [
            line
            for letter in own
            for line in letter.received.text.splitlines()
            if remark.case.reference in line and is_left_alone(line)
        ]
        if skipped:
            remark.course = Course.STOPPED
            touched = remark.case.touched_at
            if touched is None or touched <= since:
                self.ledger.breach(
                    Broken.UNTOLD, self.desk.now, f"a row about {remark.case.reference} was left alone, though nobody has written"
                )
        else:
            self._touch(remark.case)

    # Incidents

    def _plan_incident(self) -> None:
        """On Wednesday morning six customers of different houses report one fault."""
        houses = [buyer for buyer in buyers(60) if not buyer.account][: len(FAULT)]
        self.customers |= {buyer.address: buyer for buyer in houses}
        for place, (buyer, (subject, text)) in enumerate(zip(houses, FAULT, strict=True)):
            when = at(FIRST_DAY + timedelta(days=2), 10, 5 * place + 1)
            self.later(when, lambda buyer=buyer, subject=subject, text=text: self._asks(buyer, subject, text))  # type: ignore[misc]

    def _makes_incident(self, member: Colleague, letter: Delivered) -> None:
        """A senior makes the requests one incident, and writes to all its customers."""
        self.measured.deeds["makes an incident"] += 1
        own = self._sends(member, letter, "#incident", [])
        receipt = next((delivered for delivered in own if delivered.notice == Notice.RECEIPT), None)
        incident = self.ticket(receipt.reference).id if receipt is not None else None
        attached = [ticket for ticket in self.tickets().values() if ticket.lineage.incident == incident]
        if receipt is None or not attached:
            self.ledger.breach(Broken.UNTOLD, self.desk.now, "the answer #incident to a proposal made no incident")
            return
        self.desk.now += timedelta(minutes=12)
        pen = self._take_pen(sentences=STAFF_SENTENCES)
        words, cases = (
            pen.sentence(),
            [self.cases[ticket.reference] for ticket in attached if ticket.status not in (Status.RESOLVED, Status.CLOSED)],
        )
        readers = {reader for case in cases for reader in case.readers}
        remark = Remark(pen.marks[0], member.address, Aim.ANSWER, self.desk.now, cases[0], readers)
        _spread(remark, cases)
        for case in cases:
            case.clock = None
        self._sends(member, receipt, f"#broadcast\n{words}", [remark])

    # In whose hands

    def _check_hands(self) -> None:
        """Every request that waits on support is in the list of somebody who is there today."""
        today = at(self.desk.now.astimezone(BERLIN).date(), DIGEST_AT)
        listed: dict[str, set[str]] = {}
        for address in TEAM:
            if self.is_there(address, today):
                texts = [
                    letter.received.text
                    for letter in self.post.mailboxes.get(address, [])
                    if letter.notice == Notice.DIGEST and letter.at >= today
                ]
                listed[address] = {reference for text in texts for reference in REFERENCE.findall(text)}
        for reference, ticket in self.tickets().items():
            if (
                ticket.waiting_on is not WaitingOn.SUPPORT
                or ticket.status in (Status.RESOLVED, Status.CLOSED)
                or reference not in self.cases
            ):
                continue
            touched, snoozed = self.cases[reference].touched_at, ticket.waiting.snoozed_until
            if (touched is not None and touched >= today) or (snoozed is not None and snoozed > self.desk.now):
                continue
            assignee = ticket.assignee
            holders = [address for address, references in listed.items() if reference in references]
            if assignee is not None and self.is_there(assignee, today) and assignee not in holders:
                self.ledger.breach(Broken.UNHELD, self.desk.now, f"{reference} is not in the list of {assignee}")
            elif not holders:
                self.ledger.breach(
                    Broken.UNHELD,
                    self.desk.now,
                    f"{reference} waits on support in the hands of {assignee or 'nobody'} and is in nobody's list",
                )

    def _inbox(self) -> dict[int, tuple[str, str, str, str]]:
        """Every row that the platform has been shown."""
        return inbox_rows(self.desk.database)

    def _finish(self) -> None:
        self.ledger.check_arrivals(self.desk.now + timedelta(days=1))
        self.ledger.check_inbox(self._inbox().values(), self.desk.now)
        self.measured.staff_letters = [sum(case.staff_letters.values()) for case in self.cases.values()]
        self.measured.mails, self.measured.times = self.post.mails, self.ledger.times_checked


def inbox_rows(database: Database) -> dict[int, tuple[str, str, str, str]]:
    """Account, contact, direction and words of each row of the inbox that repeats no question, by its id."""
    number_inbox(database)
    with database.reading() as connection:
        return {
            row.id: (row.account_id or "", row.contact_address, str(row.direction), f"{row.subject}\n{row.body_text}")
            for row in list_inbox(connection, limit=100_000)
            if row.notice != Notice.REMINDER
        }


def _closing(now: datetime) -> datetime:
    """When a request closes that is resolved now: after five days, in working time."""
    when = now + timedelta(days=CLOSE_AFTER)
    return moment(reached(OFFICE, int(when.timestamp()), 1))


def _spread(remark: Remark, cases: list[Case]) -> None:
    """The words go to the customers of several requests, to each in their own conversation."""
    remark.allowed |= {reader for case in cases for reader in case.readers}
    remark.copies += Counter(reader for case in cases for reader in case.readers)
    remark.accounts |= {case.account for case in cases}


def _is_refusal(letter: Delivered) -> bool:
    return letter.notice == Notice.RECEIPT and any(words in letter.received.text for words in REFUSED)


def is_left_alone(line: str) -> bool:
    return any(words in line for words in ("was left alone", "blieb, wie sie ist"))


def _end_with_answer(clock: Oracle, now: int) -> None:
    clock.pauses(now)
    clock.staff_answers(now)


Act = Callable[[Week, Colleague, Delivered, Case], None]
DEEDS: dict[Act, int] = {
    Week.answers: 34,
    Week.resolves: 24,
    Week.asks_back: 9,
    Week.takes_and_answers: 3,
    Week.raises_and_answers: 2,
    Week.keeps_the_move: 4,
    Week.notes: 4,
    Week.hands_over: 6,
    Week.escalates: 2,
    Week.misspells: 3,
    Week.takes_back: 3,
    Week.sets_aside: 2,
    Week.takes_in: 2,
    Week.merges: 4,
    Week.answers_receipt: 2,
    Week.forgets: 4,
}
