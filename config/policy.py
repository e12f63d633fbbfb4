"""The desk: what it promises and to whom. Equal on all nodes; `digest` lets them compare."""

from datetime import timedelta

from helpdesk.config.section import Duration, Field, Section, duration


class SupportAddress(Section):
    address: str
    queue: str = "general"
    plan: str | None = None
    account: str | None = None


class Staff(Section):
    name: str
    address: str
    role: str = "agent"  # agent, senior, manager
    queues: tuple[str, ...] = ("general",)
    password: str = ""  # scrypt hash for SMTP AUTH; "" does not log in


class Account(Section):
    id: str
    plan: str = "starter"
    contacts: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


class Plan(Section):
    """`first_response` counts hours of the business calendar; None promises no time."""

    first_response: Duration | None = None
    self_service: bool = False


class Category(Section):
    queue: str = ""
    severity: str = "normal"
    words: tuple[str, ...] = ()  # in subject or text, any case
    sensitive: bool = False


class Calendar(Section):
    """When the desk works: IANA zone, hours as "09:00-17:00" for each weekday, single days off as ISO dates."""

    zone: str = "UTC"
    monday: str = "09:00-17:00"
    tuesday: str = "09:00-17:00"
    wednesday: str = "09:00-17:00"
    thursday: str = "09:00-17:00"
    friday: str = "09:00-17:00"
    saturday: str = ""
    sunday: str = ""
    holidays: tuple[str, ...] = ()


class Escalation(Section):
    highest_level: int = Field(2, ge=1, le=9)


class Closing(Section):
    close_after: Duration = duration("5d")  # silence after a resolution
    reopen_within: Duration = duration("30d")  # a later reply opens a linked follow-up ticket


class Retry(Section):
    """Waits between tries of a letter, the last one repeated until `give_up_after`."""

    waits: tuple[Duration, ...] = tuple(duration(one) for one in ("1m", "5m", "15m", "30m", "1h", "2h", "4h"))
    give_up_after: Duration = timedelta(days=5)


DEFAULT_PLANS = {
    "free": Plan(self_service=True),
    "starter": Plan(first_response=duration("8h")),
    "business": Plan(first_response=duration("4h")),
    "custom": Plan(first_response=duration("2h")),
}

DEFAULT_CATEGORIES = {
    "account access": Category(words=("login", "log in", "password", "locked", "sign in"), sensitive=True),
    "feature guidance": Category(words=("how do i", "how can i", "how to")),
    "billing and plans": Category(words=("invoice", "billing", "refund", "charge", "upgrade"), sensitive=True),
    "data concern": Category(words=("data loss", "gdpr", "delete my data", "privacy"), severity="high", sensitive=True),
    "technical issue": Category(words=("error", "crash", "bug", "broken", "not working", "does not work")),
}


class Policy(Section):
    """The whole policy. `categories` are tried in their order; the first with a word in the mail wins, else `default_category`."""

    addresses: tuple[SupportAddress, ...]
    staff: tuple[Staff, ...] = ()
    accounts: tuple[Account, ...] = ()
    plans: dict[str, Plan] = DEFAULT_PLANS
    categories: dict[str, Category] = DEFAULT_CATEGORIES
    default_category: str = "technical issue"
    default_plan: str = "free"
    default_queue: str = "general"
    calendar: Calendar = Calendar()
    escalation: Escalation = Escalation()
    closing: Closing = Closing()
    retry: Retry = Retry()
    digest: str = ""
