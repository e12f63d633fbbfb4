"""`#join`: this request goes on in another one, to which it is linked or which the command names. `#merge` is the other way round."""

from dataclasses import replace

from helpdesk.threading.commands.grammar import Command
from helpdesk.threading.commands.words import Word
from helpdesk.threading.decisions.staff.steps.act import Act, Done, refusal
from helpdesk.threading.decisions.staff.steps.several import (
    add_from_other,
    end_merged,
    tell_of_words,
    with_account,
    with_promises_of,
)
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.permission import why_not_permitted
from helpdesk.threading.lifecycle.relations import same_customer, why_apart
from helpdesk.threading.model.participant import ParticipantState, Role
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.model.ticket import Ticket


def request_to_join(act: Act, ticket: Ticket, context: Context) -> Ticket | Sentence:
    """The request in which this one is to go on, or why it cannot, in one line.

    The command names it. Alone it means the one request to which this one is linked.
    """
    command = act.text.command(Word.JOIN)
    assert command is not None
    other = _find_other(command, ticket, context)
    if not isinstance(other, Ticket):
        return sentence('"{line}": {other}', line=command.line, other=other)
    lack = why_not_permitted(act.mail.member, other, context, command.value) or _why_not(act, ticket, other, context)
    return sentence('"{line}": {lack}', line=command.line, lack=lack) if lack else other


def _find_other(command: Command, ticket: Ticket, context: Context) -> Ticket | Sentence:
    if command.value:
        named = context.known.ticket_named(command.value)
        return (
            named
            if named and named.id != ticket.id
            else sentence('there is no other request of this reference; "#join ACZ-K7Q2M9" would work')
        )
    linked = {other.id: other for found in context.known.related.get(ticket.id, ()) if (other := context.known.survivor(found))}
    linked.pop(ticket.id, None)
    if len(linked) == 1:
        return next(iter(linked.values()))
    if not linked:
        return sentence('{reference} is linked to no other request; "#join ACZ-K7Q2M9" names one', reference=ticket.reference)
    names = ", ".join(sorted(other.reference for other in linked.values()))
    return sentence("{reference} is linked to {names}: name one of them on the line", reference=ticket.reference, names=names)


def _why_not(act: Act, ticket: Ticket, other: Ticket, context: Context) -> Sentence | None:
    if act.speaks and not act.internal:
        return sentence(
            "it goes without an answer to the customer: write that in reply to a letter about {other}", other=other.reference
        )
    return why_apart(ticket, other, context)


def join(act: Act, draft: Draft, command: Command) -> Done:
    """Take a request into this one: it ends, its words stand here, and its reply addresses lead here from then on.

    Its people take part here too if both requests are of one customer. Otherwise they are known as if they had been in Cc: they get
    no letter and no history, and staff can let them take part.
    """
    ended = act.joins
    if ended is None:
        return refusal(
            draft,
            sentence(
                '"{line}": send it in answer to a letter about the request that is to go on in another one', line=command.line
            ),
        )
    same = same_customer(draft.ticket, ended, draft.context)
    for person in ended.participants:
        guest = not same and person.role is Role.CUSTOMER and person.state is ParticipantState.ACTIVE
        draft = add_from_other(draft, replace(person, state=ParticipantState.SEEN) if guest else person)
    draft = with_account(draft) if same else draft
    draft = draft.add_event("merged", act.mail.member.address, f"{ended.reference} goes on here")
    draft = tell_of_words(with_promises_of(draft, ended, act) if same else draft, ended, act)
    requester = ended.participant(ended.requester)
    guest_line = (
        sentence("{address} takes no part here and gets no letter; #cc {address} changes that.", address=requester.address)
        if requester
        else None
    )
    return Done(
        draft,
        sentence(
            "{other} goes on in {reference}; replies to either land here.",
            other=ended.reference,
            reference=draft.ticket.reference,
        ),
        also=(end_merged(ended, draft, act),),
        related=(ended.id,),
        more=() if same or not guest_line else (guest_line,),
    )
