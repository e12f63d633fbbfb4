"""Hold mail from staff, or to a staff member's reply address, and carry out the answer to the letter that asks about it.

Held mail has no effect. A letter to the staff member's registered address says why the mail is held and what each word of an
answer does; nothing else follows from an answer. Only a reader of that mailbox has the letter's reply address, so an answer
proves what the mail itself could not. The address is good for one mail, once, and for a limited time. If an answer comes too
late, the letter is sent again.

`#send` carries out a mail that the member's own mail client wrote. Another person's words are never sent as the member's: `#note`
keeps them as an internal note that names their writer, and `#new` opens them as a request. `#discard` drops the mail.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from helpdesk.threading.commands.grammar import StaffText, asks_for, staff_blocks
from helpdesk.threading.commands.words import Word
from helpdesk.threading.decisions.arrival import Arrival
from helpdesk.threading.decisions.staff.mail import StaffMail, hands_over, is_internal, staff_mail
from helpdesk.threading.letters.limits import LetterLimits
from helpdesk.threading.letters.order import Choice, HeldAnswer, LetterOrder, LetterWords, StaffFacts, UndoPlace
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision, HoldOrder, ReleaseOrder
from helpdesk.threading.lifecycle.gate import alarm_letters, pass_gate, why_suppressed
from helpdesk.threading.lifecycle.letter_apart import facts_apart, letter_apart
from helpdesk.threading.lifecycle.permission import may
from helpdesk.threading.lifecycle.team import recipients_of_answer
from helpdesk.threading.matching.gather import customer_meant
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.known import HeldMail
from helpdesk.threading.matching.match import Match
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.held import HoldReason, Release, ReleaseWord
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Participant, ParticipantState, Role
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.sentence import Sentence, joined, sentence
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reading.parsed import Kind
from helpdesk.threading.trust.tokens import OUTSIDE, Purpose

OWN = {Word.SEND: ReleaseWord.SEND, Word.NOTE: ReleaseWord.NOTE, Word.DISCARD: None}
SENSITIVE = {Word.INBOX: ReleaseWord.INBOX, **OWN}
LATER = {Word.SEND: ReleaseWord.SEND, Word.UNDO: None, Word.DISCARD: None}
OF_OTHERS = {Word.NOTE: ReleaseWord.NOTE, Word.NEW: ReleaseWord.REQUEST, Word.DISCARD: None}
TOO_LATE = sentence(
    "That was too long ago to prove who asks. Nothing has happened to the mail: a new letter about it comes now, answer that one."
)
ONCE_MORE = sentence("the time to answer the letter about it was over, so here it is once more")
DROPPED = sentence("the mail is dropped; nobody gets it.")
IN_INBOX = "the words stand in the support inbox of {account} alone; the mail says only that they are there."
OPENED = "a request of {author} is opened, as if they had written to {address}."
NO_REQUEST = sentence('Write "#on REFERENCE" above the word to name the request.')
PROOF = frozenset(
    {HoldReason.AUTHORITY, HoldReason.STRANGER, HoldReason.STEP_UP, HoldReason.DISCLOSURE}
)  # the answer to these proves its author, so it is accepted for a short time only


@dataclass(frozen=True, slots=True)
class Doubt:
    """The reason why a mail is held; `newer` are messages that its author should read before they confirm it."""

    over: HoldReason
    reason: Sentence
    newer: tuple[Sentence, ...] = ()


def words_for(over: HoldReason) -> dict[Word, ReleaseWord | None]:
    """The words that may answer a letter about mail held for this reason, and the release that each gives; None drops the mail."""
    return {HoldReason.STRANGER: OF_OTHERS, HoldReason.DISCLOSURE: SENSITIVE, HoldReason.LATER: LATER}.get(over, OWN)


def hold_mail(mail: StaffMail, hold: Doubt) -> Decision:
    """Hold the mail without any effect, and ask the staff member at their registered address.

    The letter about a request that the member may not read names neither its reference nor its customer. Otherwise a reply
    address or a guessed reference would disclose both.

    Automatic mail is held without a letter: if the member's own mailbox answers by itself, it would answer that letter too.
    """
    incoming = mail.incoming
    about = f"about {mail.match.ticket.reference} " if mail.match.ticket else ""
    order = letter_about(mail, Notice.HELD, (hold.reason, *hold.newer), incoming.text)
    assert isinstance(order.facts, StaffFacts)
    of_others = hold.over is HoldReason.STRANGER  # the member has not seen these files, so the letter carries them
    facts = replace(
        order.facts,
        choices=tuple(_choices(_readable(mail), hold.over)),
        attachments=tuple(attachment.filename for attachment in incoming.attachments) if of_others else (),
    )
    order = replace(
        order,
        facts=facts,
        subject=sentence("Held: {subject}", subject=incoming.subject),
        answer=HeldAnswer(incoming.inbound_id, _doubts_overruled(incoming.release)) if incoming.inbound_id is not None else None,
        words=replace(order.words, attach=incoming.attachments if of_others else ()),
    )
    letters = _letter_or_alarm(order, mail)
    return Decision(
        disposition=Disposition.HELD,
        reason=f"a mail {about}is held: {hold.reason}",
        grounds=mail.grounds,
        letters=() if incoming.null_path or incoming.kind is Kind.AUTOMATIC else letters,
        hold=HoldOrder(mail.member.address, hold.over),
    )


def _readable(mail: StaffMail) -> StaffMail:
    """The mail as a letter to its staff member may describe it: without its ticket, if the member may not read that ticket."""
    match = mail.match
    if match.ticket is None or may(mail.member, match.ticket, mail.context):
        return mail
    return replace(mail, match=replace(match, ticket=None, token=None, participant=None))


def _letter_or_alarm(order: LetterOrder, mail: StaffMail) -> tuple[LetterOrder, ...]:
    """The letter about the held mail, or one alarm if forged mail could fill the member's mailbox.

    Mail that is proved to be the member's own always gets a letter, and so does mail about which they have answered before. Mail
    to one of the member's reply addresses is counted separately, so that forgers who know no such address cannot use up that
    allowance.
    """
    incoming, match, context, member = mail.incoming, mail.match, mail.context, mail.member
    if incoming.release is not None or (incoming.identity.is_proved and incoming.author == member.address):
        return (pass_gate(order, context),)
    answers = (
        match.participant is not None and match.participant.role is Role.STAFF and match.participant.address == member.address
    )
    limits = LetterLimits(held_key(member.address, answers=answers), unproved=True)
    order = pass_gate(replace(order, limits=limits), context)
    return (
        alarm_letters(context, limits.counted_as, _flood(member, context), also=member) if _is_over(order, context) else (order,)
    )


def held_key(address: str, *, answers: bool) -> str:
    """The rate limit's key for letters about unproved mail; `answers` if the mail came to a reply address of the member."""
    return f"held{'-answers' if answers else ''}:{address}"


def _is_over(order: LetterOrder, context: Context) -> bool:
    """Whether the hourly limit has just suppressed this letter. Without the limit, anybody who forges the member's name could
    fill their mailbox.
    """
    return bool(order.limits.suppressed) and not why_suppressed(context, order.to.address)


def _flood(member: StaffMember, context: Context) -> tuple[Sentence, ...]:
    most = context.policy.automatic.held_hour
    return (
        sentence(
            "More than {most} mails in an hour claim to be from {name}, or came to addresses given to them, and nothing proves it.",
            most=most,
            name=member.name,
        ),
        sentence(
            "They are held. No letter tells {address} of further ones; `helpdesk quarantine list` shows them all.",
            address=member.address,
        ),
        sentence("If they are not hers or his, somebody is trying to write in that name; nothing of them was carried out."),
        sentence("Mail that is proved to be from {name} is worked on as ever.", name=member.name),
    )


# --- the effect of each word


def _choices(mail: StaffMail, over: HoldReason) -> Iterator[Choice]:
    """Each word that may answer the letter, with its effect."""
    incoming, match = mail.incoming, mail.match
    blocks = mail.read or staff_blocks(incoming.command_text or incoming.text)
    ticket = match.ticket
    for word in words_for(over):
        if word is Word.INBOX:
            if ticket is not None and ticket.account is not None:
                yield Choice(word, sentence(IN_INBOX, account=ticket.account))
        elif word is Word.SEND:
            yield Choice(word, _effect_of_send(mail, blocks))
        elif word is Word.NEW:
            author = incoming.author or sentence("nobody certain")
            yield Choice(word, sentence(OPENED, author=author, address=incoming.support_address))
        elif word in (Word.DISCARD, Word.UNDO):
            yield Choice(word, DROPPED)
        elif not _answers_digest(incoming):
            yield Choice(word, _effect_of_note(incoming, ticket, blocks, over))


def _effect_of_note(incoming: Incoming, ticket: Ticket | None, blocks: Sequence[StaffText], over: HoldReason) -> Sentence:
    if over is HoldReason.STRANGER:
        if ticket is None:
            return joined(
                (sentence("its text becomes an internal note that says who wrote it; nothing goes to a customer."), NO_REQUEST)
            )
        return sentence(
            "its text becomes an internal note on {reference} that says who wrote it; nothing goes to a customer.",
            reference=ticket.reference,
        )
    named = list(dict.fromkeys(block.reference for block in blocks if block.reference))
    named = named or ([ticket.reference] if ticket else [])
    noted = (
        sentence("its text becomes an internal note on {reference}; nothing goes to a customer.", reference=tuple(named))
        if named
        else sentence("its text becomes an internal note; nothing goes to a customer.")
    )
    left = (sentence("No command in it is carried out."),) if any(block.commands for block in blocks) else ()
    return joined((noted, *left, *(() if named else (NO_REQUEST,))))


def _effect_of_send(mail: StaffMail, blocks: Sequence[StaffText]) -> Sentence:
    incoming, match = mail.incoming, mail.match
    if _answers_digest(incoming):
        return sentence("it is carried out on the rows of your list.")
    if match.token is not None and match.token.purpose is Purpose.UNDO:
        if match.ticket is None:
            return sentence("your last change is taken back, whatever the mail says.")
        return sentence(
            "your last change on {reference} is taken back, whatever the mail says.", reference=match.ticket.reference
        )
    return joined(_effect_of_block(mail, block) for block in blocks)


def _effect_of_block(mail: StaffMail, block: StaffText) -> Sentence:
    incoming, match = mail.incoming, mail.match
    own = not block.reference
    place = block.reference or (match.ticket.reference if match.ticket else "")
    if block.command(Word.NEW) or (incoming.forward is not None and match.token is None and own):
        return sentence(
            "a request is opened for {customer}.",
            customer=customer_meant(incoming) or sentence("the customer whom it names"),
        )
    if block.command(Word.UNDO):
        if not place:
            return sentence("your last change is taken back.")
        return sentence("your last change on {reference} is taken back.", reference=place)
    if not place and not block.commands and not incoming.tokens and not incoming.spoiled_token:
        return joined((sentence("it is opened as a request of your own."), NO_REQUEST))
    if not place:
        return joined((sentence("it is carried out as it is."), NO_REQUEST))
    internal = (own and is_internal(mail, block)) or block.command(Word.NOTE) is not None
    internal = internal or hands_over(block, mail.member, mail.context.known.staff)
    commands = tuple(command.line.strip() for command in block.commands)
    done = [sentence("{commands} is carried out on {reference}", commands=commands, reference=place)] if commands else []
    if block.words and internal:
        join = block.command(Word.JOIN)
        noted = join.value.upper() if join and join.value else place  # where the request goes on
        done.append(sentence("its text becomes an internal note on {reference}", reference=noted))
    elif block.words and own and match.ticket:
        done.append(sentence("its text goes to {to}", to=recipients_of_answer(match.ticket) or sentence("nobody")))
    elif block.words:
        done.append(sentence("its text goes to the customer of {reference}", reference=block.reference))
    return sentence("{effects}.", effects=joined(done or [sentence("it is carried out on {reference}", reference=place)], "; "))


def _answers_digest(incoming: Incoming) -> bool:
    return any(token.purpose is Purpose.DIGEST for token in incoming.tokens)


# --- customers who write to a staff member's reply address


def as_participant(arrival: Arrival) -> Match | None:
    """The match of a customer who writes to a staff member's reply address, as the customer that they are; None if they are none.

    The address grants them nothing: not the staff member's authority, not its purpose, and no proof of who they are.
    """
    incoming = arrival.incoming
    ticket = arrival.match.ticket
    person = ticket.participant_at(incoming.author, Role.CUSTOMER) if ticket and incoming.identity.may_be_customer else None
    if ticket is None or person is None or person.state is not ParticipantState.ACTIVE:
        return None
    proved = incoming.identity.is_proved or any(_tokens_given_to(person, ticket, incoming, arrival.context))
    return replace(arrival.match, token=None, participant=None, proved=proved)


def _tokens_given_to(person: Participant, ticket: Ticket, incoming: Incoming, context: Context) -> Iterator[bool]:
    """For each token in the mail, whether it was issued to this person on this ticket. Tokens of other people prove nothing."""
    for token in (*incoming.tokens, *incoming.threading_tokens):
        issued = context.known.tickets.get(token.subject) if token.purpose not in OUTSIDE else None
        holder = issued.participant(token.participant) if issued else None
        here = issued is not None and context.known.survivor(issued).id == ticket.id
        yield here and holder is not None and (holder.role, holder.address) == (Role.CUSTOMER, person.address)


# --- the answer to the letter about held mail


def answers_hold_letter(incoming: Incoming) -> bool:
    """Whether the mail came to the reply address of a letter about held mail."""
    return any(token.purpose is Purpose.HELD for token in incoming.tokens)


def decide_hold_answer(arrival: Arrival) -> Decision:
    """Carry out the answer to a letter about held mail: release the mail, drop it, or say why the answer does neither."""
    incoming, context = arrival.incoming, arrival.context
    token = next(token for token in incoming.tokens if token.purpose is Purpose.HELD)
    held_mail = context.known.held.get(token.subject)
    member = context.staff_member(held_mail.held_for) if held_mail else None
    if held_mail is None or member is None:
        return Decision(Disposition.NOTED, "it answers a letter about a held mail that is not here", arrival.grounds)
    in_person = incoming.kind is Kind.PERSON and not incoming.null_path
    if not in_person or incoming.author != member.address or incoming.assurance is Assurance.FAILED:
        reason = f"only {member.name} can say what becomes of mail {held_mail.id}"
        return Decision(Disposition.NOTED, reason, arrival.grounds)
    mail = staff_mail(arrival, member)
    word = _word(mail, held_mail.over)
    obstacle = _obstacle(held_mail, word, token.version)
    if obstacle is not None:
        return _answer(mail, Disposition.REFUSED, obstacle)
    assert word is not None
    if _is_late(held_mail, incoming, context):
        return _answer(
            mail, Disposition.REFUSED, TOO_LATE, ReleaseOrder(held_mail.id, _release(held_mail, mail, ReleaseWord.ASK))
        )
    let = words_for(held_mail.over)[word]
    if let is None:
        dropped = sentence("The held mail is dropped; nobody has got it.")
        return _answer(mail, Disposition.NOTED, dropped, ReleaseOrder(held_mail.id, None))
    order = ReleaseOrder(held_mail.id, _release(held_mail, mail, let))
    return Decision(Disposition.NOTED, f"{member.name} lets mail {held_mail.id} go", arrival.grounds, release=order)


def _word(mail: StaffMail, over: HoldReason) -> Word | None:
    """The first command of the answer that fits. `#new` needs no address here; in other mail an address follows it."""
    fitting, text = words_for(over), mail.incoming.command_text or mail.incoming.text
    found = next((command.word for block in mail.read for command in block.commands if command.word in fitting), None)
    return Word.NEW if found is None and Word.NEW in fitting and asks_for(text, Word.NEW) else found


def _doubts_overruled(release: Release | None) -> int:
    """How many letters about the mail have been answered before. An answer to an older letter has no effect."""
    return len(release.waived) + len(release.asked) if release else 0


def _obstacle(mail: HeldMail, word: Word | None, overruled: int) -> Sentence | None:
    if not mail.waits:
        return sentence("That mail has been dealt with already.")
    if overruled != _doubts_overruled(mail.release):
        return sentence("That mail is held for another reason by now: answer the newest letter about it.")
    if word is not None:
        return None
    first, *others, last = (f'"#{word}"' for word in words_for(mail.over))
    whose = mail.over is HoldReason.STRANGER
    told = sentence("Answer with one word on a line of its own: {words} or {last}.", words=(first, *others), last=last)
    return joined((told, sentence("It is not your own mail, so it cannot be sent as yours."))) if whose else told


def _is_late(mail: HeldMail, incoming: Incoming, context: Context) -> bool:
    """Whether the answer comes too late to prove its author.

    If the reason was a missing proof, `prove_within` is the limit; an answer with proved origin has the longer `hold_for`, except
    for step-up.
    """
    if mail.over is HoldReason.LATER:  # it can be taken back until its time
        return False
    answering = context.policy.answering
    proved = incoming.identity.may_act_as_staff and mail.over is not HoldReason.STEP_UP
    short = mail.over in PROOF and not proved
    span: timedelta = answering.prove_within if short else answering.hold_for
    return mail.at + span < context.now


def _release(held_mail: HeldMail, answer: StaffMail, let: ReleaseWord) -> Release:
    """The release that the member's word gives. A member who is asked again (`ReleaseWord.ASK`) has overruled no doubt yet."""
    reference = next((block.reference for block in answer.read if block.reference), "")
    waived, asked = (held_mail.release.waived, held_mail.release.asked) if held_mail.release else ((), ())
    if let is ReleaseWord.ASK:
        asked = (*asked, held_mail.over)
    else:
        waived = tuple(dict.fromkeys((*waived, held_mail.over)))
    return Release(answer.member.address, let, reference, waived, asked, answer.member.addresses)


def _answer(mail: StaffMail, disposition: Disposition, line: Sentence, release: ReleaseOrder | None = None) -> Decision:
    order = letter_about(mail, Notice.RECEIPT, (line,), "")
    return Decision(disposition, line, mail.grounds, letters=(order,), release=release)


def letter_about(
    mail: StaffMail, notice: Notice, outcome: tuple[Sentence, ...], words: str, undo_place: UndoPlace | None = None
) -> LetterOrder:
    """A letter to the staff member about a mail that belongs to no ticket."""
    incoming, member = mail.incoming, mail.member
    customer = Participant(0, Role.CUSTOMER, incoming.correspondent.address, incoming.author_name)
    facts = replace(facts_apart(customer, incoming.assurance), outcome=outcome, undo_place=undo_place)
    answers = incoming.message_id if incoming.author == member.address else None
    order = letter_apart(mail.context, member, notice, facts, incoming.subject, in_reply_to=answers)
    return replace(order, words=LetterWords(words, incoming.author_name, document=incoming.document))
