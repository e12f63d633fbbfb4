"""Rules tried one after another, each condition by itself. It knows what the documentation says of rules and nothing of their index."""

from collections.abc import Sequence

from support.oracles.plain_lexicon import plain_found_in

from helpdesk.config.lexicon import words_of
from helpdesk.config.rules import SortingRule
from helpdesk.threading.rules.index import SortedMail


def plain_fitting(rules: Sequence[SortingRule], mail: SortedMail) -> tuple[int, ...]:
    """The places of the rules of which every condition holds."""
    return tuple(place for place, rule in enumerate(rules) if _fits(rule, mail))


def _fits(rule: SortingRule, mail: SortedMail) -> bool:
    subject, text = words_of(mail.subject), words_of(mail.text)
    asked = [
        (rule.sender, any(_covers(entry, sender) for entry in rule.sender for sender in mail.senders)),
        (rule.recipient, any(_covers(entry, recipient) for entry in rule.recipient for recipient in mail.recipients)),
        (_all(rule.subject), any(_stands_in(phrase, subject) for phrase in _all(rule.subject))),
        (_all(rule.words), any(_stands_in(phrase, words) for phrase in _all(rule.words) for words in (subject, text))),
        *(
            (
                True,
                any(
                    name == field and (not phrases or any(_stands_in(each, words_of(value)) for each in phrases))
                    for field, value in mail.headers
                ),
            )
            for name, phrases in rule.header.items()
        ),
    ]
    return all(holds for named, holds in asked if named)


def _all(words: dict[str, tuple[str, ...]]) -> list[str]:
    return [phrase for phrases in words.values() for phrase in phrases]


def _covers(entry: str, address: str) -> bool:
    domain = address.rpartition("@")[2]
    return address == entry if "@" in entry else domain == entry or domain.endswith(f".{entry}")


def _stands_in(phrase: str, words: Sequence[str]) -> bool:
    return bool(plain_found_in({"": {"": [" ".join(_patterns(phrase))]}}, words))


def _patterns(phrase: str) -> list[str]:
    """A phrase in small letters with spaces between its words, as `plain_found_in` takes it."""
    return phrase.lower().replace("-", " ").split()
