"""Carry out a staff member's word about a held mail that is not to be sent as it is: keep it as a note, or open it as a request.

Commands in the mail, and the purpose of the address that it came to, have no effect: only what the letter announced is done.
"""

from collections.abc import Sequence
from dataclasses import replace

from helpdesk.threading.commands.grammar import StaffText
from helpdesk.threading.commands.words import Word
from helpdesk.threading.decisions.arrival import Arrival
from helpdesk.threading.decisions.customer.message import as_read
from helpdesk.threading.decisions.customer.new_request import open_ticket
from helpdesk.threading.decisions.staff.held import NO_REQUEST, ONCE_MORE, Doubt, hold_mail
from helpdesk.threading.decisions.staff.mail import StaffMail, staff_mail
from helpdesk.threading.decisions.staff.staff import record_work, refuse_mail
from helpdesk.threading.decisions.staff.steps.act import Act
from helpdesk.threading.decisions.staff.work import Work, carry_out
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.model.held import HoldReason, Release, ReleaseWord
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.sentence import sentence
from helpdesk.threading.trust.tokens import Purpose

NOT_DONE = "Not carried out, since only the text is kept: {line}"


def decide_release(arrival: Arrival, release: Release) -> Decision:
    """Keep the held mail as a note, open it as a request, or ask about it again, as the release says."""
    member = arrival.context.staff_member(release.by)
    if member is None:
        reason = f"{release.by}, who had a say about it, works here no more"
        return Decision(Disposition.REFUSED, reason, arrival.grounds)
    if release.word is ReleaseWord.REQUEST:
        return open_ticket(arrival.apart(), f"{member.name} has opened it as a request of whoever wrote it")
    if release.word is ReleaseWord.ASK:
        return hold_mail(staff_mail(arrival, member), Doubt(release.asked[-1], ONCE_MORE))
    return _keep_as_note(staff_mail(arrival, member), release)


def _keep_as_note(mail: StaffMail, release: Release) -> Decision:
    """Add an internal note to each request that the mail names; hold the mail again if it names none."""
    incoming = mail.incoming
    over = release.waived[-1]
    if any(token.purpose is Purpose.DIGEST for token in incoming.tokens) and over is not HoldReason.STRANGER:
        return hold_mail(mail, Doubt(over, sentence("what it says about the rows of a list is no text that could be kept")))
    own = over is not HoldReason.STRANGER
    blocks = mail.read if own else (_quote(mail),)
    blocks = (replace(blocks[0], reference=blocks[0].reference or release.reference), *blocks[1:])
    if own and not any(block.words for block in blocks):
        return hold_mail(mail, Doubt(over, sentence("it has no text that could be kept as a note")))
    work: list[Work] = []
    for block in (block for block in blocks if block.words):
        ticket = mail.context.known.ticket_named(block.reference) if block.reference else mail.match.ticket
        if ticket is None:
            return hold_mail(mail, Doubt(over, sentence("it names no request that is here. {no_request}", no_request=NO_REQUEST)))
        draft = Draft(mail.context, ticket, ticket.version, mail.member.address, incoming.message_id if own else None)
        text = StaffText((), (), block.words, block.reference)
        work.append(carry_out(Act(mail, text, text.words, internal=True), ticket, draft))
    refused = tuple(reason for task in work for reason in task.refused)
    if refused:
        return refuse_mail(replace(mail, blocks=()), refused)
    return record_work(mail, _with_rest(work, blocks), True)


def _quote(mail: StaffMail) -> StaffText:
    """Another person's words as a note quotes them: the writer is named first, and each line is marked."""
    incoming = as_read(mail.incoming)
    writer = incoming.author or "Somebody whom nothing names for certain"
    sure = "" if incoming.identity.is_proved else ", and nothing proves that"
    lines = "\n".join(f"> {line}" for line in incoming.text.splitlines())
    files = [attachment.filename for attachment in incoming.attachments]
    named = f"\nFiles, in the letter to {mail.member.name}: {', '.join(files)}" if files else ""
    return StaffText((), (), f"{writer} wrote to an address that was given to {mail.member.name}{sure}:\n{lines}{named}")


def _with_rest(work: list[Work], blocks: Sequence[StaffText]) -> list[Work]:
    """Name in the receipt the commands of the mail that are not carried out."""
    undone = tuple(
        sentence(NOT_DONE, line=command.line.strip())
        for block in blocks
        for command in block.commands
        if command.word is not Word.NOTE
    )
    first = work[0]
    done = (*first.done[:-1], replace(first.done[-1], more=(*first.done[-1].more, *undone)))
    return [replace(first, done=done), *work[1:]]
