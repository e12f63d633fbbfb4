"""Undo the last step on a ticket: restore the earlier state exactly, or change nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from helpdesk.threading.decisions.staff.steps.people import with_state
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import ReachChanges, TakeBack
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.matching.known import StepLetter, UndoStep
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.model.message import MovedMessage
from helpdesk.threading.model.participant import ParticipantState
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.model.ticket import Lineage, Ticket
from helpdesk.threading.trust.tokens import Token


@dataclass(frozen=True, slots=True)
class Restored:
    """One ticket as it was before the step, with the rows that are removed from the store."""

    draft: Draft
    take_back: TakeBack
    moved: tuple[MovedMessage, ...]


def why_not(ticket: Ticket, member: StaffMember, token: Token | None, context: Context) -> Sentence | None:
    """Why this person cannot undo the last step on a ticket; None if they can.

    `token` is the token of an undo address, which is good for one step of one ticket. It is None for `#undo`, which means the
    last step, whatever it was.
    """
    steps = context.known.undo.get(ticket.id, ())
    own = next((step for step in steps if step.ticket_id == ticket.id), None)
    if own is None:
        return sentence("there is nothing on {reference} that could be taken back", reference=ticket.reference)
    if own.actor != member.address:
        return sentence("the last change of {reference} was made by {actor}", reference=ticket.reference, actor=own.actor)
    if token is not None and (own.ticket_id, own.version) != (token.subject, token.version):
        return sentence("something else was done on {reference} since then; take that back first", reference=ticket.reference)
    if own.at + context.policy.answering.undo_within < context.now:
        return sentence("the last change of {reference} is too long ago", reference=ticket.reference)
    obstacle = next((reason for step in steps if (reason := _obstacle(step, context)) is not None), None)
    return obstacle or _written_since_merge(steps, context)


def _written_since_merge(steps: Sequence[UndoStep], context: Context) -> Sentence | None:
    """Why a merge cannot be taken back once somebody has written: nobody could say to which of the requests those words belong."""
    lineages = (step.after.get("lineage") for step in steps)
    merged = {lineage.merged_into for lineage in lineages if isinstance(lineage, Lineage)}
    for step in steps:
        ticket = context.known.tickets.get(step.ticket_id)
        if ticket is None or ticket.id not in merged:
            continue
        if any(message.version > step.version for message in context.conversation(ticket).last_messages):
            return sentence(
                "somebody has written on {reference} since then, and that stays there; #split moves the newest message",
                reference=ticket.reference,
            )
    return None


def _obstacle(step: UndoStep, context: Context) -> Sentence | None:
    ticket = context.known.tickets.get(step.ticket_id)
    if ticket is None:
        return sentence("its ticket is not here")
    if any(getattr(ticket, field) != value for field, value in step.after.items()):
        return sentence("{reference} has changed since then; put it right by commands", reference=ticket.reference)
    came_with_it = {message.id for message in step.moved}
    messages = (message for message in context.conversation(ticket).last_messages if message.id not in came_with_it)
    if step.version == 1 and any(message.version > 1 for message in messages):
        return sentence("somebody has written on {reference} since then", reference=ticket.reference)
    if step.read:
        return sentence("the customer of {reference} has read it in the platform already", reference=ticket.reference)
    if any(_has_left(letter) for letter in step.letters):
        return sentence("the letter to the customer of {reference} has left already", reference=ticket.reference)
    return None


def _has_left(letter: StepLetter) -> bool:
    waits = letter.state in (None, LetterState.SUPPRESSED) or (letter.state is LetterState.QUEUED and letter.attempts == 0)
    return letter.read or not waits


def take_back(ticket: Ticket, member: StaffMember, context: Context) -> tuple[Restored, ...]:
    """Restore this ticket and the other tickets that the same mail changed. This ticket comes first."""
    steps = sorted(context.known.undo[ticket.id], key=lambda step: step.ticket_id != ticket.id)
    return tuple(_restore(step, steps, member, context) for step in steps)


def _restore(step: UndoStep, steps: Sequence[UndoStep], member: StaffMember, context: Context) -> Restored:
    now = context.known.tickets[step.ticket_id]
    ticket = replace(now, **step.before)  # type: ignore[arg-type]  # fields by their names, as the store has read them
    for number, (state, _) in sorted(step.people.items(), reverse=True):
        ticket = _restore_person(ticket, number, state, step, context)
    kept = {person.number for person in ticket.participants}
    take_back = TakeBack(
        cause=step.cause,
        letters=tuple(letter.id for letter in step.letters if letter.state is LetterState.QUEUED),
        unread=tuple(letter.id for letter in step.letters),
        people=tuple(person.number for person in now.participants if person.number not in kept),
        began=step.at if step.version == 1 else None,
    )
    draft = Draft(context, ticket, now.version).add_event("taken_back", member.address, step.summary, now.status, ticket.status)
    back = tuple(suppression for suppression in step.lifted if not context.known.suppressions.get(suppression.address))
    draft = replace(draft, reach=ReachChanges(suppressions=back, unlisted=step.listed))
    # A message that the step moved away from this ticket returns to it.
    home = (
        replace(moved, from_ticket=other_step.ticket_id, version=moved.left_version, left_version=moved.version)
        for other_step in steps
        for moved in other_step.moved
        if moved.from_ticket == step.ticket_id
    )
    return Restored(draft, take_back, tuple(home))


def _restore_person(ticket: Ticket, number: int, state: ParticipantState | None, step: UndoStep, context: Context) -> Ticket:
    """Remove or reset a participant whom the step added or changed.

    A participant who has had another letter since then keeps their number, and has the state "left".
    """
    if state is not None:
        return with_state(ticket, number, state)
    never_left = {letter.message_id for letter in step.letters}
    if never_left.issuperset(context.conversation(ticket).threads.get(number, ())):
        return replace(ticket, participants=tuple(person for person in ticket.participants if person.number != number))
    return with_state(ticket, number, ParticipantState.LEFT)
