"""What follows when a letter of ours is given up, or has waited for long: the team hears it once, and the ticket's history has it."""

from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.scene import Scene
from helpdesk.threading.lifecycle.team import staff_facts, told_team
from helpdesk.threading.matching.known import SentLetter
from helpdesk.threading.model import Assurance, Disposition, LetterFate, Notice

ACTOR = "relay"
NOTICES = {LetterFate.FAILED: Notice.DELIVERY_FAILURE, LetterFate.DELAYED: Notice.DELIVERY_DELAY}
SENTENCES = {
    LetterFate.FAILED: "The letter ({notice}) to {recipient} was given up: {reply}",
    LetterFate.DELAYED: "The letter ({notice}) to {recipient} still waits: {reply}",
}


def about_delivery(notice: str) -> bool:
    """Of such a letter nobody is told that it did not arrive: two dead mailboxes would report each other for ever."""
    return notice in NOTICES.values()


def decide_letter(letter: SentLetter, fate: LetterFate, reply: str, scene: Scene) -> Decision:
    """`reply` is what the relay said last, or the fault that kept it from answering."""
    ticket = scene.known.tickets.get(letter.ticket_id) if letter.ticket_id is not None else None
    if ticket is None:
        return Decision(Disposition.NOTED, f"a letter that belongs to no ticket is {fate}", Assurance.UNVERIFIED)
    draft = Draft(scene, ticket, ticket.version)
    draft = draft.event(f"delivery_{fate}", ACTOR, f"{letter.notice} to {letter.recipient}: {reply}")
    if not about_delivery(letter.notice):
        sentence = SENTENCES[fate].format(notice=letter.notice, recipient=letter.recipient, reply=reply or "no reason was given")
        facts = staff_facts(draft, ticket.assurance, outcome=(sentence,))
        draft = told_team(draft, NOTICES[fate], facts, without=letter.recipient if letter.for_staff else "")
    return draft.decision(Disposition.NOTED, f"a letter of {ticket.reference} is {fate}", ticket.assurance)
