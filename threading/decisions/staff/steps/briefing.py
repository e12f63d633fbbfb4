"""The letter to the colleague who gets a request: the whole conversation, the notes and the files, as they are after the whole mail."""

from collections.abc import Sequence
from dataclasses import replace

from helpdesk.threading.decisions.staff.steps.act import Act, Briefing, Done, numbered_files
from helpdesk.threading.letters.order import LetterWords
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.team import staff_facts
from helpdesk.threading.model.message import PastMessage
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.sentence import sentence
from helpdesk.threading.model.ticket import Ticket

FILES_ALONE = "Files: {names}"


def text_for_colleague(act: Act, reason: str) -> str:
    """The note for whoever gets the request: the words on the line of the command, and the text of the mail if it is for colleagues.

    Files need a note that holds them, so files without words give a note of their names.
    """
    parts = [reason, act.words if act.hands_over else ""]
    text = "\n\n".join(part for part in parts if part)
    if text or not act.hands_over:
        return text
    return names_of_files(act)


def names_of_files(act: Act) -> str:
    """The text of a note that holds the files of a mail without words; "" if it has none."""
    names = ", ".join(attachment.filename for attachment in act.passed_on if act.files)
    return sentence(FILES_ALONE, names=names) if names else ""


def brief_owner(act: Act, draft: Draft, done: Sequence[Done], merged: Sequence[Ticket]) -> Draft:
    """Write to the colleague to whom the mail gave the request, when all its steps have been carried out. `merged` are the requests that
    the mail merges into it: their words belong to it from now on.

    They get one letter: it has the note of the mail, so no letter about that note goes to them beside it. Who was given the request by
    one command and lost it by another gets none.
    """
    briefing = next((step.briefing for step in reversed(done) if step.briefing and _has_it(step.briefing, draft)), None)
    if briefing is None:
        return draft
    context, ticket, address = draft.context, draft.ticket, briefing.member.address
    noted = next((step.note for step in done if step.note), None)
    message = next((step.message for step in done if step.message), None)
    known = context.known
    own = known.whole.get(ticket.id, context.conversation(ticket).history)
    come = [replace(said, origin=said.origin or other.reference) for other in merged for said in known.whole.get(other.id, ())]
    notes = [
        replace(note, origin=note.origin or other.reference) for other in merged for note in known.past_notes.get(other.id, ())
    ]
    now = (PastMessage(message.author, message.direction, message.text, message.at, shapes=message.shapes),) if message else ()
    files = (*context.known.files.get(ticket.id, ()), *numbered_files(act, draft))
    facts = replace(
        staff_facts(draft, act.mail.incoming.assurance, attachments=files),
        last_messages=(*sorted((*own, *come), key=lambda said: said.at), *now),
        whole=True,
        notes=(*known.past_notes.get(ticket.id, ()), *notes),
    )
    along = tuple(attachment for attachment in files if attachment.goes_along)
    words = LetterWords(noted.text if noted else "", act.mail.member.name, along, document=act.document if noted else ())
    letters = tuple(letter for letter in draft.letters if (letter.notice, letter.to.address) != (Notice.INTERNAL_NOTE, address))
    return replace(draft, letters=letters).notify_staff(briefing.member, briefing.notice, facts, words)


def _has_it(briefing: Briefing, draft: Draft) -> bool:
    return briefing.notice is Notice.ESCALATION or draft.ticket.assignee == briefing.member.address
