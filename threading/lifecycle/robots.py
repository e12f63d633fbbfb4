"""Mail that nobody wrote just now: automatic responses, delivery reports, complaints. It is recorded and moves nothing."""

from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.letters import about_delivery
from helpdesk.threading.lifecycle.scene import Scene
from helpdesk.threading.lifecycle.team import staff_facts, told_team
from helpdesk.threading.matching.gather import contact_address
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.known import SentLetter
from helpdesk.threading.matching.match import Match
from helpdesk.threading.model import Disposition, Notice, Ticket
from helpdesk.threading.reading.parsed import ReportedRecipient
from helpdesk.threading.trust.tokens import Purpose


def noted(incoming: Incoming, match: Match, scene: Scene) -> Decision:
    """An automatic response stands in the history of its ticket; it answers, reopens and closes nothing."""
    kind = incoming.kind.value.replace("_", " ")
    if match.ticket is None:
        return Decision(Disposition.NOTED, f"{kind} that belongs to no ticket", incoming.assurance, clues=match.clues)
    draft = Draft(scene, match.ticket, match.ticket.version)
    draft = draft.event(incoming.kind.value, contact_address(incoming), f"{incoming.subject}\n{incoming.text}")
    return draft.decision(Disposition.NOTED, f"{kind}: recorded, it moves nothing", incoming.assurance, match.clues)


def reported(incoming: Incoming, match: Match, scene: Scene) -> Decision:
    """A delivery report counts only at the return address of the letter itself, and from the null path: anybody can write one."""
    letter = _letter(incoming, scene)
    ticket = scene.known.tickets.get(letter.ticket_id) if letter and letter.ticket_id is not None else None
    if letter is None or ticket is None or not incoming.null_path or incoming.report is None:
        return Decision(Disposition.REPORTED, "a report that is tied to no letter of ours", incoming.assurance, clues=match.clues)
    draft = Draft(scene, ticket, ticket.version)
    failed = [one for one in incoming.report.recipients if one.action == "failed"]
    for one in incoming.report.recipients or (ReportedRecipient(letter.recipient, "failed", "", True, ""),):
        draft = draft.event(f"delivery_{one.action}", letter.recipient, f"{letter.notice}: {one.status} {one.diagnostic}".strip())
    if failed and not about_delivery(letter.notice):
        draft = _told_of_failure(draft, letter, ticket, failed, incoming)
    return draft.decision(
        Disposition.REPORTED, f"a delivery report on a letter of {ticket.reference}", incoming.assurance, match.clues
    )


def complained(incoming: Incoming, match: Match) -> Decision:
    return Decision(Disposition.REPORTED, "a complaint: recorded, it opens no ticket", incoming.assurance, clues=match.clues)


def _letter(incoming: Incoming, scene: Scene) -> SentLetter | None:
    bounces = (token for token in incoming.tokens if token.purpose is Purpose.BOUNCE)
    return next((scene.known.letters[token.subject] for token in bounces if token.subject in scene.known.letters), None)


def _told_of_failure(
    draft: Draft, letter: SentLetter, ticket: Ticket, failed: list[ReportedRecipient], incoming: Incoming
) -> Draft:
    """The team hears it in words, but nobody is told by a letter that his own letters do not arrive.

    Nor is anybody told that such a letter did not arrive: two dead mailboxes in one team would report each other for ever.
    """
    outcome = tuple(
        f"The letter ({letter.notice}) to {letter.recipient} did not arrive: {one.status} {one.diagnostic}" for one in failed
    )
    facts = staff_facts(draft, ticket.assurance, outcome=outcome)
    return told_team(draft, Notice.DELIVERY_FAILURE, facts, without=letter.recipient if letter.for_staff else "")
