"""Strangers' text made fit for a letter: bounded, on one line or many, without characters that control a header or a
terminal.

All functions accept any text and take time linear in its length.
"""

import re
from collections.abc import Mapping, Sequence

from helpdesk.threading.reading.lines import Line
from helpdesk.threading.reading.markup import MarkupLook, markup_of
from helpdesk.threading.reading.shaping import shaped, text_of

# C0 and C1 controls, line and paragraph separators, lone surrogates, bidirectional overrides and isolates, zero-width marks
BREAKS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
OVERRIDES = re.compile("[\u202d\u202e]")
UNSEEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
SURROGATES = re.compile("[\ud800-\udfff]")
SANS = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
MONO = "ui-monospace,SFMono-Regular,Menlo,Consolas,monospace"
BREAKING = "overflow-wrap:anywhere;word-break:break-word"
CELL = f"padding:5px 8px;border:1px solid #868e9c;font:14px/21px {SANS};color:#2a2f3a"
# Outlook takes no style of an element around a table for its cells.
IN_LETTERS = MarkupLook(
    {
        "p": ' style="margin:0 0 12px"',
        "h3": f' style="margin:18px 0 8px;font:600 17px/24px {SANS}"',
        "h4": f' style="margin:16px 0 6px;font:600 15px/24px {SANS}"',
        "ul": ' style="margin:0 0 12px;padding:0 24px"',
        "ol": ' style="margin:0 0 12px;padding:0 24px"',
        "li": ' style="margin:0 0 4px"',
        "table": ' cellpadding="0" cellspacing="0" border="0" style="margin:0 0 14px;border-collapse:collapse"',
        "td": f' class="h-ink h-line" valign="top" style="{CELL};overflow-wrap:normal;word-break:normal"',
        "long td": f' class="h-ink h-line" valign="top" style="{CELL};{BREAKING}"',
        "blockquote": ' class="h-quote" style="margin:0 0 12px;padding:0 0 0 12px;border-left:2px solid #868e9c"',
        "pre": f' class="h-panel h-ink" style="margin:0 0 12px;padding:10px 12px;background-color:#f8f9fb;border:1px solid #868e9c;border-radius:6px;font:13px/19px {MONO};color:#2a2f3a;white-space:pre-wrap;{BREAKING}"',
        "code": f' class="h-chip" style="padding:1px 4px;border-radius:4px;background-color:#f0f2f5;font:13px/20px {MONO}"',
        "a": f' class="h-link" style="color:#2f5bd3;text-decoration:underline;{BREAKING}"',
        "img": ' style="max-width:100%;height:auto;border:0"',
    }
)
NO_PICTURES: Mapping[str, str] = {}


class Prose(str):
    """A text with the document that it is the text of. Templates use it as a text."""

    document: tuple[Line, ...]
    pictures: Mapping[str, str]

    @classmethod
    def of(cls, text: str, document: Sequence[Line], pictures: Mapping[str, str] = NO_PICTURES) -> "Prose":
        """The text with its shape, as far as `document` knows it. `pictures` are those in the letter: the source of each by its SHA-256."""
        lines = shaped(text, document)
        prose = cls(text_of(lines))
        prose.document, prose.pictures = lines, pictures
        return prose


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
    """A text as markup of our own: with its shape where that is known, else escaped so that it looks the same."""
    if isinstance(text, Prose):
        return OVERRIDES.sub("", markup_of(text.document, IN_LETTERS, text.pictures))
    return markup_of((Line(line) for line in text.split("\n")), IN_LETTERS)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 2].rstrip() + " …"
