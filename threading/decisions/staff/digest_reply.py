"""Carry out a staff member's answer to a digest.

Each line of the answer acts on one row, in the version that the digest listed. One receipt describes all rows. The answer needs a
proved origin and a digest that was given to its author. If a request has changed since the digest was written, its row is left
alone and the receipt says how the request stands now; the other rows are carried out. A warning of the desk itself is no change.
Any other fault refuses the whole mail, as in all staff mail.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from helpdesk.threading.commands.digest_rows import TAKES_TEXT, rows_text
from helpdesk.threading.commands.grammar import StaffText
from helpdesk.threading.commands.words import Word
from helpdesk.threading.decisions.customer.incident import is_incident
from helpdesk.threading.decisions.staff.guards import Proposal, hold_of
from helpdesk.threading.decisions.staff.held import Doubt, hold_mail, letter_about
from helpdesk.threading.decisions.staff.mail import StaffMail, hands_over
from helpdesk.threading.decisions.staff.steps.act import Act
from helpdesk.threading.decisions.staff.steps.care import standing
from helpdesk.threading.decisions.staff.steps.incident import FOR_ALL
from helpdesk.threading.decisions.staff.work import Work, carry_out, decision_of, finish, why_changed_twice, words_in
from helpdesk.threading.letters.order import UndoPlace
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.permission import why_not_permitted
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.digest import Digest, DigestRow
from helpdesk.threading.model.held import HoldReason
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import ParticipantState, Role
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.sentence import Sentence, joined, sentence
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reading.parsed import Kind
from helpdesk.threading.trust.tokens import Purpose

NOTHING_DONE = sentence("Nothing of this mail was carried out.")


@dataclass(frozen=True, slots=True)
class RowWork:
    """The work on one row of a digest; `work` is None if the request has changed since the digest was written."""

    row: DigestRow
    work: Work | None
    sentences: tuple[Sentence, ...]


def answers_digest(incoming: Incoming) -> bool:
    """Whether the mail came to the reply address of a digest."""
    return any(token.purpose is Purpose.DIGEST for token in incoming.tokens)


def digest_answered(incoming: Incoming, context: Context) -> Digest | None:
    """The digest to whose reply address the mail came; None if the store no longer has it."""
    found = (context.known.digests.get(token.subject) for token in incoming.tokens if token.purpose is Purpose.DIGEST)
    return next((digest for digest in found if digest is not None), None)


def decide_digest_reply(mail: StaffMail) -> Decision:
    """Carry out the rows that the answer names, and send one receipt about them.

    The digest quoted below the answer contains references of many requests. The mail is about none of them, so the match is
    cleared first.
    """
    incoming = mail.incoming
    answering = mail.match.token is not None
    mail = replace(mail, match=replace(mail.match, ticket=None, token=None, participant=None, related=(), contradiction=None))
    lack = _lacks_authority(mail)
    if lack is not None:
        return hold_mail(mail, Doubt(HoldReason.AUTHORITY, lack))
    digest = digest_answered(incoming, mail.context)
    obstacle = _obstacle(mail, digest, answering)
    if digest is None or obstacle is not None:
        return _refuse(mail, (obstacle,) if obstacle else ())
    read = rows_text(incoming.command_text, [row.number for row in digest.rows])
    refused = read.refused or _files(incoming, [text for _, text in read.rows])
    if refused:
        return _refuse(mail, refused)
    done, refused = _work_on_rows(mail, digest, read.rows)
    if refused:
        return _refuse(mail, refused)
    work = [row_work.work for row_work in done if row_work.work is not None]
    proposals = [Proposal(task.block, task.ticket, task.draft, mail.member, None, incoming.written) for task in work]
    hold = hold_of(proposals, incoming.release.waived if incoming.release else ())
    if hold is not None:
        return hold_mail(mail, hold)
    return _record(mail, done)


def _lacks_authority(mail: StaffMail) -> Sentence | None:
    incoming = mail.incoming
    if not incoming.identity.may_act_as_staff:
        return sentence("it claims to be from {name}, but {reason}", name=mail.member.name, reason=incoming.identity.reason)
    released = incoming.release is not None and HoldReason.AUTHORITY in incoming.release.waived
    return None if released or incoming.kind is Kind.PERSON else sentence("it came through a mailing list")


def _obstacle(mail: StaffMail, digest: Digest | None, answering: bool) -> Sentence | None:
    """Why the lines of the answer cannot be read; None if they can.

    The digest's owner is fixed by its token; nothing in the mail changes it.
    """
    if digest is None:
        return sentence("The list that it answers is not here any more; #status in a new mail brings a new one.")
    if digest.staff != mail.member.address:
        return sentence("The list that it answers was given to somebody else; #status in a new mail brings your own.")
    if answering:
        return sentence("It was sent to the address of a list and to that of a request: answer one letter at a time.")
    if not mail.incoming.command_text.strip() and mail.incoming.text.strip():
        return sentence("Your mail has rows in its HTML alone, and its plain text says something else, so no row is carried out.")
    return None


def _files(incoming: Incoming, texts: Sequence[StaffText]) -> tuple[Sentence, ...]:
    """Refuse files in an answer that writes to customers, because nothing says which row a file belongs to."""
    speaks = any(command.word in TAKES_TEXT for text in texts for command in text.commands)
    if speaks and any(attachment.is_file for attachment in incoming.attachments):
        return (sentence("It brings files: send them in answer to a letter about the request that they are for."),)
    return ()


def _work_on_rows(
    mail: StaffMail, digest: Digest, texts: Sequence[tuple[int, StaffText]]
) -> tuple[list[RowWork], tuple[Sentence, ...]]:
    """Carry out the rows up to the first refusal; return the work, and the sentences that refuse the mail."""
    rows = {row.number: row for row in digest.rows}
    plain = replace(mail, incoming=replace(mail.incoming, attachments=()))
    done: list[RowWork] = []
    for number, text in texts:
        done.append(_work_on_row(plain, rows[number], text))
        work = done[-1].work
        if work is not None and work.refused:
            return done, tuple(sentence("Row {number}: {line}", number=number, line=line) for line in work.refused)
    return done, tuple(why_changed_twice([row_work.work for row_work in done if row_work.work is not None]))


def _work_on_row(mail: StaffMail, row: DigestRow, text: StaffText) -> RowWork:
    context = mail.context
    ticket = context.known.tickets[row.ticket_id]
    if lack := why_not_permitted(mail.member, context.known.survivor(ticket), context, row.reference):
        return RowWork(row, Work(text, ticket, Draft(context, ticket, ticket.version), refused=(lack,)), ())
    if ticket.changed_version > row.version:
        now = standing(context.known.survivor(ticket))
        return RowWork(
            row,
            None,
            (
                sentence(
                    "Row {number} was left alone: {reference} has changed since the list. {now}.",
                    number=row.number,
                    reference=row.reference,
                    now=now,
                ),
            ),
        )
    if is_incident(ticket) and any(text.command(word) for word in FOR_ALL):
        refused = sentence(
            '{reference} is an incident: for all its customers answer a letter about it, or write "#on {reference}" in a new mail',
            reference=row.reference,
        )
        return RowWork(row, Work(text, ticket, Draft(context, ticket, ticket.version), refused=(refused,)), ())
    beside = hands_over(text, mail.member, context.known.staff)
    internal = beside or text.command(Word.NOTE) is not None
    work = carry_out(Act(mail, text, text.words, internal, hands_over=beside), ticket, Draft(context, ticket, ticket.version))
    return RowWork(row, work, tuple(line for step in work.done for line in (_sentence_about(row, step.sentence), *step.more)))


def _sentence_about(row: DigestRow, line: Sentence) -> Sentence:
    if row.reference in line:
        return sentence("Row {number}: {line}", number=row.number, line=line)
    return sentence("Row {number}, {reference}: {line}", number=row.number, reference=row.reference, line=line)


def _record(mail: StaffMail, done: Sequence[RowWork]) -> Decision:
    """Make one decision for all requests that change. The receipt belongs to no ticket, and describes all rows."""
    member = mail.member
    sentences = tuple(line for row_work in done for line in row_work.sentences)
    changing = [row_work.work for row_work in done if row_work.work is not None and row_work.work.changes]
    if not changing:
        order = letter_about(mail, Notice.RECEIPT, sentences, "")
        return Decision(Disposition.NOTED, "; ".join(sentences), mail.grounds, letters=(order,))
    first, *others = changing
    first = replace(first, draft=first.draft.add_participant(Role.STAFF, member.address, member.name, ParticipantState.ACTIVE))
    receipt = letter_about(mail, Notice.RECEIPT, sentences, "", _undo_place(first.draft.ticket_recorded, member))
    first = replace(first, draft=replace(first.draft, letters=(*first.draft.letters, receipt)))
    of_steps = (decision for task in changing for step in task.done for decision in step.also)
    also = (*(decision_of(other, mail) for other in others), *of_steps)
    reason = joined(sentences, "; ")
    return finish(first, mail, Disposition.THREADED, reason, words_in(first), also)


def _undo_place(ticket: Ticket, member: StaffMember) -> UndoPlace | None:
    """The ticket and participant for which the receipt's undo address is issued."""
    person = ticket.participant_at(member.address, Role.STAFF)
    return UndoPlace(ticket, person.number, ticket.version) if person else None


def _refuse(mail: StaffMail, reasons: Sequence[Sentence]) -> Decision:
    order = letter_about(mail, Notice.RECEIPT, (NOTHING_DONE, *reasons), mail.incoming.text)
    return Decision(Disposition.REFUSED, "; ".join(reasons), mail.grounds, letters=(order,))
