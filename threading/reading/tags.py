"""HTML without its tags, by one walk: for bodies that are too much for a parser."""

import html
import re

MOST_REFERENCES = 100_000
ANY_TAG = re.compile(r"<[^<>]*>")


def without_tags(source: str) -> str:
    """The text between tags, one line for each piece. Scripts and styles are text here: nothing is understood, nothing is lost.

    Behind the first `MOST_REFERENCES` ampersands, character references stay as they are written.
    """
    text = _unescape(ANY_TAG.sub("\n", source))
    return "\n".join(line for line in (line.strip() for line in text.split("\n")) if line)


def _unescape(text: str) -> str:
    if text.count("&") <= MOST_REFERENCES:
        return html.unescape(text)
    *pieces, rest = text.split("&", MOST_REFERENCES + 1)
    return f"{html.unescape('&'.join(pieces))}&{rest}"
