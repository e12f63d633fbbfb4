"""HTML without its tags, by one walk, for HTML that is too complex for a parser."""

import html
import re

MOST_REFERENCES = 100_000
ANY_TAG = re.compile(r"<[^<>]*>")
# Any tag but those of a page that is only text in paragraphs.
SHAPING_TAG = re.compile(r"<(?!/?(?:div|p|br|span|body|html)(?: dir=\"?(?:auto|ltr|rtl)\"?)?[ \r\n]{0,3}/?>)", re.IGNORECASE)


def is_only_text(source: str) -> bool:
    """Whether HTML has nothing but text in paragraphs: no shape that the plain text beside it could lack, and nothing hidden."""
    return SHAPING_TAG.search(source) is None


def without_tags(source: str) -> str:
    """The text between tags, one line for each piece. The text of scripts and styles is included.

    Character references behind the first `MOST_REFERENCES` ampersands stay as they are written.
    """
    text = _unescape(ANY_TAG.sub("\n", source))
    return "\n".join(line for line in (line.strip() for line in text.split("\n")) if line)


def _unescape(text: str) -> str:
    if text.count("&") <= MOST_REFERENCES:
        return html.unescape(text)
    *pieces, rest = text.split("&", MOST_REFERENCES + 1)
    return f"{html.unescape('&'.join(pieces))}&{rest}"
