"""Begin a ticket.

A mail, a platform reply, a forward, a split and an archive all begin their request here. So no new request takes over a rating,
an incident, clocks or a past from another one.
"""

from helpdesk.config.policy import Policy
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Triaged
from helpdesk.threading.lifecycle.gate import refuses_automatic_letter
from helpdesk.threading.lifecycle.standing import standing_of
from helpdesk.threading.lifecycle.triage import triage_request
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.participant import Participant, Role
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.ticket import NO_LABELS, Ticket, TicketLabels
from helpdesk.threading.reading.regions import with_region
from helpdesk.threading.rules.sorting import Sorting


def begin_ticket(incoming: Incoming, context: Context, *, automatic_letters: bool | None = None) -> tuple[Ticket, Triaged]:
    """Make the ticket that somebody's words open, as triage classifies it, and return it with the result of triage.

    `incoming.correspondent` becomes the requester. If `automatic_letters` is None, the gate decides whether they may get
    automatic letters.
    """
    policy = context.policy
    address = context.support_address(incoming.support_address) or policy.addresses[0]
    standing = standing_of(_certain_author(incoming), context, address.address.lower(), account=incoming.account)
    found = triage_request(incoming, address, standing.plan, standing.account, context)
    may_be_answered = refuses_automatic_letter(incoming) is None if automatic_letters is None else automatic_letters
    ticket = Ticket(
        id=next(context.fresh.ids),
        reference=context.fresh.reference,
        version=0,
        status=Status.SUBMITTED,
        waiting_on=WaitingOn.SUPPORT,
        escalation_level=0,
        subject=incoming.subject.strip(),
        requester=1,
        account=standing.account,
        plan=standing.plan,
        category=found.category,
        severity=found.severity,
        priority=found.priority,
        queue=found.queue,
        assignee=found.assignee,
        support_address=address.address.lower(),
        thread_key=context.fresh.thread_key,
        language=_language(incoming, standing.account, policy),
        assurance=incoming.correspondent_assurance,
        automatic_letters=may_be_answered,
        resolutions=0,
        created_at=incoming.received_at,
        updated_at=context.now,
        event_count=0,
        first_response_at=None,
        participants=(Participant(1, Role.CUSTOMER, incoming.correspondent.address, incoming.author_name or standing.name),),
        labels=_labels(incoming.sorting),
    )
    return ticket, found


def _labels(sorting: Sorting) -> TicketLabels:
    if not (sorting.tags or sorting.fields):
        return NO_LABELS
    return TicketLabels(tuple(tag.value for tag in sorting.tags), {name: value.value for name, value in sorting.fields.items()})


def _certain_author(incoming: Incoming) -> str:
    """The author to whose account the request belongs; "" if another person is answered in their place, as for a web form."""
    return incoming.author if incoming.identity.may_be_customer and incoming.author == incoming.correspondent.address else ""


def _language(incoming: Incoming, account: str | None, policy: Policy) -> str:
    """The language of letters to the customer: that of their words, or else of the account, or else of the desk.

    The account tells the region where the words alone do not, and the author's address or words may.
    """
    known = policy.account(account)
    of_account = known.language if known else ""
    language = incoming.language or of_account or policy.default_language
    if of_account.partition("-")[0] == language:
        return of_account
    return with_region(language, incoming.correspondent.address, incoming.text)
