"""The step that sends files of a ticket to the staff member who asks for them, and to nobody else."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from helpdesk.threading.commands.grammar import Command, files_named
from helpdesk.threading.decisions.staff.steps.act import Act, Done, refusal
from helpdesk.threading.letters.carried import as_people_say
from helpdesk.threading.letters.order import LetterWords
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.team import staff_facts
from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.sentence import Sentence, plain, sentence

MOST_LETTERS = 20  # of one command
MOST_NAMED = 20  # files that a refusal lists


def file(act: Act, draft: Draft, command: Command) -> Done:
    """Send files of the ticket to the author of the mail, in as many letters as they need."""
    known = draft.context.known.files.get(draft.ticket.id, ())
    wanted, _ = files_named(command.value)
    found = [attachment for number in dict.fromkeys(wanted) for attachment in known if attachment.number == number]
    if not wanted or {attachment.number for attachment in found} != set(wanted):
        return refusal(draft, sentence('"{line}": {choice}', line=command.line, choice=_choice(draft, known)))
    letters = list(_letters(found, draft.context.policy.letters.attachments))
    if len(letters) > MOST_LETTERS:
        return refusal(
            draft,
            sentence(
                '"{line}": that takes {count} letters, and one mail brings {most_letters} at most',
                line=command.line,
                count=len(letters),
                most_letters=MOST_LETTERS,
            ),
        )
    for place, pieces in enumerate(letters, start=1):
        names = ", ".join(f"{piece.filename} ({as_people_say(piece.size)})" for piece in pieces)
        told = (
            sentence("Letter {place} of {count}: {names}", place=place, count=len(letters), names=names)
            if len(letters) > 1
            else plain(names)
        )
        facts = staff_facts(draft, act.mail.incoming.assurance, outcome=(told, *_how_to_join(pieces)))
        draft = draft.notify_staff(act.mail.member, Notice.RECEIPT, facts, LetterWords(attach=pieces, part=place))
    names = ", ".join(attachment.filename for attachment in found)
    return Done(
        draft,
        sentence(
            "To you alone, in {count} letters of their own: {names}."
            if len(letters) > 1
            else "To you alone, in a letter of its own: {names}.",
            count=len(letters),
            names=names,
        ),
    )


def _choice(draft: Draft, known: Sequence[Attachment]) -> Sentence:
    """What would work instead."""
    if not known:
        return sentence("{reference} has no files", reference=draft.ticket.reference)
    listed = ", ".join(f"{attachment.number} {attachment.filename}" for attachment in known[-MOST_NAMED:])
    return sentence("one of these would work: {listed}", listed=listed)


def _letters(files: Iterable[Attachment], limit: int) -> Iterator[tuple[Attachment, ...]]:
    """The files, or parts of them, letter by letter."""
    pieces: list[Attachment] = []
    room = limit
    for piece in (piece for attachment in files for piece in _pieces(attachment, limit)):
        if piece.size > room:
            yield tuple(pieces)
            pieces, room = [], limit
        pieces.append(piece)
        room -= piece.size
    if pieces:
        yield tuple(pieces)


def _pieces(attachment: Attachment, limit: int) -> Iterator[Attachment]:
    """A file as it is, or in parts of at most `limit` octets with numbered names."""
    if attachment.size <= limit:
        yield attachment
        return
    for place, start in enumerate(range(0, attachment.size, limit), start=1):
        end = min(start + limit, attachment.size)
        yield replace(attachment, filename=f"{attachment.filename}.{place:03}", size=end - start, span=(start, end))


def _how_to_join(pieces: Iterable[Attachment]) -> tuple[Sentence, ...]:
    if all(piece.span is None for piece in pieces):
        return ()
    return (
        sentence("It is too large for one letter. Save all parts in one folder and join them in the order of their numbers."),
    )
