"""The door to imapclient: one login at an IMAP server (RFC 9051, RFC 3501).

Commands name mails by UID alone. Nothing here trusts the server: literals and lines are bounded, and whatever cannot be understood ends
the session.
"""

import re
import ssl
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from functools import partial
from imaplib import IMAP4
from socket import SHUT_RDWR
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError, LoginError

from helpdesk.gateway.doors.mailbox.address import ServerAddress, prepare
from helpdesk.gateway.doors.mailbox.login import Bearer, Secret
from helpdesk.gateway.doors.mailbox.session import (
    Described,
    Folder,
    MailboxAway,
    StepRefused,
    TooMuch,
    Trouble,
    ending_in,
    in_one_line,
    until_readable,
)
from helpdesk.gateway.oauth import AFTER_CHALLENGE, oauthbearer, xoauth2

PIECE = 1024 * 1024  # octets of a large mail fetched at once
LONGEST_LINE = 16 * 1024 * 1024  # octets; the UIDs of a million mails come in one line
LARGEST_LITERAL = 64 * 1024  # of anything but a mail's content
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

    def __init__(self, client: IMAPClient, *, idle: bool) -> None:
        self._client = client
        self._idles = idle and client.has_capability("IDLE")
        self._limit = _Limit(client)

    def open(self, folder: str, *, read_only: bool) -> Folder:
        with _translated():
            shown = self._client.select_folder(folder, readonly=read_only)
            next_uid = shown.get(b"UIDNEXT")
            return Folder(
                int(shown.get(b"UIDVALIDITY", 0)), None if next_uid is None else int(next_uid), int(shown.get(b"EXISTS", 0))
            )

    def uids_after(self, last: int) -> list[str]:
        """`n:*` names the last mail even where it is older (RFC 9051 §9, seq-range), so that old ones are left out here."""
        with _translated():
            found = {int(uid) for uid in self._client.search(["UID", f"{last + 1}:*"])}
        return [str(uid) for uid in sorted(found) if uid > last]

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
        if size <= PIECE:
            return self._octets(uid, BODY, limit)
        pieces: list[bytes] = []
        while True:
            between()
            piece = self._octets(uid, b"BODY[]<%d.%d>" % (PIECE * len(pieces), PIECE), 2 * PIECE)
            if piece is None:
                return None
            pieces.append(piece)
            if len(piece) < PIECE:
                return b"".join(pieces)
            if PIECE * len(pieces) > limit:
                raise StepRefused(f"larger than {limit} octets, though announced with {size}")

    def settle(self, uids: Sequence[str], after: str) -> None:
        step, _, name = after.partition(":")
        numbers = [int(uid) for uid in uids]
        for at in range(0, len(numbers), SETTLED_AT_ONCE):
            with _translated():
                self._settle(numbers[at : at + SETTLED_AT_ONCE], step, name)

    def wait(self, seconds: float, woken: int) -> None:
        """IDLE (RFC 2177) where the server has it. A server that is gone is found out by DONE, whose answer has a time limit."""
        if not self._idles:
            until_readable(seconds, woken)
            return
        try:
            with _translated():
                # What came together with the server's consent to idle is read already, and no poll would ever tell of it.
                if not (self._begin_idle() or self._has_read_ahead()):
                    until_readable(seconds, woken, self._client.socket().fileno())
                self._client.idle_done()
        except StepRefused as fault:
            raise MailboxAway(Trouble.AWAY, f"IDLE: {fault}") from fault

    def cut(self) -> None:
        with suppress(OSError):
            self._client.socket().shutdown(SHUT_RDWR)

    def close(self) -> None:
        with suppress(Exception):
            self._client.socket().settimeout(2)
            self._client.logout()
        with suppress(Exception):
            self._client.shutdown()

    def _octets(self, uid: str, section: bytes, limit: int) -> bytes | None:
        with _translated(), self._limit.of(limit):
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

    def _has_read_ahead(self) -> bool:
        connection, file = self._client.socket(), _file_of(self._client)
        timeout = connection.gettimeout()
        connection.setblocking(False)
        try:
            return bool(file.peek(1))
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        finally:
            connection.settimeout(timeout)


def imap_session(server: ServerAddress, secret: Secret, *, idle: bool) -> ImapSession:
    """Connect and log in. Raises MailboxAway."""
    try:
        with _translated():
            client = _connected(server)
            try:
                _log_in(client, server.user, secret)
                return ImapSession(client, idle=idle)
            except BaseException:
                _shut(client)
                raise
    except StepRefused as fault:
        raise MailboxAway(_trouble_of(str(fault)), str(fault)) from fault


def _connected(server: ServerAddress) -> IMAPClient:
    context = server.tls() if server.implicit_tls or server.starttls else None
    timeout = SocketTimeout(connect=min(CONNECT_TIMEOUT, server.timeout), read=server.timeout)
    client = IMAPClient(server.host, server.port, ssl=server.implicit_tls, ssl_context=context, timeout=timeout)
    client.normalise_times = False
    client._imap.debug = 0
    try:
        prepare(client.socket())
        if server.starttls:
            client.starttls(context)
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


class _Limit(AbstractContextManager[None]):
    """Bounds what imaplib reads at the server's word: a literal's announced length, a line's real one."""

    def __init__(self, client: IMAPClient) -> None:
        self._client = client
        self._largest = LARGEST_LITERAL
        client._imap.read = self._read
        client._imap.readline = self._readline

    def of(self, octets: int) -> "_Limit":
        self._largest = max(octets, LARGEST_LITERAL)
        return self

    def __exit__(self, *_: object) -> None:
        self._largest = LARGEST_LITERAL

    def _read(self, size: int) -> bytes:
        if size > self._largest:
            raise TooMuch(f"the server announces {size} octets where at most {self._largest} are expected")
        octets: bytes = _file_of(self._client).read(size)
        return octets

    def _readline(self) -> bytes:
        line: bytes = _file_of(self._client).readline(LONGEST_LINE + 1)
        if len(line) > LONGEST_LINE:
            raise IMAPClientAbortError(f"the server sends a line of more than {LONGEST_LINE} octets")
        return line


def _file_of(client: IMAPClient) -> Any:
    imap = client._imap
    return getattr(imap, "_file", None) or imap.file


def _described(answer: dict[bytes, Any]) -> Described:
    received_at = answer.get(RECEIVED_AT)
    zoned = received_at if isinstance(received_at, datetime) and received_at.tzinfo is not None else None
    return Described(max(int(answer[SIZE]), 0), zoned)


def _trouble_of(said: str) -> Trouble:
    return Trouble.BUSY if BUSY.search(said) else Trouble.AWAY


def _translated() -> AbstractContextManager[None]:
    """CapabilityError is no word of the server's: it lacks what the configuration asks for."""
    return ending_in(IMAPClientAbortError, IMAP4.abort, OSError, EOFError, CapabilityError, refusals=IMAPClientError)
