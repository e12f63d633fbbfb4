"""Decide what follows when a letter is given up, or has waited for long: the consequences of a failure, or one notice to the team."""

from helpdesk.threading.decisions.machines.undelivered import SILENT, decide_failure, ticket_of
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision, Grounds
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.team import notify_team, staff_facts
from helpdesk.threading.matching.known import SentLetter
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import DeliveryOutcome, Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.sentence import sentence

ACTOR = "relay"


def decide_letter_outcome(letter: SentLetter, delivery: DeliveryOutcome, reply: str, context: Context) -> Decision:
    """Decide about a letter's outcome. `reply` is the relay's last reply, or the fault that kept the relay from answering."""
    return decide_failure(letter, context) if delivery is DeliveryOutcome.FAILED else _report_delay(letter, reply, context)


def _report_delay(letter: SentLetter, reply: str, context: Context) -> Decision:
    ticket = ticket_of(letter, context.known)
    if ticket is None:
        return Decision(Disposition.NOTED, "a letter that belongs to no ticket still waits", Grounds(Assurance.UNVERIFIED))
    draft = Draft(context, ticket, ticket.version)
    draft = draft.add_event("delivery_delayed", ACTOR, f"{letter.notice} to {letter.recipient}: {reply}")
    if letter.notice not in SILENT:
        line = sentence(
            "The letter ({notice}) to {recipient} still waits: {reply}",
            notice=letter.notice,
            recipient=letter.recipient,
            reply=reply or sentence("no reason was given"),
        )
        facts = staff_facts(draft, ticket.assurance, outcome=(line,))
        without = letter.recipient if letter.for_staff else ""
        draft = notify_team(draft, Notice.DELIVERY_DELAY, facts, without=without)
    return draft.decision(Disposition.NOTED, f"a letter of {ticket.reference} still waits", Grounds(ticket.assurance))
