"""The audience firewall: keep internal text and files out of everything that a customer can read.

Internal are the words of notes and their files, the desk's letters to staff, the block of facts in those letters, and reply
addresses that were given to somebody else. The firewall searches letters and rows of the platform inbox, their texts and their
files.

Texts are compared as runs of words (shingles). Case, punctuation, line breaks and invisible characters do not matter, nor does
the way in which a link or a file name writes spaces. What the customer has already read or written is not internal. Linear in the
length of the texts.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import unquote

from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.own_letters import holds_context_block
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.known import GuardedNote
from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.model.participant import Role
from helpdesk.threading.model.sentence import Sentence, joined, sentence
from helpdesk.threading.reading.words import INVISIBLE
from helpdesk.threading.trust.tokens import Purpose, Token
from helpdesk.threading.trust.written_tokens import tokens_in

RUN = 6  # consecutive words that two texts do not share by chance
SHORTEST = 3  # words of the shortest note that can be recognised
LONGEST_TEXT = 400_000  # characters of each text that are read
WHOLE = 0.8  # share of a letter that a note makes up if both are the same text, apart from a greeting
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
MOST_CORRECTED = 2  # words that a corrected text has and the refused one had not: "What did I misspell?" has more
MOST_REASONS = 5  # reasons that one letter about a held mail names
NO_TOKENS: Mapping[str, Token] = {}
OF_STAFF = frozenset(
    {Purpose.NOTE, Purpose.UNDO, Purpose.RECEIPT, Purpose.CORRECTION, Purpose.HELD, Purpose.DIGEST, Purpose.CONSULT}
)  # customers never get addresses of these purposes


def leak_in(letter: str, notes: Iterable[str], public: Iterable[str]) -> str | None:
    """The words of a note that a letter contains; None if it contains none.

    `public` are texts of the conversation, which both sides know.
    """
    known = [_words(text) for text in public]
    readings = [_words(letter), *([_words(INVISIBLE.sub(" ", letter))] if INVISIBLE.search(letter[:LONGEST_TEXT]) else ())]
    secrets: dict[int, list[list[str]]] = defaultdict(list)
    for note in notes:
        secret = _words(note)
        if len(secret) >= SHORTEST:
            secrets[min(RUN, len(secret))].append(secret)
    for size, secret_texts in sorted(secrets.items()):
        runs = {run for secret in secret_texts for run in _runs(secret, size)}
        runs.difference_update(run for text in known for run in _runs(text, size))
        found = next((run for words in readings if (run := _first(words, runs, size)) is not None), None)
        if found is not None:
            return " ".join(found)
    return None


def _first(words: list[str], secret: set[tuple[str, ...]], size: int) -> tuple[str, ...] | None:
    """The first run of words that is secret. Most words begin no secret run, so most runs are never built."""
    begins = {run[0] for run in secret}
    runs = (tuple(words[at : at + size]) for at in range(len(words) - size + 1) if words[at] in begins)
    return next((run for run in runs if run in secret), None)


def is_the_same_text(letter: str, note: str) -> bool:
    """Whether a letter is a note's text and little more: then its author meant to send that text."""
    words = _words(letter)
    return len(words) - _words_apart(words, _words(note)) >= WHOLE * len(words)


def is_text_corrected(text: str, refused: str) -> bool:
    """Whether a text is a refused one with few words changed, left out or added. A question about it is no such text."""
    words, before = _words(text), _words(refused)
    apart = _words_apart(words, before)
    return apart <= MOST_CORRECTED and len(words) - apart >= WHOLE * len(words) and len(words) >= len(before) / 2


def _words_apart(words: list[str], others: list[str]) -> int:
    """How many words of a text stand in no run of words that another text has too.

    A text that is too short for a run has none apart where it is the other text, and all of them otherwise. A text without words counts
    as one word apart, so that it resembles no other.
    """
    said = set(_runs(others, SHORTEST))
    if len(words) < SHORTEST or not said:
        return 0 if words and words == others else max(1, len(words))
    covered = [False] * len(words)
    for at in range(len(words) - SHORTEST + 1):
        if tuple(words[at : at + SHORTEST]) in said:
            covered[at : at + SHORTEST] = [True] * SHORTEST
    return covered.count(False)


def why_not_for_customers(
    text: str,
    files: Sequence[Attachment],
    notes: Sequence[GuardedNote],
    author: str,
    public: Sequence[str],
    *,
    public_files: Iterable[str] = (),
    strange: Mapping[str, Token] = NO_TOKENS,
) -> Sentence | None:
    """Why customers may not read a letter: the end of a sentence that names all its internal parts; None if it has none.

    A note may be internal only because of the address it was sent to, perhaps by mistake. Its own author may send the same text
    to the customer. `strange` are the tokens that this customer must not have, by their spelling.
    """
    own = [note for note in notes if note.author == author and note.unasked]
    secret = [note for note in notes if note not in own or not is_the_same_text(text, note.text)]
    reasons = [
        *_leaks_in(
            sentence("the letter to the customer"),
            text,
            [part for note in secret for part in (note.text, note.file_words)],
            public,
            strange,
        ),
        *(reason for file in files for reason in _in_file(file, secret, own, public, frozenset(public_files), strange)),
    ]
    return joined(reasons[:MOST_REASONS], "; ") if reasons else None


def _in_file(
    file: Attachment,
    secret: Sequence[GuardedNote],
    own: Sequence[GuardedNote],
    public: Sequence[str],
    shown: frozenset[str],
    strange: Mapping[str, Token],
) -> Iterator[Sentence]:
    if any(file.sha256 in note.files for note in secret if note not in own) and file.sha256 not in shown:
        yield sentence('the file "{filename}" was sent inside, with an internal note', filename=file.filename)
        return
    others = [note for note in secret if note not in own or file.sha256 not in note.files]
    hidden = [part for other in others for part in (other.text, "" if shown.issuperset(other.files) else other.file_words)]
    yield from _leaks_in(
        sentence('the file "{filename}"', filename=file.filename), f"{file.filename}\n{file.words}", hidden, public, strange
    )


def _leaks_in(
    what: Sentence, text: str, notes: Iterable[str], public: Sequence[str], strange: Mapping[str, Token]
) -> Iterator[Sentence]:
    if (words := leak_in(text, notes, public)) is not None:
        yield sentence('{what} has words of an internal note: "{words}"', what=what, words=words)
    if tokens_in(text, strange):
        yield sentence("{what} has a reply address of the desk that was given to somebody else", what=what)
    if holds_context_block(text):
        yield sentence("{what} has the facts or the foot of a letter of the desk to staff", what=what)


def strange_tokens(written: Mapping[str, Token], readers: Iterable[str], context: Context) -> dict[str, Token]:
    """The tokens in a mail that were not given to all of these readers. Each reply address belongs to one person."""
    addresses = frozenset(reader for reader in readers if reader)
    return {text: token for text, token in written.items() if not _is_of_all(token, addresses, context)}


def _is_of_all(token: Token, addresses: frozenset[str], context: Context) -> bool:
    if token.purpose in OF_STAFF:
        return False
    if token.purpose is Purpose.BOUNCE:  # a return address names a letter and accepts only reports about it
        return True
    ticket = context.known.tickets.get(token.subject)
    person = ticket.participant(token.participant) if ticket else None
    return person is not None and person.role is Role.CUSTOMER and addresses == {person.address}


def holds_staff_letter(incoming: Incoming, context: Context) -> bool:
    """Whether a message or its attachments contain one of the desk's letters to staff, or a part of one."""
    staff = {text: token for text, token in incoming.written.items() if _is_of_staff(token, context)}
    parts = (
        incoming.subject,
        incoming.text,
        incoming.below,
        *(f"{attachment.filename}\n{attachment.words}" for attachment in incoming.attachments),
    )
    return any((staff and tokens_in(part, staff)) or holds_context_block(part) for part in parts)


def _is_of_staff(token: Token, context: Context) -> bool:
    ticket = context.known.tickets.get(token.subject) if token.purpose is Purpose.REPLY else None
    person = ticket.participant(token.participant) if ticket else None
    return token.purpose in OF_STAFF or (person is not None and person.role is Role.STAFF)


def _words(text: str) -> list[str]:
    """The words of a text, normalised, and no longer than the text was: one character may expand to eighteen (U+FDFA)."""
    visible = INVISIBLE.sub("", text[:LONGEST_TEXT])
    plain = unquote(visible) if "%" in visible else visible  # links write "%20" for a space
    return WORD.findall(unicodedata.normalize("NFKC", plain)[:LONGEST_TEXT].casefold())


def _runs(words: list[str], size: int) -> Iterator[tuple[str, ...]]:
    return (tuple(words[start : start + size]) for start in range(len(words) - size + 1))
