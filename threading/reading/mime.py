"""The MIME tree as a flat list of leaves (RFC 2045 to 2049). The only module that imports mail-parser.

mail-parser reads the outline of the mail, and this module walks over its tree. Nested messages are leaves, so that their text is never taken
for the author's own. Containers that are no multiparts (winmail.dat, opaque S/MIME) are opened here too.
"""

import email
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from email.message import Message
from functools import lru_cache

import mailparser

from helpdesk.threading.reading import calendar, smime, tnef, uuencoded
from helpdesk.threading.reading.charsets import decode
from helpdesk.threading.reading.encodings import encoding, undo_named_encoding
from helpdesk.threading.reading.fields import split_header
from helpdesk.threading.reading.limits import PARTS
from helpdesk.threading.reading.outline import MimePart, Outline, outline_of
from helpdesk.threading.reading.parameters import parameters
from helpdesk.threading.reading.places import Place, Step
from helpdesk.threading.reading.words import text_of

NESTED_MAIL = ("message/rfc822", "message/global", "text/rfc822")
UNKNOWN_TYPE = "application/octet-stream"
MOST_ENVELOPES = 3  # of signed mail in signed mail
REMEMBERED = 512  # outlines whose positions are kept; nearly all mail has one of a few dozen
LONGEST_REMEMBERED = 1024  # octets of an outline


@dataclass(frozen=True, slots=True)
class Leaf:
    """One part without children. The leaves of one outermost multipart/alternative share a `group`.

    `place` says where the content lies in the mail; () if it does not lie there in one piece.
    """

    content_type: str
    declared: Mapping[str, str]  # parameters of Content-Type
    disposition: str
    filename: str
    content_id: str | None
    content: bytes
    group: int
    related: bool  # inside multipart/related
    place: Place = ()
    location: str = ""  # Content-Location (RFC 2557 §4.2)
    container: bool = False  # its content stands behind it, as leaves of their own


@dataclass(frozen=True, slots=True)
class Structure:
    """All leaves of a mail. `written` are those that stand in the mail itself, and not in a container that was opened."""

    leaves: tuple[Leaf, ...]
    report_type: str  # of multipart/report, "" for other mails
    defects: tuple[str, ...]
    written: tuple[Leaf, ...] = ()


@dataclass(frozen=True, slots=True)
class _Position:
    """Where part `number` stands in the tree, as `Leaf` says it."""

    number: int
    group: int
    related: bool


def structure(outline: Outline) -> Structure:
    """The leaves of a mail whose outline is within the limits."""
    written = tuple(_leaves(outline))
    top = outline.parts[0]
    report = top.declared.get("report-type", "").lower() if top.content_type == "multipart/report" else ""
    return Structure(_opened(written), report, tuple(dict.fromkeys(outline.defects)), written)


def leaves_as_mixed(outline: Outline, parts: Structure) -> tuple[Leaf, ...]:
    """The leaves, if the parts of the outermost container were shown one after the other. `parts` is the structure of the outline."""
    if len(outline.parts) == 1:
        return parts.leaves
    positions = _positions(outline.skeleton_as_mixed)
    return _opened([replace(leaf, group=position.group) for leaf, position in zip(parts.written, positions, strict=True)])


def _opened(leaves: Sequence[Leaf]) -> tuple[Leaf, ...]:
    opened = _open_containers(leaves, MOST_ENVELOPES)
    if any(leaf.content_type == "text/plain" and b"begin " in leaf.content for leaf in opened):
        opened = [part for leaf in opened for part in _with_uuencoded(leaf)]
    return tuple(_with_calendars(opened))


def _with_uuencoded(leaf: Leaf) -> list[Leaf]:
    """A text without the uuencoded files in it, and these files behind it."""
    if leaf.content_type != "text/plain" or leaf.disposition == "attachment":
        return [leaf]
    rest, files = uuencoded.taken_out(leaf.content)
    if not files:
        return [leaf]
    charset = leaf.declared.get("charset", "")
    names = [text_of(file.name, charset) for file in files]
    attached = [
        Leaf(UNKNOWN_TYPE, {}, "attachment", name, None, file.content, leaf.group, related=False)
        for name, file in zip(names, files, strict=True)
    ]
    return [replace(leaf, content=rest, place=()), *attached]


def _tree(skeleton: bytes) -> "Message[str, str]":
    try:
        message = mailparser.parse_from_bytes(skeleton).message
    except Exception:  # of any kind: the standard library still gives the tree
        message = None
    return message if message is not None else email.message_from_bytes(skeleton)


def _leaves(outline: Outline) -> Iterator[Leaf]:
    """The leaves in the order of the mail."""
    if len(outline.parts) == 1:
        yield _leaf(outline.content, outline.parts[0], -1, related=False)
        return
    for position in _positions(outline.skeleton):
        yield _leaf(outline.content, outline.parts[position.number], position.group, position.related)


def _positions(skeleton: bytes) -> tuple[_Position, ...]:
    """The positions of the parts of an outline, in the order of the mail."""
    return _remembered_positions(skeleton) if len(skeleton) <= LONGEST_REMEMBERED else _positions_in(skeleton)


def _positions_in(skeleton: bytes) -> tuple[_Position, ...]:
    """The positions of the marked parts in the tree of an outline, depth first, without recursion."""
    open_parts: list[tuple[Message[str, str], int, bool]] = [(_tree(skeleton), 0, False)]
    found: list[_Position] = []
    seen = 0
    while open_parts and seen <= PARTS * 2:
        part, group, related = open_parts.pop()
        seen += 1
        children = part.get_payload()
        if isinstance(children, list):
            content_type = part.get_content_type()
            inner = group or (seen if content_type == "multipart/alternative" else 0)
            inside = related or content_type == "multipart/related"
            open_parts.extend((child, inner, inside) for child in reversed(children) if isinstance(child, Message))
        elif (mark := str(children).strip().removeprefix("#")).isdecimal():
            found.append(_Position(int(mark), group or -seen, related))
    return tuple(found)


# Parsing an outline takes longer than all else that is done with the tree, and mail clients write few structures.
_remembered_positions = lru_cache(REMEMBERED)(_positions_in)


def _leaf(content: bytes, part: MimePart, group: int, related: bool) -> Leaf:
    header = part.header
    disposition, given = parameters(header.first("content-disposition") or b"")
    identity = text_of(header.first("content-id") or b"").strip().strip("<>") or None
    content_type = part.content_type
    if "/" not in content_type or content_type.startswith("multipart/"):
        content_type = "text/plain"
    coded = encoding(header)
    octets = undo_named_encoding(coded, content[part.start : part.end])
    name = _filename(given, part.declared)
    place = (Step(part.start, part.end, coded),)
    location = text_of(header.first("content-location") or b"").strip()
    return Leaf(content_type, part.declared, disposition, name, identity, octets, group, related, place, location)


def _filename(given: Mapping[str, str], declared: Mapping[str, str]) -> str:
    """The file name of a part: from Content-Disposition, or from Content-Type if only that has all letters."""
    names = [given.get("filename"), declared.get("name"), given.get("name"), declared.get("filename")]
    there = [name for name in names if name and name.strip()]
    return next((name for name in there if "?" not in name and "\ufffd" not in name), there[0] if there else "")


def _open_containers(leaves: Sequence[Leaf], envelopes: int) -> list[Leaf]:
    """The leaves, and behind each winmail.dat or S/MIME container its content. The container itself stays attached."""
    found: list[Leaf] = []
    for leaf in leaves:
        inside: list[Leaf] = []
        if smime.is_enveloped(leaf.content_type, leaf.filename) and envelopes:
            inside = _open_signed(leaf, envelopes)
        elif tnef.is_tnef(leaf.content_type, leaf.filename, leaf.content):
            inside = _open_tnef(leaf, has_text=any(other.content_type in ("text/plain", "text/html") for other in leaves))
        found += [replace(leaf, container=True), *inside] if inside else [leaf]
    return found


def _open_signed(leaf: Leaf, envelopes: int) -> list[Leaf]:
    entity = smime.signed_entity(leaf.content)
    if entity is None:
        return []
    outline = outline_of(split_header(entity, first=False), entity)
    if outline.breach:
        return []
    way = _inside(leaf, entity, 0)
    # Groups of the inner mail stay apart from those of the outer one.
    return [
        replace(inner, group=inner.group + leaf.group * PARTS * 4, place=(*way, *inner.place) if way and inner.place else ())
        for inner in _open_containers(list(_leaves(outline)), envelopes - 1)
    ]


def _inside(container: Leaf, octets: bytes, begin: int) -> Place:
    """The place of octets from a container, searched from `begin` on; () if they are not found."""
    at = container.content.find(octets, begin) if container.place and octets else -1
    return (*container.place, Step(at, at + len(octets))) if at >= 0 else ()


def _open_tnef(leaf: Leaf, *, has_text: bool) -> list[Leaf]:
    enclosed = tnef.read_tnef(leaf.content)
    found: list[Leaf] = []
    begin = 0
    for file in enclosed.attachments:
        place = _inside(leaf, file.content, begin)
        begin = place[-1].end if place else begin  # the files lie in their order, so one walk finds all of them
        found.append(
            Leaf(
                file.content_type,
                {},
                "attachment",
                file.name,
                file.content_id,
                file.content,
                leaf.group,
                related=False,
                place=place,
            )
        )
    if has_text:
        return found
    shown = ("text/plain", enclosed.text) if enclosed.text.strip() else ("text/html", enclosed.html)
    return [_text(shown[0], shown[1], leaf.group), *found] if shown[1].strip() else found


def _with_calendars(leaves: list[Leaf]) -> list[Leaf]:
    """The leaves, and one line of text for the first invitation. A calendar in several parts gives one line."""
    for leaf in leaves:
        if leaf.content_type in ("text/calendar", "application/ics"):
            summary = calendar.summary(decode(leaf.content, leaf.declared.get("charset", "utf-8"))[0])
            if summary:
                return [*leaves, _text("text/plain", summary, -(PARTS * 8))]
    return leaves


def _text(content_type: str, text: str, group: int) -> Leaf:
    return Leaf(content_type, {"charset": "utf-8"}, "", "", None, text.encode("utf-8", "replace"), group, related=False)
