"""Plays the moves of a conversation at a real desk, and looks after each of them what became of its words."""

from collections.abc import Sequence
from dataclasses import replace
from email.utils import parseaddr
from random import Random

from support.clients.compose import Draft, written
from support.clients.quoted import received
from support.clients.shapes import CLIENTS
from support.conversations.books import Books, Letter, Meant, Outcome
from support.conversations.deed_table import DEEDS
from support.conversations.deeds import FORM, GROUP
from support.conversations.drafts import Sent
from support.conversations.moves import CASTS, OPENING, Move
from support.conversations.stage import Stage
from support.desk.story import StoryDesk

from helpdesk.threading.model.notice import Notice

REFUSED = "Nothing of this mail was carried out"
READERS = {cast.customer.account: {cast.customer.address, cast.colleague.address} for cast in CASTS}  # of each account's inbox


def play_at(desk: StoryDesk, moves: Sequence[Move]) -> Books:
    """The whole conversation; the books that were kept."""
    stage = Stage(desk)
    for move in moves:
        stage.books.mails += _play(stage, move)
    return stage.books


def _play(stage: Stage, move: Move) -> bool:
    """One move and what follows from it; False where its author has nothing to act on."""
    stage.desk.now = stage.desk.now.replace(second=0)
    sent = DEEDS[move.deed](stage, move, Random(f"{move.number} {move.thread}"))
    if sent is None:
        return False
    letters = stage.new_letters(move.thread)
    if any(letter.notice == Notice.HELD for letter in letters):
        sent, letters = _decide_held(stage, move, sent, letters)
    if sent.text and any(letter.notice == Notice.RECEIPT and REFUSED in letter.text for letter in letters):
        letters = letters + _correct(stage, move, sent)
    _check(stage, move, sent, letters)
    return True


def _decide_held(stage: Stage, move: Move, sent: Sent, letters: list[Letter]) -> tuple[Sent, list[Letter]]:
    """The author of a held answer insists, unless a note may be in it; then they give it up, and nobody is meant to read it."""
    stage.books.held += 1
    author = stage.desk.person(sent.author)
    gives_up = stage.threads[move.thread].notes > 0
    author.replies(Notice.HELD, "#discard" if gives_up else "#send", quote=False)
    stage.desk.passes(minutes=1)
    later = stage.new_letters(move.thread)
    return (Sent(Meant(frozenset()), context=sent.context, author=sent.author) if gives_up else sent), letters + later


def _correct(stage: Stage, move: Move, sent: Sent) -> list[Letter]:
    """The author of refused commands is told so, and answers the customer's letter once more, without a quote."""
    stage.books.refused += 1
    found = stage.newest_to_staff(move.thread)
    assert found is not None
    person, mail = found
    draft = Draft(f"{person.name} <{person.address}>", stage.desk.now, (sent.text,), received(mail.message), shows_quote=False)
    message = written(CLIENTS["gmail"], draft)
    stage.bring(person.address, [parseaddr(str(message["To"]))[1]], message)
    return stage.new_letters(move.thread)


def _check(stage: Stage, move: Move, sent: Sent, letters: list[Letter]) -> None:
    rows, markup = stage.new_rows()
    histories = stage.histories(move.thread)
    notes = "\n".join(note.text for history in histories for note in history.notes)
    messages = [
        (message, message is history.messages[0])
        for history in histories
        for message in history.messages
        if message.id not in stage.seen_messages
    ]
    stage.seen_messages.update(message.id for message, _ in messages)
    said = [message.text for message, is_first in messages if not is_first]
    first = [message.text for message, is_first in messages if is_first]
    if first and move.deed not in OPENING and move.role != "stranger":
        stage.books.apart(move.number, sent.author)
    outcome = Outcome(letters, rows, markup, said, first, notes)
    stage.books.check_arrival(move.number, sent.meant, outcome)
    stage.books.check_arrival(move.number, Meant(sent.noted, noted=True), outcome)
    is_note = sent.meant.noted
    stage.books.check_arrival(move.number, Meant(sent.cited, noted=is_note, kept=not is_note), outcome)
    stage.books.check_secrecy(move.number, outcome, READERS)
    stage.books.check_once(move.number, replace(sent.meant, marks=sent.meant.marks | sent.noted), outcome, sent.context)
    for letter in letters:
        if letter.to in (FORM, GROUP):
            stage.books.machine(move.number, letter)
