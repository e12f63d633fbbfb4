"""One login at an IMAP server (RFC 9051, RFC 3501), and the only module that knows imapclient.

Commands name mails by UID alone. The server is not trusted: every answer, the greeting included, is read within bounds (see
`stream`), and an answer that cannot be understood ends the session. A number beyond what the standard allows affects its own
mail alone.
"""

import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from functools import partial
from imaplib import IMAP4
from io import BytesIO
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError, LoginError
from imapclient.response_parser import parse_fetch_response

from helpdesk.gateway.doors.mailbox.address import ServerAddress, prepare
from helpdesk.gateway.doors.mailbox.folder_names import FolderNames
from helpdesk.gateway.doors.mailbox.listed_uids import smallest_uids
from helpdesk.gateway.doors.mailbox.login import Bearer, Secret
from helpdesk.gateway.doors.mailbox.session import (
    LARGEST_UID,
    MailboxAway,
    MailboxTrouble,
    MailDescription,
    OpenFolder,
    StepRefused,
    fault_text,
    octets_of,
    translate_faults,
    wait_until_readable,
)
from helpdesk.gateway.doors.mailbox.stream import ANSWER, LITERALS, MAIL_TIME, BoundedReader
from helpdesk.gateway.doors.mailbox.throttling import away, ending_if_throttled, trouble_of
from helpdesk.gateway.oauth import AFTER_CHALLENGE, oauthbearer, xoauth2

PIECE = 1024 * 1024  # octets that one FETCH asks for of a large mail
LONGEST_SEARCH = 8 * 1024 * 1024  # octets of an answer to SEARCH: the UIDs of a million mails come in one line
NEW_MAIL = "EXISTS"  # the response that announces mail, as imaplib keeps it until somebody takes it
CLOSE_TIME = 2.0  # seconds for LOGOUT
CONNECT_TIMEOUT = 10.0
DESCRIBED_AT_ONCE = 200
SETTLED_AT_ONCE = 100
STANDARD_BEARER = "AUTH=OAUTHBEARER"  # RFC 7628; where a server lacks it, the older XOAUTH2 serves
UID, SIZE, RECEIVED_AT, BODY = b"UID", b"RFC822.SIZE", b"INTERNALDATE", b"BODY[]"


class ImapSession:
    """One IMAP login, from the greeting to LOGOUT."""

    door = "imap"
    numbers_grow = True
    stays_open = True

    def __init__(self, client: IMAPClient, reader: BoundedReader, *, idle: bool) -> None:
        self._client = client
        self._reader = reader
        self._idles = idle and client.has_capability("IDLE")
        self._did_not_wait = False  # the last time, because new mail had been announced
        self._names = FolderNames(self._personal_space, IMAPClientError, IMAPClientAbortError)

    def open(self, folder: str, *, read_only: bool) -> OpenFolder:
        """SELECT or EXAMINE the folder. Raise StepRefused where there is none, or where its numbers are no numbers."""
        self._reader.begin_look()
        with _translate_faults():
            try:
                shown = self._names.use(folder, partial(self._client.select_folder, readonly=read_only))
            except ValueError as fault:
                raise StepRefused(f"its numbers cannot be understood: {fault_text(fault)}") from fault
            self._imap.untagged_responses.pop(NEW_MAIL, None)
            validity, next_uid = int(shown.get(b"UIDVALIDITY", 0)), shown.get(b"UIDNEXT")
            if not 0 <= validity <= LARGEST_UID:
                raise StepRefused("its UIDVALIDITY is no number of 32 bits")
            plausible = next_uid is not None and 0 < next_uid <= LARGEST_UID
            return OpenFolder(validity, next_uid if plausible else None, octets_of(shown.get(b"EXISTS", 0)))

    def uids_after(self, last: int) -> list[str]:
        """The UIDs above `last`. `n:*` names the last mail even where its UID is below n (RFC 9051 §9, seq-range), so older
        UIDs are dropped.
        """
        if last >= LARGEST_UID:
            return []
        with ending_if_throttled(), _translate_faults():
            self._imap.untagged_responses.pop(NEW_MAIL, None)  # of what came before, this search tells
            self._imap.next_lines = LONGEST_SEARCH
            said, lines = self._imap.uid("SEARCH", "UID", f"{last + 1}:*")
            if said != "OK":
                raise IMAPClientError(f"SEARCH is refused: {lines[-1]!r}")
            return [str(uid) for uid in smallest_uids((line for line in lines if isinstance(line, bytes)), last)]

    def describe(self, uids: Sequence[str]) -> dict[str, MailDescription]:
        """The sizes and times of mails, `DESCRIBED_AT_ONCE` in each command."""
        found: dict[str, MailDescription] = {}
        for at in range(0, len(uids), DESCRIBED_AT_ONCE):
            some = [int(uid) for uid in uids[at : at + DESCRIBED_AT_ONCE]]
            with ending_if_throttled(), _translate_faults():
                answers = self._fetch(some, [SIZE, RECEIVED_AT], SIZE)
                found.update({str(uid): _description(answer) for uid, answer in answers.items()})
        return found

    def content(self, uid: str, size: int, limit: int, between: Callable[[], None]) -> bytes | None:
        """Fetch a mail, a large one in pieces. Servers count sizes differently, so the first piece shorter than asked for is
        the last.
        """
        content = self._fetch_section(uid, BODY, limit) if size <= PIECE else self._in_pieces(uid, size, limit, between)
        self._reader.earn(MAIL_TIME)
        return content

    def _in_pieces(self, uid: str, size: int, limit: int, between: Callable[[], None]) -> bytes | None:
        octets = BytesIO()
        for count in range(limit // PIECE + 2):
            between()
            piece = self._fetch_section(uid, b"BODY[]<%d.%d>" % (PIECE * count, PIECE), PIECE)
            if piece is None:
                return None
            octets.write(piece)
            if len(piece) < PIECE:
                return octets.getvalue()
        raise StepRefused(f"larger than {limit} octets, though announced with {size}")

    def beginning(self, uid: str, octets: int) -> bytes | None:
        """The first octets of a mail by a partial FETCH (RFC 9051 §6.4.5)."""
        content = self._fetch_section(uid, b"BODY[]<0.%d>" % octets, octets)
        self._reader.earn(MAIL_TIME)
        return content

    def settle(self, uids: Sequence[str], after: str) -> None:
        """Flag, move or delete mails, `SETTLED_AT_ONCE` in each command."""
        step, _, name = after.partition(":")
        numbers = [int(uid) for uid in uids]
        for at in range(0, len(numbers), SETTLED_AT_ONCE):
            self._reader.begin_look()  # some servers need long to move mails
            with _translate_faults():
                self._settle(numbers[at : at + SETTLED_AT_ONCE], step, name)

    def wait(self, seconds: float, woken: int) -> None:
        """IDLE (RFC 2177) where the server has it, else sleep. The answer to DONE has a time limit, so a server that has
        gone is noticed.
        """
        if not self._idles:
            wait_until_readable(seconds, woken)
            return
        self._reader.begin_look()
        # A server that announced mail with its answer to an earlier command, such as MOVE, does not announce it to IDLE again.
        self._did_not_wait = not self._did_not_wait and NEW_MAIL in self._imap.untagged_responses
        if self._did_not_wait:
            return
        try:
            with _translate_faults():
                # Octets that came together with the server's continuation response are in our buffer already; poll cannot see them.
                if not (self._begin_idle() or self._reader.has_read_ahead(self._imap.sock)):
                    wait_until_readable(seconds, woken, self._imap.sock.fileno())
                self._client.idle_done()
        except StepRefused as fault:
            raise MailboxAway(MailboxTrouble.AWAY, f"IDLE: {fault}") from fault

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

    def _fetch_section(self, uid: str, section: bytes, limit: int) -> bytes | None:
        with ending_if_throttled(), _translate_faults():
            self._imap.next_content = limit
            answer = self._fetch([int(uid)], [section.replace(b"BODY", b"BODY.PEEK", 1)], BODY).get(int(uid))
        if answer is None:
            return None
        # The answer to a partial FETCH names its first octet: BODY[]<0>.
        found = next((value for key, value in answer.items() if key.startswith(BODY) and isinstance(value, bytes)), None)
        if found is None:
            raise StepRefused("the server has this mail, but does not send its content")
        return found

    def _fetch(self, uids: list[int], items: list[bytes], wanted: bytes) -> dict[int, dict[bytes, Any]]:
        """The answers of UID FETCH that have an item whose name begins with `wanted`, by UID.

        Some servers leave the UID out, and a sequence number tells nothing among several mails. So the mails are then asked for one by one,
        and the only answer to such a question belongs to the mail that was asked for.
        """
        said, lines = self._imap.uid("FETCH", ",".join(map(str, uids)), f"({b' '.join(items).decode()})")
        if said != "OK":
            raise IMAPClientError(f"FETCH is refused: {lines[-1]!r}")
        answers = [answer for answer in _fetch_answers(lines) if any(name.startswith(wanted) for name in answer)]
        named: dict[int, dict[bytes, Any]] = {}
        for answer in answers:
            if answer.get(UID) in uids:
                named.setdefault(answer[UID], {}).update(answer)
        if all(UID in answer for answer in answers):
            return named
        if len(uids) == 1:
            return {uids[0]: answers[0]} if len(answers) == 1 else named
        left = [uid for uid in uids if uid not in named]
        return named | {uid: answer for mail in left for uid, answer in self._fetch([mail], items, wanted).items()}

    def _begin_idle(self) -> bool:
        """Send IDLE. Return whether the server sent untagged responses before its continuation response, as it may at any
        time.
        """
        imap, has_news = self._client._imap, False
        self._client._idle_tag = tag = imap._command("IDLE")
        while imap._get_response() is not None:  # None stands for the continuation response
            if imap.tagged_commands[tag]:
                raise IMAPClientAbortError(f"the server offers IDLE and refuses it: {imap.tagged_commands[tag][1]}")
            has_news = True
        return has_news

    def _settle(self, numbers: list[int], step: str, name: str) -> None:
        if step == "flag":
            self._client.add_flags(numbers, [name or "\\Seen"], silent=True)
        elif step == "delete":
            self._delete(numbers)
        elif self._client.has_capability("MOVE"):
            self._transfer(name, partial(self._client.move, numbers))
        else:
            self._transfer(name, partial(self._client.copy, numbers))
            self._delete(numbers)

    def _transfer(self, folder: str, step: Callable[[str], object]) -> None:
        """Run MOVE or COPY, and create the folder first where the server says so (RFC 9051 §6.3.7, TRYCREATE)."""
        try:
            self._names.use(folder, step)
        except IMAPClientError as fault:
            if "TRYCREATE" not in str(fault).upper() and "exist" not in str(fault).lower():
                raise
            name = self._names.use(folder, self._create)
            step(name)

    def _personal_space(self) -> tuple[str, str]:
        """The prefix of personal folders (RFC 2342) and the sign between levels; "" where the server does not say."""
        if self._client.has_capability("NAMESPACE") and (personal := self._client.namespace().personal):
            return str(personal[0][0] or ""), str(personal[0][1] or "")
        listed = self._client.list_folders("", "")
        sign = listed[0][1] if listed else None
        return "", sign.decode("ascii", "replace") if isinstance(sign, bytes) else ""

    def _create(self, folder: str) -> str:
        """Create a folder, and return its name."""
        self._client.create_folder(folder)
        return folder

    def _delete(self, numbers: list[int]) -> None:
        """Delete these mails alone: a plain EXPUNGE would also delete mails that other clients have marked (RFC 4315 §2.1)."""
        self._client.add_flags(numbers, ["\\Deleted"], silent=True)
        if self._client.has_capability("UIDPLUS"):
            self._client.uid_expunge(numbers)


def imap_session(server: ServerAddress, secret: Secret, *, idle: bool) -> ImapSession:
    """Connect and log in. Raise MailboxAway."""
    try:
        with _translate_faults():
            reader = BoundedReader(server.timeout)
            client = _connect(server, reader)
            try:
                _log_in(client, server.user, secret)
                return ImapSession(client, reader, idle=idle)
            except BaseException:
                _shut_down(client)
                raise
    except StepRefused as fault:
        raise away(str(fault), at_login=True) from fault


def _connect(server: ServerAddress, reader: BoundedReader) -> IMAPClient:
    client = _ImapClient(server, reader)
    client.normalise_times = False
    client._imap.debug = 0
    if server.starttls:
        try:
            client.starttls(server.tls())
        except BaseException:
            _shut_down(client)
            raise
    return client


def _shut_down(client: IMAPClient) -> None:
    with suppress(OSError):
        client.shutdown()


def _log_in(client: IMAPClient, user: str, secret: Secret) -> None:
    try:
        if isinstance(secret, Bearer):
            mechanism = "OAUTHBEARER" if client.has_capability(STANDARD_BEARER) else "XOAUTH2"
            standard = oauthbearer(user, client.host, client.port, secret.token)
            first = standard if mechanism == "OAUTHBEARER" else xoauth2(user, secret.token)
            client.sasl_login(mechanism, _BearerResponses(mechanism, first))
        elif client.has_capability("AUTH=PLAIN"):
            client.plain_login(user, secret.text)
        elif client.has_capability("LOGINDISABLED"):
            raise StepRefused("the server takes no password")
        elif user.isascii() and secret.text.isascii():
            client.login(user, secret.text)
        else:
            client._imap.login_in_utf8(user, secret.text)
    except LoginError as fault:
        # imapclient raises LoginError also where the connection ended during the login.
        broken = isinstance(fault.__context__, IMAPClientAbortError)
        trouble = trouble_of(str(fault), at_login=True)
        if not broken and trouble is not MailboxTrouble.BUSY:
            raise MailboxAway(MailboxTrouble.REFUSED, fault_text(fault)) from fault
        raise away(fault_text(fault), at_login=True) from fault


class _BearerResponses:
    """The responses of a login by access token.

    The first challenge is answered with the token. A further challenge says why the token is refused; it gets an empty
    response, and then the server answers NO (RFC 7628 §3.2.3).
    """

    def __init__(self, mechanism: str, first: bytes) -> None:
        self._answers = [AFTER_CHALLENGE[mechanism], first]

    def __call__(self, challenge: bytes) -> bytes:
        return self._answers.pop() if len(self._answers) > 1 else self._answers[0]


class _ImapClient(IMAPClient):  # type: ignore[misc]  # imapclient has no types
    """imapclient over a connection that is read within bounds."""

    def __init__(self, server: ServerAddress, reader: BoundedReader) -> None:
        self._server, self._reader = server, reader
        timeout = SocketTimeout(connect=min(CONNECT_TIMEOUT, server.timeout), read=server.timeout)
        super().__init__(server.host, server.port, ssl=server.implicit_tls, timeout=timeout)

    def _create_IMAP4(self) -> "_Connection":
        return _Connection(self._server, self._reader)


class _Connection(IMAP4):
    """imaplib with a bounded memory: it forgets the answer before each command, where imaplib would keep all untagged
    responses.

    `next_lines` and `next_content` are the octets that the answer to the next command may have in lines and in literals,
    beyond the usual bounds.
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

    def login_in_utf8(self, user: str, password: str) -> None:
        """LOGIN with a password outside ASCII, which goes as a literal (RFC 9051 §4.3). Raises LoginError."""
        quoted = user.replace("\\", "\\\\").replace('"', '\\"')
        self.literal = password.encode("utf-8")  # type: ignore[assignment]  # typeshed says str; imaplib sends octets
        said, lines = self._simple_command("LOGIN", f'"{quoted}"'.encode())
        if said != "OK":
            raise LoginError(str(lines[-1]))
        self.state = "AUTH"

    def _new_tag(self) -> bytes:
        """Begin a command. Of everything that the server said before it, only BYE is kept."""
        for kind in [name for name in self.untagged_responses if name != "BYE"]:
            del self.untagged_responses[kind]
        content, self.next_content = self.next_content, 0
        lines, self.next_lines = self.next_lines, 0
        self._reader.begin_answer(max(lines, ANSWER), max(content, LITERALS), earns=content > 0)
        tag: bytes = super()._new_tag()  # type: ignore[misc]  # typeshed does not know this private method
        return tag

    def _get_line(self) -> bytes:
        """Read a line without copying it to imaplib's own log, which would take up to four times its size."""
        line = self.readline()
        if not line.endswith(b"\r\n"):
            raise self.abort("the connection ended" if not line else "the server sends a line without its end")
        return line[:-2]


def _fetch_answers(lines: Iterable[Any]) -> Iterator[dict[bytes, Any]]:
    """Yield each answer of a FETCH by itself. Two of them may name one sequence number, if a server counts wrongly."""
    group: list[Any] = []
    for line in lines:
        head = line[0] if isinstance(line, tuple) else line
        if group and head and head[:1].isdigit():  # what follows a literal begins with a space or a parenthesis
            yield from parse_fetch_response(group, normalise_times=False, uid_is_key=False).values()
            group = []
        group.append(line)
    if group:
        yield from parse_fetch_response(group, normalise_times=False, uid_is_key=False).values()


def _description(answer: dict[bytes, Any]) -> MailDescription:
    received_at = answer.get(RECEIVED_AT)
    zoned = received_at if isinstance(received_at, datetime) and received_at.tzinfo is not None else None
    return MailDescription(octets_of(answer[SIZE]), zoned)


def _translate_faults() -> AbstractContextManager[None]:
    """Turn imapclient's faults into ours. CapabilityError ends the session: the server lacks what the configuration asks
    for. BYE ends it too, with the reason that the server gives (RFC 9051 §7.1.5).
    """
    faults = (IMAPClientAbortError, IMAP4.abort, OSError, EOFError, CapabilityError)
    return translate_faults(*faults, refusals=IMAPClientError, trouble_of=away)
