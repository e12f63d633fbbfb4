"""The leaves of a mail sorted into what is read and what is attached."""

import hashlib
from dataclasses import dataclass

from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.reading.charsets import decode, without_controls
from helpdesk.threading.reading.file_words import Budget, words_of_file
from helpdesk.threading.reading.filenames import safe_filename
from helpdesk.threading.reading.flowed import unflow
from helpdesk.threading.reading.html import Line, readable_lines
from helpdesk.threading.reading.limits import TEXT_CHARACTERS
from helpdesk.threading.reading.mime import Leaf
from helpdesk.threading.reading.places import Place
from helpdesk.threading.reading.reply_text import plain_lines

READABLE = ("text/plain", "text/html")


@dataclass(frozen=True, slots=True)
class Body:
    """What can be read. `plain` is None when no text/plain part is there; `lines` are all readable lines, quoted ones marked.

    `shows_plain` says that the lines are those of `plain`, and of nothing else.
    """

    plain: str | None
    html: str | None
    lines: tuple[Line, ...]
    shows_plain: bool
    defects: tuple[str, ...]
    breach: str | None

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines).strip("\n")


@dataclass(frozen=True, slots=True)
class AttachedFiles:
    attachments: tuple[Attachment, ...]
    contents: dict[str, bytes]
    places: dict[str, Place]


def is_body(leaf: Leaf) -> bool:
    """Text that is meant to be read in place (RFC 2183 §2.1): not called an attachment, not given a name."""
    return leaf.content_type in READABLE and leaf.disposition != "attachment" and not leaf.filename


def body_of(leaves: tuple[Leaf, ...]) -> Body:
    """Text of every readable part, in order; of alternatives the plain one, when it says anything."""
    defects: list[str] = []
    groups: dict[int, tuple[list[str], list[str]]] = {}
    budget = TEXT_CHARACTERS
    breach = None
    for leaf in leaves:
        if not is_body(leaf):
            continue
        text, defect = _decode_text(leaf)
        defects += [defect] if defect else []
        if len(text) > budget:
            breach = f"more than {TEXT_CHARACTERS} characters of text"
        text = text[:budget]
        budget -= len(text)
        groups.setdefault(leaf.group, ([], []))[leaf.content_type == "text/html"].append(text)
    plains = [text for plain, _ in groups.values() for text in plain]
    htmls = [text for _, html in groups.values() for text in html]
    shown: list[Line] = []
    for plain, html in groups.values():
        shown += _shown_lines(plain, html)
    return Body(
        "\n".join(plains) if plains else None,
        "\n".join(htmls) if htmls else None,
        tuple(shown),
        len(groups) == 1 and any(text.strip() for text in plains),
        tuple(dict.fromkeys(defects)),
        breach,
    )


def attached_files(leaves: tuple[Leaf, ...]) -> AttachedFiles:
    """Everything that is not read in place, with its octets, and where they lie in the mail, by SHA-256."""
    attachments: list[Attachment] = []
    contents: dict[str, bytes] = {}
    places: dict[str, Place] = {}
    budget = Budget()
    said: dict[str, str] = {}
    for leaf in leaves:
        if is_body(leaf):
            continue
        digest = hashlib.sha256(leaf.content).hexdigest()
        contents[digest] = leaf.content
        if leaf.place:
            places.setdefault(digest, leaf.place)
        name = safe_filename(leaf.filename, leaf.content_type, len(attachments) + 1)
        inline = leaf.disposition == "inline" or (
            leaf.related and leaf.content_id is not None and leaf.disposition != "attachment"
        )
        if digest not in said:
            said[digest] = words_of_file(leaf, budget)
        named = bool(leaf.filename.strip())
        attachments.append(
            Attachment(name, leaf.content_type, len(leaf.content), digest, leaf.content_id, inline, named, words=said[digest])
        )
    return AttachedFiles(tuple(attachments), contents, places)


def _decode_text(leaf: Leaf) -> tuple[str, str]:
    text, defect = decode(leaf.content, leaf.declared.get("charset", ""))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if leaf.content_type == "text/plain":
        text = without_controls(text)
    if leaf.declared.get("format", "").lower() == "flowed" and leaf.content_type == "text/plain":
        text = unflow(text, delsp=leaf.declared.get("delsp", "").lower() == "yes")
    return text, defect


def _shown_lines(plains: list[str], htmls: list[str]) -> list[Line]:
    plain = "\n".join(plains)
    if plain.strip() or not htmls:
        return plain_lines(plain)
    return [line for html in htmls for line in readable_lines(html)]
