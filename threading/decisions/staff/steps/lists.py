"""Answer `#find` and `#status`: requests by words, by a person, by a colleague. Nothing changes, and nobody but the author reads it."""

from dataclasses import replace

from helpdesk.threading.commands.grammar import Command
from helpdesk.threading.commands.words import Word
from helpdesk.threading.decisions.staff.mail import StaffMail
from helpdesk.threading.decisions.staff.steps import care
from helpdesk.threading.decisions.staff.steps.act import Act, Done, refusal
from helpdesk.threading.letters.names import status_name
from helpdesk.threading.letters.order import ListedRequest, RequestList
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.past_requests import OVER, state_of
from helpdesk.threading.lifecycle.permission import may, why_not_permitted
from helpdesk.threading.lifecycle.routing import staff_named
from helpdesk.threading.matching.known import FoundRequest
from helpdesk.threading.matching.search_words import SoughtWord, count_found, excerpt_with, sought_words
from helpdesk.threading.model.digest import DigestRow
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.sentence import Day, Sentence, sentence
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.trust.addresses import canonical

BEST = 10  # requests that a search shows
MOST_LISTED = 20  # requests of a person or a colleague


def find(act: Act, draft: Draft, command: Command) -> Done:
    """List the requests with the words of the command in the receipt."""
    return _show_list(draft, command, requests_found(command, act.mail))


def status(act: Act, draft: Draft, command: Command) -> Done:
    """Report how the ticket stands; with a value, how the request of that reference, or those of that person, stand."""
    if not command.value:
        return care.status(act, draft, command)
    other = draft.context.known.ticket_named(command.value)
    if other is None:
        return _show_list(draft, command, requests_of(command, act.mail))
    if lack := why_not_permitted(act.mail.member, other, draft.context, command.value):
        return refusal(draft, sentence('"{line}": {lack}', line=command.line, lack=lack))
    return (
        care.status(act, draft, command)
        if other.id == draft.ticket.id
        else Done(draft, sentence("{care}.", care=care.standing(other)))
    )


def answer_to(command: Command, mail: StaffMail) -> RequestList | Sentence:
    """The list that `#find` or `#status WHO` asks for; or a sentence that says why there is none."""
    return requests_found(command, mail) if command.word is Word.FIND else requests_of(command, mail)


def requests_found(command: Command, mail: StaffMail) -> RequestList | Sentence:
    """The best requests of a search: those whose subject, reference or people have most of the words, then the newest."""
    context, sought = mail.context, sought_words(command.value)
    if not sought:
        return sentence('"{line}": add words to look for. Try: #find invoice 2026', line=command.line)
    found = [request for request in context.known.found.get(command.value, ()) if may(mail.member, request.ticket, context)]
    found.sort(key=lambda request: -count_found(sought, _head(request.ticket)))
    listed = tuple(_row_of_search(number, request, sought) for number, request in enumerate(found[:BEST], 1))
    more = len(found) > BEST
    return RequestList(
        sentence("#find {value}: {best}{what}", value=command.value, best=BEST if more else len(found), what="+" if more else ""),
        listed,
        more,
    )


def requests_of(command: Command, mail: StaffMail) -> RequestList | Sentence:
    """The requests of the person or the colleague whom a command names."""
    context, value = mail.context, command.value
    members = staff_named(value, context.known.staff)
    if len(members) == 1:
        return _of_colleague(members[0], mail)
    address = canonical(value.strip("<>"))
    if address in context.known.past:
        return _of_person(address, mail)
    names = ", ".join(member.name for member in members or context.known.staff)
    return sentence(
        '"{line}": not a request, a customer\'s address or a colleague. Choose: {names}', line=command.line, names=names
    )


def _of_colleague(member: StaffMember, mail: StaffMail) -> RequestList:
    """The open requests that are in a colleague's hands, the most urgent first."""
    context = mail.context
    tickets = [
        ticket
        for ticket in context.known.open_of.get(member.address, ())
        if ticket.assignee == member.address and may(mail.member, ticket, context)
    ]
    away = f" (#away {member.away_until:%Y-%m-%d})" if member.away_until and member.away_until > context.now else ""
    rows = tuple(_row(number, ticket) for number, ticket in enumerate(tickets[:MOST_LISTED], 1))
    return RequestList(
        sentence("#status {name}{away}: {count}", name=member.name, away=away, count=len(tickets)),
        rows,
        len(tickets) > MOST_LISTED,
    )


def _of_person(address: str, mail: StaffMail) -> RequestList:
    """The newest requests of a customer and of their account, open ones first."""
    context = mail.context
    past = [request for request in context.known.past[address] if may(mail.member, request, context)]
    past.sort(key=lambda request: request.status in OVER)
    rows = tuple(
        ListedRequest(
            DigestRow(number, request.id, request.reference, request.version),
            request.subject,
            _person(request.name, request.customer),
            state_of(request),
            request.created_at,
        )
        for number, request in enumerate(past[:MOST_LISTED], 1)
    )
    count = sum(request.status not in OVER for request in past)
    return RequestList(
        sentence("#status {address}: {count} / {count_b}", address=address, count=count, count_b=len(past)),
        rows,
        len(past) > MOST_LISTED,
    )


def _show_list(draft: Draft, command: Command, answer: RequestList | Sentence) -> Done:
    if isinstance(answer, Sentence):
        return refusal(draft, answer)
    more = (sentence("There are more: add a word."),) if answer.more and command.word is Word.FIND else ()
    return Done(draft, sentence("{headline}.", headline=answer.headline), more=(*map(_line, answer.requests), *more))


def _line(row: ListedRequest) -> Sentence:
    excerpt = f": {row.excerpt}" if row.excerpt else ""
    return sentence(
        "{reference}, {state}, {day}, {customer}: {subject}{excerpt}",
        reference=row.reference,
        state=row.state,
        day=Day(row.at),
        customer=row.customer,
        subject=(row.subject or sentence("no subject")) + (f" [{row.labels}]" if row.labels else ""),
        excerpt=excerpt,
    )


def _row(number: int, ticket: Ticket) -> ListedRequest:
    row = DigestRow(number, ticket.id, ticket.reference, ticket.version)
    return ListedRequest(row, ticket.subject, _customer(ticket), _state(ticket), ticket.created_at, labels=ticket.labels.in_words)


def _row_of_search(number: int, request: FoundRequest, sought: tuple[SoughtWord, ...]) -> ListedRequest:
    return replace(_row(number, request.ticket), at=request.at, excerpt=excerpt_with(request.text, sought))


def _state(ticket: Ticket) -> Sentence:
    return status_name(ticket.status)


def _head(ticket: Ticket) -> tuple[str, ...]:
    return (ticket.reference, ticket.subject, _customer(ticket))


def _customer(ticket: Ticket) -> str:
    person = ticket.participant(ticket.requester)
    return _person(person.name, person.address) if person else ""


def _person(name: str, address: str) -> str:
    return f"{name} <{address}>" if name and address else name or address
