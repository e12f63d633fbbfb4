"""What the desk makes of a new request by itself: category, severity, priority, queue, assignee, and what is missing in it."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Literal

from helpdesk.config import triage_words as said
from helpdesk.config.lexicon import Lexicon
from helpdesk.config.section import BeforeValidator, Field, Section, Timeout, ValueType
from helpdesk.config.values import SEVERITIES, Impact, Name, Names, Severity, Words, one_or_more

SUBJECT, ADDRESS = 3, 4  # a word there counts so many times as much as one in the text


class Missing(Section):
    """Something that staff need to know about a request of this category."""

    ask: dict[str, Name] = Field(
        min_length=1,
        description='What to ask the customer for, by language: { en = "the user name" }. English is the last resort.',
    )
    evidence: Words = Field(default_factory=dict, description="Phrases that show that the mail says it.")
    about: Words = Field(
        default_factory=dict, description="It is needed only in mail with one of these phrases; without any, always."
    )
    shown_by: tuple[Literal["attachment", "address", "account"], ...] = Field(
        default=(),
        description="It is there as well where the mail has an attachment, names a mail address, or its author has an account.",
    )

    @cached_property
    def lexicon(self) -> Lexicon:
        return Lexicon({"evidence": self.evidence, "about": self.about})

    def question(self, language: str) -> str:
        """What to ask for, in the customer's language where it is written."""
        return self.ask.get(language) or self.ask.get("en") or next(iter(self.ask.values()))


class Category(Section):
    """What a request is about.

    A request has the category of whose words its mail says most, of equal ones the first. Words are looked for in subject, text and
    support address, whole and in any case; accents do not count. "invoice*" has any ending, "version #" is a word with a digit. A list
    counts in every language, a table has one list for each: words = { en = ["invoice*"], de = ["rechnung*"] }. The words of the mail's
    language count, each once, threefold in the subject and fourfold in the support address. As soon as one category is written, only the
    written ones exist. A built-in category that is written keeps what it does not say, such as its words in en, de, fr, es, it, pt and nl.
    """

    words: Words = Field(default_factory=dict, description="Words that say it.", examples=[["login*", "password*"]])
    weight: int = Field(default=2, ge=1, le=9, description="How much each of its words counts.")
    severity: Severity = Field(
        default="normal", description="Severity of its requests, unless words in the mail say another one."
    )
    sensitive: bool = Field(
        default=False, description="Letters to senders who are not authenticated carry no details of such a request."
    )
    permission: bool = Field(
        default=False,
        description="Letters to staff about such a request remind that data is changed only after #permission, until it is given.",
    )
    queue: Literal[""] | Name = Field(
        default="", description='Queue of requests to a support address on the default queue; "" leaves them there.'
    )
    missing: dict[Name, Missing] = Field(
        default_factory=dict,
        description="What staff need to know. It is there where a phrase of evidence stands in the mail, or what shown_by names: an "
        'attachment, a mail address or an account. With about = ["invoice*"] it is needed only with these words.',
        examples=[{"which account": {"ask": {"en": "the user name"}, "evidence": ["account #"], "shown_by": ["address"]}}],
    )

    @cached_property
    def lexicon(self) -> Lexicon:
        return Lexicon({"": self.words})


class Route(Section):
    """The queue of requests that fit everything the route names. What it does not name may be anything.

    Routes are tried in their order: the first that fits names the queue, and the last one must fit everything. Without any route the queue
    is that of the support address; on the default queue the category may name another one. Write one [[route]] for each.
    """

    queue: Name = Field(description="Queue of the requests that fit.", examples=["general"])
    address: Names = Field(default=(), description="Support addresses.")
    category: Names = Field(default=(), description="Categories.")
    plan: Names = Field(default=(), description="Plans.")
    account: Names = Field(default=(), description="Accounts.")
    language: Names = Field(default=(), description='Languages of the mail, such as "de".')
    severity: Annotated[
        tuple[Severity, ...], BeforeValidator(one_or_more), ValueType('"low", "normal", "high" or "critical", or a list of them')
    ] = Field(default=(), description="Severities.")

    @property
    def conditions(self) -> dict[str, tuple[str, ...]]:
        """What the route names, by the field of the request."""
        named: Mapping[str, tuple[str, ...]] = {
            "address": tuple(address.lower() for address in self.address),
            "category": self.category,
            "plan": self.plan,
            "account": self.account,
            "language": self.language,
            "severity": self.severity,
        }
        return {name: values for name, values in named.items() if values}


class Severities(Section):
    """Words that say how bad it is. The worst one in the mail counts. They are built in for en, de, fr, es, it, pt and nl."""

    low: Words = Field(default=said.words(said.LOW), description="Words of severity low.", examples=[["not urgent", "no hurry"]])
    normal: Words = Field(
        default=said.words(said.NO_SIGN),
        description="Phrases that say nothing, so that words within them do not count.",
        examples=[["no data loss"]],
    )
    high: Words = Field(default=said.words(said.HIGH), description="Words of severity high.", examples=[["urgent", "deadline*"]])
    critical: Words = Field(
        default=said.words(said.CRITICAL), description="Words of severity critical.", examples=[["is down", "data loss"]]
    )

    @cached_property
    def lexicon(self) -> Lexicon:
        return Lexicon({level: getattr(self, level) for level in SEVERITIES})


class PriorityRow(Section):
    """The priorities of one severity, by impact."""

    low: Severity = Field(description="Priority with low impact.")
    normal: Severity = Field(description="Priority with normal impact.")
    high: Severity = Field(description="Priority with high impact.")


class Priorities(Section):
    """Priority of a request, by its severity and its impact. Severity says how urgent it is, impact how much is at stake."""

    low: PriorityRow = Field(
        default=PriorityRow(low="low", normal="low", high="normal"), description="Priorities of severity low, by impact."
    )
    normal: PriorityRow = Field(
        default=PriorityRow(low="low", normal="normal", high="high"), description="Priorities of severity normal, by impact."
    )
    high: PriorityRow = Field(
        default=PriorityRow(low="normal", normal="high", high="critical"), description="Priorities of severity high, by impact."
    )
    critical: PriorityRow = Field(
        default=PriorityRow(low="high", normal="critical", high="critical"),
        description="Priorities of severity critical, by impact.",
    )

    def of(self, severity: str, impact: str) -> str:
        """The priority of a severity with an impact. A severity that is none of the four is its own priority."""
        row = getattr(self, severity, None)
        return str(getattr(row, impact)) if isinstance(row, PriorityRow) else severity


class Triage(Section):
    """What the desk makes of each new request at once, before anybody reads it.

    Staff correct it by mail, and what they set stays. `helpdesk simulate FILE` shows all of it for a mail, with its reasons.
    """

    assign: bool = Field(
        default=True,
        description="Give each new request to the member of its queue who has the fewest open ones, works now (while the desk is closed: "
        "when it opens) and is not away. With false it waits for #take.",
    )
    ask: bool = Field(
        default=False,
        description="Ask the customer at once for what is missing. With false staff get the question ready to send.",
    )
    impact: dict[Name, Impact] = Field(
        default={"free": "low", "business": "high", "custom": "high"},
        description="How much is at stake, by plan: low, normal (where none is written) or high.",
    )
    wide: Words = Field(
        default=said.words(said.WIDE),
        description="Words that say that many people are concerned: then the impact is high. They are built in for en, de, fr, es, it, pt "
        "and nl.",
        examples=[["all users", "nobody can"]],
    )
    absence: Timeout = Field(
        default=timedelta(days=1),
        description="How long a member of staff counts as away whose automatic reply or #away names no day.",
    )
    longest_absence: Timeout = Field(
        default=timedelta(days=60), description="How long a member of staff counts as away at most. #back ends it."
    )

    @cached_property
    def lexicon(self) -> Lexicon:
        return Lexicon({"wide": self.wide})


class Alarms(Section):
    """Words that need a person now, beside those that are built in for en, de, fr, es, it, pt and nl.

    A senior gets the request too, with the reason at the top; its severity is high at least, and the confirmation says that a person
    reads it soon.
    """

    life: Words = Field(
        default_factory=dict, description="Words that somebody's life may be in danger.", examples=[["crisis line", "overdose"]]
    )
    threat: Words = Field(default_factory=dict, description="Words that threaten violence.", examples=[["watch your back"]])
    law: Words = Field(
        default_factory=dict, description="Words about a step by law, or a deadline that a law sets.", examples=[["ombudsman*"]]
    )
    data: Words = Field(
        default_factory=dict, description="Words about rights to personal data.", examples=[["ccpa", "data protection officer"]]
    )

    @cached_property
    def lexicon(self) -> Lexicon | None:
        """The desk's own words by their reason, the most pressing first; None where it has none."""
        words = {"life": self.life, "threat": self.threat, "law": self.law, "data": self.data}
        return Lexicon(words) if any(words.values()) else None


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
    "data concern": Category(words=said.words(said.DATA_CONCERN), severity="high", sensitive=True, permission=True),
    "technical issue": Category(
        words=said.words(said.TECHNICAL_ISSUE),
        missing={
            "what was done": Missing(ask=said.ASK_WHAT_WAS_DONE, evidence=said.words(said.WHAT_WAS_DONE)),
            "error text": Missing(ask=said.ASK_ERROR_TEXT, evidence=said.words(said.ERROR_TEXT), shown_by=("attachment",)),
            "version": Missing(ask=said.ASK_VERSION, evidence=said.words(said.VERSION)),
        },
    ),
}
