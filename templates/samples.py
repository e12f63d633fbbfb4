"""Sample letters: one of each notice to a customer, in each language, about a ticket that does not exist."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from helpdesk.config.reply_addresses import ReplyAddresses
from helpdesk.templates.appearance import NO_PAGES, PLAIN, Appearance, Pages
from helpdesk.templates.catalogue import Speech, built_in_strings
from helpdesk.templates.compose import compose
from helpdesk.templates.letterhead import Letterhead
from helpdesk.templates.render import Renderer
from helpdesk.threading.letters.letter import Letter
from helpdesk.threading.letters.order import NO_WORDS, CustomerFacts, Handler, LetterOrder, LetterThread, LetterWords
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Participant, Role
from helpdesk.threading.model.permission import Permission
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.trust.tokens import Keyring

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DOMAIN = "support.example.com"
ANNA = Participant(1, Role.CUSTOMER, "anna@acme.example", "Anna Petrova")
STRANGER = Participant(2, Role.CUSTOMER, "paul.weber@partner.example", "Paul Weber")
OMAR = "Omar Haddad"
PLAN = "business"
# Notices with words of a staff member, and the key of the sample text. All other notices are written by the desk alone.
SPOKEN = {
    Notice.ANSWER: "sample.answer",
    Notice.INFORMATION_REQUEST: "sample.question",
    Notice.RESOLUTION: "sample.answer",
    Notice.PERMISSION_REQUEST: "sample.permission",
    Notice.CONSULTATION: "sample.question",
}
FACTS = CustomerFacts(
    received_attachments=("screenshot.png",),
    answer_by=AT + timedelta(hours=27),
    timeline=AT + timedelta(hours=51),
    closes_at=AT + timedelta(days=7),
    opens_at=AT + timedelta(hours=23),
    dedicated_address=f"vip@{DOMAIN}",
    handler=Handler.SENIOR,
)


@dataclass(frozen=True, slots=True)
class Dress:
    """How sample letters look, and the pages that they name."""

    look: Appearance = PLAIN
    pages: Pages = NO_PAGES
    request_page: str = ""


EVERYTHING = Dress(
    Appearance(footer="Example Ltd · 1 High Street · London"),
    Pages("https://www.example.com/help", "https://community.example.com"),
    "https://app.example.com/support/new",
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One letter of a notice.

    `name` is "usual", "fixed" (to somebody unproved), "bare" (without everything optional) or "spoken" (with words of a
    staff member).
    """

    name: str
    order: LetterOrder


def sample_letter(order: LetterOrder, renderer: Renderer, desk_name: str, zone: str, dress: Dress = EVERYTHING) -> Letter:
    """The letter with final octets. Its tokens belong to no desk, so a reply to it would reach no ticket."""
    keyring = Keyring((("sample", bytes(32)),))
    addresses = ReplyAddresses("{local}+{token}@{domain}", DOMAIN)
    letterhead = Letterhead(
        desk_name,
        DOMAIN,
        addresses,
        keyring,
        zone=zone,
        looks={f"help@{DOMAIN}": dress.look},
        pages={PLAN: dress.pages},
        request_page=dress.request_page,
        renderer=renderer,
    )
    return compose(order, letterhead, {}, AT)


def samples(notice: Notice, language: str) -> Iterator[Sample]:
    """Orders that together use every branch that a template usually has."""
    usual = sample_order(notice, language)
    bare = replace(usual.to, name="")
    yield Sample("usual", usual)
    yield Sample("fixed", replace(usual, fixed_text=True))
    yield Sample("bare", replace(usual, to=bare, facts=CustomerFacts(), words=NO_WORDS))
    yield Sample("spoken", replace(usual, words=_words(language, "sample.answer")))


def sample_order(notice: Notice, language: str) -> LetterOrder:
    """The usual letter of a notice."""
    spoken = SPOKEN.get(notice)
    return LetterOrder(
        id=91,
        notice=notice,
        to=ANNA,
        ticket=_ticket(language),
        facts=_facts(notice, language),
        automatic=spoken is None,
        words=_words(language, spoken) if spoken else NO_WORDS,
        thread=LetterThread("first@acme.example", ("first@acme.example",)),
    )


def _permission(notice: Notice) -> Permission | None:
    asked = Permission(1, "", "omar@desk.example", ANNA.address, AT, AT + timedelta(days=14))
    return asked if notice is Notice.PERMISSION_REQUEST else None


def _facts(notice: Notice, language: str) -> CustomerFacts:
    """The facts of a usual letter. A usual answer promises no date."""
    return replace(
        FACTS,
        stranger=STRANGER if notice is Notice.CONSENT_REQUEST else None,
        permission=_permission(notice),
        question=_sample_text(language, "sample.question"),
        timeline=None if notice is Notice.ANSWER else FACTS.timeline,
        megabytes=42 if notice is Notice.INCOMPLETE else 0,
    )


def _words(language: str, key: str) -> LetterWords:
    return LetterWords(_sample_text(language, key), OMAR)


def _sample_text(language: str, key: str) -> str:
    return built_in_strings(Speech(language).language)[key]


def _ticket(language: str) -> Ticket:
    return Ticket(
        id=7231,
        reference="HD-K7Q2M9",
        version=3,
        status=Status.IN_REVIEW,
        waiting_on=WaitingOn.SUPPORT,
        escalation_level=1,
        subject=_sample_text(language, "sample.subject"),
        requester=1,
        account="acme",
        plan=PLAN,
        category="account access",
        severity="normal",
        priority="normal",
        queue="general",
        assignee=None,
        support_address=f"help@{DOMAIN}",
        thread_key="sample",
        language=language,
        created_at=AT - timedelta(hours=1),
        updated_at=AT,
        event_count=4,
        first_response_at=None,
        participants=(ANNA,),
        assurance=Assurance.AUTHENTICATED,
        automatic_letters=True,
        resolutions=1,
    )
