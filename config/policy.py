"""The desk: what it promises and to whom. Equal on all nodes; `digest` lets nodes compare."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Any, Literal, TypeVar

from helpdesk.config.hours import windows
from helpdesk.config.lexicon import Lexicon, Lexicons
from helpdesk.config.public_holidays import public_holidays
from helpdesk.config.ready_answers import ReadyAnswer, built_in_answers, merged
from helpdesk.config.rules import MOST_RULES, SortingRule, SpamVerdicts
from helpdesk.config.section import (
    DERIVED,
    Derived,
    Duration,
    DurationOrNever,
    Field,
    NameInFile,
    Section,
    Timeout,
    ValueType,
    duration,
    model_validator,
)
from helpdesk.config.triage import DEFAULT_CATEGORIES, Alarms, Category, Priorities, Route, Severities, Triage
from helpdesk.config.values import (
    SEVERITIES,
    Address,
    BannerText,
    Clock,
    Colour,
    Domain,
    HelpPage,
    Holiday,
    Hours,
    Language,
    Lines,
    Name,
    PasswordHash,
    Severity,
    WebPage,
    Zone,
)

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class SupportAddress(Section):
    """A support address. Write one [[address]] for each."""

    address: Address = Field(
        description="The address, at desk.domain. It has no +, and at most 18 characters before the @ with the reply_address above.",
    )
    queue: Name = Field(
        default="general",
        description="Queue in which its tickets wait. A queue exists when somebody in [[staff]] works in it.",
    )
    plan: Name | None = Field(
        default=None,
        description="For a dedicated channel: the plan of requests here. Together with account it holds for that account's contacts alone.",
        examples=["custom"],
    )
    account: Name | None = Field(
        default=None,
        description="For a dedicated channel: the account whose contacts it is for. Everybody else who writes here is a stranger.",
        examples=["acme"],
    )
    name: Literal[""] | Name = Field(
        default="", description='Name in From and at the head of its letters to customers; "" stands for desk.name.'
    )
    signature: Lines = Field(
        default="",
        description='Lines below the name of the author of each letter to a customer from this address; "" stands for the name above. '
        'Several lines stand in three quotation marks: """…""".',
    )
    footer: Lines = Field(
        default="", description="Lines at the foot of its letters to customers, such as what the law asks of a company."
    )
    accent: Literal[""] | Colour = Field(
        default="",
        description="Colour of the bar and the buttons of its letters to customers. Its contrast on a light page is 3 at least; "
        'dark letters show it as light as they need. "" stands for the built-in look.',
    )


class Staff(Section):
    """A member of staff. Write one [[staff]] for each."""

    name: Name = Field(description="Name of the member, as letters show it.")
    address: Address = Field(description="Where their letters go, and whose mail has authority when it is authenticated.")
    addresses: tuple[Address, ...] = Field(
        default=(),
        description="Further addresses from which they write. Proved mail from one of them is theirs, and letters go to `address`. "
        "Without `address` the first of these takes its place.",
    )
    role: Literal["agent", "senior", "manager"] = Field(
        default="agent", description="A senior takes escalations too, and managers get the weekly report."
    )
    queues: tuple[Name, ...] = Field(default=("general",), description="Queues in which they work.")
    password: PasswordHash = Field(
        default="",
        description='For sending through the SMTP door: `helpdesk staff password` prints this line. With "" they cannot log in.',
    )
    hours: Hours = Field(
        default="",
        description='Their hours on the desk\'s working days, such as "09:00-13:00"; "" stands for all hours of the desk.',
    )
    deputy: Address | None = Field(
        default=None,
        description="Address of the colleague who is told about their requests too while they are away. "
        "Without one, the queue of the request is told.",
    )
    zone: Literal[""] | Zone = Field(
        default="", description='Time zone of the times in their letters; "" stands for that of [calendar].'
    )
    language: Literal["en", "de", "fr", "es", "it", "pt", "nl"] = Field(default="en", description="Language of their letters.")
    signature: Lines = Field(
        default="", description="Lines below their name in letters to customers, such as their position and telephone number."
    )
    letters: Literal["all", "own", "digest"] = Field(
        default="all",
        description='Which letters about requests they get: "own" leaves out those about requests that are not in their hands, '
        '"digest" those about what customers and colleagues write; the digest (digest_at of [answering]) lists them. '
        "Letters with a warning, about their own mail and about what is newly theirs always come.",
    )

    @model_validator(mode="before")
    @classmethod
    def _first_of_several(cls, values: Any) -> Any:
        """Take the first of several addresses for the one to which letters go, where none is written apart."""
        several = values.get("addresses") if isinstance(values, dict) else None
        if not isinstance(several, list | tuple) or not several:
            return values
        first = values.get("address", several[0])
        return {**values, "address": first, "addresses": tuple(further for further in several if further != first)}


class Account(Section):
    """A customer's organisation. Write one [[account]] for each."""

    id: Name = Field(description="Name of the account. The platform knows it by the same name.")
    plan: Name = Field(default="starter", description="Plan of its requests.")
    contacts: tuple[Address, ...] = Field(default=(), description="Addresses that belong to it.")
    people: dict[Name, tuple[Address, ...]] = Field(
        default_factory=dict,
        description="Contacts with several addresses. When a letter does not reach one of them, the next is tried: "
        '{ "Paul Weber" = ["p@…", "paul@…"] }.',
    )
    domains: tuple[Domain, ...] = Field(
        default=(), description="Mail domains of which every authenticated address belongs to it."
    )
    severity: Severity = Field(default="low", description="Lowest severity of its requests.")
    calendar: Name | None = Field(
        default=None,
        description="A [calendars.NAME] by which promises to it count. Without it [calendar] counts.",
        examples=["america"],
    )
    language: Literal[""] | Language = Field(
        default="", description='Language of its letters where a mail is too short to tell; "" stands for default_language.'
    )
    zone: Literal[""] | Zone = Field(
        default="",
        description='Time zone of the times in its letters; "" stands for that of the region of its language, as in "de-AT", else for that of [calendar].',
    )

    @property
    def addresses(self) -> dict[str, str]:
        """Every contact's address, with the name of its owner or ""."""
        listed = {address: name for name, addresses in self.people.items() for address in addresses}
        return dict.fromkeys(self.contacts, "") | listed


class PeopleInDatabase(Section):
    """What this file has to know of the people whom `helpdesk staff import` brings."""

    queues: tuple[Name, ...] = Field(
        default=(), description="Queues in which only such people work. Those of [[staff]] need not be named here."
    )


class Targets(Section):
    """Promised times, in working time of the calendar. A time that is not written is not promised."""

    first_response: Timeout | None = Field(default=None, description="Time until the first answer.", examples=["8h"])
    next_response: Timeout | None = Field(
        default=None, description="Time until the answer to each later message of the customer.", examples=["8h"]
    )
    resolution: Timeout | None = Field(default=None, description="Time until the request is resolved.", examples=["40h"])


class Plan(Targets):
    """What customers of a plan are promised.

    As soon as one plan is written, only the written ones exist. What is not written is not promised. Times are working time of
    [calendar]; "1d" is 24 working hours. At 75 % of a time the team is warned, at 100 % the ticket escalates.
    """

    self_service: HelpPage = Field(
        default="",
        description='Address of the help pages that letters to its customers name; "" names none.',
        examples=["https://www.example.com/help"],
    )
    community: Literal[""] | WebPage = Field(
        default="",
        description='Address of the community that letters to its customers name; "" names none.',
        examples=["https://community.example.com"],
    )
    answers: Literal["person", "self_service"] = Field(
        default="person",
        description='Who answers: "self_service" for nobody. Its customers are told so at once, their requests are kept and wait for '
        "nobody, and staff may answer them all the same. Words that need a person now reach one, as on every plan.",
    )
    low: Targets = Field(
        default=Targets(),
        description='Other times for this severity: { first_response = "1h", resolution = "16h" }. They go before those above.',
    )
    normal: Targets = Field(default=Targets(), description="Other times for this severity.")
    high: Targets = Field(default=Targets(), description="Other times for this severity.")
    critical: Targets = Field(default=Targets(), description="Other times for this severity.")

    @model_validator(mode="after")
    def _nobody_promises_nothing(self) -> "Plan":
        if self.is_self_service and any(
            self.promised(target, severity) for target in Targets.model_fields for severity in SEVERITIES
        ):
            raise ValueError('no person answers with answers = "self_service", so no time can be promised; take the times out')
        if self.is_self_service and not (self.self_service or self.community):
            raise ValueError('answers = "self_service" needs an address to point to; write self_service or community')
        return self

    @property
    def is_self_service(self) -> bool:
        """Whether no person answers its requests."""
        return self.answers == "self_service"

    def promised(self, target: str, severity: str) -> timedelta | None:
        """The time for a target, such as `first_response`; None where there is no promise."""
        own = getattr(self, severity) if severity in SEVERITIES else None
        special: timedelta | None = getattr(own, target, None)
        general: timedelta | None = getattr(self, target)
        return general if special is None else special


class Calendar(Section):
    """When the desk works. Promises count these hours alone."""

    zone: Zone = Field(default="UTC", description='Time zone by its IANA name, such as "Europe/Berlin".')
    monday: Hours = Field(
        default="09:00-17:00",
        description='Hours by the clock on the wall. Several windows: "09:00-12:00, 13:00-17:00"; until midnight: "22:00-24:00"; a day off: "".',
    )
    tuesday: Hours = Field(default="09:00-17:00", description="As on monday.")
    wednesday: Hours = Field(default="09:00-17:00", description="As on monday.")
    thursday: Hours = Field(default="09:00-17:00", description="As on monday.")
    friday: Hours = Field(default="09:00-17:00", description="As on monday.")
    saturday: Hours = Field(default="", description="As on monday.")
    sunday: Hours = Field(default="", description="As on monday.")
    holidays: tuple[Holiday, ...] = Field(default=(), description='Single days off: ["2026-12-25", "2026-12-26"].')
    country: Annotated[str, ValueType("ISO 3166-1 code")] = Field(
        default="", description='Country whose public holidays are days off, such as "DE"; "" for none.'
    )
    subdivision: Annotated[str, ValueType("ISO 3166-2 code")] = Field(
        default="", description='Part of the country whose public holidays are days off too: "BE" for Berlin in "DE".'
    )

    @model_validator(mode="after")
    def _some_day_is_worked(self) -> "Calendar":
        if not any(windows(getattr(self, day)) for day in WEEKDAYS):
            raise ValueError("no day of the week has hours, so no promise could ever be kept; write hours for one at least")
        return self

    @model_validator(mode="after")
    def _holidays_are_known(self) -> "Calendar":
        if self.subdivision and not self.country:
            raise ValueError("subdivision says which part of a country; write the country too")
        public_holidays(self.country, self.subdivision, 2026)
        return self

    def is_holiday(self, day: date) -> bool:
        return day.isoformat() in self.holidays or day in public_holidays(self.country, self.subdivision, day.year)


class Escalation(Section):
    """What happens when a promise is missed."""

    highest_level: int = Field(default=2, ge=1, le=9, description="How often a ticket can escalate.")


class Closing(Section):
    """How tickets end by silence."""

    settle_after: DurationOrNever = Field(
        default=duration("5d"),
        description="Silence after an answer, in working time, before the request counts as resolved and the customer is asked "
        'whether the answer solved it: "5d" are five working days. "" for never.',
    )
    close_after: Duration = Field(default=duration("5d"), description="Silence after a resolution before the ticket closes.")
    reopen_within: Duration = Field(
        default=duration("30d"),
        description="How long after the closing a reply reopens the ticket. A later reply opens a linked follow-up ticket.",
    )
    remind_after: tuple[Annotated[int, Field(ge=1, le=60)], ...] = Field(
        default=(2, 5),
        description="Working days after a question to the customer without a reply, 1 to 60: one reminder each. [] for no reminders.",
    )
    close_after_reminders: int = Field(
        default=5, ge=1, le=60, description="Working days after the last reminder before the ticket closes."
    )

    @model_validator(mode="after")
    def _reminders_follow_each_other(self) -> "Closing":
        if any(later <= earlier for earlier, later in pairwise(self.remind_after)):
            raise ValueError("remind_after counts working days from the question, so each is more than the one before: [2, 5]")
        return self


class Answering(Section):
    """How staff work by mail."""

    undo_window: Duration = Field(
        default=duration("30s"),
        description='How long a letter to a customer waits before it leaves. Until then #undo takes it back; "0s" for no wait.',
    )
    undo_within: Duration = Field(default=duration("1d"), description="How long other steps can be taken back.")
    permission_within: Timeout = Field(
        default=duration("14d"),
        description="How long a customer can answer #permission, the question whether support may change their data. Halfway it is repeated once.",
    )
    hold_for: Duration = Field(default=duration("7d"), description="How long #send lets a held mail go.")
    prove_within: Duration = Field(
        default=duration("30m"), description="How long #send lets a held mail go where the answer has to prove who its author is."
    )
    stale_guard: Literal["anyone", "colleague", "off"] = Field(
        default="anyone",
        description='Whose newer message holds an answer back: that of anyone, or only of a colleague; "off" holds none back.',
    )
    digest_at: Clock = Field(
        default="08:00",
        description='When each member of staff gets the list of their open requests, on working days; "" for never.',
    )
    weekly_at: Clock = Field(
        default="08:00",
        description='When managers get the report of the week before, on the first working day of a week; "" for never.',
    )


class Letters(Section):
    """What letters carry."""

    attachments: int = Field(
        default=20_000_000,
        ge=10_000,
        le=1_000_000_000,
        description="Octets that the files of one letter may have together. In a letter they take 37 percent more, and relay and recipients "
        "must accept that. What is larger stays behind and is named, with a way to get it.",
    )


class Permissions(Section):
    """Whose requests agents read and act on. Seniors and managers may do so everywhere."""

    agents: Literal["", "queues", "all"] = Field(
        default="",
        description='"queues": requests that are in their queues or their hands, or were; "all": every request. "" is "all" where '
        'every agent works in every queue, and "queues" elsewhere.',
    )


class Participants(Section):
    """People whom customers copied on their mail and who answer all."""

    colleagues: Literal["join", "ask", "record"] = Field(
        default="join",
        description='"join": colleagues of the requester\'s account, proved by their mail, take part from then on; "ask": the requester is '
        'asked first; "record": their words are kept and shown to staff, as those of everybody else whom a customer copied.',
    )


class Threading(Section):
    """Which request a mail belongs to."""

    several_addresses: Literal["first", "each"] = Field(
        default="first",
        description='A new mail to several support addresses: "first" opens one request, in the queue of the address that stands first in '
        'To, or else in Cc; "each" opens one in each of their queues.',
    )


class ReadingRules(Section):
    """How mail is read."""

    banners: tuple[BannerText, ...] = Field(
        default=(),
        max_length=50,
        description="Whole texts that a mail filter of yours, or of your customers, puts above or below mail, word by word; 1 to 60 words "
        "each. Such lines are nobody's words. The usual ones are known without this list.",
        examples=[["This message came through the Globex gateway. Think before you reply."]],
    )


class Retry(Section):
    """Letters that the relay could not take yet."""

    waits: tuple[Timeout, ...] = Field(
        default=tuple(map(duration, ("1m", "5m", "15m", "30m", "1h", "2h", "4h"))),
        min_length=1,
        description="Waits between tries. The last one repeats.",
    )
    give_up_after: Timeout = Field(
        default=timedelta(days=5), description="Time after which the letter has failed, and the ticket's team is told."
    )
    delay_notice_after: Timeout = Field(
        default=timedelta(hours=4), description="Time after which the team is told once that a letter to a customer still waits."
    )


class Automatic(Section):
    """How many letters that nobody wrote may go out. Above these counts they are withheld, and tickets open all the same.

    The counts whose names begin with unsure are for letters that are brought about by mail that does not prove
    its author: somebody else may have written in their name. These letters are counted apart from all others, so that a flood of such mail costs nobody a letter who has proved who they are.
    """

    address_hour: int = Field(
        default=10,
        ge=1,
        description="Letters to one address within an hour. Its spellings with dots or after a plus count as one.",
    )
    address_day: int = Field(default=40, ge=1, description="Letters to one address within a day.")
    domain_hour: int = Field(default=1000, ge=1, description="Letters to all addresses of one domain within an hour.")
    unsure_confirmations_hour: int = Field(
        default=1,
        ge=1,
        description="Confirmations within an hour to one address in whose name unproved mail came. It may be a forger's victim.",
    )
    unsure_address_day: int = Field(default=5, ge=1, description="Letters of all kinds to such an address within a day.")
    unsure_domain_hour: int = Field(default=50, ge=1, description="Letters to all such addresses of one domain within an hour.")
    unsure_desk_minute: int = Field(
        default=150,
        ge=1,
        description="Letters of the whole desk to such authors within a minute, and never more than desk_minute.",
    )
    unsure_desk_hour: int = Field(
        default=1500, ge=1, description="Letters of the whole desk to such authors within an hour, and never more than desk_hour."
    )
    unsure_staff_ten_minutes: int = Field(
        default=20,
        ge=1,
        description="Letters to one member of staff about mail of such authors within ten minutes. One letter lists the requests above that.",
    )
    desk_minute: int = Field(
        default=300,
        ge=1,
        description="Letters of the whole desk to all others within a minute. When it is reached, managers get one letter about it.",
    )
    desk_hour: int = Field(default=3000, ge=1, description="Letters of the whole desk to all others within an hour.")
    held_hour: int = Field(
        default=3,
        ge=1,
        description="Letters to one member of staff within an hour about held mail that nothing proves to be theirs. Then comes one alarm.",
    )
    loop_letters: int = Field(
        default=3,
        ge=2,
        description="So many letters to one address within an hour, each answered at once in words that are alike, are a loop: "
        "another machine answers.",
    )
    loop_answer_within: Timeout = Field(default=duration("2m"), description="What counts as answered at once.")


class SuppressionSpans(Section):
    """How long letters to an address are kept back. `helpdesk suppress lift ADDRESS` ends it."""

    unknown_mailbox: Timeout = Field(
        default=duration("30d"), description="After a report that says for good that there is no such mailbox."
    )
    full_mailbox: Timeout = Field(default=duration("1d"), description="After a report that the mailbox is full or out of order.")
    complaint: Timeout = Field(
        default=duration("365d"), description="After its reader called a letter spam: nothing automatic goes there."
    )


class Retention(Section):
    """How long the desk keeps what it has. Each span is a day at least; without one, all of it stays.

    A node looks every ten minutes, and takes in small steps what is over. A request that is not closed keeps everything.
    """

    raw_mail: DurationOrNever = Field(
        default=None,
        description="How long the octets of a mail stay as they came. Its words on the request stay. Mail in quarantine stays.",
        examples=["90d"],
    )
    files: DurationOrNever = Field(
        default=None,
        description='How long files stay. They lie in the mail that brought them, which stays as long. "" stands for raw_mail.',
        examples=["180d"],
    )
    letters: DurationOrNever = Field(
        default=None,
        description="How long the octets of a letter stay after it has been sent or given up. What it says stays.",
        examples=["30d"],
    )
    closed_tickets: DurationOrNever = Field(
        default=None,
        description="How long a request stays with all that belongs to it, counted from its closing. The same span holds for mail and letters "
        "of no request.",
        examples=["730d"],
    )
    legal_hold: tuple[str, ...] = Field(
        default=(),
        description="Whose requests and mail are neither purged nor erased: addresses, domains as @acme.example, ids of accounts, references.",
        examples=[["anna@acme.example", "HD-K7Q2M9"]],
    )

    @model_validator(mode="after")
    def _spans_are_days(self) -> "Retention":
        for name in ("raw_mail", "files", "letters", "closed_tickets"):
            span = getattr(self, name)
            if span is not None and span < timedelta(days=1):
                raise ValueError(f'{name} must be a day at least, such as "90d", or "" for ever')
        return self

    @property
    def mail_with_files(self) -> timedelta | None:
        """How long a mail stays that has files."""
        return self.files if self.files is not None else self.raw_mail


class Form(Section):
    """A machine that writes for people, such as a web form or a shop. The desk answers the person in its Reply-To.

    No-reply addresses and the usual names of web forms are known. Write one [[form]] for each other one.
    """

    address: Address | None = Field(
        default=None,
        description="The address in its From. Write address or domain, one of both.",
        examples=["orders@webshop.example"],
    )
    domain: Domain | None = Field(
        default=None, description="Domain of which all addresses are such machines.", examples=["forms.example"]
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> "Form":
        if (self.address is None) == (self.domain is None):
            raise ValueError("write address or domain, one of both")
        return self

    def covers(self, address: str) -> bool:
        """Whether a canonical address is one of the form's."""
        if self.address is not None:
            return address == self.address.lower()
        return address.rpartition("@")[2] == self.domain


class Busy(Section):
    """When a queue counts as busy. Its confirmations then tell the time that answers really take.

    That time is measured: the working time within which nine of ten first answers come.
    """

    enter_above: Timeout = Field(default=duration("8h"), description="Above this measured time the queue is busy.")
    leave_below: Timeout = Field(default=duration("6h"), description="Below this measured time it is not busy any more.")
    answers: int = Field(
        default=30, ge=10, le=500, description="With fewer first answers than these within the window nothing is measured."
    )
    window: Timeout = Field(default=duration("28d"), description="How far back first answers are measured.")

    @model_validator(mode="after")
    def _it_ends_below_where_it_begins(self) -> "Busy":
        if self.leave_below >= self.enter_above:
            raise ValueError("leave_below must be less than enter_above, or a queue would be busy and not busy by turns")
        return self


class Incidents(Section):
    """When requests that are alike are proposed to a senior as one incident."""

    propose_from: int = Field(
        default=5, ge=0, le=100, description="Number of customers whose requests are alike, 2 at least; 0 for never."
    )
    within: Timeout = Field(default=duration("4h"), le=duration("7d"), description="Span within which these requests came.")

    @model_validator(mode="after")
    def _one_customer_is_no_incident(self) -> "Incidents":
        if self.propose_from == 1:
            raise ValueError("propose_from counts customers whose requests are alike: 2 at least, or 0 for never")
        return self


DEFAULT_PLANS = {
    "free": Plan(),
    "starter": Plan(first_response=duration("8h")),
    "business": Plan(first_response=duration("4h")),
    "custom": Plan(first_response=duration("2h")),
}


OF_ACCOUNTS: set[Callable[..., object]] = set()  # what is computed from the accounts of a policy
ORIGIN = (
    "_origin"  # where a policy with other accounts keeps the one that it was made of; pydantic does not write what is no field
)
Computed = TypeVar("Computed", bound=Callable[..., object])


def of_accounts(build: Computed) -> Computed:
    """Mark what is computed from the accounts of a policy by `derived`, so that a policy with other accounts computes it anew."""
    OF_ACCOUNTS.add(build)
    return build


class Policy(Section):
    """The whole policy. The order of sections is that of the configuration file."""

    default_category: str = Field(default="technical issue", description="Category of a mail in which no category finds a word.")
    default_plan: str = Field(default="free", description="Plan of a customer without an account.")
    default_queue: str = Field(
        default="general", description="Queue of a category without one, unless the support address names one."
    )
    default_language: str = Field(
        default="en",
        description="Language of letters to a customer whose mail is too short to tell: en, de, fr, es, it, pt or nl; or with the region "
        'by which dates are written, such as "pt-BR".',
    )
    addresses: Annotated[tuple[SupportAddress, ...], NameInFile("address")]
    staff: tuple[Staff, ...] = ()
    directory: PeopleInDatabase = PeopleInDatabase()
    accounts: Annotated[tuple[Account, ...], NameInFile("account")] = ()
    plans: dict[str, Plan] = DEFAULT_PLANS
    triage: Triage = Triage()
    categories: Annotated[dict[str, Category], NameInFile("categories", completed=True)] = DEFAULT_CATEGORIES
    severities: Severities = Severities()
    priorities: Priorities = Priorities()
    routes: Annotated[tuple[Route, ...], NameInFile("route")] = ()
    rules: Annotated[tuple[SortingRule, ...], NameInFile("rule"), Field(max_length=MOST_RULES)] = ()
    spam: SpamVerdicts = SpamVerdicts()
    forms: Annotated[tuple[Form, ...], NameInFile("form")] = ()
    alarms: Alarms = Alarms()
    calendar: Calendar = Calendar()
    calendars: dict[str, Calendar] = Field(
        default_factory=dict, description="Other calendars, each a table [calendars.NAME], for accounts that name one."
    )
    busy: Busy = Busy()
    incidents: Incidents = Incidents()
    escalation: Escalation = Escalation()
    closing: Closing = Closing()
    answering: Answering = Answering()
    letters: Letters = Letters()
    permissions: Permissions = Permissions()
    participants: Participants = Participants()
    threading: Threading = Threading()
    reading: ReadingRules = ReadingRules()
    retry: Retry = Retry()
    automatic: Automatic = Automatic()
    suppression: SuppressionSpans = SuppressionSpans()
    retention: Retention = Retention()
    ready_answers: Annotated[tuple[ReadyAnswer, ...], NameInFile("ready_answer")] = ()
    digest: Annotated[str, NameInFile("")] = ""

    @property
    def queues(self) -> tuple[str, ...]:
        """Every queue that has a member, by name."""
        return tuple(sorted({queue for member in self.staff for queue in member.queues}))

    @property
    def agents_work_everywhere(self) -> bool:
        """Whether agents read and act on every request, by `[permissions]` or because none of them is left out of a queue."""
        return self.derived(_agents_work_everywhere)

    @property
    def lexicons(self) -> Lexicons:
        """All words by which triage classifies a request."""
        return self.derived(_lexicons)

    @property
    def all_ready_answers(self) -> Mapping[str, ReadyAnswer]:
        """Every ready answer by its name: the built-in ones, and the desk's own."""
        return self.derived(_ready_answers)

    @property
    def ready_words(self) -> Lexicon:
        """The words of requests that ready answers fit, by the name of the answer."""
        return self.derived(_ready_words)

    def with_staff(self, staff: tuple[Staff, ...]) -> "Policy":
        """This policy with the staff of the whole directory. What was computed from other parts of it goes along."""
        made = {build: self.derived(build) for build in _OF_NO_PEOPLE}
        copied = self.model_copy(update={"staff": staff})
        copied.__dict__[DERIVED] = made
        return copied

    def with_accounts(self, accounts: tuple[Account, ...]) -> "Policy":
        """This policy with other accounts, such as those that one batch of mails is about. It shares what is not computed `of_accounts`."""
        copied = self.model_copy(update={"accounts": accounts})
        copied.__dict__[ORIGIN] = self
        return copied

    def derived(self, build: Callable[["Policy"], Derived]) -> Derived:
        origin: Policy | None = self.__dict__.get(ORIGIN)
        return super().derived(build) if origin is None or build in OF_ACCOUNTS else origin.derived(build)

    def account(self, name: str | None) -> Account | None:
        """The account with this id, or None."""
        return self.derived(_accounts_by_id).get(name) if name is not None else None

    def calendar_for(self, account: str | None) -> Calendar:
        """The calendar by which promises to an account count: the one that the account names, else the desk's."""
        known = self.account(account)
        return self.calendars.get(known.calendar, self.calendar) if known and known.calendar else self.calendar

    def hours_of(self, address: str) -> str:
        """The hours of the staff member with this address in lower case; "" for all hours of the desk."""
        return self.derived(_hours_by_address).get(address, "")

    def deputy_of(self, address: str | None) -> str | None:
        """The address of the deputy of the staff member with this address in lower case; None where none is named."""
        return self.derived(_deputies).get(address or "")

    def letters_of(self, address: str) -> str:
        """Which letters about requests the staff member with this address in lower case gets: "all", "own" or "digest"."""
        return self.derived(_letters_by_address).get(address, "all")

    @property
    def calendars_of_staff(self) -> Mapping[str, Calendar]:
        """The calendar of each kind of hours that staff members have. The hours "" are those of the desk."""
        return self.derived(_calendars_by_hours)

    def support_address(self, address: str) -> SupportAddress | None:
        """The entry for a support address in lower case, or None."""
        return self.derived(_support_by_address).get(address)

    def dedicated_address(self, account: str | None, written_to: str) -> str:
        """The support address that is dedicated to an account: the one that was written to, or else the first; "" for none."""
        own = [entry.address.lower() for entry in self.addresses if account is not None and entry.account == account]
        return written_to if written_to in own else next(iter(own), "")

    def signature_of(self, address: str) -> str:
        """The lines below the name of the staff member with this address in lower case."""
        return self.derived(_signatures).get(address, "")

    @property
    def first_addresses(self) -> Mapping[str, str]:
        """For each further address of a staff member the address to which their letters go, both as identities."""
        return self.derived(_first_addresses)

    def place_of_staff(self, address: str) -> int:
        """The place of the staff member with this address in lower case; of anybody else the place behind them all."""
        places = self.derived(_staff_places)
        return places.get(address, len(places))


def _agents_work_everywhere(policy: Policy) -> bool:
    if policy.permissions.agents:
        return policy.permissions.agents == "all"
    queues = frozenset(policy.queues)
    return all(queues.issubset(member.queues) for member in policy.staff if member.role == "agent")


def _lexicons(policy: Policy) -> Lexicons:
    categories = policy.categories.values()
    of_items = (item.lexicon for category in categories for item in category.missing.values())
    of_categories = (category.lexicon for category in categories)
    return Lexicons(dict.fromkeys((*of_categories, policy.severities.lexicon, policy.triage.lexicon, *of_items)))


def _ready_answers(policy: Policy) -> dict[str, ReadyAnswer]:
    return merged((*built_in_answers(), *policy.ready_answers))


def _ready_words(policy: Policy) -> Lexicon:
    return Lexicon({name: answer.words for name, answer in policy.all_ready_answers.items()})


@of_accounts
def _accounts_by_id(policy: Policy) -> dict[str, Account]:
    return {account.id: account for account in reversed(policy.accounts)}


def _support_by_address(policy: Policy) -> dict[str, SupportAddress]:
    return {entry.address.lower(): entry for entry in reversed(policy.addresses)}


def _staff_places(policy: Policy) -> dict[str, int]:
    return {member.address.lower(): place for place, member in enumerate(policy.staff)}


def _hours_by_address(policy: Policy) -> dict[str, str]:
    return {member.address.lower(): member.hours for member in reversed(policy.staff)}


def _first_addresses(policy: Policy) -> dict[str, str]:
    return {further.lower(): member.address.lower() for member in reversed(policy.staff) for further in member.addresses}


def _deputies(policy: Policy) -> dict[str, str]:
    return {member.address.lower(): member.deputy.lower() for member in reversed(policy.staff) if member.deputy}


def _letters_by_address(policy: Policy) -> dict[str, str]:
    return {member.address.lower(): member.letters for member in reversed(policy.staff)}


def _signatures(policy: Policy) -> dict[str, str]:
    return {member.address.lower(): member.signature for member in reversed(policy.staff) if member.signature}


def _calendars_by_hours(policy: Policy) -> dict[str, Calendar]:
    written = dict.fromkeys(member.hours for member in policy.staff if member.hours)
    return {"": policy.calendar} | {hours: _with_hours(policy.calendar, hours) for hours in written}


def _with_hours(calendar: Calendar, hours: str) -> Calendar:
    return calendar.model_copy(update={day: hours for day in WEEKDAYS if windows(getattr(calendar, day))})


# What is computed from neither staff nor accounts.
_OF_NO_PEOPLE: tuple[Callable[[Policy], object], ...] = (_lexicons, _ready_answers, _ready_words, _support_by_address)
