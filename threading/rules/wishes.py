"""What the rules that fit a mail wish for it."""

from collections.abc import Iterable, Mapping

from helpdesk.config.rules import SortingRule
from helpdesk.threading.rules.fields import sought_text, values_in
from helpdesk.threading.rules.index import RuleIndex, SortedMail
from helpdesk.threading.rules.sorting import Sorting, Stop, StopKind, Wish


def sort_by_rules(mail: SortedMail, index: RuleIndex) -> Sorting:
    """The wishes of all rules that fit. What two of them say differently is as the first one says; tags add up."""
    places = index.fitting(mail)
    if not places:
        return Sorting(senders=tuple(mail.senders))
    rules = [index.rules[place] for place in places]
    stopping = next((rule for rule in rules if rule.stops), None)
    return Sorting(
        rules=tuple(rule.name for rule in rules),
        queue=_first((rule.queue, rule) for rule in rules),
        category=_first((rule.category, rule) for rule in rules),
        severity=_first((rule.severity, rule) for rule in rules),
        tags=_tags(rules),
        fields=_fields(places, mail, index),
        stop=Stop(StopKind(stopping.stops), stopping.name) if stopping else None,
        senders=tuple(mail.senders),
    )


def _first(said: Iterable[tuple[str, SortingRule]]) -> Wish | None:
    return next((Wish(value, rule.name) for value, rule in said if value), None)


def _tags(rules: Iterable[SortingRule]) -> tuple[Wish, ...]:
    found: dict[str, Wish] = {}
    for rule in rules:
        for tag in rule.tag:
            found.setdefault(tag, Wish(tag, rule.name))
    return tuple(found.values())


def _fields(places: Iterable[int], mail: SortedMail, index: RuleIndex) -> Mapping[str, Wish]:
    found: dict[str, Wish] = {}
    text = None
    for place in places:
        phrases = index.lexicon_of_fields(place)
        if phrases is None:
            continue
        text = text or sought_text(mail.subject, mail.text)
        for name, value in values_in(text, phrases).items():
            found.setdefault(name, Wish(value, index.rules[place].name))
    return found
