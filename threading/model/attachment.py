"""An attached file."""

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
