"""Triage: classify a new request once, with a reason for each value: category, severity, priority, queue, assignee, missing
facts.

Triage is pure, and linear in the length of the text, of which it reads the beginning. Staff can correct every value by mail; a
request is never triaged again.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from helpdesk.config.lexicon import Lexicon, Meaning, ReadText, in_language, words_of
from helpdesk.config.people import SupportAddress
from helpdesk.config.policy import Policy
from helpdesk.config.triage import ADDRESS, SUBJECT, Category, Missing
from helpdesk.config.triage_words import ASKING
from helpdesk.config.values import SEVERITIES
from helpdesk.threading.lifecycle.alarm import alarm_of
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Triaged
from helpdesk.threading.lifecycle.routing import assignee_for, by_rule, queue_for
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.sentence import Sentence, recalled, sentence
from helpdesk.threading.reading.parsed import Kind
from helpdesk.threading.rules.sorting import Sorting, Wish
from helpdesk.threading.sorting.answers import is_answered

READ = 50_000  # characters of the text that triage reads
MAIL_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.\w")
MOST_NAMED = 4  # words that a reason quotes


@dataclass(frozen=True, slots=True)
class Request:
    """The input of triage. `language` is "" if the text is too short to tell. Then the words of every language count."""

    subject: ReadText
    text: ReadText
    local_part: ReadText
    language: str
    plan: str
    account: str | None
    files: bool
    names_an_address: bool
    answered: Callable[[Iterable[str]], bool]  # whether a line answers a question, which is given in all its languages

    def meanings(self, lexicon: Lexicon) -> list[Meaning]:
        """What the subject and the text say of a lexicon, in the language of the request."""
        found = {id(meaning): meaning for part in (self.subject, self.text) for meaning in part.found(lexicon)}
        return self.in_its_language(found.values())

    def in_its_language(self, found: Iterable[Meaning]) -> list[Meaning]:
        """The meanings that count."""
        every = list(found)
        several = len({meaning.language for meaning in every}) > 1
        return in_language(every, self.language) if several else every


@dataclass(frozen=True, slots=True)
class Found:
    """A value, and the reason for it."""

    value: str
    reason: Sentence


def triage_request(incoming: Incoming, address: SupportAddress, plan: str, account: str | None, context: Context) -> Triaged:
    """Classify what somebody wrote to one of the desk's addresses."""
    policy = context.policy
    request, wishes = _request(incoming, address, plan, account, policy), incoming.sorting
    category = _of_rule(wishes.category) or _of_customer(incoming, policy) or category_of(request, policy)
    said = _of_rule(wishes.severity) or severity_of(request, category.value, policy)
    severity = _at_least_high(said, incoming, policy)
    impact = impact_of(request, policy)
    language = incoming.language.partition("-")[0]  # a route for "de" applies to "de-AT" too
    queue, why = queue_for(
        {
            "address": address.address.lower(),
            "category": category.value,
            "plan": plan,
            "account": account or "",
            "language": language,
            "severity": severity.value,
        },
        address.queue,
        policy,
        wishes.queue,
    )
    assignee, chosen = assignee_for(queue, context.known.staff, policy, context.now)
    priority = policy.priorities.of(severity.value, impact.value)
    needed = missing_of(request, policy.categories.get(category.value)) if incoming.kind is Kind.PERSON else {}
    return Triaged(
        category=category.value,
        severity=severity.value,
        priority=priority,
        queue=queue,
        assignee=assignee.address if assignee else None,
        missing=tuple(map(recalled, needed)),
        question=_question(needed.values(), language),
        reasons=(
            sentence("Category {value}: {reason}", value=category.value, reason=category.reason),
            sentence("Severity {value}: {reason}", value=severity.value, reason=severity.reason),
            sentence(
                "Priority {priority}: severity {value}, impact {value_b} ({reason})",
                priority=priority,
                value=severity.value,
                value_b=impact.value,
                reason=impact.reason,
            ),
            sentence("Queue {queue}: {why}", queue=queue, why=why),
            *_labels_by_rules(wishes),
            sentence("Assignee {name}: {chosen}", name=assignee.name if assignee else sentence("nobody"), chosen=chosen),
        ),
    )


def _of_rule(wish: Wish | None) -> Found | None:
    return Found(wish.value, by_rule(wish)) if wish else None


def _of_customer(incoming: Incoming, policy: Policy) -> Found | None:
    """The category that the customer has chosen in a form, if the desk has it."""
    chosen = incoming.chosen_category
    return Found(chosen, sentence("chosen by the customer")) if chosen in policy.categories else None


def _labels_by_rules(wishes: Sorting) -> Iterator[Sentence]:
    """Why the request has its tags and the values of its fields."""
    for tag in wishes.tags:
        yield sentence("Tag {tag}: {reason}", tag=tag.value, reason=by_rule(tag))
    for name, value in wishes.fields.items():
        yield sentence("{field} {value}: {reason}", field=name, value=value.value, reason=by_rule(value))


def _request(incoming: Incoming, address: SupportAddress, plan: str, account: str | None, policy: Policy) -> Request:
    subject, text, lexicons = incoming.subject[:READ], incoming.text[:READ], policy.lexicons
    return Request(
        subject=lexicons.read(words_of(subject)),
        text=lexicons.read(words_of(text)),
        local_part=lexicons.read(words_of(address.address.rpartition("@")[0])),
        language=incoming.told_language or incoming.language.partition("-")[0],
        plan=plan,
        account=account,
        files=any(attachment.is_sent for attachment in incoming.attachments),
        names_an_address=MAIL_ADDRESS.search(text) is not None,
        answered=partial(is_answered, text),
    )


def category_of(request: Request, policy: Policy) -> Found:
    """The category whose words score highest in the mail; among equals the first in the policy's order."""
    places = (
        (sentence("the support address"), ADDRESS, request.local_part),
        (sentence("the subject"), SUBJECT, request.subject),
        (sentence("the text"), 1, request.text),
    )
    said = [
        (name, category.weight * weight, place, meaning)
        for name, category in policy.categories.items()
        for place, weight, words in places
        for meaning in words.found(category.lexicon)
    ]
    in_its_language = set(map(id, request.in_its_language(meaning for *_, meaning in said)))
    counted = [row for row in said if id(row[3]) in in_its_language or row[2] == places[0][0]]
    scores = dict.fromkeys(policy.categories, 0)
    for name, weight, *_ in counted:
        scores[name] += weight
    best = max(scores, key=lambda name: scores[name], default="")
    if not scores or not scores[best]:
        return Found(policy.default_category, sentence("no word of any category is in it"))
    quoted = dict.fromkeys(
        sentence("{words} in {place}", words=_quote(meaning), place=place) for name, _, place, meaning in counted if name == best
    )
    return Found(best, _list_of(quoted))


def severity_of(request: Request, category: str, policy: Policy) -> Found:
    """The worst severity that the words, the category and the account give. Words set "low" only if the category is "normal"."""
    found = request.meanings(policy.severities.lexicon)
    worst = max((meaning.key for meaning in found if meaning.key != "normal"), key=SEVERITIES.index, default="")
    known = policy.categories.get(category)
    sources = [
        Found(known.severity, sentence("of the category {category}", category=category))
        if known
        else Found("normal", sentence("nothing says otherwise"))
    ]
    if worst and (worst != "low" or sources[0].value == "normal"):
        said = Found(
            worst,
            sentence(
                "{words} in the mail",
                words=_list_of(dict.fromkeys(_quote(meaning) for meaning in found if meaning.key == worst)),
            ),
        )
        sources = [said] if worst == "low" else [sources[0], said]
    account = policy.account(request.account)
    sources.append(
        Found(account.severity if account else "low", sentence("account {account} has no lower one", account=request.account))
    )
    return max(sources, key=lambda source: SEVERITIES.index(source.value))


def _at_least_high(found: Found, incoming: Incoming, policy: Policy) -> Found:
    """The severity, which is high at least where words need a person now."""
    alarm = alarm_of(incoming, policy)
    if alarm is None or SEVERITIES.index(found.value) >= SEVERITIES.index("high"):
        return found
    return Found("high", sentence('"{words}" in the mail needs a person now', words=alarm[1]))


def impact_of(request: Request, policy: Policy) -> Found:
    """The impact: high if the words say that many people are concerned, otherwise by the plan."""
    found = request.meanings(policy.triage.lexicon)
    if found:
        return Found("high", sentence("{words} in the mail", words=_list_of(dict.fromkeys(map(_quote, found)))))
    return Found(policy.triage.impact.get(request.plan, "normal"), sentence("plan {plan}", plan=request.plan))


def missing_of(request: Request, category: Category | None) -> dict[str, Missing]:
    """The facts that staff need for this category and that the mail does not contain, by their name."""
    shown = {"attachment": request.files, "address": request.names_an_address, "account": request.account is not None}
    missing = {}
    for name, item in category.missing.items() if category else ():
        keys = {meaning.key for meaning in request.meanings(item.lexicon)}
        needed = not item.about or "about" in keys
        is_there = "evidence" in keys or any(shown[row] for row in item.shown_by) or request.answered(item.ask.values())
        if needed and not is_there:
            missing[name] = item
    return missing


def _question(missing: Iterable[Missing], language: str) -> str:
    """The question to the customer about missing facts; "" if nothing is missing."""
    items = [f"- {field.question(language)}" for field in missing]
    return "\n".join([ASKING.get(language, ASKING["en"]), *items]) if items else ""


def _quote(meaning: Meaning) -> str:
    return f'"{meaning.phrase}"'


def _list_of(words: Iterable[str]) -> Sentence:
    named = tuple(words)
    if len(named) <= MOST_NAMED:
        return sentence("{words}", words=named)
    return sentence("{words} and {count} more", words=named[:MOST_NAMED], count=len(named) - MOST_NAMED)
