"""The lifecycle of a ticket as one table. A change that is not in the table cannot happen.

There are no wildcards, guards or precedence: each pair of status and trigger has one rule or none. `unanswered()` lists the pairs
without a rule, so that a new status or trigger needs a decision about every pair. Automatic responses and delivery reports are
not triggers.
"""

from collections import Counter
from dataclasses import dataclass

from helpdesk.threading.model.notice import Notice as N
from helpdesk.threading.model.status import Status as S
from helpdesk.threading.model.status import Trigger as T
from helpdesk.threading.model.status import WaitingOn as W


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: what a trigger does to a ticket in one status.

    `source` is None for a ticket that does not exist yet. `waiting_on` is None if it stays unchanged.
    """

    source: S | None
    trigger: T
    target: S
    waiting_on: W | None
    to_customer: N | None = None
    to_team: N | None = None

    @property
    def name(self) -> str:
        """The rule's short name, which the record of a decision keeps."""
        return f"{self.source or 'new'} + {self.trigger} → {self.target}"


# fmt: off
LIFECYCLE: tuple[Rule, ...] = (
    #    from           on                       to             waiting on   customer gets           team gets
    Rule(None,          T.CUSTOMER_WROTE,        S.SUBMITTED,   W.SUPPORT,   N.CONFIRMATION,         None),
    Rule(S.SUBMITTED,   T.TRIAGED,               S.IN_REVIEW,   W.SUPPORT,   None,                   N.NEW_TICKET),
    Rule(S.SUBMITTED,   T.SELF_SERVED,           S.SUBMITTED,   W.NOBODY,    N.SELF_SERVICE,         None),
    Rule(S.CLOSED,      T.SELF_SERVED,           S.CLOSED,      W.NOBODY,    N.SELF_SERVICE,         None),

    Rule(S.SUBMITTED,   T.CUSTOMER_WROTE,        S.SUBMITTED,   W.SUPPORT,   None,                   N.CUSTOMER_REPLY),
    Rule(S.IN_REVIEW,   T.CUSTOMER_WROTE,        S.IN_REVIEW,   W.SUPPORT,   None,                   N.CUSTOMER_REPLY),
    Rule(S.IN_PROGRESS, T.CUSTOMER_WROTE,        S.IN_PROGRESS, W.SUPPORT,   None,                   N.CUSTOMER_REPLY),
    Rule(S.ESCALATED,   T.CUSTOMER_WROTE,        S.ESCALATED,   W.SUPPORT,   None,                   N.CUSTOMER_REPLY),
    Rule(S.RESOLVED,    T.CUSTOMER_WROTE,        S.IN_PROGRESS, W.SUPPORT,   N.REOPENED,             N.REOPENED),
    Rule(S.CLOSED,      T.CUSTOMER_WROTE,        S.IN_PROGRESS, W.SUPPORT,   N.REOPENED,             N.REOPENED),

    Rule(S.SUBMITTED,   T.CUSTOMER_CONFIRMED,    S.SUBMITTED,   None,        None,                   N.CUSTOMER_REPLY),
    Rule(S.IN_REVIEW,   T.CUSTOMER_CONFIRMED,    S.IN_REVIEW,   None,        None,                   N.CUSTOMER_REPLY),
    Rule(S.IN_PROGRESS, T.CUSTOMER_CONFIRMED,    S.IN_PROGRESS, None,        None,                   N.CUSTOMER_REPLY),
    Rule(S.ESCALATED,   T.CUSTOMER_CONFIRMED,    S.ESCALATED,   None,        None,                   N.CUSTOMER_REPLY),
    Rule(S.RESOLVED,    T.CUSTOMER_CONFIRMED,    S.CLOSED,      W.NOBODY,    N.CLOSING,              None),
    Rule(S.CLOSED,      T.CUSTOMER_CONFIRMED,    S.CLOSED,      W.NOBODY,    None,                   None),

    Rule(S.SUBMITTED,   T.STAFF_ANSWERED,        S.IN_PROGRESS, W.CUSTOMER,  N.ANSWER,               None),
    Rule(S.IN_REVIEW,   T.STAFF_ANSWERED,        S.IN_PROGRESS, W.CUSTOMER,  N.ANSWER,               None),
    Rule(S.IN_PROGRESS, T.STAFF_ANSWERED,        S.IN_PROGRESS, W.CUSTOMER,  N.ANSWER,               None),
    Rule(S.ESCALATED,   T.STAFF_ANSWERED,        S.ESCALATED,   W.CUSTOMER,  N.ANSWER,               None),
    Rule(S.RESOLVED,    T.STAFF_ANSWERED,        S.RESOLVED,    W.NOBODY,    N.ANSWER,               None),
    Rule(S.CLOSED,      T.STAFF_ANSWERED,        S.CLOSED,      W.NOBODY,    N.ANSWER,               None),

    Rule(S.SUBMITTED,   T.PROGRESS_REPORTED,     S.IN_PROGRESS, W.SUPPORT,   N.ANSWER,               None),
    Rule(S.IN_REVIEW,   T.PROGRESS_REPORTED,     S.IN_PROGRESS, W.SUPPORT,   N.ANSWER,               None),
    Rule(S.IN_PROGRESS, T.PROGRESS_REPORTED,     S.IN_PROGRESS, W.SUPPORT,   N.ANSWER,               None),
    Rule(S.ESCALATED,   T.PROGRESS_REPORTED,     S.ESCALATED,   W.SUPPORT,   N.ANSWER,               None),

    Rule(S.SUBMITTED,   T.INFORMATION_REQUESTED, S.IN_REVIEW,   W.CUSTOMER,  N.INFORMATION_REQUEST,  None),
    Rule(S.IN_REVIEW,   T.INFORMATION_REQUESTED, S.IN_REVIEW,   W.CUSTOMER,  N.INFORMATION_REQUEST,  None),
    Rule(S.IN_PROGRESS, T.INFORMATION_REQUESTED, S.IN_PROGRESS, W.CUSTOMER,  N.INFORMATION_REQUEST,  None),
    Rule(S.ESCALATED,   T.INFORMATION_REQUESTED, S.ESCALATED,   W.CUSTOMER,  N.INFORMATION_REQUEST,  None),

    Rule(S.SUBMITTED,   T.NOTE_ADDED,            S.SUBMITTED,   None,        None,                   N.INTERNAL_NOTE),
    Rule(S.IN_REVIEW,   T.NOTE_ADDED,            S.IN_REVIEW,   None,        None,                   N.INTERNAL_NOTE),
    Rule(S.IN_PROGRESS, T.NOTE_ADDED,            S.IN_PROGRESS, None,        None,                   N.INTERNAL_NOTE),
    Rule(S.ESCALATED,   T.NOTE_ADDED,            S.ESCALATED,   None,        None,                   N.INTERNAL_NOTE),
    Rule(S.RESOLVED,    T.NOTE_ADDED,            S.RESOLVED,    None,        None,                   N.INTERNAL_NOTE),
    Rule(S.CLOSED,      T.NOTE_ADDED,            S.CLOSED,      None,        None,                   N.INTERNAL_NOTE),

    Rule(S.SUBMITTED,   T.ASSIGNED,              S.IN_REVIEW,   None,        None,                   N.ASSIGNMENT),
    Rule(S.IN_REVIEW,   T.ASSIGNED,              S.IN_REVIEW,   None,        None,                   N.ASSIGNMENT),
    Rule(S.IN_PROGRESS, T.ASSIGNED,              S.IN_PROGRESS, None,        None,                   N.ASSIGNMENT),
    Rule(S.ESCALATED,   T.ASSIGNED,              S.ESCALATED,   None,        None,                   N.ASSIGNMENT),
    Rule(S.RESOLVED,    T.ASSIGNED,              S.RESOLVED,    None,        None,                   N.ASSIGNMENT),

    Rule(S.SUBMITTED,   T.ESCALATED,             S.ESCALATED,   W.SUPPORT,   N.ESCALATION,           N.ESCALATION),
    Rule(S.IN_REVIEW,   T.ESCALATED,             S.ESCALATED,   W.SUPPORT,   N.ESCALATION,           N.ESCALATION),
    Rule(S.IN_PROGRESS, T.ESCALATED,             S.ESCALATED,   W.SUPPORT,   N.ESCALATION,           N.ESCALATION),
    Rule(S.ESCALATED,   T.ESCALATED,             S.ESCALATED,   W.SUPPORT,   N.ESCALATION,           N.ESCALATION),

    Rule(S.SUBMITTED,   T.TARGET_MISSED,         S.ESCALATED,   W.SUPPORT,   N.ESCALATION,           N.TARGET_MISSED),
    Rule(S.IN_REVIEW,   T.TARGET_MISSED,         S.ESCALATED,   W.SUPPORT,   N.ESCALATION,           N.TARGET_MISSED),
    Rule(S.IN_PROGRESS, T.TARGET_MISSED,         S.ESCALATED,   W.SUPPORT,   N.ESCALATION,           N.TARGET_MISSED),
    Rule(S.ESCALATED,   T.TARGET_MISSED,         S.ESCALATED,   W.SUPPORT,   N.ESCALATION,           N.TARGET_MISSED),

    Rule(S.SUBMITTED,   T.RESOLVED,              S.RESOLVED,    W.NOBODY,    N.RESOLUTION,           None),
    Rule(S.IN_REVIEW,   T.RESOLVED,              S.RESOLVED,    W.NOBODY,    N.RESOLUTION,           None),
    Rule(S.IN_PROGRESS, T.RESOLVED,              S.RESOLVED,    W.NOBODY,    N.RESOLUTION,           None),
    Rule(S.ESCALATED,   T.RESOLVED,              S.RESOLVED,    W.NOBODY,    N.RESOLUTION,           None),

    Rule(S.RESOLVED,    T.REOPENED,              S.IN_PROGRESS, W.SUPPORT,   N.REOPENED,             N.REOPENED),
    Rule(S.CLOSED,      T.REOPENED,              S.IN_PROGRESS, W.SUPPORT,   N.REOPENED,             N.REOPENED),

    Rule(S.IN_REVIEW,   T.REMINDED,              S.IN_REVIEW,   W.CUSTOMER,  N.REMINDER,             None),
    Rule(S.IN_PROGRESS, T.REMINDED,              S.IN_PROGRESS, W.CUSTOMER,  N.REMINDER,             None),
    Rule(S.ESCALATED,   T.REMINDED,              S.ESCALATED,   W.CUSTOMER,  N.REMINDER,             None),

    Rule(S.IN_PROGRESS, T.SETTLED,               S.RESOLVED,    W.NOBODY,    N.RESOLUTION,           None),
    Rule(S.ESCALATED,   T.SETTLED,               S.RESOLVED,    W.NOBODY,    N.RESOLUTION,           None),

    Rule(S.SUBMITTED,   T.SILENCE_ELAPSED,       S.CLOSED,      W.NOBODY,    None,                   None),
    Rule(S.IN_REVIEW,   T.SILENCE_ELAPSED,       S.CLOSED,      W.NOBODY,    N.CLOSING,              None),
    Rule(S.IN_PROGRESS, T.SILENCE_ELAPSED,       S.CLOSED,      W.NOBODY,    N.CLOSING,              None),
    Rule(S.ESCALATED,   T.SILENCE_ELAPSED,       S.CLOSED,      W.NOBODY,    N.CLOSING,              None),
    Rule(S.RESOLVED,    T.SILENCE_ELAPSED,       S.CLOSED,      W.NOBODY,    N.CLOSING,              None),

    Rule(S.SUBMITTED,   T.CLOSED,                S.CLOSED,      W.NOBODY,    N.CLOSING,              None),
    Rule(S.IN_REVIEW,   T.CLOSED,                S.CLOSED,      W.NOBODY,    N.CLOSING,              None),
    Rule(S.IN_PROGRESS, T.CLOSED,                S.CLOSED,      W.NOBODY,    N.CLOSING,              None),
    Rule(S.ESCALATED,   T.CLOSED,                S.CLOSED,      W.NOBODY,    N.CLOSING,              None),
    Rule(S.RESOLVED,    T.CLOSED,                S.CLOSED,      W.NOBODY,    N.CLOSING,              None),

    Rule(S.SUBMITTED,   T.SNOOZED,               S.SUBMITTED,   W.NOBODY,    None,                   None),
    Rule(S.IN_REVIEW,   T.SNOOZED,               S.IN_REVIEW,   W.NOBODY,    None,                   None),
    Rule(S.IN_PROGRESS, T.SNOOZED,               S.IN_PROGRESS, W.NOBODY,    None,                   None),
    Rule(S.ESCALATED,   T.SNOOZED,               S.ESCALATED,   W.NOBODY,    None,                   None),

    Rule(S.SUBMITTED,   T.WOKEN,                 S.SUBMITTED,   W.SUPPORT,   None,                   N.WOKEN),
    Rule(S.IN_REVIEW,   T.WOKEN,                 S.IN_REVIEW,   W.SUPPORT,   None,                   N.WOKEN),
    Rule(S.IN_PROGRESS, T.WOKEN,                 S.IN_PROGRESS, W.SUPPORT,   None,                   N.WOKEN),
    Rule(S.ESCALATED,   T.WOKEN,                 S.ESCALATED,   W.SUPPORT,   None,                   N.WOKEN),

    Rule(S.SUBMITTED,   T.SPAM,                  S.CLOSED,      W.NOBODY,    None,                   None),
    Rule(S.IN_REVIEW,   T.SPAM,                  S.CLOSED,      W.NOBODY,    None,                   None),
    Rule(S.IN_PROGRESS, T.SPAM,                  S.CLOSED,      W.NOBODY,    None,                   None),
    Rule(S.ESCALATED,   T.SPAM,                  S.CLOSED,      W.NOBODY,    None,                   None),
    Rule(S.RESOLVED,    T.SPAM,                  S.CLOSED,      W.NOBODY,    None,                   None),
    Rule(S.CLOSED,      T.SPAM,                  S.CLOSED,      W.NOBODY,    None,                   None),

    Rule(S.SUBMITTED,   T.PERMISSION_ASKED,      S.IN_REVIEW,   W.CUSTOMER,  N.PERMISSION_REQUEST,   None),
    Rule(S.IN_REVIEW,   T.PERMISSION_ASKED,      S.IN_REVIEW,   W.CUSTOMER,  N.PERMISSION_REQUEST,   None),
    Rule(S.IN_PROGRESS, T.PERMISSION_ASKED,      S.IN_PROGRESS, W.CUSTOMER,  N.PERMISSION_REQUEST,   None),
    Rule(S.ESCALATED,   T.PERMISSION_ASKED,      S.ESCALATED,   W.CUSTOMER,  N.PERMISSION_REQUEST,   None),

    Rule(S.IN_REVIEW,   T.PERMISSION_ANSWERED,   S.IN_REVIEW,   W.SUPPORT,   None,                   N.PERMISSION_ANSWER),
    Rule(S.IN_PROGRESS, T.PERMISSION_ANSWERED,   S.IN_PROGRESS, W.SUPPORT,   None,                   N.PERMISSION_ANSWER),
    Rule(S.ESCALATED,   T.PERMISSION_ANSWERED,   S.ESCALATED,   W.SUPPORT,   None,                   N.PERMISSION_ANSWER),

    Rule(S.IN_REVIEW,   T.PERMISSION_EXPIRED,    S.IN_REVIEW,   W.SUPPORT,   None,                   N.PERMISSION_ANSWER),
    Rule(S.IN_PROGRESS, T.PERMISSION_EXPIRED,    S.IN_PROGRESS, W.SUPPORT,   None,                   N.PERMISSION_ANSWER),
    Rule(S.ESCALATED,   T.PERMISSION_EXPIRED,    S.ESCALATED,   W.SUPPORT,   None,                   N.PERMISSION_ANSWER),

    Rule(None,          T.SPLIT,                 S.SUBMITTED,   W.SUPPORT,   None,                   None),
    Rule(S.IN_PROGRESS, T.MESSAGE_MOVED,         S.IN_PROGRESS, W.CUSTOMER,  None,                   None),
    Rule(S.ESCALATED,   T.MESSAGE_MOVED,         S.ESCALATED,   W.CUSTOMER,  None,                   None),
    Rule(S.SUBMITTED,   T.MERGED,                S.CLOSED,      W.NOBODY,    None,                   None),
    Rule(S.IN_REVIEW,   T.MERGED,                S.CLOSED,      W.NOBODY,    None,                   None),
    Rule(S.IN_PROGRESS, T.MERGED,                S.CLOSED,      W.NOBODY,    None,                   None),
    Rule(S.ESCALATED,   T.MERGED,                S.CLOSED,      W.NOBODY,    None,                   None),
    Rule(S.RESOLVED,    T.MERGED,                S.CLOSED,      W.NOBODY,    None,                   None),
    Rule(S.CLOSED,      T.MERGED,                S.CLOSED,      W.NOBODY,    None,                   None),
    Rule(S.CLOSED,      T.CLOSING_FAILED,        S.RESOLVED,    W.NOBODY,    None,                   N.DELIVERY_FAILURE),
)
# fmt: on

REPEATED = [pair for pair, count in Counter((rule.source, rule.trigger) for rule in LIFECYCLE).items() if count > 1]
if REPEATED:
    raise ValueError(f"the lifecycle has more than one rule for {REPEATED}")

BY_PAIR = {(rule.source, rule.trigger): rule for rule in LIFECYCLE}


def rule_for(status: S | None, trigger: T) -> Rule | None:
    """The rule for a trigger in a status; None if the trigger changes nothing there."""
    return BY_PAIR.get((status, trigger))


def unanswered() -> tuple[tuple[S | None, T], ...]:
    """Every pair of status and trigger that has no rule."""
    return tuple((status, trigger) for status in (None, *S) for trigger in T if (status, trigger) not in BY_PAIR)


def as_markdown() -> str:
    """The table as the documentation prints it."""
    rows = ["| from | on | to | waiting on | customer gets | team gets |", "| --- | --- | --- | --- | --- | --- |"]
    for rule in LIFECYCLE:
        cells = (
            rule.source or "(new)",
            rule.trigger,
            rule.target,
            rule.waiting_on or "as before",
            rule.to_customer,
            rule.to_team,
        )
        rows.append("| " + " | ".join(str(cell or "–") for cell in cells) + " |")
    return "\n".join(rows) + "\n"
