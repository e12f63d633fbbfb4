"""Views: the bounded, cleaned values that a template may use. A customer's view has no field for internal notes or facts
about staff.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from helpdesk.config.calendar import WorkingTime
from helpdesk.templates.enclosures import Enclosures, LeftOut, safe_name
from helpdesk.templates.report_words import Figure, GroupRow, compare_reports, group_rows
from helpdesk.templates.words import Prose, many_lines, one_line
from helpdesk.threading.letters.order import (
    CustomerFacts,
    DigestFacts,
    LetterOrder,
    OpenTicket,
    RequestList,
    StaffFacts,
    TriageFacts,
)
from helpdesk.threading.model.message import PastMessage
from helpdesk.threading.model.promise import TargetKind
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Ticket

LONGEST_BODY = 200_000  # characters
LONGEST_EXCERPT = 2_000
MOST_LINES = 50  # lines of one list
MOST_ROWS = 500  # rows of a digest
LONGEST_LINE = 1_000
MOMENT = timedelta(microseconds=1)
TARGETS = {
    TargetKind.FIRST_RESPONSE: "First answer",
    TargetKind.NEXT_RESPONSE: "Next answer",
    TargetKind.RESOLUTION: "Solution",
    TargetKind.GIVEN_DATE: "Promised",
}
AGES = ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute"))


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of one letter, with their tokens; "" where there is no ticket to write to."""

    support: str
    reply: str = ""
    note: str = ""
    solved: str = ""
    unsolved: str = ""
    undo: str = ""
    allow_once: str = ""
    allow_always: str = ""
    allow_never: str = ""
    permit: str = ""
    refuse: str = ""
    good: str = ""
    okay: str = ""
    bad: str = ""


@dataclass(frozen=True, slots=True)
class PictureView:
    """A picture that is part of the letter; `words` say what it shows, for readers who do not see it."""

    source: str  # cid: URL (RFC 2392)
    words: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What a letter's views share besides its order. `desk` is the desk's name."""

    desk: str
    subject: str
    addresses: Addresses
    enclosures: Enclosures
    pictures: tuple[PictureView, ...] = ()
    in_place: Mapping[str, str] = field(
        default_factory=dict
    )  # the sources of pictures that stand between the words, by their SHA-256


@dataclass(frozen=True, slots=True)
class CustomerView:
    """The values of a letter to a customer. In a fixed text all are empty except desk, subject and reference."""

    desk: str
    subject: str
    reference: str
    topic: str = ""
    category: str = ""
    name: str = ""
    body: str = ""
    author: str = ""
    received: tuple[str, ...] = ()
    enclosed: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    in_inbox: bool = False  # whether the customer finds what was left out in the platform inbox
    answer_within: WorkingTime | None = None
    timeline: datetime | None = None
    median_at: datetime | None = None  # when half of the answers come, in a busy period
    ninetieth_at: datetime | None = None
    self_service: bool = False
    encrypted: bool = False
    rule: str = ""  # name of the rule about what support cannot do
    settled: bool = False
    closes_at: datetime | None = None  # when the request closes if its customer stays silent
    needs_person: bool = False
    solved_address: str = ""
    unsolved_address: str = ""
    stranger: str = ""
    permission_until: datetime | None = None  # until when a question whether data may be changed can be answered
    permission_again: bool = False  # whether it is repeated
    permit_address: str = ""
    refuse_address: str = ""
    allow_once: str = ""
    allow_always: str = ""
    allow_never: str = ""
    good_address: str = ""
    okay_address: str = ""
    bad_address: str = ""
    reply_address: str = ""  # stands at the boundary, so that a quoted letter leads to its ticket
    fixed: bool = False

    @property
    def audience(self) -> str:
        return "customer"


@dataclass(frozen=True, slots=True)
class TicketView:
    """The fields of a ticket in the context block."""

    topic: str
    plan: str
    category: str
    severity: str
    priority: str
    queue: str
    assignee: str
    status: str
    waiting_on: str
    escalation_level: int


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of a digest. `late` says that the time for the first answer has passed."""

    number: int
    reference: str
    topic: str
    customer: str
    status: str
    waiting_on: str
    priority: str
    age: str
    due_at: datetime | None
    late: bool
    mine: bool
    escalated: bool
    sender: str = ""  # of letters that the row stands for
    letters: int = 1


@dataclass(frozen=True, slots=True)
class ListedView:
    """One request of a list that staff asked for."""

    number: int
    reference: str
    topic: str
    customer: str
    state: str
    at: datetime
    excerpt: str


@dataclass(frozen=True, slots=True)
class ListView:
    """A list of requests that staff asked for."""

    headline: str
    rows: tuple[ListedView, ...] = ()
    more: bool = False


NO_LIST = ListView("")


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """A word that answers the letter, and its effect."""

    word: str
    effect: str


@dataclass(frozen=True, slots=True)
class TargetView:
    """A promised time that is still to be kept; `due_at` is None while its clock is paused. `date` names a date that staff gave."""

    name: str
    due_at: datetime | None
    state: str
    date: str = ""


@dataclass(frozen=True, slots=True)
class ReportView:
    """The figures of a week and of the week before."""

    since: date
    last: date
    figures: tuple[Figure, ...]
    groups: tuple[tuple[str, tuple[GroupRow, ...]], ...]
    pictures: tuple[PictureView, ...] = ()


@dataclass(frozen=True, slots=True)
class StaffView:
    """The values of a letter to staff."""

    desk: str
    subject: str
    reference: str
    ticket: TicketView | None
    customer_name: str
    customer_address: str  # a field of its own, because its owner chooses the name and could make it look like another address
    account: str
    assurance: str
    answer_goes_to: tuple[str, ...]
    targets: tuple[TargetView, ...]
    last_messages: tuple[PastMessage, ...]  # newest first
    attachments: tuple[str, ...]
    file_numbers: tuple[int, ...]
    kept: tuple[str, ...]
    left_out: tuple[str, ...]
    permissions: tuple[str, ...]
    warnings: tuple[str, ...]
    outcome: tuple[str, ...]
    related: tuple[str, ...]
    new_subject: str
    copied: tuple[str, ...]
    body: str
    author: str
    note_address: str
    undo_address: str
    takes_correction: bool
    choices: tuple[ChoiceView, ...]  # the words that release a held mail
    rows: tuple[RowView, ...]
    more: bool  # whether there are more open requests than rows
    gathered: bool  # whether the rows stand for letters about the requests
    report: "ReportView | None" = None
    listed: ListView = NO_LIST
    history: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    triage: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    question: str = ""
    reply_address: str = ""
    below: str = ""

    @property
    def audience(self) -> str:
        return "staff"


def fixed_view(order: LetterOrder, frame: Frame) -> CustomerView:
    """The view of a fixed text. No words in it come from the mail that caused the letter."""
    reference = order.ticket.reference if order.ticket else ""
    facts = order.facts if isinstance(order.facts, CustomerFacts) else CustomerFacts()
    return CustomerView(
        desk=frame.desk,
        subject=frame.subject,
        reference=reference,
        timeline=facts.timeline,
        encrypted=facts.encrypted,
        settled=facts.settled,
        closes_at=facts.closes_at,
        fixed=True,
        reply_address=frame.addresses.reply,
    )


def customer_view(order: LetterOrder, facts: CustomerFacts, frame: Frame) -> CustomerView:
    """The view of a letter to a customer."""
    ticket, addresses = order.ticket, frame.addresses
    return CustomerView(
        desk=frame.desk,
        subject=frame.subject,
        reference=ticket.reference if ticket else "",
        topic=one_line(ticket.subject) if ticket else "",
        category=one_line(ticket.category) if ticket else "",
        name=one_line(order.to.name, 80),
        body=Prose.of(many_lines(order.words.body, LONGEST_BODY), order.words.document, frame.in_place),
        author=one_line(order.words.author_name, 80),
        received=_names(facts.received_attachments),
        enclosed=tuple(file.filename for file in frame.enclosures.enclosed[:MOST_LINES]),
        left_out=tuple(file.filename for file in frame.enclosures.left_out[:MOST_LINES]),
        in_inbox=ticket is not None and ticket.account is not None,
        answer_within=facts.answer_within,
        timeline=facts.timeline,
        median_at=facts.measured.median_at if facts.measured else None,
        ninetieth_at=facts.measured.ninetieth_at if facts.measured else None,
        self_service=facts.self_service,
        encrypted=facts.encrypted,
        rule=facts.rule,
        settled=facts.settled,
        closes_at=facts.closes_at,
        needs_person=facts.needs_person,
        stranger=one_line(facts.stranger.address, 320) if facts.stranger else "",
        permission_until=facts.permission.until if facts.permission else None,
        permission_again=facts.permission is not None and facts.permission.reminded,
        permit_address=addresses.permit,
        refuse_address=addresses.refuse,
        solved_address=addresses.solved,
        unsolved_address=addresses.unsolved,
        allow_once=addresses.allow_once,
        allow_always=addresses.allow_always,
        allow_never=addresses.allow_never,
        good_address=addresses.good,
        okay_address=addresses.okay,
        bad_address=addresses.bad,
        reply_address=addresses.reply,
    )


def staff_view(order: LetterOrder, facts: StaffFacts, frame: Frame) -> StaffView:
    """The view of a letter to staff."""
    customer, triage, digest = facts.customer, facts.triage or TriageFacts(), facts.digest or DigestFacts()
    return StaffView(
        desk=frame.desk,
        subject=frame.subject,
        reference=order.ticket.reference if order.ticket else "",
        ticket=_ticket_view(order.ticket) if order.ticket else None,
        customer_name=one_line(customer.name, 80) or one_line(customer.address, 320),
        customer_address=one_line(customer.address, 320),
        account=one_line(facts.account or ""),
        assurance=facts.assurance.value,
        answer_goes_to=_lines(facts.answer_goes_to),
        targets=tuple(TargetView(TARGETS[target.kind], target.due_at, target.state, target.date) for target in facts.targets),
        last_messages=tuple(_excerpt(message) for message in reversed(facts.last_messages)),
        attachments=_names(facts.attachments),
        file_numbers=facts.file_numbers[:MOST_LINES],
        kept=_names(facts.kept),
        left_out=tuple(_with_number(file) for file in frame.enclosures.left_out[:MOST_LINES]),
        permissions=_lines(facts.permissions),
        warnings=_lines(facts.warnings),
        outcome=_lines(facts.outcome),
        related=_lines(facts.related),
        new_subject=one_line(facts.new_subject, LONGEST_LINE),
        copied=_lines(facts.copied),
        body=Prose.of(many_lines(order.words.body, LONGEST_BODY), order.words.document, frame.in_place),
        author=one_line(order.words.author_name, 80),
        note_address=frame.addresses.note,
        undo_address=frame.addresses.undo,
        takes_correction=isinstance(facts, StaffFacts) and facts.corrects,
        reply_address=frame.addresses.reply,
        below=Prose.of(many_lines(order.words.below, LONGEST_BODY), order.words.document, frame.in_place),
        choices=tuple(ChoiceView(one_line(choice.word), one_line(choice.effect, LONGEST_LINE)) for choice in facts.choices),
        listed=_list_view(facts.listed) if facts.listed else NO_LIST,
        history=_lines(facts.history),
        remarks=_lines(facts.remarks),
        triage=_lines(triage.reasons),
        missing=_lines(triage.missing),
        question=many_lines(triage.question, LONGEST_EXCERPT),
        rows=tuple(_row_view(row, order.to.address) for row in digest.open_tickets[:MOST_ROWS]),
        more=digest.more,
        gathered=digest.gathered,
        report=_report_view(facts, frame.pictures),
    )


def _with_number(file: LeftOut) -> str:
    return f"{file.filename} (#file {file.number})" if file.number else file.filename


def _report_view(facts: StaffFacts, pictures: tuple[PictureView, ...]) -> ReportView | None:
    if facts.weeks is None:
        return None
    report = facts.weeks.last
    zone = ZoneInfo(report.zone)
    return ReportView(
        since=report.span.since.astimezone(zone).date(),
        last=(report.span.until - MOMENT).astimezone(zone).date(),
        figures=compare_reports(report, facts.weeks.before),
        groups=(
            ("Queue", group_rows(report.queues)),
            ("Plan", group_rows(report.plans)),
            ("Category", group_rows(report.categories)),
        ),
        pictures=pictures,
    )


def _list_view(listed: RequestList) -> ListView:
    rows = (
        ListedView(
            row.row.number,
            row.reference,
            one_line(row.subject, 120) or "no subject",
            one_line(row.customer, 320),
            one_line(row.state),
            row.at,
            one_line(row.excerpt, LONGEST_LINE),
        )
        for row in listed.requests[:MOST_LINES]
    )
    return ListView(one_line(listed.headline, 320), tuple(rows), listed.more)


def _row_view(row: OpenTicket, reader: str) -> RowView:
    ticket = row.ticket
    customer = ticket.participant(ticket.requester)
    return RowView(
        number=row.number,
        reference=ticket.reference,
        topic=one_line(ticket.subject, 120) or "no subject",
        customer=(one_line(customer.name, 80) or one_line(customer.address, 120)) if customer else "",
        status=ticket.status.replace("_", " "),
        waiting_on=ticket.waiting_on.value,
        priority=one_line(ticket.priority),
        age=_age(row.at - ticket.created_at),
        due_at=row.due_at,
        late=row.due_at is not None and row.due_at <= row.at,
        mine=ticket.assignee == reader,
        escalated=ticket.status is Status.ESCALATED,
        sender=one_line(row.sender, 320),
        letters=row.letters,
    )


def _age(span: timedelta) -> str:
    """An age in its largest whole unit: "3 days old", "1 hour old"; "new" below a minute."""
    for unit, name in AGES:
        count = span // unit
        if count >= 1:
            return f"{count} {name} old" if count == 1 else f"{count} {name}s old"
    return "new"


def _ticket_view(ticket: Ticket) -> TicketView:
    return TicketView(
        topic=one_line(ticket.subject),
        plan=one_line(ticket.plan),
        category=one_line(ticket.category),
        severity=one_line(ticket.severity),
        priority=one_line(ticket.priority),
        queue=one_line(ticket.queue),
        assignee=one_line(ticket.assignee or ""),
        status=ticket.status.replace("_", " "),
        waiting_on=ticket.waiting_on.value,
        escalation_level=ticket.escalation_level,
    )


def _excerpt(message: PastMessage) -> PastMessage:
    return PastMessage(one_line(message.author, 80), message.direction, many_lines(message.text, LONGEST_EXCERPT), message.at)


def _lines(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one_line(line, LONGEST_LINE) for line in lines[:MOST_LINES])


def _names(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(safe_name(name) for name in names[:MOST_LINES])
