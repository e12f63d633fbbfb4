"""An attached file."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attached file. `filename` is safe to show and never a path. `size` counts octets; `sha256` is that of the decoded octets."""

    filename: str
    content_type: str
    size: int
    sha256: str
    content_id: str | None
    inline: bool
    named: bool = True  # False where the mail gave no name, so that `filename` is made up
    recurring: bool = False  # an image of the author's signature: earlier mails of theirs held it, as the store says
    words: str = ""  # the words in it and the names of files packed in it, as far as these were read; not stored


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
        for attachment in attachments
    )
