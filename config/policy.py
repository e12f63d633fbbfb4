"""The desk: what it promises and to whom. Equal on all nodes; `digest` lets nodes compare."""

from collections.abc import Callable, Mapping
from typing import Annotated, TypeVar

from helpdesk.config.conduct import (
    Answering,
    Automatic,
    Busy,
    Closing,
    Escalation,
    Form,
    Incidents,
    Letters,
    Participants,
    Permissions,
    ReadingRules,
    Retention,
    Retry,
    SuppressionSpans,
    Threading,
)
from helpdesk.config.lexicon import Lexicon, Lexicons
from helpdesk.config.opening_hours import Calendar, with_hours
from helpdesk.config.people import Account, PeopleInDatabase, Staff, SupportAddress
from helpdesk.config.plans import DEFAULT_PLANS, Plan
from helpdesk.config.ready_answers import ReadyAnswer, built_in_answers, merged
from helpdesk.config.rules import MOST_RULES, SortingRule, SpamVerdicts
from helpdesk.config.section import (
    DERIVED,
    Derived,
    Field,
    NameInFile,
    Section,
)
from helpdesk.config.triage import DEFAULT_CATEGORIES, Alarms, Category, Priorities, Route, Severities, Triage

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
    return {"": policy.calendar} | {hours: with_hours(policy.calendar, hours) for hours in written}


# What is computed from neither staff nor accounts.
_OF_NO_PEOPLE: tuple[Callable[[Policy], object], ...] = (_lexicons, _ready_answers, _ready_words, _support_by_address)
