"""Command lines of an SMTP client, cut out of the octets that arrive. No I/O."""

LONGEST_LINE = 16 * 1024  # more than any command and any response to an AUTH challenge (RFC 4954 §4: 12288)


class CommandLines:
    """A buffer that takes octets and gives lines, each with its line end.

    More than `LONGEST_LINE` octets without a line end come out as one piece and leave the buffer.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()

    def __len__(self) -> int:
        return len(self._buffer)

    def feed(self, chunk: bytes) -> None:
        self._buffer += chunk

    def next(self) -> bytes | None:
        """Take the next line from the buffer; None where no line is complete."""
        end = self._buffer.find(b"\n") + 1 or (len(self._buffer) if len(self._buffer) > LONGEST_LINE else 0)
        if not end:
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[:end]
        return line

    def clear(self) -> None:
        self._buffer.clear()
