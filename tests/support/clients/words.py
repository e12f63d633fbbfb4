"""What a person puts into a mail: paragraphs, lists, tables and pictures, as HTML of any client and as plain text, and files beside them."""

from dataclasses import dataclass
from html import escape

# A picture of one point, which mail systems take for a PNG.
DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cfc0f01f00050001ff5c4ea5e40000000049454e44ae426082"
)


@dataclass(frozen=True, slots=True)
class Table:
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that stands in the text. `cid` is its Content-ID without brackets."""

    name: str
    cid: str
    content: bytes = DOT


@dataclass(frozen=True, slots=True)
class File:
    """A file beside the words."""

    name: str
    content: bytes


Block = str | Table | Bullets | Picture | File  # a string is a paragraph; its lines end with line feeds
Words = tuple[Block, ...]
Shown = str | Table | Bullets | Picture


@dataclass(frozen=True, slots=True)
class Handwriting:
    """How the editor of a client writes HTML: one own line, an empty line, and what holds the cells of a table."""

    line: str = "<div>{}</div>"
    empty: str = "<div><br></div>"
    table: str = '<table border="1">'
    image: str = "[image: {name}]"  # what stands for a picture in plain text


def own_html(words: Words, hand: Handwriting) -> str:
    """The words as the editor of a client writes them, with an empty line between blocks."""
    return hand.empty.join(_html_block(block, hand) for block in words if not isinstance(block, File))


def _html_block(block: Shown, hand: Handwriting) -> str:
    match block:
        case Table(rows):
            lines = ("".join(f"<td>{escape(cell) or '&nbsp;'}</td>" for cell in row) for row in rows)
            return f"{hand.table}<tbody>{''.join(f'<tr>{line}</tr>' for line in lines)}</tbody></table>"
        case Bullets(items):
            return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>"
        case Picture(name, cid):
            return hand.line.format(f'<img src="cid:{cid}" alt="{escape(name)}" width="320">')
        case str():
            return "".join(hand.line.format(escape(line)) if line.strip() else hand.empty for line in block.split("\n"))


def own_text(words: Words, hand: Handwriting) -> str:
    return "\n\n".join(_text_block(block, hand) for block in words if not isinstance(block, File))


def _text_block(block: Shown, hand: Handwriting) -> str:
    match block:
        case Table(rows):
            return "\n".join("\t".join(row) for row in rows)
        case Bullets(items):
            return "\n".join(f"- {item}" for item in items)
        case Picture(name, cid):
            return hand.image.format(name=name, cid=cid)
        case str():
            return block


def pictures(words: Words) -> tuple[Picture, ...]:
    return tuple(block for block in words if isinstance(block, Picture))


def files(words: Words) -> tuple[File, ...]:
    return tuple(block for block in words if isinstance(block, File))
