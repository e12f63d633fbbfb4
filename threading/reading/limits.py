"""The limits of mail that is read in full. They are measured on the octets before any parser sees them; mail beyond is read degraded."""

MESSAGE_OCTETS = 25 * 1024 * 1024
HEADER_OCTETS = 100 * 1024  # of the mail, and of each of its parts
HEADER_FIELDS = 1000
STRUCTURED_FIELD_OCTETS = 16 * 1024  # of Content-Type and Content-Disposition, whose parameters are costly to parse
ADDRESS_FIELD_OCTETS = 8 * 1024
ADDRESSES = 100
DEPTH = 50
PARTS = 1000
BOUNDARY_OCTETS = 500  # the standard allows 70
LOOKALIKES = 100_000  # lines that begin like a delimiter and are none
TEXT_CHARACTERS = 2 * 1024 * 1024
HTML_CHARACTERS = 1024 * 1024
HTML_DEPTH = 500
REPLY_CHARACTERS = 200_000  # text beyond this, mostly quotes or log files, is kept but not searched
REPLY_LINES = 5_000
FLOWED_LINES = 100_000  # lines beyond these stay as they are

ADDRESS_FIELDS = ("from", "sender", "reply-to", "to", "cc", "bcc")


class Lines:
    """Iterates over lines without a list of them, which would take many times the size of a mail with short lines."""

    __slots__ = ("content", "end", "position")

    def __init__(self, content: bytes, position: int = 0, end: int | None = None) -> None:
        self.content = content
        self.position = position
        self.end = len(content) if end is None else end

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> bytes:
        start = self.position
        if start >= self.end:
            raise StopIteration
        found = self.content.find(b"\n", start, self.end)
        self.position = self.end if found < 0 else found + 1
        return self.content[start : self.position]
