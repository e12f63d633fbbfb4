"""Decide about a staff member's mail: an answer, a note, or commands, for one ticket or several. The whole mail is carried out,
or nothing.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from helpdesk.threading.commands.grammar import StaffText, as_quoted
from helpdesk.threading.commands.words import Word
from helpdesk.threading.decisions.arrival import Arrival
from helpdesk.threading.decisions.customer.incident import is_incident
from helpdesk.threading.decisions.staff.absence import decide_absence, tells_absence
from helpdesk.threading.decisions.staff.behalf import begins_request, decide_behalf
from helpdesk.threading.decisions.staff.digest_reply import answers_digest, decide_digest_reply
from helpdesk.threading.decisions.staff.digest_request import asks_for_digest, decide_digest_request
from helpdesk.threading.decisions.staff.guards import Proposal, hold_of
from helpdesk.threading.decisions.staff.held import Doubt, hold_mail, letter_about
from helpdesk.threading.decisions.staff.known_mail import note_on_known, passes_on_known_mail
from helpdesk.threading.decisions.staff.later import asks_for_later, schedule, waited_since, why_not_later
from helpdesk.threading.decisions.staff.mail import StaffMail, hands_over, is_internal
from helpdesk.threading.decisions.staff.own_request import asks_for_themselves, open_own_request
from helpdesk.threading.decisions.staff.questions import asks_for_list, decide_list
from helpdesk.threading.decisions.staff.steps import undo
from helpdesk.threading.decisions.staff.steps.act import Act, written_document
from helpdesk.threading.decisions.staff.steps.incident import spread
from helpdesk.threading.decisions.staff.work import (
    Work,
    carry_out,
    carry_out_in_other,
    decision_of,
    finish,
    why_changed_twice,
    words_in,
)
from helpdesk.threading.decisions.table import Row, always, decide_by
from helpdesk.threading.letters.order import LetterWords
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision, Past
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.permission import may, why_not_permitted
from helpdesk.threading.lifecycle.team import staff_facts
from helpdesk.threading.model.attachment import names_of_pictures
from helpdesk.threading.model.held import HoldReason
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Role
from helpdesk.threading.model.people import SENIORS
from helpdesk.threading.model.sentence import Sentence, joined, sentence
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reading.parsed import Kind
from helpdesk.threading.reading.shaping import shaped, text_of
from helpdesk.threading.trust.tokens import Purpose, Token

OF_INCIDENTS = (Word.INCIDENT, Word.BROADCAST)
PASTED = 'it looks as if you quote or paste a mail that the desk does not have, from "{line}" on, and the customer would get it as it stands here'
TOO_LARGE = "It is {size} MB, more than the desk takes, so only its beginning arrived. Send it again with smaller files."
PART_OF_INCIDENT = (
    "{requests}: part of the incident {incident} now. {name} answers all its customers; you needn't answer these one by one."
)


def decide_staff(mail: StaffMail) -> Decision:
    """Decide about a mail of a staff member by the first row of `STAFF` that fits.

    The rows check authority first: a proved origin, and a reply address that was given to this person for the ticket. Anybody can
    write in a staff member's name, so nothing in a mail without a proved origin is carried out.
    """
    return decide_by(STAFF, mail)


def _is_unproved_digest_reply(mail: StaffMail) -> bool:
    return _is_unproved(mail) and answers_digest(mail.incoming)


def _is_unproved(mail: StaffMail) -> bool:
    return not mail.incoming.identity.may_act_as_staff


def _hold_unproved(mail: StaffMail) -> Decision:
    reason = sentence("it claims to be from {name}, but {reason}", name=mail.member.name, reason=mail.incoming.identity.reason)
    return hold_mail(mail, Doubt(HoldReason.AUTHORITY, reason))


def _is_part(mail: StaffMail) -> bool:
    return bool(mail.incoming.doubts.whole_size)


def _refuse_part(mail: StaffMail) -> Decision:
    """Half an answer, or an answer without its files, must not reach a customer."""
    size = mail.incoming.doubts.megabytes
    return refuse_mail(mail, (sentence(TOO_LARGE, size=size),))


def _hold_without_authority(mail: StaffMail) -> Decision:
    lack = _lacks_authority(mail)
    assert lack is not None
    return hold_mail(mail, Doubt(HoldReason.AUTHORITY, lack))


def _takes_back(mail: StaffMail) -> bool:
    token = mail.match.token
    if mail.match.ticket is None or token is None:
        return False
    return token.purpose is Purpose.UNDO or _asks_undo(mail.blocks)


def _take_back(mail: StaffMail) -> Decision:
    ticket, token = mail.match.ticket, mail.match.token
    assert ticket is not None
    if lack := why_not_permitted(mail.member, ticket, mail.context):
        return refuse_mail(mail, (lack,))
    return _undo(mail, ticket, None if _asks_undo(mail.blocks) else token)


def _carry_out(mail: StaffMail) -> Decision:
    """Carry out all commands and words of the mail, or refuse it. A guard may hold the mail and ask its author first."""
    if asks_for_later(mail) and (lack := why_not_later(mail)):
        return refuse_mail(mail, (lack,))
    if mail.incoming.pasted and _speaks(mail):
        return _hold_pasted(mail)
    work, refused = _work_on_blocks(mail)
    if refused:
        return refuse_mail(mail, tuple(refused))
    release = mail.incoming.release
    hold = hold_of(_proposals(work, mail), release.waived if release else ())
    if hold is not None:
        return hold_mail(mail, hold)
    if asks_for_later(mail):
        return schedule(mail, work[0])
    tells = release is not None or mail.repeats or any(block.commands for block in mail.blocks)
    return record_work(mail, work, tells)


STAFF: tuple[Row[StaffMail], ...] = (
    Row("an answer to a digest without a proved author", _is_unproved_digest_reply, decide_digest_reply),
    Row("a staff member's mail without a proved author", _is_unproved, _hold_unproved),
    Row("a staff member's mail of which only the beginning came", _is_part, _refuse_part),
    Row("#status alone, sent to the desk", asks_for_digest, decide_digest_request),
    Row("#find, or #status of somebody, sent to the desk", asks_for_list, decide_list),
    Row("#away or #back, sent to the desk", tells_absence, decide_absence),
    Row("an answer to a digest", lambda mail: answers_digest(mail.incoming), decide_digest_reply),
    Row("a customer's mail that a staff member passes on and a request has", passes_on_known_mail, note_on_known),
    Row("a request that a staff member begins for a customer", begins_request, decide_behalf),
    Row("a request of a staff member's own", asks_for_themselves, open_own_request),
    Row("a staff member's mail without authority", lambda mail: _lacks_authority(mail) is not None, _hold_without_authority),
    Row("a staff member's last mail is taken back", _takes_back, _take_back),
    Row("a staff member's words and commands", always, _carry_out),
)


def _speaks(mail: StaffMail) -> bool:
    """Whether a mail that can be read says something: it has words, or no command either."""
    if any(block.refused for block in mail.blocks):
        return False
    return any(block.words for block in mail.blocks) or not any(block.commands for block in mail.blocks)


def _hold_pasted(mail: StaffMail) -> Decision:
    """Ask about a mail that the author pasted, or that their client quotes below. The letter shows the text with it."""
    incoming = mail.incoming
    whole = replace(mail, incoming=replace(incoming, text=incoming.text_with_pasted))
    return hold_mail(whole, Doubt(HoldReason.PASTED, sentence(PASTED, line=as_quoted(incoming.pasted[0]))))


def _proposals(work: Sequence[Work], mail: StaffMail) -> list[Proposal]:
    tokens = (None if task.block.reference else mail.match.token for task in work)
    return [
        Proposal(task.block, task.ticket, task.draft, mail.member, token, mail.incoming.written, waited_since=waited_since(mail))
        for task, token in zip(work, tokens, strict=True)
    ]


def _work_on_blocks(mail: StaffMail) -> tuple[list[Work], list[Sentence]]:
    """Carry out each block on its ticket up to the first refusal; return the work, and the sentences that refuse the mail."""
    context = mail.context
    refused = [line for block in mail.blocks for line in block.refused]
    work: list[Work] = []
    for block in mail.blocks if not refused else ():
        ticket = context.known.ticket_named(block.reference) if block.reference else mail.match.ticket
        if ticket is None:
            refused.append(_no_ticket(block))
            break
        work.append(_work_on_block(_act(mail, block), ticket, context))
        refused += work[-1].refused
        now = _context_with(context, work[-1].draft.ticket)
        for spread_block, attached in spread(block, ticket, context) if not refused else ():
            work.append(_work_on_block(_act(mail, spread_block), attached, now))
            refused += work[-1].refused
    return work, refused or why_changed_twice(work)


def _context_with(context: Context, ticket: Ticket) -> Context:
    """The context with the ticket as a block has left it, so that later steps of the mail on other requests see its new state."""
    return replace(context, known=replace(context.known, tickets={**context.known.tickets, ticket.id: ticket}))


def _no_ticket(block: StaffText) -> Sentence:
    if block.reference:
        return sentence('"#on {reference}": there is no request of this reference', reference=block.reference)
    return sentence("It names no request: begin it with a line #on REFERENCE, or answer a letter about the request.")


def _act(mail: StaffMail, block: StaffText) -> Act:
    own = not block.reference and is_internal(mail, block)
    asked = block.command(Word.NOTE) is not None
    incoming = mail.incoming
    words = text_of(shaped(block.words, written_document(mail), names_of_pictures(incoming.attachments)))
    beside = hands_over(block, mail.member, mail.context.known.staff)
    return Act(mail, block, words, own or asked or beside, unasked=(own or beside) and not asked, hands_over=beside)


def _work_on_block(act: Act, ticket: Ticket, context: Context) -> Work:
    if act.text.command(Word.JOIN) is not None:
        return carry_out_in_other(act, ticket, context)
    return carry_out(act, ticket, Draft(context, ticket, ticket.version, act.mail.member.address, act.mail.incoming.message_id))


def record_work(mail: StaffMail, work: Sequence[Work], commands: bool) -> Decision:
    """Make one decision for all tickets. The receipt belongs to the first ticket and describes all of them."""
    incoming = mail.incoming
    first, *others = work
    draft = first.draft
    if commands or any(done.warns for task in work for done in task.done):
        outcome = tuple(line for task in work for line in _sentences_about(task, several=len(work) > 1))
        changes = any(task.changes for task in work)
        facts = replace(staff_facts(draft, incoming.assurance, outcome=outcome), undo=changes, last_messages=())
        unsaid = tuple(warning for warning in facts.warnings if not any(warning in line for line in outcome))
        facts = replace(facts, warnings=unsaid)
        draft = draft.notify_staff(mail.member, Notice.RECEIPT, replace(facts, broadcasts=_answers_incident(work, mail)))
    draft = _tell_owners(draft, work, mail)
    seen = tuple(message_id for message_id in incoming.parents if message_id not in mail.context.known.by_message_id)
    of_steps = (decision for task in work for done in task.done for decision in done.also)
    also = (*(decision_of(other, mail) for other in others), *of_steps)
    reason = joined((done.sentence for task in work for done in task.done), "; ")
    first = replace(first, draft=draft)
    return finish(first, mail, Disposition.THREADED, reason, replace(words_in(first), seen_ids=seen), also)


def _answers_incident(work: Sequence[Work], mail: StaffMail) -> bool:
    """Whether the receipt is about an incident whose customers its author may all write to, in answer to the receipt."""
    words = {command.word for task in work for command in task.block.commands}
    return mail.member.role in SENIORS and not words.isdisjoint(OF_INCIDENTS) and is_incident(work[0].draft.ticket)


def _tell_owners(draft: Draft, work: Sequence[Work], mail: StaffMail) -> Draft:
    """Tell colleagues that requests in their hands are part of an incident now: each of them gets one letter, about all of theirs."""
    attached: dict[str, list[Ticket]] = defaultdict(list)
    for task in work:
        address = task.draft.ticket.assignee
        if task.block.command(Word.INCIDENT) is not None and address and address != mail.member.address:
            attached[address].append(task.draft.ticket)
    known = mail.context.known.tickets
    for address, tickets in attached.items():
        owner = mail.context.staff_member(address)
        if owner is not None:
            incident = known.get(tickets[0].lineage.incident or 0, tickets[0])
            named = [f'{ticket.reference} "{ticket.subject}"' for ticket in tickets]
            said = sentence(PART_OF_INCIDENT, requests=", ".join(named), incident=incident.reference, name=mail.member.name)
            facts = replace(staff_facts(draft, mail.incoming.assurance, outcome=(said,)), last_messages=())
            draft = draft.notify_staff(owner, Notice.INTERNAL_NOTE, facts, LetterWords(author_name=mail.member.name))
    return draft


def _sentences_about(work: Work, *, several: bool) -> Iterator[Sentence]:
    """The sentences about what was done, each with its request's reference if the mail is about several requests.

    A sentence that names its request already is not given the reference again.
    """
    for done in work.done:
        for line in (done.sentence, *done.more):
            names = not several or work.ticket.reference in line
            yield line if names else sentence("{reference}: {line}", reference=work.ticket.reference, line=line)


def _undo(mail: StaffMail, ticket: Ticket, token: Token | None) -> Decision:
    """Undo the last mail about a ticket completely, or refuse. `token` is the token of an undo address, or None for `#undo`."""
    context, member = mail.context, mail.member
    reason = undo.why_not(ticket, member, token, context)
    if reason is not None:
        return refuse_mail(replace(mail, blocks=()), (sentence("It cannot be taken back: {reason}.", reason=reason),))
    main, *others = undo.take_back(ticket, member, context)
    done = sentence("Taken back: {summary}", summary=context.known.undo[ticket.id][0].summary)
    draft = main.draft
    draft = draft.notify_staff(member, Notice.RECEIPT, staff_facts(draft, mail.incoming.assurance, outcome=(done,)))
    also = tuple(
        other.draft.decision(Disposition.THREADED, done, mail.grounds, past=Past(take_back=other.take_back, moved=other.moved))
        for other in others
    )
    past = Past(take_back=main.take_back, moved=main.moved)
    return draft.decision(Disposition.THREADED, done, mail.grounds, past=past, also=also)


def _asks_undo(blocks: Sequence[StaffText]) -> bool:
    return len(blocks) == 1 and not blocks[0].reference and not blocks[0].refused and blocks[0].command(Word.UNDO) is not None


def _lacks_authority(mail: StaffMail) -> Sentence | None:
    """Why a mail of proved origin may not be carried out; None if it may.

    A mail that names each of its tickets by `#on` needs no token: its origin is proved, and permission is checked on each ticket.
    """
    incoming, match = mail.incoming, mail.match
    if incoming.release is not None and HoldReason.AUTHORITY in incoming.release.waived:
        return None
    if incoming.kind is not Kind.PERSON:
        return sentence("a machine or a mailing list has sent it")
    if incoming.null_path:
        return sentence("it came from the null path, from which only machines write")
    if match.contradiction:
        return match.contradiction
    if match.token is None and all(block.reference for block in mail.blocks):
        return None
    if match.ticket is None or match.token is None:
        return sentence(
            "it came without the reply address of a letter; answer a letter about the ticket, or begin with a line #on REFERENCE"
        )
    if match.participant is None or match.participant.role is not Role.STAFF or match.participant.address != mail.member.address:
        return sentence("the reply address was given to somebody else than {name}", name=mail.member.name)
    if not _names_request(mail):
        return sentence("its reply address is not signed, and the words that are signed do not name that request")
    return None


def _names_request(arrival: Arrival) -> bool:
    """Whether the signed part of a mail names this request. An address outside the signed part proves nothing, since anybody
    could replace it.
    """
    match = arrival.match
    if arrival.incoming.identity.meant is None or match.ticket is None:
        return True
    ways = {
        number: way
        for number, way in arrival.context.known.tickets.items()
        if arrival.context.known.survivor(way).id == match.ticket.id
    }
    ways[match.ticket.id] = match.ticket
    return arrival.incoming.identity.meant.names(ways, (way.reference for way in ways.values()))


def refuse_mail(mail: StaffMail, reasons: tuple[Sentence, ...]) -> Decision:
    """Refuse the whole mail, and tell its author the reasons in a receipt."""
    match, member = mail.match, mail.member
    outcome = (sentence("Nothing of this mail was carried out."), *reasons)
    words = "\n\n".join(block.words for block in mail.blocks if block.words)
    if match.ticket is None or not may(member, match.ticket, mail.context):
        return _refuse_apart(mail, outcome, words)
    draft = Draft(mail.context, match.ticket, match.ticket.version, member.address, mail.incoming.message_id)
    draft = draft.add_event("commands_refused", member.address, "; ".join(reasons))
    facts = replace(staff_facts(draft, mail.incoming.assurance, outcome=outcome), corrects=_was_for_the_customer(mail))
    draft = draft.notify_staff(member, Notice.RECEIPT, facts, LetterWords(words))
    return draft.decision(Disposition.REFUSED, "; ".join(reasons), mail.grounds)


def _was_for_the_customer(mail: StaffMail) -> bool:
    """Whether a mail came to an address of its author's from which words go to the customer."""
    match = mail.match
    given = match.participant is not None and match.participant.address == mail.member.address
    return match.token is not None and match.token.purpose in (Purpose.REPLY, Purpose.CORRECTION) and given


def _refuse_apart(mail: StaffMail, outcome: tuple[Sentence, ...], words: str) -> Decision:
    """Refuse a mail that belongs to no ticket, or to one that its author may not read, by a letter that names no ticket."""
    order = letter_about(mail, Notice.RECEIPT, outcome, words)
    return Decision(Disposition.REFUSED, "; ".join(outcome[1:]), mail.grounds, letters=(order,))
