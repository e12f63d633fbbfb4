"""Steps that change who takes part in a ticket. Only staff change that."""

from dataclasses import replace

from helpdesk.threading.commands.grammar import Command
from helpdesk.threading.decisions.staff.steps.act import Act, Done, refusal
from helpdesk.threading.letters.order import CustomerFacts
from helpdesk.threading.lifecycle.decision import Handover
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.handover import by_word, files_in_no_inbox, lines_about, message_shown_as, rows_of
from helpdesk.threading.lifecycle.standing import standing_of
from helpdesk.threading.lifecycle.team import recipients_of_answer
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.message import Direction
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Participant, ParticipantState, Role
from helpdesk.threading.model.sentence import sentence
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.trust.addresses import canonical, is_robot_address


def copy(act: Act, draft: Draft, command: Command) -> Done:
    """Send future letters to the customer to this address too. It never gets earlier messages."""
    address = canonical(command.value.strip("<>"))
    if not address or is_robot_address(address) or draft.context.ours.is_ours(address):
        return refusal(
            draft, sentence('"{line}": this is no address of a person; "#cc paul@acme.example" would work', line=command.line)
        )
    if draft.context.staff_member(address) is not None:
        return refusal(
            draft, sentence('"{line}": {address} is staff; use #assign or write a #note', line=command.line, address=address)
        )
    known = draft.ticket.participant_at(address, Role.CUSTOMER)
    if known is not None and known.state is ParticipantState.ACTIVE:
        return refusal(draft, sentence('"{line}": {address} gets the letters already', line=command.line, address=address))
    draft = _with_state(draft, known, ParticipantState.ACTIVE) if known else _add_customer(draft, address)
    return Done(
        draft.add_event("copied", act.mail.member.address, address),
        sentence("{address} gets the letters to the customer from now on.", address=address),
    )


def uncopy(act: Act, draft: Draft, command: Command) -> Done:
    """Send an address no further letters about the ticket. The requester cannot be removed."""
    address = canonical(command.value.strip("<>"))
    known = draft.ticket.participant_at(address, Role.CUSTOMER) if address else None
    if known is None or known.state is ParticipantState.LEFT:
        return refusal(
            draft,
            sentence(
                '"{line}": {value} takes no part in {reference}',
                line=command.line,
                value=command.value,
                reference=draft.ticket.reference,
            ),
        )
    if known.number == draft.ticket.requester:
        return refusal(
            draft,
            sentence(
                '"{line}": {address} is who asked; the request cannot go on without its requester',
                line=command.line,
                address=address,
            ),
        )
    draft = _with_state(draft, known, ParticipantState.LEFT).add_event("uncopied", act.mail.member.address, address)
    return Done(
        draft, sentence("{address} gets no more letters about {reference}.", address=address, reference=draft.ticket.reference)
    )


def unsuppress(act: Act, draft: Draft, command: Command) -> Done:
    """Send letters to a suppressed address of this ticket again, including letters of this mail."""
    address = canonical(command.value.strip("<>"))
    if draft.context.ours.is_ours(address):
        return refusal(
            draft,
            sentence(
                '"{line}": {address} is an address of the desk itself, and no letter goes there',
                line=command.line,
                address=address,
            ),
        )
    if not address or draft.ticket.participant_at(address) is None:
        customers = ", ".join(address for address in recipients_of_answer(draft.ticket) if "@" in address) or sentence("none")
        return refusal(
            draft, sentence('"{line}": name an address of this ticket: {customers}', line=command.line, customers=customers)
        )
    draft = draft.add_event("unsuppressed", act.mail.member.address, address).lift_suppressions(address)
    return Done(draft, sentence("Letters go to {address} again.", address=address))


def author(act: Act, draft: Draft, command: Command) -> Done:
    """Correct the requester while nobody has answered, after a misread forward or a mail that asks to be answered elsewhere.

    No reply and no other command changes the requester. Only the person who forwarded a mail can correct its author.

    Account and plan become those of the right person, and the messages count as theirs. What was shown in the wrong person's
    inbox is removed, and letters to the wrong person that have not left are stopped.
    """
    ticket, context, address = draft.ticket, draft.context, canonical(command.value.strip("<>"))
    past = context.conversation(ticket).last_messages
    if ticket.lineage.opened_by not in (None, act.mail.member.address):
        return refusal(
            draft,
            sentence(
                '"{line}": {opened_by} has brought this request, and only they can say whose it is',
                line=command.line,
                opened_by=ticket.lineage.opened_by,
            ),
        )
    if len(past) > 1:
        return refusal(
            draft,
            sentence(
                '"{line}": somebody has answered already; a new mail with "#new {address}" begins a request for that person',
                line=command.line,
                address=address,
            ),
        )
    if context.conversation(ticket).merged:
        return refusal(
            draft,
            sentence(
                '"{line}": another request of this customer was merged into {reference}',
                line=command.line,
                reference=ticket.reference,
            ),
        )
    if not address or is_robot_address(address) or context.staff_member(address) is not None or context.ours.is_ours(address):
        return refusal(
            draft,
            sentence('"{line}": this is no address of a customer; "#author carla@globex.example" would work', line=command.line),
        )
    before = ticket.participant(ticket.requester)
    draft = _add_customer(draft, address)
    person = draft.ticket.participant_at(address, Role.CUSTOMER)
    assert person is not None
    assert before is not None
    draft = replace(draft, ticket=with_state(draft.ticket, person.number, ParticipantState.ACTIVE))
    if before.number != person.number:
        draft = replace(draft, ticket=with_state(draft.ticket, before.number, ParticipantState.LEFT))
    standing = standing_of(address, context, ticket.support_address)
    moved = replace(draft.ticket, requester=person.number, account=standing.account, plan=standing.plan)
    if before.number != person.number:  # a staff member's word names a person, but proves nothing about them
        moved = replace(moved, assurance=Assurance.UNVERIFIED, automatic_letters=True)
    draft = replace(draft, ticket=moved).set_clocks(moved.clocks, anew=True)  # targets depend on the plan and calendar
    draft = draft.add_event("author_corrected", act.mail.member.address, address)
    draft = draft.notify_customers(Notice.CONFIRMATION, CustomerFacts(account=moved.account), automatic=True, fixed_text=True)
    told = sentence("{reference} is the request of {address}.", reference=ticket.reference, address=address)
    if (before.number, ticket.account) == (person.number, standing.account):
        return Done(draft, told)
    rows = rows_of(ticket, context)
    another = before.number != person.number
    files = files_in_no_inbox(ticket, moved, context)
    messages = [by_word(message) if another else message for message in past if message.direction == Direction.CUSTOMER]
    handover = Handover(
        leaves=tuple(row.id for row in rows),
        shows=tuple(message_shown_as(address, message, (), files) for message in messages),
        written_by=tuple((message.id, address, message.assurance) for message in messages),
        stops=tuple(row.letter_id for row in rows if row.letter_id is not None and row.contact == before.address != address),
    )
    return Done(draft, told, more=lines_about(rows), handover=handover)


def _add_customer(draft: Draft, address: str) -> Draft:
    return draft.add_participant(Role.CUSTOMER, address, "", ParticipantState.ACTIVE)


def _with_state(draft: Draft, person: Participant, state: ParticipantState) -> Draft:
    return replace(draft, ticket=with_state(draft.ticket, person.number, state))


def with_state(ticket: Ticket, number: int, state: ParticipantState) -> Ticket:
    """The ticket with this participant in this state."""
    people = tuple(replace(person, state=state) if person.number == number else person for person in ticket.participants)
    return replace(ticket, participants=people)
