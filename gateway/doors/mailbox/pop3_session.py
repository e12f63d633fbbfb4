"""One login at a POP3 server (RFC 1939), and the only module that knows poplib.

Mails are known by their unique-ids, and are deleted at QUIT. Every answer, the greeting included, is read within bounds (see
`stream`); listings and mails are read line by line.
"""

import base64
import poplib
import re
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from io import BytesIO

from helpdesk.gateway.doors.mailbox.address import ServerAddress, prepare
from helpdesk.gateway.doors.mailbox.login import Bearer, Secret
from helpdesk.gateway.doors.mailbox.session import (
    MailboxAway,
    MailboxTrouble,
    MailDescription,
    OpenFolder,
    StepRefused,
    TooMuch,
    fault_text,
    octets_of,
    translate_faults,
    wait_until_readable,
)
from helpdesk.gateway.doors.mailbox.stream import MAIL_TIME, BoundedReader
from helpdesk.gateway.oauth import xoauth2

LONGEST_LINE = 1024 * 1024  # octets; real mail has lines far longer than the 998 octets that RFC 5322 allows
SLACK = 64 * 1024  # octets that an answer may have beyond the largest mail
SHORT_ANSWER = 64 * 1024  # octets
LONGEST_LISTING = 16 * 1024 * 1024
MOST_LISTED = 150_000  # mails
CLOSE_TIME = 2.0  # seconds for QUIT
FIRST_LINES = 500  # lines of the body of a mail that is fetched in part
LONGEST_BEGINNING = 16 * 1024 * 1024  # octets of them
BUSY = re.compile(r"\[(?:IN-USE|LOGIN-DELAY|SYS/TEMP)\]", re.IGNORECASE)  # RFC 2449 §8, RFC 3206 §4


class Pop3Session:
    """One POP3 login, from the greeting to QUIT."""

    door = "pop3"
    numbers_grow = False
    stays_open = False

    def __init__(self, client: "_Pop3Client") -> None:
        self._client = client
        self._numbers: dict[str, int] = {}  # message-numbers of this session, by unique-id

    def open(self, folder: str, *, read_only: bool) -> OpenFolder:
        """List the unique-ids. POP3 has one folder.

        An empty list may be an answer that lacks its data, so the count must say the same.
        """
        self._client.reader.begin_look()
        self._numbers = {}
        with _translate_faults():
            for number, unique_id in (line.split(maxsplit=1) for line in self._client.listing("UIDL")):
                self._numbers[unique_id.decode("ascii")] = octets_of(number) or int(number)
            if not self._numbers and not self._client.counts_none():
                raise ValueError("the server lists no mail, but does not say that there is none")
        return OpenFolder(0, None, len(self._numbers))

    def uids_after(self, last: int) -> list[str]:
        """All unique-ids, in the order of their message-numbers: POP3 numbers do not grow from session to session."""
        return sorted(self._numbers, key=self._numbers.__getitem__)

    def describe(self, uids: Sequence[str]) -> dict[str, MailDescription]:
        wanted = {self._numbers[uid]: uid for uid in uids if uid in self._numbers}
        found: dict[str, MailDescription] = {}
        with _translate_faults():
            for number, size, *_ in (line.split() for line in self._client.listing("LIST")):
                if not (number.isdigit() and size.isdigit()):
                    raise ValueError(f"no number of a mail, or no size: {number!r} {size!r}")
                if (uid := wanted.get(octets_of(number))) is not None:
                    found[uid] = MailDescription(octets_of(size), None)
        return found

    def content(self, uid: str, size: int, limit: int, between: Callable[[], None]) -> bytes | None:
        """The octets of a mail by RETR, which POP3 sends in one piece."""
        with _translate_faults():
            content = self._client.mail(self._numbers[uid], limit + SLACK)
        self._client.reader.earn(MAIL_TIME)
        return content

    def beginning(self, uid: str, octets: int) -> bytes | None:
        """The header and the first lines of a mail by TOP (RFC 1939 §7), cut after `octets`."""
        with _translate_faults():
            content = self._client.beginning(self._numbers[uid], octets)
        self._client.reader.earn(MAIL_TIME)
        return content

    def settle(self, uids: Sequence[str], after: str) -> None:
        """Delete mails, and end the session: only QUIT deletes (RFC 1939 §6)."""
        self._client.reader.begin_look()
        with _translate_faults():
            for uid in uids:
                if uid in self._numbers:
                    self._client.dele(self._numbers[uid])
                    self._client.reader.earn(MAIL_TIME)
            self._client.quit()

    def wait(self, seconds: float, woken: int) -> None:
        wait_until_readable(seconds, woken)

    def cut(self) -> None:
        self._client.cut()

    def close(self) -> None:
        with suppress(Exception):
            self._client.reader.begin_look(CLOSE_TIME)
            self._client.quit()
        with suppress(Exception):
            self._client.close()


class _Pop3Client(poplib.POP3):
    """poplib within bounds.

    poplib takes the end of a connection for the end of a line, refuses the long lines of real mail, and keeps every answer
    whole.
    """

    _shortcmd: Callable[[str], bytes]  # a command with an answer of one line

    def __init__(self, server: ServerAddress) -> None:
        self._server = server
        self.reader = BoundedReader(server.timeout)
        self.reader.begin_answer(SHORT_ANSWER)
        try:
            super().__init__(server.host, server.port, timeout=server.timeout)
        except BaseException:
            if hasattr(self, "sock"):
                self.close()
            raise

    def _create_socket(self, timeout: float) -> socket.socket:
        plain = socket.create_connection((self.host, self.port), timeout)
        prepare(plain)
        return self._server.tls().wrap_socket(plain, server_hostname=self.host) if self._server.implicit_tls else plain

    def _putcmd(self, line: str) -> None:
        """Send a command, unless the server has said something unasked: that would pass for the answer, and one mail for another. Raises OSError."""
        if self.reader.has_read_ahead(self.sock):
            raise OSError("the server says more than it was asked")
        self.reader.begin_answer(SHORT_ANSWER)
        super()._putcmd(line)  # type: ignore[misc]  # typeshed does not know this private method

    def _getline(self) -> tuple[bytes, int]:
        line = self.reader.line(self.sock, LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise OSError("the connection ended")
        return line[:-2] if line.endswith(b"\r\n") else line[:-1], len(line)

    def listing(self, command: str) -> Iterator[bytes]:
        """Yield the lines of a listing. Raise TooMuch beyond MOST_LISTED."""
        self._shortcmd(command)
        self.reader.begin_answer(LONGEST_LISTING, kept=False)
        for count, line in enumerate(self._lines()):
            if count >= MOST_LISTED:
                raise TooMuch(f"the server lists more than {MOST_LISTED} mails")
            yield line

    def counts_none(self) -> bool:
        """Whether STAT says that the maildrop has no mail (RFC 1939 §5)."""
        return self._shortcmd("STAT").split()[1:2] == [b"0"]

    def mail(self, number: int, limit: int) -> bytes:
        """The octets of a mail. Raise TooMuch beyond `limit` octets."""
        self._shortcmd(f"RETR {number}")
        self.reader.begin_answer(limit, earns=True, kept=False)
        octets = BytesIO()
        for line in self._lines():
            octets.write(line)
            octets.write(b"\r\n")
        return octets.getvalue()

    def beginning(self, number: int, octets: int) -> bytes:
        """The header and `FIRST_LINES` lines of a mail, of which no more than `octets` are kept."""
        self._shortcmd(f"TOP {number} {FIRST_LINES}")
        self.reader.begin_answer(LONGEST_BEGINNING, earns=True, kept=False)
        kept = BytesIO()
        for line in self._lines():
            if kept.tell() < octets:
                kept.write(line)
                kept.write(b"\r\n")
        return kept.getvalue()[:octets]

    def _lines(self) -> Iterator[bytes]:
        while (line := self._getline()[0]) != b".":
            yield line[1:] if line.startswith(b"..") else line

    def bearer(self, user: str, token: str) -> None:
        """Log in by XOAUTH2 (RFC 5034). The challenge that says why a token is refused gets an empty response, and then the
        server answers -ERR.
        """
        self._shortcmd("AUTH XOAUTH2")
        said = self._shortcmd(base64.b64encode(xoauth2(user, token)).decode("ascii"))
        if not said.startswith(b"+OK"):
            self._shortcmd("")
            raise poplib.error_proto("the access token was not taken")

    def cut(self) -> None:
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)


def pop3_session(server: ServerAddress, secret: Secret) -> Pop3Session:
    """Connect and log in. Raise MailboxAway."""
    try:
        with _translate_faults():
            client = _Pop3Client(server)
            try:
                if server.starttls:
                    client.stls(server.tls())
                _log_in(client, server.user, secret)
                return Pop3Session(client)
            except BaseException:
                client.close()
                raise
    except StepRefused as fault:
        raise MailboxAway(MailboxTrouble.BUSY if BUSY.search(str(fault)) else MailboxTrouble.AWAY, str(fault)) from fault


def _log_in(client: _Pop3Client, user: str, secret: Secret) -> None:
    try:
        if isinstance(secret, Bearer):
            client.bearer(user, secret.token)
        else:
            client.user(user)
            client.pass_(secret.text)
    except poplib.error_proto as fault:
        raise MailboxAway(
            MailboxTrouble.BUSY if BUSY.search(str(fault)) else MailboxTrouble.REFUSED, fault_text(fault)
        ) from fault


def _translate_faults() -> AbstractContextManager[None]:
    return translate_faults(OSError, EOFError, refusals=poplib.error_proto)
