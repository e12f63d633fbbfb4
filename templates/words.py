"""Words from outside, made fit for a letter: one line or many, bounded, without anything that controls a header or a terminal.

All functions are total and linear in the length of the text.
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
    """Fit for a header, a name or a row of a table: one line of at most `limit` characters, white space collapsed."""
    kept = SURROGATES.sub("\ufffd", UNSEEN.sub("", CONTROLS.sub(" ", BREAKS.sub(" ", text[: 8 * limit]))))
    return _cut(" ".join(kept.split()), limit)


def many_lines(text: str, limit: int) -> str:
    """Fit for the body of a letter: LF line ends, at most `limit` characters, no controls.

    Directional marks stay, since right-to-left languages need them; overrides, which show letters in false order, do not.
    """
    kept = OVERRIDES.sub("", CONTROLS.sub("", BREAKS.sub("\n", text[: 2 * limit].replace("\t", "    "))))
    return _cut(SURROGATES.sub("\ufffd", kept).strip("\n").rstrip(), limit)


def as_html(text: str) -> str:
    """Plain text as HTML that shows the same: escaped, with line breaks, kept spaces, and links on http and https addresses only."""
    pieces, end = [], 0
    for found in LINK.finditer(text):
        address = found.group()[:LONGEST_LINK].rstrip(AFTER_LINK)
        pieces += [
            _escaped(text[end : found.start()]),
            f'<a class="h-link" href="{escape(address)}" style="{LINK_STYLE}">{escape(address)}</a>',
        ]
        end = found.start() + len(address)
    return "".join([*pieces, _escaped(text[end:])])


def _escaped(text: str) -> str:
    return SPACES.sub(_kept_spaces, escape(text)).replace("\n", "<br>\n")


def _kept_spaces(found: re.Match[str]) -> str:
    return "&nbsp;" * (len(found.group()) - 1) + ("&nbsp;" if found.group() in (" ", "\t") else " ")


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 2].rstrip() + " …"
