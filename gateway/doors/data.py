"""Mail data as it arrives over SMTP (RFC 5321 §4.1.1.4, §4.5.2), chunk by chunk and without I/O.

The end of data is CRLF "." CRLF and nothing else. A server that accepts other line ends here lets a sender smuggle a second
mail into the first. Data with a bare CR, a bare LF or a NUL is read to its end and then refused.

Each chunk is searched, checked and freed of its dot-stuffing when it arrives, so that the end of a large mail is no long piece
of work.

Limits: a collector buffers at most `max_size` octets and one chunk, whatever the client sends.
"""

from enum import StrEnum
from io import IncrementalNewlineDecoder

END_OF_DATA = b"\r\n.\r\n"
BEGINNINGS = tuple(END_OF_DATA[:length] for length in range(len(END_OF_DATA) - 1, 0, -1))  # of the end of data, longest first
CRLF = "\r\n"


class Flaw(StrEnum):
    """Why mail data is refused when its end has come."""

    TOO_LARGE = "too large"
    NO_ROOM = "no room"
    BAD_LINE_ENDS = "bare CR, bare LF or NUL"


class DataCollector:
    """Collect the data of one mail.

    After the end of data, `content` is the mail, or b"" where `flaw` says why it is refused: the first flaw that showed.
    """

    def __init__(self, max_size: int) -> None:
        self._max_size = max_size
        self._mail = bytearray()  # what is known to be mail, without dot-stuffing
        self._held = b"\r\n"  # octets that may begin the end of data; the CRLF of the DATA command begins the first line
        self._is_first = True  # whether that CRLF has yet to be left out of the mail
        self.received = 0
        self.flaw: Flaw | None = None
        self.content = b""

    @property
    def buffered(self) -> int:
        """Octets in memory."""
        return len(self._mail) + len(self._held)

    def feed(self, chunk: bytes) -> bytes | None:
        """Take the next octets. Return None until the end of data has come; then what followed the end in this chunk."""
        self.received += len(chunk)
        data = self._held + chunk
        dot = data.find(b"\r\n.")  # without one there is neither an end nor dot-stuffing
        end = data.find(END_OF_DATA, dot) if dot >= 0 else -1
        if end < 0:
            self._held = next((beginning for beginning in BEGINNINGS if data.endswith(beginning)), b"")
            self._take(data[: len(data) - len(self._held)], has_dots=dot >= 0)
            return None
        self._held = b""
        self._take(data[: end + 2], has_dots=dot < end)
        self._finish()
        return data[end + len(END_OF_DATA) :]

    def discard(self, flaw: Flaw) -> None:
        """Refuse the mail for `flaw`: read on to the end of data without keeping any."""
        self.flaw = self.flaw or flaw
        self._mail.clear()

    def _take(self, piece: bytes, *, has_dots: bool) -> None:
        """Take octets that are mail. They never end within a line end, nor between a line end and the dot that is stuffed."""
        if self.flaw is not None or not piece:
            return
        if not _has_clean_line_ends(piece):
            self.discard(Flaw.BAD_LINE_ENDS)
            return
        if has_dots:
            piece = piece.replace(b"\r\n.", b"\r\n")
        if self._is_first:
            self._is_first = False
            piece = piece[2:]
        self._mail += piece
        if len(self._mail) > self._max_size:
            self.discard(Flaw.TOO_LARGE)

    def _finish(self) -> None:
        self.content, self._mail = bytes(self._mail), bytearray()


def _has_clean_line_ends(piece: bytes) -> bool:
    """Whether each line end is CRLF, and no octet is NUL.

    The decoder notes in one pass which line ends it sees. Latin-1 gives one character for each octet.
    """
    decoder = IncrementalNewlineDecoder(None, translate=False)
    decoder.decode(piece.decode("latin-1"), final=True)
    return decoder.newlines in (CRLF, None) and b"\0" not in piece
