"""The attached files of a mail: their names, and what each of them is for."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from helpdesk.threading.model.attachment import Attachment, Use
from helpdesk.threading.reading.bodies import body_leaves
from helpdesk.threading.reading.fields import split_header, with_lines
from helpdesk.threading.reading.file_words import Budget, words_of_file
from helpdesk.threading.reading.filenames import DistinctNames, name_of_mail, safe_filename, same_name
from helpdesk.threading.reading.limits import HEADER_OCTETS
from helpdesk.threading.reading.lines import NamedPicture
from helpdesk.threading.reading.mime import NESTED_MAIL, Leaf
from helpdesk.threading.reading.parsed import Mailbox
from helpdesk.threading.reading.pictures import is_picture, keys_of, use_of
from helpdesk.threading.reading.places import Place
from helpdesk.threading.reading.technical_parts import is_technical
from helpdesk.threading.reading.words import readable


@dataclass(frozen=True, slots=True)
class AttachedFiles:
    """The attachments of a mail; their octets and their places in the mail by SHA-256."""

    attachments: tuple[Attachment, ...]
    contents: dict[str, bytes]
    places: dict[str, Place]


def files_of(leaves: tuple[Leaf, ...], pictures: Mapping[str, Use], author: Mailbox | None) -> AttachedFiles:
    """All parts that are not read in place. `pictures` are those that the HTML shows, by their references.

    Equal names are told apart, but those of the same octets: where a mail holds a file twice, both entries have one name.
    """
    found: list[Attachment] = []
    names: dict[tuple[str, str], str] = {}
    distinct = DistinctNames()
    contents: dict[str, bytes] = {}
    places: dict[str, Place] = {}
    budget = Budget()
    words: dict[str, str] = {}
    shown = {id(leaf) for leaf in body_leaves(leaves)}
    for leaf in leaves:
        if id(leaf) in shown:
            continue
        digest = hashlib.sha256(leaf.content).hexdigest()
        contents[digest] = leaf.content
        if leaf.place:
            places.setdefault(digest, leaf.place)
        if digest not in words:
            words[digest] = words_of_file(leaf, budget)
        attachment = _attachment(leaf, digest, len(found) + 1, pictures, author)
        key = (digest, same_name(attachment.filename) if leaf.filename.strip() else "")
        if key not in names:
            names[key] = distinct.take(attachment.filename)
        found.append(replace(attachment, filename=names[key], words=words[digest]))
    return AttachedFiles(tuple(found), contents, places)


def with_pictures(attached: AttachedFiles, leaves: tuple[Leaf, ...], shown: Mapping[str, Use]) -> AttachedFiles:
    """The same files, with what the pictures that the HTML shows are for."""
    parts = _files_in(leaves)
    uses = [(attachment, use_of(leaf, shown)) for leaf, attachment in zip(parts, attached.attachments, strict=True)]
    placed = tuple(replace(attachment, inline=True, use=use) if use else attachment for attachment, use in uses)
    return replace(attached, attachments=placed)


def pictures_of(attached: AttachedFiles, leaves: tuple[Leaf, ...]) -> dict[str, NamedPicture]:
    """The pictures of a mail by what its HTML may call them."""
    parts = _files_in(leaves)
    return {
        key: NamedPicture(attachment.filename, attachment.sha256)
        for leaf, attachment in zip(parts, attached.attachments, strict=True)
        if is_picture(leaf)
        for key in keys_of(leaf)
    }


def _files_in(leaves: tuple[Leaf, ...]) -> list[Leaf]:
    shown = {id(leaf) for leaf in body_leaves(leaves)}
    return [leaf for leaf in leaves if id(leaf) not in shown]


def _attachment(leaf: Leaf, digest: str, number: int, pictures: Mapping[str, Use], author: Mailbox | None) -> Attachment:
    given = leaf.filename.strip() or (_subject_as_name(leaf) if leaf.content_type in NESTED_MAIL else "")
    shown = use_of(leaf, pictures)
    use = shown or (Use.TECHNICAL if is_technical(leaf, author) else Use.SENT)
    return Attachment(
        filename=safe_filename(given, leaf.content_type, number),
        content_type=leaf.content_type,
        size=len(leaf.content),
        sha256=digest,
        content_id=leaf.content_id,
        inline=shown is not None,
        named=bool(leaf.filename.strip()),
        use=use,
    )


def _subject_as_name(leaf: Leaf) -> str:
    header = split_header(with_lines(leaf.content[:HEADER_OCTETS]))
    return name_of_mail(readable(header.first("subject") or b""))
