"""Mail data as it arrives over SMTP (RFC 5321 §4.1.1.4, §4.5.2), chunk by chunk and without I/O.

The end of data is CRLF "." CRLF and nothing else. A server that accepts other line ends here lets a sender smuggle a second
mail into the first. Data with a bare CR, a bare LF or a NUL is read to its end and then refused.

Limits: a collector buffers at most a third more than `max_size` octets, whatever the client sends.
"""

from enum import StrEnum

END_OF_DATA = b"\r\n.\r\n"


class Flaw(StrEnum):
    """Why mail data is refused when its end has come."""

    TOO_LARGE = "too large"
    NO_ROOM = "no room"
    BAD_LINE_ENDS = "bare CR, bare LF or NUL"


class DataCollector:
    """Collect the data of one mail.

    After the end of data, `content` is the mail, or b"" where `flaw` says why it is refused.
    """

    def __init__(self, max_size: int) -> None:
        self._max_size = max_size
        self._longest = max_size * 4 // 3 + 2 * len(
            END_OF_DATA
        )  # where each line is one dot, a quarter of the data is dot-stuffing
        self._buffer = bytearray(b"\r\n")  # the CRLF of the DATA command begins the first line
        self.received = 0
        self.flaw: Flaw | None = None
        self.content = b""

    @property
    def buffered(self) -> int:
        """Octets in memory."""
        return len(self._buffer)

    def feed(self, chunk: bytes) -> bytes | None:
        """Take the next octets. Return None until the end of data has come; then what followed the end in this chunk."""
        search_from = max(0, len(self._buffer) - len(END_OF_DATA) + 1)
        self._buffer += chunk
        self.received += len(chunk)
        end = self._buffer.find(END_OF_DATA, search_from)
        if end < 0:
            self._drop_excess()
            return None
        rest = bytes(self._buffer[end + len(END_OF_DATA) :])
        del self._buffer[end + 2 :]
        self._finish()
        return rest

    def discard(self, flaw: Flaw) -> None:
        """Refuse the mail for `flaw`: read on to the end of data without keeping any."""
        self.flaw = self.flaw or flaw
        self._drop_excess()

    def _drop_excess(self) -> None:
        if self.flaw is None and len(self._buffer) > self._longest:
            self.flaw = Flaw.TOO_LARGE
        if self.flaw is not None:
            del self._buffer[: -len(END_OF_DATA) + 1]

    def _finish(self) -> None:
        stuffed, self._buffer = self._buffer, bytearray()
        if self.flaw is not None:
            return
        if not _has_clean_line_ends(stuffed):
            self.flaw = Flaw.BAD_LINE_ENDS
            return
        content = stuffed.replace(b"\r\n.", b"\r\n") if b"\r\n." in stuffed else stuffed
        if len(content) - 2 > self._max_size:
            self.flaw = Flaw.TOO_LARGE
            return
        with memoryview(content) as view:
            self.content = bytes(view[2:])


def _has_clean_line_ends(data: bytearray) -> bool:
    lines = data.count(b"\r\n")
    return data.count(b"\n") == lines == data.count(b"\r") and b"\0" not in data
