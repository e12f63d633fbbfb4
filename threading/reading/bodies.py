"""The text of a mail: the parts that are read in place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpdesk.threading.reading.charsets import charset_of_page, decode, without_controls
from helpdesk.threading.reading.flowed import unflow
from helpdesk.threading.reading.glued import unglued
from helpdesk.threading.reading.html import NO_PICTURES, readable_lines
from helpdesk.threading.reading.limits import HTML_CHARACTERS, TEXT_CHARACTERS
from helpdesk.threading.reading.lines import Line, NamedPicture
from helpdesk.threading.reading.mime import Leaf
from helpdesk.threading.reading.reply_text import plain_lines
from helpdesk.threading.reading.tags import is_only_text, without_tags
from helpdesk.threading.reading.two_texts import is_stub

READABLE = ("text/plain", "text/html")
MOST_LINES = 20_000  # of a mail, behind which no tree is built of its HTML
MOST_CHARSETS = 8  # labels of other parts that are tried


@dataclass(frozen=True, slots=True)
class Body:
    """The text of a mail. `plain` and `html` are None without a part of that type; `lines` are all readable lines, quoted ones marked.

    `shows_plain` says that `lines` come from `plain` alone. `shaped` are the lines of all HTML parts, if others are shown in their place.
    A plain text that only says to look at the HTML is not there.
    """

    plain: str | None
    html: str | None
    lines: tuple[Line, ...]
    shows_plain: bool
    shaped: tuple[Line, ...]
    defects: tuple[str, ...]
    breach: str | None

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines).strip("\n")


def is_body(leaf: Leaf) -> bool:
    """Whether a part is text to be read in place (RFC 2183 §2.1): it is no attachment and has no file name."""
    return leaf.content_type in READABLE and leaf.disposition != "attachment" and not leaf.filename


def body_leaves(leaves: Sequence[Leaf]) -> tuple[Leaf, ...]:
    """The parts that are read in place. Where none is, text at the beginning that has a name is the mail: some programs name the body."""
    shown = tuple(leaf for leaf in leaves if is_body(leaf))
    first = next(iter(leaves), None)
    if shown and any(leaf.filename and _is_named_text(leaf) for leaf in leaves):
        return tuple(leaf for leaf in leaves if is_body(leaf) or _is_named_alternative(leaf, shown))
    if shown or first is None or not _is_named_text(first):
        return shown
    return tuple(leaf for leaf in leaves if leaf.group == first.group and _is_named_text(leaf))


def _is_named_alternative(leaf: Leaf, shown: Sequence[Leaf]) -> bool:
    """Whether a page with a name is the other form of a plain body: both stand in one multipart/alternative, which has no other page."""
    if leaf.content_type != "text/html" or leaf.group <= 0 or not _is_named_text(leaf):
        return False
    kinds = {other.content_type for other in shown if other.group == leaf.group}
    return kinds == {"text/plain"}


def _is_named_text(leaf: Leaf) -> bool:
    return leaf.content_type in READABLE and leaf.disposition != "attachment"


def charsets_of(leaves: Sequence[Leaf]) -> tuple[str, ...]:
    """The charset labels that the text parts of a mail declare, and that their pages name, each once."""
    texts = [leaf for leaf in leaves if leaf.content_type in READABLE]
    named = [charset_of_page(leaf.content) for leaf in texts if leaf.content_type == "text/html"]
    return tuple(dict.fromkeys(label for label in (*(leaf.declared.get("charset", "") for leaf in texts), *named) if label))[
        :MOST_CHARSETS
    ]


def body_of(leaves: tuple[Leaf, ...], pictures: Mapping[str, NamedPicture] = NO_PICTURES) -> Body:
    """The text of all readable parts, in order. Of alternatives the plain one is read, unless it is empty or a stub.

    `pictures` are those of the mail, by what its HTML may call them.
    """
    defects: list[str] = []
    groups: dict[int, tuple[list[str], list[str]]] = {}
    budget = TEXT_CHARACTERS
    breach = None
    charsets = charsets_of(leaves)
    for leaf in body_leaves(leaves):
        text, defect = _decode_text(leaf, charsets)
        defects += [defect] if defect else []
        if len(text) > budget:
            breach = f"more than {TEXT_CHARACTERS} characters of text"
        text = text[:budget]
        budget -= len(text)
        groups.setdefault(leaf.group, ([], []))[leaf.content_type == "text/html"].append(text)
    plains = [text for plain, _ in groups.values() for text in plain]
    htmls = [text for _, html in groups.values() for text in html]
    shown: list[Line] = []
    shaped: list[Line] = []
    read_plain = stubs = False
    for plain, html in groups.values():
        text = "\n".join(plain)
        room = MOST_LINES - len(shown) - len(shaped)
        of_html = _lines_beside(html, pictures, room) if text.strip() else _html_lines(html, pictures, room)
        stub = bool(of_html) and is_stub(text, of_html)
        stubs = stubs or stub
        of_html = _html_lines(html, pictures, room) if stub else of_html
        shaped += of_html
        if text.strip() and not stub:
            shown += plain_lines(text)
            read_plain = True
        else:
            shown += of_html or plain_lines(text)
    return Body(
        "\n".join(plains) if plains and not stubs else None,
        "\n".join(htmls) if htmls else None,
        tuple(unglued(shown)),
        len(groups) == 1 and read_plain,
        tuple(shaped) if read_plain else (),
        tuple(dict.fromkeys(defects)),
        breach,
    )


def _html_lines(htmls: Sequence[str], pictures: Mapping[str, NamedPicture], room: int) -> list[Line]:
    """The lines of some pages. No tree is built of the pages below those that have more than `room` lines."""
    lines: list[Line] = []
    for source in htmls:
        lines += readable_lines(source, pictures) if len(lines) <= room else _text_lines([source])
    return lines


def _lines_beside(htmls: Sequence[str], pictures: Mapping[str, NamedPicture], room: int) -> list[Line]:
    """The lines of the HTML beside a plain text. No tree is built of HTML that has no shape: it only says whether both texts are alike."""
    return _text_lines(htmls) if all(is_only_text(source) for source in htmls) else _html_lines(htmls, pictures, room)


def _text_lines(htmls: Sequence[str]) -> list[Line]:
    return [Line(text) for source in htmls for text in without_controls(without_tags(source[:HTML_CHARACTERS])).split("\n")]


def _decode_text(leaf: Leaf, charsets: tuple[str, ...]) -> tuple[str, str]:
    page = charset_of_page(leaf.content) if leaf.content_type == "text/html" else ""
    hints = (page, *charsets) if page else tuple(label for label in charsets if label.lower() != "utf-8")
    text, defect = decode(leaf.content, leaf.declared.get("charset", ""), hints)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if leaf.content_type == "text/plain":
        text = without_controls(text)
    if leaf.declared.get("format", "").lower() == "flowed" and leaf.content_type == "text/plain":
        text = unflow(text, delsp=leaf.declared.get("delsp", "").lower() == "yes")
    return text, defect
