"""Tokens of ours that are written in a text or a file, wherever they stand there: an address, a link, a Message-ID.

They prove nothing about whoever wrote the text. They say that a letter of ours, or a part of it, stands there, and to whom it went.
"""

import re
from collections.abc import Iterable, Mapping

from helpdesk.threading.reading.words import INVISIBLE
from helpdesk.threading.trust.tokens import LONGEST_TOKEN, Keyring, Token, verify

SHORTEST_TOKEN = 38
MOST_LOOKED_AT = 20_000  # different words of that length in one mail; each costs one HMAC
ENCODED = re.compile(r"(?:%(?:25){0,9}|=)(?:2[Bb]|40|3[AaCcEe])")
FOLDED = re.compile(r"=\r?\n")  # where quoted-printable breaks a line
WORD = re.compile(rf"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9]{{{SHORTEST_TOKEN - 1},{LONGEST_TOKEN - 1}}}(?![A-Za-z0-9])")


def tokens_written(texts: Iterable[str], keyring: Keyring) -> dict[str, Token]:
    """Those whose signature holds, by their spelling in lower case. Linear in the length of the texts."""
    words: dict[str, None] = {}
    for text in texts:
        for word in _words(text):
            if len(words) >= MOST_LOOKED_AT:
                break
            words[word] = None
    found = ((word, verify(word, keyring)) for word in words)
    return {word: token for word, token in found if token is not None}


def tokens_in(text: str, written: Mapping[str, Token]) -> tuple[Token, ...]:
    """Which of the tokens of a mail stand in a part of it, in their order there."""
    return tuple(dict.fromkeys(written[word] for word in _words(text) if word in written)) if written else ()


def _words(text: str) -> Iterable[str]:
    """A link to an address writes its "+" and "@" as "%2B" and "%40" (RFC 6068 §2), one within another link as "%252B".

    Quoted-printable writes "=2B", and breaks the lines of whoever shows a mail as its source (RFC 2045 §6.7).
    """
    plain = INVISIBLE.sub("", text)
    plain = FOLDED.sub("", plain) if "=" in plain else plain
    plain = ENCODED.sub(" ", plain) if "%" in plain or "=" in plain else plain
    return (word.lower() for word in WORD.findall(plain))
