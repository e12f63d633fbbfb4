"""Letter orders for tests: one ticket, one customer, one staff member, and an order for each notice."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from helpdesk.config.people import SupportAddress
from helpdesk.config.policy import Policy
from helpdesk.config.reply_addresses import ReplyAddresses
from helpdesk.templates.letterhead import Letterhead
from helpdesk.threading.letters.order import (
    Choice,
    ConsultAnswer,
    CustomerFacts,
    DigestAnswer,
    DigestFacts,
    Handler,
    LetterOrder,
    LetterThread,
    LetterWords,
    ListedRequest,
    OpenTicket,
    RequestList,
    StaffFacts,
    TriageFacts,
)
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.model.digest import DigestRow
from helpdesk.threading.model.message import Direction, LastWord, PastMessage
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Participant, Role
from helpdesk.threading.model.permission import Permission
from helpdesk.threading.model.promise import Clock, Target, TargetKind
from helpdesk.threading.model.sentence import Day, Recorded, Sentence, plain, sentence
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reporting.facts import DeskFacts, Mark, Move, TicketFacts
from helpdesk.threading.reporting.report import Span, Weeks, report_of
from helpdesk.threading.trust.tokens import Keyring

N = Notice
ANSWERED: dict[Notice, DigestAnswer | ConsultAnswer] = {
    N.DIGEST: DigestAnswer(4711),
    N.SEARCH_RESULT: DigestAnswer(4711),
    N.CONSULTATION: ConsultAnswer(7231, 1, "help@support.example.com"),
}
PARTS = ("words", "thread", "limits")  # of an order
TO_CUSTOMERS = (
    N.CONFIRMATION,
    N.ANSWER,
    N.INFORMATION_REQUEST,
    N.ESCALATION,
    N.RESOLUTION,
    N.REOPENED,
    N.REMINDER,
    N.CLOSING,
    N.CONSENT_REQUEST,
    N.PERMISSION_REQUEST,
    N.CONSULTATION,
    N.SELF_SERVICE,
    N.INCOMPLETE,
)
TO_STAFF = (
    *(N.NEW_TICKET, N.CUSTOMER_REPLY, N.INTERNAL_NOTE, N.ASSIGNMENT, N.ESCALATION, N.WOKEN),
    *(
        N.TARGET_WARNING,
        N.TARGET_MISSED,
        N.REOPENED,
        N.PERMISSION_ANSWER,
        N.HELD,
        N.RECEIPT,
        N.DELIVERY_FAILURE,
        N.DELIVERY_DELAY,
        N.ALARM,
        N.DIGEST,
        N.SEARCH_RESULT,
        N.WEEKLY_REPORT,
    ),
    N.INCIDENT_PROPOSAL,
)
EVERY = (*(("customer", notice) for notice in TO_CUSTOMERS), *(("staff", notice) for notice in TO_STAFF))
APART = {
    N.CONSULTATION: "",
    N.DIGEST: "Your open requests: 3",
    N.SEARCH_RESULT: "#find sign-in locked: 2",
    N.WEEKLY_REPORT: "The week in figures: 3 opened, 2 resolved",
}
ABOUT_A_TICKET = tuple(case for case in EVERY if case[1] not in APART)
IN_STAFF_WORDS = (N.ANSWER, N.INFORMATION_REQUEST, N.RESOLUTION, N.PERMISSION_REQUEST, N.CONSULTATION)

NOW = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)
KEYRING = Keyring((("a", b"k" * 32),))
LETTERHEAD = Letterhead(
    "Accoraze Support", "support.example.com", ReplyAddresses("{local}+{token}@{domain}", "support.example.com"), KEYRING
)
ANNA = Participant(1, Role.CUSTOMER, "anna@acme.example", "Anna Petrova")
OMAR = Participant(2, Role.STAFF, "omar@desk.example", "Omar Haddad")
TICKET = Ticket(
    id=7231,
    reference="ACZ-K7Q2M9",
    version=3,
    status=Status.IN_REVIEW,
    waiting_on=WaitingOn.SUPPORT,
    escalation_level=1,
    subject="Cannot log in",
    requester=1,
    account="acme",
    plan="business",
    category="account access",
    severity="normal",
    priority="normal",
    queue="general",
    assignee="omar@desk.example",
    support_address="help@support.example.com",
    thread_key="5f0c",
    language="en",
    created_at=datetime(2026, 11, 22, 19, 2, tzinfo=UTC),
    updated_at=datetime(2026, 11, 22, 21, 39, tzinfo=UTC),
    event_count=4,
    first_response_at=None,
    participants=(ANNA, OMAR),
    assurance=Assurance.AUTHENTICATED,
    automatic_letters=True,
    resolutions=1,
)
CUSTOMER_WORDS = """Hello,

since this morning the sign-in page only says "account locked".
I have tried two browsers, see https://status.example.com/incidents?id=4711&lang=en.

1. open the page
2. type my address
   nothing happens

Anna"""
STAFF_WORDS = """Hello Anna,

your account was locked after five wrong passwords. I have unlocked it.
Please choose a new one at https://app.example.com/password and try again.

Kind regards
Omar"""
SCREENSHOT = Attachment("screenshot.png", "image/png", 4, "a" * 64, None, False)
CONTENTS = {"a" * 64: b"\x89PNG"}

CUSTOMER_FACTS = CustomerFacts(
    received_attachments=("screenshot.png", "sign-in.log"),
    answer_by=datetime(2026, 11, 23, 13, 0, tzinfo=UTC),
    question="Which of the two keys did you try?\nAnd when was it last working?",
    timeline=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
    closes_at=datetime(2026, 11, 30, 9, 0, tzinfo=UTC),
    opens_at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
    dedicated_address="acme@accoraze.example",
    account="acme",
    handler=Handler.SENIOR,
)
ASKED_PERMISSION = Permission(
    1,
    "Delete the 14 orders of November that have no customer.",
    "omar@desk.example",
    "anna@acme.example",
    NOW,
    NOW + timedelta(days=14),
)
STAFF_FACTS = StaffFacts(
    customer=ANNA,
    account="acme",
    assurance=Assurance.AUTHENTICATED,
    answer_goes_to=("anna@acme.example",),
    targets=(Target(TargetKind.FIRST_RESPONSE, datetime(2026, 11, 23, 11, 30, tzinfo=UTC), "running"),),
    last_messages=(
        PastMessage("Anna Petrova", Direction.CUSTOMER, "Is there anything new?", datetime(2026, 11, 22, 20, 10, tzinfo=UTC)),
        PastMessage("Omar Haddad", Direction.SUPPORT, "I am looking at it now.", datetime(2026, 11, 22, 20, 31, tzinfo=UTC)),
    ),
    attachments=("screenshot.png",),
    related=(
        sentence(
            "{reference}, {status}: {subject}",
            reference="ACZ-7HJ2KM",
            status=sentence("closed"),
            subject="Cannot log in since the move",
        ),
    ),
    copied=(
        sentence("{person}, {what}", person="Paul Weber <paul@acme.example>", what=sentence("of the same account")),
        sentence("{person}, {what}", person="Lea Horn <lea@vendor.example>", what=sentence("a stranger")),
    ),
)
WORDS = {
    ("customer", N.ANSWER): STAFF_WORDS,
    ("customer", N.INFORMATION_REQUEST): "Which browser do you use, and since when does it happen?",
    ("customer", N.RESOLUTION): STAFF_WORDS,
    ("customer", N.CONSULTATION): "Hello Lea,\n\ndoes the scanner of series 5 forget its address after an update?",
    ("customer", N.PERMISSION_REQUEST): ASKED_PERMISSION.text,
    ("staff", N.NEW_TICKET): CUSTOMER_WORDS,
    ("staff", N.CUSTOMER_REPLY): "It still says locked.\nCould you have another look?",
    ("staff", N.REOPENED): "It is locked again.",
    ("staff", N.INTERNAL_NOTE): "The lock comes from the new rate limit. Ask Lena before unlocking.",
    ("staff", N.HELD): STAFF_WORDS,
}
AUTHORS = {
    **{("customer", notice): "Omar Haddad" for notice in IN_STAFF_WORDS},
    **{("staff", notice): "Anna Petrova" for notice in (N.NEW_TICKET, N.CUSTOMER_REPLY, N.REOPENED)},
    ("staff", N.INTERNAL_NOTE): "Lena Fischer",
}
ROWS = (
    replace(TICKET, status=Status.ESCALATED, priority="high", subject="Payments fail since the update of last night"),
    replace(TICKET, id=7232, reference="ACZ-QW3RT5", created_at=NOW - timedelta(minutes=50)),
    replace(TICKET, id=7233, reference="ACZ-2B7KM1", subject="", assignee=None, waiting_on=WaitingOn.CUSTOMER, priority="low"),
)
DUE = (
    Target(TargetKind.FIRST_RESPONSE, NOW - timedelta(hours=1), "missed"),
    Target(TargetKind.NEXT_RESPONSE, NOW + timedelta(hours=14), "running"),
    None,
)
LAST_WORD = LastWord("anna@acme.example", Direction.CUSTOMER, NOW - timedelta(minutes=90))
MONDAYS = [datetime(2026, 11, day, tzinfo=UTC) for day in (2, 9, 16)]


def _request_of_week(day: int, queue: str, plan: str, hours: int) -> TicketFacts:
    """A request of the week, asked at nine o'clock; answered and resolved after so many hours, or waiting still (0)."""
    asked_at = MONDAYS[1] + timedelta(days=day, hours=9)
    answered_at = asked_at + timedelta(hours=hours) if hours else None
    resolved = Move(asked_at + timedelta(hours=hours + 1), Status.IN_REVIEW, Status.RESOLVED)
    return TicketFacts(
        created_at=asked_at,
        queue=queue,
        plan=plan,
        category="technical issue",
        status=Status.RESOLVED if hours else Status.IN_REVIEW,
        waiting_on=WaitingOn.NOBODY if hours else WaitingOn.SUPPORT,
        first_response_at=answered_at,
        moves=(resolved,) if hours else (),
        clocks=(Clock(TargetKind.FIRST_RESPONSE, asked_at, ended_at=answered_at),),
        marks=() if hours else (Mark(asked_at + timedelta(days=1), (TargetKind.FIRST_RESPONSE,)),),
    )


ASKED = [
    _request_of_week(0, "general", "business", 1),
    _request_of_week(2, "billing", "starter", 3),
    _request_of_week(3, "general", "business", 0),
]
POLICY = Policy(addresses=(SupportAddress(address="help@support.example.com"),))
WEEKS = Weeks(
    report_of(DeskFacts(tuple(ASKED), 5, 9, 1, ratings=("good",)), POLICY, Span(MONDAYS[1], MONDAYS[2])),
    report_of(DeskFacts((), 0, 0, 0), POLICY, Span(MONDAYS[0], MONDAYS[1])),
)
FOUND = RequestList(
    plain("#find sign-in locked: 2"),
    (
        ListedRequest(
            DigestRow(1, 7231, "ACZ-K7Q2M9", 3),
            "Cannot log in",
            "Anna Petrova <anna@acme.example>",
            sentence("in review"),
            NOW,
            "… the sign-in page only says “locked” …",
        ),
        ListedRequest(
            DigestRow(2, 7230, "ACZ-7HJ2KM", 9),
            "",
            "carla@globex.example",
            sentence("closed"),
            NOW - timedelta(days=30),
            "It is locked again.",
        ),
    ),
)
CONFIRMED = sentence(
    "{state} {day}, the customer confirmed it", state=sentence("closed"), day=Day(datetime(2026, 10, 2, 9, tzinfo=UTC))
)
HISTORY = (
    sentence("{parts}: {subject}", parts=("ACZ-QW3RT5", sentence("in progress")), subject="Payments fail since the update"),
    sentence(
        "{parts}: {subject}",
        parts=(
            "ACZ-2B7KM1",
            sentence("{state}, rated {rating}", state=CONFIRMED, rating=sentence("good")),
            sentence("of {name}", name="Paul Weber"),
        ),
        subject="Scanner",
    ),
)


def _alike(reference: str, subject: str, who: str, minute: int) -> Sentence:
    at = datetime(2026, 11, 22, 19, minute, tzinfo=UTC)
    return sentence('{reference} "{subject}", {who}, {at}', reference=reference, subject=subject, who=who, at=at)


FACTS: dict[Notice, dict[str, Any]] = {
    N.NEW_TICKET: {
        "history": HISTORY,
        "triage": TriageFacts(
            (
                sentence(
                    "Category {value}: {reason}",
                    value="account access",
                    reason=sentence("{words} in {place}", words='"locked"', place=sentence("the text")),
                ),
                sentence(
                    "Priority {priority}: severity {value}, impact {value_b} ({reason})",
                    priority="normal",
                    value="normal",
                    value_b="normal",
                    reason=sentence("plan {plan}", plan="business"),
                ),
            ),
            (sentence("which account"),),
            "To help you quickly, we still need:\n- the user name or e-mail address of the account concerned (never a password)",
        ),
    },
    N.CUSTOMER_REPLY: {
        "warnings": (
            sentence(
                "Unverified sender: {writer} takes no part in this ticket. Answers do not go there.", writer="eve@vendor.example"
            ),
            sentence("The sender may be forged: {reason}.", reason=sentence("DMARC failed")),
        )
    },
    N.RECEIPT: {
        "outcome": (
            sentence("Nothing of this mail was carried out."),
            sentence('"{line}": unknown command. Did you mean #{near}? #help lists all.', line="#prioty high", near="priority"),
        ),
        "last_messages": (),
        "attachments": (),
    },
    N.TARGET_MISSED: {
        "targets": (
            Target(TargetKind.FIRST_RESPONSE, NOW - timedelta(minutes=1), "missed"),
            Target(TargetKind.RESOLUTION, NOW + timedelta(days=2), "running"),
        ),
        "outcome": (
            sentence("{reference} is now at level {level}.", reference="ACZ-K7Q2M9", level=1),
            sentence("The customer has been told."),
        ),
    },
    N.ESCALATION: {
        "targets": (Target(TargetKind.GIVEN_DATE, NOW + timedelta(days=2), "running"),),
        "outcome": (sentence("The customer has been told."),),
    },
    N.HELD: {
        "warnings": (
            sentence("Nothing proves that {author} wrote this: {reason}.", author="Omar", reason=sentence("DMARC failed")),
        ),
        "related": (sentence("{reference}, of another queue", reference="ACZ-QW3RT5"),),
        "choices": (
            Choice("send", sentence("{effects}.", effects=sentence("its text goes to {to}", to="anna@acme.example"))),
            Choice("note", sentence("its text becomes an internal note; nothing goes to a customer.")),
            Choice("discard", sentence("the mail is dropped; nobody gets it.")),
        ),
    },
    N.DELIVERY_FAILURE: {
        "outcome": (
            sentence(
                "The letter ({name}) to {recipient} did not arrive: {cause}.",
                name=sentence("answer"),
                recipient="anna@acme.example",
                cause=sentence(
                    "{words} ({said})", words=sentence("there is no mailbox of this address"), said="5.1.1 no such user"
                ),
            ),
            sentence(
                "It does not count as the first answer, which is due by {at}.", at=datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
            ),
        ),
        "remarks": (
            sentence(
                "An automatic answer came from {author}, {at}: {text}",
                author="anna@acme.example",
                at=datetime(2026, 11, 22, 20, 40, tzinfo=UTC),
                text="I am away until Monday.",
            ),
        ),
    },
    N.PERMISSION_ANSWER: {
        "permissions": (
            sentence(
                "Permission given by {asked} at {at}, {way} ({reason}): “{text}”",
                asked="anna@acme.example",
                at=Recorded(datetime(2026, 11, 22, 21, 39, tzinfo=UTC)),
                text="Delete them.",
                way=sentence("by the address in the letter"),
                reason=sentence("DMARC passed, signed by DKIM"),
            ),
        ),
    },
    N.ALARM: {"outcome": (sentence("The desk has sent as many automatic letters as it may; further ones are withheld."),)},
    N.DIGEST: {
        "digest": DigestFacts(
            tuple(OpenTicket(number, ROWS[number - 1], NOW, DUE[number - 1], LAST_WORD) for number in (1, 2, 3))
        )
    },
    N.SEARCH_RESULT: {"listed": FOUND},
    N.WEEKLY_REPORT: {"weeks": WEEKS},
    N.INCIDENT_PROPOSAL: {
        "outcome": (
            _alike("ACZ-K7Q2M9", "Cannot log in", "Anna Petrova <anna@acme.example>", 2),
            _alike("ACZ-QW3RT5", "Login page says 503", "Carla Rossi <carla@globex.example>", 11),
        ),
        "remarks": (sentence("What they have in common: {names}", names="login, 503"),),
    },
    N.DELIVERY_DELAY: {
        "outcome": (
            sentence(
                "The letter ({notice}) to {recipient} still waits: {reply}",
                notice=sentence("answer"),
                recipient="anna@acme.example",
                reply="4.7.1 come back later",
            ),
        )
    },
}


def order(audience: str, notice: Notice, **changes: Any) -> LetterOrder:
    """The order of a usual letter of this kind, with changes."""
    staff = audience == "staff"
    automatic = staff or notice not in IN_STAFF_WORDS
    usual = LetterOrder(
        id=91,
        notice=notice,
        to=OMAR if staff else ANNA,
        ticket=None if notice in APART else TICKET,
        subject=APART.get(notice, ""),
        answer=ANSWERED.get(notice),
        facts=replace(STAFF_FACTS, **FACTS.get(notice, {})) if staff else _customer_facts(notice),
        automatic=automatic,
        words=LetterWords(WORDS.get((audience, notice), ""), AUTHORS.get((audience, notice), "")),
        thread=LetterThread("first@acme.example", ("first@acme.example",)),
    )
    return _with_changes(usual, changes)


def _customer_facts(notice: Notice) -> CustomerFacts:
    if notice is N.PERMISSION_REQUEST:
        return replace(CUSTOMER_FACTS, permission=ASKED_PERMISSION)
    if notice is N.INCOMPLETE:
        return replace(CUSTOMER_FACTS, megabytes=42)
    return replace(CUSTOMER_FACTS, timeline=None) if notice is N.ANSWER else CUSTOMER_FACTS


def _with_changes(usual: LetterOrder, changes: dict[str, Any]) -> LetterOrder:
    """Changes by the names of fields, those of the parts of an order included."""
    for part in PARTS:
        value = getattr(usual, part)
        inside = {field.name: changes.pop(field.name) for field in fields(value) if field.name in changes}
        usual = replace(usual, **{part: replace(value, **inside)})
    return replace(usual, **changes)
