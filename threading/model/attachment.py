"""An attached file."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Use(StrEnum):
    """What a part that is no text is for in its mail."""

    SENT = "sent"  # somebody attached it, or set it into their own words
    SIGNATURE = "signature"  # a small picture that the HTML shows in the signature part
    QUOTED = "quoted"  # a picture that the HTML shows in what the mail quotes, or behind its text
    TECHNICAL = "technical"  # a part that a program added for other programs, or a card of the author


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attached file. `filename` is safe to show and never a path. `size` counts octets; `sha256` is that of the decoded octets.

    `inline` says that it is a picture which the HTML of its mail shows. Whatever a mail calls inline beside that is a file like any other.
    """

    filename: str
    content_type: str
    size: int
    sha256: str
    content_id: str | None
    inline: bool
    named: bool = True  # False where the mail gave no name, so that `filename` is made up
    recurring: bool = False  # an image of the author's signature: earlier mails of theirs held it, as the store says
    words: str = ""  # the words in it and the names of files packed in it, as far as these were read; not stored
    use: Use = Use.SENT
    aliases: tuple[str, ...] = ()  # further Content-IDs of the same file in its mail; not stored
    platform_id: str = ""  # of the platform's own row that holds it
    number: int = 0  # on its ticket, as `#file` names it; 0 where it has none
    kept_by: str = ""  # the cause whose mail or reply holds its octets, for a file of an earlier message or of a refused mail
    span: tuple[int, int] | None = None  # the part of its octets that is meant; None for all

    @property
    def is_sent(self) -> bool:
        """Whether somebody meant to send it: a file, or a picture in their own words."""
        return self.use is Use.SENT

    @property
    def is_file(self) -> bool:
        """Whether it is a file that somebody attached, and no picture that stands in the text."""
        return self.is_sent and not self.inline

    @property
    def goes_along(self) -> bool:
        """Whether it is passed on in letters. What stays behind is kept on the ticket, and named."""
        return self.use is not Use.TECHNICAL and not self.recurring


def numbered(attachments: Iterable[Attachment], before: int) -> tuple[Attachment, ...]:
    """The files with their numbers on a ticket that has `before` files already."""
    return tuple(replace(attachment, number=number) for number, attachment in enumerate(attachments, start=before + 1))


def each_once(attachments: Iterable[Attachment]) -> tuple[Attachment, ...]:
    """The files in their order, without those that a mail holds twice: the same octets under the same name."""
    found: dict[tuple[str, str], Attachment] = {}
    for attachment in attachments:
        key = (attachment.sha256, attachment.filename)
        found[key] = _merge(found[key], attachment) if key in found else attachment
    return tuple(found.values())


def _merge(first: Attachment, again: Attachment) -> Attachment:
    """One file that stands in a mail twice. A picture that stands in the text and is attached as well is a file that was sent."""
    told = first if first.use is Use.SENT or again.use is not Use.SENT else again
    identities = [identity for identity in dict.fromkeys((first.content_id, *first.aliases, again.content_id)) if identity]
    return replace(
        told,
        inline=first.inline and again.inline,
        content_id=identities[0] if identities else None,
        aliases=tuple(identities[1:]),
    )


def attachments_as_json(attachments: Iterable[Attachment]) -> tuple[dict[str, object], ...]:
    """Return attachments as rows of messages, of notes and of the platform inbox list them."""
    return tuple(
        {
            "filename": attachment.filename,
            "content_type": attachment.content_type,
            "size": attachment.size,
            "sha256": attachment.sha256,
            "content_id": attachment.content_id,
            "inline": attachment.inline,
        }
        | ({"recurring": True} if attachment.recurring else {})
        | ({"id": attachment.platform_id} if attachment.platform_id else {})
        | ({"kept_by": attachment.kept_by} if attachment.kept_by else {})
        for attachment in attachments
    )


def names_of_pictures(attachments: Iterable[Attachment]) -> dict[str, str]:
    """The file names of the attachments that a text may name by their Content-IDs."""
    return {attachment.content_id: attachment.filename for attachment in attachments if attachment.content_id}


def picture_address(sha256: str) -> str:
    """The address (RFC 2392) by which markup of our own shows a picture, in letters and in rows of the platform inbox."""
    return f"cid:{sha256}@picture"
