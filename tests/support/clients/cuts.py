"""Places in a quoted mail where its reader can put an answer, and a page that is cut there."""

import re
from html import unescape
from typing import NamedTuple

from support.clients.quoted import Quoted

HOLE = re.compile("\ue000(\\d+)\ue001")  # where an answer goes; private characters, which no letter has
TOKENS = re.compile(r"<(/?)(\w+)\b[^>]*?(/?)>|\ue000\d+\ue001|[^<\ue000]+|<")
BLOCKS = set("p div td th li h1 h2 h3 h4 h5 h6 pre blockquote table tbody tr ul ol body".split())
VOID = set("br hr img meta link input col".split())
KEPT_OPEN = {"td", "th", "li"}  # an answer stands in them, not behind them


class Place(NamedTuple):
    """A line of a page: its words, and the offset at which an answer below it begins."""

    words: str
    at: int


def places(html: str) -> list[Place]:
    """The lines of a page."""
    found, words = [], ""
    for token in TOKENS.finditer(html):
        if token[2] is None:
            words += token[0]
            continue
        name = token[2].lower()
        if name not in BLOCKS and name != "br":
            continue
        line = squeezed(words)
        if line:
            inside = not (token[1] or name == "br") or name in KEPT_OPEN
            found.append(Place(line, token.start() if inside else token.end()))
        words = ""
    return found


def squeezed(text: str) -> str:
    """Words with one space between them."""
    return " ".join(unescape(text).replace("\u200b", "").replace("\ufeff", "").split())


def hole(number: int) -> str:
    return f"\ue000{number}\ue001"


def pierced(html: str, lines: list[str]) -> str:
    """The page with a hole below each of the lines, which stand in it in this order."""
    found = places(html)
    done, start, at = "", 0, 0
    for number, line in enumerate(lines):
        at = next(index for index in range(at, len(found)) if found[index].words == squeezed(line)) + 1
        done += html[start : found[at - 1].at] + hole(number)
        start = found[at - 1].at
    return done + html[start:]


def pierced_text(text: str, lines: list[str]) -> str:
    """The same in plain text: the hole stands on a line of its own below the line, which may be wrapped."""
    done, read, number = [], "", 0
    for line in text.split("\n"):
        done.append(line)
        read = f"{read} {squeezed(line)}"
        if number < len(lines) and squeezed(lines[number]) in squeezed(read):
            done.append(hole(number))
            read, number = "", number + 1
    assert number == len(lines), (lines[number], text)
    return "\n".join(done)


def anchors(quoted: Quoted) -> list[str]:
    """The lines of a letter that stand in its HTML and in its text, each once, in the same order, of at least three words."""
    text, found, at = squeezed(quoted.text), [], 0
    lines = [place.words for place in places(quoted.html) if len(place.words.split()) > 2]
    for line in lines:
        begin = text.find(line, at) if quoted.text else at
        if begin >= 0 and lines.count(line) == 1:
            found.append(line)
            at = begin + len(line)
    return found


def cut(html: str) -> list[str]:
    """The pieces of a page between its holes, each well-formed: elements that are open at a hole are closed and opened again."""
    pieces, opened, start = [], [""], 0
    stack: list[tuple[str, str]] = []
    for token in TOKENS.finditer(html):
        if token[2] is not None:
            _count(stack, token)
        elif token[0][0] == "\ue000":
            pieces.append(opened[-1] + html[start : token.start()] + "".join(f"</{name}>" for name, _ in reversed(stack)))
            opened.append("".join(tag for _, tag in stack))
            start = token.end()
    return [*pieces, opened[-1] + html[start:]]


def _count(stack: list[tuple[str, str]], token: re.Match[str]) -> None:
    name = token[2].lower()
    if name in VOID or token[3]:
        return
    if not token[1]:
        stack.append((name, token[0]))
    elif any(name == open_name for open_name, _ in stack):
        while stack.pop()[0] != name:
            pass
