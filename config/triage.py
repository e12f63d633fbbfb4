"""What the desk makes of a new request by itself: category, severity, priority, queue, assignee, and what is missing in it."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Literal

from helpdesk.config import triage_words as said
from helpdesk.config.lexicon import Lexicon, by_language, phrase
from helpdesk.config.section import AfterValidator, BeforeValidator, Field, Section, Timeout
from helpdesk.config.shapes import one_line

LEVELS = ("low", "normal", "high", "critical")
IMPACTS = ("low", "normal", "high")
SUBJECT, ADDRESS = 3, 4  # a word there counts so many times as much as one in the text

Level = Literal["low", "normal", "high", "critical"]
Impact = Literal["low", "normal", "high"]
Name = Annotated[str, AfterValidator(one_line)]
Phrase = Annotated[Name, AfterValidator(phrase)]
Words = Annotated[dict[str, tuple[Phrase, ...]], BeforeValidator(by_language)]


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[Name, ...], BeforeValidator(_one_or_more)]


class Missing(Section):
    """Something that staff need to know. It is there where a phrase of `evidence` is, or what `shown_by` names.

    With `about` it is needed only where one of those phrases stands. `ask` is what to ask for, by language; English is the last resort.
    """

    ask: dict[str, Name] = Field(min_length=1)
    evidence: Words = Field(default_factory=dict)
    about: Words = Field(default_factory=dict)
    shown_by: tuple[Literal["attachment", "address", "account"], ...] = ()

    @cached_property
    def lexicon(self) -> Lexicon:
        return Lexicon({"evidence": self.evidence, "about": self.about})

    def question(self, language: str) -> str:
        """What to ask for, in the customer's language where it is written."""
        return self.ask.get(language) or self.ask.get("en") or next(iter(self.ask.values()))


class Category(Section):
    """`words` are looked for in subject, text and support address; each counts `weight` times."""

    queue: Literal[""] | Name = ""
    severity: Level = "normal"
    words: Words = Field(default_factory=dict)
    weight: int = Field(default=2, ge=1, le=9)
    sensitive: bool = False
    missing: dict[Name, Missing] = Field(default_factory=dict)

    @cached_property
    def lexicon(self) -> Lexicon:
        return Lexicon({"": self.words})


class Route(Section):
    """One line of the routing: the queue of requests that fit all that it names. What it does not name may be anything."""

    queue: Name
    address: Names = ()
    category: Names = ()
    plan: Names = ()
    account: Names = ()
    language: Names = ()
    severity: tuple[Level, ...] | Level = ()

    @property
    def conditions(self) -> dict[str, tuple[str, ...]]:
        """What it names, by the field of the request."""
        levels = (self.severity,) if isinstance(self.severity, str) else self.severity
        named: Mapping[str, tuple[str, ...]] = {
            "address": tuple(one.lower() for one in self.address),
            "category": self.category,
            "plan": self.plan,
            "account": self.account,
            "language": self.language,
            "severity": levels,
        }
        return {name: values for name, values in named.items() if values}


class Severities(Section):
    """Words that say how bad it is; the worst one counts. Those of `normal` say nothing: "no data loss"."""

    low: Words = said.words(said.LOW)
    normal: Words = said.words(said.NO_SIGN)
    high: Words = said.words(said.HIGH)
    critical: Words = said.words(said.CRITICAL)

    @cached_property
    def lexicon(self) -> Lexicon:
        return Lexicon({level: getattr(self, level) for level in LEVELS})


class PriorityRow(Section):
    """The priorities of one severity, by impact."""

    low: Level
    normal: Level
    high: Level


class Priorities(Section):
    """Priority by severity, which says how urgent it is, and impact."""

    low: PriorityRow = PriorityRow(low="low", normal="low", high="normal")
    normal: PriorityRow = PriorityRow(low="low", normal="normal", high="high")
    high: PriorityRow = PriorityRow(low="normal", normal="high", high="critical")
    critical: PriorityRow = PriorityRow(low="high", normal="critical", high="critical")

    def of(self, severity: str, impact: str) -> str:
        """A severity that is none of the four is its own priority."""
        row = getattr(self, severity, None)
        return str(getattr(row, impact)) if isinstance(row, PriorityRow) else severity


class Triage(Section):
    """`assign` gives each new request to somebody who works now; `ask` asks by itself for what is missing.

    `impact` is that of each plan, `normal` for others; words of `wide` say that many people are concerned: then it is high.
    A staff member whose absence names no day counts as away for `absence`, and none for longer than `longest_absence`.
    """

    assign: bool = True
    ask: bool = False
    impact: dict[Name, Impact] = Field(default={"free": "low", "custom": "high"})
    wide: Words = said.words(said.WIDE)
    absence: Timeout = timedelta(days=1)
    longest_absence: Timeout = timedelta(days=60)

    @cached_property
    def lexicon(self) -> Lexicon:
        return Lexicon({"wide": self.wide})


DEFAULT_CATEGORIES = {
    "account access": Category(
        words=said.words(said.ACCOUNT_ACCESS),
        sensitive=True,
        missing={
            "which account": Missing(
                ask=said.ASK_WHICH_ACCOUNT, evidence=said.words(said.WHICH_ACCOUNT), shown_by=("address", "account")
            )
        },
    ),
    "feature guidance": Category(words=said.words(said.FEATURE_GUIDANCE), weight=1),
    "billing and plans": Category(
        words=said.words(said.BILLING_AND_PLANS),
        sensitive=True,
        missing={
            "invoice number": Missing(
                ask=said.ASK_INVOICE_NUMBER,
                evidence=said.words(said.INVOICE_NUMBER),
                about=said.words(said.ABOUT_INVOICES),
                shown_by=("attachment",),
            )
        },
    ),
    "data concern": Category(words=said.words(said.DATA_CONCERN), severity="high", sensitive=True),
    "technical issue": Category(
        words=said.words(said.TECHNICAL_ISSUE),
        missing={
            "what was done": Missing(ask=said.ASK_WHAT_WAS_DONE, evidence=said.words(said.WHAT_WAS_DONE)),
            "error text": Missing(ask=said.ASK_ERROR_TEXT, evidence=said.words(said.ERROR_TEXT), shown_by=("attachment",)),
            "version": Missing(ask=said.ASK_VERSION, evidence=said.words(said.VERSION)),
        },
    ),
}
