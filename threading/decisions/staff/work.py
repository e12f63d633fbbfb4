"""Carry out the commands of one block of a staff member's mail, one after the other, on one ticket."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from helpdesk.threading.commands.grammar import StaffText
from helpdesk.threading.commands.words import Word
from helpdesk.threading.decisions.staff.mail import StaffMail
from helpdesk.threading.decisions.staff.steps import (
    care,
    consult,
    files,
    incident,
    joining,
    lists,
    people,
    permission,
    ready,
    several,
    shown,
    sorting,
    speech,
    watching,
)
from helpdesk.threading.decisions.staff.steps.act import ANSWER, Act, Done, Step, refusal
from helpdesk.threading.decisions.staff.steps.briefing import brief_owner, names_of_files, text_for_colleague
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Contribution, Decision, Past
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.permission import in_hand, why_block_not_permitted
from helpdesk.threading.lifecycle.ready import unknown_answers, with_answers
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.sentence import Sentence, joined, sentence
from helpdesk.threading.model.ticket import Ticket

STEPS: dict[Word, Step] = {
    Word.TAKE: care.take,
    Word.ASSIGN: care.assign,
    Word.PRIORITY: care.priority,
    Word.SEVERITY: care.severity,
    Word.CATEGORY: care.category,
    Word.QUEUE: care.queue,
    Word.LANGUAGE: care.language,
    Word.STATUS: lists.status,
    Word.FIND: lists.find,
    Word.WHY: sorting.why,
    Word.SHOW: shown.show,
    Word.FILE: files.file,
    Word.HELP: care.show_help,
    Word.USE: ready.use,
    Word.AT: ready.at_its_time,
    Word.CC: people.copy,
    Word.UNCC: people.uncopy,
    Word.AUTHOR: people.author,
    Word.UNSUPPRESS: people.unsuppress,
    Word.LINK: several.link,
    Word.WATCH: watching.watch,
    Word.UNWATCH: watching.unwatch,
    Word.MERGE: several.merge,
    Word.JOIN: joining.join,
    Word.SPLIT: several.split,
    Word.INCIDENT: incident.incident,
    Word.SPAM: care.spam,
    Word.BROADCAST: incident.broadcast,
    Word.NOTE: speech.note,
    Word.SEND: speech.send_note,
    Word.ASK: speech.ask,
    Word.PERMISSION: permission.permission,
    Word.CONSULT: consult.consult,
    Word.WORKING: speech.report_progress,
    Word.ESCALATE: speech.escalate,
    Word.RESOLVE: speech.resolve,
    Word.CLOSE: speech.close,
    Word.REOPEN: speech.reopen,
    Word.SNOOZE: care.snooze,
}
ORDER = {word: place for place, word in enumerate(STEPS)}  # assignment first, then words to people, snooze last
ELSEWHERE = {  # commands that are no step on a ticket, and why they are refused in this place
    Word.INBOX: sentence("this mail answers no letter about a mail that is held"),
    Word.DISCARD: sentence("this mail answers no letter about a mail that is held"),
    Word.UNDO: sentence("answer a letter about the request with it, and nothing else"),
    Word.AWAY: sentence("send it alone, in a new mail to the desk"),
    Word.BACK: sentence("send it alone, in a new mail to the desk"),
    Word.ON: sentence("a mail that begins a request is about that one alone"),
    Word.NEW: sentence("a new request begins with a new mail to a support address: this one answers a letter or names a request"),
}
SAYS = frozenset(
    {
        Word.SEND,
        Word.BROADCAST,
        Word.NOTE,
        Word.ASK,
        Word.PERMISSION,
        Word.CONSULT,
        Word.WORKING,
        Word.ESCALATE,
        Word.RESOLVE,
        Word.CLOSE,
        Word.REOPEN,
        Word.SPLIT,
        Word.SPAM,
    }
)


@dataclass(frozen=True, slots=True)
class Work:
    """The result of a block on one ticket. If `refused` has sentences, `draft` is incomplete and must not be recorded."""

    block: StaffText
    ticket: Ticket
    draft: Draft
    done: tuple[Done, ...] = ()
    refused: tuple[Sentence, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether the block changes anything that can be undone."""
        return bool(self.draft.events or any(step.also or step.related for step in self.done))


def carry_out(act: Act, ticket: Ticket, draft: Draft) -> Work:
    """Carry out one block, beginning with `draft`. Permission is checked first.

    `ticket` is the ticket before the block, to which an undo returns.
    """
    if lack := why_block_not_permitted(act.mail.member, draft.ticket, act.text, draft.context):
        return Work(act.text, ticket, draft, refused=(lack,))
    policy = draft.context.policy
    if unknown := unknown_answers(act.words, policy):
        return Work(act.text, ticket, draft, refused=unknown)
    act = replace(act, words=with_answers(act.words, draft.ticket, act.mail.member.name, draft.context))
    done: list[Done] = []
    steps = (command for command in act.text.commands if command.word is not Word.ANSWER)  # it says for whom the text is
    for command in sorted(steps, key=lambda command: ORDER.get(command.word, 0)):
        step = STEPS.get(command.word)
        done.append(
            step(act, draft, command)
            if step
            else refusal(draft, sentence('"{line}": {word}', line=command.line, word=ELSEWHERE[command.word]))
        )
        draft = done[-1].draft
        if done[-1].refused:
            return Work(act.text, ticket, draft, refused=(done[-1].sentence,))
    done += _words_left(act, draft, done)
    draft = done[-1].draft if done else draft
    if not done:
        return Work(act.text, ticket, draft, refused=(sentence("The mail holds neither text nor a command."),))
    if done[-1].refused:
        return Work(act.text, ticket, draft, tuple(done), (done[-1].sentence,))
    merged = tuple(_requests_merged(act, draft.context))
    draft = brief_owner(act, draft, done, merged)
    if draft.events:
        draft = replace(draft, ticket=in_hand(draft.ticket, act.mail.member, merged))
    return Work(act.text, ticket, draft, tuple(done))


def _words_left(act: Act, draft: Draft, done: Sequence[Done]) -> list[Done]:
    """What becomes of the words that no command has taken: a note for whoever gets the request, a note, or an answer."""
    words = {command.word for command in act.text.commands}
    answers = Word.ANSWER in words
    if answers and not act.speaks:
        return [refusal(draft, sentence('"#answer": write below it what the customer is to read'))]
    reason = next((step.reason for step in done if step.reason), "")
    if act.hands_over or reason:
        text = text_for_colleague(act, reason)
        return [speech.keep_note(act, draft, text)] if text else []
    asks = not answers and not care.QUESTIONS.isdisjoint(words)
    if not act.speaks or SAYS.intersection(words):
        return []
    if asks:
        text = act.words or names_of_files(act)
        return [speech.note_beside_question(replace(act, words=text), draft, ANSWER)] if text else []
    say = speech.note if act.internal and not answers else speech.answer
    return [say(act, draft, ANSWER)]


def carry_out_in_other(act: Act, ticket: Ticket, context: Context) -> Work:
    """Carry out a block with `#join`: it ends this request, and all of the block is about the one in which this goes on."""
    draft = _draft(act, ticket, context)
    if lack := why_block_not_permitted(act.mail.member, ticket, act.text, context):
        return Work(act.text, ticket, draft, refused=(lack,))
    other = joining.request_to_join(act, ticket, context)
    if not isinstance(other, Ticket):
        return Work(act.text, ticket, draft, refused=(other,))
    return carry_out(replace(act, joins=ticket), other, _draft(act, other, context))


def _draft(act: Act, ticket: Ticket, context: Context) -> Draft:
    return Draft(context, ticket, ticket.version, act.mail.member.address, act.mail.incoming.message_id)


def _requests_merged(act: Act, context: Context) -> Iterator[Ticket]:
    """The requests that end because the block merges them into its ticket."""
    if act.joins is not None:
        yield act.joins
    for command in act.text.commands:
        other = context.known.ticket_named(command.value) if command.word is Word.MERGE else None
        if other is not None:
            yield other


def why_changed_twice(work: Sequence[Work]) -> list[Sentence]:
    """Why the mail may not be carried out because it changes a ticket twice or splits two requests; empty if it may.

    Each ticket changes once a mail, so that the change can be undone as a whole. One mail opens one request at most, because it
    has one fresh reference.
    """
    splits = [command.line for task in work for command in task.block.commands if command.word is Word.SPLIT]
    if len(splits) > 1:
        return [sentence('"{word}": one mail splits one request; send the second one in another mail', word=splits[1])]
    changed = [task.ticket for task in work] + [
        also.ticket for task in work for done in task.done for also in done.also if also.ticket is not None
    ]
    ids = [ticket.id for ticket in changed]
    twice = sorted({ticket.reference for ticket in changed if ids.count(ticket.id) > 1})
    return (
        [sentence("{names}: this mail has two things to do there; send the second one in another mail", names=", ".join(twice))]
        if twice
        else []
    )


def words_in(work: Work) -> Contribution:
    """The message to the customer and the internal note in the block, if there are any."""
    message = next((step.message for step in work.done if step.message), None)
    note = next((step.note for step in work.done if step.note), None)
    return Contribution(message=message, note=note)


def decision_of(work: Work, mail: StaffMail) -> Decision:
    """The decision about one block that has been carried out."""
    reason = joined((step.sentence for step in work.done), "; ")
    return finish(work, mail, Disposition.THREADED, reason, words_in(work))


def _related_in_own_words(mail: StaffMail) -> Iterator[int]:
    """The other requests that the author names themselves. The quoted letter names the customer's earlier requests too."""
    written = f"{mail.incoming.subject}\n{mail.incoming.text}".upper()
    tickets = mail.context.known.tickets
    return (number for number in mail.match.related if number in tickets and tickets[number].reference in written)


def finish(
    work: Work,
    mail: StaffMail,
    disposition: Disposition,
    reason: str,
    adds: Contribution,
    also: tuple[Decision, ...] = (),
) -> Decision:
    """Make the decision about work that has been carried out. Letters to customers wait for the undo window before they leave."""
    context, done = work.draft.context, work.done
    leaves = context.now + context.policy.answering.undo_window
    letters = tuple(letter if letter.for_staff else replace(letter, not_before=leaves) for letter in work.draft.letters)
    related = dict.fromkeys((*_related_in_own_words(mail), *(number for step in done for number in step.related)))
    past = Past(
        before=work.ticket if work.changes else None,
        moved=tuple(message for step in done for message in step.moved),
        handover=next((step.handover for step in done if step.handover is not None), None),
    )
    draft = replace(work.draft, letters=letters)
    return draft.decision(disposition, reason, mail.grounds, replace(adds, related=tuple(related)), past=past, also=also)
