"""Plans, and the times that they promise."""

from datetime import timedelta
from typing import Literal

from helpdesk.config.section import (
    Field,
    Section,
    Timeout,
    duration,
    model_validator,
)
from helpdesk.config.values import (
    SEVERITIES,
    HelpPage,
    WebPage,
)


class Targets(Section):
    """Promised times, in working time of the calendar. A time that is not written is not promised."""

    first_response: Timeout | None = Field(default=None, description="Time until the first answer.", examples=["8h"])
    next_response: Timeout | None = Field(
        default=None, description="Time until the answer to each later message of the customer.", examples=["8h"]
    )
    resolution: Timeout | None = Field(default=None, description="Time until the request is resolved.", examples=["40h"])


class Plan(Targets):
    """What customers of a plan are promised.

    As soon as one plan is written, only the written ones exist. What is not written is not promised. Times are working time of
    [calendar]; "1d" is 24 working hours. At 75 % of a time the team is warned, at 100 % the ticket escalates.
    """

    self_service: HelpPage = Field(
        default="",
        description='Address of the help pages that letters to its customers name; "" names none.',
        examples=["https://www.example.com/help"],
    )
    community: Literal[""] | WebPage = Field(
        default="",
        description='Address of the community that letters to its customers name; "" names none.',
        examples=["https://community.example.com"],
    )
    answers: Literal["person", "self_service"] = Field(
        default="person",
        description='Who answers: "self_service" for nobody. Its customers are told so at once, their requests are kept and wait for '
        "nobody, and staff may answer them all the same. Words that need a person now reach one, as on every plan.",
    )
    low: Targets = Field(
        default=Targets(),
        description='Other times for this severity: { first_response = "1h", resolution = "16h" }. They go before those above.',
    )
    normal: Targets = Field(default=Targets(), description="Other times for this severity.")
    high: Targets = Field(default=Targets(), description="Other times for this severity.")
    critical: Targets = Field(default=Targets(), description="Other times for this severity.")

    @model_validator(mode="after")
    def _nobody_promises_nothing(self) -> "Plan":
        if self.is_self_service and any(
            self.promised(target, severity) for target in Targets.model_fields for severity in SEVERITIES
        ):
            raise ValueError('no person answers with answers = "self_service", so no time can be promised; take the times out')
        if self.is_self_service and not (self.self_service or self.community):
            raise ValueError('answers = "self_service" needs an address to point to; write self_service or community')
        return self

    @property
    def is_self_service(self) -> bool:
        """Whether no person answers its requests."""
        return self.answers == "self_service"

    def promised(self, target: str, severity: str) -> timedelta | None:
        """The time for a target, such as `first_response`; None where there is no promise."""
        own = getattr(self, severity) if severity in SEVERITIES else None
        special: timedelta | None = getattr(own, target, None)
        general: timedelta | None = getattr(self, target)
        return general if special is None else special


DEFAULT_PLANS = {
    "free": Plan(),
    "starter": Plan(first_response=duration("8h")),
    "business": Plan(first_response=duration("4h")),
    "custom": Plan(first_response=duration("2h")),
}
