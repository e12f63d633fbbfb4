"""How the operator sorts mail: rules, and what a spam verdict of a relay means."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from helpdesk.config.address import address, domain
from helpdesk.config.lexicon import PATTERN, folded, phrase
from helpdesk.config.section import AfterValidator, BeforeValidator, Field, Section, ValueType, model_validator
from helpdesk.config.values import Name, Names, Severity, Words, one_or_more

MOST_RULES = 20_000
MOST_FIELDS = 20  # of one rule
LONGEST_FIELD_NAME = 40


def address_or_domain(text: str) -> str:
    """A mail address, or a domain, which stands for all addresses of it and of the domains below it. Raises ValueError."""
    written = text.strip().lower()
    try:
        return address(written).lower() if "@" in written.lstrip("@") else domain(written.removeprefix("@").removeprefix("*."))
    except ValueError:
        raise ValueError(f'"{text}": write an address such as orders@shop.example, or a domain such as shop.example') from None


def value_phrase(text: str) -> str:
    """A phrase in which a word with digits is the value. Raises ValueError that says what is allowed."""
    phrase(text)
    if "#" not in "".join(PATTERN.findall(folded(text))):
        raise ValueError(
            f'"{text}": mark the value by # for each digit that it has at least, such as "ORD-#####" or "order ####"'
        )
    return text


def header_name(text: str) -> str:
    """The name of a header field in small letters (RFC 5322 §2.2). Raises ValueError."""
    if not text or not all("!" <= letter <= "~" and letter != ":" for letter in text):
        raise ValueError(f'"{text}" is no name of a header field; write one such as X-Shop')
    return text.lower()


def field_name(text: str) -> str:
    """A short name of a field, as letters show it. Raises ValueError."""
    if len(text) > LONGEST_FIELD_NAME or ":" in text:
        raise ValueError(f"write a name of at most {LONGEST_FIELD_NAME} characters without a colon, such as order")
    return text


Correspondents = Annotated[
    tuple[Annotated[str, AfterValidator(address_or_domain)], ...],
    BeforeValidator(one_or_more),
    ValueType("mail address or domain, or list of them"),
]
HeaderWords = Annotated[
    dict[
        Annotated[str, AfterValidator(header_name)],
        Annotated[tuple[Annotated[Name, AfterValidator(phrase)], ...], BeforeValidator(one_or_more)],
    ],
    ValueType("table of header fields, each with a list of phrases"),
]
ValuePhrases = Annotated[
    dict[
        Annotated[Name, AfterValidator(field_name)],
        Annotated[tuple[Annotated[Name, AfterValidator(value_phrase)], ...], BeforeValidator(one_or_more)],
    ],
    ValueType("table of fields, each with a list of phrases"),
]


class SortingRule(Section):
    """A rule by which you sort mail. Write one [[rule]] for each.

    A rule fits a mail if everything that it names is there: of a list one entry suffices. A rule that names nothing fits every mail. All
    rules that fit count. What two of them say differently is as the first one says; tags add up. Rules sort requests when they begin, and
    come before the desk's own triage; only words that need a person now raise the severity further. `ignore`, `refuse` and
    `spam` keep a mail out: nobody is told, its sender gets no letter, and the mail is kept, so that `helpdesk quarantine release` can let
    it in. They never keep out mail of staff, delivery reports, or a reply that proves its place in a conversation.
    """

    name: Name = Field(description="Name of the rule, as letters to staff and `helpdesk why` show it.", examples=["shop orders"])
    sender: Correspondents = Field(
        default=(),
        description="Addresses or domains, in From or in the reverse-path. A domain counts for those below it too.",
        examples=[["orders@shop.example", "shop.example"]],
    )
    recipient: Correspondents = Field(
        default=(), description="Addresses or domains to which the mail was sent.", examples=[["billing@support.example.com"]]
    )
    subject: Words = Field(default_factory=dict, description="Phrases in the subject.", examples=[["order confirmation"]])
    words: Words = Field(
        default_factory=dict,
        description='Phrases in the subject or the text: whole words in any case, "invoice*" for a beginning, "#" for a word with a digit.',
        examples=[["invoice*", "order ####"]],
    )
    header: HeaderWords = Field(
        default_factory=dict,
        description='Header fields, each with phrases in its value; [] if it only has to be there: { "X-Shop" = ["web shop"] }.',
    )
    queue: Literal[""] | Name = Field(default="", description='Queue of the request; "" leaves it to triage.')
    category: Literal[""] | Name = Field(default="", description='Category of the request; "" leaves it to triage.')
    severity: Literal[""] | Severity = Field(default="", description='Severity of the request; "" leaves it to triage.')
    tag: Names = Field(default=(), description="Tags of the request, which letters to staff show.", examples=[["shop"]])
    fields: ValuePhrases = Field(
        default_factory=dict,
        max_length=MOST_FIELDS,
        description="Values such as order numbers, drawn from the mail into fields of the request. Each field has phrases with # for digits: "
        'the whole word that has them is the value: { "order number" = ["ORD-#####", "order ####"] }.',
    )
    ignore: bool = Field(default=False, description="Keep the mail, and do nothing else.")
    refuse: bool = Field(default=False, description="Keep the mail among those that were refused. Nobody is told.")
    spam: bool = Field(default=False, description="Quarantine the mail as spam. Senders of the allow list are spared.")

    @model_validator(mode="after")
    def _says_something(self) -> "SortingRule":
        if sum((self.ignore, self.refuse, self.spam)) > 1:
            raise ValueError("ignore, refuse and spam exclude each other; write one of them")
        if self.stops and (self.queue or self.category or self.severity or self.tag or self.fields):
            raise ValueError(
                f"a rule with {self.stops} opens no request, so write no queue, category, severity, tag or fields with it"
            )
        if self.stops and not self.names_anything:
            raise ValueError(f"it would {self.stops} every mail; write sender, recipient, subject, words or header too")
        if not self.stops and not (self.queue or self.category or self.severity or self.tag or self.fields):
            raise ValueError("it does nothing; write queue, category, severity, tag, fields, ignore, refuse or spam")
        return self

    @property
    def stops(self) -> str:
        """How the rule keeps a mail out: "ignore", "refuse" or "spam"; "" if it does not."""
        return next((name for name in ("ignore", "refuse", "spam") if getattr(self, name)), "")

    @property
    def names_anything(self) -> bool:
        """Whether the rule has a condition."""
        return bool(self.sender or self.recipient or self.header or any(self.subject.values()) or any(self.words.values()))


class SpamVerdicts(Section):
    """Spam verdicts of your mail filter: X-Spam-Status, X-Spam-Flag, X-Spam, X-Rspamd-Action, X-Spamd-Result, X-Forefront-Antispam-Report and X-MS-Exchange-Organization-SCL.

    A verdict counts only if a host that you trust wrote it: the mail came from one of trusted_relays of [authentication] or out of one of
    your mailboxes, and the field stands above the Received fields of other hosts.
    """

    verdict: Literal["mark", "quarantine", "nothing"] = Field(
        default="mark",
        description='What a verdict of spam does: "mark" opens the request and warns staff, "quarantine" keeps the mail out, "nothing" is nothing. '
        "Senders of the allow list, mail of staff and replies that prove their place in a conversation are never kept out.",
    )


def phrases_of(words: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """The phrases of every language. A rule is the operator's own, so that each of its words counts in every mail."""
    for said in words.values():
        yield from said
