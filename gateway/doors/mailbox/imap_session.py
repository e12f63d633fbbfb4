"""The door to imapclient: one login at an IMAP server (RFC 9051, RFC 3501).

Commands name mails by UID alone. Nothing here trusts the server: every answer is read within bounds (see `stream`), the greeting
included, and whatever cannot be understood ends the session. A number beyond what the standard allows concerns its own mail alone.
"""

import re
import socket
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from functools import partial
from imaplib import IMAP4
from io import BytesIO
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError, LoginError

from helpdesk.gateway.doors.mailbox.address import ServerAddress, prepare
from helpdesk.gateway.doors.mailbox.login import Bearer, Secret
from helpdesk.gateway.doors.mailbox.session import (
    LARGEST_UID,
    Described,
    Folder,
    MailboxAway,
    StepRefused,
    Trouble,
    ending_in,
    in_one_line,
    octets_of,
    until_readable,
)
from helpdesk.gateway.doors.mailbox.stream import ANSWER, LITERALS, MAIL_TIME, BoundedReader
from helpdesk.gateway.oauth import AFTER_CHALLENGE, oauthbearer, xoauth2

PIECE = 1024 * 1024  # octets of a large mail fetched at once
LONGEST_SEARCH = 8 * 1024 * 1024  # octets; the UIDs of a million mails come in one line
MOST_UIDS = 100_000  # of one search; the largest of a longer one are asked for later
UID_DIGITS = 10
PART = 64 * 1024  # octets of a search that are looked at together
CLOSE_TIME = 2.0  # seconds to say goodbye
CONNECT_TIMEOUT = 10.0
DESCRIBED_AT_ONCE = 200
SETTLED_AT_ONCE = 100
STANDARD_BEARER = "AUTH=OAUTHBEARER"  # RFC 7628; without it XOAUTH2, which is older and means the same
# RFC 5530: the server's own trouble, not ours
BUSY = re.compile(r"\[(?:UNAVAILABLE|INUSE|LIMIT|OVERQUOTA|SERVERBUG|CONTACTADMIN|ALERT\] Too many)", re.IGNORECASE)
SIZE, RECEIVED_AT, BODY = b"RFC822.SIZE", b"INTERNALDATE", b"BODY[]"


class ImapSession:
    """A login, from the first octet to the last."""

    door = "imap"
    numbers_grow = True
    stays_open = True

    def __init__(self, client: IMAPClient, reader: BoundedReader, *, idle: bool) -> None:
        self._client = client
        self._reader = reader
        self._idles = idle and client.has_capability("IDLE")

    def open(self, folder: str, *, read_only: bool) -> Folder:
        self._reader.begin_look()
        with _translated():
            try:
                shown = self._client.select_folder(folder, readonly=read_only)
            except ValueError as fault:
                raise StepRefused(f"its numbers cannot be understood: {in_one_line(fault)}") from fault
            validity, next_uid = int(shown.get(b"UIDVALIDITY", 0)), shown.get(b"UIDNEXT")
            if not 0 <= validity <= LARGEST_UID:
                raise StepRefused("its UIDVALIDITY is no number of 32 bits")
            plausible = next_uid is not None and 0 < next_uid <= LARGEST_UID
            return Folder(validity, next_uid if plausible else None, octets_of(shown.get(b"EXISTS", 0)))

    def uids_after(self, last: int) -> list[str]:
        """`n:*` names the last mail even where it is older (RFC 9051 §9, seq-range), so that old ones are left out here."""
        if last >= LARGEST_UID:
            return []
        with _translated():
            self._imap.next_lines = LONGEST_SEARCH
            said, lines = self._imap.uid("SEARCH", "UID", f"{last + 1}:*")
            if said != "OK":
                raise IMAPClientError(f"SEARCH is refused: {lines[-1]!r}")
            return [str(uid) for uid in _smallest((line for line in lines if isinstance(line, bytes)), last)]

    def describe(self, uids: Sequence[str]) -> dict[str, Described]:
        found: dict[str, Described] = {}
        for at in range(0, len(uids), DESCRIBED_AT_ONCE):
            some = [int(uid) for uid in uids[at : at + DESCRIBED_AT_ONCE]]
            with _translated():
                answers = self._client.fetch(some, [SIZE, RECEIVED_AT])
                found.update({str(uid): _described(answer) for uid, answer in answers.items() if SIZE in answer})
        return found

    def content(self, uid: str, size: int, limit: int, between: Callable[[], None]) -> bytes | None:
        """In pieces where it is large. Servers count sizes differently, so that the last piece is the first short one."""
        content = self._octets(uid, BODY, limit) if size <= PIECE else self._in_pieces(uid, size, limit, between)
        self._reader.earn(MAIL_TIME)
        return content

    def _in_pieces(self, uid: str, size: int, limit: int, between: Callable[[], None]) -> bytes | None:
        octets = BytesIO()
        for count in range(limit // PIECE + 2):
            between()
            piece = self._octets(uid, b"BODY[]<%d.%d>" % (PIECE * count, PIECE), PIECE)
            if piece is None:
                return None
            octets.write(piece)
            if len(piece) < PIECE:
                return octets.getvalue()
        raise StepRefused(f"larger than {limit} octets, though announced with {size}")

    def settle(self, uids: Sequence[str], after: str) -> None:
        step, _, name = after.partition(":")
        numbers = [int(uid) for uid in uids]
        for at in range(0, len(numbers), SETTLED_AT_ONCE):
            self._reader.begin_look()  # other servers take their time to move mails
            with _translated():
                self._settle(numbers[at : at + SETTLED_AT_ONCE], step, name)

    def wait(self, seconds: float, woken: int) -> None:
        """IDLE (RFC 2177) where the server has it. A server that is gone is found out by DONE, whose answer has a time limit."""
        if not self._idles:
            until_readable(seconds, woken)
            return
        self._reader.begin_look()
        try:
            with _translated():
                # What came together with the server's consent to idle is read already, and no poll would ever tell of it.
                if not (self._begin_idle() or self._reader.has_read_ahead(self._imap.sock)):
                    until_readable(seconds, woken, self._imap.sock.fileno())
                self._client.idle_done()
        except StepRefused as fault:
            raise MailboxAway(Trouble.AWAY, f"IDLE: {fault}") from fault

    def cut(self) -> None:
        with suppress(OSError):
            self._imap.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with suppress(Exception):
            self._reader.begin_look(CLOSE_TIME)
            self._client.logout()
        with suppress(Exception):
            self._client.shutdown()

    @property
    def _imap(self) -> "_Connection":
        connection: _Connection = self._client._imap
        return connection

    def _octets(self, uid: str, section: bytes, limit: int) -> bytes | None:
        with _translated():
            self._imap.next_content = limit
            answer = self._client.fetch([int(uid)], [section.replace(b"BODY", b"BODY.PEEK", 1)]).get(int(uid))
        if answer is None:
            return None
        # The answer to a partial fetch names where it begins: BODY[]<0>.
        found = next((value for key, value in answer.items() if key.startswith(BODY) and isinstance(value, bytes)), None)
        if found is None:
            raise StepRefused("the server has the mail and does not hand out its content")
        return found

    def _begin_idle(self) -> bool:
        """Whether the server had something to say before it consented, as it may at any time."""
        imap, told = self._client._imap, False
        self._client._idle_tag = tag = imap._command("IDLE")
        while imap._get_response() is not None:  # None is its consent
            if imap.tagged_commands[tag]:
                raise IMAPClientAbortError(f"the server offers IDLE and refuses it: {imap.tagged_commands[tag][1]}")
            told = True
        return told

    def _settle(self, numbers: list[int], step: str, name: str) -> None:
        if step == "flag":
            self._client.add_flags(numbers, [name or "\\Seen"], silent=True)
        elif step == "delete":
            self._delete(numbers)
        elif self._client.has_capability("MOVE"):
            self._into(name, partial(self._client.move, numbers, name))
        else:
            self._into(name, partial(self._client.copy, numbers, name))
            self._delete(numbers)

    def _into(self, folder: str, step: Callable[[], object]) -> None:
        """The folder is made where the server says that it could be (RFC 9051 §6.3.7, TRYCREATE)."""
        try:
            step()
        except IMAPClientError as fault:
            if "TRYCREATE" not in str(fault).upper() and "exist" not in str(fault).lower():
                raise
            self._client.create_folder(folder)
            step()

    def _delete(self, numbers: list[int]) -> None:
        """Only these: a plain EXPUNGE would delete what others have marked (RFC 4315 §2.1)."""
        self._client.add_flags(numbers, ["\\Deleted"], silent=True)
        if self._client.has_capability("UIDPLUS"):
            self._client.uid_expunge(numbers)


def imap_session(server: ServerAddress, secret: Secret, *, idle: bool) -> ImapSession:
    """Connect and log in. Raises MailboxAway."""
    try:
        with _translated():
            reader = BoundedReader(server.timeout)
            client = _connected(server, reader)
            try:
                _log_in(client, server.user, secret)
                return ImapSession(client, reader, idle=idle)
            except BaseException:
                _shut(client)
                raise
    except StepRefused as fault:
        raise MailboxAway(_trouble_of(str(fault)), str(fault)) from fault


def _connected(server: ServerAddress, reader: BoundedReader) -> IMAPClient:
    client = _Client(server, reader)
    client.normalise_times = False
    client._imap.debug = 0
    if server.starttls:
        try:
            client.starttls(server.tls())
        except BaseException:
            _shut(client)
            raise
    return client


def _shut(client: IMAPClient) -> None:
    with suppress(OSError):
        client.shutdown()


def _log_in(client: IMAPClient, user: str, secret: Secret) -> None:
    try:
        if isinstance(secret, Bearer):
            mechanism = "OAUTHBEARER" if client.has_capability(STANDARD_BEARER) else "XOAUTH2"
            standard = oauthbearer(user, client.host, client.port, secret.token)
            first = standard if mechanism == "OAUTHBEARER" else xoauth2(user, secret.token)
            client.sasl_login(mechanism, _Bearer(mechanism, first))
        elif client.has_capability("AUTH=PLAIN"):
            client.plain_login(user, secret.text)
        elif client.has_capability("LOGINDISABLED"):
            raise StepRefused("the server takes no password")
        else:
            client.login(user, secret.text)
    except LoginError as fault:
        # imapclient calls a connection that ends here a failed login too.
        broken = isinstance(fault.__context__, IMAPClientAbortError)
        trouble = Trouble.AWAY if broken else Trouble.BUSY if BUSY.search(str(fault)) else Trouble.REFUSED
        raise MailboxAway(trouble, in_one_line(fault)) from fault


class _Bearer:
    """The token once; the server's word why it refuses is answered with nothing, and then it says no (RFC 7628 §3.2.3)."""

    def __init__(self, mechanism: str, first: bytes) -> None:
        self._answers = [AFTER_CHALLENGE[mechanism], first]

    def __call__(self, challenge: bytes) -> bytes:
        return self._answers.pop() if len(self._answers) > 1 else self._answers[0]


class _Client(IMAPClient):  # type: ignore[misc]
    """imapclient over a connection of ours."""

    def __init__(self, server: ServerAddress, reader: BoundedReader) -> None:
        self._server, self._reader = server, reader
        timeout = SocketTimeout(connect=min(CONNECT_TIMEOUT, server.timeout), read=server.timeout)
        super().__init__(server.host, server.port, ssl=server.implicit_tls, timeout=timeout)

    def _create_IMAP4(self) -> "_Connection":
        return _Connection(self._server, self._reader)


class _Connection(IMAP4):
    """imaplib keeps whatever a server says, and the last lines once more for its own log: here each command begins anew, within bounds.

    `next_lines` and `next_content` are the octets that the answer to the next command may have beyond what is usual, in lines and in
    literals.
    """

    untagged_responses: dict[str, list[Any]]

    def __init__(self, server: ServerAddress, reader: BoundedReader) -> None:
        self._server, self._reader = server, reader
        self.next_lines = self.next_content = 0
        super().__init__(server.host, server.port, timeout=min(CONNECT_TIMEOUT, server.timeout))

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self.host, self.port), timeout)
        prepare(plain)
        return self._server.tls().wrap_socket(plain, server_hostname=self.host) if self._server.implicit_tls else plain

    def read(self, size: int) -> bytes:
        return self._reader.literal(self.sock, size)

    def readline(self) -> bytes:
        return self._reader.line(self.sock)

    def _new_tag(self) -> bytes:
        """Every command begins here. Of what was said before it, only a goodbye still counts."""
        for kind in [one for one in self.untagged_responses if one != "BYE"]:
            del self.untagged_responses[kind]
        content, self.next_content = self.next_content, 0
        lines, self.next_lines = self.next_lines, 0
        self._reader.begin_answer(max(lines, ANSWER), max(content, LITERALS), earns=content > 0)
        tag: bytes = super()._new_tag()  # type: ignore[misc]
        return tag

    def _get_line(self) -> bytes:
        """Without a word in imaplib's log, where it would take up to four times its room."""
        line = self.readline()
        if not line.endswith(b"\r\n"):
            raise self.abort("the connection ended" if not line else "the server sends a line without its end")
        return line[:-2]


def _smallest(lines: Iterable[bytes], last: int) -> list[int]:
    """The UIDs of an answer to SEARCH above `last`, the smallest MOST_UIDS of them, in ascending order. No number beyond 32 bits is a
    UID (RFC 9051 §2.3.1.1); what else stands there, MODSEQ for instance, is none either."""
    found, largest = array("Q"), LARGEST_UID
    for word in (word for line in lines for part in _parts(line) for word in part.split()):
        if len(word) <= UID_DIGITS and word.isdigit() and last < (uid := int(word)) <= largest:
            found.append(uid)
            if len(found) >= 2 * MOST_UIDS:
                found = array("Q", sorted(set(found))[:MOST_UIDS])
                largest = found[-1] if len(found) == MOST_UIDS else largest
    return sorted(set(found))[:MOST_UIDS]


def _parts(line: bytes) -> Iterator[bytes]:
    """A line of numbers in pieces that end between two of them, up to what stands in parentheses."""
    at, end = 0, line.find(b"(") if b"(" in line else len(line)
    while at < end:
        cut = line.find(b" ", min(at + PART, end), end)
        until = end if cut < 0 else cut
        yield line[at:until]
        at = until + 1


def _described(answer: dict[bytes, Any]) -> Described:
    received_at = answer.get(RECEIVED_AT)
    zoned = received_at if isinstance(received_at, datetime) and received_at.tzinfo is not None else None
    return Described(octets_of(answer[SIZE]), zoned)


def _trouble_of(said: str) -> Trouble:
    return Trouble.BUSY if BUSY.search(said) else Trouble.AWAY


def _translated() -> AbstractContextManager[None]:
    """CapabilityError is no word of the server's: it lacks what the configuration asks for."""
    return ending_in(IMAPClientAbortError, IMAP4.abort, OSError, EOFError, CapabilityError, refusals=IMAPClientError)
