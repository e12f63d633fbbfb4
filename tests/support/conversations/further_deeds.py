"""Deeds beside those of ordinary mail: in the platform, by copies, by mail that is handed on, and with a third person inside."""

from copy import deepcopy
from dataclasses import replace
from random import Random

from support.clients.compose import Deed as Writes
from support.clients.compose import written
from support.clients.quoted import received
from support.clients.words import Handwriting, files, own_html, own_text
from support.conversations.books import Meant
from support.conversations.drafts import Sent, draft_of, draft_with_quote, pen_of, placed_client
from support.conversations.filters import put_into
from support.conversations.moves import Deed, Move, Place, Shape
from support.conversations.stage import Stage

ALIKE = {Shape.PICTURE: Shape.FILE, Shape.PASTE: Shape.LIST}  # what the platform's editor has in place of a shape


def writes_in_platform(stage: Stage, move: Move, random: Random) -> Sent | None:
    """A row of the platform, as its editor writes it: a text, HTML or both."""
    if move.deed is Deed.BEGINS_IN_PLATFORM:
        stage.begin(move)
    thread = stage.threads.get(move.thread)
    if thread is None or not thread.proved:
        return None
    person, key = thread.cast.customer, stage.thread_key(move.thread)
    if key is None and move.deed is Deed.WRITES_IN_PLATFORM:
        return None
    pen = pen_of(move, random, person)
    words, hand = pen.words(ALIKE.get(move.shape, move.shape)), Handwriting()
    html = own_html(words, hand) if random.random() < 0.6 else None
    text = own_text(words, hand) if html is None or random.random() < 0.5 else ""
    marks = frozenset(pen.marks)
    stage.books.may_read(thread.takes_part | {person.address}, marks)
    stage.known |= marks
    thread.resolved = False
    attached = {file.name: file.content for file in files(words)}
    subject = f"Question {move.thread + 1} in the platform" if key is None else ""
    stage.desk.writes_in_platform(person.account, person.address, text, key, attached, html, subject=subject)
    stage.desk.passes(minutes=7)
    return Sent(Meant(marks, staff=True, account=person.account), author=person.address)


def comes_again(stage: Stage, move: Move, random: Random) -> Sent | None:
    """The last mail from outside comes once more, by another way that puts a banner or a footer into it. Everybody has its words already."""
    if move.thread not in stage.brought:
        return None
    reverse_path, to, brought = stage.brought[move.thread]
    message = deepcopy(brought)
    put_into(message, random)
    stage.bring(reverse_path, to, message)
    return Sent(Meant(frozenset()), author=reverse_path)


def hands_on(stage: Stage, move: Move, random: Random) -> Sent | None:
    """The customer forwards what they have to somebody else. The desk sees these words only where that person quotes them."""
    thread = stage.threads.get(move.thread)
    if thread is None:
        return None
    person, colleague = thread.cast.customer, thread.cast.colleague
    # A colleague who takes no part, and whom no mail to the desk names, would open a request of their own.
    reader = colleague if colleague.address in thread.takes_part else thread.cast.stranger
    mail = stage.newest(person, move.thread, random if move.older else None)
    if mail is None:
        return None
    pen = pen_of(move, random, person)
    draft = replace(
        draft_of(stage, move, person, pen.paragraphs(), received(mail.message), to=reader.address), deed=Writes.FORWARD
    )
    message = written(placed_client(replace(move, place=Place.ABOVE)), replace(draft, shows_quote=True))
    stage.desk.now = draft.at
    stage.put(message, [reader.address, person.address], move.thread)
    return None


def consults(stage: Stage, move: Move, random: Random) -> Sent | None:
    """Staff ask a third person, who gets these words and no others."""
    thread, found = stage.threads.get(move.thread), stage.newest_to_staff(move.thread)
    if thread is None or found is None:
        return None
    person, mail = found
    expert, pen = thread.cast.expert, pen_of(move, random, person)
    draft = draft_of(stage, move, person, (f"#consult {expert.address}", *pen.paragraphs()), received(mail.message))
    message = written(placed_client(replace(move, place=Place.ABOVE)), draft)
    thread.notes += 1
    stage.books.may_read([expert.address], pen.marks)
    stage.bring(person.address, [stage.written_to(message)], message)
    return Sent(Meant(frozenset(pen.marks), readers=frozenset({expert.address}), noted=True), author=person.address)


def advises(stage: Stage, move: Move, random: Random) -> Sent | None:
    """The third person answers: that is for staff alone."""
    thread = stage.threads.get(move.thread)
    mail = stage.newest(thread.cast.expert, move.thread) if thread else None
    if thread is None or mail is None:
        return None
    person, pen = thread.cast.expert, pen_of(move, random, thread.cast.expert)
    drafted = draft_with_quote(stage, move, person, pen, random, received(mail.message))
    message = written(placed_client(move), drafted.draft)
    if move.filtered:
        put_into(message, random)
    thread.notes += 1
    stage.books.may_read([person.address], pen.marks)
    stage.bring(person.address, [stage.written_to(message)], message)
    return Sent(Meant(frozenset(pen.marks), staff=True, noted=True), context=drafted.context, author=person.address)
