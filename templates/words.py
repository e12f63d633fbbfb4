"""Strangers' text made fit for a letter: bounded, on one line or many, without characters that control a header or a
terminal.

All functions accept any text and take time linear in its length.
"""

import re
from html import escape

# C0 and C1 controls, line and paragraph separators, lone surrogates, bidirectional overrides and isolates, zero-width marks
BREAKS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
OVERRIDES = re.compile("[\u202d\u202e]")
UNSEEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
SURROGATES = re.compile("[\ud800-\udfff]")
LINK = re.compile(r"https?://[^\s<>\"']+")
AFTER_LINK = ".,;:!?)]}'"
SPACES = re.compile("  +|^ |\t", re.MULTILINE)
LINK_STYLE = "color:#2f5bd3;text-decoration:underline;overflow-wrap:anywhere;word-break:break-word"
LONGEST_LINK = 2000


def one_line(text: str, limit: int = 200) -> str:
    """A text fit for a header, a name or a table row: one line of at most `limit` characters, with white space collapsed."""
    if len(text) <= limit and text.isprintable() and "  " not in text:  # no white space but single spaces, nothing unseen
        return text.strip(" ")
    kept = SURROGATES.sub("\ufffd", UNSEEN.sub("", CONTROLS.sub(" ", BREAKS.sub(" ", text[: 8 * limit]))))
    return _cut(" ".join(kept.split()), limit)


def many_lines(text: str, limit: int) -> str:
    """A text fit for the body of a letter: LF line ends, at most `limit` characters, no control characters.

    Directional marks stay, because right-to-left languages need them. Overrides, which show letters in a false order, are
    removed.
    """
    if len(text) <= limit and text.replace("\n", "").isprintable():
        return text.strip("\n").rstrip()
    kept = OVERRIDES.sub("", CONTROLS.sub("", BREAKS.sub("\n", text[: 2 * limit].replace("\t", "    "))))
    return _cut(SURROGATES.sub("\ufffd", kept).strip("\n").rstrip(), limit)


def as_html(text: str) -> str:
    """Plain text as HTML that looks the same: escaped, with line breaks and spaces, and with links for http and https URLs
    only.
    """
    pieces, end = [], 0
    for found in LINK.finditer(text):
        address = found.group()[:LONGEST_LINK].rstrip(AFTER_LINK)
        pieces += [
            _escape_with_spaces(text[end : found.start()]),
            f'<a class="h-link" href="{escape(address)}" style="{LINK_STYLE}">{escape(address)}</a>',
        ]
        end = found.start() + len(address)
    return "".join([*pieces, _escape_with_spaces(text[end:])])


def _escape_with_spaces(text: str) -> str:
    return SPACES.sub(_as_nbsp, escape(text)).replace("\n", "<br>\n")


def _as_nbsp(found: re.Match[str]) -> str:
    return "&nbsp;" * (len(found.group()) - 1) + ("&nbsp;" if found.group() in (" ", "\t") else " ")


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 2].rstrip() + " …"
