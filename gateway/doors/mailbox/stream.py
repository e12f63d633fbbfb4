"""Bounded reading from a mailbox server, from its first octet: so many octets in each answer, so much waiting in each look.

Libraries keep answers in memory. The bounds hold for any server, and for anybody who has come between while the connection
is in clear.
"""

import io
import socket
import ssl
from time import monotonic

from helpdesk.gateway.doors.mailbox.session import TooLong, TooMuch

ANSWER = 1024 * 1024  # octets in the lines of one answer; parsing them takes twenty times as much memory, or more
LINE_COST = 64  # octets that each line counts in addition, where the library keeps lines one by one
LITERALS = 64 * 1024  # octets in the literals of one answer, unless it is a mail's content
LOOK_TIMEOUTS = 2  # one look may wait for so many times `timeout` in all
MAIL_TIME = 1.0  # seconds that a look gains with each mail that it fetches
LEAST_PACE = 16 * 1024  # octets a second that a mail's content must come with


class BoundedReader:
    """The one place where octets of a mailbox server are read. `timeout` is the longest silence in seconds.

    Each answer has an allowance of octets in lines and in literals, and each look an allowance of time. Only waiting for the
    server counts, so that a slow disk of ours is not taken for a slow server. Receiving mail adds time.
    """

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self.seconds_left = 0.0
        self._connection: socket.socket | None = None
        self._buffer: io.BufferedReader | None = None
        self.at_once = False
        self._earns = False
        self.begin_look()
        self.begin_answer()

    def begin_look(self, seconds: float | None = None) -> None:
        """Set the time that may be spent waiting, in seconds: `LOOK_TIMEOUTS` times the timeout, unless another is given."""
        self.seconds_left = LOOK_TIMEOUTS * self.timeout if seconds is None else seconds
        if self._connection is not None:
            self._connection.settimeout(min(self.timeout, self.seconds_left))

    def begin_answer(self, lines: int = ANSWER, literals: int = LITERALS, *, earns: bool = False, kept: bool = True) -> None:
        """Set the allowance of the next answer, in octets of lines and of literals.

        `earns` says that the answer is a mail's content, whose octets add time; `kept` that the library keeps each line.
        """
        self._line_cost = LINE_COST if kept else 0
        self._lines, self._lines_left = lines, lines
        self._literals, self._literals_left = literals, literals
        self._earns = earns

    def earn(self, seconds: float) -> None:
        """Add time to the look."""
        self.seconds_left += seconds

    def line(self, connection: socket.socket, longest: int | None = None) -> bytes:
        """A line with its end, or without one where the connection ended. Raise TooMuch, TooLong, TimeoutError or OSError."""
        most = max(self._lines_left, 0)
        most = most if longest is None else min(longest, most)
        line = self._of(connection).readline(most + 1)
        if len(line) > most:
            said = f"an answer of more than {self._lines}" if line.endswith(b"\n") else f"a line of more than {most}"
            raise TooMuch(f"the server sends {said} octets")
        self._lines_left -= len(line) + self._line_cost
        return line

    def literal(self, connection: socket.socket, size: int) -> bytes:
        """A literal of `size` octets. One that is too large is refused before any of it is read. Raise what `line` raises."""
        if size > self._literals_left:
            raise TooMuch(f"the server announces {size} octets where at most {self._literals} are expected")
        self._literals_left -= size
        return self._of(connection).read(size)

    def has_read_ahead(self, connection: socket.socket) -> bool:
        """Whether octets are in our buffer already, where poll does not see them."""
        self.at_once = True
        try:
            return bool(self._of(connection).peek(1))
        finally:
            self.at_once = False
            connection.settimeout(self.timeout)

    def receive(self, connection: socket.socket, into: memoryview) -> int | None:
        """Receive some octets, within the longest silence and the time left for the look. None where none are there and
        `at_once` is set.
        """
        if self.at_once:
            connection.setblocking(False)
            try:
                return connection.recv_into(into)
            except (BlockingIOError, ssl.SSLWantReadError):
                return None
        if self.seconds_left <= 0:
            raise TooLong("the server takes longer than one look may wait")
        began = monotonic()
        connection.settimeout(min(self.timeout, self.seconds_left))
        try:
            count = connection.recv_into(into)
        except TimeoutError as fault:
            if self.seconds_left < self.timeout:
                raise TooLong("the server takes longer than one look may wait") from fault
            raise
        finally:
            self.seconds_left -= monotonic() - began
        if self._earns:
            self.seconds_left += count / LEAST_PACE
        return count

    def _of(self, connection: socket.socket) -> io.BufferedReader:
        """The buffered reader of a connection. It is a new one after STARTTLS, so that octets read ahead in clear are
        forgotten.
        """
        if self._buffer is None or self._connection is not connection:
            self._connection, self._buffer = connection, io.BufferedReader(_Octets(self, connection))
        return self._buffer


class _Octets(io.RawIOBase):
    def __init__(self, reader: BoundedReader, connection: socket.socket) -> None:
        self._reader, self._connection = reader, connection

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int | None:  # type: ignore[override]  # io accepts any buffer here; BufferedReader passes a memoryview
        return self._reader.receive(self._connection, into)
