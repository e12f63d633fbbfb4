"""Rows of the platform inbox: the customers' own words, and copies of the letters to them. Internal notes are not used here."""

from collections.abc import Iterator

from helpdesk.store.cause import Outcome
from helpdesk.store.effects.statements import Values
from helpdesk.threading.letters.letter import Letter
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.model.attachment import attachments_as_json
from helpdesk.threading.model.message import Direction
from helpdesk.threading.model.participant import ParticipantState, Role
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reading.subjects import new_subject


def inbox_rows(outcome: Outcome) -> Iterator[Values]:
    """Make the inbox rows of an outcome: first the customer's own words, then the letters to customers."""
    one, decision = outcome.decision.ticket, outcome.decision
    if one is None or decision.grounds.from_archive:
        return
    handed_over = decision.past.handover.shows if decision.past.handover else ()
    for words in (*((decision.adds.message,) if decision.adds.message else ()), *handed_over):
        if words.direction != Direction.CUSTOMER or words.inbox_of is None or _is_strange(one, words.inbox_of):
            continue
        yield _inbox_row(outcome, one) | {
            "contact_address": _inbox_owner(one, words.inbox_of),
            "proved": words.proved,
            "direction": Direction.CUSTOMER,
            "notice": None,
            "subject": new_subject(words.subject, (one.subject,), one.reference) or one.subject,
            "body_text": words.text,
            "body_html": "",
            "attachments": list(words.attachments),
            "letter_id": None,
            "words_id": words.id,
        }
    for letter in outcome.letters:
        if not letter.for_staff and letter.ticket_id == one.id:
            yield _inbox_row(outcome, one) | {
                "contact_address": letter.to,
                "proved": True,
                "direction": Direction.SUPPORT,
                "notice": letter.notice,
                "subject": letter.subject,
                "body_text": letter.body_text,
                "body_html": letter.body_html,
                "attachments": _attachments(outcome.decision, letter),
                "letter_id": letter.id,
                "words_id": None,
            }


def _inbox_row(outcome: Outcome, one: Ticket) -> Values:
    return {
        "account_id": one.account,
        "ticket": one.reference,
        "thread_key": one.thread_key,
        "status_after": one.status,
        "created_at": outcome.now,
    }


def _is_strange(one: Ticket, author: str) -> bool:
    """Return whether the author is an unverified participant. Anybody can write to a leaked reply address, so their words are not shown."""
    person = one.participant_at(author, Role.CUSTOMER)
    return person is not None and person.state is ParticipantState.UNVERIFIED


def _inbox_owner(one: Ticket, author: str) -> str:
    """Return the address in whose inbox a customer's words appear. A stranger's words appear in the inbox of the requester."""
    person = one.participant_at(author)
    if person and person.role is Role.CUSTOMER and person.state is ParticipantState.ACTIVE:
        return author
    requester = one.participant(one.requester)
    return requester.address if requester else ""


def _attachments(decision: Decision, letter: Letter) -> list[Values]:
    """Return the attachments of a letter as JSON."""
    attached = next((order.words.attach for order in decision.letters if order.id == letter.id), ())
    return [*attachments_as_json(attached)]
