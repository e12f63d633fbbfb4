"""What the desk has said and got about a ticket, for comparison with what mails about it quote.

A letter's words are kept beside it as one compressed value of both its parts, because clients quote either. They are compared only when
a mail of the ticket looks quoted: what it answers and then the newest first, and only until every word of the quote is known.
"""

import html
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from helpdesk.threading.matching.compared_words import document_of
from helpdesk.threading.matching.said import Document

MOST_WORDS = 6_000  # of one letter or message
MOST_CHARACTERS = 60_000  # of one part of a letter, or of a message, that are kept for comparison
MOST_OF_TICKET = 30  # letters to each side, and messages, of one ticket; the newest
PARTS = "\x00"


@dataclass(frozen=True, slots=True)
class SentWords:
    """One letter or message as it is stored. `packed` has the words of a letter, `text` and `rest` those of a message.

    `rest` is what a message had besides its text: its signature and what it quoted. `files` are the SHA-256 of those of a message.
    """

    id: int
    public: bool
    packed: bytes = b""
    text: str = ""
    rest: str = ""
    files: frozenset[str] = frozenset()
    message_id: str = ""

    def documents(self) -> Iterator[Document]:
        """Its words, for a letter those of each part."""
        if self.packed:
            for part in _unpack(self.packed):
                yield _document(part, len(part), self.public)
        else:
            head = document_of(self.text, MOST_WORDS)
            rest = document_of(self.rest, max(MOST_WORDS - len(head), 0))
            yield Document([*head, *rest], len(head), self.public, len(self.text) < MOST_CHARACTERS and len(head) < MOST_WORDS)


def packed(text: str, markup: str) -> bytes:
    """The words of a letter for comparison, from both its parts."""
    body = markup[max(markup.find("<body"), 0) :][: 8 * MOST_CHARACTERS]
    # Behind each tag, whose text has no angle bracket, stands what is shown.
    shown = "\n".join([line for piece in body.split("<") if (line := piece[piece.find(">") + 1 :].strip())])
    return zlib.compress(PARTS.join((text[:MOST_CHARACTERS], shown[:MOST_CHARACTERS])).encode(), 1)


def documents_of(sent: Iterable[SentWords], answered: Sequence[str] = ()) -> Iterator[Document]:
    """The words of letters and messages: first what a mail answers, by its Message-IDs in their order, then the newest first."""
    places = {message_id: place for place, message_id in enumerate(answered)}
    for words in sorted(sent, key=lambda entry: (places.get(entry.message_id, len(places)), -entry.id)):
        yield from words.documents()


def octets_of_words(packed_words: bytes) -> bytes:
    """The words of a letter as they were before they were packed: both parts, in UTF-8."""
    return zlib.decompress(packed_words)


def text_of_words(packed_words: bytes) -> str:
    """The words of a letter's first part, as they were sent."""
    return next(_unpack(packed_words), "")


def _unpack(packed_words: bytes) -> Iterator[str]:
    """Both parts, the second only where it is asked for: most quotes are known after the first."""
    text, _, markup = octets_of_words(packed_words).decode(errors="replace").partition(PARTS)
    yield text
    yield html.unescape(markup)


def _document(part: str, size: int, public: bool) -> Document:
    words = document_of(part, MOST_WORDS)
    return Document(words, None, public, size < MOST_CHARACTERS and len(words) < MOST_WORDS)
