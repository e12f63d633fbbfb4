"""HTML without its tags, by one walk: for bodies that are too much for a parser."""

import html
import re

ANY_TAG = re.compile(r"<[^<>]*>")


def without_tags(source: str) -> str:
    """The text between tags, one line for each piece. Scripts and styles are text here: nothing is understood, nothing is lost."""
    text = html.unescape(ANY_TAG.sub("\n", source))
    return "\n".join(line for line in (line.strip() for line in text.split("\n")) if line)
