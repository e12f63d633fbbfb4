"""What a mailbox server says, read within bounds from its first octet on: octets of each answer, and time spent waiting in each look.

Nothing that a library keeps of an answer can grow beyond these, whoever the server is, and whoever stands before it while the
connection is in clear.
"""

import io
import socket
import ssl
from time import monotonic

from helpdesk.gateway.doors.mailbox.session import TooLong, TooMuch

ANSWER = 1024 * 1024  # octets in lines of one answer; parsing multiplies them by twenty and more
LINE_COST = 64  # octets that a line counts for beside its own, where lines are kept one by one
LITERALS = 64 * 1024  # octets in literals of one answer, where it is no mail's content
LOOK_TIMEOUTS = 2  # waits of `timeout` that one look may spend in all
MAIL_TIME = 1.0  # seconds more for each mail that a look has brought
LEAST_PACE = 16 * 1024  # octets a second of mails' content


class BoundedReader:
    """The one place where octets of a mailbox server are read. `timeout` in seconds is the longest silence.

    An answer has an allowance of octets in lines and in literals, and a look one of time: only waiting counts, so that a slow
    disk of ours is no fault of the server's. Content of mails earns time.
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
        self.seconds_left = LOOK_TIMEOUTS * self.timeout if seconds is None else seconds
        if self._connection is not None:
            self._connection.settimeout(min(self.timeout, self.seconds_left))

    def begin_answer(self, lines: int = ANSWER, literals: int = LITERALS, *, earns: bool = False, kept: bool = True) -> None:
        """The allowance of the answer that comes next, in octets; `earns`: it is a mail's content, and gives time; `kept`: its lines
        are kept one by one."""
        self._line_cost = LINE_COST if kept else 0
        self._lines, self._lines_left = lines, lines
        self._literals, self._literals_left = literals, literals
        self._earns = earns

    def earn(self, seconds: float) -> None:
        self.seconds_left += seconds

    def line(self, connection: socket.socket, longest: int | None = None) -> bytes:
        """With its end; without one where the connection ended. Raises TooMuch, TooLong, TimeoutError, OSError."""
        most = max(self._lines_left, 0)
        most = most if longest is None else min(longest, most)
        line = self._of(connection).readline(most + 1)
        if len(line) > most:
            said = f"an answer of more than {self._lines}" if line.endswith(b"\n") else f"a line of more than {most}"
            raise TooMuch(f"the server sends {said} octets")
        self._lines_left -= len(line) + self._line_cost
        return line

    def literal(self, connection: socket.socket, size: int) -> bytes:
        """Refused by its announced size, before anything of it is read. Raises what `line` raises."""
        if size > self._literals_left:
            raise TooMuch(f"the server announces {size} octets where at most {self._literals} are expected")
        self._literals_left -= size
        return self._of(connection).read(size)

    def has_read_ahead(self, connection: socket.socket) -> bool:
        """Whether something is here already that no poll would tell of."""
        self.at_once = True
        try:
            return bool(self._of(connection).peek(1))
        finally:
            self.at_once = False
            connection.settimeout(self.timeout)

    def receive(self, connection: socket.socket, into: memoryview) -> int | None:
        """Some octets, within what is left of the silence and of the look; None where there are none and `at_once` asked for them."""
        if self.at_once:
            connection.setblocking(False)
            try:
                return connection.recv_into(into)
            except (BlockingIOError, ssl.SSLWantReadError):
                return None
        if self.seconds_left <= 0:
            raise TooLong("the server takes longer than is waited in one look")
        began = monotonic()
        connection.settimeout(min(self.timeout, self.seconds_left))
        try:
            count = connection.recv_into(into)
        except TimeoutError as fault:
            if self.seconds_left < self.timeout:
                raise TooLong("the server takes longer than is waited in one look") from fault
            raise
        finally:
            self.seconds_left -= monotonic() - began
        if self._earns:
            self.seconds_left += count / LEAST_PACE
        return count

    def _of(self, connection: socket.socket) -> io.BufferedReader:
        """What was read ahead in clear is forgotten where TLS begins."""
        if self._buffer is None or self._connection is not connection:
            self._connection, self._buffer = connection, io.BufferedReader(_Octets(self, connection))
        return self._buffer


class _Octets(io.RawIOBase):
    def __init__(self, reader: BoundedReader, connection: socket.socket) -> None:
        self._reader, self._connection = reader, connection

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int | None:  # type: ignore[override]
        return self._reader.receive(self._connection, into)
