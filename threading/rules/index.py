"""The rules of a policy, compiled: which of them fit a mail, without trying each.

Each rule is found by one of its conditions, the one that fewest other rules share; then its other conditions are checked. So the cost of a
mail depends on its own words and addresses, and on the rules that they may concern.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from helpdesk.config.lexicon import Lexicon, words_of
from helpdesk.config.policy import Policy
from helpdesk.config.rules import SortingRule, phrases_of

READ = 50_000  # characters of the text and of a header field in which phrases are searched
MOST_LEVELS = 10  # domains above an address that rules and lists may name
SENDER, RECIPIENT, SUBJECT, WORDS = "sender", "recipient", "subject", "words"
IS_THERE = ""  # the phrase of a header field that only has to be there

Key = tuple[
    str, str
]  # what is tested and the value, such as ("sender", "shop.example"); a header field is tested by its name with a colon
Condition = frozenset[Key]  # one of these must be there


@dataclass(frozen=True, slots=True)
class SortedMail:
    """What rules test of one mail. Addresses are canonical, names of header fields in small letters."""

    senders: Sequence[str] = ()
    recipients: Sequence[str] = ()
    subject: str = ""
    text: str = ""
    headers: Sequence[tuple[str, str]] = ()


def address_and_domains(address: str) -> Iterator[str]:
    """An address and the domains above it, the narrowest first, at most `MOST_LEVELS` of them."""
    yield address
    domain = address.rpartition("@")[2]
    for _ in range(MOST_LEVELS):
        if not domain:
            return
        yield domain
        domain = domain.partition(".")[2]


class RuleIndex:
    """The compiled rules of one policy."""

    def __init__(self, rules: Sequence[SortingRule]) -> None:
        self.rules = tuple(rules)
        conditions = [conditions_of(rule) for rule in rules]
        self._known = Counter(key for each in conditions for condition in each for key in condition)
        self._unconditional = tuple(place for place, each in enumerate(conditions) if not each)
        self._found_by: dict[Key, list[int]] = defaultdict(list)
        self._further: dict[int, tuple[Condition, ...]] = {}
        for place, each in enumerate(conditions):
            self._add(place, each)
        self._lexicons = _lexicons(self._known)
        self._values = {place: _lexicon_of_fields(rule) for place, rule in enumerate(rules) if rule.fields}

    def _add(self, place: int, conditions: Sequence[Condition]) -> None:
        """Enter a rule under the condition that fewest other rules share."""
        first = min(conditions, key=lambda condition: sum(self._known[key] for key in condition), default=frozenset())
        for key in first:
            self._found_by[key].append(place)
        self._further[place] = tuple(condition for condition in conditions if condition is not first)

    def candidates(self, there: Iterable[Key]) -> set[int]:
        """The places of the rules that may fit a mail in which these keys are."""
        return {place for key in there for place in self._found_by.get(key, ())}.union(self._unconditional)

    def fitting(self, mail: SortedMail) -> tuple[int, ...]:
        """The places of the rules that fit a mail, ascending."""
        if not self.rules:
            return ()
        there = set(self._keys_in(mail))
        found = self.candidates(there)
        return tuple(sorted(place for place in found if not any(map(there.isdisjoint, self._further[place]))))

    def lexicon_of_fields(self, place: int) -> Lexicon | None:
        """The phrases of a rule's fields, by the names of the fields; None for a rule without fields."""
        return self._values.get(place)

    def _keys_in(self, mail: SortedMail) -> Iterator[Key]:
        """The keys that are in a mail and that any rule tests."""
        for kind, addresses in ((SENDER, mail.senders), (RECIPIENT, mail.recipients)):
            keys = ((kind, name) for address in addresses for name in address_and_domains(address))
            yield from (key for key in keys if key in self._known)
        if SUBJECT in self._lexicons or WORDS in self._lexicons:
            subject, text = words_of(mail.subject[:READ]), words_of(mail.text[:READ])
            yield from self._phrases(SUBJECT, subject)
            yield from self._phrases(WORDS, subject)
            yield from self._phrases(WORDS, text)
        for name, value in mail.headers:
            if f"{name}:" in self._lexicons:
                yield (f"{name}:", IS_THERE)
                yield from self._phrases(f"{name}:", words_of(value[:READ]))

    def _phrases(self, kind: str, words: Sequence[str]) -> Iterator[Key]:
        lexicon = self._lexicons.get(kind)
        return ((kind, meaning.phrase) for _, meaning in lexicon.occurrences(words)) if lexicon else iter(())


def compiled_rules(policy: Policy) -> RuleIndex:
    """The rules of a policy, compiled once for it."""
    return policy.derived(_compile)


def _compile(policy: Policy) -> RuleIndex:
    return RuleIndex(policy.rules)


def conditions_of(rule: SortingRule) -> tuple[Condition, ...]:
    """The conditions of a rule. All must hold; () for a rule that fits every mail."""
    listed: Mapping[str, Iterable[str]] = {
        SENDER: rule.sender,
        RECIPIENT: rule.recipient,
        SUBJECT: phrases_of(rule.subject),
        WORDS: phrases_of(rule.words),
        **{f"{name}:": phrases or (IS_THERE,) for name, phrases in rule.header.items()},
    }
    found = (frozenset((kind, value) for value in values) for kind, values in listed.items())
    return tuple(condition for condition in found if condition)


def _lexicons(known: Iterable[Key]) -> dict[str, Lexicon]:
    """The phrases to look for, by what is tested."""
    phrases: dict[str, dict[str, None]] = defaultdict(dict)
    for kind, value in known:
        if kind not in (SENDER, RECIPIENT):
            phrases[kind][value] = None
    return {kind: Lexicon({"": {"": tuple(value for value in values if value)}}) for kind, values in phrases.items()}


def _lexicon_of_fields(rule: SortingRule) -> Lexicon:
    return Lexicon({name: {"": phrases} for name, phrases in rule.fields.items()})
