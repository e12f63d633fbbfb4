"""Requests on a plan of which no person answers: they are kept and wait for nobody, and staff may answer them all the same."""

from helpdesk.config.policy import Policy
from helpdesk.threading.lifecycle.alarm import alarm_of
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.model.timer import TimerKind
from helpdesk.threading.promises.silence import closing_at


def nobody_answers(ticket: Ticket, incoming: Incoming, policy: Policy) -> bool:
    """Whether no person is to answer a customer's mail: by the plan of its ticket, unless its words need a person now."""
    plan = policy.plans.get(ticket.plan)
    return plan is not None and plan.is_self_service and alarm_of(incoming, policy) is None


def is_left_alone(ticket: Ticket, incoming: Incoming, policy: Policy) -> bool:
    """Whether a reply stays without a person's answer too: no person has taken the request up, and none is to answer it."""
    closed = ticket.status is Status.CLOSED and ticket.assignee is None and ticket.first_response_at is None
    return (ticket.is_self_served or closed) and nobody_answers(ticket, incoming, policy)


def time_end(draft: Draft) -> Draft:
    """Close a request of which nobody takes notice after the silence that closes a resolved one."""
    if not draft.ticket.is_self_served:
        return draft
    at = closing_at(draft.context.now, draft.context.policy)
    return draft.cancel_timer(TimerKind.SILENCE).set_timer(TimerKind.SILENCE, at)
