"""Open a request that a staff member begins for a customer, by forwarding the customer's mail or by writing first.

A forwarded mail opens the ticket for its original author. The text above it is the staff member's internal note, and commands
there count. Nothing proves who the original author is, so automatic letters to them are fixed text.

A forwarded text that contains a letter of the desk, or a part of one, is kept as a note, because nobody can say whose words it
holds. The files of the mail stay internal too: nothing proves which of them belonged to the forwarded mail and which the staff
member added.

What a mail with `#new` quotes below its words is no text for the customer: it may be a colleague's mail. It becomes a note too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from helpdesk.threading.commands.grammar import StaffText, staff_text
from helpdesk.threading.commands.words import Word
from helpdesk.threading.decisions.customer.message import as_read, message_of
from helpdesk.threading.decisions.customer.new_request import begin_request, confirmation_facts
from helpdesk.threading.decisions.customer.team_letter import tell_team
from helpdesk.threading.decisions.staff.guards import Proposal, hold_of
from helpdesk.threading.decisions.staff.held import Doubt, hold_mail, letter_about
from helpdesk.threading.decisions.staff.mail import StaffMail
from helpdesk.threading.decisions.staff.steps.act import Act
from helpdesk.threading.decisions.staff.steps.speech import note_of
from helpdesk.threading.decisions.staff.work import Work, carry_out, finish, words_in
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Contribution, Decision
from helpdesk.threading.lifecycle.firewall import leak_in
from helpdesk.threading.lifecycle.own_letters import holds_boundary, holds_context_block
from helpdesk.threading.lifecycle.state_changes import as_never_begun
from helpdesk.threading.lifecycle.team import staff_facts
from helpdesk.threading.matching.correspondent import Correspondent
from helpdesk.threading.matching.gather import customer_meant
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.held import HoldReason
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.message import InternalNote
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.sentence import Sentence, joined, sentence
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reading.labels import Label
from helpdesk.threading.reading.parsed import Forward, Kind
from helpdesk.threading.reading.secrets import mask
from helpdesk.threading.reading.subjects import base_subject
from helpdesk.threading.trust.addresses import is_robot_address
from helpdesk.threading.trust.identity import identity_by_word
from helpdesk.threading.trust.written_tokens import tokens_in

OPENED = "{reference} is opened for {customer}. Another author? Answer with #author and the right address on a line of its own."
KEPT_INSIDE = "What was forwarded is kept as a note and shown to no customer: it holds {what}."
QUOTE_INSIDE = sentence("What you quote below your text is kept as a note. Only staff see it.")
QUOTED = frozenset({Label.ELIDED, Label.INTRODUCTION})  # candidates that are not in the author's own words
FILES_INSIDE = sentence(
    "Its files are kept inside, because nothing proves which of them the customer sent: send them on with your answer."
)
NO_WORDS = "Files that came with the forwarded mail: {names}"


@dataclass(frozen=True, slots=True)
class Begun:
    """A request in preparation: the customer's forwarded words, if there are any, and the commands of the staff member who begins
    it.

    `ours` names the part of the desk's own letters that stands in the forwarded text. If it is not empty, none of the forwarded
    text counts as the customer's words. `quoted` is what the mail quotes below `#new`.
    """

    theirs: Incoming
    block: StaffText
    forwarded: bool
    ours: Sentence | None = None
    quoted: str = ""

    @property
    def brings_words(self) -> bool:
        return self.forwarded and not self.ours


def begins_request(mail: StaffMail) -> bool:
    """Whether a staff member's proved mail, which answers no letter, begins a request for a customer."""
    incoming = mail.incoming
    in_person = incoming.kind is Kind.PERSON and not incoming.null_path
    if mail.match.token is not None or mail.match.contradiction or not incoming.identity.may_act_as_staff or not in_person:
        return False
    if any(block.command(Word.NEW) for block in mail.blocks):
        return True
    forward = incoming.forward
    return forward is not None and not forward.of_desk and _is_customer(customer_meant(incoming), mail.context)


def decide_behalf(mail: StaffMail) -> Decision:
    """Open the ticket, confirm it to the customer, keep the staff member's note, and send the staff member a receipt."""
    incoming, member = mail.incoming, mail.member
    begun = _read_beginning(mail)
    refused = list(begun.block.refused) or _obstacles(begun, mail.context, mail.blocks)
    if refused:
        return _refuse(mail, refused)
    draft = begin_request(begun.theirs, mail.context, member.address, f"by {member.name}")
    draft = replace(
        draft,
        ticket=replace(draft.ticket, lineage=replace(draft.ticket.lineage, opened_by=member.address)),
        written_by=member.address,
    )
    before = _as_never_begun(draft.ticket)
    if begun.forwarded:
        draft = draft.notify_customers(
            Notice.CONFIRMATION, confirmation_facts(begun.theirs, draft), automatic=True, fixed_text=True
        )
        for_team = replace(begun.theirs, attachments=incoming.attachments, text=_forwarded_text(incoming))
        draft = tell_team(
            draft,
            for_team,
            (sentence("Forwarded by {name}.", name=member.name), *_remarks_about_kept(begun, incoming)),
            without=member.address,
        )
    kept_inside = incoming.release is not None and incoming.release.as_note
    internal = begun.forwarded or kept_inside or begun.block.command(Word.NOTE) is not None
    unasked = begun.forwarded and begun.block.command(Word.NOTE) is None
    words = begun.block.words or (_file_names(incoming) if begun.forwarded else "")
    act = Act(mail, _without_new(begun.block), words, internal, unasked)
    work = carry_out(act, before, draft) if act.text.commands or act.words else Work(begun.block, before, draft)
    if work.refused:
        return _refuse(mail, work.refused)
    hold = _hold(begun, work, mail)
    if hold is not None:
        return hold_mail(mail, hold)
    return _record(begun, act, work, mail)


def _hold(begun: Begun, work: Work, mail: StaffMail) -> Doubt | None:
    """Hold the mail if words of an internal note stand in the letter to the customer, or in the text that the inbox would show as
    theirs.
    """
    incoming = mail.incoming
    waived = incoming.release.waived if incoming.release else ()
    proposal = Proposal(begun.block, work.ticket, work.draft, mail.member, None, incoming.written, begins=True)
    hold = hold_of([proposal], waived, (HoldReason.FIREWALL,))
    if hold is not None or HoldReason.FIREWALL in waived or not begun.brings_words:
        return hold
    notes = [
        part
        for ticket_notes in mail.context.known.notes.values()
        for note in ticket_notes
        for part in (note.text, note.file_words)
    ]
    words = leak_in(f"{begun.theirs.subject}\n{begun.theirs.text}", notes, ())
    reason = sentence('what would be the customer\'s own text has words of an internal note: "{words}"', words=words)
    return Doubt(HoldReason.FIREWALL, reason) if words is not None else None


def _without_new(block: StaffText) -> StaffText:
    """The block without `#new`, which opens the request; the commands that remain are steps on it."""
    return replace(block, commands=tuple(command for command in block.commands if command.word is not Word.NEW))


def _read_beginning(mail: StaffMail) -> Begun:
    incoming = mail.incoming
    forward = _forward_in(mail)
    address = customer_meant(incoming)
    forwarded = forward is not None and bool(forward.text.strip())
    ours = _desk_text_in(incoming) if forwarded else None
    block = staff_text(forward.comment) if forwarded and forward is not None else mail.blocks[0]
    name = forward.author.name if forwarded and forward and forward.author and forward.author.address.lower() == address else ""
    theirs = replace(
        incoming,
        identity=identity_by_word(address, mail.member.name),
        author_name=name,
        correspondent=Correspondent(address, name),
        copied=(),
        text=forward.text if forwarded and forward and not ours else "",
        told_language=(forward.language if forwarded and forward and not ours else None) or "",
        elided_text="",
        command_text="",
        message_id=None,
        forward=replace(incoming.forward, missing_text="") if incoming.forward else None,
        subject="" if ours else _subject(incoming),
        attachments=(),
        parents=(),
        written={},
    )
    quoted = "" if forwarded else mask(incoming.labelled.text_of(QUOTED))
    return Begun(as_read(theirs), block, forwarded, ours, quoted)


def _forward_in(mail: StaffMail) -> Forward | None:
    """The forwarded mail that the request is about. Beside `#new` the words are for its customer, and an attached mail is a file."""
    forward = mail.incoming.forward.mail if mail.incoming.forward else None
    begins = any(block.command(Word.NEW) for block in mail.blocks)
    return None if forward is not None and forward.attached and begins else forward


def _desk_text_in(incoming: Incoming) -> Sentence | None:
    """Which part of the desk's own letters a forwarded mail contains; None if it contains none."""
    forward = incoming.forward
    assert forward is not None
    if forward.of_desk:
        return sentence("a letter of the desk")
    text = f"{forward.mail.subject}\n{forward.mail.text}"
    if holds_boundary(text) or tokens_in(text, incoming.written):
        return sentence("a letter of the desk, or a piece of one")
    return sentence("the facts or the foot of a letter to staff") if holds_context_block(text) else None


def _subject(incoming: Incoming) -> str:
    """The subject of the forwarded mail, or else of the mail itself; "" if it names another request, as subjects of the desk's
    letters do.
    """
    of_forward = base_subject(incoming.forward.mail.subject) if incoming.forward else ""
    subject = of_forward.strip() or incoming.subject
    return "" if any(reference in subject.upper() for reference in incoming.references) else subject


def _file_names(incoming: Incoming) -> str:
    """The text of the note if a forward has files but no word of the staff member: internal files need a note that holds them."""
    files = ", ".join(attachment.filename for attachment in incoming.attachments if attachment.is_file)
    return sentence(NO_WORDS, names=files) if files else ""


def _forwarded_text(incoming: Incoming) -> str:
    """The forwarded text as staff read it, with secrets masked, whether or not it is kept as the customer's message."""
    return mask(incoming.forward.mail.text) if incoming.forward else ""


def _remarks_about_kept(begun: Begun, incoming: Incoming) -> tuple[Sentence, ...]:
    ours = (sentence(KEPT_INSIDE, what=begun.ours),) if begun.ours else ()
    return (
        *ours,
        *((QUOTE_INSIDE,) if begun.quoted else ()),
        *((FILES_INSIDE,) if begun.forwarded and any(attachment.is_file for attachment in incoming.attachments) else ()),
    )


def _obstacles(begun: Begun, context: Context, blocks: Sequence[StaffText]) -> list[Sentence]:
    new = begun.block.command(Word.NEW)
    if not _is_customer(begun.theirs.author, context):
        line = new.line if new else begun.theirs.author
        return [sentence('"{line}": this is no address of a customer; "#new carla@globex.example" would work', line=line)]
    if len(blocks) > 1 or blocks[0].reference:
        return [sentence("A mail that begins a request is about that one alone: send the rest in another mail.")]
    if not begun.forwarded and not begun.block.words:
        return [sentence('"{line}": write below it what the customer shall read', line=new.line if new else "")]
    return []


def _is_customer(address: str, context: Context) -> bool:
    return (
        bool(address)
        and not is_robot_address(address)
        and context.staff_member(address) is None
        and not context.ours.is_ours(address)
    )


def _record(begun: Begun, act: Act, work: Work, mail: StaffMail) -> Decision:
    incoming = mail.incoming
    draft = work.draft
    sentences = tuple(line for step in work.done for line in (step.sentence, *step.more))
    opened = sentence(OPENED, reference=draft.ticket.reference, customer=begun.theirs.author)
    outcome = (opened, *_remarks_about_kept(begun, incoming), *sentences)
    facts = replace(staff_facts(draft, incoming.assurance, outcome=outcome), undo=True)
    draft = draft.notify_staff(mail.member, Notice.RECEIPT, facts)
    words = words_in(work)
    message = message_of(begun.theirs, mail.context) if begun.brings_words else None if begun.forwarded else words.message
    adds = Contribution(message=message, note=_note_with_forward(words.note, begun, act, incoming, mail.context))
    return finish(replace(work, draft=draft), mail, Disposition.OPENED, joined(outcome, "; "), adds)


def _note_with_forward(
    note: InternalNote | None, begun: Begun, act: Act, incoming: Incoming, context: Context
) -> InternalNote | None:
    """The staff member's note, followed by the forwarded text if that contains a letter of the desk, or by what the mail quotes."""
    text = _forwarded_text(incoming) if begun.ours else begun.quoted
    if not text:
        return note
    return replace(note, text=f"{note.text}\n\n{text}") if note is not None else note_of(act, context, text)


def _as_never_begun(ticket: Ticket) -> Ticket:
    """The ticket that an undo leads to: closed, and without letters to anybody."""
    return replace(as_never_begun(ticket), automatic_letters=False, version=0)


def _refuse(mail: StaffMail, reasons: Sequence[Sentence]) -> Decision:
    outcome = (sentence("Nothing of this mail was carried out."), *reasons)
    order = letter_about(mail, Notice.RECEIPT, outcome, mail.incoming.text)
    return Decision(Disposition.REFUSED, "; ".join(reasons), mail.grounds, letters=(order,))
