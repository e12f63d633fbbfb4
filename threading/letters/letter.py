"""A letter with its final bytes."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from helpdesk.threading.letters.files import LetterFile, put_together
from helpdesk.threading.letters.limits import UNLIMITED, LetterLimits
from helpdesk.threading.model.notice import Notice


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter with its final bytes; each attempt to send it sends the same bytes.

    They are `skeleton` with `files` put in, since letters to many people share their files.

    `to` is "" for a customer who has the platform inbox alone; then there is a row in the inbox and nothing to send.
    `body_text` and `body_html` are what the platform inbox shows: no token, no address to reply to.
    """

    id: int
    notice: Notice
    ticket_id: int | None
    participant: int
    for_staff: bool
    automatic: bool
    to: str
    reverse_path: str
    message_id: str  # without angle brackets
    subject: str
    skeleton: bytes
    body_text: str
    body_html: str
    words: bytes = b""  # of both its parts, packed for comparison with quotes of it
    not_before: datetime | None = None
    limits: LetterLimits = UNLIMITED
    files: tuple[LetterFile, ...] = ()
    part: int = 0  # as in the order

    @property
    def content(self) -> bytes:
        """The octets that each attempt sends. They are put together on each call."""
        return put_together(self.skeleton, self.files)

    def with_fields(self, fields: bytes) -> Self:
        """The letter with header fields above its own. `fields` include their line ends."""
        return replace(self, skeleton=fields + self.skeleton, files=tuple(file.moved(len(fields)) for file in self.files))
