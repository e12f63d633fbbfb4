"""The step that shows what was left out of the customer's last message to the staff member who asks, and to nobody else."""

from helpdesk.threading.commands.grammar import Command
from helpdesk.threading.decisions.staff.steps.act import Act, Done, refusal
from helpdesk.threading.letters.order import LetterWords
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.own_letters import holds_boundary
from helpdesk.threading.lifecycle.team import staff_facts
from helpdesk.threading.model.message import Direction
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.sentence import sentence

PART = 99  # of the letters of one mail: none of the letters with files has this number


def show(act: Act, draft: Draft, command: Command) -> Done:
    """Send the quotes and the signature of the last message to the author of the mail, or the message if it is all there is.

    A value must name this request.
    """
    ticket = draft.ticket
    if command.value and command.value.strip(".:;,[]()").upper() != ticket.reference:
        return refusal(
            draft, sentence('"{line}": it is about another request: send it alone, in a mail of its own', line=command.line)
        )
    past = reversed(draft.context.conversation(ticket).history)
    message = next((message for message in past if message.direction is Direction.CUSTOMER), None)
    if message is None:
        return Done(
            draft, sentence("{reference} has no message of the customer among its last ones.", reference=ticket.reference)
        )
    kept = (words.rest for sent in draft.context.known.words.values() for words in sent if words.id == message.id)
    lines = [line for line in "\n".join(kept).splitlines() if not holds_boundary(line)]
    text = "\n".join(lines).strip("\n")
    who = message.author or sentence("somebody whom nothing names for certain")
    remark = (
        sentence("Left out of the last message, by {who}:", who=who) if text else sentence("The last message, by {who}:", who=who)
    )
    facts = staff_facts(draft, act.mail.incoming.assurance, outcome=(remark,))
    draft = draft.notify_staff(act.mail.member, Notice.RECEIPT, facts, LetterWords(text or message.text, part=PART))
    if not text:
        return Done(
            draft,
            sentence(
                "Nothing was left out of the last message of {reference}; it comes in a letter of its own.",
                reference=ticket.reference,
            ),
        )
    return Done(draft, sentence("What was left out of the last message comes in a letter of its own, to you alone."))
