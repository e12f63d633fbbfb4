"""What the form tells about the desk: its plans, and its languages by their own names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from helpdesk.config.policy import Policy

LANGUAGE_NAMES: Mapping[str, str] = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "it": "Italiano",
    "pt": "Português",
    "nl": "Nederlands",
}


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """What a plan gets. `first` is the promised time of working hours until the first answer, "" for none."""

    name: str
    first: str
    is_answered: bool
    is_default: bool
    self_service: str
    community: str


def shown_plans(policy: Policy) -> Sequence[ShownPlan]:
    """The plans of a desk, in their order."""
    return [
        ShownPlan(
            name,
            _hours(plan.promised("first_response", "normal")),
            not plan.is_self_service,
            name == policy.default_plan,
            plan.self_service,
            plan.community,
        )
        for name, plan in policy.plans.items()
    ]


def _hours(promised: timedelta | None) -> str:
    """A time with the unit's symbol, which is the same in all languages."""
    if promised is None:
        return ""
    minutes = round(promised.total_seconds() / 60)
    return (
        f"{minutes // 60} h"
        if minutes % 60 == 0
        else f"{minutes} min"
        if minutes < 60
        else f"{minutes // 60} h {minutes % 60} min"
    )
