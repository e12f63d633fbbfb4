"""Steps that write: a letter to the customer, or an internal note."""

from dataclasses import replace
from datetime import datetime, timedelta

from helpdesk.threading.commands.grammar import Command
from helpdesk.threading.commands.moments import end_named
from helpdesk.threading.decisions.customer.incident import why_not_to_all
from helpdesk.threading.decisions.staff.mail import StaffMail
from helpdesk.threading.decisions.staff.steps.act import Act, Briefing, Done, impossible, numbered_files, refusal
from helpdesk.threading.letters.carried import as_people_say, left_behind
from helpdesk.threading.letters.order import CustomerFacts, Handler, LetterWords
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.routing import escalation_assignee
from helpdesk.threading.lifecycle.team import (
    colleagues_of,
    escalate_ticket,
    handler_after,
    line_about_customer,
    notify_team,
    notify_watchers,
    recipients_of_answer,
    staff_facts,
    tell_former_assignee,
)
from helpdesk.threading.model.assurance import SURE
from helpdesk.threading.model.attachment import attachments_as_json, each_once
from helpdesk.threading.model.held import ReleaseWord
from helpdesk.threading.model.message import Direction, InternalNote, Message
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.model.status import Trigger
from helpdesk.threading.promises.silence import closing_at
from helpdesk.threading.promises.targets import with_given_date
from helpdesk.threading.reading.kept_shapes import kept_shapes
from helpdesk.threading.trust.tokens import Purpose

LONGEST_FILE_WORDS = 50_000  # characters of text from a note's files that are kept for comparison
BESIDE_QUESTION = sentence(
    "Your words beside it are kept as a note; only staff will see them. To send them to the customer, write them in a reply without it."
)
FILES_BESIDE_QUESTION = sentence(
    "The files beside it are kept as a note; only staff will see them. To send them to the customer, attach them to a reply without it."
)
NO_READER = sentence(
    'Nobody would get these words, because nobody is known whom the desk could answer: "#author ADDRESS" names the customer, and "#note" keeps the words inside.'
)
LEFT_BEHIND = "NOT SENT ALONG, because the files of a letter have at most {limit}: {names}. {way}"
IN_QUOTE = "NOT SENT ALONG, because the picture stands within the letter that you quote: {names}. Attach it, or set it into your own words."
IN_INBOX = sentence("The customer finds it in the support inbox.")
ANOTHER_WAY = sentence("Send it in smaller parts, or by another way: the letter only names it.")
BY_COMMAND = sentence("Your colleagues get it by the command #file.")
NOTE_KEPT = sentence("Note saved. Only staff see it.")
NOTE_BY_RECEIPT = sentence(
    'Saved as a note, because you replied to a receipt. Nothing was sent. To send it as your answer, reply "#send".'
)
NOTE_BESIDE = sentence("Your text is saved as a note. Only staff see it; #answer would send it to the customer.")
LONGEST_PROMISE = timedelta(days=366)
DATES = 'try: by friday, by tomorrow, by 3d, or a date such as "by {example}" or "by {example} 17:00"'


def note(act: Act, draft: Draft, command: Command) -> Done:
    """Keep the words as an internal note, and send it to the other staff on the ticket."""
    if not act.words:
        return refusal(draft, sentence("An internal note needs text."))
    return keep_note(act, draft, act.words)


def keep_note(act: Act, draft: Draft, text: str) -> Done:
    """Keep a text of the mail as an internal note, and send it to the other staff on the ticket."""
    draft = draft.apply(Trigger.NOTE_ADDED, act.mail.member.address)
    kept = note_of(act, draft.context, text)
    for colleague in colleagues_of(draft, act.mail.member.address):
        facts = staff_facts(draft, act.mail.incoming.assurance, attachments=act.mail.incoming.attachments)
        draft = draft.notify_staff(
            colleague,
            Notice.INTERNAL_NOTE,
            facts,
            LetterWords(text, act.mail.member.name, numbered_files(act, draft), document=act.document),
        )
    behind = _left_behind(act, draft, BY_COMMAND)
    mistaken = answers_receipt(act.mail) and act.unasked and not act.hands_over
    told = NOTE_BESIDE if act.hands_over and act.joins is None else NOTE_BY_RECEIPT if mistaken else NOTE_KEPT
    return Done(draft, told, note=kept, more=behind, warns=bool(behind) or mistaken)


def answers_receipt(mail: StaffMail) -> bool:
    """Whether a mail came to the address of a receipt, which looks like any other letter of its thread."""
    return mail.match.token is not None and mail.match.token.purpose in (Purpose.RECEIPT, Purpose.CORRECTION)


def send_note(act: Act, draft: Draft, command: Command) -> Done:
    """Send the author's last note that answered a receipt to the customer, with its files, as if it had been an answer."""
    if not answers_receipt(act.mail):
        return refusal(draft, sentence('"{line}": this mail answers no letter about a mail that is held', line=command.line))
    if act.speaks:
        return refusal(draft, sentence('"{line}" goes without text: it sends what you wrote before', line=command.line))
    own = [note for note in draft.context.known.notes.get(draft.ticket.id, ()) if note.author == act.mail.member.address]
    if not own or not own[-1].unasked:
        return refusal(
            draft,
            sentence(
                '"{line}": your last note on {reference} was not the answer to a receipt',
                line=command.line,
                reference=draft.ticket.reference,
            ),
        )
    known = draft.context.known.files.get(draft.ticket.id, ())
    files = tuple(file for file in known if file.sha256 in own[-1].files)
    mail = replace(act.mail, incoming=replace(act.mail.incoming, attachments=each_once(files), document=()))
    return answer(replace(act, mail=mail, words=own[-1].text, internal=False, unasked=False), draft, command)


def note_beside_question(act: Act, draft: Draft, command: Command) -> Done:
    """Keep the words as a note that stand beside a command which only asks the desk: nothing says that the customer should have them.

    Files without words are kept in the same way; `act.words` then names them.
    """
    done = note(act if act.internal else replace(act, internal=True, unasked=True), draft, command)
    return done if done.refused else replace(done, sentence=BESIDE_QUESTION if act.text.words else FILES_BESIDE_QUESTION)


def note_of(act: Act, context: Context, text: str) -> InternalNote:
    """The internal note, with the files' hashes and words, by which the firewall recognises them in later letters."""
    files = act.written
    words = "\n".join(file.words for file in files if file.words)[:LONGEST_FILE_WORDS]
    return InternalNote(
        id=next(context.fresh.ids),
        author=act.mail.member.address,
        text=text,
        at=context.now,
        unasked=act.unasked,
        attachments=attachments_as_json(files),
        file_words=words,
        shapes=kept_shapes(text, act.document),
    )


def answer(act: Act, draft: Draft, command: Command) -> Done:
    """Send the words to the customer."""
    return _say(act, draft, Trigger.STAFF_ANSWERED, "Your answer goes to {to}.")


def ask(act: Act, draft: Draft, command: Command) -> Done:
    """Send the customer a question; the due times are paused until they reply."""
    if not draft.allows(Trigger.INFORMATION_REQUESTED):
        return impossible(draft, command)
    if not act.words:
        return refusal(draft, sentence('"{line}": write below it what the customer shall tell', line=command.line))
    return _say(act, draft, Trigger.INFORMATION_REQUESTED, "Your question goes to {to}; the clocks wait for the reply.")


def resolve(act: Act, draft: Draft, command: Command) -> Done:
    """Resolve the ticket and tell the customer. An incident needs a senior's right to write to all its customers."""
    if not draft.allows(Trigger.RESOLVED):
        return impossible(draft, command)
    if lack := why_not_to_all(act.mail.member, draft.ticket, draft.context):
        return refusal(draft, sentence('"{line}": {lack}', line=command.line, lack=lack))
    return _say(act, draft, Trigger.RESOLVED, "{reference} is resolved; the resolution letter goes to {to}.")


def report_progress(act: Act, draft: Draft, command: Command) -> Done:
    """Send the customer word that the desk goes on working. The move stays with support.

    "by friday" on the line is a promised date, which the letter to the customer names.
    """
    if not draft.allows(Trigger.PROGRESS_REPORTED):
        return impossible(draft, command)
    rest, given = _given_date(command, draft.context)
    if isinstance(given, Sentence):
        return refusal(draft, given)
    if rest:
        return refusal(
            draft,
            sentence(
                '"{line}": write your text below the line; behind #working stands a date alone ({dates})',
                line=command.line,
                dates=_dates(draft.context),
            ),
        )
    if not act.words:
        return refusal(draft, sentence('"{line}": write below it what the customer should read', line=command.line))
    return _say(act, draft, Trigger.PROGRESS_REPORTED, "Your answer goes to {to}{by}; the next move is yours.", given)


def close(act: Act, draft: Draft, command: Command) -> Done:
    """Close the ticket and tell the customer."""
    if not draft.allows(Trigger.CLOSED):
        return impossible(draft, command)
    return _say(act, draft, Trigger.CLOSED, "{reference} is closed; the closing letter goes to {to}.")


def reopen(act: Act, draft: Draft, command: Command) -> Done:
    """Put the ticket in progress again, and tell the customer and the team."""
    if not draft.allows(Trigger.REOPENED):
        return impossible(draft, command)
    done = _say(act, draft, Trigger.REOPENED, "{reference} is in progress again; {to} is told.")
    facts = staff_facts(done.draft, act.mail.incoming.assurance)
    draft = notify_team(
        done.draft, Notice.REOPENED, facts, LetterWords(author_name=act.mail.member.name), without=act.mail.member.address
    )
    return replace(done, draft=draft)


def escalate(act: Act, draft: Draft, command: Command) -> Done:
    """Raise the escalation level, give the ticket to a senior, and tell both the customer and the senior.

    "by 2026-11-25" at the end of the reason is a promised time, which the letter to the customer names.
    """
    if not draft.allows(Trigger.ESCALATED):
        return impossible(draft, command)
    if draft.ticket.escalation_level >= draft.context.policy.escalation.highest_level:
        return refusal(
            draft,
            sentence(
                '"{line}": {reference} is at the highest level already', line=command.line, reference=draft.ticket.reference
            ),
        )
    reason, given = _given_date(command, draft.context)
    if isinstance(given, Sentence):
        return refusal(draft, given)
    level, ticket = draft.ticket.escalation_level + 1, draft.ticket
    senior = escalation_assignee(level, ticket.queue, ticket.assignee, draft.context.known.staff, draft.context.now)
    done = _say(
        act,
        escalate_ticket(draft, senior),
        Trigger.ESCALATED,
        "{reference} is escalated; {to} is told{by}.",
        given,
        handler_after(ticket, senior),
    )
    done = replace(done, reason=reason)
    if senior and senior.address != act.mail.member.address:
        taken = sentence("{done} {name} takes it.", done=done.sentence, name=senior.name)
        facts = staff_facts(done.draft, act.mail.incoming.assurance, outcome=(line_about_customer(done.draft, draft),))
        moved = tell_former_assignee(done.draft, ticket.assignee, Notice.ESCALATION, facts, act.mail.member.address)
        return replace(done, draft=moved, sentence=taken, briefing=Briefing(senior, Notice.ESCALATION))
    return done


def _say(
    act: Act, draft: Draft, trigger: Trigger, template: str, timeline: datetime | None = None, handler: Handler = Handler.TEAM
) -> Done:
    """Apply a trigger of the lifecycle table, with the staff member's words in its letter and in the conversation."""
    speaks = act.speaks_to_customer
    if act.internal and speaks:
        return refusal(
            draft, sentence("This reply is internal: a note and words for the customer need two mails; reply to a public letter.")
        )
    if speaks and not recipients_of_answer(draft.ticket):
        return refusal(draft, NO_READER)
    draft = draft.apply(trigger, act.mail.member.address)
    draft = draft.record_response() if speaks and trigger is not Trigger.REOPENED else draft
    if timeline is not None:
        draft = draft.set_clocks(with_given_date(draft.ticket, timeline, draft.context.now))
    notice = draft.rules[-1].to_customer
    assert notice is not None
    release = act.mail.incoming.release
    in_inbox = speaks and release is not None and release.word is ReleaseWord.INBOX
    if in_inbox and draft.ticket.account is None:
        return refusal(
            draft, sentence('"#inbox": this customer has no support inbox; answer "#send" to let the words go by mail')
        )
    fixed = in_inbox or (not speaks and draft.ticket.assurance not in SURE)
    before = draft.letters
    closes_at = closing_at(draft.context.now, draft.context.policy) if notice is Notice.RESOLUTION else None
    facts = CustomerFacts(account=draft.ticket.account, timeline=timeline, closes_at=closes_at, handler=handler)
    words = LetterWords(author_name=act.mail.member.name)
    if speaks:
        signature = draft.context.policy.signature_of(act.mail.member.address)
        words = LetterWords(act.words, act.mail.member.name, act.passed_on, document=act.document, signature=signature)
    draft = draft.notify_customers(notice, facts, words, automatic=not speaks, fixed_text=fixed)
    message = message_to_customer(act, draft.context) if speaks else None
    told = draft.letters != before
    to = (told and recipients_of_answer(draft.ticket)) or sentence("nobody")
    draft = _tell_watchers(act, draft) if speaks and told else draft
    behind = _left_behind(act, draft, IN_INBOX if draft.ticket.account is not None else ANOTHER_WAY) if speaks and told else ()
    by = sentence(", and reads that they hear from you by {at}", at=timeline) if timeline else ""
    done = sentence(template, reference=draft.ticket.reference, to=to, by=by)
    return Done(draft, done, message=message, more=behind, warns=bool(behind))


def _tell_watchers(act: Act, draft: Draft) -> Draft:
    """Send the words that a customer gets to those who watch the request."""
    if not draft.ticket.watchers:
        return draft
    facts = staff_facts(draft, act.mail.incoming.assurance, attachments=act.mail.incoming.attachments)
    words = LetterWords(act.words, act.mail.member.name, numbered_files(act, draft), document=act.document)
    return notify_watchers(draft, Notice.CUSTOMER_REPLY, facts, words, without=act.mail.member.address)


def _left_behind(act: Act, draft: Draft, way: Sentence) -> tuple[Sentence, ...]:
    """A line of the receipt about the files that are too large for a letter, and how their readers get them."""
    limit = draft.context.policy.letters.attachments
    names = ", ".join(file.filename for file in left_behind(act.passed_on, limit))
    large = (sentence(LEFT_BEHIND, names=names, limit=as_people_say(limit), way=way),) if names else ()
    quoted = ", ".join(file.filename for file in act.only_quoted)
    return (*large, *((sentence(IN_QUOTE, names=quoted),) if quoted else ()))


def message_to_customer(act: Act, context: Context) -> Message:
    """The words of a staff member as a message of the conversation."""
    incoming = act.mail.incoming
    return Message(
        id=next(context.fresh.ids),
        direction=Direction.SUPPORT,
        author=act.mail.member.address,
        assurance=incoming.assurance,
        text=act.words,
        elided_text=incoming.elided_text,
        attachments=attachments_as_json(act.written),
        message_id=incoming.message_id,
        at=incoming.received_at,
        shapes=kept_shapes(act.words, act.document),
    )


def _given_date(command: Command, context: Context) -> tuple[str, datetime | Sentence | None]:
    """The rest of a command's value, and the date behind its last "by": a moment in UTC, None, or why it cannot be promised.

    Words behind "by" that name no date belong to the text: "by invoice".
    """
    before, by, named = f" {command.value}".rpartition(" by ")
    if not by:
        return command.value, None
    at = end_named(named, context.now, context.policy.calendar)
    if at is None and not named[:1].isdigit():
        return command.value, None
    if at is None or not context.now < at <= context.now + LONGEST_PROMISE:
        return before.strip(), sentence(
            '"{line}": this is no time to come within a year; {dates}', line=command.line, dates=_dates(context)
        )
    return before.strip(), at


def _dates(context: Context) -> Sentence:
    """Examples of dates that can be promised today."""
    return sentence(DATES, example=f"{context.now + timedelta(days=7):%Y-%m-%d}")
