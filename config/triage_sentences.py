"""How new requests are sorted, in plain sentences: categories, severity, priority, routes, assignee."""

from collections.abc import Iterator

from helpdesk.config.policy import Policy
from helpdesk.config.triage import Category, Route
from helpdesk.config.values import IMPACTS, SEVERITIES


def sorting_sentences(policy: Policy) -> Iterator[str]:
    """What triage does with a new request, and who gets it."""
    yield (
        f"A new request gets the category that has most of its words in the mail; of equal ones, the first in this order: "
        f"{', '.join(policy.categories)}. A mail with none of these words gets category {policy.default_category}."
    )
    yield from (_category(name, category) for name, category in policy.categories.items())
    yield from _priorities(policy)
    yield from _routing(policy)
    yield _assigning(policy)


def _category(name: str, category: Category) -> str:
    languages = sorted(language for language in category.words if language)
    known = f"{sum(map(len, category.words.values()))} words" + (f" in {', '.join(languages)}" if languages else "")
    sensitive = "; it is sensitive" if category.sensitive else ""
    missing = f"; staff are told when a mail lacks: {', '.join(category.missing)}" if category.missing else ""
    return f"Category {name} has {known}; its severity is {category.severity}, unless words in the mail say another{sensitive}{missing}."


def _priorities(policy: Policy) -> Iterator[str]:
    plans = ", ".join(f"plan {name} has {policy.triage.impact.get(name, 'normal')} impact" for name in policy.plans)
    yield f"{plans[:1].upper()}{plans[1:]}."
    yield "Words that say that many people are concerned make the impact high."
    for level in SEVERITIES:
        row = ", ".join(f"{policy.priorities.of(level, impact)} with {impact} impact" for impact in IMPACTS)
        yield f"Severity {level} gives priority {row}."
    for account in policy.accounts:
        if account.severity != "low":
            yield f"Requests of account {account.id} have severity {account.severity} at least."


def _routing(policy: Policy) -> Iterator[str]:
    for number, route in enumerate(policy.routes, 1):
        yield f"Route {number}: {_fits(route)} waits in queue {route.queue}."
    if not policy.routes:
        named = [f"{name} in {category.queue}" for name, category in policy.categories.items() if category.queue]
        yield f"A request waits in the queue of its support address{_unless(named, policy.default_queue)}."


def _unless(named: list[str], default_queue: str) -> str:
    return f"; where that is {default_queue}, requests about {', '.join(named)}" if named else ""


def _fits(route: Route) -> str:
    named = [f"{name} {' or '.join(values)}" for name, values in route.conditions.items()]
    return f"a request with {' and '.join(named)}" if named else "every other request"


def _assigning(policy: Policy) -> str:
    if not policy.triage.assign:
        return "A new request waits in its queue until somebody takes it."
    own = [f"{member.name} {member.hours}" for member in policy.staff if member.hours]
    hours = f" (own hours: {', '.join(own)})" if own else ""
    return (
        f"A new request goes to the member of its queue who works now{hours}, is not away and has the fewest requests that wait on support; "
        "agents come before seniors, and seniors before managers. While the desk is closed, those count who work when it opens. Where there "
        "is nobody, the whole queue is told."
    )
