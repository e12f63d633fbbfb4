"""Views: the bounded, cleaned values that a template may use. A customer's view has no field for internal notes or facts
about staff.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from helpdesk.config.colours import in_the_dark, ink_on
from helpdesk.templates.appearance import NO_PAGES, PLAIN, Appearance, Pages
from helpdesk.templates.catalogue import Speech
from helpdesk.templates.courtesies import begins_with_greeting, ends_with_closing, ends_with_name, lines_unsaid, spoken_name
from helpdesk.templates.enclosures import Enclosures, LeftOut, safe_name
from helpdesk.templates.report_words import GroupRow, compare_reports, group_rows
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
from helpdesk.threading.model.message import PastMessage, PastNote
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import ParticipantState
from helpdesk.threading.model.promise import Target
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reading.kept_shapes import document_kept

LONGEST_BODY = 200_000  # characters
LONGEST_EXCERPT = 2_000
LONGEST_QUESTION, MOST_LINES_OF_QUESTION = 500, 8  # as a reminder quotes it
LONGEST_SAID = 20_000  # characters of a message or note in the letter to the person who gets a request
MOST_LINES = 50  # lines of one list
MOST_ROWS = 500  # rows of a digest
LONGEST_LINE = 1_000
MOMENT = timedelta(microseconds=1)
TOLD_STATUSES = frozenset({Status.ESCALATED, Status.RESOLVED, Status.CLOSED})  # what a reader would not expect
LATE, PAUSED = "missed", "paused"  # states of targets
LONGEST_PAST = 300  # characters of an earlier message, unless the reader gets the whole conversation
MOST_PAST = 2
LONGEST_REASON = 120


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
    """What a letter's views share besides its order. `desk` is the name of the desk, or of its address."""

    desk: str
    subject: str
    addresses: Addresses
    enclosures: Enclosures
    pictures: tuple[PictureView, ...] = ()
    in_place: Mapping[str, str] = field(
        default_factory=dict
    )  # the sources of pictures that stand between the words, by their SHA-256
    speech: Speech = field(default_factory=Speech)
    now: datetime | None = None
    look: Appearance = PLAIN
    pages: Pages = NO_PAGES
    request_page: str = ""
    links: tuple[tuple[str, str], ...] = ()  # to files that the letter leaves out, by their names
    links_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccentView:
    """The colour of a letter's bar and buttons with that of the words on them, in light and in dark."""

    light: str
    light_ink: str
    dark: str
    dark_ink: str


@dataclass(frozen=True, slots=True)
class CustomerView:
    """The values of a letter to a customer. In a fixed text all are empty except those that no mail brings about."""

    desk: str
    subject: str
    reference: str
    topic: str = ""
    category: str = ""
    name: str = ""
    body: str = ""
    author: str = ""
    received: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()  # values such as an order number, by the names of their fields
    enclosed: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()  # to what was left out, by the names
    links_until: datetime | None = None
    in_inbox: bool = False  # whether the customer finds what was left out in the platform inbox
    answer_by: datetime | None = None
    question: str = ""
    greets: bool = False  # whether the body begins with a greeting of its own
    closes: bool = False  # whether the body ends with a closing of its own
    signed: bool = False  # whether the body ends with the name of its author
    signature: tuple[str, ...] = ()  # lines below the author's name, of the author and of the address
    footer: tuple[str, ...] = ()
    accent: AccentView | None = None
    timeline: datetime | None = None
    median_at: datetime | None = None  # when half of the answers come, in a busy period
    ninetieth_at: datetime | None = None
    self_service: str = ""  # addresses of pages
    community: str = ""
    request_page: str = ""
    opens_at: datetime | None = None  # when the desk opens again
    dedicated_address: str = ""
    encrypted: bool = False
    megabytes: int = 0  # size of the customer's mail, of which only the beginning was fetched; 0 for a whole mail
    rule: str = ""  # name of the rule about what support cannot do
    settled: bool = False
    handler: str = "team"
    late: str = ""
    ending: str = ""
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
    """One row of a digest, in the reader's words. `due` is the next promised time, `last_word` whose word was last."""

    number: int
    reference: str
    topic: str
    customer: str
    answer: bool  # whether it is to be answered
    priority: str  # "" for an ordinary one
    due: str
    late: bool
    last_word: str
    holder: str  # in whose hands it is; "" for the reader's own
    escalated: bool
    status: str
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
    at: str  # in the reader's language and zone
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
class SaidView:
    """What was said earlier on a request: a message, or an internal note."""

    author: str
    text: str
    at: datetime
    internal: bool = False
    origin: str = ""  # the reference of the merged request on which it was said


@dataclass(frozen=True, slots=True)
class ReportView:
    """The figures of a week and of the week before."""

    since: date
    last: date
    figures: tuple[tuple[str, str, str], ...]  # each with its label, in this week and in the week before
    groups: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]  # a title, and rows of a name and figures
    pictures: tuple[PictureView, ...] = ()


@dataclass(frozen=True, slots=True)
class StaffView:
    """The values of a letter to staff. `standing`, `special` and `facts` are lines in the reader's language.

    `standing` says until when an answer is due and whose request it is, `special` what a reader could not expect, with its label.
    """

    desk: str
    subject: str
    reference: str
    ticket: TicketView | None
    customer_name: str
    standing: tuple[str, ...]
    special: tuple[tuple[str, str], ...]
    facts: tuple[str, ...]
    headline_target: str  # of a letter about a promised time
    last_messages: tuple[SaidView, ...]  # newest first, with internal notes
    attachments: tuple[str, ...]
    left_out: tuple[str, ...]
    permissions: tuple[str, ...]
    warnings: tuple[str, ...]
    outcome: tuple[str, ...]
    new_subject: str
    body: str
    author: str
    note_address: str
    undo_address: str
    takes_correction: bool
    broadcasts: bool
    choices: tuple[ChoiceView, ...]  # the words that release a held mail
    rows: tuple[RowView, ...]
    more: bool  # whether there are more open requests than rows
    gathered: bool  # whether the rows stand for letters about the requests
    report: "ReportView | None" = None
    accent: None = None  # letters to staff have our own colour
    listed: ListView = NO_LIST
    history: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
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
        megabytes=facts.megabytes,
        settled=facts.settled,
        handler=facts.handler,
        late=facts.late or "",
        ending=facts.ending or "",
        closes_at=facts.closes_at,
        opens_at=facts.opens_at,
        fixed=True,
        reply_address=frame.addresses.reply,
        **_look_and_pages(facts, frame),
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
        name=one_line(spoken_name(order.to.name), 80),
        body=Prose.of(many_lines(order.words.body, LONGEST_BODY), order.words.document, frame.in_place),
        author=one_line(order.words.author_name, 80),
        greets=begins_with_greeting(order.words.body),
        closes=ends_with_closing(order.words.body),
        signed=ends_with_name(order.words.body, order.words.author_name, order.words.signature),
        signature=_signature(order, frame),
        received=_names(facts.received_attachments),
        fields=_fields(ticket) if not order.fixed_text else (),
        enclosed=tuple(file.filename for file in frame.enclosures.enclosed[:MOST_LINES]),
        left_out=tuple(file.filename for file in frame.enclosures.left_out[:MOST_LINES]),
        links=frame.links[:MOST_LINES],
        links_until=frame.links_until,
        in_inbox=ticket is not None and ticket.account is not None,
        answer_by=facts.answer_by,
        timeline=facts.timeline,
        median_at=facts.measured.median_at if facts.measured else None,
        ninetieth_at=facts.measured.ninetieth_at if facts.measured else None,
        opens_at=facts.opens_at,
        dedicated_address=facts.dedicated_address,
        encrypted=facts.encrypted,
        megabytes=facts.megabytes,
        rule=facts.rule,
        settled=facts.settled,
        handler=facts.handler,
        late=facts.late or "",
        ending=facts.ending or "",
        closes_at=facts.closes_at,
        needs_person=facts.needs_person,
        question=_short_question(facts.question),
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
        **_look_and_pages(facts, frame),
    )


def _fields(ticket: Ticket | None) -> tuple[tuple[str, str], ...]:
    """Values that rules have drawn from the customer's mail, with the names of their fields."""
    return tuple((one_line(name, 60), one_line(value, 80)) for name, value in ticket.labels.fields.items()) if ticket else ()


def _short_question(question: str) -> str:
    """The beginning of a question, as a reminder quotes it."""
    lines = many_lines(question, LONGEST_QUESTION).split("\n")
    return "\n".join(lines[:MOST_LINES_OF_QUESTION]).rstrip() + (" …" if len(lines) > MOST_LINES_OF_QUESTION else "")


def _look_and_pages(facts: CustomerFacts, frame: Frame) -> dict[str, Any]:
    """What the configuration alone says. Whoever needs a person now is not sent to pages."""
    pages = NO_PAGES if facts.needs_person else frame.pages
    accent = frame.look.accent
    dark = in_the_dark(accent) if accent else ""
    return {
        "footer": tuple(frame.look.footer.splitlines()),
        "accent": AccentView(accent, ink_on(accent), dark, ink_on(dark)) if accent else None,
        "self_service": pages.self_service,
        "community": pages.community,
        "request_page": frame.request_page,
    }


def _signature(order: LetterOrder, frame: Frame) -> tuple[str, ...]:
    """The lines below the author's name that the author has not typed: their own, and those of the address or its name."""
    words = order.words
    desk = frame.look.signature.splitlines() or (
        () if ends_with_name(words.body, words.author_name, words.signature) else (frame.desk,)
    )
    own = (*words.signature.splitlines(), *desk)
    return tuple(one_line(line, 200) for line in lines_unsaid(words.body, own))


def staff_view(order: LetterOrder, facts: StaffFacts, frame: Frame) -> StaffView:
    """The view of a letter to staff."""
    customer, triage, digest = facts.customer, facts.triage or TriageFacts(), facts.digest or DigestFacts()
    say = frame.speech.line
    left_out = tuple(_with_number(file) for file in frame.enclosures.left_out[:MOST_LINES])
    missing = _lines(triage.missing, frame)
    return StaffView(
        desk=frame.desk,
        subject=frame.subject,
        reference=order.ticket.reference if order.ticket else "",
        ticket=_ticket_view(order.ticket) if order.ticket else None,
        customer_name=one_line(customer.name, 80) or one_line(customer.address, 320),
        standing=tuple(_standing(order, facts, frame)),
        special=tuple(_special(facts, left_out, missing, frame)),
        facts=tuple(_facts(order, facts, frame)),
        headline_target=_headline_target(order.notice, facts, frame),
        last_messages=_said(facts, _names_of_people(order)),
        attachments=_names(facts.attachments),
        permissions=_lines(facts.permissions, frame),
        left_out=left_out,
        warnings=_lines(facts.warnings, frame),
        outcome=_lines(facts.outcome, frame),
        new_subject=one_line(facts.new_subject, LONGEST_LINE),
        body=Prose.of(many_lines(order.words.body, LONGEST_BODY), order.words.document, frame.in_place),
        author=one_line(order.words.author_name, 80),
        note_address=frame.addresses.note,
        undo_address=frame.addresses.undo,
        takes_correction=facts.corrects,
        broadcasts=facts.broadcasts,
        reply_address=frame.addresses.reply,
        below=Prose.of(many_lines(order.words.below, LONGEST_BODY), order.words.document, frame.in_place),
        choices=tuple(ChoiceView(one_line(choice.word), one_line(say(choice.effect), LONGEST_LINE)) for choice in facts.choices),
        listed=_list_view(facts.listed, frame) if facts.listed else NO_LIST,
        history=_lines(facts.history, frame),
        remarks=_lines(facts.remarks, frame),
        missing=missing,
        question=many_lines(triage.question, LONGEST_EXCERPT),
        rows=tuple(_row_view(row, order.to.address, frame) for row in digest.open_tickets[:MOST_ROWS]),
        more=digest.more,
        gathered=digest.gathered,
        report=_report_view(facts, frame),
    )


def _standing(order: LetterOrder, facts: StaffFacts, frame: Frame) -> Iterator[str]:
    """Until when an answer is due, whose request it is, and its status where a reader would not expect it."""
    ticket, say = order.ticket, frame.speech.say
    if ticket is None:
        return
    told = _headline(order.notice, facts)
    yield from (_target_words(target, frame) for target in facts.targets if target is not told)
    if not ticket.assignee:
        yield f"{say('staff.assignee')}: {say('staff.unassigned')}"
    elif ticket.assignee == order.to.address:
        yield say("staff.yours")
    if ticket.status in TOLD_STATUSES:
        yield say(f"staff.status.{ticket.status.value}")


def _target_words(target: Target, frame: Frame) -> str:
    say, what = frame.speech.say, frame.speech.say(f"staff.target.{target.kind.value}")
    if target.due_at is None:
        return say("staff.paused", what=what)
    moment = frame.speech.short_moment(target.due_at, frame.now)
    return say("staff.overdue", what=what, moment=moment) if target.state == LATE else say("staff.due", what=what, moment=moment)


def _headline(notice: Notice, facts: StaffFacts) -> Target | None:
    """The promised time that a letter is about, which is late, or soon; None for any other letter."""
    if notice not in (Notice.TARGET_MISSED, Notice.TARGET_WARNING):
        return None
    late = notice is Notice.TARGET_MISSED
    return next((target for target in facts.targets if target.due_at and (target.state == LATE) is late), None)


def _headline_target(notice: Notice, facts: StaffFacts, frame: Frame) -> str:
    """What a letter about a promised time begins with."""
    speech, late, target = frame.speech, notice is Notice.TARGET_MISSED, _headline(notice, facts)
    if target is None or target.due_at is None:
        return speech.say("staff.target_missed") if late else speech.say("staff.target_warning")
    what, moment = speech.say(f"staff.target.{target.kind.value}"), speech.short_moment(target.due_at, frame.now)
    return (
        speech.say("staff.overdue", what=what, moment=moment) if late else speech.say("staff.due_soon", what=what, moment=moment)
    )


def _special(facts: StaffFacts, left_out: tuple[str, ...], missing: tuple[str, ...], frame: Frame) -> Iterator[tuple[str, str]]:
    """What a reader could not expect, each with its label."""
    say = frame.speech.say
    names, numbers = ", ".join(_names(facts.attachments)), ", ".join(map(str, facts.file_numbers[:MOST_LINES]))
    if names:
        yield say("staff.attachments"), f"{names} (#file {numbers})" if numbers else names
    if facts.kept:
        yield say("staff.kept"), ", ".join(_names(facts.kept))
    if left_out:
        yield say("staff.left_out"), ", ".join(left_out)
    if missing:
        yield say("staff.missing"), ", ".join(missing)
    if facts.customer.number and facts.answer_goes_to != (facts.customer.address,):
        yield say("staff.goes_to"), ", ".join(_lines(facts.answer_goes_to, frame)) or say("staff.nobody")
    if facts.copied:
        yield say("staff.copied"), ", ".join(_lines(facts.copied, frame))
    if facts.related:
        yield say("staff.related"), "; ".join(_lines(facts.related, frame))


def _facts(order: LetterOrder, facts: StaffFacts, frame: Frame) -> Iterator[str]:
    """The lines of facts: who the customer is, how the request is sorted, and in one line why.

    Name and address are facts of their own, because the customer chooses the name and could make it look like another address.
    """
    say, customer, ticket = frame.speech.say, facts.customer, order.ticket
    name = one_line(customer.name, 80) or one_line(customer.address, 320)
    address, proof = one_line(customer.address, 320), say(f"staff.proof.{facts.assurance.value}")
    if ticket is None:
        if address:
            yield _row(frame, (say("staff.from"), name), (say("staff.address"), address), (say("staff.sender"), proof))
        return
    account = one_line(facts.account or "") or say("staff.no_account")
    named = ((say("staff.customer"), name),) if name != address else ()
    yield _row(
        frame,
        *named,
        (say("staff.address"), address or say("staff.inbox_only")),
        (say("staff.account"), account),
        (say("staff.plan"), one_line(ticket.plan)),
        (say("staff.sender"), proof),
    )
    holder = next((person.name for person in ticket.participants if person.address == ticket.assignee and person.name), "")
    yield _row(
        frame,
        (say("staff.category"), one_line(ticket.category)),
        (say("staff.severity"), one_line(ticket.severity)),
        (say("staff.priority"), one_line(ticket.priority)),
        (say("staff.queue"), one_line(ticket.queue)),
        (say("staff.assignee"), one_line(holder or ticket.assignee or "", 80) or say("staff.unassigned")),
    )
    if ticket.labels.fields:
        yield _row(frame, *((one_line(name, 60), one_line(value, 80)) for name, value in ticket.labels.fields.items()))
    if ticket.labels.tags:
        yield _row(frame, (say("staff.tags"), one_line(", ".join(ticket.labels.tags), 200)))
    if facts.triage and facts.triage.reasons:
        reason = one_line(frame.speech.line(facts.triage.reasons[0]), LONGEST_REASON)
        yield _row(frame, (say("staff.sorted"), say("staff.why", reason=reason)))


def _row(frame: Frame, *facts: tuple[str, str]) -> str:
    colon = frame.speech.say("letter.colon")
    return " · ".join(f"{label}{colon} {value}" for label, value in facts)


def _with_number(file: LeftOut) -> str:
    return f"{file.filename} (#file {file.number})" if file.number else file.filename


def _report_view(facts: StaffFacts, frame: Frame) -> ReportView | None:
    if facts.weeks is None:
        return None
    report, say = facts.weeks.last, frame.speech.line
    zone = ZoneInfo(report.zone)
    return ReportView(
        since=report.span.since.astimezone(zone).date(),
        last=(report.span.until - MOMENT).astimezone(zone).date(),
        figures=tuple(
            (say(figure.label), say(figure.now), say(figure.before)) for figure in compare_reports(report, facts.weeks.before)
        ),
        groups=tuple(
            (frame.speech.say(title), tuple(_group_cells(row, frame) for row in group_rows(groups)))
            for title, groups in (
                ("staff.queue", report.queues),
                ("staff.plan", report.plans),
                ("staff.category", report.categories),
            )
        ),
        pictures=frame.pictures,
    )


def _group_cells(row: GroupRow, frame: Frame) -> tuple[str, ...]:
    say = frame.speech.line
    return (row.name, str(row.opened), str(row.resolved), str(row.backlog), say(row.median), say(row.in_time))


def _list_view(listed: RequestList, frame: Frame) -> ListView:
    rows = (
        ListedView(
            row.row.number,
            row.reference,
            _with_labels(one_line(row.subject, 120) or frame.speech.say("staff.no_subject"), row.labels),
            one_line(row.customer, 320),
            one_line(frame.speech.line(row.state)),
            frame.speech.short_moment(row.at),
            one_line(row.excerpt, LONGEST_LINE),
        )
        for row in listed.requests[:MOST_LINES]
    )
    return ListView(one_line(listed.headline, 320), tuple(rows), listed.more)


def _with_labels(topic: str, labels: str) -> str:
    return f"{topic} [{one_line(labels, 120)}]" if labels else topic


def _row_view(row: OpenTicket, reader: str, frame: Frame) -> RowView:
    ticket, say, target = row.ticket, frame.speech.say, row.target
    customer = ticket.participant(ticket.requester)
    return RowView(
        number=row.number,
        reference=ticket.reference,
        topic=one_line(ticket.subject, 120) or say("staff.no_subject"),
        customer=(one_line(customer.name, 80) or one_line(customer.address, 120)) if customer else "",
        answer=ticket.waiting_on is WaitingOn.SUPPORT,
        priority="" if ticket.priority == "normal" else one_line(ticket.priority),
        due=_target_words(replace(target, state=LATE if _is_late(row) else target.state), frame) if target else "",
        late=_is_late(row),
        last_word=_last_word(row, reader, frame),
        holder=_holder(row, reader, frame),
        escalated=ticket.status is Status.ESCALATED,
        status=say(f"staff.status.{ticket.status.value}") if ticket.status in TOLD_STATUSES else "",
        sender=one_line(row.sender, 320),
        letters=row.letters,
    )


def _holder(row: OpenTicket, reader: str, frame: Frame) -> str:
    """In whose hands a request is, where these are not the reader's."""
    if row.ticket.assignee == reader:
        return ""
    return frame.speech.say("staff.absent", name=row.absent) if row.absent else frame.speech.say("staff.unassigned")


def _is_late(row: OpenTicket) -> bool:
    due_at = row.target.due_at if row.target else None
    return due_at is not None and due_at <= row.at


def _last_word(row: OpenTicket, reader: str, frame: Frame) -> str:
    """Whose word was last, and when."""
    word, say = row.last_word, frame.speech.say
    if word is None:
        return ""
    known = next(
        (person.name for person in row.ticket.participants if person.address == word.author and person.name), word.author
    )
    name = say("staff.you") if word.author == reader else one_line(known, 80) or say("staff.somebody")
    return say("staff.last_word", name=name, moment=frame.speech.short_moment(word.at, frame.now))


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


def _said(facts: StaffFacts, names: Mapping[str, str]) -> tuple[SaidView, ...]:
    """Messages and notes, the newest first. Of two at one time the later one in the facts is the newer.

    The person who gets a request reads all of them. The beginnings of the last ones remind every other reader what it was about.
    """
    longest = LONGEST_SAID if facts.whole else LONGEST_PAST
    said = [
        *(_one_said(past, longest, names) for past in facts.last_messages),
        *(_one_said(note, longest, names, internal=True) for note in facts.notes),
    ]
    said.sort(key=lambda past: past.at)
    return tuple(reversed(said))[: len(said) if facts.whole else MOST_PAST]


def _names_of_people(order: LetterOrder) -> dict[str, str]:
    """The names of those who take part in a request, by their addresses.

    A name that two of them have names neither, and whoever does not take part keeps their address: anybody can choose a name.
    """
    people = order.ticket.participants if order.ticket else ()
    names = {
        person.address: one_line(person.name, 80)
        for person in people
        if person.address and person.name and person.state is ParticipantState.ACTIVE
    }
    count = Counter(name.casefold() for name in names.values())
    return {address: name for address, name in names.items() if count[name.casefold()] == 1}


def _one_said(past: PastMessage | PastNote, longest: int, names: Mapping[str, str], *, internal: bool = False) -> SaidView:
    text = many_lines(past.text, longest)
    shown = Prose.of(text, document_kept(past.shapes, len(text))) if past.shapes else text
    return SaidView(names.get(past.author) or one_line(past.author, 80), shown, past.at, internal, one_line(past.origin))


def _lines(lines: tuple[str, ...], frame: Frame) -> tuple[str, ...]:
    return tuple(one_line(frame.speech.line(line), LONGEST_LINE) for line in lines[:MOST_LINES])


def _names(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(safe_name(name) for name in names[:MOST_LINES])
