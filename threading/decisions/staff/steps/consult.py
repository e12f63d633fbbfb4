"""The step of `#consult`: write to a third person, who reads nothing of the ticket but this text."""

from dataclasses import replace

from helpdesk.threading.commands.grammar import Command
from helpdesk.threading.decisions.staff.steps.act import Act, Done, refusal
from helpdesk.threading.decisions.staff.steps.speech import note_of
from helpdesk.threading.letters.order import ConsultAnswer, CustomerFacts, LetterOrder, LetterThread, LetterWords
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.gate import pass_gate
from helpdesk.threading.model.consultation import Consultation
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Participant, ParticipantState, Role
from helpdesk.threading.model.sentence import sentence
from helpdesk.threading.trust.addresses import canonical, is_robot_address

MOST = 20  # side conversations of one ticket


def consult(act: Act, draft: Draft, command: Command) -> Done:
    """Send the text to a third person, and keep it as an internal note. Their answers become notes too, and never reach the customer."""
    address = canonical(command.value.strip("<>"))
    context, ticket = draft.context, draft.ticket
    if not address or is_robot_address(address) or context.ours.is_ours(address):
        return refusal(
            draft,
            sentence('"{line}": this is no address of a person; "#consult lea@supplier.example" would work', line=command.line),
        )
    if context.staff_member(address) is not None:
        return refusal(
            draft, sentence('"{line}": {address} is staff; use #assign or write a #note', line=command.line, address=address)
        )
    customer = ticket.participant_at(address, Role.CUSTOMER)
    if customer is not None and customer.state is ParticipantState.ACTIVE:
        return refusal(
            draft,
            sentence(
                '"{line}": {address} is a customer of {reference}; answer, or ask with #ask',
                line=command.line,
                address=address,
                reference=ticket.reference,
            ),
        )
    if not act.words:
        return refusal(draft, sentence('"{line}": write below it what they are to read', line=command.line))
    known = next((row for row in ticket.consultations if row.address == address), None)
    if known is None and len(ticket.consultations) >= MOST:
        return refusal(
            draft,
            sentence(
                '"{line}": {reference} has {most} side conversations already',
                line=command.line,
                reference=ticket.reference,
                most=MOST,
            ),
        )
    row = known or Consultation(len(ticket.consultations) + 1, address, act.mail.member.address, context.now)
    rows = (*(other for other in ticket.consultations if other.number != row.number), row)
    draft = replace(draft, ticket=replace(ticket, consultations=tuple(sorted(rows, key=lambda other: other.number))))
    draft = draft.add_event("consulted", act.mail.member.address, address)
    order = LetterOrder(
        id=next(context.fresh.ids),
        notice=Notice.CONSULTATION,
        to=Participant(0, Role.CUSTOMER, address, ""),
        ticket=None,
        facts=CustomerFacts(),
        automatic=False,
        words=LetterWords(
            act.words,
            act.mail.member.name,
            act.passed_on,
            document=act.document,
            signature=context.policy.signature_of(act.mail.member.address),
        ),
        thread=LetterThread(row.message_ids[-1] if row.message_ids else None, row.message_ids),
        answer=ConsultAnswer(ticket.id, row.number, ticket.support_address),
    )
    order = pass_gate(order, context, draft.letters, by_staff=True)
    if order.limits.suppressed:
        return refusal(
            draft,
            sentence(
                '"{line}": no letter goes to {address}: {suppressed}',
                line=command.line,
                address=address,
                suppressed=order.limits.suppressed,
            ),
        )
    note = note_of(act, context, f"To {address}:\n\n{act.words}")
    return Done(
        replace(draft, letters=(*draft.letters, order)),
        sentence(
            "{address} gets your text and nothing else of {reference}. An answer becomes an internal note.",
            address=address,
            reference=ticket.reference,
        ),
        note=replace(note, unasked=False),
    )
