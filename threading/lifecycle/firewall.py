"""The audience firewall: what is for staff alone must not stand in anything that a customer can read.

That is the words of internal notes and their files, the letters of the desk to staff, the block of facts in these, and reply addresses that
were given to somebody else. It is looked for in letters and in rows of the platform inbox, in texts and in files.

Texts are compared as runs of words (shingles), whatever their case, punctuation and line breaks, the invisible letters in them, and the way
in which a link or the name of a file writes the spaces. What the customer has read or written
already is no secret. Linear in the length of the texts.
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
from helpdesk.threading.reading.words import INVISIBLE
from helpdesk.threading.trust.tokens import Purpose, Token
from helpdesk.threading.trust.written_tokens import tokens_in

RUN = 6  # words in succession that two texts do not share by chance
SHORTEST = 3  # a note of fewer words is too common to be recognised
LONGEST_TEXT = 400_000  # characters of each text that are looked at
WHOLE = 0.8  # of a text that stands in another one: the one is the other again, with a greeting
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
MOST_REASONS = 5  # that one letter about a held mail names
NO_TOKENS: Mapping[str, Token] = {}
OF_STAFF = frozenset(
    {Purpose.NOTE, Purpose.UNDO, Purpose.RECEIPT, Purpose.HELD, Purpose.DIGEST}
)  # such addresses customers never get


def leak_in(letter: str, notes: Iterable[str], public: Iterable[str]) -> str | None:
    """The words of a note that stand in a letter; None where there are none.

    `public` are texts of the conversation that both sides know.
    """
    known = [_words(text) for text in public]
    dress = [_words(letter), *([_words(INVISIBLE.sub(" ", letter))] if INVISIBLE.search(letter[:LONGEST_TEXT]) else ())]
    secrets: dict[int, list[list[str]]] = defaultdict(list)
    for note in notes:
        secret = _words(note)
        if len(secret) >= SHORTEST:
            secrets[min(RUN, len(secret))].append(secret)
    for size, some in sorted(secrets.items()):
        runs = {run for secret in some for run in _runs(secret, size)}
        runs.difference_update(run for text in known for run in _runs(text, size))
        found = next((run for words in dress if (run := _first(words, runs, size)) is not None), None)
        if found is not None:
            return " ".join(found)
    return None


def _first(words: list[str], secret: set[tuple[str, ...]], size: int) -> tuple[str, ...] | None:
    """The first run of a text that is a secret one. Most words begin none, so most runs are never made."""
    begins = {run[0] for run in secret}
    runs = (tuple(words[at : at + size]) for at in range(len(words) - size + 1) if words[at] in begins)
    return next((run for run in runs if run in secret), None)


def is_the_same_text(letter: str, note: str) -> bool:
    """Whether a letter says what a note said and hardly anything more: then it is that text, which was to go out."""
    words, size = _words(letter), SHORTEST
    said = set(_runs(_words(note), size))
    if len(words) < size or not said:
        return bool(words) and words == _words(note)
    covered = [False] * len(words)
    for at in range(len(words) - size + 1):
        if tuple(words[at : at + size]) in said:
            covered[at : at + size] = [True] * size
    return sum(covered) >= WHOLE * len(words)


def why_not_for_customers(
    text: str,
    files: Sequence[Attachment],
    notes: Sequence[GuardedNote],
    author: str,
    public: Sequence[str],
    *,
    public_files: Iterable[str] = (),
    strange: Mapping[str, Token] = NO_TOKENS,
) -> str | None:
    """What of a letter is for staff alone, as the end of a sentence that names all of it; None where nothing is.

    A note that only its address kept inside, perhaps by mistake, is no secret of its author's who sends the same text out. `strange` are
    tokens that this customer must not have, by their spelling.
    """
    own = [note for note in notes if note.author == author and note.unasked]
    secret = [note for note in notes if note not in own or not is_the_same_text(text, note.text)]
    reasons = [
        *_leaks_in(
            "the letter to the customer",
            text,
            [part for note in secret for part in (note.text, note.file_words)],
            public,
            strange,
        ),
        *(reason for file in files for reason in _in_file(file, secret, own, public, frozenset(public_files), strange)),
    ]
    return "; ".join(reasons[:MOST_REASONS]) or None


def _in_file(
    file: Attachment,
    secret: Sequence[GuardedNote],
    own: Sequence[GuardedNote],
    public: Sequence[str],
    shown: frozenset[str],
    strange: Mapping[str, Token],
) -> Iterator[str]:
    if any(file.sha256 in note.files for note in secret if note not in own) and file.sha256 not in shown:
        yield f'the file "{file.filename}" was sent inside, with an internal note'
        return
    others = [note for note in secret if note not in own or file.sha256 not in note.files]
    hidden = [part for other in others for part in (other.text, "" if shown.issuperset(other.files) else other.file_words)]
    yield from _leaks_in(f'the file "{file.filename}"', f"{file.filename}\n{file.words}", hidden, public, strange)


def _leaks_in(what: str, text: str, notes: Iterable[str], public: Sequence[str], strange: Mapping[str, Token]) -> Iterator[str]:
    if (words := leak_in(text, notes, public)) is not None:
        yield f'{what} has words of an internal note: "{words}"'
    if tokens_in(text, strange):
        yield f"{what} has a reply address of the desk that was given to somebody else"
    if holds_context_block(text):
        yield f"{what} has the facts or the foot of a letter of the desk to staff"


def strange_tokens(written: Mapping[str, Token], readers: Iterable[str], context: Context) -> dict[str, Token]:
    """Of the tokens that stand in a mail those that one of these readers at least was not given: each reply address is one person's own."""
    addresses = frozenset(reader for reader in readers if reader)
    return {text: token for text, token in written.items() if not _is_of_all(token, addresses, context)}


def _is_of_all(token: Token, addresses: frozenset[str], context: Context) -> bool:
    if token.purpose in OF_STAFF:
        return False
    if token.purpose is Purpose.BOUNCE:  # names a letter, and takes nothing but reports about it
        return True
    ticket = context.known.tickets.get(token.subject)
    person = ticket.participant(token.participant) if ticket else None
    return person is not None and person.role is Role.CUSTOMER and addresses == {person.address}


def holds_staff_letter(incoming: Incoming, context: Context) -> bool:
    """Whether what somebody wrote, or attached, holds a letter of the desk to staff or a piece of one."""
    staff = {text: token for text, token in incoming.written.items() if _is_of_staff(token, context)}
    parts = (
        incoming.subject,
        incoming.text,
        *(f"{attachment.filename}\n{attachment.words}" for attachment in incoming.attachments),
    )
    return any((staff and tokens_in(part, staff)) or holds_context_block(part) for part in parts)


def _is_of_staff(token: Token, context: Context) -> bool:
    ticket = context.known.tickets.get(token.subject) if token.purpose is Purpose.REPLY else None
    person = ticket.participant(token.participant) if ticket else None
    return token.purpose in OF_STAFF or (person is not None and person.role is Role.STAFF)


def _words(text: str) -> list[str]:
    """Of the text as it is normalised no more than it had: one sign may become eighteen (U+FDFA)."""
    visible = INVISIBLE.sub("", text[:LONGEST_TEXT])
    plain = unquote(visible) if "%" in visible else visible  # a link writes "%20" for a space
    return WORD.findall(unicodedata.normalize("NFKC", plain)[:LONGEST_TEXT].casefold())


def _runs(words: list[str], size: int) -> Iterator[tuple[str, ...]]:
    return (tuple(words[start : start + size]) for start in range(len(words) - size + 1))
