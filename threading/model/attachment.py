"""An attached file."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attached part. `filename` is safe to show, never a path; content is found by `sha256` of the decoded bytes."""

    filename: str
    content_type: str
    size: int
    sha256: str
    content_id: str | None
    inline: bool
    named: bool = True  # False: the mail gave no name, and `filename` is made up
    recurring: bool = False  # an image of the signature: its author's mails held it before; told by the store, not by this mail
    words: str = ""  # what it says, and the names of what is packed in it, as far as that was read; not kept in the store
