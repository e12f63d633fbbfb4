"""The desk: what it promises and to whom. Equal on all nodes; `digest` lets them compare."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Literal

from helpdesk.config.address import address, domain
from helpdesk.config.hours import clock, holiday, hours, windows, zone
from helpdesk.config.public_holidays import public_holidays
from helpdesk.config.section import (
    AfterValidator,
    BeforeValidator,
    Duration,
    Field,
    Section,
    Timeout,
    duration,
    model_validator,
)
from helpdesk.config.shapes import language, one_line, password_hash
from helpdesk.config.triage import DEFAULT_CATEGORIES, Category, Level, Priorities, Route, Severities, Triage

Address = Annotated[str, AfterValidator(address)]
Domain = Annotated[str, AfterValidator(domain)]
Hours = Annotated[str, AfterValidator(hours)]
Name = Annotated[str, AfterValidator(one_line)]
PasswordHash = Annotated[str, AfterValidator(password_hash)]
Holiday = Annotated[str, BeforeValidator(holiday)]
Clock = Annotated[str, AfterValidator(clock)]
Language = Annotated[str, AfterValidator(language)]
Zone = Annotated[str, AfterValidator(zone)]

SEVERITIES = ("low", "normal", "high", "critical")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class SupportAddress(Section):
    address: Address
    queue: Name = "general"
    plan: Name | None = None
    account: Name | None = None


class Staff(Section):
    name: Name
    address: Address
    role: Literal["agent", "senior", "manager"] = "agent"
    queues: tuple[Name, ...] = ("general",)
    password: PasswordHash = ""  # scrypt hash for SMTP AUTH; "" does not log in
    hours: Hours = ""  # on the desk's working days; "" for all that the desk works


class Account(Section):
    """`people` names contacts with all their addresses: when a letter does not reach one of them, the next is tried."""

    id: Name
    plan: Name = "starter"
    contacts: tuple[Address, ...] = ()
    people: dict[Name, tuple[Address, ...]] = Field(default_factory=dict)
    domains: tuple[Domain, ...] = ()
    severity: Level = "low"  # of its requests at least
    calendar: Name | None = None  # one of [calendars], by which promises to it count; None for the desk's
    language: Literal[""] | Language = ""  # of letters where a mail is too short to tell; "" for default_language

    @property
    def addresses(self) -> dict[str, str]:
        """Every contact's address, with the name of its owner or ""."""
        return dict.fromkeys(self.contacts, "") | {one: name for name, known in self.people.items() for one in known}


class Targets(Section):
    """Promised times, in working time of the calendar; None promises none."""

    first_response: Timeout | None = None
    next_response: Timeout | None = None  # to each later message of the customer
    resolution: Timeout | None = None


class Plan(Targets):
    """What a severity of its own says goes before what the plan says for all."""

    self_service: bool = False
    low: Targets = Targets()
    normal: Targets = Targets()
    high: Targets = Targets()
    critical: Targets = Targets()

    def promised(self, target: str, severity: str) -> timedelta | None:
        """The time for a target, such as `first_response`; None where there is no promise."""
        own = getattr(self, severity) if severity in SEVERITIES else None
        special: timedelta | None = getattr(own, target, None)
        general: timedelta | None = getattr(self, target)
        return general if special is None else special


class Calendar(Section):
    """When the desk works: IANA zone, hours of each weekday, single days off as ISO dates.

    Hours are windows of wall-clock time, "09:00-17:00" or "09:00-12:00, 13:00-17:00", up to 24:00; "" is a day off.
    """

    zone: Zone = "UTC"
    monday: Hours = "09:00-17:00"
    tuesday: Hours = "09:00-17:00"
    wednesday: Hours = "09:00-17:00"
    thursday: Hours = "09:00-17:00"
    friday: Hours = "09:00-17:00"
    saturday: Hours = ""
    sunday: Hours = ""
    holidays: tuple[Holiday, ...] = ()
    country: str = ""  # ISO 3166-1 alpha-2: its public holidays are days off; "" for none
    subdivision: str = ""  # ISO 3166-2, without the country

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
    highest_level: int = Field(default=2, ge=1, le=9)


class Closing(Section):
    close_after: Duration = duration("5d")  # silence after a resolution
    reopen_within: Duration = duration("30d")  # a later reply opens a linked follow-up ticket
    remind_after: tuple[Annotated[int, Field(ge=1, le=60)], ...] = (2, 5)  # working days after a question without a reply
    close_after_reminders: int = Field(default=5, ge=1, le=60)  # working days after the last reminder

    @model_validator(mode="after")
    def _reminders_follow_each_other(self) -> "Closing":
        if any(later <= earlier for earlier, later in pairwise(self.remind_after)):
            raise ValueError("remind_after counts working days from the question, so each is more than the one before: [2, 5]")
        return self


class Answering(Section):
    """How staff work by mail. Letters to customers wait `undo_window` before they leave; other steps can be undone `undo_within`.

    A held mail can be let go `hold_for`; where the answer is to prove who somebody is, `prove_within`. `stale_guard` says whose newer
    words hold an answer back. The digest leaves at `digest_at` of the calendar's zone on working days, and the report of the week before
    to managers at `weekly_at` of the first working day of a week; "" for never.
    """

    undo_window: Duration = duration("30s")
    undo_within: Duration = duration("1d")
    hold_for: Duration = duration("7d")
    prove_within: Duration = duration("30m")
    stale_guard: Literal["anyone", "colleague", "off"] = "anyone"
    digest_at: Clock = "08:00"
    weekly_at: Clock = "08:00"


class Permissions(Section):
    """What agents read and act on; seniors and managers do so everywhere.

    "queues": what is in their queues or in their hands, or was; "all": everything. "" is "all" on a desk where nobody is left out of a queue,
    which is one whose agents work in every queue, and "queues" on any other.
    """

    agents: Literal["", "queues", "all"] = ""


class Retry(Section):
    """Waits between tries of a letter, the last one repeated until `give_up_after`; the team hears of what waits for long."""

    waits: tuple[Timeout, ...] = Field(
        default=tuple(duration(one) for one in ("1m", "5m", "15m", "30m", "1h", "2h", "4h")), min_length=1
    )
    give_up_after: Timeout = timedelta(days=5)
    delay_notice_after: Timeout = timedelta(hours=4)


class Automatic(Section):
    """How many letters that nobody wrote may go out; above, they are withheld and all else goes on.

    Those of `unsure` are brought about by mail that does not prove its author: somebody else may have written in their name. They are counted
    apart from all others, so that a flood of such mail costs nobody a letter who has proved who they are. `desk_minute` and `desk_hour`
    are the limits of either kind where `unsure_desk_minute` and `unsure_desk_hour` are not less.
    A staff member has `unsure_staff_ten_minutes` letters about such mail within ten minutes; one letter lists all further requests.
    A loop is `loop_letters` letters to one address within an hour of which each was answered within `loop_answer_within`, in words that
    are alike.
    """

    address_hour: int = Field(default=10, ge=1)
    address_day: int = Field(default=40, ge=1)
    domain_hour: int = Field(default=1000, ge=1)
    unsure_confirmations_hour: int = Field(default=1, ge=1)
    unsure_address_day: int = Field(default=5, ge=1)
    unsure_domain_hour: int = Field(default=50, ge=1)
    unsure_desk_minute: int = Field(default=150, ge=1)
    unsure_desk_hour: int = Field(default=1500, ge=1)
    unsure_staff_ten_minutes: int = Field(default=20, ge=1)
    desk_minute: int = Field(default=300, ge=1)
    desk_hour: int = Field(default=3000, ge=1)
    held_hour: int = Field(default=3, ge=1)
    loop_letters: int = Field(default=3, ge=2)
    loop_answer_within: Timeout = duration("2m")


class SuppressionSpans(Section):
    """How long letters to an address are kept back, by what became known of it."""

    unknown_mailbox: Timeout = duration("30d")
    full_mailbox: Timeout = duration("1d")
    complaint: Timeout = duration("365d")


class Form(Section):
    """A web form or shop that writes for people: the desk answers the person in its Reply-To. `domain` stands for all addresses of a domain."""

    address: Address | None = None
    domain: Domain | None = None

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
    """When a queue counts as busy: by the working time within which nine of ten first answers come there, as measured.

    With fewer than `answers` first answers within the span `window` nothing is said.
    """

    enter_above: Timeout = duration("8h")
    leave_below: Timeout = duration("6h")
    answers: int = Field(default=30, ge=10, le=500)
    window: Timeout = duration("28d")

    @model_validator(mode="after")
    def _it_ends_below_where_it_begins(self) -> "Busy":
        if self.leave_below >= self.enter_above:
            raise ValueError("leave_below must be less than enter_above, or a queue would be busy and not busy by turns")
        return self


class Incidents(Section):
    """When requests that are alike are proposed to a senior as one incident: from so many customers within the span `within`; 0 for never."""

    propose_from: int = Field(default=5, ge=0, le=100)
    within: Timeout = Field(default=duration("4h"), le=duration("7d"))

    @model_validator(mode="after")
    def _one_customer_is_no_incident(self) -> "Incidents":
        if self.propose_from == 1:
            raise ValueError("propose_from counts customers whose requests are alike: 2 at least, or 0 for never")
        return self


DEFAULT_PLANS = {
    "free": Plan(self_service=True),
    "starter": Plan(first_response=duration("8h")),
    "business": Plan(first_response=duration("4h")),
    "custom": Plan(first_response=duration("2h")),
}


class Policy(Section):
    """The whole policy. The category of whose words a mail says most wins, of equal ones the first; without any, `default_category`.

    The first of `routes` that fits names the queue; without routes the support address and the category do.
    """

    addresses: tuple[SupportAddress, ...]
    staff: tuple[Staff, ...] = ()
    accounts: tuple[Account, ...] = ()
    plans: dict[str, Plan] = DEFAULT_PLANS
    categories: dict[str, Category] = DEFAULT_CATEGORIES
    routes: tuple[Route, ...] = ()
    forms: tuple[Form, ...] = ()
    severities: Severities = Severities()
    priorities: Priorities = Priorities()
    triage: Triage = Triage()
    default_category: str = "technical issue"
    default_plan: str = "free"
    default_queue: str = "general"
    default_language: str = "en"
    calendar: Calendar = Calendar()
    calendars: dict[str, Calendar] = Field(default_factory=dict)
    escalation: Escalation = Escalation()
    closing: Closing = Closing()
    answering: Answering = Answering()
    permissions: Permissions = Permissions()
    retry: Retry = Retry()
    automatic: Automatic = Automatic()
    suppression: SuppressionSpans = SuppressionSpans()
    busy: Busy = Busy()
    incidents: Incidents = Incidents()
    digest: str = ""

    @property
    def queues(self) -> tuple[str, ...]:
        """Every queue that has a member, by name."""
        return tuple(sorted({queue for member in self.staff for queue in member.queues}))

    @property
    def agents_work_everywhere(self) -> bool:
        """Whether agents read and act on every request, by `[permissions]` or because none of them is left out of a queue."""
        if self.permissions.agents:
            return self.permissions.agents == "all"
        queues = frozenset(self.queues)
        return all(queues.issubset(one.queues) for one in self.staff if one.role == "agent")

    def calendar_for(self, account: str | None) -> Calendar:
        """By which promises to an account count: the one that it names, else the desk's."""
        named = next((one.calendar for one in self.accounts if one.id == account and account is not None), None)
        return self.calendars.get(named, self.calendar) if named else self.calendar
