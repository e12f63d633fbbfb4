"""What the operator wishes about one mail: the value that rules, lists and verdicts make."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class StopKind(StrEnum):
    """Why a mail is kept out of the desk."""

    IGNORE = "ignore"
    REFUSE = "refuse"
    SPAM = "spam"
    VERDICT = "verdict"  # of a relay's spam filter
    BLOCKED = "blocked"  # by the list of senders


@dataclass(frozen=True, slots=True)
class Stop:
    """A mail is kept out. `by` names the rule, the entry of the list or the header field that says so."""

    kind: StopKind
    by: str


@dataclass(frozen=True, slots=True)
class Wish:
    """A value that a rule sets, and the name of the rule."""

    value: str
    rule: str


@dataclass(frozen=True, slots=True)
class Sorting:
    """What the rules say about one mail. `rules` are the names of those that fit, in their order.

    `fields` are values drawn from the mail, by the field's name. `stop` is the first rule's wish to keep the mail out. `verdict` is the header
    field in which a trusted relay calls it spam, "" without one; `verdict_stops` if that keeps it out. `senders` are the addresses by which the
    lists know it, in canonical form. A `let_in` mail was released by the operator: nothing keeps it out a second time.
    """

    rules: tuple[str, ...] = ()
    queue: Wish | None = None
    category: Wish | None = None
    severity: Wish | None = None
    tags: tuple[Wish, ...] = ()
    fields: Mapping[str, Wish] = field(default_factory=dict)
    stop: Stop | None = None
    verdict: str = ""
    verdict_stops: bool = False
    senders: tuple[str, ...] = ()
    let_in: bool = False

    @property
    def sorts(self) -> bool:
        """Whether a rule says something about the request that the mail opens."""
        return bool(self.queue or self.category or self.severity or self.tags or self.fields)

    @property
    def sorted_by(self) -> tuple[str, ...]:
        """The names of the rules that say something about the request, in their order."""
        wishes = (*filter(None, (self.queue, self.category, self.severity)), *self.tags, *self.fields.values())
        saying = {wish.rule for wish in wishes}
        return tuple(name for name in self.rules if name in saying)


UNSORTED = Sorting()


def sorting_as_json(sorting: Sorting, stop: Stop | None) -> dict[str, Any]:
    """The operator's wishes about a mail, as the record of its decision keeps them. `stop` is what kept the mail out, if anything did."""
    return {
        "rules": list(sorting.rules),
        **{name: _wish_as_json(getattr(sorting, name)) for name in ("queue", "category", "severity")},
        "tags": [wish.value for wish in sorting.tags],
        "fields": {name: wish.value for name, wish in sorting.fields.items()},
        "verdict": sorting.verdict,
        "stop": None if stop is None else {"kind": stop.kind, "by": stop.by},
    }


def _wish_as_json(wish: Wish | None) -> dict[str, str] | None:
    return None if wish is None else {"value": wish.value, "rule": wish.rule}
