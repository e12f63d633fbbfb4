"""Answer `#find WORDS` and `#status WHO`, sent alone to the desk, by one letter to whoever asks. Its rows are answered as those of a digest."""

from dataclasses import replace

from helpdesk.threading.commands.words import Word
from helpdesk.threading.decisions.staff.held import letter_about
from helpdesk.threading.decisions.staff.mail import StaffMail
from helpdesk.threading.decisions.staff.steps.lists import answer_to
from helpdesk.threading.letters.order import DigestAnswer
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.lifecycle.letter_apart import facts_apart, letter_apart
from helpdesk.threading.model.digest import Digest
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.reading.parsed import Kind


def asks_for_list(mail: StaffMail) -> bool:
    """Whether a mail with proved origin asks one such question and nothing else, and answers no letter about a request."""
    if (
        mail.match.token is not None
        or not mail.incoming.identity.may_act_as_staff
        or mail.incoming.kind is not Kind.PERSON
        or len(mail.blocks) != 1
    ):
        return False
    block = mail.blocks[0]
    asked = [command.word is Word.FIND or (command.word is Word.STATUS and bool(command.value)) for command in block.commands]
    return asked == [True] and not (block.reference or block.body or block.refused)


def decide_list(mail: StaffMail) -> Decision:
    """Send the list, or the sentence that says why there is none."""
    command = mail.blocks[0].commands[0]
    answer = answer_to(command, mail)
    if isinstance(answer, str):
        order = letter_about(mail, Notice.RECEIPT, (answer,), "")
        return Decision(Disposition.REFUSED, answer, mail.grounds, letters=(order,))
    facts = replace(facts_apart(), listed=answer)
    context, asked = mail.context, mail.incoming.message_id
    digest = Digest(next(context.fresh.ids), mail.member.address, tuple(request.row for request in answer.requests))
    rows = DigestAnswer(digest.id)
    order = letter_apart(context, mail.member, Notice.SEARCH_RESULT, facts, answer.headline, answer=rows, in_reply_to=asked)
    reason = f"{mail.member.name} is told of {len(answer.requests)} requests"
    return Decision(Disposition.NOTED, reason, mail.grounds, letters=(order,), digest=digest)
